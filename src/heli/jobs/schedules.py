"""Work by the clock. Each moment of a schedule is a row that only one worker can insert: it enqueues the job,
the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from django.db import connection
from django.db.transaction import atomic
from django.utils import timezone

from heli.jobs import times
from heli.jobs.models import Slot
from heli.jobs.tasks import LeaseTask
from heli.kernel import clock
from heli.kernel.errors import Broken

_SLOT = "INSERT INTO jobs_slot (schedule, at) VALUES (%s, %s) ON CONFLICT DO NOTHING"


@dataclass(frozen=True, slots=True)
class Schedule:
    """``seconds`` between moments, or a time of ``day`` in ``zone`` (None: the company's current zone)."""

    name: str
    task: LeaseTask
    seconds: int = 0
    day: time | None = None
    zone: tzinfo | None = None

    def latest(self, now: datetime) -> datetime:
        """The newest moment of this schedule that is not after ``now``."""
        if self.day is None:
            step = self.seconds * 1000
            return times.moment(times.millis(now) // step * step)
        zone = self.zone or timezone.get_current_timezone()
        local = now.astimezone(zone)
        today = datetime.combine(local.date(), self.day, zone)
        return today if today <= local else datetime.combine(local.date() - timedelta(days=1), self.day, zone)


_schedules: dict[str, Schedule] = {}


def every(name: str, seconds: int, task: LeaseTask) -> Schedule:
    """Run a task (without arguments) every so many seconds, counted from 1970 in UTC. Raises Broken for a
    name given twice."""
    if seconds < 1:
        raise Broken(f"the schedule {name!r} needs at least a second between its moments")
    return _add(Schedule(name, task, seconds=seconds))


def daily(name: str, at: str, task: LeaseTask, *, zone: tzinfo | None = None) -> Schedule:
    """Run a task (without arguments) every day at ``at`` (``"03:30"``). Raises Broken for a name given twice,
    ValueError for no time."""
    return _add(Schedule(name, task, day=time.fromisoformat(at), zone=zone))


def _add(schedule: Schedule) -> Schedule:
    known = _schedules.get(schedule.name)
    if known is not None and known != schedule:
        raise Broken(f"the schedule {schedule.name!r} is registered twice")
    _schedules[schedule.name] = schedule
    return schedule


def remove(name: str) -> None:
    """Take a schedule away; for tests."""
    del _schedules[name]


def tick() -> int:
    """Enqueue what has come due; any number of workers may call this at any time. Returns how many jobs were
    enqueued.

    Of moments missed while no worker ran only the latest is made up for. A daily schedule seen for the first
    time waits for its next moment.
    """
    done = 0
    now = clock.now()
    latest = {one.name: times.millis(one.latest(now)) for one in _schedules.values()}
    taken: dict[str, int] = {}
    for name, at in Slot.objects.filter(schedule__in=latest).order_by("at").values_list("schedule", "at"):
        taken[name] = at
    for schedule in list(_schedules.values()):
        at, before = latest[schedule.name], taken.get(schedule.name)
        if before is not None and before >= at:
            continue
        with atomic(), connection.cursor() as cursor:
            cursor.execute(_SLOT, [schedule.name, at])
            if cursor.rowcount == 1 and (before is not None or schedule.day is None):
                schedule.task.enqueue()
                done += 1
    return done
