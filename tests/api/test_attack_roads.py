"""Attacks by roads that are no draft: posts, projects, departments, imports; what they may not leave behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from heli.access import grants
from heli.access import view as views
from heli.access.models import Grant
from heli.api import viewer as viewers
from heli.org import verbs as org
from heli.org.models import Assignment, Project
from heli.org.verbs import departments, positions
from heli.policy.models import Duty, Promise
from heli.records import imports
from heli.records.profiles import load_profile
from tests.api.client import Api, Reply
from tests.api.test_attack_copies import NEVER, SEES, TILL
from tests.api.test_drafts import POLICY, at, office
from tests.world import SETUP, World

pytestmark = pytest.mark.storage
__all__ = ["office"]


@pytest.fixture
def tills(office: World) -> World:
    """Whoever takes payments sees no customers; sue sees them all, and the position of the till takes payments."""
    grants.save_role(SETUP, "till", name="till", lines=TILL)
    job = office.positions["till"] = positions.create_position(SETUP, "till", code="till")
    grants.grant_role(SETUP, "till", "position", str(job))
    grants.grant_lines(SETUP, [SEES], "person", str(office.people["sue"]))
    Promise.objects.create(code="till-acc", body=NEVER)
    return office


def test_a_post_breaks_no_policy_test(tills: World) -> None:
    post = {"department": str(tills.departments["support"]), "position": str(tills.positions["till"])}
    for path in (f"/organisation/people/{tills.people['sue']}/assign", f"/organisation/people/{tills.people['sue']}/move",
                 f"/access/people/{tills.people['sue']}/move"):  # fmt: skip
        refused = at("adm").post(path, post)
        assert (refused.status, refused.code) == (409, "promise"), refused.body
        assert "tills see no customers" in refused.body["message"]["en"] and "Sue" in refused.body["message"]["en"]
    assert not Assignment.objects.filter(position_id=tills.positions["till"]).exists()
    assert at("adm").post(f"/organisation/people/{tills.people['fin']}/assign", post).status == 200


def test_a_role_that_breaks_a_test_by_itself_stops_no_new_holder(tills: World) -> None:
    """It did before they came: the company mends the role, and hires meanwhile."""
    grants.save_role(SETUP, "till", name="till", lines=[*TILL, SEES])
    post = {"department": str(tills.departments["finance"]), "position": str(tills.positions["till"])}
    assert at("adm").post(f"/organisation/people/{tills.people['fin']}/assign", post).status == 200


def test_nor_does_a_department_that_moves_nor_a_part_in_a_project(tills: World) -> None:
    grants.grant_lines(SETUP, TILL, "department", str(tills.departments["finance"]), below=True)
    team = f"/organisation/departments/{tills.departments['support']}"
    assert at("adm").patch(team, {"parent": str(tills.departments["finance"])}).code == "promise"
    grants.grant_lines(SETUP, TILL, "project_role", "cash")
    made = at("adm").post("/organisation/projects", {"name": "x"}).body["id"]
    joined = {"person": str(tills.people["sue"]), "role": "cash"}
    assert at("adm").post(f"/organisation/projects/{made}/members", joined).code == "promise"


PROFILE = """
profile: staff
currency: USD
files:
  - file: posts.csv
    rows:
      - make: assignment
        set:
          person: {text: "{name|lower}", link: person}
          department: {value: support, link: department}
          position: {column: job, link: position}
          primary: {column: main, as: boolean}
