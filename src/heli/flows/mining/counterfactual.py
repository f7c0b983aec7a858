"""Cases as they would have gone with other waits: each visit moves with what it came after."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from heli.flows.mining.log import RUNNING, Flags, Ints, Log

MOST_CASES = 2_000
MOST_VISITS = 200
"""Of one case: each is compared with all before it. What comes and goes more often is no case that a change of one step would move."""
MOST_PAIRS = 1_000_000
"""Visits of the same case that are compared, of all cases together."""


@dataclass(frozen=True)
class Replay:
    """Ended cases of a log. What a visit came after is whatever was done before it in its case; the time between stays as it was."""

    log: Log

    @cached_property
    def past(self) -> Log:
        return self.log.only(self.kept).over

    @cached_property
    def kept(self) -> Flags:
        """Cases that are replayed: those that have ended, or the latest of them, which tell enough."""
        ended: Flags = (self.log.state != RUNNING) & self.log.here
        if int(ended.sum()) > MOST_CASES:
            ended &= self.log.ended >= np.partition(self.log.ended[ended], -MOST_CASES)[-MOST_CASES]
        visits = np.bincount(self.log.case, minlength=len(ended))
        ended &= visits <= MOST_VISITS
        latest = np.nonzero(ended)[0][np.argsort(-self.log.ended[ended], kind="stable")]
        ended[latest[np.cumsum(visits[latest] ** 2) > MOST_PAIRS]] = False
        return ended

    @cached_property
    def cases(self) -> Ints:
        """The cases that have a visit."""
        return np.unique(self.past.case)

    @cached_property
    def _plan(self) -> list[tuple[int, list[tuple[int, int, list[int]]], int, list[int]]]:
        """By case: its number; its visits in the order in which they came, each with its gap and what it came after; the gap at its end,
        and what that came after."""
        past = self.past
        bounds = [*np.nonzero(~past.follows)[0].tolist(), len(past)]
        enabled, done, began, ended = (
            past.enabled.tolist(),
            past.done.tolist(),
            self.log.began.tolist(),
            self.log.ended.tolist(),
        )
        found = []
        for start, stop in pairwise(bounds):
            case = int(past.case[start])
            visits = sorted(range(start, stop), key=lambda at: (enabled[at], at))
            rows = []
            for at in visits:
                before = [one for one in range(start, stop) if done[one] <= enabled[at] and one != at]
                last = max((done[one] for one in before), default=began[case])
                rows.append((at, enabled[at] - last, [one for one in before if enabled[one] < enabled[at] or one < at]))
            last = max(done[one] for one in range(start, stop))
            found.append((case, rows, max(ended[case] - last, 0), list(range(start, stop))))
        return found

    def cycles(self, wait: Ints) -> Ints:
        """The time of each of ``cases`` with these waits, by visit of ``past``."""
        waits, works = wait.tolist(), self.past.work.tolist()
        over = [0] * len(waits)
        found = []
        for _, rows, rest, every in self._plan:
            for at, gap, before in rows:
                start = max((over[one] for one in before), default=0) + gap
                over[at] = start + waits[at] + works[at]
            found.append(max(over[one] for one in every) + rest)
        return np.array(found, np.int64)
