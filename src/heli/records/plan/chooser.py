"""Which plan answers a page. The certain plans (collect and sort, along the filter, merge without a filter) have known
bounds; a walk and a merge under a filter are hopes, given a budget, so that a page costs at most about twice the certain plan.

Every plan gives the same rows; ``FORCED`` lets tests prove it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from heli.access.compile import Sql
from heli.records import counts, sql
from heli.records.plan import emit
from heli.records.plan.estimates import Costs, costs
from heli.records.plan.merge import Merge, possible
from heli.records.plan.phase import Phase, phases
from heli.records.plan.question import Got, Want
from heli.records.plan.run import Run

FORCED: str | None = None
"""A plan's name to use wherever it is possible: for tests and measurements."""

SMALL = 64
"""Rows of a walk that are cheaper to look at than to think about."""
START = {"sqlite": 4.0, "postgresql": 6.0}
SORT = {"sqlite": 1.0, "postgresql": 0.9}
SCAN = {"sqlite": 0.85, "postgresql": 0.5}
"""What a plan costs beside one collected row: starting one key of a merge, collecting and sorting a row, walking past one."""
STEP = {"sqlite": 40.0, "postgresql": 250.0}
"""A further statement, in rows."""


@dataclass(frozen=True, slots=True)
class Single:
    """A plan that is one statement. ``budget``: rows it may look at; None: it comes to its end by itself."""

    name: str
    statement: Sql | None
    budget: int | None = None
    beyond: Sql | None = None
    """On PostgreSQL, which does not say whether a budget was used up: whether it was."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A page thought through, as good as the counts it was weighed by: the same question may use it again."""

    want: Want
    known: counts.Counts
    phases: tuple[tuple[Phase, Costs], ...]
    first: str
    alone: Single | None
    """Set where one statement will most likely do."""

    @property
    def stale(self) -> bool:
        return FORCED is not None or counts.known(self.want.kind) is not self.known


def prepare(want: Want) -> Prepared:
    """Weigh the plans of a page and write the first statement."""
    known = counts.known(want.kind)
    chosen = tuple((phase, costs(phase, known)) for phase in phases(want))
    phase, cost = chosen[0]
    first = _choose(phase, cost)
    enough = len(chosen) == 1 or cost.visible * cost.share >= 2 * want.limit
    alone = _single(phase, cost, first) if first != "merge" and enough else None
    if alone is not None and alone.beyond is not None:
        alone = None  # two statements that must see the same rows
    return Prepared(want, known, chosen, first, alone)


def fetch(want: Want, prepared: Prepared | None = None) -> Got:
    """The page's rows, by the plan that the counts speak for."""
    run = Run()
    ready = prepared or prepare(want)
    chosen, first = ready.phases, ready.first
    if ready.alone is not None:
        # One statement will most likely do, and needs no snapshot. If not, everything is asked again in one.
        found, name, ended = _execute(run, ready.alone)
        if len(found) >= want.limit or (ended and len(chosen) == 1):
            return Got([(chosen[0][0].number, row) for row in found], name, run.seconds)
        first = f"{first}>" if not ended else first
    rows: list[tuple[int, tuple[Any, ...]]] = []
    names: list[str] = []
    with run.snapshot():
        for at, (phase, cost) in enumerate(chosen):
            if len(rows) >= want.limit:
                break
            left = replace(phase, limit=want.limit - len(rows))
            choice = first if at == 0 else _choose(left, cost)
            found, name = _one(run, left, cost, choice)
            rows += [(phase.number, row) for row in found]
            names.append(name)
    return Got(rows, "+".join(dict.fromkeys(names)), run.seconds)


def _choose(phase: Phase, cost: Costs) -> str:
    if FORCED is not None and _can(FORCED, phase, cost):
        return FORCED
    vendor = sql.vendor()
    weighed = {
        "or-sort": cost.collect * SORT[vendor],
        "filter": cost.filtered * SORT[vendor],
        "walk": cost.walk * SCAN[vendor] if _affordable(cost) else math.inf,
        "union": cost.united * SORT[vendor],
        "merge": cost.merge + cost.keys * (START[vendor] - 3) + STEP[vendor] if cost.merge < math.inf else math.inf,
    }
    best = min(weighed, key=lambda name: weighed[name])
    return best if weighed[best] < math.inf else "or-sort"


def _can(name: str, phase: Phase, cost: Costs) -> bool:
    if name == "walk":
        return phase.index is not None
    if name in ("merge", "union"):
        return cost.scope is not None and possible(phase, cost.scope)
    return name == "or-sort" or (name == "filter" and cost.driver is not None)


