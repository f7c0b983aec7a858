"""Names that stay when ids do not: how a change, an exported policy and people speak of subjects of grants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from heli.access.models import Grant
from heli.access.view import project_role
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.org.models import Department, Person, Position
from heli.org.tree import project_names

NO_SUBJECT = Words("没有这个授权对象：{text}", "no such subject: {text}")
EVERYONE = Words("所有人", "everyone")
OF_PROJECT = Words("项目「{project}」的{role}", "{role} of project {project}")
OF_ANY = Words("任一项目的{role}", "{role} of any project")


@dataclass(frozen=True)
class Names:
    """Codes and user names by id, those of closed and left ones too."""

    people: Mapping[int, tuple[str, str]]
    """(user name, display name)"""
    positions: Mapping[int, tuple[str, Words]]
    departments: Mapping[int, tuple[str, Words]]
    projects: Mapping[str, str]

    @staticmethod
    def load() -> Names:
        """Four queries."""
        return Names(
            {pk: (u, d) for pk, u, d in Person.objects.values_list("pk", "username", "display_name")},
            {
                pk: (c, Words(n, e or n))
                for pk, c, n, e in Position.objects.values_list("pk", "code", "name", "name_en")
            },
            {
                pk: (c, Words(n, e or n))
                for pk, c, n, e in Department.objects.values_list("pk", "code", "name", "name_en")
            },
            project_names(),
        )

    def with_department(self, pk: int, code: str, words: Words) -> Names:
        """The same with a department that is new, or called otherwise."""
        return replace(self, departments={**self.departments, pk: (code, words)})

    @cached_property
    def person_ids(self) -> Mapping[str, int]:
        return {username.lower(): pk for pk, (username, _) in self.people.items()}

    @cached_property
    def position_ids(self) -> Mapping[str, int]:
        return {code: pk for pk, (code, _) in self.positions.items()}

    @cached_property
    def department_ids(self) -> Mapping[str, int]:
        return {code: pk for pk, (code, _) in self.departments.items()}

    def subject(self, kind: str, subject: str) -> str:
        """``position:sales_rep``, ``person:wangmin``, ``everyone`` and the like."""
        if kind == Grant.EVERYONE:
            return kind
        if kind == Grant.PROJECT_ROLE:
            return f"{kind}:{subject}"
        pk = int(subject)
        found = {
            Grant.PERSON: lambda: self.people[pk][0],
            Grant.POSITION: lambda: self.positions[pk][0],
            Grant.DEPARTMENT: lambda: self.departments[pk][0],
        }[kind]()
        return f"{kind}:{found}"

    def resolve(self, text: str, place: str) -> tuple[str, str]:
        """(kind, id) of such a text. Raises Invalid at the place."""
        kind, _, name = text.partition(":")
        pk: int | None = None
        match kind:
            case Grant.EVERYONE if not name:
                return kind, ""
            case Grant.PROJECT_ROLE:
                project, colon, role = name.rpartition(":")
                if role and (not colon or project in self.projects):
                    return kind, name
            case Grant.PERSON:
                pk = self.person_ids.get(name.lower())
            case Grant.POSITION:
                pk = self.position_ids.get(name)
            case Grant.DEPARTMENT:
                pk = self.department_ids.get(name)
        if pk is None:
            known = kind in (Grant.PERSON, Grant.POSITION, Grant.DEPARTMENT)
            said = self.words(text[:100]) if known else Words(text[:100], text[:100])
            raise Invalid(Problem(place, "unknown", NO_SUBJECT.fill(text=said)))
        return kind, str(pk)

    def words(self, text: str) -> Words:
        """Such a text as people say it."""
        kind, _, name = text.partition(":")
        match kind:
            case Grant.PERSON:
                pk = self.person_ids.get(name.lower())
                said = self.people[pk][1] if pk is not None else name
                return Words(f"人员 {said}", f"person {said}")
            case Grant.POSITION:
                known = self.positions.get(self.position_ids.get(name, -1))
                return Words("岗位 {p}", "position {p}").fill(p=known[1] if known else name)
            case Grant.DEPARTMENT:
                known = self.departments.get(self.department_ids.get(name, -1))
                return Words("部门 {p}", "department {p}").fill(p=known[1] if known else name)
            case Grant.PROJECT_ROLE:
                project, _, role = name.rpartition(":")
                where = self.projects.get(project, "")
                return part(role, where)
        return EVERYONE


def part(role: str, project: str) -> Words:
    """What somebody is in a project of this name; without one, in whichever."""
    said = OF_PROJECT if project else OF_ANY
    return said.fill(role=project_role(role), project=project)
