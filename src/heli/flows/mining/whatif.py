"""What other people, another mode or a limit would have made of the same cases; and how far such a reckoning goes wrong here.

Staff: waiting for one's turn shrinks as hands grow. Mode: who has to wait for all waits for the slowest of so many draws from
what waits there were; who needs one of several, for the quickest. Limit: nothing waits longer. The rest of each case stays as it
was. Cases are drawn again and again with a fixed seed: the bounds say how much the figures hang on which cases there happened to be.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.counterfactual import Replay
from heli.flows.mining.log import Ints, Log
from heli.flows.mining.waiting import CAUSES, Pieces

SEED = 20260101
DRAWS, ROUNDS = 400, 8
"""Cases are drawn so often; where waits are drawn too, in so many rounds."""
FEWEST = 20
"""Cases on which something is reckoned."""
BOUNDS = (0.025, 0.5, 0.975)
TURN = CAUSES.index("contention")


@dataclass(frozen=True, slots=True)
class Change:
    """At one activity. ``staff``: hands then by hands now; ``draws``: of so many people the slowest (all) or the quickest (one) counts;
    ``limit``: how long something waits at most."""

    activity: int
    staff: float | None = None
    slowest: int | None = None
    quickest: int | None = None
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Quantiles of the time of a case, with their bounds where drawn."""

    p50: float
    p90: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Foreseen:
    cases: int
    now: Reckoned
    then: Reckoned
    error: tuple[float, float] | None
    """How far the median and the P90 of the later half were missed when foreseen from the earlier one; None of too few."""


def foresee(log: Log, pieces: Pieces, changes: Sequence[Change]) -> Foreseen | None:
    """None of too few cases. ``pieces`` are those of ``log``'s ended cases."""
    replay = Replay(log)
    if len(replay.cases) < FEWEST:
        return None
    rng = np.random.default_rng(SEED)
    turn = _turn(log, replay, pieces)
    now = replay.cycles(replay.past.wait)
    drawn = any(one.slowest or one.quickest for one in changes)
    then = [replay.cycles(_changed(replay.past, turn, changes, rng)) for _ in range(ROUNDS if drawn else 1)]
    return Foreseen(len(now), _reckoned([now], rng), _reckoned(then, rng), back_test(replay, rng))


def _turn(log: Log, replay: Replay, pieces: Pieces) -> Ints:
    """How much of each replayed visit's wait was for its turn."""
    past = log.over
    every = figures.sums(pieces.visit, np.where(pieces.cause == TURN, pieces.calendar, 0), len(past))
    found: Ints = every[replay.kept[past.case]]
    return found


def _changed(past: Log, turn: Ints, changes: Sequence[Change], rng: np.random.Generator) -> Ints:
    wait = past.wait.copy()
    for one in changes:
        mine = np.nonzero(past.activity == one.activity)[0]
        if not len(mine):
            continue
        if one.staff is not None:
            wait[mine] -= (turn[mine] * (1 - 1 / one.staff)).astype(np.int64)
        people = one.slowest or one.quickest
        if people:
            draws = (
                wait[rng.choice(mine, (len(mine), people - 1))] if people > 1 else np.zeros((len(mine), 0), np.int64)
            )
            every = np.column_stack([wait[mine], draws])
            wait[mine] = every.max(axis=1) if one.slowest else every.min(axis=1)
        if one.limit is not None:
            wait[mine] = np.minimum(wait[mine], one.limit)
    found: Ints = np.maximum(wait, 0)
    return found


def _reckoned(rounds: Sequence[Ints], rng: np.random.Generator) -> Reckoned:
    whole = np.concatenate(rounds)
    medians = np.concatenate(
        [np.median(one[rng.integers(0, len(one), (DRAWS // len(rounds), len(one)))], axis=1) for one in rounds]
    ).astype(np.int64)
    low, _, high = figures.quantile(medians, BOUNDS)
    p50, p90 = figures.quantile(whole, (0.5, 0.9))
    assert p50 is not None and p90 is not None and low is not None and high is not None
    return Reckoned(p50, p90, low, high)


def back_test(replay: Replay, rng: np.random.Generator) -> tuple[float, float] | None:
    """The later half of the cases foreseen with waits drawn from the earlier half, against how long they took."""
    past, log = replay.past, replay.log
    began = log.began[past.case]
    middle = int(np.median(log.began[replay.cases]))
    early, late = began < middle, log.began[replay.cases] >= middle
    if figures.some(late) < FEWEST // 2 or figures.some(~late) < FEWEST // 2:
        return None
    actual = replay.cycles(past.wait)[late]
    foreseen = []
    for _ in range(ROUNDS):
        wait = past.wait.copy()
        for one in np.unique(past.activity).tolist():
            pool = np.nonzero((past.activity == one) & early)[0]
            mine = np.nonzero((past.activity == one) & ~early)[0]
            if len(pool):
                wait[mine] = past.wait[rng.choice(pool, len(mine))]
        foreseen.append(replay.cycles(wait)[late])
    told, true = figures.quantile(np.concatenate(foreseen), (0.5, 0.9)), figures.quantile(actual, (0.5, 0.9))
    errors = [abs((a or 0.0) - (b or 0.0)) / b if b else 0.0 for a, b in zip(told, true, strict=True)]
    return errors[0], errors[1]
