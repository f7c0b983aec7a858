"""Attacks on the rules about rules: taking away what forbids, in the draft that does it or just before; power by one hand."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.audit import entries
from heli.kernel import clock
from heli.org.verbs import positions
from heli.policy.models import Duty, PolicyVersion, Promise
from tests.api.test_attack_policy import ALL, mode, undo
from tests.api.test_drafts import EXTRA, POLICY, Desk, at, office, publish, role, waiting
from tests.world import SETUP, World

pytestmark = pytest.mark.storage
__all__ = ["office"]

DUTY = {"name": "收付分离", "name_en": "apart", "first": ["finance"], "second": ["tills"]}
PROMISE = {
    "name": "财务看不到客户", "name_en": "finance sees no customers", "who": {"role": ["finance"]}, "rule": "never",
    "type": "account", "action": "read",
}  # fmt: skip
BOTH = ("grant", "new-1", {"role": "tills", "subject": "person:fin"})
SEES = ("grant", "new-1", {"lines": [ALL], "subject": "person:fin"})


@pytest.fixture
def guarded(office: World) -> World:
    """A third security administrator, a duty and a policy test that hold."""
    office.add("tom", "root", None)
    grants.grant_lines(SETUP, [POLICY], "person", str(office.people["tom"]))
    grants.save_role(SETUP, "tills", name="tills", lines=[EXTRA])
    Duty.objects.create(code="fin-tills", body=DUTY)
    Promise.objects.create(code="fin-acc", body={**PROMISE, "field": None, "level": "read", "scopes": []})
    return office


def draft(*things: tuple[str, str, Any], author: str = "sec") -> Desk:
    desk = Desk(at(author)).begin()
    for kind, key, after in things:
        reply = desk.put(kind, key, after)
        assert reply.status == 200, reply.body
    return desk


@pytest.mark.parametrize(
    ("things", "kind", "says"),
    [
        ((("duty", "fin-tills", None), BOTH), "duty", "Fin may not hold"),
        ((("duty", "fin-tills", {**DUTY, "second": ["rep"]}), BOTH), "duty", "Fin may not hold"),
        ((("promise", "fin-acc", None), SEES), "promise", "Fin may read"),
        ((("promise", "fin-acc", {**PROMISE, "scopes": ["all"]}), SEES), "promise", "Fin may read"),
    ],
)  # fmt: skip
def test_who_takes_a_rule_away_to_pass_it_says_so_and_needs_two_others(
    guarded: World, things: Any, kind: str, says: str
) -> None:
    desk = draft(*things)
    standing = desk.seen()["standing"]
    (lifted,) = standing["lifted"]
    assert (lifted["kind"], lifted["earlier"], standing["approvals"], standing["blockers"]) == (kind, False, 2, [])
    assert says in lifted["how"][0]["en"], lifted
    assert desk.step("submit").status == 200
    item = next(i for i in at("sid").get("/workbench").body["queue"] if i["kind"] == "draft")
    assert "two administrators" in item["why"]["en"]

    assert Desk(at("sid"), desk.draft).step("approve").status == 200
    assert "approve" not in Desk(at("sid"), desk.draft).seen()["may"], "one person is one approval"
    assert "publish" not in desk.seen()["may"]
    assert (waiting(at("sec")), waiting(at("sid")), waiting(at("tom"))) == ([], [], [desk.draft])
    assert Desk(at("sid"), desk.draft).step("approve").status in (200, 409)
    refused = desk.step("publish")
    assert (refused.status, refused.code) == (409, "unapproved")
    assert lifted["name"]["en"] in refused.body["message"]["en"]

    assert Desk(at("tom"), desk.draft).step("approve").status == 200
    assert waiting(at("sec")) == [desk.draft] and "publish" in desk.seen()["may"]
    assert desk.step("publish").status == 200
    told = entries.query(object_type="policy", actions=["policy.publish"])[0].after or {}
    assert told["lifted"] == [f"{kind}/{lifted['key']}"]
    assert told["approved_by"] == [guarded.people["sid"], guarded.people["tom"]]


def test_a_yes_that_was_taken_back_is_none(guarded: World) -> None:
    """Who returns a draft after approving it has said no; submitted again as it stands, it waits for them again."""
    desk = draft(("grant", "new-1", {"lines": [EXTRA], "subject": "person:ann"}))
    sid = Desk(at("sid"), desk.draft)
    assert (desk.step("submit").status, sid.step("approve").status, sid.step("return", "no").status) == (200, 200, 200)
    assert desk.step("submit").status == 200
    assert desk.step("publish").code == "unapproved"
    assert "approve" in sid.seen()["may"] and waiting(at("sid")) == [desk.draft]
    assert (sid.step("approve").status, desk.step("publish").status) == (200, 200)


def test_a_rule_that_nobody_passes_by_goes_with_one_approval(guarded: World) -> None:
    desk = draft(("duty", "fin-tills", None), ("promise", "fin-acc", None))
    assert (desk.seen()["standing"]["lifted"], desk.seen()["standing"]["approvals"]) == ([], 1)


def test_two_drafts_do_no_more_than_one(guarded: World) -> None:
    """First the rule, then what it forbade: for a month the second draft is looked at as if it were one."""
    assert publish("sec", "sid", ("duty", "fin-tills", None), ("promise", "fin-acc", None)).status == 200
    for thing in (BOTH, SEES):
        standing = draft(thing, author="tom").seen()["standing"]
        assert ([one["earlier"] for one in standing["lifted"]], standing["approvals"]) == ([True], 2), thing
    assert draft(("duty", "fin-tills", DUTY), BOTH).seen()["standing"]["blockers"][0]["code"] == "duty"
    PolicyVersion.objects.update(at=clock.now() - timedelta(days=31))
    assert draft(BOTH).seen()["standing"]["approvals"] == 1


def test_nor_does_a_draft_and_a_plain_act(guarded: World) -> None:
    """The rule goes with one approval, and a role that is asked for, a position, or a post does what it forbade: no."""
    till = positions.create_position(SETUP, "till", code="till")
    grants.grant_role(SETUP, "tills", "position", str(till))
    assert publish("sec", "sid", ("duty", "fin-tills", None), ("promise", "fin-acc", None)).status == 200
    fin = at("fin")
    for kind, body, code in (
        ("role", {"role": "tills"}, "duty"), ("role", {"role": "rep"}, "promise"), ("position", {"position": str(till)}, "duty"),
    ):  # fmt: skip
        asked = fin.post(f"/access/requests/{kind}", {**body, "reason": "x"})
        assert asked.status == 201, asked.body
        refused = at("sid").post(f"/access/requests/{asked.body['id']}/approve")
        assert (refused.status, refused.code) == (409, code), refused.body
        assert "binding still" in refused.body["message"]["en"] and "30 天" in refused.body["message"]["zh"]
    post = {"department": str(guarded.departments["finance"]), "position": str(till)}
    assign = f"/organisation/people/{guarded.people['fin']}/assign"
    assert at("adm").post(assign, post).code == "duty"
    assert draft(BOTH).seen()["standing"]["approvals"] == 2, "a draft that two approve is the way"
    PolicyVersion.objects.update(at=clock.now() - timedelta(days=31))
    assert at("adm").post(assign, post).status == 200


def test_what_two_allowed_is_allowed(guarded: World) -> None:
    desk = draft(("duty", "fin-tills", None), BOTH)
    desk.step("submit")
    for name in ("sid", "tom"):
        Desk(at(name), desk.draft).step("approve")
    assert desk.step("publish").status == 200
    grants.grant_role(SETUP, "tills", "person", str(guarded.people["bob"]))
    other = ("grant", "new-1", {"role": "finance", "subject": "person:bob"})
    assert draft(other).seen()["standing"]["approvals"] == 1


@pytest.mark.parametrize(
    "things",
    [
        (("grant", "n", {"lines": [{**POLICY, "actions": ["grant"]}], "subject": "person:ann"}),),
        (("grant", "n", {"role": "management", "subject": "position:rep"}),),
        (("grant", "n", {"role": "management", "subject": "project_role:lead"}),),
        (("role", "new", {"name": "x", "lines": [POLICY]}),),
        (
            ("role", "new", {"name": "x", "lines": [EXTRA], "sensitive": True}),
            ("grant", "n", {"role": "new", "subject": "person:ann"}),
        ),
        (("duty", "fin-tills", None),),
        (("promise", "fin-acc", {**PROMISE, "scopes": ["own"]}),),
        (("ceiling", "bound", None),),
        (("ceiling", "bound", {"name": "b", "type": "account", "active": False}),),
    ],
)  # fmt: skip
def test_no_word_of_the_company_lets_one_alone_make_somebody_powerful(guarded: World, things: Any) -> None:
    grants.set_ceiling(SETUP, "bound", name="bound", type="account", actions=["delete"])
    mode("never")
    desk = draft(*things)
    assert desk.seen()["standing"]["approvals"] == 1 and "publish" not in desk.seen()["may"]
    assert desk.step("publish").code == "not_submitted"
    assert desk.step("submit").status == 200
    assert desk.step("publish").code == "unapproved"
    assert Desk(at("sid"), desk.draft).step("approve").status == 200
    assert desk.step("publish").status == 200


def test_the_sensitive_rest_of_a_role_is_no_door_either(guarded: World) -> None:
    """A role that is sensitive already gives more, or is no longer called so; a name alone is a name."""
    mode("never")
    management = role("management")
    more = {**management, "lines": [*management["lines"], EXTRA]}
    assert draft(("role", "management", more)).step("publish").code == "not_submitted"
    assert draft(("duty", "fin-tills", {**DUTY, "name_en": "kept apart"})).step("publish").status == 200
    assert draft(("role", "rep", role("rep", lines=[*role("rep")["lines"], EXTRA]))).step("publish").status == 200
    fewer = {**management, "lines": management["lines"][1:]}
    assert draft(("role", "management", fewer)).step("publish").status == 200, "what only takes away takes nobody else"
    assert undo("sec").code == "unapproved", "and comes back by two"


def test_a_new_account_is_not_empowered_by_its_maker_alone(guarded: World) -> None:
    """Made with an ordinary post, then given a sensitive role by a draft that nobody has to approve: it takes another."""
    mode("never")
    grants.grant_lines(SETUP, [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}], "person",
                       str(guarded.people["sec"]))  # fmt: skip
    body = {"name": "新人", "username": "xin", "email": "xin@example.com",
            "department": str(guarded.departments["support"]), "position": str(guarded.positions["support"])}  # fmt: skip
    assert at("sec").post("/organisation/people", body).status == 201
    desk = draft(("grant", "n", {"role": "management", "subject": "person:xin"}))
    assert desk.step("publish").code == "not_submitted"


def by_two(desk: Desk) -> None:
    assert desk.step("submit").status == 200
    for name in ("sid", "tom"):
        assert Desk(at(name), desk.draft).step("approve").status == 200


def test_two_who_knew_of_one_rule_did_not_know_of_another(guarded: World) -> None:
    """A draft breaks one rule and takes a second away that it does not break: nobody was told what that one will allow."""
    desk = draft(("duty", "fin-tills", None), ("promise", "fin-acc", None), BOTH)
    assert [one["kind"] for one in desk.seen()["standing"]["lifted"]] == ["duty"]
    by_two(desk)
    assert desk.step("publish").status == 200
    later = draft(SEES, author="tom").seen()["standing"]
    assert ([(one["kind"], one["earlier"]) for one in later["lifted"]], later["approvals"]) == ([("promise", True)], 2)
    asked = at("fin").post("/access/requests/role", {"role": "rep", "reason": "x"})
    assert at("sid").post(f"/access/requests/{asked.body['id']}/approve").code == "promise"


def test_a_yes_is_for_what_it_knew_of(guarded: World) -> None:
    """Between the yes and the publication the same draft has come to break another rule: both are asked again."""
    desk = draft(("duty", "fin-tills", None), ("promise", "fin-acc", None), BOTH)
    by_two(desk)
    grants.save_role(SETUP, "tills", name="tills", lines=[EXTRA, ALL])
    refused = desk.step("publish")
    assert (refused.status, refused.code) == (409, "unapproved") and "finance sees" in refused.body["message"]["en"]
    seen = desk.seen()
    assert "publish" not in seen["may"] and seen["standing"]["approved_by"] == []
    for name in ("sid", "tom"):
        other = Desk(at(name), desk.draft)
        assert "approve" in other.seen()["may"] and other.step("approve").status == 200
    assert desk.step("publish").status == 200
    assert PolicyVersion.objects.latest("pk").lifted == ["duty/fin-tills", "promise/fin-acc"]
    assert draft(SEES, author="tom").seen()["standing"]["approvals"] == 1
