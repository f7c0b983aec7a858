"""A case that waits for a moment says until when, and what comes then; a step that decides nothing is done, not approved."""

from __future__ import annotations

import pytest

from heli.access import grants
from heli.flows.models import Instance, Timer
from tests.api.client import signed_in
from tests.cases import Company, Play, process, settle, task
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
            "name": {"zh": "一周后", "en": "A week later"}, "until": timer["until"], "then": timer["then"], "or": [],
        }  # fmt: skip


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


PAID = (
    '<intermediateCatchEvent id="paid" name="付款了 / Paid"><extensionElements><heli:on event="payment"/></extensionElements>'
    "<messageEventDefinition/></intermediateCatchEvent>"
)
LATE = f'<intermediateCatchEvent id="late" name="三天了 / Three days">{DAYS.format(n=3)}</intermediateCatchEvent>'
FIRST = process(
    task("look", "manager"), '<eventBasedGateway id="g"/>', PAID, LATE, task("thank", "manager"), task("urge", "position finance"),
    "s>look", "look>g", "g>paid", "g>late", "paid>thank", "late>urge", "thank>e", "urge>e",
)  # fmt: skip


def test_a_case_that_waits_for_the_first_of_several_says_so_and_lists_them(world: Company) -> None:
    deal = world.make("ann", "opportunity", name="Deal")
    play = Play(world, FIRST, deal)
    seen = play.seen("ann").body
    assert all(one["first"] is None for one in seen["nodes"]), "not there yet"
    assert seen["decides"] == ["events"], "what comes first decides, and no condition does"
    play.approve("mei")
    seen = play.seen("ann").body
    nodes = {one["id"]: one for one in seen["nodes"]}
    assert {one: nodes[one]["standing"] for one in nodes} == {
        "look": "done", "paid": "current", "late": "current", "thank": "coming", "urge": "coming",
    }  # fmt: skip
    assert nodes["paid"]["first"] == {"of": "g", "then": [{"zh": "thank 中", "en": "thank"}]}
    assert nodes["late"]["first"] == {"of": "g", "then": [{"zh": "urge 中", "en": "urge"}]}
    assert nodes["look"]["first"] is None and nodes["thank"]["first"] is None
    assert len(nodes["late"]["timers"]) == 1
    for path in ("/flows/instances?scope=begun", f"/flows/records/opportunity/{deal}"):
        [head] = play.at("ann").get(path).body["items"]
        assert head["waits"]["name"]["en"] == "Three days"
        assert [one["en"] for one in head["waits"]["or"]] == ["Paid"], "it does not wait for the moment alone"

    record = Instance.objects.get(pk=int(play.id)).record_id
    body = {"name": "payment", "key": record, "data": {}, "id": "m1"}
    assert signed_in("pam").send("POST", "/flows/messages", body).status == 202
    settle()
    seen = play.seen("ann").body
    nodes = {one["id"]: one for one in seen["nodes"]}
    assert {one: nodes[one]["standing"] for one in nodes} == {
        "look": "done", "paid": "done", "late": "passed_by", "thank": "current", "urge": "passed_by",
    }  # fmt: skip
    assert all(one["first"] is None for one in seen["nodes"]) and seen["decides"] == []


def test_what_decides_which_steps_come_is_said_only_where_something_does(world: Company) -> None:
    beside = process(
        task("look", "manager"), task("one", "position finance"), task("two", "position support"), task("last", "manager"),
        "s>look", "look>p1", "p1>one", "p1>two", "one>p2", "two>p2", "p2>last", "last>e", id="beside",
    )  # fmt: skip
    branch = process(
        task("look", "manager"), task("big", "position finance"), task("last", "manager"), "s>look", "look>x1", "x1>last",
        "x1>big if record.name == 'big'", "big>last", "last>x2", "x2>e", "x2>last if record.name == 'again'", id="branch",
    )  # fmt: skip
    for file, said in ((beside, []), (BESIDE.replace('id="deal"', 'id="slow"'), ["events"]), (branch, ["conditions"])):
        play = Play(world, file, world.make("ann", "opportunity", name="Deal"))
        assert play.seen("ann").body["decides"] == said
    play.approve("mei")
    seen = play.seen("ann").body
    standing = {one["id"]: one["standing"] for one in seen["nodes"]}
    assert standing == {"look": "done", "big": "passed_by", "last": "current"}
    assert seen["decides"] == [], "no condition decides which of no steps come"


def test_what_a_timer_on_a_sub_process_leads_to_can_come_while_work_is_in_it_and_not_after(world: Company) -> None:
    inner = (
        '<subProcess id="part" name="部分 / Part"><startEvent id="in"/><endEvent id="out"/>' + task("check", "manager")
        + '<sequenceFlow id="i1" sourceRef="in" targetRef="check"/><sequenceFlow id="i2" sourceRef="check" targetRef="out"/></subProcess>'
        '<boundaryEvent id="late" attachedToRef="part" cancelActivity="false"><timerEventDefinition><timeDuration>P2D</timeDuration>'
        "</timerEventDefinition></boundaryEvent>"
    )  # fmt: skip
    file = process(
        inner,
        task("remind", "position finance"),
        task("last", "manager"),
        "s>part",
        "part>last",
        "last>e",
        "late>remind",
        "remind>e",
    )
    play = Play(world, file, world.make("ann", "opportunity", name="Deal"))

    def standing() -> dict[str, str]:
        return {
            one["id"]: one["standing"]
            for one in play.seen("ann").body["nodes"]
            if one["id"] in ("check", "remind", "last")
        }

    assert standing() == {"check": "current", "remind": "coming", "last": "coming"}
    assert play.seen("ann").body["decides"] == ["events"]
    assert play.approve("mei").status in (200, 204)
    assert standing() == {"check": "done", "remind": "passed_by", "last": "current"}


def test_of_several_that_may_come_first_who_knows_of_one_alone_hears_of_no_others(world: Company) -> None:
    file = process(
        task("look", "manager"), '<eventBasedGateway id="g"/>', PAID, LATE, "s>look", "look>x1", "x1>g if record.amount > 9", "x1>e",
        "g>paid", "g>late", "paid>e", "late>e",
    )  # fmt: skip
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    play = Play(world, file, deal)
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"amount": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    play.approve("mei")
    hal = play.seen("hal").body
    assert (hal["nodes"], hal["decides"]) == ([], [])
    [head] = play.at("hal").get(f"/flows/records/opportunity/{deal}").body["items"]
    assert head["waits"] is None


def test_who_may_not_know_the_way_is_not_told_that_their_own_step_is_passed_by(world: Company) -> None:
    world.add("hal", "support", None)
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"amount": "hidden"}}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["hal"]))
    file = process(
        task("look", "manager"), task("mine", "person hal", show="name"), task("other", "position finance"), "s>look", "look>x1", "x1>other",
        "x1>mine if record.amount > 9", "mine>e", "other>e",
    )  # fmt: skip
    deal = world.make("ann", "opportunity", name="Deal", amount="500")
    play = Play(world, file, deal)
    play.approve("mei")

    def mine(who: str) -> str:
        return next(one["standing"] for one in play.seen(who).body["nodes"] if one["id"] == "mine")

    assert mine("hal") == "current"
    assert play.reject("hal", "look", text="again").status in (200, 204)
    before = mine("hal")
    world.do("ann", "opportunity", "edit", deal, amount="5")
    play.approve("mei")
    assert play.where() == {"other": ["fin"]}
    assert mine("ann") == "passed_by", "who may know the way sees that it went elsewhere"
    assert mine("hal") == before == "coming", "else it would tell what the condition found"
