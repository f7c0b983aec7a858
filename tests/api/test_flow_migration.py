"""Running cases taken over to another version of their process: tried on all of them, each whole or not at all, and back again."""

from __future__ import annotations

import pytest

from heli.audit.verify import verify
from heli.flows.models import Instance, Timer, Work
from tests.api.client import signed_in
from tests.cases import Company, Play, process, publish, task
from tests.cli import Heli
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
LATE = '<boundaryEvent id="late" attachedToRef="{}"><timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition></boundaryEvent>'


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


OLD = process(
    task("draft", "initiator"), task("lead", "manager"), task("money", "position finance"),
    "s>draft", "draft>lead", "lead>money", "money>e",
)  # fmt: skip
NEW = process(
    task("check", "position support", show="name"), task("draft", "initiator"), task("money", "position finance", show="name"),
    task("boss", "manager"), LATE.format("money"), task("urge", "initiator"),
    "s>check", "check>draft", "draft>boss", "boss>money", "money>e", "late>urge", "urge>e",
)  # fmt: skip
"""A step before, the second under another id, a timer on the last; everything has another place than before."""


def test_cases_go_over_and_come_back_whole(world: Company) -> None:
    first, second, third = (Play(world, OLD, world.make("ann", "opportunity", name=name, amount="5")) for name in "ABC")
    first.apis = second.apis = third.apis  # one session of each person
    second.approve("ann")
    third.approve("ann")
    third.approve("mei", text="good")
    assert [one.where() for one in (first, second, third)] == [
        {"draft": ["ann"]},
        {"lead": ["mei"]},
        {"money": ["fin"]},
    ]
    publish(world, NEW)
    pam = signed_in("pam")
    tried = pam.send("POST", "/flows/processes/deal/migrations/trial").body
    assert (tried["to"], tried["total"], tried["counts"]) == (2, 3, {"automatic": 2, "mapping": 1, "blocked": 0})
    asks = next(one for one in tried["groups"] if one["state"] == "mapping")
    assert (asks["node"]["id"], asks["cases"]) == ("lead", [second.id])
    assert "boss" in {one["id"] for one in tried["candidates"]}
    assert Instance.objects.filter(version__number=1).count() == 3, "a trial writes nothing"
    assert pam.send("POST", "/flows/processes/deal/migrations/trial", {"mapping": {"draft": "boss"}}).status == 422
    assert pam.send("POST", "/flows/processes/deal/migrations/trial", {"mapping": {"lead": "nosuch"}}).status == 422
    assert (
        pam.send("POST", "/flows/processes/deal/migrations/trial", {"mapping": {"lead": "boss"}}).body["counts"][
            "automatic"
        ]
        == 3
    )

    made = pam.send("POST", "/flows/processes/deal/migrations", {"mapping": {"lead": "boss"}, "note": "new law"})
    assert (made.status, made.body["counts"]["moved"], made.body["running"]) == (201, 3, False)
    assert [one.where() for one in (first, second, third)] == [
        {"draft": ["ann"]},
        {"boss": ["mei"]},
        {"money": ["fin"]},
    ]
    assert Timer.objects.filter(instance_id=int(third.id)).count() == 1, "the timer of the new version runs"
    told = third.seen("ann").body
    assert [(one["id"], one["standing"]) for one in told["nodes"]][:2] == [("check", "passed_by"), ("draft", "done")]
    gone = [one for one in told["history"] if one["what"] == "approve" and one["text"] == "good"]
    assert [one["node"] for one in gone] == ["boss"] or gone[0]["node_name"]["en"] == "lead"
    assert "amount" not in (third.seen("fin").body["mine"] or {})["show"], "the new form shows less"
    deal = Instance.objects.get(pk=int(third.id)).record_id
    assert third.at("sue").get(f"/records/opportunity/{deal}").status == 404

    back = pam.send("POST", f"/flows/migrations/{made.body['id']}/revert")
    assert back.body["counts"] == {"moved": 0, "stayed": 0, "returned": 3, "kept": 0}
    assert [one.where() for one in (first, second, third)] == [
        {"draft": ["ann"]},
        {"lead": ["mei"]},
        {"money": ["fin"]},
    ]
    assert Timer.objects.count() == 0
    assert [one["node"] for one in third.seen("ann").body["history"] if one["what"] == "approve"] == ["draft", "lead"]
    assert "amount" in (third.seen("fin").body["mine"] or {})["show"]
    assert pam.send("POST", f"/flows/migrations/{made.body['id']}/revert").code == "reverted"
    for play, rest in ((first, ("ann", "mei")), (second, ("mei",)), (third, ("fin",))):
        for who in rest:
            assert play.approve(who).status in (200, 204)
    assert third.state == "completed"
    for play in (first, second):
        assert play.approve("fin").status in (200, 204)
        assert play.state == "completed"
    figures = pam.get("/flows/processes/deal/analytics").body["nodes"]
    assert {one["id"]: one["figures"]["visits"] for one in figures if one["figures"]} == {
        "draft": 3,
        "lead": 3,
        "money": 3,
    }
    assert verify().ok


def test_what_could_not_end_stays_where_it_is(world: Company) -> None:
    beside = process(
        task("one", "position finance"), task("two", "position support", show="name"), "s>p1", "p1>one", "p1>two", "one>p2", "two>p2", "p2>e"
    )  # fmt: skip
    row = process(
        task("one", "position finance"), task("two", "position support", show="name"), "s>one", "one>two", "two>e"
    )
    both, half = (Play(world, beside, world.make("ann", "opportunity", name=name)) for name in "AB")
    both.apis = half.apis
    half.approve("fin")
    publish(world, row)
    pam = signed_in("pam")
    tried = pam.send("POST", "/flows/processes/deal/migrations/trial").body
    assert tried["counts"] == {"automatic": 0, "mapping": 0, "blocked": 2}, tried
    made = pam.send("POST", "/flows/processes/deal/migrations").body
    assert (made["counts"]["stayed"], {one["case"] for one in made["stayed"]}) == (2, {both.id, half.id})
    assert both.where() == {"one": ["fin"], "two": ["sue"]}
    assert half.approve("sue").status in (200, 204)
    assert half.state == "completed"
    assert half.at("mei").send("POST", "/flows/processes/deal/migrations").status == 404


def test_the_command_tries_takes_over_and_takes_back(world: Company, capsys: pytest.CaptureFixture[str]) -> None:
    heli = Heli(capsys)
    play = Play(world, OLD, world.make("ann", "opportunity", name="A"))
    play.approve("ann")
    publish(world, NEW)
    said = heli("flow", "migrate", "deal", "--as", "pam")
    assert (heli.status, said["counts"]["mapping"]) == (1, 1)
    said = heli("flow", "migrate", "deal", "--as", "pam", "--map", "lead=boss", "--apply")
    assert (heli.status, said["counts"]["moved"]) == (0, 1)
    assert play.where() == {"boss": ["mei"]}
    said = heli("flow", "migrate", "deal", "--as", "pam", "--revert", said["id"])
    assert (heli.status, said["counts"]["returned"]) == (0, 1)
    assert Work.objects.filter(state="open").count() == 1
