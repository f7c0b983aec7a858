"""产品: what we sell."""

from __future__ import annotations

from heli.records import fields as f
from heli.records.types import ObjectType, Record

STATUSES = (
    f.Option("active", "在售", "On sale", color="v1"),
    f.Option("planned", "待上市", "Planned", color="v5"),
    f.Option("retired", "已停售", "Retired", color="mute", closed=True),
)

UNITS = (
    f.Option("set", "套", "Set"),
    f.Option("piece", "台", "Piece"),
    f.Option("user", "用户", "User"),
    f.Option("year", "年", "Year"),
    f.Option("day", "人天", "Day of work"),
    f.Option("item", "项", "Item"),
)


class Product(Record):
    """A product with its list price; what it costs us is confidential."""

    heli = ObjectType(
        "product", zh="产品", en="Product", plural_en="Products", icon="package",
        title="name", key="name",
        related=(),
        columns=("name", "code", "series", "list_price", "unit", "status"),
        sorts=("name",),
        summary=("code", "series", "list_price", "unit", "status"),
        actions=(),
        kanban=None,
    )  # fmt: skip
    name = f.Text(zh="产品名称", en="Name", required=True, search=True, unique=True, max_length=200)
    code = f.AutoNumber("CP-{n:04}", zh="产品编号", en="Number")
    series = f.Text(zh="系列", en="Series", max_length=100)
    list_price = f.Money(zh="标准价", en="List price", data_class="public", minimum=0, price=True, group="money")
    cost_price = f.Money(zh="成本价", en="Cost price", data_class="confidential", minimum=0, price=True, group="money")
    unit = f.Choice(zh="单位", en="Unit", options=UNITS, default="set")
    status = f.Choice(zh="状态", en="Status", options=STATUSES, default="active")
    description = f.LongText(zh="说明", en="Description", data_class="public", group="other")
