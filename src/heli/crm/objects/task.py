"""任务: a plain to-do, never a flow's workitem."""

from __future__ import annotations

from heli.crm.objects.options import PRIORITIES
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("open", "待办", "Open", color="v5"),
    f.Option("doing", "进行中", "In progress", color="v2"),
    f.Option("done", "已完成", "Done", color="v1", closed=True),
    f.Option("dropped", "已取消", "Dropped", color="mute", closed=True),
)


class Task(Record):
    """Something that its owner has to do, for a customer, a deal or a project."""

    heli = ObjectType(
        "task", zh="任务", en="Task", plural_en="Tasks", icon="checkbox",
        parent="account", title="subject", key=None,
        related=(),
        columns=("subject", "status", "priority", "due_on", "account", "project", "owner"),
        sorts=("updated_at", "due_on"),
        summary=("status", "priority", "due_on", "account", "project", "owner"),
        actions=(),
        kanban=None,
    )  # fmt: skip
    subject = f.Text(zh="主题", en="Subject", required=True, search=True, max_length=200)
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="open", indexed=True)
    priority = f.Choice(zh="优先级", en="Priority", options=PRIORITIES, default="normal")
    due_on = f.Date(zh="截止日期", en="Due on", group="dates")
    done_on = f.Date(zh="完成日期", en="Done on", group="dates")
    account = f.Link("account", label=True, zh="客户", en="Account", group="links")
    opportunity = f.Link("opportunity", zh="商机", en="Opportunity", group="links")
    contract = f.Link("contract", zh="合同", en="Contract", group="links")
    ticket = f.Link("ticket", zh="工单", en="Ticket", group="links")
    body = f.LongText(zh="说明", en="Description")
