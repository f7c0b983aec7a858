"""Where asking for access cannot help: what would is said instead, and nothing that the asker may not know."""

from __future__ import annotations

import pytest

from heli.access import freeze, grants
from heli.kernel.actor import Actor
from tests.api.client import signed_in
from tests.cases import Company, Play, process, task
from tests.world import SETUP, fresh

pytestmark = pytest.mark.django_db
HOLDS = process(
    task("lead", "manager", more='<heli:sla within="P2D"/>'), "s>lead", "lead>e",
    subject='type="opportunity" right="edit" holds="amount"',
)  # fmt: skip


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def test_who_is_frozen_is_told_who_releases_them_and_not_to_ask_for_access(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Deal", amount="10")
    ann = signed_in("ann")
    why = f"/why?action=read&type=opportunity&id={deal}&field=amount"
    assert "instead" not in ann.get(why).body
    freeze.freeze(Actor(world.people["boss"], "Boss"), world.people["ann"], "reads too much")
    told = ann.get(why).body
    assert (told["allowed"], told["ask"]) == (False, [])
    assert told["instead"]["code"] == "frozen"
    assert [one["username"] for one in told["instead"]["people"]] == ["boss"]
    assert "no end by itself" in told["instead"]["ends"]["en"]
    assert "reads too much" not in str(told), "why is for security and them to speak of"
    (bar,) = ann.get(f"/access/askable?type=opportunity&id={deal}").body["instead"]
    assert (bar["code"], bar["act"]) == ("frozen", "read") and "amount" in bar["fields"]
    assert "instead" not in ann.get(f"/why?action=edit&type=opportunity&id={deal}&field=name").body
    freeze.release(Actor(world.people["boss"], "Boss"), world.people["ann"], "all well")
    assert "instead" not in ann.get(why).body


def test_a_field_held_by_a_case_says_with_whom_it_stands_and_when_it_ends_as_far_as_they_may_know(
    world: Company,
) -> None:
    deal = world.make("ann", "opportunity", name="Deal", amount="10")
    ann = signed_in("ann")
    why = f"/why?action=edit&type=opportunity&id={deal}&field=amount"
    assert ann.get(why).body["allowed"]
    play = Play(world, HOLDS, deal)
    told = play.at("ann").get(why).body
    assert (told["allowed"], told["because"], told["ask"]) == (False, [], [])
    held = told["instead"]
    assert (held["code"], held["href"]) == ("process", f"/flows/{play.id}")
    assert [one["username"] for one in held["people"]] == ["mei"]
    assert "the present step is due" in held["ends"]["en"]
    assert "instead" not in play.at("ann").get(f"/why?action=edit&type=opportunity&id={deal}&field=name").body
    page = play.at("ann").get("/records/opportunity?fields=name,amount").body
    (row,) = page["items"]
    assert list(page["kept"][deal]) == ["amount"] and play.id in page["kept"][deal]["amount"]["en"], (
        "a list says so too"
    )
    assert page["access"][row["_a"]] == {"name": "edit", "amount": "read"}
    assert play.at("ann").get("/records/opportunity?fields=name").body["kept"] == {}
    assert "kept" not in str(play.at("sue").get("/records/opportunity").body.get("kept") or ""), (
        "who edits none is told none"
    )
    unseen = play.at("wei").get(why).body
    assert "instead" not in unseen and unseen["missing"][0][0]["code"] == "unseen"
    assert play.approve("mei").status == 200
    assert play.at("ann").get(why).body["allowed"]


def test_what_a_ceiling_forbids_is_not_asked_for_but_changed_by_security(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Deal", amount="10")
    grants.set_ceiling(SETUP, "closed", name="quarter closed", type="opportunity", actions=["edit"], lines=[])
    told = signed_in("ann").get(f"/why?action=edit&type=opportunity&id={deal}").body
    assert told["instead"]["code"] == "ceiling" and "quarter closed" in told["instead"]["words"]["en"]
