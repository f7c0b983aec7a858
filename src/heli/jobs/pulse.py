"""How far the events have come: one whole number that a page can ask for every second.

On SQLite writers take turns, so the number of the last event says it. On PostgreSQL an event becomes visible
when its transaction commits, in no order of its number; there the position is the number of the writing
transaction, and only transactions below the oldest one still running count: a later look can never find
something that belonged before it. A long import holds the position back until it ends.
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from django.db import connection, transaction

FRESH_SECONDS: Final = 0.25
"""For so long a process answers from memory what another process may have changed meanwhile."""
_lock = threading.Lock()
_seen: tuple[float, int] | None = None


def horizon() -> str:
    """The SQL condition on ``xact`` under which no earlier event can still appear.

    Inside an open transaction its own events count too: it reads what it has written.
    """
    if connection.vendor != "postgresql":
        return "TRUE"
    settled = "xact < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    if connection.in_atomic_block:
        return f"({settled} OR xact = pg_current_xact_id_if_assigned()::text::bigint)"
    return settled


def column() -> str:
    """The column of an event that holds its position."""
    return "xact" if connection.vendor == "postgresql" else "number"


def now() -> int:
    """The position of the newest event that everybody may see; 0 before the first. It grows with every later
    one."""
    global _seen
    if connection.in_atomic_block:
        return _read()
    with _lock:
        if _seen is not None and time.monotonic() - _seen[0] < FRESH_SECONDS:
            return _seen[1]
    started = time.monotonic()
    found = _read()
    with _lock:
        _seen = (started, found)
    return found


def _read() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT COALESCE(MAX({column()}), 0) FROM jobs_event WHERE {horizon()}")  # noqa: S608
        (found,) = cursor.fetchone()
    return int(found)


def changed(after: int, limit: int = 200) -> tuple[int, list[tuple[str, str]] | None]:
    """The position now, and the (object, key) pairs with events since ``after``; None for these when there
    are more than ``limit``."""
    position = now()
    if position == after:
        return position, []
    if position < after:  # a number from before the database was restored: everything may have changed
        return position, None
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT object, key FROM jobs_event WHERE {column()} > %s AND {column()} <= %s LIMIT %s",  # noqa: S608
            [after, position, limit + 1],
        )
        rows = [(row[0], row[1]) for row in cursor.fetchall()]
    return position, rows if len(rows) <= limit else None


def forget(**_kwargs: Any) -> None:
    """Ask the database next time."""
    global _seen
    with _lock:
        _seen = None


def after_commit() -> None:
    """Ask the database again as soon as the caller's transaction has committed."""
    transaction.on_commit(forget)
