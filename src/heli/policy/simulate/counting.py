"""How many records, and cells of them, each person gains and loses: exact, from one cube a type; at most so many where it
hangs on cells that the asker does not read (``unread``).

Cells of a cube stand as bits of one number, so that a right is a few ANDs and ORs and its records a few population counts;
what is reached row by row (team, relation, loans, workitems) is put right record by record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial

from heli.access.core import terms
from heli.access.core.line import Level
from heli.access.core.terms import Right
from heli.access.unread import EVERYTHING_SHOWN, Unread
from heli.policy.simulate.bits import Bits, Span, Union
from heli.policy.simulate.places import Binding
from heli.policy.simulate.rights import What
from heli.policy.simulate.symbolic import Difference, Group, Piece
from heli.records import cubes
from heli.records.cubes import Reached
from heli.records.types import TYPES


@dataclass(slots=True)
class Moved:
    """Records that one person has one right on, before and after, and how many of them are new and gone."""

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0
    at_most: bool = False
    """What is new or gone hangs on cells that the asker does not read: it may be fewer."""
    held_at_most: bool = False
    """The same of before or after."""


type Bucket = Callable[[int, Piece], Iterable[Hashable]]
"""For one person's piece: the heaps in which its records are counted together with other people's, each record once."""


@dataclass
class Counts:
    """By person and right; and over all people, how many different records each heap gains and loses."""

    moved: dict[tuple[int, What], Moved] = field(default_factory=dict)
    heaps: dict[Hashable, tuple[int, int]] = field(default_factory=dict)
    at_most: set[Hashable] = field(default_factory=set)
    """Heaps that may hold fewer, for the asker does not read what decides it."""
    unread: dict[str, frozenset[str]] = field(default_factory=dict)
    """By type, the fields that the asker does not read and rights hang on."""

    def seen(self, code: str) -> tuple[int, int]:
        """Different records of a type that come into somebody's sight, and that go out of it."""
        return self.heaps.get(("seen", code), (0, 0))

    @property
    def records(self) -> tuple[int, int]:
        """The same over all types."""
        found = [pair for key, pair in self.heaps.items() if isinstance(key, tuple) and key[0] == "seen"]
        return sum(new for new, _ in found), sum(gone for _, gone in found)

    @property
    def records_at_most(self) -> bool:
        return any(isinstance(key, tuple) and key[0] == "seen" for key in self.at_most)

    @cached_property
    def cells_at_most(self) -> frozenset[int]:
        """People whose cells may be fewer."""
        return frozenset(person for (person, _), one in self._cells() if one.at_most)

    def _cells(self) -> Iterator[tuple[tuple[int, What], Moved]]:
        for key, moved in self.moved.items():
            if key[1].action == "read" and key[1].fields and key[1].level == Level.READ:
                yield key, moved

    @cached_property
    def cells(self) -> Mapping[int, tuple[int, int]]:
        """Cells that each person comes to read in full, and no longer reads."""
        found: dict[int, tuple[int, int]] = {}
        for (person, what), moved in self._cells():
            new, gone = found.get(person, (0, 0))
            found[person] = new + moved.gained * len(what.fields), gone + moved.lost * len(what.fields)
        return found


def _no_heap(person: int, piece: Piece) -> Iterable[Hashable]:
    return ()


def count(difference: Difference, bucket: Bucket = _no_heap, unread: Unread = EVERYTHING_SHOWN) -> Counts:
    """Exact numbers for everything that differs: one cube for each type concerned, and one look at reach.

    unread: what the asker does not read; what hangs on that is counted at most.
    """
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
        _count_type(code, groups, found, bucket, unread)
    return found


type Sides = tuple[Right, Right]
"""A right at least and at most."""


def _sides(code: str, right: Right, unread: Unread) -> Sides:
    least = unread.least(code, right)
    return (right, right) if least is right else (least, unread.most(code, right))


