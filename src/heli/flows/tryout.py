"""A draft stepped through before it is published: as the people concerned, on a sample record, writing nothing.

The rules are asked of the company as it is, the engine is the one that runs cases, and what it would write is thrown away. Whoever
tries it is told no more of the sample record than they read of it: a condition on another field waits for a value that they make up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from typing import Any

from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.flows import concerns, matters, seen
from heli.flows.core import events as e
from heli.flows.core import trial as core
from heli.flows.core.definition import CHOSEN, Definition, Kind, Move, Node
from heli.flows.core.expression import Look, Value
from heli.flows.core.state import ItemState, State, Token
from heli.flows.finding import Finder, Found
from heli.flows.knowing import knows
from heli.flows.looking import DATA, RECORD, Looking, plain
from heli.flows.matters import MATTER
from heli.flows.models import Instance
from heli.insight import company as companies
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import HeliError, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import rows, store
from heli.records.fields import Link, PersonRef
from heli.records.sight import kind_of
from heli.records.types import ObjectType
from heli.records.verbs import verb_of

MOST_MOVES = 200
MOST_ROUNDS = 500
"""Times that a trial looks again what passes by itself."""
CLEAR = (rows.READ, rows.EDIT)
MADE_UP = Words(
    "试跑时没有选定真实的事项，看不出轮到谁，由此人暂代",
    "the trial is about nothing real that says whose turn it is: somebody stands in",
)
NOT_NOW = Words(
    "这件事现在没有说轮到谁，由此人暂代", "what it is about says nobody's turn here at present: somebody stands in"
)
NOT_TOLD = Words("轮到谁不能告诉你，由此人暂代", "whose turn it is may not be told to you: somebody stands in")
NO_BEGINNER = Words("没有这个发起人", "there is nobody who could begin it so")
AUTOMATIC = (Kind.SERVICE, Kind.SEND)
"""Nodes that a trial passes by itself, doing nothing."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What to try: who begins it, about which record (or none: made-up values alone), what has been decided so far."""

    initiator: int
    record: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    """By field, or by name for what a case is begun with (``data.NAME``): instead of the record's."""
    chosen: Mapping[str, Sequence[int]] = field(default_factory=dict)
    moves: Sequence[Mapping[str, Any]] = ()
    case: int = 0
    """Of a process about a matter: a case whose matter it is tried with; 0: none."""


class Sample(Looking):
    """A record as who tries it reads it, with values that they have made up."""

    def __init__(
        self,
        viewer: Viewer,
        row: Instance,
        record: Mapping[str, Any] | None,
        clear: frozenset[str],
        made: Mapping[str, Value],
    ) -> None:
        super().__init__(row)
        self.__dict__["record"] = record
        self._viewer, self._clear, self._made = viewer, clear, made
        self.missing: set[str] = set()
        """What a condition named and neither the record shows nor was made up."""

    def __call__(self, name: str) -> Value:
        bare = name.removeprefix(RECORD)
        if bare in self._made or name in self._made:
            return self._made.get(name, self._made.get(bare))
        if name.startswith(RECORD) and bare not in self._clear:
            self.missing.add(name)
            return None
        real = name.startswith(MATTER) and self.row.type in matters.MATTERS and matters.tells_value(
            self._viewer, self.row.type, self.row.record_id, [name.removeprefix(MATTER)]
        )  # fmt: skip
        if name.startswith((DATA, MATTER)) and not real:
            self.missing.add(name)
        if name.startswith(MATTER) and not real:
            return None
        return super().__call__(name)

    def person(self, path: str) -> int | None:
        """Who stands there, as who tries it reads it: each record on the way for itself."""
        if path in self._made or RECORD + path in self._made:
            said = str(self._made.get(RECORD + path, self._made.get(path)))
            return int(said) if said.isdecimal() and len(said) < 19 else None
        if not self.row.record_id:
            return super().person(path) if "." not in path else None
        way, _, last = path.rpartition(".")
        kind, record, clear = self.kind, self.record, self._clear
        for step in way.split(".") if way else ():
            if kind is None or record is None or step not in clear or step not in kind.fields:
                record = None
                break
            link = kind.fields[step]
            assert isinstance(link, Link)  # the file has been checked
            kind, linked = kind_of(link.target), record[link.column]
            record, clear = _read(self._viewer, kind, linked) if linked else (None, frozenset())
        one = kind.fields.get(last) if kind is not None else None
        if record is None or last not in clear or not isinstance(one, PersonRef):
            self.missing.add(RECORD + path)
            return None
        found = record[one.column]
        return found if isinstance(found, int) else None


