"""Changing the policy: written into a draft, looked at, approved by somebody else, published whole, taken back whole."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant, Role
from heli.kernel import clock
from heli.org import zone
from heli.policy.models import Draft, Promise
from tests.api.client import Api, Reply, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage

SIGNED: dict[str, Api] = {}


def at(name: str) -> Api:
    """This person's one browser: signing in anew would end their other sessions."""
    if name not in SIGNED:
        SIGNED[name] = signed_in(name)
    return SIGNED[name]


POLICY = {"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}


@pytest.fixture
def office(world: World) -> World:
    """The company with two security administrators, an auditor who reads the rules, and an organisation administrator."""
    SIGNED.clear()
    for name, lines in (
        ("sec", [POLICY]),
        ("sid", [POLICY]),
        ("eve", [{**POLICY, "actions": ["read"]}]),
        ("adm", [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]),
    ):
        world.add(name, "root", None)
        grants.grant_lines(SETUP, lines, "person", str(world.people[name]))
    return world


class Desk:
    """One person at work on one draft: keeps its ETag."""

    def __init__(self, api: Api, draft: str = "") -> None:
        self.api = api
        self.draft = draft

    def begin(self, title: str = "A change") -> Desk:
        reply = self.api.post("/access/drafts", {"title": title})
        assert reply.status == 201, reply.body
        self.draft = reply.body["id"]
        return self

    @property
    def path(self) -> str:
        return f"/access/drafts/{self.draft}"

    @property
    def etag(self) -> str:
        return self.api.get(self.path).etag

    def put(self, kind: str, key: str, after: Any) -> Reply:
        return self.api.send("PUT", f"{self.path}/changes/{kind}/{key}", {"after": after}, If_Match=self.etag)

    def step(self, name: str, text: str = "") -> Reply:
        return self.api.send("POST", f"{self.path}/{name}", {"text": text}, If_Match=self.etag)

    def seen(self) -> Any:
        return self.api.get(self.path).body


def role(code: str, **changes: Any) -> dict[str, Any]:
    found = Role.objects.get(code=code)
    return {"name": found.name, "lines": found.lines, **changes}


EXTRA = {"type": "ticket", "actions": ["read"], "scope": ["own"]}


def publish(author: str, approver: str, *things: tuple[str, str, Any]) -> Reply:
    """Through all steps, by two people."""
    desk = Desk(at(author)).begin()
    for kind, key, after in things:
        reply = desk.put(kind, key, after)
        assert reply.status == 200, reply.body
    assert (reply := desk.step("submit")).status == 200, reply.body
    other = Desk(at(approver), desk.draft)
    assert (reply := other.step("approve")).status == 200, reply.body
    return desk.step("publish")


def waiting(api: Api) -> list[str]:
    """The drafts that wait on somebody's workbench."""
    return [one["id"] for one in api.get("/workbench").body["queue"] if one["kind"] == "draft"]


def test_a_change_is_written_approved_by_another_published_and_undone(office: World) -> None:
    ann, sec, sid = at("ann"), at("sec"), at("sid")
    assert ann.get("/records/ticket").status == 404
    desk = Desk(sec).begin("Reps see their tickets")
    assert desk.put("role", "rep", role("rep", lines=[*role("rep")["lines"], EXTRA])).status == 200
    assert [one["words"]["en"] for one in desk.seen()["changes"]] == ["change role “rep”"]
    assert ann.get("/records/ticket").status == 404  # a draft gives nothing

    assert desk.step("publish").code == "not_submitted"
    assert desk.step("submit", "support asked for it").status == 200
    assert (waiting(sec), waiting(sid)) == ([], [desk.draft]), "it waits for the other administrator, on the workbench"
    assert desk.step("publish").code == "unapproved"
    assert desk.step("approve").code == "own"
    assert Desk(sid, desk.draft).step("approve").status == 200
    assert (waiting(sec), waiting(sid)) == ([desk.draft], []), "and then for its author"
    assert [one["kind"] for one in desk.seen()["changes"][0]["steps"]] == ["added"]
    assert "publish" in desk.seen()["may"]
    assert desk.step("publish").body["state"] == "published"
    assert ann.get("/records/ticket").status == 200

    version = sid.get("/access/versions").body["items"][0]
    assert (version["by"]["username"], version["approved_by"]["username"]) == ("sec", "sid")
    assert sid.post(f"/access/versions/{version['id']}/undo", {}).status == 201
    assert ann.get("/records/ticket").status == 404
    assert sid.post(f"/access/versions/{version['id']}/undo", {}).code == "undone"
    assert sid.post(f"/access/versions/{version['id']}/draft", {"title": "Back"}).code == "undone"

    # What would give again is taken back by a draft, which the page writes in one step.
    taken = sid.get("/access/versions").body["items"][0]
    assert (taken["undoes"], sid.post(f"/access/versions/{taken['id']}/undo", {}).code) == (version["id"], "unapproved")
    again = Desk(sid, sid.post(f"/access/versions/{taken['id']}/draft", {"title": "Back again"}).body["id"])
    assert again.step("submit").status == 200
    assert Desk(sec, again.draft).step("approve").status == 200
    assert again.step("publish").status == 200
    assert ann.get("/records/ticket").status == 200


def test_days_of_a_grant_are_told_as_the_companys_days(office: World) -> None:
    desk = Desk(at("sec")).begin()
    after = {
        "role": "finance", "subject": "person:ann", "starts": "2027-12-09T16:00:00Z", "ends": "2027-12-20T16:00:00Z",
    }  # fmt: skip
    assert desk.put("grant", "new-1", after).status == 200
    told = [one["words"]["zh"] for one in desk.seen()["changes"][0]["told"]]
    assert told[1:] == ["从 2027-12-10 起", "到 2027-12-20 为止"]


def test_only_who_may_changes_reads_and_approves(office: World) -> None:
    eve, adm, ann = at("eve"), at("adm"), at("ann")
    desk = Desk(at("sec")).begin()
    assert eve.get(desk.path).status == 200
    assert eve.get(desk.path).body["may"] == []
    assert eve.post("/access/drafts", {"title": "x"}).status == 403
    assert Desk(eve, desk.draft).put("role", "rep", role("rep")).status == 403
    for stranger in (adm, ann):
        assert stranger.get("/access/drafts").status == 403
        assert stranger.get("/access/versions").status == 403


def test_nobody_gains_from_a_draft_in_which_they_had_a_hand(office: World) -> None:
    sec = Desk(at("sec")).begin()
    mine = {"lines": [{"type": "account", "actions": ["read"], "scope": ["all"]}], "subject": "person:sec"}
    assert sec.put("grant", "new-1", mine).status == 200
    [given] = sec.seen()["changes"]  # by what it is for: several of one person are told apart
    assert (given["words"]["zh"], given["words"]["en"]) == (
        "新增授权「查看客户 → 人员 Sec」", "add grant “read Account → person Sec”",
    )  # fmt: skip
    assert [p["code"] for p in sec.seen()["standing"]["blockers"]] == ["self"]
    assert sec.step("submit").code == "self"

    theirs = Desk(at("sec")).begin()  # and who is given something does not approve it
    assert theirs.put("grant", "new-1", {**mine, "subject": "person:sid"}).status == 200
    assert theirs.step("submit").status == 200
    assert Desk(at("sid"), theirs.draft).step("approve").code == "self"


def test_an_approval_is_for_what_was_read(office: World) -> None:
    desk = Desk(at("sec")).begin()
    desk.put("role", "rep", role("rep", lines=[*role("rep")["lines"], EXTRA]))
    desk.step("submit")
    Desk(at("sid"), desk.draft).step("approve")
    assert desk.put("role", "support", role("support", lines=[])).status == 200
    assert desk.seen()["state"] == "open"
    assert desk.step("publish").code == "not_submitted"
    assert desk.step("submit").status == 200
    assert desk.step("publish").code == "unapproved"


def test_two_drafts_on_one_role_lose_neither_change(office: World) -> None:
    lines = role("rep")["lines"]
    first, second = Desk(at("sec")).begin(), Desk(at("sid")).begin()
    first.put("role", "rep", role("rep", lines=[*lines, EXTRA]))
    second.put("role", "rep", role("rep", name="Representative", lines=[*lines, {**EXTRA, "type": "contract"}]))
    for desk, approver in ((first, "sid"), (second, "sec")):
        assert desk.step("submit").status == 200
        assert Desk(at(approver), desk.draft).step("approve").status == 200
        assert desk.step("publish").status == 200
    found = Role.objects.get(code="rep")
    assert found.name == "Representative"
    assert [line["type"] for line in found.lines[-2:]] == ["ticket", "contract"]


def test_a_contradiction_is_shown_and_waits_for_a_choice(office: World) -> None:
    first, second = Desk(at("sec")).begin(), Desk(at("sid")).begin()
    first.put("role", "rep", role("rep", name="Seller"))
    second.put("role", "rep", role("rep", name="Vendor"))
    first.step("submit")
    Desk(at("sid"), first.draft).step("approve")
    assert first.step("publish").status == 200
    reply = second.step("submit")
    assert (reply.status, reply.code, reply.places) == (409, "conflict", ["changes/0/after/name"])
    standing = second.seen()["standing"]
    assert [c["place"] for c in standing["conflicts"]] == ["name"]
    assert "「Seller」" in standing["conflicts"][0]["words"]["zh"]  # by its name, not by its code
    [contested] = standing[
        "contested"
    ]  # what there is to choose between: as it is now, and as this draft would have it
    assert contested["key"] == "rep"
    assert [(one["was"], name in one["words"]["zh"]) for one, name in zip(contested["told"], ("Seller", "Vendor"), strict=True)] == [
        (True, True), (False, True),
    ]  # fmt: skip

    def rebase(choose: dict[str, str]) -> Reply:
        return second.api.send("POST", f"{second.path}/rebase", {"choose": choose}, If_Match=second.etag)

    assert rebase({}).code == "conflict"
    assert rebase({"role/rep": "mine"}).status == 200
    assert second.step("submit").status == 200
    Desk(at("sec"), second.draft).step("approve")
    assert second.step("publish").status == 200
    assert Role.objects.get(code="rep").name == "Vendor"


@pytest.mark.parametrize("chosen", ["mine", "theirs"])
def test_a_sentence_moved_to_two_different_scopes_is_a_contradiction(office: World, chosen: str) -> None:
    """Neither gets both scopes behind its back, and what either did elsewhere in the role stays whatever is chosen."""
    lines = role("rep")["lines"]

    def scoped(scope: str) -> dict[str, Any]:
        return {**lines[0], "scope": [scope]}

    assert lines[0]["scope"] not in (["department"], ["pool"])
    first, second = Desk(at("sec")).begin(), Desk(at("sid")).begin()
    first.put("role", "rep", role("rep", lines=[scoped("department"), *lines[1:], EXTRA]))
    second.put("role", "rep", role("rep", name="Vendor", lines=[scoped("pool"), *lines[1:]]))
    first.step("submit")
    Desk(at("sid"), first.draft).step("approve")
    assert first.step("publish").status == 200
    reply = second.step("submit")
    assert (reply.status, reply.code, reply.places) == (409, "conflict", ["changes/0/after/lines/0"])
    [contested] = second.seen()["standing"]["contested"]  # only what contradicts, not the name
    assert [(one["kind"], (one["after"] or one["before"])["line"]["scope"]) for one in contested["steps"]] == [
        ("added", ["pool"]), ("removed", ["department"]),
    ]  # fmt: skip
    assert contested["told"] == []
    body = {"choose": {"role/rep": chosen}}
    assert second.api.send("POST", f"{second.path}/rebase", body, If_Match=second.etag).status == 200
    [change] = second.seen()["changes"]
    after = change["after"]
    assert after["name"] == "Vendor"
    assert EXTRA in after["lines"]
    assert [one["scope"] for one in after["lines"] if {**one, "scope": 0} == {**lines[0], "scope": 0}] == [
        ["pool" if chosen == "mine" else "department"]
    ]


def test_a_stale_writer_is_told(office: World) -> None:
    desk = Desk(at("sec")).begin()
    old = desk.etag
    assert desk.put("role", "rep", role("rep", name="Seller")).status == 200
    path = f"{desk.path}/changes/role/support"
    assert desk.api.send("PUT", path, {"after": None}, If_Match=old).status == 412
    assert desk.api.send("PUT", path, {"after": None}).status == 428


def test_broken_policy_tests_block_and_say_how(office: World) -> None:
    promise = {
        "name": "财务看不到客户", "name_en": "finance sees no customers", "who": {"role": ["finance"]}, "rule": "never",
        "type": "account", "action": "read",
    }  # fmt: skip
    assert publish("sec", "sid", ("promise", "finance-accounts", promise)).status == 200
    assert at("eve").get("/access/promises").body["passed"] == 1
    desk = Desk(at("sec")).begin()
    line = {"type": "account", "actions": ["read"], "scope": ["department"]}
    desk.put("role", "finance", role("finance", lines=[line]))
    reply = desk.step("submit")
    assert (reply.status, reply.code) == (409, "promise")
    said = reply.body["message"]["en"]
    assert "finance sees no customers" in said
    assert "Fin" in said, said
    assert "line 1 of the role" in said, said
    assert desk.seen()["standing"]["tests"]["failed"] == 1


def test_duties_are_kept_apart_by_drafts_too(office: World) -> None:
    duty = {"name": "SoD", "first": ["finance"], "second": ["support"]}
    assert publish("sec", "sid", ("duty", "fin-sup", duty)).status == 200
    desk = Desk(at("sec")).begin()
    desk.put("grant", "new-1", {"role": "support", "subject": "person:fin"})
    reply = desk.step("submit")
    assert (reply.status, reply.code) == (409, "duty")
    assert "Fin" in reply.body["message"]["en"]


def test_the_last_who_can_change_the_policy_stays(office: World) -> None:
    desk = Desk(at("sec")).begin()
    for grant in Grant.objects.filter(lines__isnull=False):
        if grant.lines == [POLICY]:
            assert desk.put("grant", str(grant.pk), None).status == 200
    management = role("management")
    kept = [line for line in management["lines"] if line["type"] != "policy"]
    assert desk.put("role", "management", {**management, "lines": kept}).status == 200
    reply = desk.step("submit")
    assert (reply.status, reply.code) == (409, "nobody")
    # Nor is it enough that somebody can for a while: the day on which nobody could is told.
    ends = clock.now() + timedelta(days=10)
    grants.grant_lines(SETUP, [POLICY], "person", str(office.people["mei"]), ends=ends)
    reply = desk.step("submit")
    assert (reply.status, reply.code) == (409, "nobody")
    assert zone.told(ends, "%Y-%m-%d") in reply.body["message"]["en"]


def test_organisation_changes_go_through_drafts_and_back(office: World) -> None:
    assert publish(
        "sec", "sid",
        ("post", "wei", {"department": dept("east"), "position": "rep"}),
        ("department", dept("west"), {"parent": dept("east"), "head": "mei", "overseer": None}),
    ).status == 200  # fmt: skip
    wei = at("sid").get(f"/organisation/people/{office.people['wei']}").body
    assert [a["department"]["name"] for a in wei["assignments"] if a["until"] is None] == ["east"]
    version = at("sid").get("/access/versions").body["items"][0]["id"]
    assert at("sid").post(f"/access/versions/{version}/undo", {}).status == 201
    from heli.org.models import Assignment, Department

    back = Department.objects.get(name="west")
    assert (back.parent, back.head) == (Department.objects.get(name="Company"), None)
    now = Assignment.objects.get(person_id=office.people["wei"], ends=None)
    assert now.department_id == office.departments["west"]
    assert now.position_id is not None
    assert publish("sec", "sid", ("post", "wei", {"department": dept("east"), "position": None})).status == 200
    assert Assignment.objects.get(person_id=office.people["wei"], ends=None).position_id is None


def dept(name: str) -> str:
    from heli.org.models import Department

    return Department.objects.get(name=name).code


@pytest.mark.parametrize(
    ("kind", "key", "after", "status", "place"),
    [
        ("role", "rep", {"name": "x", "lines": [{"type": "ghost", "actions": ["read"], "scope": ["own"]}]}, 422, "after/lines/0/type"),
        ("role", "rep", {"name": "x", "lines": [], "colour": "red"}, 422, "after/colour"),
        ("role", "rep", {"lines": []}, 422, "after/name"),
        ("role", "rep", {"name": "x", "lines": [{"type": "account", "actions": ["read"], "scope": ["own"]}] * 10_000}, 422, "after/lines"),
        ("grant", "n", {"role": "rep", "subject": "person:ghost"}, 422, "changes/0/after/subject"),
        ("grant", "n", {"role": "ghost", "subject": "everyone"}, 422, "changes/0/after/role"),
        ("grant", "n", {"role": "rep", "subject": "everyone", "starts": "2030-01-02T00:00:00Z", "ends": "2030-01-01T00:00:00Z"}, 422, "after/ends"),
        ("grant", "n", {"role": "rep", "subject": "everyone", "ends": "tomorrow"}, 422, "after/ends"),
        ("grant", "999999", None, 422, "key"),
        ("post", "ghost", {"department": "x"}, 422, "key"),
        ("department", "ghost", {"parent": None}, 422, "key"),
        ("promise", "p", {"name": "x", "who": {"moon": 1}, "rule": "never", "type": "account", "action": "read"}, 422, "after/who"),
        ("member", "nothing:ann", {"role": "lead"}, 422, "changes/0/key"),
    ],
)  # fmt: skip
def test_bad_changes_are_refused_by_their_place(
    office: World, kind: str, key: str, after: Any, status: int, place: str
) -> None:
    desk = Desk(at("sec")).begin()
    reply = desk.put(kind, key, after)
    assert (reply.status, reply.places[:1]) == (status, [place]), reply.body
    assert Draft.objects.get().changes == []


def test_a_department_cannot_be_put_below_itself(office: World) -> None:
    desk = Desk(at("sec")).begin()
    reply = desk.put("department", dept("east"), {"parent": dept("east1"), "head": None, "overseer": None})
    assert (reply.status, reply.code) == (409, "cycle")


def test_no_change_is_half_applied(office: World) -> None:
    """The second change no longer fits when the draft is published: the first does not stay either."""
    desk = Desk(at("sec")).begin()
    desk.put("role", "rep", role("rep", name="Seller"))
    desk.put("post", "wei", {"department": dept("support"), "position": "rep"})
    desk.step("submit")
    Desk(at("sid"), desk.draft).step("approve")
    from heli.org.verbs import close_department

    sue = office.people["sue"]
    from heli.org.models import Assignment
    from heli.org.verbs import end_assignment

    end_assignment(SETUP, Assignment.objects.get(person_id=sue).pk)
    close_department(SETUP, office.departments["support"])
    reply = desk.step("publish")
    assert reply.status == 422, reply.body
    assert Role.objects.get(code="rep").name == "rep"
    assert Promise.objects.count() == 0
