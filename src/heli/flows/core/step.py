"""One event, one step: the state moves on as far as it can without the world, and says what it needs of it.

Nothing here looks anything up but the values that conditions name; the same state and event always come to the same.
"""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from heli.flows.core import events as e
from heli.flows.core.definition import Definition, Kind, Mode, Move
from heli.flows.core.expression import ExpressionError, Look
from heli.flows.core.graph import Graph
from heli.flows.core.state import Ended, Group, Item, ItemState, Outcome, Passed, State, Token
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words

MOST_MOVES = 10_000
"""Moves of one step, before it is taken for a circle without an end."""
LIVE = (ItemState.OPEN, ItemState.WAITING)


class _Halt(Exception):
    """A token cannot go on; it stands still with an incident."""

    def __init__(self, code: str, said: str = "") -> None:
        super().__init__(code)
        self.code, self.said = code, said


@dataclass(frozen=True)
class Engine:
    """A definition ready to run."""

    definition: Definition

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.definition)

    def step(self, state: State, event: e.Event, look: Look, today: dt.date) -> list[e.Command]:
        """Apply one event to ``state``, in place; what is to be done about it.

        ``look`` gives the values that conditions name. Raises NotFound where the event's item or token is not there, Refused
        where this person or node does not allow it, Conflict where it comes too late; the state is then to be thrown away.
        """
        run = _Step(self, state, look, today)
        run.apply(event)
        state.version += 1
        return run.commands

    def start(self, initiator: int, look: Look, today: dt.date) -> tuple[State, list[e.Command]]:
        """A new instance."""
        state = State(initiator)
        return state, self.step(state, e.Start(), look, today)

    def targets(self, state: State, item: int) -> list[int]:
        """Nodes to which this work may be sent back now, nearest first."""
        token = state.tokens[state.items[item].token]
        return [one for one in self.graph.earlier(token.node) if one in state.passed]


