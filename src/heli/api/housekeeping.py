"""What the API keeps for a while is deleted every night: ended sessions, answers to keyed requests, dead tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Q

from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock

TOKENS_KEPT: Final = timedelta(days=90)
"""A dead token's row stays so long, for who asks what it was."""


@task(timeout=300)
def tidy() -> int:
    """Delete what has expired; returns how many rows."""
    from heli.api.keyed import KEPT
    from heli.api.models import KeyedAnswer, Session, Token

    now = clock.now()
    old = now - TOKENS_KEPT
    return sum(
        rows.delete()[0]
        for rows in (
            Session.objects.filter(expire_date__lt=now),
            KeyedAnswer.objects.filter(at__lt=now - KEPT),
            Token.objects.filter(Q(expires_at__lt=old) | Q(revoked_at__lt=old)),
        )
    )


def start() -> None:
    """Register the nightly run."""
    schedules.daily("api.tidy", "03:40", tidy)
