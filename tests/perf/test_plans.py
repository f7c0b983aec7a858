"""Every plan gives the same page; and the planner's own choice keeps near the best, loosely."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from heli.access import grants
from heli.api import viewer as identities
from heli.records import counts, plan, sql, store
from heli.records.plan import chooser, probe
from heli.records.types import TYPES
from tests import world

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
PLANS = ("or-sort", "walk", "merge", "filter", "union")
FULL, SOME = {"*": "read"}, {"amount": "masked"}


@pytest.fixture(autouse=True)
def fresh_counts() -> Iterator[None]:
    counts.forget()
    probe.forget()
    yield
    counts.forget()
    probe.forget()


def _line(scope: str, read: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"type": "opportunity", "actions": ["read"], "scope": [scope], "read": read, **more}


def _deals(company: world.World, count: int, seed: int) -> None:
    """Rows with ties, empty values and deleted ones, straight into the table: this is about reading."""
    rng = random.Random(seed)
    kind = TYPES["opportunity"]
    people, places = list(company.people.values()), list(company.departments.values())
    text = {c.column: "" for c in kind.model._meta.concrete_fields if not c.null}
    rows = []
    for n in range(count):
        touched = f"2026-01-{1 + rng.randrange(28):02} 10:00:00.000001"
        row = dict.fromkeys(kind.stored) | text | {
            "id": f"{n:08x}0000700080000000{rng.getrandbits(32):08x}",
            "name": f"d{n}", "name_key": f"d{rng.randrange(count // 3)}", "code": f"c{n}", "code_key": f"c{n}",
            "stage": rng.choice(("won", "won", "lost", "new")),
            "amount": rng.choice((None, 100, 200, 300, rng.randrange(10_000))),
            "owner_id": rng.choice(people), "department_id": rng.choice(places),
            "account_owner_id": rng.choice((None, *people)),
            "created_at": touched, "updated_at": touched, "version": 1,
            "deleted_at": touched if rng.random() < 0.1 else None,
        }  # fmt: skip
        rows.append(tuple(row.values()))
    sql.insert_many(kind.table, kind.stored, rows)


@pytest.fixture
def company() -> world.World:
    made = world.fresh()
    for name, lines in {
        "wide": [_line("all", SOME), _line("department", FULL)],
        "mixed": [_line("own", FULL), _line("below", SOME), _line("customer", SOME)],
        "bounded": [_line("below", FULL, where=[["amount", ">=", "1.50"]]), _line("own", SOME)],
    }.items():
        made.add(name, "east", None)
        grants.grant_lines(world.SETUP, lines, "person", str(made.people[name]))
    return made


def _pages(viewer: Any, sort: str, given: Any) -> list[str]:
    """Ids of all pages, in order."""
    query = store.query(viewer, "opportunity").sort(sort)
    if given is not None:
        query = query.where(given)
    got: list[str] = []
    after = None
    while True:
        page = query.page(17, after, named=False)
        got += [item["id"] for item in page.items]
        after = page.next
        if after is None:
            return got


@pytest.mark.parametrize("seed", [1, 2])
def test_all_plans_give_the_same_pages(company: world.World, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    _deals(company, 400, seed)
    used: set[str] = set()
    fetch = plan.fetch

    def noted(want: plan.Want, *prepared: plan.Prepared) -> plan.Got:
        got = fetch(want, *prepared)
        used.update(got.plan.replace(">", "+").split("+"))
        return got

    monkeypatch.setattr(store.plan, "fetch", noted)
    filters = (None, {"stage": "won"}, {"stage": ["lost", "new"]}, {"amount": {">=": "2.00"}}, {"amount": None})
    for name in ("wide", "mixed", "bounded"):
        viewer = identities.for_person(company.people[name])
        for sort in ("-updated_at", "name", "-name", "amount", "-amount", "expected_on"):
            for given in filters:
                monkeypatch.setattr(chooser, "FORCED", "or-sort")
                expected = _pages(viewer, sort, given)
                assert len(expected) == len(set(expected))
                for forced in (*PLANS[1:], None):
                    monkeypatch.setattr(chooser, "FORCED", forced)
                    assert _pages(viewer, sort, given) == expected, (name, sort, given, forced)
    assert set(PLANS) <= used


def test_a_walk_that_finds_nothing_gives_up_and_the_page_is_whole(
    company: world.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _deals(company, 400, 3)
    viewer = identities.for_person(company.people["mixed"])
    expected = _pages(viewer, "-amount", {"stage": "won"})
    monkeypatch.setattr(chooser, "_choose", lambda phase, cost: "walk" if phase.index else "or-sort")
    monkeypatch.setattr(chooser, "SMALL", 3)
    lies = counts.Counts(400, {"owner_id": {}, "department_id": {}, "stage": {}}, {})
    monkeypatch.setattr(counts, "known", lambda kind: lies)
    assert _pages(viewer, "-amount", {"stage": "won"}) == expected


@pytest.mark.perf
def test_the_choice_keeps_near_the_best_plan(company: world.World, monkeypatch: pytest.MonkeyPatch) -> None:
    _deals(company, 6000, 4)
    if connection.vendor == "postgresql":
        sql.execute("ANALYZE")
    ratios = []
    for name in ("wide", "mixed"):
        query = store.query(identities.for_person(company.people[name]), "opportunity")
        for sort in ("-updated_at", "name", "-amount"):
            want = query.sort(sort).want(51, None)
            times: dict[str | None, list[float]] = {one: [] for one in (None, *PLANS[:3])}
            for _ in range(9):
                for one, taken in times.items():
                    monkeypatch.setattr(chooser, "FORCED", one)
                    began = time.perf_counter()
                    plan.fetch(want)
                    taken.append(time.perf_counter() - began)
            middle = {one: statistics.median(found) for one, found in times.items()}
            ratios.append(middle.pop(None) / min(middle.values()))
    assert statistics.median(ratios) < 3, ratios
