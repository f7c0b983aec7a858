"""What is due: claimed by its index, each in a transaction of its own, so that how many wait costs nothing."""

from __future__ import annotations

from datetime import timedelta

from heli.flows import hearing, ladder, library, rights
from heli.flows.core import events as e
from heli.flows.core.due import next_cycle
from heli.flows.models import Opening, Timer, Version
from heli.flows.service import JOB
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.errors import NotFound

EVERY = 5
"""Seconds between two looks."""
DAILY = 24 * 60 * 60
"""The same, for what nobody waits for."""
LATE = timedelta(minutes=30)
"""How long ago a deputy's time may have begun to be noticed: longer than the worker is ever away."""
MOST = 500
"""Timers of one look; the next has the rest."""


@task(timeout=60, atomic=False)
def look() -> int:
    """Fire what is due. Returns how many."""
    due = list(Timer.objects.filter(due_at__lte=clock.now()).order_by("due_at").values_list("pk", "instance_id")[:MOST])
    fired = sum(fire(timer, instance) for timer, instance in due)
    openings = list(
        Opening.objects.filter(due_at__lte=clock.now()).order_by("due_at").values_list("pk", flat=True)[:MOST]
    )
    return fired + sum(begin(one) for one in openings)


def begin(opening: int) -> bool:
    """Begin a case by the clock, and say when the next is due. The cause is the moment: two workers begin one."""
    from heli.flows.run import in_one

    def whole() -> bool:
        now = clock.now()
        one = Opening.objects.select_for_update().filter(pk=opening, due_at__lte=now).first()
        if one is None or one.due_at is None:
            return False
        timer = library.definition(Version.objects.get(pk=one.version_id)).nodes[one.node].timer
        assert timer is not None
        at = one.due_at
        one.last_at, one.due_at = at, next_cycle(timer, now, at)
        one.save(update_fields=["last_at", "due_at"])
        hearing.start.enqueue(one.version_id, one.node, ["timer", f"timer:{at.isoformat()}", "", "", {}], None)
        return True

    return in_one(whole)


def fire(timer: int, instance: int) -> bool:
    """Fire one timer unless another worker has, or the work has gone on since. The instance is locked first, as every step does."""
    from heli.flows.run import in_one, opened

    def whole() -> bool:
        with opened(instance, JOB) as run:
            one = Timer.objects.filter(pk=timer).first()
            if one is None:
                return False
            one.delete()
            if run.state.ended is None:
                run.send(e.Due(one.token, one.node, one.round))
                run.save("timer", told={"node": run.definition.nodes[one.node].element})
            return True

    try:
        return in_one(whole)
    except NotFound:
        return False  # the instance is gone, and its timers with it


@task(timeout=60)
def stand_in() -> int:
    """Let deputies reach what their principals' work is about from the moment that their time begins. Returns for how many."""
    return rights.begun(LATE)


@task(timeout=120, atomic=False)
def remind() -> int:
    """Tell of work that takes its time. Returns of how many."""
    return ladder.climb()


@task(timeout=120)
def forget() -> int:
    """Take away what copies have shown for long enough; it is read by nobody since. Returns of how many."""
    return rights.forget()


def attach() -> None:
    """Have the worker look."""
    schedules.every("flows.timers", EVERY, look)
    schedules.every("flows.deputies", 60, stand_in)
    schedules.every("flows.ladder", 60, remind)
    schedules.every("flows.copies", DAILY, forget)
