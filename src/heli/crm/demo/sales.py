"""Chapter two: deals with their offers, contracts and visits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from heli.crm.demo import customers, names
from heli.crm.demo.company import Row
from heli.crm.demo.story import Story, iso, yuan

STAGES_OPEN = {"new": 3, "qualified": 4, "proposal": 4, "negotiation": 3}
PROBABILITY = {
    "new": "10.00",
    "qualified": "30.00",
    "proposal": "50.00",
    "negotiation": "75.00",
    "won": "100.00",
    "lost": "0.00",
}
SUBJECTS = {
    "call": ("电话回访需求", "确认预算", "约定演示时间", "沟通报价细节"),
    "visit": ("上门拜访", "拜访信息部门", "现场调研", "拜访决策人"),
    "meeting": ("需求讨论会", "方案评审会", "商务会谈"),
    "email": ("发送产品资料", "发送报价单", "发送合同草稿"),
    "wechat": ("微信沟通进度", "节日问候", "确认收货"),
    "demo": ("产品演示", "试用讲解"),
}
QUANTITIES = {"year": (1, 8), "set": (1, 3), "piece": (10, 120), "user": (20, 300), "item": (1, 4), "day": (5, 60)}
SERVICE_DAY = 2_400
"""What a day of implementation costs."""
BODIES = (
    "客户对流程审批和移动端很感兴趣，希望下周看演示。",
    "预算已经报批，等待总部答复。",
    "对方在比较两家供应商，最关心实施周期。",
    "已确认需求清单，整理后发方案。",
    "客户提出价格偏高，需要申请折扣。",
    "技术部门确认可以对接，剩余问题是数据迁移。",
    "对方负责人更换，需要重新建立联系。",
    "约定本月底前给出最终报价。",
)


@dataclass(frozen=True, slots=True)
class Deal:
    """What later chapters need to know of a won deal."""

    account: Row
    opportunity: Row
    contact: Row | None
    contract: Row


def deals(story: Story, wanted: int = 1600) -> list[Deal]:
    """Opportunities of all stages; the won ones go on to contracts and money."""
    chance = story.chance
    contacts: dict[str, list[Row]] = {}
    for contact in story.rows["contact"]:
        contacts.setdefault(contact.values["account"], []).append(contact)
    owned = [a for a in story.rows["account"] if a.owner]
    won = []
    for n in range(wanted):
        account = owned[n] if n < len(owned) and chance.happens(0.5) else chance.pick(owned)
        people = contacts.get(account.id, [])
        deal = _deal(story, account, chance.pick(people) if people else None)
        if deal:
            won.append(deal)
    return won


def _deal(story: Story, account: Row, contact: Row | None) -> Deal | None:
    chance = story.chance
    age = (story.today - account.created_at.date()).days
    ago = max(1, int(age * (chance.under(1000) / 1000) ** 1.4))
    opened = story.day(ago)
    opened = max(opened, min(account.created_at.date(), story.past(story.today)))
    length = chance.between(20, 150)
    closed = story.past(opened + dt.timedelta(days=length))
    over = ago > length or (ago > 60 and chance.happens(0.3))
    stage = chance.weighted({"won": 5, "lost": 5}) if over else chance.weighted(STAGES_OPEN)
    product = chance.pick(
        [p for p in story.rows["product"] if p.values["series"] != "服务" and p.values["status"] == "active"]
    )
    amount = _price(product) * chance.between(*QUANTITIES[product.values["unit"]])
    if chance.happens(0.7):  # most buy the work that comes with it
        amount += SERVICE_DAY * chance.between(3, 60)
    created = max(chance.moment(opened), account.created_at)
    expected = closed if over else story.today + dt.timedelta(days=chance.between(-12, 75))
    since = chance.moment(
        closed if over else story.past(story.today - dt.timedelta(days=chance.between(1, min(45, ago + 1))))
    )
    since = max(since, created)
    helpers: tuple[str, ...] = ()
    if chance.happens(0.06):
        colleagues = [rep for rep in story.reps[chance.pick(tuple(story.reps))] if rep != account.owner]
        helpers = tuple(chance.some(colleagues, 1))
    project = chance.pick(story.projects).id if chance.happens(0.05) else None
    ahead = str(story.today + dt.timedelta(days=chance.between(-5, 14)))
    known = {
        "name": f"{account.values['short_name']} {product.values['name']}",
        "code": story.number("SJ-{year}-{n:05}", opened), "account": account.id,
        "contact": contact.id if contact else None, "stage": stage, "amount": yuan(amount),
        "probability": PROBABILITY[stage], "product": product.id, "source": account.values.get("source"),
        "expected_on": str(expected), "opened_on": str(opened), "closed_on": str(closed) if over else None,
        "stage_since": iso(since),
        "next_follow_on": ahead if not over and chance.happens(0.6) else None,
        "competitor": chance.pick(("云策软件", "智联客", "纷享通", "自研系统")) if chance.happens(0.3) else None,
        "lost_reason": chance.pick(("price", "competitor", "budget", "timing", "fit")) if stage == "lost" else None,
        "description": f"客户计划采购{product.values['name']}，{chance.pick(BODIES)}",
    }  # fmt: skip
    row = story.add("opportunity", account.owner, created, known, updated=since, project=project, team=helpers)
    if chance.happens(0.22):
        customers.converted(story, account, row, contact)
    quote = _quote(story, row, product, amount) if stage in ("proposal", "negotiation", "won") else None
    if stage in ("negotiation", "won") and (stage == "won" or chance.happens(0.45)):
        contract = _contract(story, account, row, product, quote=quote, amount=amount)
        return Deal(account, row, contact, contract) if stage == "won" else None
    return None


def _price(product: Row) -> int:
    return int(str(product.values["list_price"]).split(".")[0])


def _lines(story: Story, product: Row, amount: int) -> list[dict[str, Any]]:
    """Lines that come to exactly this amount: the product, and days of work for the rest."""
    price = _price(product)
    count, rest = divmod(amount, price)
    while rest % SERVICE_DAY:  # fewer of the product, until the rest is whole days
        count, rest = count - 1, rest + price
    lines = [_line(product, count, price)] if count > 0 else []
    if rest:
        service = next(p for p in story.rows["product"] if p.values["name"] == "实施服务")
        lines.append(_line(service, rest // SERVICE_DAY, SERVICE_DAY))
    return lines


def _line(product: Row, count: int, price: int) -> dict[str, Any]:
    return {
        "product": product.id,
        "description": product.values["name"],
        "quantity": str(count),
        "unit_price": yuan(price),
    }


def _quote(story: Story, deal: Row, product: Row, amount: int) -> Row:
    day = story.past(deal.updated_at.date() - dt.timedelta(days=story.chance.between(0, 12)))
    created = max(story.chance.moment(day), deal.created_at)
    stage = deal.values["stage"]
    status = "accepted" if stage == "won" else story.chance.weighted({"sent": 6, "draft": 2, "expired": 1})
    return story.add(
        "quote",
        deal.owner,
        created,
        {
            "name": f"{deal.values['name']} 报价",
            "code": story.number("BJ-{year}-{n:05}", day),
            "account": deal.values["account"],
            "opportunity": deal.id,
            "contact": deal.values.get("contact"),
            "status": status,
            "lines": _lines(story, product, amount),
            "amount": yuan(amount),
            "discount": "0.00",
            "quoted_on": str(day),
            "valid_until": str(day + dt.timedelta(days=30)),
            "terms": "含税，交付后三十日内付清。",
        },
    )


def _contract(story: Story, account: Row, deal: Row, product: Row, *, quote: Row | None, amount: int) -> Row:
    """Signed for a won deal; for one in negotiation a draft, most of them with what legal has asked for: their approval is begun later."""
    chance = story.chance
    won = deal.values["stage"] == "won"
    day = story.past(deal.updated_at.date())
    if not won:  # drafted some weeks ago
        day = max(deal.created_at.date(), story.day(chance.between(8, 28)))
    created = max(chance.moment(day), deal.created_at)
    begins = day + dt.timedelta(days=10)
    ends = begins + dt.timedelta(days=365)
    drafted = chance.weighted({"new": 2, "noted": 7, "approved": 1})
    status = (
        ("finished" if ends < story.today else "signed") if won else "approved" if drafted == "approved" else "draft"
    )
    noted = won or drafted != "new"
    lawyers = story.holders("legal_counsel")
    approver = chance.pick(lawyers) if won or status == "approved" else None
    return story.add(
        "contract",
        deal.owner,
        created,
        {
            "name": f"{account.values['short_name']}{product.values['series']}采购合同",
            "code": story.number("HT-{year}-{n:04}", day),
            "account": account.id,
            "opportunity": deal.id,
            "quote": quote.id if quote else None,
            "contract_kind": chance.weighted({"sale": 7, "service": 2, "renewal": 1}),
            "status": status,
            "lines": _lines(story, product, amount),
            "amount": yuan(amount),
            "payment_terms": "签订后付 30%，交付后付 60%，质保期满付 10%。",
            "signer": names.person(chance) if won else None,
            "signed_on": str(day) if won else None,
            "starts_on": str(begins),
            "ends_on": str(ends),
            "approved_by": approver,
            "approved_at": iso(created) if approver else None,
            "legal_note": chance.pick(("", "请补充违约责任条款。", "争议解决地建议改为我方所在地。"))
            if noted
            else None,
        },
        updated=created,
        team=(chance.pick(lawyers),) if noted and not won else (),
    )


def activities(story: Story, wanted: int = 6000) -> None:
    """What sellers did, denser towards today; the latest is told to the customer."""
    chance = story.chance
    index = {a.id: n for n, a in enumerate(story.rows["account"])}
    owned = [a for a in story.rows["account"] if a.owner]
    by_account: dict[str, list[Row]] = {}
    for deal in story.rows["opportunity"]:
        by_account.setdefault(deal.values["account"], []).append(deal)
    latest: dict[str, dt.datetime] = {}
    for _ in range(wanted):
        account = chance.pick(owned)
        age = max(1, (story.today - account.created_at.date()).days - 1)
        moment = chance.moment(story.past(story.day(1 + int(age * (chance.under(1000) / 1000) ** 2))))
        moment = max(moment, account.created_at + dt.timedelta(hours=1))
        kind = chance.weighted({"call": 5, "visit": 4, "meeting": 2, "email": 2, "wechat": 3, "demo": 1})
        deals_ = [d for d in by_account.get(account.id, []) if d.created_at <= moment]
        ahead = moment.date() + dt.timedelta(days=chance.between(3, 21))
        story.add(
            "activity",
            account.owner,
            moment,
            {
                "subject": f"{account.values['short_name']} {chance.pick(SUBJECTS[kind])}",
                "activity_kind": kind,
                "account": account.id,
                "opportunity": deals_[-1].id if deals_ and chance.happens(0.7) else None,
                "happened_at": iso(moment),
                "minutes": chance.pick((10, 15, 30, 45, 60, 90)),
                "result": chance.weighted({"good": 4, "neutral": 5, "bad": 1, "missed": 1}),
                "place": account.values["location"] if kind in ("visit", "meeting") else None,
                "body": chance.pick(BODIES),
                "next_follow_on": str(ahead) if chance.happens(0.3) else None,
            },
        )
        latest[account.id] = max(moment, latest.get(account.id, moment))
    customers.touched(story, index, latest)


def customers_of_won(story: Story, won: list[Deal]) -> None:
    """Who bought is a customer."""
    bought = {deal.account.id for deal in won}
    rows = story.rows["account"]
    for n, row in enumerate(rows):
        if row.id in bought:
            rows[n] = replace(row, values={**row.values, "status": "customer"})
