"""All that a person holds, and what they have looked at lately: what somebody must know before letting them go or move on."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, Sum

from heli.access import grants as granting
from heli.access.facts import World
from heli.access.models import Grant, Reach, Use
from heli.audit.models import Entry
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.words import Words
from heli.org import zone
from heli.org.models import Person
from heli.org.tree import load_tree, names_of
from heli.policy.models import Draft
from heli.records import owned
from heli.records.types import TYPES
from heli.review import rights
from heli.review.holders import Company
from heli.review.models import Item

MOST_GRANTS = 200
SPANS = (30, 90)
NO_DEPARTMENT = Words("无部门", "no department")


def records(person: int) -> list[dict[str, Any]]:
    """Owned records in numbers, by type and department."""
    tree = load_tree()

    def place(department: int | None, n: int) -> dict[str, Any]:
        node = tree.nodes.get(department) if department is not None else None
        name = Words(node.name, node.name_en or node.name) if node is not None else NO_DEPARTMENT
        return {"id": str(department) if node is not None else None, "name": name.json(), "count": n}

    return [
        {
            "type": code, "name": TYPES[code].plural.json(), "count": sum(by.values()),
            "departments": [place(d, n) for d, n in sorted(by.items(), key=lambda one: -one[1])],
        }
        for code, by in owned.counts(person).items()
    ]  # fmt: skip


def personal(person: int) -> list[dict[str, Any]]:
    """Grants to the person alone, loans among them: they do not end with a post."""
    world, now = World.load(), clock.now()
    return [
        {
            "id": str(one.id), "what": rights.of_grant(one).words.json(), "secret": rights.of_grant(one).secret,
            "ends": one.ends.strftime("%Y-%m-%dT%H:%M:%SZ") if one.ends is not None else None,
            "loan": one.source.startswith(("loan:", "emergency:")),
        }
        for one in world.all_grants.values()
        if one.kind == Grant.PERSON and one.subject == str(person) and one.open_at(now)
    ][:MOST_GRANTS]  # fmt: skip


def waiting(person: int) -> dict[str, int]:
    """What waits for the person, by kind."""
    return {
        "reviews": Item.objects.filter(batch__reviewer_id=person, state=Item.PENDING).count(),
        "drafts": Draft.objects.filter(created_by=person, state__in=[Draft.OPEN, Draft.SUBMITTED]).count(),
        "teams": Reach.objects.filter(person_id=person, kind="team").values("type", "record_id").distinct().count(),
    }


def seen(person: int) -> list[dict[str, Any]]:
    """What they opened, listed, revealed, changed and exported in the last 30 and 90 days; numbers only."""
    today = zone.today()
    found = []
    for days in SPANS:
        used = Use.objects.filter(person_id=person, day__gt=today - timedelta(days=days)).exclude(grant_id=0)
        opened = used.filter(action="read", field="").exclude(record_id="")
        by_type: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for code, n in opened.values_list("type").annotate(n=Count("record_id", distinct=True)).order_by():
            by_type[code]["opened"] = n
        for code, n in used.filter(record_id="").values_list("type").annotate(n=Sum("n")).order_by():
            by_type[code]["lists"] = n
        for code, n in (
            used.exclude(field="").values_list("type").annotate(n=Count("record_id", distinct=True)).order_by()
        ):
            by_type[code]["revealed"] = n
        changed = used.exclude(action__in=["read", "open", "export"]).exclude(record_id="")
        for code, n in changed.values_list("type").annotate(n=Count("record_id", distinct=True)).order_by():
            by_type[code]["changed"] = n
        since = clock.now() - timedelta(days=days)
        exports = Entry.objects.filter(
            Q(action="export") | Q(action__endswith=".export"), actor_id=person, at__gt=since
        )
        found.append(
            {
                "days": days, "exports": exports.count(),
                "refused": Use.objects.filter(person_id=person, grant_id=0, day__gt=today - timedelta(days=days)).aggregate(
                    n=Sum("n"))["n"] or 0,
                "types": [
                    {
                        "type": code, "name": TYPES[code].plural.json(),
                        **{k: n.get(k, 0) for k in ("opened", "lists", "revealed", "changed")},
                    }
                    for code, n in sorted(by_type.items(), key=lambda one: -sum(one[1].values())) if code in TYPES
                ],
            }
        )  # fmt: skip
    return found


def end_personal(by: Actor, person: int, only: set[int] | None = None) -> int:
    """Take back what was granted to the person alone (or ``only`` these), in the caller's transaction; returns how many."""
    open_ = Grant.objects.filter(subject_kind=Grant.PERSON, subject_id=str(person), revoked_at=None)
    some = [pk for pk in open_.order_by("pk").values_list("pk", flat=True) if only is None or pk in only]
    for pk in some:
        granting.revoke(by, pk)
    return len(some)


def leavers(most: int) -> list[dict[str, Any]]:
    """People who have given notice or whose posts all end within a month, then those who left in the last three, with what is still theirs."""
    now = clock.now()
    company = Company(World.load(), now)
    judge_until = now + timedelta(days=30)
    noticed = Person.objects.filter(leaving_on__isnull=False).exclude(status=Person.LEFT)
    days = dict(noticed.values_list("pk", "leaving_on"))
    soon: list[tuple[int, Any]] = [(pk, zone.day_start(day)) for pk, day in days.items() if day is not None]
    for person, posts in company.posts.items():
        ends = [post.ends for post in posts]
        if person not in days and posts and all(e is not None and e <= judge_until for e in ends):
            soon.append((person, max(e for e in ends if e is not None)))
    gone = Person.objects.filter(status=Person.LEFT, left_at__gt=now - timedelta(days=90)).order_by("-left_at")
    found = [(pk, "leaving", at) for pk, at in sorted(soon, key=lambda one: one[1])]
    found += [(p.pk, "left", p.left_at) for p in gone[:most]]
    names = names_of(pk for pk, _, _ in found)
    answer = []
    for pk, status, at in found[:most]:
        department = company.department(pk)
        node = company.world.tree.nodes.get(department) if department is not None else None
        open_ = Grant.objects.filter(subject_kind=Grant.PERSON, subject_id=str(pk), revoked_at=None)
        answer.append(
            {
                "person": {"id": str(pk), "username": names[pk][0], "name": names[pk][1]}, "status": status,
                "day": at.astimezone(zone.company_zone()).date().isoformat() if at is not None else None,
                "department": {"zh": node.name, "en": node.name_en or node.name} if node is not None else None,
                "records": sum(n for by in owned.counts(pk).values() for n in by.values()),
                "grants": open_.count(),
            }
        )  # fmt: skip
    return answer
