"""How many cases went each way of a definition, and what was sent back to where."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass

import numpy as np

from heli.flows.core.definition import CATCHES, Definition, Kind, Node
from heli.flows.mining import figures, follows
from heli.flows.mining.log import REJECTED, Log

STEPS = (Kind.USER, Kind.SERVICE, Kind.SEND, Kind.CALL, Kind.RULE, *CATCHES)
PASSED = (Kind.EXCLUSIVE, Kind.EVENTS, Kind.ENTER, Kind.LEAVE, Kind.THROW)
"""What is gone through by as many as come."""


type Cases = frozenset[int]


def ways(
    definition: Definition, cases: Cases, came: Mapping[int, Set[int]], left: Mapping[int, Set[int]], waiting: Mapping[int, Set[int]],
) -> dict[int, int | None]:  # fmt: skip
    """How many cases went by each flow. ``came`` and ``left``: by step, which cases reached it and which went on from it; ``waiting``: by
    place, which stand there now; gateways follow from these.

    None where it does not follow.
    """
    came = _standing(definition, came, waiting)
    gone = _gone(definition, cases, came, left, waiting)
    at_inclusive = {
        flow for node in definition.nodes if node.kind is Kind.INCLUSIVE for flow in (*node.incoming, *node.outgoing)
    }
    sure = at_inclusive | {flow for flow, _ in _beside_steps(definition, cases, came, left)}
    found: dict[int, int | None] = {
        flow: len(some) if flow in sure and (some := gone.get(flow)) is not None else None
        for flow in range(len(definition.flows))
    }
    for _ in range(len(definition.nodes)):
        before = dict(found)
        for place, node in enumerate(definition.nodes):
            if node.kind in PASSED:
                _balance(node, found, len(waiting.get(place, ())))
            elif node.kind is Kind.PARALLEL:
                _together(node, found)
        if found == before:
            break
    return found


def _standing(
    definition: Definition, came: Mapping[int, Set[int]], waiting: Mapping[int, Set[int]]
) -> Mapping[int, Set[int]]:
    """Whoever waits for something to happen has come there too, though nothing is done yet."""
    return {
        **came,
        **{
            place: some | came.get(place, set())
            for place, some in waiting.items()
            if definition.nodes[place].kind in CATCHES
        },
    }


def _beside_steps(
    definition: Definition, cases: Cases, came: Mapping[int, Set[int]], left: Mapping[int, Set[int]]
) -> list[tuple[int, Cases]]:
    """Flows of which the steps at their ends say who went by them."""
    found: list[tuple[int, Cases]] = []
    for place, node in enumerate(definition.nodes):
        if place == definition.start and len(node.outgoing) == 1:
            found.append((node.outgoing[0], cases))
        if node.kind in STEPS:
            if len(node.incoming) == 1:
                found.append((node.incoming[0], frozenset(came.get(place, ()))))
            if len(node.outgoing) == 1:
                found.append((node.outgoing[0], frozenset(left.get(place, ()))))
    return found


def _gone(
    definition: Definition, cases: Cases, came: Mapping[int, Set[int]], left: Mapping[int, Set[int]], waiting: Mapping[int, Set[int]],
) -> dict[int, Cases]:  # fmt: skip
    """Which cases went by a flow, where that is known one by one: by inclusive gateways several ways are gone by the same case, so that
    numbers alone tell nothing."""
    found = dict(_beside_steps(definition, cases, came, left))
    for _ in range(len(definition.nodes)):
        before = len(found)
        for place, node in enumerate(definition.nodes):
            if node.kind in (Kind.PARALLEL, Kind.INCLUSIVE, *PASSED):
                _through(definition, node, found, frozenset(waiting.get(place, ())))
        if len(found) == before:
            break
    return found


def _through(definition: Definition, node: Node, found: dict[int, Cases], waiting: Cases) -> None:
    """What is known of a gateway's flows by the others of them."""
    empty: Cases = frozenset()
    open_ = [one for one in node.outgoing if one not in found]
    if len(node.incoming) == 1 and node.incoming[0] not in found and node.outgoing and not open_:
        found[node.incoming[0]] = waiting.union(
            *(found[one] for one in node.outgoing)
        )  # whoever came went on somewhere
    unknown = [one for one in node.incoming if one not in found]
    alone = len(unknown) == 1 and definition.nodes[definition.flows[unknown[0]].source].default == unknown[0]
    if alone and node.outgoing and not open_:  # who goes by a default goes no other way
        others = (found[one] for one in node.incoming if one != unknown[0])
        found[unknown[0]] = waiting.union(*(found[one] for one in node.outgoing)).difference(*others)
    if not open_ or any(one not in found for one in node.incoming):
        return
    inward = [found[one] for one in node.incoming]
    every = inward[0].intersection(*inward[1:]) if node.kind is Kind.PARALLEL and inward else empty.union(*inward)
    passed = every - waiting
    if len(node.outgoing) == 1 or node.kind is Kind.PARALLEL:
        found |= dict.fromkeys(open_, passed)
    elif open_ == [node.default]:  # gone by who went no other way
        found[open_[0]] = passed.difference(*(found[one] for one in node.outgoing if one != open_[0]))


