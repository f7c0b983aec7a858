"""Attacks by who looks after processes: on the way of a case by asking about its work, on who decides, and on matters that are kept from
somebody; and what the end of a case tells of its way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.access import grants
from heli.audit import entries
from heli.crm import processes
from heli.flows.models import Instance, Work
from heli.jobs.worker import drain
from heli.kernel.ids import uuid7
from heli.org import zone
from tests.api import test_matters as matters
from tests.api.client import Api, Reply, signed_in
from tests.api.lenders import fresh as lenders
from tests.api.test_requests_as_cases import HEAD_FIRST, with_head
from tests.cases import TWO, Company, Play, process, publish, settle, task
from tests.world import SETUP, fresh

pytestmark = pytest.mark.django_db
DAY = 86400


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def give(world: Company, api: Api, play: Play, number: int, to: str, **more: str) -> Reply:
    return api.send("POST", f"/flows/instances/{play.id}/work/{number}/reassign", {"to": str(world.people[to]), **more})


def open_work(play: Play) -> int:
    return Work.objects.get(instance_id=int(play.id), state=Work.OPEN).number


def test_numbers_of_work_tell_no_way_without_a_reason_that_is_kept(world: Company) -> None:
    """The one waits for finance by its amount, the other is over: which numbers of work there are told it, one by one, to nobody's notice."""
    big = Play(world, TWO, world.make("ann", "opportunity", name="Deal", amount="5000"))
    big.approve("mei")
    pam = signed_in("pam")
    tried = [give(world, pam, big, n, to) for n in range(1, 9) for to in ("pam", "ann", "fin", "bob")]
    found = {(one.status, one.code) for one in tried}
    assert found == {(403, "own"), (422, "invalid")}, "whatever there is"
    assert big.where() == {"money": ["fin"]}
    nothing = give(world, pam, big, 99, "bob", text="Fin is ill")
    assert (nothing.status, nothing.code) == (409, "done")
    assert entries.query(object_type="flow", object_id=big.id)[0].outcome == "refused", "with a reason it is kept"
    assert give(world, pam, big, open_work(big), "bob", text="Fin is ill").status == 200


def test_nobody_comes_to_decide_by_giving_work_to_whom_they_stand_in_for(world: Company) -> None:
    until = (zone.today() + timedelta(days=9)).isoformat()
    deputy = signed_in("bob").post("/me/deputies", {"deputy": str(world.people["pam"]), "until": until})
    assert deputy.status == 201, deputy.body
    play = Play(world, TWO, world.make("ann", "opportunity", name="Deal", amount="5000"))
    play.approve("mei")
    refused = give(world, signed_in("pam"), play, open_work(play), "bob", text="Fin is ill")
    assert (refused.status, refused.code) == (403, "own") and play.where() == {"money": ["fin"]}


def test_nobody_is_made_to_sign_for_two(world: Company) -> None:
    """Of several who have to sign, a signer who was not added cannot be taken off: nor by giving their work to another of them."""
    world.add("flo", "finance", "finance")
    world.add("fay", "finance", "finance")
    for mode, allowed in (("all", False), ("vote", False), ("any", True)):
        share = ' share="2/3"' if mode == "vote" else ""
        file = process(
            task("money", "position finance", people=f'mode="{mode}"{share}'), "s>money", "money>e", id=f"m_{mode}"
        )
        play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="5000"))
        numbers = {w.person_id: w.number for w in Work.objects.filter(instance_id=int(play.id), state=Work.OPEN)}
        theirs = [numbers[world.people[name]] for name in ("fin", "flo")]
        told = give(world, signed_in("pam"), play, theirs[0], "fay", text="Fin is ill")
        assert (told.status == 200) == allowed, told.body
        assert allowed or told.code == "already"
        if mode == "all":
            assert play.approve("fay").status in (200, 204)
            again = give(world, signed_in("pam"), play, theirs[1], "fay", text="Flo is ill")
            assert again.code == "already", "nor by giving it to who has signed"
            assert give(world, signed_in("pam"), play, theirs[1], "bob", text="Flo is ill").status == 200


