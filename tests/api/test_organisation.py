"""The organisation over HTTP: read by everyone, contact data by few, changed by administrators."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail

from heli.access import grants
from heli.org.models import Person
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


@pytest.fixture
def admin(world: World) -> Api:
    world.add("adm", "root", None)
    lines: list[dict[str, Any]] = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["adm"]))
    return signed_in("adm")


def test_everyone_reads_names_and_posts_but_no_contact_data(world: World, admin: Api) -> None:
    Person.objects.filter(username="mei").update(email="mei@example.com", phone="13812341234")
    ann = signed_in("ann")
    tree = {d["name"]: d for d in ann.get("/organisation/departments").body["items"]}
    assert tree["east1"]["parent"] == tree["east"]["id"]
    assert tree["east"]["people"] == 2
    people = {p["username"]: p for p in ann.get("/organisation/people").body["items"]}
    assert people["mei"]["position"] == "manager"
    assert "email" not in people["mei"] and "email" in people["ann"]
    at = f"/organisation/people/{world.people['mei']}"
    assert "13812341234" not in str(ann.get(at).body)
    assert admin.get(at).body["phone"] == "13812341234"
    assert [p["username"] for p in ann.get(at).body["reports"]] == ["ann", "bob"]
    assert "roles" not in ann.get(at).body
    assert ann.get(f"/organisation/people/{world.people['ann']}").body["roles"][0]["code"] == "rep"


def test_people_are_found_by_name_department_and_page(world: World) -> None:
    ann = signed_in("ann")
    assert [p["username"] for p in ann.get("/organisation/people?q=me").body["items"]] == ["mei"]
    east = world.departments["east"]
    assert {p["username"] for p in ann.get(f"/organisation/people?department={east}").body["items"]} == {
        "ann",
        "bob",
        "mei",
    }
    first = ann.get("/organisation/people?limit=4").body
    rest = ann.get(f"/organisation/people?limit=4&after={first['next']}").body
    names = [p["username"] for p in first["items"] + rest["items"]]
    assert sorted(names) == sorted(world.people) and rest["next"] is None


def test_only_administrators_change_it(world: World, admin: Api) -> None:
    ann = signed_in("ann")
    mei = world.people["mei"]
    asked: list[tuple[str, str, Any]] = [
        ("POST", "/organisation/departments", {"name": "x"}),
        ("PATCH", f"/organisation/departments/{world.departments['east']}", {"name": "x"}),
        ("DELETE", f"/organisation/departments/{world.departments['east1']}", None),
        ("POST", "/organisation/people", {"name": "x", "username": "xx"}),
        ("PATCH", f"/organisation/people/{mei}", {"name": "x"}),
        ("POST", f"/organisation/people/{mei}/leave", {}),
        ("POST", f"/organisation/people/{mei}/move", {"department": str(world.departments["west"])}),
        ("POST", f"/organisation/people/{mei}/reset", {}),
        ("POST", "/organisation/positions", {"name": "x"}),
    ]
    for method, path, body in asked:
        reply = ann.send(method, path, body)
        assert (reply.status, reply.code) == (403, "no_line"), path
        assert reply.body["why"]["words"]["zh"]


def test_a_person_is_added_moved_and_lets_go(world: World, admin: Api) -> None:
    east, west = str(world.departments["east"]), str(world.departments["west"])
    made = admin.post(
        "/organisation/people",
        {
            "name": "王芳",
            "username": "wangfang",
            "department": east,
            "position": str(world.positions["rep"]),
            "email": "fang@example.com",
        },
    )
    assert made.status == 201, made.body
    at = f"/organisation/people/{made.body['id']}"
    fang, (sent,) = Api(), mail.outbox
    assert sent.to == ["fang@example.com"]
    link = sent.body.split("#link=")[1].split()[0]
    assert fang.post("/session/password", {"link": link, "password": "a good long pass"}).status == 200
    assert fang.post("/session", {"username": "wangfang", "password": "a good long pass"}).status == 200
    assert fang.get("/records/opportunity").status == 200
    moved = admin.post(f"{at}/move", {"department": west})
    assert moved.body["department"]["name"] == "west"
    assert fang.get("/me").body["person"]["department"]["name"] == "west"
    deputy = admin.post(f"{at}/deputy", {"deputy": str(world.people["ann"]), "until": "2030-01-01"})
    assert [d["person"]["username"] for d in deputy.body["deputies"]] == ["ann"]
    gone = admin.post(f"{at}/leave", {})
    assert gone.body["status"] == "left"
    assert fang.get("/me").status == 401
    assert signed_in("ann").get(at).status == 404
    assert admin.get(at).status == 200


def test_wrong_changes_name_their_place(world: World, admin: Api) -> None:
    east, east1 = (str(world.departments[n]) for n in ("east", "east1"))
    cycle = admin.patch(f"/organisation/departments/{east}", {"name": "renamed", "parent": east1})
    assert cycle.status == 409, cycle.body
    assert {d["name"] for d in admin.get("/organisation/departments").body["items"]} >= {"east"}  # nothing half written
    assert admin.post("/organisation/departments", {"name": "", "head": "x"}).places == ["name", "head"]
    assert admin.post("/organisation/people", {"name": "x", "username": "ann"}).status == 409
    assert admin.patch("/organisation/people/999999", {"name": "x"}).status == 404
    assert admin.patch(f"/organisation/people/{world.people['ann']}", {"status": "left"}).places == ["status"]
    mei = world.people["mei"]
    assert admin.post(f"/organisation/people/{mei}/deputy", {"deputy": "1", "until": "soon"}).places == ["until"]


def test_nobody_gives_themselves_a_post(world: World, admin: Api) -> None:
    own = world.people["adm"]
    body = {"department": str(world.departments["root"]), "position": str(world.positions["management"])}
    for verb in ("assign", "move"):
        reply = admin.post(f"/organisation/people/{own}/{verb}", body)
        assert (reply.status, reply.code) == (409, "self")
    assert admin.post(f"/organisation/people/{own}/leave", {}).code == "self"
