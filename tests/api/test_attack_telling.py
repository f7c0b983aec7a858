"""Attacks on what is told beforehand and beside: what a hand-off lacks, by which copy somebody reads, what begins cases by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from heli.access import grants
from heli.kernel import clock
from tests.api.client import signed_in
from tests.api.test_hand_offs import HANDED
from tests.cases import Company, Play, process, settle, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
PLAIN = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "hidden", "name": "read"}}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HELI_HOME = tmp_path
    return tmp_path


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def test_why_a_criterion_cannot_be_worked_out_is_not_said_to_who_does_not_read_what_it_looks_at(world: Company) -> None:
    """That the amount is nothing would be told by the reason alone, beside a criterion of which nothing is said."""
    ratio = HANDED.replace("record.amount &gt; 1000", "1000 / record.amount &gt; 50")
    told = []
    for amount in ("0", "500"):
        play = Play(world, ratio, world.make("ann", "opportunity", name="Big", amount=amount))
        own = {one["place"]: one["message"]["en"] for one in play.seen("ann").body["mine"]["needs"]}
        assert ("zero" in own["packets/receive/criteria/large"]) == (amount == "0"), "who reads it is told why"
        assert play.act("ann", "transfer", to=str(world.people["sue"]), text="for you").status in (200, 204)
        told.append(play.seen("sue").body["mine"]["needs"])
    assert told[0] == told[1]
    [criterion] = [one for one in told[0] if "criteria" in one["place"]]
    assert criterion["lacking"] is None


def test_of_two_copies_by_one_step_that_is_told_whose_case_the_asker_may_know(world: Company) -> None:
    """The way of one case is known to Bob; that of the other went by what was proposed for a field that he does not read."""
    tell = (
        '<sendTask id="tell" name="告知 / Tell"><extensionElements><heli:assignee rule="position" position="support"/>'
        '<heli:form show="name"/><heli:people empty="skip"/></extensionElements></sendTask>'
    )
    file = process(
        task("lead", "manager"), tell, "s>lead", "lead>x1", "x1>e", "x1>tell if 'name' in changed or 'competitor' in changed", "tell>e",
        subject='type="opportunity" right="edit" proposes="name competitor"',
    )  # fmt: skip
    grants.grant_lines(SETUP, [PLAIN], "person", str(world.people["bob"]))
    world.add("uma", "root", None)
    deal = world.make("wei", "opportunity", name="Big", amount="5000")
    plays = []
    for hours, change in enumerate(({"name": "Bigger"}, {"competitor": "Acme"})):
        with clock.at(clock.now() + timedelta(hours=hours)):
            play = Play(world, file, deal, "wei", change=change)
            (lead,) = play.where()["lead"]
            assert play.approve(lead).status in (200, 204)
            settle()
        plays.append(play)
    bob = plays[0].at("bob")
    first, second = (play.seen("sue").body["copied"]["until"] for play in plays)
    assert first < second
    asked = f"/access/why?action=read&type=opportunity&id={deal}&person={world.people['sue']}"
    for path in (f"/records/opportunity/{deal}/who", f"/access/who?type=opportunity&id={deal}"):
        body = bob.get(path).body
        [one] = [one for one in body.get("people", body.get("items")) if one["person"]["name"] == "Sue"]
        assert (one["via"]["en"], one["until"]) == (f"a copy by “Approval, Tell” (#{plays[0].id})", first)
    steps = {one["step"]: one for one in bob.get(asked).body["left"]["steps"]}
    assert f"(#{plays[0].id})" in steps["fact"]["note"]["en"]
    reads_rules = {"type": "policy", "actions": ["read"], "scope": ["all"]}
    grants.grant_lines(SETUP, [PLAIN, reads_rules], "person", str(world.people["uma"]))
    beside = f"/why?action=read&type=opportunity&id={deal}&beside={world.people['sue']}"
    [fact] = [one["fact"]["en"] for one in signed_in("uma").get(beside).body["theirs"]["because"]]
    assert fact.startswith(f"“Approval, Tell” sent them a copy (#{plays[0].id}), which")
    theirs = signed_in("wei").get(f"/records/opportunity/{deal}/who").body["people"]
    [own] = [one for one in theirs if one["person"]["name"] == "Sue"]
    assert own["until"] == second, "who may know of both is told of the one that lasts"
