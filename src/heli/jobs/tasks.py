"""Declaring background work. ``@task`` is Django's, with the four settings that a lease needs::

@task(timeout=60)
def recompute(account: str) -> None: ...

recompute.enqueue(account)                          # part of the caller's transaction
recompute.using(dedup_key=f"recompute {account}").enqueue(account)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from django.tasks import task as _task
from django.tasks.base import Task
from django.tasks.exceptions import InvalidTask

if TYPE_CHECKING:
    _Task = Task[..., Any]
else:
    _Task = Task

TIMEOUT: Final = 15
"""Seconds that an attempt may take; a lease lasts twice as long."""
ATTEMPTS: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseTask(_Task):
    """A task in our table.

    ``timeout``: whole seconds per attempt. ``max_attempts``: then the job is dead. ``atomic``: the task runs
    in one transaction with the mark that it is done, so its effects on our database happen exactly once; a
    task that calls outside is not atomic: it runs at least once, and the other side tells repeats by the
    job's id, which stays the same (``takes_context``). ``dedup_key``: while a job with this key waits, no
    second is added; one that runs already is run once more.
    """

    timeout: int = TIMEOUT
    max_attempts: int = ATTEMPTS
    atomic: bool = True
    dedup_key: str | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.timeout <= 24 * 3600:
            raise InvalidTask("a task's timeout lies between 1 second and a day")
        if not 1 <= self.max_attempts <= 100:
            raise InvalidTask("a task has between 1 and 100 attempts")
        if self.dedup_key is not None and not 0 < len(self.dedup_key) <= 200:
            raise InvalidTask("a dedup_key has between 1 and 200 characters")
        Task.__post_init__(self)

    def using(
        self,
        *,
        priority: int | None = None,
        queue_name: str | None = None,
        run_after: datetime | None = None,
        backend: str | None = None,
        dedup_key: str | None = None,
    ) -> LeaseTask:
        """The same task with other settings for the next ``enqueue``."""
        given = {
            "priority": priority,
            "queue_name": queue_name,
            "run_after": run_after,
            "backend": backend,
            "dedup_key": dedup_key,
        }
        changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        return replace(self, **changes)


def task(
    *,
    timeout: int = TIMEOUT,
    max_attempts: int = ATTEMPTS,
    atomic: bool = True,
    priority: int = 0,
    takes_context: bool = False,
) -> Callable[[Callable[..., Any]], LeaseTask]:
    """Make a function of a module a task. Raises InvalidTask for settings out of bounds."""
    made: Any = _task
    decorator: Callable[[Callable[..., Any]], LeaseTask] = made(
        timeout=timeout, max_attempts=max_attempts, atomic=atomic, priority=priority, takes_context=takes_context
    )
    return decorator
