"""What might be done about a bottleneck, each with the figures that speak for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.counterfactual import Replay
from heli.flows.mining.log import SECOND
from heli.flows.mining.measures import Activity, Measures
from heli.flows.mining.passing import Trial
from heli.flows.mining.standing import Standing
from heli.flows.mining.traffic import Return

ENOUGH = 20
"""Visits from which something is concluded."""
WORTH = 0.02
"""Of the time of all cases: less is not worth a change."""
BRIEF = 10 * 60 * SECOND
"""What is looked at longer is not passed by itself."""
SENT_BACK, MISSED = 0.12, 0.15
MOST = 6


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``figures``: what it rests on, by name: shares, seconds, numbers. ``now`` and ``then``: the median time of a case, and with the change as
    the same cases would have gone."""

    code: str
    activity: int
    n: int
    figures: Mapping[str, float] = field(default_factory=dict)
    other: int | None = None
    now: float | None = None
    then: float | None = None


def suggestions(
    measures: Measures, causes: Mapping[int, Mapping[str, int]], returns: Sequence[Return], standing: Sequence[Standing] = (),
    trials: Mapping[int, Trial] = MappingProxyType({}),
) -> list[Suggestion]:  # fmt: skip
    """The most promising first: by how much the median case would gain, then by how much waiting it is about. ``trials``: by activity, what
    could pass there by itself and stood the test."""
    replay = Replay(measures.log)
    gains = _Gains(replay)
    found: list[Suggestion] = []
    for one in measures.activities:
        if one.visits < ENOUGH or one.score < WORTH:
            continue
        found += _automate(one, trials.get(one.number), gains)
        long = _long(measures, one)
        found += _by_cause(one, causes.get(one.number, {}), standing, gains, long)
        found += _late(one, gains, long)
    found += _returns(measures, returns)
    found = [one for one in found if one.then is None or one.code == "automate" or _gain(one) >= WORTH * (one.now or 0)]
    return sorted(found, key=lambda one: (-_gain(one), -measures.activities[one.activity].score, one.code))[:MOST]


def _gain(one: Suggestion) -> float:
    return (one.now or 0.0) - (one.then or 0.0) if one.then is not None else 0.0


@dataclass(frozen=True)
class _Gains:
    """Medians of the same cases with less waiting at an activity."""

    replay: Replay

    @cached_property
    def now(self) -> float | None:
        return figures.quantile(self.replay.cycles(self.replay.past.wait), (0.5,))[0]

    def without(self, activity: int, share: float, cases: Set[int] | None = None) -> tuple[float | None, float | None]:
        """Now, and with this share of the waiting there gone, in these cases (None: in all)."""
        past = self.replay.past
        wait = past.wait.copy()
        mine = past.activity == activity
        if cases is not None:
            mine &= np.isin(past.case, sorted(cases))
        wait[mine] = (wait[mine] * (1 - share)).astype(np.int64)
        return self.now, figures.quantile(self.replay.cycles(wait), (0.5,))[0]


def _automate(one: Activity, trial: Trial | None, gains: _Gains) -> list[Suggestion]:
    """Almost everything passes, and looking at it takes a moment: the work is spared even where no case would end sooner."""
    if trial is None or trial.looked > BRIEF:
        return []
    now, then = gains.without(one.number, 1.0, trial.cases)
    said = {
        "passed": trial.unchanged, "looked": trial.looked / SECOND, "since": trial.since / SECOND, "older": trial.older, "learned": trial.learned,
        "newer": trial.newer, "through": trial.passed, "wrong": trial.wrong, "low": trial.low, "high": trial.high,
        "saved": trial.saved_each / SECOND, "saved_all": trial.saved / SECOND,
    }  # fmt: skip
    return [Suggestion("automate", one.number, trial.learned + trial.passed, said, None, now, then)]


def _long(measures: Measures, one: Activity) -> dict[str, float]:
    """What limits may go by, in seconds of working time: within what three of four times (``p75``) it was taken up, and nine in ten (``p90``)
    or all but one in twenty (``p95``) it was done, of so many."""
    mine = measures.past.activity == one.number
    waits = measures.waits[0][mine]
    if not measures.working or len(waits) < ENOUGH:
        return {}
    taken = figures.quantile(waits, (0.75,))
    done = figures.quantile(waits + measures.works[0][mine], (0.9, 0.95))
    named = zip(("p75", "p90", "p95"), (*taken, *done), strict=True)
    return {"of": float(len(waits)), **{name: value / SECOND for name, value in named if value is not None}}


CAUSED = {
    "contention": ("staff", 0.3),
    "batching": ("oftener", 0.2),
    "unavailability": ("deputy", 0.1),
    "prioritisation": ("in_turn", 0.25),
}
"""By cause: what would help, and from which share of the waiting it is said."""


def _by_cause(
    one: Activity, causes: Mapping[str, int], standing: Sequence[Standing], gains: _Gains, long: Mapping[str, float],
) -> list[Suggestion]:  # fmt: skip
    whole, found = sum(causes.values()), []
    for cause, (code, least) in CAUSED.items():
        part = figures.share(causes.get(cause, 0), whole)
        if part < least:
            continue
        said = {"share": part, **(long if code != "staff" else {})}
        load = standing[one.number].load if standing else None
        if code == "staff" and load is not None:
            said["load"] = load
        now, then = gains.without(one.number, part * (0.5 if code == "staff" else 1.0))
        found.append(Suggestion(code, one.number, one.visits, said, None, now, then))
    return found


def _late(one: Activity, gains: _Gains, long: Mapping[str, float]) -> list[Suggestion]:
    """Limits that are often missed: remind, then hand up."""
    missed = figures.share(one.late, one.timed)
    if one.timed < ENOUGH or missed < MISSED:
        return []
    return [Suggestion("remind", one.number, one.timed, {"missed": missed, **long}, None, gains.now, None)]


def _returns(measures: Measures, returns: Sequence[Return]) -> list[Suggestion]:
    """Sent back often: ask for what is missing before."""
    found = []
    for one in returns:
        source = measures.activities[one.source]
        part = figures.share(one.cases, source.cases)
        if source.visits >= ENOUGH and part >= SENT_BACK:
            found.append(Suggestion("complete", one.source, one.count, {"share": part}, one.target))
    return found
