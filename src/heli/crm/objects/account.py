"""客户: a company we sell to, or want to."""

from __future__ import annotations

from heli.crm.objects.options import INDUSTRIES, LEVELS, SOURCES
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("potential", "潜在", "Potential", color="v5"),
    f.Option("following", "跟进中", "In contact", color="v2"),
    f.Option("customer", "成交客户", "Customer", color="v1"),
    f.Option("dormant", "沉睡", "Dormant", color="wait"),
    f.Option("lost", "流失", "Lost", color="mute", closed=True),
)


class Account(Record):
    """A customer. What is internal helps everyone who meets it; money and bank details are confidential."""

    heli = ObjectType(
        "account", zh="客户", en="Account", plural_en="Accounts", icon="building",
        title="name", key="name",
        related=(),
        columns=("name", "industry", "level", "status", "owner", "phone", "next_follow_on", "updated_at"),
        sorts=("updated_at", "name"),
        summary=("level", "status", "industry", "owner", "phone", "next_follow_on", "last_activity_at"),
        actions=("claim", "return", "take_over"),
        kanban=None,
    )  # fmt: skip
    name = f.Text(
        zh="客户名称", en="Name", required=True, search=True, unique=True, max_length=200, alias="客户",
        help_zh="营业执照上的全称", help_en="The full name on the business licence",
    )  # fmt: skip
    code = f.AutoNumber("KH-{year}-{n:05}", zh="客户编号", en="Number")
    short_name = f.Text(zh="简称", en="Short name", search=True, max_length=60)
    industry = f.Choice(zh="行业", en="Industry", options=INDUSTRIES, indexed=True)
    level = f.Choice(zh="客户级别", en="Level", options=LEVELS, default="c")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="potential")
    source = f.Choice(zh="来源", en="Source", options=SOURCES)
    phone = f.Phone(zh="电话", en="Phone", search=True, encrypted=True, group="contact")
    email = f.Email(zh="邮箱", en="Email", group="contact")
    website = f.Url(zh="网址", en="Website", data_class="public", group="contact")
    address = f.Address(zh="地址", en="Address", group="contact")
    location = f.Text(zh="所在地区", en="Location", max_length=100, group="contact")
    credit_code = f.CreditCode(zh="统一社会信用代码", en="Unified social credit code", search=True, group="company")
    parent_account = f.Link("account", zh="上级客户", en="Parent account", group="company")
    employees = f.Number(zh="员工人数", en="Employees", minimum=0, maximum=10_000_000, group="company")
    founded_year = f.Number(zh="成立年份", en="Founded in", minimum=1000, maximum=2200, group="company")
    annual_revenue = f.Money(zh="年营业额", en="Annual revenue", minimum=0, group="company")
    next_follow_on = f.Date(zh="下次跟进", en="Next contact", group="progress")
    last_activity_at = f.DateTime(zh="最近跟进", en="Last activity", readonly=True, group="progress")
    credit_limit = f.Money(zh="信用额度", en="Credit limit", data_class="confidential", minimum=0, group="finance")
    payment_days = f.Number(zh="账期（天）", en="Payment term (days)", minimum=0, maximum=365, group="finance")
    bank_name = f.Text(zh="开户行", en="Bank", data_class="confidential", max_length=100, group="finance")
    bank_account = f.Text(
        zh="银行账号", en="Bank account", data_class="confidential", encrypted=True, max_length=40, group="finance"
    )
    description = f.LongText(zh="备注", en="Notes", group="other")
