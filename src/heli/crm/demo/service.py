"""Chapter four: tickets, satisfaction, feedback, and everybody's tasks."""

from __future__ import annotations

import datetime as dt

from heli.crm.demo.company import Row
from heli.crm.demo.sales import Deal
from heli.crm.demo.story import Story, iso

TROUBLES = (
    ("登录后页面空白", "fault"),
    ("报表数据不一致", "fault"),
    ("审批流卡在财务节点", "fault"),
    ("导出文件打不开", "fault"),
    ("如何设置客户分级", "question"),
    ("怎样批量转移客户", "question"),
    ("移动端能否离线使用", "question"),
    ("希望增加拜访签到", "request"),
    ("需要对接企业微信", "request"),
    ("实施进度延期", "complaint"),
    ("终端无法联网", "fault"),
    ("扫码枪换货", "return"),
    ("新服务器安装调试", "install"),
    ("现场培训预约", "install"),
)
SOLUTIONS = (
    "清除缓存后恢复，已更新到最新版本。",
    "远程调整配置，客户确认正常。",
    "已补发操作手册并电话讲解。",
    "更换设备，现场测试通过。",
    "已升级补丁，观察三天无异常。",
)
WISHES = (
    ("希望支持发票自动识别", "wish"),
    ("列表加载可以更快", "improvement"),
    ("权限设置说明太复杂", "improvement"),
    ("移动端拍照后会闪退", "defect"),
    ("导入时日期格式识别错误", "defect"),
    ("报表很直观，管理层很喜欢", "praise"),
    ("希望客户地图展示", "wish"),
    ("合同模板能自定义字段", "wish"),
    ("消息提醒太多，希望可以汇总", "improvement"),
    ("与 ERP 对接后库存延迟", "defect"),
)
UNJUDGED = 21
"""Days within which product people have judged what customers said."""
TODO = (
    "准备演示环境",
    "整理需求清单",
    "更新报价",
    "跟进合同盖章",
    "核对回款",
    "回访客户",
    "提交周报",
    "补充客户资料",
    "预约拜访时间",
    "确认交付计划",
)


def tickets(story: Story, won: list[Deal], wanted: int = 1400) -> None:
    chance = story.chance
    agents = [a for a in story.holders("support_agent") if story.home[a].startswith("support")]
    agents += [story.login["孙丽"]] * 2
    orders = {o.values["contract"]: o for o in story.rows["order"]}
    products = {p.id: p for p in story.rows["product"]}
    for _ in range(wanted):
        deal = chance.pick(won)
        _ticket(
            story, deal, chance.pick(agents), orders[deal.contract.id], products[deal.opportunity.values["product"]]
        )


def _ticket(story: Story, deal: Deal, agent: str, order: Row, product: Row) -> None:
    chance = story.chance
    first = max(1, (story.today - deal.contract.created_at.date()).days)
    ago = max(1, int(first * (chance.under(1000) / 1000) ** 1.6))
    day = story.past(story.day(ago))
    created = max(chance.moment(day), deal.contract.created_at + dt.timedelta(hours=2))
    subject, kind = chance.pick(TROUBLES)
    done = ago > 14 or chance.happens(0.4)
    stage = (
        chance.weighted({"resolved": 1, "closed": 6})
        if done
        else chance.weighted({"open": 3, "processing": 4, "waiting": 2})
    )
    owner: str | None = agent
    pool = None
    if stage == "open" and chance.happens(0.5):
        owner, pool = None, "support"
    solved = min(created + dt.timedelta(hours=chance.between(2, 140)), _yesterday(story)) if done else None
    priority = "urgent" if kind == "complaint" else chance.weighted({"low": 2, "normal": 5, "high": 2, "urgent": 1})
    hours = {"urgent": 4, "high": 24, "normal": 72, "low": 168}[priority]
    row = story.add(
        "ticket",
        owner,
        created,
        {
            "subject": f"{deal.account.values['short_name']}：{subject}",
            "code": story.number("GD-{year}-{n:05}", created.date()),
            "account": deal.account.id,
            "contact": deal.contact.id if deal.contact else None,
            "stage": stage,
            "ticket_kind": kind,
            "priority": priority,
            "channel": chance.pick(("phone", "wechat", "email", "portal")),
            "product": product.id,
            "order": order.id if chance.happens(0.6) else None,
            "body": f"{subject}，请尽快协助处理。",
            "solution": chance.pick(SOLUTIONS) if done else None,
            "due_at": iso(created + dt.timedelta(hours=hours)),
            "resolved_at": iso(solved) if solved else None,
            "closed_at": iso(solved) if solved and stage == "closed" else None,
        },
        updated=solved,
        pool=pool,
        by=agent,
    )
    if solved and chance.happens(0.5):
        _satisfaction(story, deal, row, agent, solved)
    if chance.happens(0.12):
        _feedback(story, deal, product, row, agent=agent, created=created)


