"""What somebody may know of an instance: whose it is to follow, which of its nodes they are shown, what they may do.

The way that a process took tells what its conditions found. Whoever does not read every field that a condition names is therefore
shown no node but those at which they have work, and of the rest only that it runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Q

from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.flows import library, matters, rights, store
from heli.flows.core.definition import CATCHES, Definition, Kind, Move, Node
from heli.flows.core.state import Item, State
from heli.flows.core.step import Engine
from heli.flows.finding import may_administer
from heli.flows.looking import CHANGE, CHANGED, ITSELF, PROPOSED, RECORD, followed
from heli.flows.models import Copied, Happening, Instance, Version, Work
from heli.records import readers, visible
from heli.records.sight import row_facts
from heli.records.types import TYPES, ObjectType

MOST_WORKS = 300
MOST_CASES = 200
MOST_HAPPENINGS = 300
SHOWN = (Kind.USER, Kind.SERVICE, Kind.SEND, Kind.CALL, Kind.RULE, *CATCHES)
"""Kinds of node that are steps to people; gateways are ways between them."""


@dataclass
class Seen:
    """One instance as one viewer knows it. ``follows``: it is theirs to follow, else they see only where its record stands; ``ways``:
    they may know which way it took."""

    viewer: Viewer
    row: Instance
    follows: bool
    ways: bool
    state: State
    works: Sequence[Work]
    happenings: Sequence[Happening]
    principals: frozenset[int] = frozenset()
    """For whom the viewer stands in, in this process."""
    veiled: frozenset[int] = frozenset()
    """Nodes whose people would tell a cell that the viewer does not read."""

    @property
    def engine(self) -> Engine:
        return library.of(self.row)

    @property
    def definition(self) -> Definition:
        return self.engine.definition

    def mine(self, work: Work) -> bool:
        """Whether it is the viewer's to do, as themselves or as a deputy."""
        if self.viewer.role:
            return False
        if work.person_id == self.viewer.person:
            return True
        return work.person_id in self.principals and self.viewer.person != self.row.initiator_id

    @cached_property
    def own_nodes(self) -> frozenset[int]:
        """Nodes at which the viewer has, or had, work."""
        return frozenset(one.node for one in self.works if self.mine(one) or one.done_by == self.viewer.person)

    def shows(self, place: int) -> bool:
        """Whether the viewer may know of this node: it is on a way that they may know of, they work at it, or it stands still and
        they look after processes."""
        knows = self.ways and place not in self.veiled
        return knows or place in self.own_nodes or (self.administers and self.standing(place) == "halted")

    def shown(self) -> list[int]:
        """The nodes to show, in the order of the work."""
        nodes = self.definition.nodes
        return [place for place in self.engine.graph.order if nodes[place].kind in SHOWN and self.shows(place)]

    def standing(self, place: int) -> str:
        """``current``, ``halted``, ``done``, ``coming``, or ``passed_by`` for what the case has ended or gone without."""
        tokens = [one.id for one in self.state.at(place)]
        if any(one in self.state.halted for one in tokens):
            return "halted"
        if tokens or any(self.state.timers.get((one, place)) for one in self.state.tokens):
            return "current"
        if place in self.state.passed:
            return "done"
        return "coming" if self.state.ended is None else "passed_by"

    @cached_property
    def work(self) -> Work | None:
        """The viewer's open work, their own before that of whom they stand in for."""
        open_ = [one for one in self.works if one.state == Work.OPEN and self.mine(one)]
        return min(open_, key=lambda one: (one.person_id != self.viewer.person, one.number), default=None)

    # -- moves ---------------------------------------------------------------------------------------------------------

    def moves(self, work: Work) -> list[str]:
        """What the viewer may do with this work, besides approving."""
        node = self.definition.nodes[work.node]
        assert node.task is not None
        item = self._item(work)
        if item is None:
            return []
        if item.opinion:
            return ["reject"] + (["transfer"] if Move.TRANSFER in node.task.moves else [])
        group = self.state.groups[item.token]
        found = [str(one) for one in Move if one in node.task.moves and one is not Move.TAKE_BACK]
        others = [
            self.state.items[n]
            for n in group.items
            if n != item.id and self.state.items[n].state in ("open", "waiting")
        ]
        if "remove_signer" in found and not any(one.added_by is not None for one in others):
            found.remove("remove_signer")
        if str(group.mode) == "claim" and any(one.state == "open" and one.added_by is None for one in others):
            found.append("claim")
        return found

    def _item(self, work: Work) -> Item | None:
        return self.state.items.get(work.number)

    def targets(self, work: Work) -> list[int]:
        """Nodes to which this work may be sent back, nearest first: none where the node says exactly where."""
        task = self.definition.nodes[work.node].task
        if task is None or Move.REJECT not in task.moves or work.opinion or self._item(work) is None:
            return []
        earlier = self.engine.targets(self.state, work.number)
        match task.rejection.to:
            case "any":
                return earlier
            case "previous":
                return earlier[:1]
            case "start":
                return earlier[-1:]
            case "end":
                return []
        place = self.definition.places.get(task.rejection.to)
        return [place] if place is not None and (place in earlier or place in self.state.passed) else []

    def others(self, work: Work) -> list[Work]:
        """Colleagues with live work at the same node who were added to it, and can be taken off again."""
        return [
            one
            for one in self.works
            if one.token == work.token
            and one.pk != work.pk
            and one.added_by is not None
            and one.state in (Work.OPEN, Work.WAITING)
        ]

    def take_back(self) -> list[int]:
        """Nodes whose decision the viewer may take back now."""
        person = self.viewer.person
        found = []
        for place, passed in self.state.passed.items():
            node = self.definition.nodes[place]
            task = node.task
            if (
                person in passed.people
                and task is not None
                and node.does is None
                and Move.TAKE_BACK in task.moves
                and passed.at == self.state.clock
            ):
                found.append(place)
        return found if self.state.ended is None else []

    @property
    def may_withdraw(self) -> bool:
        return self.state.ended is None and self.row.parent_id is None and self.viewer.person == self.row.initiator_id

    @property
    def may_urge(self) -> bool:
        """Whether the viewer waits for others and may ask them to get on."""
        waits = any(one.state == Work.OPEN and one.person_id != self.viewer.person for one in self.works)
        return self.state.ended is None and waits and (self.may_withdraw or self.administers)

    @property
    def administers(self) -> bool:
        return may_administer(self.viewer.view)


