"""Decimals kept as scaled integers: sums are exact on every database (SQLite adds decimals as floats)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models

from heli.kernel.words import Words
from heli.records.fields.base import EMPTY_OPERATORS, Field, FieldError, Schema, TextStyle

COMPARE = ("=", "!=", "in", "<", "<=", ">", ">=", *EMPTY_OPERATORS)
LARGEST = 10**17 - 1
"""Largest scaled value: the sum of 90 of them still fits 64 bits."""

NOT_NUMBER = Words("应为数字，如 {example}", "must be a number such as {example}")
NOT_DECIMAL = Words('应为十进制数文本，如 "{example}"', 'must be a decimal written as text, such as "{example}"')
TOO_SMALL = Words("不能小于 {n}", "must be at least {n}")
TOO_BIG = Words("不能大于 {n}", "must be at most {n}")
TOO_FINE = Words("小数最多 {n} 位", "takes at most {n} decimal places")
NOT_WHOLE = Words("应为整数", "must be a whole number")
_DECIMAL = re.compile(r"[0-9]+(?:\.([0-9]+))?\Z", re.ASCII).match


class Scaled(Field):
    """A decimal with a fixed number of places, as JSON text; ``12.5`` with two places is stored as 1250."""

    operators: tuple[str, ...] = COMPARE
    sql_type: ClassVar[str] = "bigint"
    sortable = True
    summable = True

    def __init__(
        self,
        *,
        places: int,
        minimum: int | str | None = None,
        maximum: int | str | None = None,
        **common: Any,
    ) -> None:
        super().__init__(**common)
        self.places = places
        self.factor = 10**places
        self.lowest = -LARGEST if minimum is None else int(Decimal(minimum) * self.factor)
        self.highest = LARGEST if maximum is None else int(Decimal(maximum) * self.factor)
        whole = 17 - places
        rest = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        sign = "-?" if self.lowest < 0 else ""
        self._shape(f"^{sign}[0-9]{{1,{whole}}}{rest}$")

    def _shape(self, pattern: str) -> None:
        self.pattern = pattern
        self._matches = re.compile(pattern[:-1] + r"\Z", re.ASCII).match

    def _column(self) -> models.Field[Any, Any]:
        return models.BigIntegerField(null=True, blank=True)

    def sort_sentinel(self, descending: bool) -> int:
        return -(2**62) if descending else 2**62

    def _parse(self, value: object) -> int:
        return self._bounded(self._number(value))

    def _operand(self, value: object) -> int:
        return self._number(value)  # one may ask for more than a value can be

    def _number(self, value: object) -> int:
        if not isinstance(value, str) or not self._matches(value):
            if isinstance(value, str) and value[:1] == "-" and self._matches(value[1:]):
                raise FieldError("too_small", TOO_SMALL.fill(n=self.text(self.lowest)))
            if (
                isinstance(value, str) and (found := _DECIMAL(value)) is not None
            ):  # a number, and not one that this takes
                if len(found[1] or "") > self.places:
                    raise FieldError("type", TOO_FINE.fill(n=str(self.places)) if self.places else NOT_WHOLE)
                raise FieldError("too_big", TOO_BIG.fill(n=self.text(self.highest)))
            words = NOT_NUMBER if isinstance(value, str) else NOT_DECIMAL
            raise FieldError("type", words.fill(example=self.text(12 * self.factor + self.factor // 2)))
        whole, _, rest = value.partition(".")
        return int(whole + rest.ljust(self.places, "0"))

    def _bounded(self, number: int) -> int:
        if number < self.lowest:
            raise FieldError("too_small", TOO_SMALL.fill(n=self.text(self.lowest)))
        if number > self.highest:
            raise FieldError("too_big", TOO_BIG.fill(n=self.text(self.highest)))
        return number

    def text(self, value: int) -> str:
        """``123450`` -> ``"1234.50"``: all places, no grouping."""
        if not self.places:
            return str(value)
        whole, rest = divmod(abs(value), self.factor)
        return f"{'-' if value < 0 else ''}{whole}.{rest:0{self.places}d}"

    def said(self, value: Any) -> Words:
        """``50000000`` of two places -> ``500,000``."""
        whole, _, rest = self.text(abs(int(value))).partition(".")
        text = ("-" if value < 0 else "") + f"{int(whole):,}" + (f".{rest}" if rest.strip("0") else "")
        return Words(text, text)

    def dump(self, value: Any) -> Any:
        return None if value is None else self.text(int(value))

    def _json_of(self, text: str, style: TextStyle) -> object:
        return plain_number(text, style)

    def value_schema(self) -> Schema:
        return {"type": "string", "pattern": self.pattern}

    def meta(self) -> dict[str, Any]:
        low = None if self.lowest == -LARGEST else self.text(self.lowest)
        high = None if self.highest == LARGEST else self.text(self.highest)
        return {"places": self.places, "minimum": low, "maximum": high}


_CURRENCY = re.compile(r"^(?:[$€£¥￥]|CNY|RMB|USD|EUR)\s*|\s*(?:元|CNY|RMB|USD|EUR)$")
_TAIL_ZEROS = re.compile(r"(\.[0-9]*?)0+\Z")


def plain_number(text: str, style: TextStyle) -> str:
    """A file's number without grouping and currency; brackets are a minus: ``(1,234.50)`` -> ``-1234.5``."""
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    text = _CURRENCY.sub("", text)
    if style.grouping:
        text = text.replace(style.grouping, "")
    if style.decimal != ".":
        text = text.replace(style.decimal, ".")
    if text.startswith("+"):
        text = text[1:]
    return _TAIL_ZEROS.sub(r"\1", text).removesuffix(".")
