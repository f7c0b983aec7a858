"""Roles, grants, ceilings, reach and epochs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q

from heli.kernel import clock


class Role(models.Model):
    """A named, versioned set of permission lines. ``template`` and ``template_version`` tell where it came from."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100)
    name_en = models.CharField(max_length=100, blank=True)
    description = models.TextField(blank=True)
    template = models.CharField(max_length=64, blank=True)
    template_version = models.IntegerField(default=0)
    version = models.IntegerField(default=1)
    lines = models.JSONField(default=list)
    sensitive = models.BooleanField(default=False, db_default=False)
    """Said to be so by the company: giving it takes a second person even where its lines do not show why."""
    closed_at = models.DateTimeField(null=True, blank=True)


class RoleVersion(models.Model):
    """What a role's lines were, version by version."""

    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="versions")
    version = models.IntegerField()
    lines = models.JSONField()
    at = models.DateTimeField(default=clock.now)
    by = models.BigIntegerField(null=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["role", "version"], name="role_version_once")
        ]


class Grant(models.Model):
    """Gives a role, or single lines, to a subject between two moments."""

    PERSON, POSITION, DEPARTMENT, PROJECT_ROLE, EVERYONE = (
        "person",
        "position",
        "department",
        "project_role",
        "everyone",
    )
    KINDS: ClassVar = [(k, k) for k in (PERSON, POSITION, DEPARTMENT, PROJECT_ROLE, EVERYONE)]

    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.PROTECT, related_name="grants")
    lines = models.JSONField(null=True, blank=True)
    subject_kind = models.CharField(max_length=16, choices=KINDS)
    subject_id = models.CharField(max_length=80, blank=True)
    """Id of the person, position or department; ``role`` or ``project:role``; empty for everyone."""
    below = models.BooleanField(default=False)
    """For a department: also whoever is assigned below it."""
    starts = models.DateTimeField(default=clock.now)
    ends = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=80, default="manual")
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["subject_kind", "subject_id"], name="grant_subject")]
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(condition=Q(ends__isnull=True) | Q(ends__gt=F("starts")), name="grant_ends_later"),
            models.CheckConstraint(
                condition=Q(role__isnull=True, lines__isnull=False) | Q(role__isnull=False, lines__isnull=True),
                name="grant_gives_a_role_or_lines",
            ),
        ]


class Ceiling(models.Model):
    """A bound that no grant passes. ``type`` ``*`` means every object type; ``kinds`` the kinds of person it concerns."""

    code = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    type = models.CharField(max_length=64, default="*")
    kinds = models.JSONField(null=True, blank=True)
    actions = models.JSONField(null=True, blank=True)
    roles = models.JSONField(null=True, blank=True)
    lines = models.JSONField(default=list)
    active = models.BooleanField(default=True)


class Reach(models.Model):
    """A person reaches a record, or (``via`` account) the records of one type that belong to an account.

    Kept by the write door: ``team``, ``related``, ``record``, ``workitem``. ``source`` is the record or grant it comes from.
    """

    person_id = models.BigIntegerField()
    type = models.CharField(max_length=40)
    via = models.CharField(max_length=8, default="id")
    record_id = models.CharField(max_length=32)
    kind = models.CharField(max_length=10)
    line = models.CharField(max_length=80, default="")
    source = models.CharField(max_length=80, default="")
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person_id", "type", "via", "record_id", "kind", "line", "source"], name="reach_once"
            )
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["record_id", "type"], name="reach_record"),
            models.Index(fields=["source"], name="reach_source"),
            models.Index(fields=["person_id", "line"], condition=Q(kind="workitem"), name="reach_work"),
            models.Index(
                fields=["until", "line", "kind"], condition=Q(kind="workitem", until__isnull=False), name="reach_until"
            ),
        ]


class Epoch(models.Model):
    """Marks of change: ``policy`` for rules and organisation, ``p<id>`` for one person's assignments and grants."""

    key = models.CharField(max_length=24, primary_key=True)
    value = models.BigIntegerField(default=0)


class Use(models.Model):
    """How often a person used a grant on a day: on a record opened or written, or (``record_id`` empty) in lists of a type.

    Written by ``access.use`` in batches; what reviews, replays and "used in the last 30 days" are counted from.
    """

    day = models.DateField()
    person_id = models.BigIntegerField()
    grant_id = models.BigIntegerField()
    """0 when the decision was a refusal: then ``n`` counts refusals."""
    type = models.CharField(max_length=64)
    action = models.CharField(max_length=64)
    field = models.CharField(max_length=80, default="")
    record_id = models.CharField(max_length=32, default="")
    n = models.IntegerField(default=0)
    last_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["day", "person_id", "grant_id", "type", "action", "field", "record_id"], name="use_once_a_day"
            )
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["grant_id", "day"], name="use_grant"),
            models.Index(fields=["person_id", "day"], name="use_person"),
        ]


class Frozen(models.Model):
    """Somebody whose sensitive and confidential cells are masked until security releases them. Rows that have ended stay."""

    person_id = models.BigIntegerField()
    starts = models.DateTimeField(default=clock.now)
    reason = models.TextField(blank=True)
    by_id = models.BigIntegerField(null=True)
    """Who froze them; None: the program, over a budget."""
    released_at = models.DateTimeField(null=True, blank=True)
    released_by_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person_id"], condition=Q(released_at__isnull=True), name="access_frozen_once"
            )
        ]
