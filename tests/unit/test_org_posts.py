"""Assignments, reporting lines, projects and deputies, all of them dated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from heli.audit import entries
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound
from heli.org import verbs
from heli.org.models import Assignment, Deputy, Project, ReportingLine
from heli.org.tree import memberships_of, posts_of, reports_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ME = Actor(None, "tests", "cli")
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 3, 2, tzinfo=UTC) + timedelta(days=number)


@pytest.fixture(autouse=True)
def morning():
    with clock.at(NOW):
        yield


@pytest.fixture
def root() -> int:
    return verbs.create_department(ME, "集团")


@pytest.fixture
def east(root: int) -> int:
    return verbs.create_department(ME, "华东", root)


@pytest.fixture
def wang() -> int:
    return verbs.add_person(ME, "wang.wei", "王伟")


def people(count: int) -> list[int]:
    return verbs.add_people(ME, [verbs.NewPerson(f"p{n}", f"人{n}") for n in range(count)])


def test_the_first_post_is_primary_and_the_next_is_not(root: int, east: int, wang: int) -> None:
    rep = verbs.create_position(ME, "销售代表")
    verbs.assign(ME, wang, east, rep)
    verbs.assign(ME, wang, root)
    assert [(p.department, p.position, p.primary) for p in posts_of(wang)] == [(east, rep, True), (root, None, False)]
    with pytest.raises(Conflict) as refusal:
        verbs.assign(ME, wang, east, rep, starts=day(30))
    assert refusal.value.code == "assigned_already"


def test_two_primaries_at_one_time_are_refused_and_the_other_is_named(root: int, east: int, wang: int) -> None:
    verbs.set_company(ME, name="合力", time_zone="UTC")  # in which these days begin
    rep = verbs.create_position(ME, "销售代表")
    verbs.assign(ME, wang, east, rep, starts=day(0), ends=day(10))
    with pytest.raises(Conflict) as refusal:
        verbs.assign(ME, wang, root, primary=True, starts=day(9), ends=day(20))
    assert refusal.value.problems[0].place == "primary"
    assert "华东 · 销售代表（2026-03-02 至 2026-03-12）" in refusal.value.words.zh
    assert "华东 · 销售代表 (2026-03-02 to 2026-03-12)" in refusal.value.words.en
    verbs.assign(ME, wang, root, primary=True, starts=day(10), ends=day(20))
    assert Assignment.objects.filter(person=wang, primary=True).count() == 2


def test_time_without_a_primary_is_refused(root: int, east: int, wang: int) -> None:
    with pytest.raises(Conflict) as refusal:
        verbs.assign(ME, wang, east, primary=False)
    assert refusal.value.code == "no_primary"
    verbs.assign(ME, wang, east, ends=day(10))
    with pytest.raises(Conflict) as refusal:
        verbs.assign(ME, wang, root)
    assert (refusal.value.code, "2026-03-12" in refusal.value.words.zh) == ("no_primary", True)
    verbs.assign(ME, wang, root, ends=day(10))


def test_wrong_spans_and_unknown_places_are_refused(root: int, wang: int) -> None:
    for starts, ends in ((day(3), day(3)), (day(3), day(2)), (day(0).replace(tzinfo=None), None)):
        with pytest.raises(Invalid) as refusal:
            verbs.assign(ME, wang, root, starts=starts, ends=ends)
        assert refusal.value.problems[0].place in {"starts", "ends"}
    with pytest.raises(Invalid) as refusal:
        verbs.assign(ME, wang, 10**6, 10**6)
    assert [p.place for p in refusal.value.problems] == ["department", "position"]
    with pytest.raises(NotFound):
        verbs.assign(ME, 10**6, root)
    with pytest.raises(Invalid) as refusal:
        verbs.assign_many(ME, [verbs.NewAssignment(wang, root), verbs.NewAssignment(10**6, root)])
    assert [p.place for p in refusal.value.problems] == ["1/person"]
    assert not Assignment.objects.exists()


def test_ending_the_primary_needs_a_new_one_and_history_stays(root: int, east: int, wang: int) -> None:
    first = verbs.assign(ME, wang, east, starts=day(-30))
    second = verbs.assign(ME, wang, root, starts=day(-20))
    with pytest.raises(Conflict) as refusal:
        verbs.end_assignment(ME, first)
    assert refusal.value.problems[0].place == "new_primary"
    assert "集团" in refusal.value.words.zh
    for bad in (first, 10**6):
        with pytest.raises(Invalid):
            verbs.end_assignment(ME, first, new_primary=bad)
    verbs.end_assignment(ME, first, new_primary=second)
    rows = [(p.department, p.primary, p.starts, p.ends) for p in sorted(posts_of(wang), key=lambda p: p.starts)]
    assert rows == [(east, True, day(-30), NOW), (root, False, day(-20), NOW), (root, True, NOW, None)]
    with pytest.raises(Conflict) as refusal:
        verbs.end_assignment(ME, first)
    assert refusal.value.code == "ended"
    told = [e.action for e in entries.query(object_type="assignment")]
    assert told == ["assignment.create", "assignment.end", "assignment.end", "assignment.create", "assignment.create"]


def test_the_new_primary_may_not_meet_a_later_one(root: int, east: int, wang: int) -> None:
    west = verbs.create_department(ME, "华西", root)
    first = verbs.assign(ME, wang, east, ends=day(9))
    later = verbs.assign(ME, wang, west, starts=day(9))
    second = verbs.assign(ME, wang, root)
    assert [p.primary for p in posts_of(wang)] == [True, True, False]
    with pytest.raises(Conflict) as refusal:
        verbs.end_assignment(ME, first, new_primary=second)
    assert refusal.value.code == "two_primaries"
    assert "华西" in refusal.value.words.zh or "集团" in refusal.value.words.zh
    verbs.make_primary(ME, second)
    assert not Assignment.objects.get(pk=later).primary


def test_another_post_becomes_the_primary_one(root: int, east: int, wang: int) -> None:
    verbs.assign(ME, wang, east, starts=day(-30))
    second = verbs.assign(ME, wang, root, starts=day(5))
    new = verbs.make_primary(ME, second)
    assert new == second
    rows = [(p.department, p.primary, p.starts, p.ends) for p in sorted(posts_of(wang), key=lambda p: p.starts)]
    assert rows[0] == (east, True, day(-30), day(5))
    assert sorted(rows[1:]) == sorted([(east, False, day(5), None), (root, True, day(5), None)])


def test_a_move_ends_one_post_and_begins_another(root: int, east: int, wang: int) -> None:
    rep = verbs.create_position(ME, "销售代表")
    verbs.assign(ME, wang, east, rep, starts=day(-30), ends=day(90))
    with pytest.raises(Conflict):
        verbs.move_person(ME, wang, east)
    new = verbs.move_person(ME, wang, root, at=day(1))
    rows = [(p.department, p.position, p.primary, p.starts, p.ends) for p in posts_of(wang)]
    assert (root, rep, True, day(1), day(90)) in rows
    assert (east, rep, True, day(-30), day(1)) in rows
    assert len(rows) == 2
    assert Assignment.objects.get(pk=new).department_id == root
    with pytest.raises(Conflict):
        verbs.move_person(ME, wang, east, at=day(91))
    with pytest.raises(Invalid):
        verbs.move_person(ME, wang, 10**6)


def test_managers_change_and_never_stand_in_a_circle() -> None:
    a, b, c, d = people(4)
    verbs.set_manager(ME, a, b)
    verbs.set_manager(ME, b, c)
    with pytest.raises(Conflict) as refusal:
        verbs.set_manager(ME, c, a)
    assert refusal.value.code == "cycle"
    assert "人2(p2) → 人0(p0) → 人1(p1) → 人2(p2)" in refusal.value.words.en
    with pytest.raises(Invalid):
        verbs.set_manager(ME, a, a)
    verbs.set_manager(ME, a, d, starts=day(5))
    assert reports_of(c, NOW)[0] == {a, b}
    assert reports_of(d, day(5))[0] == {a}
    with pytest.raises(Conflict, match="2026-03-02"):
        verbs.set_manager(ME, c, a, ends=day(6))
    verbs.set_manager(ME, c, a, starts=day(5))
    with pytest.raises(Conflict) as refusal:
        verbs.set_manager(ME, a, c, starts=day(1))
    assert refusal.value.problems[0].place == "starts"
    with pytest.raises(Conflict):
        verbs.set_manager(ME, d, b, starts=day(9))


def test_the_same_manager_again_writes_nothing_and_a_line_can_end() -> None:
    a, b = people(2)
    line = verbs.set_manager(ME, a, b, starts=day(-9))
    before = entries.query()
    assert verbs.set_manager(ME, a, b) == line
    assert verbs.set_managers(ME, [verbs.NewReporting(a, b)]) == [line]
    assert entries.query() == before
    verbs.end_reporting(ME, a)
    assert reports_of(b, NOW)[0] == frozenset()
    with pytest.raises(Conflict):
        verbs.end_reporting(ME, a)
    robot = verbs.create_service_account(ME, "erp", "ERP")
    for act in (lambda: verbs.set_manager(ME, a, robot), lambda: verbs.set_manager(ME, robot, a)):
        with pytest.raises(Conflict):
            act()
    with pytest.raises(Conflict) as refusal:
        verbs.set_managers(ME, [verbs.NewReporting(a, b), verbs.NewReporting(b, a)])
    assert refusal.value.problems[0].place == "1/manager"
    assert ReportingLine.objects.count() == 1


def test_people_take_part_in_projects(wang: int) -> None:
    project = Project.objects.create(name="新品上市").pk
    verbs.add_project_member(ME, project, wang, "lead", starts=day(-9))
    with pytest.raises(Conflict):
        verbs.add_project_member(ME, project, wang)
    for role in ("", "a:b", "x" * 33):
        with pytest.raises(Invalid):
            verbs.add_project_member(ME, project, wang, role)
    with pytest.raises(NotFound):
        verbs.add_project_member(ME, "0" * 32, wang)
    verbs.change_project_role(ME, project, wang, "viewer")
    assert [(m.role, m.ends) for m in memberships_of(wang)] == [("lead", NOW), ("viewer", None)]
    verbs.remove_project_member(ME, project, wang)
    assert [m.role for m in memberships_of(wang)] == ["lead"]
    with pytest.raises(NotFound):
        verbs.remove_project_member(ME, project, wang)
    verbs.add_project_members(ME, [verbs.NewMember(project, wang, ends=day(9))])
    assert verbs.end_memberships(ME, project, at=day(1)) == 1
    Project.objects.filter(pk=project).update(status="finished")
    with pytest.raises(Conflict):
        verbs.add_project_member(ME, project, wang, starts=day(20))


def test_deputies_are_dated_and_never_stand_in_a_circle() -> None:
    a, b, c = people(3)
    first = verbs.set_deputy(ME, a, b, starts=day(0), ends=day(10))
    with pytest.raises(Conflict) as refusal:
        verbs.set_deputy(ME, a, c, starts=day(9), ends=day(11))
    assert "人1" in refusal.value.words.zh
    verbs.set_deputy(ME, a, c, starts=day(9), ends=day(11), flow="approval")
    verbs.set_deputy(ME, b, c, starts=day(5), ends=day(7), flow="approval")
    with pytest.raises(Conflict) as refusal:
        verbs.set_deputy(ME, c, a, starts=day(0), ends=day(6))
    assert refusal.value.code == "cycle"
    assert "人2(p2) → 人0(p0) → 人1(p1) → 人2(p2)" in refusal.value.words.zh
    verbs.set_deputy(ME, c, a, starts=day(0), ends=day(5))
    for starts, ends in ((day(1), None), (None, day(1)), (day(2), day(1))):
        with pytest.raises(Invalid):
            verbs.set_deputy(ME, b, a, starts=starts, ends=ends)
    with pytest.raises(Invalid):
        verbs.set_deputy(ME, a, a, starts=day(20), ends=day(21))
    verbs.end_deputy(ME, first)
    assert Deputy.objects.get(pk=first).ends == NOW
    with pytest.raises(NotFound):
        verbs.end_deputy(ME, first)
