"""What a definition gives, told from the very permission lines that it gives: to the people of each step, to what a step does, to whom it
makes part of a project, and to the process itself; with that of the processes it calls. For whoever says yes to it.

Each thing is held against what the version's author holds on every record: what goes beyond is why the version waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from heli.access.core.line import Held, Level, Source
from heli.access.rules import parse_line, parse_lines
from heli.access.scopes import Carrier
from heli.access.shapes import SHAPES
from heli.access.view import View, bounded_as, hold
from heli.access.wider import wider
from heli.flows import fit, rights
from heli.flows.core.definition import Definition, Does, Node
from heli.flows.core.graph import Graph
from heli.flows.looking import CHANGE, EVENT, ITSELF, RECORD, of_record
from heli.insight import company
from heli.kernel.words import Words
from heli.org.models import Person
from heli.records.types import TYPES, ObjectType

ALL = "*"
"""Every field that is not the system's own."""
EVERYWHERE = ["all"]


class Beyond(StrEnum):
    """How much of a thing its author does not hold."""

    NO = ""
    PART = "part"
    """They hold it on some records, up to some amount, or not for everybody to whom it is given."""
    ALL = "all"


class To(StrEnum):
    """To whom lines are given."""

    PEOPLE = "people"
    """Who has work at a node, for as long as they have it."""
    ACT = "act"
    """The decision that approves a node, for what the node then does."""
    PART = "part"
    """Who approves a node, or leads the project that it makes, for as long as they are part of that project."""
    ITSELF = "itself"
    """The process, for what it reads and does by itself."""


@dataclass(frozen=True, slots=True)
class Giver:
    """A place of a definition that gives lines: a node, or the process itself (``place`` None)."""

    definition: Definition
    to: To
    place: int | None
    lines: tuple[dict[str, Any], ...]

    @property
    def node(self) -> Node | None:
        return self.definition.nodes[self.place] if self.place is not None else None


def with_called(definition: Definition) -> list[Definition]:
    """A definition and all that it calls, as they run now: who calls a process lets it begin without asking who may begin it."""
    found = {definition.id: definition}
    waiting = [definition]
    while waiting:
        for node in waiting.pop().nodes:
            code = node.call.process if node.call is not None else ""
            other = fit.current(code) if code and code not in found else None
            if other is not None:
                found[code] = other
                waiting.append(other)
    return list(found.values())


def givers(definition: Definition) -> Iterator[Giver]:
    """All that gives something in one definition: its nodes in their order, then the process itself."""
    kind, heard = kind_of(definition), lines_of_events(definition)
    if kind is None:
        if heard:
            yield Giver(definition, To.ITSELF, None, tuple(heard))
        return
    for place in in_order(definition):
        people, act = of_node(kind, definition, place)
        if people:
            yield Giver(definition, To.PEOPLE, place, tuple(people))
        if act:
            yield Giver(definition, To.ACT, place, tuple(act))
        if part := rights.lines_of_part(rights.part_of(definition.nodes[place])):
            yield Giver(definition, To.PART, place, tuple(part))
    yield Giver(definition, To.ITSELF, None, (*rights.lines_of_process(kind, definition), *heard))


def lines_of_events(definition: Definition) -> list[dict[str, Any]]:
    """What a process reads of the records whose events it hears: that a case is begun, or goes on, tells what their conditions found, as it
    does of the record that the case is about. The process holds nothing by these lines; they are what its author has to hold."""
    read: dict[str, set[str]] = {}
    for node in definition.nodes:
        hears = node.hears
        kind = of_record(hears.name) if hears is not None and hears.kind == "message" else None
        if kind is not None and hears is not None and hears.where is not None:
            named = {one.removeprefix(EVENT) for one in hears.where.names if one.startswith(EVENT)}
            read.setdefault(kind.code, set()).update(named & kind.fields.keys())
    return [
        {"type": code, "actions": ["read"], "scope": EVERYWHERE, "read": {ALL: "hidden", **dict.fromkeys(sorted(some), "read")}}
        for code, some in sorted(read.items()) if some
    ]  # fmt: skip


def in_order(definition: Definition) -> list[int]:
    """Its nodes as work comes to them; none is left out."""
    order = Graph(definition).order
    return list(dict.fromkeys((*order, *range(len(definition.nodes)))))


