"""Work that takes its time: its holder is reminded, told when the time is up, then their manager is, and at last the step is decided by
itself, as its definition says. A timer boundary event says what else happens.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from heli.flows import library, matters, rights, told_of
from heli.flows.core import events as e
from heli.flows.core.definition import Task
from heli.flows.core.duration import duration
from heli.flows.core.state import ItemState
from heli.flows.models import Copied, Happening, Instance, Work
from heli.insight import company
from heli.jobs.tasks import task as task_of
from heli.kernel import clock
from heli.kernel.calendar import Calendar
from heli.kernel.errors import NotFound, Refused
from heli.org import zone

MOST = 500
"""Pieces of work of one look; the next has the rest."""
CALENDAR = Calendar()
ESCALATED, PUT_OFF = "escalated", "put_off"
"""What is told in the history of a case: whom it has gone to that somebody's work is late, and until when it is put off."""


def due(task: Task, now: datetime) -> datetime | None:
    """Until when work that is opened now is to be done: in working time."""
    return _after(task.within, now)


def first(task: Task, until: datetime | None) -> datetime | None:
    """When somebody is told first of work that is due then."""
    if until is None:
        return None
    before = duration(task.remind) if task.remind else None
    return until - before if before is not None else until


def _after(text: str, start: datetime) -> datetime | None:
    span = duration(text) if text else None
    if span is None:
        return None
    try:
        return CALENDAR.after(zone.here(start), span)
    except OverflowError:
        return None  # further away than any calendar reaches


def climb() -> int:
    """Tell of all work whose next moment has come, each in a transaction of its own. Returns of how many."""
    waiting = Work.objects.filter(state=Work.OPEN, next_at__lte=clock.now()).order_by("next_at")
    return sum(_step(one) for one in list(waiting.values_list("pk", flat=True)[:MOST]))


def _step(pk: int) -> bool:
    """Take work to the next moment of its time."""
    one = Work.objects.select_related("instance__version__process").defer("instance__version__source").get(pk=pk)
    task = library.definition(one.instance.version).nodes[one.node].task
    if task is not None and task.outcome and one.due_at is not None:
        at = _after(task.after, one.due_at) if task.after else one.due_at
        if at is not None and at <= clock.now():
            return _conclude(one.instance_id, one.number, task.outcome == "approve")
    return _tell(pk)


def _conclude(instance: int, number: int, approve: bool) -> bool:
    """Decide a step that nobody has decided in its time, under the case's lock."""
    from heli.flows.run import in_one, opened
    from heli.flows.service import JOB

    def whole() -> bool:
        with opened(instance, JOB) as run:
            item = run.state.items.get(number)
            if item is None or item.state is not ItemState.OPEN or run.gone:
                return False  # done meanwhile, or it stands still with its record
            token = run.state.tokens[item.token]
            node = run.definition.nodes[token.node].element
            run.tell("elapsed", node=token.node, outcome="approved" if approve else "rejected")
            run.send(e.Elapsed(token.id, token.round, approve))
            run.save("elapsed", told={"node": node})
            return True

    try:
        return in_one(whole)
    except (Refused, NotFound):  # a rejection leads nowhere, or the case is gone: people have to see to it
        Work.objects.filter(instance_id=instance, number=number).update(next_at=None)
        return False


def _tell(pk: int) -> bool:
    with transaction.atomic():
        now = clock.now()
        rows = Work.objects.select_for_update(skip_locked=True, of=("self",)).select_related(
            "instance__version__process"
        )
        one = rows.defer("instance__version__source").filter(pk=pk, state=Work.OPEN, next_at__lte=now).first()
        if one is None or one.due_at is None:
            return False  # done meanwhile, or another worker's
        row, task = one.instance, library.definition(one.instance.version).nodes[one.node].task
        assert task is not None
        people = [one.person_id, *(who for who, _ in rights.deputies(one.person_id, row))]
        manager_at = _after(task.escalate, one.due_at)
        outcome_at = (_after(task.after, one.due_at) if task.after else one.due_at) if task.outcome else None
        if now < one.due_at:
            told_of.reminded(row, one.node, one.number, one.due_at, people)
            one.next_at = one.due_at
        elif manager_at is None or now < manager_at:
            if not matters.acts(row.type, library.definition(row.version).nodes[one.node]):
                told_of.late(row, one.node, one.number, one.due_at, people)
            one.next_at = min((at for at in (manager_at, outcome_at) if at is not None), default=None)
        else:
            told_of.late(row, one.node, one.number, one.due_at, people)
            _escalate(one, one.due_at)
            one.next_at = outcome_at
        one.save(update_fields=["next_at"])
        return True


def renew(type_: str, key: str) -> None:
    """What a matter waits for is wanted at another moment: its open work is due then, and its holders hear of it anew. In the caller's
    transaction."""
    rows = Work.objects.select_for_update(of=("self",)).select_related("instance__version__process")
    found = rows.defer("instance__version__source").filter(
        instance__type=type_, instance__record_id=key, instance__state=Instance.RUNNING, state=Work.OPEN
    )
    for one in found.order_by("pk"):
        node = library.definition(one.instance.version).nodes[one.node]
        until = matters.due(type_, key, node)
        if node.task is not None and until is not None and until != one.due_at:
            _tell_above(one, node.task)
            _put_off(one, until)
            one.due_at, one.next_at = until, first(node.task, until)
            one.save(update_fields=["due_at", "next_at"])


def _tell_above(one: Work, task: Task) -> None:
    """Work that was not done in its time is put off: who hears of it then, as its step says, hears of it all the same."""
    at = (
        _after(task.escalate, one.due_at)
        if task.escalate and one.due_at is not None and one.due_at <= clock.now()
        else None
    )
    if at is not None:
        escalate.using(run_after=at).enqueue(one.pk, one.due_at.isoformat() if one.due_at is not None else "")


@task_of(timeout=60)
def escalate(pk: int, was: str = "") -> None:
    """The same at its moment, unless it is done by then. ``was``: when it was due, before it was put off."""
    rows = Work.objects.select_for_update(of=("self",)).select_related("instance__version__process")
    one = (
        rows.defer("instance__version__source").filter(pk=pk, state=Work.OPEN, instance__state=Instance.RUNNING).first()
    )
    if one is not None:
        _escalate(one, datetime.fromisoformat(was) if was else one.due_at)


def _escalate(one: Work, was: datetime | None) -> None:
    """Tell those to whom its holder reports directly, and let them follow the case, which gives them no cell of its record. To whom it
    has gone stands in its history."""
    managers = matters.hearing(one.instance, sorted(company.now().managers_of.get(one.person_id, ())))
    rows = [Copied(instance_id=one.instance_id, person_id=who, node=one.node) for who in managers]
    Copied.objects.bulk_create(rows, ignore_conflicts=True)
    told_of.escalated(one.instance, one.node, one.number, one.person_id, was, managers)
    Happening.objects.bulk_create(_happened(one, ESCALATED, str(who)) for who in managers)


def _put_off(one: Work, until: datetime) -> None:
    """That work was not done in its time and is due later stands in the history of its case."""
    if one.due_at is not None and one.due_at <= clock.now():
        _happened(one, PUT_OFF, until.isoformat()).save()


def _happened(one: Work, what: str, outcome: str) -> Happening:
    return Happening(
        instance_id=one.instance_id, step=one.instance.step, at=clock.now(), what=what, node=one.node, round=one.round, person_id=one.person_id,
        outcome=outcome,
    )  # fmt: skip