def _read(viewer: Viewer, kind: ObjectType, record: str) -> tuple[Mapping[str, Any] | None, frozenset[str]]:
    """A record's columns and those of its fields that the viewer reads in full; none of what they do not see."""
    try:
        seen = store.query(viewer, kind.code).show(record)
    except NotFound:
        return None, frozenset()
    return seen.row, frozenset(code for code, level in seen.access.items() if level in CLEAR)


class _Trial(core.Trial):
    """The core's trial with the company's people, called by their numbers."""

    def __init__(
        self, definition: Definition, asked: Asked, looking: Sample, company: Company, veils: frozenset[str]
    ) -> None:
        self._finder = Finder(looking, asked.initiator, company)
        self.sample = looking
        self._veils = veils
        self.stands_in: dict[int, Words] = {}
        """Nodes at which somebody stands in for whose turn a matter says, and why."""
        script = core.Script(str(asked.initiator), clock.now().astimezone(UTC), {}, {}, asked.moves)
        super().__init__(definition, script)

    def _number(self, name: str) -> int:
        number = int(name) if name.isascii() and name.isdigit() and len(name) < 19 else 0
        self._names[number] = str(number)
        return number

    def _looks(self, case: int) -> Look:
        own = self.cases[case].values

        def look(name: str) -> Value:
            return own[name] if name in own else self.values[name] if name in self.values else self.sample(name)

        return look

    def _assigned(self, one: e.Find, state: State) -> e.Assigned:
        node = self.definition.nodes[one.node]
        matter = matters.of(self.definition)
        step = node.does.verb if matter is not None and node.does is not None and node.does.verb in matter.steps else ""
        told = self._finder.find(node, self._previous(state)) if step not in self._veils else Found([])
        found = told.people
        self.stands_in.pop(one.node, None)
        if not found and step:
            others = [who for who in self._finder.company.may("policy", "grant") if who != self._finder.initiator]
            found = others[:1] or [self._finder.initiator]
            real = self.sample.row.type in matters.MATTERS
            self.stands_in[one.node] = NOT_TOLD if step in self._veils else NOT_NOW if real else MADE_UP
        self._names |= {who: str(who) for who in found}
        return e.Assigned(one.token, found, told.skip)

    def _previous(self, state: State) -> tuple[int, ...]:
        done = [one for one in state.passed.values() if one.people and one.back is None]
        return max(done, key=lambda one: one.at).people if done else (int(self.script.initiator),)

    def begin(self) -> None:
        first = self.definition.begun if self.definition.begun is not None else self.definition.starts[0]
        self._send(0, e.Start(first))
        self.settle()

    def move(self, move: Mapping[str, Any]) -> None:
        """One move, and what the process then does by itself. Raises HeliError."""
        what = next(one for one in move if one in core.TAKES)
        self._move(what, move)
        self.settle()

    def settle(self) -> None:
        """Pass what nobody does: services, messages, cases of other processes."""
        for _ in range(MOST_ROUNDS):
            waits = [
                (at, token)
                for at, case in enumerate(self.cases)
                if case.state.ended is None
                for token in case.state.tokens.values()
                if token.id not in case.state.halted and self._passes(self.definition.nodes[token.node])
            ]
            if not waits:
                return
            for at, token in waits:
                if token.id in self.cases[at].state.tokens:
                    self._pass(at, token)

    @staticmethod
    def _passes(node: Node) -> bool:
        return node.kind in AUTOMATIC or (node.call is not None and bool(node.call.process))

    def _pass(self, at: int, token: Token) -> None:
        node = self.definition.nodes[token.node]
        told = self._told(at, token.node)
        self.log.append(
            {
                "at": self.now.isoformat(),
                "what": "done_by_process",
                "node": node.element,
                "people": [str(who) for who in told],
            }
        )
        calls = self.cases[at].state.calls.get(token.id)
        if node.kind in AUTOMATIC:
            self._send(at, e.JobDone(token.id, token.round))
        elif calls is not None:
            for number in [one for one in range(calls.total) if one not in calls.ended]:
                self._send(at, e.CallEnded(token.id, token.round, number, ""))

    def _told(self, at: int, place: int) -> list[int]:
        node = self.definition.nodes[place]
        if node.task is None or not node.task.assignees:
            return []
        return self._finder.find(node, self._previous(self.cases[at].state)).people


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it. ``stopped``: the move that was not possible, by its place, and why."""

    trial: _Trial
    kind: ObjectType | None
    company: Company
    values: Mapping[str, Any]
    """Of the sample record, as who tries it reads them."""
    stopped: tuple[int, Words] | None = None

    @property
    def people(self) -> set[int]:
        """Everybody of whom it tells."""
        found = {int(one["person"]) for one in self.trial.work()} | {int(self.trial.script.initiator)}
        for one in self.trial.log:
            found |= {int(who) for who in (one.get("person"), *one.get("people", ())) if who is not None}
        return found

    def standing(self) -> list[dict[str, str]]:
        """Each step with how it stands, by the ids of the file."""
        found: dict[str, str] = {}
        nodes = self.trial.definition.nodes
        for case in self.trial.cases:
            for place in case.state.passed:
                found.setdefault(nodes[place].element, "done")
            for one in case.state.tokens.values():
                found[nodes[one.node].element] = "halted" if one.id in case.state.halted else "current"
        return [
            {"id": one, "standing": found.get(one, "coming")} for one in dict.fromkeys(node.element for node in nodes)
        ]

    def work(self) -> list[dict[str, Any]]:
        """Who has what, with what they would see and may do."""
        definition = self.trial.definition
        found = []
        for case in self.trial.cases:
            for one in case.state.items.values():
                if one.state not in (ItemState.OPEN, ItemState.WAITING):
                    continue
                node = definition.nodes[case.state.tokens[one.token].node]
                targets = [definition.nodes[p].id for p in case.engine.targets(case.state, one.id)]
                found.append(
                    {
                        "node": node.element, "person": one.person, "waiting": one.state is ItemState.WAITING, "targets": targets,
                        "number": case.number + 1 if case.parent is not None else None,
                        "moves": [str(m) for m in Move if node.task is not None and m in node.task.moves],
                        "fields": self._fields(one.person, node), "verb": self._verb(node),
                        "stands_in": said.json() if (said := self.trial.stands_in.get(definition.places[node.id])) is not None else None,
                    }
                )  # fmt: skip
        return found

    def _fields(self, person: int, node: Node) -> list[dict[str, Any]]:
        if self.kind is None or node.task is None:
            return []
        has = concerns.given(self.company, person, self.kind, node)
        form = node.task.form
        told = []
        for code in form.show:
            if code not in self.kind.fields:
                continue
            level = has.best_level(code) if has is not None else Level.HIDDEN
            told.append(
                {
                    "code": code, "name": self.kind.fields[code].words.json(), "level": level.name.lower(),
                    "edit": code in form.edit, "require": code in form.require, "known": code in self.values,
                    "value": self.values.get(code),
                }
            )  # fmt: skip
        return told

    def _verb(self, node: Node) -> dict[str, str] | None:
        verb = verb_of(self.kind.code, node.does.verb) if self.kind is not None and node.does is not None else None
        return verb.words.json() if verb is not None else None


def tried(viewer: Viewer, definition: Definition, asked: Asked) -> Tried:
    """Play it. Raises NotFound for a record that the viewer does not see, Invalid for what is no trial at all."""
    here = companies.now()
    if asked.initiator not in here.world.people:
        raise Invalid(Problem("initiator", "unknown", NO_BEGINNER))
    _moves(asked.moves)
    about = definition.subject.type if definition.subject is not None and matters.of(definition) is None else ""
    kind = kind_of(about) if about else None
    looking, values = _sample(viewer, kind, asked, here)
    veils = _about(viewer, definition, looking, asked.case) if asked.case else frozenset[str]()
    trial = _Trial(definition, asked, looking, here, veils)
    stopped = None
    for number, move in enumerate([None, *asked.moves]):
        try:
            if move is None:
                trial.begin()
            else:
                trial.move(move)
        except HeliError as error:
            stopped = (number - 1, error.problems[0].words if error.problems else error.words)
            break
    return Tried(trial, kind, here, values, stopped)


def may_try(viewer: Viewer, row: Instance) -> bool:
    """Whether a trial may be about the matter of this case: it is the viewer's to follow, and they may know how it goes."""
    return seen.concerns(viewer, row) and knows(viewer, row)[0]


