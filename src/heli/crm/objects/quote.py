"""报价: an offer with its lines."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("draft", "草稿", "Draft", color="v5"),
    f.Option("review", "审批中", "In approval", color="wait", acted=True),
    f.Option("approved", "已批准", "Approved", color="v6", acted=True),
    f.Option("sent", "已发出", "Sent", color="v2"),
    f.Option("accepted", "客户接受", "Accepted", color="v1", closed=True),
    f.Option("rejected", "客户拒绝", "Rejected", color="mute", closed=True),
    f.Option("expired", "已过期", "Expired", color="mute", closed=True),
)


class Quote(Record):
    """An offer to a customer; its amount is the sum of its lines when it has some."""

    heli = ObjectType(
        "quote", zh="报价", en="Quote", plural_en="Quotes", icon="file-dollar",
        parent="account", title="name", key="code",
        related=("account", "opportunity", "contact"),
        columns=("code", "name", "account", "status", "amount", "valid_until", "owner"),
        sorts=("updated_at",),
        summary=("account", "opportunity", "status", "amount", "effective_discount", "valid_until", "owner"),
        actions=("submit", "approve", "revise"),
        kanban=None,
    )  # fmt: skip
    name = f.Text(zh="报价名称", en="Name", required=True, search=True, max_length=200)
    code = f.AutoNumber("BJ-{year}-{n:05}", zh="报价编号", en="Number")
    account = f.Link("account", label=True, zh="客户", en="Account")
    opportunity = f.Link("opportunity", zh="商机", en="Opportunity")
    contact = f.Link("contact", zh="联系人", en="Contact")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="draft")
    lines = f.Lines(zh="明细", en="Lines", sums_to="amount", data_class="confidential", group="lines")
    amount = f.Money(zh="金额", en="Amount", data_class="confidential", minimum=0, group="money")
    discount = f.Percent(zh="整单折扣", en="Discount", data_class="confidential", group="money")
    effective_discount = f.Percent(
        zh="实际折扣", en="Effective discount", data_class="confidential", readonly=True, group="money",
        help_zh="各行售价与整单折扣合计，比产品标准价低多少", help_en="How far lines and discount together are below the list prices",
    )  # fmt: skip
    quoted_on = f.Date(zh="报价日期", en="Quoted on", group="dates")
    valid_until = f.Date(zh="有效期至", en="Valid until", not_before="quoted_on", group="dates")
    terms = f.LongText(zh="商务条款", en="Terms", group="other")
