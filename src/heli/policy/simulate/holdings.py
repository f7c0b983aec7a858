"""Who holds which permission lines through what, for everybody at once: the same rules as ``access.view``, without words.

People who hold the same lines through carriers that differ only in their keys are alike: their rights are worked out once,
over placeholders (ME, DEPARTMENT, ...), and grounded for one person only when records are counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Any

import orjson

from heli.access.core.line import Line
from heli.access.core.terms import Right, Term, of_atom, union
from heli.access.facts import CeilingFact, GrantFact, World
from heli.access.rules import parse_line
from heli.access.scopes import SCOPES, Carrier, Person, split
from heli.access.scopes.pool import pool_of
from heli.org.tree import Membership, Node, Post, Tree

ME, DEPARTMENT, BELOW, ABOVE = -1, -2, -3, -4
"""Placeholders for ids, which are positive: the person, the carrying department, those below it, those above it."""
PLACES = frozenset({ME, DEPARTMENT, BELOW, ABOVE, pool_of(DEPARTMENT), pool_of(ABOVE)})


def _node(pk: int, parent: int | None) -> Node:
    return Node(pk, "", "", parent, None, None, "", "")


LEAF = Tree({DEPARTMENT: _node(DEPARTMENT, ABOVE), ABOVE: _node(ABOVE, None)}, {ABOVE: (DEPARTMENT,)})
BRANCH = Tree(
    {DEPARTMENT: _node(DEPARTMENT, ABOVE), ABOVE: _node(ABOVE, None), BELOW: _node(BELOW, DEPARTMENT)},
    {ABOVE: (DEPARTMENT,), DEPARTMENT: (BELOW,)},
)
"""The tree as somebody sees it from one department, without and with departments below."""


@lru_cache(maxsize=20_000)
def _line(wording: bytes) -> Line:
    return parse_line(orjson.loads(wording))


@dataclass(frozen=True, slots=True)
class Given:
    """One line as somebody is given it: by which role, through which department or project."""

    line: Line
    role: str
    department: int | None
    project: str | None

    @property
    def key(self) -> tuple[int, int | None, str | None]:
        """What its terms follow from."""
        return id(self.line), self.department, self.project


type Bundle = tuple[int, str, int | None, str | None]
"""Lines that came together, by their number in ``Wordings``, with the role, department and project that they came by."""
type Held = tuple[GrantFact, int | None, str | None]
"""An open grant with the department or project that carried it."""


NOTHING: frozenset[Bundle] = frozenset()


class Wordings:
    """Lines by their wording, parsed once: equal ones are the very same object, and equal lots of them one number."""

    def __init__(self) -> None:
        self._given: dict[int, tuple[object, tuple[Line, ...]]] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._narrow: dict[tuple[int, frozenset[str] | None], int] = {}
        self.lots: list[tuple[Line, ...]] = []
        self._scopes: dict[int, frozenset[str]] = {}

    def lines(self, given: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
        found = self._given.get(id(given))
        if found is None:
            lines = tuple(_line(orjson.dumps(one, option=orjson.OPT_SORT_KEYS)) for one in given)
            found = self._given[id(given)] = (given, lines)  # kept, so that its id is not given to another
        return found[1]

    def number(self, given: Sequence[Mapping[str, Any]], types: frozenset[str] | None) -> int:
        """The number of those of the lines that are on these types (None: on all)."""
        key = (id(given), types)
        found = self._narrow.get(key)
        if found is None:
            lines = tuple(one for one in self.lines(given) if types is None or one.type in types)
            ids = tuple(id(one) for one in lines)
            found = self._numbers.get(ids)
            if found is None:
                found = self._numbers[ids] = len(self.lots)
                self.lots.append(lines)
            self._narrow[key] = found
        return found

    def scopes(self, number: int) -> frozenset[str]:
        """The scopes that a lot of lines names."""
        found = self._scopes.get(number)
        if found is None:
            found = self._scopes[number] = frozenset(s for line in self.lots[number] for s in line.scopes)
        return found


class Company:
    """A world at one moment, with what everybody's rights are looked up by."""

    def __init__(self, world: World, moment: datetime, wordings: Wordings | None = None) -> None:
        self.world = world
        self.moment = moment
        self.wordings = wordings or Wordings()
        self._to: dict[tuple[str, str], tuple[GrantFact, ...]] = {}
        self._at: dict[int, tuple[GrantFact, ...]] = {}
        self._bundled: dict[object, frozenset[Bundle]] = {}
        self._bounding: dict[str, frozenset[str]] = {}

    def lines(self, grant: GrantFact) -> tuple[Line, ...]:
        """What a grant gives."""
        return self.wordings.lines(grant.given)

    def ceiling_lines(self, ceiling: CeilingFact) -> tuple[Line, ...]:
        return self.wordings.lines(ceiling.lines)

    def open_posts(self, person: int) -> list[Post]:
        at = self.moment
        return [p for p in self.world.posts(person) if p.starts <= at and (p.ends is None or p.ends > at)]

    def open_parts(self, person: int) -> list[Membership]:
        at = self.moment
        return [m for m in self.world.memberships(person) if m.starts <= at and (m.ends is None or m.ends > at)]

    @cached_property
    def posted(self) -> Mapping[int, frozenset[int]]:
        """People by the department of an open post."""
        found: dict[int, set[int]] = defaultdict(set)
        for person in self.world.people:
            for post in self.open_posts(person):
                found[post.department].add(person)
        return {k: frozenset(v) for k, v in found.items()}

    @cached_property
    def placed(self) -> Mapping[int, frozenset[int]]:
        """People by the position of an open post."""
        found: dict[int, set[int]] = defaultdict(set)
        for person in self.world.people:
            for post in self.open_posts(person):
                if post.position is not None:
                    found[post.position].add(person)
        return {k: frozenset(v) for k, v in found.items()}

    @cached_property
    def taking_part(self) -> Mapping[str, frozenset[int]]:
        """People by ``role`` and by ``project:role``."""
        found: dict[str, set[int]] = defaultdict(set)
        for person in self.world.people:
            for part in self.open_parts(person):
                found[part.role].add(person)
                found[f"{part.project}:{part.role}"].add(person)
        return {k: frozenset(v) for k, v in found.items()}

    @cached_property
    def managed(self) -> Mapping[int, tuple[int, ...]]:
        """Who reports to whom directly, at the moment."""
        found: dict[int, list[int]] = defaultdict(list)
        for who, manager, starts, ends in self.world.reporting:
            if starts <= self.moment and (ends is None or ends > self.moment):
                found[manager].append(who)
        return {k: tuple(v) for k, v in found.items()}

    def reports(self, person: int) -> frozenset[int]:
        found: set[int] = set()
        todo = list(self.managed.get(person, ()))
        while todo:
            one = todo.pop()
            if one not in found and one != person:
                found.add(one)
                todo.extend(self.managed.get(one, ()))
        return frozenset(found)

    @cached_property
    def overseers(self) -> frozenset[int]:
        return frozenset(n.overseer for n in self.world.tree.nodes.values() if n.overseer is not None)

    def holders(self, grant: GrantFact) -> frozenset[int]:
        """Whom an open grant reaches now."""
        if not grant.open_at(self.moment):
            return frozenset()
        match grant.kind:
            case "everyone":
                return frozenset(self.world.people)
            case "person":
                return frozenset({int(grant.subject)} & self.world.people.keys())
            case "position":
                return self.placed.get(int(grant.subject), frozenset())
            case "project_role":
                return self.taking_part.get(grant.subject, frozenset())
        tree, root = self.world.tree, int(grant.subject)
        departments = tree.below(root) if grant.below else frozenset({root} & tree.nodes.keys())
        return frozenset(p for d in departments for p in self.posted.get(d, frozenset()))

    def held(self, person: int) -> Iterator[Held]:
        """Open grants of a person with the department or project that carried each; as ``view.subjects_of`` tells."""
        if person not in self.world.people:
            return
        posts = self.open_posts(person)
        home = self.home(posts)
        seen: set[tuple[int, int | None, str | None]] = set()
        for grants, department, project in self._ways(person, posts, home):
            for grant in grants:
                if (grant.id, department, project) not in seen:
                    seen.add((grant.id, department, project))
                    yield grant, department, project

    def _ways(
        self, person: int, posts: Sequence[Post], home: int | None
    ) -> Iterator[tuple[tuple[GrantFact, ...], int | None, str | None]]:
        yield self.to("person", str(person)), home, None
        yield self.to("everyone", ""), home, None
        for post in posts:
            if post.position is not None:
                yield self.to("position", str(post.position)), post.department, None
            yield self.at(post.department), post.department, None
        for part in self.open_parts(person):
            yield self.to("project_role", part.role), home, part.project
            yield self.to("project_role", f"{part.project}:{part.role}"), home, part.project

    @staticmethod
    def home(posts: Sequence[Post]) -> int | None:
        """The department that grants without a place of their own are resolved against."""
        primary = next((p for p in posts if p.primary), posts[0] if posts else None)
        return primary.department if primary is not None else None

    def to(self, kind: str, subject: str) -> tuple[GrantFact, ...]:
        """Open grants to a subject."""
        found = self._to.get((kind, subject))
        if found is None:
            grants = self.world.grants_by_subject.get((kind, subject), ())
            found = self._to[kind, subject] = tuple(g for g in grants if g.open_at(self.moment))
        return found

    def at(self, department: int) -> tuple[GrantFact, ...]:
        """Open grants that reach whoever is posted to a department as such."""
        found = self._at.get(department)
        if found is None:
            made = [
                grant
                for i, one in enumerate(self.world.tree.above(department))
                for grant in self.to("department", str(one))
                if grant.below or not i
            ]
            found = self._at[department] = tuple(made)
        return found

    def bundles(self, person: int, types: frozenset[str] | None, place: int | None) -> frozenset[Bundle]:
        """The lines of a person on these types (None: on all), grant by grant.

        place: the one department of all their posts: it becomes a placeholder, and equal answers are looked up once.
        """
        if person not in self.world.people:
            return NOTHING
        posts = self.open_posts(person)
        if place is None:
            ways = self._ways(person, posts, self.home(posts))
            return frozenset(b for grants, d, p in ways for b in self._lots(grants, types, d, p))
        by = self.world.grants_by_subject
        mine = ("person", str(person))
        parts = [
            (self.to(kind, subject), part.project)
            for part in (self.open_parts(person) if self.world.memberships(person) else ())
            for kind, subject in (("project_role", part.role), ("project_role", f"{part.project}:{part.role}"))
            if (kind, subject) in by
        ]
        key = (
            self.to(*mine) if mine in by else (), tuple(parts), self.at(place), tuple([p.position for p in posts]), types
        )  # fmt: skip
        quick = (tuple([id(one) for one in key[0]]), tuple([(id(g), p) for g, p in parts]), id(key[2]), key[3], types)
        found = self._bundled.get(quick)
        if found is None:
            lots: set[Bundle] = set()
            for grants in (key[0], self.to("everyone", ""), key[2]):
                lots |= self._lots(grants, types, DEPARTMENT, None)
            for position in key[3]:
                if position is not None:
                    lots |= self._lots(self.to("position", str(position)), types, DEPARTMENT, None)
            for grants, project in parts:
                lots |= self._lots(grants, types, DEPARTMENT, project)
            found = self._bundled[quick] = frozenset(lots)
        return found

    def _lots(
        self, grants: tuple[GrantFact, ...], types: frozenset[str] | None, department: int | None, project: str | None
    ) -> set[Bundle]:
        found: set[Bundle] = set()
        for grant in grants:
            number = self.wordings.number(grant.given, types)
            if self.wordings.lots[number]:
                role = grant.role.code if grant.role is not None and grant.role.code in self.named else ""
                found.add((number, role, department, project))
        return found

    @cached_property
    def named(self) -> frozenset[str]:
        """Roles that a ceiling names: only of these it matters which of them gives a line."""
        return frozenset(code for one in self.world.all_ceilings.values() for code in one.roles or ())

    def roles(self, person: int) -> frozenset[str]:
        return frozenset(grant.role.code for grant, _, _ in self.held(person) if grant.role is not None)

    def bounding_scopes(self, kind: str) -> frozenset[str]:
        """The scopes that ceilings for this kind of person name."""
        found = self._bounding.get(kind)
        if found is None:
            ceilings = (c for c in self.world.all_ceilings.values() if c.kinds is None or kind in c.kinds)
            found = frozenset(s for c in ceilings for line in self.ceiling_lines(c) for s in line.scopes)
            self._bounding[kind] = found
        return found

    def ceilings(self, kind: str, code: str) -> tuple[CeilingFact, ...]:
        """Those that bound this type for this kind of person."""
        return tuple(
            one
            for one in self.world.all_ceilings.values()
            if one.type in ("*", code) and (one.kinds is None or kind in one.kinds)
        )


