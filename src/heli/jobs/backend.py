"""The backend of ``django.tasks`` that keeps jobs in our own table, in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.db.transaction import atomic
from django.tasks.backends.base import BaseTaskBackend
from django.tasks.base import Task, TaskError, TaskResult, TaskResultStatus
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist
from django.tasks.signals import task_enqueued
from django.utils.json import normalize_json
from django.utils.module_loading import import_string

from heli.audit import bulk
from heli.jobs import times, wake
from heli.jobs.models import DEAD, DONE, Job
from heli.jobs.tasks import ATTEMPTS, TIMEOUT, LeaseTask
from heli.kernel.ids import uuid7

if TYPE_CHECKING:
    AnyTask = Task[..., Any]
    AnyResult = TaskResult[..., Any]

_COLUMNS: Final = (
    "id", "state", "next_at", "lease_until", "token", "attempts", "max_attempts", "timeout", "workers", "made_at",
    "error", "task", "queue", "priority", "args", "dedup_key", "again",
)  # fmt: skip
# A waiting job with the same key takes the newer arguments. The row stays locked until the caller commits, so
# no worker runs
# it before that; one that runs now has begun before the caller's changes and is told to run again.
_INSERT: Final = f"""
    INSERT INTO jobs_job ({", ".join(_COLUMNS)}) VALUES ({", ".join(["%s"] * len(_COLUMNS))})
    ON CONFLICT (dedup_key) WHERE state = 'due' DO UPDATE SET
        args = excluded.args, again = (jobs_job.lease_until > 0),
        priority = CASE WHEN excluded.priority > jobs_job.priority THEN excluded.priority ELSE jobs_job.priority END,
        next_at = CASE WHEN excluded.next_at < jobs_job.next_at AND jobs_job.lease_until = 0
                  THEN excluded.next_at ELSE jobs_job.next_at END
    RETURNING id
"""  # noqa: S608


class LeaseBackend(BaseTaskBackend):
    """``TASKS = {"default": {"BACKEND": "heli.jobs.backend.LeaseBackend"}}``"""

    task_class = LeaseTask
    supports_defer = True
    supports_async_task = True
    supports_get_result = True
    supports_priority = True

    def enqueue(self, task: AnyTask, args: Any, kwargs: Any) -> Any:
        """Add a job; it exists when the caller's transaction commits, and not otherwise.

        Raises InvalidTask for arguments that JSON cannot hold.
        """
        self.validate_task(task)
        text = _arguments(task, list(args), dict(kwargs))
        job = _job(task, text)
        with atomic(), connection.cursor() as cursor:
            cursor.execute(_INSERT, [getattr(job, name) for name in _COLUMNS])
            (job.id,) = cursor.fetchone()
            wake.after_commit()
        result = result_of(job, task)
        task_enqueued.send(type(self), task_result=result)
        return result

    def get_result(self, result_id: str) -> AnyResult:
        """How a job stands. Raises TaskResultDoesNotExist."""
        job = Job.objects.filter(id=result_id).first()
        if job is None:
            raise TaskResultDoesNotExist(result_id)
        return result_of(job, find(job.task))


def enqueue_many(task: LeaseTask, calls: Iterable[Mapping[str, Any]]) -> int:
    """Add a job for each of these keyword arguments at once, as an import does; returns how many.

    They take no ``dedup_key``. Raises InvalidTask for arguments that JSON cannot hold, before anything is
    written.
    """
    task.get_backend().validate_task(task)
    if task.dedup_key is not None:
        raise InvalidTask("many jobs cannot share a dedup_key")
    jobs = [_job(task, _arguments(task, [], dict(call))) for call in calls]
    with atomic():
        bulk.insert("jobs_job", _COLUMNS, [[getattr(job, name) for name in _COLUMNS] for job in jobs])
        wake.after_commit()
    return len(jobs)


def _arguments(task: AnyTask, args: list[Any], kwargs: dict[str, Any]) -> str:
    try:
        return json.dumps({"args": normalize_json(args), "kwargs": normalize_json(kwargs)}, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise InvalidTask(f"the arguments of {task.module_path} must be JSON: {error}") from error


def _job(task: AnyTask, arguments: str) -> Job:
    now = times.now()
    return Job(
        id=uuid7(),
        task=task.module_path,
        queue=task.queue_name,
        priority=task.priority,
        args=arguments,
        made_at=now,
        next_at=now if task.run_after is None else max(now, times.millis(task.run_after)),
        max_attempts=getattr(task, "max_attempts", ATTEMPTS),
        timeout=getattr(task, "timeout", TIMEOUT),
        dedup_key=getattr(task, "dedup_key", None),
    )


def find(path: str) -> AnyTask:
    """The task that a job names. Raises ImportError when this code no longer has it."""
    found = import_string(path)
    if not isinstance(found, Task):
        raise ImportError(f"{path} is no task")
    return found


def result_of(job: Job, task: AnyTask) -> AnyResult:
    """A job in Django's words."""
    if job.state == DONE:
        status = TaskResultStatus.SUCCESSFUL
    elif job.state == DEAD:
        status = TaskResultStatus.FAILED
    else:
        status = TaskResultStatus.RUNNING if job.lease_until > times.now() else TaskResultStatus.READY
    error = json.loads(job.error) if job.error else None
    given = json.loads(job.args)
    result: AnyResult = TaskResult(
        task=task,
        id=job.id,
        status=status,
        enqueued_at=times.moment(job.made_at),
        started_at=_moment(job.started_at),
        finished_at=_moment(job.finished_at),
        last_attempted_at=_moment(job.attempted_at),
        args=given["args"],
        kwargs=given["kwargs"],
        backend=task.backend,
        errors=[TaskError(exception_class_path=error["class"], traceback=error["traceback"])] if error else [],
        worker_ids=job.workers.split(),
    )
    if job.result is not None:
        object.__setattr__(result, "_return_value", json.loads(job.result))
    return result


def _moment(at: int | None) -> datetime | None:
    return None if at is None else times.moment(at)
