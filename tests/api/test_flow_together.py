"""One yes for several pieces of work: what is asked for nothing but a yes, each by itself, and what cannot be is said of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heli.audit.verify import verify
from heli.flows.models import Work
from heli.kernel import clock
from heli.org.verbs import deputies
from tests.api.client import Api, Reply, signed_in
from tests.cases import TWO, Company, Play, process, task
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def yes(api: Api, *works: tuple[str, int], text: str = "") -> Reply:
    return api.send(
        "POST", "/flows/together", {"work": [{"instance": one, "number": n} for one, n in works], "text": text}
    )


def mine(api: Api, node: str) -> list[tuple[str, int]]:
    return [(one["id"], one["number"]) for one in api.get("/flows/work").body["items"] if one["node"] == node]


def test_several_are_approved_with_one_yes_and_go_on_by_themselves(world: Company) -> None:
    plays = [
        Play(world, TWO, world.make("ann", "opportunity", name=f"Deal {n}", amount=str(5000 * n))) for n in range(3)
    ]
    mei = signed_in("mei")
    queue = [one for one in mei.get("/workbench").body["queue"] if one["kind"] == "work"]
    assert {one["work"]["together"] for one in queue} == {"deal/lead"}
    assert {tuple(one["work"]["show"]) for one in queue} == {("name", "amount", "next_follow_on")}
    works = mine(mei, "lead")
    answer = yes(mei, *works, text="all fine")
    assert (answer.status, [one["approved"] for one in answer.body["items"]]) == (200, [True] * 3)
    assert [one.state for one in plays] == ["completed", "running", "running"], "each went its own way"
    said = [
        one["text"]
        for one in signed_in("ann").get(f"/flows/instances/{plays[1].id}").body["history"]
        if one["what"] == "approve"
    ]
    assert said == ["all fine"]
    assert mine(mei, "lead") == []
    assert len(mine(signed_in("fin"), "money")) == 2
    assert verify().ok


def test_a_change_that_is_proposed_is_seen_before_it_is_approved(world: Company) -> None:
    file = process(
        task("look", "manager"), "s>look", "look>e", subject='type="opportunity" right="edit" proposes="amount"', id="raise"
    )  # fmt: skip
    play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="5"), change={"amount": "5000"})
    mei = signed_in("mei")
    assert [one["work"]["together"] for one in mei.get("/workbench").body["queue"] if one["kind"] == "work"] == [""]
    answer = yes(mei, *mine(mei, "look"))
    assert [one["code"] for one in answer.body["items"]] == ["alone"]
    assert play.state == "running"


def test_what_cannot_be_is_said_and_the_others_are_done(world: Company) -> None:
    needs = process(
        task("ask", "manager", edit="next_follow_on").replace("edit=", 'require="next_follow_on" edit='),
        "s>ask", "ask>e", id="needs",
    )  # fmt: skip
    plain = Play(world, TWO, world.make("ann", "opportunity", name="Plain", amount="1"))
    other = Play(world, needs, world.make("ann", "opportunity", name="Needs"))
    gone = Play(world, TWO, world.make("ann", "opportunity", name="Gone", amount="1"))
    deleted = world.make("ann", "opportunity", name="Deleted", amount="1")
    Play(world, TWO, deleted)
    strange = Play(world, TWO, world.make("wei", "opportunity", name="Wei's", amount="1"), "wei")
    mei = signed_in("mei")
    works = [*mine(mei, "lead"), *mine(mei, "ask")]
    assert [one["together"] for one in mei.get("/flows/work").body["items"] if one["node"] == "ask"] == [""]
    assert gone.approve("mei").status in (200, 204)
    world.do("ann", "opportunity", "delete", deleted)
    theirs = Work.objects.get(instance_id=int(strange.id), state=Work.OPEN)
    found = yes(signed_in("mei"), *works, (strange.id, theirs.number), ("999999", 1)).body["items"]
    assert {one["instance"]: one["code"] for one in found} == {
        plain.id: "", other.id: "alone", gone.id: "done", found[2]["instance"]: "record_deleted", strange.id: "done", "999999": "done",
    }  # fmt: skip
    assert [one["approved"] for one in found if one["instance"] == plain.id] == [True]
    assert all(one["why"]["zh"] and one["why"]["en"] for one in found if not one["approved"])
    strangers = [one["why"] for one in found if one["instance"] in (strange.id, "999999")]
    assert strangers[0] == strangers[1], "somebody else's work looks like none"
    assert (plain.state, other.state) == ("completed", "running")
    assert verify().ok


def test_bad_input_does_nothing(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="One", amount="1"))
    mei = signed_in("mei")
    (one,) = mine(mei, "lead")
    twice = yes(mei, one, one)
    assert (twice.status, twice.places) == (422, ["work/1"])
    assert yes(mei).status == 422
    assert yes(mei, *[(str(n), 1) for n in range(1, 60)]).status == 422
    assert yes(mei, one, text="x" * 4001).status == 422
    assert yes(mei, one, text="a\x00b").status == 422
    assert mei.send("POST", "/flows/together", {"work": [{"instance": "x", "number": -1}]}).status == 422
    assert play.where() == {"lead": ["mei"]}


def test_a_deputy_says_yes_for_the_principal(world: Company) -> None:
    now = clock.now()
    deputies.set_deputy(SETUP, world.people["mei"], world.people["bob"], starts=now, ends=now + timedelta(days=1))
    play = Play(world, TWO, world.make("ann", "opportunity", name="Small", amount="1"))
    bob = signed_in("bob")
    assert yes(bob, *mine(bob, "lead")).body["items"][0]["approved"] is True
    done = next(one for one in play.seen("ann").body["work"] if one["node"] == "lead")
    assert done["acting_for"]["username"] == "mei"
