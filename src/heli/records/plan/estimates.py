"""What a plan will read, in rows: from the counts that a job keeps. Wrong estimates cost time, never rows."""

from __future__ import annotations

import math
from dataclasses import dataclass

from heli.access.compile import Branch, Formula
from heli.records import counts, sql
from heli.records.plan import emit, probe
from heli.records.plan.merge import possible
from heli.records.plan.phase import SORTED_KEYS, Phase, keyed
from heli.records.plan.question import Driver

UNKNOWN = 0.25
"""Share of the rows that a comparison without counts is taken to leave."""
RARE = 50
"""Rows that one value of an uncounted, indexed column is taken to have."""


REACHED = 5000
"""Rows that a large set of reached records is taken to have."""
GATHER = 3
"""Finding one reached record, beside collecting a row of a key."""
UNITED = {"sqlite": emit.MOST_TERMS, "postgresql": 6}
"""Up to so many keys are read by one statement: PostgreSQL reads a whole page of each, SQLite in turns."""
TERM = 2
"""On SQLite: one key of that statement, in rows; 1.5 when the statement is known, 8 when it is compiled."""
ALONG = 0.57
"""On PostgreSQL: collecting a row along the filter's index, beside one found by joining indexes."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Rows that each plan reads (infinite: impossible). ``certain`` ones never read more; the others are hopes."""

    scope: Formula | None
    driver: Driver | None
    visible: float
    share: float
    keys: int
    collect: float
    filtered: float
    merge: float
    walk: float
    total: int
    united: float = math.inf
    joined: bool = True
    """Whether collecting may join the filter's index to the scope's."""

    @property
    def certain(self) -> float:
        """What the safest plan reads at most."""
        return min(self.collect, self.filtered)


def _reached(branch: Branch) -> int:
    return 0 if branch.reach is None else REACHED if branch.column == "id" else RARE


def rows_of(scope: Formula, known: counts.Counts) -> float:
    """About how many rows a scope holds, overlaps counted twice."""
    if scope.everything:
        return known.total
    found = 0.0
    for branch in scope.branches:
        if branch.reach is not None:
            found += _reached(branch)
        elif branch.column == "id":
            found += len(branch.values)
        else:
            counted = known.of(branch.column, branch.values)
            found += len(branch.values) * RARE if counted is None else counted
    found += known.total * UNKNOWN * len(scope.partial)
    return min(found, known.total)


def share_of(phase: Phase, known: counts.Counts, scope: Formula | None) -> float:
    """The share of rows that the filter leaves."""
    want = phase.want
    share, counted = 1.0, 0
    total = max(known.total, 1)
    for driver in want.drivers:
        counted += 1
        if (
            driver.column in SORTED_KEYS
            and scope is not None
            and any(b.column == driver.column for b in scope.branches)
        ):
            continue
        share *= _rows(driver, known) / total
    for _ in range(want.leaves - counted):
        share *= UNKNOWN
    return max(share, 0.5 / total)


def _rows(driver: Driver, known: counts.Counts) -> float:
    counted = known.of(driver.column, driver.values)
    return len(driver.values) * RARE if counted is None else counted


def costs(phase: Phase, known: counts.Counts) -> Costs:
    """Estimate every plan for one phase."""
    total = max(known.total, 1)
    sized = sorted(((rows_of(one, known), at) for at, one in enumerate(phase.scopes)), key=lambda one: one[0])
    visible, at = sized[0] if sized else (float(total), -1)
    scope = phase.scopes[at] if at >= 0 else None
    share = share_of(phase, known, scope)
    driver = min(phase.want.drivers, key=lambda d: _rows(d, known), default=None)
    filtered = _rows(driver, known) if driver is not None else math.inf
    k = float(phase.limit)
    keys = sum(len(b.values) for b in keyed(scope)) if scope is not None else 0
    if scope is not None and driver is not None:
        held = probe.inside(phase, scope, driver, filtered, visible)
        if held is not None:  # instead of taking filter and scope to be independent
            share = min(1.0, max(share / max(filtered / total, 1e-9), 0.0) * held * filtered / max(visible, 1))
            share = max(share, 0.5 / total)
    merge = united = math.inf
    if scope is not None and possible(phase, scope):
        gathered = (GATHER - 1.0) * sum(_reached(b) for b in scope.branches)
        gathered += sum(rows_of(Formula(False, (b,)), known) for b in scope.branches if b.column not in SORTED_KEYS)
        gathered += total * UNKNOWN * len(scope.partial)
        need = 2.5 * k / share
        merge = min(keys * 3 + need, keys * 3 + visible) + gathered + k
        if keys <= UNITED[sql.vendor()]:
            united = min(keys * k / share, visible) + gathered + keys
            if sql.vendor() == "sqlite":
                often = sum(1 for _ in keyed(scope)) + (gathered > 0)
                united = min(often * k / share, visible) + gathered + TERM * keys + k
    walk = k * total / max(visible, 1) / share if phase.index is not None else math.inf
    if phase.along is not None:
        walk *= _rows(phase.along, known) / total
    if phase.fixed is not None and phase.index:
        empty = known.empty(str(phase.sorted_by))
        if empty is not None:
            walk = min(walk, empty + 1.0)
        elif scope is not None and share == 1.0:
            walk = math.inf  # merging finds out at once
    collect = visible + (GATHER - 1) * sum(_reached(b) for b in scope.branches) if scope is not None else visible
    joined = True
    if sql.vendor() == "postgresql" and driver is not None:
        # A bitmap intersection touches only what both leave.
        both = 0.1 * visible + 0.04 * filtered + visible * share
        joined = scope is None or both < collect
        collect = min(collect, both) if scope is not None else filtered
        filtered *= ALONG
    return Costs(scope, driver, visible, share, keys, collect, filtered, merge, walk, total, united, joined)
