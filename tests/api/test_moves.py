"""Moving people in a draft: several at once, foreseen, on what the draft says by now, and never over what others wrote."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.org.models import Department, Project
from heli.org.verbs import projects, reporting
from heli.records import act
from heli.records.act import Action
from tests.api.client import Api, Reply, signed_in
from tests.api.test_drafts import POLICY, Desk, at, office, publish
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

__all__ = ["office"]


def code(name: str) -> str:
    return Department.objects.get(name=name).code


def preview(api: Api, **body: Any) -> Reply:
    return api.post("/access/moves/preview", body)


def move(desk: Desk, etag: str = "", **body: Any) -> Reply:
    return desk.api.send("POST", f"{desk.path}/moves", body, If_Match=etag or desk.etag)


def told(changes: list[dict[str, Any]]) -> set[str]:
    return {one["words"]["en"] for change in changes for one in change["told"]}


def made(office: World, name: str) -> str:
    return act.do(office.system, Action("project", "create", values={"name": name})).id


def reports_to(name: str) -> str | None:
    found = at("adm").get("/organisation/people?q=" + name).body["items"]
    person = next(one["id"] for one in found if one["username"] == name)
    manager = at("adm").get(f"/organisation/people/{person}").body["reports_to"]
    return manager["username"] if manager else None


def test_several_people_are_moved_at_once_foreseen_and_published_whole(office: World) -> None:
    office.make("wei", "opportunity", name="West deal", amount="5")
    body: dict[str, Any] = {"people": ["ann", "bob"], "post": {"department": code("west")}, "manager": "fin"}
    seen = preview(at("sec"), **body)
    assert seen.status == 200, seen.body
    assert told(seen.body["changes"]) >= {"post: west · rep", "reports to Fin", "reports to Mei", "post: east · rep"}
    gains = {row["person"]["username"] for row in seen.body["simulation"]["persons"]}
    assert gains >= {"ann", "bob"} and "West deal" not in str(seen.body)
    desk = Desk(at("sec")).begin()
    assert (put := move(desk, **body)).status == 200, put.body
    assert {(one["kind"], one["key"]) for one in put.body["changes"]} == {
        ("post", "ann"), ("post", "bob"), ("manager", "ann"), ("manager", "bob"),
    }  # fmt: skip
    assert office.names("ann") == set(), "nothing holds yet"
    assert desk.step("submit").status == 200
    assert Desk(at("sid"), desk.draft).step("approve").status == 200
    assert (done := desk.step("publish")).status == 200, done.body
    assert office.names("ann") == {"West deal"} and reports_to("bob") == "fin"
    version = at("sid").get("/access/versions").body["items"][0]["id"]
    back = at("sid").post(f"/access/versions/{version}/draft", {"title": "Back"})
    assert back.status == 201
    again = Desk(at("sid"), back.body["id"])
    assert again.step("submit").status == 200 and Desk(at("sec"), again.draft).step("approve").status == 200
    assert again.step("publish").status == 200
    assert reports_to("bob") == "mei" and office.names("ann") == set()
    last, before = at("sid").get("/access/versions").body["items"]
    assert (last["undoes"], before["undone"]) == (version, True), "taken back by a draft is taken back"
    assert at("sid").post(f"/access/versions/{version}/draft", {"title": "Again"}).code == "undone"


def test_a_manager_and_their_report_change_places_in_one_draft(office: World) -> None:
    desk = Desk(at("sec")).begin()
    assert move(desk, people=["mei"], manager="ann").code == "cycle", "ann reports to mei"
    assert move(desk, people=["ann"], manager=None).status == 200
    assert (put := move(desk, people=["mei"], manager="ann")).status == 200, put.body
    assert desk.step("submit").status == 200
    assert Desk(at("sid"), desk.draft).step("approve").status == 200
    assert (done := desk.step("publish")).status == 200, done.body
    assert (reports_to("mei"), reports_to("ann"), reports_to("bob")) == ("ann", None, "mei")


def test_people_go_into_projects_and_out_of_them(office: World) -> None:
    reach = made(office, "Reach")
    over = made(office, "Over")
    projects.add_project_member(SETUP, reach, office.people["ann"], "member")
    Project.objects.filter(pk=over).update(status=Project.FINISHED)
    assert [one["open"] for one in at("sec").get("/access/moves").body["projects"]] == [False, True]
    desk = Desk(at("sec")).begin()
    ended = move(desk, people=["bob"], projects=[{"project": over, "role": "member"}])
    assert ended.status == 422 and "finished" in str(ended.body)
    put = move(desk, people=["ann", "bob"], projects=[{"project": reach, "role": "lead"}])
    assert told(put.body["changes"]) == {"member of project Reach", "lead of project Reach"}
    assert move(desk, people=["ann"], projects=[{"project": reach, "role": None}]).status == 200
    assert desk.step("submit").status == 200 and Desk(at("sid"), desk.draft).step("approve").status == 200
    assert desk.step("publish").status == 200
    members = at("adm").get(f"/organisation/projects/{reach}").body["members"]
    assert [(one["person"]["username"], one["role"]) for one in members] == [("bob", "lead")]


def test_two_windows_and_two_drafts_lose_nothing(office: World) -> None:
    desk = Desk(at("sec")).begin()
    old = desk.etag
    assert move(desk, people=["ann"], post={"department": code("west")}).status == 200
    stale = move(desk, old, people=["ann"], post={"department": code("support")})
    assert (stale.status, stale.body["code"]) == (412, "stale")
    assert move(desk, people=["ann"], post={"department": code("west")}).places == ["people"], "already so"
    # a second form on the same draft says what it would replace, another draft that it touches the same
    again = preview(at("sec"), draft=desk.draft, people=["ann"], post={"department": code("support")}).body
    assert "post: west · rep" in told(again["replaces"]) and again["beside"] == []
    other = Desk(at("sid")).begin("Other plan")
    beside = preview(at("sid"), draft=other.draft, people=["ann"], post={"department": code("finance")}).body["beside"]
    assert [(one["title"], one["by"]["username"]) for one in beside] == [("A change", "sec")]
    assert move(other, people=["ann"], post={"department": code("finance")}).status == 200
    assert [one["id"] for one in desk.seen()["beside"]] == [other.draft]
    for mine, yes in ((desk, "sid"), (other, "sec")):
        mine.step("submit")
        Desk(at(yes), mine.draft).step("approve")
    assert desk.step("publish").status == 200
    assert other.step("publish").code == "conflict"
    standing = other.seen()["standing"]
    assert [one["place"] for one in standing["conflicts"]] == ["department"] and desk.seen()["beside"] == []


def test_moves_that_cannot_be_are_refused_at_their_place(office: World) -> None:
    reporting.end_reporting(SETUP, office.people["ann"])
    desk = Desk(at("sec")).begin()
    for body, status, place in (
        ({"people": ["ann"]}, 422, "post"),
        ({"people": ["ann", "nobody"], "manager": "mei"}, 422, "people/1"),
        ({"people": [], "manager": "mei"}, 422, "people"),
        ({"people": ["ann"], "manager": None}, 422, "people"),
        ({"people": ["ann"], "manager": "ann"}, 422, "people"),
        ({"people": ["ann"], "manager": "mei", "salary": 1}, 422, "salary"),
        ({"people": ["ann"], "projects": [{"project": "x", "role": "member"}]}, 422, "projects/0/project"),
        ({"people": ["ann"], "post": {}}, 422, "post"),
    ):  # fmt: skip
        refused = move(desk, **body)
        assert (refused.status, refused.places) == (status, [place]), (body, refused.body)
    assert move(desk, people=["ann"], post={"department": "nowhere"}).status == 422
    assert move(desk, people=["ann"], projects=[{"project": "x" * 40, "role": "member"}]).status == 422
    assert move(desk, people=["ann"], manager="m\x00").status == 422
    assert desk.seen()["changes"] == []
    assert preview(at("sec"), draft="999999", people=["ann"], manager="mei").status == 404
    for name, status in (("eve", 403), ("adm", 403), ("ann", 403)):
        api = at(name)
        assert preview(api, people=["ann"], manager="mei").status == status
        assert (
            api.send("POST", f"{desk.path}/moves", {"people": ["ann"], "manager": "mei"}, If_Match='"r1"').status
            == status
        )
    assert signed_in("ann").get("/access/moves").status == 403


def test_who_drafts_it_gains_nothing_by_becoming_a_manager(office: World) -> None:
    line = {"type": "opportunity", "actions": ["read"], "scope": ["reports"], "read": {"*": "read"}}
    grants.grant_lines(SETUP, [line], "person", str(office.people["sec"]))
    seen = preview(at("sec"), people=["ann"], manager="sec")
    assert [one["code"] for one in seen.body["simulation"]["blockers"]] == ["self"]
    desk = Desk(at("sec")).begin()
    assert move(desk, people=["ann"], manager="sec").status == 200
    assert desk.step("submit").code == "self"


def test_the_rule_about_the_second_person_is_never_loosened_alone(office: World) -> None:
    rule = at("sec").get("/access/approval").body
    assert (rule["value"], [one["loosens"] for one in rule["options"]], rule["history"]) == (
        "always",
        [False, True, True],
        [],
    )
    desk = Desk(at("sec")).begin()
    for key, value in (("approval", "sometimes"), ("approval", ""), ("moon", "never"), ("approval", None)):
        refused = desk.put("setting", key, {"value": value})
        assert refused.status == 422, (key, value)
    assert desk.put("setting", "approval", {"value": "never"}).status == 200
    assert desk.step("publish").code == "not_submitted"
    assert desk.step("submit").status == 200 and desk.step("approve").code == "own"
    assert desk.step("publish").code == "unapproved"
    assert Desk(at("sid"), desk.draft).step("approve").status == 200 and desk.step("publish").status == 200
    (last,) = at("eve").get("/access/approval").body["history"]
    assert (last["by"]["username"], last["approved_by"]["username"], last["draft"]) == ("sec", "sid", desk.draft)
    assert last["after"]["en"] == "no draft takes a second person's yes"
    # tighter again takes nobody else, and taking that back does
    tight = Desk(at("sid")).begin()
    assert tight.put("setting", "approval", {"value": "widening"}).status == 200
    assert tight.step("publish").status == 200
    tighter = Desk(at("sid")).begin()
    assert tighter.put("setting", "approval", {"value": "always"}).status == 200
    assert tighter.seen()["standing"]["needs_approval"] is False
    assert (done := tighter.step("publish")).status == 200, done.body
    version = at("sid").get("/access/versions").body["items"][0]["id"]
    assert at("sid").post(f"/access/versions/{version}/undo").code == "unapproved"
    assert at("sec").get("/access/approval").body["value"] == "always"
    assert at("ann").get("/access/approval").status == 403


def test_a_draft_of_an_administrator_who_is_new_loosens_it_as_little(office: World) -> None:
    """Two hands of one person do not count as two: who approves had no hand in it."""
    office.add("sam", "root", None)
    grants.grant_lines(SETUP, [POLICY], "person", str(office.people["sam"]))
    assert publish("sec", "sam", ("setting", "approval", {"value": "widening"})).status == 200
    desk = Desk(at("sec")).begin()
    assert desk.put("setting", "approval", {"value": "never"}).status == 200
    assert desk.step("publish").code == "not_submitted", "also where only what widens takes two"


def test_what_cannot_be_is_said_of_the_place_that_asks_for_it(office: World) -> None:
    """Not of a change that whoever asks has never written."""
    reporting.set_manager(SETUP, office.people["ann"], office.people["mei"])
    desk = Desk(at("sec")).begin()
    wrong: tuple[tuple[str, dict[str, Any]], ...] = (
        ("post/department", {"post": {"department": "nope"}}), ("post/position", {"post": {"position": "nope"}}),
        ("manager", {"manager": "nobody"}), ("projects/0/project", {"projects": [{"project": "x", "role": None}]}),
    )  # fmt: skip
    for place, body in wrong:
        for reply in (preview(at("sec"), people=["ann"], **body), move(desk, people=["ann"], **body)):
            assert (reply.status, reply.places) == (422, [place]), reply.body
    circle = move(desk, people=["mei"], manager="ann")
    assert (circle.status, circle.places) == (409, ["manager"]), circle.body


def test_departments_are_made_renamed_moved_and_closed_in_a_draft_foreseen_and_taken_back(office: World) -> None:
    boss = [{"type": "opportunity", "actions": ["read"], "scope": ["below"]}]
    grants.grant_lines(SETUP, boss, "person", str(office.people["fin"]))
    office.make("ann", "opportunity", name="East deal", amount="5")
    desk = Desk(at("sec")).begin()
    full = preview(at("sec"), department={"code": code("Company"), "close": True}).body["problems"]
    assert any(one["code"] == "has_departments" and "east, west" in one["message"]["en"] for one in full), full
    new = {"name": "华北", "name_en": "North", "parent": code("Company"), "head": "mei"}
    seen = preview(at("sec"), draft=desk.draft, department=new)
    assert seen.status == 200 and "north" in str(seen.body["changes"]).lower(), seen.body
    assert move(desk, department=new).status == 200
    (north,) = (
        one["code"]
        for one in at("sec").get(f"/access/moves?draft={desk.draft}").body["departments"]
        if one["id"] is None
    )
    # East goes below what does not exist yet, and people into it; who looks after finance's departments sees East's deals then.
    under = {"code": code("east"), "parent": code("finance")}
    gains = preview(at("sec"), draft=desk.draft, department=under).body["simulation"]["persons"]
    assert "fin" in {row["person"]["username"] for row in gains}
    assert move(desk, department={"code": code("east"), "parent": north, "name_en": "East coast"}).status == 200
    there = {one["code"]: one for one in at("sec").get(f"/access/moves?draft={desk.draft}").body["departments"]}
    assert there[code("east")]["said"]["parent"] == north and there[code("east")]["name"]["en"] == "East coast"
    assert there[north]["said"]["head"]["username"] == "mei" and there[code("support")]["said"] is None
    assert move(desk, people=["wei"], post={"department": north}).status == 200
    left = move(desk, department={"code": code("support"), "close": True})
    assert (left.status, left.code) == (409, "has_people"), "who works there is named"
    assert "Sue" in left.body["message"]["en"]
    assert move(desk, people=["sue"], post={"department": north}).status == 200
    assert move(desk, department={"code": code("support"), "close": True}).status == 200
    there = {
        one["code"]: one["closes"] for one in at("sec").get(f"/access/moves?draft={desk.draft}").body["departments"]
    }
    assert [one for one, closes in there.items() if closes] == [code("support")]
    assert move(desk, department={"code": "ghost", "close": True}).status == 422
    assert move(desk, department={"name": "east", "parent": code("Company")}).status in (200, 409)
    desk.step("submit")
    Desk(at("sid"), desk.draft).step("approve")
    assert desk.step("publish").status == 200
    tree = {one["name"]: one for one in at("adm").get("/organisation/departments").body["items"]}
    assert tree["east"]["parent"] == tree["华北"]["id"] and tree["east"]["name_en"] == "East coast"
    assert tree["华北"]["head"]["username"] == "mei" and "support" not in tree
    version = at("sid").get("/access/versions").body["items"][0]
    back = at("sid").post(f"/access/versions/{version['id']}/undo", {})
    if back.status == 409:  # it gives again: as a draft
        draft = at("sec").post(f"/access/versions/{version['id']}/draft", {"title": "back"})
        assert draft.status == 201, draft.body
        other = Desk(at("sec"), draft.body["id"])
        assert other.step("submit").status == 200
        assert Desk(at("sid"), draft.body["id"]).step("approve").status == 200
        again = Desk(at("sid"), draft.body["id"]).step("approve")
        assert (again.status, again.code) == (409, "already"), "one yes of one person"
        assert other.step("publish").status == 200
    names = {one["name"] for one in at("adm").get("/organisation/departments").body["items"]}
    assert "support" in names and "华北" not in names


def test_closing_a_department_that_holds_records_is_foreseen_and_blocks_the_draft(office: World) -> None:
    """Said when the change is looked at and on the draft, not when it is published; numbers only to who reads what rules reach."""
    only = [{**POLICY, "actions": ["administer"]}]
    office.add("ada", "root", None)
    grants.grant_lines(SETUP, only, "person", str(office.people["ada"]))
    deals = [office.make("sue", "ticket", subject=f"Left {n}") for n in range(3)]
    closing = {"code": code("support"), "close": True}
    desk = Desk(at("sec")).begin()
    both = preview(at("sec"), draft=desk.draft, department=closing)
    assert [one["code"] for one in both.body["problems"]] == ["has_people", "has_records"], both.body
    assert "3 tickets" in both.body["problems"][1]["message"]["en"], "all that is in the way, at once"
    assert move(desk, people=["sue"], post={"department": code("west")}).status == 200
    seen = preview(at("sec"), draft=desk.draft, department=closing)
    assert seen.status == 200, seen.body
    (barred,) = seen.body["simulation"]["blockers"]
    assert (barred["code"], barred["place"]) == ("has_records", f"departments/{code('support')}")
    assert "3 tickets" in barred["words"]["en"] and "工单 3" in barred["words"]["zh"], barred
    assert preview(at("ada"), draft=desk.draft, department=closing).status == 403, "it tells what rules reach"
    put = move(desk, department=closing)
    assert put.status == 200, "it may wait in the draft until the records are transferred"
    reply = at("ada").send("PATCH", desk.path, {"note": "?"}, If_Match=desk.etag)
    (blind,) = reply.body["standing"]["blockers"]
    assert "tickets" in blind["message"]["en"] and "3" not in blind["message"]["en"], blind
    (standing,) = desk.seen()["standing"]["blockers"]
    assert standing["code"] == "has_records" and "3 tickets" in standing["message"]["en"], standing
    early = desk.step("submit")
    assert (early.status, early.code) == (409, "has_records") and "tickets" in early.body["message"]["en"]
    assert "Left" not in str(put.body) + str(early.body) + str(seen.body)
    for one in deals:
        act.do(office.system, Action("ticket", "delete", one))
    assert desk.seen()["standing"]["blockers"] == []
    assert desk.step("submit").status == 200 and Desk(at("sid"), desk.draft).step("approve").status == 200
    act.do(office.system, Action("ticket", "restore", deals[0]))
    assert desk.step("publish").code == "has_records", "and once more when it is published"
    act.do(office.system, Action("ticket", "delete", deals[0]))
    assert desk.step("publish").status == 200
    back = act.do(office.system, Action("ticket", "restore", deals[0]))
    assert back.id == deals[0]
    place = at("boss").get(f"/records/ticket/{deals[0]}").body["values"]["department"]
    assert place["name"] == "Company", "what comes back from the bin does not land in what is closed, but above it"
