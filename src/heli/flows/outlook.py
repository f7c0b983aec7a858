"""What beginning a process about a record would come to, before anybody begins it: whether it would be refused, and the steps to come.

The way is told from the definition and the record as who asks reads it. A condition on what only comes with the case (a proposal, what an
earlier step fills in) leaves both ways open; of what lies behind one on what they do not read, only what every way passes is told.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from heli.access.viewer import Viewer
from heli.flows import acts, library, matters
from heli.flows.begin import RUNNING
from heli.flows.core.compiling import BODY
from heli.flows.core.definition import CATCHES, Definition, Flow, Kind, Mode, Node, Subject
from heli.flows.core.expression import Expression
from heli.flows.core.graph import Graph
from heli.flows.core.lexicon import joined
from heli.flows.knowing import STANDS, people_fields
from heli.flows.looking import RECORD
from heli.flows.models import Instance, Process
from heli.flows.starting import Here
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records import hooks, readers, visible
from heli.records.reasons import reason
from heli.records.sight import kind_of, row_facts
from heli.records.verbs import verb_of

MOST_PEOPLE = 20
LISTED = (Kind.USER, Kind.CALL, *CATCHES)
"""Kinds of node that are steps to who begins a case: somebody does something, or it waits. Beside them what the process does by itself."""
ALL, SOME = "all", "some"
LATER = ("data", "turn", "matter")
"""Rules that find somebody only when it is their turn."""
GIVEN = STANDS
GIVES = ("accept", "assign", "claim", "return", "take_over", "transfer")
"""Verbs that give a record to somebody else: no other changes whose it is."""
AND, OTHERWISE = Words(" 且 ", " and "), Words("其他情况下", "otherwise")
IF = Words("如果{when}", "if {when}")
NONE_TO_PROPOSE = Words(
    "它提交的是对某些字段的修改，这些字段你在这条记录上看不到完整内容",
    "it proposes new values for fields that you do not read in full on this record",
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step to come. ``number``: those with the same are done beside each other, or one of them; ``sure``: every way passes it, else
    ``when`` says in which case, where that can be told. ``who``: ``people`` do it (or are told), ``chosen`` by who begins it, somebody ``later``,
    ``itself`` (the process), or ``nobody`` (it waits, or another process does it). ``same``: who decided before is not asked again here:
    that is ``all`` of its people, so that it passes by itself, or it may be ``some`` of them."""

    node: Node
    number: int
    sure: bool
    when: Words | None
    who: str
    people: tuple[int, ...] = ()
    same: str = ""


@dataclass(frozen=True, slots=True)
class Outlook:
    """One process as it could be begun about a record. ``refusal``: code and words of why it would be refused now; ``partly``: some steps
    are not told."""

    process: Process
    definition: Definition
    refusal: tuple[str, Words] | None
    steps: tuple[Step, ...] = ()
    partly: bool = False


def outlooks(viewer: Viewer, type_: str, record: str, changed: Collection[str] | None = None) -> list[Outlook]:
    """Every process that somebody can begin about such a record. ``changed``: the fields for which new values would be proposed, where that
    is known. Raises NotFound for a record that the viewer does not see."""
    kind = kind_of(type_)
    stored = readers.row_of(kind, record) if visible.among(viewer, kind.code, [record]) else None
    if stored is None or viewer.person is None:
        raise NotFound
    facts = row_facts(dict(stored), readers.reached_by(kind, stored).get(viewer.person, frozenset()))
    cases = Instance.objects.filter(type=kind.code, record_id=record, state=Instance.RUNNING, parent=None)
    running = set(cases.values_list("process_code", flat=True))
    rows = Process.objects.filter(type=kind.code, closed_at=None, current__isnull=False).select_related("current")
    found: list[Outlook] = []
    for one in rows.defer("current__source").order_by("pk"):
        assert one.current is not None
        one.current.process = one
        definition = library.definition(one.current)
        if definition.begun is None or definition.subject is None or matters.of(definition) is not None:
            continue
        here = Here(viewer, kind, stored, definition, changed)
        if one.code in running:
            found.append(Outlook(one, definition, ("running", RUNNING.fill(name=one.words))))
        elif (refusal := _refusal(here, one, definition.subject, facts)) is not None:
            found.append(Outlook(one, definition, refusal))
        else:
            way = _Way(here)
            found.append(Outlook(one, definition, None, tuple(way.steps()), way.partly))
    return found


