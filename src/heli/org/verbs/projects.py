"""Who takes part in which project. The project itself is a record and is written through the write door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from heli.kernel.actor import Actor
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.org import spans
from heli.org.models import Person, Project, ProjectMember
from heli.org.verbs import told
from heli.org.verbs.change import Change, Problems, changing, span, text
from heli.org.verbs.ledger import Ledger


@dataclass(frozen=True, slots=True)
class NewMember:
    """A part in a project to be given. ``starts`` None means now, ``ends`` None means open."""

    project: str
    person: int
    role: str = "member"
    starts: datetime | None = None
    ends: datetime | None = None


def add_project_member(
    by: Actor,
    project: str,
    person: int,
    role: str = "member",
    *,
    starts: datetime | None = None,
    ends: datetime | None = None,
) -> int:
    """Give a person a part in a project; returns the membership's id.

    Raises NotFound for an unknown project; Invalid for an unknown person, a bad role (1 to 32 characters without
    a colon) or a span that ends before it starts; Conflict when the project is closed, the person has left, or
    has a part in it at that time already.
    """
    with changing(by) as change:
        if not Project.objects.filter(pk=project, deleted_at=None).exists():
            raise NotFound()
        return _add(change, [NewMember(project, person, role, starts, ends)], Problems())[0]


def add_project_members(by: Actor, rows: Sequence[NewMember]) -> list[int]:
    """Many at once, all or none; returns their ids. Raises as ``add_project_member`` does, with every place."""
    with changing(by) as change:
        return _add(change, rows, Problems(batch=True))


def _add(change: Change, rows: Sequence[NewMember], problems: Problems) -> list[int]:
    people = Person.objects.in_bulk({r.person for r in rows})
    projects = Project.objects.filter(deleted_at=None).in_bulk({r.project for r in rows})
    ledgers = {pk: load(pk) for pk in projects}
    made: list[ProjectMember] = []
    for number, row in enumerate(rows):
        here = problems.row(number)
        starts = row.starts or change.now
        before = len(problems)
        span(here, starts, row.ends)
        project, person = projects.get(row.project), people.get(row.person)
        if project is None:
            here.invalid("project", "unknown", Words("没有这个项目", "no such project"))
        elif project.status == Project.FINISHED:
            _finished(here)
        if person is None:
            here.invalid("person", "unknown", Words("没有这个人员", "no such person"))
        elif person.status == Person.LEFT:
            here.conflict("person", "left", Words(f"{told.person(person)} 已离职", f"{told.person(person)} has left"))
        role = _role(here, row.role)
        if len(problems) > before:
            continue
        one = ProjectMember(project_id=row.project, person_id=row.person, role=role, starts=starts, ends=row.ends)
        ledger = ledgers[row.project]
        met = [r for r in ledger.overlapping(spans.of(one)) if r.person_id == row.person]
        if met:
            words = Words("已是项目成员：{role}，{when}", "is a member already: {role}, {when}")
            here.conflict("person", "member_already", words.fill(role=met[0].role, when=told.span(met[0])))
        made.append(ledger.add(one))
    problems.check()
    for ledger in ledgers.values():
        ledger.write(change)
    return [one.pk for one in made]


def remove_project_member(by: Actor, project: str, person: int, *, at: datetime | None = None) -> None:
    """End a person's part in a project at a moment (None: now); a part that would begin later is cancelled.

    Raises NotFound when the person has no part in it from then on.
    """
    with changing(by) as change:
        ledger, moment, rows = _parts(change, project, person, at)
        for row in rows:
            ledger.cut(row, moment)
        ledger.write(change)


def change_project_role(by: Actor, project: str, person: int, role: str, *, at: datetime | None = None) -> int:
    """Give a member another role from a moment on (None: now); the part they had ends there and stays in history.

    Returns the membership's id. Raises NotFound when the person has no part in it then; Invalid for a bad role.
    """
    with changing(by) as change:
        ledger, moment, rows = _parts(change, project, person, at)
        row = next((r for r in rows if spans.holds(r, moment)), None)
        if row is None:
            raise NotFound()
        problems = Problems()
        wanted = _role(problems, role)
        problems.check()
        if row.role == wanted:
            return row.pk
        new = ProjectMember(project_id=project, person_id=person, role=wanted, starts=moment, ends=row.ends)
        ledger.cut(row, moment)
        ledger.add(new)
        ledger.write(change)
        return new.pk


def set_project_end(by: Actor, project: str, person: int, ends: datetime | None) -> None:
    """When a member's part ends (None: open); earlier or later than it was to. A part that would end before it begins is
    cancelled; parts that begin later stay as they are.

    Raises NotFound when the person has no part in it; Invalid for a moment that has passed; Conflict when the project is
    finished, or when another part of theirs begins before the new end.
    """
    with changing(by) as change:
        ledger, now, rows = _parts(change, project, person, None)
        problems = Problems()
        span(problems, now, ends)
        if Project.objects.filter(pk=project, status=Project.FINISHED).exists():
            _finished(problems)
        problems.check()
        row = next((r for r in rows if spans.holds(r, now)), rows[0])
        after = [r for r in rows if r is not row and (ends is None or r.starts < ends)]
        if after:
            words = Words("已是项目成员：{role}，{when}", "is a member already: {role}, {when}")
            problems.conflict("until", "overlap", words.fill(role=after[0].role, when=told.span(after[0])))
        problems.check()
        if ends is not None and ends <= row.starts:
            ledger.remove(row)
        else:
            row.ends = ends
        ledger.write(change)


def end_memberships(by: Actor, project: str, *, at: datetime | None = None) -> int:
    """End every part in a project at a moment (None: now), as when it is closed; returns how many.

    Raises NotFound for an unknown project.
    """
    with changing(by) as change:
        if not Project.objects.filter(pk=project).exists():
            raise NotFound()
        return load(project).end_all(change, _moment(change, at))


def load(project: str) -> Ledger[ProjectMember]:
    rows = ProjectMember.objects.filter(project_id=project).order_by("starts", "pk")
    return Ledger("project_member", rows, lambda r: (r.person_id,))


def load_person(person: int) -> Ledger[ProjectMember]:
    """Every part that one person has in any project."""
    rows = ProjectMember.objects.filter(person_id=person).order_by("starts", "pk")
    return Ledger("project_member", rows, lambda r: (r.person_id,))


def _finished(problems: Problems) -> None:
    words = Words("项目已完成，不能再加成员", "the project is finished and takes no new members")
    problems.conflict("project", "finished", words)


def _moment(change: Change, at: datetime | None) -> datetime:
    problems = Problems()
    span(problems, at or change.now, None)
    problems.check()
    return at or change.now


def _parts(
    change: Change, project: str, person: int, at: datetime | None
) -> tuple[Ledger[ProjectMember], datetime, list[ProjectMember]]:
    """The project's ledger, the moment, and the person's parts that hold then or begin later."""
    moment = _moment(change, at)
    ledger = load(project)
    rows = [r for r in ledger if r.person_id == person and (r.ends is None or r.ends > moment)]
    if not rows:
        raise NotFound()
    return ledger, moment, rows


def _role(problems: Problems, value: object) -> str:
    """A word of the company; a colon would cut ``<project>:<role>``, as grants name roles, in the wrong place."""
    found = text(problems, "role", value, 32)
    if ":" in found:
        problems.invalid("role", "pattern", Words("角色名不能含冒号", "a role's name has no colon"))
    return found
