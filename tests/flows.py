"""Processes for tests: drawn in a line of text, played without a database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from random import Random

from heli.flows.core import bpmn, events, soundness
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


def crossed(rng: Random, size: int) -> str | None:
    """A process at random that is not made of blocks within each other: of one that is, some flows lead elsewhere, gateways are of another
    kind, branches end on their own. None where what came of it can not always end."""
    edges = structured(rng, size).split()
    for number in range(rng.randint(1, 4)):
        nodes = sorted({one for edge in edges for one in edge.split(">")} - {"s"})
        place = rng.randrange(len(edges))
        source, target = edges[place].split(">")
        what = rng.choice(("kind", "end", "choice", "target", "target"))
        if what == "kind":
            old, new = rng.choice([one for one in nodes if one[0] in "xpo"] or ["-"]), f"{rng.choice('xpo')}9{number}"
            edges = [">".join(new if one == old else one for one in edge.split(">")) for edge in edges]
        elif what == "end":
            edges[place] = f"{source}>e{number}"
        elif what == "choice":
            split = f"{rng.choice('xxo')}8{number}"
            edges[place] = f"{source}>{split}"
            edges += [f"{split}>{target}", f"{split}>{rng.choice(nodes)}"]
        else:
            edges[place] = f"{source}>{rng.choice(nodes)}"
    if len(set(edges)) < len(edges) or any(len(set(edge.split(">"))) == 1 for edge in edges):
        return None
    found = bpmn.read(drawn(" ".join(edges))).definition
    return " ".join(edges) if found is not None and not soundness.check(found) else None


class Nested:
    """A sound process at random with everything that is executed: sub-processes within each other, events on them and between, calls,
    tables, errors, branches that end on their own."""

    def __init__(self, rng: Random, size: int, **how: str) -> None:
        self.rng = rng
        self.task = TASK.format(mode="any", moves=ALL_MOVES, **{"siblings": "kept", "resubmit": "walk"} | how)
        self._count = 0
        body: list[str] = []
        last = self._block(body, self._node(body, "startEvent", "s"), size)
        self._flow(body, last, self._node(body, "endEvent", "e"))
        self.source = (
            '<?xml version="1.0" encoding="UTF-8"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
            f'xmlns:heli="urn:heli:flow"><process id="p" name="P">{"".join(body)}</process></definitions>'
        ).encode()

    def _node(self, into: list[str], what: str, letter: str, inside: str = "", more: str = "") -> str:
        self._count += 1
        code = f"{letter}{self._count}"
        into.append(f'<{what} id="{code}"{more}>{inside}</{what}>')
        return code

    def _flow(self, into: list[str], source: str, target: str, condition: str = "") -> str:
        self._count += 1
        inside = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        into.append(
            f'<sequenceFlow id="f{self._count}" sourceRef="{source}" targetRef="{target}">{inside}</sequenceFlow>'
        )
        return f"f{self._count}"

    def _split(self, into: list[str], what: str, entry: str, ways: int, end: Callable[[str, int], None]) -> None:
        """A gateway with so many ways, of which the first is the default, each drawn to its end by ``end``."""
        self._count += 1
        code, place = f"g{self._count}", len(into)
        self._flow(into, entry, code)
        default = ""
        for way in range(ways):
            first = (
                self._node(into, "userTask", "u", self.task)
                if self.rng.random() < 0.7
                else self._node(into, "serviceTask", "v")
            )
            condition = f"way{self._count}" if way and what != "parallelGateway" else ""
            flow = self._flow(into, code, first, condition)
            default = default or flow
            end(first, way)
        said = f' default="{default}"' if what != "parallelGateway" else ""
        into.insert(place, f'<{what} id="{code}"{said}/>')

    def _block(self, into: list[str], entry: str, budget: int, deep: int = 0) -> str:
        """Draw a block behind ``entry``; its last node."""
        rng = self.rng
        form = rng.choice("ttqxpolsssbgcmrw" if deep < 3 else "ttqxpolgcmrw") if budget > 1 else rng.choice("ttvcmrw")
        plain = {
            "t": ("userTask", self.task), "v": ("serviceTask", ""), "c": ("callActivity", ""), "r": ("businessRuleTask", TABLE),
            "m": ("intermediateCatchEvent", HEARS), "w": ("intermediateThrowEvent", SAYS),
        }  # fmt: skip
        if form in plain:
            what, inside = plain[form]
            node = self._node(into, what, form, inside, ' calledElement="other"' if form == "c" else "")
            self._flow(into, entry, node)
            return node
        if form == "q":
            return self._block(into, self._block(into, entry, budget // 2, deep), budget // 2, deep)
        if form == "l":
            return self._circle(into, entry, budget, deep)
        if form == "g":
            return self._first_of(into, entry, budget, deep)
        if form in "sb":
            return self._sub(into, entry, budget, deep, leaves=form == "b")
        what = {"x": "exclusiveGateway", "p": "parallelGateway", "o": "inclusiveGateway"}[form]
        join = self._node(into, what, "j")
        self._split(
            into,
            what,
            entry,
            rng.randint(2, 3),
            lambda first, _: void(self._flow(into, self._block(into, first, budget // 2, deep), join)),
        )
        return join

    def _circle(self, into: list[str], entry: str, budget: int, deep: int) -> str:
        merge = self._node(into, "exclusiveGateway", "x")
        self._flow(into, entry, merge)
        body = self._node(into, "userTask", "u", self.task)
        self._flow(into, merge, body)
        last = self._block(into, body, budget // 2, deep)
        self._count += 1
        choice, place = f"x{self._count}", len(into)
        self._flow(into, last, choice)
        after = self._node(into, "userTask", "u", self.task)
        default = self._flow(into, choice, after)
        self._flow(into, choice, merge, f"again{self._count}")
        into.insert(place, f'<exclusiveGateway id="{choice}" default="{default}"/>')
        return after

    def _first_of(self, into: list[str], entry: str, budget: int, deep: int) -> str:
        gate, merge = self._node(into, "eventBasedGateway", "g"), self._node(into, "exclusiveGateway", "x")
        self._flow(into, entry, gate)
        for inside in (HEARS, TIMED):
            event = self._node(into, "intermediateCatchEvent", "m", inside)
            self._flow(into, gate, event)
            self._flow(into, self._block(into, event, budget // 3, deep), merge)
        return merge

    def _sub(self, into: list[str], entry: str, budget: int, deep: int, *, leaves: bool) -> str:
        """A sub-process; ``leaves``: it may be left by an event on it, and by an error in it."""
        rng, body = self.rng, []  # type: tuple[Random, list[str]]
        first = self._node(body, "startEvent", "s")
        if rng.random() < 0.5:  # branches that end on their own, or at one end
            kinds = ("", "<terminateEventDefinition/>") if rng.random() < 0.3 else ("",)
            shared = self._node(body, "endEvent", "e") if rng.random() < 0.3 else ""

            def branch(one: str, way: int) -> None:
                last = self._block(body, one, budget // 2, deep + 1)
                self._flow(body, last, shared or self._node(body, "endEvent", "e", kinds[way % len(kinds)]))

            self._split(body, "parallelGateway", first, 2, branch)
        elif leaves:
            ends = ("", '<errorEventDefinition errorRef="bad"/>')
            self._split(
                body, "exclusiveGateway", first, 2, lambda one, way: void(self._flow(body, one, self._node(body, "endEvent", "e", ends[way])))
            )  # fmt: skip
        else:
            self._flow(body, self._block(body, first, budget // 2, deep + 1), self._node(body, "endEvent", "e"))
        sub = self._node(into, "subProcess", "sub", "".join(body))
        self._flow(into, entry, sub)
        if not leaves:
            return sub
        merge = self._node(into, "exclusiveGateway", "x")
        self._flow(into, sub, merge)
        for inside in ("<errorEventDefinition/>", rng.choice((TIMED, HEARS))):
            event = self._node(into, "boundaryEvent", "b", inside, f' attachedToRef="{sub}"')
            self._flow(into, self._block(into, event, budget // 3, deep), merge)
        return merge


def void(_: object) -> None:
    """Forget what comes of it."""


HEARS = '<messageEventDefinition messageRef="word"/>'
TIMED = "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>"
SAYS = '<signalEventDefinition signalRef="done"/>'
TABLE = (
    '<extensionElements><heli:decision hit="F"><heli:output name="level"/><heli:rule><heli:then>1</heli:then></heli:rule></heli:decision>'
    "</extensionElements>"
)