def of_node(kind: ObjectType, definition: Definition, place: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What a node gives: to its people, and to its act."""
    node, tag = definition.nodes[place], str(place)
    return rights.lines_of_node(kind, node, tag), rights.lines_of_act(kind, node, tag, definition.subject)


def kind_of(definition: Definition) -> ObjectType | None:
    """The records that a definition is about; None where it is about none."""
    return TYPES.get(definition.subject.type) if definition.subject is not None else None


# -- beyond ------------------------------------------------------------------------------------------------------------


def beyond(view: View, lines: Sequence[dict[str, Any]]) -> bool:
    """Whether these lines, on every record, would give something beyond a view: to its person, or to others whom its person's own
    ceilings do not bound."""
    if view.asked is None:
        return True
    everywhere = parse_lines([{**line, "scope": EVERYWHERE} for line in lines])
    source = Source(0, "", Words("", ""), 0, Words("", ""))
    more: list[Held] = [hold(line, source, view.asked, Carrier()) for line in everywhere]
    world, kinds = company.now().world, [kind for kind, _ in Person.KINDS if kind != view.kind]
    return wider(view, view.with_lines([*view.lines, *more])) or any(
        wider(view, view.with_lines(more, bounded_as(kind, view.asked, world))) for kind in kinds
    )


@dataclass(slots=True)
class Author:
    """What the author of a version holds, asked of each thing that it gives. Each answer is worked out once."""

    view: View
    _known: dict[tuple[str, str, str, str], Beyond] = field(default_factory=dict)

    def lacks(self, type_: str, what: str, code: str, limit: str = "") -> Beyond:
        """``what``: ``read`` or ``edit`` or ``create`` (of a field), or ``act``."""
        key = (type_, what, code, limit)
        if key not in self._known:
            over = beyond(self.view, _unit(type_, what, code, limit))
            self._known[key] = (
                Beyond.NO if not over else Beyond.PART if self._somewhere(type_, what, code) else Beyond.ALL
            )
        return self._known[key]

    def _somewhere(self, type_: str, what: str, code: str) -> bool:
        held = self.view.type(type_)
        if held is None:
            return False
        if what == "act":
            return held.ever(code)
        if what == "read":
            return held.best_level(code) == Level.READ
        return any(code == ALL or one.line.may_write(code) for one in held.held(what))


def _unit(type_: str, what: str, code: str, limit: str) -> list[dict[str, Any]]:
    """The lines that give one thing and nothing else: who fills in a field has to read it."""
    reads = {"type": type_, "actions": ["read"], "scope": EVERYWHERE, "read": {ALL: "hidden"}}
    match what:
        case "act":
            line: dict[str, Any] = {"type": type_, "actions": [code], "scope": EVERYWHERE}
            if code == "read":
                return [reads]
            if code in ("edit", "create"):
                line["write"] = {ALL: False}
            return [line | {"limit": limit} if limit else line]
        case "read":
            return [{**reads, "read": {ALL: "hidden", code: "read"}}]
    line = {"type": type_, "actions": [what], "scope": EVERYWHERE, "write": [code]}
    return [line] if what == "create" or code == ALL else [line, {**reads, "read": {ALL: "hidden", code: "read"}}]


# -- told --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Thing:
    """A field or an act, by its code; ``limit``: up to which amount."""

    code: str
    beyond: Beyond = Beyond.NO
    limit: str = ""


@dataclass(slots=True)
class OnType:
    """What is given on records of one type."""

    type: str
    acts: list[Thing] = field(default_factory=list)
    reads: list[Thing] = field(default_factory=list)
    writes: list[Thing] = field(default_factory=list)


def told(lines: Iterable[dict[str, Any]], author: Author | None = None) -> list[OnType]:
    """Permission lines by type: each act, each field that is read, each that is written, once."""
    found: dict[str, OnType] = {}
    for stated in lines:
        line = parse_line(stated)
        here, limit = found.setdefault(line.type, OnType(line.type)), str(stated.get("limit", ""))

        def add(to: list[Thing], what: str, code: str, limit: str = "", type_: str = line.type) -> None:
            lacks = author.lacks(type_, what, code, limit) if author is not None else Beyond.NO
            same = next((at for at, one in enumerate(to) if (one.code, one.limit) == (code, limit)), None)
            if same is None:
                to.append(Thing(code, lacks, limit))
            elif lacks == Beyond.ALL or not to[same].beyond:
                to[same] = Thing(code, lacks, limit)

        for action in sorted(line.actions):
            add(here.acts, "act", action, limit)
        shapes = SHAPES[line.type].fields.values()
        if "read" in line.actions:
            for shape in shapes:
                if line.level(shape.code, shape.data_class) > Level.HIDDEN:
                    add(here.reads, "read", shape.code)
        for action in sorted(line.actions & {"edit", "create"}):
            for code in [ALL] if line.writes is None else sorted(line.writes):
                add(here.writes, action, code)
    return list(found.values())


def looked_at(definition: Definition) -> list[str]:
    """What else the process looks at to choose its way and to fill in what it does: fields of records that links lead to, what was
    proposed, and what criteria of hand-offs ask for. It tells nobody their values."""
    names = set(definition.named)
    for node in definition.nodes:
        if node.task is not None and node.task.handoff is not None:
            names |= {name for one in node.task.handoff.criteria for name in one.when.names}
    own = {name for name in definition.named if name.startswith(RECORD) and name.count(".") == 1}
    found = {name for name in names if name.startswith((RECORD, CHANGE)) and name != RECORD + ITSELF}
    return sorted(found - own)


def ends(definition: Definition) -> list[tuple[str, Does]]:
    """What the process does by itself where it ends without being completed, and where it begins by itself: when, and the act."""
    subject = definition.subject
    if subject is None:
        return []
    begins = subject.begins if definition.by_itself else ""
    said = (("begins", begins), ("rejected", subject.rejected), ("withdrawn", subject.withdrawn))
    return [(when, Does(verb)) for when, verb in said if verb]