def test_who_began_a_case_does_not_choose_who_decides_it(world: Company) -> None:
    """Though they look after processes: where the node is not theirs to decide, another gives it away."""
    lines = [{"type": "opportunity", "actions": ["read", "create", "edit"], "scope": ["all"], "read": {"*": "read"}}]

    grants.grant_lines(SETUP, lines, "person", str(world.people["pam"]))
    for own, status in (("skip", 403), ("allow", 200)):
        file = process(task("money", "position finance", people=f'self="{own}"'), "s>money", "money>e", id=f"is_{own}")
        play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="5000"), who="pam")
        assert give(world, signed_in("pam"), play, open_work(play), "bob", text="mine").status == status


# -- what the end, and who could be urged, tell --------------------------------------------------------------------------------

ERRORS = "".join(f'<endEvent id="{one}"><errorEventDefinition errorRef="too_{one}"/></endEvent>' for one in ("big", "small"))  # fmt: skip
WAIT = '<intermediateCatchEvent id="wait"><timerEventDefinition><timeDuration>P9D</timeDuration></timerEventDefinition></intermediateCatchEvent>'


def pair(world: Company, file: str, *, approve: str = "") -> list[Play]:
    found = []
    for amount in ("500", "5000"):
        play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount=amount))
        play.at("ann").send("POST", f"/flows/instances/{play.id}/copy", {"people": [str(world.people["amy"])]})
        if approve:
            assert play.approve(approve).status == 200
        found.append(play)
    return found


def test_how_a_case_ended_tells_its_way_to_nobody_who_does_not_read_what_turned_it(world: Company) -> None:
    world.add("amy", "east", "rep")
    ways = ["s>lead", "lead>x1", "x1>big if record.amount > 1000", "x1>x2", "x2>small if record.amount > 100", "x2>e"]
    plays = pair(world, process(task("lead", "position support"), ERRORS, *ways), approve="sue")
    for who in ("pam", "amy"):
        api = signed_in(who)
        shown = [api.get(f"/flows/instances/{one.id}").body for one in plays]
        assert [[(h["what"], h["text"], h["words"]) for h in one["history"]][-1] for one in shown] == [
            ("ended", "", None)
        ] * 2
    ann = signed_in("ann")
    assert [ann.get(f"/flows/instances/{one.id}").body["history"][-1]["text"] for one in plays] == ["too_small", "too_big"]  # fmt: skip


def test_whom_one_could_urge_tells_no_way(world: Company) -> None:
    world.add("amy", "east", "rep")
    ways = ["s>x1", "x1>lead if record.amount > 1000", "x1>wait", "wait>e", "lead>e"]
    plays = pair(world, process(task("lead", "position support"), WAIT, *ways))
    pam = signed_in("pam")
    shown = [pam.get(f"/flows/instances/{one.id}").body for one in plays]
    assert shown[0]["may"] == shown[1]["may"] and shown[0]["may"]["urge"]
    assert [pam.send("POST", f"/flows/instances/{one.id}/urge").status for one in plays] == [200, 200]
    ann = signed_in("ann")
    assert [ann.get(f"/flows/instances/{one.id}").body["may"]["urge"] for one in plays] == [False, True]


def test_a_case_below_tells_not_that_it_was_begun_to_who_may_not_know_the_way_above(world: Company) -> None:
    """By the amount the one begins a check of the record, and the other does not: the check stood among the record's cases, and under its
    number."""
    world.add("amy", "east", "rep")
    publish(world, process(task("check", "position finance"), "s>check", "check>e", id="checking"))
    call = '<callActivity id="call" calledElement="checking"/>'
    ways = ["s>x1", "x1>call if record.amount > 1000", "x1>lead", "call>e", "lead>e"]
    small, big = pair(world, process(call, task("lead", "position support"), *ways))
    settle()
    below = Instance.objects.get(parent_id=int(big.id))
    records = [Instance.objects.get(pk=int(one.id)).record_id for one in (small, big)]
    amy = signed_in("amy")
    assert [len(amy.get(f"/flows/records/opportunity/{one}").body["items"]) for one in records] == [1, 1]
    assert amy.get(f"/flows/instances/{below.pk}").status == amy.get(f"/flows/instances/{below.pk}/sheet").status == 404
    told = signed_in("pam").send("POST", f"/flows/instances/{big.id}/tend", {"text": "Fin is ill"}).body
    assert (told["work"], [one["id"] for one in told["below"]]) == ([], [str(below.pk)]), (
        "who asks, and says why, finds it"
    )
    for who in ("ann", "fin"):
        assert signed_in(who).get(f"/flows/instances/{below.pk}").status == 200, "who reads the amount, or works there"
    assert len(signed_in("ann").get(f"/flows/records/opportunity/{records[1]}").body["items"]) == 2


