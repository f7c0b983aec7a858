"""On which records a right holds, as an OR of terms: what lines, ceilings and scopes come to, without any record.

A term is an AND of key columns with their values, of reaches and of conditions. Terms are positive, so one right is
contained in another when each of its terms is contained in one of the other's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from heli.access.core.line import Atom, Cond, Everything, Keys, Reached, Row

type Right = tuple[Term, ...]
"""A right's records: in one of these terms. None: nowhere."""


@dataclass(frozen=True, slots=True)
class Term:
    """Records whose keys are among these values, that are reached in these ways and fulfil these conditions."""

    keys: tuple[tuple[str, frozenset[Any]], ...] = ()
    reached: frozenset[tuple[str, str]] = frozenset()
    conds: frozenset[Cond] = frozenset()
    scope: str = field(default="", compare=False)
    """The scope it was written as; for words only."""

    def holds(self, row: Row, reached: frozenset[tuple[str, str]]) -> bool:
        return (
            all(row[column] in values for column, values in self.keys)
            and self.reached <= reached
            and all(cond.holds(row) for cond in self.conds)
        )


def of_atom(atom: Atom, conds: frozenset[Cond], scope: str) -> Term | None:
    """None for an atom that holds nowhere."""
    match atom:
        case Everything():
            return Term(conds=conds, scope=scope)
        case Keys(column, values):
            return Term(((column, values),), conds=conds, scope=scope) if values else None
        case Reached(kind, tag):
            return Term(reached=frozenset({(kind, tag)}), conds=conds, scope=scope)


def within(less: Term, more: Term) -> bool:
    """Whether every record of the one is a record of the other."""
    if not more.reached <= less.reached:
        return False
    for column, values in more.keys:
        for own, has in less.keys:
            if own == column:
                if not has <= values:
                    return False
                break
        else:
            return False
    return all(any(stricter(own, cond) for own in less.conds) for cond in more.conds)


def stricter(less: Cond, more: Cond) -> bool:
    """Whether the one condition holds only where the other does."""
    if less == more:
        return True
    if less.column != more.column:
        return False
    one, other = less.value, more.value
    match less.op, more.op:
        case "=", "in":
            return one in other
        case "in", "in":
            return bool(one <= other)
        case ("=" | "<" | "<=", "<="):
            return bool(one <= other)
        case ("=" | ">" | ">=", ">="):
            return bool(one >= other)
        case ("=" | "<=", "<"):
            return bool(one < other)
        case ("=" | ">=", ">"):
            return bool(one > other)
        case "<", "<":
            return bool(one <= other)
        case ">", ">":
            return bool(one >= other)
    return False


def joined(one: Term, other: Term) -> Term | None:
    """Records of both; None when there can be none."""
    if not other.keys:
        keys = one.keys
    elif not one.keys:
        keys = other.keys
    else:
        made = dict(one.keys)
        for column, values in other.keys:
            have = made.get(column)
            shared = values if have is None else have & values
            if not shared:
                return None
            made[column] = shared
        keys = tuple(sorted(made.items(), key=_column)) if len(made) > 1 else tuple(made.items())
    reached = one.reached | other.reached if other.reached else one.reached
    return Term(keys, reached, one.conds | other.conds if other.conds else one.conds, one.scope)


def _column(item: tuple[str, frozenset[Any]]) -> str:
    return item[0]


def union(terms: Iterable[Term]) -> Right:
    """The terms without those contained in others; values of one column are put together."""
    alike: dict[tuple[Any, ...], Term] = {}
    for term in terms:
        if len(term.keys) == 1:
            column, values = term.keys[0]
            key: tuple[Any, ...] = (column, term.reached, term.conds)
            have = alike.get(key)
            if have is None:
                alike[key] = term
            elif not values <= have.keys[0][1]:
                wider = len(values) > len(have.keys[0][1])
                scope = term.scope if wider else have.scope
                alike[key] = Term(((column, have.keys[0][1] | values),), term.reached, term.conds, scope)
        else:
            alike.setdefault((term.keys, term.reached, term.conds), term)
    found = list(alike.values())
    if len(found) < 2:
        return tuple(found)
    kept = [
        term
        for at, term in enumerate(found)
        if not any(
            within(term, other) and (at > place or not within(other, term))
            for place, other in enumerate(found)
            if place != at
        )
    ]
    return tuple(kept)


def both(one: Right, other: Right) -> Right:
    """Records that are in both rights."""
    made = (joined(a, b) for a in one for b in other)
    return union(term for term in made if term is not None)


def left(term: Term, other: Right) -> Iterator[Term]:
    """The term unless the right contains it; values of its column that the right has anyway are left out."""
    if any(within(term, more) for more in other):
        return
    if len(term.keys) == 1:
        column, values = term.keys[0]
        own = Term(reached=term.reached, conds=term.conds)
        for more in other:
            alike = len(more.keys) == 1 and more.keys[0][0] == column
            if alike and within(own, Term(reached=more.reached, conds=more.conds)):
                values -= more.keys[0][1]
        if values:
            yield Term(((column, values),), term.reached, term.conds, term.scope)
        return
    yield term


def columns(right: Right) -> frozenset[str]:
    """The key columns it looks at."""
    return frozenset(column for term in right for column, _ in term.keys)


def conditions(right: Right) -> frozenset[Cond]:
    return frozenset(cond for term in right for cond in term.conds)


def reaches(right: Right) -> frozenset[tuple[str, str]]:
    return frozenset(pair for term in right for pair in term.reached)
