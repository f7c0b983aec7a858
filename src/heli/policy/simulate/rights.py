"""Every right on one object type that given lines come to under ceilings: rows, cells by level, writing, limits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from heli.access.core.line import Level, Line, TypeShape
from heli.access.facts import CeilingFact
from heli.access.shapes import SHAPES
from heli.policy.simulate.holdings import Company, Given, Resolver
from heli.policy.simulate.terms import Right, Term, both, union

LIMITED = ("approve", "export")
WRITING = ("edit", "create")


@dataclass(frozen=True, slots=True)
class What:
    """One right: an action on a type; of cells, these fields at this level (or writing them); at least this limit."""

    type: str
    action: str
    fields: tuple[str, ...] = ()
    level: Level | None = None
    limit: int | None = None


class Rights:
    """Unions of lines' terms for people who are alike, worked out once for each set of lines."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._unions: dict[object, Right] = {}

    def of(self, given: Sequence[Given], *, itself: bool = False) -> Right:
        """Where one of these lines holds; ``itself``: not counting what is lent through reach."""
        key = (frozenset((id(g.line), g.department, g.project) for g in given), itself)
        found = self._unions.get(key)
        if found is None:
            terms = (t for g in given for t in self._resolver.terms(g.line, g.department, g.project))
            found = self._unions[key] = union(t for t in terms if not (itself and t.reached))
        return found


@dataclass(frozen=True, slots=True)
class Cap:
    """A ceiling's lines for one type."""

    ceiling: CeilingFact
    lines: tuple[Given, ...]

    def concerns(self, action: str) -> bool:
        return self.ceiling.actions is None or action in self.ceiling.actions

    def covering(self, action: str) -> list[Given]:
        return [g for g in self.lines if action in g.line.actions or "*" in g.line.actions]


@dataclass(frozen=True)
class Side:
    """One world's part of a comparison: what is given on one type, and what bounds it."""

    rights: Rights
    given: tuple[Given, ...]
    caps: tuple[Cap, ...]

    def held(self, action: str) -> list[Given]:
        """Lines that give the action, after ceilings that name roles."""
        found = [g for g in self.given if action in g.line.actions]
        for cap in self.caps:
            if cap.ceiling.roles is not None and cap.concerns(action):
                found = [g for g in found if g.role in cap.ceiling.roles]
        return found

    def bounds(self, action: str) -> list[Cap]:
        return [cap for cap in self.caps if cap.ceiling.roles is None and cap.concerns(action)]

    def right(
        self, action: str, fits: Callable[[Line], bool], cap_fits: Callable[[Line], bool], *, itself: bool = False
    ) -> Right:
        """Where the action is allowed by lines that fit, under ceilings by their lines that fit."""
        found = self.rights.of([g for g in self.held(action) if fits(g.line)], itself=itself)
        for cap in self.bounds(action):
            if not found:
                return ()
            found = both(found, self.rights.of([g for g in cap.covering(action) if cap_fits(g.line)]))
        return found

    def marks(self, action: str) -> tuple[object, ...]:
        """Equal for two sides of alike people only when the action's rights are equal."""
        return (
            frozenset((id(g.line), g.department, g.project) for g in self.held(action)),
            frozenset(frozenset((id(g.line)) for g in cap.covering(action)) for cap in self.bounds(action)),
        )


def side(company: Company, rights: Rights, kind: str, code: str, given: tuple[Given, ...]) -> Side:
    caps = tuple(
        Cap(one, tuple(Given(line, "", None, None) for line in company.ceiling_lines(one)))
        for one in company.ceilings(kind, code)
    )
    return Side(rights, given, caps)


def _any(line: Line) -> bool:
    return True


_LEVELS: dict[tuple[int, str], tuple[Line, tuple[Level, ...]]] = {}


def levels_of(line: Line, shape: TypeShape) -> tuple[Level, ...]:
    """What a line gives each field, in the order of the type's fields."""
    found = _LEVELS.get((id(line), shape.code))
    if found is None or found[0] is not line:
        if len(_LEVELS) > 50_000:
            _LEVELS.clear()
        levels = tuple(line.level(one.code, one.data_class) for one in shape.fields.values())
        found = _LEVELS[id(line), shape.code] = (line, levels)
    return found[1]


