"""Comments are changed by their authors alone, deleted by them or by who may delete the record; mentions follow the words."""

from __future__ import annotations

from typing import Any

import pytest

from heli.access import grants
from heli.audit import entries
from heli.records import act
from heli.records.act import Action
from heli.records.models import Comment, Mention
from tests.api.client import Api, Reply, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def deal(world: World, who: str = "ann") -> str:
    return f"/records/opportunity/{world.make(who, 'opportunity', name='Deal')}"


def say(api: Api, at: str, body: str, *people: int) -> dict[str, Any]:
    reply = api.post(f"{at}/comments", {"body": body, "mentions": [str(one) for one in people]})
    assert reply.status == 201, reply.body
    return dict(reply.body)


def change(api: Api, at: str, one: dict[str, Any], body: str, *people: int) -> Reply:
    sent = {"body": body, "mentions": [str(p) for p in people]}
    return api.patch(f"{at}/comments/{one['id']}", sent, **{"If-Match": f'"{one["etag"]}"'})


def remove(api: Api, at: str, one: dict[str, Any]) -> Reply:
    return api.delete(f"{at}/comments/{one['id']}", **{"If-Match": f'"{one["etag"]}"'})


def listed(api: Api, at: str) -> list[dict[str, Any]]:
    return list(api.get(f"{at}/comments").body["items"])


def told(at: str) -> list[tuple[str, Any, Any]]:
    found = entries.query(object_id=at.rpartition("/")[2], outcome="done")
    return [(e.action, e.before, e.after) for e in reversed(found) if ".comment" in e.action]


