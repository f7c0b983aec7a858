"""What a node does: a verb of its record's type, or what every type knows: edit it, delete it, create another record, write what was proposed.

Each is done through the write door with lines that hold for this act alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from heli.access.viewer import Viewer
from heli.flows.core.definition import Does, Subject
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.org.models import Person, Project, ProjectMember
from heli.org.tree import project_of
from heli.org.verbs.projects import add_project_member
from heli.records import act, common, hooks, readers
from heli.records import fields as f
from heli.records.act import Action
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verb_of
from heli.records.work import Work

EDIT, DELETE, CREATE, CHANGE = "edit", "delete", "create", "change"
PROJECT, LEAD = "project", "lead"
BUILT_IN = (EDIT, DELETE, CREATE, CHANGE)
HOLDER = "owner"
"""What a new record is given and the door does not take from a person's input."""


def written(does: Does, subject: Subject | None) -> tuple[str, ...]:
    """The fields that an act writes, of its record or of the one that it makes."""
    if does.verb == CHANGE:
        return subject.proposes if subject is not None else ()
    return tuple(does.gives) if does.verb in (EDIT, CREATE) else ()


def lines(kind: ObjectType, does: Does, subject: Subject | None, scope: list[str]) -> list[dict[str, Any]]:
    """The permission lines of an act on records of a type in a scope."""
    writes = list(written(does, subject))
    if does.verb in (EDIT, CHANGE):
        line = {"type": kind.code, "actions": [EDIT], "scope": scope, "write": writes}
        return [line, {"type": kind.code, "actions": ["read"], "scope": scope, "read": _bare(writes)}]
    if does.verb == CREATE and does.type in TYPES:
        made = TYPES[does.type]
        line = {
            "type": made.code,
            "actions": [CREATE],
            "scope": ["all"],
            "write": [w for w in writes if w != HOLDER] or ["*"],
        }
        linked = dict.fromkeys(one.target for w in writes if isinstance(one := made.fields.get(w), f.Link))
        found = [line, *(_known(TYPES[code]) for code in linked)]
        if _joins(kind, made):
            found += [
                {"type": kind.code, "actions": [EDIT], "scope": scope, "write": [PROJECT]},
                {"type": kind.code, "actions": ["read"], "scope": scope, "read": _bare([PROJECT])}, _known(made),
            ]  # fmt: skip
        return found
    verb = verb_of(kind.code, does.verb)
    line = {"type": kind.code, "actions": [verb.right if verb is not None else does.verb], "scope": scope}
    return [line | {"limit": does.limit} if does.limit else line]


def takes(kind: ObjectType, does: Does) -> Mapping[str, f.Field]:
    """What an act is given, by name: fields of the record that it writes, or parameters of its verb."""
    if does.verb == CREATE:
        return TYPES[does.type].fields if does.type in TYPES else {}
    verb = verb_of(kind.code, does.verb)
    return kind.fields if does.verb in BUILT_IN or verb is None else verb.params


def fitting(one: f.Field | None, value: Any) -> Any:
    """A value that an expression has, as this field takes it: whole numbers are no texts."""
    whole = isinstance(one, f.Number) and isinstance(value, str) and value.lstrip("-").isdecimal()
    return int(value) if whole else value


def _joins(kind: ObjectType, made: ObjectType) -> bool:
    """Whether a record of this type can be part of what is made: of a project."""
    return made.code == PROJECT and kind.code != PROJECT and PROJECT in kind.fields


def _bare(codes: Iterable[str]) -> dict[str, str]:
    return {"*": "hidden", **dict.fromkeys(codes, "read")}


def _known(kind: ObjectType) -> dict[str, Any]:
    """Records that a new one names are there for who makes it."""
    return {"type": kind.code, "actions": ["read"], "scope": ["all"], "read": _bare([kind.title])}


def perform(viewer: Viewer, kind: ObjectType, record: str, does: Does, values: Mapping[str, Any]) -> str:
    """Do it in the caller's transaction; the id of a record that was made. Raises as the write door does."""
    if does.verb == CREATE:
        given = {code: value for code, value in values.items() if code != HOLDER and value is not None}
        holder = values.get(HOLDER)
        trusted: dict[str, Any] = {}
        if holder is not None and Person.objects.filter(pk=int(holder)).exclude(status=Person.LEFT).exists():
            trusted = {HOLDER: int(holder), "department": common.home_of(int(holder))}
        made = Work.begin(viewer, TYPES[does.type]).create(given, trusted=trusted)
        if does.type == PROJECT:
            _set_up(viewer, kind, record, made, trusted.get(HOLDER))
        return made
    verb = EDIT if does.verb == CHANGE else does.verb
    act.perform(Work.begin(viewer, kind), Action(kind.code, verb, record, values))
    return ""


def _set_up(viewer: Viewer, kind: ObjectType, record: str, made: str, owner: int | None) -> None:
    """A new project is led by whom it is given to, who takes the others in; what it was made for is part of it, where it is of no other."""
    if owner is not None:
        join(viewer.actor, made, owner, LEAD)
    row = readers.row_of(kind, record) if record and _joins(kind, TYPES[PROJECT]) else None
    if row is not None and row[kind.fields[PROJECT].column] is None:
        act.perform(Work.begin(viewer, kind), Action(kind.code, EDIT, record, {PROJECT: made}))


def join(by: Actor, project: str, person: int, role: str) -> bool:
    """Let somebody take part in a project, in the caller's transaction; whether they do from now on. They do not where they are in it
    already, or will be, nor where it takes no members. Raises Conflict where it would break a duty or a policy test."""
    found = project_of(project)
    open_ = found is not None and found.status != Project.FINISHED
    here = Person.objects.filter(pk=person).exclude(status=Person.LEFT).exists()
    parts = ProjectMember.objects.filter(project_id=project, person_id=person).exclude(ends__lte=clock.now())
    if not open_ or not here or parts.exists():
        return False
    with hooks.organised():
        add_project_member(by, project, person, role)
    return True
