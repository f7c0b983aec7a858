"""Working time between many moments at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np

from heli.flows.core.calendar import Calendar
from heli.flows.mining.log import DAY, Ints
from heli.flows.mining.moments import EPOCH, UTC, offsets

_MICRO = dt.timedelta(microseconds=1)


@dataclass(frozen=True)
class Hours:
    """A business calendar on the clocks of a zone."""

    calendar: Calendar = field(default_factory=Calendar)
    zone: dt.tzinfo = UTC

    def clock(self, moments: Ints) -> Ints:
        """What clocks show then."""
        return moments + offsets(moments, self.zone)

    def passed(self, moments: Ints) -> Ints:
        """Working time that has passed at each moment, since the first of them (or a day before): differences are what is meant."""
        if not len(moments):
            return moments
        local = self.clock(moments)
        day = local // DAY
        first = int(day.min())
        days = range(first, int(day.max()) + 1)
        start = EPOCH.date()
        opens, length = self._opens, self.calendar.length // _MICRO
        works = np.array([self.calendar.works(start + dt.timedelta(days=one)) for one in days], np.int64)
        before = np.concatenate([[0], np.cumsum(works[:-1])]) * length
        at = day - first
        found: Ints = before[at] + works[at] * np.clip(local % DAY - opens, 0, length)
        return found

    def between(self, since: Ints, until: Ints) -> Ints:
        """Working time between two moments each; none where the second is not later."""
        both = self.passed(np.concatenate([since, until]))
        found: Ints = np.maximum(both[len(since) :] - both[: len(since)], 0)
        return found

    def days(self, moments: Ints) -> Ints:
        """The day of each on the clocks of the zone, counted since 1970."""
        found: Ints = self.clock(moments) // DAY
        return found

    @property
    def _opens(self) -> int:
        opens = self.calendar.opens
        return dt.timedelta(hours=opens.hour, minutes=opens.minute, seconds=opens.second) // _MICRO
