"""Attacks of people with an account: widening what they see by what they write, and breaking it for everyone."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.org.models import Project
from heli.org.verbs import positions
from heli.records import sql
from tests import world as worlds
from tests.api.client import signed_in
from tests.world import SETUP, World

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

ADMINISTRATOR = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
PROJECT = [{"type": "opportunity", "actions": ["read"], "scope": ["project"]}]


@pytest.fixture
def admin(world: World) -> World:
    grants.save_role(worlds.SETUP, "admin", name="admin", lines=ADMINISTRATOR)
    world.positions["admin"] = positions.create_position(worlds.SETUP, "admin", code="admin")
    grants.grant_role(worlds.SETUP, "admin", "position", str(world.positions["admin"]))
    world.add("ada", "root", "admin")
    return world


def test_an_administrator_does_not_let_themselves_into_a_project(admin: World) -> None:
    grants.save_role(worlds.SETUP, "member", name="member", lines=PROJECT)
    grants.grant_role(worlds.SETUP, "member", "project_role", "member")
    project = Project.objects.create(name="P1").pk
    api = signed_in("ada")
    said = api.post(f"/organisation/projects/{project}/members", {"person": str(admin.people["ada"])})
    assert (said.status, said.code) == (409, "self")
    assert api.get("/records/opportunity").status == 404, "no deal is theirs to see"
    other = api.post(f"/organisation/projects/{project}/members", {"person": str(admin.people["ann"])})
    assert other.status == 200, other.body


def test_an_administrator_makes_nobody_their_own_report_and_oversees_nothing_by_their_own_hand(admin: World) -> None:
    api, me = signed_in("ada"), str(admin.people["ada"])
    line = api.post(f"/organisation/people/{admin.people['ann']}/manager", {"manager": me})
    east = f"/organisation/departments/{admin.departments['east']}"
    assert (line.status, line.code) == (409, "self")
    assert api.patch(east, {"overseer": me}).status == 409
    assert api.patch(east, {"overseer": str(admin.people["boss"])}).status == 200


def test_a_customer_in_the_pool_opens_its_contacts_to_nobody_who_has_not_claimed_it(world: World) -> None:
    account = world.make("wei", "account", name="Pooled")
    world.make("wei", "contact", name="Secret", account=account)
    api = signed_in("ann")
    sql.execute("UPDATE crm_account SET owner_id=NULL, pool_id='all', account_owner_id=NULL WHERE id=%s", [account])
    sql.execute("UPDATE crm_contact SET owner_id=NULL, account_owner_id=NULL WHERE account_id=%s", [account])
    assert api.get(f"/records/account/{account}").status == 200
    said = api.post("/records/opportunity", {"name": "Probe", "account": account})
    assert (said.status, said.places) == (422, ["account"])
    mine = api.post("/records/opportunity", {"name": "Probe"})
    moved = api.patch(f"/records/opportunity/{mine.body['id']}", {"account": account}, if_match=mine.etag)
    assert (moved.status, moved.places) == (422, ["account"])
    assert api.get("/records/contact").body["items"] == []
    seen = api.get(f"/records/account/{account}")
    assert api.post(f"/records/account/{account}/actions/claim", if_match=seen.etag).status == 200
    assert api.post("/records/opportunity", {"name": "Deal", "account": account}).status == 201


def test_absurd_amounts_do_not_end_the_figures_of_everyone(world: World) -> None:
    most = 999_999_999_999_999_99
    for n in range(100):
        world.make("ann", "opportunity", name=f"D{n}", amount="999999999999999.99")
    said = signed_in("boss").get("/records/opportunity/count?sum=amount&by=stage")
    whole = f"{most * 100 // 100}.00"
    assert said.status == 200, said.body
    assert (said.body["sum"], said.body["readable"]) == (whole, 100)
    assert [group["sum"] for group in said.body["groups"].values()] == [whole]
    assert signed_in("boss").get("/workbench").status == 200


def test_which_hidden_cells_are_empty_is_not_told_by_the_lanes(world: World) -> None:
    deal = world.make("ann", "opportunity", name="Deal")
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"amount": "hidden"}}]
    world.add("eve", "support", None)
    grants.grant_lines(worlds.SETUP, lines, "person", str(world.people["eve"]))
    lanes = signed_in("eve").get(f"/records/opportunity/{deal}/moves").body["lanes"]
    assert all(lane["missing"] == [] and not lane["allowed"] for lane in lanes.values())


def test_a_helper_cannot_move_a_record_to_where_they_would_keep_it(world: World) -> None:
    """Who edits through the team may change what the deal says, not whose customer it hangs on: that decides who sees it."""
    grants.grant_lines(
        SETUP, [{"type": "opportunity", "actions": ["read", "edit"], "scope": ["customer"], "read": {"*": "read"}}],
        "person", str(world.people["wei"]),
    )  # fmt: skip
    ann, wei = signed_in("ann"), signed_in("wei")
    deal = world.make("ann", "opportunity", name="Deal", amount="5000")
    own = world.make("wei", "account", name="Mine")
    at = f"/records/opportunity/{deal}"
    lent = ann.post(
        f"{at}/actions/team_add", {"person": str(world.people["wei"]), "edit": True}, **{"If-Match": ann.get(at).etag}
    )
    assert lent.status == 200, lent.body
    seen = wei.get(at)
    assert (seen.body["access"]["name"], seen.body["access"]["account"]) == ("edit", "read")
    row = wei.get("/records/opportunity?fields=name,account").body
    assert row["access"][row["items"][0]["_a"]] == {"name": "edit", "account": "read"}, "the list says the same"
    moved = wei.patch(at, {"account": own}, **{"If-Match": seen.etag})
    assert (moved.status, moved.code) == (403, "lent"), moved.body
    why = wei.get(f"/why?action=edit&type=opportunity&id={deal}&field=account").body
    assert why["allowed"] is False
    assert {fact["code"] for facts in why["missing"] for fact in facts} >= {"scope:own", "scope:customer"}
    assert not any("team" in fact["code"] for facts in why["missing"] for fact in facts)
    assert wei.patch(at, {"name": "Better"}, **{"If-Match": seen.etag}).status == 200
    mine = world.make("ann", "account", name="Anns")
    fixed = ann.patch(at, {"account": mine}, **{"If-Match": ann.get(at).etag})
    assert fixed.status == 200, "whose own it is may put it right"
