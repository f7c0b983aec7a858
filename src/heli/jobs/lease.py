"""Leases: one UPDATE claims work, and only the holder of the latest claim may finish it.

A claim lasts twice the work's timeout, raises its token and counts an attempt. Finishing names the token;
when another worker has claimed meanwhile nothing matches, LeaseLostError rolls the transaction back, and with
it every effect of the late one.
"""

from __future__ import annotations

import json
import random
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection
from django.db.transaction import atomic

from heli.jobs import times
from heli.jobs.models import DEAD, DONE, DUE

PARKED: Final = 30
"""Seconds for which a delivery behind another of its object is left out of sight; the end of that other one calls it back
at once, so that this is only the time until it is looked at again should a race have lost the call."""
_PARK: Final = 1000
LONGEST_WAIT: Final = 600.0
"""The pause between two attempts grows to at most this many seconds."""


class LeaseLostError(Exception):
    """Another worker has claimed this work since."""


class RetryError(Exception):
    """Raised by a task or handler to be tried again after so many seconds (a Retry-After of the other
    side)."""

    def __init__(self, after: float, reason: str = "") -> None:
        super().__init__(reason or f"again in {after:g} s")
        self.after = after


class GiveUpError(Exception):
    """Raised by a task or handler when trying again cannot help: the work is dead at once."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A table of leased work. The SQL parts come from here, never from a user."""

    table: str
    columns: tuple[str, ...]
    order: str
    eligible: str = ""
    claimed: str = ""
    acked: str = f"state = '{DONE}', "


_EARLIER: Final = f"""
    SELECT 1 FROM jobs_delivery e WHERE e.state = '{DUE}' AND e.endpoint = w.endpoint
    AND e.object = w.object AND e.key = w.key AND e.seq < w.seq
"""  # noqa: S608
JOBS: Final = Kind(
    "jobs_job",
    ("task", "queue", "priority", "args", "made_at", "started_at", "attempted_at", "workers"),
    "w.priority DESC, w.next_at, w.id",
    claimed=", again = FALSE",
    # Enqueued once more while it ran: what it read may be old, so it is due again with the newer arguments.
    acked=f"state = CASE WHEN again THEN '{DUE}' ELSE '{DONE}' END, "
    "attempts = CASE WHEN again THEN 0 ELSE attempts END, again = FALSE, ",
)
DELIVERIES: Final = Kind(
    "jobs_delivery",
    ("event", "endpoint", "object", "key", "seq"),
    "w.next_at, w.id",
    eligible=f"AND NOT EXISTS ({_EARLIER})",
)


@dataclass(frozen=True, slots=True)
class Lease:
    """Work that this worker holds until ``until`` (milliseconds); ``row`` has the columns of its kind."""

    kind: Kind
    id: str
    token: int
    attempts: int
    max_attempts: int
    timeout: int
    until: int
    row: dict[str, Any]

    @property
    def has_time(self) -> bool:
        """Whether a whole timeout still fits into the lease."""
        return self.until - times.now() >= self.timeout * 1000


