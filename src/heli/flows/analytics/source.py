"""What figures are made of, our own cases or somebody's log, in one form: a log, what its numbers mean, and how much may be told of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from heli.flows.analytics import rows
from heli.flows.analytics.scope import FEWEST, Asked, Case, Scope
from heli.flows.core.definition import Definition
from heli.flows.knowing import SHOWN
from heli.flows.mining import follows, traffic, waiting
from heli.flows.mining.calendar import Hours
from heli.flows.mining.log import DAY, NOBODY, NONE, Log
from heli.flows.mining.measures import Measures
from heli.flows.mining.standing import Standing, standing
from heli.kernel.calendar import Calendar
from heli.kernel.words import Words
from heli.org import zone


@dataclass(frozen=True)
class Source:
    """``log`` holds the period and as much before it, to compare with. ``knows_all``: who looks may know the way of each case; otherwise what
    is made of few cases is not told."""

    log: Log
    now: int
    days: int
    hours: Hours
    names: Mapping[str, Words]
    knows_all: bool = True
    untold: int = 0
    people: Sequence[int] = ()
    departments: Sequence[int] = ()
    cases: Sequence[Case] = ()
    ways: frozenset[int] = frozenset()
    led: frozenset[int] = frozenset()
    definition: Definition | None = None
    joined: Mapping[str, frozenset[int]] = field(default_factory=dict)
    """Joins at which cases wait now: which these are, by the join's id."""
    versions: Mapping[int, int] = field(default_factory=dict)
    """Number of each version, by id."""
    working: bool = True
    scope: Scope | None = None
    """Of our own cases: as whose figures."""

    @property
    def ours(self) -> bool:
        """Whether these are cases of ours, which go on, and not somebody's log."""
        return self.scope is not None

    @cached_property
    def begins(self) -> int:
        return self.now - self.days * DAY

    @cached_property
    def period(self) -> Log:
        """Cases that ended in the period, or run."""
        return self.log.only((self.log.ended == NONE) | (self.log.ended >= self.begins))

    @cached_property
    def measures(self) -> Measures:
        return Measures(self.period, self.hours, working=self.working)

    @cached_property
    def before(self) -> Measures:
        """Of the cases that ended in as many days before."""
        return Measures(
            self.log.only((self.log.ended != NONE) & (self.log.ended < self.begins)), self.hours, working=self.working
        )

    @cached_property
    def standing(self) -> list[Standing]:
        limits = [one.total.calendar.p90 for one in self.measures.activities]
        return standing(self.log, self.hours, self.now, min(self.days, 90), limits)

    @cached_property
    def worked(self) -> frozenset[int]:
        """Activities that people do."""
        return frozenset(self.log.activity[self.log.actor != NOBODY].tolist())

    @cached_property
    def causes(self) -> dict[int, dict[str, int]]:
        return waiting.causes(self.measures.past, self.pieces, working=self.working)

    @cached_property
    def pieces(self) -> waiting.Pieces:
        return waiting.pieces(self.measures.past, self.hours)

    @cached_property
    def returns(self) -> list[traffic.Return]:
        return traffic.returns(self.measures.past)

    @cached_property
    def edges(self) -> list[follows.Edge]:
        return follows.edges(self.measures.past)

    def few(self, cases: int) -> bool:
        """Whether these are too few cases to tell of. None are few too: else what is left out would tell that there is some."""
        return not self.knows_all and cases < FEWEST

    @cached_property
    def steps(self) -> Mapping[str, Words]:
        """The steps of the current definition, by id: what may be named, whether or not a case has come to it."""
        nodes = self.definition.nodes if self.definition is not None else ()
        return {one.id: one.words for one in nodes if one.kind in SHOWN}

    def called(self, told: Iterable[str]) -> dict[str, Words]:
        """What activities are called: all of them, or where these tell of single cases those that an answer tells of and the definition
        has."""
        wanted = set(self.log.activities if self.knows_all else told)
        return {**self.steps, **{code: self.name(n) for n, code in enumerate(self.log.activities) if code in wanted}}

    def name(self, activity: int) -> Words:
        code = self.log.activities[activity]
        return self.names.get(code) or Words(code, code)


def of_process(scope: Scope) -> Source:
    """Our own cases. The scope is widened to as many days before."""
    asked = scope.asked
    wide = Scope(scope.viewer, scope.process, Asked(asked.days * 2, asked.version, asked.department))
    told = rows.read(wide)
    current = scope.process.current_id
    return Source(
        told.log, rows.micros(wide.now), asked.days, Hours(Calendar(), zone.company_zone()), told.names, wide.knows_all, wide.untold,
        told.people, told.departments, told.cases, wide.ways, wide.led, wide.definition(current) if current is not None else None,
        told.joined, {pk: one.number for pk, one in wide.versions.items()}, scope=wide,
    )  # fmt: skip


def of_log(log: Log, at: dt.tzinfo) -> Source:
    """Somebody's log, whole: as long as it goes, as it stood at its end."""
    last = int(np.max(log.ended))
    days = (last - int(np.min(log.began))) // DAY + 1
    return Source(log, last, max(int(days), 1), Hours(Calendar(), at), {}, working=False)
