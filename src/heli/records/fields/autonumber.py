"""Numbers given by the system: contract HT-2026-0001. The write door keeps the counters."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from heli.kernel.errors import Broken
from heli.records.fields.text import Text

_PLACE = re.compile(r"\{(year|month|n(?::0?\d+)?)\}")


class AutoNumber(Text):
    """A code made from `pattern`, such as ``HT-{year}-{n:04}``; each year or month it names counts anew.

    People never write it; an import may bring the numbers that a company already has.
    """

    kind = "auto_number"

    def __init__(self, pattern: str, *, max_length: int = 40, **common: Any) -> None:
        super().__init__(max_length=max_length, **{"readonly": True, "unique": True, "search": True, **common})
        if "{n" not in pattern or "{" in _PLACE.sub("", pattern):
            raise Broken(f"auto number pattern {pattern!r} needs {{n}} and may name {{year}} and {{month}}")
        self.number_pattern = pattern

    def counter(self, day: dt.date) -> str:
        """Name of the counter that gives `n` on this day: the pattern with its dates filled in."""
        return _PLACE.sub(lambda m: m.group() if m[1].startswith("n") else self._date(m[1], day), self.number_pattern)

    def number(self, n: int, day: dt.date) -> str:
        """The `n`-th code (from 1) of the period that `day` is in."""
        return self.number_pattern.format(n=n, year=f"{day.year:04}", month=f"{day.month:02}")

    @staticmethod
    def _date(name: str, day: dt.date) -> str:
        return f"{day.year:04}" if name == "year" else f"{day.month:02}"