def _refusal(here: Here, process: Process, subject: Subject, facts: Mapping[str, Any]) -> tuple[str, Words] | None:
    """What beginning would be refused with; nothing of it is done."""
    viewer, kind = here.viewer, here.kind
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    verb = verb_of(kind.code, subject.begins) if subject.begins else None
    for action in dict.fromkeys((subject.right, *((verb.right,) if verb is not None else ()))):
        if rights is None or not rights.decide(action, facts).allowed:
            return reason(viewer, kind, action, facts)
    if subject.proposes and here.clear.isdisjoint(subject.proposes):
        return "level", NONE_TO_PROPOSE
    if (words := here.not_now(process.words)) is not None:
        return "condition", words
    if verb is None or (subject.unless is not None and here.holds(subject.unless)):
        return None
    barred = hooks.barred(viewer, kind, verb, facts)
    # that a process is the only way to an act is why one begins it
    return verb.refuses(viewer, facts) or (barred if barred is not None and barred[0] == "process" else None)


@dataclass(frozen=True, slots=True)
class _Came:
    """What comes to a node along the ways: whether every case does, in which cases (None: that cannot be told, or must not be), after how
    many steps, and what may have been changed by then."""

    sure: bool
    when: tuple[Words, ...] | None = ()
    told: bool = True
    number: int = 0
    written: frozenset[str] = frozenset()
    people: tuple[int, ...] | None = ()
    """Who did the step before; None: nobody knows."""
    decided: frozenset[int] = frozenset()
    """Who has decided by then, as things stand."""
    perhaps: frozenset[int] | None = frozenset()
    """Who may have, beside them; None: anybody may."""


