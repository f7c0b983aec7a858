"""What days and moments have in common: the years that may be written, and which comes first."""

from __future__ import annotations

import datetime as dt
from typing import Any

from heli.kernel.words import Words
from heli.records.fields.base import Field, FieldError, Schema

FIRST, LAST = 1900, 2200
"""Years that may be written: no birthday is earlier, no contract ends later. What stands there already is kept and found."""
YEAR = r"(19[0-9]{2}|2[01][0-9]{2}|2200)"
"""The same for a schema."""
ANY_YEAR = "(?!0000)[0-9]{4}"
NO_YEAR = Words(
    "年份应在 {first} 到 {last} 之间，这里是 {year} 年：请检查年份是否输错",
    "the year must be from {first} to {last}, and this is {year}: look whether it was mistyped",
)


class Timely(Field):
    """Base of dates and moments. not_before: a field of the same kind and type whose value this one may not precede, when both are
    there (``ends_on`` that of ``starts_on``): held by the write door."""

    def __init__(self, *, not_before: str = "", **common: Any) -> None:
        super().__init__(**common)
        self.not_before = not_before

    def _parse(self, value: object) -> Any:
        found = self._operand(value)
        if not FIRST <= found.year <= LAST:
            year = f"{found.year:04}"
            raise FieldError("year", NO_YEAR.fill(first=str(FIRST), last=str(LAST), year=year))
        return found

    def _operand(self, value: object) -> dt.date:
        """Any day there is: one may ask for what nobody may write."""
        raise NotImplementedError

    def once(self, value: object) -> Any:
        return self.empty_value if value is None else self._operand(value)

    def value_input_schema(self) -> Schema:
        found = self.value_schema()
        return {**found, "pattern": found["pattern"].replace(ANY_YEAR, YEAR)}
