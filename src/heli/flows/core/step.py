"""One event, one step: the state moves on as far as it can without the world, and says what it needs of it.

Nothing here looks anything up but the values that conditions name; the same state and event always come to the same.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from heli.flows.core import events as e
from heli.flows.core.back import Back
from heli.flows.core.definition import Definition, Kind
from heli.flows.core.expression import Look
from heli.flows.core.graph import Graph
from heli.flows.core.moving import Halt
from heli.flows.core.state import Ended, State, Token
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.words import Words


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
        run = _Step(self.definition, self.graph, state, look, today)
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


class _Step(Back):
    """One event applied."""

    __slots__ = ()

    def apply(self, event: e.Event) -> None:
        if self.state.ended is not None and not isinstance(event, e.JobDone | e.JobFailed | e.Due):
            raise Conflict(Words("流程已经结束", "the process has ended"), code="ended")
        match event:
            case e.Start():
                self._arrive(self.definition.start, -1)
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
                if (token := self._current(event.token, event.round)) is not None:
                    self._halt(token, event.code, event.said)
            case e.Retry():
                self._retry(event)
            case e.Due():
                self._due(event)
        self._run()

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

    def _retry(self, event: e.Retry) -> None:
        token = self._token(event.token)
        code = self.state.halted.pop(token.id, None)
        if code is None:
            raise Conflict(Words("这里没有要重试的问题", "there is nothing to try again here"), code="no_incident")
        if code in ("no_way", "condition", "endless"):
            try:
                self._leave(token)
            except Halt as halt:
                self._halt(token, halt.code, halt.said)
        else:
            self._begin(token)

    def _due(self, event: e.Due) -> None:
        key = (event.token, event.node)
        token = self._current(event.token, event.round)
        if token is None or self.state.timers.get(key) != event.round:
            return
        del self.state.timers[key]
        definition = self.definition
        node = definition.nodes[event.node]
        if node.kind is Kind.TIMER:
            self._passed(token, (), "due")
            return
        if node.interrupts:
            self.commands.append(e.Done(token.node, token.round, (), "overdue"))
            self._drop(token)
        for number in node.outgoing:
            self._arrive(definition.flows[number].target, number)
