"""Django's database sessions in a table that knows whose they are."""

from __future__ import annotations

import hmac
from datetime import datetime
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest

from heli.kernel import clock, hooks

MADE = "made"
"""The key in a session's data: when and from where it was made."""
MODE = ("mode", "mode_of", "mode_since", "mode_until")


class SessionStore(DatabaseStore):
    """Named by the setting SESSION_ENGINE."""

    @classmethod
    def get_model_class(cls) -> Any:
        from heli.api.models import Session

        return Session

    def get_expiry_date(self, **kwargs: Any) -> datetime:
        """By our own clock, which is also what a session is looked up by."""
        return super().get_expiry_date(**{"modification": clock.now(), **kwargs})

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        found = data.get(SESSION_KEY)
        row.person_id = int(found) if found is not None else None
        row.auth = data.get(HASH_SESSION_KEY) or ""
        made = data.get(MADE) or {}
        if made:
            row.made_at = datetime.fromisoformat(made["at"])
            row.address, row.device = made["address"], made["device"]
        row.seen_at = clock.now()
        kept = self.get_model_class().objects.filter(session_key=row.session_key).values(*MODE).first()
        for name, value in (kept or {}).items():  # saving a session's data is no way out of its mode
            setattr(row, name, value)
        return row


def remember(request: HttpRequest, address: str) -> None:
    """Note in the request's new session when and from where it was made, to be told to its person."""
    device = "".join(c for c in request.META.get("HTTP_USER_AGENT", "") if c.isprintable())
    request.session[MADE] = {"at": clock.now().isoformat(), "address": address[:60], "device": device[:200]}


def public(key: str) -> str:
    """A session's name outside: nobody signs in with it."""
    return blake2b(key.encode(), key=_secret(), digest_size=16).hexdigest()


def _secret() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"heli.session", "sha256")


def end_all(person: int) -> int:
    """End every session of a person in the caller's transaction; returns how many there were."""
    from heli.api.models import Session

    return Session.objects.filter(person_id=person).delete()[0]


def end_others(person: int, key: str) -> int:
    """The same but for one session."""
    from heli.api.models import Session

    return Session.objects.filter(person_id=person).exclude(session_key=key).delete()[0]


def _organisation_changed(people: frozenset[int] | None) -> None:
    """Who has left keeps neither session nor token (the viewer also looks at the status itself)."""
    if not people:
        return
    from heli.api.models import Session, Token
    from heli.kernel import clock
    from heli.org.models import Person

    left = list(Person.objects.filter(pk__in=people, status=Person.LEFT).values_list("pk", flat=True))
    if left:
        Session.objects.filter(person_id__in=left).delete()
        Token.objects.filter(person_id__in=left, revoked_at__isnull=True).update(revoked_at=clock.now())


def attach() -> None:
    """Listen to the organisation."""
    hooks.organisation_changed.listen(_organisation_changed)
