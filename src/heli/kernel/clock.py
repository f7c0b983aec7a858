"""The one clock. Tests move it; nothing else calls ``datetime.now``."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo

_AHEAD = timedelta(seconds=float(os.environ.get("HELI_CLOCK_AHEAD") or 0))
"""How far this process is ahead of the machine: scenarios start the server anew as if days had passed."""
_frozen: ContextVar[datetime | None] = ContextVar("heli_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC) + _AHEAD


_places: list[Callable[[], tzinfo]] = []


def live_in(place: Callable[[], tzinfo]) -> None:
    """Say where the company is; until somebody has, days are those of UTC."""
    _places[:] = [place]


def today() -> date:
    """The day that it is now where the company is: the one that its people write down, also before eight in the morning in China."""
    return now().astimezone(_places[0]() if _places else UTC).date()


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
