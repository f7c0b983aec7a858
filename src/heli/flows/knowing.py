"""Whether somebody may know which way a case took: it tells what the conditions found on the way.

Counted is whatever turned it: the record's fields, what was proposed for them, what an event brought, when a timer rang, and what the
case above handed down. A case that went over to another version still shows what it did before, so all its versions count.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from heli.access.core.line import Level
from heli.access.unread import Unread
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.flows import library, matters
from heli.flows.core.definition import CATCHES, PROPOSED, Assignee, Definition, Kind, Node
from heli.flows.looking import CHANGE, CHANGED, DATA, EVENT, ITSELF, RECORD, of_record
from heli.flows.models import Instance, Taken, Version, Work
from heli.records import readers
from heli.records.fields import Link
from heli.records.sight import row_facts
from heli.records.types import TYPES, ObjectType

OWNER, DEPARTMENT, PROJECT = "owner", "department", "project"
STANDS = frozenset((OWNER, DEPARTMENT, PROJECT))
"""Fields that a rule asks without naming them; not every type has all."""
BY_DEPARTMENT = ("head", "leader", "position", "turn", "chosen")
"""Rules that ask the record's own department where they mean its owner's."""
SHOWN = (Kind.USER, Kind.SERVICE, Kind.SEND, Kind.CALL, Kind.RULE, *CATCHES)
"""Kinds of node that are steps to people; gateways are ways between them."""
WENT = ("moved", "returned", "kept")
"""How a migration tells of a case that ran by both its versions."""
MOST_BELOW = 50
"""Cases below that are looked at: of more nobody knows the ways."""


@dataclass(frozen=True, slots=True)
class Turns:
    """What turns the cases of a definition. ``fields`` of the record; ``changed``: also whichever fields are proposed; ``events``: type and
    field of other records; ``data``: names of what the case holds itself, which the one above may have worked out."""

    fields: frozenset[str]
    changed: bool
    events: frozenset[tuple[str, str]]
    data: frozenset[str]
    matter: frozenset[str] = frozenset()
    """Values of the matter that they are about."""


def turns(definition: Definition) -> Turns:
    """What conditions, events and timers of a definition look at."""
    names = set(definition.ways)
    events: set[tuple[str, str]] = set()
    own = definition.subject.type if definition.subject is not None else ""
    for node in definition.nodes:
        if node.timer is not None and node.timer.value is not None:
            names |= node.timer.value.names
        if node.hears is not None and node.hears.where is not None:
            kind = of_record(node.hears.name)
            brought = {one.removeprefix(EVENT) for one in node.hears.where.names if one.startswith(EVENT)}
            events |= {(kind.code, one) for one in brought} if kind is not None else set()
    fields = {one.removeprefix(start) for one in names for start in (RECORD, CHANGE) if one.startswith(start)}
    fields |= {field for code, field in events if code == own}
    return Turns(
        frozenset(fields - {ITSELF}), CHANGED in names, frozenset(one for one in events if one[0] != own),
        frozenset(one.removeprefix(DATA) for one in names if one.startswith(DATA)),
        frozenset(one.removeprefix(matters.MATTER) for one in names if one.startswith(matters.MATTER)),
    )  # fmt: skip


def handed_down(above: Definition, process: str, data: Set[str]) -> frozenset[str]:
    """What a case above looks at to work out these values of a case of the process below."""
    return frozenset(
        name
        for node in above.nodes
        if node.call is not None and node.call.process in (process, "")
        for given, expression in (*node.call.gives.items(), (node.call.name, node.call.each))
        if given in data and expression is not None
        for name in expression.names
    )


def handed_back(definition: Definition, data: Set[str]) -> bool:
    """Whether one of these values may come from cases that this one has begun."""
    return any(
        not data.isdisjoint((*one.call.takes, *one.call.takes.values())) for one in definition.nodes if one.call is not None
    )  # fmt: skip


def people_fields(node: Node) -> frozenset[str]:
    """Fields of the record by which a node's people are found: who works there would tell them."""
    rules = (*node.task.assignees, *node.task.candidates) if node.task is not None else ()
    return frozenset(found for one in rules for found in _stand_in(one))


