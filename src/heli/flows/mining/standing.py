"""What stands where now and how long, against what is usual; and how much comes beside what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.calendar import Hours
from heli.flows.mining.log import NONE, Ints, Log

USUAL, MOST = 0.75, 0.9


@dataclass(frozen=True, slots=True)
class Standing:
    """One activity over the days that are looked at. ``daily``: what stood there at the end of each day."""

    now: int
    aged: int
    """Of these, how many have waited longer than nine in ten did."""
    oldest: int | None
    daily: Sequence[int]
    usual: float
    """What stood there at most on three of four days, the last week left out."""
    load: float | None
    """What comes on a working day, by what is done on a good one (nine in ten do less)."""


def standing(log: Log, hours: Hours, now: int, days: int, limits: Sequence[float | None]) -> list[Standing]:
    """Each activity at ``now``, over so many days before. ``limits``: how long nine in ten of its visits take, as it passes."""
    today = int(hours.days(np.array([now], np.int64))[0])
    span = range(today - days + 1, today + 1)
    ends = hours.midnights(span)
    ends[-1] = now
    works = np.zeros(len(span), np.bool_)
    works[[day - span.start for day in hours.works(span)]] = True
    found = []
    many = figures.counts(log.activity, len(log.activities)).tolist()
    never = Standing(0, 0, None, [0] * len(span), 0.0, _load(log.enabled[:0], log.done[:0], hours, span, works))
    for number in range(len(log.activities)):
        if not many[number]:  # gateways and what nobody came to
            found.append(never)
            continue
        mine = log.activity == number
        came, done = log.enabled[mine], log.done[mine]
        open_ = done == NONE
        left = np.sort(np.where(open_, np.iinfo(np.int64).max, done))
        daily = np.searchsorted(np.sort(came), ends, "right") - np.searchsorted(left, ends, "right")
        past = daily[: -min(7, max(len(daily) - 1, 1))] if len(daily) > 1 else daily
        ages = now - came[open_]
        limit = limits[number]
        found.append(
            Standing(
                int(open_.sum()), int((ages > limit).sum()) if limit is not None else 0, int(ages.max()) if len(ages) else None, daily.tolist(),
                figures.quantile(past, (USUAL,))[0] or 0.0, _load(came, done[~open_], hours, span, works),
            )
        )  # fmt: skip
    return found


def _load(
    came: Ints, done: Ints, hours: Hours, span: range, works: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> float | None:
    if not works.any():
        return None
    arrived, finished = (_by_day(hours.days(one), span) for one in (came, done))
    good = figures.quantile(finished[works], (MOST,))[0]
    return float(arrived.sum()) / int(works.sum()) / good if good else None


def _by_day(day: Ints, span: range) -> Ints:
    inside = (day >= span.start) & (day < span.stop)
    found: Ints = np.bincount(day[inside] - span.start, minlength=len(span)).astype(np.int64)
    return found
