"""One record as it was: its columns, who owned its customer and who reached it, with every change since undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access.core.line import REACH, Row
from heli.access.viewer import Viewer
from heli.audit import entries
from heli.audit.entries import EntryView
from heli.insight.past import Unknown, id_of, moment_of
from heli.records import fields as f
from heli.records import readers, sealed, sql, write
from heli.records.types import TYPES, ObjectType


@dataclass(frozen=True, slots=True)
class RecordThen:
    """A record as it was, and who reached it. ``related`` is taken from now: it follows from other records' owners."""

    row: Row
    reached: Mapping[tuple[str, str], Set[int]]


def record_at(kind: ObjectType, row: Row, moment: datetime, asker: Viewer) -> RecordThen | None:
    """The record as it was at a moment, from the row as it is; None when it was not there. Of others' work at it only what the asker
    may know. Raises Unknown."""
    then = row_at(kind, row, moment)
    return None if then is None else RecordThen(then, _reached_at(kind, then, moment, asker))


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
            values[code] = one.once(told)
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
    row["account_owner_id"], row["account_department_id"] = id_of(now["owner_id"]), id_of(now["department_id"])


_REACHED = (
    "SELECT person_id, kind, line, source FROM access_reach WHERE type=%s AND (until IS NULL OR until>%s) "
    "AND ((record_id=%s AND via='id') OR (record_id=%s AND via='account'))"
)


def _reached_at(
    kind: ObjectType, row: Mapping[str, Any], moment: datetime, asker: Viewer
) -> Mapping[tuple[str, str], Set[int]]:
    """Who reached it: the rows of now that had not ended then, with what has become of its teams since undone."""
    account = row.get("account_id") if kind.parent == "account" else None
    found: dict[tuple[str, str], set[int]] = defaultdict(set)
    rows = sql.rows(_REACHED, [kind.code, sql.bind(moment), row["id"], account or ""])
    quiet = readers.quiet_work(asker, rows)
    for person, how, line, source in rows:
        if how != readers.WORK or source not in quiet or person == asker.person:
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
            former = id_of((entry.before or {}).get("owner"))
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
    found = moment_of(until)
    return found is None or found > moment