def _stand_in(one: Assignee) -> tuple[str, ...]:
    if one.rule == "field":
        return (one.given["field"].removeprefix(RECORD),)
    if one.given.get("of") == OWNER:
        return (OWNER, DEPARTMENT) if one.rule in BY_DEPARTMENT and not one.given.get("department") else (OWNER,)
    return (PROJECT,) if one.rule == "project" else ()


def knows(viewer: Viewer, row: Instance) -> tuple[bool, frozenset[int]]:
    """Whether the viewer reads all that turned the case; and the nodes that are done by whoever stands in a field that they do not
    read."""
    kind = TYPES.get(row.type)
    definition = library.definition(row.version)
    before = [library.definition(one) for one in ran_by_before(row)]
    matter = matters.MATTERS.get(row.type)
    if matter is not None:
        veils = matter.veils(viewer, row.record_id)
        veiled = frozenset(p for p, node in enumerate(definition.nodes) if matters.step(row.type, node) in veils)
        hears = viewer.person is None or bool(matters.hearing(row, [viewer.person]))
        sure = hears and not (row.hidden and matter.hidden(viewer, row.record_id))
        looked = frozenset().union(*(turns(one).matter for one in (definition, *before)))
        return sure and matters.tells_value(viewer, row.type, row.record_id, looked), veiled
    people = {place: set(found) for place, node in enumerate(definition.nodes) if (found := people_fields(node))}
    gone: set[str] = set()
    for one in before:
        for node in one.nodes:
            at = definition.places.get(node.id)
            (people.setdefault(at, set()) if at is not None else gone).update(people_fields(node))
    ways = [turns(one) for one in (definition, *before)]
    conditions = gone.union(*(one.fields for one in ways))
    if any(one.changed for one in ways):
        conditions |= row.data.get(PROPOSED, {}).keys()
    sure = reads_events(viewer, frozenset().union(*(one.events for one in ways)))
    data = frozenset().union(*(one.data for one in ways))
    sure = sure and _reads_above(viewer, row, data) and _knows_below(viewer, row, definition, data)
    asked: set[str] = conditions.union(*people.values())
    if not asked or kind is None:
        return sure, frozenset()
    unread = asked - (STANDS - kind.fields.keys()) - read(viewer, kind, row.record_id, asked)
    veiled = frozenset(p for p, codes in people.items() if not codes.isdisjoint(unread))
    return sure and unread.isdisjoint(conditions), veiled


def work_told(viewer: Viewer, sources: Collection[str]) -> Collection[str]:
    """Of these pieces of work and copies (sources of reach rows) those that the viewer may be told of: they may know the way of the case,
    and who does this node of it."""
    asked: dict[int, dict[int, str]] = {}
    copies: dict[int, dict[str, int]] = {}
    told: set[str] = set()
    for one in sources:
        kind, _, rest = one.partition(":")
        case, _, number = rest.partition(":")
        if kind == "work" and case.isdecimal() and number.isdecimal():
            asked.setdefault(int(case), {})[int(number)] = one
        elif kind == "copy" and case.isdecimal() and number.isdecimal():
            copies.setdefault(int(case), {})[one] = int(number)
        else:
            told.add(one)  # no work of a case
    for row in (
        Instance.objects.filter(pk__in={*asked, *copies}).select_related("version__process").defer("version__source")
    ):
        ways, veiled = knows(viewer, row)
        if ways:
            told |= {one for one, node in copies.get(row.pk, {}).items() if node not in veiled}
            works = asked.get(row.pk, {})
            nodes = Work.objects.filter(instance_id=row.pk, number__in=works).values_list("number", "node")
            told |= {asked[row.pk][number] for number, node in nodes if node not in veiled}
    return told


