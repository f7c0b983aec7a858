"""The department tree, its heads and overseeing leaders, as an administrator changes it."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from heli.audit import entries
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound
from heli.kernel.hooks import organisation_changed
from heli.org import verbs
from heli.org.models import Department
from heli.org.people import find_department
from heli.org.tree import load_tree

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ME = Actor(None, "tests", "cli")


@pytest.fixture
def fired(monkeypatch: pytest.MonkeyPatch) -> list[frozenset[int] | None]:
    heard: list[frozenset[int] | None] = []
    monkeypatch.setattr(organisation_changed, "_listeners", [heard.append])
    return heard


def test_a_move_acts_at_once_below_and_writes_one_row(fired: list[frozenset[int] | None]) -> None:
    root = verbs.create_department(ME, "合力示例集团")
    east, west = (verbs.create_department(ME, name, root) for name in ("华东", "华西"))
    team = verbs.create_department(ME, "一组", east)
    for number in range(20):
        verbs.create_department(ME, f"小队{number}", team)
    fired.clear()
    with CaptureQueriesContext(connection) as queries:
        verbs.move_department(ME, team, west)
    written = [q["sql"] for q in queries if "org_" in q["sql"] and q["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]
    assert len(written) == 1, written
    tree = load_tree()
    assert len(tree.below(west)) == 22
    assert tree.below(east) == {east}
    assert fired == [None]
    told = entries.query(object_type="department", object_id=str(team))[0]
    assert (told.action, told.before, told.after) == ("department.move", {"parent": east}, {"parent": west})


def test_a_cycle_is_refused_with_the_path_named() -> None:
    root = verbs.create_department(ME, "集团")
    east = verbs.create_department(ME, "华东", root)
    team = verbs.create_department(ME, "一组", east)
    before = entries.query()
    for target in (team, east, root):
        with pytest.raises(Conflict) as refusal:
            verbs.move_department(ME, root, target)
        assert refusal.value.code == "cycle"
        assert refusal.value.problems[0].place == "parent"
    with pytest.raises(Conflict, match="华东 / 一组") as refusal:
        verbs.move_department(ME, east, team)
    assert "华东 / 一组" in refusal.value.words.zh
    assert load_tree().path(team) == "集团 / 华东 / 一组"
    assert entries.query() == before


def test_names_are_taken_below_a_parent_and_codes_everywhere() -> None:
    root = verbs.create_department(ME, "集团", code="HQ")
    east = verbs.create_department(ME, "华东", root)
    with pytest.raises(Conflict) as refusal:
        verbs.create_department(ME, "华东", root)
    assert refusal.value.problems[0].place == "name"
    with pytest.raises(Conflict):
        verbs.create_department(ME, "集团")
    with pytest.raises(Conflict) as refusal:
        verbs.create_department(ME, "另一个", root, code="hq")
    assert refusal.value.problems[0].place == "code"
    again = verbs.create_department(ME, "华东", east)
    assert Department.objects.get(pk=east).code == "hd"
    assert Department.objects.get(pk=again).code == "hd-2"
    with pytest.raises(Conflict):
        verbs.move_department(ME, again, root)
    with pytest.raises(Conflict):
        verbs.rename_department(ME, again, code="HD")
    verbs.rename_department(ME, again, name="东区", name_en="East", function="sales")
    assert load_tree().nodes[again].function == "sales"
    verbs.close_department(ME, again)
    verbs.create_department(ME, "东区", east)


@pytest.mark.parametrize("name", ["", "  ", "a\0b", "x" * 201, "line\nbreak", "\ud800"])
def test_a_bad_name_is_refused_and_nothing_is_written(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        verbs.create_department(ME, name)
    assert refusal.value.problems[0].place == "name"
    assert not Department.objects.exists()
    assert entries.query() == []


def test_a_batch_may_name_parents_that_it_makes_and_is_all_or_nothing() -> None:
    rows = [
        verbs.NewDepartment("集团", code="root"),
        verbs.NewDepartment("华东", "root", "east"),
        verbs.NewDepartment("一组", "east"),
        verbs.NewDepartment("二组", "EAST"),
    ]
    made = verbs.create_departments(ME, rows)
    assert load_tree().path(made[3]) == "集团 / 华东 / 二组"
    assert [e.action for e in entries.query()] == ["department.create"] * 4
    with pytest.raises(Invalid) as refusal:
        verbs.create_departments(
            ME,
            [verbs.NewDepartment("好", "root"), verbs.NewDepartment("", "nowhere"), verbs.NewDepartment("好", "root")],
        )
    assert [p.place for p in refusal.value.problems] == ["1/name", "1/parent", "2/name"]
    assert Department.objects.count() == 4


def test_heads_and_overseers_are_active_people() -> None:
    root = verbs.create_department(ME, "集团")
    wang, li = verbs.add_person(ME, "wang.wei", "王伟"), verbs.add_person(ME, "li.na", "李娜")
    robot = verbs.create_service_account(ME, "erp", "ERP")
    verbs.set_head(ME, root, wang)
    verbs.set_overseer(ME, root, li)
    node = load_tree().nodes[root]
    assert (node.head, node.overseer) == (wang, li)
    verbs.set_overseer(ME, root, None)
    verbs.leave(ME, li)
    for bad in (li, robot, 10**6):
        for act in (verbs.set_head, verbs.set_overseer):
            with pytest.raises(Invalid) as refusal:
                act(ME, root, bad)
            assert refusal.value.problems[0].place in {"head", "overseer"}
    with pytest.raises(Invalid):
        verbs.create_department(ME, "别处", root, head=li)
    assert load_tree().nodes[root].head == wang
    with pytest.raises(NotFound):
        verbs.set_head(ME, 10**6, wang)


def test_a_department_closes_when_nobody_is_in_it() -> None:
    root = verbs.create_department(ME, "集团")
    team = verbs.create_department(ME, "一组", root)
    wang = verbs.add_person(ME, "wang.wei", "王伟")
    post = verbs.assign(ME, wang, team)
    with pytest.raises(Conflict) as refusal:
        verbs.close_department(ME, root)
    assert (refusal.value.code, "一组" in refusal.value.words.zh) == ("has_departments", True)
    with pytest.raises(Conflict) as refusal:
        verbs.close_department(ME, team)
    assert (refusal.value.code, "王伟" in refusal.value.words.en) == ("has_people", True)
    verbs.end_assignment(ME, post)
    verbs.close_department(ME, team)
    assert team not in load_tree().nodes
    for act in (
        lambda: verbs.assign(ME, wang, team),
        lambda: verbs.create_department(ME, "下级", team),
        lambda: verbs.move_department(ME, verbs.create_department(ME, "新组", root), team),
    ):
        with pytest.raises(Invalid):
            act()
    with pytest.raises(NotFound):
        verbs.rename_department(ME, team, name="旧")


def test_a_department_is_found_by_id_code_or_name_and_ambiguity_is_named() -> None:
    root = verbs.create_department(ME, "集团", code="HQ", name_en="Group")
    east = verbs.create_department(ME, "华东", root)
    west = verbs.create_department(ME, "华西", root, code="west")
    first = verbs.create_department(ME, "一组", east)
    verbs.create_department(ME, "一组", west)
    assert {find_department(t) for t in ("hq", "集团", " GROUP ", str(root))} == {root}
    assert find_department(str(first)) == first
    with pytest.raises(Invalid, match="ambiguous") as refusal:
        find_department("一组", place="部门")
    assert "集团 / 华东 / 一组" in refusal.value.words.zh
    assert "集团 / 华西 / 一组" in refusal.value.words.zh
    for nothing in ("", "nowhere", "\0", "\ud800", "9" * 30):
        with pytest.raises(Invalid):
            find_department(nothing)
    verbs.create_department(ME, "数字", root, code=str(west))
    with pytest.raises(Invalid, match="ambiguous"):
        find_department(str(west))


def test_positions_have_codes_of_their_own() -> None:
    rep = verbs.create_position(ME, "销售代表", name_en="Sales rep")
    others = verbs.create_positions(ME, [verbs.NewPosition("销售代表"), verbs.NewPosition("经理", "manager")])
    assert len({rep, *others}) == 3
    with pytest.raises(Conflict):
        verbs.rename_position(ME, rep, code="MANAGER")
    verbs.rename_position(ME, rep, name="销售", code="rep")
    with pytest.raises(NotFound):
        verbs.rename_position(ME, 10**6, name="无")
    told = entries.query(object_type="position", object_id=str(rep))[0]
    assert told.before == {"name": "销售代表", "code": "salesrep"}
    assert told.after == {"name": "销售", "code": "rep"}
