"""工单: a customer's question or trouble, and what support did about it."""

from __future__ import annotations

from heli.crm.objects.options import PRIORITIES
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STAGES = (
    f.Option("open", "待受理", "Open", color="v5"),
    f.Option("processing", "处理中", "In progress", color="v2"),
    f.Option("waiting", "等待客户", "Waiting for customer", color="wait"),
    f.Option("resolved", "已解决", "Resolved", color="v1"),
    f.Option("closed", "已关闭", "Closed", color="mute", closed=True),
)

KINDS = (
    f.Option("question", "咨询", "Question"),
    f.Option("fault", "故障", "Fault"),
    f.Option("request", "需求", "Request"),
    f.Option("complaint", "投诉", "Complaint"),
    f.Option("install", "安装调试", "Installation"),
    f.Option("return", "退换货", "Return"),
)

CHANNELS = (
    f.Option("phone", "电话", "Phone"),
    f.Option("wechat", "微信", "WeChat"),
    f.Option("email", "邮件", "Mail"),
    f.Option("portal", "自助门户", "Portal"),
    f.Option("onsite", "现场", "On site"),
)


CALLBACKS = (
    f.Option("satisfied", "满意", "Content", color="v1"),
    f.Option("opportunity", "有新商机", "A new deal", color="v2"),
    f.Option("complaint", "投诉", "A complaint", color="bad"),
)


class Ticket(Record):
    """A ticket. Who works on it also sees its customer and contact."""

    heli = ObjectType(
        "ticket", zh="工单", en="Ticket", plural_en="Tickets", icon="lifebuoy",
        parent="account", title="subject", key="code",
        related=("account", "contact", "order", "activity"),
        columns=("code", "subject", "account", "stage", "priority", "due_at", "owner"),
        sorts=("updated_at", "due_at"),
        summary=("account", "contact", "stage", "priority", "due_at", "owner"),
        actions=("move", "resolve", "close", "call_back", "claim", "return"),
        kanban="stage",
    )  # fmt: skip
    subject = f.Text(zh="主题", en="Subject", required=True, search=True, max_length=200)
    code = f.AutoNumber("GD-{year}-{n:05}", zh="工单编号", en="Number")
    account = f.Link("account", label=True, zh="客户", en="Account")
    contact = f.Link("contact", zh="联系人", en="Contact")
    stage = f.Choice(zh="阶段", en="Stage", options=STAGES, default="open", flow=True, indexed=True)
    ticket_kind = f.Choice(zh="类型", en="Kind", options=KINDS, default="question")
    priority = f.Choice(zh="优先级", en="Priority", options=PRIORITIES, default="normal")
    channel = f.Choice(zh="渠道", en="Channel", options=CHANNELS)
    product = f.Link("product", zh="产品", en="Product", group="links")
    order = f.Link("order", zh="订单", en="Order", group="links")
    body = f.LongText(zh="问题描述", en="Description")
    solution = f.LongText(zh="解决方案", en="Solution", group="progress")
    callback = f.Choice(zh="回访结论", en="Call-back", options=CALLBACKS, readonly=True, group="progress")
    score = f.Number(zh="满意度", en="Satisfaction", minimum=1, maximum=5, readonly=True, group="progress")
    callback_note = f.LongText(zh="客户意见", en="What the customer said", readonly=True, group="progress")
    due_at = f.DateTime(zh="处理期限", en="Due", group="dates")
    resolved_at = f.DateTime(zh="解决时间", en="Resolved at", readonly=True, group="dates")
    closed_at = f.DateTime(zh="关闭时间", en="Closed at", readonly=True, group="dates")
