"""Every right on one object type that given lines come to under ceilings: rows, cells by level, writing, limits.

A right is an AND of factors: some line that gives it holds, and of every ceiling one that lets it pass. What differs
between two sides follows from the lines that only one of them has; the rest is only asked whether it covers them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from heli.access.core.line import Level, Line, TypeShape
from heli.access.core.terms import Right, Term, both, joined, left, union, within
from heli.access.facts import CeilingFact
from heli.access.shapes import SHAPES
from heli.policy.simulate.holdings import Given, Resolver

LIMITED = ("approve", "export")
WRITING = ("edit", "create")

type Key = tuple[int, int | None, str | None]
"""A line's identity with the department and project that it came by."""


@dataclass(frozen=True, slots=True)
class What:
    """One right: an action on a type; of cells, these fields at this level (or writing them); at least this limit."""

    type: str
    action: str
    fields: tuple[str, ...] = ()
    level: Level | None = None
    limit: int | None = None


type Factor = tuple[frozenset[Key], bool]
"""Lines of which one must hold; and whether what is lent through reach does not count."""
type Factors = tuple[Factor, ...]


class Rights:
    """Unions of lines' terms for people who are alike, worked out once for each set of lines."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver
        self._unions: dict[Factor, Right] = {}
        self._whole: dict[Factors, Right] = {}
        self._differences: dict[tuple[Factors, Factors], Right] = {}
        self._lines: dict[Key, Given] = {}

    def know(self, given: Iterable[Given]) -> None:
        for one in given:
            self._lines.setdefault(one.key, one)

    def of(self, factor: Factor) -> Right:
        """Where one of these lines holds."""
        found = self._unions.get(factor)
        if found is None:
            lines, itself = factor
            given = [self._lines[key] for key in lines]
            terms = (t for g in given for t in self._resolver.terms(g.line, g.department, g.project))
            found = self._unions[factor] = union(t for t in terms if not (itself and t.reached))
        return found

    def whole(self, factors: Factors) -> Right:
        """Where all of the factors hold."""
        found = self._whole.get(factors)
        if found is None:
            found = self.of(factors[0])
            for one in factors[1:]:
                found = both(found, self.of(one)) if found else ()
            self._whole[factors] = found
        return found

    def beyond(self, more: Factors, other: Rights, less: Factors) -> Right:
        """What these factors allow and the other side's do not, as far as terms show it."""
        if other is not self:
            return self._beyond(more, other, less)
        found = self._differences.get((more, less))
        if found is None:
            found = self._differences[more, less] = self._beyond(more, other, less)
        return found

    def _beyond(self, more: Factors, other: Rights, less: Factors) -> Right:
        bounds = [other.of(one) for one in less]
        if other is not self or len(more) != len(less):
            terms: Iterable[Term] = self.whole(more)
        else:
            terms = self._fresh(more, less, bounds)
        found = [t for t in terms if not all(_covered(t, bound) for bound in bounds)]
        if len(bounds) == 1:
            return union(rest for t in found for rest in left(t, bounds[0]))
        return union(found)

    def _fresh(self, more: Factors, less: Factors, bounds: Sequence[Right]) -> Iterator[Term]:
        """Terms that come of at least one line that the other side has not, and that nothing there covers."""
        for at, ((lines, itself), had) in enumerate(zip(more, less, strict=True)):
            new = lines - had[0] if itself == had[1] else lines
            if not new:
                continue
            found: list[Term] = [t for t in self.of((new, itself)) if not _covered(t, bounds[at])]
            for place, one in enumerate(more):
                if place != at and found:
                    found = [t for a in found for b in self.of(one) if (t := joined(a, b)) is not None]
            yield from found


def _covered(term: Term, right: Right) -> bool:
    return any(within(term, have) for have in right)


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
    _held: dict[str, list[Given]] = field(default_factory=dict)

    @cached_property
    def actions(self) -> Mapping[str, list[Given]]:
        found: dict[str, list[Given]] = defaultdict(list)
        for one in self.given:
            for action in one.line.actions:
                found[action].append(one)
        return found

    def held(self, action: str) -> list[Given]:
        """Lines that give the action, after ceilings that name roles."""
        found = self._held.get(action)
        if found is None:
            found = self.actions.get(action, [])
            for cap in self.caps:
                if cap.ceiling.roles is not None and cap.concerns(action):
                    found = [g for g in found if g.role in cap.ceiling.roles]
            self._held[action] = found
        return found

    def bounds(self, action: str) -> list[Cap]:
        return [cap for cap in self.caps if cap.ceiling.roles is None and cap.concerns(action)]

    def factors(
        self, action: str, fits: Callable[[Line], bool], cap_fits: Callable[[Line], bool], *, itself: bool = False
    ) -> Factors:
        """Lines that fit, and of every ceiling its lines that fit."""
        own = frozenset(g.key for g in self.held(action) if fits(g.line))
        caps = tuple(
            (frozenset(g.key for g in cap.covering(action) if cap_fits(g.line)), False) for cap in self.bounds(action)
        )
        return ((own, itself), *caps)

    def lines(self, action: str) -> list[Line]:
        """Every line that has a say in the action."""
        return [g.line for g in self.held(action)] + [g.line for c in self.bounds(action) for g in c.covering(action)]

    def marks(self, action: str) -> Factors:
        """Equal for two sides of alike people only when the action's rights are equal."""
        return self.factors(action, _any, _any)


