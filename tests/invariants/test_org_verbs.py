"""Whatever sequence of verbs is tried, in whatever order and at whatever dates, the organisation stays sound."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from heli.audit import verify
from heli.audit.models import Entry
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, HeliError
from heli.org import verbs
from heli.org.models import Assignment, Department, Deputy, Person, Position, Project, ProjectMember, ReportingLine
from heli.org.tree import load_tree

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ME = Actor(None, "tests", "job")
START = datetime(2026, 1, 1, tzinfo=UTC)
PEOPLE, DEPARTMENTS, POSITIONS = 5, 4, 2

WORDS = (
    *("assign",) * 4, *("end", "primary", "move_person", "manager", "end_reporting") * 2, *("manager", "deputy") * 2,
    "move", "move", "head", "overseer", "close", "member", "member", "role", "unmember", "on_leave", "back", "leave",
    "rehire", "rehire", "later", "part_end", "part_end", "shut", "shut", "reopen",
)  # fmt: skip


def story(random: Random, length: int) -> list[tuple[Any, ...]]:
    """Steps as words and small numbers, so that a failing story can be read."""

    def who() -> int:
        return random.randrange(PEOPLE)

    def where() -> int:
        return random.randrange(DEPARTMENTS)

    def row() -> int:
        return random.randrange(40)

    def at() -> int | None:
        return random.choice([None, random.randrange(14)])

    def until(starts: int | None) -> int | None:
        return random.choice([None, None, random.randrange(3) + random.randrange(12 if starts is None else starts + 6)])

    def step(word: str) -> tuple[Any, ...]:
        starts = at()
        ends = until(starts)
        rest: dict[str, Callable[[], tuple[Any, ...]]] = {
            "move": lambda: (where(), random.choice([None, where()])),
            "head": lambda: (where(), random.choice([None, who()])),
            "overseer": lambda: (where(), random.choice([None, who()])),
            "close": lambda: (where(),),
            "assign": lambda: (
                who(),
                where(),
                random.choice([None, 0, 1]),
                random.choice([None, True, False]),
                starts,
                ends,
            ),
            "shut": lambda: (random.randrange(POSITIONS),),
            "reopen": lambda: (random.randrange(POSITIONS),),
            "part_end": lambda: (who(), ends),
            "end": lambda: (row(), starts, random.choice([None, row()])),
            "primary": lambda: (row(), starts),
            "move_person": lambda: (who(), where(), starts),
            "manager": lambda: (who(), who(), starts, ends),
            "end_reporting": lambda: (who(), starts),
            "deputy": lambda: (who(), who(), starts or 0, (starts or 0) + row() // 8, random.choice(["", "x", "y"])),
            "member": lambda: (who(), starts, ends),
            "role": lambda: (who(), random.choice(["lead", "viewer"]), starts),
            "unmember": lambda: (who(), starts),
            "leave": lambda: (who(), random.choice([None, who(), who()])),
            "later": lambda: (random.randrange(1, 3),),
        }
        return (word, *rest.get(word, lambda: (who(),))())

    return [step(random.choice(WORDS)) for _ in range(length)]


class World:
    """A small company, and how each step of a story becomes a call."""

    def __init__(self) -> None:
        self.at = START + timedelta(days=4)
        with clock.at(START):
            rows = [verbs.NewDepartment("0", code="c0")]
            rows += [verbs.NewDepartment(str(n), f"c{n - 1}", f"c{n}") for n in range(1, DEPARTMENTS)]
            self.departments = verbs.create_departments(ME, rows)
            self.people = verbs.add_people(ME, [verbs.NewPerson(f"p{n}", f"人{n}") for n in range(PEOPLE)])
            self.positions = verbs.create_positions(ME, [verbs.NewPosition(f"j{n}") for n in range(POSITIONS)])
            self.project = Project.objects.create(name="项目").pk
            for number, pk in enumerate(self.people):
                verbs.assign(ME, pk, self.departments[number % DEPARTMENTS])

    def day(self, number: int | None) -> datetime | None:
        return None if number is None else START + timedelta(days=number)

    def who(self, number: int | None) -> int | None:
        return None if number is None else self.people[number]

    def post(self, number: int | None) -> int | None:
        pks = list(Assignment.objects.order_by("pk").values_list("pk", flat=True))
        return None if number is None else pks[number % len(pks)] if pks else 10**9

    def act(self, step: tuple[Any, ...]) -> None:
        word, *rest = step
        if word == "later":
            self.at += timedelta(days=rest[0])
            return
        d, p, jobs, day, post = self.departments, self.people, self.positions, self.day, self.post
        calls: dict[str, Callable[..., object]] = {
            "move": lambda a, b: verbs.move_department(ME, d[a], None if b is None else d[b]),
            "head": lambda a, b: verbs.set_head(ME, d[a], self.who(b)),
            "overseer": lambda a, b: verbs.set_overseer(ME, d[a], self.who(b)),
            "close": lambda a: verbs.close_department(ME, d[a]),
            "assign": lambda a, b, job, primary, s, e: verbs.assign(
                ME, p[a], d[b], None if job is None else jobs[job], primary=primary, starts=day(s), ends=day(e)
            ),
            "shut": lambda a: verbs.close_position(ME, jobs[a]),
            "reopen": lambda a: verbs.reopen_position(ME, jobs[a]),
            "part_end": lambda a, e: verbs.set_project_end(ME, self.project, p[a], day(e)),
            "end": lambda a, at, new: verbs.end_assignment(ME, post(a), at=day(at), new_primary=post(new)),
            "primary": lambda a, at: verbs.make_primary(ME, post(a), at=day(at)),
            "move_person": lambda a, b, at: verbs.move_person(ME, p[a], d[b], at=day(at)),
            "manager": lambda a, b, s, e: verbs.set_manager(ME, p[a], p[b], starts=day(s), ends=day(e)),
            "end_reporting": lambda a, at: verbs.end_reporting(ME, p[a], at=day(at)),
            "deputy": lambda a, b, s, e, flow: verbs.set_deputy(ME, p[a], p[b], starts=day(s), ends=day(e), flow=flow),
            "member": lambda a, s, e: verbs.add_project_member(ME, self.project, p[a], starts=day(s), ends=day(e)),
            "role": lambda a, role, at: verbs.change_project_role(ME, self.project, p[a], role, at=day(at)),
            "unmember": lambda a, at: verbs.remove_project_member(ME, self.project, p[a], at=day(at)),
            "on_leave": lambda a: verbs.put_on_leave(ME, p[a]),
            "back": lambda a: verbs.back_from_leave(ME, p[a]),
            "leave": lambda a, b: verbs.leave(ME, p[a], successor=self.who(b)),
            "rehire": lambda a: verbs.rehire(ME, p[a]),
        }
        calls[word](*rest)


def holds(row: Any, moment: datetime) -> bool:
    return row.starts <= moment and (row.ends is None or row.ends > moment)


def circle(links: dict[int, set[int]]) -> bool:
    def below(start: int) -> set[int]:
        found: set[int] = set()
        todo = list(links.get(start, ()))
        while todo:
            one = todo.pop()
            if one not in found:
                found.add(one)
                todo.extend(links.get(one, ()))
        return found

    return any(start in below(start) for start in links)


def check(now: datetime, story: object) -> None:
    """Every promise of the organisation, told again without the code that keeps it."""
    departments = list(Department.objects.all())
    assert not circle({d.pk: {d.parent_id} for d in departments if d.parent_id})
    closed = {d.pk for d in departments if d.closed_at}
    shut = set(Position.objects.exclude(closed_at=None).values_list("pk", flat=True))
    gone = set(Person.objects.filter(status="left").values_list("pk", flat=True))
    for one in departments:
        if one.pk not in closed:
            assert one.parent_id not in closed
            assert not {one.head_id, one.overseer_id} & gone, f"an orphaned head: {story}"
    assert sum(len(load_tree().below(d.pk)) for d in departments if not d.parent_id) == len(departments) - len(closed)

    posts, lines, parts, stand_ins = (
        list(model.objects.all()) for model in (Assignment, ReportingLine, ProjectMember, Deputy)
    )
    for row in (*posts, *lines, *parts, *stand_ins):
        assert row.ends is None or row.ends > row.starts
    edges = {moment for row in (*posts, *lines, *parts, *stand_ins) for moment in (row.starts, row.ends) if moment}
    for moment in edges:
        for pk in {r.person_id for r in posts}:
            here = [r for r in posts if r.person_id == pk and holds(r, moment)]
            assert sum(r.primary for r in here) == bool(here), f"not exactly one primary: {story}"
            assert len({(r.department_id, r.position_id) for r in here}) == len(here)
        managers = [(r.person_id, r.manager_id) for r in lines if holds(r, moment)]
        assert len({a for a, _ in managers}) == len(managers), f"two managers at one moment: {story}"
        assert not circle({a: {b} for a, b in managers}), f"a cycle of reporting lines: {story}"
        members = [(r.project_id, r.person_id) for r in parts if holds(r, moment)]
        assert len(set(members)) == len(members)
        for flow in ("", "x", "y"):
            links: dict[int, set[int]] = {}
            for r in stand_ins:
                if holds(r, moment) and r.flow in {"", flow}:
                    links.setdefault(r.principal_id, set()).add(r.deputy_id)
            assert not circle(links), f"a circle of deputies: {story}"
    for row in (*posts, *parts):
        if row.person_id in gone:
            assert row.ends is not None and row.ends <= now, f"who has left holds something: {story}"
        if row in posts and row.department_id in closed:
            assert row.ends is not None and row.ends <= now, f"someone works in a closed department: {story}"
        if row in posts and row.position_id in shut:
            assert row.ends is not None and row.ends <= now, f"someone holds a closed position: {story}"
    for row in stand_ins:
        if {row.principal_id, row.deputy_id} & gone:
            assert row.ends <= now, f"who has left stands in: {story}"
    for row in lines:
        if {row.person_id, row.manager_id} & gone:
            assert row.ends is not None and row.ends <= now


def state() -> list[Any]:
    found: list[Any] = []
    with connection.cursor() as cursor:
        for model in (Department, Person, Position, Assignment, ReportingLine, ProjectMember, Deputy):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY id')
            found.append(cursor.fetchall())
        cursor.execute(f'SELECT COUNT(*) FROM "{Entry._meta.db_table}"')
        found.append(cursor.fetchall())
    return found


@pytest.mark.parametrize("seed", range(40))
def test_no_sequence_of_verbs_breaks_the_organisation(seed: int) -> None:
    world, steps = World(), story(Random(seed), 50)
    done: list[Any] = []
    with clock.at(world.at):
        check(clock.now(), done)
    before = state()
    for step in steps:
        try:
            with clock.at(world.at):
                world.act(step)
        except HeliError as refusal:
            assert refusal.words.zh
            assert refusal.words.en
            done.append((*step, refusal.code))
            assert state() == before, f"a refusal has left something behind: {done}"
            continue  # the same rows at the same moment have been checked
        done.append(step)
        before = state()
        with clock.at(world.at):
            check(clock.now(), done)
    assert sum(len(entry) == len(step) for entry, step in zip(done, steps, strict=True)) > 10
    assert verify.verify().ok


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_cannot_close_a_circle_together(vendor: str) -> None:
    if vendor == "sqlite":
        pytest.skip("SQLite lets one writer in at a time, and the tests' database in memory none beside it")
    one, other = verbs.add_people(ME, [verbs.NewPerson("one", "甲"), verbs.NewPerson("other", "乙")])
    start = Barrier(2)

    def draw(person: int, manager: int) -> str:
        try:
            start.wait(10)
            verbs.set_manager(ME, person, manager)
        except Conflict as refusal:
            return refusal.code
        else:
            return "done"
        finally:
            connection.close()

    for _ in range(10):
        with ThreadPoolExecutor(2) as pool:
            said = [f.result(30) for f in (pool.submit(draw, one, other), pool.submit(draw, other, one))]
        assert sorted(said) == ["cycle", "done"]
        verbs.end_reporting(ME, one if said[0] == "done" else other)


def test_a_company_arrives_quickly() -> None:
    from time import perf_counter

    begin = perf_counter()
    root = verbs.create_department(ME, "集团", code="root")
    departments = verbs.create_departments(ME, [verbs.NewDepartment(f"部{n}", "root") for n in range(110)])
    people = verbs.add_people(
        ME, [verbs.NewPerson(f"user{n}", f"人员{n}", password="one known pass") for n in range(120)]
    )
    verbs.assign_many(ME, [verbs.NewAssignment(p, departments[n % 110]) for n, p in enumerate(people)])
    verbs.set_managers(ME, [verbs.NewReporting(p, people[n // 5]) for n, p in enumerate(people) if n])
    verbs.set_heads(ME, {d: people[n] for n, d in enumerate(departments)})
    seconds = perf_counter() - begin
    assert len(load_tree().below(root)) == 111
    assert seconds < 2, seconds
