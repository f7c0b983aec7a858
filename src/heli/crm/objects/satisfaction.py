"""满意度: what a customer thought of our service."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

ASPECTS = (
    f.Option("speed", "响应速度", "Speed"),
    f.Option("quality", "解决质量", "Quality"),
    f.Option("manner", "服务态度", "Manner"),
    f.Option("product", "产品体验", "Product"),
)


class Satisfaction(Record):
    """A rating from 1 to 5 after a ticket, or after a visit."""

    heli = ObjectType(
        "satisfaction", zh="满意度", en="Satisfaction", plural_en="Satisfaction", icon="star",
        parent="account", title="subject", key=None,
        related=("account", "ticket"),
        columns=("subject", "account", "score", "ticket", "asked_on", "owner"),
        sorts=("updated_at",),
        summary=("account", "ticket", "score", "asked_on", "owner"),
        actions=(),
        kanban=None,
    )  # fmt: skip
    subject = f.Text(zh="主题", en="Subject", required=True, search=True, max_length=200)
    account = f.Link("account", zh="客户", en="Account", alias="客户")
    ticket = f.Link("ticket", zh="工单", en="Ticket")
    contact = f.Link("contact", zh="评价人", en="Rated by")
    score = f.Number(zh="评分", en="Score", minimum=1, maximum=5)
    aspects = f.Choices(zh="评价方面", en="Aspects", options=ASPECTS)
    asked_on = f.Date(zh="回访日期", en="Asked on", group="dates")
    comment = f.LongText(zh="客户意见", en="Comment")