class _Way:
    """The steps of a case of this record, as far as they can be told now."""

    def __init__(self, here: Here) -> None:
        self.here, self.definition = here, here.definition
        assert self.definition.begun is not None
        self.partly = False
        self._graph = Graph(self.definition, self.definition.begun)
        self._fields = here.kind.fields
        self._ways: dict[int, tuple[list[int], list[int]]] = {}
        """Node -> where it surely goes on, all of it; and where it may, one of it at least, where nothing is sure."""

    def steps(self) -> Iterator[Step]:
        """Those that somebody does or waits for, in their order."""
        subject, begun = self.definition.subject, self._graph.start
        assert subject is not None
        began = frozenset(self._moved() if subject.begins else ())
        come: dict[int, list[_Came]] = {begun: [_Came(True, written=began, people=(self.here.finder.initiator,))]}
        found: list[Step] = []
        for place in self._graph.order:
            if place not in come:
                continue
            node = self.definition.nodes[place]
            parts = come[place]
            came = parts[0] if len(parts) == 1 else _met(node, parts, sure=self._passed_by_all(place))
            if node.kind in LISTED or _by_itself(node):
                step = self._step(node, came)
                if step is not None and came.told:
                    found.append(step)
                    came = replace(came, number=came.number + 1)
                    if node.kind in LISTED and step.same != ALL:
                        came = replace(came, people=step.people if step.who == "people" else None)
                elif step is not None:
                    self.partly = True
                if step is not None and node.kind is Kind.USER:
                    came = _decided(step, came)
            came = replace(came, written=came.written | self._writes(node))
            ways = list(self._on(node, came))
            self._ways[place] = (
                [flow.target for flow, _, surely in ways if surely],
                [flow.target for flow, _, surely in ways if not surely],
            )
            for flow, part, surely in ways:
                come.setdefault(flow.target, []).append(part if surely else replace(part, sure=False))
        return iter(sorted(found, key=lambda one: one.number))

    def _passed_by_all(self, place: int) -> bool:
        """Whether no case ends without having come here, whichever ways it takes where more than one is open: counted is how it can get
        past, since of several open ways behind an inclusive gateway at least one is gone."""
        past: dict[int, bool] = {place: False}
        before = self._graph.order[: self._graph.order.index(place)]
        for at in reversed(before):
            if at in self._ways:
                surely, perhaps = self._ways[at]
                each = [past.get(one, place not in self._graph.behind[one]) for one in (surely or perhaps)]
                past[at] = not each or (all(each) if surely else any(each))
        return not past.get(self._graph.start, True)

    def _on(self, node: Node, came: _Came) -> Iterator[tuple[Flow, _Came, bool]]:
        """Where it goes on from a node, and whether it surely does."""
        flows = [
            self.definition.flows[one]
            for one in node.outgoing
            if self.definition.flows[one].target in self._graph.forward[self.definition.places[node.id]]
        ]
        if node.kind is Kind.EVENTS:
            yield from ((one, replace(came, when=None), len(flows) == 1) for one in flows)
            return
        if node.kind not in (Kind.EXCLUSIVE, Kind.INCLUSIVE):
            yield from ((one, came, True) for one in flows)
            return
        default = self.definition.flows[node.default] if node.default is not None else None
        open_: list[Flow] = []
        taken: list[Flow] = []
        for one in flows:
            if one is default:
                continue
            held = True if one.condition is None else self._holds(one.condition, came)
            if held is None:
                open_.append(one)
            elif held:
                taken.append(one)
                if node.kind is Kind.EXCLUSIVE:
                    break
        if default is not None and default in flows and not taken:
            taken.append(default)
            if open_ and node.kind is Kind.INCLUSIVE:
                open_.append(taken.pop())
        if node.kind is Kind.EXCLUSIVE:
            ways = [*open_, *taken]
            yield from ((one, self._part(came, one, default, open_, len(ways)), len(ways) == 1) for one in ways)
            return
        yield from ((one, came, True) for one in taken)
        yield from ((one, self._part(came, one, default, open_, 2), False) for one in open_)

    def _part(self, came: _Came, flow: Flow, default: Flow | None, open_: list[Flow], ways: int) -> _Came:
        """One of several ways, of which nobody knows yet which it will be."""
        if ways == 1:
            return came
        told = came.told and all(one.condition is None or self.here.reads(one.condition.names) for one in open_)
        words = (
            OTHERWISE
            if flow is default or flow not in open_
            else self.here.words(flow.condition)
            if flow.condition is not None
            else None
        )
        when = (*came.when, words) if words is not None and came.when is not None else None
        return replace(came, when=when, told=told)

    def _holds(self, condition: Expression, came: _Came) -> bool | None:
        """Whether a condition holds when it is come to: not known where what it looks at may change until then."""
        fields = {one.removeprefix(RECORD).partition(".")[0] for one in condition.names if one.startswith(RECORD)}
        return self.here.holds(condition) if fields.isdisjoint(came.written) else None

    def _writes(self, node: Node) -> frozenset[str]:
        """Fields that may be another's after a node: those that its form fills in or its act writes; of a verb, what verbs write."""
        found = frozenset(node.task.form.edit) if node.task is not None else frozenset()
        derived = hooks.deriving.get(self.here.kind.code)
        if derived is not None and derived.needs & found:
            found |= derived.gives
        if node.does is None:
            return found
        if node.does.verb == acts.CREATE:
            return found  # of another record
        if node.does.verb in acts.BUILT_IN:
            return found | frozenset(acts.written(node.does, self.definition.subject))
        return found | self._moved() | (GIVEN if node.does.verb in GIVES else frozenset())

    def _moved(self) -> frozenset[str]:
        """What a verb may write. What a row comes to by itself stays as it is while what it comes from does."""
        derived = hooks.deriving.get(self.here.kind.code)
        moved = frozenset(
            code
            for code, one in self._fields.items()
            if code not in GIVEN and (one.readonly or one.flow or isinstance(one, f.Choice))
        )
        return moved if derived is None or derived.needs & moved else moved - derived.gives

    def _step(self, node: Node, came: _Came) -> Step | None:
        """A step with who gets it; None for one that is passed over."""
        body = self.definition.places.get(node.id + BODY)
        worked = self.definition.nodes[body] if body is not None else node
        sure = came.sure
        when = None if sure or not came.when else _case(came.when)
        if node.kind is Kind.SERVICE:
            return Step(node, came.number, sure, when, "itself")
        if worked.task is None or not worked.task.assignees:
            return Step(node, came.number, sure, when, "nobody")
        rules = worked.task.assignees
        if any(one.rule == "chosen" for one in rules):
            return Step(node, came.number, sure, when, "chosen")
        asked = people_fields(worked) - (STANDS - self._fields.keys())
        unknown = (
            not asked <= self.here.clear
            or any(one.partition(".")[0] in came.written for one in asked)
            or (came.people is None and any(one.given.get("of") == "previous" for one in rules))
            or any(one.rule in LATER and (one.rule != "turn" or came.number or not sure) for one in rules)
        )
        once = node.kind is Kind.USER and worked.task.same == "dedupe"
        before = once and (came.perhaps is None or bool(came.decided | came.perhaps))
        if unknown:
            return Step(node, came.number, sure, when, "later", (), SOME if before else "")
        found = self.here.finder.find(worked, came.people or ())
        if found.skip or (not found.people and worked.task.empty == "skip"):
            return None
        people = tuple(one for one in found.people if not once or one not in came.decided)
        if found.people and not people:
            return Step(node, came.number, sure, when, "people", tuple(found.people), ALL)
        some = once and (came.perhaps is None or not came.perhaps.isdisjoint(people))
        return Step(node, came.number, sure, when, "people" if people else "later", people, SOME if some else "")


