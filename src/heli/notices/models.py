"""Notices, what people have set about them, and the letters that carry them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from heli.kernel import clock, ids
from heli.org.models import Person


class Letter(models.Model):
    """One mail to one person. Its id is in the mail's own id, the same at every attempt. ``sent_at``: a mail server has taken it."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    digest = models.BooleanField(default=False)
    made_at = models.DateTimeField(default=clock.now, db_index=True)
    sent_at = models.DateTimeField(null=True)


class Notice(models.Model):
    """Somebody is told once of one ``source``. ``object`` and ``key`` say of what, ``data`` holds ids and numbers only."""

    NEW, DUE, OFF, POSTED = "new", "due", "off", "posted"
    MAIL: ClassVar = [(s, s) for s in (NEW, DUE, OFF, POSTED)]

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=32)
    source = models.CharField(max_length=120)
    object = models.CharField(max_length=40)
    key = models.CharField(max_length=40)
    by_id = models.BigIntegerField(null=True)
    """Whose act it tells of."""
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=clock.now, db_default=Now())
    seen_at = models.DateTimeField(null=True)
    mail = models.CharField(max_length=8, choices=MAIL, default=NEW, db_default=NEW)
    """``new``: nobody has looked yet whether it goes by mail; ``due``: it goes at ``mail_at``; ``off``: it does not."""
    mail_at = models.DateTimeField(null=True)
    letter = models.ForeignKey(Letter, null=True, on_delete=models.SET_NULL, related_name="notices")

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "source"], name="notices_told_once"),
        ]
        indexes: ClassVar[list[Any]] = [
            models.Index(F("person"), F("id").desc(), name="notices_of_person"),
            models.Index(fields=["person"], condition=Q(seen_at=None), name="notices_unseen"),
            models.Index(fields=["id"], condition=Q(mail="new"), name="notices_new"),
            models.Index(fields=["mail_at"], condition=Q(mail="due"), name="notices_due"),
        ]


class Setting(models.Model):
    """What somebody has set. ``mail``: by kind, where it is not as shipped. Times of day on the company's clock; empty: none."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="+")
    mail = models.JSONField(default=dict)
    quiet_from = models.CharField(max_length=5, blank=True)
    quiet_to = models.CharField(max_length=5, blank=True)
    digest_at = models.CharField(max_length=5)
    digest_days = models.CharField(max_length=8)


class Snooze(models.Model):
    """An entry of somebody's queue that they have put off. ``overdue``: it was late already."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+", db_index=False)
    entry = models.CharField(max_length=120)
    until = models.DateTimeField()
    at = models.DateTimeField(default=clock.now)
    overdue = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "entry"], name="notices_snoozed_once"),
        ]
