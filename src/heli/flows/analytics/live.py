"""The figures of a process at one look: the whole, each step, the ways between, the bottleneck with its causes, and what might help."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heli.flows.analytics import amounts
from heli.flows.analytics.rows import halts
from heli.flows.analytics.source import Source
from heli.flows.core.definition import Definition
from heli.flows.mining import figures, follows, report, suggest, traffic
from heli.flows.mining.log import NONE, REJECTED, SECOND
from heli.flows.mining.measures import Activity, Whole
from heli.flows.mining.report import seconds, share, times
from heli.flows.mining.standing import Standing
from heli.kernel.words import Words

MOST_EDGES = 60
"""Of a log without a definition."""
MOST_WAITING = 60
NOTHING = Standing(0, 0, None, (), 0.0, None)
"""What stands at a step of a log of others."""


def document(source: Source) -> dict[str, Any]:
    measures = source.measures
    nodes = [told for one in measures.activities if (told := _node(source, one)) is not None]
    if not source.knows_all:
        known = {one["id"] for one in nodes}
        nodes += [_untold(code, words) for code, words in source.steps.items() if code not in known]
    worst = next((one for one in measures.bottlenecks if one.score > 0 and not source.few(one.cases)), None)
    shapes, edges = _drawn(source, source.definition) if source.definition is not None else _followed(source)
    return {
        "days": source.days, "knows_all": source.knows_all, "untold": source.untold, "working": source.working, "queues": source.log.queues,
        "whole": _whole(source, measures.whole), "before": _whole(source, source.before.whole) if source.before.whole.cases else None,
        "nodes": nodes, "shapes": shapes, "edges": edges,
        "returns": [_return(source, one) for one in source.returns if not source.few(one.cases)],
        "bottleneck": source.log.activities[worst.number] if worst is not None else None,
        "suggestions": _suggestions(source),
        "waiting": _waiting(source) if source.ours else [], "of_log": None if source.ours else _of_log(source),
    }  # fmt: skip


def _whole(source: Source, one: Whole) -> dict[str, Any]:
    """The cases together; how they went only where they are not too few."""
    ways: dict[str, Any] = {
        "wait_share": share(one.wait_share) if source.log.queues else None,
        "first_time_right": share(one.first_time_right), "touchless": share(one.touchless),
        "rework": share(one.rework), "timed": one.timed, "late": one.late, "hands": round(one.hands, 2),
    }  # fmt: skip
    if source.few(one.cases):
        ways = dict.fromkeys(ways)
    return {
        "cases": one.cases, "completed": one.completed, "running": one.running,
        "aged": _aged(source) if source.ours and one is source.measures.whole else 0, "cycle": times(one.cycle), **ways,
    }  # fmt: skip


def _of_log(source: Source) -> dict[str, Any]:
    """What a log of others holds. It is over: what stands where now is not told of it."""
    log = source.log
    return {
        "events": log.events,
        "since": report.moment(int(log.began.min())),
        "until": report.moment(int(log.ended.max())),
    }


def _aged(source: Source) -> int:
    """Running cases that have taken longer than nine in ten did."""
    limit = source.measures.whole.cycle.calendar.p90
    log = source.period
    running = log.here & (log.ended == NONE)
    return int((source.now - log.began[running] > limit).sum()) if limit is not None else 0


def _node(source: Source, one: Activity) -> dict[str, Any] | None:
    """One step; None for one that no case of the period has come to, or too few."""
    stands: Standing = source.standing[one.number] if source.ours else NOTHING
    if not one.visits and not stands.now and not any(stands.daily):
        return None
    head = {"id": source.log.activities[one.number], "name": source.name(one.number).json()}
    here: dict[str, Any] = {
        "wip": stands.now if source.ours else None, "aged": stands.aged, "oldest": seconds(stands.oldest), "daily": list(stands.daily),
        "usual": round(stands.usual, 1),
    }  # fmt: skip
    if not source.knows_all:
        # Day by day, and one by one, it would tell the way of single cases.
        here |= {"wip": None if source.few(stands.now) else stands.now, "aged": 0, "oldest": None, "daily": []}
        if source.few(one.cases):
            return head | here | {"usual": 0.0, "few": True, "figures": None} if here["wip"] is not None else None
    whole = sum(source.causes.get(one.number, {}).values())
    return head | here | {
        "few": False,
        "figures": {
            "visits": one.visits, "cases": one.cases, "share": share(one.share), "score": share(one.score),
            "wait_part": share(figures.share(one.score, one.share)), "wait": times(one.wait), "work": times(one.work), "total": times(one.total),
            "wait_sum": seconds(one.wait_sum), "rework": share(one.rework), "repeated": one.repeated, "rejected": one.rejected,
            "timed": one.timed, "late": one.late, "load": share(stands.load) if stands.load is not None and one.number in source.worked else None,
            "causes": {cause: share(figures.share(part, whole)) for cause, part in source.causes.get(one.number, {}).items() if part},
        },
    }  # fmt: skip


def _untold(code: str, words: Words) -> dict[str, Any]:
    """A step to which no case has come, or too few."""
    return {
        "id": code, "name": words.json(), "wip": None, "aged": 0, "oldest": None, "daily": [], "usual": 0.0, "few": True, "figures": None,
    }  # fmt: skip


def _drawn(source: Source, definition: Definition) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The current definition, with how many cases went each way."""
    log = source.period
    place = {node.id: at for at, node in enumerate(definition.nodes)}
    came: dict[int, set[int]] = {}
    left: dict[int, set[int]] = {}
    for activity, case, done, outcome in zip(
        log.activity.tolist(), log.case.tolist(), log.done.tolist(), log.outcome.tolist(), strict=True
    ):
        at = place.get(log.activities[activity])
        if at is None:
            continue
        came.setdefault(at, set()).add(case)
        if done != NONE and outcome != REJECTED:
            left.setdefault(at, set()).add(case)
    here = frozenset(log.here.nonzero()[0].tolist())
    waiting = {place[code]: some & here for code, some in source.joined.items() if code in place}
    counts = traffic.ways(definition, here, came, left, waiting)
    hosts = [definition.nodes[one.host].id if one.host is not None else None for one in definition.nodes]
    shapes = [
        {
            "id": one.id, "kind": str(one.kind), "name": one.words.json() if one.name else None, "host": host,
            "waiting": _at_join(source, len(waiting.get(at, ()))) if halts(one) else None,
        }
        for at, (one, host) in enumerate(zip(definition.nodes, hosts, strict=True))
    ]  # fmt: skip
    edges = [
        {
            "source": definition.nodes[one.source].id, "target": definition.nodes[one.target].id,
            "cases": None if (count := counts[at]) is None or source.few(count) else count, "condition": one.condition is not None, "back": False,
        }
        for at, one in enumerate(definition.flows)
    ]  # fmt: skip
    return shapes, edges


