"""发票: what finance billed."""

from __future__ import annotations

from heli.crm.objects.options import TAX_RATES
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("requested", "待开票", "Requested", color="wait"),
    f.Option("issued", "已开票", "Issued", color="v1"),
    f.Option("red", "已红冲", "Reversed", color="mute", closed=True),
    f.Option("void", "已作废", "Void", color="mute", closed=True),
)

KINDS = (
    f.Option("special", "增值税专用发票", "VAT special"),
    f.Option("ordinary", "增值税普通发票", "VAT ordinary"),
    f.Option("electronic", "数电发票", "Digital"),
)


class Invoice(Record):
    """An invoice. Asked for by sales, issued and kept by finance."""

    heli = ObjectType(
        "invoice", zh="发票", en="Invoice", plural_en="Invoices", icon="receipt",
        parent="account", title="code", key="code",
        related=("account", "contract"),
        columns=("code", "account", "contract", "status", "amount", "invoice_number", "issued_on", "owner"),
        sorts=("updated_at",),
        summary=("account", "contract", "status", "amount", "invoice_number", "issued_on", "owner"),
        actions=(),
        kanban=None,
    )  # fmt: skip
    code = f.AutoNumber("FP-{year}-{n:05}", zh="开票编号", en="Number")
    account = f.Link("account", label=True, zh="客户", en="Account")
    contract = f.Link("contract", zh="合同", en="Contract")
    payment = f.Link("payment", zh="回款", en="Payment")
    invoice_kind = f.Choice(zh="发票类型", en="Kind", options=KINDS, default="electronic")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="requested")
    invoice_number = f.Text(zh="发票号码", en="Invoice number", search=True, max_length=40)
    amount = f.Money(zh="价税合计", en="Amount", data_class="confidential", minimum=0, group="money")
    tax_rate = f.Choice(zh="税率", en="Tax rate", options=TAX_RATES, default="13", group="money")
    title_name = f.Text(zh="开票抬头", en="Billed to", max_length=200, group="finance")
    title_code = f.CreditCode(zh="税号", en="Tax number", group="finance")
    title_bank = f.Text(
        zh="开户行及账号", en="Bank and account", data_class="confidential", max_length=200, group="finance"
    )
    requested_on = f.Date(zh="申请日期", en="Requested on", group="dates")
    issued_on = f.Date(zh="开票日期", en="Issued on", group="dates")
    note = f.LongText(zh="备注", en="Notes", group="other")
