"""Sets of a cube's cells as bits of one number, and what many people have together of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access.core.terms import Right
from heli.records.cubes import Cell, Cube, Reached


class Bits:
    """A cube's cells as bits."""

    def __init__(self, cube: Cube) -> None:
        self.cube = cube
        self.every = (1 << len(cube.cells)) - 1
        self._at = {cell: i for i, cell in enumerate(cube.cells)}
        self._by: dict[str, dict[Any, list[int]]] = {}
        self._values: dict[tuple[str, frozenset[Any]], int] = {}
        self._conds: dict[Any, int] = {}
        self._size = len(cube.cells) // 8 + 1
        top = max(cube.counts, default=0).bit_length()
        self._slices = [self._mask(i for i, n in enumerate(cube.counts) if n >> k & 1) for k in range(top)]

    def _mask(self, places: Iterable[int]) -> int:
        made = bytearray(self._size)
        for at in places:
            made[at >> 3] |= 1 << (at & 7)
        return int.from_bytes(made, "little")

    def weight(self, bits: int) -> int:
        """How many records these cells hold."""
        if not bits:
            return 0
        return sum((bits & part).bit_count() << k for k, part in enumerate(self._slices))

    def at(self, cell: Cell) -> int | None:
        return self._at.get(cell)

    def values(self, column: str, values: frozenset[Any]) -> int:
        key = (column, values)
        found = self._values.get(key)
        if found is None:
            if column not in self._by:
                place = self.cube.columns.index(column)
                by: dict[Any, list[int]] = defaultdict(list)
                for i, cell in enumerate(self.cube.cells):
                    by[cell[place]].append(i)
                self._by[column] = by
            have = self._by[column]
            found = self._values[key] = self._mask(i for v in values for i in have.get(v, ()))
        return found

    def cond(self, cond: Any) -> int:
        found = self._conds.get(cond)
        if found is None:
            bit = 1 << self.cube.conds.index(cond)
            found = self._conds[cond] = self._mask(i for i, cell in enumerate(self.cube.cells) if cell[-1] & bit)
        return found

    def right(self, right: Right, pairs: frozenset[tuple[str, str]] = frozenset()) -> int:
        """The cells in which a right holds for records that are reached in these ways and no other."""
        found = 0
        for term in right:
            if not term.reached <= pairs:
                continue
            bits = self.every
            for column, values in term.keys:
                bits &= self.values(column, values)
            for cond in term.conds:
                bits &= self.cond(cond)
            found |= bits
        return found


@dataclass(frozen=True, slots=True)
class Span:
    """A right before and after, each at least and at most: of records' cells as bits, or of one record as 0 and 1."""

    was: tuple[int, int]
    now: tuple[int, int]
    within: tuple[int, int] = (-1, -1)
    """Where anything can be gained and lost by the rules alone, whatever the cells hold."""

    @property
    def gained(self) -> int:
        return self.now[1] & ~self.was[0] & self.within[0]

    @property
    def lost(self) -> int:
        return self.was[1] & ~self.now[0] & self.within[1]

    @property
    def sure(self) -> bool:
        """Whether exactly so much is gained and lost."""
        return self.gained == self.now[0] & ~self.was[1] and self.lost == self.was[0] & ~self.now[1]

    @property
    def held_sure(self) -> bool:
        return self.was[0] == self.was[1] and self.now[0] == self.now[1]


class Union:
    """Different records over many people."""

    def __init__(self, bits: Bits) -> None:
        self.bits = bits
        self._plain: list[dict[int, set[int]]] = [{}, {}]
        """Sets of cells gained (lost), each with the people who do."""
        self._exact: dict[str, tuple[Cell, dict[int, tuple[bool, bool]]]] = {}

    def add(self, person: int, gained: int, lost: int, mine: Sequence[Reached], exact: Mapping[str, Span]) -> None:
        for side, cells in zip(self._plain, (gained, lost), strict=True):
            if cells:
                side.setdefault(cells, set()).add(person)
        for one in mine:
            if one.record in exact:
                span = exact[one.record]
                self._exact.setdefault(one.record, (one.cell, {}))[1][person] = (bool(span.gained), bool(span.lost))

    def totals(self) -> tuple[int, int]:
        return self._total(0), self._total(1)

    def _total(self, at: int) -> int:
        side = self._plain[at]
        every = 0
        for cells in side:
            every |= cells
        total = self.bits.weight(every)
        for cell, people in self._exact.values():
            place = self.bits.at(cell)
            if place is None:
                continue
            plain = bool(every >> place & 1)
            full = any(answer[at] for answer in people.values()) or any(
                cells >> place & 1 and not who <= people.keys() for cells, who in side.items()
            )
            total += full - plain
        return total
