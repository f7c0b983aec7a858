"""How hand-offs go: how often what was handed over is accepted at once, how long that takes, how often it is returned, what waits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from heli.flows.analytics import rows
from heli.flows.analytics.source import Source
from heli.flows.mining import figures
from heli.flows.mining.log import Ints
from heli.flows.mining.measures import Spread, Times
from heli.flows.mining.report import seconds, share, times
from heli.flows.models import Packet


@dataclass(frozen=True, slots=True)
class One:
    """A packet that was handed over."""

    case: int
    node: str
    number: int
    state: str
    handed: dt.datetime
    answered: dt.datetime | None


def document(source: Source) -> list[dict[str, Any]]:
    """By the node that receives, those with most returns first. Times in seconds, from handing over to being accepted."""
    by: dict[str, list[One]] = {}
    for one in _handed(source):
        by.setdefault(one.node, []).append(one)
    told = [
        _node(source, node, found) for node, found in by.items() if not source.few(len({one.case for one in found}))
    ]
    return sorted(told, key=lambda one: (-one["returned"], -one["handed"], one["node"]))


def _handed(source: Source) -> list[One]:
    """What was handed over in the cases of the period of which the viewer may know the way, at the steps that the log tells of them: where who
    works at a step would tell too much, its hand-offs are not told either."""
    since = source.begins
    cases = {
        one.id: number
        for number, one in enumerate(source.cases)
        if one.id in source.ways and (one.ended is None or rows.micros(one.ended) >= since)
    }
    if not cases:
        return []
    names = source.log.activities
    visits = {
        (case, names[at]) for case, at in zip(source.log.case.tolist(), source.log.activity.tolist(), strict=True)
    }
    found = Packet.objects.filter(
        at__isnull=False, node__in=names, instance_id__gte=min(cases), instance_id__lte=max(cases)
    )
    columns = found.order_by("instance_id", "node", "number").values_list(
        "instance_id", "node", "number", "state", "at", "answered_at"
    )
    return [
        One(case, node, number, state, handed, answered)
        for case, node, number, state, handed, answered in columns
        if handed is not None and (cases.get(case), node) in visits
    ]


def _node(source: Source, node: str, found: Sequence[One]) -> dict[str, Any]:
    answers: dict[int, list[One]] = {}
    for one in found:
        if one.state in (Packet.ACCEPTED, Packet.RETURNED):
            answers.setdefault(one.case, []).append(one)
    accepted = [one for one in found if one.state == Packet.ACCEPTED and one.answered is not None]
    since = _moments([one.handed for one in accepted])
    until = _moments([one.answered for one in accepted if one.answered is not None])
    calendar, working = np.maximum(until - since, 0), source.hours.between(since, until)
    waiting = [one for one in found if one.state == Packet.HANDED]
    oldest = min((rows.micros(one.handed) for one in waiting), default=None)
    return {
        "node": node, "source": _giver(source, node), "cases": len({one.case for one in found}), "handed": len(found),
        "accepted": len(accepted), "returned": sum(1 for one in found if one.state == Packet.RETURNED),
        "first_time": share(sum(1 for one in answers.values() if one[0].state == Packet.ACCEPTED) / len(answers)) if answers else None,
        "most": max(Counter(one.case for one in found).values()),
        "wait": times(Times(Spread(*figures.quantile(working)), Spread(*figures.quantile(calendar)))),
        "open": len(waiting), "oldest": seconds(max(source.now - oldest, 0)) if oldest is not None else None,
    }  # fmt: skip


def _giver(source: Source, node: str) -> str | None:
    """The step that hands over to this one, as the process is now."""
    for one in source.definition.nodes if source.definition is not None else ():
        if one.id == node and one.task is not None and one.task.handoff is not None:
            return one.task.handoff.source
    return None


def _moments(found: Sequence[dt.datetime]) -> Ints:
    return np.array([rows.micros(one) for one in found], np.int64)
