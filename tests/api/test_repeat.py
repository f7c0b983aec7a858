"""Idempotency-Key: what is sent twice is done once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from heli.api.models import KeyedAnswer
from heli.kernel import clock
from tests.api.client import signed_in
from tests.world import World

pytestmark = pytest.mark.storage
KEY = {"Idempotency-Key": "one"}


def test_the_same_request_twice_makes_one_record(world: World) -> None:
    ann = signed_in("ann")
    first = ann.post("/records/account", {"name": "A"}, **KEY)
    again = ann.post("/records/account", {"name": "A"}, **KEY)
    assert (first.status, again.status) == (201, 201)
    assert again.body == first.body
    assert again.headers["Location"] == first.headers["Location"]
    assert again.etag == first.etag
    assert ann.get("/records/account/count").body["count"] == 1


def test_the_same_key_for_another_body_is_refused(world: World) -> None:
    ann = signed_in("ann")
    ann.post("/records/account", {"name": "A"}, **KEY)
    reply = ann.post("/records/account", {"name": "B"}, **KEY)
    assert (reply.status, reply.code) == (409, "key_reused")
    assert ann.post("/records/opportunity", {"name": "A"}, **KEY).status == 409
    assert ann.get("/records/account/count").body["count"] == 1


def test_a_key_is_its_persons_own(world: World) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    ann.post("/records/account", {"name": "A"}, **KEY)
    assert bob.post("/records/account", {"name": "B"}, **KEY).status == 201


def test_a_refused_request_leaves_its_key_free(world: World) -> None:
    ann = signed_in("ann")
    assert ann.post("/records/account", {"name": 1}, **KEY).status == 422
    assert not KeyedAnswer.objects.exists()
    assert ann.post("/records/account", {"name": "A"}, **KEY).status == 201


def test_a_repeat_shows_only_what_may_be_seen_now(world: World) -> None:
    ann, mei = signed_in("ann"), signed_in("mei")
    made = ann.post("/records/opportunity", {"name": "D"}, **KEY)
    at = f"/records/opportunity/{made.body['id']}"
    moved = mei.post(f"{at}/actions/transfer", {"owner": str(world.people["bob"])}, **{"If-Match": mei.get(at).etag})
    assert moved.status == 200
    assert ann.post("/records/opportunity", {"name": "D"}, **KEY).status == 404


def test_a_secret_is_not_shown_again(world: World) -> None:
    ann = signed_in("ann")
    body = {"name": "n", "role": "rep", "days": 1}
    assert ann.post("/tokens", body, **KEY).status == 201
    again = ann.post("/tokens", body, **KEY)
    assert (again.status, again.code) == (409, "already_done")
    assert "heli_" not in str(list(KeyedAnswer.objects.values()))
    assert len(ann.get("/tokens").body["items"]) == 1


def test_comments_repeat_and_keys_are_forgotten_after_a_day(world: World) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="D")
    at = f"/records/opportunity/{deal}/comments"
    first, again = ann.post(at, {"body": "x"}, **KEY), ann.post(at, {"body": "x"}, **KEY)
    assert first.body == again.body
    with clock.later(hours=11):
        assert ann.post(at, {"body": "x"}, **KEY).body == first.body
    KeyedAnswer.objects.update(at=clock.now() - timedelta(hours=25))
    assert ann.post(at, {"body": "x"}, **KEY).body["id"] != first.body["id"]
    assert len(ann.get(at).body["items"]) == 2


@pytest.mark.parametrize("key", ["", "a b", "é", "x" * 201])
def test_a_bad_key_is_refused(world: World, key: str) -> None:
    ann, sent = signed_in("ann"), {"Idempotency-Key": key}
    assert ann.post("/records/account", {"name": "A"}, **sent).status == 400
    assert ann.post("/records/account?dry_run=true", {"name": "A"}, **sent).status == 400
