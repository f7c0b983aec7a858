"""The company, and a record, as they were: what stands now with every change since undone, newest first.

The audit log holds what each change was from and to. Where it does not reach, because it had not begun or because values were
erased, nothing is guessed: ``Unknown`` says from when on it is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from heli.access.facts import CeilingFact, GrantFact, PersonFact, RoleFact, World
from heli.access.models import Ceiling, Grant, Role
from heli.audit import entries
from heli.audit.entries import EntryView
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.org.models import Assignment, Department, Person, Position, ProjectMember, ReportingLine
from heli.org.tree import Membership, Node, Post, Tree
from heli.org.zone import company_zone

DATED = ("assignment", "reporting", "project_member")
KINDS = ("person", "department", "position", *DATED, "role", "grant", "ceiling", "project")
BEFORE_KNOWN = Words(
    "那时的情况没有记录；从 {day} 起才有", "how it was then is not on record; it is known from {day} on"
)
FUTURE = Words("只能问现在或过去", "ask about now or the past")

type Things = dict[str, dict[str, Any]]
"""Rows by id, as text."""


class Unknown(Invalid):
    """The log does not reach so far back."""

    def __init__(self, known_from: datetime) -> None:
        words = BEFORE_KNOWN.fill(day=known_from.astimezone(company_zone()).strftime("%Y-%m-%d %H:%M"))
        super().__init__(Problem("at", "unknown", words))
        self.known_from = known_from


def company_at(moment: datetime) -> Company:
    """The company as it was at a moment. Raises Unknown, and Invalid for a moment to come."""
    return Company(world_at(moment), moment)


def check(moment: datetime) -> None:
    """Raises Invalid for a moment to come, Unknown for one before the log begins."""
    if moment > clock.now():
        raise Invalid(Problem("at", "future", FUTURE))
    begun = entries.begun()
    if begun is None or moment < begun:
        raise Unknown(begun or clock.now())


def world_at(moment: datetime) -> World:
    """The whole company as it was."""
    check(moment)
    state = _now()
    for entry in entries.since(moment, KINDS):
        _undo(state[entry.object_type], entry)
    return _world(state, moment)


def _now() -> dict[str, Things]:
    """Everything that stands, as the log speaks of it."""
    return {
        "person": _rows(Person, "username", "display_name", "kind", "status"),
        "department": _rows(
            Department, "name", "name_en", "code", "function", "parent_id", "head_id", "overseer_id", "closed_at"
        ),
        "position": _rows(Position, "code", "name", "name_en"),
        "assignment": _rows(Assignment, "person_id", "department_id", "position_id", "primary", "starts", "ends"),
        "reporting": _rows(ReportingLine, "person_id", "manager_id", "starts", "ends"),
        "project_member": _rows(ProjectMember, "project_id", "person_id", "role", "starts", "ends"),
        "project": {
            pk: {"name": name, "deleted": deleted is not None}
            for pk, name, deleted in ProjectMember.objects.values_list(
                "project_id", "project__name", "project__deleted_at"
            ).distinct()
        },
        "role": {
            row.code: {
                "name": row.name, "name_en": row.name_en, "version": row.version, "lines": row.lines,
                "closed": row.closed_at is not None,
            }
            for row in Role.objects.order_by("pk")
        },
        "grant": {
            str(row.pk): {
                "role": row.role.code if row.role is not None else None, "lines": row.lines, "kind": row.subject_kind,
                "subject_id": row.subject_id, "below": row.below, "starts": row.starts, "ends": row.ends,
                "source": row.source, "revoked": row.revoked_at is not None,
            }
            for row in Grant.objects.select_related("role").order_by("pk")
        },
        "ceiling": {
            row.code: {
                "name": row.name, "name_en": row.name_en, "type": row.type, "kinds": row.kinds, "actions": row.actions,
                "roles": row.roles, "lines": row.lines, "active": row.active,
            }
            for row in Ceiling.objects.order_by("pk")
        },
    }  # fmt: skip


def _rows(model: Any, *columns: str) -> Things:
    names = [column.removesuffix("_id") for column in columns]
    rows = model.objects.order_by("pk").values_list("pk", *columns)
    return {str(pk): dict(zip(names, values, strict=True)) for pk, *values in rows}


MADE = ("create", "add")
VERBS_OF_PROJECT = {"delete": {"deleted": False}, "restore": {"deleted": True}}


def _undo(things: Things, entry: EntryView) -> None:
    """Take one change back. Raises Unknown where the entry no longer says what was before."""
    verb, key, before = entry.action.rpartition(".")[2], entry.object_id, entry.before
    if entry.erased:
        raise Unknown(entry.at)
    if entry.object_type == "project" and verb in VERBS_OF_PROJECT:
        if key in things:
            things[key] |= VERBS_OF_PROJECT[verb]
    elif entry.object_type == "grant" and verb == "revoke":
        if key in things:
            things[key]["revoked"] = False
    elif verb in MADE or (verb == "save" and before is None):
        things.pop(key, None)
    elif before is None:
        return  # nothing that rights hang on: a password, for one
    elif key in things:
        things[key] |= before
    elif verb in ("cancel", "remove"):
        things[key] = dict(before)


def moment_of(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value))


def _starts(value: Any) -> datetime:
    found = moment_of(value)
    assert found is not None
    return found


def _world(state: Mapping[str, Things], moment: datetime) -> World:
    people = {
        int(pk): PersonFact(int(pk), one["username"], one["display_name"], one["kind"])
        for pk, one in state["person"].items()
        if one["status"] != Person.LEFT
    }
    nodes = {
        int(pk): Node(
            int(pk), one["name"], one["name_en"], one["parent"], one["head"], one["overseer"], one["function"], one["code"]
        )
        for pk, one in state["department"].items()
        if one["closed_at"] is None
    }  # fmt: skip
    children: dict[int | None, list[int]] = defaultdict(list)
    for node in nodes.values():
        children[node.parent].append(node.id)
    posts: dict[int, list[Post]] = defaultdict(list)
    for pk, one in sorted(state["assignment"].items(), key=lambda pair: (not pair[1]["primary"], int(pair[0]))):
        post = Post(
            int(pk), one["person"], one["department"], one["position"], one["primary"],
            _starts(one["starts"]), moment_of(one["ends"]),
        )  # fmt: skip
        posts[post.person].append(post)
    members: dict[int, list[Membership]] = defaultdict(list)
    for _, one in sorted(state["project_member"].items(), key=lambda pair: int(pair[0])):
        project = state["project"].get(one["project"], {"name": "", "deleted": True})
        if not project["deleted"]:
            members[one["person"]].append(
                Membership(
                    one["project"], project["name"], one["person"], one["role"], _starts(one["starts"]), moment_of(one["ends"])
                )
            )  # fmt: skip
    roles = {
        code: RoleFact(code, Words(one["name"], one["name_en"] or one["name"]), one["version"], one["lines"], one["closed"])
        for code, one in state["role"].items()
    }  # fmt: skip
    positions = {int(pk): Words(one["name"], one["name_en"] or one["name"]) for pk, one in state["position"].items()}
    return World(
        tree=Tree(nodes, {k: tuple(v) for k, v in children.items()}),
        people=people,
        posts_by_person={k: tuple(v) for k, v in posts.items()},
        members_by_person={k: tuple(v) for k, v in members.items()},
        reporting=tuple(
            (one["person"], one["manager"], _starts(one["starts"]), moment_of(one["ends"]))
            for one in state["reporting"].values()
        ),
        roles=roles,
        all_grants={pk: one for pk, one in _grants(state["grant"], roles) if not one.of_process},
        all_ceilings={
            code: CeilingFact(
                code, Words(one["name"], one["name_en"] or one["name"]), one["type"], _tuple(one["kinds"]),
                _tuple(one["actions"]), _tuple(one["roles"]), one["lines"],
            )
            for code, one in state["ceiling"].items()
            if one["active"]
        },
        position_words=positions,
        position_codes={one["code"]: int(pk) for pk, one in state["position"].items()},
    )  # fmt: skip


def _grants(things: Things, roles: Mapping[str, RoleFact]) -> Iterable[tuple[int, GrantFact]]:
    for pk, one in things.items():
        role = roles.get(one["role"]) if one["role"] is not None else None
        if one["revoked"] or (one["role"] is not None and role is None):
            continue
        yield (
            int(pk),
            GrantFact(
                int(pk), role, one["lines"], one["kind"], one["subject_id"], one["below"], _starts(one["starts"]),
                moment_of(one["ends"]), one["source"],
            ),
        )  # fmt: skip


def _tuple(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def id_of(value: Any) -> int | None:
    return None if value in (None, "") else int(value)
