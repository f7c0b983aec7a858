"""Leaving and changing post in one place: what is held, who takes it over, and that no record is lost or moved twice."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from tests.invariants import stage


def kill(company: Any, _: str) -> object:
    """A hand-over's worker is killed at many of its statements, started again each time, and at last goes through."""
    from heli.org import verbs as org
    from heli.records import owned
    from heli.review import handover
    from tests.invariants.test_crash_writes import die_at
    from tests.world import SETUP

    deals = [company.make("ann", "opportunity", name=f"D{n}") for n in range(6)]
    accounts = [company.make("ann", "account", name=f"A{n}") for n in range(6)]
    handover.PART = 2
    org.leave(SETUP, company.people["ann"])
    by = SETUP.__class__(company.people["boss"], "Boss", "test")
    rules = [handover.Rule("account", None, company.people["wei"]), handover.Rule("*", None, company.people["bob"])]
    from heli.audit import log

    with log.transaction():
        made = handover.begin(by, company.people["ann"], "leaving", rules)
    assert made is not None
    killed = 0
    for point in range(5, 400, 9):

        def work(point: int = point) -> None:
            die_at(point, before=bool(point % 2))
            handover.run.call(made.pk)

        status = os.waitpid(stage.fork(work), 0)[1]
        if not os.WIFSIGNALED(status):
            break
        killed += 1
    made.refresh_from_db()
    wei, bob = owned.counts(company.people["wei"]), owned.counts(company.people["bob"])
    from heli.audit.models import Entry

    moved = list(Entry.objects.filter(action__endswith=".transfer").values_list("object_id", flat=True))
    return {
        "killed": killed, "state": made.state, "done": made.done, "total": made.total,
        "accounts": sum(wei.get("account", {}).values()), "deals": sum(bob.get("opportunity", {}).values()),
        "left": owned.counts(company.people["ann"]), "moved": sorted(moved), "expected": sorted([*deals, *accounts]),
    }  # fmt: skip


