"""What lies ahead of a running case: the steps that can still come as it stands, and what decides which of them do."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from heli.flows.core.definition import Kind
from heli.flows.core.graph import Graph

CONDITIONS, EVENTS = "conditions", "events"


def ahead(graph: Graph, places: Iterable[int]) -> frozenset[int]:
    """All nodes to which work at these may lead: also by what stands on the sub-processes in which it is."""
    at = list(places)
    seen = {one for up in _around(graph, at) for one in graph.definition.nodes[up].boundaries}
    waiting = [*at, *seen]
    while waiting:
        for target in graph.after[waiting.pop()]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return frozenset(seen)


def _around(graph: Graph, places: Iterable[int]) -> set[int]:
    """The sub-processes in which work is."""
    return {up for place in places for up in graph.chains[place]}


def deciding(graph: Graph, places: Collection[int], coming: Collection[int]) -> list[str]:
    """What decides which of the steps to come do: conditions, or what happens first. Nothing, where all ways lead to the same."""
    nodes, flows, wanted = graph.definition.nodes, graph.definition.flows, frozenset(coming)
    found: set[str] = set()

    def differ(ways: Iterable[Iterable[int]]) -> bool:
        reached = {frozenset[int]().union(*(graph.behind[one] for one in way)) & wanted for way in ways}
        return len(reached) > 1

    for place in {*places, *_around(graph, places), *ahead(graph, places)}:
        node = nodes[place]
        targets = [flows[one].target for one in node.outgoing]
        said = node.default is not None or any(flows[one].condition is not None for one in node.outgoing)
        if node.kind is Kind.EVENTS:
            found |= {EVENTS} if differ([one] for one in targets) else set()
        elif node.kind is not Kind.PARALLEL and len(targets) > 1 and (node.kind is Kind.EXCLUSIVE or said):
            found |= {CONDITIONS} if differ([one] for one in targets) else set()
        if node.boundaries and differ([targets, *([one] for one in node.boundaries)]):
            found.add(EVENTS)
    return [one for one in (CONDITIONS, EVENTS) if one in found]
