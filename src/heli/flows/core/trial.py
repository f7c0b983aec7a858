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
from heli.flows.core.definition import Definition
from heli.flows.core.duration import duration
from heli.flows.core.expression import Value
from heli.flows.core.state import Item, ItemState, State
from heli.flows.core.step import Engine
from heli.kernel.errors import HeliError, Invalid, Problem
from heli.kernel.words import Words

MOST_MOVES = 10_000
MOST_STEPS = 100_000
"""Timers and answers of one trial."""
DECIMAL = re.compile(r"-?\d{1,20}\.\d{1,10}")
HEAD = {"initiator", "start", "people", "values", "moves"}
TAKES: dict[str, tuple[str, ...]] = {
    "approve": ("by",), "reject": ("by", "to"), "claim": ("by",), "transfer": ("by", "to"), "delegate": ("by", "to"),
    "add": ("by", "to", "place"), "remove": ("by", "who"), "take_back": ("by",), "withdraw": (), "done": (), "fail": ("code",),
    "retry": (), "set": (), "wait": (),
}  # fmt: skip
"""Move -> what else it says. Its own value is the node, for ``withdraw`` a person, for ``set`` values, for ``wait`` a duration."""
OPTIONAL = {"to", "place", "code"}


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
class Trial:
    """One instance being played. Raises HeliError where a move is not possible; what had been played stays in ``log``."""

    definition: Definition
    script: Script
    log: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.engine = Engine(self.definition)
        self.now = self.script.start
        self.values = dict(self.script.values)
        self._numbers: dict[str, int] = {}
        self._names: dict[int, str] = {}
        self._due: list[tuple[dt.datetime, int, int, int]] = []
        self._steps = 0
        self.state = State(self._number(self.script.initiator))

    def play(self) -> None:
        """Start it and make every move; a move that is refused raises Invalid naming its place."""
        self._send(e.Start())
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
            self._send(e.Withdraw(self._number(target)))
        elif what == "take_back":
            self._send(e.TakeBack(self._place(target), self._number(move["by"])))
        elif what in ("done", "fail", "retry"):
            token = self._token(target)
            answer: dict[str, e.Event] = {
                "done": e.JobDone(*token), "fail": e.JobFailed(*token, str(move.get("code", "failed"))), "retry": e.Retry(token[0]),
            }  # fmt: skip
            self._send(answer[what])
        else:
            self._send(self._by_person(what, move, self._item(target, move["by"])))

    def _by_person(self, what: str, move: Mapping[str, Any], item: Item) -> e.Event:
        by = item.person
        match what:
            case "approve":
                return e.Decide(item.id, by)
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
                return e.RemoveSigner(item.id, by, self._other(item, move["who"]))

    # -- the world -----------------------------------------------------------------------------------------------------

    def _send(self, event: e.Event) -> None:
        trial = self.state.copy()
        waiting: list[e.Event] = [event]
        log: list[dict[str, Any]] = []
        while waiting:
            self._steps += 1
            if self._steps > MOST_STEPS:
                raise Invalid(Problem("script", "too_long", Words("试运行步数太多", "the trial takes too many steps")))
            for one in self.engine.step(trial, waiting.pop(0), self._look, self.now.date()):
                if isinstance(one, e.Find):
                    waiting.append(self._assigned(one, trial))
                elif isinstance(one, e.Timed):
                    heapq.heappush(self._due, (self._when(one.node), one.token, one.node, one.round))
                log += self._said(one)
        self.state = trial
        self.log += log

    def _assigned(self, one: e.Find, state: State) -> e.Assigned:
        """Whom a node finds: by the script. ``state`` is what the step has come to so far."""
        names = self.script.people.get(self.definition.nodes[one.node].id, ())
        return e.Assigned(one.token, [self._number(name) for name in names])

    def _look(self, name: str) -> Value:
        return self.values[name]

    def _when(self, node: int) -> dt.datetime:
        timer = self.definition.nodes[node].timer
        assert timer is not None
        length = duration(timer.text) if timer.kind == "duration" else None
        return dt.datetime.fromisoformat(timer.text) if length is None else self.now + length

    def _wait(self, length: dt.timedelta) -> None:
        until = self.now + length
        while self._due and self._due[0][0] <= until:
            at, token, node, round_ = heapq.heappop(self._due)
            self.now = max(self.now, at)
            self._send(e.Due(token, node, round_))
        self.now = until

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        self._names[number] = name
        return number

    def _place(self, node: str) -> int:
        place = self.definition.places.get(node)
        if place is None:
            raise Invalid(
                Problem("node", "unknown", Words(f"没有节点“{node[:60]}”", f"there is no node {node[:60]!r}"))
            )
        return place

    def _item(self, node: str, person: str) -> Item:
        place, number = self._place(node), self._number(person)
        for one in self.state.items.values():
            if self.state.tokens[one.token].node == place and one.person == number and one.state is ItemState.OPEN:
                return one
        work = ", ".join(f"{one['node']}: {one['person']}" for one in self.work()) or "-"
        raise Invalid(
            Problem(
                "by",
                "no_work",
                Words(
                    f"{person} 在“{node}”没有待办；现在的待办：{work}",
                    f"{person} has no work at {node}; open now: {work}",
                ),
            )
        )

    def _other(self, item: Item, name: str) -> int:
        number = self._number(name)
        found = [one.id for one in self.state.items.values() if one.token == item.token and one.person == number]
        if not found:
            raise Invalid(Problem("who", "unknown", Words(f"{name} 不在这个节点", f"{name} is not at this node")))
        return found[-1]

    def _token(self, node: str) -> tuple[int, int]:
        for token in self.state.at(self._place(node)):
            return token.id, token.round
        raise Invalid(
            Problem(
                "node", "not_there", Words(f"流程不在“{node[:60]}”", f"the process does not stand at {node[:60]!r}")
            )
        )

    # -- telling -------------------------------------------------------------------------------------------------------

    def _said(self, one: e.Command) -> list[dict[str, Any]]:
        at, nodes = self.now.isoformat(), self.definition.nodes
        match one:
            case e.Opened(person=person, node=node):
                return [{"at": at, "what": "opened", "node": nodes[node].id, "person": self._names[person]}]
            case e.Closed(person=person, node=node, outcome=outcome):
                return [
                    {
                        "at": at,
                        "what": "closed",
                        "node": nodes[node].id,
                        "person": self._names[person],
                        "outcome": outcome,
                    }
                ]
            case e.Job(node=node, round=round_) | e.Timed(node=node, round=round_):
                return [
                    {
                        "at": at,
                        "what": "job" if isinstance(one, e.Job) else "timer",
                        "node": nodes[node].id,
                        "round": round_,
                    }
                ]
            case e.Done(node=node, round=round_, people=people, outcome=outcome):
                names = [self._names[person] for person in people]
                return [
                    {
                        "at": at,
                        "what": "done",
                        "node": nodes[node].id,
                        "round": round_,
                        "people": names,
                        "outcome": outcome,
                    }
                ]
            case e.Incident(node=node, code=code, said=said):
                return [
                    {
                        "at": at,
                        "what": "incident",
                        "node": nodes[node].id,
                        "code": code,
                        "said": said.en if said is not None else "",
                    }
                ]
            case e.Finished(how=how):
                return [{"at": at, "what": "finished", "how": how}]
            case _:
                return []

    def work(self) -> list[dict[str, Any]]:
        """Who has what to do."""
        return [
            {
                "node": self.definition.nodes[self.state.tokens[one.token].node].id, "person": self._names[one.person], "state": one.state,
                "opinion": one.opinion,
            }
            for one in self.state.items.values() if one.state in (ItemState.OPEN, ItemState.WAITING)
        ]  # fmt: skip

    def json(self) -> dict[str, Any]:
        """Where it stands and how it came there."""
        nodes, flows = self.definition.nodes, self.definition.flows
        tokens = [
            {
                "node": nodes[one.node].id, "via": flows[one.via].id if one.via >= 0 else None, "round": one.round,
                "halted": self.state.halted.get(one.id),
            }
            for one in self.state.tokens.values()
        ]  # fmt: skip
        return {
            "process": self.definition.id, "ended": self.state.ended, "at": self.now.isoformat(), "tokens": tokens, "work": self.work(),
            "log": self.log,
        }  # fmt: skip
