"""Who may what, with its origin: everybody about themselves, security about anybody, and who sees a record among all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.audit import entries
from heli.kernel import clock
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


def test_two_people_part_at_one_step_and_the_smallest_fixes_follow(world: World) -> None:
    world.add("eva", "east", "rep")
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    ann, eva = signed_in("ann"), str(world.people["eva"])
    question = f"/access/why?action=read&type=opportunity&id={deal}&field=amount&beside={eva}"
    said = ann.get(question).body
    assert [one["step"] for one in said["left"]["steps"]] == ["person", "path", "fact", "level", "ceiling"]
    assert (said["left"]["allowed"], said["left"]["me"]) == (True, True)
    assert (said["right"]["allowed"], said["right"]["level"], said["parted"]) == (False, "masked", "level")
    assert [one["state"] for one in said["right"]["steps"]] == ["yes", "yes", "yes", "no", "skipped"]
    amount = next(one for one in said["cells"] if one["field"] == "amount")
    assert (amount["value"], amount["levels"]) == ("500.00", ["read", "masked"])
    assert [one["kind"] for one in said["fixes"]] == ["loan", "role"]
    loan = said["fixes"][0]
    assert (loan["records"], loan["fields"], loan["people"]) == (1, 1, 1)
    assert loan["approvers"][0]["username"] == "ann"
    assert said["fixes"][1]["records"] is None
    assert not said["fixes"][1]["act"]
    assert entries.query(actions=["why.beside"])[0].after["beside"] == "eva"
    boss = signed_in("boss").get(question.replace(f"&beside={eva}", f"&person={eva}")).body
    rule = boss["fixes"][-1]
    assert rule["people"] == 4
    lines = rule["act"]["draft"]["after"]["lines"]
    assert any(one["read"].get("amount") == "read" for one in lines if "department" in one["scope"])


def test_a_fix_that_is_made_is_enough(world: World) -> None:
    world.add("eva", "east", "rep")
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    ann, boss, eva = signed_in("ann"), signed_in("boss"), str(world.people["eva"])
    question = f"/access/why?action=edit&type=opportunity&id={deal}&person={eva}"
    found = {one["kind"]: one for one in boss.get(question).body["fixes"]}
    assert set(found) == {"loan", "team", "role"}
    tag = ann.get(f"/records/opportunity/{deal}").etag
    act = found["team"]["act"]
    assert ann.send(act["method"], act["path"], act["body"], if_match=tag).status == 200
    assert boss.get(question).body["left"]["allowed"] is True
    ann.post(
        f"/records/opportunity/{deal}/actions/team_remove",
        {"person": eva},
        if_match=ann.get(f"/records/opportunity/{deal}").etag,
    )
    assert boss.get(question).body["left"]["allowed"] is False
    from heli.access import grants

    draft = found["role"]["act"]["draft"]
    grants.save_role(SETUP, draft["key"], name=draft["key"], lines=draft["after"]["lines"])
    assert boss.get(question).body["left"]["allowed"] is True


def test_what_is_not_there_is_explained_in_the_same_words(world: World) -> None:
    ann = signed_in("ann")
    page = ann.get("/access/absent?page=policy").body
    assert page["allowed"] is False
    assert page["ask"][0]["username"] == "boss"
    listed = ann.get("/access/absent?type=ticket").body
    assert [fact["code"] for one in listed["missing"] for fact in one] == ["role:support", "role:management"]
    assert ann.get("/access/absent?type=opportunity&action=approve").body["allowed"] is False
    assert ann.get("/access/absent?type=opportunity").body["allowed"] is True
    total = ann.get("/access/absent?type=opportunity&sum=amount").body
    assert "east" in total["words"]["en"]
    assert [fact["code"] for one in total["missing"] for fact in one] == ["cells"]
    assert ann.get("/access/absent?type=nothing").status == 404
    assert ann.get("/access/absent?page=nothing").status == 404


def test_the_time_machine_answers_with_the_rights_of_that_day(world: World) -> None:
    world.add("eva", "east", "rep")
    with clock.at(clock.now() - timedelta(seconds=0)):
        pass
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    wei, boss = signed_in("wei"), signed_in("boss")
    before = clock.now().isoformat().replace("+", "%2B")
    assignments.assign(SETUP, world.people["wei"], world.departments["east"], world.positions["rep"], primary=False)
    question = f"action=read&type=opportunity&id={deal}"
    assert wei.get(f"/why?{question}").body["allowed"] is True
    then = wei.get(f"/why?{question}&at={before}").body
    assert (then["allowed"], then["ask"]) == (False, [])
    number = str(world.people["wei"])
    assert boss.get(f"/why?{question}&beside={number}&at={before}").body["theirs"]["allowed"] is False
    assert boss.get(f"/access/why?{question}&person={number}&at={before}").body["left"]["allowed"] is False
    assert "wei" not in seers(boss, f"type=opportunity&id={deal}&at={before}")
    assert "wei" in seers(boss, f"type=opportunity&id={deal}")
    assert len(boss.get(f"/access/people/{number}/rights?at={before}").body["grants"]) == 1
    for zone in ("-23:59", "%2B23:59"):  # Python knows zones up to a day from UTC, PostgreSQL up to sixteen hours
        assert boss.get(f"/why?{question}&at={before[:19]}{zone}").status in (200, 422)
    early = boss.get(f"/why?{question}&at=2001-01-01")
    assert (early.status, early.places) == (422, ["at"])
    assert "it is known from" in early.body["problems"][0]["message"]["en"]
    assert boss.get(f"/why?{question}&at=2999-01-01T00:00:00Z").status == 422


def test_a_sealed_field_that_has_changed_does_not_stop_the_time_machine(world: World) -> None:
    account = world.make("ann", "account", name="Acme", phone="13800001111")
    before = clock.now().isoformat().replace("+", "%2B")
    world.do("ann", "account", "edit", account, phone="13900001111")
    said = signed_in("ann").get(f"/why?action=read&type=account&id={account}&field=phone&at={before}")
    assert (said.status, said.body["allowed"]) == (200, True)


def test_the_acts_and_fields_that_are_not_mine_are_named_and_each_says_why(world: World) -> None:
    ann = signed_in("ann")
    assert ann.get("/access/things").body["acts"] == []
    assert ann.get("/access/things?type=nothing").status == 404
    for kind in [one["code"] for one in ann.get("/access/things").body["types"]]:
        found = ann.get(f"/access/things?type={kind}").body
        for one in found["acts"]:
            why = ann.get(f"/access/absent?type={kind}&action={one['code']}")
            assert (why.status, why.body["allowed"]) == (200, one["may"]), (kind, one["code"])
        for one in found["fields"]:
            why = ann.get(f"/access/absent?type={kind}&field={one['code']}")
            assert why.status == 200, (kind, one["code"])
            assert one["may"] or why.body["level"] == "hidden"
    assert {one["code"] for one in ann.get("/access/things?type=opportunity").body["acts"]} >= {"create", "delete"}
