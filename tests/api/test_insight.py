"""Who may what, with its origin: everybody about themselves, security about anybody, and who sees a record among all."""

from __future__ import annotations

from typing import Any

import pytest

from heli.audit import entries
from heli.kernel.ids import uuid7
from heli.org.verbs import assignments, people
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def seers(api: Api, question: str) -> dict[str, str]:
    """User names of everybody who may, with the reason."""
    found: dict[str, str] = {}
    after: int | None = 0
    while after is not None:
        reply = api.get(f"/access/who?{question}&after={after}")
        assert reply.status == 200, reply.body
        found |= {one["person"]["username"]: one["via"]["en"] for one in reply.body["items"]}
        after = reply.body["next"]
    assert reply.body["count"] == len(found)
    return found


def test_everyone_reads_their_own_rights_and_where_they_come_from(world: World) -> None:
    ann = signed_in("ann")
    said = ann.get("/access/me/rights").body
    assert said["person"]["username"] == "ann"
    assert [(one["role"], one["path"], one["via"]["en"]) for one in said["grants"]] == [
        ("rep", "position", "rep, east")
    ]
    deals = next(one for one in said["types"] if one["code"] == "opportunity")
    actions = {one["action"]: one for one in deals["actions"]}
    assert {"read", "edit", "delete", "share"} <= set(actions)
    assert {one["scope"]["en"] for one in actions["read"]["origins"]} == {"own", "department (east)", "team"}
    amount = next(one for one in deals["fields"] if one["code"] == "amount")
    assert (amount["level"], amount["sometimes"]) == ("edit", True)
    number = str(world.people["ann"])
    assert ann.get(f"/access/people/{number}/rights").body == said


def test_only_who_reads_the_rules_sees_anothers_rights_and_that_is_written_down(world: World) -> None:
    mei = str(world.people["mei"])
    assert signed_in("ann").get(f"/access/people/{mei}/rights").status == 403
    said = signed_in("boss").get(f"/access/people/{mei}/rights").body
    assert [one["role"] for one in said["grants"]] == ["manager"]
    deals = next(one for one in said["types"] if one["code"] == "opportunity")
    approve = next(one for one in deals["actions"] if one["action"] == "approve")
    assert [(one["scope"]["en"], one["limit"]) for one in approve["origins"]] == [
        ("department and below (east)", 50_000_000)
    ]
    assert entries.query(actions=["rights.read"])[0].object_id == mei


def test_who_sees_a_record_is_told_to_who_sees_it(world: World) -> None:
    deal = world.make("ann", "opportunity", name="Deal", amount="50000")
    told = seers(signed_in("ann"), f"type=opportunity&id={deal}")
    assert told == {"ann": "its owner", **dict.fromkeys(("boss", "mei", "fin"), "another reason")}
    assert seers(signed_in("boss"), f"type=opportunity&id={deal}")["mei"] == "manager, department and below"
    for unseen in (deal, uuid7()):
        assert signed_in("wei").get(f"/access/who?type=opportunity&id={unseen}").status == 404
    assert set(seers(signed_in("ann"), f"type=opportunity&id={deal}&action=edit")) == {"ann", "mei"}


def test_who_holds_only_by_a_cell_that_the_asker_does_not_read_stays_open(world: World) -> None:
    """Finance sees deals of 1,000 and more; a colleague who sees amounts masked learns of no amount from it."""
    world.add("amy", "east", "rep")
    amy = signed_in("amy")
    told: list[Any] = []
    for amount in ("5", "50000"):
        deal = world.make("ann", "opportunity", name="Deal", amount=amount)
        found = amy.get(f"/access/who?type=opportunity&id={deal}").body["items"]
        told.append([(one["person"]["username"], one["via"]["en"], one["maybe"]) for one in found])
        assert (amount == "50000") == ("fin" in seers(signed_in("boss"), f"type=opportunity&id={deal}"))
    assert told[0] == told[1]
    assert ("fin", "depends on a field that you do not read", True) in told[0]


def test_who_could_is_for_who_reads_the_rules(world: World) -> None:
    assert signed_in("ann").get("/access/who?type=opportunity&action=approve").status == 403
    assert seers(signed_in("boss"), "type=opportunity&action=approve") == {"mei": "manager, department and below"}


def test_a_change_of_one_person_or_of_the_rules_shows_at_once(world: World) -> None:
    deal = world.make("ann", "opportunity", name="Deal")
    boss = signed_in("boss")
    question = f"type=opportunity&id={deal}"
    assert "tom" not in seers(boss, question)
    tom = people.add_person(SETUP, "tom", "Tom")
    assignments.assign(SETUP, tom, world.departments["east"], world.positions["rep"])
    assert "tom" in seers(boss, question)
    assignments.move_person(SETUP, tom, world.departments["west"])
    assert "tom" not in seers(boss, question)
    from heli.access import grants

    given = grants.grant_role(SETUP, "management", "everyone")
    assert "tom" in seers(boss, question)
    grants.revoke(SETUP, given.pk)
    assert "tom" not in seers(boss, question)