def has_due(kind: Kind) -> bool:
    """Whether something waits; a read, which on SQLite takes no lock."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {kind.table} WHERE state = '{DUE}' AND next_at <= %s LIMIT 1",  # noqa: S608
            [times.now()],
        )
        return cursor.fetchone() is not None


def claim(kind: Kind, worker: str, limit: int, *, fresh: bool) -> list[Lease]:
    """Claim up to ``limit`` pieces of due work, in their order.

    ``fresh`` takes what was never tried, otherwise what was: a job that kills its worker must not use up the
    attempts of those claimed with it, so the caller takes tried ones singly.
    """
    now = times.now()
    skip = "FOR UPDATE OF w SKIP LOCKED" if connection.vendor == "postgresql" else ""
    names = ("id", "token", "attempts", "max_attempts", "timeout", "lease_until", "next_at", *kind.columns)
    sql = f"""
        WITH picked AS {"MATERIALIZED" if skip else ""} (
            SELECT w.id FROM {kind.table} w
            WHERE w.state = '{DUE}' AND w.next_at <= %s AND w.attempts {"=" if fresh else ">"} 0 {kind.eligible}
            ORDER BY {kind.order} LIMIT %s {skip}
        )
        UPDATE {kind.table} SET lease_until = %s + 2000 * timeout, next_at = %s + 2000 * timeout, token = token + 1,
            attempts = attempts + 1, workers = workers || %s, attempted_at = %s,
            started_at = COALESCE(started_at, %s){kind.claimed}
        WHERE id IN (SELECT id FROM picked)
        RETURNING {", ".join(names)}
    """  # noqa: S608
    with atomic(), connection.cursor() as cursor:
        cursor.execute(sql, [now, limit, now, now, f"{worker} ", now, now])
        rows = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    if kind is JOBS:
        rows.sort(key=lambda row: (-row["priority"], row["id"]))
    else:
        rows.sort(key=lambda row: row["id"])
        if fresh and len(rows) < limit and has_due(kind):
            _park()
    return [
        Lease(kind, r["id"], r["token"], r["attempts"], r["max_attempts"], r["timeout"], r["lease_until"], r)
        for r in rows
    ]


def _park() -> None:
    """Put deliveries aside that wait behind another of their object: each claim would look at all of them again, and
    twenty thousand events of one object cost as many looks each."""
    now = times.now()
    skip = "FOR UPDATE OF w SKIP LOCKED" if connection.vendor == "postgresql" else ""
    with atomic(), connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"""
                UPDATE jobs_delivery SET next_at = %s WHERE id IN (
                    SELECT w.id FROM jobs_delivery w
                    WHERE w.state = '{DUE}' AND w.next_at <= %s AND w.attempts = 0 AND EXISTS ({_EARLIER})
                    ORDER BY w.next_at, w.id LIMIT {_PARK} {skip}
                )
                """,  # noqa: S608
                [now + 1000 * PARKED, now],
            )
            if cursor.rowcount < _PARK:
                return


def _call_next(lease: Lease) -> None:
    """The delivery that waited behind this one is due."""
    if lease.kind is not DELIVERIES:
        return
    row = lease.row
    subject = [row["endpoint"], row["object"], row["key"]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE jobs_delivery SET next_at = %s WHERE attempts = 0 AND next_at > %s AND id = (
                SELECT w.id FROM jobs_delivery w WHERE w.state = '{DUE}' AND w.endpoint = %s AND w.object = %s
                AND w.key = %s AND w.seq > %s ORDER BY w.seq LIMIT 1
            )
            """,  # noqa: S608
            [times.now(), times.now(), *subject, row["seq"]],
        )


def finish(lease: Lease, result: str | None = None) -> None:
    """Mark the work done, in the transaction of its effects. Raises LeaseLostError when it is no longer
    ours."""
    now = times.now()
    extra, values = (", result = %s", [result]) if lease.kind is JOBS else ("", [])
    _update(
        lease,
        f"{lease.kind.acked}next_at = %s, lease_until = 0, finished_at = %s, error = ''{extra}",
        [now, now, *values],
    )
    _call_next(lease)


def release(leases: Sequence[Lease]) -> None:
    """Give claimed work back untried."""
    now = times.now()
    with atomic(), connection.cursor() as cursor:
        for lease in leases:
            cursor.execute(
                f"UPDATE {lease.kind.table} SET next_at = %s, lease_until = 0, attempts = attempts - 1 "  # noqa: S608
                f"WHERE id = %s AND token = %s AND state = '{DUE}'",
                [now, lease.id, lease.token],
            )


def fail(lease: Lease, error: BaseException) -> bool:
    """Note a failed attempt; the work is due again after a pause that grows, or dead. Returns whether it is
    dead.

    Runs in the caller's transaction. Raises LeaseLostError when it is no longer ours.
    """
    now = times.now()
    dead = isinstance(error, GiveUpError) or lease.attempts >= lease.max_attempts
    pause = error.after if isinstance(error, RetryError) else wait(lease.attempts)
    said = json.dumps(
        {
            "class": f"{type(error).__module__}.{type(error).__qualname__}",
            "traceback": "".join(traceback.format_exception(error))[-8000:].replace("\0", "\ufffd"),
        }
    )
    if dead:
        _update(lease, f"state = '{DEAD}', lease_until = 0, finished_at = %s, error = %s", [now, said])
        _call_next(lease)
    else:
        _update(lease, "next_at = %s, lease_until = 0, error = %s", [now + int(pause * 1000), said])
    return dead


def wait(attempts: int) -> float:
    """Seconds before the next attempt: 2, 4, 8 … each times 0.5 to 1.5, so that a crowd does not come back at
    once."""
    return min(LONGEST_WAIT, float(2 ** min(attempts, 20))) * (0.5 + random.random())  # noqa: S311


def _update(lease: Lease, changes: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {lease.kind.table} SET {changes} WHERE id = %s AND token = %s AND state = '{DUE}'",  # noqa: S608
            [*values, lease.id, lease.token],
        )
        if cursor.rowcount != 1:
            raise LeaseLostError(f"{lease.kind.table} {lease.id}: another worker has claimed it")
