"""How many records a line reaches now, and a few of them as far as the asking person may see them themselves.

For one person the count is exact: their posts, projects and reach, under the ceilings on their kind. For a role it is the number of
different records that at least one of its holders reaches by this line; ceilings, which are a person's, do not enter it.
Where the line, or a ceiling on the person, has a condition on cells that the asker does not read, it counts as met: the number is
the most that could be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from heli.access import view as views
from heli.access.bounded import loosened
from heli.access.core.line import Atom, Held, Level, Line, Source
from heli.access.facts import World
from heli.access.scopes import Carrier, Person
from heli.access.unread import Unread
from heli.access.view import View
from heli.access.viewer import Viewer
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.policy.holders import Holders
from heli.records import reach, store
from heli.records.store import Query
from heli.records.types import TYPES

SECONDS = 0.4
SAMPLES = 5
_TRIED = Source(0, "", Words("试算", "preview"), 0, Words("试算", "preview"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One record that the line reaches. ``title`` and ``values`` only where the asker reads them and the line shows them."""

    id: str | None
    title: str | None
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reached:
    """``more``: time ran out, there are at least so many. ``people``: for how many it was counted."""

    count: int
    more: bool
    people: int
    samples: tuple[Sample, ...]
    unread: frozenset[str] = frozenset()
    """Fields that the asker does not read and the line or a ceiling has conditions on: it reaches at most so many."""


def preview(asker: Viewer, line: Line, world: World, carriers: Mapping[int, Sequence[Carrier]], alone: bool) -> Reached:
    """What the line reaches for these people. ``alone``: one person, and their ceilings count."""
    known = Unread(asker.view)
    shown = known.line(line)
    read = replace(shown, actions=frozenset({"read"}))
    unread = frozenset(c.field for c in line.where) - frozenset(c.field for c in shown.where)
    held = [one for person, through in carriers.items() for one in _held(read, world, person, through)]
    if not any(one.atoms for one in held):
        return Reached(0, False, len(carriers), ())
    if alone:
        whole = views.of(next(iter(carriers))).with_lines(held)
        unread |= {
            c.field
            for one in whole.bare(line.type).bounds("read")
            for bound in one.covering("read")
            for c in bound.line.where
            if known.hides(line.type, c)
        }
        query = store.query(_as(whole.person, loosened(whole, known)), line.type)
    else:
        query = _for_many(read, held, list(carriers), world)
    counted = query.count(seconds=SECONDS)
    some = counted.count and not unread  # else they would be samples of another line
    samples = tuple(_sample(asker, line, one) for one in query.ids(SAMPLES)) if some else ()
    return Reached(counted.count, counted.more, len(carriers), samples, unread)


def _held(line: Line, world: World, person: int, through: Sequence[Carrier]) -> list[Held]:
    def reports() -> frozenset[int]:
        return world.reports(person, clock.now())[0]

    who = Person(person, world.tree, reports, frozenset(m.project for m in world.memberships(person)))
    return [views.hold(line, _TRIED, who, one) for one in dict.fromkeys(through)]


def _for_many(line: Line, held: Sequence[Held], people: Sequence[int], world: World) -> Query:
    merged: dict[frozenset[Atom], Held] = {}
    for one in held:
        merged.setdefault(frozenset(one.atoms), one)
    view = View(None, "nobody", (0, 0), None, merged.values(), {}, world.tree)
    rights = view.type(line.type)
    reached = reach.sets_of(people, rights) if rights is not None else None
    return store.query(_as(None, view), line.type, reached)


def _as(person: int | None, view: View) -> Viewer:
    return Viewer(person, "", "", view.kind, Actor(person, "", "preview"), view)


def _sample(asker: Viewer, line: Line, record: str) -> Sample:
    kind = TYPES[line.type]
    try:
        query = store.query(asker, kind.code)
        seen = query.one(record)
    except NotFound:
        return Sample(None, None, {})
    both = {
        code: value
        for code, value in seen.values.items()
        if seen.access.get(code) in ("read", "edit")
        and line.level(code, kind.fields[code].data_class) == Level.READ
        and code in {kind.title, *kind.summary}
    }
    title = both.pop(kind.title, None)
    shown = dict(list(both.items())[:2])
    query.quote(seen, shown)
    return Sample(record, str(title) if title is not None else None, shown)


def everyone_with(world: World, role: str) -> Mapping[int, Sequence[Carrier]]:
    """The holders of a role with what carries it to each."""
    return Holders(world, clock.now()).roles.get(role, {})
