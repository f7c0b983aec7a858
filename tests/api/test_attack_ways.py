"""Attacks on the way that a case took, from the permission centre: who has work at a record tells what a condition found in a cell that
the asker does not read, whoever's eyes they borrow."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.kernel import clock
from tests.api.client import Api, signed_in
from tests.api.test_attack_unread import line, told
from tests.cases import Company, Play, process, publish, task
from tests.world import SETUP, fresh

pytestmark = pytest.mark.django_db
BY_AMOUNT = process(
    task("lead", "position support"), task("small", "position finance"), "s>x1", "x1>lead if record.amount >= 1000", "x1>small",
    "lead>e", "small>e", subject='type="opportunity" right="edit" holds="amount"',
)  # fmt: skip


@pytest.fixture
def world(db: None) -> Company:
    made = fresh(Company)
    made.add("amy", "east", "rep")
    made.add("sec", "root", None)
    lines = [line("policy", ["read"], "all"), line("opportunity", ["read"], "all", read={"amount": "masked"})]
    grants.save_role(SETUP, "sec_role", name="sec_role", lines=lines)
    grants.grant_role(SETUP, "sec_role", "person", str(made.people["sec"]))
    return made


def two(world: Company) -> tuple[str, str]:
    """A small deal and a big one, each in a case; by the amount the one waits for finance and the other for support."""
    small, big = (world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000"))
    Play(world, BY_AMOUNT, small)
    assert signed_in("ann").post("/flows/instances", {"process": "deal", "record": big}).status == 201
    return small, big


def names(api: Api, deal: str) -> set[str]:
    found = api.get(f"/access/who?type=opportunity&id={deal}").body["items"]
    return {one["person"]["username"] for one in found}


@pytest.mark.parametrize("asker", ["amy", "sec"])
def test_who_has_work_at_a_record_is_told_to_who_may_know_the_way_there(world: Company, asker: str) -> None:
    small, big = two(world)
    api, differ = signed_in(asker), []
    asked = ["/access/who?type=opportunity&id=RECORD", "/access/who?type=opportunity&id=RECORD&field=amount"]
    asked += [f"/records/opportunity/RECORD/{one}" for one in ("who", "mentionable", "mentionable?q=sue")]
    for whom in ("sue", "fin"):
        pk = world.people[whom]
        asked += [f"/why?type=opportunity&id=RECORD&action=read&beside={pk}"]
        asked += [
            f"/access/{one}?type=opportunity&id=RECORD&action=read&field=name&person={pk}" for one in ("why", "fixes")
        ]
    past = clock.now().isoformat().replace("+", "%2B")
    asked += [f"{one}&at={past}" for one in asked if one.startswith(("/access/who", "/why"))]
    for path in asked:
        if told(api, path, small) != told(api, path, big):
            differ.append(path)
    assert not differ, differ


def test_who_reads_all_that_turned_it_is_told_of_the_work(world: Company) -> None:
    small, big = two(world)
    mei = signed_in("mei")
    assert "sue" in names(mei, big) and "sue" not in names(mei, small)
    assert mei.get(f"/why?type=opportunity&id={big}&action=read&beside={world.people['sue']}").body["theirs"]["allowed"]
    sue = signed_in("sue")
    assert "sue" in names(sue, big), "their own work is no secret to them"
    assert sue.get(f"/why?type=opportunity&id={big}&action=read").body["allowed"]


def test_where_nothing_turns_a_case_everybody_is_told_who_has_it(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    Play(world, process(task("lead", "position support"), "s>lead", "lead>e"), deal)
    assert "sue" in names(signed_in("amy"), deal)
    sec = signed_in("sec")
    as_sue(sec, world)
    assert sec.get(f"/records/opportunity/{deal}").status == 200


def as_sue(sec: Api, world: Company) -> None:
    assert sec.post("/access/view-as", {"person": str(world.people["sue"]), "reason": "they ask why"}).status == 200


def test_looking_as_somebody_tells_no_way_by_the_work_that_they_have(world: Company) -> None:
    """They see this one deal by their work at a step; the looker sees both deals, and no amount."""
    small, big = two(world)
    sec = signed_in("sec")
    as_sue(sec, world)
    seen: list[Any] = [sec.get(f"/records/opportunity/{one}").status for one in (small, big)]
    assert seen == [404, 404]
    sec.delete("/access/mode")
    # by a right of their own they see both: that a case holds the amount is known, with whom it stands is not
    grants.grant_lines(
        SETUP, [line("opportunity", ["read", "edit"], "all", read={"*": "read"})], "person", str(world.people["sue"])
    )
    as_sue(sec, world)
    path = "/why?action=edit&type=opportunity&id=RECORD&field=amount"
    found = [sec.get(path.replace("RECORD", one)).body["instead"] for one in (small, big)]
    assert [one["people"] for one in found] == [[], []]
    assert found[0]["ends"] == found[1]["ends"]


@pytest.mark.parametrize("asker", ["amy", "sec"])
def test_that_a_colleague_has_work_at_some_step_is_not_told_without_the_case(world: Company, asker: str) -> None:
    """Asked of no record or of another one, "why" said that they may read such a thing, and by which step, as long as they had work there."""
    deals = [world.make("ann", "opportunity", name="Deal", amount=amount) for amount in ("500", "5000", "5")]
    asked = [
        f"/why?type=opportunity&action={action}&beside={world.people['sue']}{record}"
        for action in ("read", "edit", "delete") for record in ("", f"&id={deals[2]}")
    ]  # fmt: skip
    api, found = signed_in(asker), []
    publish(world, BY_AMOUNT)
    for deal in deals[:2]:
        assert signed_in("ann").post("/flows/instances", {"process": "deal", "record": deal}).status == 201
        found.append([told(api, one, deals[2]) for one in asked])
    assert found[0] == found[1]
    assert "workitem:" not in str(found)
