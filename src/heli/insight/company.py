"""The whole company in memory, turned round: which people a grant reaches, through which departments and projects.

Kept for as long as no right and no part of the organisation changes, and until the next moment at which something
begins or ends. After a change that concerns some people only theirs is read again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from heli.access import epoch
from heli.access import view as views
from heli.access.core.line import Line
from heli.access.facts import CeilingFact, GrantFact, World
from heli.access.models import Grant
from heli.access.moment import Moment
from heli.access.view import View
from heli.kernel import clock
from heli.org.tree import boundary

NOBODY: frozenset[int] = frozenset()
ORGANISATION = ("tree", "people", "posts_by_person", "members_by_person")
FOLLOWING = ("kinds", "posts", "homes", "parts", "posts_at", "posts_in", "parts_as", "later", "at_root")
"""What follows from these parts of a world alone."""
MOST_VIEWS = 256
"""People whose rights are kept beside the company."""


class Crowd:
    """People that a grant reaches, with what carries it to each."""

    def __init__(self) -> None:
        self.all: set[int] = set()
        self.by_department: dict[int, set[int]] = defaultdict(set)
        self.by_project: dict[str, set[int]] = defaultdict(set)
        self.loose: set[int] = set()
        """Reached without a project that carries it."""

    def add(self, people: Iterable[int], department: int | None, project: str | None = None) -> None:
        some = set(people)
        self.all |= some
        if department is not None:
            self.by_department[department] |= some
        if project is None:
            self.loose |= some
        else:
            self.by_project[project] |= some


@dataclass(frozen=True, slots=True)
class Given:
    """One line of one grant, and whom it reaches."""

    grant: GrantFact
    line: Line
    crowd: Crowd


class Company(Moment):
    """A world at a moment, indexed."""

    def __init__(self, world: World, moment: datetime) -> None:
        super().__init__(world, moment)
        self._lines: dict[str, tuple[Given, ...]] = {}
        self._crowds: dict[tuple[str, str, bool], Crowd] = {}
        self._views: OrderedDict[int, View] = OrderedDict()

    def beside(self, world: World) -> Company:
        """Another world at the same moment, a changed one say: what both have in common is worked out once."""
        made, mine = Company(world, self.moment), self.world
        if all(getattr(world, part) is getattr(mine, part) for part in ORGANISATION):
            made._crowds = self._crowds
            made.__dict__ |= {name: self.__dict__[name] for name in FOLLOWING if name in self.__dict__}
        return made

    @cached_property
    def until(self) -> datetime | None:
        """The next moment at which something begins or ends."""
        world = self.world
        return boundary(
            self.moment,
            [
                *((p.starts, p.ends) for posts in world.posts_by_person.values() for p in posts),
                *((m.starts, m.ends) for some in world.members_by_person.values() for m in some),
                *((g.starts, g.ends) for g in world.all_grants.values()),
                *((starts, ends) for _, _, starts, ends in world.reporting),
            ],
        )

    @cached_property
    def kinds(self) -> Mapping[str, Set[int]]:
        """People by kind."""
        found: dict[str, set[int]] = defaultdict(set)
        for one in self.world.people.values():
            found[one.kind].add(one.id)
        return found

    def members(self, project: str | None) -> Set[int]:
        """Who is in a project now; None: in any."""
        if project is not None:
            return {m.person for m in self.parts.get(project, ())}
        return {m.person for some in self.parts.values() for m in some}

    def managers(self, person: int | None) -> Set[int]:
        """Everyone above a person along the reporting lines; None: whoever somebody reports to."""
        if person is None:
            return {one for some in self.managers_of.values() for one in some}
        found: set[int] = set()
        todo = list(self.managers_of.get(person, ()))
        while todo:
            one = todo.pop()
            if one not in found and one != person:
                found.add(one)
                todo.extend(self.managers_of.get(one, ()))
        return found

    def may(self, type: str, action: str) -> list[int]:
        """Who may do this with things of a type that is no record's."""
        found: set[int] = set()
        for one in self.given(type):
            if action in one.line.actions:
                found |= one.crowd.all
        return [one for one in sorted(found) if self.view(one).may(type, action)]

    @cached_property
    def later(self) -> Set[int]:
        """People of whom a post or a part in a project begins on a moment to come."""
        world, now = self.world, self.moment
        found = {pk for pk, posts in world.posts_by_person.items() if any(one.starts > now for one in posts)}
        found |= {pk for pk, parts in world.members_by_person.items() if any(one.starts > now for one in parts)}
        return found & world.people.keys()

    @cached_property
    def at_root(self) -> Set[int]:
        """People with a post, now or later, in a department that has none above it: what lies below it is everything."""
        top = {one.id for one in self.world.tree.nodes.values() if one.parent is None}
        return {pk for pk, posts in self.world.posts_by_person.items() if any(one.department in top for one in posts)}

    def crowd(self, grant: GrantFact) -> Crowd:
        """Whom a grant reaches now."""
        key = (grant.kind, grant.subject, grant.below)
        found = self._crowds.get(key)
        if found is None:
            found = self._crowds[key] = self._crowd(*key)
        return found

    def _crowd(self, kind: str, subject: str, below: bool) -> Crowd:
        made = Crowd()
        if kind == Grant.PERSON:
            person = int(subject)
            if person in self.world.people:
                made.add([person], self.homes.get(person))
        elif kind == Grant.EVERYONE:
            by_home: dict[int | None, list[int]] = defaultdict(list)
            for person in self.world.people:
                by_home[self.homes.get(person)].append(person)
            for home, people in by_home.items():
                made.add(people, home)
        elif kind == Grant.POSITION:
            holders: dict[int, set[int]] = defaultdict(set)
            for post in self.posts_at.get(int(subject), ()):
                holders[post.department].add(post.person)
            for department, some in holders.items():
                made.add(some, department)
        elif kind == Grant.DEPARTMENT:
            tree, one = self.world.tree, int(subject)
            for department in tree.below(one) if below else tree.below(one) & {one}:
                made.add((post.person for post in self.posts_in.get(department, ())), department)
        elif kind == Grant.PROJECT_ROLE:
            project, _, role = subject.rpartition(":")
            for code in [project] if project else self.parts:
                for member in self.parts.get(code, ()):
                    if member.role == role:
                        made.add([member.person], self.homes.get(member.person), code)
        return made

    @cached_property
    def alike(self) -> Mapping[tuple[str, tuple[int, ...]], Sequence[int]]:
        """Everybody by their kind and the grants that reach them now, as ids in order."""
        held: dict[int, list[int]] = {person: [] for person in self.world.people}
        for pk in sorted(self.world.all_grants):
            grant = self.world.all_grants[pk]
            if grant.open_at(self.moment):
                for person in self.crowd(grant).all:
                    held[person].append(pk)
        found: dict[tuple[str, tuple[int, ...]], list[int]] = defaultdict(list)
        for one in self.world.people.values():
            found[one.kind, tuple(held[one.id])].append(one.id)
        return found

    def given(self, code: str) -> tuple[Given, ...]:
        """Every line on a type that is given to anybody now."""
        found = self._lines.get(code)
        if found is None:
            found = self._lines[code] = tuple(
                Given(grant, line, self.crowd(grant))
                for grant in (*self.world.all_grants.values(), *self.world.of_processes.values())
                if grant.open_at(self.moment)
                for line in views.lines_of(grant.given)
                if line.type == code
            )
        return found

    def ceilings(self, code: str, kind: str) -> tuple[CeilingFact, ...]:
        """The ceilings that bound what people of this kind do with a type."""
        return tuple(
            one for one in self.world.ceilings() if one.type in ("*", code) and (one.kinds is None or kind in one.kinds)
        )

    def view(self, person: int) -> View:
        """Anyone's rights at this moment; those asked for last are kept."""
        found = self._views.get(person)
        if found is None:
            found = self._views[person] = views.build(person, (0, 0), self.moment, self.world)
            while len(self._views) > MOST_VIEWS:
                self._views.popitem(last=False)
        return found


