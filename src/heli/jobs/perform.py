"""One attempt at one piece of work, from the claim to the mark that it is done."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.transaction import atomic
from django.tasks.base import TaskContext
from django.tasks.signals import task_finished, task_started
from django.utils.json import normalize_json

from heli.audit import log
from heli.jobs import backend, events, feed, lease, subscribers, watchdog
from heli.jobs.lease import JOBS, GiveUpError, Lease, LeaseLostError
from heli.jobs.models import Job
from heli.jobs.tasks import LeaseTask

_logger = logging.getLogger(__name__)


def perform(work: Lease) -> bool:
    """Run claimed work once. Returns whether it is done; a failure is noted in its row and never raised.

    Raises DatabaseError when the database itself fails: the lease then runs out and another attempt follows.
    """
    try:
        if work.kind is JOBS:
            _job(work)
        else:
            _delivery(work)
    except LeaseLostError as error:
        _logger.warning("%s", error)
        return False
    except (Exception, SystemExit, watchdog.JobTimeoutError) as error:
        _logger.warning("attempt %d of %s failed", work.attempts, _name(work), exc_info=True)
        if isinstance(error, watchdog.JobTimeoutError):
            connection.close()  # the exception may have risen in the midst of a conversation with the database
        _failed(work, error)
        return False
    return True


def _job(work: Lease) -> None:
    if work.attempts > work.max_attempts:
        raise GiveUpError("every attempt ended with the death of its worker")
    task: Any = backend.find(work.row["task"])
    given = json.loads(work.row["args"])
    args: list[Any] = list(given["args"])
    result = _result(work, task)
    if task.takes_context:
        args.insert(0, TaskContext(task_result=result))
    task_started.send(type(task.get_backend()), task_result=result)

    def call() -> str | None:
        value = task.call(*args, **given["kwargs"])
        return None if value is None else json.dumps(normalize_json(value))

    _within(work, call, in_transaction=not isinstance(task, LeaseTask) or task.atomic)
    task_finished.send(type(task.get_backend()), task_result=_result(work, task, done=True))


def _delivery(work: Lease) -> None:
    if work.attempts > work.max_attempts:
        raise GiveUpError("every attempt ended with the death of its worker")
    subscriber = subscribers.named(work.row["endpoint"])
    event = feed.one(work.row["event"])
    if event is None:
        raise GiveUpError("the event is gone")

    def call() -> None:
        subscriber.handler(event)

    _within(work, call, in_transaction=True)


def _within(work: Lease, call: Callable[[], str | None], *, in_transaction: bool) -> None:
    """Call and mark as done: in one transaction, or one after the other for work that speaks to the
    outside."""
    if in_transaction:
        with log.transaction():
            with watchdog.limit(work.timeout):
                value = call()
            lease.finish(work, value)
    else:
        with watchdog.limit(work.timeout):
            value = call()
        with atomic():
            lease.finish(work, value)


def _failed(work: Lease, error: BaseException) -> None:
    try:
        with atomic():
            if lease.fail(work, error):
                _tell_death(work, error)
    except LeaseLostError as lost:
        _logger.warning("%s", lost)


def _tell_death(work: Lease, error: BaseException) -> None:
    """A dead job is a fact that administrators must meet: in the audit log and as an event."""
    kind = "job" if work.kind is JOBS else "delivery"
    _logger.error("%s is dead after %d attempts: %s", _name(work), work.attempts, error)
    log.append(
        log.EntryData(
            action=f"{kind}.dead",
            object_type=kind,
            object_id=work.id,
            outcome="failed",
            origin="job",
            via=_name(work),
            reason=f"{type(error).__name__} at attempt {work.attempts}",
        )
    )
    told = None if work.kind is JOBS else feed.one(work.row["event"])
    if (
        told is None or told.type != "delivery.dead"
    ):  # else a subscriber of everything that always fails would go on for ever
        events.publish(f"{kind}.dead", kind, work.id, {"name": _name(work)})


def _name(work: Lease) -> str:
    return str(work.row["task" if work.kind is JOBS else "endpoint"])


def _result(work: Lease, task: Any, *, done: bool = False) -> Any:
    row = {name: work.row[name] for name in JOBS.columns}
    state = "done" if done else "due"
    job = Job(id=work.id, lease_until=work.until, state=state, attempts=work.attempts, error="", **row)
    return backend.result_of(job, task)
