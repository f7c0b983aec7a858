"""A question about a right: on which type, record and field, as its asker may put it, with all that answering it takes."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from heli.access import epoch
from heli.access import view as views
from heli.access.core.depends import Told
from heli.access.core.line import Row
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.insight import past_record, seen
from heli.insight.company import Company
from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound
from heli.records import readers, store
from heli.records.readers import WORK, Copy
from heli.records.sight import kind_of, told_to
from heli.records.types import ObjectType


@dataclass(frozen=True, slots=True)
class Question:
    """A question with everything that it takes to answer it for anybody. ``row`` None: about the type as such."""

    kind: ObjectType
    right: str
    action: str
    field: str | None
    row: Row | None
    then: Row | None
    reached: Mapping[tuple[str, str], Set[int]]
    company: Company
    told: Told
    known: Set[str] | None
    at: datetime | None = None
    asker: int | None = None
    copies: Mapping[tuple[int, str], Copy] = dataclasses.field(default_factory=dict)
    """Which of how the row is reached comes of copies, by person and tag."""

    def view(self, person: int) -> View:
        """Somebody's rights, with those of the steps by which they reach the row: as far as the asker may be told of these."""
        tags = [tag for (kind, tag), people in self.reached.items() if kind == WORK and person in people]
        return with_steps(view_of(self.company, person), tags)


def question(
    viewer: Viewer, company: Company, action: str, code: str, record: str | None, field: str | None,
    at: datetime | None = None,
) -> Question:  # fmt: skip
    """The question as this asker may put it: about a record that they see now, a field that exists for them.

    Raises NotFound, Invalid.
    """
    kind = kind_of(code)
    knows = viewer.view is not None and viewer.view.type(kind.code) is not None
    if not knows and not (record is None and seen.reads_rules(viewer)):
        raise NotFound
    right = seen.right_of(kind, action)
    seen.check_field(viewer, kind, field)
    row: Row | None = None
    then: Row | None = None
    reached: Mapping[tuple[str, str], Set[int]] = {}
    if record is not None:
        row = store.row(viewer, kind.code, record)
        if at is None:
            then, reached = row, seen.reached(viewer, kind, row)
        else:
            was = past_record.record_at(kind, row, at, viewer)
            then, reached = (was.row, was.reached) if was is not None else (None, {})
    told = told_to(viewer, kind, row)
    copies = readers.copies(kind, record, viewer, at) if record is not None else {}
    known = seen.known_roles(viewer)
    return Question(kind, right, action, field, row, then, reached, company, told, known, at, viewer.person, copies)


def view_of(company: Company, person: int) -> View:
    """Anyone's rights in this company at its moment."""
    return company.view(person)


def with_steps(view: View, tags: Iterable[str]) -> View:
    """The same person with what the steps of these tags give."""
    some = tuple(sorted(tags))
    return views.at_work(view, (epoch.current(None)[0], 0, some)) if some else view


def viewer_of(company: Company, person: int, origin: str = "") -> Viewer:
    who = company.world.people[person]
    return Viewer(person, who.username, who.name, who.kind, Actor(person, who.name, origin), view_of(company, person))
