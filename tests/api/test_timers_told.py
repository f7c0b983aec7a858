"""A case that waits for a moment says until when, and what comes then; a step that decides nothing is done, not approved."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.flows.models import Timer
from tests.cases import Company, Play, process, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

DAYS = "<timerEventDefinition><timeDuration>P{n}D</timeDuration></timerEventDefinition>"
WAITS = process(
    task("look", "manager", moves=""), f'<intermediateCatchEvent id="week" name="一周后 / A week later">{DAYS.format(n=7)}</intermediateCatchEvent>',
    task("back", "position finance"), "s>look", "look>week", "week>back", "back>e",
)  # fmt: skip
BESIDE = process(
    task("look", "manager"),
    f'<boundaryEvent id="late" name="太久 / Too long" attachedToRef="look" cancelActivity="false">{DAYS.format(n=2)}</boundaryEvent>',
    '<sendTask id="tell" name="告知 / Tell"><extensionElements><heli:assignee rule="initiator"/></extensionElements></sendTask>',
    "s>look", "look>e", "late>tell", "tell>e",
)  # fmt: skip


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def test_a_case_that_waits_says_until_when_and_what_comes_then(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Deal")
    play = Play(world, WAITS, deal)
    assert play.approve("mei").status == 200
    due = Timer.objects.get(instance_id=int(play.id)).due_at
    nodes = {one["id"]: one for one in play.seen("ann").body["nodes"]}
    assert nodes["week"]["standing"] == "current"
    [timer] = nodes["week"]["timers"]
    assert (timer["name"], timer["ends"], timer["then"]) == (None, True, [{"zh": "back 中", "en": "back"}])
    assert timer["until"][:19] == due.isoformat()[:19]
    assert (nodes["back"]["timers"], nodes["look"]["decides"], nodes["back"]["decides"]) == ([], False, True)
    for path in ("/flows/instances?scope=begun", f"/flows/records/opportunity/{deal}"):
        [head] = play.at("ann").get(path).body["items"]
        assert head["waits"] == {
            "name": {"zh": "一周后", "en": "A week later"},
            "until": timer["until"],
            "then": timer["then"],
        }


def test_beside_a_step_that_somebody_has_stands_what_happens_when_it_takes_too_long(world: Company) -> None:
    play = Play(world, BESIDE, world.make("ann", "opportunity", name="Deal"))
    [timer] = next(one for one in play.seen("mei").body["nodes"] if one["id"] == "look")["timers"]
    assert (timer["name"]["en"], timer["ends"], [one["en"] for one in timer["then"]]) == ("Too long", False, ["Tell"])
    assert play.at("ann").get("/flows/instances?scope=begun").body["items"][0]["waits"] is None, "somebody has it"
    play.approve("mei")
    assert all(not one["timers"] for one in play.seen("ann").body["nodes"])


def test_who_may_not_know_the_way_is_not_told_for_what_it_waits(world: Company) -> None:
    file = process(
        task("look", "manager"), f'<intermediateCatchEvent id="week" name="week">{DAYS.format(n=7)}</intermediateCatchEvent>',
        "s>look", "look>x1", "x1>week if record.amount > 9", "x1>e", "week>e",
    )  # fmt: skip
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    play = Play(world, file, deal)
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"amount": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    assert play.approve("mei").status in (200, 204)
    hal = play.at("hal")
    [head] = hal.get(f"/flows/records/opportunity/{deal}").body["items"]
    assert head["waits"] is None
    assert hal.get(f"/flows/instances/{play.id}").body["nodes"] == []
    assert play.at("ann").get(f"/flows/records/opportunity/{deal}").body["items"][0]["waits"]["name"]["en"] == "week"
