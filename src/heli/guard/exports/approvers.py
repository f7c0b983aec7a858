"""Who decides on an export: whoever stands above the asker and may export or share records of that type themselves; where
nobody there may, whoever may export so many rows of all of them (management). Never the asker."""

from __future__ import annotations

from heli.access import view as views
from heli.access.core.line import Everything
from heli.access.models import Grant
from heli.guard import people
from heli.kernel import clock
from heli.org import tree
from heli.org.models import Assignment, Person


def of(person: int, code: str, rows: int) -> list[int]:
    """Who may decide on an export of this type by this person now; nearest first."""
    chain = [one for one in people.managers(person) if _may(one, code)]
    if chain:
        return chain
    return [one for one in _wide(code) if one != person and _whole(one, code, rows)][: people.MOST]


def may(who: int, person: int, code: str, rows: int) -> bool:
    """Whether this person decides on that one's export."""
    return who != person and who in of(person, code, rows)


def _may(who: int, code: str) -> bool:
    view = views.of(who)
    return view.may(code, "export") or view.may(code, "share")


def _whole(who: int, code: str, rows: int) -> bool:
    rights = views.of(who).type(code)
    return rights is not None and any(
        (one.line.limit or 0) >= rows and any(isinstance(atom, Everything) for atom in one.atoms)
        for one in rights.held("export")
    )


def _wide(code: str) -> list[int]:
    """People to whom a role with an export line on all of this type is given, directly or through their position."""
    found: list[int] = []
    now = clock.now()
    for grant in Grant.objects.filter(revoked_at__isnull=True).select_related("role").order_by("pk"):
        lines = grant.role.lines if grant.role is not None else (grant.lines or [])
        wide = any(
            one.get("type") == code and "export" in one.get("actions", ()) and "all" in one.get("scope", ())
            for one in lines
        )
        if not wide:
            continue
        if grant.subject_kind == Grant.PERSON:
            found.append(int(grant.subject_id))
        elif grant.subject_kind == Grant.POSITION:
            posts = Assignment.objects.filter(tree.valid(now), position_id=int(grant.subject_id))
            found += posts.order_by("person_id").values_list("person_id", flat=True)[:200]
    active = set(Person.objects.filter(pk__in=found).exclude(status=Person.LEFT).values_list("pk", flat=True))
    return [one for one in dict.fromkeys(found) if one in active]
