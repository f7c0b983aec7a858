"""Which cases somebody's figures are made of, and of which of them they may know the way.

Who looks after processes sees figures of all cases. Others see those of the cases that they follow, or about whose records they may know,
and only where they read every field that a condition of the process names: the way a case took tells what the condition found.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from heli.access.compile import Sql, all_of
from heli.access.viewer import Viewer
from heli.flows import knowing, library, rights
from heli.flows.core.definition import Definition
from heli.flows.finding import may_administer
from heli.flows.models import Copied, Instance, Process, Taken, Version, Work
from heli.insight import company
from heli.kernel import clock
from heli.kernel.errors import NotFound
from heli.records import store
from heli.records.types import TYPES

FEWEST = 5
"""Cases of which figures are told to who may not know the way of each."""
MOST_CASES = 50_000
CHUNK = 500
MOST_ASKED = 500
"""Cases that go by what others handed them, which are asked one by one; of the rest nobody knows the ways."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked at: cases that ended in so many days, and those that run; ``version`` and ``department`` narrow (0: all)."""

    days: int = 90
    version: int = 0
    department: int = 0


@dataclass(frozen=True, slots=True)
class Case:
    """One case, as far as figures need it."""

    id: int
    version: int
    record: str
    initiator: int
    state: str
    began: dt.datetime
    ended: dt.datetime | None
    above: int | None = None
    """The case that waits for it."""


