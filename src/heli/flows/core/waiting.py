"""What nodes wait for besides people: timers, messages, signals, other cases, errors; and sub-processes, which hold some of it."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from heli.flows.core import events as e
from heli.flows.core.definition import COUNTS, Call, Kind, Node
from heli.flows.core.expression import Expression, ExpressionError, Value
from heli.flows.core.moving import Halt, Moving
from heli.flows.core.state import Calls, Ended, Passed, Token
from heli.kernel.words import Words

MOST_CASES = 200
"""Cases of one node at one time."""
REJECTED = "rejected"
"""The code of a case that ended by being rejected."""
TOO_MANY = Words("要分别办理的有 {n} 项，最多 {most} 项", "{n} things to do one by one, at most {most}")
ENOUGH = Words(
    "已办完 {done} 项（共 {total} 项），达到完成条件，其余不再办理",
    "{done} of {total} have ended, which is enough by its completion condition: the others are no longer waited for",
)
NO_LONGER = Words(
    "已办完的达到了完成条件，这一项不再需要", "enough of the others have ended: this one is no longer needed"
)
"""Why a case ends that enough others have made needless."""
COMPLETION = "completion"
"""The code of an incident: whether enough have ended cannot be worked out."""
NO_LIST = Words("“每一项”应得出列表或个数", "what there is to be one of each for is no list and no number")


class Waiting(Moving):
    """A step that meets events, sub-processes and other cases."""

    __slots__ = ()

    def _value(self, one: Expression | None) -> Value:
        """Raises Halt where it has none."""
        try:
            return None if one is None else one.value(self._look, self.today)
        except ExpressionError as error:
            raise Halt("value", error.words) from error

    def _begin(self, token: Token) -> None:
        awaits, kind = self.stops[token.node].awaits, self.definition.nodes[token.node].kind
        waits = (
            [self._awaited(token.id, one, token.round) for one in awaits] if awaits else ()
        )  # before anything is begun
        if kind is Kind.USER:
            self.commands.append(e.Find(token.id, token.node))
        elif kind is Kind.CALL:
            if not self._call(token):
                return
        elif kind in (Kind.SERVICE, Kind.SEND):
            self.commands.append(e.Job(token.id, token.node, token.round))
        if waits:
            self._await(waits)

    def _awaited(self, number: int, place: int, round_: int) -> e.Timed | e.Awaits | None:
        """The timer, message or signal of an event; None for errors, which come by themselves. Raises Halt."""
        node = self.definition.nodes[place]
        if node.timer is not None:
            return e.Timed(number, place, round_, self._value(node.timer.value))
        if node.hears is not None and node.hears.kind != "error":
            return e.Awaits(number, place, round_, self._value(node.hears.key))
        return None

    def _await(self, waits: Iterable[e.Timed | e.Awaits | None]) -> None:
        for one in waits:
            if one is not None:
                self.state.timers[(one.token, one.node)] = one.round
                self.commands.append(one)

    # -- sub-processes -------------------------------------------------------------------------------------------------

    def _ready(self, place: int) -> None:
        for boundary in self.definition.nodes[place].boundaries:
            self._awaited(0, boundary, 0)

    def _open(self, place: int) -> None:
        state = self.state
        number = state.scopes[place] = state.fresh()
        state.rounds[place] = round_ = state.rounds.get(place, 0) + 1
        for boundary in self.definition.nodes[place].boundaries:
            try:
                self._await([self._awaited(number, boundary, round_)])
            except Halt as halt:  # only where work is sent back into it: it goes on without this event, and says so
                self.commands.append(e.Incident(number, boundary, halt.code, halt.said))

    def _shut(self, place: int) -> None:
        number = self.state.scopes.pop(place, None)
        if number is not None:
            self._untime(number)

    def _empty(self, place: int, outcome: str) -> None:
        """End all that is in a sub-process."""
        for token in self._inside(place):
            self._drop(token)
        self.commands.append(e.Done(place, self.state.rounds.get(place, 1), (), outcome))
        self._sweep()

    # -- what comes ----------------------------------------------------------------------------------------------------

    def _come(self, number: int, place: int, round_: int) -> None:
        """A timer is due, or what was waited for has come; too late it means nothing."""
        state, definition = self.state, self.definition
        if state.timers.get((number, place)) != round_:
            return
        node = definition.nodes[place]
        del state.timers[(number, place)]
        if node.hears is not None:
            self.commands.append(e.Untimed(number, place))
        outcome = "due" if node.timer is not None else "heard"
        if node.kind is Kind.BOUNDARY:
            self._interrupt(number, node, "overdue" if node.timer is not None else "interrupted")
            return
        token = state.tokens[number]
        if token.node != place:  # at a gateway that waited for several
            via = next(f for f in definition.nodes[token.node].outgoing if definition.flows[f].target == place)
            self._rest(token)
            token.node, token.via = place, via
            token.round = state.rounds[place] = state.rounds.get(place, 0) + 1
        self._passed(token, (), outcome)

    def _interrupt(self, number: int, boundary: Node, outcome: str) -> None:
        """Go the way of a boundary event, and end what it stands on where it interrupts."""
        host = boundary.host
        assert host is not None
        if boundary.interrupts:
            if self.definition.nodes[host].kind is Kind.ENTER:
                self._empty(host, outcome)
            else:
                token = self.state.tokens[number]
                self.commands.append(e.Done(token.node, token.round, (), outcome))
                self._drop(token)
        for flow in boundary.outgoing:
            self._arrive(self.definition.flows[flow].target, flow)

    def _fail(self, token: Token, code: str) -> None:
        if self._caught(token, code):
            return
        self._finish(Ended.REJECTED, code)

    def _caught(self, token: Token, code: str) -> bool:
        """Whether an error is caught by what the token stands on, or by a sub-process around it; then it has been."""
        for host in (token.node, *reversed(self.graph.chains[token.node])):
            boundary = self._catches(host, code)
            if boundary is not None:
                self._interrupt(token.id, boundary, "error")
                return True
        return False

    def _catches(self, host: int, code: str) -> Node | None:
        nodes = self.definition.nodes
        found = [
            nodes[one] for one in nodes[host].boundaries
            if (hears := nodes[one].hears) is not None and hears.kind == "error" and hears.name in ("", code)
        ]  # fmt: skip
        return min(found, key=lambda one: one.hears is None or not one.hears.name, default=None)

    # -- what is said and decided --------------------------------------------------------------------------------------

    def _say(self, token: Token) -> None:
        node = self.definition.nodes[token.node]
        if node.throws is not None:
            self.commands.append(e.Thrown(token.node, self._value(node.throws.key)))
            self.state.clock += 1  # nothing before it is taken back any more

    def _rule(self, token: Token) -> None:
        table = self.definition.nodes[token.node].decision
        assert table is not None
        try:
            found = table.decide(self._look, self.today)
        except ExpressionError as error:
            raise Halt("decision", error.words) from error
        for name, value in found.items():
            self.noted = {**self.noted, f"data.{name}": value}
            self.commands.append(e.Noted(name, value))
        state = self.state
        round_ = state.rounds[token.node] = state.rounds.get(token.node, 0) + 1
        state.passed[token.node] = Passed(state.clock, (), state.next)
        self.commands.append(e.Done(token.node, round_, (), "decided"))

    # -- other cases ---------------------------------------------------------------------------------------------------

    def _call(self, token: Token) -> bool:
        """Begin the cases of a node, of one that is tried again those that have not ended; whether it waits for any. Raises Halt."""
        call = self.definition.nodes[token.node].call
        assert call is not None
        things: list[Value] = [None] if call.each is None else self._things(call.each)
        before = self.state.calls.pop(token.id, None)
        if not things:
            self._passed(token, (), "skipped")
            return False
        calls = Calls(len(things))
        if before is not None:
            calls.ended = [one for one in before.ended if one < len(things)]
        if call.sequential:
            calls.things = [None if one is None else _plain(one) for one in things]
        self.state.calls[token.id] = calls
        if calls.ended and self._counted(token, call, calls):
            return False
        for number, thing in enumerate(things):
            if number not in calls.ended:
                self.commands.append(e.Called(token.id, token.node, token.round, number, thing))
                if call.sequential:
                    break
        return True

    def _counted(self, token: Token, call: Call, calls: Calls) -> bool:
        """Go on where all have ended, or enough have; whether it did. Raises Halt where that cannot be worked out."""
        done, total = len(calls.ended), calls.total
        if done >= total:
            self.state.halted.pop(token.id, None)
            self._passed(token, (), "done")
            return True
        if call.enough is None or not self._suffices(call.enough, calls):
            return False
        self.commands.append(e.Dropped(token.id, token.node, token.round, enough=True))
        self._passed(token, (), "enough", ENOUGH.fill(done=done, total=total))
        return True

    def _suffices(self, enough: Expression, calls: Calls) -> bool:
        """Raises Halt where a completion condition has no value."""
        done, total = len(calls.ended), calls.total
        counts = {"total": total, "ended": done, "open": 0 if calls.things else total - done}

        def look(name: str) -> Value:
            return Decimal(counts[COUNTS[name]]) if name in COUNTS else self._look(name)

        try:
            return enough.holds(look, self.today)
        except ExpressionError as error:
            raise Halt(COMPLETION, error.words) from error

    def _things(self, each: Expression) -> list[Value]:
        found = self._value(each)
        if found is None:
            return []
        if isinstance(found, Decimal) and found == found.to_integral_value() and found >= 0:
            count = int(min(found, Decimal(MOST_CASES + 1)))
            things: list[Value] = [Decimal(one + 1) for one in range(count)]
        elif isinstance(found, tuple):
            things = list(found)
        else:
            raise Halt("value", NO_LIST)
        if len(things) > MOST_CASES:
            raise Halt("too_many", TOO_MANY.fill(n=len(things), most=MOST_CASES))
        return things

    def _call_ended(self, event: e.CallEnded) -> None:
        token = self.state.tokens.get(event.token)
        calls = self.state.calls.get(event.token)
        if token is None or calls is None or token.round != event.round or event.number in calls.ended:
            return
        if event.code:
            if not self._caught(token, event.code):
                self.commands.append(e.Done(token.node, token.round, (), event.code))
                self._finish(Ended.REJECTED, event.code)
            return
        calls.ended.append(event.number)
        call = self.definition.nodes[token.node].call
        assert call is not None
        try:
            if self._counted(token, call, calls):
                return
        except Halt as halt:  # told once; what else ends is counted
            if token.id not in self.state.halted:
                self._halt(token, halt.code, halt.said)
            return
        if self.state.halted.get(token.id) == COMPLETION:
            del self.state.halted[token.id]
        if calls.things:
            number = len(calls.ended)
            self.commands.append(e.Called(token.id, token.node, token.round, number, calls.things[number]))


def _plain(one: Value) -> str:
    """A thing as the standing keeps it, and as the case that is for it sees it: a text."""
    return format(one, "f") if isinstance(one, Decimal) else str(one)