if __name__ == "__main__":
    stage.say(globals()[sys.argv[1]](stage.open_company(), sys.argv[2]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

from heli.access import grants  # noqa: E402
from heli.access.models import Grant  # noqa: E402
from heli.audit import entries  # noqa: E402
from heli.jobs import worker  # noqa: E402
from heli.org.models import Assignment, Person  # noqa: E402
from tests.api.client import Api, signed_in  # noqa: E402
from tests.world import SETUP, World  # noqa: E402

pytestmark = pytest.mark.storage

ADMIN = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
WIDE = [{"type": "account", "actions": ["read"], "scope": ["all"]}]


@pytest.fixture
def adm(world: World) -> Api:
    world.add("adm", "root", None)
    grants.grant_lines(SETUP, ADMIN, "person", str(world.people["adm"]))
    return signed_in("adm")


def rule(world: World, to: str, type: str = "*", department: str | None = None) -> dict[str, Any]:
    place = str(world.departments[department]) if department else None
    return {"type": type, "department": place, "to": str(world.people[to])}


def test_all_that_a_person_holds_stands_in_one_place_in_numbers(world: World, adm: Api) -> None:
    for n in range(3):
        world.make("ann", "account", name=f"Secret {n}")
    world.make("ann", "opportunity", name="Secret deal")
    grants.grant_lines(SETUP, WIDE, "person", str(world.people["ann"]))
    ann = signed_in("ann")
    ann.get(f"/records/account/{world.list('ann', 'account')[0]['id']}")
    from heli.access import use

    use.flush()
    here = f"/access/people/{world.people['ann']}/holdings"
    found = adm.get(here)
    assert {one["type"]: one["count"] for one in found.body["records"]} == {"account": 3, "opportunity": 1}
    assert found.body["sessions"] == 1
    assert [one["what"]["zh"] for one in found.body["grants"]] == ["查看 客户（全公司）"]
    assert next(one for one in found.body["seen"][0]["types"] if one["type"] == "account")["opened"] == 1
    assert "Secret" not in str(found.body)
    assert signed_in("mei").get(here).status == 403
    assert "person.holdings" in [e.action for e in entries.query(actor_id=world.people["adm"], limit=5)]


def test_a_leaver_loses_everything_in_that_request_and_records_go_by_rules(world: World, adm: Api) -> None:
    east = [world.make("ann", "account", name=f"A{n}") for n in range(2)]
    deal = world.make("ann", "opportunity", name="Deal")
    wide = grants.grant_lines(SETUP, WIDE, "person", str(world.people["ann"])).pk
    ann = signed_in("ann")
    here = f"/access/people/{world.people['ann']}"
    rules = [rule(world, "bob", "account", "east"), rule(world, "wei", "opportunity")]
    said = adm.post(f"{here}/handover/preview", {"rules": rules}).body
    assert said["work"] == [], "of work in processes there is none"
    assert {one["type"]: [(t["person"]["username"], t["count"]) for t in one["to"]] for one in said["types"]} == {
        "account": [("bob", 2)], "opportunity": [("wei", 1)],
    }  # fmt: skip
    assert said["left"] == 0
    began = adm.post(f"{here}/offboard", {"rules": rules})
    assert began.status == 200, began.body
    assert ann.get("/me").status == 401
    assert Grant.objects.get(pk=wide).revoked_at is not None
    assert Person.objects.get(pk=world.people["ann"]).status == Person.LEFT
    worker.drain()
    progress = adm.get(f"{here}/handover").body
    assert (progress["state"], progress["done"], progress["total"], progress["refused"]) == ("done", 3, 3, 0)
    assert {row["id"] for row in world.list("bob", "account")} == set(east)
    assert deal in {row["id"] for row in world.list("wei", "opportunity")}
    told = entries.query(object_type="account", object_id=east[0], limit=5)
    assert (told[0].action, told[0].actor_name, told[0].via) == (
        "account.transfer",
        "Adm",
        f"hand-over {progress['id']}",
    )
    again = adm.post(f"{here}/offboard", {"rules": []})
    assert again.code == "left"


def test_what_no_rule_names_stays_and_can_be_handed_over_later(world: World, adm: Api) -> None:
    world.make("ann", "account", name="A")
    deal = world.make("ann", "opportunity", name="Deal")
    here = f"/access/people/{world.people['ann']}"
    assert adm.post(f"{here}/offboard", {"rules": [rule(world, "bob", "account")]}).body["handover"]["total"] == 1
    worker.drain()
    assert [one["type"] for one in adm.get(f"{here}/holdings").body["records"]] == ["opportunity"]
    listed = adm.get("/access/leavers").body["items"]
    assert [(one["person"]["username"], one["status"], one["records"]) for one in listed] == [("ann", "left", 1)]
    Person.objects.filter(username="bob").update(leaving_on="2030-01-31")
    first = adm.get("/access/leavers").body["items"][0]
    assert (first["person"]["username"], first["status"], first["day"]) == ("bob", "leaving", "2030-01-31"), (
        "who gave notice"
    )
    assert adm.post(f"{here}/handover", {"rules": [rule(world, "wei")]}).status == 200
    worker.drain()
    assert deal in {row["id"] for row in world.list("wei", "opportunity")}


def test_nobody_lets_themselves_leave_nor_hands_records_to_themselves(world: World, adm: Api) -> None:
    world.make("ann", "account", name="A")
    own = f"/access/people/{world.people['adm']}"
    assert adm.post(f"{own}/offboard", {"rules": []}).code == "self"
    assert adm.post(f"{own}/handover", {"rules": [rule(world, "bob")]}).code == "self"
    reply = adm.post(f"/access/people/{world.people['ann']}/offboard", {"rules": [rule(world, "adm")]})
    assert (reply.status, reply.places) == (422, ["rules/0/to"])
    assert Person.objects.get(pk=world.people["ann"]).status == Person.ACTIVE


@pytest.mark.parametrize(
    ("rules", "places"),
    [
        ([{"type": "planet", "to": "bob"}], ["rules/0/type"]),
        ([{"to": "ann"}], ["rules/0/to"]),
        ([{"to": "bob"}, {"to": "wei"}], ["rules/1"]),
        ([{"to": "bob", "department": "999999"}], ["rules/0/department"]),
    ],
)
def test_wrong_rules_leave_everything_as_it_was(
    world: World, adm: Api, rules: list[dict[str, Any]], places: list[str]
) -> None:
    sent = [{**one, "to": str(world.people[one["to"]])} for one in rules]
    reply = adm.post(f"/access/people/{world.people['ann']}/offboard", {"rules": sent})
    assert (reply.status, reply.places) == (422, places)
    assert Person.objects.get(pk=world.people["ann"]).status == Person.ACTIVE


def test_changing_post_tells_what_ends_and_begins_and_does_it(world: World, adm: Api) -> None:
    deal = world.make("ann", "opportunity", name="Deal")
    wide = grants.grant_lines(SETUP, WIDE, "person", str(world.people["ann"])).pk
    here = f"/access/people/{world.people['ann']}"
    place, job = str(world.departments["support"]), str(world.positions["support"])
    said = adm.get(f"{here}/moving?department={place}&position={job}").body
    assert any("商机" in one["what"]["zh"] for one in said["ends"])
    assert {one["type"] for one in said["begins"]} >= {"ticket"}
    assert [one["id"] for one in said["grants"]] == [str(wide)]
    assert Assignment.objects.filter(person_id=world.people["ann"]).count() == 1
    moved = {"department": place, "position": job, "revoke": [str(wide)], "rules": [rule(world, "bob")]}
    assert adm.post(f"{here}/move", moved).status == 200
    worker.drain()
    assert Grant.objects.get(pk=wide).revoked_at is not None
    assert world.as_("ann").view.may("ticket", "edit")  # type: ignore[union-attr]
    assert not world.as_("ann").view.may("opportunity", "edit")  # type: ignore[union-attr]
    assert deal in {row["id"] for row in world.list("bob", "opportunity")}
    same = adm.get(f"{here}/moving?department={place}&position={job}")
    assert same.code == "same"


def test_a_killed_hand_over_goes_on_and_moves_each_record_once(tmp_path: Path) -> None:
    said = stage.program(__file__, tmp_path, "kill", "", seconds=300)
    assert said["killed"] >= 5
    assert (said["state"], said["done"], said["total"]) == ("done", 12, 12)
    assert (said["accounts"], said["deals"], said["left"]) == (6, 6, {})
    assert said["moved"] == said["expected"]