def one(viewer: Viewer, instance: int) -> Seen | None:
    """An instance as this viewer may know it; None where it is none of theirs: neither theirs to follow, nor about a record that they see."""
    found = store.read(instance, lock=False)
    if found is None:
        return None
    row, state, _ = found
    principals = stood_in_for(viewer, row)
    works = _works(row.pk, {viewer.person or 0, *principals})
    follows = concerns(viewer, row)
    if not follows and not sees_record(viewer, row):
        return None
    happenings = (
        list(Happening.objects.filter(instance_id=row.pk).order_by("-pk")[:MOST_HAPPENINGS])[::-1] if follows else []
    )
    ways, veiled = knows(viewer, row)
    _translate(row, works, happenings)
    works = [one for one in works if one.node >= 0]
    return Seen(viewer, row, follows, ways, state, works, happenings, principals, veiled)


def _translate(row: Instance, works: Sequence[Work], happenings: Sequence[Happening]) -> None:
    """Let what is over and was meant by another version name the nodes of the present one. A node that is there no more is -1 of work, and
    none of what has happened, which then says in its outcome what it was called."""
    named = (*(one.version_id for one in works), *(one.version_id for one in happenings))
    other = {one for one in named if one is not None and one != row.version_id}
    if not other:
        return
    names = library.definition(row.version).places
    old = {
        one.pk: library.definition(one).nodes
        for one in Version.objects.select_related("process").defer("source").filter(pk__in=other)
    }
    for work in works:
        if work.version_id in old:
            work.node = names.get(old[work.version_id][work.node].id, -1)
    for one in happenings:
        if one.version_id in old and one.node is not None:
            was = old[one.version_id][one.node]
            one.node = names.get(was.id)
            if one.node is None:
                one.was = was  # type: ignore[attr-defined]  # told by the API, kept nowhere


def above(row: Instance) -> Instance | None:
    """The case that waits for this one."""
    if row.parent_id is None:
        return None
    rows = Instance.objects.select_related("version__process").defer("version__source")
    return rows.get(pk=row.parent_id)


