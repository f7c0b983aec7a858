"""Foreseeing a change over HTTP: a draft, a part of it, a question without one, the past under it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from heli.access import grants, use
from heli.access.models import Grant, Use
from heli.audit import entries
from heli.kernel import clock
from tests import world as worlds
from tests.api.client import Api, Reply, signed_in
from tests.world import REP, World

pytestmark = pytest.mark.django_db
SECURITY = [{"type": "policy", "actions": ["read", "administer"], "scope": ["all"]}]
WIDER = [*REP, {"type": "opportunity", "actions": ["read"], "scope": ["below"], "read": {"amount": "read"}}]


@pytest.fixture
def sec(world: World) -> Api:
    """A security administrator, who sees no record."""
    world.add("sec", "root", None)
    grants.grant_lines(worlds.SETUP, SECURITY, "person", str(world.people["sec"]))
    return signed_in("sec")


def state(lines: list[dict[str, Any]]) -> dict[str, Any]:
    return {"name": "rep", "lines": lines}


def draft(api: Api, *changes: tuple[str, str, Any]) -> str:
    made = api.post("/access/drafts", {"title": "Try"}, Idempotency_Key="k" * 20)
    assert made.status == 201, made.body
    etag = made.etag
    for kind, key, after in changes:
        put = api.send("PUT", f"/access/drafts/{made.body['id']}/changes/{kind}/{key}", {"after": after}, If_Match=etag)
        assert put.status == 200, put.body
        etag = put.etag
    return str(made.body["id"])


def names(rows: list[dict[str, Any]]) -> set[str]:
    return {row["person"]["username"] for row in rows}


def test_what_is_given_from_a_day_on_is_counted_as_if_it_had_begun_and_says_so(world: World, sec: Api) -> None:
    world.make("ann", "opportunity", name="Deal", amount="700")
    line = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read"}}
    given = {"lines": [line], "subject": "person:bob", "starts": (clock.now() + timedelta(days=9)).isoformat()}
    told = sec.post("/access/simulate", {"changes": [{"kind": "grant", "key": "new-1", "after": given}]}).body
    assert (told["figures"]["gaining"], told["figures"]["records_gained"]) == (1, 1)
    assert any("as if it had begun" in one["en"] for one in told["warnings"])


def test_a_draft_says_who_gains_how_many_records_and_shows_none_of_them(world: World, sec: Api) -> None:
    for who in ("ann", "bob", "bob", "wei"):
        world.make(who, "opportunity", name=f"Secret deal of {who}", amount="700")
    number = draft(sec, ("role", "rep", state(WIDER)))
    told = sec.get(f"/access/drafts/{number}/simulation")
    assert told.status == 200, told.body
    figures = told.body["figures"]
    # ann (east) comes to see the two deals of bob, who works in the team below; bob and wei have nobody below
    assert (figures["gaining"], figures["losing"]) == (3, 0)
    assert (figures["records_gained"], figures["records_lost"]) == (2, 0)
    (seen,) = [row for row in told.body["gains"] if row["action"] == "read" and not row["fields"]]
    assert (seen["people"], seen["records"], [n["username"] for n in seen["names"]]) == (1, 2, ["ann"])
    # whoever had the amounts of their department masked comes to read them
    assert {row["fields"][0] for row in told.body["gains"] if row["fields"] and row["action"] == "read"} == {"amount"}
    (mine,) = [row for row in told.body["persons"] if row["person"]["username"] == "ann"]
    assert (mine["records"][0]["before"], mine["records"][0]["after"]) == (1, 3)
    assert "Secret" not in str(told.body)
    assert told.body["stamp"] == sec.get("/access/stamp").body["stamp"]


def test_one_change_of_a_draft_is_looked_at_alone(world: World, sec: Api) -> None:
    gone = str(Grant.objects.get(subject_kind="position", subject_id=str(world.positions["support"])).pk)
    number = draft(sec, ("role", "rep", state(WIDER)), ("grant", gone, None))
    whole = sec.get(f"/access/drafts/{number}/simulation").body
    assert {"ann", "sue"} <= names(whole["persons"])
    alone = sec.get(f"/access/drafts/{number}/simulation?change=grant/{gone}").body
    assert names(alone["persons"]) == {"sue"}
    assert alone["figures"]["losing"] == 1 and alone["figures"]["gaining"] == 0
    assert {(c["kind"], c["code"]) for c in alone["corners"] if c["new"]} >= {
        ("person", str(world.people["sue"])), ("role", "support"), ("action", "edit"),
    }  # fmt: skip
    assert sec.get(f"/access/drafts/{number}/simulation?change=role/nothing").status == 422


def test_what_if_somebody_moves_or_leaves_or_a_role_goes(world: World, sec: Api) -> None:
    world.make("wei", "opportunity", name="W", amount="5")
    world.make("bob", "opportunity", name="B", amount="5")

    def what(**asked: Any) -> Reply:
        return sec.post("/access/simulate", {"what": asked})

    west = sec.get("/organisation/departments").body
    codes = {d["name"]: d["code"] for d in west["items"]} if "items" in west else {}
    moved = what(kind="move", person="mei", department=codes["west"])
    assert moved.body["question"]["en"] == "Mei moves to west as manager"  # as the position held, when none is named
    assert moved.status == 200, moved.body
    (mei,) = [row for row in moved.body["persons"] if row["person"]["username"] == "mei"]
    (deals,) = [row for row in mei["records"] if row["type"] == "opportunity"]
    assert (deals["gained"], deals["lost"]) == (1, 1)
    assert what(kind="leave", person="bob").body["figures"]["losing"] == 1
    role = what(kind="role", role="manager").body
    assert names(role["persons"]) == {"mei"} and role["figures"]["gaining"] == 0
    assert world.names("mei") == {"B"}, "nothing was changed"
    assert {e.after["what"]["kind"] for e in entries.query(object_type="policy", limit=9) if e.after} == {
        "move",
        "leave",
        "role",
    }
    for body, place in (
        ({"what": {"kind": "role", "role": "nobody"}}, "what/role"),
        ({"what": {"kind": "leave", "person": "nobody"}}, "what/person"),
        ({"what": {"kind": "grant", "grant": "999"}}, "what/grant"),
        ({}, "changes"),
    ):  # fmt: skip
        refused = sec.post("/access/simulate", body)
        assert (refused.status, refused.places) == (422, [place])


def test_changes_that_cannot_be_are_refused_with_their_place(world: World, sec: Api) -> None:
    code = {d["name"]: d["code"] for d in sec.get("/organisation/departments").body["items"]}

    def tried(kind: str, key: str, after: Any) -> Reply:
        return sec.post("/access/simulate", {"changes": [{"kind": kind, "key": key, "after": after}]})

    cycle = tried("department", code["east"], {"parent": code["east1"]})
    assert (cycle.status, cycle.code) == (409, "cycle")
    itself = tried("department", code["east"], {"parent": code["east"]})
    assert itself.status == 409
    unknown = tried(
        "role", "rep", state([{"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"nmae": "read"}}])
    )
    assert (unknown.status, unknown.places) == (422, ["changes/0/after/lines/0/read/nmae"])
    many = tried("role", "rep", state([REP[0]] * 10_000))
    assert many.status in (413, 422)
    everything = tried("role", "rep", state([*REP, {"type": "opportunity", "actions": ["delete"], "scope": ["all"]}]))
    assert len(everything.body["warnings"]) == 1
    nothing = [
        {
            "type": "opportunity",
            "actions": ["read"],
            "scope": ["own"],
            "where": [["amount", "<", "1"], ["amount", ">", "2"]],
        }
    ]
    assert len(tried("role", "rep", state([*REP, *nothing])).body["warnings"]) == 1


def test_warnings_and_changes_call_subjects_by_their_names(world: World, sec: Api) -> None:
    """Whoever reads a draft is told of 「岗位 销售代表」, and never of ``position:rep``."""
    line = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read"}}
    code = {d["name"]: d["code"] for d in sec.get("/organisation/departments").body["items"]}["east"]
    position = sec.get("/organisation/positions").body["items"]
    rep = next(one for one in position if one["code"] == "rep")["name"]
    for subject, said in (
        ("position:rep", f"岗位 {rep}"), ("person:bob", "人员 Bob"), (f"department:{code}", "部门 east"),
        ("project_role:member", "任一项目的成员"),
    ):  # fmt: skip
        given = {"lines": [line], "subject": subject}
        told = sec.post("/access/simulate", {"changes": [{"kind": "grant", "key": "new-1", "after": given}]}).body
        everywhere = next(one for one in told["warnings"] if "全公司" in one["zh"])
        assert f"「给{said}的单项权限」第 1 条" in everywhere["zh"]
        assert subject not in everywhere["zh"] + everywhere["en"]
    assert told["changes"][0]["words"]["zh"].endswith("→ 任一项目的成员")
    given = {"lines": [line], "subject": "position:nobody"}
    wrong = sec.post("/access/simulate", {"changes": [{"kind": "grant", "key": "new-1", "after": given}]})
    assert wrong.body["problems"][0]["message"]["zh"] == "没有这个授权对象：岗位 nobody"
    never = {"name": "财务看不到客户", "name_en": "finance sees no customers", "who": {"role": ["finance"]}, "rule": "never",
             "type": "account", "action": "read"}  # fmt: skip
    rule = sec.post("/access/simulate", {"changes": [{"kind": "promise", "key": "fin", "after": never}]}).body
    assert "finance sees no customers" in rule["changes"][0]["words"]["en"], rule["changes"]


def test_the_past_under_a_draft_names_who_would_have_been_refused(world: World, sec: Api) -> None:
    deal = world.make("bob", "opportunity", name="B", amount="5")
    own = world.make("ann", "opportunity", name="A", amount="5")
    grant = Grant.objects.get(subject_kind="position", subject_id=str(world.positions["rep"])).pk
    today = clock.today()
    for record, n, days in ((deal, 5, 3), (own, 7, 3), (deal, 2, 60), (deal, 100, 120)):
        Use.objects.create(
            day=today - timedelta(days=days), person_id=world.people["bob"], grant_id=grant, type="opportunity",
            action="edit", record_id=record, n=n, last_at=clock.now(),
        )  # fmt: skip
    lines = [{**REP[0], "actions": ["read", "create"]}, *REP[1:]]
    number = draft(sec, ("role", "rep", state(lines)))
    told = sec.get(f"/access/drafts/{number}/replay")
    assert told.status == 200, told.body
    # of ann's deal bob may not edit anything now either; what is older than 90 days is left out
    assert (told.body["decisions"], told.body["people"], told.body["refused"]) == (14, 1, 7)
    assert told.body["refusals"][0]["person"]["username"] == "bob"
    sim = sec.get(f"/access/drafts/{number}/simulation").body
    assert [(row["person"]["username"], row["n"]) for row in sim["breaks"]] == [("bob", 5)], "of the last 30 days"


def used(world: World) -> None:
    """The managers' use of the last weeks: nobody approves, one alone transfers."""
    world.add("eva", "east", "manager")
    world.add("max", "west", "manager")
    grant = Grant.objects.get(subject_kind="position", subject_id=str(world.positions["manager"])).pk
    deal = world.make("ann", "opportunity", name="A", amount="5")
    for who, action, days in (("mei", "edit", 40), ("mei", "transfer", 2), ("mei", "read", 2), ("eva", "read", 2)):
        Use.objects.create(
            day=clock.today() - timedelta(days=days), person_id=world.people[who], grant_id=grant, type="opportunity",
            action=action, record_id=deal, n=3, last_at=clock.now(),
        )  # fmt: skip


