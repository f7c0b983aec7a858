"""明细: the product lines of a quote, an order, a contract."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

import orjson
from django.db import models

from heli.kernel.money import rounded
from heli.kernel.words import Words
from heli.records.fields.base import EMPTY_OPERATORS, Field, FieldError, Schema, check_text
from heli.records.fields.choices import NOT_LIST
from heli.records.fields.link import Link
from heli.records.fields.money import Money
from heli.records.fields.number import Number
from heli.records.fields.percent import Percent
from heli.records.fields.scaled import LARGEST

MOST = 200
DESCRIPTION = 500
_QUANTITY = Number(zh="数量", en="Quantity", places=3, minimum=0, maximum=10**9, required=True)
_PRICE = Money(zh="单价", en="Unit price", minimum=0, maximum=10**12, required=True)
_DISCOUNT = Percent(zh="折扣", en="Discount", default="0.00")
_AMOUNT = Money(zh="金额", en="Amount")
_PRODUCT = Link("product", zh="产品", en="Product")
_KEYS = frozenset(("product", "description", "quantity", "unit_price", "discount", "amount"))


class Lines(Field):
    """Up to 200 lines of product, description, quantity, unit price and discount (per cent off).

    Each amount is quantity × price × (1 − discount), half to even; an amount that is sent is not used.
    Stored as JSON text of scaled integers, so that a sum is exact.
    """

    kind = "lines"
    product = _PRODUCT
    operators: tuple[str, ...] = EMPTY_OPERATORS

    def __init__(self, *, sums_to: str = "", **common: Any) -> None:
        super().__init__(**common)
        self.sums_to = sums_to
        """Code of the money field that always holds the total of lines that are there."""

    def _column(self) -> models.Field[Any, Any]:
        return models.TextField(null=True, blank=True)

    def _parse(self, value: object) -> Any:
        if not isinstance(value, list):
            raise FieldError("type", NOT_LIST)
        if len(value) > MOST:
            raise FieldError("too_long", Words(f"最多 {MOST} 行", f"at most {MOST} lines"))
        lines = [_line(one, str(n)) for n, one in enumerate(value)]
        if sum(line["amount"] for line in lines) > LARGEST:
            raise FieldError("too_big", Words("合计过大", "the total is too large"))
        return orjson.dumps(lines).decode() if lines else None

    def total(self, value: Any) -> int:
        """Sum of the amounts in minor units."""
        return sum(line["amount"] for line in stored(value))

    def products(self, value: Any) -> list[str]:
        """Ids of the products named, in order."""
        return [line["product"] for line in stored(value) if line["product"]]

    def dump(self, value: Any) -> Any:
        return [
            {
                "product": _PRODUCT.dump(line["product"]),
                "description": line["description"],
                "quantity": _QUANTITY.dump(line["quantity"]),
                "unit_price": _PRICE.dump(line["unit_price"]),
                "discount": _DISCOUNT.dump(line["discount"]),
                "amount": _AMOUNT.dump(line["amount"]),
            }
            for line in stored(value)
        ]

    line_fields: ClassVar[dict[str, Field]] = {
        "product": _PRODUCT,
        "quantity": _QUANTITY,
        "unit_price": _PRICE,
        "discount": _DISCOUNT,
        "amount": _AMOUNT,
    }
    """What a line has beside its description, in the order in which people read it."""

    def value_schema(self) -> Schema:
        return {
            "type": "array",
            "maxItems": MOST,
            "items": _object(_PRODUCT.schema(), "value_schema", sorted(_KEYS)),
        }

    def schema(self) -> Schema:
        return self.value_schema()

    def value_input_schema(self) -> Schema:
        items = _object(_PRODUCT.input_schema(), "input_schema", ["quantity", "unit_price"])
        return {"type": "array", "maxItems": MOST, "items": items}


def stored(value: Any) -> list[dict[str, Any]]:
    """The lines as stored: scaled integers (quantity 1/1000, money 1/100, discount 1/100 per cent)."""
    return orjson.loads(value) if value else []


def _line(value: object, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FieldError("type", Words("应为对象", "must be an object"), place)
    for key in value:
        if key not in _KEYS:
            raise FieldError("unknown", Words("没有这个栏目", "no such column"), f"{place}/{key}")
    quantity = _part(_QUANTITY, value, "quantity", place)
    price = _part(_PRICE, value, "unit_price", place)
    discount = _part(_DISCOUNT, value, "discount", place) or 0
    _part(_AMOUNT, value, "amount", place)
    amount = rounded(Decimal(quantity) * price * (10_000 - discount) / Decimal(1000 * 100 * 10_000))
    if amount > LARGEST:
        raise FieldError("too_big", Words("金额过大", "the amount is too large"), f"{place}/unit_price")
    return {
        "product": _part(_PRODUCT, value, "product", place),
        "description": check_text(value.get("description") or "", DESCRIPTION, f"{place}/description"),
        "quantity": quantity,
        "unit_price": price,
        "discount": discount,
        "amount": amount,
    }


def _part(field: Field, line: dict[str, Any], key: str, place: str) -> Any:
    try:
        return field.parse(line.get(key))
    except FieldError as error:
        raise FieldError(error.code, error.words, f"{place}/{key}") from None


def _object(product: Schema, way: str, required: list[str]) -> Schema:
    parts = {"quantity": _QUANTITY, "unit_price": _PRICE, "discount": _DISCOUNT, "amount": _AMOUNT}
    described: Schema = {key: getattr(field, way)() for key, field in parts.items()}
    text: Schema = {"type": "string", "maxLength": DESCRIPTION, "pattern": "^[^\\u0000]*$"}
    return {
        "type": "object",
        "properties": {"product": product, "description": text, **described},
        "required": required,
        "additionalProperties": False,
    }
