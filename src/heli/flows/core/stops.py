"""What each node does with work that comes to it, as far as the definition alone says it: worked out once, not at each step."""

from __future__ import annotations

from dataclasses import dataclass

from heli.flows.core.definition import CATCHES, WORKS, Definition, Kind, Node
from heli.flows.core.graph import Graph


@dataclass(frozen=True, slots=True)
class Stop:
    """Of one node."""

    works: bool
    """Whether it waits for somebody or something."""
    taken: tuple[tuple[int, int], ...] | None
    """The flows by which work goes on, each with where it leads; None where conditions decide."""
    chain: tuple[int, ...]
    """The sub-processes that it stands in, the outermost first."""
    awaits: tuple[int, ...]
    """Events that are waited for while work is there: those that stand on it, those after it, or itself."""


def stops(graph: Graph) -> tuple[Stop, ...]:
    """Node -> what it does."""
    definition = graph.definition
    return tuple(
        Stop(one.kind in WORKS, _taken(definition, one), chain, _awaits(definition, place, one))
        for place, (one, chain) in enumerate(zip(definition.nodes, graph.chains, strict=True))
    )


def _taken(definition: Definition, node: Node) -> tuple[tuple[int, int], ...] | None:
    flows = definition.flows
    several = node.kind is Kind.EXCLUSIVE and len(node.outgoing) > 1
    said = node.default is not None or any(flows[f].condition is not None for f in node.outgoing)
    if node.kind is not Kind.PARALLEL and (several or said):
        return None
    return tuple((f, flows[f].target) for f in node.outgoing)


def _awaits(definition: Definition, place: int, node: Node) -> tuple[int, ...]:
    if node.kind is Kind.EVENTS:
        return (*node.boundaries, *(definition.flows[f].target for f in node.outgoing))
    return (*node.boundaries, place) if node.kind in CATCHES else node.boundaries
