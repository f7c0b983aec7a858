"""Attacks by what is sent: values that are stored for one person and then break an answer for another."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import signed_in
from tests.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

WIDTHS: list[Any] = [
    {"name": 10**39},
    {"name": -1},
    {"name": "\0"},
    {"name": {"deeper": 1}},
    {"\0": 1},
    {"</script>": 1},
    {f"c{n}": 1 for n in range(201)},
]


@pytest.mark.parametrize("widths", WIDTHS, ids=range(len(WIDTHS)))
def test_a_shared_view_with_absurd_widths_is_refused_and_breaks_nobodys_list(world: World, widths: Any) -> None:
    view = {"type": "opportunity", "name": "v", "shared": True}
    api = signed_in("ann")
    said = api.post("/views", {**view, "definition": {"widths": widths}})
    assert said.status == 422, said.body
    assert said.places[0].startswith("definition/widths")
    made = api.post("/views", {**view, "definition": {"columns": ["name"], "widths": {"name": 240}}})
    assert made.status == 201
    assert api.patch(f"/views/{made.body['id']}", {"definition": {"widths": widths}}).status == 422
    assert [one["definition"]["widths"] for one in signed_in("bob").get("/views").body["items"]] == [{"name": 240}]


@pytest.mark.parametrize("prefix", ["/api/v2/", "/api/xx/", "/api/v1x", "/api/", "/api//v1/"])
def test_only_the_api_s_own_address_leads_to_its_routes(world: World, prefix: str) -> None:
    api = signed_in("ann")
    assert api.http.get("/api/v1/me").status_code == 200
    answer = api.http.get(f"{prefix}me")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_address")
