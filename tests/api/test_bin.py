"""The recycle bin: who may delete sees there what was deleted, by whom and until when, and takes it back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from heli.kernel import clock
from tests.api.client import Api, signed_in
from tests.world import World

pytestmark = pytest.mark.storage
AT = "/records/opportunity/deleted"


def titles(api: Api, at: str = AT) -> list[str]:
    reply = api.get(at)
    assert reply.status == 200, reply.body
    return [one["title"] for one in reply.body["items"]]


def gone(world: World, who: str, name: str) -> str:
    record = world.make(who, "opportunity", name=name)
    world.do(who, "opportunity", "delete", record)
    return record


def test_it_says_who_deleted_what_when_and_until_when_it_is_kept(world: World) -> None:
    ann = signed_in("ann")
    assert ann.get(AT).body == {"items": [], "next": None}
    first, _ = gone(world, "ann", "First"), world.make("ann", "opportunity", name="Still here")
    (one,) = ann.get(AT).body["items"]
    assert (one["id"], one["title"], one["deleted_by"]["name"]) == (first, "First", "Ann")
    at, until = (datetime.fromisoformat(one[name]) for name in ("deleted_at", "until"))
    assert abs(at - clock.now()) < timedelta(minutes=5)
    assert until - at == timedelta(days=90)
    assert ann.post(f"/records/opportunity/{first}/restore").status == 200
    assert titles(ann) == []


def test_only_who_sees_a_record_and_may_delete_it_meets_it(world: World) -> None:
    gone(world, "ann", "Ann's")
    gone(world, "wei", "Wei's")
    world.add("eva", "east", "rep")
    assert titles(signed_in("ann")) == ["Ann's"]
    assert titles(signed_in("wei")) == ["Wei's"]
    assert titles(signed_in("eva")) == [], "she saw it while it lived, and may not delete it"
    assert titles(signed_in("mei")) == [], "her manager may edit and not delete"
    assert titles(signed_in("boss")) == []
    assert signed_in("sue").get(AT).status == 404


def test_what_was_deleted_long_ago_is_neither_shown_nor_restored(world: World) -> None:
    old, young = (world.make("ann", "opportunity", name=name) for name in ("Old", "Young"))
    for record, days in ((old, -91), (young, -89)):
        with clock.later(days=days):
            world.do("ann", "opportunity", "delete", record)
    ann = signed_in("ann")
    assert titles(ann) == ["Young"]
    reply = ann.post(f"/records/opportunity/{old}/restore")
    assert (reply.status, reply.code) == (403, "expired")
    many = ann.post("/records/opportunity/bulk", {"act": "restore", "items": [{"id": old}, {"id": young}]})
    assert [one["status"] for one in many.body["items"]] == [403, 200]
    assert many.body["items"][0]["problem"]["code"] == "expired"


def test_pages_hold_every_deleted_record_once_the_latest_first(world: World) -> None:
    ann = signed_in("ann")
    names = [f"D{n}" for n in range(5)]
    for name in names:
        gone(world, "ann", name)
    found: list[str] = []
    after = ""
    for _ in range(3):
        page = ann.get(f"{AT}?limit=2{after}").body
        found += [one["title"] for one in page["items"]]
        after = f"&after={page['next']}"
    assert page["next"] is None
    assert found == names[::-1]
    assert ann.get(f"{AT}?after=forged").status == 422
    assert signed_in("wei").get(f"{AT}?limit=2{after}").status == 422


def test_who_can_restore_nothing_of_a_type_is_told_so_by_its_description(world: World) -> None:
    def can(who: str) -> dict[str, bool]:
        return {kind["code"]: kind["can"]["restore"] for kind in signed_in(who).get("/meta").body["types"]}

    assert can("ann")["opportunity"] is True
    assert can("ann")["account"] is False
    assert not any(can("boss").values())
