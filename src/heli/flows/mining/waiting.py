"""Why work waits: each wait cut into pieces by what the one who took it up was doing meanwhile.

A piece ends where they finish something of any activity. What they finished had come before: the work waited its turn (contention).
It had come later: others were preferred (prioritisation). It belongs to a run of the same activity done one after another: until the last
of the run had come they were collecting (batching). A whole working day on which they did nothing, though on most days they do: they were away
(unavailability). After their last piece, with nothing else before it: it had just come from another (hand-off) or from themselves (other).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from heli.flows.mining import figures
from heli.flows.mining.calendar import Days, Hours
from heli.flows.mining.log import DAY, NOBODY, SECOND, Flags, Ints, Log

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

    ends: Ints
    came: Ints
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
    """The pieces of a wait add up to it exactly. What follows another for the same reason is one with it."""
    past = log.over
    known = np.nonzero((past.actor != NOBODY) & (past.taken_up > past.enabled))[0]
    order = np.argsort(past.done, kind="stable")
    order = order[past.actor[order] != NOBODY]
    people = _people(past, hours, order)
    collected = _runs(past, order)
    handed = _before(past) != past.actor
    days = hours.span(int(past.enabled.min()), int(past.done.max())) if len(past) else hours.span(0, 0)
    found: list[Columns] = [(known[:0],) * 4]
    for who, mine in _parts(past.actor, known):
        waits = _Waits(mine, past.enabled[mine], past.taken_up[mine], collected[mine], handed[mine])
        found += [_away(cut, people[who], days) for cut in waits.cut(people[who])]
    visit, cause, start, end = (np.concatenate([one[at] for one in found]) for at in range(4))
    return Pieces(visit, cause, hours.between(start, end), end - start)


def causes(log: Log, cut: Pieces, *, working: bool = True) -> dict[int, dict[str, int]]:
    """By activity, how much of its waiting has which cause."""
    activity = log.over.activity[cut.visit]
    many = len(CAUSES)
    sums = figures.sums(
        activity * many + cut.cause, cut.working if working else cut.calendar, len(log.activities) * many
    )
    table = sums.reshape(-1, many).tolist()
    return {one: dict(zip(CAUSES, table[one], strict=True)) for one in sorted(set(activity.tolist()))}


type Columns = tuple[Ints, Ints, Ints, Ints]
"""Pieces: of which visit, why (a place in CAUSES), from when, until when."""
AT_ONCE = 500_000
"""Pieces that are laid out together: who is behind with much has every wait cut by all they do."""
CONTENTION, BATCHING, PRIORITISATION, UNAVAILABILITY, HAND_OFF, OTHER = range(len(CAUSES))


def _parts(group: Ints, places: Ints) -> Iterator[tuple[int, Ints]]:
    """These places by the group that each is of."""
    order = places[np.argsort(group[places], kind="stable")]
    known, starts = np.unique(group[order], return_index=True)
    if len(known):
        yield from zip(known.tolist(), np.split(order, starts[1:]), strict=True)


def _people(past: Log, hours: Hours, order: Ints) -> Mapping[int, Person]:
    days = hours.days(past.done)
    found = {}
    for who, mine in _parts(past.actor, order):
        active = frozenset(np.unique(days[mine]).tolist())
        works = hours.works(range(min(active), max(active) + 1))
        steady = len(works) >= 10 and figures.share(len(active.intersection(works)), len(works)) >= MOSTLY
        found[who] = Person(past.done[mine], past.enabled[mine], active, steady)
    return found


def _runs(past: Log, order: Ints) -> Ints:
    """For each visit of a run, when the last of its run had come; of the others, when it came itself."""
    found = past.enabled.copy()
    alike = order[np.lexsort((np.arange(len(order)), past.activity[order], past.actor[order]))]
    if not len(alike):
        return found
    apart = np.ones(len(alike), np.bool_)
    one, other = alike[:-1], alike[1:]
    same = (past.actor[one] == past.actor[other]) & (past.activity[one] == past.activity[other])
    apart[1:] = ~same | (past.done[other] - past.done[one] > TOGETHER)
    starts = np.nonzero(apart)[0]
    many = np.diff(np.append(starts, len(alike)))
    last = np.maximum.reduceat(past.enabled[alike], starts)
    run = np.repeat(many >= RUN, many)
    found[alike[run]] = np.repeat(last, many)[run]
    return found


def _before(past: Log) -> Ints:
    """Who did what came before each visit in its case."""
    found = np.full(len(past), NOBODY, np.int64)
    found[1:][past.follows[1:]] = past.actor[:-1][past.follows[1:]]
    return found


@dataclass(frozen=True, slots=True)
class _Waits:
    """Waits for one person, a place each. ``collecting``: until when the run that it belongs to had come; ``handed``: from somebody else."""

    visit: Ints
    came: Ints
    until: Ints
    collecting: Ints
    handed: Flags

    def cut(self, person: Person) -> Iterator[Columns]:
        """Each wait cut where its person finished something else."""
        at = np.where(self.collecting > self.came, np.minimum(self.collecting, self.until), self.came)
        batch = at > self.came
        yield self._told(batch, BATCHING, self.came, at)
        first, last = np.searchsorted(person.ends, at, "right"), np.searchsorted(person.ends, self.until, "left")
        many = np.maximum(last - first, 0)
        bounds = np.searchsorted(np.cumsum(many), np.arange(AT_ONCE, int(many.sum()), AT_ONCE))
        for part in np.split(np.arange(len(many)), np.unique(bounds)):
            if many[part].any():
                yield self._between(person, part, at[part], first[part], many[part])
        rest = np.where(many > 0, person.ends[np.maximum(last - 1, 0)], at)
        left = rest < self.until
        for flags, cause in ((self.handed, HAND_OFF), (~self.handed, OTHER)):
            yield self._told(left & flags, cause, rest, self.until)

    def _told(self, which: Flags, cause: int, start: Ints, end: Ints) -> Columns:
        visit = self.visit[which]
        return visit, np.full(len(visit), cause, np.int64), start[which], end[which]

    def _between(self, person: Person, part: Ints, at: Ints, first: Ints, many: Ints) -> Columns:
        """What was finished meanwhile."""
        total, begins = int(many.sum()), np.cumsum(many) - many
        mine = np.repeat(np.arange(len(part)), many)
        place = np.arange(total) + np.repeat(first - begins, many)
        cause = np.where(person.came[place] <= self.came[part][mine], CONTENTION, PRIORITISATION)
        fresh = np.ones(total, np.bool_)
        fresh[1:] = (mine[1:] != mine[:-1]) | (cause[1:] != cause[:-1])
        starts = np.nonzero(fresh)[0]
        ends = np.append(starts[1:], total) - 1
        opens = np.isin(starts, begins[many > 0], assume_unique=True)
        start = np.where(opens, at[mine[starts]], person.ends[np.maximum(place[starts] - 1, 0)])
        return self.visit[part][mine[starts]], cause[starts], start, person.ends[place[ends]]


def _away(cut: Columns, person: Person, days: Days) -> Columns:
    """Whole working days within a piece on which a steady person did nothing are taken out of it."""
    visit, cause, start, end = cut
    long = end - start >= DAY
    if not person.steady or not long.any():
        return cut
    found = []
    for of, why, at, until in zip(*(one[long].tolist() for one in cut), strict=True):
        for day, begins, ends in days.whole(at, until):
            if day in person.days:
                continue
            if begins > at:
                found.append((of, why, at, begins))
            found.append((of, UNAVAILABILITY, begins, ends))
            at = ends  # noqa: PLW2901  # the rest of the piece
        if at < until:
            found.append((of, why, at, until))
    more = np.array(found, np.int64).reshape(-1, 4)
    visit, cause, start, end = (
        np.concatenate([one[~long], more[:, n]]) for n, one in enumerate((visit, cause, start, end))
    )
    return visit, cause, start, end
