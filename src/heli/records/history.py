"""The history of a record, as this viewer may see it: a change of a cell they cannot see is not told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access.viewer import Viewer
from heli.audit import entries
from heli.audit.entries import EntryView
from heli.kernel.words import Words
from heli.records import cursor, hooks, sealed, store
from heli.records import fields as f
from heli.records.names import Decorator
from heli.records.rows import BROKEN, COUNTED, HIDING
from heli.records.types import ObjectType
from heli.records.verbs import verb_of

PAGE = 50
QUIET = ("reveal", "beside", "broken")
"""Looks, comparisons of rights and broken cells are for auditors, not for the record's page."""
ASIDE = ("comment", "comment_edit", "comment_delete", "attach", "detach", "team_add", "team_remove")
"""Acts beside the fields: what their entries hold is named like fields of some types and is none of them."""
WORDS: Mapping[str, Words] = {
    "create": Words("新建", "created"),
    "edit": Words("修改", "changed"),
    "delete": Words("删除", "deleted"),
    "restore": Words("恢复", "restored"),
    "comment": Words("评论", "commented"),
    "comment_edit": Words("修改评论", "changed a comment"),
    "comment_delete": Words("删除评论", "deleted a comment"),
    "attach": Words("添加附件", "attached a file"),
    "detach": Words("移除附件", "removed a file"),
    "import": Words("导入", "imported"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One cell before and after, as shown."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class Event:
    """One act on the record."""

    at: datetime
    actor: int | None
    actor_name: str
    action: str
    words: Words
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A page of history, newest first."""

    events: list[Event]
    next: str | None


def told(viewer: Viewer, kind: ObjectType, record: str, after: str | None = None) -> Told:
    """What happened to a record. Raises NotFound, Invalid for a foreign cursor."""
    seen = store.query(viewer, kind.code).one(record)
    bound = (viewer.person, "history", kind.code, record)
    before = int(cursor.unseal(after, *bound)[0]) if after is not None else None
    rows = entries.query(object_type=kind.code, object_id=record, outcome="done", before=before, limit=PAGE + 1)
    names = Decorator(viewer)
    shown = [one for row in rows[:PAGE] if (one := _event(kind, row, seen.access, names)) is not None]
    names.finish()
    _count(viewer, kind, record, shown, seen.access)
    more = cursor.seal([rows[PAGE - 1].seq], *bound) if len(rows) > PAGE else None
    return Told(shown, more)


def _count(viewer: Viewer, kind: ObjectType, record: str, events: list[Event], access: Mapping[str, str]) -> None:
    """Old and new values that are shown in full count as cells do."""
    full = dict.fromkeys(COUNTED, 0)
    for change in (one for event in events for one in event.changes):
        field = kind.fields[change.field]
        if field.data_class in COUNTED and access[change.field] not in HIDING:
            full[field.data_class] += (change.old is not None) + (change.new is not None)
    if any(full.values()) and not viewer.is_system:
        hooks.asking.fire(viewer, kind, "record")
        hooks.taken.fire(hooks.Taken(viewer, kind, "record", full["sensitive"], full["confidential"], (record,)))


def _event(kind: ObjectType, row: EntryView, access: Mapping[str, str], names: Decorator) -> Event | None:
    action = row.action.rpartition(".")[2]
    if action in QUIET:
        return None
    before, after = (row.before or {}, row.after or {}) if action not in ASIDE else ({}, {})
    codes = [c for c in kind.fields if (c in before or c in after) and c in access]
    changes = tuple(
        Change(
            c,
            _shown(kind.fields[c], sealed.told(kind, row.object_id, kind.fields[c], before.get(c)), access[c], names),
            _shown(kind.fields[c], sealed.told(kind, row.object_id, kind.fields[c], after.get(c)), access[c], names),
        )
        for c in codes
    )
    if action == "edit" and not changes:
        return None
    verb = verb_of(kind.code, action)
    words = WORDS.get(action) or (verb.words if verb is not None else None)
    if words is None:  # an act of a kind that this program does not know, or no longer: for auditors
        return None
    return Event(row.at, row.actor_id, row.actor_name, action, words, changes)


def _shown(field: f.Field, value: Any, level: str, names: Decorator) -> Any:
    """A logged value (ids bare) as the record's page shows one."""
    if value is None or value in ("", []):
        return None
    if value is sealed.UNREADABLE:
        return f.MASK
    if level in HIDING or level == BROKEN:
        try:
            return field.mask(field.once(value))
        except ValueError:  # an old value of a field that has changed since: nothing of it is shown
            return f.MASK
    if isinstance(field, f.DepartmentRef | f.PersonRef):
        value = {"id": str(value)}
    elif isinstance(field, f.Links) and isinstance(value, list):
        value = [{"id": one, "type": field.target} for one in value if isinstance(one, str)]
    elif isinstance(field, f.Link):
        value = {"id": value, "type": field.target}
    else:
        return value
    names.add(field, value)
    return value