"""


def test_nor_does_an_import(tills: World, tmp_path: Path) -> None:
    """The rows that would are rejected, each with the reason; the others are done."""
    Duty.objects.create(code="d", body={"name": "分开", "name_en": "apart", "first": ["rep"], "second": ["till"]})
    (tmp_path / "staff.yaml").write_text(PROFILE)
    (tmp_path / "posts.csv").write_text("name,job,main\nsue,till,no\nann,till,no\nfin,till,no\nbob,support,no\n")
    for dry in (True, False):
        profile = load_profile(tmp_path / "staff.yaml")
        report = imports.run(viewers.system("test"), profile, tmp_path, dry_run=dry)
        rejected = report.json("en")["rejected"]
        assert [one["line"] for one in rejected] == [2, 3], rejected
        assert "no longer hold" in rejected[0]["reason"] and "may not hold" in rejected[1]["reason"]
        assert report.created["assignment"] == 2
    held = Assignment.objects.filter(position_id=tills.positions["till"], ends=None)
    assert set(held.values_list("person_id", flat=True)) == {tills.people["fin"]}


def gone(api: Api, project: str) -> Reply:
    """Deleting a project as a record."""
    path = f"/records/project/{project}"
    return api.send("DELETE", path, If_Match=api.get(path).etag)


@pytest.fixture
def last(office: World) -> World:
    """Una alone administers rights, by the part that she leads a project with."""
    for person in ("sec", "sid"):
        for grant in Grant.objects.filter(
            revoked_at=None, subject_id=str(office.people[person]), subject_kind="person"
        ):
            grants.revoke(SETUP, grant.pk)
    for grant in Grant.objects.filter(role__code="management"):
        grants.revoke(SETUP, grant.pk)
    office.add("una", "west", "rep")
    grants.grant_lines(SETUP, [POLICY], "project_role", "warden")
    grants.grant_lines(SETUP, [{"type": "project", "actions": ["read", "create", "edit", "delete"], "scope": ["all"]}],
                       "person", str(office.people["adm"]))  # fmt: skip
    made = office.make("adm", "project", name="Wardens")
    org.add_project_member(SETUP, made, office.people["una"], "warden")
    assert views.of(office.people["una"]).may("policy", "grant")
    return office


def test_no_end_of_a_project_leaves_nobody_who_administers(last: World) -> None:
    una, adm = last.people["una"], at("adm")
    made = Project.objects.get(name="Wardens").pk
    for refused in (
        adm.post(f"/organisation/projects/{made}/close"),
        gone(adm, made),
        adm.delete(f"/organisation/projects/{made}/members/{una}"),
        adm.patch(f"/organisation/projects/{made}/members/{una}", {"role": "member"}),
        adm.patch(f"/organisation/projects/{made}/members/{una}", {"until": "2099-01-01"}),
    ):
        assert (refused.status, refused.code) == (409, "nobody"), refused.body
    assert views.of(una).may("policy", "grant")
    grants.grant_lines(SETUP, [POLICY], "person", str(last.people["sid"]))
    assert adm.post(f"/organisation/projects/{made}/close").status == 200


def test_nor_does_a_department_that_goes_to_the_top(last: World) -> None:
    org.end_memberships(SETUP, Project.objects.get(name="Wardens").pk)
    grants.grant_lines(SETUP, [POLICY], "department", str(last.departments["west"]), below=True)
    team = departments.create_department(SETUP, "west1", last.departments["west"])
    org.move_person(SETUP, last.people["una"], team)
    org.end_assignment(SETUP, Assignment.objects.get(person_id=last.people["wei"]).pk)
    refused = at("adm").patch(f"/organisation/departments/{team}", {"parent": None})
    assert (refused.status, refused.code) == (409, "nobody"), refused.body


def test_a_project_that_comes_back_brings_nothing_that_a_duty_keeps_apart(office: World) -> None:
    grants.save_role(SETUP, "till", name="till", lines=TILL)
    grants.grant_role(SETUP, "till", "project_role", "cash")
    line = {"type": "project", "actions": ["read", "create", "edit", "delete"], "scope": ["all"]}
    grants.grant_lines(SETUP, [line], "person", str(office.people["adm"]))
    made = office.make("adm", "project", name="Cash")
    org.add_project_member(SETUP, made, office.people["ann"], "cash")
    assert gone(at("adm"), made).status == 204
    Duty.objects.create(code="d", body={"name": "分开", "name_en": "apart", "first": ["rep"], "second": ["till"]})
    back = at("adm").post(f"/records/project/{made}/restore")
    assert (back.status, back.code) == (409, "duty"), back.body


@pytest.fixture
def seeing(office: World) -> World:
    """The administrator of the organisation works in the west, and reads in full what is made there and below."""
    adm = office.people["adm"]
    org.move_person(SETUP, adm, office.departments["west"])
    line = {"type": "account", "actions": ["read"], "scope": ["below"], "read": {"*": "read"}}
    grants.grant_lines(SETUP, [line], "person", str(adm))
    return office


@pytest.mark.parametrize("road", ["move", "centre", "primary"])
def test_nobody_moves_people_below_themselves_to_see_what_they_make(seeing: World, road: str) -> None:
    ann, adm, sec = seeing.people["ann"], at("adm"), at("sec")
    west = {"department": str(seeing.departments["west"]), "position": str(seeing.positions["rep"])}
    path, body = f"/organisation/people/{ann}/move", west
    if road == "centre":
        path = f"/access/people/{ann}/move"
    if road == "primary":
        assert adm.post(f"/organisation/people/{ann}/assign", west).status == 200, "a further post brings nothing yet"
        post = Assignment.objects.get(person_id=ann, department_id=seeing.departments["west"])
        path, body = f"/organisation/people/{ann}/primary", {"assignment": str(post.pk)}
    asked = adm.post(path, body)
    assert asked.status == 202, asked.body
    said = asked.body["pending"]["words"]
    assert "Ann" in said["zh"] and "看到此人今后的客户，包括敏感字段" in said["zh"]
    assert "will see their new accounts, sensitive fields included" in said["en"]
    made = seeing.make("ann", "account", name="New")
    assert adm.get(f"/records/account/{made}").status == 404
    step = f"/organisation/requests/{asked.body['pending']['id']}/confirm"
    assert adm.post(step, {}).code == "own"
    assert sec.post(step, {}).status == 200
    made = seeing.make("ann", "account", name="Newer")
    assert adm.get(f"/records/account/{made}").status == 200


def test_moving_whom_one_sees_already_or_away_takes_nobody_else(seeing: World) -> None:
    adm, wei, ann = at("adm"), seeing.people["wei"], seeing.people["ann"]
    team = departments.create_department(SETUP, "west1", seeing.departments["west"])
    for who, place in ((wei, team), (wei, seeing.departments["east"]), (ann, seeing.departments["support"])):
        moved = adm.post(
            f"/organisation/people/{who}/move", {"department": str(place), "position": str(seeing.positions["rep"])}
        )
        assert moved.status == 200, moved.body
    new = {"name": "新人", "username": "xin", "email": "xin@example.com", "department": str(team)}
    assert adm.post("/organisation/people", new).status == 201
