"""When a timer is due."""

from __future__ import annotations

import datetime as dt

from heli.flows.core.definition import Timer
from heli.flows.core.duration import duration
from heli.flows.core.expression import ExpressionError, Value
from heli.flows.core.hearing import CYCLE
from heli.kernel.words import Words

NEVER = dt.datetime(9999, 12, 30, tzinfo=dt.UTC)
"""As far away as a database can say."""
NO_MOMENT = Words(
    "定时器的表达式没有得出日期、时刻或时长", "the timer's expression gives no date, no moment and no duration"
)


def due(timer: Timer, value: Value, now: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    """When a timer that is set now is due; ``value`` is what was worked out where it says so. A day begins at midnight in ``zone``.
    Raises ExpressionError where that is no moment."""
    if timer.value is not None:
        return _worked_out(value, now, zone)
    if timer.kind == "date":
        return dt.datetime.fromisoformat(timer.text)
    span = duration(timer.text)
    assert span is not None  # the file has been checked
    return later(now, span)


def later(now: dt.datetime, span: dt.timedelta) -> dt.datetime:
    try:
        return min(now + span, NEVER)
    except OverflowError:
        return NEVER


def _worked_out(value: Value, now: dt.datetime, zone: dt.tzinfo | None) -> dt.datetime:
    if isinstance(value, str):
        span = duration(value)
        if span is not None:
            return later(now, span)
        try:
            value = dt.datetime.fromisoformat(value)
        except ValueError:
            raise ExpressionError(NO_MOMENT) from None
    if isinstance(value, dt.datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time(), zone)
    raise ExpressionError(NO_MOMENT)


def next_cycle(timer: Timer, now: dt.datetime, last: dt.datetime | None) -> dt.datetime | None:
    """When a start by the clock is due next, after ``last``; None when it has been for the last time. Of moments that were missed only
    the latest is made up for."""
    if timer.kind == "date":
        return dt.datetime.fromisoformat(timer.text) if last is None else None
    found = CYCLE.fullmatch(timer.text)
    span = duration(found["every"]) if found is not None else None
    assert found is not None and span is not None  # the file has been checked
    first = dt.datetime.fromisoformat(found["from"]) if found["from"] else None
    if last is None:
        return later(now, span) if first is None else first
    return later(last, span * max(1, (now - last) // span))
