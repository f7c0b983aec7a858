"""What the API itself keeps: sessions, programs' tokens, answers to keyed requests, saved views."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Now

from heli.kernel import clock, ids
from heli.org.models import Person


class Session(AbstractBaseSession):
    """A browser's session, which knows its person, so that one statement ends all sessions of a person."""

    person = models.ForeignKey(Person, null=True, on_delete=models.CASCADE, related_name="+")
    auth = models.CharField(max_length=128, default="")
    """Digest of the password that the person signed in with: a changed password ends the session."""
    # With defaults in the database: a process of the version before goes on signing people in while this one starts.
    made_at = models.DateTimeField(default=clock.now, db_default=Now())
    seen_at = models.DateTimeField(default=clock.now, db_default=Now())
    """The latest use, to the hour."""
    address = models.CharField(max_length=60, default="", db_default="")
    device = models.CharField(max_length=200, default="", db_default="")
    """What the browser called itself."""
    mode = models.CharField(max_length=16, default="", db_default="")
    """``view_as`` or ``sandbox`` while the session is not simply its person's; it ends by itself at ``mode_until``."""
    mode_of = models.CharField(max_length=32, default="", db_default="")
    mode_since = models.DateTimeField(null=True)
    mode_until = models.DateTimeField(null=True)

    @classmethod
    def get_session_store_class(cls) -> Any:
        from heli.api.sessions import SessionStore

        return SessionStore


class Token(models.Model):
    """A program's key to the API. Only the SHA-256 of its secret (256 bits of chance) is kept.

    Its rights are those of the person through the one role that it names, and no others.
    """

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    hash = models.CharField(max_length=64, unique=True)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    role = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField()
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)


class Preference(models.Model):
    """What a person has set for themselves about the page; language is the person's own."""

    person = models.OneToOneField(Person, primary_key=True, on_delete=models.CASCADE, related_name="+")
    theme = models.CharField(max_length=8, default="")


class KeyedAnswer(models.Model):
    """What was answered to a POST with an Idempotency-Key, written in the transaction of what it did.

    ``location`` is where the result is read again under the rights of then; ``body`` only what the caller sent
    or may always know.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.SmallIntegerField(default=0)
    location = models.CharField(max_length=200, default="")
    body = models.TextField(default="")
    at = models.DateTimeField(default=clock.now, db_index=True)

    class Meta:
        constraints: ClassVar[list[Any]] = [
            models.UniqueConstraint(fields=["person", "key"], name="keyed_answer_once"),
        ]


class SavedView(models.Model):
    """A list's filter, sort and columns under a name; shared ones are everyone's to use and their maker's to change."""

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    type = models.CharField(max_length=40)
    name = models.CharField(max_length=100)
    definition = models.JSONField(default=dict)
    shared = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["type", "person"], name="saved_view_type")]


class PendingChange(models.Model):
    """An administrative act that waits for a second person: the request as it was sent, done when somebody confirms it.

    ``gains``: sensitive roles that it brings, by person (``new``: who is only made by it), and what of others' the ``author``
    would come to see. ``first``, ``second``: digests of the two halves by which a person without e-mail sets a password.
    """

    OPEN, CONFIRMED, DONE, REFUSED, WITHDRAWN = "open", "confirmed", "done", "refused", "withdrawn"
    STATES: ClassVar = [(s, s) for s in (OPEN, CONFIRMED, DONE, REFUSED, WITHDRAWN)]

    id = models.CharField(primary_key=True, max_length=32, default=ids.uuid7)
    act = models.CharField(max_length=64)
    path = models.JSONField(default=dict)
    body = models.JSONField(default=dict)
    about = models.JSONField(default=list)
    """Ids of the people whom it concerns."""
    name = models.CharField(max_length=200)
    """Of whom it concerns, or of who is made by it."""
    gains = models.JSONField(default=dict)
    roles = models.JSONField(default=list)
    """The roles among the gains as words."""
    state = models.CharField(max_length=12, choices=STATES, default=OPEN)
    author_id = models.BigIntegerField()
    at = models.DateTimeField(default=clock.now)
    ends = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    """Who confirmed or refused it."""
    done_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, default="", blank=True)
    first = models.CharField(max_length=64, default="", blank=True)
    second = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        indexes: ClassVar[list[Any]] = [models.Index(fields=["state", "-at"], name="pending_change_state")]