def _by_itself(node: Node) -> bool:
    """Whether a process does something here that people see: something with a record, or that it tells somebody."""
    return (node.kind is Kind.SERVICE and node.does is not None) or node.kind is Kind.SEND


def _decided(step: Step, came: _Came) -> _Came:
    """What is known of who has decided, behind a step that people do: all of them, where all have to; one of several, where one is enough.
    Work that is handed on meanwhile is not foreseen."""
    if step.who != "people":
        return replace(came, perhaps=None)
    if step.same == ALL:
        return came
    task, people = step.node.task, frozenset(step.people)
    if len(people) == 1 or (task is not None and task.mode in (Mode.ALL, Mode.SEQUENCE)):
        return replace(came, decided=came.decided | people)
    return replace(came, perhaps=None if came.perhaps is None else came.perhaps | people)


def _case(when: tuple[Words, ...]) -> Words:
    """In which case, in words."""
    conditions = [one for one in when if one is not OTHERWISE]
    return IF.fill(when=joined(conditions, AND)) if conditions else OTHERWISE


def _met(node: Node, parts: list[_Came], *, sure: bool) -> _Came:
    """What comes to a node along several ways, as one. ``sure``: whether every case comes along one of them."""
    surely = [one.decided for one in parts if node.kind is Kind.PARALLEL or (node.kind is Kind.INCLUSIVE and one.sure)]
    decided = frozenset[int]().union(*surely, frozenset.intersection(*(one.decided for one in parts)))
    may = [None if one.perhaps is None else one.decided | one.perhaps for one in parts]
    perhaps = None if None in may else frozenset[int]().union(*(one for one in may if one is not None)) - decided
    people: tuple[int, ...] | None = parts[0].people
    if any(one.people != people for one in parts):
        people = None
    return _Came(
        sure, () if sure else None, sure or all(one.told for one in parts), max(one.number for one in parts),
        frozenset().union(*(one.written for one in parts)), people, decided, perhaps,
    )  # fmt: skip


__all__ = ["MOST_PEOPLE", "Outlook", "Step", "outlooks"]
