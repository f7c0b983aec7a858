"""What somebody may know of an instance: whose it is to follow, which of its nodes they are shown, what they may do.

The way that a process took tells what its conditions found. Whoever does not read every field that a condition names is therefore
shown no node but those at which they have work, and of the rest only that it runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.db.models import Q

from heli.access.viewer import VIEW_AS, Viewer
from heli.flows import coming, library, matters, rights, store
from heli.flows.core import events as e
from heli.flows.core.definition import Definition, Kind, Move, Node
from heli.flows.core.state import Item, State
from heli.flows.core.step import Engine
from heli.flows.finding import may_administer
from heli.flows.knowing import SHOWN, knows
from heli.flows.looking import Looking
from heli.flows.models import Copied, Happening, Instance, Version, Work
from heli.kernel.errors import HeliError
from heli.records import visible
from heli.records.types import TYPES

MOST_WORKS = 300
MOST_CASES = 200
MOST_HAPPENINGS = 300


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
    former: Mapping[int, Node] = field(default_factory=dict)
    """By happening: the node at which it happened, where the present version has it no more."""

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
        """Nodes at which the viewer has, or had, work; of who looks as somebody else, none: it is not theirs, and would tell the way."""
        if self.viewer.mode is not None and self.viewer.mode.kind == VIEW_AS:
            return frozenset()
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
        """``current``, ``halted``, ``done``, ``coming``, ``left`` for what was under way when the case ended, or ``passed_by`` for what it has
        ended or gone without."""
        tokens = [one.id for one in self.state.at(place)]
        if any(one in self.state.halted for one in tokens):
            return "halted"
        if tokens or any(self.state.timers.get((one, place)) for one in self.state.tokens):
            return "current"
        if place in self.left:
            return "left"
        if place in self.state.passed:
            return "done"
        still = place in self.ahead or not self.ways  # that theirs comes no more would tell which way was taken
        return "coming" if self.state.ended is None and still else "passed_by"

    @cached_property
    def left(self) -> frozenset[int]:
        """Nodes that were under way when the case ended: events of which the first would have decided, too. Of cases that ended before this
        was kept, those at which somebody had work."""
        if self.state.ended is None:
            return frozenset()
        nodes, flows = self.definition.nodes, self.definition.flows
        found = set(self.state.left)
        found |= {
            flows[one].target for place in found if nodes[place].kind is Kind.EVENTS for one in nodes[place].outgoing
        }
        found |= {one.node for one in self.works if self.undone(one) and one.node not in self.state.passed}
        return frozenset(found)

    def undone(self, work: Work) -> bool:
        """Whether somebody still had this to do when the case ended."""
        ended = self.row.ended_at is not None and work.done_at == self.row.ended_at
        done = work.node in self.state.passed and work.node not in self.state.left
        return ended and work.state == Work.CLOSED and work.opened_at is not None and not done

    @cached_property
    def ahead(self) -> frozenset[int]:
        """Nodes to which the case may still come as it stands."""
        return coming.ahead(self.engine.graph, (one.node for one in self.state.tokens.values()))

    def decides(self) -> list[str]:
        """What decides which of the steps to come do, as far as the viewer may know of the way."""
        if not self.ways or self.state.ended is not None:
            return []
        later = [place for place in self.shown() if self.standing(place) == "coming"]
        return coming.deciding(self.engine.graph, {one.node for one in self.state.tokens.values()}, later)

    @cached_property
    def first(self) -> Mapping[int, int]:
        """Events for which the case waits and of which the first that comes decides -> the gateway before them. One of which the viewer
        knows of no other stands alone."""
        nodes, flows = self.definition.nodes, self.definition.flows
        found: dict[int, int] = {}
        for token in self.state.tokens.values() if self.row.state == Instance.RUNNING else ():
            if nodes[token.node].kind is Kind.EVENTS:
                some = [flows[one].target for one in nodes[token.node].outgoing]
                known = [place for place in some if self.shows(place) and self.standing(place) == "current"]
                found |= dict.fromkeys(known, token.node) if len(known) > 1 else {}
        return found

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

    def would_pass(self, work: Work, looking: Looking, today: dt.date) -> bool:
        """Whether approving this work now would approve its node: others may have to sign yet."""
        item = self._item(work)
        if item is None:
            return False
        event = e.Decide(item.id, item.person, True, None, None if item.person == self.viewer.person else item.person)
        try:
            return self.engine.passes(self.state, event, looking, today)
        except HeliError:
            return True  # what is wrong is said when it is tried

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
            case "previous":  # the one that was done last, which need not be the nearest
                return [max(earlier, key=lambda one: self.state.passed[one].at)] if earlier else []
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
                and passed.back is None
                and task is not None
                and node.does is None
                and Move.TAKE_BACK in task.moves
                and passed.at == self.state.clock
            ):
                found.append(place)
        return found if self.state.ended is None else []

    @cached_property
    def copied(self) -> tuple[Copied, Node | None, datetime | None] | None:
        """That the viewer was told of it; by which step, and until when, where that still shows them something. It is not theirs who looks
        as them, and would tell the way."""
        person = self.viewer.person
        looks_as = self.viewer.mode is not None and self.viewer.mode.kind == VIEW_AS
        if person is None or self.viewer.role or looks_as or not self.follows:
            return None
        found = Copied.objects.filter(instance_id=self.row.pk, person_id=person).first()
        shown = rights.shown_by(self.row, person) if found is not None else None
        if found is None or shown is None:
            return (found, None, None) if found is not None else None
        version, place, until = shown  # the case may run by another meanwhile
        told_by = Version.objects.select_related("process").defer("source").get(pk=version)
        return found, library.definition(told_by).nodes[place], until

    @property
    def may_withdraw(self) -> bool:
        matter = matters.MATTERS.get(self.row.type)
        return self.began and (matter is None or matter.recallable)

    @property
    def began(self) -> bool:
        """Whether it is the viewer's own, which runs and nothing waits above for."""
        return self.state.ended is None and self.row.parent_id is None and self.viewer.person == self.row.initiator_id

    @property
    def told(self) -> list[Happening]:
        """What has happened, as far as the viewer may know. What the end came to without a person (an error's code, what was refused of
        it) stands at no node, and tells the way all the same: ``ended`` is told of it, not how."""
        return [
            one
            for one in self.happenings
            if (one.node is None or self.shows(one.node))
            and (self.ways or (one.pk not in self.former and (one.what != "incident" or one.node is not None)))
        ]

    @property
    def may_urge(self) -> bool:
        """Whether the viewer waits for others and may ask them to get on; whether there is anybody, who may not know the way is not told."""
        waits = not self.ways or any(
            one.state == Work.OPEN and one.person_id != self.viewer.person for one in self.works
        )
        return self.state.ended is None and waits and (self.began or self.administers)

    @property
    def administers(self) -> bool:
        return may_administer(self.viewer.view)


