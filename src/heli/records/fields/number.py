"""Numbers: whole ones travel as JSON integers, those with places as decimal text."""

from __future__ import annotations

import re
from typing import Any

from heli.kernel.words import Words
from heli.records.fields.base import FieldError, Schema, TextStyle
from heli.records.fields.scaled import TOO_BIG, Scaled, plain_number

NOT_WHOLE = Words("应为整数", "must be a whole number")
SAFE = 2**53 - 1
"""Largest integer that every JSON reader keeps exactly."""


class Number(Scaled):
    """A number with 0 to 6 places between `minimum` and `maximum` (both included)."""

    kind = "number"

    def __init__(
        self,
        *,
        places: int = 0,
        minimum: int | str | None = None,
        maximum: int | str | None = None,
        **common: Any,
    ) -> None:
        super().__init__(places=places, minimum=minimum, maximum=maximum, **common)
        if not places:
            self.lowest, self.highest = max(self.lowest, -SAFE), min(self.highest, SAFE)

    def _number(self, value: object) -> int:
        if self.places:
            return super()._number(value)
        if isinstance(value, float) and value.is_integer() and abs(value) <= SAFE:
            value = int(value)  # JSON Schema calls 3.0 an integer
        if not isinstance(value, int) or isinstance(value, bool):
            raise FieldError("type", NOT_WHOLE)
        if abs(value) > SAFE:
            raise FieldError("too_big", TOO_BIG.fill(n=SAFE))
        return value

    def dump(self, value: Any) -> Any:
        return super().dump(value) if self.places else None if value is None else int(value)

    def _json_of(self, text: str, style: TextStyle) -> object:
        text = plain_number(text, style)
        if self.places:
            return text
        return int(text) if re.fullmatch("-?[0-9]{1,18}", text, re.ASCII) else text

    def value_schema(self) -> Schema:
        if self.places:
            return super().value_schema()
        return {"type": "integer", "minimum": self.lowest, "maximum": self.highest}