def test_narrower_roles_are_proposed_from_their_use(world: World, sec: Api) -> None:
    assert sec.get("/access/narrower").body["enough"] is False
    used(world)
    told = sec.get("/access/narrower?role=manager").body
    assert told["enough"] is True
    found = {(p["kind"], p["type"], p["action"]) for p in told["items"]}
    assert ("unused", "opportunity", "approve") in found and ("unused", "account", "read") in found
    assert ("alone", "opportunity", "transfer") in found and ("alone", "opportunity", "read") not in found
    assert {(p["action"], p["scope"]) for p in told["items"] if p["kind"] == "scope"} >= {("read", "department")}


def test_what_is_proposed_is_taken_into_a_draft_in_one_press_and_in_parts(world: World, sec: Api) -> None:
    used(world)
    told = sec.get("/access/narrower?role=manager").body["items"]
    number = draft(sec)

    def take(*items: dict[str, Any], role: str = "manager", at: str = number) -> Reply:
        return sec.post(f"/access/drafts/{at}/narrower", {"role": role, "items": list(items)})

    def lines(kind: str) -> list[tuple[list[str], list[str], Any, Any]]:
        change = next(c for c in sec.get(f"/access/drafts/{number}").body["changes"] if c["kind"] == "role")
        return [
            (one["actions"], one["scope"], one.get("read"), one.get("write"))
            for one in change["after"]["lines"]
            if one["type"] == kind
        ]

    def of(kind: str, action: str, type: str = "opportunity") -> dict[str, Any]:
        one = next(p for p in told if (p["kind"], p["action"], p["type"]) == (kind, action, type))
        return {"line": one["line"], "kind": kind, "action": action}

    taken = take(of("unused", "approve"), of("alone", "transfer") | {"keep": True}, of("scope", "read"))
    assert (taken.status, taken.body["taken"]) == (200, 3), taken.body
    everything = {"*": "read"}
    assert lines("opportunity") == [
        (["edit", "assign"], ["below"], everything, None),
        (["read"], ["department"], everything, None),
    ]
    (given,) = [c["after"] for c in sec.get(f"/access/drafts/{number}").body["changes"] if c["kind"] == "grant"]
    assert given["subject"] == "person:mei" and given["lines"][0]["actions"] == ["transfer"]
    persons = {p["person"]["username"]: p for p in sec.get(f"/access/drafts/{number}/simulation").body["persons"]}
    assert {"approve"} <= {r["action"] for r in persons["mei"]["lost"]} and "transfer" not in {
        r["action"] for r in persons["mei"]["lost"]
    }
    # only some fields of another one, on what the draft says by now; what is gone already is said and does no harm
    more = take(of("unused", "read", "account") | {"fields": ["phone"]}, of("unused", "approve"))
    assert (more.status, more.body["taken"], more.body["already"]) == (200, 1, 1), more.body
    assert lines("account") == [
        (["edit", "transfer", "assign"], ["below"], everything, None),
        (["read"], ["below"], {"*": "read", "phone": "hidden"}, None),
    ]
    assert take(of("unused", "approve")).code == "already"
    # what is none, or goes not with it
    for item, status, place in (
        ({"line": 0, "kind": "unused", "action": "edit"}, 409, "items/0"),
        (of("unused", "read", "account") | {"fields": ["moon"]}, 422, "items/0/fields/0"),
        (of("unused", "approve") | {"fields": ["name"]}, 422, "items/0/fields/0"),
        (of("scope", "read") | {"fields": ["name"]}, 422, "items/0/fields"),
        (of("unused", "approve") | {"keep": True}, 422, "items/0/keep"),
        ({"line": -1, "kind": "unused", "action": "edit"}, 422, "items/0/line"),
    ):
        refused = take(item)
        assert (refused.status, refused.places) == (status, [place]), (item, refused.body)
    assert take(of("unused", "approve"), role="nothing").status == 404
    assert take(of("unused", "approve"), at="99999").status == 404
    # the role was changed meanwhile: nothing is taken from what it no longer is
    grants.save_role(worlds.SETUP, "manager", name="manager", lines=worlds.MANAGER[1:])
    assert take(of("unused", "approve")).code == "moved"
    assert (
        signed_in("ann")
        .post(f"/access/drafts/{number}/narrower", {"role": "manager", "items": [of("unused", "approve")]})
        .status
        == 403
    )


