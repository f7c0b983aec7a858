"""A running case taken over to another version of its process: where everything that stands somewhere stands then, or why it cannot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from heli.flows.core.definition import WORKS, Definition, Kind
from heli.flows.core.graph import Graph
from heli.flows.core.soundness import goes_on
from heli.flows.core.state import State
from heli.kernel.words import Words

GONE = Words(
    "新版本里没有「{node}」，需要指定由哪个节点接替",
    "“{node}” is not in the other version: say which node takes its place",
)
CHANGED = Words("「{node}」在新版本里不是同一种节点", "“{node}” is another kind of node in the other version")
JOIN = Words(
    "新版本里没有通向「{node}」的同一条连线", "the flow by which “{node}” was reached is not in the other version"
)
STUCK = Words(
    "按新版本，现在的位置走不到结束，或有节点会同时做两次",
    "from where it stands, the other version leads to no end or does a node twice at once",
)
WIDE = Words(
    "新版本分支太多，查不完这个位置能否走完",
    "the other version has too many branches to check whether it can end from here",
)
PART = Words("新版本里没有它所属的「{node}」", "“{node}”, of which it does one, is not in the other version")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a case cannot be taken over: ``mapping`` where saying what takes a node's place helps."""

    node: str
    words: Words
    mapping: bool = False
    called: Words | None = None
    kind: Kind | None = None
    """What the node is called, and of which kind what takes its place has to be."""


@dataclass(slots=True)
class Moved:
    """A case as it stands in the other version. ``nodes``: places before -> after; ``new``: events on what it stands at that were not there
    before, as (token, event, round)."""

    state: State
    nodes: dict[int, int]
    reasons: list[Reason] = field(default_factory=list)
    new: list[tuple[int, int, int]] = field(default_factory=list)


class _Over:
    """Goes over one state."""

    def __init__(self, state: State, old: Definition, new: Definition, mapping: Mapping[str, str]) -> None:
        self._state, self._old, self._new = state, old, new
        self._mapping = mapping
        self._flows = {one.id: number for number, one in enumerate(new.flows)}
        self.reasons: list[Reason] = []

    def node(self, place: int) -> int | None:
        """The place of a node in the other version; None where it has none, or is of another kind."""
        one = self._old.nodes[place]
        found = self._new.places.get(one.id)
        if found is None:
            found = self._new.places.get(self._mapping.get(one.id, ""))
        return found if found is not None and self._new.nodes[found].kind is one.kind else None

    def must(self, place: int) -> int | None:
        """The same for a node at which something stands: where there is none, the reason is noted."""
        found = self.node(place)
        if found is None:
            one = self._old.nodes[place]
            there = one.id in self._new.places or one.id in self._mapping
            words = (CHANGED if there else GONE).fill(node=one.words)
            self.reasons.append(Reason(one.id, words, not there and one.kind in WORKS, one.words, one.kind))
        return found

    def via(self, flow: int, node: int, place: int) -> int | None:
        """The flow by which a token has come to ``place``; None where it cannot be said, which matters at joins only."""
        if flow < 0:
            return -1
        one = self._old.flows[flow]
        found = self._flows.get(one.id)
        if found is not None and self._new.flows[found].target == place:
            return found
        source = self.node(one.source)
        for number in self._new.nodes[place].incoming:
            if source is not None and self._new.flows[number].source == source:
                return number
        if self._new.nodes[place].kind in (Kind.PARALLEL, Kind.INCLUSIVE) and len(self._new.nodes[place].incoming) > 1:
            self.reasons.append(Reason(self._old.nodes[node].id, JOIN.fill(node=self._old.nodes[node].words)))
            return None
        return next(iter(self._new.nodes[place].incoming), -1)


def over(state: State, old: Definition, new: Definition, mapping: Mapping[str, str], part: str = "") -> Moved:
    """A running case in another version. ``mapping`` says what takes the place of nodes that are not in it; nodes that are there stay
    themselves. Where there are ``reasons`` it cannot be."""
    over_ = _Over(state, old, new, mapping)
    made, nodes, new_ = state.copy(), dict[int, int](), list[tuple[int, int, int]]()
    for place in range(len(old.nodes)):
        found = over_.node(place)
        if found is not None:
            nodes[place] = found
    if part and over_.node(old.places[part]) is None:
        words = old.nodes[old.places[part]].words
        return Moved(made, nodes, [Reason(part, PART.fill(node=words))])
    for token in made.tokens.values():
        here = over_.must(token.node)
        if here is None:
            continue
        via = over_.via(token.via, token.node, here)
        token.node, token.via = here, -1 if via is None else via
    if over_.reasons:
        return Moved(made, nodes, over_.reasons)
    root = new.places[part] if part else -1
    fine = goes_on(new, [(one.node, one.via) for one in made.tokens.values()], root)
    if not fine:
        return Moved(made, nodes, [Reason("", WIDE if fine is None else STUCK)])
    made.passed = {nodes[place]: replace(one) for place, one in state.passed.items() if place in nodes}
    made.rounds = {nodes[place]: one for place, one in state.rounds.items() if place in nodes}
    _scopes(made, new, {nodes[place]: one for place, one in state.scopes.items() if place in nodes})
    _events(state, made, new, nodes, new_)
    return Moved(made, nodes, [], new_)


def _scopes(made: State, new: Definition, before: Mapping[int, int]) -> None:
    """Sub-processes in which work is: those that it was in keep their numbers."""
    chains = Graph(new).chains
    held = dict.fromkeys(place for token in made.tokens.values() for place in chains[token.node])
    made.scopes = {}
    for place in held:
        made.scopes[place] = before[place] if place in before else made.fresh()
        made.rounds.setdefault(place, 1)


def _events(
    state: State, made: State, new: Definition, nodes: Mapping[int, int], fresh: list[tuple[int, int, int]]
) -> None:
    """What is waited for: what stays is waited for as before, what is new from now on."""
    wanted: dict[tuple[int, int], int] = {}
    for token in made.tokens.values():
        node = new.nodes[token.node]
        places = list(node.boundaries)
        if node.kind is Kind.EVENTS:
            places += [new.flows[number].target for number in node.outgoing]
        elif node.timer is not None or node.hears is not None:
            places.append(token.node)
        wanted |= {(token.id, place): token.round for place in places}
    for place, number in made.scopes.items():
        wanted |= {(number, boundary): made.rounds[place] for boundary in new.nodes[place].boundaries}
    before = {(number, nodes[place]): round_ for (number, place), round_ in state.timers.items() if place in nodes}
    fired = {
        (number, nodes[boundary]) for number, place in _hosts(state) for boundary in nodes if nodes[boundary] >= 0
        if _on(new, nodes[boundary], nodes.get(place)) and (number, boundary) not in state.timers
    }  # fmt: skip
    made.timers = {}
    for key, round_ in wanted.items():
        hears = new.nodes[key[1]].hears
        if key in before:
            made.timers[key] = before[key]
        elif (hears is None or hears.kind != "error") and key not in fired:
            fresh.append((*key, round_))


def _hosts(state: State) -> list[tuple[int, int]]:
    return [
        *((one.id, one.node) for one in state.tokens.values()),
        *((number, place) for place, number in state.scopes.items()),
    ]


def _on(new: Definition, event: int, host: int | None) -> bool:
    """Whether an event stands on this node."""
    return host is not None and new.nodes[event].host == host
