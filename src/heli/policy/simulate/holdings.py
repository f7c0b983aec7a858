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
from heli.access.facts import CeilingFact, GrantFact, World
from heli.access.rules import parse_line
from heli.access.scopes import SCOPES, Carrier, Person, split
from heli.access.scopes.pool import pool_of
from heli.org.tree import Membership, Node, Post, Tree
from heli.policy.simulate.terms import Right, Term, of_atom, union

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


type Bundle = tuple[int, str, int | None, str | None]
"""Lines that came together, by their number in ``Wordings``, with the role, department and project that they came by."""
type Held = tuple[GrantFact, int | None, str | None]
"""An open grant with the department or project that carried it."""


class Wordings:
    """Lines by their wording, parsed once: equal ones are the very same object, and equal lots of them one number."""

    def __init__(self) -> None:
        self._given: dict[int, tuple[object, tuple[Line, ...]]] = {}
        self._numbers: dict[tuple[int, ...], int] = {}
        self._narrow: dict[tuple[int, frozenset[str] | None], int] = {}
        self.lots: list[tuple[Line, ...]] = []

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


class Company:
    """A world at one moment, with what everybody's rights are looked up by."""

    def __init__(self, world: World, moment: datetime, wordings: Wordings | None = None) -> None:
        self.world = world
        self.moment = moment
        self.wordings = wordings or Wordings()
        self._at: dict[object, tuple[Held, ...]] = {}
        self._bundled: dict[object, tuple[Bundle, ...]] = {}

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
        yield from self._common(tuple((p.department, p.position) for p in posts), home)
        yield from self._own(person, home)

    @staticmethod
    def home(posts: Sequence[Post]) -> int | None:
        """The department that grants without a place of their own are resolved against."""
        primary = next((p for p in posts if p.primary), posts[0] if posts else None)
        return primary.department if primary is not None else None

    def _common(self, posts: tuple[tuple[int, int | None], ...], home: int | None) -> tuple[Held, ...]:
        """What everybody at these posts is given: looked up once for all of them."""
        found = self._at.get((posts, home))
        if found is None:
            ways: list[tuple[tuple[str, str], int | None, bool]] = [(("everyone", ""), home, False)]
            for department, position in posts:
                if position is not None:
                    ways.append((("position", str(position)), department, False))
                for i, one in enumerate(self.world.tree.above(department)):
                    ways.append((("department", str(one)), department, i > 0))
            seen: dict[tuple[int, int | None], Held] = {}
            for subject, carrier, below in ways:
                for grant in self.world.grants_by_subject.get(subject, ()):
                    if (grant.below or not below) and grant.open_at(self.moment):
                        seen.setdefault((grant.id, carrier), (grant, carrier, None))
            found = self._at[posts, home] = tuple(seen.values())
        return found

    def _own(self, person: int, home: int | None) -> Iterator[Held]:
        """What is given to the person by name, and through projects."""
        by = self.world.grants_by_subject
        for grant in by.get(("person", str(person)), ()):
            if grant.open_at(self.moment):
                yield grant, home, None
        seen: set[tuple[int, str]] = set()
        for part in self.open_parts(person) if self.world.memberships(person) else ():
            for subject in (part.role, f"{part.project}:{part.role}"):
                for grant in by.get(("project_role", subject), ()):
                    if grant.open_at(self.moment) and (grant.id, part.project) not in seen:
                        seen.add((grant.id, part.project))
                        yield grant, home, part.project

    def bundles(self, person: int, types: frozenset[str] | None) -> tuple[Bundle, ...]:
        """The lines of a person on these types (None: on all), grant by grant."""
        if person not in self.world.people:
            return ()
        posts = self.open_posts(person)
        home = self.home(posts)
        key = (tuple((p.department, p.position) for p in posts), home, types)
        common = self._bundled.get(key)
        if common is None:
            common = self._bundled[key] = self._made(self._common(key[0], home), types)
        own = self._made(self._own(person, home), types)
        return common if not own else (*common, *own)

    def _made(self, held: Iterable[Held], types: frozenset[str] | None) -> tuple[Bundle, ...]:
        found: dict[Bundle, None] = {}
        for grant, department, project in held:
            number = self.wordings.number(grant.given, types)
            if self.wordings.lots[number]:
                found[number, grant.role.code if grant.role is not None else "", department, project] = None
        return tuple(found)

    def roles(self, person: int) -> frozenset[str]:
        return frozenset(grant.role.code for grant, _, _ in self.held(person) if grant.role is not None)

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
