"""Random companies for the properties of rights: organisation, roles with every scope, ceilings, reach, rows with NULLs."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from heli.access import view as views
from heli.access.models import Ceiling, Grant, Reach, Role
from heli.kernel import clock, ids
from heli.org.models import Assignment, Department, Person, Position, Project, ProjectMember, ReportingLine
from heli.records import write
from heli.records.types import TYPES

KIND = TYPES["opportunity"]
FIELDS = ("name", "amount", "stage", "expected_on", "probability", "competitor", "owner")
SCOPES = (
    "own", "department", "below", "reports", "oversees", "project", "customer", "customer:department", "customer:below",
    "pool", "team", "team:edit", "related", "record:7", "workitem:legal", "all",
)  # fmt: skip
LEVELS = ("hidden", "masked", "read")
CLASSES = ("public", "internal", "sensitive", "confidential", "*")
STAGES = ("new", "qualified", "won")


@dataclass
class Company:
    """What was made: people, departments, rows (by id)."""

    people: list[int] = field(default_factory=list)
    departments: list[int] = field(default_factory=list)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)


def line(rng: random.Random, *, actions: tuple[str, ...] = ("read", "edit", "delete", "approve")) -> dict[str, Any]:
    """A random permission line on opportunities."""
    made: dict[str, Any] = {
        "type": "opportunity",
        "actions": sorted({"read"} | set(rng.sample(actions, rng.randint(0, len(actions)))))
        if rng.random() < 0.9
        else ["edit"],
        "scope": rng.sample(SCOPES[:-1], rng.randint(1, 3)) if rng.random() < 0.85 else ["all"],
    }
    if rng.random() < 0.35:
        made["where"] = [rng.choice(conditions(rng)) for _ in range(rng.randint(1, 2))]
    if rng.random() < 0.8:
        keys = rng.sample((*CLASSES, *FIELDS), rng.randint(1, 4))
        made["read"] = {key: rng.choice(LEVELS) for key in keys}
    if rng.random() < 0.4:
        made["write"] = rng.sample(("name", "amount", "expected_on", "competitor"), rng.randint(1, 3))
    if rng.random() < 0.3:
        made["limit"] = str(rng.choice((0, 1000, 50_000)))
    return made


def conditions(rng: random.Random) -> list[list[Any]]:
    return [
        ["amount", rng.choice(("<", "<=", ">", ">=", "=")), str(rng.choice((0, 100, 5000)))],
        ["amount", "empty"],
        ["stage", "in", rng.sample(STAGES, rng.randint(1, 2))],
        ["stage", "=", rng.choice(STAGES)],
        ["expected_on", rng.choice(("<=", ">")), "2026-06-01"],
        ["competitor", "empty"],
    ]


def company(rng: random.Random, *, rows: int = 14, people: int = 5) -> Company:
    """Make a random company in the database at hand, without the verbs (this is set-up, not what is tested)."""
    views.CACHE.clear()
    made = Company()
    moment = clock.now()
    position = Position.objects.create(code=f"p{rng.random()}", name="job")
    for i in range(5):
        parent = rng.choice(made.departments) if made.departments and rng.random() < 0.8 else None
        made.departments.append(
            Department.objects.create(name=f"d{i}", code=f"d{i}-{rng.random()}", parent_id=parent).pk
        )
    for i in range(people):
        kind = rng.choice(("employee", "employee", "contractor", "service"))
        person = Person.objects.create(username=f"u{i}-{rng.random()}", display_name=f"U{i}", kind=kind)
        made.people.append(person.pk)
        for j in range(rng.randint(0, 2)):
            Assignment.objects.create(
                person=person, department_id=rng.choice(made.departments), primary=j == 0,
                position=position if rng.random() < 0.7 else None, starts=moment - timedelta(days=2),
                ends=rng.choice((None, None, moment - timedelta(days=1), moment + timedelta(days=1))),
            )  # fmt: skip
    for person in made.people[1:]:
        if rng.random() < 0.6:
            manager = made.people[made.people.index(person) - 1]
            ReportingLine.objects.create(person_id=person, manager_id=manager, starts=moment - timedelta(days=1))
    for department in made.departments:
        if rng.random() < 0.3:
            Department.objects.filter(pk=department).update(overseer_id=rng.choice(made.people))
    projects = [Project.objects.create(name=f"P{i}").pk for i in range(2)]
    for person in made.people:
        if rng.random() < 0.4:
            ProjectMember.objects.create(
                project_id=rng.choice(projects),
                person_id=person,
                role=rng.choice(("lead", "member")),
                starts=moment - timedelta(days=1),
            )
    _rights(rng, made, position.pk)
    accounts = [ids.uuid7() for _ in range(3)]
    for _ in range(rows):
        row = random_row(rng, made, projects, accounts)
        write.insert(KIND, row)
        made.rows[row["id"]] = row
    _reach(rng, made, accounts)
    return made


def _rights(rng: random.Random, made: Company, position: int) -> None:
    for i in range(rng.randint(1, 4)):
        lines = [line(rng) for _ in range(rng.randint(1, 3))]
        role = Role.objects.create(code=f"r{i}-{rng.random()}", name=f"r{i}", lines=lines)
        kind, subject = rng.choice(
            [
                ("person", str(rng.choice(made.people))), ("position", str(position)), ("everyone", ""),
                ("department", str(rng.choice(made.departments))), ("project_role", "member"),
            ]
        )  # fmt: skip
        Grant.objects.create(
            role=role, subject_kind=kind, subject_id=subject, below=rng.random() < 0.5, starts=clock.now() - timedelta(days=1),
            ends=rng.choice((None, None, None, clock.now() + timedelta(days=1), clock.now() - timedelta(hours=1))),
        )  # fmt: skip
    if rng.random() < 0.15:
        named = rng.choice(list(Role.objects.filter(code__startswith="r").values_list("code", flat=True)))
        Ceiling.objects.create(
            code=f"r{rng.random()}", name="r", type="opportunity", actions=rng.choice((None, ["edit"])), roles=[named]
        )
    if rng.random() < 0.5:
        Ceiling.objects.create(
            code=f"c{rng.random()}", name="c", type=rng.choice(("opportunity", "*")),
            kinds=rng.choice((None, ["contractor"], ["employee", "service"])), actions=rng.choice((None, ["read"], ["edit", "read"])),
            lines=[ceiling_line(rng) for _ in range(rng.randint(1, 2))],
        )  # fmt: skip
        Ceiling.objects.filter(type="*").update(
            lines=[
                {
                    "type": "*",
                    "actions": ["*"],
                    "scope": ["all"],
                    "read": {"confidential": rng.choice(LEVELS), "*": "read"},
                }
            ]
        )


def ceiling_line(rng: random.Random) -> dict[str, Any]:
    one = line(rng)
    one["actions"] = ["read", "edit", "delete", "approve"]
    return one


def random_row(rng: random.Random, made: Company, projects: list[str], accounts: list[str]) -> dict[str, Any]:
    """One opportunity with any mixture of keys and empty values."""
    row = write.defaults(KIND)
    amount = rng.choice((None, 0, 10_000, 500_000, rng.randint(0, 1_000_000)))
    row |= write.columns(
        KIND,
        {
            "name": rng.choice(("甲", "乙", "Deal", "deal", "")), "amount": amount, "stage": rng.choice(STAGES),
            "expected_on": rng.choice((None, clock.now().date().replace(month=1, day=1), clock.now().date())),
            "probability": rng.choice((None, 5000)), "competitor": rng.choice(("", "X", "Y")),
        },
    )  # fmt: skip
    moment = clock.now() - timedelta(minutes=rng.randint(0, 3))
    row |= {
        "id": ids.uuid7(), "owner_id": rng.choice((None, *made.people)), "department_id": rng.choice((None, *made.departments)),
        "pool_id": rng.choice(("", "", "all", f"d{made.departments[0]}")), "project_id": rng.choice((None, *projects)),
        "account_id": rng.choice((None, *accounts)), "account_owner_id": rng.choice((None, *made.people)),
        "account_department_id": rng.choice((None, *made.departments)), "created_at": moment, "updated_at": moment,
        "created_by_id": None, "updated_by_id": None, "version": 1, "deleted_at": rng.choice((None,) * 6 + (moment,)),
    }  # fmt: skip
    return row


def _reach(rng: random.Random, made: Company, accounts: list[str]) -> None:
    for _ in range(rng.randint(0, 12)):
        via = rng.choice(("id", "id", "account"))
        record = rng.choice(accounts) if via == "account" else rng.choice(list(made.rows))
        kind, tag = rng.choice(
            [
                ("team", ""),
                ("team", "edit"),
                ("related", ""),
                ("record", "7"),
                ("record", "8"),
                ("workitem", "legal"),
                ("workitem", "x"),
            ]
        )
        Reach.objects.get_or_create(
            person_id=rng.choice(made.people), type=rng.choice(("opportunity", "opportunity", "account")), via=via,
            record_id=record, kind=kind, line=tag, source="test",
            defaults={"until": rng.choice((None, None, clock.now() + timedelta(hours=1), clock.now() - timedelta(seconds=1)))},
        )  # fmt: skip
