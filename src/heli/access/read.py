"""What rights follow from as plain facts, and reading them from the tables for some people or all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from heli.access.models import Ceiling, Frozen, Grant, Role
from heli.kernel.words import Words
from heli.org.models import Assignment, Person, ProjectMember
from heli.org.tree import Membership, Post

LOAN = "loan:"
"""What the source of a loan's grant begins with."""
PROCESS = "flow:"
"""The same of what a process gives at its steps."""


@dataclass(frozen=True, slots=True)
class RoleFact:
    """A role as grants give it. ``lines`` stand as in the contract's JSON."""

    code: str
    words: Words
    version: int
    lines: Sequence[Mapping[str, Any]]
    closed: bool = False
    sensitive: bool = False
    """The company's own word that giving it takes two people, whatever its lines say."""


@dataclass(frozen=True, slots=True)
class GrantFact:
    """A grant that has not been revoked. ``id`` is negative for one that only a draft knows."""

    id: int
    role: RoleFact | None
    lines: Sequence[Mapping[str, Any]] | None
    kind: str
    subject: str
    below: bool
    starts: datetime
    ends: datetime | None
    source: str = "manual"
    giver: int | None = None
    """Who gave it; of a loan, whose rights it was cut from."""

    @property
    def lent(self) -> bool:
        """Whether it is a loan."""
        return self.source.startswith(LOAN)

    @property
    def of_process(self) -> bool:
        """Whether a process gives it, to whoever has work at its nodes and for as long as that is open."""
        return self.source.startswith(PROCESS)

    def open_at(self, moment: datetime) -> bool:
        """Whether it gives something at this moment."""
        valid = self.starts <= moment and (self.ends is None or self.ends > moment)
        return valid and (self.role is None or not self.role.closed)

    @property
    def given(self) -> Sequence[Mapping[str, Any]]:
        """The lines it gives."""
        return self.role.lines if self.role is not None else (self.lines or ())


@dataclass(frozen=True, slots=True)
class CeilingFact:
    """A ceiling that is in force."""

    code: str
    words: Words
    type: str
    kinds: tuple[str, ...] | None
    actions: tuple[str, ...] | None
    roles: tuple[str, ...] | None
    lines: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PersonFact:
    """Someone who has not left."""

    id: int
    username: str
    name: str
    kind: str


def role_of(row: Role) -> RoleFact:
    return RoleFact(
        row.code, Words(row.name, row.name_en or row.name), row.version, row.lines, row.closed_at is not None,
        row.sensitive,
    )  # fmt: skip


def grant_of(row: Grant, role: RoleFact | None) -> GrantFact:
    return GrantFact(
        row.pk,
        role,
        row.lines,
        row.subject_kind,
        row.subject_id,
        row.below,
        row.starts,
        row.ends,
        row.source,
        row.created_by,
    )


def _tuple(value: Sequence[str] | None) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def ceiling_of(row: Ceiling) -> CeilingFact:
    return CeilingFact(
        row.code, Words(row.name, row.name_en or row.name), row.type, _tuple(row.kinds), _tuple(row.actions),
        _tuple(row.roles), row.lines,
    )  # fmt: skip


def people_in(which: Q) -> dict[int, PersonFact]:
    rows = Person.objects.filter(which).exclude(status=Person.LEFT).order_by("pk")
    return {pk: PersonFact(pk, *rest) for pk, *rest in rows.values_list("pk", "username", "display_name", "kind")}


def posts_in(which: Q) -> dict[int, tuple[Post, ...]]:
    found: dict[int, list[Post]] = defaultdict(list)
    rows = Assignment.objects.filter(which).order_by("-primary", "id")
    for row in rows.values_list("pk", "person_id", "department_id", "position_id", "primary", "starts", "ends"):
        found[row[1]].append(Post(*row))
    return {k: tuple(v) for k, v in found.items()}


def members_in(which: Q) -> dict[int, tuple[Membership, ...]]:
    found: dict[int, list[Membership]] = defaultdict(list)
    rows = ProjectMember.objects.filter(which, project__deleted_at__isnull=True).order_by("id")
    for row in rows.values_list("project_id", "project__name", "person_id", "role", "starts", "ends"):
        found[row[2]].append(Membership(*row))
    return {k: tuple(v) for k, v in found.items()}


def grants_in(which: Q, roles: Mapping[str, RoleFact]) -> dict[int, GrantFact]:
    rows = Grant.objects.filter(which, revoked_at__isnull=True).select_related("role").order_by("pk")
    return {g.pk: grant_of(g, roles[g.role.code] if g.role is not None else None) for g in rows}


def frozen_now() -> frozenset[int]:
    return frozenset(Frozen.objects.filter(released_at__isnull=True).values_list("person_id", flat=True))
