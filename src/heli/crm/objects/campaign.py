"""市场活动: what marketing does to win leads."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

KINDS = (
    f.Option("exhibition", "展会", "Exhibition"),
    f.Option("webinar", "线上研讨会", "Webinar"),
    f.Option("seminar", "线下沙龙", "Seminar"),
    f.Option("email", "邮件营销", "Mail campaign"),
    f.Option("advertising", "广告投放", "Advertising"),
    f.Option("content", "内容营销", "Content"),
    f.Option("referral", "老客户转介绍", "Referral"),
)

STATUSES = (
    f.Option("planned", "计划中", "Planned", color="v5"),
    f.Option("running", "进行中", "Running", color="v1"),
    f.Option("finished", "已结束", "Finished", color="v2", closed=True),
    f.Option("cancelled", "已取消", "Cancelled", color="mute", closed=True),
)


class Campaign(Record):
    """A campaign; its leads name it."""

    heli = ObjectType(
        "campaign", zh="市场活动", en="Campaign", plural_en="Campaigns", icon="speakerphone",
        title="name", key="code",
        related=(),
        columns=("name", "campaign_kind", "status", "starts_on", "ends_on", "budget", "owner"),
        sorts=("updated_at",),
        summary=("campaign_kind", "status", "starts_on", "ends_on", "budget", "owner"),
        actions=("distribute",),
        kanban=None,
    )  # fmt: skip
    name = f.Text(zh="活动名称", en="Name", required=True, search=True, max_length=200)
    code = f.AutoNumber("HD-{year}-{n:03}", zh="活动编号", en="Number")
    campaign_kind = f.Choice(zh="类型", en="Kind", options=KINDS)
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="planned")
    starts_on = f.Date(zh="开始日期", en="Starts on", group="dates")
    ends_on = f.Date(zh="结束日期", en="Ends on", not_before="starts_on", group="dates")
    place = f.Text(zh="地点", en="Place", max_length=200)
    expected_leads = f.Number(zh="目标线索数", en="Leads wanted", minimum=0, maximum=10**7, group="progress")
    budget = f.Money(zh="预算", en="Budget", data_class="confidential", minimum=0, group="money")
    cost = f.Money(zh="实际费用", en="Cost", data_class="confidential", minimum=0, group="money")
    description = f.LongText(zh="说明", en="Description", group="other")
