"""The company of tests, built once in a process by its verbs and put back row by row afterwards: some hundred queries less a test."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from heli.kernel import clock

type Rows = tuple[Any, ...] | bytes
SHADOWS = ("content", "data", "idx", "docsize", "config")
LEFT_OUT = ("django_migrations", "heli_cache")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a company came to: each table that it changed with its rows before and after, and the object itself."""

    made: object
    at: datetime
    tables: dict[str, tuple[Rows, Rows]]
    numbers: list[tuple[str, int]]
    """How far PostgreSQL's sequences had come: rows that are put back do not move them."""


HOME = settings.HELI_HOME
KEPT: dict[tuple[str, type], Kept] = {}
COUNTED: set[type] = set()
"""Whose numbers the sequences of this database are beyond."""


def again[T](build: type[T]) -> T:
    """What ``build`` makes: put back when this database stands as it stood before the first time, else built anew.

    Rows keep the times at which they were first written and the seals of their HELI_HOME: where the clock was set back beyond those, or
    the home is another, they are built.
    """
    if settings.HELI_HOME != HOME:  # its audit log is sealed with a key of its own
        return build()
    key = (str(connection.settings_dict["NAME"]), build)
    kept = KEPT.get(key)
    if kept is None:
        before, at = _tables(), clock.now()
        made = build()
        after = _tables()
        changed = {name: (before.get(name, _NONE), rows) for name, rows in after.items() if rows != before.get(name)}
        KEPT[key] = Kept(copy.deepcopy(made), at, changed, _numbers())
        COUNTED.add(build)
        return made
    if clock.now() < kept.at or not _stands({name: before for name, (before, _) in kept.tables.items()}):
        return build()
    with transaction.atomic():  # references are looked at when all is there, also where a test runs in none
        for name, (old, new) in kept.tables.items():
            _put(name, old, new)
    if build not in COUNTED:
        _count_on(kept.numbers)
        COUNTED.add(build)
    found: T = copy.deepcopy(kept.made)  # type: ignore[assignment]  # what this class once built
    return found


def renewed() -> None:
    """The database of this process was made anew."""
    COUNTED.clear()


_NONE: Rows = ()


def _stands(tables: dict[str, Rows]) -> bool:
    """Whether these tables hold these rows."""
    empty = [name for name, rows in tables.items() if not rows]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {' OR '.join(f'EXISTS (SELECT 1 FROM "{name}")' for name in empty) or '1=0'}")
        if cursor.fetchone()[0]:
            return False
    return all(_rows(name) == rows for name, rows in tables.items() if rows)


def _numbers() -> list[tuple[str, int]]:
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL")
        return list(cursor.fetchall())


def _count_on(numbers: list[tuple[str, int]]) -> None:
    now = dict(_numbers())
    ahead = [(name, number) for name, number in numbers if number > now.get(name, 0)]
    with connection.cursor() as cursor:
        for name, number in ahead:
            cursor.execute("SELECT setval(%s, %s)", [f'"{name}"', number])


def _tables() -> dict[str, Rows]:
    with connection.cursor() as cursor:
        names = [one.name for one in connection.introspection.get_table_list(cursor) if one.type == "t"]
    shadows = {f"{name}_{part}" for name in names if _indexed(name) for part in SHADOWS}
    return {name: _rows(name) for name in names if name not in LEFT_OUT and name not in shadows}


@cache
def _indexed(table: str) -> bool:
    """Whether this is a full-text table of SQLite, which keeps its own in further tables and knows rows by number."""
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT sql LIKE 'CREATE VIRTUAL%%' FROM sqlite_master WHERE name = %s", [table])
        return bool(cursor.fetchone()[0])


def _rows(table: str) -> Rows:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # without what the database computes by itself
            with cursor.cursor.copy(f'COPY "{table}" TO STDOUT') as copied:
                return b"".join(bytes(part) for part in copied)
        cursor.execute(f'SELECT {"rowid, " if _indexed(table) else ""}* FROM "{table}"')
        return tuple(cursor.fetchall())


def _put(table: str, before: Rows, after: Rows) -> None:
    with connection.cursor() as cursor:
        if before:
            cursor.execute(f'DELETE FROM "{table}"')
        if isinstance(after, bytes):
            with cursor.cursor.copy(f'COPY "{table}" FROM STDIN') as copied:
                copied.write(after)
        elif after:
            into = f'"{table}"'
            if _indexed(table):
                cursor.execute(f'SELECT * FROM "{table}" LIMIT 0')
                into += f" (rowid, {', '.join(column[0] for column in cursor.description)})"
            cursor.executemany(f"INSERT INTO {into} VALUES ({', '.join(['%s'] * len(after[0]))})", list(after))
