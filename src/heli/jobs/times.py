"""Moments of leases: whole milliseconds since 1970, the same number on both databases and quick to
compare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from heli.kernel import clock

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


def millis(at: datetime) -> int:
    """An aware moment as milliseconds since 1970."""
    return (at - _EPOCH) // _MILLISECOND


def now() -> int:
    """The present in milliseconds, by the one clock."""
    return millis(clock.now())


def moment(at: int) -> datetime:
    """The aware moment, in UTC, of these milliseconds."""
    return _EPOCH + at * _MILLISECOND
