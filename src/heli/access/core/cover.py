"""Whether several rights together contain another: exactly, but for values between which nothing can lie (1 and 2 of whole
numbers) and for columns that depend on one another. Where it cannot tell, it says no.

Every column that a term looks at becomes an axis of *points*: each value that anything names, the stretches between them,
nothing at all (NULL). A term is a box over these axes, and containment is a box that other boxes cover.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from heli.access.core.line import Cond
from heli.access.core.terms import Right, Term

MOST: Final = 20_000
"""Boxes looked at for one question; what takes more is not contained."""

type Box = Mapping[object, int]
"""By axis: the points it takes, as bits. An axis that is not named takes every point."""


class TooMany(Exception):
    """The question is too large to be decided."""


def contained(term: Term, rights: Iterable[Right]) -> bool:
    """Whether every record of the term lies in each of these rights."""
    return all(_in_one(term, right) for right in rights)


def _in_one(term: Term, right: Right) -> bool:
    if term in right:
        return True
    axes = _Axes((term, *right))
    try:
        box = axes.box(term)
        if not all(box.values()):
            return True  # conditions that exclude each other: no record at all
        return _covered(box, [axes.box(one) for one in right], axes.whole, [0])
    except (TypeError, TooMany):
        return False  # values that cannot be compared


def _covered(box: Box, boxes: Sequence[Box], whole: Mapping[object, int], looked: list[int]) -> bool:
    looked[0] += 1
    if looked[0] > MOST:
        raise TooMany
    near = []
    for one in boxes:
        cuts = None
        for axis, bits in one.items():
            have = box.get(axis, whole[axis])
            if not have & bits:
                break
            if have & ~bits and cuts is None:
                cuts = axis
        else:
            if cuts is None:
                return True
            near.append((one, cuts))
    if not near:
        return False
    one, axis = near[0]
    have = box.get(axis, whole[axis])
    rest = [other for other, _ in near]
    return _covered({**box, axis: have & ~one[axis]}, rest[1:], whole, looked) and _covered(
        {**box, axis: have & one[axis]}, rest, whole, looked
    )


@dataclass(slots=True)
class _Axis:
    """One column: what of it is named, in order where something asks for an order."""

    values: set[Any] = field(default_factory=set)
    ordered: bool = False
    blank: bool = False
    """Whether something asks for *empty*, which the empty text is too."""
    points: list[tuple[str, Any]] = field(default_factory=list)

    def lay_out(self) -> None:
        if self.blank and self.values and all(isinstance(one, str) for one in self.values):
            self.values.add("")
        listed = sorted(self.values) if self.ordered else list(self.values)
        self.points = [("null", None), ("gap", 0)]
        for at, value in enumerate(listed):
            self.points.append(("at", value))
            if self.ordered:
                self.points.append(("gap", at + 1))
        if self.ordered:
            self.values = set(listed)
            self._index = {value: at for at, value in enumerate(listed)}

    _index: dict[Any, int] = field(default_factory=dict)

    def keys(self, values: frozenset[Any]) -> int:
        return sum(1 << at for at, (kind, value) in enumerate(self.points) if kind == "at" and value in values)

    def cond(self, cond: Cond) -> int:
        return sum(1 << at for at, (kind, value) in enumerate(self.points) if self._holds(cond, kind, value))

    def _holds(self, cond: Cond, kind: str, value: Any) -> bool:
        if kind == "null":
            return cond.op == "empty"
        if cond.op == "empty":
            return kind == "at" and isinstance(value, str) and value == ""
        if cond.op in ("=", "in"):
            return kind == "at" and bool(value == cond.value if cond.op == "=" else value in cond.value)
        at = self._index[cond.value]
        if kind == "gap":  # gap n lies below the n-th value and above the one before it
            return bool(value <= at if cond.op in ("<", "<=") else value > at)
        mine: int = self._index[value]
        return {"<": mine < at, "<=": mine <= at, ">": mine > at, ">=": mine >= at}[cond.op]


class _Axes:
    """The axes that these terms look at."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._axes: dict[str, _Axis] = {}
        self.whole: dict[object, int] = {}
        for term in terms:
            for column, values in term.keys:
                self._axis(column).values |= values
            for cond in term.conds:
                axis = self._axis(cond.column)
                match cond.op:
                    case "empty":
                        axis.blank = True
                    case "in":
                        axis.values |= set(cond.value)
                    case op:
                        axis.values.add(cond.value)
                        axis.ordered |= op != "="
            for pair in term.reached:
                self.whole[pair] = 0b11
        for column, axis in self._axes.items():
            axis.lay_out()
            self.whole[column] = (1 << len(axis.points)) - 1

    def _axis(self, column: str) -> _Axis:
        return self._axes.setdefault(column, _Axis())

    def box(self, term: Term) -> dict[object, int]:
        found: dict[object, int] = dict.fromkeys(term.reached, 2)
        for column, values in term.keys:
            found[column] = self._axes[column].keys(values)
        for cond in term.conds:
            found[cond.column] = found.get(cond.column, self.whole[cond.column]) & self._axes[cond.column].cond(cond)
        return found
