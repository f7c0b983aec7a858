"""Who is where in a company at one moment: posts and parts turned round, and whom a grant reaches. No view, no words.

What looks at everybody at once (explaining, simulating, holders of roles, reviews) stands on this, so that they agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property

from heli.access.facts import GrantFact, World
from heli.access.models import Grant
from heli.org.tree import Membership, Post


class Moment:
    """A world at a moment. Only people who have not left are anywhere."""

    def __init__(self, world: World, moment: datetime) -> None:
        self.world = world
        self.moment = moment

    def holds(self, starts: datetime, ends: datetime | None) -> bool:
        """Whether what has this validity holds now."""
        return starts <= self.moment and (ends is None or ends > self.moment)

    def open_posts(self, person: int) -> list[Post]:
        """One person's posts now, in the order that rights take them."""
        return [p for p in self.world.posts(person) if self.holds(p.starts, p.ends)]

    def open_parts(self, person: int) -> list[Membership]:
        """One person's parts in projects now."""
        return [m for m in self.world.memberships(person) if self.holds(m.starts, m.ends)]

    @staticmethod
    def home(posts: Sequence[Post]) -> Post | None:
        """The post that carries what is given to a person as such: the primary one, else the first."""
        return next((p for p in posts if p.primary), posts[0] if posts else None)

    @cached_property
    def posts(self) -> Mapping[int, list[Post]]:
        """Everybody's posts now; nobody without one."""
        found = {}
        for person, posts in self.world.posts_by_person.items():
            now = [p for p in posts if self.holds(p.starts, p.ends)]
            if now and person in self.world.people:
                found[person] = now
        return found

    @cached_property
    def homes(self) -> Mapping[int, int]:
        """The department of each one's home."""
        found = {}
        for person, posts in self.posts.items():
            home = self.home(posts)
            if home is not None:
                found[person] = home.department
        return found

    @cached_property
    def posts_at(self) -> Mapping[int, list[Post]]:
        """Posts by position."""
        found: dict[int, list[Post]] = defaultdict(list)
        for posts in self.posts.values():
            for post in posts:
                if post.position is not None:
                    found[post.position].append(post)
        return found

    @cached_property
    def posts_in(self) -> Mapping[int, list[Post]]:
        """Posts by department."""
        found: dict[int, list[Post]] = defaultdict(list)
        for posts in self.posts.values():
            for post in posts:
                found[post.department].append(post)
        return found

    @cached_property
    def parts(self) -> Mapping[str, list[Membership]]:
        """Parts by project."""
        found: dict[str, list[Membership]] = defaultdict(list)
        for person, some in self.world.members_by_person.items():
            if person in self.world.people:
                for one in some:
                    if self.holds(one.starts, one.ends):
                        found[one.project].append(one)
        return found

    @cached_property
    def parts_as(self) -> Mapping[str, list[Membership]]:
        """Parts by ``role`` and by ``project:role``, as grants name them."""
        found: dict[str, list[Membership]] = defaultdict(list)
        for project, some in self.parts.items():
            for one in some:
                found[one.role].append(one)
                found[f"{project}:{one.role}"].append(one)
        return found

    @cached_property
    def managed(self) -> Mapping[int, list[int]]:
        """Who reports to whom directly, by manager."""
        found: dict[int, list[int]] = defaultdict(list)
        for who, manager, starts, ends in self.world.reporting:
            if self.holds(starts, ends):
                found[manager].append(who)
        return found

    @cached_property
    def managers_of(self) -> Mapping[int, list[int]]:
        """The same, by who reports."""
        found: dict[int, list[int]] = defaultdict(list)
        for manager, some in self.managed.items():
            for who in some:
                found[who].append(manager)
        return found

    def departments_of(self, grant: GrantFact) -> Sequence[int]:
        """Where somebody must be posted for a department's grant to reach them."""
        root = int(grant.subject)
        if root not in self.world.tree.nodes:
            return ()
        return sorted(self.world.tree.below(root)) if grant.below else (root,)

    def reached(self, grant: GrantFact) -> set[int]:
        """Whom a grant reaches, if it is open."""
        match grant.kind:
            case Grant.EVERYONE:
                return set(self.world.people)
            case Grant.PERSON:
                return {int(grant.subject)} & self.world.people.keys()
            case Grant.POSITION:
                return {p.person for p in self.posts_at.get(int(grant.subject), ())}
            case Grant.PROJECT_ROLE:
                return {m.person for m in self.parts_as.get(grant.subject, ())}
        return {p.person for d in self.departments_of(grant) for p in self.posts_in.get(d, ())}
