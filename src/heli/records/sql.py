"""Plain SQL for records on both databases: what is bound how, and running it on Django's connection."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, cast

from django.db import OperationalError, connection, transaction

from heli.access.compile import Branch, ReachSets, Sql, Vendor, Writer
from heli.kernel import quick

QUERY_CANCELED = "57014"
"""PostgreSQL's code for a statement that took longer than ``statement_timeout``."""
STEPS = 10_000
"""SQLite looks at the clock after so many of its instructions: well under a millisecond."""
CHECKPOINT = 32768
"""Pages of 4 KiB: 128 MB."""


def vendor() -> Vendor:
    """The database at hand."""
    return cast(Vendor, connection.vendor)


def bind(value: Any) -> Any:
    """A column's value as the driver wants it: SQLite keeps moments and days as text."""
    if isinstance(value, date | bool) and connection.vendor == "sqlite":
        if isinstance(value, datetime):
            return quick.moment(value)
        if isinstance(value, date):
            return value.isoformat()
        if isinstance(value, bool):
            return int(value)
    return value


def writer(alias: str = "") -> Writer:
    return Writer(vendor(), bind, alias)


class Leading(Writer):
    """Writes a scope that shall lead PostgreSQL to its rows: it joins an array, but no sub-select, to other indexes."""

    def reached(self, b: Branch, reach: ReachSets) -> Sql:
        own = super().reached(b, reach)
        if self.vendor != "postgresql":
            return own
        name, rest = own.text.split(" IN (", 1)
        return Sql(f"{name}=ANY(ARRAY({rest})", own.params)


def leading(alias: str) -> Writer:
    return Leading(vendor(), bind, alias)


@contextmanager
def rare_checkpoints() -> Iterator[None]:
    """On SQLite, let the log of a large write grow to CHECKPOINT pages before it is carried into the file.

    A batch touches most pages of the indexes, and would otherwise rewrite them all at each of its commits. Every commit
    is on the disk as before; only the moment changes at which it moves from one file to the other.
    """
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA wal_autocheckpoint").fetchone()[0]
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT:d}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA wal_autocheckpoint={int(before)}")


@contextmanager
def snapshot() -> Iterator[None]:
    """On SQLite, see the same data in every statement inside, without keeping anybody from writing."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def rows(text: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a query and fetch everything."""
    if connection.vendor == "sqlite":
        return quick.rows(text, params)
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cast(list[tuple[Any, ...]], cursor.fetchall())


def rows_within(seconds: float, text: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]] | None:
    """Run a query and fetch everything; None when the database needs longer than this."""
    if connection.vendor == "sqlite":
        return _rows_before(time.monotonic() + seconds, text, params)
    try:
        # In a (nested) transaction of its own: it ends the limit, and what follows is not refused for the one that failed.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(max(1, int(seconds * 1000)))])
            cursor.execute(text, params)
            found = cast(list[tuple[Any, ...]], cursor.fetchall())
            cursor.execute("SELECT set_config('statement_timeout', '0', true)")
            return found
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != QUERY_CANCELED:
            raise
        return None


def _rows_before(end: float, text: str, params: Sequence[Any]) -> list[tuple[Any, ...]] | None:
    connection.ensure_connection()
    handle: Any = connection.connection
    handle.set_progress_handler(lambda: int(time.monotonic() > end), STEPS)
    try:
        return rows(text, params)
    except OperationalError as error:
        if "interrupted" not in str(error):
            raise
        return None
    finally:
        handle.set_progress_handler(None, 0)


def run(statement: Sql) -> list[tuple[Any, ...]]:
    return rows(statement.text, statement.params)


def execute(text: str, params: Sequence[Any] = ()) -> int:
    """Run a statement; returns the number of rows concerned."""
    if connection.vendor == "sqlite":
        return quick.count(text, params)
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return int(cursor.rowcount)


def insert_many(table: str, columns: Sequence[str], values: Iterable[Sequence[Any]]) -> int:
    """Insert rows in few round trips; returns how many. Values are bound as they come (see ``bind``)."""
    names = ", ".join(f'"{c}"' for c in columns)
    mark = f"({', '.join(['%s'] * len(columns))})"
    batch: list[Any] = []
    count = 0
    total = 0
    most = max(1, min(200, 30_000 // max(1, len(columns))))
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            listed = [tuple(row) for row in values]
            if listed:
                cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES {mark}', listed)
            return len(listed)
        for row in values:
            batch.extend(row)
            count += 1
            if count == most:
                cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES {", ".join([mark] * count)}', batch)
                total, count, batch = total + count, 0, []
        if count:
            cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES {", ".join([mark] * count)}', batch)
    return total + count