def _balance(node: Node, found: dict[int, int | None], stand: int) -> None:
    """What goes in goes out, but for those that stand there: where one way is unknown it is the rest."""
    unknown = [one for one in (*node.incoming, *node.outgoing) if found[one] is None]
    if len(unknown) != 1:
        return
    inward = sum(found[one] or 0 for one in node.incoming)
    outward = sum(found[one] or 0 for one in node.outgoing) + stand
    found[unknown[0]] = max(outward - inward if unknown[0] in node.incoming else inward - outward, 0)


def _together(node: Node, found: dict[int, int | None]) -> None:
    """Each way of a split is gone by all, a join is passed once all are there."""
    inward = [found[one] for one in node.incoming]
    if None not in inward:
        through = min(one for one in inward if one is not None) if inward else 0
        for one in node.outgoing:
            found[one] = through if found[one] is None else found[one]
    elif len(node.incoming) == 1 and None not in (outward := [found[one] for one in node.outgoing]):
        found[node.incoming[0]] = max((one for one in outward if one is not None), default=0)


@dataclass(frozen=True, slots=True)
class Return:
    """Work that went back from one activity to an earlier one."""

    source: int
    target: int
    count: int
    cases: int


def returns(log: Log) -> list[Return]:
    """Where rejections led; in a log that tells none, what was done again after what."""
    over = log.over
    if not bool((over.outcome == REJECTED).any()):
        found = [Return(one.source, one.target, one.back, 0) for one in follows.edges(log) if one.back]
        cases = _again(log)
        found = [Return(one.source, one.target, one.count, cases[one.source, one.target]) for one in found]
        return sorted(found, key=lambda one: (-one.count, one.source, one.target))
    back = np.nonzero(over.outcome == REJECTED)[0]
    came: dict[tuple[int, int], list[int]] = {}
    for at in range(len(log)):
        came.setdefault((int(log.case[at]), int(log.enabled[at])), []).append(int(log.activity[at]))
    pairs: dict[tuple[int, int], list[int]] = {}
    for at in back.tolist():
        case, source = int(over.case[at]), int(over.activity[at])
        for target in sorted(set(came.get((case, int(over.done[at])), ()))):
            pairs.setdefault((source, target), []).append(case)
    rows = [Return(source, target, len(cases), len(set(cases))) for (source, target), cases in pairs.items()]
    return sorted(rows, key=lambda one: (-one.count, one.source, one.target))


def _again(log: Log) -> dict[tuple[int, int], int]:
    over = log.over
    at = np.nonzero(over.follows & follows.again(over))[0]
    n = len(log.activities)
    key, _ = figures.once(over.activity[at - 1] * n + over.activity[at], over.case[at])
    known, many = figures.tallied(key)
    return {(one // n, one % n): count for one, count in zip(known.tolist(), many.tolist(), strict=True)}
