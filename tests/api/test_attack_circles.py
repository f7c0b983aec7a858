"""Attacks by drawings that feed themselves: cases that begin by what they do, or by what they say, and calls that multiply."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from heli.access import grants
from heli.access.models import Grant
from heli.audit import entries
from heli.flows import hearing, service
from heli.flows.models import Instance
from heli.jobs.models import Delivery, Job
from heli.jobs.worker import Worker
from tests.api.client import signed_in
from tests.api.test_flow_events import cases, each, on, starts
from tests.cases import Company, Play, process, publish, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ROUNDS = 120
NONE = '<heli:subject type="opportunity" right="edit"/>'


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def named(file: str, *names: str, what: str = "signal") -> str:
    return file.replace("<process ", "".join(f'<{what} id="{one}" name="{one}"/>' for one in names) + "<process ", 1)


def says(id: str, what: str = "signal") -> str:
    return f'<intermediateThrowEvent id="say_{id}"><{what}EventDefinition {what}Ref="{id}"/></intermediateThrowEvent>'


def notices(who: str) -> list[dict[str, Any]]:
    """What they are told of bounds."""
    return [one for one in signed_in(who).get("/notices").body["items"] if one["kind"] == "flow_bounded"]


def ends() -> bool:
    """Work as workers do, until nothing is due; whether that comes to an end."""
    worker = Worker(threading.Event(), "w", own_connection=False)
    for _ in range(ROUNDS):
        if not Job.objects.filter(state="due").exists() and not Delivery.objects.filter(state="due").exists():
            return True
        worker.once()
    return False


def test_what_begins_by_an_edit_and_edits_does_not_run_for_ever(world: Company) -> None:
    """Nobody sees it in one drawing: it edits the record that it begins by."""
    write = (
        '<serviceTask id="w"><extensionElements><heli:does verb="edit"/>'
        '<heli:give name="next_follow_on" value="record.next_follow_on + 1"/></extensionElements></serviceTask>'
    )
    publish(world, starts(process(write, "s>w", "w>e"), on(event="opportunity.edit")))
    deal = world.make("ann", "opportunity", name="A", amount="5", next_follow_on="2026-12-24")
    world.do("ann", "opportunity", "edit", deal, name="B")
    assert ends()
    found = cases()
    assert len(found) == hearing.MOST_HOPS + 1
    (refused,) = entries.query(object_type="flow", outcome="refused")
    assert "perhaps in a circle" in refused.reason
    last = signed_in("ann").get(f"/flows/instances/{found[-1].pk}").body["history"][-1]
    assert (last["what"], last["outcome"]) == ("incident", "circle") and "循环" in last["words"]["zh"]
    (notice,) = notices("pam")
    assert "「审批」停止自动发起：20 个流程" in notice["text"]["zh"] and "publish" in notice["text"]["en"]
    assert "A" not in notice["text"]["en"].replace("Approval", ""), "no record is named"
    assert (notice["href"], notice["over"]) == (f"/flows/{found[-1].pk}", False)
    assert notices("ann") == [], "told to who looks after processes alone"
    world.do("ann", "opportunity", "edit", deal, name="C")
    assert ends() and len(cases()) > len(found), "what a person does begins it again"
    assert len(notices("pam")) == 1, "told once"
    edited = starts(process(task("t", "manager"), "s>t", "t>e"), on(event="opportunity.edit"))
    publish(world, edited)
    assert notices("pam")[0]["over"]
    (held,) = Grant.objects.filter(subject_kind="person", subject_id=str(world.people["pam"]))
    grants.revoke(SETUP, held.pk)
    assert notices("pam") == [], "nor to who no longer does"


def test_signals_that_multiply_come_to_an_end(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "MOST_BEGUN", 20)
    begun = '<signalEventDefinition signalRef="x"/>'
    twice = process(says("x"), says("x").replace("say_x", "say_y"), "s>say_x", "say_x>say_y", "say_y>e")
    publish(world, named(starts(twice, begun, and_by_hand=True), "x").replace(NONE, ""))
    assert signed_in("ann").post("/flows/instances", {"process": "deal"}).status == 201
    assert ends()
    assert Instance.objects.count() <= 1 + 2 + 4 + 20 + 16


def test_two_cases_that_answer_each_other_for_ever_are_halted(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hearing, "MOST_HEARD", 10)

    def answering(code: str, hears: str, tells: str) -> str:
        wait = (
            f'<intermediateCatchEvent id="hear"><messageEventDefinition messageRef="{hears}"/></intermediateCatchEvent>'
        )
        file = process(wait, says(tells, "message"), "s>x1", "x1>hear", "x1>e if record.amount > 10", "hear>x2", "x2>e if record.amount > 10",
                       f"x2>say_{tells}", f"say_{tells}>x1", id=code)  # fmt: skip
        return named(file, "ping", "pong", what="message")

    deal = world.make("ann", "opportunity", name="A", amount="5")
    plays = [Play(world, answering(*one), deal) for one in (("one", "ping", "pong"), ("two", "pong", "ping"))]
    assert signed_in("pam").post("/flows/messages", {"name": "ping", "key": deal}).status == 202
    assert ends()
    halted = [one for one in plays if Instance.objects.get(pk=int(one.id)).halted]
    assert len(halted) == 1
    (notice,) = notices("pam")
    assert f"#{halted[0].id}" in notice["text"]["en"] and notice["href"] == f"/flows/{halted[0].id}"
    of_cases = {one["kind"] for one in signed_in("pam").get("/notices").body["items"]} - {"flow_version_answered"}
    assert of_cases == {"flow_bounded"} and len(notices("pam")) == 1, "not told twice of it"
    assert signed_in("pam").post(f"/flows/instances/{halted[0].id}/retry", {"node": "hear"}).status == 200


def test_calls_below_calls_are_counted_together(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST_BELOW", 9)
    people = '<heli:give name="people" value="data.people"/>'

    def calls(code: str, below: str) -> str:
        call = f'<callActivity id="c" calledElement="{below}">{each("data.people")}</callActivity>'
        call = call.replace("<multiInstance", f"<extensionElements>{people}</extensionElements><multiInstance")
        return process(call, "s>c", "c>e", id=code).replace(NONE, "")

    publish(world, process(task("ask", "position finance", show=""), "s>ask", "ask>e", id="low").replace(NONE, ""))
    publish(world, calls("middle", "low"))
    publish(world, calls("top", "middle"))
    begun = signed_in("ann").post("/flows/instances", {"process": "top", "data": {"people": ["a", "b", "c"]}})
    assert begun.status == 201 and ends()
    assert Instance.objects.filter(process_code="middle").count() == 3
    assert Instance.objects.filter(process_code="low").count() == 6
    assert Instance.objects.filter(process_code="middle", halted=True).exists(), (
        "what is too many stands still and says so"
    )
    assert [one["text"]["en"].partition(":")[0][-12:] for one in notices("pam")] == ["stands still"], "however many do"


def test_no_drawing_begins_by_the_clock_hundreds_of_times_a_minute(world: Company) -> None:
    timed = "<timerEventDefinition><timeCycle>R/PT1M</timeCycle></timerEventDefinition>"
    many = [f'<startEvent id="s{n}">{timed}</startEvent>' for n in range(30)]
    file = process(
        task("ask", "position finance", show=""), *many, "s>ask", *(f"s{n}>ask" for n in range(30)), "ask>e"
    ).replace(NONE, "")
    made = signed_in("pam").post("/flows/processes", {"source": file})
    assert (made.status, [one["code"] for one in made.body["problems"]]) == (422, ["starts"]), made.body
    assert made.body["problems"][0]["place"] == "deal"
