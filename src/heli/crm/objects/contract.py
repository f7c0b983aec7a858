"""合同: what both sides signed, or are about to."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("draft", "草拟", "Draft", color="v5"),
    f.Option("review", "审核中", "In review", color="v2"),
    f.Option("approved", "已批准", "Approved", color="v6"),
    f.Option("signed", "已签订", "Signed", color="v1"),
    f.Option("finished", "已完成", "Finished", color="v1", closed=True),
    f.Option("terminated", "已终止", "Terminated", color="mute", closed=True),
)

KINDS = (
    f.Option("sale", "销售合同", "Sale"),
    f.Option("service", "服务合同", "Service"),
    f.Option("frame", "框架协议", "Frame agreement"),
    f.Option("renewal", "续签合同", "Renewal"),
)


class Contract(Record):
    """A contract: drafted by sales, read by legal and finance, signed once approved."""

    heli = ObjectType(
        "contract", zh="合同", en="Contract", plural_en="Contracts", icon="file-certificate",
        parent="account", title="name", key="code",
        related=("account", "opportunity", "quote"),
        columns=("code", "name", "account", "status", "amount", "signed_on", "ends_on", "owner"),
        sorts=("updated_at", "amount"),
        summary=("account", "status", "amount", "signed_on", "starts_on", "ends_on", "owner"),
        actions=("submit", "sign", "revise", "plan_payments"),
        kanban=None,
    )  # fmt: skip
    name = f.Text(zh="合同名称", en="Name", required=True, search=True, max_length=200)
    code = f.AutoNumber("HT-{year}-{n:04}", zh="合同编号", en="Number")
    account = f.Link("account", label=True, zh="客户", en="Account")
    opportunity = f.Link("opportunity", zh="商机", en="Opportunity")
    quote = f.Link("quote", zh="报价", en="Quote")
    contract_kind = f.Choice(zh="类型", en="Kind", options=KINDS, default="sale")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="draft", flow=True, indexed=True)
    lines = f.Lines(zh="明细", en="Lines", sums_to="amount", data_class="confidential", group="lines")
    amount = f.Money(zh="合同金额", en="Amount", data_class="confidential", minimum=0, group="money")
    payment_terms = f.LongText(
        zh="付款条款", en="Payment terms", data_class="confidential", encrypted=True, group="money"
    )
    signer = f.Text(zh="客户签约人", en="Signed by", max_length=100, group="dates")
    signed_on = f.Date(zh="签订日期", en="Signed on", readonly=True, group="dates")
    starts_on = f.Date(zh="生效日期", en="Starts on", group="dates")
    ends_on = f.Date(zh="到期日期", en="Ends on", not_before="starts_on", group="dates")
    approved_by = f.PersonRef(zh="批准人", en="Approved by", readonly=True, group="legal")
    approved_at = f.DateTime(zh="批准时间", en="Approved at", readonly=True, group="legal")
    legal_note = f.LongText(zh="法务意见", en="Legal note", group="legal")
    special_terms = f.LongText(zh="特别约定", en="Special terms", encrypted=True, group="legal")