def cases(row: Instance, one: Seen) -> list[Instance]:
    """The cases that this one has begun, latest first, for whom may follow this one and know which way it took."""
    if not (one.follows and one.ways):
        return []
    rows = Instance.objects.filter(parent_id=row.pk).select_related("version__process").defer("version__source")
    return list(rows.order_by("-pk")[:MOST_CASES])


def _works(instance: int, theirs: set[int]) -> list[Work]:
    """The latest work of an instance, and whatever of it is open for these people, in its order."""
    every = Work.objects.filter(instance_id=instance).order_by("-number")
    found = {one.number: one for one in every[:MOST_WORKS]}
    if len(found) == MOST_WORKS:
        found |= {one.number: one for one in every.filter(state=Work.OPEN, person_id__in=theirs)[:MOST_WORKS]}
    return [found[number] for number in sorted(found)]


def concerns(viewer: Viewer, row: Instance) -> bool:
    """Whether it is theirs to follow: they began it, have or had work in it (also as a deputy), were told of it, or look after processes.
    Work is a person's: no token has it."""
    person, matter = viewer.person, matters.MATTERS.get(row.type)
    if person is None:
        return False
    if matter is not None and matter.follows(viewer, [row.record_id]):
        return True
    if (person == row.initiator_id or may_administer(viewer.view)) and not row.hidden:
        return True
    if viewer.role:
        return False
    theirs = {person, *stood_in_for(viewer, row)}
    works = Work.objects.filter(instance_id=row.pk)
    not_ = (
        (Work.WAITING, Work.CLOSED) if matter is not None else (Work.WAITING,)
    )  # a turn that has passed tells of no matter
    return (
        works.filter(Q(person_id__in=theirs) & ~Q(state__in=not_) | Q(done_by=person)).exists()
        or Copied.objects.filter(instance_id=row.pk, person_id=person).exists()
    )  # fmt: skip


def stood_in_for(viewer: Viewer, row: Instance) -> frozenset[int]:
    """For whom the viewer stands in here: for nobody where it is about a matter, such as somebody's rights, which one decides oneself."""
    if viewer.person is None or row.type in matters.MATTERS:
        return frozenset()
    return rights.stood_in_for(viewer.person, row.process_code)


def sees_record(viewer: Viewer, row: Instance) -> bool:
    """Whether the viewer sees the record that it is about."""
    return row.type in TYPES and bool(visible.among(viewer, row.type, [row.record_id]))


def knows(viewer: Viewer, row: Instance) -> tuple[bool, frozenset[int]]:
    """Whether the viewer reads every field of the record that the process's conditions name; and the nodes that are done by whoever
    stands in a field that they do not read: who works there would tell them."""
    definition = library.definition(row.version)
    matter = matters.MATTERS.get(row.type)
    if matter is not None:
        veils = matter.veils(viewer, row.record_id)
        veiled = frozenset(p for p, node in enumerate(definition.nodes) if matters.step(row.type, node) in veils)
        return not (row.hidden and matter.hidden(viewer, row.record_id)), veiled
    conditions = {
        name.removeprefix(start) for name in definition.ways for start in (RECORD, CHANGE) if name.startswith(start)
    }
    conditions.discard(ITSELF)
    if CHANGED in definition.ways:
        conditions |= row.data.get(PROPOSED, {}).keys()
    people = {place: found for place, node in enumerate(definition.nodes) if (found := people_fields(node))}
    kind = TYPES.get(row.type)
    asked = conditions.union(*people.values())
    if not asked or kind is None:
        return True, frozenset()
    unread = asked - _read(viewer, row, kind, asked)
    return unread.isdisjoint(conditions), frozenset(p for p, codes in people.items() if not codes.isdisjoint(unread))


def people_fields(node: Node) -> frozenset[str]:
    """Fields of the record in which a node's people stand."""
    rules = (*node.task.assignees, *node.task.candidates) if node.task is not None else ()
    return frozenset(one.given["field"].removeprefix(RECORD) for one in rules if one.rule == "field")


def _read(viewer: Viewer, row: Instance, kind: ObjectType, codes: Set[str]) -> set[str]:
    """Those of the fields that the viewer reads of the record."""
    stored = readers.row_of(kind, row.record_id)
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
    other, linked = followed(kind.fields[code], stored)
    return linked is None or _reads(viewer, other, linked, rest)