class Resolver:
    """Turns given lines into terms for one group of people who are alike."""

    def __init__(self, asked: Person) -> None:
        self.asked = asked
        self._terms: dict[tuple[int, int | None, str | None], tuple[Term, ...]] = {}

    def terms(self, line: Line, department: int | None, project: str | None) -> tuple[Term, ...]:
        key = (id(line), department, project)
        found = self._terms.get(key)
        if found is None:
            carrier, conds = Carrier(department, project), frozenset(line.where)
            made: list[Term] = []
            for text in line.scopes:
                name, parameter = split(text)
                atoms = SCOPES[name].resolve(self.asked, carrier, parameter)
                made += [t for t in (of_atom(atom, conds, text) for atom in atoms) if t is not None]
            found = self._terms[key] = tuple(made)
        return found

    def right(self, given: Iterable[Given]) -> Right:
        return union(t for one in given for t in self.terms(one.line, one.department, one.project))


@dataclass(frozen=True, slots=True)
class Binding:
    """What the placeholders stand for, for one person."""

    person: int
    department: int | None
    tree: Tree

    def ground(self, right: Right) -> Right:
        """The right over real ids."""
        return tuple(
            Term(tuple((c, self.values(v)) for c, v in t.keys), t.reached, t.conds, t.scope) if t.keys else t
            for t in right
        )

    def values(self, values: frozenset[Any]) -> frozenset[Any]:
        if values.isdisjoint(PLACES):
            return values
        if values == _ONLY_ME:
            return frozenset({self.person})
        return frozenset(v for one in values for v in self._of(one))  # rare enough to be worked out each time

    def _of(self, one: Any) -> Iterable[Any]:
        if one not in PLACES:
            return (one,)
        if one == ME:
            return (self.person,)
        here = self.department
        if here is None:
            return ()
        if one == DEPARTMENT:
            return (here,)
        if one == BELOW:
            return self.tree.below(here) - {here}
        if one == ABOVE:
            return self.tree.above(here)[1:]
        if one == pool_of(DEPARTMENT):
            return (pool_of(here),)
        return tuple(pool_of(d) for d in self.tree.above(here)[1:])


_ONLY_ME = frozenset({ME})
