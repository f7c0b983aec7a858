"""Mentions in comments: only of who sees the record, structured, and found by who is meant."""

from __future__ import annotations

from typing import Any

import pytest

from heli.audit import entries
from heli.records.models import Mention
from tests.api.client import Api, Reply, signed_in
from tests.world import World

pytestmark = pytest.mark.storage


def deal(world: World, who: str = "ann", **values: Any) -> str:
    return f"/records/opportunity/{world.make(who, 'opportunity', name='Deal', **values)}"


def say(api: Api, at: str, body: str, *people: int) -> Reply:
    return api.post(f"{at}/comments", {"body": body, "mentions": [str(one) for one in people]})


def test_a_mention_is_a_person_in_the_text_and_waits_in_their_workbench(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    at, boss = deal(world), world.people["mei"]
    made = say(ann, at, f"Please look, @{{{boss}}}: too cheap?", boss)
    assert made.status == 201, made.body
    assert made.body["body"] == "Please look, @Mei: too cheap?"
    person = {"id": str(boss), "username": "mei", "name": "Mei"}
    assert made.body["parts"] == [{"text": "Please look, "}, {"person": person}, {"text": ": too cheap?"}]
    assert mei.get("/pulse").body["mentions"] == 1
    (one,) = mei.get("/mentions").body["items"]
    assert (one["title"], one["author"]["name"], one["body"], one["seen"]) == ("Deal", "Ann", made.body["body"], False)
    (queued,) = [item for item in mei.get("/workbench").body["queue"] if item["kind"] == "mention"]
    assert queued["why"]["en"] == "Ann mentioned you: Please look, @Mei: too cheap?"
    assert (queued["type"], queued["id"], queued["group"]) == ("opportunity", at.rpartition("/")[2], "today")
    assert mei.get(f"{at}/comments").body["items"][0]["mention"] == one["id"]
    assert ann.get(f"{at}/comments").body["items"][0]["mention"] is None
    assert ann.get("/mentions").body["items"] == []


def test_once_looked_at_it_waits_no_longer(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    boss = world.people["mei"]
    say(ann, deal(world), f"@{{{boss}}}", boss)
    (one,) = mei.get("/mentions?unseen=true").body["items"]
    assert ann.post("/mentions/seen", {"ids": [one["id"]]}).status == 204
    assert mei.get("/pulse").body["mentions"] == 1, "nobody looks for another"
    assert mei.post("/mentions/seen", {"ids": [one["id"], "999999"]}).status == 204
    assert mei.get("/pulse").body["mentions"] == 0
    assert mei.get("/mentions?unseen=true").body["items"] == []
    assert [m["seen"] for m in mei.get("/mentions").body["items"]] == [True]
    assert not [item for item in mei.get("/workbench").body["queue"] if item["kind"] == "mention"]


def test_who_does_not_see_the_record_cannot_be_mentioned_nor_can_nobody(world: World) -> None:
    ann, at = signed_in("ann"), deal(world)
    mei, wei, absent = world.people["mei"], world.people["wei"], 999_999
    refused = say(ann, at, f"@{{{mei}}} @{{{wei}}} @{{{absent}}}", mei, wei, absent)
    assert (refused.status, refused.places) == (422, ["mentions/1", "mentions/2"])
    first, second = refused.body["problems"]
    assert first["code"] == second["code"] == "cannot_see"
    assert first["message"] == second["message"], "who is not there answers as who does not see it"
    assert ann.get(f"{at}/comments").body["items"] == []
    assert not Mention.objects.exists()
    assert not [e for e in entries.query(object_id=at.rpartition("/")[2]) if e.action == "opportunity.comment"]


def test_what_was_a_mention_is_gone_with_the_right_to_see_the_record(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    at, boss = deal(world), world.people["mei"]
    say(ann, at, f"@{{{boss}}} secret words", boss)
    world.do("ann", "opportunity", "delete", at.rpartition("/")[2])
    assert mei.get("/pulse").body["mentions"] == 0
    assert mei.get("/mentions").body["items"] == []
    assert "secret" not in str(mei.get("/workbench").body)


def test_signs_typed_by_hand_stay_text_and_hostile_text_stays_text(world: World) -> None:
    ann, at = signed_in("ann"), deal(world)
    mei = world.people["mei"]
    for body in (f"@{{{mei}}}", "@{}", "@{x} @{-1} @{99999999999999999999}", "<script>alert(1)</script>", "{name} %s"):
        made = ann.post(f"{at}/comments", {"body": body})
        assert (made.status, made.body["body"], made.body["parts"]) == (201, body, [{"text": body}])
    assert not Mention.objects.exists()
    kept = say(ann, at, f"<b>@{{{mei}}}</b> @{{1}}", mei)
    assert [part.get("text") for part in kept.body["parts"]] == ["<b>", None, "</b> @{1}"]


def test_a_wrong_list_is_refused_at_its_place(world: World) -> None:
    ann, at = signed_in("ann"), deal(world)
    mei = world.people["mei"]
    for mentions, places in (
        ([str(mei), str(mei)], ["mentions/1"]),
        (["1x"], ["mentions/0"]),
        ([mei], ["mentions/0"]),
        ([str(n) for n in range(21)], ["mentions"]),
        ("all", ["mentions"]),
        ([None], ["mentions/0"]),
    ):
        reply = ann.post(f"{at}/comments", {"body": f"@{{{mei}}}", "mentions": mentions})
        assert (reply.status, reply.places) == (422, places), mentions
    unsaid = say(ann, at, "no sign of her", mei)
    assert (unsaid.status, unsaid.places, unsaid.body["problems"][0]["code"]) == (422, ["mentions/0"], "not_in_text")


def test_offered_are_those_who_see_it_and_named_ones_who_do_not_are_marked(world: World) -> None:
    ann, at = signed_in("ann"), deal(world)
    near = ann.get(f"{at}/mentionable").body["items"]
    assert {one["person"]["username"] for one in near} == {"mei", "boss"}
    assert all(one["sees"] for one in near)
    found = ann.get(f"{at}/mentionable?q=e").body["items"]
    sees = {one["person"]["username"]: one["sees"] for one in found}
    assert sees == {"mei": True, "wei": False, "sue": False}
    assert [one["sees"] for one in found] == [True, False, False]
    assert found[0]["department"]["name"] == "east"
    assert signed_in("wei").get(f"{at}/mentionable").status == 404
    world.do("ann", "opportunity", "team_add", at.rpartition("/")[2], person=str(world.people["wei"]))
    assert ann.get(f"{at}/mentionable").body["items"][0]["person"]["username"] == "wei", "the team comes first"
    assert say(ann, at, f"@{{{world.people['wei']}}}", world.people["wei"]).status == 201
