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


def test_what_is_large_or_confidential_waits_for_somebody_above_and_never_for_oneself(world: World) -> None:
    may_export(world, "bob", scope="own")
    may_export(world, "mei")
    for n in range(4):
        world.make("bob", "opportunity", name=f"Deal {n}", amount="10")
    bob, mei, wei = signed_in("bob"), signed_in("mei"), signed_in("wei")
    asked = {"type": "opportunity", "format": "csv", "fields": ["name", "amount"]}
    before = bob.post("/exports/preview", {k: v for k, v in asked.items() if k != "format"}).body
    assert (before["rows"], before["reason"]) == (4, True)
    assert [one["username"] for one in before["asked_of"]] == ["mei"]
    assert bob.post("/exports", asked).places == ["reason"]
    made = bob.post("/exports", asked | {"reason": "Quarterly review with the customer"}).body
    assert made["state"] == "waiting"
    assert [one["href"] for one in mei.get("/workbench").body["queue"] if one["kind"] == "export"] == [
        f"/exports/{made['id']}"
    ]
    assert bob.post(f"/exports/{made['id']}/approve", {}).status == 404
    assert wei.post(f"/exports/{made['id']}/approve", {}).status == 404
    assert mei.post(f"/exports/{made['id']}/refuse", {}).places == ["note"]
    assert mei.post(f"/exports/{made['id']}/approve", {"note": "fine"}).body["state"] == "queued"
    assert mei.post(f"/exports/{made['id']}/approve", {}).code == "decided"
    drain()
    assert bob.get(f"/exports/{made['id']}").body["cells"] == {"sensitive": 0, "confidential": 4}
    assert bob.get(f"/exports/{made['id']}/file").status == 200
    assert bob.get(f"/exports/{made['id']}/file").status == 200
    assert bob.get(f"/exports/{made['id']}").body["downloads"] == 2
    boss = signed_in("boss")
    assert boss.get(f"/access/people/{world.people['bob']}/taken").body["totals"]["confidential"] == 4


def test_a_file_is_made_again_when_rights_or_records_change_before_its_download(world: World) -> None:
    may_export(world, "ann", scope="own")
    mine = [world.make("ann", "opportunity", name=f"Deal {n}") for n in range(3)]
    ann = signed_in("ann")
    made = ann.post("/exports", {"type": "opportunity", "format": "csv", "fields": ["name"], "sort": "name"}).body
    drain()
    world.do("mei", "opportunity", "transfer", mine[0], owner=str(world.people["bob"]))
    assert ann.get(f"/exports/{made['id']}/file").code == "made_again"
    drain()
    rows = rows_of(ann.get(f"/exports/{made['id']}/file").body)
    assert [row[0] for row in rows[1:-1]] == ["Deal 1", "Deal 2"]
