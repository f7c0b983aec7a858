"""Attacks on the budget: taking cells by ways that fill none."""

from __future__ import annotations

from typing import Any

import pytest

from heli.audit import entries, verify
from heli.guard import ledger
from heli.kernel import clock
from heli.policy import asked
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


def test_questions_of_one_minute_stand_in_the_log_together_and_none_is_lost(world: World) -> None:
    """While a threshold is typed it is counted again and again: each was an entry of its own, and the chain's lock."""
    deals(world, "ann", 1)
    boss, ann = signed_in("boss"), str(world.people["ann"])

    def ask(most: int, kind: str = "opportunity") -> None:
        where = [["amount", "<=", str(most)]] if kind == "opportunity" else []
        line = {"type": kind, "actions": ["read"], "scope": ["all"], "where": where}
        assert boss.post("/access/scopes/preview", {"line": line, "person": ann}).status == 200

    def told() -> list[Any]:
        kept = [one.after for one in reversed(entries.query(actions=["policy.preview"], limit=50))]
        return [[one["line"]["where"] for one in after.get("questions", [after])] for after in kept]

    def at_most(*many: int) -> list[Any]:
        return [[["amount", "<=", str(one)]] for one in many]

    for most in (9, 8, 8, 7):
        ask(most)
    assert told() == [at_most(9)], "the first at once"
    ask(1, "account")
    assert told() == [at_most(9), [[]]], "another rule is another question"
    assert asked.write.call() == 0, "the minute is not over"
    with clock.later(seconds=61):
        ask(6)
        assert told() == [at_most(9), [[]], at_most(8, 7), at_most(6)]
        assert asked.write.call() == 1 and asked.write.call() == 0
    for most in range(100, 100 + asked.MOST + 2):
        ask(most)
    assert [len(one) for one in told()][-2:] == [1, asked.MOST], "what is asked by a program is written as it comes"
    with clock.later(seconds=200):
        assert asked.write.call() == 1
    assert sum(map(len, told())) == 5 + asked.MOST + 2
    assert verify.verify().ok
