"""线索: an interest that may become a customer."""

from __future__ import annotations

from heli.crm.objects.options import INDUSTRIES, SOURCES
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STAGES = (
    f.Option("new", "新线索", "New", color="v5"),
    f.Option("contacted", "已联系", "Contacted", color="v2"),
    f.Option("qualified", "已确认", "Qualified", color="v6"),
    f.Option("converted", "已转化", "Converted", color="v1", closed=True),
    f.Option("disqualified", "已作废", "Disqualified", color="mute", closed=True),
)

REASONS = (
    f.Option("no_need", "无需求", "No need"),
    f.Option("no_budget", "无预算", "No budget"),
    f.Option("unreachable", "无法联系", "Cannot be reached"),
    f.Option("duplicate", "重复线索", "Duplicate"),
    f.Option("spam", "无效信息", "Not genuine"),
)


class Lead(Record):
    """An interest, from a campaign or a call. Converting makes a customer and a deal of it."""

    heli = ObjectType(
        "lead", zh="线索", en="Lead", plural_en="Leads", icon="filter",
        title="name", key="code",
        related=("account", "opportunity"),
        columns=("name", "company", "stage", "source", "campaign", "owner", "phone", "created_at"),
        sorts=("updated_at", "created_at"),
        summary=("company", "stage", "source", "campaign", "phone", "owner", "next_follow_on"),
        actions=("move", "convert", "accept", "claim", "return"),
        kanban="stage",
    )  # fmt: skip
    name = f.Text(zh="线索名称", en="Name", required=True, search=True, max_length=200)
    code = f.AutoNumber("XS-{year}-{n:05}", zh="线索编号", en="Number")
    company = f.Text(zh="公司", en="Company", search=True, max_length=200)
    contact_name = f.Text(zh="联系人", en="Contact", search=True, max_length=100)
    job_title = f.Text(zh="职务", en="Job title", max_length=100)
    stage = f.Choice(zh="阶段", en="Stage", options=STAGES, default="new", flow=True, indexed=True)
    source = f.Choice(zh="来源", en="Source", options=SOURCES)
    industry = f.Choice(zh="行业", en="Industry", options=INDUSTRIES)
    campaign = f.Link("campaign", zh="市场活动", en="Campaign", group="links")
    product = f.Link("product", zh="意向产品", en="Product of interest", group="links")
    phone = f.Phone(zh="电话", en="Phone", search=True, encrypted=True, group="contact")
    email = f.Email(zh="邮箱", en="Email", group="contact")
    wechat = f.Text(zh="微信", en="WeChat", data_class="sensitive", max_length=60, group="contact")
    address = f.Address(zh="地址", en="Address", group="contact")
    budget = f.Money(zh="预算", en="Budget", data_class="confidential", minimum=0, group="progress")
    need = f.LongText(zh="需求描述", en="Need", group="progress")
    score = f.Number(zh="评分", en="Score", minimum=0, maximum=100, group="progress")
    next_follow_on = f.Date(zh="下次跟进", en="Next contact", group="progress")
    last_activity_at = f.DateTime(zh="最近跟进", en="Last activity", readonly=True, group="progress")
    disqualified_reason = f.Choice(zh="作废原因", en="Reason", options=REASONS, readonly=True, group="progress")
    converted_at = f.DateTime(zh="转化时间", en="Converted at", readonly=True, group="progress")
    converted_account = f.Link("account", zh="转化为客户", en="Became account", readonly=True, group="links")
    converted_contact = f.Link("contact", zh="转化为联系人", en="Became contact", readonly=True, group="links")
    converted_opportunity = f.Link(
        "opportunity", zh="转化为商机", en="Became opportunity", readonly=True, group="links"
    )
