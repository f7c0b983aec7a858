"""One event, one step: the state moves on as far as it can without the world, and says what it needs of it.

Nothing here looks anything up but the values that conditions name; the same state and event always come to the same.
"""

from __future__ import annotations

import datetime as dt

from heli.flows.core import events as e
from heli.flows.core.back import Back
from heli.flows.core.definition import WORKS, Definition, Handoff, Kind
from heli.flows.core.expression import Look
from heli.flows.core.graph import Graph
from heli.flows.core.moving import Halt
from heli.flows.core.state import Ended, State, Token
from heli.flows.core.stops import stops
from heli.kernel.errors import Conflict, NotFound, Refused
from heli.kernel.words import Words

LATE = e.Assigned | e.JobDone | e.JobFailed | e.Due | e.Received | e.CallEnded | e.Cancel | e.Elapsed
"""What may come when it is over, and then means nothing."""
BY_ITSELF = Words(
    "这个流程由事件或定时器发起，不能手工发起", "events or timers begin this process: nobody does so by hand"
)


class Engine:
    """A definition ready to run."""

    def __init__(self, definition: Definition, root: int | None = None) -> None:
        """``root``: where it begins, of a part of the definition that is done once for each of several things; None: the whole."""
        self.definition, self.root = definition, root
        self.graph = Graph(definition, root)
        self._stops = stops(self.graph)
        self.takers: dict[int, Handoff] = {
            place: node.task.handoff
            for place, node in enumerate(definition.nodes)
            if node.task is not None and node.task.handoff is not None
        }
        """Nodes to which work is handed over."""

    def taken_from(self, place: int) -> list[int]:
        """Nodes to which this one hands over."""
        places = self.definition.places
        return [taker for taker, handoff in self.takers.items() if places.get(handoff.source) == place]

    def step(self, state: State, event: e.Event, look: Look, today: dt.date) -> list[e.Command]:
        """Apply one event to ``state``, in place; what is to be done about it.

        ``look`` gives the values that conditions name. Raises NotFound where the event's item or token is not there, Refused
        where this person or node does not allow it, Conflict where it comes too late; the state is then to be thrown away.
        """
        run = _Step(self.graph, self._stops, state, look, today)
        run.apply(event)
        state.version += 1
        return run.commands

    def start(self, initiator: int, look: Look, today: dt.date) -> tuple[State, list[e.Command]]:
        """A new instance."""
        state = State(initiator)
        return state, self.step(state, e.Start(), look, today)

    def passes(self, state: State, event: e.Decide, look: Look, today: dt.date) -> bool:
        """Whether this decision is the one that approves its node; the state stays as it is."""
        node = state.tokens[state.items[event.item].token].node
        commands = self.step(state.copy(), event, look, today)
        return any(isinstance(one, e.Done) and one.node == node and one.outcome == "approved" for one in commands)

    def targets(self, state: State, item: int) -> list[int]:
        """Nodes to which this work may be sent back now, nearest first."""
        token = state.tokens[state.items[item].token]
        return [one for one in self.graph.earlier(token.node) if one in state.passed]


class _Step(Back):
    """One event applied."""

    __slots__ = ()

    def apply(self, event: e.Event) -> None:
        if self.state.ended is not None:
            if isinstance(event, LATE):
                return
            raise Conflict(Words("流程已经结束", "the process has ended"), code="ended")
        if isinstance(event, e.Assigned):  # what comes most often, without asking for all the others
            self._assigned(event)
        elif isinstance(event, e.Decide):
            self._decide(event)
        else:
            self._apply(event)
        self._run()

    def _apply(self, event: e.Event) -> None:
        match event:
            case e.Start():
                self._arrive(self._start(event), -1)
            case e.Claim():
                self._claim(event)
            case e.Transfer():
                self._transfer(event)
            case e.Delegate():
                self._delegate(event)
            case e.Reassign():
                self._reassign(event)
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
                self._job_failed(event)
            case e.Retry():
                self._retry(event)
            case e.Due() | e.Received():
                self._come(event.token, event.node, event.round)
            case e.CallEnded():
                self._call_ended(event)
            case e.TakenOver():
                self._taken_over(event)
            case e.Elapsed():
                self._elapsed(event)
            case e.Anew():
                self._anew(event)
            case e.Cancel():
                self._finish(Ended.WITHDRAWN, event.code, event.said)

    def _start(self, event: e.Start) -> int:
        """The start event at which it begins. Raises Refused where somebody begins what begins by itself only."""
        if event.node is not None:
            return event.node
        if self.graph.root is not None:
            return self.graph.root
        found = self.definition.begun
        if found is None:
            raise Refused(BY_ITSELF, code="by_itself")
        return found

    def _taken_over(self, event: e.TakenOver) -> None:
        for number, place, round_ in event.events:
            try:
                self._await([self._awaited(number, place, round_)])
            except Halt as halt:
                self.commands.append(e.Incident(number, place, halt.code, halt.said))

    def _withdraw(self, event: e.Withdraw) -> None:
        if event.by != self.state.initiator:
            raise NotFound
        self._finish(Ended.WITHDRAWN)

    # -- the world -----------------------------------------------------------------------------------------------------

    def _current(self, number: int, round_: int) -> Token | None:
        """The token that an answer is for; None when it came too late and means nothing."""
        token = self.state.tokens.get(number)
        return token if token is not None and token.round == round_ else None

    def _job_done(self, event: e.JobDone) -> None:
        token = self._current(event.token, event.round)
        if token is not None:
            self.state.halted.pop(token.id, None)
            self._passed(token, (), "done")

    def _job_failed(self, event: e.JobFailed) -> None:
        token = self._current(event.token, event.round)
        if token is None:
            return
        if not self._caught(token, event.code):
            self._halt(token, event.code, event.said)

    def _retry(self, event: e.Retry) -> None:
        token = self._token(event.token)
        code = self.state.halted.pop(token.id, None)
        if code is None:
            raise Conflict(Words("这里没有要重试的问题", "there is nothing to try again here"), code="no_incident")
        try:
            if self.definition.nodes[token.node].kind not in WORKS:
                self._again(token)
            elif code in ("no_way", "condition", "endless"):
                self._leave(token)
            else:
                calls = self.state.calls.get(token.id)
                self._rest(token)
                if calls is not None:  # what has ended is not done again
                    self.state.calls[token.id] = calls
                self._begin(token)
        except Halt as halt:
            self._halt(token, halt.code, halt.said)

    def _again(self, token: Token) -> None:
        """A gateway, an event that says something or a table: do it again."""
        kind = self.definition.nodes[token.node].kind
        if kind in (Kind.PARALLEL, Kind.INCLUSIVE, Kind.LEAVE):
            self._leave(token)
        else:
            self._enter(token)
