"""Some people's rights on some object types, read at once: for what looks at thousands of them in a transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from django.db.models import Q

from heli.access.facts import GrantFact, RoleFact, World
from heli.access.models import Ceiling, Grant, Role
from heli.access.read import ceiling_of, frozen_now, grants_in, members_in, people_in, posts_in, role_of
from heli.kernel.words import Words
from heli.org import tree as organisation
from heli.org.models import Position, ReportingLine


class Part(World):
    """A world of some people and some object types only: their rights on these, and nothing else, are as in the whole one."""

    @staticmethod
    def of(people: Iterable[int], types: Iterable[str]) -> Part:
        """A dozen queries, however many people. Reporting lines are read once somebody's rights look at them."""
        some, wanted = set(people), {*types}
        roles = {row.code: _only(role_of(row), wanted) for row in Role.objects.order_by("pk")}
        own = ~Q(subject_kind=Grant.PERSON) | Q(subject_id__in={str(pk) for pk in some})
        return Part(
            tree=organisation.load_tree(),
            people=people_in(Q(pk__in=some)),
            posts_by_person=posts_in(Q(person_id__in=some)),
            members_by_person=members_in(Q(person_id__in=some)),
            reporting=(),
            roles=roles,
            all_grants={pk: _only(one, wanted) for pk, one in grants_in(own, roles).items() if not one.of_process},
            all_ceilings={
                c.code: ceiling_of(c)
                for c in Ceiling.objects.filter(active=True, type__in={*wanted, "*"}).order_by("pk")
            },
            position_words={
                pk: Words(name, name_en or name)
                for pk, name, name_en in Position.objects.values_list("pk", "name", "name_en")
            },
            all_frozen=frozen_now(),
        )

    @cached_property
    def _every_line(self) -> tuple[tuple[int, int, datetime, datetime | None], ...]:
        return tuple(ReportingLine.objects.values_list("person_id", "manager_id", "starts", "ends"))

    @property
    def _reporting(self) -> Sequence[tuple[int, int, datetime, datetime | None]]:
        return self._every_line


def _only[T: (RoleFact, GrantFact)](one: T, types: set[str]) -> T:
    """With the lines on these types alone."""
    if one.lines is None:
        return one
    return replace(one, lines=[line for line in one.lines if line["type"] in types])
