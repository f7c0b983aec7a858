"""Departments, people with their posts, and projects of the invented company."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from heli.crm.demo import names
from heli.crm.demo.chance import Chance
from heli.crm.demo.company import Department, Person, Post, Project

DEPARTMENTS = (
    Department("group", "合力示例集团", "Heli Example Group", "management", None),
    Department("office", "总经办", "Management office", "management", "group"),
    Department("sales", "销售中心", "Sales", "sales", "group"),
    Department("east", "华东大区", "East region", "sales", "sales"),
    Department("sh1", "上海一组", "Shanghai team 1", "sales", "east"),
    Department("sh2", "上海二组", "Shanghai team 2", "sales", "east"),
    Department("hz", "杭州组", "Hangzhou team", "sales", "east"),
    Department("south", "华南大区", "South region", "sales", "sales"),
    Department("sz", "深圳组", "Shenzhen team", "sales", "south"),
    Department("gz", "广州组", "Guangzhou team", "sales", "south"),
    Department("north", "华北大区", "North region", "sales", "sales"),
    Department("bj", "北京组", "Beijing team", "sales", "north"),
    Department("marketing", "市场部", "Marketing", "marketing", "group"),
    Department("support", "客户服务部", "Customer support", "support", "group"),
    Department("support1", "客服一组", "Support team 1", "support", "support"),
    Department("support2", "客服二组", "Support team 2", "support", "support"),
    Department("product", "产品研发部", "Product and development", "product", "group"),
    Department("finance", "财务部", "Finance", "finance", "group"),
    Department("legal", "法务部", "Legal", "legal", "group"),
    Department("hr", "人力资源部", "Human resources", "hr", "group"),
    Department("it", "信息技术部", "Information technology", "it", "group"),
    Department("audit", "审计监察部", "Audit", "audit", "group"),
)

TEAMS = ("sh1", "sh2", "hz", "sz", "gz", "bj")
REGION_OF = {"sh1": "east", "sh2": "east", "hz": "east", "sz": "south", "gz": "south", "bj": "north"}

NAMED: tuple[tuple[str, str, str], ...] = (
    ("林国栋", "office", "managing_director"),
    ("高建华", "office", "vice_president"),
    ("沈慧", "office", "vice_president"),
    ("陈静", "east", "sales_director"),
    ("何俊杰", "south", "sales_director"),
    ("梁晓东", "north", "sales_director"),
    ("李强", "sh1", "sales_manager"),
    ("王敏", "sh1", "sales_rep"),
    ("张伟", "sh1", "sales_rep"),
    ("周婷", "sh2", "sales_manager"),
    ("郭涛", "hz", "sales_manager"),
    ("罗勇", "sz", "sales_manager"),
    ("谢娜", "gz", "sales_manager"),
    ("韩磊", "bj", "sales_manager"),
    ("赵雅婷", "marketing", "marketing_manager"),
    ("许嘉怡", "marketing", "marketing_specialist"),
    ("唐丽", "support", "support_manager"),
    ("孙丽", "support1", "support_agent"),
    ("周浩然", "product", "product_manager"),
    ("吴婷", "finance", "finance_manager"),
    ("钱敏", "finance", "accountant"),
    ("郑凯旋", "legal", "legal_counsel"),
    ("黄欣怡", "audit", "auditor"),
    ("徐伟", "it", "system_administrator"),
    ("马玉洁", "it", "security_administrator"),
    ("杨秀兰", "hr", "hr_specialist"),
)
"""People whom the sign-in page, tests and the tour know by name."""

PLACES: dict[tuple[str, str], int] = {
    **{(team, "sales_rep"): 7 for team in TEAMS},
    **{(team, "key_account_manager"): 1 for team in TEAMS},
    ("marketing", "marketing_specialist"): 8,
    ("support1", "support_agent"): 8,
    ("support2", "support_agent"): 8,
    ("product", "product_manager"): 4,
    ("product", "engineer"): 9,
    ("finance", "accountant"): 6,
    ("legal", "legal_counsel"): 3,
    ("hr", "hr_specialist"): 4,
    ("it", "system_administrator"): 1,
    ("it", "engineer"): 3,
    ("audit", "auditor"): 2,
    ("office", "assistant"): 2,
}
"""How many people hold a position in a department, those named above included."""

HEADS = {
    "group": "林国栋", "office": "林国栋", "sales": "高建华", "east": "陈静", "south": "何俊杰", "north": "梁晓东",
    "sh1": "李强", "sh2": "周婷", "hz": "郭涛", "sz": "罗勇", "gz": "谢娜", "bj": "韩磊", "marketing": "赵雅婷",
    "support": "唐丽", "support1": "唐丽", "product": "周浩然", "finance": "吴婷", "legal": "郑凯旋",
    "audit": "黄欣怡", "it": "徐伟", "hr": "杨秀兰",
}  # fmt: skip
OVERSEERS = {"sales": "高建华", "marketing": "高建华", "support": "沈慧", "product": "沈慧", "finance": "林国栋",
             "legal": "林国栋"}  # fmt: skip


def people(chance: Chance) -> list[Person]:
    """All people, in a fixed order; user names are the pinyin of their names."""
    taken: set[str] = set()
    used: set[str] = {name for name, _, _ in NAMED}
    made = [_person(chance, name, department, position, taken) for name, department, position in NAMED]
    for (department, position), wanted in PLACES.items():
        have = sum(1 for p in made if (p.posts[0].department, p.posts[0].position) == (department, position))
        for _ in range(wanted - have):
            name = names.person(chance)
            while name in used:
                name = names.person(chance)
            used.add(name)
            made.append(_person(chance, name, department, position, taken))
    return _special_cases(_reporting(made))


def _person(chance: Chance, name: str, department: str, position: str, taken: set[str]) -> Person:
    login = names.username(name, taken)
    post = Post(department, position, since_days=chance.between(400, 2400))
    return Person(login, name, f"{login}@heli.example", names.mobile(chance), (post,))


def _reporting(made: list[Person]) -> list[Person]:
    """Each reports to the head of their department; a head to the head of the one above."""
    login = {p.name: p.username for p in made}
    above = {d.code: d.parent for d in DEPARTMENTS}

    def chief(person: Person) -> str | None:
        at: str | None = person.posts[0].department
        while at is not None:
            head = HEADS.get(at)
            if head is not None and head != person.name:
                return login[head]
            at = above[at]
        return None

    return [replace(p, reports_to=chief(p)) for p in made]


def _special_cases(made: list[Person]) -> list[Person]:
    """Two posts, leave with a deputy, leaving soon, gone, a contractor and two programs."""
    by_team = {
        team: [p for p in made if p.posts[0].department == team and p.posts[0].position == "sales_rep"]
        for team in TEAMS
    }
    changes: dict[str, Person] = {}

    def change(person: Person, **new: object) -> None:
        changes[person.username] = replace(person, **new)  # type: ignore[arg-type]  # named fields of Person

    by_name = {p.name: p for p in made}
    manager = by_name["罗勇"]  # leads Shenzhen, and still sells in Shanghai: manages the one only
    change(manager, posts=(*manager.posts, Post("sh2", "sales_rep", primary=False, since_days=300)))
    both = by_team["sh2"][2]
    change(both, posts=(*both.posts, Post("marketing", "marketing_specialist", primary=False, since_days=150)))
    engineer = next(p for p in made if p.posts[0].position == "engineer" and p.posts[0].department == "product")
    change(engineer, posts=(*engineer.posts, Post("support2", "support_agent", primary=False, since_days=90)))
    away = by_team["sh1"][3]
    change(away, status="leave", deputy=by_name["张伟"].username)
    accountant = [p for p in made if p.posts[0].position == "accountant"][3]
    change(accountant, status="leave", deputy=by_name["钱敏"].username)
    leaving = by_team["gz"][1]
    change(leaving, posts=(replace(leaving.posts[0], ends_in_days=12),))
    change(by_team["bj"][4], status="left")
    outside = next(p for p in made if p.posts[0].department == "support2" and p.username not in changes)
    change(outside, kind="contractor")
    made = [changes.get(p.username, p) for p in made]
    # Drafts of the policy take two security administrators. His numbers are fixed: nobody after him changes by him.
    second = Post("it", "security_administrator", since_days=900)
    made.append(
        Person(
            "zhoujianguo", "周建国", "zhoujianguo@heli.example", "13900000077", (second,),
            reports_to=by_name["徐伟"].username,
        )
    )  # fmt: skip
    for login, name in (("erp-sync", "ERP 同步"), ("website-forms", "官网表单")):
        made.append(Person(login, name, "", "", (Post("it", "engineer"),), kind="service"))
    return made


def departments(made: list[Person]) -> tuple[Department, ...]:
    login = {p.name: p.username for p in made}
    return tuple(
        replace(
            d,
            head=login[HEADS[d.code]] if d.code in HEADS else None,
            overseer=login[OVERSEERS[d.code]] if d.code in OVERSEERS else None,
        )
        for d in DEPARTMENTS
    )


PROJECTS = (
    (
        "华东智造攻坚",
        "三个月内拿下华东二十家装备制造客户",
        "active",
        ("陈静", "王敏", "sales_rep@sh2", "product_manager"),
        -60,
        90,
    ),
    ("ERP 对接", "订单、合同审批与结算跨系统贯通", "active", ("李强", "accountant", "engineer"), -120, 60),
    ("年度客户大会", "邀请三百家客户，收集产品反馈", "active", ("赵雅婷", "谢娜", "support_agent@support1"), -30, 45),
    ("服务质量提升", "首次响应时间降到两小时以内", "active", ("唐丽", "support_agent@support2", "engineer"), -90, 120),
    (
        "医疗行业方案",
        "与产品部共建医疗行业标准方案",
        "planned",
        ("韩磊", "product_manager", "key_account_manager@bj"),
        7,
        150,
    ),
    ("老客户续约", "到期合同提前九十天启动续约", "finished", ("周婷", "王敏", "accountant"), -300, -40),
)
"""Name, goal, status, members (a name, or a position, at a department), first and last day from today."""


def projects(chance: Chance, made: list[Person], today: dt.date) -> tuple[Project, ...]:
    by_name = {p.name: p for p in made}
    named = {name for name, _, _ in NAMED}
    plain = [p for p in made if p.status == "active" and p.kind == "employee" and p.name not in named]

    def member(spec: str) -> str:
        if spec in by_name:
            return by_name[spec].username
        position, _, department = spec.partition("@")
        fitting = [p for p in plain if p.posts[0].position == position]
        return chance.pick([p for p in fitting if department in ("", p.posts[0].department)]).username

    staff = [p for p in plain if p.posts[0].position in ("sales_rep", "marketing_specialist", "support_agent")]
    found = []
    for n, (name, goal, status, members, start, end) in enumerate(PROJECTS, 1):
        begins = today + dt.timedelta(days=start)
        logins = list(dict.fromkeys(map(member, members)))
        extra = [p.username for p in chance.some(staff, 3) if p.username not in logins]
        roles = [(login, "lead" if i == 0 else "member") for i, login in enumerate(logins)]
        roles += [(login, "viewer") for login in extra]
        created = chance.moment(min(begins, today - dt.timedelta(days=1)))
        found.append(
            Project(
                chance.id(created),
                f"XM-{begins.year}-{n:03}",
                name,
                goal,
                status,
                begins,
                today + dt.timedelta(days=end),
                created,
                tuple(roles),
            )
        )
    return tuple(found)
