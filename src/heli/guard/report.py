"""What the guard shows: who takes how much against what is usual, and what somebody took."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Sum

from heli.access.models import Frozen
from heli.guard import budget, people
from heli.guard.budget import DAY, SLICE, Line
from heli.guard.models import Export, Recent, Taken
from heli.kernel import clock
from heli.org import tree
from heli.org.models import Person

MOST = 50


@dataclass(frozen=True, slots=True)
class Watched:
    """A person with their budget."""

    person: int
    lines: list[Line]
    frozen: Frozen | None
    leaving_on: date | None

    @property
    def share(self) -> float:
        """Of their budgets the one that is used most."""
        return max(one.share for one in self.lines)


def watched(only: frozenset[int] | None) -> list[Watched]:
    """The people to look at first: frozen, about to leave, and those who took most today. ``only``: among these."""
    since = budget.slice_of(clock.now()) - DAY // SLICE
    rows = Recent.objects.filter(slice__gte=since)
    if only is not None:
        rows = rows.filter(person_id__in=only)
    wanted: dict[int, None] = {}
    frozen = {one.person_id: one for one in Frozen.objects.filter(released_at=None)}
    leaving = dict(
        Person.objects.filter(leaving_on__isnull=False).exclude(status=Person.LEFT).values_list("pk", "leaving_on")
    )
    for pk in (*frozen, *leaving):
        if only is None or pk in only:
            wanted[pk] = None
    for kind in budget.KINDS:
        most = rows.filter(kind=kind).values("person_id").annotate(total=Sum("n")).order_by("-total")[:MOST]
        wanted |= {one["person_id"]: None for one in most}
    found = [Watched(pk, budget.lines(pk), frozen.get(pk), leaving.get(pk)) for pk in list(wanted)[: 2 * MOST]]
    found.sort(key=lambda one: (one.frozen is None, one.leaving_on is None, -one.share, one.person))
    return found[:MOST]


def subordinates(person: int) -> frozenset[int]:
    """Everybody below them in the reporting lines and in the departments that they head or oversee."""
    below, _ = tree.reports_of(person, clock.now())
    departments = tree.load_tree()
    led = [one.id for one in departments.nodes.values() if person in (one.head, one.overseer)]
    if led:
        inside = {d for one in led for d in departments.below(one)}
        below |= frozenset(people.assigned(inside))
    return below - {person}


def taken(person: int, days: int) -> list[dict[str, object]]:
    """What somebody saw and exported in the last days: sums by day, type, channel and kind, newest day first."""
    since = clock.today() - timedelta(days=days - 1)
    rows = Taken.objects.filter(person_id=person, day__gte=since)
    return [
        {"day": day.isoformat(), "type": code, "channel": channel, "kind": kind, "n": n}
        for day, code, channel, kind, n in rows.order_by("-day", "type", "channel", "kind").values_list(
            "day", "type", "channel", "kind", "n"
        )
    ]


def exported(person: int, days: int) -> Iterable[Export]:
    """The exports that somebody asked for in the last days, newest first."""
    since = clock.now() - timedelta(days=days)
    return Export.objects.filter(person_id=person, made_at__gte=since).order_by("-made_at")[:200]
