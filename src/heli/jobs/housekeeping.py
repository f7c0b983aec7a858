"""Old rows of finished work are deleted after 30 days; nothing that waits or died ever is. The audit log is
never touched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.db.transaction import atomic

from heli.jobs import schedules, times
from heli.jobs.models import DONE, Delivery, Event, Job, Slot
from heli.jobs.tasks import task
from heli.kernel import clock

KEPT: Final = timedelta(days=30)
_CHUNK: Final = 1000


@task(timeout=600, atomic=False)
def tidy() -> int:
    """Delete what finished more than 30 days ago, in small transactions; returns how many rows."""
    before = clock.now() - KEPT
    at = times.millis(before)
    newer = Slot.objects.filter(schedule=OuterRef("schedule"), at__gt=OuterRef("at"))
    undone = Delivery.objects.filter(event=OuterRef("uid")).exclude(state=DONE)
    return sum(
        _delete(rows)
        for rows in (
            Job.objects.filter(state=DONE, finished_at__lt=at),
            Delivery.objects.filter(state=DONE, finished_at__lt=at),
            Event.objects.filter(~Exists(undone), at__lt=before),
            Slot.objects.filter(Exists(newer), at__lt=at),
        )
    )


def _delete(rows: QuerySet[Any]) -> int:
    deleted: int = 0
    while True:
        with atomic():
            some = list(rows.values_list("pk", flat=True)[:_CHUNK])
            deleted += rows.model._default_manager.filter(pk__in=some).delete()[0]
        if len(some) < _CHUNK:
            return deleted


def start() -> None:
    """Register the nightly run."""
    schedules.daily("jobs.tidy", "03:30", tidy)
