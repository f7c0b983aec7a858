"""Writing down what people took, and what follows when somebody is over their budget: an alert, then a freeze."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from django.db import connection
from django.db.transaction import atomic

from heli.access import freeze
from heli.audit import log
from heli.guard import alerts, budget, settings, told
from heli.guard.budget import APPROVED, Line
from heli.kernel import clock
from heli.kernel.actor import Actor

BY = Actor(None, "system: guard", "job", via="guard")

_RECENT = (
    "INSERT INTO guard_recent (person_id, slice, kind, n) VALUES (%s, %s, %s, %s) "
    "ON CONFLICT (person_id, slice, kind) DO UPDATE SET n = guard_recent.n + excluded.n"
)
_TAKEN = (
    "INSERT INTO guard_taken (person_id, day, type, channel, kind, n) VALUES (%s, %s, %s, %s, %s, %s) "
    "ON CONFLICT (person_id, day, type, channel, kind) DO UPDATE SET n = guard_taken.n + excluded.n"
)


def record(batch: Mapping[int, Mapping[tuple[str, str, str], int]]) -> None:
    """Add counts by person, type, channel and kind to the tables, in one transaction."""
    moment = clock.now()
    piece, day = budget.slice_of(moment), clock.today()
    recent: dict[tuple[int, str], int] = defaultdict(int)
    rows = []
    for person, counts in batch.items():
        for (code, channel, kind), n in counts.items():
            recent[person, f"{APPROVED}{kind}" if channel == "approved" else kind] += n
            rows.append((person, day, code, channel, kind, n))
    with atomic(), connection.cursor() as cursor:  # in one order, so that two processes never wait in a ring
        cursor.executemany(_RECENT, [(p, piece, k, n) for (p, k), n in sorted(recent.items())])
        cursor.executemany(_TAKEN, sorted(rows))


def over(person: int, line: Line) -> None:
    """Somebody has taken their whole budget: tell it once, and freeze them where policy says so, but for what an approver
    gave them: that fills the budget, and is no reason to punish."""
    evidence = {
        "kind": line.kind, "window": line.window, "used": line.used, "limit": line.limit, "own": line.own,
        "peers": line.peers, "leaving": line.leaving, "approved": line.approved,
    }  # fmt: skip
    alerts.tell("budget", person, evidence)
    at = settings.number("freeze_at")
    if at and line.unapproved * 100 >= at:
        with log.transaction():
            made = freeze.freeze(BY, person, line.words().en)
            if made:
                told.frozen(BY, person, clock.now().isoformat())
        if made:
            alerts.tell("frozen", person, evidence)
