"""A definition played in memory: people by name, a clock that moves when told, everything written down and nothing kept."""

from __future__ import annotations

import datetime as dt
import heapq
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from heli.flows.core import events as e
from heli.flows.core import handing
from heli.flows.core.definition import Definition
from heli.flows.core.due import due
from heli.flows.core.duration import duration
from heli.flows.core.expression import Expression, ExpressionError, Look, Value
from heli.flows.core.state import Ended, Item, ItemState, State
from heli.flows.core.step import Engine
from heli.flows.core.waiting import NO_LONGER
from heli.kernel.errors import HeliError, Invalid, Problem, Refused
from heli.kernel.words import Words

MOST_MOVES = 10_000
MOST_STEPS = 100_000
"""Timers and answers of one trial."""
DECIMAL = re.compile(r"-?\d{1,20}\.\d{1,10}")
HEAD = {"initiator", "start", "people", "values", "moves"}
TAKES: dict[str, tuple[str, ...]] = {
    "approve": ("by",), "reject": ("by", "to"), "claim": ("by",), "transfer": ("by", "to"), "delegate": ("by", "to"),
    "add": ("by", "to", "place"), "remove": ("by", "who"), "take_back": ("by",), "withdraw": (), "done": (), "fail": ("code",),
    "retry": (), "set": (), "wait": (), "message": ("key",), "signal": (), "ended": ("code",),
}  # fmt: skip
"""Move -> what else it says. Its own value is the node, for ``withdraw`` a person, for ``set`` values, for ``wait`` a duration, for
``message`` and ``signal`` what it is called, for ``ended`` a node whose case has ended."""
OPTIONAL = {"to", "place", "code", "key"}


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be played."""

    initiator: str
    start: dt.datetime
    people: Mapping[str, Sequence[str]]
    values: Mapping[str, Value]
    moves: Sequence[Mapping[str, Any]]


def script(given: Any) -> Script:
    """Check a script as read from YAML. Raises Invalid naming each place that is wrong."""
    wrong: list[Problem] = []

    def bad(place: str, code: str, zh: str, en: str) -> None:
        wrong.append(Problem(place, code, Words(zh, en)))

    if not isinstance(given, dict):
        raise Invalid(Problem("script", "type", Words("脚本应是键值结构", "a script is a mapping")))
    for name in given:
        if name not in HEAD:
            bad(
                str(name)[:60],
                "unknown",
                f"不认识，可用：{'、'.join(sorted(HEAD))}",
                f"not known; there are {', '.join(sorted(HEAD))}",
            )
    initiator = given.get("initiator")
    if not isinstance(initiator, str) or not initiator:
        bad("initiator", "missing", "写明发起人", "say who begins it")
        initiator = ""
    people = given.get("people", {})
    found: dict[str, list[str]] = {}
    if not isinstance(people, dict):
        bad("people", "type", "应是节点到人名列表", "is a mapping of nodes to lists of people")
        people = {}
    for node, names in people.items():
        if isinstance(names, list) and all(isinstance(one, str) for one in names):
            found[str(node)] = names
        else:
            bad(f"people/{node}", "type", "应是人名的列表", "is a list of people")
    values = _values(given.get("values", {}), "values", bad)
    moves = given.get("moves", [])
    if not isinstance(moves, list) or len(moves) > MOST_MOVES:
        bad("moves", "type", f"应是列表，最多 {MOST_MOVES} 步", f"is a list of at most {MOST_MOVES} moves")
        moves = []
    for number, move in enumerate(moves):
        _check_move(move, f"moves/{number}", bad)
    start = _moment(given.get("start", "2026-01-05T09:00:00+08:00"), bad)
    if wrong:
        raise Invalid(wrong)
    return Script(initiator, start, found, values, moves)


def _moment(given: Any, bad: Callable[[str, str, str, str], None]) -> dt.datetime:
    try:
        found = given if isinstance(given, dt.datetime) else dt.datetime.fromisoformat(str(given))
        if found.tzinfo is not None:
            return found
    except ValueError:
        pass
    bad(
        "start",
        "moment",
        "应是带时区的时刻，如 2026-01-05T09:00:00+08:00",
        "is a moment with its time zone, such as 2026-01-05T09:00:00+08:00",
    )
    return dt.datetime(2026, 1, 5, 1, tzinfo=dt.UTC)


def _values(given: Any, place: str, bad: Callable[[str, str, str, str], None]) -> dict[str, Value]:
    if not isinstance(given, dict):
        bad(place, "type", "应是名称到值", "is a mapping of names to values")
        return {}
    found: dict[str, Value] = {}
    for name, value in given.items():
        if isinstance(value, str) and DECIMAL.fullmatch(value):  # YAML's numbers with a point come as they are written
            found[str(name)] = Decimal(value)
        elif isinstance(value, bool) or value is None or isinstance(value, str | dt.date | dt.datetime):
            found[str(name)] = value
        elif isinstance(value, int | float | Decimal):
            try:
                found[str(name)] = Decimal(str(value))
            except InvalidOperation:
                bad(f"{place}/{name}", "number", "不是数", "is no number")
        elif isinstance(value, list) and all(isinstance(one, str) for one in value):
            found[str(name)] = tuple(value)
        else:
            bad(
                f"{place}/{name}",
                "type",
                "应是数、文本、是否、日期或文本列表",
                "is a number, a text, true or false, a date, or a list of texts",
            )
    return found


def _check_move(move: Any, place: str, bad: Callable[[str, str, str, str], None]) -> None:
    if not isinstance(move, dict):
        bad(place, "type", "每一步是键值结构", "a move is a mapping")
        return
    named = [one for one in move if one in TAKES]
    if len(named) != 1:
        bad(place, "move", f"应写一种操作：{'、'.join(TAKES)}", f"says one of {', '.join(TAKES)}")
        return
    what = named[0]
    for name in move:
        if name != what and name not in TAKES[what]:
            bad(f"{place}/{name}", "unknown", f"{what} 不带 {name}", f"{what} takes no {name}")
    for name in TAKES[what]:
        if name not in OPTIONAL and not isinstance(move.get(name), str):
            bad(f"{place}/{name}", "missing", f"{what} 需要写明 {name}", f"{what} says {name}")
    if what == "set":
        _values(move[what], f"{place}/set", bad)
    elif not isinstance(move[what], str):
        bad(f"{place}/{what}", "type", "应是文本", "is a text")
    elif what == "wait" and duration(move[what]) is None:
        bad(f"{place}/wait", "duration", "应是时长，如 PT8H、P3D", "is a duration such as PT8H or P3D")


@dataclass
class Case:
    """One case of a trial: the process itself, or what a node does once for each of several things."""

    engine: Engine
    state: State
    parent: int | None = None
    token: int = 0
    round: int = 0
    number: int = 0
    values: dict[str, Value] = field(default_factory=dict)


@dataclass
class Trial:
    """One instance being played. Raises HeliError where a move is not possible; what had been played stays in ``log``."""

    definition: Definition
    script: Script
    log: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = self.script.start
        self.values = dict(self.script.values)
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._due: list[tuple[dt.datetime, int, int, int, int]] = []
        self._steps = 0
        initiator = self._number(self.script.initiator)
        self.cases = [Case(Engine(self.definition), State(initiator))]

    @property
    def state(self) -> State:
        return self.cases[0].state

    def play(self) -> None:
        """Start it and make every move; a move that is refused raises Invalid naming its place."""
        first = self.definition.begun if self.definition.begun is not None else self.definition.starts[0]
        self._send(0, e.Start(first))
        for number, move in enumerate(self.script.moves):
            what = next(one for one in move if one in TAKES)
            try:
                self._move(what, move)
            except HeliError as error:
                raise Invalid(Problem(f"moves/{number}", error.code, error.words)) from error

    def _move(self, what: str, move: Mapping[str, Any]) -> None:
        target = move[what]
        if what == "set":
            self.values |= _values(target, "set", lambda *_: None)
        elif what == "wait":
            length = duration(target)
            assert length is not None
            self._wait(length)
        elif what == "withdraw":
            self._send(0, e.Withdraw(self._number(target)))
        elif what == "take_back":
            self._send(0, e.TakeBack(self._place(target), self._number(move["by"])))
        elif what in ("message", "signal"):
            if not self._hear(what, target, move.get("key")):
                zh, en = f"没有节点在等待“{target[:60]}”", f"nothing waits for {target[:60]!r}"
                raise Invalid(Problem(what, "not_awaited", Words(zh, en)))
        elif what == "ended":
            self._ended(target, str(move.get("code", "")))
        elif what in ("done", "fail", "retry"):
            case, token, round_ = self._token(target)
            answer: dict[str, e.Event] = {
                "done": e.JobDone(token, round_), "fail": e.JobFailed(token, round_, str(move.get("code", "failed"))),
                "retry": e.Retry(token),
            }  # fmt: skip
            self._send(case, answer[what])
        else:
            case, item = self._item(target, move["by"])
            self._send(case, self._by_person(what, move, self.cases[case], item))

    def _ended(self, node: str, code: str) -> None:
        """The next of the cases that a node waits for has ended: of another process, which is not played here."""
        case, token, round_ = self._token(node)
        calls = self.cases[case].state.calls.get(token)
        if calls is None:
            raise Invalid(Problem("ended", "not_there", Words("这里没有等待的流程", "no case is waited for here")))
        number = next(one for one in range(calls.total) if one not in calls.ended)
        self._send(case, e.CallEnded(token, round_, number, code))

    def _hear(self, kind: str, name: str, key: Any) -> bool:
        """Whether somebody waited for it."""
        heard = False
        for case in range(len(self.cases)):
            for (token, node), round_ in list(self.cases[case].state.timers.items()):
                hears = self.definition.nodes[node].hears
                if hears is None or (hears.kind, hears.name) != (kind, name) or not self._holds(case, hears.where):
                    continue
                if (
                    key is None
                    or hears.key is None
                    or str(hears.key.value(self._looks(case), self.now.date())) == str(key)
                ):
                    heard = True
                    self._send(case, e.Received(token, node, round_))
        return heard

    def _holds(self, case: int, where: Expression | None) -> bool:
        try:
            return where is None or where.holds(self._looks(case), self.now.date())
        except ExpressionError as error:
            raise Invalid(Problem("where", "condition", error.words)) from error

    def _by_person(self, what: str, move: Mapping[str, Any], case: Case, item: Item) -> e.Event:
        by = item.person
        match what:
            case "approve":
                event = e.Decide(item.id, by)
                self._hands_over(case, item, event)
                return event
            case "reject":
                return e.Decide(item.id, by, False, move.get("to"))
            case "claim":
                return e.Claim(item.id, by)
            case "transfer":
                return e.Transfer(item.id, by, self._number(move["to"]))
            case "delegate":
                return e.Delegate(item.id, by, self._number(move["to"]))
            case "add":
                return e.AddSigner(
                    item.id, by, self._number(str(move.get("to", ""))), str(move.get("place", "parallel"))
                )
            case _:
                return e.RemoveSigner(item.id, by, self._other(case, item, move["who"]))

    def _hands_over(self, case: Case, item: Item, event: e.Decide) -> None:
        """Work is handed over once what it depends on is so; files and notes are not asked for in a trial. Raises Refused."""
        node, looks = (
            case.state.tokens[item.token].node,
            self._looks(next(at for at, one in enumerate(self.cases) if one is case)),
        )
        takers = case.engine.taken_from(node)
        if not takers or item.opinion:
            return
        commands = case.engine.step(case.state.copy(), event, looks, self.now.date())
        if not any(isinstance(one, e.Done) and one.node == node for one in commands):
            return
        for place in takers:
            handoff = case.engine.takers[place]
            lacking = handing.unfulfilled(handoff, looks, self.now.date())
            if lacking:
                first = next(one for one in handoff.criteria if one.code in lacking)
                raise Refused(handing.NOT_SO.fill(criterion=first.words), code="criterion")

    # -- the world -----------------------------------------------------------------------------------------------------

    def _send(self, case: int, event: e.Event) -> None:
        here = self.cases[case]
        trial = here.state.copy()
        waiting: list[e.Event] = [event]
        log: list[dict[str, Any]] = []
        after: list[e.Command] = []
        while waiting:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise Invalid(Problem("script", "too_long", Words("试运行步数太多", "the trial takes too many steps")))
            for one in here.engine.step(trial, waiting.pop(0), self._looks(case), self.now.date()):
                if isinstance(one, e.Find):
                    waiting.append(self._assigned(one, trial))
                elif isinstance(one, e.Timed):
                    self._time(case, one, waiting)
                elif isinstance(one, e.Noted):
                    self.values[f"data.{one.name}"] = one.value
                elif isinstance(one, e.Thrown | e.Called | e.Finished | e.Dropped):
                    after.append(one)
                log += self._said(one)
        here.state = trial
        self.log += log
        for one in after:
            self._follow(case, one)

    def _time(self, case: int, one: e.Timed, waiting: list[e.Event]) -> None:
        timer = self.definition.nodes[one.node].timer
        assert timer is not None
        try:
            at = due(timer, one.value, self.now, self.now.tzinfo)
        except ExpressionError as error:
            waiting.append(e.JobFailed(one.token, one.round, "value", error.words))
            return
        heapq.heappush(self._due, (at, case, one.token, one.node, one.round))

    def _follow(self, case: int, one: e.Command) -> None:
        """What other cases have to do with it."""
        match one:
            case e.Thrown(node=node):
                throws = self.definition.nodes[node].throws
                assert throws is not None
                self._hear(throws.kind, throws.name, None)
            case e.Called(token=token, node=node, round=round_, number=number, thing=thing):
                call = self.definition.nodes[node].call
                assert call is not None
                if call.process:
                    return
                values = {f"data.{call.name}": thing, "data.number": Decimal(number + 1)}
                state = State(self.state.initiator)
                self.cases.append(
                    Case(
                        Engine(self.definition, call.start),
                        state,
                        case,
                        token,
                        round_,
                        number,
                        self.cases[case].values | values,
                    )
                )
                self._send(len(self.cases) - 1, e.Start())
            case e.Dropped(token=token, enough=enough):
                for other, below in enumerate(self.cases):
                    if below.parent == case and below.token == token and below.state.ended is None:
                        self._send(other, e.Cancel("enough", NO_LONGER) if enough else e.Cancel())
            case e.Finished(how=how, code=code):
                here = self.cases[case]
                if here.parent is not None and how is not Ended.WITHDRAWN:
                    failed = code or ("rejected" if how is Ended.REJECTED else "")
                    self._take(here)
                    self._send(here.parent, e.CallEnded(here.token, here.round, here.number, failed))

    def _take(self, below: Case) -> None:
        """What a case brings back: of one of several, as one more of a list."""
        assert below.parent is not None
        above = self.cases[below.parent].state
        token = above.tokens.get(below.token)
        call = self.definition.nodes[token.node].call if token is not None and below.token in above.calls else None
        for name, theirs in call.takes.items() if call is not None else ():
            key = f"data.{theirs}"
            value = below.values.get(key, self.values.get(key))
            got = self.values.get(f"data.{name}")
            self.values[f"data.{name}"] = (*(got if isinstance(got, tuple) else ()), value)

    def _assigned(self, one: e.Find, state: State) -> e.Assigned:
        """Whom a node finds: by the script. ``state`` is what the step has come to so far."""
        here = self.definition.nodes[one.node]
        names = self.script.people.get(here.id) or self.script.people.get(here.element, ())
        return e.Assigned(one.token, [self._number(name) for name in names])

    def _looks(self, case: int) -> Look:
        own = self.cases[case].values
        return lambda name: own[name] if name in own else self.values[name]

    def _wait(self, length: dt.timedelta) -> None:
        until = self.now + length
        while self._due and self._due[0][0] <= until:
            at, case, token, node, round_ = heapq.heappop(self._due)
            self.now = max(self.now, at)
            self._send(case, e.Due(token, node, round_))
        self.now = until

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        self._names[number] = name
        return number

    def _places(self, node: str) -> set[int]:
        """The nodes that stand for an element of the file."""
        found = {place for place, one in enumerate(self.definition.nodes) if node in (one.id, one.element)}
        if not found:
            zh, en = f"没有节点“{node[:60]}”", f"there is no node {node[:60]!r}"
            raise Invalid(Problem("node", "unknown", Words(zh, en)))
        return found

    def _place(self, node: str) -> int:
        return self.definition.places.get(node, min(self._places(node)))

    def _item(self, node: str, person: str) -> tuple[int, Item]:
        places, number = self._places(node), self._number(person)
        for case, here in enumerate(self.cases):
            for one in here.state.items.values():
                if here.state.tokens[one.token].node in places and one.person == number and one.state is ItemState.OPEN:
                    return case, one
        work = ", ".join(f"{one['node']}: {one['person']}" for one in self.work()) or "-"
        words = Words(
            f"{person} 在“{node}”没有待办；现在的待办：{work}", f"{person} has no work at {node}; open now: {work}"
        )
        raise Invalid(Problem("by", "no_work", words))

    def _other(self, case: Case, item: Item, name: str) -> int:
        number = self._number(name)
        found = [one.id for one in case.state.items.values() if one.token == item.token and one.person == number]
        if not found:
            raise Invalid(Problem("who", "unknown", Words(f"{name} 不在这个节点", f"{name} is not at this node")))
        return found[-1]

    def _token(self, node: str) -> tuple[int, int, int]:
        places = self._places(node)
        for case, here in enumerate(self.cases):
            for token in here.state.tokens.values():
                if token.node in places:
                    return case, token.id, token.round
        zh, en = f"流程不在“{node[:60]}”", f"the process does not stand at {node[:60]!r}"
        raise Invalid(Problem("node", "not_there", Words(zh, en)))

    # -- telling -------------------------------------------------------------------------------------------------------

    def _said(self, one: e.Command) -> list[dict[str, Any]]:
        told: dict[str, Any]
        match one:
            case e.Opened(person=person):
                told = {"what": "opened", "person": self._names[person]}
            case e.Closed(person=person, outcome=outcome):
                told = {"what": "closed", "person": self._names[person], "outcome": outcome}
            case e.Job(round=round_):
                told = {"what": "job", "round": round_}
            case e.Timed(round=round_):
                told = {"what": "timer", "round": round_}
            case e.Awaits(round=round_):
                told = {"what": "awaits", "round": round_}
            case e.Thrown():
                told = {"what": "thrown"}
            case e.Called(round=round_, number=number, thing=thing):
                told = {
                    "what": "called",
                    "round": round_,
                    "number": number,
                    "thing": None if thing is None else str(thing),
                }
            case e.Noted(name=name, value=value):
                return [
                    {
                        "at": self.now.isoformat(),
                        "what": "noted",
                        "name": name,
                        "value": None if value is None else str(value),
                    }
                ]
            case e.Done(round=round_, people=people, outcome=outcome):
                names = [self._names[person] for person in people]
                told = {"what": "done", "round": round_, "people": names, "outcome": outcome}
            case e.Incident(code=code, said=said):
                told = {"what": "incident", "code": code, "said": said.en if said is not None else ""}
            case e.Finished(how=how, code=code):
                ended: dict[str, Any] = {"at": self.now.isoformat(), "what": "finished", "how": how}
                return [ended | {"code": code} if code else ended]
            case _:
                return []
        return [{"at": self.now.isoformat(), **told, "node": self.definition.nodes[one.node].element}]

    def work(self) -> list[dict[str, Any]]:
        """Who has what to do."""
        return [
            {
                "node": self.definition.nodes[here.state.tokens[one.token].node].element, "person": self._names[one.person],
                "state": one.state, "opinion": one.opinion,
            }
            for here in self.cases for one in here.state.items.values() if one.state in (ItemState.OPEN, ItemState.WAITING)
        ]  # fmt: skip

    def json(self) -> dict[str, Any]:
        """Where it stands and how it came there."""
        nodes, flows = self.definition.nodes, self.definition.flows
        tokens = [
            {
                "node": nodes[one.node].element, "via": flows[one.via].id if one.via >= 0 else None, "round": one.round,
                "halted": here.state.halted.get(one.id), "case": number,
            }
            for number, here in enumerate(self.cases) for one in here.state.tokens.values()
        ]  # fmt: skip
        return {
            "process": self.definition.id, "ended": self.state.ended, "at": self.now.isoformat(), "tokens": tokens, "work": self.work(),
            "data": {
                name.removeprefix("data."): None if value is None else str(value)
                for name, value in self.values.items() if name.startswith("data.")
            },
            "log": self.log,
        }  # fmt: skip
