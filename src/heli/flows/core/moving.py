"""How tokens move: into nodes, through gateways, on by the flows that are taken; and how what they wait for begins and ends."""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType

from heli.flows.core import events as e
from heli.flows.core.definition import Definition, Kind
from heli.flows.core.expression import ExpressionError, Look, Value
from heli.flows.core.graph import Graph
from heli.flows.core.state import Ended, Item, ItemState, Outcome, Passed, State, Token
from heli.flows.core.stops import Stop
from heli.kernel.errors import NotFound
from heli.kernel.words import Words

MOST_MOVES = 10_000
"""Moves of one step, before it is taken for a circle without an end."""
LIVE = (ItemState.OPEN, ItemState.WAITING)
NOTHING: Mapping[str, Value] = MappingProxyType({})


class Halt(Exception):
    """A token cannot go on; it stands still with an incident."""

    def __init__(self, code: str, said: Words | None = None) -> None:
        super().__init__(code)
        self.code, self.said = code, said


class Moving(ABC):
    """One step over a state."""

    __slots__ = ("commands", "definition", "graph", "look", "noted", "queue", "state", "stops", "today")

    def __init__(self, graph: Graph, stops: tuple[Stop, ...], state: State, look: Look, today: dt.date) -> None:
        self.definition: Definition = graph.definition
        self.graph, self.stops = graph, stops
        self.state, self.look, self.today = state, look, today
        self.commands: list[e.Command] = []
        self.queue: list[Token] = []
        """Tokens that have just arrived at a node."""
        self.noted: Mapping[str, Value] = NOTHING
        """What this step has noted in the case's data, by its name in conditions."""

    def _look(self, name: str) -> Value:
        return self.noted[name] if name in self.noted else self.look(name)

    def _run(self) -> None:
        """Move every token that can move, then end when none is left."""
        state, queue, moves = self.state, self.queue, 0
        while queue:
            token = queue.pop(0)
            if token.id not in state.tokens:
                continue
            moves += 1
            try:
                if moves > MOST_MOVES:
                    raise Halt("endless")
                self._enter(token)
            except Halt as halt:
                self._halt(token, halt.code, halt.said)
            if not queue and self.graph.joins:
                self._joins()
        if state.scopes:
            self._sweep()
        if not state.tokens and state.ended is None:
            self._finish(Ended.COMPLETED)

    def _arrive(self, node: int, via: int) -> None:
        state = self.state
        for place in self.stops[node].chain:
            if place not in state.scopes:
                self._open(place)
        number = state.fresh()
        token = state.tokens[number] = Token(number, node, via)
        self.queue.append(token)

    def _enter(self, token: Token) -> None:
        """What a node does with a token that comes to it."""
        state, place = self.state, token.node
        node = self.definition.nodes[place]
        kind = node.kind
        if self.stops[place].works:
            if (place in state.passed or kind is Kind.EVENTS) and self._stands(token):
                return
            token.round = state.rounds[place] = state.rounds.get(place, 0) + 1
            self._begin(token)
            return
        if kind is Kind.PARALLEL:
            if len(node.incoming) > 1:
                arrived = {one.via for one in state.at(place)}
                if len(arrived) < len(node.incoming):
                    return
                self._merge(token)
            self._leave(token)
        elif kind is Kind.INCLUSIVE:
            if len(node.incoming) > 1:
                return  # whether others can still come is seen when nothing else moves: _joins
            self._leave(token)
        elif kind is Kind.LEAVE:
            return  # whether something is left inside is seen when nothing else moves: _joins
        elif kind is Kind.END:
            self._say(token)
            self._leave(token)
        elif kind is Kind.TERMINATE:
            self._terminate(token)
        elif kind is Kind.ERROR:
            self._fail(token, node.throws.name if node.throws is not None else "")
        elif kind is Kind.THROW:
            if not self._stands(token):
                token.round = state.rounds[place] = state.rounds.get(place, 0) + 1
                self._say(token)
                self._passed(token, (), "thrown")
        else:
            if kind is Kind.RULE:
                self._rule(token)
            elif kind is Kind.ENTER:
                self._ready(place)
            self._leave(token)

    def _stands(self, token: Token) -> bool:
        """Whether this has been decided, before work went back beside it, and is not asked again: then it goes on."""
        state = self.state
        passed = state.passed.get(token.node)
        if passed is not None and passed.stands:
            passed.stands = False
            self._leave(token)
            return True
        node = self.definition.nodes[token.node]
        if node.kind is not Kind.EVENTS:
            return False
        for number in node.outgoing:  # what has come already is not waited for again
            target = self.definition.flows[number].target
            passed = state.passed.get(target)
            if passed is not None and passed.stands:
                del state.tokens[token.id]
                self._arrive(target, number)
                return True
        return False

    @abstractmethod
    def _begin(self, token: Token) -> None:
        """Begin what is waited for at a node, and what stands on it."""

    @abstractmethod
    def _ready(self, place: int) -> None:
        """Raises Halt where what stands on a sub-process cannot be waited for."""

    @abstractmethod
    def _open(self, place: int) -> None:
        """Work goes into a sub-process."""

    @abstractmethod
    def _shut(self, place: int) -> None:
        """Nothing is left in a sub-process: nothing that stands on it is waited for any more."""

    @abstractmethod
    def _say(self, token: Token) -> None:
        """Throw what a node throws. Raises Halt."""

    @abstractmethod
    def _rule(self, token: Token) -> None:
        """Decide by a node's table. Raises Halt."""

    @abstractmethod
    def _fail(self, token: Token, code: str) -> None:
        """An error: it is caught by what the token stands on or in, or ends the case."""

    def _terminate(self, token: Token) -> None:
        """End everything in the sub-process, or the case."""
        chain = self.graph.chains[token.node]
        if not chain:
            self._finish(Ended.COMPLETED)
            return
        for other in self._inside(chain[-1]):
            if other.id != token.id:
                self._drop(other)
        self._leave(token)

    def _inside(self, place: int) -> list[Token]:
        """What is in a sub-process."""
        return [one for one in self.state.tokens.values() if place in self.graph.chains[one.node]]

    def _merge(self, token: Token) -> None:
        """Of the tokens at a join keep this one; one of each way in, the others stay for its next round."""
        taken = {token.via}
        every = self.definition.nodes[token.node].kind is Kind.LEAVE
        for other in list(self.state.at(token.node)):
            if other.id != token.id and (every or other.via not in taken):
                taken.add(other.via)
                del self.state.tokens[other.id]

    def _joins(self) -> None:
        """Let gateways go on to which nothing else can come, and sub-processes in which nothing is left."""
        nodes = self.definition.nodes
        waiting = [
            t
            for t in self.state.tokens.values()
            if nodes[t.node].kind is Kind.LEAVE
            or (nodes[t.node].kind is Kind.INCLUSIVE and len(nodes[t.node].incoming) > 1)
        ]
        for token in waiting:
            if token.id not in self.state.tokens or token.id in self.state.halted or self._may_come(token.node):
                continue
            self._merge(token)
            try:
                if nodes[token.node].kind is Kind.LEAVE:
                    place = nodes[token.node].other
                    self._shut(place)
                    self.commands.append(e.Done(place, self.state.rounds.get(place, 1), (), "done"))
                self._leave(token)
            except Halt as halt:
                self._halt(token, halt.code, halt.said)
            return

    def _may_come(self, join: int) -> bool:
        """Whether a token elsewhere can still reach a way into this join that is empty."""
        definition = self.definition
        if definition.nodes[join].kind is Kind.LEAVE:
            return any(t.node != join for t in self._inside(definition.nodes[join].other))
        arrived = {t.via for t in self.state.at(join)}
        empty = {definition.flows[f].source for f in definition.nodes[join].incoming if f not in arrived}
        behind, level = self.graph.behind, self.stops[join].chain
        others = [self._seen_from(level, t.node) for t in self.state.tokens.values() if t.node != join]
        return any(not empty.isdisjoint(behind[one]) for one in others)

    def _seen_from(self, level: tuple[int, ...], place: int) -> int:
        """Where a token is as a join sees it: in a sub-process beside the join at that sub-process, which is left by errors and by the
        events on it as well."""
        chain, deep = self.stops[place].chain, len(level)
        return chain[deep] if len(chain) > deep and chain[:deep] == level else place

    def _leave(self, token: Token) -> None:
        """Go on from a node by the flows that it takes. Raises Halt where none can be."""
        state, taken = self.state, self.stops[token.node].taken
        if taken is None:
            flows = self.definition.flows
            taken = tuple((number, flows[number].target) for number in self._ways(token.node))
        del state.tokens[token.id]
        if state.halted:
            state.halted.pop(token.id, None)
        for number, target in taken:
            self._arrive(target, number)

    def _ways(self, place: int) -> list[int]:
        """Flows that are taken where conditions decide: of an exclusive gateway the first that holds, of others all that do, else the
        default."""
        definition = self.definition
        node = definition.nodes[place]
        if node.kind is Kind.PARALLEL:
            return list(node.outgoing)
        taken: list[int] = []
        for number in node.outgoing:
            if number != node.default and (definition.flows[number].condition is None or self._holds(number)):
                taken.append(number)
                if node.kind is Kind.EXCLUSIVE:
                    break
        if not taken and node.default is not None:
            return [node.default]
        if not taken and node.outgoing:
            raise Halt("no_way")
        return taken

    def _holds(self, number: int) -> bool:
        flow = self.definition.flows[number]
        assert flow.condition is not None
        try:
            return flow.condition.holds(self._look, self.today)
        except ExpressionError as error:
            raise Halt("condition", Words(f"{flow.id}：{error.words.zh}", f"{flow.id}: {error.words.en}")) from error

    def _token(self, number: int) -> Token:
        found = self.state.tokens.get(number)
        if found is None:
            raise NotFound
        return found

    # -- ends ----------------------------------------------------------------------------------------------------------

    def _passed(self, token: Token, people: tuple[int, ...], outcome: str, said: Words | None = None) -> None:
        """A node is done: note it, and go on."""
        state = self.state
        state.clock += 1
        state.passed[token.node] = Passed(state.clock, people, state.next)
        self.commands.append(e.Done(token.node, token.round, people, outcome, said))
        self._rest(token)
        try:
            self._leave(token)
        except Halt as halt:  # it stands behind the node, whose work is done
            self._halt(token, halt.code, halt.said)

    def _rest(self, token: Token) -> None:
        """End what a token waits for: people's work, jobs, timers."""
        state = self.state
        if state.groups:
            self._release(token)
        if state.calls:
            state.calls.pop(token.id, None)
        if state.timers:
            self._untime(token.id)

    def _release(self, token: Token) -> None:
        """End people's work at a token."""
        group = self.state.groups.pop(token.id, None)
        if group is not None:
            items = self.state.items
            for number in group.items:
                item = items.pop(number)
                if item.state in LIVE:
                    self._close(item, ItemState.CLOSED)

    def _untime(self, number: int) -> None:
        for key in [one for one in self.state.timers if one[0] == number]:
            del self.state.timers[key]
            self.commands.append(e.Untimed(*key))

    def _close(self, item: Item, state: ItemState, outcome: Outcome | None = None) -> None:
        was = item.state
        item.state, item.outcome = state, outcome
        if was is ItemState.OPEN:
            self.commands.append(e.Closed(item.id, item.person, self.state.tokens[item.token].node, outcome))

    def _drop(self, token: Token) -> None:
        """A token and all that it waits for is no more."""
        node = self.definition.nodes[token.node]
        self._rest(token)
        if node.kind in (Kind.SERVICE, Kind.SEND, Kind.CALL):
            self.commands.append(e.Dropped(token.id, token.node, token.round))
        self.state.halted.pop(token.id, None)
        passed = self.state.passed.get(token.node)
        if passed is not None and passed.back is not None:
            del self.state.passed[token.node]
        del self.state.tokens[token.id]

    def _halt(self, token: Token, code: str, said: Words | None = None) -> None:
        self.state.halted[token.id] = code
        self.commands.append(e.Incident(token.id, token.node, code, said))

    def _sweep(self) -> None:
        """Shut sub-processes in which nothing is left."""
        for place in [one for one in self.state.scopes if not self._inside(one)]:
            self._shut(place)

    def _finish(self, how: Ended, code: str = "", said: Words | None = None) -> None:
        arriving = {one.id for one in self.queue}
        under_way = [one.node for one in self.state.tokens.values() if one.id not in arriving]
        self.state.left = tuple(dict.fromkeys(one for one in under_way if self.stops[one].works))
        for token in list(self.state.tokens.values()):
            self._drop(token)
        self._sweep()
        self.queue.clear()
        self.state.ended = how
        self.commands.append(e.Finished(how, code, said))
