"""The company, and a record, as they were: what stands now with every change since undone, newest first.

The audit log holds what each change was from and to. Where it does not reach, because it had not begun or because values were
erased, nothing is guessed: ``Unknown`` says from when on it is known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access.core.line import REACH, Row
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
from heli.records import fields as f
from heli.records import sealed, sql, write
from heli.records.types import TYPES, ObjectType

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


def _moment(value: Any) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value))


def _starts(value: Any) -> datetime:
    found = _moment(value)
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
            _starts(one["starts"]), _moment(one["ends"]),
        )  # fmt: skip
        posts[post.person].append(post)
    members: dict[int, list[Membership]] = defaultdict(list)
    for _, one in sorted(state["project_member"].items(), key=lambda pair: int(pair[0])):
        project = state["project"].get(one["project"], {"name": "", "deleted": True})
        if not project["deleted"]:
            members[one["person"]].append(
                Membership(
                    one["project"], project["name"], one["person"], one["role"], _starts(one["starts"]), _moment(one["ends"])
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
            (one["person"], one["manager"], _starts(one["starts"]), _moment(one["ends"]))
            for one in state["reporting"].values()
        ),
        roles=roles,
        all_grants=dict(_grants(state["grant"], roles)),
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
                _moment(one["ends"]), one["source"],
            ),
        )  # fmt: skip


def _tuple(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


# -- one record -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecordThen:
    """A record as it was, and who reached it. ``related`` is taken from now: it follows from other records' owners."""

    row: Row
    reached: Mapping[tuple[str, str], Set[int]]


def record_at(kind: ObjectType, row: Row, moment: datetime) -> RecordThen | None:
    """The record as it was at a moment, from the row as it is; None when it was not there. Raises Unknown."""
    then = row_at(kind, row, moment)
    return None if then is None else RecordThen(then, _reached_at(kind, then, moment))


def row_at(kind: ObjectType, row: Row, moment: datetime) -> dict[str, Any] | None:
    """Its columns then, without how anybody reached it."""
    if row["created_at"] > moment:
        return None
    found = {key: value for key, value in row.items() if key != REACH}
    there = found.get("deleted_at") is None
    for entry in entries.since(moment, [kind.code], str(row["id"])):
        if entry.erased:
            raise Unknown(entry.at)
        verb = entry.action.rpartition(".")[2]
        if verb == "delete":
            there = True
        elif verb == "restore":
            there = False
        elif verb in BESIDE:
            continue
        found |= _columns(kind, entry)
    found["deleted_at"] = None if there else row.get("deleted_at")
    if not there:
        return None
    _account_at(kind, found, moment)
    return found


BESIDE = ("comment", "comment_edit", "comment_delete", "attach", "detach", "reveal", "team_add", "team_remove")
"""Acts whose entries hold no fields of the record."""


def _columns(kind: ObjectType, entry: EntryView) -> dict[str, Any]:
    """The columns that an entry says were otherwise before."""
    values = {}
    for code, value in (entry.before or {}).items():
        one = kind.fields.get(code)
        if one is None:
            continue
        told = sealed.told(kind, entry.object_id, one, value)
        if told is sealed.UNREADABLE:
            raise Unknown(entry.at)
        try:
            values[code] = one.parse(told)
        except f.FieldError:  # a value of a field that has changed since
            raise Unknown(entry.at) from None
    return write.columns(kind, values)


def _account_at(kind: ObjectType, row: dict[str, Any], moment: datetime) -> None:
    """The two keys that follow the account, as the account then was."""
    if kind.code == "account":
        row["account_owner_id"], row["account_department_id"] = row.get("owner_id"), row.get("department_id")
        return
    if kind.parent != "account" or not row.get("account_id"):
        return
    account = TYPES["account"]
    listed = ", ".join(f'"{c}"' for c in account.stored)
    found = sql.rows(f'SELECT {listed} FROM "{account.table}" WHERE id=%s', [row["account_id"]])
    if not found:
        return
    now = dict(zip(account.stored, found[0], strict=True))
    keys = ("owner", "department")
    for entry in entries.since(moment, ["account"], row["account_id"]):
        if entry.erased:
            raise Unknown(entry.at)
        now |= {
            account.fields[code].column: (entry.before or {})[code] for code in keys if code in (entry.before or {})
        }
    row["account_owner_id"], row["account_department_id"] = _id(now["owner_id"]), _id(now["department_id"])


def _id(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


_REACHED = (
    "SELECT person_id, kind, line, source FROM access_reach WHERE type=%s AND (until IS NULL OR until>%s) "
    "AND ((record_id=%s AND via='id') OR (record_id=%s AND via='account'))"
)


def _reached_at(kind: ObjectType, row: Mapping[str, Any], moment: datetime) -> Mapping[tuple[str, str], Set[int]]:
    """Who reached it: the rows of now that had not ended then, with what has become of its teams since undone."""
    account = row.get("account_id") if kind.parent == "account" else None
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    for person, how, line, source in sql.rows(_REACHED, [kind.code, sql.bind(moment), row["id"], account or ""]):
        found[f"{how}@{source}", line].add(person)
    for home, record in {("account", account), (kind.code, str(row["id"]))}:
        if record:
            _undo_team(found, TYPES[home], record, kind.code, moment)
    merged: dict[tuple[str, str], set[int]] = defaultdict(set)
    for (how, line), people in found.items():
        merged[how.partition("@")[0], line] |= people
    return merged


def _undo_team(
    found: dict[tuple[str, str], set[int]], home: ObjectType, record: str, code: str, moment: datetime
) -> None:
    source = f"team@{home.code}:{record}"
    for entry in entries.since(moment, [home.code], record):
        verb = entry.action.rpartition(".")[2]
        if verb == "transfer":  # the former owner may have kept sight of it as one of the team
            former = _id((entry.before or {}).get("owner"))
            for line in ("", "edit"):
                found[source, line].discard(former or 0)
        if verb not in ("team_add", "team_remove"):
            continue
        said = (entry.after if verb == "team_add" else entry.before) or {}
        person = said.get("member")
        if person is None:
            raise Unknown(entry.at)
        covers = home.code == code or code in said.get("types", ())
        if verb == "team_add":
            found[source, ""].discard(person)
            found[source, "edit"].discard(person)
            said = (entry.before or {}).get("was") or {}
            covers = bool(said) and (home.code == code or code in said.get("types", ()))
        if covers and said and _lasted(said.get("until"), moment):
            found[source, ""].add(person)
            if said.get("edit"):
                found[source, "edit"].add(person)


def _lasted(until: Any, moment: datetime) -> bool:
    found = _moment(until)
    return found is None or found > moment
