"""Working time: when a span of it is over, on which days people work. Days and hours are of the company's clock."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from heli.kernel.holidays import EXTRA, OFF

MOST_DAYS = 3660
"""Days that are looked at for one span: a calendar on which nobody works for ten years ends no span."""


@dataclass(frozen=True)
class Calendar:
    """Monday to Friday between two hours, but for ``off``, and on the days ``extra`` too (调休)."""

    opens: dt.time = dt.time(9)
    closes: dt.time = dt.time(18)
    off: frozenset[dt.date] = OFF
    extra: frozenset[dt.date] = EXTRA

    @cached_property
    def length(self) -> dt.timedelta:
        """Working time of one day."""
        day = dt.date(2000, 1, 3)
        return dt.datetime.combine(day, self.closes) - dt.datetime.combine(day, self.opens)

    def works(self, day: dt.date) -> bool:
        """Whether people work on this day."""
        return day in self.extra or (day.weekday() < 5 and day not in self.off)

    def after(self, start: dt.datetime, span: dt.timedelta) -> dt.datetime:
        """When ``span`` of working time has passed since ``start`` (aware; in the zone in which days are meant): whole days as working
        days, at the same hour, the rest as working hours. Raises OverflowError where no such moment is found in ten years."""
        at = self._open(start.replace(tzinfo=None))
        for _ in range(span.days):
            at = dt.datetime.combine(
                self._open(dt.datetime.combine(at.date() + dt.timedelta(days=1), self.opens)).date(), at.time()
            )
        left = dt.timedelta(seconds=span.seconds)
        for _ in range(MOST_DAYS):
            until = dt.datetime.combine(at.date(), self.closes) - at
            if left <= until:
                return (at + left).replace(tzinfo=start.tzinfo)
            left -= until
            at = self._open(dt.datetime.combine(at.date() + dt.timedelta(days=1), self.opens))
        raise OverflowError("no working time")

    def _open(self, at: dt.datetime) -> dt.datetime:
        """The same moment, or the next at which people work."""
        for _ in range(MOST_DAYS):
            if self.works(at.date()):
                if at.time() < self.opens:
                    return dt.datetime.combine(at.date(), self.opens)
                if at.time() < self.closes:
                    return at
            at = dt.datetime.combine(at.date() + dt.timedelta(days=1), self.opens)
        raise OverflowError("no working day")
