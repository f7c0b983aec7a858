"""Who hands to whom, and what goes to and fro."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.log import NOBODY, Ints, Log


@dataclass(frozen=True, slots=True)
class Handoff:
    """Work that went from one to the other: between people, or between departments."""

    source: int
    target: int
    count: int
    wait: float
    """The median from when it came until it was taken up, as it passes."""


@dataclass(frozen=True, slots=True)
class Rally:
    """Work that went A → B → A, of one case."""

    one: int
    other: int
    count: int
    cases: int


def of_people(log: Log) -> Ints:
    """Who did each visit."""
    return log.over.actor


def of_departments(log: Log) -> Ints:
    """Of which department who did each visit is; NOBODY where it is not known."""
    over = log.over
    if over.group is None:
        return np.full(len(over), NOBODY, np.int64)
    known = over.actor != NOBODY
    found = np.full(len(over), NOBODY, np.int64)
    found[known] = over.group[over.actor[known]]
    return found


def handoffs(log: Log, by: Ints, sides: int) -> list[Handoff]:
    """``by``: who did each visit of what is done; ``sides``: how many there are. Those who keep their work are left out."""
    over = log.over
    at = np.nonzero(over.follows)[0]
    at = at[(by[at] != NOBODY) & (by[at - 1] != NOBODY) & (by[at] != by[at - 1])]
    key = by[at - 1] * sides + by[at]
    known, place, many = np.unique(key, return_inverse=True, return_counts=True)
    wait = figures.quantiles(place, over.wait[at], len(known), (0.5,))[:, 0]
    found = [
        Handoff(key // sides, key % sides, count, median)
        for key, count, median in zip(known.tolist(), many.tolist(), wait.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.count, one.source, one.target))


def rallies(log: Log, by: Ints, sides: int) -> list[Rally]:
    """Pairs between whom work goes to and fro: each return to whom it came from counts once, in whichever direction it began."""
    over = log.over
    at = np.nonzero(over.follows)[0]
    at = at[at >= 2]
    at = at[over.follows[at - 1]]
    at = at[(by[at] == by[at - 2]) & (by[at] != by[at - 1]) & (by[at] != NOBODY) & (by[at - 1] != NOBODY)]
    low, high = np.minimum(by[at], by[at - 1]), np.maximum(by[at], by[at - 1])
    key = low * sides + high
    known, place, many = np.unique(key, return_inverse=True, return_counts=True)
    pair, _ = figures.once(place, over.case[at])
    cases = figures.counts(pair, len(known))
    found = [
        Rally(key // sides, key % sides, count, of)
        for key, count, of in zip(known.tolist(), many.tolist(), cases.tolist(), strict=True)
    ]
    return sorted(found, key=lambda one: (-one.count, one.one, one.other))
