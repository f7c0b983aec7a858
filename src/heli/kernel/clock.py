"""The one clock. Tests move it; nothing else calls ``datetime.now``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

_AHEAD = timedelta(seconds=float(os.environ.get("HELI_CLOCK_AHEAD") or 0))
"""How far this process is ahead of the machine: scenarios start the server anew as if days had passed."""
_frozen: ContextVar[datetime | None] = ContextVar("heli_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC) + _AHEAD


def today() -> date:
    """Today in the company's time zone (Django's current zone)."""
    from django.utils import timezone

    return timezone.localtime(now()).date()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Run a block at another moment (aware)."""
    if moment.tzinfo is None:
        raise ValueError("an aware moment is needed")
    token = _frozen.set(moment)
    try:
        yield
    finally:
        _frozen.reset(token)


@contextmanager
def later(**delta: float) -> Iterator[None]:
    """Run a block as if ``timedelta(**delta)`` had passed."""
    with at(now() + timedelta(**delta)):
        yield
