"""Exports, as people meet them: asking for a list as a file, having it approved, getting it, and what is refused."""

from __future__ import annotations

import csv
import io

import pytest

from heli.access import grants
from heli.jobs.worker import drain
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def may_export(world: World, who: str, kind: str = "opportunity", scope: str = "below", limit: int = 500) -> None:
    lines = [{"type": kind, "actions": ["export"], "scope": [scope], "limit": str(limit)}]
    grants.grant_lines(SETUP, lines, "person", str(world.people[who]))


def rows_of(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def test_a_small_list_becomes_a_file_that_only_its_requester_gets(world: World) -> None:
    may_export(world, "mei")
    for n in range(3):
        world.make("ann", "opportunity", name=f"Deal {n}", amount="10")
    mei, ann = signed_in("mei"), signed_in("ann")
    asked = {"type": "opportunity", "format": "csv", "fields": ["name", "owner"], "sort": "name"}
    made = mei.post("/exports", asked)
    assert made.status == 201, made.body
    assert made.body["state"] == "queued"
    drain()
    got = mei.get(f"/exports/{made.body['id']}").body
    assert (got["state"], got["done"]) == ("ready", 3), got
    file = mei.get(f"/exports/{made.body['id']}/file")
    assert file.status == 200
    rows = rows_of(file.body)
    assert [row[:2] for row in rows[1:4]] == [["Deal 0", "Ann"], ["Deal 1", "Ann"], ["Deal 2", "Ann"]]
    assert "mei" in rows[-1][0]
    assert got["number"] in rows[-1][0]
    assert ann.get(f"/exports/{made.body['id']}/file").status == 404
    assert Api().get(f"/exports/{made.body['id']}/file").status == 401
