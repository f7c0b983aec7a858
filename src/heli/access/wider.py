"""Whether a person's rights have grown between two views of them: what an administrator may not do to their own."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

from heli.access import view as views
from heli.access.core.line import Atom, Ceiling, Everything, Held, Keys
from heli.access.facts import Facts
from heli.access.scopes.pool import pool_of
from heli.access.view import View

DEPARTMENTS = ("department_id", "account_department_id")

type Course = Sequence[tuple[datetime, View]]
"""What somebody holds from now on: each view with the moment from which it holds, as far as is arranged today."""


def course(person: int, moment: datetime, facts: Facts | None = None) -> Course:
    """The person's rights at this moment and after every change that is arranged already."""
    found: list[tuple[datetime, View]] = []
    edge: datetime | None = moment
    while edge is not None and (not found or edge > found[-1][0]):
        found.append((edge, views.build(person, (0, 0), edge, facts)))
        edge = found[-1][1].until
    return found


def ever_wider(before: Course, after: Course) -> bool:
    """Whether at some moment, now or later, the second course gives more than the first."""
    moments = sorted({moment for moment, _ in (*before, *after)})
    return any(wider(_at(before, moment), _at(after, moment)) for moment in moments)


def _at(whole: Course, moment: datetime) -> View:
    return whole[max(0, bisect_right([begun for begun, _ in whole], moment) - 1)][1]


def wider(before: View, after: View) -> bool:
    """Whether a line holds on more than it did, or a ceiling lets more pass.

    A department that did not exist before counts for nothing: no record lies in it yet.
    """
    if _grown(before.lines, after.lines, after, before):
        return True
    now = {c.code: (on, c) for on, c in after.bounds}
    for on, bound in before.bounds:
        if bound.code not in now or not _bounds_as_much((on, bound), now[bound.code]):
            return True
        if _grown(bound.lines, now[bound.code][1].lines, after, before):
            return True
    return False


def _bounds_as_much(had: tuple[str, Ceiling], has: tuple[str, Ceiling]) -> bool:
    """Whether a ceiling still lies over all types and actions that it lay over, and names no more roles."""
    (on, old), (now_on, new) = had, has
    if now_on not in (on, "*"):
        return False
    if new.actions is not None and (old.actions is None or not old.actions <= new.actions):
        return False
    return old.roles == new.roles or (old.roles is not None and new.roles is not None and new.roles <= old.roles)


def _grown(had: Sequence[Held], have: Iterable[Held], after: View, before: View) -> bool:
    fresh = frozenset(after.tree.nodes) - frozenset(before.tree.nodes)
    for one in have:
        alike = [atom for h in had if h.line == one.line for atom in h.atoms]
        if not all(_covered(atom, alike, fresh) for atom in one.atoms):
            return True
    return False


def _covered(atom: Atom, had: Sequence[Atom], fresh: frozenset[int]) -> bool:
    if atom in had or any(isinstance(one, Everything) for one in had):
        return True
    if not isinstance(atom, Keys):
        return False
    more = set(atom.values).difference(
        *(one.values for one in had if isinstance(one, Keys) and one.column == atom.column)
    )
    if atom.column in DEPARTMENTS:
        more -= fresh
    elif atom.column == "pool_id":
        more -= {pool_of(one) for one in fresh}
    return bool(not more)
