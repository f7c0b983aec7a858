"""商机: a deal in progress."""

from __future__ import annotations

from heli.crm.objects.options import LOST_REASONS, SOURCES
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STAGES = (
    f.Option("prospecting", "初步接触", "Prospecting", color="v5", hidden=True),
    f.Option("engaging", "接洽中", "Engaging", color="v2", hidden=True),
    f.Option("new", "接洽", "New", color="v5"),
    f.Option("qualified", "需求确认", "Qualified", color="v2"),
    f.Option("proposal", "方案报价", "Proposal", color="v6"),
    f.Option("negotiation", "商务谈判", "Negotiation", color="v3"),
    f.Option("won", "赢单", "Won", color="v1", closed=True),
    f.Option("lost", "输单", "Lost", color="mute", closed=True),
)
"""The two hidden stages belong to companies that import them; they show where some deal is in them."""


class Opportunity(Record):
    """A deal in progress. Amounts are confidential."""

    heli = ObjectType(
        "opportunity", zh="商机", en="Opportunity", plural_en="Opportunities", icon="target",
        parent="account", title="name", key="code",
        related=("account", "contact"),
        columns=("name", "account", "stage", "amount", "probability", "owner", "expected_on", "updated_at"),
        sorts=("updated_at", "amount", "name"),
        summary=("account", "stage", "amount", "probability", "owner", "expected_on", "next_follow_on"),
        actions=("move", "win", "lose"),
        kanban="stage",
    )  # fmt: skip
    name = f.Text(zh="商机名称", en="Name", required=True, search=True, max_length=200)
    code = f.AutoNumber("SJ-{year}-{n:05}", zh="商机编号", en="Number")
    account = f.Link("account", label=True, zh="客户", en="Account")
    contact = f.Link("contact", zh="联系人", en="Contact")
    stage = f.Choice(zh="阶段", en="Stage", options=STAGES, default="new", flow=True, indexed=True)
    amount = f.Money(zh="金额", en="Amount", data_class="confidential", minimum=0, group="money")
    probability = f.Percent(zh="赢率", en="Probability", group="money")
    product = f.Link("product", zh="产品", en="Product", group="links")
    campaign = f.Link("campaign", zh="来源活动", en="Campaign", group="links")
    source = f.Choice(zh="来源", en="Source", options=SOURCES)
    expected_on = f.Date(zh="预计成交", en="Expected on", group="dates")
    opened_on = f.Date(zh="开始日期", en="Opened on", group="dates")
    closed_on = f.Date(zh="结束日期", en="Closed on", not_before="opened_on", readonly=True, group="dates")
    stage_since = f.DateTime(zh="进入阶段", en="In stage since", readonly=True, group="dates")
    next_follow_on = f.Date(zh="下次跟进", en="Next contact", group="progress")
    last_activity_at = f.DateTime(zh="最近跟进", en="Last activity", readonly=True, group="progress")
    competitor = f.Text(zh="竞争对手", en="Competitor", max_length=100, group="progress")
    lost_reason = f.Choice(zh="输单原因", en="Lost because", options=LOST_REASONS, readonly=True, group="progress")
    description = f.LongText(zh="描述", en="Description", group="other")
