"""The organisation as of one moment, in memory: the shape that rights are resolved against.

It is loaded at one epoch and shared by everyone; nothing here changes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from heli.org.models import Assignment, Department, Person, Project, ProjectMember, ReportingLine


@dataclass(frozen=True, slots=True)
class Node:
    """One department."""

    id: int
    name: str
    name_en: str
    parent: int | None
    head: int | None
    overseer: int | None
    function: str
    code: str


@dataclass(frozen=True, slots=True)
class Tree:
    """All departments with their children; ``below`` is what scopes ask."""

    nodes: Mapping[int, Node]
    children: Mapping[int | None, tuple[int, ...]]

    def below(self, root: int) -> frozenset[int]:
        """The department and everything below it (empty for an unknown one)."""
        if root not in self.nodes:
            return frozenset()
        found: set[int] = set()
        todo = [root]
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo.extend(self.children.get(one, ()))
        return frozenset(found)

    def above(self, one: int) -> tuple[int, ...]:
        """The department and its ancestors, nearest first."""
        path: list[int] = []
        here: int | None = one
        while here is not None and here in self.nodes and here not in path:
            path.append(here)
            here = self.nodes[here].parent
        return tuple(path)

    def path(self, one: int) -> str:
        return " / ".join(self.nodes[i].name for i in reversed(self.above(one)))


def load_tree() -> Tree:
    nodes = {
        d.pk: Node(d.pk, d.name, d.name_en, d.parent_id, d.head_id, d.overseer_id, d.function, d.code)
        for d in Department.objects.filter(closed_at__isnull=True).order_by("id")
    }
    children: dict[int | None, list[int]] = defaultdict(list)
    for node in nodes.values():
        children[node.parent].append(node.id)
    return Tree(nodes, {k: tuple(v) for k, v in children.items()})


def valid(moment: datetime) -> Q:
    """Rows of a Validity table that hold at this moment."""
    return Q(starts__lte=moment) & (Q(ends__isnull=True) | Q(ends__gt=moment))


def boundary(moment: datetime, spans: Iterable[tuple[datetime | None, datetime | None]]) -> datetime | None:
    """The next moment after this one at which any of these spans begins or ends."""
    edges = [edge for span in spans for edge in span if edge is not None and edge > moment]
    return min(edges, default=None)


@dataclass(frozen=True, slots=True)
class Post:
    """An assignment as rights see it: who, where, as what, when."""

    id: int
    person: int
    department: int
    position: int | None
    primary: bool
    starts: datetime
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A part in a project."""

    project: str
    project_name: str
    person: int
    role: str
    starts: datetime
    ends: datetime | None


def posts_of(person: int) -> list[Post]:
    """Every assignment of a person that has not ended, future ones included (they are validity boundaries)."""
    rows = Assignment.objects.filter(person_id=person).order_by("-primary", "id")
    return [Post(a.pk, a.person_id, a.department_id, a.position_id, a.primary, a.starts, a.ends) for a in rows]


def memberships_of(person: int) -> list[Membership]:
    rows = ProjectMember.objects.filter(person_id=person, project__deleted_at__isnull=True).select_related("project")
    return [
        Membership(m.project_id, m.project.name, m.person_id, m.role, m.starts, m.ends) for m in rows.order_by("id")
    ]


def reports_of(person: int, moment: datetime) -> tuple[frozenset[int], datetime | None]:
    """Everyone below a person along the reporting lines of this moment, and the next moment this may change."""
    return below_in(
        list(ReportingLine.objects.values_list("person_id", "manager_id", "starts", "ends")), person, moment
    )


def below_in(
    lines: Sequence[tuple[int, int, datetime, datetime | None]], person: int, moment: datetime
) -> tuple[frozenset[int], datetime | None]:
    """The same along these lines (person, manager, from, until)."""
    return below_along(down_at(lines, moment), person), boundary(moment, [(s, e) for _, _, s, e in lines])


def down_at(
    lines: Sequence[tuple[int, int, datetime, datetime | None]], moment: datetime
) -> Mapping[int, Sequence[int]]:
    """Who reports straight to whom at a moment."""
    down: dict[int, list[int]] = defaultdict(list)
    for who, manager, starts, ends in lines:
        if starts <= moment and (ends is None or ends > moment):
            down[manager].append(who)
    return down


def below_along(down: Mapping[int, Sequence[int]], person: int) -> frozenset[int]:
    """Everyone below a person."""
    found: set[int] = set()
    todo = list(down.get(person, ()))
    while todo:
        one = todo.pop()
        if one not in found and one != person:
            found.add(one)
            todo.extend(down.get(one, ()))
    return frozenset(found)


def names_of(people: Iterable[int]) -> dict[int, tuple[str, str]]:
    """``{id: (username, display name)}``."""
    wanted = {p for p in people if p is not None}
    rows = Person.objects.filter(pk__in=wanted).values_list("pk", "username", "display_name")
    return {pk: (username, name) for pk, username, name in rows}


def project_names() -> dict[str, str]:
    """Names of the projects that are not deleted. Who may know of which is for the caller to decide (``docs/disclosures.md``)."""
    return dict(Project.objects.filter(deleted_at__isnull=True).values_list("pk", "name"))


def ended_projects(today: date) -> dict[str, date | None]:
    """Ids of projects that are finished or past their last day, with that day. Who may know of which is for the caller."""
    rows = Project.objects.filter(deleted_at__isnull=True).filter(Q(status=Project.FINISHED) | Q(ends_on__lt=today))
    return dict(rows.values_list("pk", "ends_on"))


def open_projects(most: int) -> list[Project]:
    """The first so many projects that are not deleted, by name. Who may know of which is for the caller to decide."""
    return list(Project.objects.filter(deleted_at__isnull=True).order_by("name_key", "pk")[:most])


def project_of(pk: str) -> Project | None:
    """The project with this id that is not deleted. Who may know of it is for the caller to decide."""
    return Project.objects.filter(pk=pk, deleted_at__isnull=True).first()
