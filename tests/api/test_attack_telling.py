"""Attacks on what is told beforehand and beside: what a hand-off lacks, by which copy somebody reads, what begins cases by itself."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from heli.access import grants
from heli.kernel import clock
from tests.api.client import signed_in
from tests.api.test_flow_events import on, starts
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


def begins(world: Company, who: str, where: str, **more: str) -> dict[str, Any]:
    """What somebody publishes that begins by itself."""
    file = process(task("look", "initiator", show="name"), "s>look", "look>e")
    made = signed_in(who).send(
        "POST", "/flows/processes", {"source": starts(file, on(event="opportunity.create", where=where, **more))}
    )
    assert made.status == 201, made.body
    found: dict[str, Any] = made.body
    return found


def test_what_begins_by_itself_waits_where_its_author_does_not_read_what_it_looks_at(world: Company) -> None:
    """That a case is begun tells what the condition found, also where it asks the event and not the record."""
    world.add("dan", "root", None)
    lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}, PLAIN]
    grants.grant_lines(SETUP, lines, "person", str(world.people["dan"]))
    assert begins(world, "dan", "event.name == 'Big'")["state"] == "published", "that much they read themselves"
    assert begins(world, "dan", "record.amount > 1000")["state"] == "waiting"
    assert begins(world, "dan", "event.amount > 1000")["state"] == "waiting"
    one = signed_in("boss").get("/flows/processes/deal/versions").body["items"][0]
    (itself,) = (gift for gift in one["gives"] if gift["node"] is None)
    assert ("amount", "all") in {(each["code"], each["beyond"]) for each in itself["holds"][0]["reads"]}


def test_who_confirms_is_told_who_counts_as_having_begun_what_begins_by_itself(world: Company) -> None:
    """Who counts so follows the case, may take it back, and does the steps of who began it."""
    for more, who in (({}, "the record's owner"), ({"initiator": "owner"}, "whom the record's “Owner” names")):
        assert begins(world, "pam", "record.amount > 1000", **more)["state"] == "waiting"
        one = signed_in("boss").get("/flows/processes/deal/versions").body["items"][0]
        (itself,) = (gift for gift in one["gives"] if gift["node"] is None)
        [text] = [one["text"]["en"] for one in itself["facts"] if "by itself" in one["text"]["en"]]
        assert text == (
            f"begins a case by itself on “Opportunity: Create”, where Amount > 1000; {who} counts as having begun it"
        )


def test_who_draws_is_told_what_their_condition_on_another_record_reads(world: Company) -> None:
    """As they wrote it: of records of which they know nothing no name is told."""
    lines = [{"type": "process", "actions": ["design"], "scope": ["all"]}, PLAIN]
    world.add("dan", "root", None)
    grants.grant_lines(SETUP, lines, "person", str(world.people["dan"]))
    file = process(task("look", "initiator", show="name"), "s>look", "look>e")
    heard = starts(file, on(event="contract.create", by="opportunity", where="event.amount > 1000"))
    found = signed_in("dan").send("POST", "/flows/gives", {"source": heard})
    assert found.status == 200, found.body
    (itself,) = (gift for gift in found.body["items"] if gift["node"] is None)
    reads = {
        each["type"]["zh"]: {one["code"]: (one["name"]["zh"], one["beyond"]) for one in each["reads"]}
        for each in itself["holds"]
    }
    assert reads["contract"]["amount"] == ("amount", "all")
    [text] = [one["text"]["en"] for one in itself["facts"] if "by itself" in one["text"]["en"]]
    assert text.startswith(
        "begins a case by itself on “contract.create”, about its “opportunity”, where amount of what came > 1000"
    )
