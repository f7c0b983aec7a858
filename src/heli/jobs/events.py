"""Events: what happened, told in the transaction in which it happened.

``publish`` writes the event and a delivery for each subscriber beside the caller's own rows: either all of it
is committed or none. Reading back is in ``feed`` and ``pulse``.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.db.transaction import atomic

from heli.audit import bulk
from heli.jobs import pulse, times, wake
from heli.jobs.subscribers import EventView, Handler, matching, subscribe
from heli.kernel import clock, quick
from heli.kernel.errors import Broken
from heli.kernel.ids import uuid7
from heli.kernel.quick import Statement

__all__ = ["EventData", "EventView", "Handler", "publish", "publish_many", "subscribe"]

_EVENT: Final = ("uid", "type", "object", "key", "subject_seq", "data", "at")
_DELIVERY: Final = (
    "id", "state", "next_at", "lease_until", "token", "attempts", "max_attempts", "timeout", "workers", "made_at",
    "error", "event", "endpoint", "object", "key", "seq",
)  # fmt: skip
_COUNT: Final = """
    INSERT INTO jobs_subject (object, key, last) VALUES (%s, %s, %s)
    ON CONFLICT (object, key) DO UPDATE SET last = jobs_subject.last + excluded.last
"""
_CHUNK: Final = 300
_LAST: Final = "(SELECT last FROM jobs_subject WHERE object = %s AND key = %s)"
_TELL: Final = f"""
    INSERT INTO jobs_event (uid, type, object, key, subject_seq, data, at) VALUES (%s, %s, %s, %s, {_LAST}, %s, %s)
"""  # noqa: S608
_DELIVER: Final = f"""
    INSERT INTO jobs_delivery (id, state, next_at, lease_until, token, attempts, max_attempts, timeout, workers, made_at, error, event,
        endpoint, object, key, seq)
    VALUES (%s, 'due', %s, 0, 0, 0, %s, %s, '', %s, '', %s, %s, %s, %s, {_LAST})
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class EventData:
    """``type`` is ``<object type>.<what happened>``; ``object`` and ``key`` name the thing; ``data`` stays
    thin, for whoever receives the event fetches the fields with their own rights."""

    type: str
    object: str
    key: str
    data: Mapping[str, Any] = field(default_factory=dict)


def publish(type: str, object: str, key: str, data: Mapping[str, Any] | None = None) -> str:
    """Tell one event in the caller's transaction; returns its id. Raises as ``publish_many`` does."""
    return publish_many([EventData(type, object, key, data or {})])[0]


def publish_many(many: Sequence[EventData], *, fresh: bool = False) -> list[str]:
    """Tell events in the caller's transaction, in their order; returns their ids. ``fresh``: their objects were made in
    this very transaction, so nothing was told of them before.

    Locks the counters of their objects until it ends. Raises Broken outside a transaction; TypeError or
    ValueError for data that is not JSON or names that are empty or too long, before anything is written.
    """
    if not connection.in_atomic_block:
        raise Broken("an event belongs to the transaction of what happened: open one")
    if not many:
        return []
    texts = [_text(event) for event in many]
    with atomic(savepoint=False):
        if len(many) == 1:
            uid, statements = _one(many[0], texts[0])
            quick.together(statements)
            return [uid]
        return _write(many, texts, fresh)


def telling(event: EventData) -> list[Statement]:
    """What tells one event, to be run beside other statements of the caller's transaction. Raises as ``publish_many`` does."""
    if not connection.in_atomic_block:
        raise Broken("an event belongs to the transaction of what happened: open one")
    return _one(event, _text(event))[1]


def _one(event: EventData, text: str) -> tuple[str, list[Statement]]:
    """The id of one event, and what writes it: its number is that of its object's counter, moved on just before."""
    uid, now, subject = uuid7(), times.now(), [event.object, event.key]
    at = quick.moment(clock.now())
    wanted = [one for one in matching(event.type) if one.when is None or one.when(event.type)]
    told: Statement = (_TELL, [uid, event.type, *subject, *subject, text, at])
    deliveries = [
        (_DELIVER, [uuid7(), now, one.max_attempts, one.timeout, now, uid, one.name, *subject, *subject])
        for one in wanted
    ]
    pulse.after_commit()
    if wanted:
        wake.after_commit()
    return uid, [(_COUNT, [*subject, 1]), *quick.one([told, *deliveries])]


def _text(event: EventData) -> str:
    for name, most in (("type", 80), ("object", 80), ("key", 100)):
        value = getattr(event, name)
        if not 0 < len(value) <= most or "\0" in value:
            raise ValueError(f"an event's {name} has between 1 and {most} characters: {value[:most]!r}")
    return json.dumps(dict(event.data), allow_nan=False)


def _write(many: Sequence[EventData], texts: list[str], fresh: bool) -> list[str]:
    at, now = clock.now(), times.now()
    counts = _count(many, fresh)
    events: list[tuple[Any, ...]] = []
    deliveries: list[tuple[Any, ...]] = []
    wanted = {
        kind: [one for one in matching(kind) if one.when is None or one.when(kind)]
        for kind in {event.type for event in many}
    }
    for event, text in zip(many, texts, strict=True):
        subject = (event.object, event.key)
        counts[subject] += 1
        uid, seq = uuid7(), counts[subject]
        events.append((uid, event.type, *subject, seq, text, at))
        deliveries += [
            (uuid7(), "due", now, 0, 0, 0, one.max_attempts, one.timeout, "", now, "", uid, one.name, *subject, seq)
            for one in wanted[event.type]
        ]
    bulk.insert("jobs_event", _EVENT, bulk.moments(events, 6))
    bulk.insert("jobs_delivery", _DELIVERY, deliveries)
    pulse.after_commit()
    if deliveries:
        wake.after_commit()
    return [event[0] for event in events]


def _count(many: Sequence[EventData], fresh: bool) -> dict[tuple[str, str], int]:
    """Take the next numbers of each object; returns what each had before. Locks in one order, so that two
    imports never wait for each other in a ring."""
    more = Counter((event.object, event.key) for event in many)
    subjects = sorted(more)
    found: dict[tuple[str, str], int] = {}
    with connection.cursor() as cursor:
        if len(subjects) == 1:
            cursor.execute(f"{_COUNT} RETURNING last", [*subjects[0], more[subjects[0]]])
            found[subjects[0]] = cursor.fetchone()[0]
        else:
            cursor.executemany(_COUNT, [(*subject, more[subject]) for subject in subjects])
            if fresh:
                return dict.fromkeys(subjects, 0)
            for i in range(0, len(subjects), _CHUNK):
                some = subjects[i : i + _CHUNK]
                marks = ", ".join(["(%s, %s)"] * len(some))
                cursor.execute(
                    f"SELECT object, key, last FROM jobs_subject WHERE (object, key) IN (VALUES {marks})",  # noqa: S608
                    [name for subject in some for name in subject],
                )
                found |= {(row[0], row[1]): row[2] for row in cursor.fetchall()}
    return {subject: found[subject] - more[subject] for subject in subjects}
