"""跟进: a visit, a call, a note about what happened with a customer."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

KINDS = (
    f.Option("call", "电话", "Call", color="v2"),
    f.Option("visit", "拜访", "Visit", color="v1"),
    f.Option("meeting", "会议", "Meeting", color="v3"),
    f.Option("email", "邮件", "Mail", color="v5"),
    f.Option("wechat", "微信", "WeChat", color="v4"),
    f.Option("demo", "产品演示", "Demonstration", color="v6"),
    f.Option("note", "记录", "Note", color="v5"),
)

RESULTS = (
    f.Option("good", "有进展", "Progress", color="v1"),
    f.Option("neutral", "保持联系", "Keeping in touch", color="v5"),
    f.Option("bad", "有阻力", "Resistance", color="wait"),
    f.Option("missed", "未联系上", "Not reached", color="mute"),
)


class Activity(Record):
    """One contact with a customer, written down by who had it."""

    heli = ObjectType(
        "activity", zh="跟进", en="Activity", plural_en="Activities", icon="message",
        parent="account", title="subject", key=None,
        related=("account",),
        columns=("subject", "activity_kind", "account", "result", "happened_at", "owner"),
        sorts=("happened_at",),
        summary=("account", "activity_kind", "result", "happened_at", "owner", "next_follow_on"),
        actions=(),
        kanban=None,
    )  # fmt: skip
    subject = f.Text(zh="主题", en="Subject", required=True, search=True, max_length=200)
    activity_kind = f.Choice(zh="方式", en="Kind", options=KINDS, default="call", required=True)
    account = f.Link("account", label=True, zh="客户", en="Account")
    contact = f.Link("contact", zh="联系人", en="Contact", group="links")
    opportunity = f.Link("opportunity", zh="商机", en="Opportunity", group="links")
    lead = f.Link("lead", zh="线索", en="Lead", group="links")
    happened_at = f.DateTime(zh="时间", en="When", group="dates")
    minutes = f.Number(zh="时长（分钟）", en="Minutes", minimum=0, maximum=1440, group="dates")
    result = f.Choice(zh="结果", en="Result", options=RESULTS)
    place = f.Text(zh="地点", en="Place", max_length=200)
    body = f.LongText(zh="内容", en="What was said")
    next_follow_on = f.Date(zh="下次跟进", en="Next contact", group="dates")
