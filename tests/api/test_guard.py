"""The guard, as people meet it: a budget that strikes, a freeze, a leaver who tries to take everything, planted records."""

from __future__ import annotations

import importlib.util
import sys
from datetime import timedelta
from types import ModuleType

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from heli.access import grants
from heli.guard import budget, ledger, usual
from heli.guard import settings as guarding
from heli.guard.models import Taken
from heli.jobs.worker import drain
from heli.kernel import clock
from heli.kernel.errors import TooMany
from heli.records.hooks import Taken as Taken_
from heli.records.types import TYPES
from tests.api.client import Api, signed_in
from tests.world import SETUP, World

pytestmark = pytest.mark.storage


def tight(boss: Api, **values: int | bool) -> None:
    reply = boss.send("PATCH", "/access/guard/settings", {"floor_confidential": 20, "hour_share": 100, **values})
    assert reply.status == 200, reply.body


def read_all(api: Api, times: int, fields: str = "name,amount") -> list[int]:
    found = []
    for _ in range(times):
        found.append(api.get(f"/records/opportunity?fields={fields}").status)
        ledger.flush()
    return found


def deals(world: World, who: str, n: int) -> list[str]:
    return [world.make(who, "opportunity", name=f"Deal {i}", amount="10") for i in range(n)]


def test_over_their_budget_a_person_is_slowed_told_why_and_security_and_their_manager_hear(world: World) -> None:
    deals(world, "ann", 10)
    boss, ann, mei, wei = (signed_in(name) for name in ("boss", "ann", "mei", "wei"))
    tight(boss, freeze_at=0)
    assert read_all(ann, 2) == [200, 200]
    assert read_all(ann, 1) == [200]  # the first beyond it goes; then one must wait
    late = ann.get("/records/opportunity?fields=name,amount")
    assert (late.status, late.code) == (429, "over_budget")
    assert int(late.headers["Retry-After"]) >= 1
    assert "20" in late.body["message"]["en"], "the budget is explained in words"
    assert ann.get("/workbench").status == 200, "everything else goes on"
    assert signed_in("bob").get("/records/opportunity?fields=name,amount").status == 200, "nobody else is slowed down"
    (alert,) = boss.get("/access/guard/alerts").body["items"]
    assert (alert["kind"], alert["person"]["username"]) == ("budget", "ann")
    assert alert["evidence"]["used"] >= alert["evidence"]["limit"] == 20
    assert [one["id"] for one in mei.get("/access/guard/alerts").body["items"]] == [alert["id"]]
    assert wei.get("/access/guard/alerts").body["items"] == []
    assert ann.get("/access/guard/alerts").body["items"] == [], "nobody reads alerts about themselves"
    assert "alert" in {one["kind"] for one in mei.get("/workbench").body["queue"]}
    closed = boss.post(f"/access/guard/alerts/{alert['id']}/close", {"note": "A monthly report"})
    assert closed.body["closed_by"]["username"] == "boss"
    assert boss.get("/access/guard/alerts").body["items"] == []


def test_far_beyond_it_sensitive_cells_freeze_until_somebody_else_in_security_releases(world: World) -> None:
    mine = deals(world, "ann", 10)
    boss, ann = signed_in("boss"), signed_in("ann")
    tight(boss, freeze_at=150, slow=False)
    read_all(ann, 3)
    assert ann.get("/me").body["frozen"] is True
    row = ann.get(f"/records/opportunity/{mine[0]}").body
    assert row["access"]["amount"] == "masked"
    assert row["access"]["name"] == "edit", "everything else goes on"
    assert ann.get("/records/opportunity?sort=amount").status == 422, "what is masked is not sorted by either"
    who = world.people["ann"]
    assert ann.post(f"/access/guard/people/{who}/release", {"reason": "please"}).status == 403
    (seen,) = (one for one in boss.get("/access/guard/people").body["items"] if one["person"]["username"] == "ann")
    assert seen["may"] == ["release"]
    assert boss.post(f"/access/guard/people/{world.people['boss']}/freeze", {"reason": "me"}).code == "self"
    assert {one["kind"] for one in boss.get("/access/guard/alerts").body["items"]} >= {"budget", "frozen"}
    assert boss.post(f"/access/guard/people/{who}/release", {"reason": "It was the monthly report"}).status == 204
    assert boss.get("/access/guard/alerts").body["items"] == [], "who lets them go on has decided on it"
    dealt = boss.get("/access/guard/alerts?state=all").body["items"]
    assert {(one["note"], one["closed_by"]["username"]) for one in dealt} == {("It was the monthly report", "boss")}
    assert ann.get(f"/records/opportunity/{mine[0]}").body["access"]["amount"] == "edit"
    read_all(ann, 1)
    assert ann.get("/me").body["frozen"] is False, "what was taken until the release freezes nobody a second time"
    assert ann.get("/access/guard/mine").body["lines"][-1]["used"] < 20
    said = [one["text"]["en"] for one in ann.get("/notices").body["items"]]
    assert [one[:20] for one in said] == ["security lets you go", "your sensitive and c"]


