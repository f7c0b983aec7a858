"""The tables of events and background work. Times named ``…_at`` or ``…_until`` are milliseconds since 1970
(``times``)."""

from __future__ import annotations

from typing import Any, Final, override

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler

DUE: Final = "due"
DONE: Final = "done"
DEAD: Final = "dead"


class CurrentTransaction(models.Func):
    """The number of the writing transaction on PostgreSQL, 0 elsewhere: by it a reader knows what may still
    appear."""

    output_field = models.BigIntegerField()

    def as_postgresql(
        self, _compiler: SQLCompiler, _connection: BaseDatabaseWrapper, **_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        return "(pg_current_xact_id()::text::bigint)", ()

    @override
    def as_sqlite(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **extra_context: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        return "0", ()


class Event(models.Model):
    """Something that happened to an object. ``data`` is thin: names of fields, never values that someone may
    not see.

    ``number`` grows, yet on PostgreSQL a lower number may become visible after a higher one: readers go by
    (``xact``, ``number``).
    """

    number = models.BigAutoField(primary_key=True)
    uid = models.CharField(max_length=32, unique=True)
    type = models.CharField(max_length=80)
    object = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    subject_seq = models.BigIntegerField()
    data = models.TextField()
    at = models.DateTimeField()
    xact = models.BigIntegerField(db_default=CurrentTransaction())

    class Meta:
        indexes = [
            models.Index("xact", "number", name="jobs_event_position"),
            models.Index("object", "key", "subject_seq", name="jobs_event_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.object} {self.key}"


class Subject(models.Model):
    """How many events an object has had: the next one's ``subject_seq``, so that a receiver sees a gap."""

    object = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    last = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("object", "key", name="jobs_subject_unique")]

    def __str__(self) -> str:
        return f"{self.object} {self.key}: {self.last}"


class Leased(models.Model):
    """Work that one worker at a time holds. A lease that ran out is taken by another, with a higher
    ``token``."""

    id = models.CharField(max_length=32, primary_key=True)
    state = models.CharField(max_length=4, default=DUE)
    next_at = models.BigIntegerField()
    lease_until = models.BigIntegerField(default=0)
    token = models.IntegerField(default=0)
    attempts = models.SmallIntegerField(default=0)
    max_attempts = models.SmallIntegerField()
    timeout = models.IntegerField()
    workers = models.TextField(default="")
    made_at = models.BigIntegerField()
    started_at = models.BigIntegerField(null=True)
    attempted_at = models.BigIntegerField(null=True)
    finished_at = models.BigIntegerField(null=True)
    error = models.TextField(default="")

    class Meta:
        abstract = True


class Job(Leased):
    """A task with its arguments. While it is due, no second job with its ``dedup_key`` exists."""

    task = models.CharField(max_length=200)
    queue = models.CharField(max_length=40)
    priority = models.SmallIntegerField(default=0)
    args = models.TextField()
    result = models.TextField(null=True)
    dedup_key = models.CharField(max_length=200, null=True)
    again = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dedup_key"], condition=models.Q(state=DUE), name="jobs_job_dedup")
        ]
        indexes = [
            models.Index(
                models.F("priority").desc(), "next_at", "id", name="jobs_job_due", condition=models.Q(state=DUE)
            ),
            models.Index("finished_at", name="jobs_job_finished", condition=models.Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.id}"


class Delivery(Leased):
    """One event on its way to one endpoint; events of one object reach an endpoint in their order."""

    event = models.CharField(max_length=32)
    endpoint = models.CharField(max_length=200)
    object = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    seq = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "endpoint"], name="jobs_delivery_unique")]
        indexes = [
            models.Index("next_at", "id", name="jobs_delivery_due", condition=models.Q(state=DUE)),
            models.Index("endpoint", "object", "key", "seq", name="jobs_delivery_order", condition=models.Q(state=DUE)),
            models.Index("finished_at", name="jobs_delivery_finished", condition=models.Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"


class Slot(models.Model):
    """A moment of a schedule whose job has been enqueued: whoever inserts the row enqueues it."""

    schedule = models.CharField(max_length=100)
    at = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "at"], name="jobs_slot_unique")]

    def __str__(self) -> str:
        return f"{self.schedule} {self.at}"


class Inbox(models.Model):
    """A message from outside that has been taken; a second one with its number is not."""

    source = models.CharField(max_length=100)
    external_id = models.CharField(max_length=200)
    body = models.TextField()
    at = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="jobs_inbox_unique")]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"


class ExternalRef(models.Model):
    """Which object of another system is which of ours, and what it was when the two last agreed."""

    system = models.CharField(max_length=100)
    external_id = models.CharField(max_length=200)
    object = models.CharField(max_length=80)
    key = models.CharField(max_length=100)
    hash = models.CharField(max_length=64)
    version = models.CharField(max_length=100, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["system", "object", "external_id"], name="jobs_external_unique"),
            models.UniqueConstraint(fields=["system", "object", "key"], name="jobs_external_ours"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.external_id} = {self.object} {self.key}"
