"""All of a log in one JSON document: what `heli flow mine` prints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from heli.flows.mining import figures, follows, handoffs
from heli.flows.mining.log import SECOND, Log
from heli.flows.mining.measures import Activity, Measures, Spread, Times

MOST = 20
"""Of each list."""


def seconds(micros: float | None) -> float | None:
    """To a thousandth."""
    return None if micros is None else round(micros / SECOND, 3)


def spread(one: Spread) -> dict[str, float | None]:
    return {"p50": seconds(one.p50), "p90": seconds(one.p90), "p95": seconds(one.p95)}


def times(one: Times) -> dict[str, dict[str, float | None]]:
    return {"working": spread(one.working), "calendar": spread(one.calendar)}


def share(one: float) -> float:
    return round(one, 4)


def document(measures: Measures, most: int = MOST) -> dict[str, Any]:
    """Times in seconds; ``most``: how many of each list."""
    log, whole = measures.log, measures.whole
    name = log.activities
    edges = follows.edges(log)
    ways = follows.variants(log)
    starts, ends = follows.ends(log)
    first, last = log.began.min(), log.ended.max()
    return {
        "cases": len(log.cases), "events": log.events, "activities": len(log.activities), "actors": len(log.actors), "variants": len(ways),
        "from": moment(int(first)), "until": moment(int(last)),
        "durations": {"unit": "seconds", **times(whole.cycle)},
        "wait_share": share(whole.wait_share), "queues_known": log.queues,
        "first_time_right": share(whole.first_time_right), "touchless": share(whole.touchless), "handoffs_per_case": share(whole.hands),
        "rework": {
            "cases": round(whole.rework * whole.cases), "share": share(whole.rework),
            "activities": [
                {"activity": name[one.number], "cases": one.cases, "repeated": one.repeated, "rate": share(one.rework)}
                for one in sorted(measures.activities, key=lambda one: (-one.rework, one.number)) if one.repeated
            ][:most],
        },
        "bottlenecks": [_node(one, name) for one in measures.bottlenecks[:most]],
        "by_activity": [_node(one, name) for one in measures.activities],
        "top_variants": [
            {"path": [name[at] for at in way.path], "cases": len(way.cases), "share": share(figures.share(len(way.cases), len(log.cases))),
             "coverage": share(figures.share(sum(len(one.cases) for one in ways[: number + 1]), len(log.cases)))}
            for number, way in enumerate(ways[:most])
        ],
        "edges": [_edge(one, name) for one in edges],
        "slowest_edges": [_edge(one, name) for one in sorted(edges, key=lambda one: (-one.p50, one.source, one.target))[:most]],
        "starts": _ends(name, starts.tolist()), "ends": _ends(name, ends.tolist()),
        "handoffs": _hands(log, most),
    }  # fmt: skip


def _node(one: Activity, name: Sequence[str]) -> dict[str, Any]:
    return {
        "activity": name[one.number], "visits": one.visits, "cases": one.cases, "share": share(one.share), "score": share(one.score),
        "wait": times(one.wait), "work": times(one.work), "total": times(one.total), "rework": share(one.rework),
    }  # fmt: skip


def _edge(one: follows.Edge, name: Sequence[str]) -> dict[str, Any]:
    return {
        "from": name[one.source], "to": name[one.target], "count": one.count, "cases": one.cases, "back": one.back, "p50": seconds(one.p50),
        "p90": seconds(one.p90), "total": seconds(one.total),
    }  # fmt: skip


def _ends(name: Sequence[str], many: Sequence[int]) -> list[dict[str, Any]]:
    found = [{"activity": name[at], "cases": count} for at, count in enumerate(many) if count]
    by: Callable[[dict[str, Any]], Any] = lambda one: -one["cases"]  # noqa: E731
    return sorted(found, key=by)


def _hands(log: Log, most: int) -> dict[str, Any]:
    by, sides = handoffs.of_people(log), max(len(log.actors), 1)
    name = log.actors
    return {
        "pairs": [
            {"from": name[one.source], "to": name[one.target], "count": one.count, "wait_p50": seconds(one.wait)}
            for one in handoffs.handoffs(log, by, sides)[:most]
        ],
        "ping_pong": [
            {"one": name[one.one], "other": name[one.other], "count": one.count, "cases": one.cases}
            for one in handoffs.rallies(log, by, sides)[:most]
        ],
    }  # fmt: skip


def moment(micros: int) -> str:
    import datetime as dt

    from heli.flows.mining.moments import EPOCH

    return (EPOCH + dt.timedelta(microseconds=micros)).isoformat()
