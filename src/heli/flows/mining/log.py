"""A log of activities in columns: one place a visit of a case to an activity, sorted by case, then by when it was done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

type Ints = NDArray[np.int64]
type Flags = NDArray[np.bool_]

NONE = int(np.iinfo(np.int64).min)
"""A moment that is not known, or has not come."""
NOBODY = -1
PLAIN, APPROVED, REJECTED = 0, 1, 2
"""What came of a visit."""
RUNNING, COMPLETED, REFUSED, WITHDRAWN = 0, 1, 2, 3
"""What became of a case."""
SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of names: the different ones in the order in which they first come, and by place the number of its own."""

    names: Sequence[str]
    numbers: Ints

    def blank(self) -> Coded:
        """The same with NOBODY where the name is empty."""
        if "" not in self.names:
            return self
        return Coded(self.names, np.where(self.numbers == list(self.names).index(""), NOBODY, self.numbers))


def nobody(many: int) -> Coded:
    """A column that tells nothing."""
    return Coded([], np.full(many, NOBODY, np.int64))


@dataclass(frozen=True)
class Log:
    """Moments are microseconds in UTC. ``cases``, ``activities`` and ``actors`` are names by number; the other columns are by visit, the last ones
    by case. A visit without ``done`` goes on; without ``started`` nobody has taken it up."""

    cases: Sequence[str]
    activities: Sequence[str]
    actors: Sequence[str]
    case: Ints
    activity: Ints
    actor: Ints
    enabled: Ints
    started: Ints
    done: Ints
    due: Ints
    outcome: Ints
    began: Ints
    ended: Ints
    state: Ints
    version: Ints
    events: int
    """As its source counts them."""
    queues: bool
    """Whether it tells apart when work came and when it was taken up; otherwise all time is counted as wait."""
    groups: Sequence[str] = ()
    """Departments by name."""
    group: Ints | None = None
    """That of each actor."""
    held: Flags | None = None
    """The cases that are looked at; None: all."""

    def __len__(self) -> int:
        return len(self.case)

    def only(self, cases: Flags) -> Log:
        """The same of these cases, which keep their numbers."""
        held = cases[self.case]
        return replace(
            self, case=self.case[held], activity=self.activity[held], actor=self.actor[held], enabled=self.enabled[held],
            started=self.started[held], done=self.done[held], due=self.due[held], outcome=self.outcome[held], held=cases & self.here,
        )  # fmt: skip

    @cached_property
    def here(self) -> Flags:
        """Cases that are looked at."""
        return self.held if self.held is not None else np.ones(len(self.cases), np.bool_)

    @cached_property
    def over(self) -> Log:
        """What has been done of it."""
        past = self.done != NONE
        if bool(past.all()):
            return self
        return replace(
            self, case=self.case[past], activity=self.activity[past], actor=self.actor[past], enabled=self.enabled[past],
            started=self.started[past], done=self.done[past], due=self.due[past], outcome=self.outcome[past],
        )  # fmt: skip

    @cached_property
    def follows(self) -> Flags:
        """Whether each visit is of the same case as the one before it in the columns."""
        found = np.zeros(len(self.case), np.bool_)
        found[1:] = self.case[1:] == self.case[:-1]
        return found

    @cached_property
    def wait(self) -> Ints:
        """From when work came until somebody took it up, of what is done."""
        found: Ints = np.maximum(self.taken_up - self.enabled, 0)
        return found

    @cached_property
    def taken_up(self) -> Ints:
        """When it was taken up; where nobody noted it, when it was done."""
        return np.where(self.started == NONE, self.done, np.maximum(self.started, self.enabled))

    @cached_property
    def work(self) -> Ints:
        """From then until it was done."""
        found: Ints = np.maximum(self.done - self.taken_up, 0)
        return found


def ordered(case: Ints, moment: Ints) -> Ints | None:
    """The places sorted by case, then by moment, else as they came; None where they stand so already."""
    later = (case[1:] > case[:-1]) | ((case[1:] == case[:-1]) & (moment[1:] >= moment[:-1]))
    return None if bool(later.all()) else np.lexsort((moment, case))


def span(case: Ints, first: Ints, last: Ints, cases: int) -> tuple[Ints, Ints]:
    """The first and the last moment of each case."""
    began = np.full(cases, np.iinfo(np.int64).max, np.int64)
    ended = np.full(cases, NONE, np.int64)
    np.minimum.at(began, case, first)
    np.maximum.at(ended, case, last)
    return began, ended


def of_events(
    cases: Coded, activities: Coded, moments: Ints, *, actors: Coded | None = None, started: Ints | None = None, groups: Coded | None = None
) -> Log:  # fmt: skip
    """A log of what others wrote: each event is a visit that ended at its moment. Where it does not say when work came, it came when the one
    before it in its case was done."""
    case, activity, many = cases.numbers, activities.numbers, len(moments)
    who = (actors or nobody(many)).blank()
    actor, group = who.numbers, groups.numbers if groups is not None else None
    order = ordered(case, moments)
    if order is not None:
        case, activity, actor, moments = case[order], activity[order], actor[order], moments[order]
        started = started[order] if started is not None else None
        group = group[order] if group is not None else None
    begun = np.where(started == NONE, moments, started) if started is not None else moments
    enabled = begun.copy()
    same = case[1:] == case[:-1]
    enabled[1:][same] = np.minimum(moments[:-1][same], begun[1:][same])
    began, ended = span(case, begun, moments, len(cases.names))
    return Log(
        cases.names, activities.names, who.names, case, activity, actor, enabled,
        started if started is not None else np.full(many, NONE, np.int64), moments, np.full(many, NONE, np.int64), np.zeros(many, np.int64),
        began, ended, np.full(len(cases.names), COMPLETED, np.int64), np.zeros(len(cases.names), np.int64),
        many, started is not None, groups.names if groups is not None else (),
        of_actors(actor, group, len(who.names)) if group is not None else None,
    )  # fmt: skip


def of_actors(actor: Ints, group: Ints, actors: int) -> Ints:
    """The department in which each actor is found last."""
    found = np.full(actors, NOBODY, np.int64)
    known = actor != NOBODY
    found[actor[known]] = group[known]
    return found
