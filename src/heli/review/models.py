"""Campaigns of review: batches of items for reviewers, what was decided, and how much everyone held, night by night; people who leave,
and where their records go."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from heli.kernel import clock


class Campaign(models.Model):
    """One round of asking whether rights are still needed. Its items are made when it is."""

    ALL, DEPARTMENT, SENSITIVE, LEAVERS, OUTSIDERS = "all", "department", "sensitive", "leavers", "outsiders"
    KINDS: ClassVar = [(k, k) for k in (ALL, DEPARTMENT, SENSITIVE, LEAVERS, OUTSIDERS)]
    SECRET_END, ALL_END, NONE_ENDS = "sensitive", "all", "none"
    UNANSWERED: ClassVar = (SECRET_END, ALL_END, NONE_ENDS)
    """Which unanswered rights end where it is ended early; the others stay as they are."""

    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=KINDS)
    department_id = models.BigIntegerField(null=True, blank=True)
    created_by = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(default=clock.now)
    due = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    """When somebody ended it before its deadline (see ``ending``); nobody decides in it from then on."""
    ended_by = models.BigIntegerField(null=True, blank=True)
    ended_why = models.CharField(max_length=500, blank=True)
    unanswered = models.CharField(max_length=12, choices=[(k, k) for k in UNANSWERED], blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    """When somebody asked to end it in a way that takes a second person, who has not said yes yet, or has: then they stand here beside
    ``ended_by``."""
    asked_by = models.BigIntegerField(null=True, blank=True)
    asked_how = models.CharField(max_length=12, choices=[(k, k) for k in UNANSWERED], blank=True)
    asked_why = models.CharField(max_length=500, blank=True)


class Share(models.Model):
    """All that one reviewer judges in a campaign, in its batches: what a case of the company's process is about (see ``judging``)."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="shares")
    reviewer_id = models.BigIntegerField()
    held = models.BooleanField(default=False)
    """Whether its process has steps before it that are not done yet: nobody judges it until then."""
    begun_at = models.DateTimeField(null=True, blank=True)
    """When its case was begun, or could not be, the company having no process for it."""
    done_at = models.DateTimeField(null=True, blank=True)
    """When nothing of it was left to be judged; what comes to the reviewer later opens it again."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["campaign", "reviewer_id"], name="share_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["reviewer_id"], name="share_reviewer")]


class Batch(models.Model):
    """At most a dozen items for one reviewer."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="batches")
    reviewer_id = models.BigIntegerField()
    number = models.IntegerField()
    draft_id = models.BigIntegerField(null=True, blank=True)
    """The draft that gathers what this batch would change for others too."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["campaign", "reviewer_id", "number"], name="batch_number_once")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["reviewer_id"], name="batch_reviewer")]


class Item(models.Model):
    """One right of one person (or, ``person_id`` empty, one right that a post or department brings to whoever is there)."""

    PENDING, KEPT, NARROWED, REVOKED, DRAFTED, LAPSED, GONE, LEFT = (
        "pending", "kept", "narrowed", "revoked", "drafted", "lapsed", "gone", "left",
    )  # fmt: skip
    STATES: ClassVar = [(s, s) for s in (PENDING, KEPT, NARROWED, REVOKED, DRAFTED, LAPSED, GONE, LEFT)]
    LOW, MIDDLE, HIGH = "low", "middle", "high"
    BANDS: ClassVar = [(b, b) for b in (LOW, MIDDLE, HIGH)]

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="items")
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="items")
    person_id = models.BigIntegerField(null=True, blank=True)
    grant_id = models.BigIntegerField()
    via = models.CharField(max_length=16)
    """What the grant names: ``person``, ``position``, ``department``, ``project_role``, ``everyone``."""
    carrier = models.CharField(max_length=80, blank=True)
    """The project's id, where it is a part in a project that brings it."""
    risk = models.IntegerField()
    band = models.CharField(max_length=6, choices=BANDS)
    secret = models.BooleanField()
    """Gives sensitive or confidential fields: lapses at the deadline when nobody has answered."""
    facts = models.JSONField()
    """What the reviewer was shown: the right in words, its use, how it compares, what was suggested and why."""
    due = models.DateTimeField()
    rolled = models.BooleanField(default=False)
    state = models.CharField(max_length=8, choices=STATES, default=PENDING)
    decided_by = models.BigIntegerField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    delegated_by = models.BigIntegerField(null=True, blank=True)
    made_grant = models.BigIntegerField(null=True, blank=True)
    """The grant that took the old one's place."""
    draft_id = models.BigIntegerField(null=True, blank=True)
    """The draft in which it was proposed, where it is not personal."""
    wish = models.JSONField(null=True, blank=True)
    """What it was proposed to become (see ``proposal``), with its words."""

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["campaign", "person_id", "grant_id", "carrier"],
                condition=models.Q(person_id__isnull=False),
                name="item_of_a_person_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "grant_id"], condition=models.Q(person_id__isnull=True), name="item_shared_once"
            ),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(fields=["state", "due"], name="item_due"),
            models.Index(fields=["grant_id"], name="item_grant"),
        ]