def compared(code: str, one: Side, other: Side, *, alike: bool) -> Iterator[tuple[What, Right, Right]]:
    """Rights on a type that the two sides could have differently. ``alike``: equal lines mean equal rights for both."""
    shape = SHAPES[code]
    actions = {a for s in (one, other) for g in s.given for a in g.line.actions}
    moved = {a for a in sorted(actions) if not alike or one.marks(a) != other.marks(a)}
    for action in sorted(moved):
        yield What(code, action), one.right(action, _any, _any), other.right(action, _any, _any)
        if action in LIMITED:
            yield from _limits(code, action, one, other)
    if not shape.fields:
        return
    if "read" in moved:
        yield from _reading(shape, one, other)
    for action in WRITING:
        if action in moved or (action == "edit" and "edit" in actions and "read" in moved):
            yield from _writing(shape, action, one, other)


def _limits(code: str, action: str, one: Side, other: Side) -> Iterator[tuple[What, Right, Right]]:
    """For every limit that is named: where at least so much is allowed."""
    lines = [
        g.line
        for s in (one, other)
        for g in (*s.held(action), *(g for c in s.bounds(action) for g in c.covering(action)))
    ]
    for limit in sorted({line.limit for line in lines if line.limit}):

        def gives(line: Line, limit: int = limit) -> bool:
            return (line.limit or 0) >= limit

        def caps(line: Line, limit: int = limit) -> bool:
            return line.limit is None or line.limit >= limit

        yield What(code, action, limit=limit), one.right(action, gives, caps), other.right(action, gives, caps)


def _reading(shape: TypeShape, one: Side, other: Side) -> Iterator[tuple[What, Right, Right]]:
    """Fields that are alike on both sides are one question."""
    lines = [
        g.line
        for s in (one, other)
        for g in (*s.held("read"), *(g for c in s.bounds("read") for g in c.covering("read")))
    ]
    alike: dict[tuple[Level, ...], list[str]] = defaultdict(list)
    vectors = [levels_of(line, shape) for line in lines]
    for code, *vector in zip(shape.fields, *vectors, strict=True):
        alike[tuple(vector)].append(code)
    for codes in alike.values():
        first = shape.fields[codes[0]]
        for level in (Level.MASKED, Level.READ):
            yield (
                What(shape.code, "read", tuple(codes), level),
                _cells(one, first.code, first.data_class, level), _cells(other, first.code, first.data_class, level),
            )  # fmt: skip


def _cells(side: Side, code: str, data_class: str, level: Level) -> Right:
    def fits(line: Line) -> bool:
        return line.level(code, data_class) >= level

    return side.right("read", fits, fits)


def _writing(shape: TypeShape, action: str, one: Side, other: Side) -> Iterator[tuple[What, Right, Right]]:
    """Fields that may be written; of edited ones only where they are read too."""

    def lines(s: Side, action: str) -> list[Line]:
        return [g.line for g in (*s.held(action), *(g for c in s.bounds(action) for g in c.covering(action)))]

    writing = lines(one, action) + lines(other, action)
    reading = lines(one, "read") + lines(other, "read") if action == "edit" else []
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for field in shape.fields.values():
        if field.readonly:
            continue
        alike[
            field.key and action == "edit",
            tuple(line.may_write(field.code) for line in writing),
            tuple(line.level(field.code, field.data_class) for line in reading),
        ].append(field.code)
    for (key, _, _), codes in alike.items():
        first = shape.fields[codes[0]]
        rights = []

        def writes(line: Line, code: str = first.code) -> bool:
            return line.may_write(code)

        for s in (one, other):
            found = s.right(action, writes, writes, itself=bool(key))
            if found and action == "edit":
                found = both(found, _cells(s, first.code, first.data_class, Level.READ))
            rights.append(found)
        yield What(shape.code, action, tuple(codes)), rights[0], rights[1]


__all__ = ["Cap", "Rights", "Side", "Term", "What", "compared", "levels_of", "side"]
