"""How many rows have which owner, department, pool or indexed choice: what the query planner chooses by.

Kept as one row per object type and refreshed by a job; where that has not run yet, counted once and remembered by the
process. Counts only steer: an old or missing one makes a page slower, never wrong. The write door keeps no counters.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.records import fields as f
from heli.records import sql
from heli.records.types import TYPES, ObjectType

REFRESH_SECONDS = 1800
KEEP_SECONDS = 300
"""So long a process uses counts before it looks for newer ones."""
KEYS = ("owner_id", "department_id", "pool_id", "project_id", "account_owner_id", "account_department_id")
MOST_VALUES = 20_000
"""A column with more distinct values than this is known by its average only."""

_SAVE = (
    "INSERT INTO records_counted (type, at, counts) VALUES (%s, %s, %s) "
    "ON CONFLICT (type) DO UPDATE SET at = excluded.at, counts = excluded.counts"
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one type in all, and by value of each counted column."""

    total: int
    by: Mapping[str, Mapping[str, int]]
    others: Mapping[str, float]
    """For columns with too many values: rows that one value has on average."""

    def of(self, column: str, values: Sequence[Any]) -> int | None:
        """About how many rows have one of these values; None when the column is not counted."""
        if column in self.others:
            return int(self.others[column] * len(values)) + 1
        found = self.by.get(column)
        return None if found is None else sum(found.get(str(v), 0) for v in values)

    def empty(self, column: str) -> int | None:
        """About how many rows have nothing in a column to sort by; None when that is not counted."""
        return self.of(_empties(column), ("",))


def _empties(column: str) -> str:
    return f"{column} empty"


def columns(kind: ObjectType) -> tuple[str, ...]:
    """The columns of a type that are counted."""
    chosen = [one.column for one in kind.fields.values() if isinstance(one, f.Choice) and one.indexed]
    return (*(c for c in KEYS if c in kind.stored), *chosen)


def count(kind: ObjectType) -> Counts:
    """Count now: one pass for each column."""
    total = sql.rows(f'SELECT COUNT(*) FROM "{kind.table}"')[0][0]
    by: dict[str, dict[str, int]] = {}
    others: dict[str, float] = {}
    for column in columns(kind):
        found = sql.rows(
            f'SELECT "{column}", COUNT(*) FROM "{kind.table}" WHERE "{column}" IS NOT NULL GROUP BY 1 '
            f"LIMIT {MOST_VALUES + 1}"
        )
        if len(found) > MOST_VALUES:
            others[column] = sum(n for _, n in found) / len(found)
        else:
            by[column] = {str(value): n for value, n in found}
    for code in kind.sort_fields:
        column, empty = kind.sort(code), kind.fields[code].empty_value
        test = f'"{column}" IS NULL' if empty is None else f"\"{column}\"=''"
        by[_empties(column)] = {"": sql.rows(f'SELECT COUNT(*) FROM "{kind.table}" WHERE {test}')[0][0]}
    return Counts(total, by, others)


def refresh(kind: ObjectType) -> Counts:
    """Count and keep the result for every process."""
    found = count(kind)
    text = orjson.dumps({"total": found.total, "by": found.by, "others": found.others}).decode()
    sql.execute(_SAVE, [kind.code, sql.bind(clock.now()), text])
    _remember(kind.code, found)
    return found


@task()
def refresh_all() -> None:
    """Count every object type anew."""
    for kind in TYPES:
        refresh(kind)


def attach() -> None:
    """Have the worker count."""
    schedules.every("records.count", REFRESH_SECONDS, refresh_all)


_kept: dict[tuple[str, str], tuple[float, Counts]] = {}
_lock = threading.Lock()


def _remember(code: str, found: Counts) -> None:
    with _lock:
        _kept[str(connection.settings_dict["NAME"]), code] = (time.monotonic(), found)


def forget() -> None:
    """Drop what this process remembers; for tests."""
    with _lock:
        _kept.clear()


def known(kind: ObjectType) -> Counts:
    """The latest counts at hand: from memory, else the job's, else counted now and remembered."""
    kept = _kept.get((str(connection.settings_dict["NAME"]), kind.code))
    if kept is not None and time.monotonic() - kept[0] < KEEP_SECONDS:
        return kept[1]
    rows = sql.rows("SELECT counts FROM records_counted WHERE type=%s", [kind.code])
    if rows:
        said = orjson.loads(rows[0][0])
        found = Counts(said["total"], said["by"], said["others"])
    else:
        found = count(kind)
    _remember(kind.code, found)
    return found
