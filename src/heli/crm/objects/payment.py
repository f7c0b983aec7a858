"""回款: money that came in, or is due."""

from __future__ import annotations

from heli.crm.objects.options import PAYMENT_METHODS
from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("planned", "待回款", "Due", color="wait"),
    f.Option("received", "待核销", "Received", color="v2"),
    f.Option("confirmed", "已核销", "Confirmed", color="v1", closed=True),
    f.Option("cancelled", "已取消", "Cancelled", color="mute", closed=True),
)


class Payment(Record):
    """A payment under a contract. Finance confirms it against the bank statement."""

    heli = ObjectType(
        "payment", zh="回款", en="Payment", plural_en="Payments", icon="cash",
        parent="account", title="code", key="code",
        related=("account", "contract"),
        columns=("code", "account", "contract", "status", "amount", "due_on", "received_on", "owner"),
        sorts=("updated_at", "due_on"),
        summary=("account", "contract", "status", "amount", "due_on", "received_on", "owner"),
        actions=("confirm",),
        kanban=None,
    )  # fmt: skip
    code = f.AutoNumber("HK-{year}-{n:05}", zh="回款编号", en="Number")
    account = f.Link("account", label=True, zh="客户", en="Account")
    contract = f.Link("contract", zh="合同", en="Contract")
    order = f.Link("order", zh="订单", en="Order")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="planned", flow=True, indexed=True)
    term = f.Number(zh="期次", en="Term", minimum=1, maximum=100)
    amount = f.Money(zh="金额", en="Amount", data_class="confidential", minimum=0, group="money")
    method = f.Choice(zh="付款方式", en="Method", options=PAYMENT_METHODS, group="money")
    due_on = f.Date(zh="应付日期", en="Due on", group="dates")
    received_on = f.Date(zh="到账日期", en="Received on", group="dates")
    confirmed_on = f.Date(zh="核销日期", en="Confirmed on", readonly=True, group="dates")
    payer_account = f.Text(
        zh="付款账号", en="Payer's account", data_class="confidential", max_length=40, group="finance"
    )
    bank_reference = f.Text(
        zh="银行流水号", en="Bank reference", data_class="confidential", max_length=60, group="finance"
    )
    note = f.LongText(zh="备注", en="Notes", group="other")
