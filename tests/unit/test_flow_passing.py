"""What a step could pass by itself: learned from older cases, held against newer ones."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import numpy as np
import pytest
from tests.invariants.examples import each_seed

from heli.flows.mining import passing
from heli.flows.mining.log import APPROVED, COMPLETED, HOUR, NONE, REJECTED, Log
from heli.flows.mining.passing import BOUND, Case

MINUTE = HOUR // 60


def case(number: int, amount: int, *, needed: bool = False, lasts: int = 5 * HOUR) -> Case:
    """The n-th of cases that come one an hour."""
    return Case(number, number * HOUR, number * HOUR + lasts, 4 * HOUR, MINUTE, needed, Decimal(amount))


@each_seed(60)
def test_what_was_returned_above_an_amount_passes_up_to_no_more_than_that(seed: int) -> None:
    """A planted rule is found from the older part, never above where it lies, and not far below what was seen to pass."""
    rng = Random(seed)
    limit = rng.choice((800, 10_000, 99_000, 1_234_567))
    seen = [case(n, amount, needed=amount > limit) for n in range(600) for amount in [rng.randint(1, 2 * limit)]]
    found = passing.tried(seen, by_amount=True)
    assert found is not None and found.up_to is not None
    assert found.up_to <= limit
    assert found.up_to >= limit * 0.75, "300 older cases lie close to each other, and two figures are kept"
    newer = [one for one in seen if one.came >= found.since]
    assert (found.newer, found.passed) == (
        len(newer),
        sum(one.amount <= found.up_to for one in newer if one.amount is not None),
    )
    assert found.wrong == 0 and found.low == 0 and 0 < found.high <= BOUND
    assert (found.saved, found.saved_each) == (found.passed * 4 * HOUR, 4 * HOUR)


@each_seed(60)
def test_where_chance_decides_nothing_passes_by_itself(seed: int) -> None:
    rng = Random(seed)
    rate = rng.choice((0.2, 0.5, 0.9))
    seen = [case(n, rng.randint(1, 1000), needed=rng.random() < rate) for n in range(rng.randint(0, 800))]
    assert passing.tried(seen, by_amount=True) is None
    assert passing.tried(seen, by_amount=False) is None


def test_newer_cases_contradict_what_older_ones_said() -> None:
    older = [case(n, 1000 + n, needed=False) for n in range(200)]
    newer = [case(n, 1000 + n % 200, needed=n % 10 == 0) for n in range(200, 400)]
    assert passing.tried(older + newer, by_amount=True) is None, "one in ten of those that came since"
    assert passing.learned(older) == 1100, "of the older alone, rounded down to two figures"


def test_too_few_newer_cases_say_nothing() -> None:
    def of(many: int) -> passing.Trial | None:
        return passing.tried([case(n, 500) for n in range(many)], by_amount=True)

    assert of(144) is None, "72 newer ones: up to 5.1 in a hundred might be mistakes"
    found = of(146)
    assert found is not None and (found.newer, found.passed, found.up_to) == (73, 73, Decimal(500)), (
        "that amount included"
    )


def test_a_mistake_is_told_and_weighs_as_much_as_many_that_are_none() -> None:
    seen = [case(n, 100 + n % 300, needed=n in (50, 1100)) for n in range(1200)]
    found = passing.tried(seen, by_amount=True)
    assert found is not None and (found.up_to, found.wrong) == (390, 1), "worth it for so many"
    assert found.unchanged == pytest.approx(1 - 2 / (found.learned + found.passed))
    assert found.low < found.wrong / found.passed < found.high
    few = [case(n, 100 + n % 300, needed=n % 300 == 250) for n in range(600)]
    assert (found := passing.tried(few, by_amount=True)) is not None and found.up_to == 340, (
        "each of them again: not for 49 more"
    )


def test_what_was_not_settled_when_the_amount_was_learned_has_no_part_in_it() -> None:
    seen = [case(n, 500, lasts=40 * HOUR) for n in range(200)]
    found = passing.tried(seen, by_amount=True)
    assert found is not None and (found.older, found.newer) == (60, 100), "forty more had come and were not done"


def test_a_share_lies_between() -> None:
    """As the literature has it (Wilson 1927; Newcombe 1998, table I)."""
    for part, whole, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        assert passing.interval(part, whole) == pytest.approx((low, high), abs=5e-5)
    assert passing.interval(0, 0) == (0.0, 1.0)


def test_a_step_was_needed_where_it_said_no_changed_something_or_got_it_back() -> None:
    """Cases: it approved; it refused; a later step sent it back to it; to somebody else; and its people changed the record."""
    step, later, other = 0, 1, 2
    rows = [  # case, activity, came, done, outcome
        (0, step, 0, 2, APPROVED), (0, later, 2, 3, APPROVED),
        (1, step, 0, 2, REJECTED),
        (2, step, 0, 2, APPROVED), (2, later, 2, 4, REJECTED), (2, step, 4, 7, APPROVED),
        (3, step, 0, 2, APPROVED), (3, later, 2, 4, REJECTED), (3, other, 4, 5, APPROVED), (3, step, 5, 6, APPROVED),
        (4, step, 0, 2, APPROVED),
        (5, later, 0, 2, APPROVED),
    ]  # fmt: skip
    column = [np.array([row[n] for row in rows], np.int64) for n in range(5)]
    many, none = len(rows), np.full(len(rows), NONE, np.int64)
    zero = np.zeros(6, np.int64)
    log = Log(
        [str(n) for n in range(6)], ["step", "later", "other"], ["li"], column[0], column[1], np.zeros(many, np.int64), column[2] * HOUR, none,
        column[3] * HOUR, none, column[4], zero, zero + 9 * HOUR, zero + COMPLETED, zero, many, True,
    )  # fmt: skip
    found = passing.cases(log, step, log.wait, changed={4})
    assert {one.number: one.needed for one in found} == {0: False, 1: True, 2: True, 3: False, 4: True}
    back = next(one for one in found if one.number == 2)
    assert (back.came, back.done, back.wait) == (0, 7 * HOUR, 5 * HOUR), "both times that it was there"
