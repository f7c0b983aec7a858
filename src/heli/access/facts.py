"""What rights are resolved from: people, posts, memberships, grants and ceilings, read from the tables or held in memory.

A view asks these questions and no others (``view.build``). ``Stored`` answers one person's from the database; a
``World`` holds the whole company at one moment, so that a change can be tried on a copy and every view built again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol

from django.db.models import Q

from heli.access.models import Ceiling, Frozen, Grant, Role
from heli.access.read import (
    LOAN,
    PROCESS,
    CeilingFact,
    GrantFact,
    PersonFact,
    RoleFact,
    ceiling_of,
    frozen_now,
    grant_of,
    grants_in,
    members_in,
    people_in,
    posts_in,
    role_of,
)
from heli.kernel.words import Words
from heli.org import tree as organisation
from heli.org.models import Person, Position, ReportingLine
from heli.org.tree import Membership, Post, Tree

type Named = Mapping[str, Sequence[str]]
"""Subjects of grants: ids by kind."""


class Facts(Protocol):
    """The questions a view asks."""

    @property
    def tree(self) -> Tree: ...
    def kind_of(self, person: int) -> str | None:
        """``employee``, ``contractor``, ``service``; None for who has left or never was."""

    def posts(self, person: int) -> Sequence[Post]: ...
    def memberships(self, person: int) -> Sequence[Membership]: ...
    def grants(self, named: Named, moment: datetime) -> Sequence[GrantFact]:
        """Those that name one of these subjects and have not ended, future ones included; by id."""

    def ceilings(self) -> Sequence[CeilingFact]: ...
    def frozen(self, person: int) -> bool:
        """Whether security, or a budget, has frozen them: see ``access.freeze``."""

    def reports(self, person: int, moment: datetime) -> tuple[frozenset[int], datetime | None]: ...
    def positions(self, ids: Iterable[int]) -> Mapping[int, Words]: ...
    def names(self, ids: Iterable[int]) -> Mapping[int, str]:
        """Names of people, by id; who left may be missing."""


class Stored:
    """Answers from the tables, a few queries a person."""

    @cached_property
    def tree(self) -> Tree:
        return organisation.load_tree()

    def kind_of(self, person: int) -> str | None:
        return Person.objects.filter(pk=person).exclude(status=Person.LEFT).values_list("kind", flat=True).first()

    def posts(self, person: int) -> Sequence[Post]:
        return organisation.posts_of(person)

    def memberships(self, person: int) -> Sequence[Membership]:
        return organisation.memberships_of(person)

    def grants(self, named: Named, moment: datetime) -> Sequence[GrantFact]:
        wanted = Q(pk__in=[])
        for kind, ids in named.items():
            wanted |= Q(subject_kind=kind, subject_id__in=ids)
        rows = Grant.objects.filter(wanted, revoked_at__isnull=True).select_related("role").order_by("pk")
        rows = rows.exclude(source__startswith=PROCESS)  # held by who has work alone: see ``view.at_work``
        return [
            grant_of(g, role_of(g.role) if g.role is not None else None)
            for g in rows
            if g.ends is None or g.ends > moment
        ]

    def ceilings(self) -> Sequence[CeilingFact]:
        return [ceiling_of(row) for row in Ceiling.objects.filter(active=True).order_by("pk")]

    def frozen(self, person: int) -> bool:
        return Frozen.objects.filter(person_id=person, released_at__isnull=True).exists()

    def reports(self, person: int, moment: datetime) -> tuple[frozenset[int], datetime | None]:
        return organisation.reports_of(person, moment)

    def positions(self, ids: Iterable[int]) -> Mapping[int, Words]:
        rows = Position.objects.filter(pk__in=set(ids)).values_list("pk", "name", "name_en")
        return {pk: Words(name, name_en or name) for pk, name, name_en in rows}

    def names(self, ids: Iterable[int]) -> Mapping[int, str]:
        wanted = set(ids)
        return dict(Person.objects.filter(pk__in=wanted).values_list("pk", "display_name")) if wanted else {}


@dataclass(frozen=True)
class World:
    """The whole company in memory. Frozen: a changed world is another one (``dataclasses.replace``)."""

    tree: Tree
    people: Mapping[int, PersonFact]
    posts_by_person: Mapping[int, tuple[Post, ...]]
    members_by_person: Mapping[int, tuple[Membership, ...]]
    reporting: tuple[tuple[int, int, datetime, datetime | None], ...]
    """(person, manager, from, until)"""
    roles: Mapping[str, RoleFact]
    all_grants: Mapping[int, GrantFact]
    all_ceilings: Mapping[str, CeilingFact]
    position_words: Mapping[int, Words]
    position_codes: Mapping[str, int] = field(default_factory=dict)
    all_frozen: frozenset[int] = frozenset()
    of_processes: Mapping[int, GrantFact] = field(default_factory=dict)
    """What processes give at their nodes, to whom only open work tells: no part of what anybody holds, changes or reviews."""

    @staticmethod
    def load() -> World:
        """The company as it stands; a dozen queries whatever its size."""
        roles = {row.code: role_of(row) for row in Role.objects.order_by("pk")}
        positions = list(Position.objects.values_list("pk", "code", "name", "name_en"))
        grants = grants_in(Q(), roles)
        return World(
            tree=organisation.load_tree(),
            people=people_in(Q()),
            posts_by_person=posts_in(Q()),
            members_by_person=members_in(Q()),
            reporting=tuple(ReportingLine.objects.values_list("person_id", "manager_id", "starts", "ends")),
            roles=roles,
            all_grants={pk: one for pk, one in grants.items() if not one.of_process},
            of_processes={pk: one for pk, one in grants.items() if one.of_process},
            all_ceilings={c.code: ceiling_of(c) for c in Ceiling.objects.filter(active=True).order_by("pk")},
            position_words={pk: Words(name, name_en or name) for pk, _, name, name_en in positions},
            position_codes={code: pk for pk, code, _, _ in positions},
            all_frozen=frozen_now(),
        )

    def renewed(self, people: Sequence[int]) -> World:
        """With these people's own posts, memberships and grants read again; everything else is taken as it was."""
        some = set(people)

        def kept[T](old: Mapping[int, T], fresh: Mapping[int, T]) -> dict[int, T]:
            return {pk: one for pk, one in old.items() if pk not in some} | dict(fresh)

        own = {str(pk) for pk in some}
        grants = {
            pk: one for pk, one in self.all_grants.items() if one.kind != Grant.PERSON or one.subject not in own
        } | grants_in(Q(subject_kind=Grant.PERSON, subject_id__in=own), self.roles)
        positions = list(Position.objects.values_list("pk", "code", "name", "name_en"))
        return replace(
            self,
            people=kept(self.people, people_in(Q(pk__in=some))),
            posts_by_person=kept(self.posts_by_person, posts_in(Q(person_id__in=some))),
            members_by_person=kept(self.members_by_person, members_in(Q(person_id__in=some))),
            all_grants={pk: grants[pk] for pk in sorted(grants)},
            position_words={pk: Words(name, name_en or name) for pk, _, name, name_en in positions},
            position_codes={code: pk for pk, code, _, _ in positions},
            all_frozen=frozen_now(),
        )

    def with_roles(self, roles: Mapping[str, RoleFact]) -> World:
        """With these roles; grants give what the roles now say."""
        grants = {
            pk: replace(g, role=roles.get(g.role.code, g.role)) if g.role is not None else g
            for pk, g in self.all_grants.items()
        }
        return replace(self, roles=roles, all_grants=grants)

    @cached_property
    def grants_by_subject(self) -> Mapping[tuple[str, str], tuple[GrantFact, ...]]:
        found: dict[tuple[str, str], list[GrantFact]] = defaultdict(list)
        for one in self.all_grants.values():
            found[one.kind, one.subject].append(one)
        return {k: tuple(v) for k, v in found.items()}

    @cached_property
    def usernames(self) -> Mapping[str, int]:
        """Ids by user name in lower case."""
        return {p.username.lower(): p.id for p in self.people.values()}

    @cached_property
    def department_codes(self) -> Mapping[str, int]:
        return {n.code: n.id for n in self.tree.nodes.values()}

    def kind_of(self, person: int) -> str | None:
        found = self.people.get(person)
        return found.kind if found is not None else None

    def posts(self, person: int) -> Sequence[Post]:
        return self.posts_by_person.get(person, ())

    def memberships(self, person: int) -> Sequence[Membership]:
        return self.members_by_person.get(person, ())

    def grants(self, named: Named, moment: datetime) -> Sequence[GrantFact]:
        found = {
            g.id: g
            for kind, ids in named.items()
            for one in ids
            for g in self.grants_by_subject.get((kind, one), ())
            if g.ends is None or g.ends > moment
        }
        return [found[pk] for pk in sorted(found)]

    def ceilings(self) -> Sequence[CeilingFact]:
        return list(self.all_ceilings.values())

    @property
    def _reporting(self) -> Sequence[tuple[int, int, datetime, datetime | None]]:
        return self.reporting

    @cached_property
    def _lines_at(self) -> dict[datetime, tuple[Mapping[int, Sequence[int]], datetime | None]]:
        """Reporting lines at the moment last asked for: thousands of people are asked about at one."""
        return {}

    def frozen(self, person: int) -> bool:
        return person in self.all_frozen

    def reports(self, person: int, moment: datetime) -> tuple[frozenset[int], datetime | None]:
        known = self._lines_at.get(moment)
        if known is None:
            lines = self._reporting
            edge = organisation.boundary(moment, [(starts, ends) for _, _, starts, ends in lines])
            known = organisation.down_at(lines, moment), edge
            self._lines_at.clear()
            self._lines_at[moment] = known
        return organisation.below_along(known[0], person), known[1]

    def positions(self, ids: Iterable[int]) -> Mapping[int, Words]:
        return self.position_words

    def names(self, ids: Iterable[int]) -> Mapping[int, str]:
        return {pk: self.people[pk].name for pk in ids if pk in self.people}


__all__ = ["LOAN", "PROCESS", "CeilingFact", "Facts", "GrantFact", "Named", "PersonFact", "RoleFact", "Stored", "World"]
