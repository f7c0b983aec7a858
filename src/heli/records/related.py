"""Keeping reach rows: teams, and what follows from holding a record (*related*)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from heli.kernel import clock
from heli.records import fields as f
from heli.records import sql
from heli.records.types import TYPES, ObjectType

COLUMNS = ("person_id", "type", "via", "record_id", "kind", "line", "source", "until")
type ReachRow = tuple[int, str, str, str, str, str, str, Any]

_INSERT = (
    "INSERT INTO access_reach (person_id, type, via, record_id, kind, line, source, until) "
    "VALUES (%s,%s,%s,%s,%s,%s,%s,%s) ON CONFLICT (person_id, type, via, record_id, kind, line, source) "
    "DO UPDATE SET until = excluded.until"
)


def source_of(kind: ObjectType, record: str) -> str:
    """How reach rows name the record they come from."""
    return f"{kind.code}:{record}"


def targets(kind: ObjectType, row: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(type, via, record) that whoever holds this row also reaches."""
    found: list[tuple[str, str, str]] = []
    for code, via, column in _ways(kind.code):
        record = row.get(column)
        if record:
            found.append((code, via, record))
    return list(dict.fromkeys(found))


@cache
def _ways(kind_code: str) -> tuple[tuple[str, str, str], ...]:
    """(type, via, column of this type's row that names the record), in the order declared."""
    kind = TYPES[kind_code]
    found: list[tuple[str, str, str]] = []
    for code in kind.related:
        found += [
            (code, "id", one.column)
            for one in kind.fields.values()
            if isinstance(one, f.Link) and not isinstance(one, f.Links) and one.target == code
        ]
        if kind.parent == "account" and TYPES[code].parent == "account":
            found.append((code, "account", "account_id"))
    return tuple(found)


def rows_for(kind: ObjectType, row: Mapping[str, Any], people: Iterable[tuple[int, Any]]) -> list[ReachRow]:
    """The *related* reach rows of one record for these (person, until)."""
    source = source_of(kind, row["id"])
    aims = targets(kind, row) if kind.related else []
    return [(p, t, via, r, "related", "", source, until) for p, until in people for t, via, r in aims]


def sync(kind: ObjectType, row: Mapping[str, Any]) -> None:
    """Rewrite the *related* rows that come from this record: for its owner and its team."""
    if not kind.related:
        return
    source = source_of(kind, row["id"])
    sql.execute("DELETE FROM access_reach WHERE source=%s AND kind='related'", [source])
    if row.get("deleted_at") is not None:
        return
    people: dict[int, Any] = {}
    for person, until in sql.rows(
        "SELECT person_id, until FROM access_reach WHERE record_id=%s AND type=%s AND via='id' AND kind='team' AND line=''",
        [row["id"], kind.code],
    ):
        people[person] = until
    if row.get("owner_id"):
        people[row["owner_id"]] = None
    add(rows_for(kind, row, people.items()))


def add(rows: Iterable[ReachRow]) -> None:
    for one in rows:
        sql.execute(_INSERT, one)


def add_many(rows: Iterable[ReachRow]) -> None:
    """The same in one prepared statement."""
    with connection.cursor() as cursor:
        cursor.executemany(_INSERT, list(rows))


def join_team(
    kind: ObjectType, row: Mapping[str, Any], person: int, types: Iterable[str], *, edit: bool, until: datetime | None
) -> None:
    """A helper on a record, and for an account on the named child types too."""
    source = source_of(kind, row["id"])
    lines = ("", "edit") if edit else ("",)
    aims = [(kind.code, "id")] + [(t, "account") for t in types]
    leave_team(kind, row, person)
    add((person, t, via, row["id"], "team", line, source, sql.bind(until)) for t, via in aims for line in lines)
    sync(kind, row)


def leave_team(kind: ObjectType, row: Mapping[str, Any], person: int) -> int:
    """Ends what a helper reaches through this record. Returns how many rows ended."""
    ended = sql.execute(
        "DELETE FROM access_reach WHERE source=%s AND kind='team' AND person_id=%s",
        [source_of(kind, row["id"]), person],
    )
    sync(kind, row)
    return ended


def drop(kind: ObjectType, records: Sequence[str]) -> None:
    """Nobody reaches these records any more, nor anything through them: they are removed for good."""
    marks = ",".join(["%s"] * len(records))
    sql.execute(f"DELETE FROM access_reach WHERE record_id IN ({marks})", records)
    sql.execute(f"DELETE FROM access_reach WHERE source IN ({marks})", [source_of(kind, one) for one in records])


def team_of(kind: ObjectType, record: str) -> list[dict[str, Any]]:
    """Helpers of a record: person id, named child types, whether they may edit, until when."""
    found: dict[int, dict[str, Any]] = {}
    for person, code, via, line, until in sql.rows(
        "SELECT person_id, type, via, line, until FROM access_reach WHERE source=%s AND kind='team' "
        "AND (until IS NULL OR until>%s) ORDER BY id",
        [f"{kind.code}:{record}", sql.bind(clock.now())],
    ):
        one = found.setdefault(person, {"person": person, "types": [], "edit": False, "until": until})
        if via == "account" and code not in one["types"]:
            one["types"].append(code)
        one["edit"] = one["edit"] or line == "edit"
    return list(found.values())
