"""Who holds a grant, through what: the whole company's grants turned around, in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from heli.access.facts import GrantFact
from heli.access.models import Grant
from heli.access.moment import Moment
from heli.review import rights

SHARED = frozenset({Grant.POSITION, Grant.DEPARTMENT, Grant.EVERYONE})
"""What brings a right to whoever is there: taking it back concerns others too."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One person's hold on one grant. ``carrier``: the project, where a part in it brings the grant."""

    person: int
    grant: GrantFact
    carrier: str = ""
    project: str = ""
    """The project's name."""


class Company(Moment):
    """Holdings of one moment, and who can be compared with whom."""

    def holdings(self, grant: GrantFact) -> list[Holding]:
        """Everyone whom this grant reaches now; a personal one also of somebody who has left."""
        if grant.kind == Grant.PERSON:
            return [Holding(int(grant.subject), grant)]
        if grant.kind == Grant.PROJECT_ROLE:
            parts = self.parts_as.get(grant.subject, ())
            return [Holding(one.person, grant, one.project, one.project_name) for one in parts]
        return [Holding(person, grant) for person in sorted(self.reached(grant))]

    @cached_property
    def grants(self) -> tuple[GrantFact, ...]:
        """Those that give something now."""
        return tuple(g for g in self.world.all_grants.values() if g.open_at(self.moment))

    @cached_property
    def by_grant(self) -> Mapping[int, tuple[Holding, ...]]:
        return {g.id: tuple(self.holdings(g)) for g in self.grants}

    @cached_property
    def held_by(self) -> Mapping[int, frozenset[str]]:
        """By person: what they hold, as peers are compared by it (``thing``)."""
        found: dict[int, set[str]] = defaultdict(set)
        for holdings in self.by_grant.values():
            for one in holdings:
                found[one.person].add(thing(one.grant))
        return {k: frozenset(v) for k, v in found.items()}

    def department(self, person: int) -> int | None:
        """Where the person's primary post is; also a post that has ended, for who has left."""
        home = self.home(self.posts.get(person) or self.world.posts_by_person.get(person, ()))
        return home.department if home is not None else None

    def position(self, person: int) -> int | None:
        home = self.home(self.posts.get(person, ()))
        return home.position if home is not None else None

    @cached_property
    def _beside(self) -> Mapping[tuple[str, int], tuple[int, ...]]:
        """People by position and by department."""
        return {
            (kind, pk): tuple(dict.fromkeys(post.person for post in posts))
            for kind, all_ in (("position", self.posts_at), ("department", self.posts_in))
            for pk, posts in all_.items()
        }

    def peers(self, person: int) -> tuple[int, ...]:
        """Others at the same position; without one, in the same department."""
        position, department = self.position(person), self.department(person)
        if position is not None:
            found = self._beside.get(("position", position), ())
        else:
            found = self._beside.get(("department", department), ()) if department is not None else ()
        return tuple(p for p in found if p != person)

    def manager(self, person: int) -> int | None:
        """Whom somebody reports to."""
        return next(reversed(self.managers_of.get(person, [])), None)

    @cached_property
    def security(self) -> tuple[int, ...]:
        """Who administers the rules: reviewers of what nobody's manager can judge."""
        found: dict[int, None] = {}
        for grant in self.grants:
            if ("policy", "administer") in rights.of_grant(grant).doing:
                found.update((h.person, None) for h in self.by_grant[grant.id] if h.person in self.world.people)
        return tuple(sorted(found))


def thing(grant: GrantFact) -> str:
    """What makes two grants the same in a comparison: the role, or what single lines allow."""
    if grant.role is not None:
        return f"role:{grant.role.code}"
    return "lines:" + " ".join(sorted(f"{t}.{a}" for t, a in rights.of_grant(grant).doing))


class Reviewers:
    """Who judges what. Never the holder; whoever has left or signs in as a program judges nothing."""

    def __init__(self, company: Company, *, but: int | None = None) -> None:
        self._company = company
        self._but = but
        self._turn = 0

    def _fit(self, one: int | None, *not_these: int) -> bool:
        person = self._company.world.people.get(one) if one is not None else None
        return person is not None and person.kind != "service" and one not in (*not_these, self._but)

    def of_person(self, person: int) -> int | None:
        """The person's manager, else the nearest head above them, else security; None when there is nobody at all."""
        company = self._company
        manager = company.manager(person)
        if self._fit(manager, person):
            return manager
        department = company.department(person)
        for one in company.world.tree.above(department) if department is not None else ():
            head = company.world.tree.nodes[one].head
            if self._fit(head, person):
                return head
        return self._security(person)

    def of_shared(self, grant: GrantFact) -> int | None:
        """Security, but for those who hold it themselves; else the top of the company."""
        holders = {h.person for h in self._company.by_grant[grant.id]}
        found = self._security(*holders)
        if found is not None:
            return found
        tree = self._company.world.tree
        for root in tree.children.get(None, ()):
            if self._fit(tree.nodes[root].head, *holders):
                return tree.nodes[root].head
        # Everybody holds it: someone judges what is also theirs rather than nobody.
        return self._security() if grant.kind == Grant.EVERYONE else None

    def _security(self, *not_these: int) -> int | None:
        fitting = [p for p in self._company.security if self._fit(p, *not_these)]
        if not fitting:
            return None
        self._turn += 1
        return fitting[self._turn % len(fitting)]
