"""Requests for access, the loans that come of them, and declared emergencies."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import Q

from heli.kernel import clock, ids


class Request(models.Model):
    """Somebody asks for something for a while: fields or an act of one record, or a role or a post for a person."""

    LOAN, ROLE, POSITION = "loan", "role", "position"
    KINDS: ClassVar = [(k, k) for k in (LOAN, ROLE, POSITION)]
    STANDING: ClassVar = (ROLE, POSITION)
    """Kinds that change what a person holds by themselves: security answers them."""
    PROPOSED, OPEN, CONFIRMING, APPROVED, REFUSED, WITHDRAWN, GONE, LAPSED = (
        "proposed", "open", "confirming", "approved", "refused", "withdrawn", "gone", "lapsed",
    )  # fmt: skip
    STATES: ClassVar = [
        (s, s) for s in (PROPOSED, OPEN, CONFIRMING, APPROVED, REFUSED, WITHDRAWN, GONE, LAPSED)
    ]  # fmt: skip
    WAITING: ClassVar = (PROPOSED, OPEN, CONFIRMING)

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    kind = models.CharField(max_length=8, choices=KINDS, default=LOAN)
    asker_id = models.BigIntegerField()
    borrower_id = models.BigIntegerField(null=True)
    """Who shall get it; None when a project shall."""
    project_id = models.CharField(max_length=32, default="", blank=True)
    type = models.CharField(max_length=64, default="", blank=True)
    record_id = models.CharField(max_length=32, default="", blank=True)
    seen = models.BooleanField(default=True)
    """Whether the asker saw the record when asking. Of an unseen one, present or absent, they hear nothing but a yes."""
    action = models.CharField(max_length=64, default="", blank=True)
    fields = models.JSONField(default=list)
    """Codes; empty: what shows the record at all (its public and internal fields)."""
    role = models.CharField(max_length=64, default="", blank=True)
    position_id = models.BigIntegerField(null=True)
    department_id = models.BigIntegerField(null=True)
    """Where the position shall be held."""
    seconds = models.IntegerField(null=True)
    """How long, from the approval on; None: without end (roles and positions only)."""
    reason = models.TextField()
    renews = models.ForeignKey("Loan", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals")
    state = models.CharField(max_length=12, choices=STATES, default=OPEN)
    approver_id = models.BigIntegerField(null=True)
    """Whose turn it is."""
    asked = models.JSONField(default=list)
    """Ids of everybody whose turn it has been, in order."""
    granted = models.JSONField(null=True)
    """What was approved: ``{"action", "fields", "seconds"}``."""
    approvals = models.JSONField(default=list)
    """``[{"by", "at", "text"}]``: who has said yes so far."""
    answer = models.TextField(default="", blank=True)
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField(null=True)
    at = models.DateTimeField(default=clock.now)
    turn_at = models.DateTimeField(default=clock.now)
    held = models.BooleanField(default=False)
    """Whether its process has steps before the answer that it waits for (``cases.py``)."""

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["approver_id", "state"], name="request_approver"),
            models.Index(fields=["asker_id", "-at"], name="request_asker"),
            models.Index(fields=["borrower_id", "-at"], name="request_borrower"),
            models.Index(fields=["record_id", "state"], name="request_record"),
            models.Index(fields=["state", "turn_at"], name="request_state"),
        ]


class Emergency(models.Model):
    """A declared emergency: while it is open, the people named may open the types named at once, for hours."""

    title = models.CharField(max_length=200)
    reason = models.TextField()
    types = models.JSONField()
    actions = models.JSONField()
    classes = models.JSONField()
    """Data classes whose fields are opened."""
    departments = models.JSONField(default=list)
    """Ids; with all below them."""
    roles = models.JSONField(default=list)
    declared_by = models.BigIntegerField()
    starts = models.DateTimeField(default=clock.now)
    ends = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["-ends"], name="emergency_end")]


class Loan(models.Model):
    """What is lent of one record, to a person or a project. It runs until ``ends`` unless ``ended_at`` is set.

    Its rights are grants with the source ``loan:<id>`` and reach rows of that source; all end in one transaction.
    """

    RENEWED, RETURNED, RECALLED, TRANSFERRED, DELETED, LEFT, CLOSED, LOST = (
        "renewed", "returned", "recalled", "transferred", "deleted", "left", "closed", "lost",
    )  # fmt: skip
    ENDINGS: ClassVar = [
        (h, h) for h in (RENEWED, RETURNED, RECALLED, TRANSFERRED, DELETED, LEFT, CLOSED, LOST)
    ]  # fmt: skip

    request = models.ForeignKey(Request, null=True, blank=True, on_delete=models.PROTECT, related_name="loans")
    emergency = models.ForeignKey(Emergency, null=True, blank=True, on_delete=models.PROTECT, related_name="loans")
    type = models.CharField(max_length=64)
    record_id = models.CharField(max_length=32)
    borrower_id = models.BigIntegerField(null=True)
    project_id = models.CharField(max_length=32, default="", blank=True)
    lender_id = models.BigIntegerField(null=True)
    """Whose rights it was cut from, and stands on; None in an emergency."""
    owner_id = models.BigIntegerField(null=True)
    """Who owned the record when it began."""
    action = models.CharField(max_length=64)
    fields = models.JSONField()
    reason = models.TextField(default="", blank=True)
    starts = models.DateTimeField(default=clock.now)
    ends = models.DateTimeField()
    meant = models.DateTimeField()
    """When it was to end; ``ends`` is earlier once the lender has left, or is to lose the right."""
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=12, choices=ENDINGS, default="", blank=True)
    ended_by = models.BigIntegerField(null=True)
    warned_at = models.DateTimeField(null=True)
    keeper_id = models.BigIntegerField(null=True)
    """Who is asked whether it goes on: the new owner of its record, or who could lend next once its lender cannot."""
    verdict = models.CharField(max_length=12, default="", blank=True)
    """The review of an emergency's use: ``justified`` or ``unjustified``; empty until it is given."""
    verdict_text = models.TextField(default="", blank=True)
    verdict_by = models.BigIntegerField(null=True)
    verdict_at = models.DateTimeField(null=True)
    lifted_by = models.BigIntegerField(null=True)
    """Who let the person use the emergency again after an ``unjustified``."""
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["borrower_id", "-ends"], name="loan_borrower"),
            models.Index(fields=["lender_id", "-ends"], name="loan_lender"),
            models.Index(fields=["record_id", "type"], name="loan_record"),
            models.Index(fields=["ends"], name="loan_running", condition=Q(ended_at__isnull=True)),
            models.Index(fields=["project_id"], name="loan_project", condition=~Q(project_id="")),
            models.Index(fields=["keeper_id"], name="loan_keeper", condition=Q(keeper_id__isnull=False)),
        ]

    @property
    def source(self) -> str:
        """What its grants and reach rows are marked with."""
        return f"loan:{self.pk}"

    @property
    def number(self) -> str:
        return f"TG-{self.pk:04d}"

    def running(self) -> bool:
        """Whether it holds now."""
        return self.ended_at is None and self.starts <= clock.now() < self.ends
