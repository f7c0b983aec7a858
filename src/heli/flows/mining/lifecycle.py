"""Events that say what begins and what ends: one visit for each that ends, from when it was due and taken up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heli.flows.mining.log import COMPLETED, NONE, PLAIN, Coded, Ints, Log, nobody, of_actors, ordered, span

ENABLES = frozenset({"schedule", "enable", "assign", "scheduled", "assigned", "enabled"})
STARTS = frozenset({"start", "started", "begin", "resume"})
ENDS = frozenset({"complete", "completed", "end", "finish", "autoskip", "manualskip"})


def tells(kinds: Sequence[str]) -> bool:
    """Whether these events tell when something was begun and when it was done."""
    known = {one.casefold() for one in set(kinds)}
    return not known.isdisjoint(STARTS | ENABLES) and not known.isdisjoint(ENDS)


def paired(
    cases: Coded, activities: Coded, moment: Ints, kinds: Coded, actors: Coded | None = None, groups: Coded | None = None
) -> Log:  # fmt: skip
    """The n-th beginning of an activity in a case belongs to its n-th end. Other events (suspend, abort) are left out; what has begun and
    not ended goes on."""
    case, activity, kind = cases.numbers, activities.numbers, kinds.numbers
    case_names, activity_names = cases.names, activities.names
    who = (actors or nobody(len(moment))).blank()
    actor, actor_names, group = who.numbers, who.names, groups.numbers if groups is not None else None
    group_names = groups.names if groups is not None else ()
    order = ordered(case, moment)
    if order is not None:
        case, activity, kind, actor, moment = case[order], activity[order], kind[order], actor[order], moment[order]
        group = group[order] if group is not None else None
    key = case * len(activity_names) + activity

    def of(names: frozenset[str]) -> Ints:
        return np.nonzero(np.isin(kind, [n for n, name in enumerate(kinds.names) if name.casefold() in names]))[0]

    ends, starts, enables = of(ENDS), of(STARTS), of(ENABLES)
    begun, found = _of_ends(key, moment, starts, ends)
    open_ = starts[~found]
    came, _ = _of_ends(key, moment, enables, ends)
    visits = np.concatenate([ends, open_])
    done = np.concatenate([moment[ends], np.full(len(open_), NONE, np.int64)])
    started = np.concatenate([begun, moment[open_]])
    enabled = np.concatenate([came, np.full(len(open_), NONE, np.int64)])
    first = np.where(started == NONE, moment[visits], started)
    again = ordered(case[visits], np.where(done == NONE, np.iinfo(np.int64).max, done))
    if again is not None:
        visits, done, started, enabled, first = visits[again], done[again], started[again], enabled[again], first[again]
    began, ended = span(case, moment, moment, len(case_names))
    before = first.copy()  # where nothing says when it came: when the one before was done
    same = (case[visits][1:] == case[visits][:-1]) & (done[:-1] != NONE)
    before[1:][same] = np.minimum(done[:-1][same], first[1:][same])
    enabled = np.where(enabled == NONE, before, np.minimum(enabled, first))
    return Log(
        case_names, activity_names, actor_names, case[visits], activity[visits], actor[visits], enabled, started, done,
        np.full(len(visits), NONE, np.int64), np.full(len(visits), PLAIN, np.int64), began, ended,
        np.full(len(case_names), COMPLETED, np.int64), np.zeros(len(case_names), np.int64), len(case), True, group_names,
        of_actors(actor, group, len(actor_names)) if group is not None else None,
    )  # fmt: skip


def _of_ends(
    key: Ints, moment: Ints, beginnings: Ints, ends: Ints
) -> tuple[Ints, np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """For each end the moment of the beginning of the same rank, NONE where there is none; and which beginnings have their end."""
    mine, theirs = _ranked(key[beginnings]), _ranked(key[ends])
    most = int(max(mine.max(initial=0), theirs.max(initial=0))) + 1
    mine, theirs = key[beginnings] * most + mine, key[ends] * most + theirs
    order = np.argsort(mine, kind="stable")
    at = np.searchsorted(mine[order], theirs)
    at_most = np.minimum(at, max(len(order) - 1, 0))
    found = np.zeros(len(theirs), np.bool_) if not len(order) else mine[order][at_most] == theirs
    said = np.full(len(theirs), NONE, np.int64)
    hit = np.zeros(len(beginnings), np.bool_)
    if len(order):
        said[found] = moment[beginnings[order[at_most[found]]]]
        hit[order[at_most[found]]] = True
    # A beginning after its end is another's.
    said[said > moment[ends]] = NONE
    return said, hit


def _ranked(key: Ints) -> Ints:
    """The how-manieth of its key each is, from 0."""
    order = np.argsort(key, kind="stable")
    sorted_ = key[order]
    fresh = np.ones(len(key), np.bool_)
    fresh[1:] = sorted_[1:] != sorted_[:-1]
    starts = np.nonzero(fresh)[0]
    rank = np.arange(len(key)) - np.repeat(starts, np.diff(np.append(starts, len(key))))
    found = np.empty(len(key), np.int64)
    found[order] = rank
    return found
