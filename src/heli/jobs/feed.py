"""Reading events in an order in which none is ever missed, however late its transaction committed."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import connection

from heli.jobs import pulse
from heli.jobs.models import Event
from heli.jobs.subscribers import EventView
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

MOST = 1000
_FIELDS = ("uid", "type", "object", "key", "subject_seq", "data", "at")


@dataclass(frozen=True, slots=True)
class Page:
    """Events in their order. ``next`` is the cursor for the page after them, also when nothing follows
    yet."""

    events: list[EventView]
    next: str


def read(after: str = "", *, limit: int = 100, types: Collection[str] | None = None) -> Page:
    """Events after a cursor (empty: from the first that is kept), at most ``limit`` (1 to 1000), of these
    types only.

    Raises Invalid for a cursor that is none and for a limit out of bounds.
    """
    xact, number = _parse(after)
    if not 1 <= limit <= MOST:
        raise Invalid(Problem("limit", "range", Words(f"应在 1 到 {MOST} 之间", f"must be from 1 to {MOST}")))
    wanted = Event.objects.extra(where=[pulse.horizon(), "(xact, number) > (%s, %s)"], params=[xact, number])  # noqa: S610
    if types is not None:
        wanted = wanted.filter(type__in=sorted(types))
    rows = list(wanted.order_by("xact", "number").values_list("xact", "number", *_FIELDS)[:limit])
    last = f"{rows[-1][0]}.{rows[-1][1]}" if rows else f"{xact}.{number}"
    return Page([view(row[2:]) for row in rows], last)


def one(uid: str) -> EventView | None:
    """The event with this id."""
    row = Event.objects.filter(uid=uid).values_list(*_FIELDS).first()
    return None if row is None else view(row)


def view(row: tuple[Any, ...]) -> EventView:
    uid, kind, thing, key, seq, data, at = row
    return EventView(uid, kind, thing, key, seq, json.loads(data), at)


def _parse(cursor: str) -> tuple[int, int]:
    if not cursor:
        return 0, 0
    xact, dot, number = cursor.partition(".")
    fine = cursor.isascii() and xact.isdigit() and number.isdigit() and len(cursor) < 40
    if not (fine and dot) or int(xact) >= 1 << 63 or int(number) >= 1 << 63:
        raise Invalid(Problem("after", "cursor", Words("不是有效的游标", "is no cursor of this feed")))
    return (0 if _is_foreign(int(xact)) else int(xact)), int(number)


def _is_foreign(xact: int) -> bool:
    """Whether a transaction number comes from the server on which this database stood before it was
    restored."""
    if connection.vendor != "postgresql" or xact == 0:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s > pg_snapshot_xmax(pg_current_snapshot())::text::bigint", [xact])
        return bool(cursor.fetchone()[0])


def settle() -> int:
    """After a restore into another PostgreSQL server: count events whose transaction lies in that server's
    future as settled.

    Otherwise they would stay invisible until it has caught up. Returns how many there were; a worker calls it
    when it starts.
    """
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_event SET xact = 0 WHERE xact > pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
        )
        return int(cursor.rowcount)