def test_a_page_that_reads_anew_by_itself_takes_nothing_again(world: World) -> None:
    """Others change rules and every open page reads anew: nobody is slowed down or frozen for that."""
    mine = deals(world, "ann", 5)
    boss, ann = signed_in("boss"), signed_in("ann")
    tight(boss, freeze_at=150)

    def used() -> int:
        ledger.flush()
        return int(ann.get("/access/guard/mine").body["lines"][-1]["used"])

    page, record = "/records/opportunity?fields=name,amount", f"/records/opportunity/{mine[0]}"
    assert ann.get(page).status == 200 and ann.get(record).status == 200
    first = used()
    assert first == 6
    for _ in range(5):
        assert ann.get(page, X_Heli_Anew="1").status == 200 and ann.get(record, X_Heli_Anew="1").status == 200
    assert used() == first, "the same answers to the same questions"
    ann.get("/records/opportunity?fields=name,amount,stage", X_Heli_Anew="1")
    assert used() == first + 5, "what the page had not shown counts, whatever is said of it"
    ann.get(page)
    assert used() == first + 10, "and so does whoever reads it anew themselves"
    world.make("ann", "opportunity", name="One more", amount="10")
    ann.get(page, X_Heli_Anew="1")
    assert used() == first + 16


def test_whoever_is_slowed_down_goes_on_when_security_lets_them(world: World) -> None:
    deals(world, "ann", 10)
    boss, ann, mei = (signed_in(name) for name in ("boss", "ann", "mei"))
    tight(boss, freeze_at=0)
    assert read_all(ann, 4)[-1] == 429
    told = [one["text"]["en"] for one in mei.get("/notices").body["items"]]
    assert told == ["Ann: over the budget of sensitive data"], "the bell tells who leads them"
    who = world.people["ann"]
    (seen,) = (one for one in boss.get("/access/guard/people").body["items"] if one["person"]["username"] == "ann")
    assert seen["may"] == ["allow", "freeze"]
    assert mei.post(f"/access/guard/people/{who}/allow", {"reason": "she is mine"}).status == 403
    assert boss.post(f"/access/guard/people/{who}/allow", {"reason": "The monthly report"}).status == 204
    assert boss.get("/access/guard/alerts").body["items"] == []
    assert read_all(ann, 2) == [200, 200]


def test_what_is_usual_for_their_peers_sets_the_budget_and_giving_notice_shrinks_it(world: World) -> None:
    boss, adm = signed_in("boss"), Api()
    world.add("adm", "root", None)
    lines = [{"type": "organisation", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["adm"]))
    adm = signed_in("adm")
    tight(boss)
    today = clock.today()
    for name, n in (("ann", 40), ("bob", 200)):
        for day in range(1, 11):
            Taken.objects.create(
                person_id=world.people[name], day=today - timedelta(days=day), type="opportunity", channel="list",
                kind="confidential", n=n,
            )  # fmt: skip
    usual.renew.call()

    def day_of(name: str) -> budget.Line:
        found = budget.lines(world.people[name])
        return next(one for one in found if (one.kind, one.window) == ("confidential", "day"))

    assert (day_of("ann").limit, day_of("ann").peers) == (600, 200)
    assert day_of("sue").limit == 20, "another position, another measure"
    last = (today + timedelta(days=20)).isoformat()
    page = adm.post(f"/organisation/people/{world.people['ann']}/notice", {"on": last})
    assert page.body["leaving_on"] == last, page.body
    assert day_of("ann").limit == 40
    assert "leaving_on" not in signed_in("wei").get(f"/organisation/people/{world.people['ann']}").body
    assert boss.get(f"/organisation/people/{world.people['ann']}").status in (200, 403)
    adm.post(f"/organisation/people/{world.people['ann']}/notice", {"on": None})
    assert day_of("ann").limit == 600


