"""Attacks on the budget: taking cells by ways that fill none."""

from __future__ import annotations

import pytest

from heli.audit import entries
from heli.guard import ledger
from tests.api.client import signed_in
from tests.api.test_guard import deals, tight
from tests.world import World

pytestmark = pytest.mark.storage


def test_an_explanation_shows_no_cell_that_fills_no_budget(world: World) -> None:
    """“Why” shows the record's cells beside what others see of them: asked of one after the other it is a list."""
    mine = deals(world, "ann", 30)
    boss, ann = signed_in("boss"), signed_in("ann")
    tight(boss, freeze_at=0)
    statuses = []
    for one in mine:
        reply = ann.get(f"/access/why?action=read&type=opportunity&id={one}&field=amount")
        statuses.append(reply.status)
        ledger.flush()
        if reply.status == 200:
            assert "10.00" in str(reply.body)
    assert statuses[:20] == [200] * 20
    assert 429 in statuses[20:]


def test_a_request_shows_no_cell_that_fills_no_budget(world: World) -> None:
    mine = deals(world, "bob", 1)
    sue, bob = signed_in("sue"), signed_in("bob")
    body = {
        "type": "opportunity",
        "record": mine[0],
        "action": "read",
        "fields": ["amount"],
        "seconds": 3600,
        "reason": "x",
    }
    asked = sue.post("/access/requests", body)
    assert asked.status == 201, asked.body
    from heli.jobs.worker import drain

    drain()
    ledger.forget()
    shown = bob.get(f"/access/requests/{asked.body['id']}")
    assert [row["value"] for row in shown.body["offer"]["rows"] if row["field"]["code"] == "amount"] == ["10.00"]
    assert ledger._people[world.people["bob"]].sums["confidential"] == 1


def test_what_is_counted_to_try_a_line_is_written_down(world: World) -> None:
    """By counting under ever narrower conditions a value can be found out: who asks like that stands in the log."""
    deals(world, "ann", 1)
    boss = signed_in("boss")
    line = {"type": "opportunity", "actions": ["read"], "scope": ["all"],
            "where": [["amount", "<=", "9"]]}  # fmt: skip
    reply = boss.post("/access/scopes/preview", {"line": line, "person": str(world.people["ann"])})
    assert (reply.status, reply.body["count"]) == (200, 0), reply.body
    (told,) = [e for e in entries.query(actor_id=world.people["boss"], limit=20) if e.action == "policy.preview"]
    assert told.after["line"]["where"] == line["where"]
