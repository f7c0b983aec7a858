"""Who stands above somebody, who may decide on the guard, and who is about to leave."""

from __future__ import annotations

from django.db.models import Q

from heli.access import view as views
from heli.kernel import clock
from heli.org import tree
from heli.org.models import Assignment, Department, Person, ReportingLine

MOST = 30
"""People asked for one decision."""


def managers(person: int) -> list[int]:
    """Who stands above them now: the reporting line upward, then the heads and overseers of their departments upward;
    nearest first, themselves and leavers left out."""
    now = clock.now()
    found: list[int] = []
    at: int | None = person
    while at is not None and len(found) < MOST:
        at = ReportingLine.objects.filter(tree.valid(now), person_id=at).values_list("manager_id", flat=True).first()
        if at is None or at == person or at in found:
            break  # a line that runs in a circle has no further end
        found.append(at)
    posts = Assignment.objects.filter(tree.valid(now), person_id=person).order_by("-primary", "pk")
    departments = tree.load_tree()
    for home in posts.values_list("department_id", flat=True):
        above = list(departments.above(home))
        heads = {
            pk: (h, o)
            for pk, h, o in Department.objects.filter(pk__in=above).values_list("pk", "head_id", "overseer_id")
        }
        found += [one for pk in above for one in heads.get(pk, ()) if one is not None and one not in found]
    active = set(Person.objects.filter(pk__in=found).exclude(status=Person.LEFT).values_list("pk", flat=True))
    return [one for one in dict.fromkeys(found) if one != person and one in active][:MOST]


def first_manager(person: int) -> int | None:
    """Whoever hears first of what they do."""
    found = managers(person)
    return found[0] if found else None


def positions(person: int) -> list[int]:
    """The positions that they hold now."""
    rows = Assignment.objects.filter(tree.valid(clock.now()), person_id=person, position__isnull=False)
    return sorted({pk for pk in rows.values_list("position_id", flat=True) if pk is not None})


def holders(position: int) -> list[int]:
    """Who holds a position now and has not left."""
    rows = Assignment.objects.filter(tree.valid(clock.now()), position_id=position)
    return sorted(set(rows.exclude(person__status=Person.LEFT).values_list("person_id", flat=True)))


def assigned(departments: set[int]) -> list[int]:
    """Everybody who has a post in one of these departments now."""
    rows = Assignment.objects.filter(tree.valid(clock.now()), department_id__in=departments)
    return list(rows.values_list("person_id", flat=True).distinct())


def is_leaving(person: int) -> bool:
    """Whether a last day is written down for them."""
    return Person.objects.filter(pk=person, leaving_on__isnull=False).exclude(status=Person.LEFT).exists()


def security(person: int) -> bool:
    """Whether they may administer the guard."""
    return views.of(person).may("policy", "administer")


def name(person: int) -> str:
    """The person's name; empty for nobody."""
    return Person.objects.filter(pk=person).values_list("display_name", flat=True).first() or ""


def gone(people: frozenset[int]) -> list[int]:
    """Those of these people who have left."""
    return list(Person.objects.filter(Q(pk__in=people), status=Person.LEFT).values_list("pk", flat=True))
