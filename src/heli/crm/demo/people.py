"""Bringing the invented organisation in through the verbs of the real one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from heli.crm.demo.company import NAME, PASSWORD, DemoCompany
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.org import zone
from heli.org.models import Department, Person, Position
from heli.org.verbs import assignments, company, departments, deputies, leaving, people, projects, reporting
from heli.review import leaving as notice

BY = Actor(None, "system", "demo", via="demo")


@dataclass(frozen=True, slots=True)
class Ids:
    """What the installation calls people (by user name) and departments (by code)."""

    people: Mapping[str, int]
    departments: Mapping[str, int]


def load(demo: DemoCompany) -> Ids:
    """Company, departments, people with their posts and lines, leave and deputies. Returns their ids."""
    company.set_company(BY, name=NAME, currency="CNY", time_zone="Asia/Shanghai", demo=True)
    departments.create_departments(
        BY,
        [
            departments.NewDepartment(one.name, one.parent, one.code, one.name_en, one.function)
            for one in demo.departments
        ],
    )
    people.add_people(
        BY,
        [
            people.NewPerson(one.username, one.name, one.email, one.phone, one.kind, password=PASSWORD)
            for one in demo.people
            if one.kind != Person.SERVICE
        ],
    )
    for one in demo.people:
        if one.kind == Person.SERVICE:
            people.create_service_account(BY, one.username, one.name)
    ids = Ids(
        dict(Person.objects.values_list("username", "pk")),
        dict(Department.objects.values_list("code", "pk")),
    )
    _posts(demo, ids)
    _lines(demo, ids)
    return ids


def _posts(demo: DemoCompany, ids: Ids) -> None:
    positions = dict(Position.objects.values_list("code", "pk"))
    now = clock.now()
    rows = []
    for one in demo.people:
        for post in one.posts:
            ends = None if post.ends_in_days is None else now + dt.timedelta(days=post.ends_in_days)
            position = None if one.kind == Person.SERVICE else positions[post.position]
            rows.append(
                assignments.NewAssignment(
                    ids.people[one.username],
                    ids.departments[post.department],
                    position,
                    primary=post.primary,
                    starts=now - dt.timedelta(days=post.since_days),
                    ends=ends,
                )
            )
    assignments.assign_many(BY, rows)


def _lines(demo: DemoCompany, ids: Ids) -> None:
    """Who leads, oversees, reports to whom, stands in, is away or gone."""
    known = ids.people
    departments.set_heads(BY, {ids.departments[d.code]: known[d.head] for d in demo.departments if d.head})
    departments.set_overseers(BY, {ids.departments[d.code]: known[d.overseer] for d in demo.departments if d.overseer})
    reporting.set_managers(
        BY,
        [
            reporting.NewReporting(known[p.username], known[p.reports_to])
            for p in demo.people
            if p.reports_to and p.kind != Person.SERVICE
        ],
    )
    now = clock.now()
    for one in demo.people:
        if one.status == Person.ON_LEAVE:
            leaving.put_on_leave(BY, known[one.username])
        elif one.status == Person.LEFT:
            leaving.leave(BY, known[one.username])
        last = [post.ends_in_days for post in one.posts]
        if last and None not in last:
            notice.give_notice(BY, known[one.username], zone.today() + dt.timedelta(days=max(d or 0 for d in last)))
        if one.deputy:
            starts, ends = now - dt.timedelta(days=3), now + dt.timedelta(days=18)
            deputies.set_deputy(BY, known[one.username], known[one.deputy], starts=starts, ends=ends)


def join_projects(demo: DemoCompany, ids: Ids, real: Mapping[str, str]) -> None:
    """Who works on which project; `real` gives the id of each invented one."""
    projects.add_project_members(
        BY,
        [
            projects.NewMember(real[one.id], ids.people[login], role)
            for one in demo.projects
            for login, role in one.members
        ],
    )