# -- what is kept from somebody ------------------------------------------------------------------------------------------------


def test_no_step_of_the_company_s_own_tells_an_asker_that_an_unseen_record_is_there(db: None, settings: Any) -> None:
    settings.SESSION_COOKIE_AGE = 60 * DAY
    company = lenders()
    company.add("pam", "root", None)

    grants.grant_lines(SETUP, matters.DESIGNER, "person", str(company.people["pam"]))
    step = HEAD_FIRST.replace('rule="head" of="initiator"', 'rule="initiator"').replace('"skip"', '"allow"')
    assert company.at("pam").post("/flows/processes", {"source": with_head(step=step)}).status == 201
    asked = [company.ask("sue", one, fields=[]).body["id"] for one in (company.deal("wei"), uuid7())]
    drain()
    sue = company.at("sue")
    assert sue.get("/flows/work").body["items"] == sue.get("/notices").body["items"] == []
    assert [sue.get(f"/access/requests/{one}").body["case"] for one in asked] == [None, None]


def test_who_leaves_gets_no_work_in_the_case_of_their_leaving(db: None) -> None:
    company = fresh(matters.Company)
    step = matters.HEAD_FIRST.replace('person="wei"', 'person="ann"').replace('targetRef="judge"', 'targetRef="plan"')
    file = processes.source("offboarding").decode().replace('targetRef="plan"/>', 'targetRef="head"/>')
    file = file.replace('<startEvent id="start"', f'{step}<startEvent id="start"')
    assert company.at("pam").post("/flows/processes", {"source": file}).status == 201
    assert company.notice("ann", matters.in_days(40)).status == 200
    drain()
    ann = company.at("ann")
    assert ann.get("/flows/work").body["items"] == ann.get("/notices").body["items"] == []
    (work,) = company.cases("mei", "offboarding")
    assert work["node"] == "head", "whoever is above them has it"
    told = company.at("mei").post(
        f"/flows/instances/{work['id']}/work/{work['number']}/transfer", {"to": str(company.people["ann"])}
    )
    assert (told.status, told.places) == (422, ["to"])
    pam = company.at("pam")
    told = pam.post(
        f"/flows/instances/{work['id']}/work/{work['number']}/reassign",
        {"to": str(company.people["ann"]), "text": "away"},
    )
    assert (told.status, told.code) == (403, "untold")


def test_a_trial_with_a_real_matter_tells_none_of_its_values_to_who_does_not_follow_it(db: None) -> None:
    """Whoever draws processes asked, number by number, how many records somebody who leaves owns."""
    company = fresh(matters.Company)
    assert company.notice("ann", matters.in_days(40)).status == 200
    drain()
    company.make("ann", "opportunity", name="Deal", amount="1")
    step = matters.HEAD_FIRST.replace('targetRef="judge"', 'targetRef="plan"')
    ways = (
        '<exclusiveGateway id="x" default="d"/><sequenceFlow id="f_start_plan" sourceRef="start" targetRef="x"/><sequenceFlow id="d" '
        'sourceRef="x" targetRef="plan"/><sequenceFlow id="y" sourceRef="x" targetRef="head"><conditionExpression>matter.records &gt; 0'
        "</conditionExpression></sequenceFlow>"
    )
    plain = '<sequenceFlow id="f_start_plan" sourceRef="start" targetRef="plan"/>'
    file = processes.source("offboarding").decode().replace(plain, ways)
    file = file.replace('<startEvent id="start"', f'{step}<startEvent id="start"')
    pam, adm = company.at("pam"), company.at("adm")
    number = pam.get("/flows/instances?scope=running").body["items"][0]["id"]
    trial = {"source": file, "initiator": str(company.people["adm"]), "case": number}
    found = pam.post("/flows/trial", trial).body
    assert ([one["node"] for one in found["work"]], found["missing"]) == (["plan"], ["matter.records"])
    assert pam.post("/flows/processes", {"source": file}).status == 201
    assert company.notice("bob", matters.in_days(40)).status == 200
    drain()
    running = pam.get("/flows/instances?scope=running").body["items"]
    assert [one["now"] for one in running if one["version"] == 2] == [[]], "nor does a version that asks for them"
    assert adm.get("/flows/instances?scope=begun").body["items"][0]["now"], (
        "who administers the organisation follows it"
    )