def step_known(by: View, tag: str) -> bool:
    """Whether whoever holds this view reads, on every record, all that could bring a case to the step whose lines have this tag, and all
    by which its people are found: then nothing is told by somebody's having work there."""
    number, _, place = tag.removeprefix("v").partition(".")
    version = Version.objects.defer("source").filter(pk=int(number)).first() if number.isdecimal() else None
    if version is None:
        return False
    definition = library.definition(version)
    turned, kind = turns(definition), definition.subject.type if definition.subject is not None else ""
    if turned.changed or turned.events or turned.data or int(place) >= len(definition.nodes):
        return False
    asked = turned.fields | people_fields(definition.nodes[int(place)])
    unread = Unread(by)
    return not asked or (kind in TYPES and all(unread.reads(kind, one) for one in asked))


def ran_by_before(row: Instance) -> Sequence[Version]:
    """The other versions by which a case has run."""
    gone = Taken.objects.filter(instance_id=row.pk, state__in=WENT).values_list("before_id", "migration__to_id")
    ids = {one for both in gone for one in both} - {row.version_id}
    return list(Version.objects.filter(pk__in=ids).select_related("process").defer("source")) if ids else []


def reads_events(viewer: Viewer, events: Iterable[tuple[str, str]]) -> bool:
    """Whether the viewer reads these fields of some records: of which one an event told is not kept."""
    if viewer.view is None:
        return False
    rights = {code: viewer.view.type(code) for code, _ in events}
    return all((found := rights[code]) is not None and found.best_level(field) == Level.READ for code, field in events)


def _reads_above(viewer: Viewer, row: Instance, data: Set[str]) -> bool:
    """Whether the viewer reads all from which the cases above worked out what they handed down."""
    if row.parent_id is None or not data:
        return True
    above = Instance.objects.select_related("version__process").defer("version__source").get(pk=row.parent_id)
    names = handed_down(library.definition(above.version), row.process_code, data)
    kind = TYPES.get(above.type)
    asked = {one.removeprefix(start) for one in names for start in (RECORD, CHANGE) if one.startswith(start)} - {ITSELF}
    if asked and (kind is None or read(viewer, kind, above.record_id, asked) != asked):
        return False
    passed_on = frozenset(one.removeprefix(DATA) for one in names if one.startswith(DATA))
    return _reads_above(viewer, above, passed_on)


def _knows_below(viewer: Viewer, row: Instance, definition: Definition, data: Set[str]) -> bool:
    """Whether the viewer may know the ways of the cases that brought back what this one goes by."""
    if not data or not handed_back(definition, data):
        return True
    below = Instance.objects.filter(parent_id=row.pk).select_related("version__process").defer("version__source")
    cases = list(below[: MOST_BELOW + 1])
    return len(cases) <= MOST_BELOW and all(knows(viewer, one)[0] for one in cases)


def read(viewer: Viewer, kind: ObjectType, record: str, codes: Set[str]) -> set[str]:
    """Those of the fields that the viewer reads of the record; of one that was deleted since, read until then."""
    stored = readers.row_of(kind, record, deleted=True)
    return {code for code in codes if _reads(viewer, kind, stored, code)} if stored is not None else set()


def _reads(viewer: Viewer, kind: ObjectType, stored: Mapping[str, Any], path: str) -> bool:
    """Whether the viewer reads this field of a record, and where it leads to another record the next of that."""
    code, _, rest = path.partition(".")
    rights_ = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights_ is None or viewer.person is None or code not in kind.fields:
        return False
    facts = row_facts(dict(stored), readers.reached_by(kind, stored).get(viewer.person, frozenset()))
    if not rights_.decide("read", facts).allowed or rights_.level(code, facts) != Level.READ:
        return False
    if not rest:
        return True
    one = kind.fields[code]
    if not isinstance(one, Link):
        return False
    if not stored[one.column]:
        return True
    other = TYPES[one.target]
    linked = readers.row_of(other, stored[one.column], deleted=True)  # else that it is there no more would be told
    return linked is not None and _reads(viewer, other, linked, rest)
