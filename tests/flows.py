"""Processes for tests: drawn in a line of text, played without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from random import Random

from heli.flows.core import bpmn, events
from heli.flows.core.definition import Definition
from heli.flows.core.expression import Value
from heli.flows.core.state import Item, ItemState, State
from heli.flows.core.step import Engine

TODAY = dt.date(2026, 11, 27)
KINDS = {
    "s": "startEvent", "e": "endEvent", "u": "userTask", "v": "serviceTask", "x": "exclusiveGateway", "p": "parallelGateway",
    "o": "inclusiveGateway", "q": "task",
}  # fmt: skip
"""First letter of a node's id -> element."""
TASK = (
    '<extensionElements><heli:people mode="{mode}" share="1/2"/><heli:moves allow="{moves}"/>'
    '<heli:rejection siblings="{siblings}" resubmit="{resubmit}"/></extensionElements>'
)
ALL_MOVES = "reject transfer delegate add_signer remove_signer take_back"


def drawn(
    edges: str, *, mode: str = "any", siblings: str = "kept", resubmit: str = "walk", moves: str = ALL_MOVES,
    conditions: Mapping[str, str] | None = None, more: str = "",
) -> bytes:  # fmt: skip
    """A file from ``s>u1 u1>e``. The first flow out of an exclusive or inclusive gateway is its default, the others take
    ``conditions`` by ``x1>u2`` or one that no two flows share."""
    flows: list[str] = []
    firsts: dict[str, str] = {}
    nodes: dict[str, None] = {}
    for number, edge in enumerate(edges.split()):
        source, target = edge.split(">")
        nodes |= {source: None, target: None}
        condition = ""
        if source[0] in "xo" and source in firsts:
            text = (conditions or {}).get(edge, f"way{number}")
            condition = f"<conditionExpression>{text}</conditionExpression>"
        firsts.setdefault(source, f"f{number}")
        flows.append(
            f'<sequenceFlow id="f{number}" sourceRef="{source}" targetRef="{target}">{condition}</sequenceFlow>'
        )
    many = {one for one in nodes if sum(edge.startswith(f"{one}>") for edge in edges.split()) > 1}
    elements = []
    for one in nodes:
        default = f' default="{firsts[one]}"' if one[0] in "xo" and one in many else ""
        inside = TASK.format(mode=mode, moves=moves, siblings=siblings, resubmit=resubmit) if one[0] == "u" else ""
        elements.append(f'<{KINDS[one[0]]} id="{one}"{default}>{inside}</{KINDS[one[0]]}>')
    return (
        '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
        f'xmlns:heli="urn:heli:flow"><process id="p" name="P">{"".join(elements)}{"".join(flows)}{more}</process></definitions>'
    ).encode()


def compiled(source: bytes) -> Definition:
    found = bpmn.read(source)
    assert found.definition is not None, [one.words.en for one in found.problems]
    return found.definition


class Play:
    """An instance in memory. ``people`` says who is found for a node; anybody else's nodes find person 1."""

    def __init__(
        self, definition: Definition, people: Mapping[str, Sequence[int]] | None = None, look: Callable[[str], Value] | None = None,
        initiator: int = 9,
    ) -> None:  # fmt: skip
        self.engine = Engine(definition)
        self.people = people or {}
        self.look = look or (lambda name: False)
        self.state = State(initiator)
        self.log: list[events.Command] = []
        self.send(events.Start())

    def send(self, event: events.Event) -> list[events.Command]:
        """Apply it and answer what asks for people; what else was commanded."""
        trial, log = self.state.copy(), []
        waiting: list[events.Event] = [event]
        while waiting:
            for one in self.engine.step(trial, waiting.pop(0), self.look, TODAY):
                if isinstance(one, events.Find):
                    found = self.people.get(self.name(one.node), (1,))
                    waiting.append(events.Assigned(one.token, found))
                log.append(one)
        self.state = trial
        self.log += log
        return log

    def name(self, place: int) -> str:
        return self.engine.definition.nodes[place].id

    def node(self, item: Item) -> str:
        return self.name(self.state.tokens[item.token].node)

    def open(self, node: str | None = None) -> list[Item]:
        found = [one for one in self.state.items.values() if one.state is ItemState.OPEN]
        return [one for one in found if node in (None, self.node(one))]

    def item(self, node: str, person: int = 1) -> Item:
        return next(one for one in self.open(node) if one.person == person)

    def approve(self, node: str, person: int = 1) -> list[events.Command]:
        return self.send(events.Decide(self.item(node, person).id, person))

    def reject(self, node: str, to: str | None = None, person: int = 1) -> list[events.Command]:
        return self.send(events.Decide(self.item(node, person).id, person, False, to))

    def where(self) -> list[str]:
        """Nodes at which tokens stand, in order."""
        return sorted(self.name(one.node) for one in self.state.tokens.values())


def structured(rng: Random, size: int) -> str:
    """A sound process at random, from sequences, choices, parallel and inclusive branches and circles within each other."""
    count = dict.fromkeys("uvxpo", 0)

    def fresh(letter: str) -> str:
        count[letter] += 1
        return f"{letter}{count[letter]}"

    edges: list[str] = []

    def block(entry: str, budget: int) -> str:
        """Draw a block behind ``entry``; its last node."""
        form = rng.choice("tttsxpol") if budget > 1 else "t"
        if form == "t":
            node = fresh(rng.choice("uuuv"))
            edges.append(f"{entry}>{node}")
            return node
        if form == "s":
            return block(block(entry, budget // 2), budget // 2)
        if form == "l":  # a merge, a block, a choice back
            merge = fresh("x")
            edges.append(f"{entry}>{merge}")
            body = fresh("u")
            edges.append(f"{merge}>{body}")
            last = block(body, budget // 2)
            choice, after = fresh("x"), fresh("u")
            edges.extend([f"{last}>{choice}", f"{choice}>{after}", f"{choice}>{merge}"])
            return after
        split, join = fresh(form), fresh(form)
        edges.append(f"{entry}>{split}")
        for _ in range(rng.randint(2, 3)):
            edges.append(f"{block(split, budget // 2)}>{join}")
        return join

    last = block("s", size)
    edges.append(f"{last}>e")
    return " ".join(edges)