def _about(viewer: Viewer, definition: Definition, looking: Sample, case: int) -> frozenset[str]:
    """Let the trial be about the matter of a case; the steps of which the viewer may not know who does them. Raises NotFound where the case
    is not about such a matter, or they may not know how it goes."""
    matter, found = matters.of(definition), seen.one(viewer, case)
    if matter is None or found is None or found.row.type != matter.code or not found.follows or not found.ways:
        raise NotFound
    looking.row.type, looking.row.record_id = matter.code, found.row.record_id
    return matter.veils(viewer, found.row.record_id)


def _moves(moves: Sequence[Mapping[str, Any]]) -> None:
    wrong: list[Problem] = []
    for number, one in enumerate(moves):
        core._check_move(
            dict(one), f"moves/{number}", lambda *said: wrong.append(Problem(said[0], said[1], Words(said[2], said[3])))
        )
    if wrong:
        raise Invalid(wrong)


def _sample(viewer: Viewer, kind: ObjectType | None, asked: Asked, here: Company) -> tuple[Sample, Mapping[str, Any]]:
    """What conditions and rules look at: of the record what the viewer reads, and nothing else."""
    row = Instance(
        type=kind.code if kind is not None else "", record_id=asked.record, initiator_id=asked.initiator,
        data={f"{CHOSEN}{node}": list(people) for node, people in asked.chosen.items()},
    )  # fmt: skip
    made = {name: plain(value) for name, value in asked.values.items()}
    home = here.homes.get(asked.initiator)
    if kind is None:
        return Sample(viewer, row, None, frozenset(), made), {}
    columns: dict[str, Any] = dict.fromkeys((one.column for one in kind.fields.values()), None)
    columns |= {"owner_id": asked.initiator, "department_id": home, "project_id": None}
    if not asked.record:
        return Sample(viewer, row, columns, frozenset(), made), {}
    seen = store.query(viewer, kind.code).show(asked.record)
    clear = frozenset(code for code, level in seen.access.items() if level in CLEAR)
    columns |= {
        kind.fields[code].column: seen.row.get(kind.fields[code].column) for code in clear if code in kind.fields
    }
    if "owner" in clear:
        columns["department_id"] = seen.row.get("department_id", home)
    if "project" in clear:
        columns["project_id"] = seen.row.get("project_id")
    return Sample(viewer, row, columns, clear, made), {code: seen.values.get(code) for code in clear}


__all__ = ["Asked", "Tried", "tried"]
