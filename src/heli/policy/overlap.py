"""Where roles give the same: which lines of one are covered by another, and which roles are nearly equal.

Covering is judged on what is written (``all`` covers every scope, 本部门及下级 covers 本部门), never on who holds the role: what is
covered here is covered for everyone. Lines that most roles have (the pages, one's own tasks) say nothing and do not count.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access.core.line import Line, TypeShape
from heli.access.shapes import SHAPES
from heli.access.view import lines_of

COMMON = 0.5
"""A line that at least this share of the other roles covers is common."""
EQUAL = 0.8
"""Roles are nearly equal when each covers at least this share of the other."""
WIDER: Mapping[str, frozenset[str]] = {
    "department": frozenset({"below"}),
    "customer": frozenset({"customer:own"}),
    "customer:own": frozenset({"customer"}),
    "customer:department": frozenset({"customer:below"}),
}


@dataclass(frozen=True, slots=True)
class Overlap:
    """Role ``first`` beside ``second``: places of the first's lines that the second covers, and of how many that count."""

    first: str
    second: str
    covered: tuple[int, ...]
    counted: int
    equal: bool

    @property
    def share(self) -> float:
        return len(self.covered) / self.counted if self.counted else 0.0


def covers(wide: Line, narrow: Line) -> bool:
    """Whether whatever the narrow line gives, the wide one gives too."""
    if wide.type != narrow.type or not narrow.actions <= wide.actions:
        return False
    if not all(_scope(scope, wide.scopes) for scope in narrow.scopes):
        return False
    if not all(cond in narrow.where for cond in wide.where):
        return False
    if (narrow.limit or 0) > (wide.limit or 0):
        return False
    return _cells(wide, narrow, SHAPES[narrow.type])


def _scope(scope: str, wide: Sequence[str]) -> bool:
    return "all" in wide or scope in wide or any(one in wide for one in WIDER.get(scope, ()))


def _cells(wide: Line, narrow: Line, shape: TypeShape) -> bool:
    if "read" in narrow.actions and not all(
        wide.level(code, one.data_class) >= narrow.level(code, one.data_class) for code, one in shape.fields.items()
    ):
        return False
    if narrow.actions.isdisjoint({"edit", "create"}):
        return True
    return all(wide.may_write(c) for c, one in shape.fields.items() if not one.readonly and narrow.may_write(c))


def covered(lines: Sequence[Line], by: Sequence[Line]) -> frozenset[int]:
    """Places of the lines that one of the others covers."""
    about: dict[str, list[Line]] = {}
    for line in by:
        about.setdefault(line.type, []).append(line)
    return frozenset(at for at, line in enumerate(lines) if any(covers(one, line) for one in about.get(line.type, ())))


def overlaps(roles: Mapping[str, Sequence[Mapping[str, Any]]], least: float = 0.5) -> list[Overlap]:
    """Pairs in which at least this share of what makes the first role is in the second; the largest share first."""
    parsed = {code: lines_of(lines) for code, lines in roles.items()}
    by = {(a, b): covered(parsed[a], parsed[b]) for a in parsed for b in parsed if a != b}
    own: dict[str, frozenset[int]] = {}
    for code, lines in parsed.items():
        others = [by[code, other] for other in parsed if other != code]
        bar = max(2.0, COMMON * len(others))
        own[code] = frozenset(at for at in range(len(lines)) if sum(at in one for one in others) < bar)
    share = {(a, b): len(found & own[a]) / len(own[a]) if own[a] else 0.0 for (a, b), found in by.items()}
    found = [
        Overlap(a, b, tuple(sorted(by[a, b] & own[a])), len(own[a]), part >= EQUAL and share[b, a] >= EQUAL)
        for (a, b), part in share.items()
        if part >= least and own[a]
    ]
    return sorted(found, key=lambda one: (-one.share, -len(one.covered), one.first, one.second))
