"""What follows what, how often and how long after; and the ways that cases take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.log import Ints, Log

DENSE = 4_000_000
"""Pairs that are counted in one table rather than sorted."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An activity directly followed by another. Times from when the first was done until the second was taken up."""

    source: int
    target: int
    count: int
    cases: int
    p50: float
    p90: float
    total: int
    back: int
    """How often the second had been done before in its case: rework."""


def edges(log: Log) -> list[Edge]:
    """Every pair that occurs, the most frequent first."""
    over = log.over
    n = len(log.activities)
    at = np.nonzero(over.follows)[0]
    key = over.activity[at - 1] * n + over.activity[at]
    known, place, many = _tallied(key, n * n)
    gap = np.maximum(over.taken_up[at] - over.done[at - 1], 0)
    spread = figures.quantiles(place, gap, len(known), (0.5, 0.9))
    total = figures.sums(place, gap, len(known))
    pair, _ = figures.once(place, over.case[at])
    cases = figures.counts(pair, len(known))
    back = np.bincount(place[again(over)[at]], minlength=len(known))
    found = [
        Edge(key // n, key % n, *rest)
        for key, *rest in zip(
            known.tolist(), many.tolist(), cases.tolist(), spread[:, 0].tolist(), spread[:, 1].tolist(), total.tolist(), back.tolist(), strict=True
        )
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.count, one.source, one.target))


def graph(log: Log) -> dict[tuple[int, int], int]:
    """The directly-follows graph: pairs with how often they occur."""
    over, n = log.over, len(log.activities)
    at = np.nonzero(over.follows)[0]
    known, _, many = _tallied(over.activity[at - 1] * n + over.activity[at], n * n, places=False)
    return {(key // n, key % n): many for key, many in zip(known.tolist(), many.tolist(), strict=True)}


def _tallied(key: Ints, most: int, *, places: bool = True) -> tuple[Ints, Ints, Ints]:
    """Different values, the place of each one's value, how often each comes."""
    if most <= DENSE:
        every = np.bincount(key, minlength=most)
        known = np.nonzero(every)[0]
        place = np.zeros(0, np.int64)
        if places:
            number = np.zeros(most, np.int64)
            number[known] = np.arange(len(known))
            place = number[key]
        return known, place, every[known]
    known, place, many = np.unique(key, return_inverse=True, return_counts=True)
    return known, place, many


def again(log: Log) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each visit is not the first of its case to its activity."""
    found = np.zeros(len(log), np.bool_)
    key = log.case * len(log.activities) + log.activity
    if len(log.cases) * len(log.activities) <= DENSE:
        first = np.full(len(log.cases) * len(log.activities), len(log), np.int64)
        first[key[::-1]] = np.arange(len(log))[::-1]
        found[:] = first[key] != np.arange(len(log))
        return found
    order = np.argsort(key, kind="stable")
    found[order[1:]] = key[order][1:] == key[order][:-1]
    return found


def repeats(log: Log) -> tuple[Ints, Ints]:
    """By activity: cases that pass it, and cases that pass it more than once."""
    over, n = log.over, len(log.activities)
    first = ~again(over)
    passing = figures.counts(over.activity[first], n)
    case, activity = figures.once(over.case[~first], over.activity[~first])
    del case
    return passing, figures.counts(activity, n)


@dataclass(frozen=True, slots=True)
class Variant:
    """A way that cases take: activities in the order in which they were done."""

    path: tuple[int, ...]
    cases: tuple[int, ...]
    """By number, the first ones first."""


def variants(log: Log) -> list[Variant]:
    """Every way with the cases that took it, the most frequent first."""
    over = log.over
    kind = np.uint8 if len(log.activities) <= 256 else np.uint16 if len(log.activities) <= 65536 else np.uint32
    row = over.activity.astype(kind).tobytes()
    wide = np.dtype(kind).itemsize
    starts = np.nonzero(~over.follows)[0] if len(over) else np.zeros(0, np.int64)
    bounds = [*(starts * wide).tolist(), len(row)]
    found: dict[bytes, list[int]] = {}
    for number, case in enumerate(over.case[starts].tolist()):
        way = row[bounds[number] : bounds[number + 1]]
        held = found.get(way)
        if held is None:
            found[way] = [case]
        else:
            held.append(case)
    ways = [Variant(tuple(np.frombuffer(way, kind).tolist()), tuple(cases)) for way, cases in found.items()]
    return sorted(ways, key=lambda one: (-len(one.cases), one.path))


def ends(log: Log) -> tuple[Ints, Ints]:
    """By activity: how many cases begin, and how many end, with it."""
    over, n = log.over, len(log.activities)
    if not len(over):
        return np.zeros(n, np.int64), np.zeros(n, np.int64)
    first = ~over.follows
    last = np.append(first[1:], True)
    return figures.counts(over.activity[first], n), figures.counts(over.activity[last], n)
