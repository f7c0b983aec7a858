"""Up to which amount a step could pass by itself: learned from its older cases, held against its newer ones.

The cases are cut at a moment. What was settled at the step before it is what somebody would have known then: the amount follows from that.
What came to the step after it had no part in it: of these is told how many the rule would have let through, and how often that had been wrong.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.log import NONE, REJECTED, Ints, Log

BOUND = 0.05
"""No rule that may let through more mistakes than so many: the upper end of the interval. Without any mistake it takes 73 newer cases."""
PRICE = 100
"""An amount is raised over a mistake only where so many cases pass for it."""
LEARNED = 20
"""Older cases on which an amount rests."""
DIGITS = 2
"""Of an amount that is proposed: the rest is rounded down."""
Z = 1.959963984540054
"""Of a normal distribution 95 of 100 lie within so many deviations."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case at one step: when it came and was settled there, how long it waited in working time, how long it was looked at (None: nobody noted
    it), whether the step was needed."""

    number: int
    came: int
    done: int
    wait: int
    work: int | None
    needed: bool
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """``up_to``: None: whatever comes. ``older`` and ``newer``: cases of each side, of which the rule lets through ``learned`` and ``passed``; in
    ``wrong`` of these the step had been needed, a share between ``low`` and ``high``."""

    up_to: Decimal | None
    since: int
    older: int
    learned: int
    newer: int
    passed: int
    wrong: int
    low: float
    high: float
    saved: int
    """Waiting of those that pass, in working time, together."""
    saved_each: float
    unchanged: float
    """Of all that the rule lets through, older and newer, how many the step was not needed for."""
    looked: float
    """The median time that it was looked at."""
    cases: Set[int]
    """These, by number."""


def passed(log: Log, activity: int) -> list[int]:
    """Cases that passed a step, by number."""
    found: list[int] = np.unique(log.case[log.activity == activity]).tolist()
    return found


def cases(
    log: Log, activity: int, waits: Ints, changed: Set[int] = frozenset(), amounts: Mapping[int, Decimal] = MappingProxyType({})
) -> list[Case]:  # fmt: skip
    """Ended cases that passed a step. ``waits``: of each visit of the log. ``changed``: in which it changed the record."""
    mine = np.nonzero(log.activity == activity)[0]
    number, place = np.unique(log.case[mine], return_inverse=True)
    many = len(number)
    came, done = np.full(many, np.iinfo(np.int64).max, np.int64), np.full(many, np.iinfo(np.int64).min, np.int64)
    np.minimum.at(came, place, log.enabled[mine])
    np.maximum.at(done, place, log.done[mine])
    wait, work = figures.sums(place, waits[mine], many), figures.sums(place, log.work[mine], many)
    looked = figures.counts(place[log.started[mine] != NONE], many) > 0
    needed = _needed(log, activity) | changed
    columns = (one.tolist() for one in (number, came, done, wait, work, looked))
    return [
        Case(case, first, last, waited, worked if seen else None, case in needed, amounts.get(case))
        for case, first, last, waited, worked, seen in zip(*columns, strict=True)
    ]


def _needed(log: Log, activity: int) -> Set[int]:
    """Cases that the step sent back or refused, or that a later one sent back to it."""
    back = log.outcome == REJECTED
    mine = log.activity == activity
    found = set(log.case[back & mine].tolist())
    others = back & ~mine
    sent = set(zip(log.case[others].tolist(), log.done[others].tolist(), strict=True))
    came = zip(log.case[mine].tolist(), log.enabled[mine].tolist(), strict=True)
    return found | {case for case, at in came if (case, at) in sent}


def tried(seen: Sequence[Case], *, by_amount: bool) -> Trial | None:
    """The rule and how it stands the test; None where too little is known, or where it might let through too many mistakes."""
    if not seen:
        return None
    since = sorted(one.came for one in seen)[len(seen) // 2]
    older = [one for one in seen if one.done < since]
    newer = [one for one in seen if one.came >= since]
    up_to = learned(older) if by_amount else None
    if by_amount and up_to is None:
        return None
    known, through = (_let(side, up_to) for side in (older, newer))
    wrong = sum(one.needed for one in through)
    low, high = interval(wrong, len(through))
    if len(known) < LEARNED or high > BOUND:
        return None
    both = [*known, *through]
    return Trial(
        up_to, since, len(older), len(known), len(newer), len(through), wrong, low, high, sum(one.wait for one in through),
        _median([one.wait for one in through]), figures.share(sum(not one.needed for one in both), len(both)),
        _median([one.work for one in both if one.work is not None]), frozenset(one.number for one in both),
    )  # fmt: skip


def learned(older: Sequence[Case]) -> Decimal | None:
    """The amount up to which most pass, each mistake among them weighed against ``PRICE`` that are none; never above what was seen to pass. None
    where that is nothing."""
    best, worth, weighed = None, 0, 0
    ordered = sorted((one.amount, one.needed) for one in older if one.amount is not None)
    for at, (amount, needed) in enumerate(ordered):
        weighed += 1 - PRICE if needed else 1
        last = at + 1 == len(ordered) or ordered[at + 1][0] != amount  # those of one amount pass together
        if last and weighed > worth:
            best, worth = amount, weighed
    found = rounded(best) if best is not None else Decimal(0)
    return found if found > 0 else None


def _let(side: Sequence[Case], up_to: Decimal | None) -> list[Case]:
    return [one for one in side if up_to is None or (one.amount is not None and one.amount <= up_to)]


def _median(values: Sequence[int]) -> float:
    """Of nothing it is longer than anything."""
    return float(np.median(values)) if values else math.inf


def rounded(amount: Decimal) -> Decimal:
    """Down to two figures."""
    if amount <= 0:
        return Decimal(0)
    step = Decimal(10) ** max(amount.adjusted() - DIGITS + 1, 0)
    return amount // step * step


def interval(part: int, whole: int) -> tuple[float, float]:
    """Between what a share lies by which ``part`` of ``whole`` came about (Wilson, 95 %)."""
    if not whole:
        return 0.0, 1.0
    rate, z = part / whole, Z * Z / whole
    middle, half = (rate + z / 2) / (1 + z), Z / (1 + z) * math.sqrt(rate * (1 - rate) / whole + z / (4 * whole))
    return middle - half if part else 0.0, middle + half if part < whole else 1.0
