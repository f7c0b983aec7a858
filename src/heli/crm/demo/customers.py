"""Chapter one: products, campaigns, customers with their contacts, and leads."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from heli.crm.demo import names
from heli.crm.demo.company import Row
from heli.crm.demo.names import City
from heli.crm.demo.story import Story, iso, yuan

PRODUCTS = (
    ("合力云 CRM 标准版", "合力云", 28_000, "year"),
    ("合力云 CRM 专业版", "合力云", 68_000, "year"),
    ("合力云 CRM 旗舰版", "合力云", 168_000, "year"),
    ("合力云移动版", "合力云", 12_000, "year"),
    ("合力云客服模块", "合力云", 36_000, "year"),
    ("合力云营销模块", "合力云", 45_000, "year"),
    ("合力流程引擎", "合力平台", 88_000, "set"),
    ("合力数据看板", "合力平台", 52_000, "set"),
    ("合力集成网关", "合力平台", 76_000, "set"),
    ("合力权限中心", "合力平台", 64_000, "set"),
    ("合力 MES 基础版", "合力智造", 220_000, "set"),
    ("合力 MES 高级版", "合力智造", 480_000, "set"),
    ("车间数据采集终端", "合力智造", 6_800, "piece"),
    ("工业扫码枪", "合力智造", 1_280, "piece"),
    ("设备联网盒", "合力智造", 3_600, "piece"),
    ("质量追溯系统", "合力智造", 158_000, "set"),
    ("医疗器械追溯方案", "行业方案", 198_000, "set"),
    ("教育培训招生方案", "行业方案", 86_000, "set"),
    ("跨境电商风控方案", "行业方案", 128_000, "set"),
    ("连锁门店方案", "行业方案", 96_000, "set"),
    ("实施服务", "服务", 2_400, "day"),
    ("高级实施服务", "服务", 3_800, "day"),
    ("年度维护服务", "服务", 18_000, "year"),
    ("驻场支持", "服务", 2_000, "day"),
    ("定制开发", "服务", 3_200, "day"),
    ("培训课程", "服务", 8_800, "item"),
    ("数据迁移", "服务", 15_000, "item"),
    ("合力云 CRM 初代版", "合力云", 9_800, "year"),
)  # fmt: skip

CAMPAIGNS = (
    ("华东智能制造展", "exhibition", 300_000),
    ("医疗信息化研讨会", "seminar", 80_000),
    ("CRM 选型线上公开课", "webinar", 20_000),
    ("老客户转介绍计划", "referral", 50_000),
    ("搜索广告投放", "advertising", 260_000),
    ("行业白皮书下载", "content", 30_000),
    ("跨境电商峰会", "exhibition", 180_000),
    ("教育行业邮件营销", "email", 12_000),
)  # fmt: skip

REGISTERED_BY = "官网表单"


def products(story: Story) -> None:
    owner = story.login["周浩然"]
    for n, (name, series, price, unit) in enumerate(PRODUCTS, 1):
        created = story.chance.moment(story.day(730))
        story.add(
            "product",
            owner,
            created,
            {
                "name": name,
                "code": f"CP-{n:04}",
                "series": series,
                "list_price": yuan(price),
                "cost_price": yuan(price * story.chance.between(30, 60) // 100),
                "unit": unit,
                "status": "retired" if "初代" in name else "active",
                "description": f"{series}系列产品，{name}。",
            },
        )


def campaigns(story: Story) -> None:
    marketers = story.holders("marketing_manager", "marketing_specialist")
    for quarter in range(8, -1, -1):
        for name, kind, budget in story.chance.some(CAMPAIGNS, 4 if quarter else 5):
            starts = story.day(quarter * 90 - story.chance.between(-20, 40))
            ends = starts + dt.timedelta(days=story.chance.between(1, 30))
            if starts > story.today:
                status = "planned"
            elif ends >= story.today:
                status = "running"
            else:
                status = "finished"
            spent = yuan(budget * story.chance.between(70, 115) // 100) if status == "finished" else None
            created = story.chance.moment(story.past(starts - dt.timedelta(days=30)))
            story.add(
                "campaign",
                story.chance.pick(marketers),
                created,
                {
                    "name": f"{starts.year}年{starts.month}月{name}",
                    "code": story.number("HD-{year}-{n:03}", starts),
                    "campaign_kind": kind,
                    "status": status,
                    "starts_on": str(starts),
                    "ends_on": str(ends),
                    "place": story.chance.pick(("上海", "深圳", "北京", "杭州", "线上")),
                    "expected_leads": story.chance.between(20, 200),
                    "budget": yuan(budget),
                    "cost": spent,
                },
            )


def accounts(story: Story, wanted: int = 2000) -> None:
    """Customers over two years, most with an owner near them, some in a pool."""
    taken: set[str] = set()
    for _ in range(wanted):
        city = story.chance.pick(names.CITIES)
        team = story.chance.pick(story.region_teams[city.region])
        owner: str | None = _seller(story, team)
        pool = None
        if story.chance.happens(0.09):
            owner, pool = None, story.chance.weighted({team: 4, city.region: 3, "all": 3})
        _account(story, city, owner, pool, taken)


def _seller(story: Story, team: str) -> str:
    if story.chance.happens(0.08):
        return story.managers[team]
    return story.chance.pick(story.reps[team])


def company_name(story: Story, city: City, taken: set[str]) -> tuple[str, str, str]:
    """Full name, short name and industry of a company that is not in the book yet; adds it to `taken`."""
    chance = story.chance
    while True:
        industry = chance.weighted({key: 6 if key == "manufacturing" else 2 for key in names.TRADES})
        brand = chance.pick(names.BRANDS_FIRST) + chance.pick(names.BRANDS_SECOND)
        trade = chance.pick(names.TRADES[industry])
        form = chance.weighted({"有限公司": 8, "股份有限公司": 1, "集团有限公司": 1})
        name = f"{city.name}{brand}{trade}{form}"
        if name not in taken:
            taken.add(name)
            return name, f"{brand}{trade[:2]}", industry


def _account(story: Story, city: City, owner: str | None, pool: str | None, taken: set[str]) -> None:
    chance = story.chance
    name, short, industry = company_name(story, city, taken)
    day = story.day(int(730 * (chance.under(1000) / 1000) ** 1.2) + 2)
    created = chance.moment(day)
    size = chance.weighted({(20, 99): 5, (100, 499): 4, (500, 2000): 2, (2001, 12000): 1})
    people = chance.between(*size)
    level = "a" if people > 2000 else "b" if people > 200 else "c"
    rich = level != "c"
    ahead = story.today + dt.timedelta(days=chance.between(-6, 24))
    story.add(
        "account",
        owner,
        created,
        {
            "name": name,
            "code": story.number("KH-{year}-{n:05}", day),
            "short_name": short,
            "industry": industry,
            "level": level,
            "status": "potential" if pool else chance.weighted({"potential": 3, "following": 5, "dormant": 1}),
            "source": chance.weighted(
                {"campaign": 3, "website": 3, "exhibition": 2, "referral": 2, "visit": 2, "phone": 1}
            ),
            "phone": names.landline(chance, city),
            "email": f"info@kh{chance.between(10_000, 99_999)}.example",
            "website": f"https://www.kh{chance.between(10_000, 99_999)}.example" if rich else None,
            "address": names.address(chance, city),
            "location": f"{city.province or city.name + '市'}{city.name if city.province else ''}",
            "credit_code": names.credit_code(chance, city),
            "employees": people,
            "founded_year": chance.between(1988, created.year - 1),
            "annual_revenue": yuan(people * chance.between(300_000, 900_000)),
            "next_follow_on": str(ahead) if owner and chance.happens(0.45) else None,
            "credit_limit": yuan(chance.amount(50_000, 3_000_000)) if rich else None,
            "payment_days": chance.pick((30, 45, 60, 90)) if rich else None,
            "bank_name": f"{chance.pick(('示例银行', '城市商业银行', '合众银行'))}{city.name}分行" if rich else None,
            "bank_account": f"62{chance.under(10**15):015d}" if rich else None,
        },
        pool=pool,
        by=owner or story.managers[story.region_teams[city.region][0]],
    )


def contacts(story: Story) -> None:
    chance = story.chance
    for account in list(story.rows["account"]):
        known = chance.weighted({1: 5, 2: 4, 3: 2, 4: 1}) if account.owner else chance.between(0, 1)
        for n in range(known):
            created = chance.moment(
                story.past(account.created_at.date() + dt.timedelta(days=n * chance.between(1, 40)))
            )
            login = chance.between(1000, 99_999)
            story.add(
                "contact",
                account.owner,
                max(created, account.created_at),
                {
                    "name": names.person(chance),
                    "account": account.id,
                    "job_title": chance.pick(names.JOBS),
                    "unit": chance.pick(names.UNITS),
                    "part": chance.pick(("decides", "influences", "uses", "buys", "pays")),
                    "key_contact": n == 0,
                    "mobile": names.mobile(chance),
                    "email": f"u{login}@kh.example",
                    "wechat": f"wx_{login}" if chance.happens(0.5) else None,
                },
                by=account.created_by,
                pool=account.pool,
                department=account.department,
            )


def leads(story: Story, wanted: int = 1150) -> None:
    """Interests; those of the last weeks are still in work, older ones mostly decided."""
    chance = story.chance
    marketers = story.holders("marketing_manager", "marketing_specialist")
    taken: set[str] = set()
    campaigns_ = [c for c in story.rows["campaign"] if c.values["status"] != "planned"]
    needs = (
        "想了解价格和实施周期",
        "希望替换现有系统",
        "需要移动端审批",
        "想做客户分级管理",
        "咨询与 ERP 的对接",
        "需要上门演示",
    )
    for _ in range(wanted):
        city = chance.pick(names.CITIES)
        team = chance.pick(story.region_teams[city.region])
        company, short, industry = company_name(story, city, taken)
        ago = int(700 * (chance.under(1000) / 1000) ** 1.8) + 1
        day = story.day(ago)
        fresh = ago < 45
        stage = chance.weighted(
            {"new": 4, "contacted": 4, "qualified": 3, "disqualified": 1}
            if fresh
            else {"contacted": 1, "qualified": 1, "disqualified": 6}
        )
        campaign = chance.pick(campaigns_) if chance.happens(0.6) else None
        person, pool = names.person(chance), None
        owner: str | None = chance.weighted({chance.pick(story.reps[team]): 6, chance.pick(marketers): 4})
        if fresh and stage == "new" and chance.happens(0.4):
            owner, pool = None, chance.weighted({team: 2, city.region: 2, "all": 1})
        created = chance.moment(day)
        last = chance.moment(story.past(day + dt.timedelta(days=chance.between(0, 20)))) if stage != "new" else None
        story.add(
            "lead",
            owner,
            created,
            {
                "name": f"{short} {chance.pick(('CRM 需求', '咨询', '系统升级', '方案咨询', '试用申请'))}",
                "code": story.number("XS-{year}-{n:05}", day),
                "company": company,
                "contact_name": person,
                "job_title": chance.pick(names.JOBS),
                "stage": stage,
                "industry": industry,
                "source": "campaign"
                if campaign
                else chance.pick(("website", "phone", "referral", "partner", "advertising")),
                "campaign": campaign.id if campaign else None,
                "product": chance.pick(story.rows["product"]).id,
                "phone": names.mobile(chance),
                "email": f"l{chance.between(1000, 99_999)}@kh.example",
                "budget": yuan(chance.amount(20_000, 600_000)) if chance.happens(0.5) else None,
                "need": chance.pick(needs),
                "score": chance.between(20, 95),
                "next_follow_on": str(story.today + dt.timedelta(days=chance.between(-4, 10)))
                if fresh and owner and stage != "disqualified"
                else None,
                "last_activity_at": iso(last) if last else None,
                "disqualified_reason": chance.pick(("no_need", "no_budget", "unreachable", "duplicate"))
                if stage == "disqualified"
                else None,
            },
            updated=last,
            pool=pool,
            by=story.login[REGISTERED_BY] if campaign else owner or story.managers[team],
        )


def converted(story: Story, account: Row, opportunity: Row, contact: Row | None) -> None:
    """The lead that this customer and deal came from, kept by the marketer who won it."""
    chance = story.chance
    marketers = story.holders("marketing_manager", "marketing_specialist")
    when = opportunity.created_at
    began = chance.moment(story.past(when.date() - dt.timedelta(days=chance.between(3, 25))))
    began = min(began, when)
    campaigns_ = [c for c in story.rows["campaign"] if c.created_at <= began] or story.rows["campaign"]
    story.add(
        "lead",
        chance.pick(marketers),
        began,
        {
            "name": f"{account.values['short_name']} 市场线索",
            "code": story.number("XS-{year}-{n:05}", began.date()),
            "company": account.values["name"],
            "contact_name": contact.values["name"] if contact else None,
            "stage": "converted",
            "source": "campaign",
            "industry": account.values["industry"],
            "campaign": chance.pick(campaigns_).id,
            "phone": contact.values["mobile"] if contact else None,
            "score": chance.between(60, 98),
            "converted_at": iso(when),
            "converted_account": account.id,
            "converted_contact": contact.id if contact else None,
            "converted_opportunity": opportunity.id,
        },
        updated=when,
    )


def touched(story: Story, account_index: dict[str, int], activity_times: dict[str, dt.datetime]) -> None:
    """Tell each customer when somebody last spoke with it."""
    rows = story.rows["account"]
    for account_id, moment in activity_times.items():
        n = account_index[account_id]
        row = rows[n]
        values = {**row.values, "last_activity_at": iso(moment)}
        rows[n] = replace(row, values=values, updated_at=max(row.updated_at, moment))
