"""For what moment a case waits, and what comes then: at a step that waits, and beside one that somebody has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from heli.api import shape
from heli.api.common import WORDS, moment, ref
from heli.flows import library
from heli.flows.core.compare import called
from heli.flows.core.definition import Definition, Kind
from heli.flows.knowing import SHOWN
from heli.flows.models import Instance, Timer
from heli.flows.seen import Seen

TIMER = shape.record(
    {
        "until": {"type": "string"},
        "name": {**shape.nullable(ref(WORDS)), "description": "Of what stands beside the step and rings then; null: the step itself waits"},
        "ends": {"type": "boolean", "description": "The step is then over"},
        "then": {**shape.array(ref(WORDS)), "description": "What comes then, as far as I may know it: of several one or all of them"},
    }
)  # fmt: skip
WAIT = shape.record(
    {key: TIMER["properties"][key] for key in ("until", "then")} | {
        "name": ref(WORDS),
        "or": {**shape.array(ref(WORDS)), "description": "What else it waits for beside that moment; whichever comes first decides"},
    }
)  # fmt: skip
FIRST = shape.record(
    {
        "of": {"type": "string", "description": "What they stand behind: those of one belong together"},
        "then": {**shape.array(ref(WORDS)), "description": "What comes then, as far as I may know it"},
    }
)


def first(one: Seen, place: int) -> dict[str, Any] | None:
    """Of a node that is one of several events, of which the first decides: which belong together, and what comes then."""
    gateway = one.first.get(place)
    if gateway is None:
        return None
    return {"of": one.definition.nodes[gateway].id, "then": then(one.definition, place, one.shows)}


def of_case(one: Seen) -> dict[int, list[dict[str, Any]]]:
    """By node: for what moments it waits now."""
    found: dict[int, list[dict[str, Any]]] = {}
    if one.row.state != Instance.RUNNING:
        return found
    nodes = one.definition.nodes
    for timer in Timer.objects.filter(instance_id=one.row.pk).order_by("due_at", "node"):
        node = nodes[timer.node]
        place = node.host if node.host is not None else timer.node
        if not one.shows(timer.node) or not one.shows(place):
            continue
        beside = node.host is not None
        found.setdefault(place, []).append(
            {
                "until": moment(timer.due_at), "name": node.words.json() if beside and node.name else None, "ends": not beside or node.interrupts,
                "then": then(one.definition, timer.node, one.shows),
            }
        )  # fmt: skip
    return found


def then(definition: Definition, place: int, shows: Callable[[int], bool]) -> list[dict[str, str]]:
    """What follows a node next, over gateways: steps, or how it ends."""
    nodes, flows = definition.nodes, definition.flows
    seen, waiting, found = {place}, [place], list[dict[str, str]]()
    while waiting:
        for flow in nodes[waiting.pop(0)].outgoing:
            target = flows[flow].target
            if target in seen:
                continue
            seen.add(target)
            node = nodes[target]
            if node.kind in SHOWN:
                found += [node.words.json()] if shows(target) else []
            elif node.kind in (Kind.END, Kind.TERMINATE):
                found += [called(definition, node).json()] if node.name else []
            else:
                waiting.append(target)
    return found


def beside(definition: Definition, place: int) -> list[int]:
    """The other events of which the first decides; none where this one is waited for alone."""
    before = [definition.nodes[definition.flows[one].source] for one in definition.nodes[place].incoming]
    gateways = [one for one in before if one.kind is Kind.EVENTS]
    return [target for one in gateways for f in one.outgoing if (target := definition.flows[f].target) != place]


def of_cases(rows: Sequence[Instance], known: Callable[[Instance, int], bool]) -> dict[int, dict[str, Any]]:
    """By case: what it waits for with nobody at work, and until when; the soonest. ``known``: whether the viewer may know of a node."""
    running = {row.pk: row for row in rows if row.state == Instance.RUNNING}
    found: dict[int, dict[str, Any]] = {}
    for timer in Timer.objects.filter(instance_id__in=running).order_by("due_at", "node") if running else ():
        row = running[timer.instance_id]
        definition = library.definition(row.version)
        node = definition.nodes[timer.node]
        if node.host is None and row.pk not in found and known(row, timer.node):
            others = [place for place in beside(definition, timer.node) if known(row, place)]
            found[row.pk] = {
                "name": node.words.json(), "until": moment(timer.due_at), "then": then(definition, timer.node, partial(known, row)),
                "or": [definition.nodes[place].words.json() for place in others],
            }  # fmt: skip
    return found
