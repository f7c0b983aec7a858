"""Who holds a role now, and through which post or project each of them does. Read from a company in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from heli.access.facts import GrantFact, World
from heli.access.models import Grant
from heli.access.moment import Moment
from heli.access.scopes import Carrier
from heli.insight import company as companies
from heli.insight.company import Company
from heli.org.tree import Post

type Carriers = dict[int, list[Carrier]]
"""By person: what brings a role to them."""


class Holders(Moment):
    """The company's holders at one moment; asked for every role together, one pass over posts and projects."""

    def __init__(self, world: World, moment: datetime) -> None:
        super().__init__(world, moment)
        self.roles: dict[str, Carriers] = defaultdict(dict)
        for grant in world.all_grants.values():
            if grant.role is None or not grant.open_at(moment):
                continue
            given = self.roles[grant.role.code]
            for person, carrier in self.of(grant):
                given.setdefault(person, []).append(carrier)

    def carrier(self, person: int) -> Carrier:
        """What relative scopes of a grant to the person themselves resolve against."""
        home = self.home(self.posts.get(person, []))
        return Carrier(department=home.department, key=f"a{home.id}") if home is not None else Carrier()

    def of(self, grant: GrantFact) -> Iterator[tuple[int, Carrier]]:
        """Everybody whom a grant reaches, with what carries it."""
        match grant.kind:
            case Grant.PERSON | Grant.EVERYONE:
                yield from ((person, self.carrier(person)) for person in self.reached(grant))
            case Grant.POSITION:
                yield from map(_carried, self.posts_at.get(int(grant.subject), ()))
            case Grant.DEPARTMENT:
                for one in self.departments_of(grant):
                    yield from map(_carried, self.posts_in.get(one, ()))
            case Grant.PROJECT_ROLE:
                for member in self.parts_as.get(grant.subject, ()):
                    home = self.carrier(member.person)
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
