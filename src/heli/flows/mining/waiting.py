"""Why work waits: each wait cut into pieces by what the one who took it up was doing meanwhile.

A piece ends where they finish something of any activity. What they finished had come before: the work waited its turn (contention).
It had come later: others were preferred (prioritisation). It belongs to a run of the same activity done one after another: until the last
of the run had come they were collecting (batching). A whole working day on which they did nothing, though on most days they do: they were away
(unavailability). After their last piece, with nothing else before it: it had just come from another (hand-off) or from themselves (other).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.calendar import Days, Hours
from heli.flows.mining.log import DAY, NOBODY, SECOND, Ints, Log

CAUSES = ("contention", "batching", "prioritisation", "unavailability", "hand_off", "other")
TOGETHER = 20 * 60 * SECOND
"""Between the ends of two pieces of work of one run."""
RUN = 3
"""Pieces of work that make a run."""
MOSTLY = 0.6
"""Of the working days between their first and last work, on how many somebody does some, so that a day without tells that they were away."""


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody did, by when it ended."""

    ends: Sequence[int]
    came: Sequence[int]
    days: frozenset[int]
    steady: bool


@dataclass(frozen=True, slots=True)
class Pieces:
    """Every piece of every wait: of which visit of what is done, why (a place in CAUSES), how long as people work and as it passes."""

    visit: Ints
    cause: Ints
    working: Ints
    calendar: Ints


def pieces(log: Log, hours: Hours) -> Pieces:
    """The pieces of a wait add up to it exactly."""
    past = log.over
    known = np.nonzero((past.actor != NOBODY) & (past.taken_up > past.enabled))[0]
    order = np.argsort(past.done, kind="stable")
    order = order[past.actor[order] != NOBODY]
    people = _people(past, hours, order)
    collected = _runs(past, order)
    before = _before(past)
    days = hours.span(int(past.enabled.min()), int(past.done.max())) if len(past) else hours.span(0, 0)
    found: list[tuple[int, int, int, int]] = []
    for at in known.tolist():
        came, until, who = int(past.enabled[at]), int(past.taken_up[at]), int(past.actor[at])
        cut = _pieces(people[who], came, until, collected.get(at, came), before[at] != who)
        found += [(at, CAUSES.index(cause), start, end) for start, end, cause in _away(cut, people[who], days)]
    columns = np.array(found, np.int64).reshape(-1, 4)
    start, end = columns[:, 2], columns[:, 3]
    return Pieces(columns[:, 0], columns[:, 1], hours.between(start, end), end - start)


def causes(log: Log, cut: Pieces, *, working: bool = True) -> dict[int, dict[str, int]]:
    """By activity, how much of its waiting has which cause."""
    activity = log.over.activity[cut.visit]
    many = len(CAUSES)
    sums = figures.sums(
        activity * many + cut.cause, cut.working if working else cut.calendar, len(log.activities) * many
    )
    table = sums.reshape(-1, many).tolist()
    return {one: dict(zip(CAUSES, table[one], strict=True)) for one in sorted(set(activity.tolist()))}


def _people(past: Log, hours: Hours, order: Ints) -> Mapping[int, Person]:
    days = hours.days(past.done)
    found = {}
    for who in np.unique(past.actor[order]).tolist():
        mine = order[past.actor[order] == who]
        active = frozenset(days[mine].tolist())
        works = hours.works(range(min(active), max(active) + 1))
        steady = len(works) >= 10 and figures.share(len(active.intersection(works)), len(works)) >= MOSTLY
        found[who] = Person(past.done[mine].tolist(), past.enabled[mine].tolist(), active, steady)
    return found


def _runs(past: Log, order: Ints) -> dict[int, int]:
    """For each visit of a run, when the last of its run had come."""
    found: dict[int, int] = {}
    by: dict[tuple[int, int], list[int]] = {}
    for at in order.tolist():
        by.setdefault((int(past.actor[at]), int(past.activity[at])), []).append(at)
    for visits in by.values():
        run: list[int] = []
        for at in visits:
            if run and past.done[at] - past.done[run[-1]] > TOGETHER:
                _close(past, run, found)
                run = []
            run.append(at)
        _close(past, run, found)
    return found


def _close(past: Log, run: Sequence[int], found: dict[int, int]) -> None:
    if len(run) >= RUN:
        last = max(int(past.enabled[at]) for at in run)
        found.update(dict.fromkeys(run, last))


def _before(past: Log) -> Ints:
    """Who did what came before each visit in its case."""
    found = np.full(len(past), NOBODY, np.int64)
    found[1:][past.follows[1:]] = past.actor[:-1][past.follows[1:]]
    return found


def _pieces(person: Person, came: int, until: int, collecting: int, handed: bool) -> list[tuple[int, int, str]]:
    """A wait cut where its actor finished something else."""
    found, at = [], came
    if collecting > came:
        at = min(collecting, until)
        found.append((came, at, "batching"))
    first, last = bisect_right(person.ends, at), bisect_left(person.ends, until)
    for place in range(first, last):
        end = person.ends[place]
        found.append((at, end, "contention" if person.came[place] <= came else "prioritisation"))
        at = end
    if at < until:
        found.append((at, until, "hand_off" if handed else "other"))
    return found


def _away(pieces: Sequence[tuple[int, int, str]], person: Person, days: Days) -> list[tuple[int, int, str]]:
    """Whole working days within a piece on which a steady person did nothing are taken out of it."""
    if not person.steady:
        return list(pieces)
    found = []
    for start, end, cause in pieces:
        at = start
        for day, begins, ends in days.whole(start, end) if end - start >= DAY else ():
            if day in person.days:
                continue
            if begins > at:
                found.append((at, begins, cause))
            found.append((begins, ends, "unavailability"))
            at = ends
        if at < end:
            found.append((at, end, cause))
    return found
