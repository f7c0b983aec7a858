"""Questions about rules that count records under conditions of their own, kept in the audit log without a row for every press of a key.

By ever narrower conditions a value could be found out, so each question is kept. The first of an asker about a rule stands in the log
at once; what they ask of the same rule within the minute after it is gathered in one row beside the log, all different questions in
full, and written there as one entry when the minute is over (the next question, or ``write``), or when much has gathered.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.policy.models import Question

MINUTE = timedelta(minutes=1)
MOST = 40
"""Different questions in one entry."""
LARGEST = 16_000
"""Bytes of them."""
PART = 100


def tell(by: Actor, action: str, about: str, body: Mapping[str, Any]) -> None:
    """Keep that somebody asked this; ``about``: which rule, in a few words; empty: it is a question by
    itself, and stands in the log at once. In a transaction of its own, or the caller's."""
    digest = hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
    key = {
        "person_id": by.person or 0,
        "action": action,
        "about": f"{about or digest}|{by.via}|{by.origin}|{by.acting_for or ''}"[:300],
    }
    with log.transaction():
        row, new = Question.objects.select_for_update().get_or_create(**key, defaults={"since": clock.now()})
        if not new and row.since > clock.now() - MINUTE:
            row.times += 1
            if digest not in row.known:
                row.known = [*row.known, digest]
                row.bodies = [*row.bodies, dict(body)]
                if len(row.bodies) >= MOST or len(orjson.dumps(row.bodies)) >= LARGEST:
                    _write(row)
            row.save()
            return
        if row.bodies:
            _write(row)
        row.since, row.known, row.bodies, row.times = clock.now(), [digest], [], 0
        row.actor = {"name": by.name, "origin": by.origin, "via": by.via, "acting_for": by.acting_for}
        row.save()
        _append(row, dict(body))


def _write(row: Question) -> None:
    """What has gathered, as one entry."""
    many = row.bodies[0] if len(row.bodies) == 1 else {"questions": row.bodies, "times": row.times}
    _append(row, many)
    row.bodies, row.times = [], 0


def _append(row: Question, after: Mapping[str, Any]) -> None:
    told = row.actor
    log.append(
        EntryData(
            action=row.action, object_type="policy", object_id="", actor_id=row.person_id or None, actor_name=told["name"],
            acting_for_id=told["acting_for"], origin=told["origin"], via=told["via"], after=after,
        )
    )  # fmt: skip


@task(timeout=60)
def write() -> int:
    """Write what was asked in minutes that are over; returns how many rows that were."""
    with log.transaction():
        over = Question.objects.select_for_update().filter(since__lte=clock.now() - MINUTE).order_by("pk")
        rows = list(over[:PART])
        for row in rows:
            if row.bodies:
                _write(row)
            row.delete()
    return len(rows)


def attach() -> None:
    """Look every minute."""
    schedules.every("questions.write", 60, write)
