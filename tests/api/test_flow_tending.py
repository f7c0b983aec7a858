"""Work is given away by who looks after processes, though they see neither the record nor the way: they ask, say why, and it is kept."""

from __future__ import annotations

import pytest

from heli.audit import entries
from tests.api.client import signed_in
from tests.cases import TWO, Company, Play, process, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def test_who_looks_after_processes_asks_whose_turn_it_is_gives_it_away_and_ends_it(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="Deal", amount="5000"))
    play.approve("mei")
    pam, here = signed_in("pam"), f"/flows/instances/{play.id}"
    seen = pam.get(here).body
    assert seen["nodes"] == seen["work"] == [] and seen["title"] is None, "neither the record nor the way"
    assert seen["may"]["tend"] and seen["may"]["retry"] == []
    assert [one["id"] for one in pam.get("/flows/instances?scope=running&process=deal").body["items"]] == [play.id]
    for nobody in ("mei", "ann"):
        assert not play.at(nobody).get(here).body["may"]["tend"]
        assert play.at(nobody).send("POST", f"{here}/tend", {"text": "let me see"}).status == 404
        assert play.at(nobody).send("POST", f"{here}/end", {"text": "stop"}).status == 404
    assert pam.send("POST", f"{here}/tend", {"text": "  "}).status == 422
    told = pam.send("POST", f"{here}/tend", {"text": "Fin is ill"})
    assert told.status == 200, told.body
    assert [(one["node"]["id"], one["person"]["username"]) for one in told.body["work"]] == [("money", "fin")]
    assert told.body["work"][0]["opened_at"]
    assert "Deal" not in str(told.body) and "5000" not in str(told.body)
    entry = entries.query(object_type="flow", object_id=play.id)[0]
    assert (entry.action, entry.reason) == ("flow.tend", "Fin is ill"), "that they asked is kept"

    number = told.body["work"][0]["number"]
    given = pam.send("POST", f"{here}/work/{number}/reassign", {"to": str(world.people["bob"]), "text": "Fin is ill"})
    assert given.status == 200 and play.where() == {"money": ["bob"]}
    assert pam.send("POST", f"{here}/end", {"text": "begun twice"}).status == 200
    assert play.state == "withdrawn" and play.where() == {}
    last = [(one["what"], one["person"]["username"], one["text"]) for one in play.seen("ann").body["history"] if one["what"] == "end"]  # fmt: skip
    assert last == [("end", "pam", "begun twice")], "who began it is told by whom and why"
    assert pam.send("POST", f"{here}/tend", {"text": "again"}).code == "ended"
    assert not pam.get(here).body["may"]["tend"]


def test_what_stands_still_is_named_and_tried_again_with_a_reason(world: Company) -> None:
    file = process(task("ask", "manager levels=5", people='empty="stop"'), "s>ask", "ask>e", id="ask")
    play = Play(world, file, world.make("ann", "opportunity", name="Deal", amount="5"))
    pam, here = signed_in("pam"), f"/flows/instances/{play.id}"
    told = pam.send("POST", f"{here}/tend", {"text": "nobody is there"}).body
    assert (told["work"], [one["id"] for one in told["halted"]]) == ([], ["ask"])
    assert pam.send("POST", f"{here}/retry", {"node": "ask", "text": "somebody came"}).status == 200
    assert entries.query(object_type="flow", object_id=play.id)[0].reason in ("somebody came", "")
