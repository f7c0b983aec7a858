"""Projects over HTTP: administrators make, staff and close them; who leads one lends what it brings, and no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant
from heli.audit.models import Entry
from heli.crm.roles import TEMPLATES
from heli.kernel import clock
from heli.org import verbs as org
from heli.org.zone import today
from tests.api.client import Api, signed_in
from tests.api.test_org_posts import ADMINISTER
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def in_days(number: int) -> str:
    return (today() + timedelta(days=number)).isoformat()


@pytest.fixture
def admin(world: World) -> Api:
    """An administrator, in a company where projects bring what the shipped templates say."""
    world.add("adm", "root", None)
    grants.grant_lines(SETUP, ADMINISTER, "person", str(world.people["adm"]))
    for code, roles in (("project_member", ("lead", "member")), ("project_lead", ("lead",))):
        grants.save_role(SETUP, code, name=code, lines=TEMPLATES[code].lines)
        for role in roles:
            grants.grant_role(SETUP, code, Grant.PROJECT_ROLE, role)
    return signed_in("adm")


@pytest.fixture
def project(world: World, admin: Api) -> str:
    """A project that mei leads."""
    made = admin.post(
        "/organisation/projects", {"name": "新厂交付", "lead": str(world.people["mei"]), "until": in_days(90)}
    )
    assert made.status == 201, made.body
    return f"/organisation/projects/{made.body['id']}"


def members(reply: Any) -> dict[str, str]:
    return {m["person"]["username"]: m["role"] for m in reply.body["members"]}


def test_an_administrator_makes_staffs_changes_and_closes_a_project(world: World, admin: Api, project: str) -> None:
    found = admin.get(project).body
    assert (found["name"], found["status"], found["lead"]["username"]) == ("新厂交付", "active", "mei")
    assert found["may"] == ["close", "edit", "members"]
    ann, bob = str(world.people["ann"]), str(world.people["bob"])
    added = admin.post(f"{project}/members", {"person": ann, "from": in_days(1), "until": in_days(30)})
    assert members(added) == {"mei": "lead", "ann": "member"}
    part = added.body["members"][1]
    assert part["from"] < part["until"]
    assert admin.post(f"{project}/members", {"person": ann, "role": "viewer"}).code == "member_already"
    admin.post(f"{project}/members", {"person": bob})
    assert members(admin.patch(f"{project}/members/{bob}", {"role": "viewer"}))["bob"] == "viewer"
    longer = admin.patch(f"{project}/members/{bob}", {"until": in_days(10)}).body
    assert [m["until"] is not None for m in longer["members"] if m["person"]["id"] == bob] == [True]
    again = admin.patch(f"{project}/members/{bob}", {"until": None}).body
    assert [m["until"] for m in again["members"] if m["person"]["id"] == bob] == [None]
    assert admin.delete(f"{project}/members/{bob}").status == 204
    assert admin.delete(f"{project}/members/{bob}").status == 404
    changed = admin.patch(project, {"name": "新厂", "status": "paused", "starts_on": in_days(0), "until": None}).body
    assert (changed["name"], changed["status"], changed["until"]) == ("新厂", "paused", None)
    closed = admin.post(f"{project}/close").body
    assert (closed["status"], closed["members"], closed["may"]) == ("finished", [], ["edit"])
    assert admin.post(f"{project}/close").code == "finished"
    assert admin.post(f"{project}/members", {"person": bob}).code == "finished"
    assert admin.patch(project, {"status": "active"}).body["may"] == ["close", "edit", "members"]
    told = Entry.objects.filter(object_type="project", actor_id=world.people["adm"]).order_by("pk")
    assert [e.action for e in told][:2] == ["project.create", "project.transfer"]
    assert {e.via for e in told} == {"organisation: administer"}


def test_a_part_yet_to_begin_changes_and_two_parts_never_overlap(world: World, admin: Api, project: str) -> None:
    ann = str(world.people["ann"])
    at = f"{project}/members/{ann}"
    assert admin.post(f"{project}/members", {"person": ann, "from": in_days(8)}).status == 200
    assert members(admin.patch(at, {"role": "viewer"}))["ann"] == "viewer"
    assert admin.post(f"{project}/members", {"person": ann, "until": in_days(5)}).status == 200
    overlap = admin.patch(at, {"until": in_days(10)})
    assert (overlap.status, overlap.code, overlap.places) == (409, "overlap", ["until"])
    assert admin.patch(at, {"until": in_days(6)}).status == 200
    parts = [m["role"] for m in admin.get(project).body["members"] if m["person"]["id"] == ann]
    assert sorted(parts) == ["member", "viewer"]
    assert admin.delete(at).status == 204
    assert members(admin.get(project)) == {"mei": "lead"}, "out of it now and later"


def test_the_record_and_the_page_are_one_project(world: World, admin: Api, project: str) -> None:
    key = project.rpartition("/")[2]
    mei = signed_in("mei")
    record = mei.get(f"/records/project/{key}")
    assert record.body["values"]["name"] == "新厂交付" and record.body["values"]["owner"]["username"] == "mei"
    assert mei.patch(f"/records/project/{key}", {"name": "改名"}, If_Match=record.headers["ETag"]).status == 200
    assert admin.get(project).body["name"] == "改名"
    assert admin.get(f"/records/project/{key}").status == 404, "who administers it does not read it as a record"


def test_who_leads_it_changes_it_and_takes_people_in_and_out(world: World, admin: Api, project: str) -> None:
    mei, ann, bob = signed_in("mei"), str(world.people["ann"]), str(world.people["bob"])
    assert mei.get(project).body["may"] == ["close", "edit", "members", "record"]
    assert members(mei.post(f"{project}/members", {"person": ann})) == {"mei": "lead", "ann": "member"}
    assert mei.patch(project, {"name": "新名"}).body["name"] == "新名"
    assert members(mei.patch(f"{project}/members/{ann}", {"role": "lead"}))["ann"] == "lead", "their own is as much"
    anns = signed_in("ann")
    assert members(anns.post(f"{project}/members", {"person": bob}))["bob"] == "member"
    assert signed_in("bob").get(project).body["may"] == []
    refused = signed_in("bob").post(f"{project}/members", {"person": str(world.people["sue"])})
    assert (refused.status, refused.code) == (403, "no_line")
    for verb in (signed_in("bob").patch(project, {"name": "x"}), signed_in("bob").post(f"{project}/close")):
        assert (verb.status, verb.code) == (403, "no_line") and verb.body["why"]["words"]["zh"]
    assert mei.delete(f"{project}/members/{ann}").status == 204
    assert anns.get(project).status == 404, "who is out of it knows of it no more"
    closed = mei.post(f"{project}/close")
    assert (closed.status, closed.body["status"]) == (200, "finished")
    assert admin.get(project).body["members"] == []


def test_a_lead_lends_no_more_than_they_hold_there(world: World, admin: Api, project: str) -> None:
    """Not a part that brings more, not one that follows the department of whoever gets it, not one for longer."""
    mei, ann = signed_in("mei"), str(world.people["ann"])
    key = project.rpartition("/")[2]
    all_deals = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read"}}]
    grants.grant_lines(SETUP, all_deals, Grant.PROJECT_ROLE, "sponsor")
    beyond = mei.post(f"{project}/members", {"person": ann, "role": "sponsor"})
    assert (beyond.status, beyond.code) == (403, "beyond")
    assert mei.post(f"{project}/members", {"person": ann}).status == 200
    assert mei.patch(f"{project}/members/{ann}", {"role": "sponsor"}).code == "beyond"
    asked = admin.patch(f"{project}/members/{ann}", {"role": "sponsor"})
    assert asked.status == 202, "administrators give any part, this one together with security"
    confirmed = signed_in("boss").post(f"/organisation/requests/{asked.body['pending']['id']}/confirm", {})
    assert confirmed.status == 200, confirmed.body
    theirs = [{"type": "opportunity", "actions": ["read"], "scope": ["below"], "read": {"*": "read"}}]
    for role in ("lead", "member"):
        grants.grant_lines(SETUP, theirs, Grant.PROJECT_ROLE, f"{key}:{role}")
    wei = str(world.people["wei"])
    assert mei.post(f"{project}/members", {"person": wei}).code == "beyond", "wei's department is not mei's to lend"
    for grant in Grant.objects.filter(subject_id__startswith=key):
        grants.revoke(SETUP, grant.pk)
    org.set_project_end(SETUP, key, world.people["mei"], clock.now() + timedelta(days=5))
    late = mei.post(f"{project}/members", {"person": wei})
    assert late.places == ["until"]
    assert mei.post(f"{project}/members", {"person": wei, "until": in_days(9)}).places == ["until"]
    assert mei.post(f"{project}/members", {"person": wei, "until": in_days(3)}).status == 200


def test_a_contractor_who_leads_does_not_lend_past_their_ceiling(world: World, admin: Api) -> None:
    out = org.add_person(SETUP, "outside", "Outside", kind="contractor")
    line = {"type": "opportunity", "actions": ["read"], "scope": ["project"], "read": {"sensitive": "masked"}}
    grants.set_ceiling(SETUP, "c", name="c", type="opportunity", kinds=["contractor"], lines=[line])
    grants.grant_lines(SETUP, [{"type": "organisation", "actions": ["read"], "scope": ["all"]}], "everyone")
    made = admin.post("/organisation/projects", {"name": "P", "lead": str(out)}).body
    at = f"/organisation/projects/{made['id']}"
    outside = signed_in("outside")
    assert outside.post(f"{at}/members", {"person": str(world.people["ann"])}).code == "beyond"
    other = org.add_person(SETUP, "other", "Other", kind="contractor")
    assert outside.post(f"{at}/members", {"person": str(other)}).status == 200


def test_administrators_do_not_let_themselves_in(world: World, admin: Api, project: str) -> None:
    own = str(world.people["adm"])
    assert admin.post(f"{project}/members", {"person": own}).code == "self"
    assert admin.post("/organisation/projects", {"name": "mine", "lead": own}).code == "self"
    org.add_project_member(SETUP, project.rpartition("/")[2], world.people["adm"], "viewer")
    assert admin.patch(f"{project}/members/{own}", {"role": "lead", "from": in_days(2)}).code == "self"
    assert admin.delete(f"{project}/members/{own}").status == 204


def test_who_may_make_project_records_makes_them_here_too(world: World, admin: Api) -> None:
    assert signed_in("sue").post("/organisation/projects", {"name": "S"}).code == "no_line"
    lines = [{"type": "project", "actions": ["read", "create"], "scope": ["own"], "write": ["name"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["sue"]))
    sue = signed_in("sue")
    made = sue.post("/organisation/projects", {"name": "S"})
    assert made.status == 201 and made.body["may"] == ["record"], made.body
    assert sue.post("/organisation/projects", {"name": "S", "lead": str(world.people["ann"])}).code == "no_line"
    assert sue.post("/organisation/projects", {"name": "S", "status": "paused"}).status == 403


def test_bad_input_names_its_place_and_writes_nothing(world: World, admin: Api, project: str) -> None:
    ann = str(world.people["ann"])
    for path, body, places in (
        ("/organisation/projects", {}, ["name"]),
        ("/organisation/projects", {"name": None}, ["name"]),
        ("/organisation/projects", {"name": "x", "lead": "me"}, ["lead"]),
        ("/organisation/projects", {"name": "x", "lead": "999999"}, ["person"]),
        ("/organisation/projects", {"name": "x", "until": "soon"}, ["until"]),
        ("/organisation/projects", {"name": "x", "status": "finished"}, ["status"]),
        ("/organisation/projects", {"name": "x", "owner": ann}, ["owner"]),
        (f"{project}/members", {"person": 7}, ["person"]),
        (f"{project}/members", {"person": "999999"}, ["person"]),
        (f"{project}/members", {"person": ann, "role": "a:b"}, ["role"]),
        (f"{project}/members", {"person": ann, "role": ""}, ["role"]),
        (f"{project}/members", {"person": ann, "from": in_days(5), "until": in_days(1)}, ["until"]),
    ):  # fmt: skip
        reply = admin.post(path, body)
        assert reply.status == 422 and reply.places == places, (path, body, reply.body)
    assert {p["name"] for p in admin.get("/organisation/projects").body["items"]} == {"新厂交付"}
    assert members(admin.get(project)) == {"mei": "lead"}
    assert admin.patch(f"{project}/members/{ann}", {"role": "lead"}).status == 404
    assert admin.patch(f"{project}/members/{world.people['mei']}", {"until": in_days(-3)}).places == ["until"]
    for status, path in ((404, "0" * 32), (404, "nonsense")):
        assert admin.get(f"/organisation/projects/{path}").status == status
        assert admin.post(f"/organisation/projects/{path}/close").status == status
