"""Drafts of changes to rights, the versions that came of them, promises and duties."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from heli.kernel import clock


class Draft(models.Model):
    """Changes that are worked on before they hold. Several people may hold several at a time."""

    OPEN, SUBMITTED, PUBLISHED, WITHDRAWN = "open", "submitted", "published", "withdrawn"
    STATES: ClassVar = [(s, s) for s in (OPEN, SUBMITTED, PUBLISHED, WITHDRAWN)]

    title = models.CharField(max_length=200)
    note = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=STATES, default=OPEN)
    changes = models.JSONField(default=list)
    """``[{"kind", "key", "before", "after"}]``: one for each thing that differs; ``before`` is what it was when first touched."""
    revision = models.IntegerField(default=1)
    """Goes up with every change of the draft: what an approval was given for, and what a stale writer is told by."""
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    changed_at = models.DateTimeField(default=clock.now)
    authors = models.JSONField(default=list)
    """Ids of everyone who changed it: none of them may approve it."""
    approvals = models.SmallIntegerField(default=1)
    """How many others had to approve it when it was last submitted, approved or published."""
    lifted = models.JSONField(default=list)
    """The rules (``kind/key``) that it was found to pass by then: only a yes that knew of all of them counts."""
    version = models.BigIntegerField(null=True, blank=True)
    """The policy version that it became."""
    undoes = models.BigIntegerField(null=True, blank=True)
    """The policy version that it was written to take back."""

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["state", "-changed_at"], name="draft_state")]


class Remark(models.Model):
    """What is said about a draft, and the steps it went through (``kind`` other than ``said``)."""

    SAID, SUBMITTED, APPROVED, RETURNED, PUBLISHED, WITHDRAWN = (
        "said", "submitted", "approved", "returned", "published", "withdrawn",
    )  # fmt: skip
    KINDS: ClassVar = [(k, k) for k in (SAID, SUBMITTED, APPROVED, RETURNED, PUBLISHED, WITHDRAWN)]

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="remarks")
    kind = models.CharField(max_length=12, choices=KINDS, default=SAID)
    text = models.TextField(blank=True)
    revision = models.IntegerField()
    by = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now)
    knew = models.JSONField(default=list)
    """Of a yes: the rules that it was told the draft passes by."""


class PolicyVersion(models.Model):
    """One publication: what each thing was and became. Versions are never changed; going back makes another."""

    draft = models.ForeignKey(Draft, null=True, blank=True, on_delete=models.PROTECT, related_name="versions")
    title = models.CharField(max_length=200)
    changes = models.JSONField()
    by = models.BigIntegerField(null=True)
    approved_by = models.BigIntegerField(null=True)
    at = models.DateTimeField(default=clock.now)
    lifted = models.JSONField(default=list)
    """The rules (``kind/key``) that it passed by, as two knew who approved it: those bind nobody any more."""
    undoes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")


class Promise(models.Model):
    """A policy test: what must hold whatever the rules are. A draft that breaks one is not published."""

    code = models.CharField(max_length=64, unique=True)
    body = models.JSONField()


class Duty(models.Model):
    """Roles that nobody may hold together (separation of duties)."""

    code = models.CharField(max_length=64, unique=True)
    body = models.JSONField()


class Shipped(models.Model):
    """What a template said in one of its versions: what a role that was made of it is measured by when a newer one is offered."""

    code = models.CharField(max_length=64)
    version = models.IntegerField()
    lines = models.JSONField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["code", "version"], name="template_version_once")
        ]


class Setting(models.Model):
    """How the company handles changes of its policy, such as when a second person has to approve."""

    code = models.CharField(max_length=64, unique=True)
    body = models.JSONField()


class Tester(models.Model):
    """Somebody who was asked to try a draft in a sandbox (部门联测)."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="testers")
    person_id = models.BigIntegerField()
    asked_by = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField(default=clock.now)
    released_at = models.DateTimeField(null=True, blank=True)
    """No longer asked; what they said stays."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["draft", "person_id"], name="tester_once_a_draft")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person_id", "draft"], name="tester_person")]


class Verdict(models.Model):
    """What a tester said: that they can work like this, or what they miss and where. It is about one revision."""

    SIGNED, MISSES = "signed", "misses"
    KINDS: ClassVar = [(k, k) for k in (SIGNED, MISSES)]

    tester = models.ForeignKey(Tester, on_delete=models.PROTECT, related_name="verdicts")
    kind = models.CharField(max_length=8, choices=KINDS)
    text = models.TextField(blank=True)
    place = models.CharField(max_length=300, blank=True)
    """The address in the page where they were."""
    revision = models.IntegerField()
    at = models.DateTimeField(default=clock.now)


class Question(models.Model):
    """What somebody asked about one rule within a minute, until it stands in the audit log (see ``asked``)."""

    person_id = models.BigIntegerField()
    action = models.CharField(max_length=40)
    about = models.CharField(max_length=300)
    actor = models.JSONField(default=dict)
    since = models.DateTimeField()
    known = models.JSONField(default=list)
    """Digests of what was asked in this minute."""
    bodies = models.JSONField(default=list)
    """Questions that are not in the log yet."""
    times = models.IntegerField(default=0)
    """How often something was asked since the last entry."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person_id", "action", "about"], name="question_once_a_minute")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["since"], name="question_since")]
