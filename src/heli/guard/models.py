"""What the guard keeps: what people took, how much is usual, settings, alerts, planted records, exports."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from heli.kernel import clock, ids


class Recent(models.Model):
    """What somebody took in one slice of time: for the rolling windows; kept little longer than the longest."""

    person_id = models.BigIntegerField()
    slice = models.BigIntegerField()
    """The number of the slice since 1970 (``budget.SLICE`` seconds each)."""
    kind = models.CharField(max_length=16)
    """records, sensitive, confidential"""
    n = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person_id", "slice", "kind"], name="guard_recent_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["slice"], name="guard_recent_slice")]


class Taken(models.Model):
    """What somebody took in a day, by type and channel: for usual use, and for who asks what a leaver saw."""

    person_id = models.BigIntegerField()
    day = models.DateField()
    type = models.CharField(max_length=64)
    channel = models.CharField(max_length=16)
    kind = models.CharField(max_length=16)
    n = models.BigIntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person_id", "day", "type", "channel", "kind"], name="guard_taken_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["day"], name="guard_taken_day")]


class Usual(models.Model):
    """How much a person, or the holders of a position together, take on a busy day (95th percentile of the last month)."""

    subject = models.CharField(max_length=24)
    """``person:12`` or ``position:3``"""
    kind = models.CharField(max_length=16)
    n = models.BigIntegerField()
    days = models.IntegerField()
    """Days of use that it was learnt from."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["subject", "kind"], name="guard_usual_once")
        ]


class Setting(models.Model):
    """One setting that a company has changed; the others are as shipped."""

    key = models.CharField(max_length=40, primary_key=True)
    value = models.JSONField()


class Alert(models.Model):
    """Something that security and the person's manager have to look at."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    kind = models.CharField(max_length=16)
    """budget, frozen, canary"""
    person_id = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)
    last_at = models.DateTimeField(default=clock.now)
    times = models.IntegerField(default=1)
    evidence = models.JSONField(default=dict)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by_id = models.BigIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person_id", "at"], name="guard_alert_person")]
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person_id", "kind"], condition=Q(closed_at__isnull=True), name="guard_alert_open_once"
            )
        ]


class Canary(models.Model):
    """A planted record. That it is one stands here only: the record itself is like any other."""

    type = models.CharField(max_length=64)
    record_id = models.CharField(max_length=32, unique=True)
    planted_at = models.DateTimeField(default=clock.now)
    by_id = models.BigIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)


class Export(models.Model):
    """A list asked for as a file: who, what, why, who approved, and where the file lies until it expires."""

    WAITING, QUEUED, RUNNING, READY = "waiting", "queued", "running", "ready"
    REFUSED, FAILED, EXPIRED, ENDED, WITHDRAWN = "refused", "failed", "expired", "ended", "withdrawn"

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    number = models.CharField(max_length=24, unique=True)
    person_id = models.BigIntegerField()
    role = models.CharField(max_length=64, blank=True)
    """The role that bounds the token it was asked with."""
    type = models.CharField(max_length=64)
    asked = models.JSONField()
    """filter, sort, fields, ids"""
    format = models.CharField(max_length=8)
    language = models.CharField(max_length=8)
    reason = models.TextField(blank=True)
    state = models.CharField(max_length=12, default=QUEUED)
    needs = models.JSONField(default=list)
    """Why it needs an approval: codes of ``exports.ask.NEEDS``."""
    rows = models.IntegerField()
    """How many it was asked and approved for."""
    done = models.IntegerField(default=0)
    cells = models.JSONField(default=dict)
    """Counted cells in the file."""
    columns = models.JSONField(default=list)
    attempts = models.IntegerField(default=0)
    stored = models.CharField(max_length=40, blank=True)
    size = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)
    problem = models.JSONField(null=True)
    made_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by_id = models.BigIntegerField(null=True, blank=True)
    note = models.TextField(blank=True)
    moved_at = models.DateTimeField(default=clock.now)
    """When its state or progress last changed."""
    expires_at = models.DateTimeField()
    """Until when it may be approved; once ready, until when it may be downloaded."""
    downloads = models.IntegerField(default=0)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["person_id", "made_at"], name="guard_export_person"),
            models.Index(fields=["state", "expires_at"], name="guard_export_state"),
        ]