def _one(run: Run, phase: Phase, cost: Costs, name: str) -> tuple[list[tuple[Any, ...]], str]:
    """Rows of one phase by one plan, or by the certain one where the hope ended."""
    if name.endswith(">"):
        found, other = _certain(run, phase, cost)
        return found, f"{name}{other}"
    if name == "merge" and cost.scope is not None:
        return _merge(run, phase, cost)
    found, name, ended = _execute(run, _single(phase, cost, name))
    if ended or len(found) >= phase.limit:
        return found, name
    if found:
        phase = replace(phase, after=_place(phase, found[-1]), limit=phase.limit - len(found))
    rest, other = _certain(run, phase, cost)
    return found + rest, f"{name}>{other}"


def _single(phase: Phase, cost: Costs, name: str) -> Single:
    """The statement of a plan that is one; a hope's budget is what the certain plan costs, and twice what it hopes for."""
    if name == "walk":
        sure = FORCED is not None or (cost.scope is None and cost.share == 1.0)
        budget = None if sure else _budget(cost, cost.walk)
        # Rows without a value to sort by are mostly few, and then all were seen: everything else would start again.
        unsure = budget is not None and phase.fixed is not None and sql.vendor() == "postgresql"
        return Single(name, emit.walk(phase, budget), budget, emit.beyond(phase, budget or 0) if unsure else None)
    if name == "union" and cost.scope is not None:
        # Bounded by the scope; but a filter may pass over most of it.
        hope = sql.vendor() == "sqlite" and cost.share < 1.0 and FORCED is None
        return Single(name, emit.united(phase, cost.scope), _budget(cost, cost.united) if hope else None)
    along = name == "filter" or (not name and cost.filtered < cost.collect)
    statement = emit.collected(phase, None if along else cost.scope, cost.driver if along else None, joined=cost.joined)
    return Single("filter" if along else "or-sort", statement)


def _execute(run: Run, one: Single) -> tuple[list[tuple[Any, ...]], str, bool]:
    """One statement's rows, the plan's name, and whether there are no others."""
    if one.statement is None:
        return [], one.name, False
    if one.budget is None:
        return run.rows(one.statement.text, one.statement.params), one.name, True
    found, ended = _bounded(run, one.statement, one.budget)
    if not ended and one.beyond is not None:
        ended = not run.rows(one.beyond.text, one.beyond.params)
    return found, one.name, ended


def _certain(run: Run, phase: Phase, cost: Costs, name: str = "") -> tuple[list[tuple[Any, ...]], str]:
    along = name == "filter" or (not name and cost.filtered < cost.collect)
    if not name and not along and cost.share == 1.0 and cost.scope is not None and possible(phase, cost.scope):
        return _merge(run, phase, cost)
    found, name, _ = _execute(run, _single(phase, cost, name))
    return found, name


def _budget(cost: Costs, hoped: float) -> int:
    return int(max(SMALL, min(_allowed(cost), 2 * hoped)))


def _allowed(cost: Costs) -> float:
    """Rows that a walk may look at until it has cost as much as the certain plan."""
    vendor = sql.vendor()
    return cost.certain * SORT[vendor] / SCAN[vendor]


def _affordable(cost: Costs) -> bool:
    """Whether a walk would most likely end within its budget."""
    return cost.walk * 1.3 <= max(SMALL, _allowed(cost)) or (cost.scope is None and cost.share == 1.0)


def _bounded(run: Run, statement: Sql, budget: int) -> tuple[list[tuple[Any, ...]], bool]:
    if run.sqlite:
        return run.bounded(statement.text, statement.params, budget)
    return run.rows(statement.text, statement.params), False


def _place(phase: Phase, row: tuple[Any, ...]) -> tuple[Any, ...]:
    if phase.by_id or phase.fixed is not None:
        return (row[-1],)
    return (row[-2], row[-1])


def _merge(run: Run, phase: Phase, cost: Costs) -> tuple[list[tuple[Any, ...]], str]:
    scope = cost.scope
    assert scope is not None
    scan = phase.want.leaves > 0 and cost.share < 1.0
    one = Merge(run, phase, scope, scan=scan)
    keys = max(len(one.keys), 1)
    first = (
        max(2, math.ceil(1.3 * phase.limit / cost.share / keys)) if keys > 1 else math.ceil(phase.limit / cost.share)
    )
    if not scan:
        first = min(first, phase.limit)
    budget = None if not scan or FORCED is not None else int(max(cost.certain / 2, 500))
    found = one.page(min(first, 20_000), budget)
    if found is not None:
        return found, "merge"
    rest, name = _certain(run, phase, cost, "filter" if cost.filtered < cost.collect else "or-sort")
    return rest, f"merge>{name}"
