"""Working time between many moments at once."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from heli.flows.mining.log import DAY, Ints
from heli.flows.mining.moments import EPOCH, UTC, offsets
from heli.kernel.calendar import Calendar

_MICRO = dt.timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Days:
    """Days that follow one another. ``begins``: when each begins, and at the end when the last is over."""

    first: int
    begins: Sequence[int]
    worked: frozenset[int]

    def whole(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The days on which people work that lie whole between two moments, each with its begin and end."""
        for at in range(bisect_left(self.begins, start), len(self.begins) - 1):
            if self.begins[at + 1] > end:
                return
            if self.first + at in self.worked:
                yield self.first + at, self.begins[at], self.begins[at + 1]


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

    def works(self, days: range) -> list[int]:
        """Those of the days, counted since 1970, on which people work."""
        start = EPOCH.date()
        return [one for one in days if self.calendar.works(start + dt.timedelta(days=one))]

    def midnights(self, days: range) -> Ints:
        """When each of the days ends in the zone."""
        ends = (np.arange(days.start, days.stop, dtype=np.int64) + 1) * DAY
        return ends - offsets(ends, self.zone, local=True)

    def span(self, start: int, end: int) -> Days:
        """The days that two moments touch."""
        first, last = self.days(np.array([start, end], np.int64)).tolist()
        local = np.arange(first, last + 2, dtype=np.int64) * DAY
        begins = (local - offsets(local, self.zone, local=True)).tolist()
        return Days(first, begins, frozenset(self.works(range(first, last + 1))))

    @property
    def _opens(self) -> int:
        opens = self.calendar.opens
        return dt.timedelta(hours=opens.hour, minutes=opens.minute, seconds=opens.second) // _MICRO
