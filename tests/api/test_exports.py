"""Exports, as people meet them: asking for a list as a file, having it approved, getting it, and what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from heli.access import grants
from heli.guard.exports import files, run
from heli.guard.models import Export
from heli.jobs.worker import drain
from heli.kernel import clock
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "HELI_HOME", tmp_path)
    yield


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
    assert [one["text"]["en"] for one in mei.get("/notices").body["items"]] == [
        "Bob asks to export 4 records (Opportunity): decide on it"
    ]
    assert bob.post(f"/exports/{made['id']}/approve", {}).status == 404
    assert wei.post(f"/exports/{made['id']}/approve", {}).status == 404
    assert mei.post(f"/exports/{made['id']}/refuse", {}).places == ["note"]
    assert mei.post(f"/exports/{made['id']}/approve", {"note": "fine"}).body["state"] == "queued"
    assert mei.post(f"/exports/{made['id']}/approve", {}).code == "decided"
    drain()
    assert bob.get("/notices").body["items"][0]["text"]["en"] == "your export is ready: Opportunity, 4 records"
    assert mei.get("/notices").body["items"][0]["over"]
    assert bob.get(f"/exports/{made['id']}").body["cells"] == {"sensitive": 0, "confidential": 4}
    assert bob.get(f"/exports/{made['id']}/file").status == 200
    assert bob.get(f"/exports/{made['id']}/file").status == 200
    assert bob.get(f"/exports/{made['id']}").body["downloads"] == 2
    boss = signed_in("boss")
    assert boss.get(f"/access/people/{world.people['bob']}/taken").body["totals"]["confidential"] == 4


def test_its_asker_withdraws_it_while_it_waits_and_who_comes_late_is_told_what_came_first(world: World) -> None:
    may_export(world, "bob", scope="own")
    may_export(world, "mei")
    world.make("bob", "opportunity", name="Deal", amount="10")
    bob, mei, ann = signed_in("bob"), signed_in("mei"), signed_in("ann")
    asked = {"type": "opportunity", "format": "csv", "fields": ["name", "amount"], "reason": "For the quarter"}

    def queue() -> list[str]:
        return [one["href"] for one in mei.get("/workbench").body["queue"] if one["kind"] == "export"]

    made = bob.post("/exports", asked).body
    path = f"/exports/{made['id']}"
    assert made["may_withdraw"]
    assert queue() == [path]
    assert mei.get(path).body["may_withdraw"] is False
    assert [one.post(f"{path}/withdraw", {}).status for one in (mei, ann)] == [404, 404]
    assert bob.post(f"{path}/withdraw", {"note": "x" * 1001}).status == 422
    gone = bob.post(f"{path}/withdraw", {"note": "The wrong quarter"}).body
    assert (gone["state"], gone["note"], gone["may_withdraw"]) == ("withdrawn", "The wrong quarter", False)
    assert queue() == []
    assert mei.get("/exports?of=deciding").body["items"] == []
    for late in (mei.post(f"{path}/approve", {}), mei.post(f"{path}/refuse", {"note": "no"})):
        assert (late.status, late.code) == (409, "withdrawn")
        assert "Bob has withdrawn" in late.body["message"]["en"]
    assert bob.post(f"{path}/withdraw", {}).code == "decided"
    drain()
    assert bob.get(path).body["state"] == "withdrawn"
    assert bob.get(f"{path}/file").code == "not_ready"

    taken = f"/exports/{bob.post('/exports', asked).body['id']}"
    mei.post(f"{taken}/approve", {})
    late = bob.post(f"{taken}/withdraw", {})
    assert (late.status, late.code) == (409, "decided")
    assert "Mei approved it just before" in late.body["message"]["en"]
    assert bob.get(taken).body["state"] == "queued"


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


def test_what_an_approver_gave_fills_the_budget_too_but_freezes_nobody(world: World) -> None:
    from heli.guard import budget

    may_export(world, "bob", scope="own")
    may_export(world, "mei")
    for n in range(25):
        world.make("bob", "opportunity", name=f"Deal {n}", amount="10")
    bob, mei, boss = signed_in("bob"), signed_in("mei"), signed_in("boss")
    tight = {"floor_confidential": 20, "hour_share": 100, "freeze_at": 100}
    assert boss.send("PATCH", "/access/guard/settings", tight).status == 200
    asked = {"type": "opportunity", "format": "xlsx", "fields": ["name", "amount"], "reason": "for the visit"}
    made = bob.post("/exports", asked).body
    mei.post(f"/exports/{made['id']}/approve", {})
    drain()
    who = world.people["bob"]
    line = next(one for one in budget.lines(who) if (one.kind, one.window) == ("confidential", "day"))
    assert (line.used, line.approved, line.limit) == (25, 25, 20)
    assert "25 来自已批准的导出" in line.words().zh
    assert not bob.get("/me").body.get("frozen")
    assert bob.get("/records/opportunity?fields=name,amount&limit=10").status == 200
    late = bob.get("/records/opportunity?fields=name,amount")
    assert (late.status, late.code) == (429, "over_budget"), "but more has to wait"
    (alert,) = boss.get("/access/guard/alerts").body["items"]
    assert (alert["kind"], alert["evidence"]["approved"]) == ("budget", 25)
    rows = [one for one in bob.get(f"/access/people/{who}/taken").body["items"] if one["kind"] == "confidential"]
    assert {(row["channel"], row["n"]) for row in rows} == {("approved", 25), ("list", 10)}


def test_a_worker_that_dies_leaves_no_half_file_and_the_next_one_makes_it_whole(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_export(world, "ann", scope="own")
    for n in range(3):
        world.make("ann", "opportunity", name=f"Deal {n}")
    ann = signed_in("ann")
    made = ann.post("/exports", {"type": "opportunity", "format": "csv", "fields": ["name"]}).body["id"]
    kept = run._digest
    monkeypatch.setattr(run, "_digest", lambda path: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        run.make.call(made)
    assert list(files.folder().iterdir()) == [], "nothing half written stays"
    assert ann.get(f"/exports/{made}/file").code == "not_ready"
    monkeypatch.setattr(run, "_digest", kept)
    drain()
    assert len(rows_of(ann.get(f"/exports/{made}/file").body)) == 5


def test_rights_that_change_while_it_is_made_begin_it_anew_and_rights_that_go_end_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = grants.grant_lines(
        SETUP, [{"type": "opportunity", "actions": ["export"], "scope": ["own"], "limit": "9"}], "person",
        str(world.people["ann"]),
    )  # fmt: skip
    world.make("ann", "opportunity", name="Deal")
    ann = signed_in("ann")
    made = ann.post("/exports", {"type": "opportunity", "format": "csv", "fields": ["name"]}).body["id"]
    second = ann.post("/exports", {"type": "opportunity", "format": "csv", "fields": ["name"]}).body["id"]
    kept, goes = run._digest, []

    def changed(path: Path) -> tuple[str, int]:
        if not goes:
            grants.grant_lines(SETUP, [{"type": "ticket", "actions": ["read"], "scope": ["own"]}], "everyone")
        goes.append(path)
        return kept(path)

    monkeypatch.setattr(run, "_digest", changed)
    run.make.call(made)
    assert len(goes) == 2, "begun anew once"
    assert ann.get(f"/exports/{made}").body["state"] == "ready"
    grants.revoke(SETUP, export.pk)
    drain()
    assert ann.get(f"/exports/{second}").body["state"] == "failed"
    assert ann.get(f"/exports/{made}/file").code == "made_again"
    drain()
    assert ann.get(f"/exports/{made}").body["state"] == "failed"


def test_records_that_go_are_left_out_and_those_that_came_in_numbers_need_another_request(world: World) -> None:
    may_export(world, "ann", scope="own")
    mine = [world.make("ann", "opportunity", name=f"Deal {n}") for n in range(3)]
    ann = signed_in("ann")
    asked = {"type": "opportunity", "format": "csv", "fields": ["name"]}
    fewer = ann.post("/exports", {**asked, "ids": mine[:2]}).body["id"]
    world.do("ann", "opportunity", "delete", mine[0])
    drain()
    assert [row[0] for row in rows_of(ann.get(f"/exports/{fewer}/file").body)[1:-1]] == ["Deal 1"]
    more = ann.post("/exports", asked).body["id"]
    for n in range(12):
        world.make("ann", "opportunity", name=f"Late {n}")
    drain()
    got = ann.get(f"/exports/{more}").body
    assert (got["state"], "14" in got["problem"]["en"]) == ("failed", True)


def test_it_expires_after_a_day_and_its_file_goes(world: World) -> None:
    may_export(world, "ann", scope="own")
    world.make("ann", "opportunity", name="Deal")
    ann = signed_in("ann")
    made = ann.post("/exports", {"type": "opportunity", "format": "csv", "fields": ["name"]}).body["id"]
    drain()
    Export.objects.filter(pk=made).update(expires_at=clock.now())
    assert ann.get(f"/exports/{made}").body["state"] == "expired"
    assert ann.get(f"/exports/{made}/file").code == "expired"
    assert list(files.folder().iterdir()) == []


@pytest.mark.parametrize(
    ("wish", "status"),
    [
        ({"type": "nothing"}, 404),
        ({"type": "contract"}, 404),
        ({"type": "account"}, 403),
        ({"type": "opportunity", "fields": ["nothing"]}, 422),
        ({"type": "opportunity", "fields": ["name"] * 10_000}, 422),
        ({"type": "opportunity", "filter": {"name": {"$where": "1"}}}, 422),
        ({"type": "opportunity", "filter": {"field": "nothing", "op": "=", "value": 1}}, 422),
        ({"type": "opportunity", "filter": {"name": "x"}, "ids": ["0" * 32]}, 422),
        ({"type": "opportunity", "ids": ["0" * 32]}, 422),
        ({"type": "opportunity", "sort": "nothing"}, 422),
        ({"type": "opportunity", "more": 1}, 422),
    ],
)  # fmt: skip
def test_a_wish_that_cannot_be_is_refused_with_its_place(world: World, wish: dict[str, Any], status: int) -> None:
    may_export(world, "ann", scope="own")
    world.make("ann", "opportunity", name="Deal")
    ann = signed_in("ann")
    assert ann.post("/exports/preview", wish).status == status
    assert ann.post("/exports", {**wish, "format": "csv"}).status == status


def test_more_rows_than_a_limit_allows_are_refused_in_words(world: World) -> None:
    may_export(world, "ann", scope="own", limit=2)
    for n in range(3):
        world.make("ann", "opportunity", name=f"Deal {n}")
    reply = signed_in("ann").post("/exports", {"type": "opportunity", "format": "csv", "fields": ["name"]})
    assert (reply.status, reply.places) == (422, ["rows"])
    assert "2" in reply.body["message"]["en"]