def one(viewer: Viewer, instance: int) -> Seen | None:
    """An instance as this viewer may know it; None where it is none of theirs: neither theirs to follow, nor about a record that they see."""
    found = store.read(instance, lock=False)
    if found is None:
        return None
    row, state = found.row, found.state
    principals = stood_in_for(viewer, row)
    works = _works(row.pk, {viewer.person or 0, *principals})
    follows = concerns(viewer, row)
    if not follows and not (sees_record(viewer, row) and begun_in_sight(viewer, row)):
        return None
    happenings = (
        list(Happening.objects.filter(instance_id=row.pk).order_by("-pk")[:MOST_HAPPENINGS])[::-1] if follows else []
    )
    ways, veiled = knows(viewer, row)
    former = _translate(row, works, happenings)
    works = [one for one in works if one.node >= 0]
    return Seen(viewer, row, follows, ways, state, works, happenings, principals, veiled, former)


def _translate(row: Instance, works: Sequence[Work], happenings: Sequence[Happening]) -> dict[int, Node]:
    """Let what is over and was meant by another version name the nodes of the present one. A node that is there no more is -1 of work, and
    none of what has happened; returns those, by happening."""
    former: dict[int, Node] = {}
    named = (*(one.version_id for one in works), *(one.version_id for one in happenings))
    other = {one for one in named if one is not None and one != row.version_id}
    if not other:
        return former
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
                former[one.pk] = was
    return former


def begun_in_sight(viewer: Viewer, row: Instance) -> bool:
    """Whether the viewer may know that this case was begun: one below another was by the way which that took."""
    if row.parent_id is None:
        return True
    found = Instance.objects.select_related("version__process").defer("version__source").get(pk=row.parent_id)
    return knows(viewer, found)[0] and begun_in_sight(viewer, found)


def above(viewer: Viewer, row: Instance) -> Instance | None:
    """The case that waits for this one; None where the viewer may not know of it."""
    if row.parent_id is None:
        return None
    rows = Instance.objects.select_related("version__process").defer("version__source")
    found = rows.get(pk=row.parent_id)
    return found if known_of(viewer, [found]) else None


def cases(row: Instance, one: Seen) -> list[Instance]:
    """The cases that this one has begun, latest first, for whom may follow this one and know which way it took: of those, whichever
    they may know of."""
    if not (one.follows and one.ways):
        return []
    rows = Instance.objects.filter(parent_id=row.pk).select_related("version__process").defer("version__source")
    return known_of(one.viewer, list(rows.order_by("-pk")[:MOST_CASES]))


def known_of(viewer: Viewer, rows: Sequence[Instance]) -> list[Instance]:
    """Those of the cases that are the viewer's to follow, or about a record that they see."""
    by_type: dict[str, set[str]] = {}
    for one in rows:
        if one.type in TYPES:
            by_type.setdefault(one.type, set()).add(one.record_id)
    seen = {(code, found) for code, ids in by_type.items() for found in visible.among(viewer, code, ids)}
    return [
        one
        for one in rows
        if ((one.type, one.record_id) in seen and begun_in_sight(viewer, one)) or concerns(viewer, one)
    ]


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
    hears = bool(matters.hearing(row, [person]))
    if hears and (person == row.initiator_id or may_administer(viewer.view)) and not row.hidden:
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
        or (hears and Copied.objects.filter(instance_id=row.pk, person_id=person).exists())
    )  # fmt: skip


def hears(viewer: Viewer, row: Instance) -> bool:
    """Whether a list may tell the viewer of a case: of one about a matter, unless that keeps it from them."""
    return viewer.person is not None and (bool(matters.hearing(row, [viewer.person])) or concerns(viewer, row))


def stood_in_for(viewer: Viewer, row: Instance) -> frozenset[int]:
    """For whom the viewer stands in here: for nobody where it is about a matter, such as somebody's rights, which one decides oneself."""
    if viewer.person is None or row.type in matters.MATTERS:
        return frozenset()
    return rights.stood_in_for(viewer.person, row.process_code)


def sees_record(viewer: Viewer, row: Instance) -> bool:
    """Whether the viewer sees the record that it is about."""
    return row.type in TYPES and bool(visible.among(viewer, row.type, [row.record_id]))
