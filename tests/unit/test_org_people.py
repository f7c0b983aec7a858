"""People: adding them, finding them, their passwords, leave and leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heli.audit import entries, verify
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound
from heli.kernel.hooks import organisation_changed
from heli.org import verbs
from heli.org.models import Department, Deputy, Person, Project
from heli.org.people import find_person
from heli.org.tree import load_tree, memberships_of, posts_of, reports_of

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ME = Actor(None, "tests", "cli")
STRONG = "correct horse battery"


def test_a_person_is_found_by_user_name_mail_and_name() -> None:
    wang = verbs.add_person(ME, "Wang.Wei", "王伟", email="Wei@Example.com")
    other = verbs.add_person(ME, "wang.wei2", "王伟")
    ann = verbs.add_person(ME, "ann", "Ann Lee")
    assert Person.objects.get(pk=wang).username == "wang.wei"
    assert Person.objects.get(pk=wang).name_key == "ww wangwei 王伟"
    assert {find_person(t) for t in ("wang.wei", "WANG.WEI ", "wei@example.COM")} == {wang}
    assert find_person("ann lee") == ann
    with pytest.raises(Invalid, match="ambiguous") as refusal:
        find_person("王伟", place="owner")
    assert "wang.wei, wang.wei2" in refusal.value.words.zh
    assert refusal.value.problems[0].place == "owner"
    verbs.leave(ME, other)
    assert find_person("王伟") == wang
    for nothing in ("", "nobody", "\0", "\ud800"):
        with pytest.raises(Invalid):
            find_person(nothing)


@pytest.mark.parametrize(
    ("place", "changed"),
    [
        ("username", {"username": "王伟"}),
        ("username", {"username": "a"}),
        ("username", {"username": "a b"}),
        ("username", {"username": "a@b.c"}),
        ("username", {"username": ".ab"}),
        ("username", {"username": "x" * 65}),
        ("display_name", {"display_name": " "}),
        ("display_name", {"display_name": "a\0"}),
        ("display_name", {"display_name": "x" * 101}),
        ("email", {"email": "nowhere"}),
        ("phone", {"phone": "call me"}),
        ("kind", {"kind": "service"}),
        ("language", {"language": "fr"}),
        ("password", {"password": "short"}),
        ("password", {"password": "password1234"}),
    ],
)
def test_bad_values_are_refused_at_their_place(place: str, changed: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refusal:
        verbs.add_person(ME, **{"username": "wang.wei", "display_name": "王伟", **changed})
    assert {p.place for p in refusal.value.problems} == {place}
    assert all(p.words.zh and p.words.en and p.words.zh != p.words.en for p in refusal.value.problems)
    assert not Person.objects.exists()
    assert entries.query() == []


def test_user_names_and_mails_are_taken_whatever_their_case() -> None:
    verbs.add_person(ME, "wang.wei", "王伟", email="wei@example.com")
    li = verbs.add_person(ME, "li.na", "李娜")
    verbs.add_person(ME, "zhao", "赵云")
    with pytest.raises(Conflict) as refusal:
        verbs.add_person(ME, "WANG.WEI", "另一人", email="WEI@example.com")
    assert [p.place for p in refusal.value.problems] == ["username", "email"]
    with pytest.raises(Conflict) as refusal:
        verbs.change_person(ME, li, username="Wang.Wei", email="Wei@Example.Com")
    assert [p.place for p in refusal.value.problems] == ["username", "email"]
    verbs.change_person(ME, li, display_name="李 娜", email="na@example.com", kind="contractor")
    told = entries.query(object_type="person", object_id=str(li))[0]
    assert told.before == {"display_name": "李娜", "email": "", "kind": "employee"}
    with pytest.raises(NotFound):
        verbs.change_person(ME, 10**6, phone="1")
    with pytest.raises(Conflict) as refusal:
        verbs.add_people(ME, [verbs.NewPerson("new", "新人"), verbs.NewPerson("NEW", "新人")])
    assert refusal.value.problems[0].place == "1/username"
    assert Person.objects.count() == 3


def test_passwords_are_checked_hashed_and_never_told() -> None:
    wang = verbs.add_person(ME, "wang.wei", "王伟", password=STRONG)
    assert Person.objects.get(pk=wang).check_password(STRONG)
    with pytest.raises(Invalid) as refusal:
        verbs.set_password(ME, wang, "wang.wei99")
    assert refusal.value.problems[0].place == "password"
    verbs.set_password(ME, wang, "another good one")
    assert Person.objects.get(pk=wang).check_password("another good one")
    verbs.set_password(ME, wang, None)
    assert not Person.objects.get(pk=wang).has_usable_password()
    robot = verbs.create_service_account(ME, "erp", "ERP")
    assert not Person.objects.get(pk=robot).has_usable_password()
    with pytest.raises(Conflict):
        verbs.set_password(ME, robot, STRONG)
    with pytest.raises(Invalid):
        verbs.change_person(ME, robot, kind="employee")
    for entry in entries.query():
        assert STRONG not in str(entry)
        assert "another good" not in str(entry)
        assert "password" not in {**(entry.before or {}), **(entry.after or {})}


def test_someone_goes_on_leave_and_comes_back() -> None:
    wang = verbs.add_person(ME, "wang.wei", "王伟")
    verbs.put_on_leave(ME, wang)
    assert Person.objects.get(pk=wang).is_active
    with pytest.raises(Conflict):
        verbs.put_on_leave(ME, wang)
    verbs.back_from_leave(ME, wang)
    with pytest.raises(Conflict):
        verbs.back_from_leave(ME, wang)
    verbs.leave(ME, wang)
    assert not Person.objects.get(pk=wang).is_active
    with pytest.raises(Conflict):
        verbs.back_from_leave(ME, wang)
    with pytest.raises(Conflict):
        verbs.leave(ME, wang)
    verbs.rehire(ME, wang)
    assert Person.objects.get(pk=wang).status == "active"


def test_leaving_ends_everything_at_that_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[frozenset[int] | None] = []
    root = verbs.create_department(ME, "集团")
    team = verbs.create_department(ME, "一组", root)
    boss, wang, li, zhao = (verbs.add_person(ME, f"p{n}", f"人{n}", password=STRONG) for n in range(4))
    verbs.assign(ME, wang, team)
    verbs.assign(ME, wang, root, starts=clock.now() + timedelta(days=9), primary=False)
    verbs.set_manager(ME, wang, boss)
    verbs.set_manager(ME, li, wang)
    verbs.set_manager(ME, zhao, li)
    verbs.set_head(ME, team, wang)
    verbs.set_overseer(ME, root, wang)
    project = Project.objects.create(name="跨部门")
    verbs.add_project_member(ME, project.pk, wang, "lead")
    soon = clock.now() + timedelta(days=1)
    verbs.set_deputy(ME, wang, boss, starts=soon, ends=soon + timedelta(days=5))
    verbs.set_deputy(ME, boss, wang, starts=soon + timedelta(days=8), ends=soon + timedelta(days=9))
    monkeypatch.setattr(organisation_changed, "_listeners", [heard.append])

    before = len(entries.query(limit=1000))
    with pytest.raises(Conflict) as refusal:
        verbs.leave(ME, wang)
    assert refusal.value.code == "orphaned_departments"
    assert "集团 / 一组" in refusal.value.words.zh
    for bad in (wang, 10**6):
        with pytest.raises(Invalid):
            verbs.leave(ME, wang, successor=bad)
    assert len(entries.query(limit=1000)) == before
    assert heard == []

    verbs.leave(ME, wang, successor=zhao)
    gone = Person.objects.get(pk=wang)
    assert (gone.status, gone.has_usable_password()) == ("left", False)
    now = clock.now()
    assert all(p.ends is not None and p.ends <= now for p in posts_of(wang))
    assert all(m.ends is not None and m.ends <= now for m in memberships_of(wang))
    assert not Deputy.objects.exists()
    assert {load_tree().nodes[team].head, load_tree().nodes[root].overseer} == {zhao}
    # 李娜 stands above the successor: a line from her to him would be a circle, so she moves up to the boss.
    assert reports_of(boss, now)[0] == {li, zhao}
    assert reports_of(li, now)[0] == {zhao}
    assert None in heard
    assert wang in frozenset().union(*(people for people in heard if people is not None))
    assert not Department.objects.filter(head=wang).exists()
    assert verify.verify().ok


def test_reports_go_to_the_successor() -> None:
    boss, wang, li, zhao = (verbs.add_person(ME, f"p{n}", f"人{n}") for n in range(4))
    verbs.set_manager(ME, wang, boss)
    verbs.set_manager(ME, li, wang)
    verbs.set_manager(ME, zhao, wang)
    verbs.leave(ME, wang, successor=zhao)
    assert reports_of(zhao, clock.now())[0] == {li}
    assert reports_of(boss, clock.now())[0] == {zhao, li}
    verbs.leave(ME, zhao)
    assert reports_of(boss, clock.now())[0] == frozenset()


def test_the_company_says_how_it_counts() -> None:
    verbs.set_company(ME, name="合力示例集团", currency="USD")
    verbs.set_company(ME, time_zone="Europe/Berlin", demo=True)
    told = entries.query(object_type="company")[0]
    assert told.after == {"time_zone": "Europe/Berlin", "demo": True}
    for bad in ({"currency": "usd"}, {"time_zone": "Nowhere/Else"}, {"name": ""}):
        with pytest.raises(Invalid):
            verbs.set_company(ME, **bad)
