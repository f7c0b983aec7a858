"""How long, how often, how well: of a whole log and of each activity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heli.flows.mining import figures, follows
from heli.flows.mining.calendar import Hours
from heli.flows.mining.log import COMPLETED, NOBODY, NONE, REJECTED, RUNNING, Flags, Ints, Log


@dataclass(frozen=True, slots=True)
class Spread:
    """Quantiles of a time, in microseconds; None of nothing."""

    p50: float | None
    p90: float | None
    p95: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """The same time as people work and as it passes."""

    working: Spread
    calendar: Spread


@dataclass(frozen=True, slots=True)
class Activity:
    """What is known of one activity."""

    number: int
    visits: int
    cases: int
    wait: Times
    work: Times
    total: Times
    wait_sum: int
    """In working time, or as it passes where no calendar is meant."""
    work_sum: int
    repeated: int
    """Cases that came by more than once."""
    rejected: int
    late: int
    timed: int
    """Visits that were done too late, of those for which there was a limit."""
    share: float
    """Of the cases, how many pass it."""
    score: float
    """Its part in the time of all cases, as wait, times that share."""

    @property
    def rework(self) -> float:
        return figures.share(self.repeated, self.cases)


@dataclass(frozen=True, slots=True)
class Whole:
    """What is known of all cases that have ended."""

    cases: int
    completed: int
    running: int
    cycle: Times
    wait_share: float
    first_time_right: float
    touchless: float
    rework: float
    """Cases in which something was done again."""
    timed: int
    late: int
    hands: float
    """Hand-offs a case."""


class Measures:
    """Measures of a log. ``hours``: the calendar of working time, in which waiting is added up when ``working``."""

    def __init__(self, log: Log, hours: Hours, *, working: bool = True) -> None:
        self.log = log
        self.hours = hours
        self.working = working

    @cached_property
    def closed(self) -> Flags:
        """The cases that have ended."""
        found: Flags = (self.log.state != RUNNING) & self.log.here
        return found

    @cached_property
    def past(self) -> Log:
        """What was done in them."""
        return self.log.only(self.closed).over

    @cached_property
    def waits(self) -> tuple[Ints, Ints]:
        """The wait of each visit in ended cases: working, and as it passes."""
        return self.hours.between(self.past.enabled, self.past.taken_up), self.past.wait

    @cached_property
    def works(self) -> tuple[Ints, Ints]:
        return self.hours.between(self.past.taken_up, self.past.done), self.past.work

    @cached_property
    def cycles(self) -> tuple[Ints, Ints]:
        """The time of each ended case, from when it began."""
        began, ended = self.log.began[self.closed], self.log.ended[self.closed]
        return self.hours.between(began, ended), np.maximum(ended - began, 0)

    def meant(self, both: tuple[Ints, Ints]) -> Ints:
        """That of the two times in which waiting is added up."""
        return both[0] if self.working else both[1]

    @cached_property
    def activities(self) -> list[Activity]:
        """Every activity, in the order of the log."""
        log, past, n = self.log, self.past, len(self.log.activities)
        visits = figures.counts(past.activity, n)
        passing, repeated = follows.repeats(past)
        wait, work = self.waits, self.works
        spans = [
            self._spreads(past.activity, both[0], both[1], n)
            for both in (wait, work, (wait[0] + work[0], wait[1] + work[1]))
        ]
        wait_sum, work_sum = (figures.sums(past.activity, self.meant(both), n).tolist() for both in (wait, work))
        rejected = figures.counts(past.activity[past.outcome == REJECTED], n).tolist()
        limited = past.due != NONE
        late = figures.counts(past.activity[limited & (past.done > past.due)], n).tolist()
        timed = figures.counts(past.activity[limited], n).tolist()
        whole, cases = int(self.meant(self.cycles).sum()), figures.some(self.closed)
        found = []
        for number in range(len(log.activities)):
            part = figures.share(int(passing[number]), cases)
            found.append(
                Activity(
                    number, int(visits[number]), int(passing[number]), spans[0][number], spans[1][number], spans[2][number],
                    wait_sum[number], work_sum[number], int(repeated[number]), rejected[number], late[number], timed[number], part,
                    figures.share(wait_sum[number], whole) * part,
                )
            )  # fmt: skip
        return found

    def _spreads(self, group: Ints, working: Ints, calendar: Ints, groups: int) -> list[Times]:
        both = [figures.quantiles(group, one, groups) for one in (working, calendar)]
        return [Times(_spread(both[0][at].tolist()), _spread(both[1][at].tolist())) for at in range(groups)]

    @cached_property
    def whole(self) -> Whole:
        past, log = self.past, self.log
        cases = figures.some(self.closed)
        working, calendar = self.cycles
        cycle = Times(_spread(figures.quantile(working)), _spread(figures.quantile(calendar)))
        twice = np.zeros(len(log.cases), np.bool_)
        twice[past.case[follows.again(past)]] = True
        sent_back = np.zeros(len(log.cases), np.bool_)
        sent_back[past.case[past.outcome == REJECTED]] = True
        touched = np.zeros(len(log.cases), np.bool_)
        touched[past.case[past.actor != NOBODY]] = True
        good = self.closed & (log.state == COMPLETED)
        limited = past.due != NONE
        return Whole(
            cases, figures.some(good), figures.some((log.state == RUNNING) & log.here), cycle,
            figures.share(int(self.meant(self.waits).sum()), int(self.meant(self.cycles).sum())),
            figures.share(figures.some(good & ~twice & ~sent_back), figures.some(good)),
            figures.share(figures.some(self.closed & ~touched), cases) if len(log.actors) else 0.0,
            figures.share(figures.some(twice & self.closed), cases), figures.some(limited), figures.some(limited & (past.done > past.due)),
            figures.share(figures.some(past.follows & _handed(past)), cases),
        )  # fmt: skip

    @cached_property
    def bottlenecks(self) -> list[Activity]:
        """By score, the worst first."""
        return sorted(self.activities, key=lambda one: (-one.score, one.number))


def _handed(past: Log) -> Flags:
    found = np.zeros(len(past), np.bool_)
    found[1:] = (past.actor[1:] != past.actor[:-1]) & (past.actor[1:] != NOBODY) & (past.actor[:-1] != NOBODY)
    return found


def _spread(three: list[float] | list[float | None]) -> Spread:
    return Spread(*(None if one is None or one != one else one for one in three))  # noqa: PLR0124  # NaN is no time