class _Kept:
    """The company as it stands, shared between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._stamp: epoch.Stamp | None = None
        self._people: dict[int, int] = {}
        self._company: Company | None = None

    def get(self, stamp: epoch.Stamp | None = None) -> Company:
        with self._lock:
            moment, stamp = clock.now(), stamp or epoch.everyone()
            known = self._company
            if known is not None and stamp == self._stamp:
                if known.moment <= moment and (known.until is None or known.until > moment):
                    return known
                return self._keep(stamp, self._people, Company(known.world, moment))
            people = epoch.of_everyone()
            if known is not None and self._stamp is not None and stamp[0] == self._stamp[0]:
                moved = [pk for pk, value in people.items() if self._people.get(pk) != value]
                moved += [pk for pk in self._people if pk not in people]
                return self._keep(stamp, people, Company(known.world.renewed(moved), moment))
            return self._keep(stamp, people, Company(World.load(), moment))

    def _keep(self, stamp: epoch.Stamp, people: dict[int, int], made: Company) -> Company:
        self._stamp, self._people, self._company = stamp, people, made
        return made

    def clear(self) -> None:
        with self._lock:
            self._stamp, self._people, self._company = None, {}, None


KEPT = _Kept()


def now(stamp: epoch.Stamp | None = None) -> Company:
    """The company as it stands at this moment; ``stamp`` (``epoch.everyone``) when the caller has just read it."""
    return KEPT.get(stamp)


__all__ = ["KEPT", "Company", "Crowd", "Given", "now"]
