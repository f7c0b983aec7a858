"""订单: what is to be delivered."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("draft", "待确认", "To confirm", color="v5"),
    f.Option("confirmed", "已确认", "Confirmed", color="v2"),
    f.Option("delivering", "交付中", "Delivering", color="v6"),
    f.Option("delivered", "已交付", "Delivered", color="v1", closed=True),
    f.Option("cancelled", "已取消", "Cancelled", color="mute", closed=True),
)


class Order(Record):
    """An order under a contract; confirmed once, then delivered."""

    heli = ObjectType(
        "order", zh="订单", en="Order", plural_en="Orders", icon="shopping-cart",
        parent="account", title="code", key="code",
        related=("account", "contract"),
        columns=("code", "account", "contract", "status", "amount", "deliver_on", "owner"),
        sorts=("updated_at",),
        summary=("account", "contract", "status", "amount", "deliver_on", "delivered_on", "owner"),
        actions=("confirm", "deliver"),
        kanban=None,
    )  # fmt: skip
    code = f.AutoNumber("DD-{year}-{n:05}", zh="订单编号", en="Number")
    account = f.Link("account", label=True, zh="客户", en="Account")
    contract = f.Link("contract", zh="合同", en="Contract")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="draft", flow=True, indexed=True)
    lines = f.Lines(zh="明细", en="Lines", sums_to="amount", data_class="confidential", group="lines")
    amount = f.Money(zh="订单金额", en="Amount", data_class="confidential", minimum=0, group="money")
    ordered_on = f.Date(zh="下单日期", en="Ordered on", group="dates")
    confirmed_on = f.Date(zh="确认日期", en="Confirmed on", readonly=True, group="dates")
    deliver_on = f.Date(zh="要求交付", en="Deliver on", group="dates")
    delivered_on = f.Date(zh="实际交付", en="Delivered on", group="dates")
    receiver = f.Text(zh="收货人", en="Receiver", data_class="sensitive", max_length=100, group="contact")
    receiver_phone = f.Phone(zh="收货电话", en="Receiver's phone", group="contact")
    delivery_address = f.Address(zh="收货地址", en="Delivery address", data_class="sensitive", group="contact")
    note = f.LongText(zh="备注", en="Notes", group="other")