def _yesterday(story: Story) -> dt.datetime:
    return story.chance.moment(story.today - dt.timedelta(days=1))


def _satisfaction(story: Story, deal: Deal, ticket: Row, agent: str, solved: dt.datetime) -> None:
    chance = story.chance
    day = story.past(solved.date() + dt.timedelta(days=chance.between(1, 5)))
    score = chance.weighted({5: 6, 4: 5, 3: 2, 2: 1, 1: 0.6})
    words = {
        5: "处理很快，非常满意。",
        4: "问题解决了，谢谢。",
        3: "等得有点久。",
        2: "来回沟通多次才解决。",
        1: "问题反复出现。",
    }
    story.add(
        "satisfaction",
        agent,
        max(chance.moment(day), solved),
        {
            "subject": f"工单回访 {day}",
            "account": deal.account.id,
            "ticket": ticket.id,
            "contact": deal.contact.id if deal.contact else None,
            "score": score,
            "aspects": chance.some(("speed", "quality", "manner", "product"), 2),
            "asked_on": str(day),
            "comment": words[score],
        },
    )


def _feedback(story: Story, deal: Deal, product: Row, ticket: Row, *, agent: str, created: dt.datetime) -> None:
    chance = story.chance
    subject, kind = chance.pick(WISHES)
    status = chance.weighted({"new": 4, "accepted": 2, "planned": 2, "done": 2, "declined": 1})
    if status == "new" and created.date() < story.today - dt.timedelta(days=UNJUDGED):
        status = "accepted"
    owner = chance.weighted({story.login["周浩然"]: 2, chance.pick(story.holders("product_manager")): 2, agent: 1})
    answer = {
        "new": None,
        "accepted": "已纳入需求池。",
        "planned": "排入下个版本。",
        "done": "已在最新版本上线。",
        "declined": "与产品方向不符，暂不考虑。",
    }[status]
    story.add(
        "feedback",
        owner,
        created,
        {
            "subject": subject,
            "code": story.number("FK-{year}-{n:05}", created.date()),
            "account": deal.account.id,
            "product": product.id,
            "ticket": ticket.id,
            "feedback_kind": kind,
            "status": status,
            "priority": chance.weighted({"low": 2, "normal": 5, "high": 2}),
            "received_on": str(created.date()),
            "body": f"客户反馈：{subject}。",
            "answer": answer,
            "release": "2.4" if status == "planned" else "2.3" if status == "done" else None,
        },
        by=agent,
    )


def tasks(story: Story) -> None:
    """Everybody has something to do: late, today and later; more for those who sell."""
    chance = story.chance
    mine: dict[str, list[Row]] = {}
    for owned in story.rows["account"]:
        if owned.owner:
            mine.setdefault(owned.owner, []).append(owned)
    for person in story.people:
        if person.status == "left" or person.kind == "service":
            continue
        customers = mine.get(person.username, [])
        for n in range(chance.between(6, 11) if customers else chance.between(5, 8)):
            due = story.today + dt.timedelta(days=0 if n == 0 else chance.between(-6, 12))
            done = n > 2 and chance.happens(0.35)
            created = chance.moment(story.past(min(due, story.today) - dt.timedelta(days=chance.between(1, 9))))
            account = chance.pick(customers) if customers and chance.happens(0.7) else None
            words = (
                chance.pick(TODO)
                if customers
                else chance.pick(("提交周报", "整理部门资料", "参加项目例会", "完成培训课程", "更新交接文档"))
            )
            project = next((p.id for p in story.projects if person.username in dict(p.members)), None)
            story.add(
                "task",
                person.username,
                created,
                {
                    "subject": f"{words}：{account.values['short_name']}" if account else words,
                    "status": "done" if done else chance.weighted({"open": 3, "doing": 1}),
                    "priority": chance.weighted({"low": 1, "normal": 5, "high": 2}),
                    "due_on": str(due),
                    "done_on": str(story.past(due)) if done else None,
                    "account": account.id if account else None,
                },
                project=project if account is None and chance.happens(0.4) else None,
            )