def _at_join(source: Source, cases: int) -> int | None:
    """How many wait there: at a join for what has not come yet, else for what is to happen."""
    return None if source.few(cases) else cases


def _followed(source: Source) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A log that follows no definition of ours: what follows what, as far as it can be drawn."""
    name = source.log.activities
    kept = _main(source)
    seen = {at for one in kept for at in (one.source, one.target)}
    shapes: list[dict[str, Any]] = [
        {"id": name[at], "kind": "user", "name": source.name(at).json(), "host": None, "waiting": None}
        for at in sorted(seen)
    ]
    edges: list[dict[str, Any]] = [
        {"source": name[one.source], "target": name[one.target], "cases": one.cases, "condition": False, "back": one.back * 2 > one.count}
        for one in kept if one.source != one.target
    ]  # fmt: skip
    return shapes, edges


def _main(source: Source) -> list[follows.Edge]:
    """What is worth drawing: ways of a tenth of the cases, and of each activity that a twentieth of them pass the strongest ones in and out."""
    cases = figures.some(source.measures.closed)
    often = {one.number for one in source.measures.activities if one.share >= 0.05}
    found: dict[follows.Edge, None] = {}
    entered: set[int] = set()
    left: set[int] = set()
    for one in source.edges:
        if one.source == one.target or not {one.source, one.target} <= often:
            continue
        if one.cases * 10 >= cases or one.source not in left or one.target not in entered:
            found[one] = None
            left.add(one.source)
            entered.add(one.target)
    return list(found)[:MOST_EDGES]


def _return(source: Source, one: traffic.Return) -> dict[str, Any]:
    passed = source.measures.activities[one.source].cases
    return {
        "source": source.log.activities[one.source], "target": source.log.activities[one.target], "count": one.count, "cases": one.cases,
        "share": share(figures.share(one.cases, passed)),
    }  # fmt: skip


def _suggestions(source: Source) -> list[dict[str, Any]]:
    tried = amounts.tried(source)
    trials = {activity: one.trial for activity, one in tried.items()}
    standing = source.standing if source.ours else ()
    found = suggest.suggestions(source.measures, source.causes, source.returns, standing, trials)
    name = source.log.activities
    return [
        {
            "code": one.code, "node": name[one.activity], "other": name[one.other] if one.other is not None else None, "n": one.n,
            "figures": _rounded({**one.figures, **(tried[one.activity].figures if one.code == "automate" else {})}),
            "now": seconds(one.now), "then": seconds(one.then),
        }
        for one in found
    ]  # fmt: skip


def _rounded(given: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in given.items()}


def _waiting(source: Source) -> list[dict[str, Any]]:
    """What has waited longest: of cases whose way may be known. ``case`` is the number of ours."""
    log = source.period
    rows = [
        (int(log.enabled[at]), int(log.case[at]), int(log.activity[at]))
        for at in range(len(log))
        if log.done[at] == NONE
    ]
    found = []
    for enabled, case, activity in sorted(rows):
        ours = source.cases[case].id if source.cases else None
        if ours is not None and ours not in source.ways:
            continue
        age = max(source.now - enabled, 0) // SECOND
        found.append(
            {"case": log.cases[case] if ours is None else str(ours), "node": log.activities[activity], "seconds": age}
        )
    return found[:MOST_WAITING]