def test_only_who_may_read_the_rules_may_simulate(world: World, sec: Api) -> None:
    number = draft(sec, ("role", "rep", state(WIDER)))
    ann = signed_in("ann")
    for path in (
        f"/access/drafts/{number}/simulation",
        f"/access/drafts/{number}/replay",
        "/access/narrower",
        "/access/stamp",
    ):
        refused = ann.get(path)
        assert (refused.status, refused.body["why"]["type"]) == (403, "policy"), path
    assert ann.post("/access/simulate", {"what": {"kind": "role", "role": "rep"}}).status == 403


def test_before_eight_in_the_morning_it_is_the_companys_day_everywhere(world: World) -> None:
    """In China it is tomorrow already while it is still today in London: deals were lost yesterday, and the last decisions left out."""
    grants.grant_lines(
        worlds.SETUP,
        [{"type": "opportunity", "actions": ["lose"], "scope": ["own"]}],
        "person",
        str(world.people["ann"]),
    )
    with clock.at(datetime(clock.now().year + 1, 3, 9, 21, 0, tzinfo=UTC)):
        deal = world.make("ann", "opportunity", name="Deal", amount="700")
        ann = signed_in("ann")
        lost = ann.send(
            "POST",
            f"/records/opportunity/{deal}/actions/lose",
            {"lost_reason": "price"},
            If_Match=ann.get(f"/records/opportunity/{deal}").etag,
        )
        assert lost.status == 200, lost.body
        assert ann.get(f"/records/opportunity/{deal}").body["values"]["closed_on"].endswith("-03-10")
        mei, boss = signed_in("mei"), signed_in("boss")
        assert mei.get(f"/records/opportunity/{deal}").status == 200
        use.write_waiting.call()
        role = {"name": "manager", "lines": [{"type": "account", "actions": ["read"], "scope": ["own"]}]}
        found = boss.get(f"/access/drafts/{draft(boss, ('role', 'manager', role))}/replay").body
        assert [(one["person"]["username"], one["action"]) for one in found["refusals"]] == [("mei", "read")]
