"""Placeholders for what differs between people who are otherwise alike, and what they stand for, for one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from heli.access.core.terms import Right, Term
from heli.access.scopes.pool import pool_of
from heli.org.tree import Node, Tree

ME, DEPARTMENT, BELOW, ABOVE = -1, -2, -3, -4
"""Placeholders for ids, which are positive: the person, the carrying department, those below it, those above it."""
PLACES = frozenset({ME, DEPARTMENT, BELOW, ABOVE, pool_of(DEPARTMENT), pool_of(ABOVE)})


def _node(pk: int, parent: int | None) -> Node:
    return Node(pk, "", "", parent, None, None, "", "")


LEAF = Tree({DEPARTMENT: _node(DEPARTMENT, ABOVE), ABOVE: _node(ABOVE, None)}, {ABOVE: (DEPARTMENT,)})
BRANCH = Tree(
    {DEPARTMENT: _node(DEPARTMENT, ABOVE), ABOVE: _node(ABOVE, None), BELOW: _node(BELOW, DEPARTMENT)},
    {ABOVE: (DEPARTMENT,), DEPARTMENT: (BELOW,)},
)
"""The tree as somebody sees it from one department, without and with departments below."""


@dataclass(frozen=True, slots=True)
class Binding:
    """What the placeholders stand for, for one person."""

    person: int
    department: int | None
    tree: Tree

    def ground(self, right: Right) -> Right:
        """The right over real ids."""
        return tuple(
            Term(tuple((c, self.values(v)) for c, v in t.keys), t.reached, t.conds, t.scope) if t.keys else t
            for t in right
        )

    def values(self, values: frozenset[Any]) -> frozenset[Any]:
        if values.isdisjoint(PLACES):
            return values
        if values == _ONLY_ME:
            return frozenset({self.person})
        return frozenset(v for one in values for v in self._of(one))  # rare enough to be worked out each time

    def _of(self, one: Any) -> Iterable[Any]:
        if one not in PLACES:
            return (one,)
        if one == ME:
            return (self.person,)
        here = self.department
        if here is None:
            return ()
        if one == DEPARTMENT:
            return (here,)
        if one == BELOW:
            return self.tree.below(here) - {here}
        if one == ABOVE:
            return self.tree.above(here)[1:]
        if one == pool_of(DEPARTMENT):
            return (pool_of(here),)
        return tuple(pool_of(d) for d in self.tree.above(here)[1:])


_ONLY_ME = frozenset({ME})
