"""Processes attacked for what their reader may not know: trials, notices, cases above and below, other versions, figures."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.records import act
from heli.records.act import Action
from tests.api.client import Reply, signed_in
from tests.cases import Company, Play, process, publish, settle, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db]
BLIND = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read", "amount": "hidden"}}]
BIG = "record.amount > 1000"


class Drawing(Company):
    """The company with a manager who may draw processes, and somebody who sees every deal but no amount."""

    def __init__(self) -> None:
        super().__init__()
        lines = [{"type": "process", "actions": ["design"], "scope": ["all"]}]
        grants.grant_lines(SETUP, lines, "person", str(self.people["mei"]))
        self.add("ned", "west", None)
        grants.grant_lines(SETUP, BLIND, "person", str(self.people["ned"]))


@pytest.fixture
def world(db: None) -> Drawing:
    return fresh(Drawing)


def deal(world: Drawing, name: str, amount: str, **more: str) -> str:
    return world.make("ann", "opportunity", name=name, amount=amount, **more)


def trial(world: Drawing, file: str, record: str, **more: object) -> dict[str, object]:
    asked = {"source": file, "initiator": str(world.people["ann"]), "record": record, **more}
    found = signed_in("mei").send("POST", "/flows/trial", asked)
    assert found.status == 200, found.body
    return dict(found.body)


def test_a_trial_follows_no_link_further_than_who_tries_it_reads(world: Drawing) -> None:
    """Mei reads the deal and whose customer it is, and nothing of the customer, which went to the west."""
    customer = world.make("ann", "account", name="Near Co")
    record = deal(world, "Deal", "5", account=customer)
    file = process(task("theirs", "field field=record.account.owner", people='empty="stop"'), "s>theirs", "theirs>e")
    assert "'ann'" in str(trial(world, file, record)["work"]), "as long as she reads it"
    act.do(world.system, Action("account", "transfer", customer, {"owner": str(world.people["wei"])}))
    found = trial(world, file, record)
    assert "wei" not in str(found)
    assert found["missing"] == ["record.account.owner"]
    made_up = trial(world, file, record, values={"account.owner": str(world.people["sue"])})
    assert "'sue'" in str(made_up["work"]), "she may make somebody up"


SMALL = process(task("money", "position finance"), "s>money", "money>e")
LONG = process(
    task("draft", "initiator"), task("lead", "manager"), task("money", "position finance"),
    "s>draft", "draft>lead", "lead>money", "money>e",
)  # fmt: skip


def test_notices_of_a_case_that_went_over_to_another_version_name_its_steps(world: Drawing) -> None:
    play = Play(world, LONG, deal(world, "A", "5"))
    play.approve("ann")
    play.approve("mei")
    publish(world, SMALL)
    assert signed_in("pam").send("POST", "/flows/processes/deal/migrations", {}).body["counts"]["moved"] == 1
    for who, step in (("fin", "money"), ("mei", "lead")):
        told = signed_in(who).get("/notices")
        assert (told.status, [one["text"]["en"] for one in told.body["items"]]) == (
            200, [f"“{step}” waits for you: Approval #{play.id}, A"]
        )  # fmt: skip


FORK = process(
    task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>x1", "x1>e", f"x1>money if {BIG}", "money>e",
)  # fmt: skip


def test_taking_over_tells_not_which_case_stands_where(world: Drawing) -> None:
    Play(world, FORK, deal(world, "A", "5000")).approve("mei")
    publish(world, process(task("lead", "manager"), "s>lead", "lead>e"))
    pam = signed_in("pam")
    found = pam.send("POST", "/flows/processes/deal/migrations/trial", {}).body
    assert [(one["node"]["id"], one["count"], one["cases"]) for one in found["groups"]] == [("money", 1, [])]
    made = pam.send("POST", "/flows/processes/deal/migrations", {}).body
    assert (made["counts"]["stayed"], [one["case"] for one in made["stayed"]]) == (1, [None])
    assert [one["case"] for one in pam.get("/flows/processes/deal/migrations").body["items"][0]["stayed"]] == [None]


def steps(found: Reply) -> set[str]:
    """The steps that an answer about a case names."""
    assert found.status == 200, found.body
    body = found.body
    return {one["id"] for one in body["nodes"]} | {
        one["node"] for one in (*body["work"], *body["history"]) if one["node"]
    }


def test_what_a_case_did_before_it_went_over_is_told_to_who_could_know_it_then(world: Drawing) -> None:
    play = Play(world, FORK, deal(world, "A", "5000"))
    play.approve("mei")
    assert steps(play.seen("ann")) >= {"money"} and steps(play.seen("pam")) == set()
    publish(
        world, process(task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>money", "money>e")
    )
    play.apis.clear()
    assert signed_in("pam").send("POST", "/flows/processes/deal/migrations", {}).body["counts"]["moved"] == 1
    assert steps(play.seen("ann")) >= {"money"}
    for who in ("pam", "ned"):
        assert steps(play.seen(who)) == set(), "without a condition now, but not when it went there"
        figures = signed_in(who).get("/flows/processes/deal/analytics").body
        assert figures["waiting"] == [] and not any(one["figures"] or one["wip"] for one in figures["nodes"]), who


def test_what_is_proposed_and_when_timers_ring_turn_a_case_too(world: Drawing) -> None:
    proposing = process(
        task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>x1", "x1>e",
        "x1>money if change.amount > 1000", "money>e", subject='type="opportunity" right="edit" proposes="amount"', id="raise",
    )  # fmt: skip
    play = Play(world, proposing, deal(world, "A", "5"), change={"amount": "5000"})
    play.approve("mei")
    figures = signed_in("ned").get("/flows/processes/raise/analytics").body
    assert figures["whole"]["cases"] + figures["whole"]["running"] == 0, "whose amount he does not read"
    assert figures["waiting"] == [] and figures["nodes"] == []


def test_a_case_below_tells_nothing_of_a_cell_that_the_one_above_handed_down(world: Drawing) -> None:
    """What is called goes by a value that the caller worked out from the amount."""
    below = process(
        task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>x1", "x1>e", "x1>money if data.big = true", "money>e",
        id="below",
    )  # fmt: skip
    call = (
        '<callActivity id="ask" calledElement="below"><extensionElements><heli:call record="record.id"/>'
        f'<heli:give name="big" value="{BIG.replace(">", "&gt;")}"/></extensionElements></callActivity>'
    )
    publish(world, below)
    play = Play(world, process(call, "s>ask", "ask>e", id="above"), deal(world, "A", "5000"))
    settle()
    case = play.seen("ann").body["cases"][0]["id"]
    number = signed_in("mei").get(f"/flows/instances/{case}").body["mine"]["number"]
    signed_in("mei").send("POST", f"/flows/instances/{case}/work/{number}/decide", {"approve": True})
    assert steps(signed_in("ann").get(f"/flows/instances/{case}")) >= {"money"}
    for who in ("pam", "ned"):
        assert steps(signed_in(who).get(f"/flows/instances/{case}")) == set()
        figures = signed_in(who).get("/flows/processes/below/analytics").body
        assert figures["waiting"] == [] and not any(one["wip"] for one in figures["nodes"])


def test_figures_of_few_cases_are_the_same_whichever_way_they_went(world: Drawing) -> None:
    """Two cases that differ in one amount, of two processes alike: who looks after processes and reads none is told the same of both."""
    told = []
    for code, amount in (("one", "500"), ("two", "5000")):
        play = Play(world, FORK.replace('id="deal"', f'id="{code}"'), deal(world, "A", amount))
        play.approve("mei")
        if play.state == "running":
            play.approve("fin")
        pam, looks = signed_in("pam"), ("", "/ways", "/versions?one=1&other=1", "/steps")
        found = [pam.get(f"/flows/processes/{code}/analytics{one}").body for one in looks]
        found[0]["whole"]["cycle"] = None  # how long it took is told of every case
        told.append(found)
    assert told[0] == told[1]


@pytest.mark.parametrize("levels", ["abc", "²", "-1"])
def test_what_could_not_be_published_is_not_tried_either(world: Drawing, levels: str) -> None:
    file = process(task("lead", f"manager levels={levels}"), "s>lead", "lead>e")
    asked = {"source": file, "initiator": str(world.people["ann"])}
    found = signed_in("mei").send("POST", "/flows/trial", asked)
    assert (found.status, found.places) == (422, ["lead"]), found.body


def test_looking_as_somebody_shows_no_step_that_the_looker_may_not_know(world: Drawing) -> None:
    """Finance has work only where the amount is large, and security reads no amount."""
    world.add("sec", "root", None)
    grants.grant_lines(
        SETUP,
        [{"type": "policy", "actions": ["read", "administer"], "scope": ["all"]}],
        "person",
        str(world.people["sec"]),
    )
    Play(world, FORK, deal(world, "A", "5000")).approve("mei")
    assert [one["title"] for one in signed_in("fin").get("/workbench").body["queue"]] == ["A"]
    sec = signed_in("sec")
    assert (
        sec.send("POST", "/access/view-as", {"person": str(world.people["fin"]), "reason": "a question"}).status == 200
    )
    assert [one for one in sec.get("/workbench").body["queue"] if one["kind"] == "work"] == []
    assert sec.get("/pulse").body["notices"] == 0
    assert sec.send("DELETE", "/access/mode").status == 200
    grants.grant_lines(SETUP, [BLIND[0] | {"read": {"*": "read"}}], "person", str(world.people["sec"]))
    assert (
        sec.send("POST", "/access/view-as", {"person": str(world.people["fin"]), "reason": "a question"}).status == 200
    )
    assert [one["kind"] for one in sec.get("/workbench").body["queue"]] == ["work"], "where both read it"
