"""The same measures under one version and under another: with how many cases, and between which bounds the difference lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from heli.flows.analytics.source import Source
from heli.flows.mining import figures
from heli.flows.mining.log import Ints
from heli.flows.mining.measures import Measures
from heli.flows.mining.report import seconds, share, times

SAMPLES, SEED = 1000, 20260101
BOUNDS = (0.025, 0.975)
ENOUGH = 10
"""Cases of each side from which a difference is told with bounds."""


def document(source: Source, one: int, other: int) -> dict[str, Any]:
    """``one`` before, ``other`` after: numbers of versions."""
    sides = [_of(source, number) for number in (one, other)]
    return {
        "sides": [_side(source, number, side) for number, side in zip((one, other), sides, strict=True)],
        "difference": _difference(source, sides[0], sides[1]),
    }


def _of(source: Source, number: int) -> Measures:
    mine = [pk for pk, known in source.versions.items() if known == number]
    return Measures(source.log.only(np.isin(source.log.version, mine)), source.hours, working=source.working)


def _side(source: Source, number: int, side: Measures) -> dict[str, Any]:
    whole = side.whole
    if source.few(whole.cases):
        return {"version": number, "cases": None, "figures": None, "nodes": []}
    return {
        "version": number, "cases": whole.cases,
        "figures": {
            "cycle": times(whole.cycle), "wait_share": share(whole.wait_share), "first_time_right": share(whole.first_time_right),
            "rework": share(whole.rework), "timed": whole.timed, "late": whole.late,
        },
        "nodes": [
            {"id": side.log.activities[one.number], "cases": one.cases, "total": times(one.total)}
            for one in side.activities if one.visits and not source.few(one.cases)
        ],
    }  # fmt: skip


def _difference(source: Source, one: Measures, other: Measures) -> dict[str, Any] | None:
    """Of the median time as it passes, and of the share that was right the first time: after less before. None of too few cases."""
    before, after = one.cycles[1], other.cycles[1]
    if min(len(before), len(after)) < ENOUGH:
        return None
    rng = np.random.default_rng(SEED)
    low, high = resampled(before, after, np.median, rng)
    return {
        "p50": seconds(float(np.median(after)) - float(np.median(before))), "low": seconds(low), "high": seconds(high),
        "n": [len(before), len(after)], "certain": low > 0 or high < 0,
    }  # fmt: skip


def resampled(before: Ints, after: Ints, figure: Callable[..., Any], rng: np.random.Generator) -> tuple[float, float]:
    """Between what the difference of a figure lies in 95 of 100 draws from the same cases."""
    drawn = [
        figure(side[rng.integers(0, len(side), (SAMPLES, len(side)))], axis=1) if len(side) * SAMPLES <= 5_000_000
        else np.array([figure(side[rng.integers(0, len(side), len(side))]) for _ in range(SAMPLES)])
        for side in (before, after)
    ]  # fmt: skip
    low, high = figures.quantile(np.asarray(drawn[1] - drawn[0], np.float64).astype(np.int64), BOUNDS)
    assert low is not None and high is not None
    return low, high