def test_a_leaver_who_tries_to_take_every_customer_needs_an_approval_for_anything_and_ends_with_nothing(
    world: World,
) -> None:
    from heli.org import verbs as org

    may = [{"type": "opportunity", "actions": ["export"], "scope": ["own"], "limit": "500"}]
    grants.grant_lines(SETUP, may, "person", str(world.people["ann"]))
    deals(world, "ann", 3)
    grants.grant_lines(
        SETUP, [{"type": "opportunity", "actions": ["export"], "scope": ["below"], "limit": "500"}], "person",
        str(world.people["mei"]),
    )  # fmt: skip
    ann, mei = signed_in("ann"), signed_in("mei")
    asked = {"type": "opportunity", "format": "csv", "fields": ["name"], "reason": "my own records"}
    free = ann.post("/exports", asked).body
    assert free["state"] == "queued"
    drain()
    org.give_notice(SETUP, world.people["ann"], clock.today())
    held = ann.post("/exports", asked).body
    assert held["state"] == "waiting"
    assert mei.post(f"/exports/{held['id']}/approve", {}).status == 200
    org.leave(SETUP, world.people["ann"])
    drain()
    states = {
        one["id"]: one["state"]
        for one in signed_in("boss").get(f"/access/people/{world.people['ann']}/taken").body["exports"]
    }
    assert states == {free["id"]: "ended", held["id"]: "ended"}
    assert ann.get(f"/exports/{free['id']}/file").status == 401


def test_a_planted_record_tells_on_who_reads_in_bulk_or_exports_it_and_changes_no_figure(world: World) -> None:
    for n in range(4):
        world.make("ann", "account", name=f"Customer {n}")
    lines = [{"type": "account", "actions": ["read", "export"], "scope": ["all"], "limit": "100"}]
    grants.grant_lines(SETUP, lines, "person", str(world.people["wei"]))
    boss, wei, mei, ann = (signed_in(name) for name in ("boss", "wei", "mei", "ann"))
    tight(boss, canary_rows=3)
    assert ann.get("/access/guard/canaries").status == 403
    before = wei.get("/records/account/count").body["count"]
    east = str(world.departments["east"])
    planted = boss.post("/access/guard/canaries", {"type": "account", "department": east})
    assert planted.status == 201, planted.body
    assert wei.get("/records/account/count").body["count"] == before, "no figure changes by it"
    record = planted.body["record"]
    assert mei.get("/records/account").status == 200
    assert boss.get("/access/guard/alerts").body["items"] == [], "it lies in mei's own department"
    assert record in {one["id"] for one in wei.get("/records/account").body["items"]}
    (alert,) = boss.get("/access/guard/alerts").body["items"]
    assert (alert["kind"], alert["person"]["username"]) == ("canary", "wei")
    assert alert["evidence"]["records"] == [record]
    assert alert["evidence"]["type_name"]["zh"] != alert["evidence"]["type"], "told by name to who sees nothing of it"
    made = wei.post("/exports", {"type": "account", "format": "xlsx", "fields": ["name"]}).body
    assert made["state"] == "queued", made
    drain()
    (alert,) = boss.get("/access/guard/alerts").body["items"]
    assert (alert["times"], alert["evidence"]["channel"]) == (2, "export")
    assert boss.delete(f"/access/guard/canaries/{planted.body['id']}").status == 204
    assert boss.get(f"/records/account/{record}").status == 404


def process() -> ModuleType:
    """The ledger as another process of the same server has it: a memory of its own, the same tables."""
    spec = importlib.util.spec_from_file_location("another_ledger", ledger.__file__)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    sys.modules["another_ledger"] = made
    spec.loader.exec_module(made)
    return made


@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(order=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 60)), min_size=30, max_size=30))
def test_several_processes_together_pass_a_budget_by_a_fiftieth_each_and_the_answers_on_their_way(
    world: World, order: list[tuple[int, int]]
) -> None:
    limit, most, processes = 1000, 60, 4
    with transaction.atomic():
        guarding.change(SETUP, {"floor_confidential": limit, "hour_share": 100, "freeze_at": 0})
        viewer, kind = world.as_("ann"), TYPES["opportunity"]
        ledgers = [process() for _ in range(processes)]
        given = 0
        for at, n in order * 4:
            try:
                ledgers[at].asking(viewer, kind, "list")
            except TooMany:
                continue
            if ledgers[at]._people.get(viewer.person) and ledgers[at]._people[viewer.person].over:
                continue  # let through once in a while, slowed down
            ledgers[at].taken(Taken_(viewer, kind, "list", 0, n, ()))
            ledgers[at].settle()
            given += n
        assert given <= limit + processes * (limit // 50 + most)
        known = sum(one._people[viewer.person].sums["confidential"] for one in ledgers if viewer.person in one._people)
        written = budget.used(world.people["ann"]).get(("confidential", "day"), 0)
        assert written + known == given, "nothing is counted twice or not at all"
        assert known <= processes * limit // 50, "what a killed process would lose"
        for one in ledgers:
            one.flush()
        assert budget.used(world.people["ann"]).get(("confidential", "day"), 0) == given
        transaction.set_rollback(True)
