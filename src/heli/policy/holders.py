"""Who holds a role now, and through which post or project each of them does. Read from a company in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from heli.access.facts import GrantFact, World
from heli.access.models import Grant
from heli.access.scopes import Carrier
from heli.insight import company as companies
from heli.insight.company import Company
from heli.org.tree import Membership, Post

type Carriers = dict[int, list[Carrier]]
"""By person: what brings a role to them."""


class Holders:
    """The company's holders at one moment; asked for every role together, one pass over posts and projects."""

    def __init__(self, world: World, moment: datetime) -> None:
        self.world = world
        self._posts: dict[int, list[Post]] = {}
        self._by_position: dict[int, list[Post]] = defaultdict(list)
        self._by_department: dict[int, list[Post]] = defaultdict(list)
        self._by_role: dict[str, list[Membership]] = defaultdict(list)
        self.roles: dict[str, Carriers] = defaultdict(dict)
        for person in world.people:
            now = [p for p in world.posts(person) if _holds(p.starts, p.ends, moment)]
            self._posts[person] = now
            for post in now:
                self._by_department[post.department].append(post)
                if post.position is not None:
                    self._by_position[post.position].append(post)
            for one in world.memberships(person):
                if _holds(one.starts, one.ends, moment):
                    self._by_role[one.role].append(one)
                    self._by_role[f"{one.project}:{one.role}"].append(one)
        for grant in world.all_grants.values():
            if grant.role is None or not grant.open_at(moment):
                continue
            given = self.roles[grant.role.code]
            for person, carrier in self.of(grant):
                given.setdefault(person, []).append(carrier)

    def home(self, person: int) -> Carrier:
        """What relative scopes of a grant to the person themselves resolve against."""
        posts = self._posts.get(person, [])
        first = next((p for p in posts if p.primary), posts[0] if posts else None)
        return Carrier(department=first.department, key=f"a{first.id}") if first is not None else Carrier()

    def of(self, grant: GrantFact) -> Iterator[tuple[int, Carrier]]:
        """Everybody whom a grant reaches, with what carries it."""
        match grant.kind:
            case Grant.PERSON:
                if int(grant.subject) in self.world.people:
                    yield int(grant.subject), self.home(int(grant.subject))
            case Grant.EVERYONE:
                yield from ((person, self.home(person)) for person in self.world.people)
            case Grant.POSITION:
                yield from map(_carried, self._by_position.get(int(grant.subject), ()))
            case Grant.DEPARTMENT:
                here = int(grant.subject)
                for one in self.world.tree.below(here) if grant.below else (here,):
                    yield from map(_carried, self._by_department.get(one, ()))
            case Grant.PROJECT_ROLE:
                for member in self._by_role.get(grant.subject, ()):
                    home = self.home(member.person)
                    yield member.person, Carrier(home.department, member.project, f"m{member.project}")


_last: tuple[Company, Holders] | None = None


def now() -> Holders:
    """The holders at this moment; read again when something has changed (``insight.company``)."""
    global _last  # one company is kept, and its holders with it
    company, known = companies.now(), _last
    if known is None or known[0] is not company:
        known = _last = company, Holders(company.world, company.moment)
    return known[1]


def _carried(post: Post) -> tuple[int, Carrier]:
    return post.person, Carrier(department=post.department, key=f"a{post.id}")


def _holds(starts: datetime, ends: datetime | None, moment: datetime) -> bool:
    return starts <= moment and (ends is None or ends > moment)
