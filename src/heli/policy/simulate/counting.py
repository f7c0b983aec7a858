"""How many records, and cells of them, each person gains and loses: exact, from one cube a type.

Cells of a cube stand as bits of one number, so that a right is a few ANDs and ORs and its records a few population counts;
what is reached row by row (team, relation, loans, workitems) is put right record by record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from heli.access.core import terms
from heli.access.core.line import Level
from heli.access.core.terms import Right
from heli.policy.simulate.rights import What
from heli.policy.simulate.symbolic import Difference, Group, Piece
from heli.records import cubes
from heli.records.cubes import Cell, Cube, Reached
from heli.records.types import TYPES


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


@dataclass(slots=True)
class Moved:
    """Records that one person has one right on, before and after, and how many of them are new and gone."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0


type Bucket = Callable[[int, Piece], Iterable[Hashable]]
"""For one person's piece: the heaps in which its records are counted together with other people's, each record once."""


@dataclass
class Counts:
    """By person and right; and over all people, how many different records each heap gains and loses."""

    moved: dict[tuple[int, What], Moved] = field(default_factory=dict)
    heaps: dict[Hashable, tuple[int, int]] = field(default_factory=dict)

    def seen(self, code: str) -> tuple[int, int]:
        """Different records of a type that come into somebody's sight, and that go out of it."""
        return self.heaps.get(("seen", code), (0, 0))

    @property
    def records(self) -> tuple[int, int]:
        """The same over all types."""
        found = [pair for key, pair in self.heaps.items() if isinstance(key, tuple) and key[0] == "seen"]
        return sum(new for new, _ in found), sum(gone for _, gone in found)

    @cached_property
    def cells(self) -> Mapping[int, tuple[int, int]]:
        """Cells that each person comes to read in full, and no longer reads."""
        found: dict[int, tuple[int, int]] = {}
        for (person, what), moved in self.moved.items():
            if what.action == "read" and what.fields and what.level == Level.READ:
                new, gone = found.get(person, (0, 0))
                found[person] = new + moved.gained * len(what.fields), gone + moved.lost * len(what.fields)
        return found


def _no_heap(person: int, piece: Piece) -> Iterable[Hashable]:
    return ()


def count(difference: Difference, bucket: Bucket = _no_heap) -> Counts:
    """Exact numbers for everything that differs: one cube for each type concerned, and one look at reach."""
    found = Counts()
    by_type: dict[str, list[tuple[Group, list[Piece]]]] = defaultdict(list)
    for group in difference.groups:
        own: dict[str, list[Piece]] = defaultdict(list)
        for piece in group.pieces:
            if piece.what.type in TYPES:
                own[piece.what.type].append(piece)
        for code, pieces in own.items():
            by_type[code].append((group, pieces))
    for code, groups in by_type.items():
        _count_type(code, groups, found, bucket)
    return found


def _count_type(code: str, groups: Sequence[tuple[Group, list[Piece]]], found: Counts, bucket: Bucket) -> None:
    rights = [right for _, pieces in groups for one in pieces for right in (one.before, one.after)]
    columns = frozenset(c for right in rights for c in terms.columns(right))
    conds = frozenset(c for right in rights for c in terms.conditions(right))
    pairs = frozenset(p for right in rights for p in terms.reaches(right))
    bits = Bits(cubes.cube(code, columns, conds))
    reaching = sorted({p for group, pieces in groups if any(map(_reaches, pieces)) for p in group.people})
    by_person: dict[int, list[Reached]] = defaultdict(list)
    for one in cubes.reached(code, reaching, pairs, columns, conds) if pairs else ():
        by_person[one.person].append(one)
    heaps: dict[Hashable, _Union] = defaultdict(lambda: _Union(bits))
    for group, pieces in groups:
        for at, person in enumerate(group.people):
            mine = by_person.get(person, [])
            for piece in pieces:
                before, after = group.before[at].ground(piece.before), group.after[at].ground(piece.after)
                moved = Moved()
                was, now = bits.right(before), bits.right(after)
                moved.before, moved.after = bits.weight(was), bits.weight(now)
                moved.gained, moved.lost = bits.weight(now & ~was), bits.weight(was & ~now)
                rows = piece.what.action == "read" and not piece.what.fields
                exact: dict[str, tuple[bool, bool]] = {}
                for one in mine if _reaches(piece) else ():
                    place = bits.at(one.cell)
                    if place is None:
                        continue
                    bit = 1 << place
                    plain = (bool(was & bit), bool(now & bit))
                    full = (_holds(before, one, bits), _holds(after, one, bits))
                    if full != plain:
                        _put_right(moved, plain, full)
                    exact[one.record] = full
                found.moved[person, piece.what] = moved
                for heap in (*((("seen", code),) if rows else ()), *bucket(person, piece)):
                    heaps[heap].add(person, now & ~was, was & ~now, mine, exact)
    found.heaps |= {heap: union.totals() for heap, union in heaps.items()}


def _reaches(piece: Piece) -> bool:
    return any(t.reached for right in (piece.before, piece.after) for t in right)


def _holds(right: Right, one: Reached, bits: Bits) -> bool:
    """Whether a right holds on a record that is reached."""
    columns = bits.cube.columns
    for term in right:
        if (
            term.reached <= one.pairs
            and all(one.cell[columns.index(c)] in values for c, values in term.keys)
            and all(one.cell[-1] >> bits.cube.conds.index(c) & 1 for c in term.conds)
        ):
            return True
    return False


def _put_right(moved: Moved, plain: tuple[bool, bool], full: tuple[bool, bool]) -> None:
    for sign, (was, now) in ((-1, plain), (1, full)):
        moved.before += sign * was
        moved.after += sign * now
        moved.gained += sign * (now and not was)
        moved.lost += sign * (was and not now)


class _Union:
    """Different records over many people."""

    def __init__(self, bits: Bits) -> None:
        self.bits = bits
        self._plain: list[dict[int, set[int]]] = [{}, {}]
        """Sets of cells gained (lost), each with the people who do."""
        self._exact: dict[str, tuple[Cell, dict[int, tuple[bool, bool]]]] = {}

    def add(
        self, person: int, gained: int, lost: int, mine: Sequence[Reached], exact: Mapping[str, tuple[bool, bool]]
    ) -> None:
        for side, cells in zip(self._plain, (gained, lost), strict=True):
            if cells:
                side.setdefault(cells, set()).add(person)
        for one in mine:
            if one.record in exact:
                was, now = exact[one.record]
                self._exact.setdefault(one.record, (one.cell, {}))[1][person] = (now and not was, was and not now)

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
