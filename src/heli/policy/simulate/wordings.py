"""Permission lines by their wording: what is worded alike is looked at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from heli.access.core.line import Line
from heli.access.rules import parse_line


@lru_cache(maxsize=20_000)
def _line(wording: bytes) -> Line:
    return parse_line(orjson.loads(wording))


class Wordings:
    """Lines by their wording, parsed once: equal ones are the very same object, and equal lots of them one number."""

    def __init__(self) -> None:
        self._given: dict[int, tuple[object, tuple[Line, ...]]] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._narrow: dict[tuple[int, frozenset[str] | None], int] = {}
        self.lots: list[tuple[Line, ...]] = []
        self._scopes: dict[int, frozenset[str]] = {}

    def lines(self, given: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
        found = self._given.get(id(given))
        if found is None:
            lines = tuple(_line(orjson.dumps(one, option=orjson.OPT_SORT_KEYS)) for one in given)
            found = self._given[id(given)] = (given, lines)  # kept, so that its id is not given to another
        return found[1]

    def number(self, given: Sequence[Mapping[str, Any]], types: frozenset[str] | None) -> int:
        """The number of those of the lines that are on these types (None: on all)."""
        key = (id(given), types)
        found = self._narrow.get(key)
        if found is None:
            lines = tuple(one for one in self.lines(given) if types is None or one.type in types)
            ids = tuple(id(one) for one in lines)
            found = self._numbers.get(ids)
            if found is None:
                found = self._numbers[ids] = len(self.lots)
                self.lots.append(lines)
            self._narrow[key] = found
        return found

    def scopes(self, number: int) -> frozenset[str]:
        """The scopes that a lot of lines names."""
        found = self._scopes.get(number)
        if found is None:
            found = self._scopes[number] = frozenset(s for line in self.lots[number] for s in line.scopes)
        return found
