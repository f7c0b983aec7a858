"""Who holds which permission lines through what, for everybody at once: the same rules as ``access.view``, without words.

People who hold the same lines through carriers that differ only in their keys are alike: their rights are worked out once,
over placeholders (``places``), and grounded for one person only when records are counted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from heli.access.core.line import Line
from heli.access.core.terms import Right, Term, of_atom, union
from heli.access.facts import CeilingFact, GrantFact, World
from heli.access.moment import Moment
from heli.access.scopes import SCOPES, Carrier, Person, split
from heli.org.tree import Post
from heli.policy.simulate.places import DEPARTMENT
from heli.policy.simulate.wordings import Wordings


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


class Company(Moment):
    """A world at one moment, with what everybody's rights are looked up by."""

    def __init__(self, world: World, moment: datetime, wordings: Wordings | None = None) -> None:
        super().__init__(world, moment)
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

    def posted(self, department: int) -> set[int]:
        """People at a department."""
        return {post.person for post in self.posts_in.get(department, ())}

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
        return frozenset(self.reached(grant)) if grant.open_at(self.moment) else frozenset()

    def held(self, person: int) -> Iterator[Held]:
        """Open grants of a person with the department or project that carried each; as ``view.subjects_of`` tells."""
        if person not in self.world.people:
            return
        posts = self.open_posts(person)
        home = self.place(posts)
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

    def place(self, posts: Sequence[Post]) -> int | None:
        """The department that grants without a place of their own are resolved against."""
        home = self.home(posts)
        return home.department if home is not None else None

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
            ways = self._ways(person, posts, self.place(posts))
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
