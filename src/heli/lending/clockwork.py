"""What the clock brings: warnings before a loan ends, requests that nobody answers. No right depends on it."""

from __future__ import annotations

from datetime import timedelta

from heli.access.models import Reach
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.lending import ask, hold, loans
from heli.lending.models import Loan, Request
from heli.lending.terms import kind_named
from heli.records import readers

DAY = timedelta(days=1)
KEPT = timedelta(days=1)
MOST = 500
"""Rows of one run; the next minute has the rest."""


def warns(loan: Loan) -> bool:
    """Whether the end is near: within a day, or the last tenth of a loan that is shorter than ten days."""
    left = loan.ends - clock.now()
    return left <= min(DAY, (loan.ends - loan.starts) / 10) if loan.ends - loan.starts < 10 * DAY else left <= DAY


@task(timeout=60)
def look() -> int:
    """Warn of loans that end soon, close requests that nobody has answered, move on those that wait too long."""
    now = clock.now()
    done = 0
    soon = Loan.objects.filter(ended_at=None, warned_at=None, ends__gt=now, ends__lte=now + DAY).order_by("ends")
    for loan in soon[:MOST]:
        if warns(loan):
            loan.warned_at = now
            loan.save(update_fields=["warned_at"])
            loans.tell(ask.JOB, loan, "warn")
            done += 1
    old = Request.objects.select_for_update(of=("self",)).filter(ask.waiting(), at__lte=now - ask.PATIENCE)
    for one in old.order_by("at")[:MOST]:
        ask.close(one, Request.LAPSED, ask.JOB)
        done += 1
    late = Request.objects.select_for_update(of=("self",)).filter(
        state=Request.OPEN, kind=Request.LOAN, held=False, turn_at__lte=now - ask.TURN
    )
    for one in late.order_by("turn_at")[:MOST]:
        done += _next(one)
    done += Reach.objects.filter(kind="record", source__startswith="loan:", until__lte=now - KEPT).delete()[0]
    return done


def _next(one: Request) -> int:
    """The next in line is asked as well; who was asked before may still answer."""
    kind = kind_named(one.type)
    row = readers.row_of(kind, one.record_id)
    one.turn_at = clock.now()
    found = None
    if row is not None:
        found = next(hold.lenders(kind, row, ask.wanted(kind, one), (one.borrower_id, *one.asked)), None)
    if found is not None:
        one.approver_id, one.asked = found, [*one.asked, found]
    one.save(update_fields=["turn_at", "approver_id", "asked"])
    if found is not None:
        ask.tell(ask.JOB, one, "move")
    return int(found is not None)


def start() -> None:
    """Register the run of every minute."""
    schedules.every("lending.look", 60, look)
