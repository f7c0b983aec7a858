"""Saved views, and what the page starts with."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from django.test import RequestFactory

from heli.api.boot import boot
from tests.api.client import Api, signed_in
from tests.world import World

pytestmark = pytest.mark.storage
MINE = {
    "type": "account",
    "name": "我的",
    "definition": {"filter": {"name": "A"}, "sort": "-name", "columns": ["name"]},
}


def test_a_view_is_saved_shared_changed_and_deleted(world: World) -> None:
    ann, bob = signed_in("ann"), signed_in("bob")
    made = ann.post("/views", MINE)
    assert made.status == 201
    at = f"/views/{made.body['id']}"
    assert bob.get(at).status == 404
    assert bob.get("/views?type=account").body["items"] == []
    assert ann.patch(at, {"shared": True}).body["shared"] is True
    seen = bob.get("/views?type=account").body["items"]
    assert [(v["name"], v["mine"]) for v in seen] == [("我的", False)]
    assert bob.patch(at, {"name": "theirs"}).status == bob.delete(at).status == 403
    assert ann.delete(at).status == 204
    assert ann.get(at).status == 404


def test_a_shared_view_does_not_exist_for_who_may_not_know_its_fields(world: World) -> None:
    ann, sue = signed_in("ann"), signed_in("sue")
    secret = {**MINE, "shared": True, "definition": {"filter": {"credit_limit": "777.00"}}}
    made = ann.post("/views", secret)
    assert made.status == 201
    assert sue.get("/views").body["items"] == []
    assert sue.get(f"/views/{made.body['id']}").status == 404


@pytest.mark.parametrize(
    ("change", "place"),
    [({"type": "nothing"}, "type"), ({"type": "contract"}, "type"), ({"name": ""}, "name"), ({"extra": 1}, "extra"),
     ({"definition": {"filter": {"nope": 1}}}, "definition/filter/nope"), ({"definition": {"sort": "nope"}}, "definition/sort"),
     ({"definition": {"columns": ["nope"]}}, "definition/columns"), ({"definition": {"x": 1}}, "definition/x")],
)  # fmt: skip
def test_a_wrong_view_is_refused_by_name(world: World, change: dict[str, Any], place: str) -> None:
    assert signed_in("ann").post("/views", {**MINE, **change}).places == [place]


def boot_of(api: Api, path: str) -> dict[str, Any]:
    request = RequestFactory().get(path)
    request.COOKIES.update({name: morsel.value for name, morsel in api.http.cookies.items()})
    return orjson.loads(orjson.dumps(boot(request)))


def test_the_page_starts_with_the_answer_to_its_first_question(world: World) -> None:
    ann = signed_in("ann")
    deal = world.make("ann", "opportunity", name="D")
    for path, asked in (
        ("/", "/workbench"),
        ("/records/opportunity", "/records/opportunity?limit=50"),
        (f"/records/opportunity/{deal}", f"/records/opportunity/{deal}"),
    ):
        said = boot_of(ann, path)
        assert said["me"] == ann.get("/me").body
        assert said["meta"] == ann.get("/meta").body
        assert said["first"] == {"path": asked, "data": ann.get(asked).body}
        assert said["demo"] is None
        assert re.fullmatch(r"[A-Za-z0-9]{32,64}", said["csrf"])
    assert boot_of(ann, "/records/contract")["first"] is None


def test_the_page_of_nobody_holds_nothing(world: World, settings: Any) -> None:
    said = boot_of(Api(), "/records/opportunity")
    assert (said["me"], said["meta"], said["first"], said["demo"]) == (None, None, None, None)
    settings.HELI_DEMO = {"username": "wangmin", "password": "demo password"}
    shown = boot_of(Api(), "/signin")["demo"]
    assert shown["password"] == "demo password"
    assert {"username", "name", "role", "sees"} == set(shown["personas"][0])
