"""The past under the changed rules: which of the decisions that were made would now be refused, or allowed.

A decision is looked at again on the record as it is today, under the rights before and after: so what has nothing to do with
the change (a record that has moved on, a grant that has ended) does not count against it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Min, Sum

from heli.access.core import terms
from heli.access.core.line import Level
from heli.access.core.terms import Right
from heli.access.models import Use
from heli.access.unread import EVERYTHING_SHOWN, Unread
from heli.kernel import clock
from heli.policy.simulate.symbolic import Difference
from heli.records import cubes
from heli.records.cubes import Cell
from heli.records.types import KEY_COLUMNS, TYPES

DAYS = 90
STEP = 3
"""Days read in one query."""


@dataclass
class Replay:
    """What the last days would have been."""

    since: date
    recorded_since: date | None
    """The first day of which anything is known."""
    decisions: int
    """So many were made, by everybody, on everything."""
    refused: dict[tuple[int, str, str], int] = field(default_factory=dict)
    """By person, type and action: allowed then, and under the rules of today, but not under the changed ones."""
    allowed: dict[tuple[int, str, str], int] = field(default_factory=dict)
    """Refused then, and allowed under the changed rules."""
    at_most: bool = False
    """Some of it hangs on cells that the asker does not read: it may be fewer."""

    @property
    def people(self) -> frozenset[int]:
        return frozenset(person for person, _, _ in self.refused)

    @property
    def n(self) -> int:
        return sum(self.refused.values())

    def of(self, person: int) -> int:
        return sum(n for (who, _, _), n in self.refused.items() if who == person)


def replay(difference: Difference, days: int = DAYS, unread: Unread = EVERYTHING_SHOWN) -> Replay:
    """Every decision of the last days again, of those whom the change concerns.

    unread: what the asker does not read; what hangs on that could be refused, or allowed, and counts.
    """
    today = clock.today()
    since = today - timedelta(days=days)
    told = Use.objects.filter(day__gte=since).aggregate(Sum("n"), Min("day"), Count("pk"))
    found = Replay(since, told["day__min"], int(told["n__sum"] or 0))
    if not told["pk__count"]:
        return found
    for code in sorted({p.what.type for g in difference.groups for p in g.pieces if p.what.type in TYPES}):
        one = _Of(code, difference, unread)
        found.at_most = found.at_most or one.at_most
        day = max(since, told["day__min"])
        while day <= today:
            until = day + timedelta(days=STEP)
            for used in cubes.used(code, (day, until), one.columns, one.conds, one.people, one.actions):
                pair = one.right(used.person, used.action, used.field)
                if pair is None:
                    continue
                key = (used.person, code, used.action)
                if used.grant and one.turns(used.person, used.record, used.cell, pair[0]):
                    found.refused[key] = found.refused.get(key, 0) + used.n
                elif not used.grant and one.turns(used.person, used.record, used.cell, pair[1]):
                    found.allowed[key] = found.allowed.get(key, 0) + used.n
            day = until
    return found


type Turn = tuple[int, Right, Right, bool]
"""A number that stands for two rights, the one that holds and the one that does not, and whether of a list the one alone is left."""
type Pair = tuple[Turn, Turn]
"""What would be refused, and what allowed."""


class _Of:
    """What differs on one type, ready to be asked use by use."""

    def __init__(self, code: str, difference: Difference, unread: Unread) -> None:
        self.rights: dict[tuple[int, str, str], Pair] = {}
        seen: dict[tuple[Right, Right], Pair] = {}

        def turn(one: Right, other: Right, number: int) -> Turn:
            return number, unread.most(code, one), unread.least(code, other), bool(one) and not other

        for group in difference.groups:
            for piece in group.pieces:
                what = piece.what
                if what.type != code or what.limit is not None or what.level == Level.MASKED:
                    continue
                for at, person in enumerate(group.people):
                    rights = group.before[at].ground(piece.before), group.after[at].ground(piece.after)
                    pair = seen.get(rights)
                    if pair is None:
                        was, now = rights
                        pair = seen[rights] = turn(was, now, 2 * len(seen)), turn(now, was, 2 * len(seen) + 1)
                    for one in what.fields or ("",):
                        self.rights[person, what.action, one] = pair
        self.at_most = bool(unread.fields(code, (right for rights in seen for right in rights)))
        every = [right for pair in seen.values() for _, one, other, _ in pair for right in (one, other)]
        self.columns = frozenset(c for right in every for c in terms.columns(right))
        self.names = tuple(c for c in KEY_COLUMNS if c in self.columns)
        self.conds = tuple(sorted({c for r in every for c in terms.conditions(r)}, key=cubes.order))
        self.pairs = frozenset(p for right in every for p in terms.reaches(right))
        self.people = tuple(sorted({person for person, _, _ in self.rights}))
        self.actions = frozenset(action for _, action, _ in self.rights)
        self.reached: dict[tuple[int, str], frozenset[tuple[str, str]]] = {}
        if self.pairs:
            self.reached = {
                (one.person, one.record): one.pairs for one in cubes.reached(code, self.people, self.pairs, (), ())
            }
        self._known: dict[tuple[Any, ...], bool] = {}

    def right(self, person: int, action: str, field: str) -> Pair | None:
        return self.rights.get((person, action, field)) or (self.rights.get((person, action, "")) if field else None)

    def turns(self, person: int, record: str, cell: Cell | None, turn: Turn) -> bool:
        """Whether the one right holds there and the other does not."""
        number, one, other, listed = turn
        if cell is None:  # a list stays while anything can stand in it; of what is gone nothing is said
            return listed and not record
        reached = self.reached.get((person, record), frozenset()) if self.reached else frozenset()
        key = (number, cell, reached)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._holds(one, cell, reached) and not self._holds(other, cell, reached)
        return found

    def _holds(self, right: Right, cell: Cell, reached: frozenset[tuple[str, str]]) -> bool:
        return any(
            term.reached <= reached
            and all(cell[self.names.index(column)] in values for column, values in term.keys)
            and all(cell[-1] >> self.conds.index(cond) & 1 for cond in term.conds)
            for term in right
        )
