"""The ways cases take, what is done again, who hands to whom, and how what was handed over was received."""

from __future__ import annotations

from typing import Any

import numpy as np

from heli.flows.analytics import packets
from heli.flows.analytics.source import Source
from heli.flows.mining import figures, follows, handoffs
from heli.flows.mining.log import NOBODY
from heli.flows.mining.measures import Measures, Spread, Times
from heli.flows.mining.report import seconds, share, times

MOST_VARIANTS = 40
MOST_PAIRS = 400
MOST_PEOPLE = 100


def document(source: Source) -> dict[str, Any]:
    return {
        "variants": _variants(source),
        "handoffs": _handoffs(source),
        "packets": packets.document(source),
        "people": _people(source),
        "repeats": _repeats(source),
    }


def _variants(source: Source) -> dict[str, Any]:
    past, name = source.measures.past, source.log.activities
    ways = follows.variants(past)
    whole = sum(len(one.cases) for one in ways)
    cycle = np.maximum(source.log.ended - source.log.began, 0)
    told, covered, hidden = [], 0, 0
    for one in ways[:MOST_VARIANTS]:
        if source.few(len(one.cases)):
            hidden += 1
            continue
        covered += len(one.cases)
        p50, p90 = figures.quantile(cycle[list(one.cases)], (0.5, 0.9))
        told.append(
            {"path": [name[at] for at in one.path], "cases": len(one.cases), "share": share(figures.share(len(one.cases), whole)),
             "coverage": share(figures.share(covered, whole)), "p50": seconds(p50), "p90": seconds(p90)}
        )  # fmt: skip
    if not source.knows_all:  # how many ways there are, and are not told, would tell that single cases went otherwise
        return {"all": len(told), "cases": whole, "items": told, "few": 0}
    return {"all": len(ways), "cases": whole, "items": told, "few": hidden}


def _handoffs(source: Source) -> dict[str, Any]:
    """Between departments, where they are known; else between those who did it."""
    past = source.measures.past
    by_department = past.group is not None and bool((past.group != NOBODY).any())
    by = handoffs.of_departments(past) if by_department else handoffs.of_people(past)
    names = source.log.groups if by_department else source.log.actors
    sides = max(len(names), 1)
    pairs = handoffs.handoffs(past, by, sides)[:MOST_PAIRS]
    rallies = handoffs.rallies(past, by, sides)[:MOST_PAIRS]
    return {
        "by": "department" if by_department else "actor",
        "pairs": [
            {"source": names[one.source], "target": names[one.target], "count": one.count, "wait": seconds(one.wait)}
            for one in pairs if not source.few(one.count)
        ],
        "rallies": [
            {"one": names[one.one], "other": names[one.other], "count": one.count, "cases": one.cases}
            for one in rallies if not source.few(one.cases)
        ],
    }  # fmt: skip


def _people(source: Source) -> list[dict[str, Any]]:
    """Those whose own figures the viewer may see, with what they did; of a log of others, everybody."""
    measures = source.measures
    past, (working, calendar) = measures.past, measures.waits
    found: list[tuple[int, str, Times]] = []
    for number, name in enumerate(source.log.actors):
        if source.people and source.people[number] not in source.led:
            continue
        mine = past.actor == number
        if not mine.any() or source.few(figures.some(mine)):
            continue
        wait = Times(Spread(*figures.quantile(working[mine])), Spread(*figures.quantile(calendar[mine])))
        found.append((figures.some(mine), name, wait))
    listed = sorted(found, key=lambda one: (-one[0], one[1]))[:MOST_PEOPLE]
    return [{"person": name, "visits": many, "wait": times(wait)} for many, name, wait in listed]


def _repeats(source: Source) -> list[dict[str, Any]]:
    measures: Measures = source.measures
    return [
        {"node": source.log.activities[one.number], "cases": one.cases, "repeated": one.repeated, "rejected": one.rejected, "rate": share(one.rework)}
        for one in sorted(measures.activities, key=lambda one: (-one.rework, one.number))
        if one.visits and not source.few(one.cases)
    ]  # fmt: skip
