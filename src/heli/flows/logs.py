"""The job that reads logs of other systems, without what measures them: that is loaded when there is one to read."""

from __future__ import annotations

from datetime import timedelta

from heli.flows.models import OtherLog
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock

TIMEOUT = 120
ATTEMPTS = 2
"""Times that a log is begun to be read: of one that ends its worker with it no more is tried."""
BEHIND = -1
"""It waits for what people wait for."""
LOST = timedelta(minutes=15)
"""After so long a log that is still to be read is asked for again: its job has gone."""


@task(timeout=TIMEOUT, max_attempts=ATTEMPTS + 1, atomic=False)
def take(number: int) -> None:
    """Read a log that waits for it."""
    from heli.flows.analytics import others

    others.take(number)


@task(timeout=60)
def again() -> int:
    """Ask once more for logs whose job has gone, and for those from before there was one; returns for how many."""
    rows = OtherLog.objects.filter(state__in=OtherLog.ON_THE_WAY, moved_at__lt=clock.now() - LOST)
    lost = list(rows.order_by("pk").values_list("pk", flat=True)[:100])
    for number in lost:
        ask(number)
    return len(lost)


def ask(number: int) -> None:
    """Have it read; part of the caller's transaction."""
    take.using(dedup_key=f"log {number}", priority=BEHIND).enqueue(number)


def attach() -> None:
    """Have the worker look for what was lost."""
    schedules.every("flows.logs", 60, again)