def _count_type(
    code: str, groups: Sequence[tuple[Group, list[Piece]]], found: Counts, bucket: Bucket, unread: Unread
) -> None:
    shown = {
        id(one): (_sides(code, one.before, unread), _sides(code, one.after, unread))
        for _, pieces in groups for one in pieces
    }  # fmt: skip
    rights = [right for pair in shown.values() for side in pair for right in side]
    hidden = unread.fields(code, (r for _, pieces in groups for one in pieces for r in (one.before, one.after)))
    if hidden:
        found.unread[code] = hidden
    columns = frozenset(c for right in rights for c in terms.columns(right))
    conds = frozenset(c for right in rights for c in terms.conditions(right))
    pairs = frozenset(p for right in rights for p in terms.reaches(right))
    bits = Bits(cubes.cube(code, columns, conds))
    reaching = sorted({p for group, pieces in groups if any(map(_reaches, pieces)) for p in group.people})
    by_person: dict[int, list[Reached]] = defaultdict(list)
    for one in cubes.reached(code, reaching, pairs, columns, conds) if pairs else ():
        by_person[one.person].append(one)
    heaps: dict[Hashable, Union] = defaultdict(lambda: Union(bits))
    for group, pieces in groups:
        for at, person in enumerate(group.people):
            mine = by_person.get(person, [])
            for piece in pieces:
                old, new = shown[id(piece)]
                before, after = _grounded(group.before[at], old), _grounded(group.after[at], new)
                within = _within(code, piece, (group.after[at], group.before[at]), unread) if hidden else None
                span = _span(bits.right, before, after, within)
                moved = Moved(
                    bits.weight(span.was[1]), bits.weight(span.now[1]), bits.weight(span.gained), bits.weight(span.lost),
                    not span.sure, not span.held_sure,
                )  # fmt: skip
                rows = piece.what.action == "read" and not piece.what.fields
                exact: dict[str, Span] = {}
                for one in mine if _reaches(piece) else ():
                    place = bits.at(one.cell)
                    if place is None:
                        continue
                    plain = Span(_bit(span.was, place), _bit(span.now, place), _bit(span.within, place))
                    full = _span(partial(_holds, one, bits), before, after, within)
                    if full != plain:
                        _put_right(moved, plain, full)
                    exact[one.record] = full
                found.moved[person, piece.what] = moved
                for heap in (*((("seen", code),) if rows else ()), *bucket(person, piece)):
                    heaps[heap].add(person, span.gained, span.lost, mine, exact)
                    if moved.at_most:
                        found.at_most.add(heap)
    found.heaps |= {heap: union.totals() for heap, union in heaps.items()}


def _grounded(binding: Binding, sides: Sides) -> Sides:
    least = binding.ground(sides[0])
    return least, least if sides[1] is sides[0] else binding.ground(sides[1])


def _within(code: str, piece: Piece, bindings: tuple[Binding, Binding], unread: Unread) -> Sides:
    """Where the rules themselves give, and take, anything."""
    gained, lost = (unread.most(code, right) for right in (piece.gained, piece.lost))
    return bindings[0].ground(gained), bindings[1].ground(lost)


def _span(asked: Callable[[Right], int], before: Sides, after: Sides, within: Sides | None) -> Span:
    was, now = _both(asked, before), _both(asked, after)
    return Span(was, now) if within is None else Span(was, now, (asked(within[0]), asked(within[1])))


def _both(asked: Callable[[Right], int], sides: Sides) -> tuple[int, int]:
    least = asked(sides[0])
    return least, least if sides[1] is sides[0] else asked(sides[1])


def _bit(side: tuple[int, int], place: int) -> tuple[int, int]:
    return side[0] >> place & 1, side[1] >> place & 1


def _reaches(piece: Piece) -> bool:
    return any(t.reached for right in (piece.before, piece.after) for t in right)


def _holds(one: Reached, bits: Bits, right: Right) -> int:
    """Whether a right holds on a record that is reached: 0 or 1."""
    columns = bits.cube.columns
    for term in right:
        if (
            term.reached <= one.pairs
            and all(one.cell[columns.index(c)] in values for c, values in term.keys)
            and all(one.cell[-1] >> bits.cube.conds.index(c) & 1 for c in term.conds)
        ):
            return 1
    return 0


def _put_right(moved: Moved, plain: Span, full: Span) -> None:
    for sign, span in ((-1, plain), (1, full)):
        moved.before += sign * span.was[1]
        moved.after += sign * span.now[1]
        moved.gained += sign * span.gained
        moved.lost += sign * span.lost
    moved.at_most = moved.at_most or not full.sure
    moved.held_at_most = moved.held_at_most or not full.held_sure