def test_an_author_changes_their_words_and_it_shows(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    at = deal(world)
    first = say(mei, at, "Too cheep")
    assert (first["edited"], first["can"]) == (None, {"edit": True, "delete": True})
    done = change(mei, at, first, "Too cheap")
    assert done.status == 200, done.body
    assert done.headers["ETag"] == f'"{done.body["etag"]}"' != f'"{first["etag"]}"'
    (seen,) = listed(ann, at)
    assert (seen["body"], seen["at"], seen["author"]["username"]) == ("Too cheap", first["at"], "mei")
    assert seen["edited"] is not None
    assert [(action.rpartition(".")[2], (b or {}).get("body"), (a or {}).get("body")) for action, b, a in told(at)] == [
        ("comment", None, "Too cheep"),
        ("comment_edit", "Too cheep", "Too cheap"),
    ]
    again = change(mei, at, done.body, "Too cheap")
    assert (again.status, again.body["etag"]) == (200, done.body["etag"]), "nothing changed: nothing is told"
    assert len(told(at)) == 2


def test_a_change_that_would_overwrite_another_is_refused(world: World) -> None:
    ann, at = signed_in("ann"), deal(world)
    first = say(ann, at, "One")
    assert change(ann, at, first, "Two").status == 200
    late = change(ann, at, first, "Three")
    assert (late.status, late.code) == (412, "stale")
    assert remove(ann, at, first).status == 412
    path = f"{at}/comments/{first['id']}"
    assert ann.patch(path, {"body": "x"}).status == 428
    assert ann.delete(path, **{"If-Match": "*"}).status == 428
    assert [one["body"] for one in listed(ann, at)] == ["Two"]


def test_nobody_changes_anothers_words_and_who_may_delete_the_record_deletes_them(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    at = deal(world)
    hers, mine = say(mei, at, "Mei's"), say(ann, at, "Ann's")
    assert [one["can"] for one in listed(ann, at)] == [{"edit": False, "delete": True}, {"edit": True, "delete": True}]
    assert [one["can"] for one in listed(mei, at)] == [{"edit": True, "delete": True}, {"edit": False, "delete": False}]
    for reply in (change(ann, at, hers, "Put in her mouth"), remove(mei, at, mine)):
        assert (reply.status, reply.code) == (403, "not_author")
        assert reply.body["why"]["words"]["zh"]
    refused = [e.action for e in entries.query(object_id=at.rpartition("/")[2], outcome="refused")]
    assert refused == ["opportunity.comment_delete", "opportunity.comment_edit"]
    assert remove(ann, at, hers).status == 204
    assert [one["body"] for one in listed(mei, at)] == ["Ann's"]
    assert remove(ann, at, hers).status == 404
    action, before, after = told(at)[-1]
    assert (action, before, after) == (
        "opportunity.comment_delete",
        {"comment": int(hers["id"]), "body": "Mei's", "author": world.people["mei"]},
        None,
    )


def test_who_no_longer_sees_the_record_changes_nothing_on_it(world: World) -> None:
    mei, at = signed_in("mei"), deal(world)
    other = deal(world)
    one = say(mei, at, "Mine")
    assert change(mei, other, one, "At another record").status == 404
    assert change(signed_in("wei"), at, one, "Unseen").status == 404
    away = {"owner": str(world.people["wei"])}
    act.do(world.system, Action("opportunity", "transfer", at.rpartition("/")[2], away))
    for reply in (change(mei, at, one, "Gone"), remove(mei, at, one)):
        assert (reply.status, reply.code) == (404, "not_found")
    assert Comment.objects.get().body == "Mine"


def test_mentions_follow_the_words(world: World) -> None:
    ann, mei, boss = signed_in("ann"), signed_in("mei"), signed_in("boss")
    at, m, b = deal(world), world.people["mei"], world.people["boss"]
    one = say(ann, at, f"@{{{m}}} look", m)
    assert (mei.get("/pulse").body["mentions"], boss.get("/pulse").body["mentions"]) == (1, 0)
    (waiting,) = mei.get("/mentions").body["items"]
    done = change(ann, at, one, f"@{{{m}}} and @{{{b}}} look", m, b)
    assert done.status == 200, done.body
    assert boss.get("/mentions").body["items"][0]["body"] == "@Mei and @Boss look"
    (same,) = mei.get("/mentions").body["items"]
    assert (same["id"], same["body"]) == (waiting["id"], "@Mei and @Boss look"), "it waits on, with the new words"
    mei.post("/mentions/seen", {"ids": [same["id"]]})
    done = change(ann, at, done.body, f"@{{{m}}} look again", m)
    assert boss.get("/pulse").body["mentions"] == 0, "withdrawn"
    assert boss.get("/mentions").body["items"] == []
    assert mei.get("/pulse").body["mentions"] == 0, "she has seen it, an edit does not ask again"
    assert remove(ann, at, done.body).status == 204
    assert not Mention.objects.exists()
    assert mei.get("/mentions").body["items"] == []


def test_an_edit_mentions_only_who_sees_the_record_but_keeps_who_was_mentioned(world: World) -> None:
    ann, at = signed_in("ann"), deal(world)
    wei, boss = world.people["wei"], world.people["boss"]
    id_ = at.rpartition("/")[2]
    one = say(ann, at, "nobody")
    refused = change(ann, at, one, f"@{{{wei}}}", wei)
    assert (refused.status, refused.places, refused.body["problems"][0]["code"]) == (422, ["mentions/0"], "cannot_see")
    world.do("ann", "opportunity", "team_add", id_, person=str(wei))
    one = change(ann, at, one, f"@{{{wei}}} helo", wei).body
    world.do("ann", "opportunity", "team_remove", id_, person=str(wei))
    kept = change(ann, at, one, f"@{{{wei}}} hello, @{{{boss}}}", wei, boss)
    assert (kept.status, kept.body["body"]) == (200, "@Wei hello, @Boss")
    assert signed_in("wei").get("/mentions").body["items"] == [], "and who sees it no more is told nothing"


def test_what_is_no_comment_is_refused_at_its_place(world: World) -> None:
    ann, at = signed_in("ann"), deal(world)
    one = say(ann, at, "Words")
    for body, places in (("   ", ["body"]), ("x" * 5001, ["body"]), ("", ["body"])):
        reply = change(ann, at, one, body)
        assert (reply.status, reply.places) == (422, places)
    path, tag = f"{at}/comments/{one['id']}", {"If-Match": f'"{one["etag"]}"'}
    assert ann.patch(path, {"body": "x", "author": "1"}, **tag).status == 422
    assert ann.patch(f"{at}/comments/999999", {"body": "x"}, **tag).status == 404
    assert ann.patch(f"{at}/comments/x", {"body": "x"}, **tag).status in {404, 422}
    assert [c["body"] for c in listed(ann, at)] == ["Words"]


def test_history_tells_that_and_never_what(world: World) -> None:
    """A comment's entry holds a ``body`` as an activity does; that it shows as a change of the field was a mistake."""
    lines = [
        {"type": "activity", "actions": ["read", "create", "edit", "delete"], "scope": ["own"], "read": {"*": "read"}}
    ]
    grants.grant_lines(SETUP, lines, "person", str(world.people["ann"]))
    ann = signed_in("ann")
    at = f"/records/activity/{world.make('ann', 'activity', subject='Call', body='first')}"
    one = say(ann, at, "secret words")
    one = change(ann, at, one, "other words").body
    assert remove(ann, at, one).status == 204
    items = ann.get(f"{at}/history").body["items"]
    assert [item["action"] for item in items] == ["comment_delete", "comment_edit", "comment", "create"]
    assert [item["changes"] for item in items[:3]] == [[], [], []]
    assert "words" not in str([item["changes"] for item in items])


def test_the_pulse_tells_whom_a_comment_mentions_and_nobody_else(world: World) -> None:
    ann, mei, boss = signed_in("ann"), signed_in("mei"), signed_in("boss")
    at, m = deal(world), world.people["mei"]

    def marks() -> list[tuple[int, str]]:
        found = (api.get("/pulse").body for api in (mei, boss, ann))
        return [(one["mentions"], one["mentioned"]) for one in found]

    quiet = marks()
    assert quiet == [(0, "")] * 3
    one = say(ann, at, f"@{{{m}}}", m)
    told = marks()
    assert told[0][0] == 1
    assert told[0][1]
    assert told[1:] == quiet[1:]
    one = change(ann, at, one, f"@{{{m}}}!", m).body
    changed = marks()
    assert changed[0][0] == 1
    assert changed[0][1] not in {"", told[0][1]}, "other words under the same number"
    assert changed[1:] == quiet[1:]
    remove(ann, at, one)
    assert marks() == quiet