class Volume(models.Model):
    """How many rights a person, a role, a department or the company held on a day (see ``growth``)."""

    PERSON, ROLE, DEPARTMENT, COMPANY = "person", "role", "department", "company"
    KINDS: ClassVar = [(k, k) for k in (PERSON, ROLE, DEPARTMENT, COMPANY)]

    day = models.DateField()
    kind = models.CharField(max_length=10, choices=KINDS)
    key = models.CharField(max_length=64, blank=True)
    n = models.IntegerField()

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["kind", "key", "day"], name="volume_once_a_day")
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["day"], name="volume_day")]


class Handover(models.Model):
    """Records going from one person to others, batch by batch, until none is left; resumed where it stopped."""

    LEAVING, MOVING = "leaving", "moving"
    KINDS: ClassVar = [(k, k) for k in (LEAVING, MOVING)]
    RUNNING, DONE, STUCK = "running", "done", "stuck"
    STATES: ClassVar = [(s, s) for s in (RUNNING, DONE, STUCK)]

    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=KINDS)
    rules = models.JSONField()
    """``[{"type", "department", "to"}]`` in order: the first that fits a record says who gets it."""
    at = models.JSONField(default=dict)
    """How far each type has come: the id of the last record that was looked at."""
    state = models.CharField(max_length=8, choices=STATES, default=RUNNING)
    total = models.IntegerField()
    done = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    why = models.JSONField(null=True, blank=True)
    """What stood in the way of the first record that could not be moved."""
    created_by = models.BigIntegerField()
    created_at = models.DateTimeField(default=clock.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person_id", "-created_at"], name="handover_person")]


class Leaving(models.Model):
    """Somebody's leaving, from the day on which it was written down: what is planned for it, and how it ended (see ``leaving``)."""

    NOTICED, PLANNED, LEFT, STAYED = "noticed", "planned", "left", "stayed"
    STATES: ClassVar = [(s, s) for s in (NOTICED, PLANNED, LEFT, STAYED)]
    OPEN: ClassVar = (NOTICED, PLANNED)

    person_id = models.BigIntegerField()
    last_day = models.DateField()
    state = models.CharField(max_length=8, choices=STATES, default=NOTICED)
    rules = models.JSONField(default=list)
    """Who is to get their records, as of a ``Handover``."""
    takers = models.JSONField(default=list)
    """``[{"kind", "to"}]``: who is to take over what else stands open."""
    successor_id = models.BigIntegerField(null=True, blank=True)
    """Who is to head their departments and lead their people."""
    note = models.CharField(max_length=2000, blank=True)
    planned_by = models.BigIntegerField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, blank=True)
    noticed_by = models.BigIntegerField(null=True, blank=True)
    noticed_at = models.DateTimeField(default=clock.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(
                fields=["person_id"], condition=models.Q(state__in=["noticed", "planned"]), name="leaves_once"
            )
        ]
        indexes: ClassVar[list[Any]] = [models.Index(fields=["person_id", "-noticed_at"], name="leaving_person")]
