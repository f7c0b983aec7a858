"""How much everyone holds over time: counted every night, kept daily for two months and monthly for good.

A right is one action on one type of object through one scope, as a line gives it. Two roles that give the same count once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, timedelta

from django.db import transaction

from heli.access.facts import GrantFact, World
from heli.access.shapes import PAGE
from heli.access.view import lines_of
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.org import zone
from heli.review.holders import Company
from heli.review.models import Volume

DAILY = timedelta(days=62)
MONTHS = 12
_CHUNK = 1000

type Right = tuple[str, str, str]
"""(type, action, scope)"""


def rights_in(grant: GrantFact) -> frozenset[Right]:
    """What a grant gives, pages aside."""
    return frozenset(
        (line.type, action, scope)
        for line in lines_of(grant.given)
        if not line.type.startswith(PAGE)
        for action in line.actions
        for scope in line.scopes
    )


def count(company: Company) -> dict[tuple[str, str], int]:
    """Rights by (kind, key); a department's are those of everyone whose primary post is in it or below."""
    held: dict[int, set[Right]] = defaultdict(set)
    given: dict[str, frozenset[Right]] = {}
    for grant in company.grants:
        gives = rights_in(grant)
        if grant.role is not None:
            given[grant.role.code] = gives
        for holding in company.by_grant[grant.id]:
            if holding.person in company.world.people:
                held[holding.person] |= gives
    found = {(Volume.ROLE, code): len(some) for code, some in given.items()}
    below: dict[int, int] = defaultdict(int)
    for person, theirs in held.items():
        found[Volume.PERSON, str(person)] = len(theirs)
        department = company.department(person)
        for node in company.world.tree.above(department) if department is not None else ():
            below[node] += len(theirs)
    found |= {(Volume.DEPARTMENT, str(pk)): n for pk, n in below.items()}
    found[Volume.COMPANY, ""] = sum(map(len, held.values()))
    return found


@task(timeout=1200, atomic=False)
def snapshot() -> int:
    """Write down today's counts (again, when it is run twice) and thin out old ones; returns how many were written."""
    return write(zone.today(), count(Company(World.load(), clock.now())))


def write(day: date, counts: dict[tuple[str, str], int], *, tidy: bool = True) -> int:
    """Put a day's counts in the place of what is there; ``tidy``: and thin out old ones."""
    rows = [Volume(day=day, kind=kind, key=key, n=n) for (kind, key), n in counts.items()]
    with transaction.atomic():
        Volume.objects.filter(day=day).delete()
        Volume.objects.bulk_create(rows, batch_size=_CHUNK)
    if not tidy:
        return len(rows)
    old = Volume.objects.filter(day__lt=day - DAILY).exclude(day__day=1)
    while some := list(old.values_list("pk", flat=True)[:_CHUNK]):
        Volume.objects.filter(pk__in=some).delete()
    return len(rows)


def curve(kind: str, key: str, today: date) -> list[tuple[date, int]]:
    """Twelve months, the oldest first: of each the last count there is; today's month last."""
    return curves(kind, [key], today)[key]


def curves(kind: str, keys: Collection[str], today: date) -> dict[str, list[tuple[date, int]]]:
    """The same for several of one kind."""
    since = (today.replace(day=1) - timedelta(days=MONTHS * 30)).replace(day=1)
    rows = Volume.objects.filter(kind=kind, key__in=keys, day__gte=since).order_by("day").values_list("key", "day", "n")
    months: dict[str, dict[date, tuple[date, int]]] = {key: {} for key in keys}
    for key, day, n in rows:
        months[key][day.replace(day=1)] = (day, n)
    return {key: list(some.values())[-(MONTHS + 1) :] for key, some in months.items()}


def grown(kind: str, today: date, most: int = 20) -> list[tuple[str, int, int]]:
    """(key, then, now) of those that grew most since the first count of the last twelve months; of people only who grew."""
    since = today - timedelta(days=366)
    last = (
        Volume.objects.filter(kind=kind, day__gte=today - timedelta(days=7))
        .order_by("-day")
        .values_list("day", flat=True)
    )
    first = Volume.objects.filter(kind=kind, day__gte=since).order_by("day").values_list("day", flat=True)
    newest, oldest = last[:1], first[:1]
    if not newest or not oldest or newest[0] == oldest[0]:
        return []
    then, now = (_of(kind, day) for day in (oldest[0], newest[0]))
    found = [(key, then[key], n) for key, n in now.items() if key in then and (n > then[key] or kind != Volume.PERSON)]
    return sorted(found, key=lambda one: (one[1] - one[2], one[0]))[:most]


def _of(kind: str, day: date) -> dict[str, int]:
    return dict(Volume.objects.filter(kind=kind, day=day).values_list("key", "n"))


def days(values: Iterable[tuple[date, int]]) -> list[dict[str, object]]:
    """A curve as JSON."""
    return [{"day": day.isoformat(), "n": n} for day, n in values]


def attach() -> None:
    """Count every night."""
    schedules.daily("review.volume", "03:50", snapshot)
