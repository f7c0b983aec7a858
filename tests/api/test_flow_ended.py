"""What the page of an ended case says of its steps: done, never come to, or under way when it ended, and with whom."""

from __future__ import annotations

import io
import json

import pypdf
import pytest

from heli.flows.models import Instance
from tests.cases import BESIDE, TWO, Company, Play, process, settle, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
WAITS = '<intermediateCatchEvent id="paid" name="到账 / Paid"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
SIGN = task("sign", "position finance", people='mode="all"')


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def standing(play: Play, who: str = "ann") -> dict[str, str]:
    return {one["id"]: one["standing"] for one in play.seen(who).body["nodes"]}


def left(play: Play, who: str = "ann") -> list[tuple[str, str]]:
    """Who still had which step when the case ended."""
    return [(one["node"], one["person"]["name"]) for one in play.seen(who).body["work"] if one["left"]]


def begun(world: Company, file: str = BESIDE) -> Play:
    return Play(world, file, world.make("ann", "opportunity", name="Big", amount="5000"))


def test_a_no_beside_it_ends_a_step_that_was_under_way(world: Company) -> None:
    play = begun(world)
    play.approve("mei")
    assert play.where() == {"one": ["fin"], "two": ["sue"]} and left(play) == []
    assert play.reject("sue", "end", text="no").status == 200
    assert standing(play) == {"lead": "done", "one": "left", "two": "left", "last": "passed_by"}
    assert left(play) == [("one", "Fin")], "Sue has decided; of the last step nobody had anything"
    answer = play.at("ann").get(f"/flows/instances/{play.id}/sheet?language=en")
    paper = "\n".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.body)).pages)
    assert "undone when" in paper and "Fin" in paper


def test_so_does_taking_it_back_or_ending_it(world: Company) -> None:
    play = begun(world, TWO)
    play.approve("mei")
    assert play.at("ann").send("POST", f"/flows/instances/{play.id}/withdraw", {"text": "no more"}).status == 200
    assert standing(play) == {"lead": "done", "money": "left"} and left(play) == [("money", "Fin")]


def test_what_others_made_needless_was_not_under_way(world: Company) -> None:
    world.add("fay", "root", "finance")
    play = begun(world, TWO)
    play.approve("mei")
    assert play.where() == {"money": ["fin", "fay"]}
    play.approve("fin")
    assert (play.state, standing(play), left(play)) == ("completed", {"lead": "done", "money": "done"}, [])


def test_who_had_to_sign_beside_who_said_no_had_it_still(world: Company) -> None:
    world.add("fay", "root", "finance")
    play = begun(world, process(SIGN, "s>sign", "sign>e", id="sign"))
    assert play.where() == {"sign": ["fin", "fay"]}
    assert play.reject("fin", "end", text="no").status == 200
    assert standing(play) == {"sign": "left"} and left(play) == [("sign", "Fay")]


def test_what_was_waited_for_when_it_ended_is_told_too(world: Company) -> None:
    file = process(
        task("lead", "manager"),
        WAITS,
        task("after", "manager"),
        "s>lead",
        "lead>paid",
        "paid>after",
        "after>e",
        id="waits",
    )
    play = begun(world, file.replace("<process ", '<message id="m" name="payment"/><process ', 1))
    play.approve("mei")
    settle()
    assert standing(play)["paid"] == "current"
    assert play.at("ann").send("POST", f"/flows/instances/{play.id}/withdraw", {"text": ""}).status == 200
    assert standing(play) == {"lead": "done", "paid": "left", "after": "passed_by"}


def test_a_case_that_ended_before_this_was_kept_tells_it_of_peoples_work(world: Company) -> None:
    play = begun(world)
    play.approve("mei")
    play.reject("sue", "end", text="no")
    row = Instance.objects.get(pk=int(play.id))
    kept = json.loads(row.standing)
    del kept["e"]
    Instance.objects.filter(pk=row.pk).update(standing=json.dumps(kept, separators=(",", ":")))
    assert standing(play) == {"lead": "done", "one": "left", "two": "passed_by", "last": "passed_by"}
    assert left(play) == [("one", "Fin")]


def test_who_may_not_know_the_way_is_told_of_their_own_step_alone(world: Company) -> None:
    play = begun(world, TWO)
    play.at("ann").send("POST", f"/flows/instances/{play.id}/copy", {"people": [str(world.people["sue"])]})
    play.approve("mei")
    assert play.at("ann").send("POST", f"/flows/instances/{play.id}/withdraw", {"text": ""}).status == 200
    seen = play.seen("sue").body
    assert (seen["state"], seen["nodes"], seen["work"]) == ("withdrawn", [], []), (
        "it was copied to her, and she reads no amount"
    )
