"""Percentages with two places: ``"12.50"`` is twelve and a half per cent."""

from __future__ import annotations

from typing import Any

from heli.kernel.words import Words
from heli.records.fields.base import TextStyle
from heli.records.fields.scaled import Scaled, plain_number


class Percent(Scaled):
    """A share between `minimum` and `maximum` per cent (0 to 100 unless told)."""

    kind = "percent"
    summable = False

    def __init__(self, *, minimum: int | str = 0, maximum: int | str = 100, **common: Any) -> None:
        super().__init__(places=2, minimum=minimum, maximum=maximum, **common)
        if (minimum, maximum) == (0, 100):  # say the bounds in the schema too
            self._shape(r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)$")

    def said(self, value: Any) -> Words:
        text = super().said(value).en + "%"
        return Words(text, text)

    def _json_of(self, text: str, style: TextStyle) -> object:
        return plain_number(text.removesuffix("%").removesuffix("％").rstrip(), style)
