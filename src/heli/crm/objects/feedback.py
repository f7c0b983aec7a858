"""产品反馈: what customers say about the product, for those who build it."""

from __future__ import annotations

from heli.crm.objects.options import PRIORITIES
from heli.records import fields as f
from heli.records.types import ObjectType, Record

KINDS = (
    f.Option("wish", "新需求", "Wish"),
    f.Option("improvement", "改进建议", "Improvement"),
    f.Option("defect", "缺陷", "Defect"),
    f.Option("praise", "表扬", "Praise"),
)

STATUSES = (
    f.Option("new", "待评估", "New", color="v5"),
    f.Option("accepted", "已采纳", "Accepted", color="v2"),
    f.Option("planned", "已排期", "Planned", color="v6"),
    f.Option("done", "已上线", "Done", color="v1", closed=True),
    f.Option("declined", "不采纳", "Declined", color="mute", closed=True),
)


class Feedback(Record):
    """Feedback about a product; product managers see the customer only as an alias."""

    heli = ObjectType(
        "feedback", zh="产品反馈", en="Feedback", plural_en="Feedback", icon="bulb",
        parent="account", title="subject", key="code",
        related=("account", "product"),
        columns=("code", "subject", "product", "feedback_kind", "status", "priority", "account", "owner"),
        sorts=("updated_at",),
        summary=("product", "feedback_kind", "status", "priority", "account", "owner"),
        actions=(),
        kanban=None,
    )  # fmt: skip
    subject = f.Text(zh="主题", en="Subject", required=True, search=True, max_length=200)
    code = f.AutoNumber("FK-{year}-{n:05}", zh="反馈编号", en="Number")
    account = f.Link("account", zh="客户", en="Account", alias="客户")
    product = f.Link("product", zh="产品", en="Product")
    ticket = f.Link("ticket", zh="来源工单", en="From ticket")
    feedback_kind = f.Choice(zh="类型", en="Kind", options=KINDS, default="wish")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="new")
    priority = f.Choice(zh="优先级", en="Priority", options=PRIORITIES, default="normal")
    received_on = f.Date(zh="收到日期", en="Received on", group="dates")
    body = f.LongText(zh="内容", en="Content")
    answer = f.LongText(zh="产品答复", en="Answer", group="progress")
    release = f.Text(zh="计划版本", en="Planned release", max_length=60, group="progress")
