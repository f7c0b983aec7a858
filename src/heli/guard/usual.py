"""Learning what is usual: every night, each person's and each position's busy day of the last month."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import Sum
from django.db.transaction import atomic

from heli.guard.budget import DAY, SLICE, slice_of
from heli.guard.models import Recent, Taken, Usual
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.org import tree
from heli.org.models import Assignment, Person

DAYS = 30
KEPT = timedelta(days=400)
CHUNK = 500


def percentile(values: Sequence[int]) -> int:
    """The 95th percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[(len(ordered) * 95 - 1) // 100] if ordered else 0


@task(timeout=600, atomic=False)
def renew() -> int:
    """Learn anew from whole days of the last month, today left out, and drop what is no longer needed. Who is over their
    budget today does not raise it; what a leaver took since they gave notice is not learnt either."""
    today = clock.today()
    notice = dict(Person.objects.filter(leaving_since__isnull=False).values_list("pk", "leaving_since"))
    since = today - timedelta(days=DAYS)
    taken = Taken.objects.filter(day__gte=since, day__lt=today).exclude(channel="approved")
    rows = taken.values_list("person_id", "day", "kind")
    by_person: dict[tuple[int, str], list[int]] = defaultdict(list)
    for person, day, kind, n in rows.annotate(total=Sum("n")).order_by():
        given = notice.get(person)
        if given is None or day < given.date():
            by_person[person, kind].append(n)
    found = {(f"person:{person}", kind): days for (person, kind), days in by_person.items()}
    posts = Assignment.objects.filter(tree.valid(clock.now()), position__isnull=False).exclude(
        person__status=Person.LEFT
    )
    held: dict[int, set[int]] = defaultdict(set)
    for person, position in posts.values_list("person_id", "position_id"):
        held[person].add(position)
    for (person, kind), days in by_person.items():
        for position in held.get(person, ()):
            found.setdefault((f"position:{position}", kind), []).extend(days)
    made = [Usual(subject=s, kind=k, n=percentile(days), days=len(days)) for (s, k), days in found.items()]
    with atomic():
        Usual.objects.all().delete()
        Usual.objects.bulk_create(made, batch_size=CHUNK)
    Recent.objects.filter(slice__lt=slice_of(clock.now()) - 2 * DAY // SLICE).delete()
    Taken.objects.filter(day__lt=today - KEPT).delete()
    return len(made)


def start() -> None:
    """Register the nightly run."""
    schedules.daily("guard.usual", "02:50", renew)
