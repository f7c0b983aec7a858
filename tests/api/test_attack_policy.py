"""Attacks through drafts: gaining later what the check of now does not see, passing for a loan, one person instead of two."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Ceiling, Grant
from heli.kernel import clock
from heli.org.models import Person
from heli.org.verbs import assign, leave, move_person
from tests.api.client import Reply
from tests.api.test_drafts import EXTRA, POLICY, Desk, at, dept, office, publish, role
from tests.world import SETUP, World

pytestmark = pytest.mark.storage
__all__ = ["office"]

ALL = {"type": "account", "actions": ["read"], "scope": ["all"]}


def later(**span: int) -> str:
    return (clock.now() + timedelta(**span)).isoformat()


def blocked(*things: tuple[str, str, Any], author: str = "sec") -> list[str]:
    """What stands against a draft with these changes."""
    desk = Desk(at(author)).begin()
    for kind, key, after in things:
        reply = desk.put(kind, key, after)
        assert reply.status == 200, reply.body
    return [p["code"] for p in desk.seen()["standing"]["blockers"]]


def test_an_author_gains_nothing_later_either(office: World) -> None:
    mine = {"lines": [ALL], "subject": "person:sec"}
    assert blocked(("grant", "new-1", {**mine, "starts": later(minutes=1)})) == ["self"]

    short = grants.grant_lines(SETUP, [ALL], "person", str(office.people["sec"]), ends=clock.now() + timedelta(days=1))
    state = {**mine, "starts": short.starts.isoformat(), "ends": later(days=900)}
    assert blocked(("grant", str(short.pk), state)) == ["self"]
    assert blocked(("grant", str(short.pk), {**state, "ends": later(hours=1)})) == []

    assign(
        SETUP,
        office.people["sec"],
        office.departments["east"],
        office.positions["rep"],
        starts=clock.now() + timedelta(days=1),
    )
    given = {"lines": [ALL], "subject": "position:rep"}
    assert blocked(("grant", "new-1", given)) == ["self"]


def test_an_author_does_not_bend_the_ceiling_above_them(office: World) -> None:
    grants.save_role(SETUP, "looker", name="looker", lines=[ALL])
    grants.grant_role(SETUP, "looker", "person", str(office.people["sec"]))
    grants.set_ceiling(SETUP, "none", name="none", type="account")
    whole: dict[str, Any] = {
        "name": "none",
        "type": "account",
        "kinds": None,
        "actions": None,
        "roles": None,
        "lines": [],
    }
    for bent in (
        {"actions": ["approve"]},
        {"type": "ticket"},
        {"roles": ["looker"]},
        {"active": False},
        {"kinds": ["contractor"]},
    ):
        assert blocked(("ceiling", "none", {**whole, **bent})) == ["self"], bent
    assert blocked(("ceiling", "none", {**whole, "roles": ["rep"]})) == [], "that lets others pass, not the author"
    assert Ceiling.objects.get(code="none").active


def test_a_policy_test_looks_ahead(office: World) -> None:
    promise = {"name": "no", "who": {"role": ["finance"]}, "rule": "never", "type": "account", "action": "read"}
    assert publish("sec", "sid", ("promise", "finance-accounts", promise)).status == 200
    given = {"lines": [ALL], "subject": "person:fin", "starts": later(minutes=1)}
    assert blocked(("grant", "new-1", given)) == ["promise"]


def test_the_last_administrators_do_not_run_out_tomorrow(office: World) -> None:
    management = role("management")
    kept = [line for line in management["lines"] if line["type"] != "policy"]
    ends: list[tuple[str, str, Any]] = [("role", "management", {**management, "lines": kept})]
    for grant in Grant.objects.filter(lines__isnull=False):
        if grant.lines == [POLICY]:
            name = Person.objects.get(pk=int(grant.subject_id)).username
            state = {"lines": grant.lines, "subject": f"person:{name}", "starts": grant.starts.isoformat()}
            ends.append(("grant", str(grant.pk), {**state, "ends": later(hours=2)}))
    assert set(blocked(*ends)) == {"nobody"}


@pytest.mark.parametrize("source", ["loan:1", "emergency:1", "request:1"])
def test_no_grant_of_a_draft_passes_for_a_loan(office: World, source: str) -> None:
    desk = Desk(at("sec")).begin()
    reply = desk.put("grant", "new-1", {"lines": [ALL], "subject": "person:ann", "source": source})
    assert (reply.status, reply.places) == (422, ["after/source"])


def test_a_loan_is_not_lengthened_by_a_draft(office: World) -> None:
    lent = grants.grant_lines(
        SETUP, [ALL], "person", str(office.people["ann"]), ends=clock.now() + timedelta(days=1), source="loan:1"
    )
    desk = Desk(at("sec")).begin()
    state = {"lines": [ALL], "subject": "person:ann", "starts": lent.starts.isoformat(), "source": "loan:1"}
    for after in (state, None):
        reply = desk.put("grant", str(lent.pk), after)
        assert (reply.status, reply.places) == (422, ["key"]), reply.body


def test_an_approval_falls_with_the_right_to_give_it(office: World) -> None:
    desk = Desk(at("sec")).begin()
    desk.put("role", "rep", role("rep", lines=[*role("rep")["lines"], EXTRA]))
    desk.step("submit")
    assert Desk(at("sid"), desk.draft).step("approve").status == 200
    leave(SETUP, office.people["sid"])
    assert desk.seen()["standing"]["approved_by"] == []
    assert desk.step("publish").code == "unapproved"


def mode(value: str) -> None:
    assert publish("sec", "sid", ("setting", "approval", {"value": value})).status == 200


def undo(author: str) -> Reply:
    api = at(author)
    version = api.get("/access/versions").body["items"][0]["id"]
    return api.post(f"/access/versions/{version}/undo", {})


def test_taking_back_what_narrowed_takes_two(office: World) -> None:
    """Else one alone gives back what two have taken away."""
    assert publish("sec", "sid", ("role", "rep", role("rep", lines=[]))).status == 200
    assert at("ann").get("/records/account").status == 404
    reply = undo("sid")
    assert (reply.status, reply.code) == (409, "unapproved")
    assert at("ann").get("/records/account").status == 404
    version = at("sid").get("/access/versions").body["items"][0]["id"]
    made = at("sid").post(f"/access/versions/{version}/draft", {"title": "Back"})
    assert made.status == 201, made.body
    desk = Desk(at("sid"), made.body["id"])
    assert desk.step("submit").status == 200 and desk.step("approve").code == "own"
    assert Desk(at("sec"), desk.draft).step("approve").status == 200 and desk.step("publish").status == 200
    assert at("ann").get("/records/account").status == 200, "as a draft two people take it back"


def test_a_name_of_a_rule_that_binds_is_taken_back_by_one(office: World) -> None:
    duty = {"name": "apart", "first": ["finance"], "second": ["rep"]}
    assert publish("sec", "sid", ("duty", "apart", duty)).status == 200
    assert publish("sec", "sid", ("duty", "apart", {**duty, "name": "Apart"})).status == 200
    assert undo("sid").status == 201
    weaker = {**duty, "second": ["support"]}
    assert publish("sec", "sid", ("duty", "apart", weaker)).status == 200
    assert undo("sid").code == "unapproved", "what it binds is another thing"


def test_one_alone_does_not_switch_approval_off_by_taking_back(office: World) -> None:
    mode("never")
    mode("always")
    assert undo("sid").code == "unapproved"


def test_a_role_does_not_stop_being_sensitive_by_one_hand(office: World) -> None:
    mode("widening")
    grants.save_role(SETUP, "vault", name="vault", lines=[EXTRA], sensitive=True)
    desk = Desk(at("sec")).begin()
    assert desk.put("role", "vault", role("vault", sensitive=False)).status == 200
    assert desk.step("publish").code == "not_submitted"


def test_moving_people_in_a_draft_is_no_way_around_the_second_person(office: World) -> None:
    """Not even where the company lets one alone publish."""
    mode("never")
    desk = Desk(at("sec")).begin()
    assert desk.put("post", "wei", {"department": dept("east"), "position": "rep"}).status == 200
    assert desk.step("publish").status == 200
    grants.save_role(SETUP, "vault", name="vault", lines=[{**POLICY, "actions": ["read", "grant"]}])
    grants.grant_role(SETUP, "vault", "position", str(office.positions["finance"]))
    desk = Desk(at("sec")).begin()
    assert desk.put("post", "wei", {"department": dept("east"), "position": "finance"}).status == 200
    assert desk.step("publish").code == "not_submitted"


def test_nor_around_it_where_the_author_comes_to_see_what_others_make(office: World) -> None:
    """Whoever moves somebody below themselves does not hold more than before, and sees more: also by taking a move back."""
    mode("never")
    move_person(SETUP, office.people["sec"], office.departments["west"])
    below = {"type": "account", "actions": ["read"], "scope": ["below"], "read": {"*": "read"}}
    grants.grant_lines(SETUP, [below], "person", str(office.people["sec"]))
    desk = Desk(at("sec")).begin()
    assert desk.put("post", "ann", {"department": dept("west"), "position": "rep"}).status == 200
    standing = desk.seen()["standing"]
    assert (standing["approvals"], standing["needs_approval"]) == (1, True)
    (said,) = standing["sight"]
    assert (
        "Ann" in said["zh"] and "今后的客户，包括敏感字段" in said["zh"] and "sensitive fields included" in said["en"]
    )
    seen = at("sec").get(f"{desk.path}/simulation").body["warnings"]
    assert said in seen, "who approves is told of it in the simulation as well"
    assert desk.step("publish").code == "not_submitted"
    assert desk.step("submit").status == 200 and Desk(at("sid"), desk.draft).step("approve").status == 200
    assert desk.step("publish").status == 200

    away = Desk(at("sec")).begin()
    assert away.put("post", "ann", {"department": dept("east"), "position": "rep"}).status == 200
    assert away.seen()["standing"]["sight"] == []
    assert away.step("publish").status == 200, "moving somebody out of sight takes one alone"
    assert undo("sec").code == "unapproved"