type Asked = tuple[What, Factors, Factors]


def _any(line: Line) -> bool:
    return True


_LEVELS: dict[tuple[int, str], tuple[Line, tuple[Level, ...]]] = {}
_WRITES: dict[tuple[int, str], tuple[Line, tuple[bool, ...]]] = {}
MOST_KEPT = 50_000


def _levels(line: Line, shape: TypeShape) -> tuple[Level, ...]:
    """What a line gives each field, in the order of the type's fields."""
    found = _LEVELS.get((id(line), shape.code))
    if found is None or found[0] is not line:
        if len(_LEVELS) > MOST_KEPT:
            _LEVELS.clear()
        levels = tuple(line.level(one.code, one.data_class) for one in shape.fields.values())
        found = _LEVELS[id(line), shape.code] = (line, levels)
    return found[1]


def _writes(line: Line, shape: TypeShape) -> tuple[bool, ...]:
    """Which fields a line lets be written, in the order of the type's fields."""
    found = _WRITES.get((id(line), shape.code))
    if found is None or found[0] is not line:
        if len(_WRITES) > MOST_KEPT:
            _WRITES.clear()
        found = _WRITES[id(line), shape.code] = (line, tuple(line.may_write(code) for code in shape.fields))
    return found[1]


def asked(code: str, one: Side, other: Side) -> Iterator[Asked]:
    """Rights on a type that the two sides could have differently, with what each says of them."""
    shape = SHAPES[code]
    alike = one.rights is other.rights
    actions = sorted({*one.actions, *other.actions})
    marks = {a: (one.marks(a), other.marks(a)) for a in actions}
    moved = {a for a, (mine, theirs) in marks.items() if not alike or mine != theirs}
    for action in sorted(moved):
        yield What(code, action), *marks[action]
        if action in LIMITED:
            yield from _limits(code, action, one, other)
    if not shape.fields:
        return
    if "read" in moved:
        yield from _reading(shape, one, other)
    for action in WRITING:
        if action in moved or (action == "edit" and "edit" in marks and "read" in moved):
            yield from _writing(shape, action, one, other)


def _limits(code: str, action: str, one: Side, other: Side) -> Iterator[Asked]:
    """For every limit that is named: where at least so much is allowed."""
    for limit in sorted({line.limit for s in (one, other) for line in s.lines(action) if line.limit}):

        def gives(line: Line, limit: int = limit) -> bool:
            return (line.limit or 0) >= limit

        def caps(line: Line, limit: int = limit) -> bool:
            return line.limit is None or line.limit >= limit

        yield What(code, action, limit=limit), one.factors(action, gives, caps), other.factors(action, gives, caps)


def _reading(shape: TypeShape, one: Side, other: Side) -> Iterator[Asked]:
    """Fields that are alike on both sides are one question."""
    alike: dict[tuple[Level, ...], list[str]] = defaultdict(list)
    vectors = [_levels(line, shape) for s in (one, other) for line in s.lines("read")]
    for code, *vector in zip(shape.fields, *vectors, strict=True):
        alike[tuple(vector)].append(code)
    for codes in alike.values():
        first = codes[0]
        for level in (Level.MASKED, Level.READ):
            pair = cells(shape, one, first, level), cells(shape, other, first, level)
            if one.rights is not other.rights or pair[0] != pair[1]:
                yield What(shape.code, "read", tuple(codes), level), *pair


def cells(shape: TypeShape, side: Side, code: str, level: Level) -> Factors:
    data_class = shape.fields[code].data_class

    def fits(line: Line) -> bool:
        return line.level(code, data_class) >= level

    return side.factors("read", fits, fits)


def _writing(shape: TypeShape, action: str, one: Side, other: Side) -> Iterator[Asked]:
    """Fields that may be written; of edited ones only where they are read too."""
    editing = action == "edit"
    vectors: list[Sequence[object]] = [_writes(line, shape) for s in (one, other) for line in s.lines(action)]
    if editing:
        vectors += [_levels(line, shape) for s in (one, other) for line in s.lines("read")]
    alike: dict[tuple[object, ...], list[str]] = defaultdict(list)
    for one_field, *vector in zip(shape.fields.values(), *vectors, strict=True):
        if not one_field.readonly:
            alike[one_field.key and editing, *vector].append(one_field.code)
    for (key, *_), codes in alike.items():
        first = codes[0]

        def writes(line: Line, code: str = first) -> bool:
            return line.may_write(code)

        pair = []
        for s in (one, other):
            found = s.factors(action, writes, writes, itself=bool(key))
            pair.append((*found, *cells(shape, s, first, Level.READ)) if editing else found)
        if one.rights is not other.rights or pair[0] != pair[1]:
            yield What(shape.code, action, tuple(codes)), pair[0], pair[1]
