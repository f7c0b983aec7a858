"""Posts, positions, departments, leave and leaving over HTTP: what administrators do, and what stands in their way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.audit.models import Entry
from heli.kernel import clock
from heli.org import verbs as org
from heli.org.models import Person
from heli.org.zone import today
from heli.records import act
from heli.records.act import Action
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

ADMINISTER: list[dict[str, Any]] = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]


@pytest.fixture
def admin(world: World) -> Api:
    world.add("adm", "root", None)
    grants.grant_lines(SETUP, ADMINISTER, "person", str(world.people["adm"]))
    return signed_in("adm")


def in_days(number: int) -> str:
    return (today() + timedelta(days=number)).isoformat()


# -- positions ------------------------------------------------------------------------------------------------


def test_a_position_is_closed_when_nobody_holds_it_and_opened_again(world: World, admin: Api) -> None:
    rep = f"/organisation/positions/{world.positions['rep']}"
    held = admin.post(f"{rep}/close")
    assert (held.status, held.code) == (409, "held")
    assert "Ann(ann)" in held.body["message"]["zh"] and "Wei(wei)" in held.body["message"]["en"]
    made = admin.post("/organisation/positions", {"name": "前台", "code": "desk"}).body
    at = f"/organisation/positions/{made['id']}"
    assert admin.post(f"{at}/close").body["closed_at"] is not None
    assert admin.post(f"{at}/close").code == "closed"
    assert "desk" not in {p["code"] for p in admin.get("/organisation/positions").body["items"]}
    assert "desk" in {p["code"] for p in admin.get("/organisation/positions?closed=true").body["items"]}
    ann = signed_in("ann")
    assert "desk" not in {p["code"] for p in ann.get("/organisation/positions?closed=true").body["items"]}
    assert ann.get(at).status == 404
    post = {"department": str(world.departments["west"]), "position": made["id"]}
    for verb in ("assign", "move"):
        refused = admin.post(f"/organisation/people/{world.people['sue']}/{verb}", post)
        assert refused.places == ["position"], refused.body
    assert admin.post(f"{at}/reopen").body["closed_at"] is None
    assert admin.post(f"{at}/reopen").code == "open"
    assert admin.post(f"/organisation/people/{world.people['sue']}/assign", post).status == 200
    assert {e.action for e in Entry.objects.filter(object_type="position", object_id=made["id"])} == {
        "position.create", "position.close", "position.reopen",
    }  # fmt: skip


def test_a_position_tells_who_holds_it(world: World, admin: Api) -> None:
    found = signed_in("ann").get(f"/organisation/positions/{world.positions['rep']}").body
    assert [h["person"]["username"] for h in found["holders"]] == ["ann", "bob", "wei"] and found["people"] == 3
    assert found["holders"][0]["department"]["name"] == "east" and found["holders"][0]["until"] is None
    admin.post(f"/organisation/people/{world.people['wei']}/leave", {})
    assert admin.get(f"/organisation/positions/{world.positions['rep']}").body["people"] == 2


def test_a_position_held_only_later_is_held(world: World, admin: Api) -> None:
    desk = admin.post("/organisation/positions", {"name": "desk"}).body["id"]
    body = {"department": str(world.departments["west"]), "position": desk, "from": in_days(5)}
    assert admin.post(f"/organisation/people/{world.people['wei']}/assign", body).status == 200
    assert admin.post(f"/organisation/positions/{desk}/close").code == "held"


# -- departments ----------------------------------------------------------------------------------------------


def test_a_department_says_all_that_stands_in_it_before_it_closes(world: World, admin: Api) -> None:
    east = world.departments["east"]
    deal = world.make("ann", "opportunity", name="A")
    refused = admin.delete(f"/organisation/departments/{east}")
    assert refused.status == 409
    assert [p["code"] for p in refused.body["problems"]] == ["has_departments", "has_people", "has_records"]
    assert "商机" in refused.body["message"]["zh"] and "east1" in refused.body["message"]["en"]
    # people go, the department below closes, the record goes with its new owner
    for name in ("ann", "bob", "mei"):
        moved = admin.post(
            f"/organisation/people/{world.people[name]}/move", {"department": str(world.departments["west"])}
        )
        assert moved.status == 200, moved.body
    assert admin.delete(f"/organisation/departments/{world.departments['east1']}").status == 204
    only = admin.delete(f"/organisation/departments/{east}")
    assert (only.status, only.code) == (409, "has_records")
    act.do(world.system, Action("opportunity", "transfer", deal, {"owner": str(world.people["wei"])}))
    assert admin.delete(f"/organisation/departments/{east}").status == 204
    assert admin.delete(f"/organisation/departments/{east}").status == 404
    assert "east" not in {d["name"] for d in admin.get("/organisation/departments").body["items"]}


def test_a_department_gets_a_kind_a_head_and_another_place(world: World, admin: Api) -> None:
    at = f"/organisation/departments/{world.departments['east1']}"
    mei = str(world.people["mei"])
    body = {"name": "华东一组", "function": "sales", "head": mei, "overseer": str(world.people["boss"]),
            "parent": str(world.departments["west"])}  # fmt: skip
    found = admin.patch(at, body).body
    assert (found["name"], found["function"], found["head"]["username"], found["overseer"]["username"]) == (
        "华东一组", "sales", "mei", "boss",
    )  # fmt: skip
    assert found["parent"] == str(world.departments["west"])
    assert admin.patch(at, {"head": None, "overseer": None}).body["head"] is None
    for wrong, place in (
        ({"function": "Sales!"}, "function"), ({"function": None}, "function"), ({"head": "999999"}, "head"),
        ({"parent": "999999"}, "parent"), ({"kind": "sales"}, "kind"), ({"name": None}, "name"), ({"head": 7}, "head"),
    ):  # fmt: skip
        reply = admin.patch(at, wrong)
        assert reply.status == 422 and reply.places == [place], (wrong, reply.body)
    assert admin.patch(at, {"parent": str(world.departments["east1"])}).code == "cycle"


# -- posts ----------------------------------------------------------------------------------------------------


def test_the_primary_post_changes_and_ends_only_with_an_heir(world: World, admin: Api) -> None:
    ann = f"/organisation/people/{world.people['ann']}"
    second = admin.post(
        f"{ann}/assign", {"department": str(world.departments["west"]), "position": str(world.positions["rep"])}
    )
    first, other = second.body["assignments"]
    assert (first["primary"], other["primary"]) == (True, False)
    alone = admin.post(f"{ann}/end", {"assignment": first["id"]})
    assert (alone.status, alone.code, alone.places) == (409, "needs_new_primary", ["new_primary"])
    turned = admin.post(f"{ann}/primary", {"assignment": other["id"]})
    assert turned.body["department"]["name"] == "west"
    now = {a["department"]["name"]: a for a in turned.body["assignments"]}
    ended = admin.post(f"{ann}/end", {"assignment": now["west"]["id"], "new_primary": now["east"]["id"]})
    assert [a["department"]["name"] for a in ended.body["assignments"]] == ["east"]
    assert ended.body["assignments"][0]["primary"] is True


def test_posts_are_arranged_for_later(world: World, admin: Api) -> None:
    ann = f"/organisation/people/{world.people['ann']}"
    west = {"department": str(world.departments["west"]), "position": str(world.positions["rep"])}
    body = admin.post(f"{ann}/assign", {**west, "from": in_days(3), "until": in_days(9)}).body
    assert [a["department"]["name"] for a in body["assignments"]] == ["east", "west"]
    assert len(signed_in("bob").get(ann).body["assignments"]) == 1, "colleagues see what holds now"
    assert admin.post(f"{ann}/assign", {**west, "from": in_days(5)}).code == "assigned_already"
    assert admin.post(f"{ann}/assign", {**west, "from": in_days(9), "until": in_days(3)}).places == ["until"]
    later = body["assignments"][1]["id"]
    ended = admin.post(f"{ann}/end", {"assignment": later, "until": in_days(4)}).body
    assert ended["assignments"][1]["until"] < body["assignments"][1]["until"]
    for wrong, place in (
        ({"assignment": "999999"}, "assignment"), ({"assignment": None}, "assignment"), ({"assignment": 1}, "assignment"),
        ({}, "assignment"), ({"assignment": later, "until": "soon"}, "until"), ({"assignment": later, "new_primary": "x"}, "new_primary"),
    ):  # fmt: skip
        reply = admin.post(f"{ann}/end", wrong)
        assert reply.status == 422 and reply.places == [place], (wrong, reply.body)
    bobs = admin.get(f"/organisation/people/{world.people['bob']}").body["assignments"][0]["id"]
    assert admin.post(f"{ann}/primary", {"assignment": bobs}).places == ["assignment"], "somebody else's post"


def test_a_day_is_the_companys_wherever_the_server_stands(world: World, admin: Api) -> None:
    """The first of January begins at 16:00 the day before in UTC, where the company is in Shanghai."""
    org.set_company(SETUP, name="C", time_zone="Asia/Shanghai")
    ann = f"/organisation/people/{world.people['ann']}"
    body = {"department": str(world.departments["west"]), "from": "2099-01-01", "until": "2099-12-31"}
    post = admin.post(f"{ann}/assign", body).body["assignments"][1]
    assert (post["from"], post["until"]) == ("2098-12-31T16:00:00Z", "2099-12-31T16:00:00Z")
    again = admin.post(f"{ann}/assign", body).body["message"]["zh"]
    assert "2099-01-01 至 2100-01-01" in again, again


def test_leave_and_back_and_back_to_the_company(world: World, admin: Api) -> None:
    wei = f"/organisation/people/{world.people['wei']}"
    assert admin.post(f"{wei}/back", {}).code == "wrong_status"
    away = admin.post(f"{wei}/away", {}).body
    assert away["status"] == "leave" and "back" in away["may"] and "away" not in away["may"]
    assert admin.post(f"{wei}/away", {}).code == "wrong_status"
    assert admin.post(f"{wei}/back", {}).body["status"] == "active"
    assert admin.post(f"{wei}/rehire", {}).code == "wrong_status"
    gone = admin.post(f"{wei}/leave", {}).body
    assert gone["may"] == ["rehire"]
    again = admin.post(f"{wei}/rehire", {}).body
    assert (again["status"], again["assignments"]) == ("active", [])
    assert Api().post("/session", {"username": "wei", "password": "correct horse battery"}).status == 401
    assert admin.post(f"{wei}/away", {"why": "?"}).places == ["why"]
    assert admin.post("/organisation/people/999999/away", {}).status == 404


def test_what_leaving_hands_over_is_told_before(world: World, admin: Api) -> None:
    mei = world.people["mei"]
    org.set_head(SETUP, world.departments["east"], mei)
    now = clock.now()
    org.set_deputy(SETUP, mei, world.people["ann"], starts=now, ends=now + timedelta(days=2))
    at = f"/organisation/people/{mei}"
    told = admin.get(f"{at}/handover").body
    assert told["needs_successor"] is True
    assert [(d["name"], d["head"], d["overseer"]) for d in told["departments"]] == [("east", True, False)]
    assert [p["username"] for p in told["reports"]] == ["ann", "bob"]
    assert [(a["department"]["name"], a["position"]["name"]) for a in told["assignments"]] == [("east", "manager")]
    assert [(d["person"]["username"], d["deputy"]["username"]) for d in told["deputies"]] == [("mei", "ann")]
    assert told["records"] == [], "an administrator sees no customer data, not even how much"
    refused = admin.post(f"{at}/leave", {})
    assert (refused.code, refused.places) == ("orphaned_departments", ["successor"])
    assert admin.post(f"{at}/leave", {"successor": str(mei)}).places == ["successor"]
    assert admin.post(f"{at}/leave", {"successor": "999999"}).places == ["successor"]
    assert admin.post(f"{at}/leave", {"successor": str(world.people["adm"])}).code == "self"
    assert admin.post(f"{at}/leave", {"successor": str(world.people["wei"])}).body["status"] == "left"
    east = next(d for d in admin.get("/organisation/departments").body["items"] if d["name"] == "east")
    assert east["head"]["username"] == "wei"
    assert [p["username"] for p in admin.get(f"/organisation/people/{world.people['wei']}").body["reports"]] == [
        "ann",
        "bob",
    ]


def test_records_of_a_leaver_are_counted_for_who_sees_them(world: World) -> None:
    lines = [*ADMINISTER, {"type": "opportunity", "actions": ["read"], "scope": ["below"], "read": {"*": "read"}}]
    world.add("hr", "east", None)
    grants.grant_lines(SETUP, lines, "person", str(world.people["hr"]))
    world.make("ann", "opportunity", name="A")
    world.make("wei", "opportunity", name="W")
    hr = signed_in("hr")
    assert [
        (r["type"], r["count"]) for r in hr.get(f"/organisation/people/{world.people['ann']}/handover").body["records"]
    ] == [("opportunity", 1)]
    assert hr.get(f"/organisation/people/{world.people['wei']}/handover").body["records"] == []


def test_nobody_arranges_their_own_posts(world: World, admin: Api) -> None:
    own = world.people["adm"]
    org.assign(SETUP, own, world.departments["east"])
    at = f"/organisation/people/{own}"
    first, second = admin.get(at).body["assignments"]
    assert admin.post(f"{at}/primary", {"assignment": second["id"]}).code == "self"
    assert (
        admin.post(f"{at}/end", {"assignment": first["id"], "new_primary": second["id"], "until": in_days(2)}).code
        == "self"
    )
    may = admin.get(at).body["may"]
    assert not {"assign", "move", "primary", "leave", "reset"} & set(may) and "edit" in may
    assert signed_in("ann").get(at).body["may"] == [], "the page shows controls by this alone"


def test_a_deputy_ends_and_lines_run_in_no_circle(world: World, admin: Api) -> None:
    ann, mei = world.people["ann"], world.people["mei"]
    at = f"/organisation/people/{ann}"
    made = admin.post(f"{at}/deputy", {"deputy": str(mei), "until": in_days(3)}).body["deputies"]
    assert admin.post(f"{at}/deputy", {"deputy": str(world.people["bob"]), "until": in_days(5)}).code == "overlap"
    assert admin.post(f"/organisation/people/{mei}/deputy", {"deputy": str(ann), "until": in_days(3)}).code == "cycle"
    assert admin.delete(f"/organisation/people/{mei}/deputies/{made[0]['id']}").status == 404
    assert admin.delete(f"{at}/deputies/{made[0]['id']}").status == 204
    assert admin.get(at).body["deputies"] == []
    circle = admin.post(f"/organisation/people/{mei}/manager", {"manager": str(ann)})
    assert (circle.code, circle.places) == ("cycle", ["manager"])
    assert admin.post(f"{at}/manager", {"manager": None}).body["reports_to"] is None
    assert Person.objects.filter(pk=ann).exists()