@dataclass(slots=True)
class _Step:
    engine: Engine
    state: State
    look: Look
    today: dt.date
    commands: list[e.Command] = field(default_factory=list)
    queue: deque[int] = field(default_factory=deque)
    """Tokens that have just arrived at a node."""

    # -- events --------------------------------------------------------------------------------------------------------

    def apply(self, event: e.Event) -> None:
        if self.state.ended is not None and not isinstance(event, e.JobDone | e.JobFailed | e.Due):
            raise Conflict(Words("流程已经结束", "the process has ended"), code="ended")
        match event:
            case e.Start():
                self._arrive(self.engine.definition.start, -1)
            case e.Assigned():
                self._assigned(event)
            case e.Decide():
                self._decide(event)
            case e.Claim():
                self._claim(event)
            case e.Transfer():
                self._transfer(event)
            case e.Delegate():
                self._delegate(event)
            case e.AddSigner():
                self._add(event)
            case e.RemoveSigner():
                self._remove(event)
            case e.TakeBack():
                self._take_back(event)
            case e.Withdraw():
                self._withdraw(event)
            case e.JobDone():
                self._job_done(event)
            case e.JobFailed():
                if (token := self._current(event.token, event.round)) is not None:
                    self._halt(token, event.code)
            case e.Retry():
                self._retry(event)
            case e.Due():
                self._due(event)
        self._run()

    def _run(self) -> None:
        """Move every token that can move, then end when none is left."""
        moves = 0
        while self.queue:
            token = self.state.tokens.get(self.queue.popleft())
            if token is None:
                continue
            moves += 1
            try:
                if moves > MOST_MOVES:
                    raise _Halt("endless")
                self._enter(token)
            except _Halt as halt:
                self._halt(token, halt.code, halt.said)
            if not self.queue:
                self._joins()
        if not self.state.tokens and self.state.ended is None:
            self._finish(Ended.COMPLETED)

    # -- moving --------------------------------------------------------------------------------------------------------

    def _arrive(self, node: int, via: int) -> None:
        token = Token(self.state.fresh(), node, via)
        self.state.tokens[token.id] = token
        self.queue.append(token.id)

    def _enter(self, token: Token) -> None:
        """What a node does with a token that comes to it."""
        node = self.engine.definition.nodes[token.node]
        kind = node.kind
        if kind in (Kind.USER, Kind.SERVICE, Kind.SEND, Kind.TIMER):
            passed = self.state.passed.get(token.node)
            if (
                passed is not None and passed.stands
            ):  # decided before work went back beside it, and not to be asked again
                passed.stands = False
                self._leave(token)
                return
            token.round = self.state.rounds.get(token.node, 0) + 1
            self.state.rounds[token.node] = token.round
            self._begin(token)
        elif kind is Kind.PARALLEL:
            if len(node.incoming) > 1:
                arrived = {one.via for one in self.state.at(token.node)}
                if len(arrived) < len(node.incoming):
                    return
                self._merge(token)
            self._leave(token)
        elif kind is Kind.INCLUSIVE:
            if len(node.incoming) > 1:
                return  # whether others can still come is seen when nothing else moves: _joins
            self._leave(token)
        elif kind is Kind.END:
            del self.state.tokens[token.id]
        elif kind is Kind.TERMINATE:
            self._finish(Ended.COMPLETED)
        else:
            self._leave(token)

    def _begin(self, token: Token) -> None:
        """Begin what is waited for, and the timers on it."""
        node = self.engine.definition.nodes[token.node]
        if node.kind is Kind.USER:
            self.commands.append(e.Find(token.id, token.node))
        elif node.kind is Kind.TIMER:
            self.state.timers[(token.id, token.node)] = token.round
            self.commands.append(e.Timed(token.id, token.node, token.round))
        else:
            self.commands.append(e.Job(token.id, token.node, token.round))
        for boundary in node.boundaries:
            self.state.timers[(token.id, boundary)] = token.round
            self.commands.append(e.Timed(token.id, boundary, token.round))

    def _merge(self, token: Token) -> None:
        """Of the tokens at a join keep this one; one of each way in, the others stay for its next round."""
        taken = {token.via}
        for other in list(self.state.at(token.node)):
            if other.id != token.id and other.via not in taken:
                taken.add(other.via)
                del self.state.tokens[other.id]

    def _joins(self) -> None:
        """Let inclusive gateways go on to which nothing else can come."""
        nodes = self.engine.definition.nodes
        waiting = [
            t
            for t in self.state.tokens.values()
            if nodes[t.node].kind is Kind.INCLUSIVE and len(nodes[t.node].incoming) > 1
        ]
        for token in waiting:
            if token.id not in self.state.tokens or self._may_come(token.node):
                continue
            self._merge(token)
            try:
                self._leave(token)
            except _Halt as halt:
                self._halt(token, halt.code, halt.said)
            return

    def _may_come(self, join: int) -> bool:
        """Whether a token elsewhere can still reach a way into this join that is empty."""
        definition = self.engine.definition
        arrived = {t.via for t in self.state.at(join)}
        empty = {definition.flows[f].source for f in definition.nodes[join].incoming if f not in arrived}
        behind = self.engine.graph.behind
        return any(t.node != join and not empty.isdisjoint(behind[t.node]) for t in self.state.tokens.values())

    def _leave(self, token: Token) -> None:
        """Go on from a node by the flows that it takes. Raises _Halt where none can be."""
        taken = self._ways(token.node)
        del self.state.tokens[token.id]
        self.state.halted.pop(token.id, None)
        for number in taken:
            self._arrive(self.engine.definition.flows[number].target, number)

    def _ways(self, place: int) -> list[int]:
        """Flows that are taken from a node: of an exclusive gateway the first that holds, of others all that do, else the default."""
        definition = self.engine.definition
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
            raise _Halt("no_way")
        return taken

    def _holds(self, number: int) -> bool:
        flow = self.engine.definition.flows[number]
        assert flow.condition is not None
        try:
            return flow.condition.holds(self.look, self.today)
        except ExpressionError as error:
            raise _Halt("condition", f"{flow.id}: {error.words.en}") from error

    # -- people --------------------------------------------------------------------------------------------------------

    def _assigned(self, event: e.Assigned) -> None:
        token = self._token(event.token)
        node = self.engine.definition.nodes[token.node]
        task = node.task
        if task is None or token.id in self.state.groups:
            raise Conflict(Words("这个节点已经有人处理", "this node has its people already"), code="assigned")
        people = list(dict.fromkeys(event.people))
        if task.same == "dedupe":
            earlier = self._have_decided(token.node)
            people = [one for one in people if one not in earlier]
        if not people:
            if event.people or task.empty == "skip":  # all of them have decided before, or nobody is needed
                self._passed(token, (), "skipped")
                return
            self._halt(token, "nobody")
            return
        self.state.halted.pop(token.id, None)
        group = Group(token.id, task.mode, task.share)
        self.state.groups[token.id] = group
        before: int | None = None
        for person in people:
            waits = task.mode is Mode.SEQUENCE and before is not None
            before = self._item(group, person, after=before if waits else None)

    def _have_decided(self, node: int) -> set[int]:
        """Who has decided a node before this one, in the present round."""
        graph = self.engine.graph
        return {
            one
            for p, passed in self.state.passed.items()
            if p != node and node in graph.behind[p]
            for one in passed.people
        }

    def _item(
        self, group: Group, person: int, *, after: int | None = None, opinion: bool = False, added_by: int | None = None
    ) -> int:
        state = ItemState.OPEN if after is None else ItemState.WAITING
        item = Item(self.state.fresh(), group.token, person, state, after=after, opinion=opinion, added_by=added_by)
        self.state.items[item.id] = item
        group.items.append(item.id)
        if state is ItemState.OPEN:
            self._opened(item)
        return item.id

    def _opened(self, item: Item) -> None:
        item.state = ItemState.OPEN
        self.commands.append(e.Opened(item.id, item.person, self.state.tokens[item.token].node))

    def _close(self, item: Item, state: ItemState, outcome: Outcome | None = None) -> None:
        was = item.state
        item.state, item.outcome = state, outcome
        if was is ItemState.OPEN:
            self.commands.append(e.Closed(item.id, item.person, self.state.tokens[item.token].node, outcome))

    def _mine(self, number: int, by: int, move: Move | None = None) -> Item:
        """Somebody's open work. Raises NotFound for others' and what is not there, Conflict for what is over, Refused for a move
        that the node does not allow."""
        item = self.state.items.get(number)
        if item is None or item.person != by:
            raise NotFound
        if item.state is not ItemState.OPEN:
            raise Conflict(Words("这项待办已经处理过了", "this work is done already"), code="done")
        if move is not None:
            self._allowed(item, move)
        return item

    def _allowed(self, item: Item, move: Move) -> None:
        node = self.engine.definition.nodes[self.state.tokens[item.token].node]
        if item.opinion and move not in (Move.REJECT, Move.TRANSFER):
            raise Refused(Words("被委派的人只发表意见", "a delegate only gives a view"), code="opinion")
        if item.opinion and move is Move.REJECT:
            return  # a view may be against it, whatever the node allows
        if node.task is None or move not in node.task.moves:
            called = node.name or node.id
            raise Refused(
                Words(f"“{called}”不允许这个操作（{move}）", f"{called!r} does not allow this ({move})"), code="move",
                why={"node": node.id, "move": str(move)},
            )  # fmt: skip

    def _group(self, item: Item) -> list[Item]:
        return [self.state.items[one] for one in self.state.groups[item.token].items]

    def _decide(self, event: e.Decide) -> None:
        item = self._mine(event.item, event.by, None if event.approve else Move.REJECT)
        item.acting_for = event.acting_for
        if item.opinion:
            if not event.approve and event.to is not None:
                raise Refused(Words("被委派的人只发表意见", "a delegate only gives a view"), code="opinion")
            self._close(item, ItemState.DONE, Outcome.OPINION)
            self._follow(item)
            return
        if not event.approve:
            token = self.state.tokens[item.token]
            target = self._target(token, event.to)  # before anything is changed
            self._close(item, ItemState.DONE, Outcome.REJECTED)
            if self._still_open_after_no(item):
                self._approved_or_next(item)
                return
            self._rejected(token, target)
            return
        self._close(item, ItemState.DONE, Outcome.APPROVED)
        self._approved_or_next(item)

    def _approved_or_next(self, item: Item) -> None:
        if self._enough(item):
            token = self.state.tokens[item.token]
            self._passed(
                token, tuple(one.person for one in self._group(item) if one.outcome is Outcome.APPROVED), "approved"
            )
        else:
            self._follow(item)

    def _follow(self, item: Item) -> None:
        """Open what waited for this one."""
        for one in self._group(item):
            if one.after == item.id and one.state is ItemState.WAITING:
                one.after = None
                self._opened(one)

    def _enough(self, item: Item) -> bool:
        """Whether the node is approved with this."""
        group = self.state.groups[item.token]
        items = [one for one in self._group(item) if not one.opinion]
        live = [one for one in items if one.state in LIVE]
        if group.mode is Mode.VOTE:
            total = sum((one.weight for one in items if one.state is not ItemState.CLOSED), start=group.share * 0)
            yes = sum((one.weight for one in items if one.outcome is Outcome.APPROVED), start=group.share * 0)
            return yes >= total * group.share
        if group.mode in (Mode.ANY, Mode.CLAIM):
            return not any(one.after == item.id or one.added_by is not None for one in live)
        return not live

    def _still_open_after_no(self, item: Item) -> bool:
        """Whether a vote can still be won after this rejection."""
        group = self.state.groups[item.token]
        if group.mode is not Mode.VOTE:
            return False
        items = [one for one in self._group(item) if not one.opinion and one.state is not ItemState.CLOSED]
        total = sum((one.weight for one in items), start=group.share * 0)
        possible = sum((one.weight for one in items if one.outcome is not Outcome.REJECTED), start=group.share * 0)
        return possible >= total * group.share

    def _passed(self, token: Token, people: tuple[int, ...], outcome: str) -> None:
        """A node is done: note it, and go on."""
        self.state.clock += 1
        self.state.passed[token.node] = Passed(self.state.clock, people, self.state.next)
        self.commands.append(e.Done(token.node, token.round, people, outcome))
        self._rest(token)
        try:
            self._leave(token)
        except _Halt as halt:  # it stands behind the node, whose work is done
            self._halt(token, halt.code, halt.said)

    def _rest(self, token: Token) -> None:
        """End what a token waits for: people's work, jobs, timers."""
        group = self.state.groups.pop(token.id, None)
        if group is not None:
            for number in group.items:
                item = self.state.items[number]
                if item.state in LIVE:
                    self._close(item, ItemState.CLOSED)
            for number in group.items:
                del self.state.items[number]
        for key in [one for one in self.state.timers if one[0] == token.id]:
            del self.state.timers[key]
            self.commands.append(e.Untimed(*key))

    def _claim(self, event: e.Claim) -> None:
        item = self._mine(event.item, event.by)
        if self.state.groups[item.token].mode is not Mode.CLAIM or item.opinion:
            raise Refused(Words("这项待办不需要认领", "this work needs no claiming"), code="move")
        group = self._group(item)
        kept = {item.id} | {one.id for one in group if one.added_by == item.person}
        while waited := {one.after for one in group if one.id in kept and one.after is not None} - kept:
            kept |= waited
        for one in group:
            if one.id not in kept and one.state in LIVE:
                self._close(one, ItemState.CLOSED)

    def _another(self, item: Item, person: int) -> None:
        if any(one.person == person and one.state in LIVE for one in self._group(item)):
            raise Invalid(
                Problem("to", "already", Words("这个人已经在处理这个节点", "this person already works on this node"))
            )

    def _transfer(self, event: e.Transfer) -> None:
        item = self._mine(event.item, event.by, Move.TRANSFER)
        self._another(item, event.to)
        group = self.state.groups[item.token]
        new = self._item(group, event.to, opinion=item.opinion, added_by=item.added_by)
        self.state.items[new].weight = item.weight
        for one in self._group(item):
            if one.after == item.id:
                one.after = new
        self._close(item, ItemState.CLOSED)

    def _delegate(self, event: e.Delegate) -> None:
        item = self._mine(event.item, event.by, Move.DELEGATE)
        self._another(item, event.to)
        self._before(item, event.to, opinion=True)

    def _before(self, item: Item, person: int, *, opinion: bool) -> None:
        """Somebody first; this one waits."""
        new = self._item(self.state.groups[item.token], person, opinion=opinion, added_by=item.person)
        self._close(item, ItemState.WAITING)
        item.after = new

    def _add(self, event: e.AddSigner) -> None:
        item = self._mine(event.item, event.by, Move.ADD)
        self._another(item, event.to)
        if event.place == "before":
            self._before(item, event.to, opinion=False)
        elif event.place == "after":
            later = [one for one in self._group(item) if one.after == item.id and one.state is ItemState.WAITING]
            new = self._item(self.state.groups[item.token], event.to, after=item.id, added_by=event.by)
            for one in later:
                one.after = new
        elif event.place == "parallel":
            self._item(self.state.groups[item.token], event.to, added_by=event.by)
        else:
            raise Invalid(
                Problem(
                    "place",
                    "unknown",
                    Words("加签的位置是 before、after 或 parallel", "a signer is added before, after or parallel"),
                )
            )

    def _remove(self, event: e.RemoveSigner) -> None:
        item = self._mine(event.item, event.by, Move.REMOVE)
        other = self.state.items.get(event.other)
        if other is None or other.token != item.token:
            raise NotFound
        if other.state not in LIVE:
            raise Conflict(Words("这个人已经处理过了", "this person has decided already"), code="done")
        if len([one for one in self._group(item) if one.state in LIVE and not one.opinion]) <= 1 or other.id == item.id:
            raise Refused(
                Words("不能减掉最后一个人或自己", "neither the last signer nor oneself can be taken off"), code="last"
            )
        asked = self.state.items.get(other.after) if other.after is not None else None
        if asked is not None and asked.opinion and asked.state in LIVE:  # a view for which nobody waits any more
            self._close(asked, ItemState.CLOSED)
            other.after = None
        for one in self._group(item):
            if one.after == other.id:
                one.after = other.after
                if one.after is None and one.state is ItemState.WAITING:
                    self._opened(one)
        self._close(other, ItemState.CLOSED)
        if self.state.groups[item.token].mode is Mode.VOTE:
            self._approved_or_next(other)  # of fewer votes those given may be enough

    # -- going back ----------------------------------------------------------------------------------------------------

    def _target(self, token: Token, to: str | None) -> int | None:
        """Where a rejection leads: a node, or None for the end. Raises Refused where the node does not allow it."""
        definition = self.engine.definition
        task = definition.nodes[token.node].task
        assert task is not None
        earlier = [one for one in self.engine.graph.earlier(token.node) if one in self.state.passed]
        given = task.rejection.to
        wanted = to or ("end" if given == "any" and not earlier else "previous" if given == "any" else given)
        if given not in ("any", wanted):
            raise Refused(
                Words("这个节点不能退回到那里", "this node does not send back to there"),
                code="target",
                why={"to": given},
            )
        if wanted == "end":
            return None
        if wanted == "start":
            chosen = earlier[-1] if earlier else None
        elif wanted == "previous":
            chosen = max(earlier, key=lambda one: self.state.passed[one].at, default=None)
        else:
            place = definition.places.get(wanted)
            chosen = place if place in earlier else None
        if chosen is None:
            said = Words(
                "没有可以退回的节点：只能退回到走过的、更早的节点",
                "nothing to send back to: only nodes that were passed before this one",
            )
            raise Refused(said, code="target", why={"earlier": [definition.nodes[one].id for one in earlier]})
        return chosen

    def _rejected(self, token: Token, target: int | None) -> None:
        node, round_ = token.node, token.round
        people = tuple(
            one.person
            for one in (self.state.items[n] for n in self.state.groups[token.id].items)
            if one.outcome is Outcome.REJECTED
        )
        self.commands.append(e.Done(node, round_, people, "rejected"))
        if target is None:
            self._finish(Ended.REJECTED)
            return
        task = self.engine.definition.nodes[node].task
        assert task is not None
        self._back(token, target, redo=task.rejection.siblings == "redone", straight=task.rejection.resubmit == "back")

    def _back(self, token: Token, target: int, *, redo: bool, straight: bool) -> None:
        """Undo what lies behind ``target`` and go there: its tokens, work, timers and jobs end; joins that had passed get back what
        came to them from elsewhere; decisions that stay are marked, so that nobody is asked twice."""
        graph, definition = self.engine.graph, self.engine.definition
        undone, here = graph.behind[target], token.node
        standing = set()
        for place, passed in self.state.passed.items():
            passed.stands = False
            between = place in undone and place != target and here in graph.behind[place]
            beside = place in undone and here not in graph.behind[place] and place not in graph.behind[here]
            if place != here and ((between and straight) or (beside and not redo)):
                standing.add(place)
        restored = self._owed(target, here)
        for one in list(self.state.tokens.values()):
            arrived_from_elsewhere = one.via >= 0 and definition.flows[one.via].source not in undone and definition.nodes[one.node].kind in (
                Kind.PARALLEL, Kind.INCLUSIVE
            )  # fmt: skip
            if one.node in undone and not arrived_from_elsewhere:
                self._drop(one)
        for place in [p for p in self.state.passed if p in undone and p not in standing]:
            del self.state.passed[place]
        for place in standing:
            self.state.passed[place].stands = True
        for flow in restored:
            self._owe(flow, target, redo)
        self._arrive(target, -1)

    def _owed(self, target: int, here: int) -> list[int]:
        """Ways into joins between ``target`` and ``here`` by which something had come from beside: the join has passed, and will
        wait for it again."""
        definition, graph = self.engine.definition, self.engine.graph
        undone = graph.behind[target]
        found = []
        for place in undone:
            node = definition.nodes[place]
            if (
                node.kind is not Kind.PARALLEL
                or len(node.incoming) < 2
                or place == here
                or here not in graph.behind[place]
            ):
                continue
            found += [f for f in node.incoming if definition.flows[f].source not in undone]
        return found

    def _owe(self, flow: int, target: int, redo: bool) -> None:
        """Give a join what had come by this flow: at once where that decision stands, else by doing its branch again."""
        definition, graph = self.engine.definition, self.engine.graph
        source = definition.flows[flow].source
        if redo:
            split = self._split(source, target)
            if split is not None:
                for number in definition.nodes[split].outgoing:
                    way = definition.flows[number].target
                    if source in graph.behind[way] and target not in graph.behind[way]:
                        self._forget(way, source)
                        self._arrive(way, number)
                return
        self._arrive(definition.flows[flow].target, flow)

    def _split(self, one: int, other: int) -> int | None:
        """The nearest parallel split that both lie behind."""
        definition, graph = self.engine.definition, self.engine.graph
        up = one
        while True:
            above = graph.dominators.get(up)
            if above is None or above == up:
                return None
            up = above
            node = definition.nodes[up]
            if len(node.outgoing) > 1 and other in graph.behind[up]:
                return up

    def _forget(self, first: int, last: int) -> None:
        for place in [
            p for p in self.state.passed if p in self.engine.graph.behind[first] and last in self.engine.graph.behind[p]
        ]:
            del self.state.passed[place]

    def _drop(self, token: Token) -> None:
        """A token and all that it waits for is no more."""
        node = self.engine.definition.nodes[token.node]
        self._rest(token)
        if node.kind in (Kind.SERVICE, Kind.SEND):
            self.commands.append(e.Dropped(token.id, token.node, token.round))
        self.state.halted.pop(token.id, None)
        del self.state.tokens[token.id]

    def _take_back(self, event: e.TakeBack) -> None:
        """The node whose item this was is worked on again by whom it was, as long as nothing has come of it."""
        place = event.node
        passed = self.state.passed.get(place)
        if passed is None or event.by not in passed.people:
            raise NotFound
        task = self.engine.definition.nodes[place].task
        if task is None or Move.TAKE_BACK not in task.moves:
            raise Refused(Words("这个节点不允许拿回", "this node does not allow taking back"), code="move")
        behind = self.engine.graph.behind[place]
        acted = passed.at != self.state.clock or any(
            one.state is ItemState.DONE
            for one in self.state.items.values()
            if self.state.tokens[one.token].node in behind
        )
        jobs = any(
            self.engine.definition.nodes[t.node].kind in (Kind.SERVICE, Kind.SEND) and t.node in behind
            for t in self.state.tokens.values()
        )
        came = [t for t in self.state.tokens.values() if t.id >= passed.first]
        if acted or jobs or not came or any(t.node == place or t.node not in behind for t in came):
            raise Conflict(
                Words(
                    "后面已经有人处理或系统已经执行，不能拿回",
                    "somebody has acted on it, or the system has: it cannot be taken back",
                ),
                code="acted",
            )
        self._back(came[0], place, redo=False, straight=False)

    def _withdraw(self, event: e.Withdraw) -> None:
        if event.by != self.state.initiator:
            raise NotFound
        self._finish(Ended.WITHDRAWN)

    def _finish(self, how: Ended) -> None:
        for token in list(self.state.tokens.values()):
            self._drop(token)
        self.queue.clear()
        self.state.ended = how
        self.commands.append(e.Finished(how))

    # -- the world -----------------------------------------------------------------------------------------------------

    def _token(self, number: int) -> Token:
        found = self.state.tokens.get(number)
        if found is None:
            raise NotFound
        return found

    def _current(self, number: int, round_: int) -> Token | None:
        """The token that an answer is for; None when it came too late and means nothing."""
        token = self.state.tokens.get(number)
        return token if token is not None and token.round == round_ else None

    def _job_done(self, event: e.JobDone) -> None:
        token = self._current(event.token, event.round)
        if token is not None:
            self.state.halted.pop(token.id, None)
            self._passed(token, (), "done")

    def _halt(self, token: Token, code: str, said: str = "") -> None:
        self.state.halted[token.id] = code
        self.commands.append(e.Incident(token.id, token.node, code, said))

    def _retry(self, event: e.Retry) -> None:
        token = self._token(event.token)
        code = self.state.halted.pop(token.id, None)
        if code is None:
            raise Conflict(Words("这里没有要重试的问题", "there is nothing to try again here"), code="no_incident")
        if code in ("no_way", "condition", "endless"):
            try:
                self._leave(token)
            except _Halt as halt:
                self._halt(token, halt.code, halt.said)
        else:
            self._begin(token)

    def _due(self, event: e.Due) -> None:
        key = (event.token, event.node)
        token = self._current(event.token, event.round)
        if token is None or self.state.timers.get(key) != event.round:
            return
        del self.state.timers[key]
        definition = self.engine.definition
        node = definition.nodes[event.node]
        if node.kind is Kind.TIMER:
            self._passed(token, (), "due")
            return
        if node.interrupts:
            self.commands.append(e.Done(token.node, token.round, (), "overdue"))
            self._drop(token)
        for number in node.outgoing:
            self._arrive(definition.flows[number].target, number)


def people_of(state: State) -> Iterable[int]:
    """Whose turn it is."""
    return (one.person for one in state.items.values() if one.state is ItemState.OPEN)