class Scope:
    """One process as one viewer may see its figures."""

    def __init__(self, viewer: Viewer, process: Process, asked: Asked) -> None:
        self.viewer = viewer
        self.process = process
        self.asked = asked
        self.now = clock.now()

    @cached_property
    def all(self) -> bool:
        """Whether they look after processes."""
        return may_administer(self.viewer.view) and not self.viewer.role

    @cached_property
    def versions(self) -> dict[int, Version]:
        found = {one.pk: one for one in Version.objects.filter(process=self.process).defer("source")}
        for one in found.values():
            one.process = self.process
        return found

    def definition(self, version: int) -> Definition:
        return library.definition(self.versions[version])

    @cached_property
    def every(self) -> Sequence[Case]:
        """Every case of the period, in the order in which they began."""
        since = self.now - dt.timedelta(days=self.asked.days)
        rows = Instance.objects.filter(process_code=self.process.code, part="", hidden=False).filter(
            Q(state=Instance.RUNNING) | Q(ended_at__gte=since)
        )
        if self.asked.version:
            rows = rows.filter(version__number=self.asked.version)
        listed = rows.order_by("-pk").values_list(
            "pk", "version_id", "record_id", "initiator_id", "state", "started_at", "ended_at", "parent_id"
        )
        found = [Case(*one) for one in listed[:MOST_CASES]]
        if self.asked.department:
            here = company.now()
            below = here.world.tree.below(self.asked.department)
            found = [one for one in found if here.homes.get(one.initiator) in below]
        return found[::-1]

    @cached_property
    def told(self) -> Sequence[Case]:
        """The cases that figures are made of."""
        if self.all:
            return self.every
        return [one for one in self.every if one.id in self.ways]

    @cached_property
    def ways(self) -> frozenset[int]:
        """Cases of which the viewer may know the way."""
        by_version: dict[int, list[Case]] = {}
        for one in self.every:
            for version in {one.version, *self._before.get(one.id, ())}:
                by_version.setdefault(version, []).append(one)
        barred: set[int] = set()
        for version, cases in by_version.items():
            barred |= {one.id for one in cases} - self._open(version, cases)
        known = frozenset(one.id for one in self.every) - barred
        return known if self.all else known & (self._seen | self._concerned)

    @cached_property
    def knows_all(self) -> bool:
        """Whether there is no case among these whose way they may not know."""
        return all(one.id in self.ways for one in self.told)

    @cached_property
    def untold(self) -> int:
        """Cases that they follow, and that their figures leave out."""
        return 0 if self.all else sum(1 for one in self.every if one.id in self._concerned and one.id not in self.ways)

    def veiled(self, version: int, moved: Set[int] = frozenset()) -> dict[int, frozenset[int]]:
        """By node, the cases in which who works there would tell a cell that the viewer does not read. ``moved``: cases that ran by
        this version before."""
        if self.all:
            return {}
        cases = [one for one in self.told if one.version == version or one.id in moved]
        nodes = self.definition(version).nodes
        people = {place: of for place, node in enumerate(nodes) if (of := knowing.people_fields(node))}
        found = {}
        for place, fields in people.items():
            reads = self._reading(version, cases, fields)
            found[place] = frozenset(one.id for one in cases if one.id not in reads)
        return found

    @cached_property
    def _before(self) -> dict[int, set[int]]:
        """The versions by which cases ran that went over to others."""
        rows = Taken.objects.filter(migration__process=self.process, state__in=knowing.WENT)
        found: dict[int, set[int]] = {}
        for case, before, to in rows.values_list("instance_id", "before_id", "migration__to_id"):
            found.setdefault(case, set()).update((before, to))
        return found

    def _open(self, version: int, cases: Sequence[Case]) -> frozenset[int]:
        """Those of the cases of which the viewer reads all that turned them, as far as this version goes (``knowing.knows``)."""
        definition = self.definition(version)
        turns = knowing.turns(definition)
        fields = turns.fields
        if turns.changed and definition.subject is not None:
            fields |= frozenset(definition.subject.proposes)
        if not knowing.reads_events(self.viewer, turns.events):
            return frozenset()
        found = self._reading(version, cases, fields)
        if not turns.data:
            return found
        handed = knowing.handed_back(definition, turns.data)
        asked = [one.id for one in cases if one.id in found and (handed or one.above)]
        rows = (
            Instance.objects.filter(pk__in=asked[-MOST_ASKED:])
            .select_related("version__process")
            .defer("version__source")
        )
        return found - frozenset(asked) | frozenset(row.pk for row in rows if knowing.knows(self.viewer, row)[0])

    # -- rights --------------------------------------------------------------------------------------------------------

    def _reading(self, version: int, cases: Sequence[Case], fields: frozenset[str]) -> frozenset[int]:
        """Those of the cases of whose records the viewer reads all these fields."""
        subject = self.definition(version).subject
        kind = TYPES.get(subject.type) if subject is not None else None
        if kind is None or not fields:
            return frozenset(one.id for one in cases)
        paths = {one for one in fields if "." in one}
        own = {one.partition(".")[0] for one in fields} & kind.fields.keys()
        found = self.reading(kind.code, [one.record for one in cases], frozenset(own))
        if paths:  # what stands in other records is asked of each
            latest = dict.fromkeys(one.record for one in reversed(cases) if one.record in found)
            found = {one for one in list(latest)[:MOST_ASKED] if knowing.read(self.viewer, kind, one, paths) == paths}
        return frozenset(one.id for one in cases if one.record in found)

    def reading(self, code: str, records: Sequence[str], fields: frozenset[str]) -> set[str]:
        """Those of the records that the viewer sees, with all these fields."""
        try:
            query = store.query(self.viewer, code).through("check")
        except NotFound:
            return set()
        sight = query.sight

        def readable(alias: str) -> Sql:
            return all_of([sight.readable(one, alias) for one in sorted(fields)])

        if fields:
            query = query.narrowed(readable)
        wanted = sorted({one for one in records if one})
        return {one for at in range(0, len(wanted), CHUNK) for one in query.among(wanted[at : at + CHUNK]).ids(CHUNK)}

    @cached_property
    def _seen(self) -> frozenset[int]:
        """Cases about whose records the viewer may know."""
        if not self.process.type:
            return frozenset()
        found = self.reading(self.process.type, [one.record for one in self.every], frozenset())
        return frozenset(one.id for one in self.every if one.record in found)

    @cached_property
    def _concerned(self) -> frozenset[int]:
        """Cases that are the viewer's to follow (``seen.concerns``)."""
        person = self.viewer.person
        if person is None:
            return frozenset()
        found = {one.id for one in self.every if one.initiator == person}
        if not self.viewer.role:
            theirs = {person, *rights.stood_in_for(person, self.process.code)}
            of = Q(instance__process_code=self.process.code)
            mine = Q(person_id__in=theirs) & ~Q(state=Work.WAITING) | Q(done_by=person)
            found |= set(Work.objects.filter(of & mine).values_list("instance_id", flat=True))
            found |= set(Copied.objects.filter(of, person_id=person).values_list("instance_id", flat=True))
        return frozenset(found)

    # -- people --------------------------------------------------------------------------------------------------------

    @cached_property
    def led(self) -> frozenset[int]:
        """People whose own figures the viewer may see: themselves, and whoever reports to them, at any distance."""
        person = self.viewer.person
        if person is None or self.viewer.role:
            return frozenset()
        here = company.now()
        return frozenset({person, *(one for one in here.world.people if person in here.managers(one))})
