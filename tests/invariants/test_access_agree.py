"""Property 1: list, single check and every figure agree, row by row and cell by cell, in random companies."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import transaction
from tests.invariants.examples import Undo, each_seed
from tests.invariants.strategies import KIND, Company, company

from heli.access.core.decide import TypeRights
from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.api import viewer as identities
from heli.kernel.errors import Invalid, NotFound
from heli.records import reach as reaching
from heli.records import store
from heli.records.sight import row_facts

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


def oracle(viewer: Viewer, rights: TypeRights | None, made: Company) -> dict[str, dict[str, Any]]:
    """The rows that the viewer sees by deciding each one in process."""
    seen = {}
    for record, row in made.rows.items():
        if rights is None or row["deleted_at"] is not None:
            continue
        facts = row_facts(row, reaching.of_row(viewer.person, rights, record, row["account_id"]))
        if rights.decide("read", facts).allowed:
            seen[record] = facts
    return seen


@each_seed(40)
def test_the_list_is_what_single_checks_say(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng)
        for person in made.people:
            check_person(rng, identities.for_person(person), made)
        raise Undo


def check_person(rng: random.Random, viewer: Viewer, made: Company) -> None:
    assert viewer.view is not None
    rights = viewer.view.type("opportunity")
    seen = oracle(viewer, rights, made)
    if rights is None or not rights.read:
        with pytest.raises(NotFound):
            store.query(viewer, "opportunity")
        return
    query = store.query(viewer, "opportunity")
    page = query.page(200)
    assert {item["id"] for item in page.items} == set(seen)
    for item in page.items:
        access = page.access[item["_a"]]
        facts = seen[item["id"]]
        for code in KIND.fields:
            level = rights.level(code, facts)
            assert (code in item) == (level > Level.HIDDEN), code
            if level > Level.HIDDEN:
                assert (access[code] == "masked") == (level == Level.MASKED), code
        shown = store.query(viewer, "opportunity").one(item["id"])
        assert shown.access == access
        assert {c: v for c, v in shown.values.items() if c != "owner"} == {
            c: v for c, v in item.items() if c not in ("id", "_a", "owner")
        }
    for record in set(made.rows) - set(seen):
        with pytest.raises(NotFound):
            query.one(record)
    check_figures(rng, viewer, rights, seen)
    check_order(viewer, rights, seen)
    check_filters(viewer, rights, seen)
    check_many_sorts(viewer, rights, seen)


def readable(rights: TypeRights, seen: dict[str, dict[str, Any]], code: str) -> list[dict[str, Any]]:
    return [row for row in seen.values() if rights.level(code, row) == Level.READ]


def check_figures(rng: random.Random, viewer: Viewer, rights: TypeRights, seen: dict[str, dict[str, Any]]) -> None:
    query = store.query(viewer, "opportunity")
    if rights.best_level("amount") < Level.READ:
        with pytest.raises(Invalid):
            query.count(total="amount")
        with pytest.raises(Invalid):
            query.sort("-amount")
        with pytest.raises(Invalid):
            query.where({"amount": {">": "1"}})
    else:
        cells = readable(rights, seen, "amount")
        found = query.count(total="amount")
        assert (found.count, found.sum, found.readable) == (len(seen), sum(r["amount"] or 0 for r in cells), len(cells))
        bound = rng.choice((0, 10_000, 500_000))
        expected = {r["id"] for r in cells if r["amount"] is not None and r["amount"] >= bound}
        assert set(query.where({"amount": {">=": f"{bound / 100:.2f}"}}).ids()) == expected
        empty = {i for i, r in seen.items() if r["amount"] is None or rights.level("amount", r) < Level.READ}
        assert set(query.where({"amount": None}).ids()) == empty
    if rights.best_level("stage") == Level.READ:
        groups: dict[str, int] = {}
        for row in seen.values():
            key = row["stage"] if rights.level("stage", row) == Level.READ else ""
            groups[key] = groups.get(key, 0) + 1
        assert {k: c.count for k, c in query.count(by="stage").groups.items()} == groups


def check_order(viewer: Viewer, rights: TypeRights, seen: dict[str, dict[str, Any]]) -> None:
    for code, column in (("amount", "amount"), ("name", "name_key"), ("updated_at", "updated_at")):
        if rights.best_level(code) < Level.READ:
            continue
        for descending in (False, True):
            valued = [
                r for r in readable(rights, seen, code) if r[column] is not None and (code != "name" or r[column] != "")
            ]
            rest = [r for r in seen.values() if r not in valued]
            valued.sort(key=lambda r: (r[column], r["id"]), reverse=descending)
            rest.sort(key=lambda r: r["id"], reverse=True)
            expected = [r["id"] for r in valued + rest]
            got: list[str] = []
            after = None
            for _ in range(20):
                page = store.query(viewer, "opportunity").sort(f"{'-' if descending else ''}{code}").page(3, after)
                got += [item["id"] for item in page.items]
                after = page.next
                if after is None:
                    break
            assert got == expected, (code, descending)


def check_filters(viewer: Viewer, rights: TypeRights, seen: dict[str, dict[str, Any]]) -> None:
    """Every operator, on rows where the cell is read; alone, and inside AND and OR."""
    query = store.query(viewer, "opportunity")

    def cells(code: str) -> dict[str, Any]:
        return {row["id"]: row[KIND.fields[code].column] for row in readable(rights, seen, code)}

    if rights.best_level("name") == Level.READ:
        names = cells("name")
        for op, operand, holds in (
            ("=", "Deal", lambda v: v == "Deal"),
            ("!=", "Deal", lambda v: v != "Deal"),
            ("in", ["甲", "deal"], lambda v: v in ("甲", "deal")),
            ("contains", "EA", lambda v: "ea" in v.lower()),
            ("starts", "de", lambda v: v.lower().startswith("de")),
            ("filled", None, lambda v: v != ""),
        ):
            found = set(query.where({"field": "name", "op": op, "value": operand}).ids())
            assert found == {i for i, v in names.items() if holds(v)}, op
        if rights.best_level("amount") == Level.READ:
            amounts = cells("amount")
            either = query.where({"or": [{"name": "Deal"}, {"field": "amount", "op": "!=", "value": "100.00"}]}).ids()
            wanted = {i for i, v in names.items() if v == "Deal"} | {i for i, v in amounts.items() if v != 10_000}
            assert set(either) == wanted
    if rights.best_level("owner") == Level.READ:
        owners = cells("owner")
        groups: dict[Any, int] = {}
        for record in seen:
            owner = owners.get(record)
            groups["" if owner is None else owner] = groups.get("" if owner is None else owner, 0) + 1
        assert {k: c.count for k, c in query.count(by="owner").groups.items()} == groups


def check_many_sorts(viewer: Viewer, rights: TypeRights, seen: dict[str, dict[str, Any]]) -> None:
    """Mixed sorts page through every row once; a cell that is not read sorts as an empty one: last, either way."""
    for codes in (("amount", "-name"), ("-expected_on", "amount"), ("-updated_at", "name"), ("name", "updated_at")):
        plain = [c.removeprefix("-") for c in codes]
        if any(rights.best_level(c) < Level.READ for c in plain):
            continue
        got: list[str] = []
        after = None
        for _ in range(20):
            page = store.query(viewer, "opportunity").sort(",".join(codes)).page(3, after)
            got += [item["id"] for item in page.items]
            after = page.next
            if after is None:
                break
        expected = sorted(seen.values(), key=lambda r: r["id"], reverse=codes[0].startswith("-"))
        for code in reversed(codes):
            descending, name = code.startswith("-"), code.removeprefix("-")
            column = KIND.sort(name)
            valued = [r for r in expected if rights.level(name, r) == Level.READ and r[column] not in (None, "")]
            rest = [r for r in expected if r not in valued]
            expected = (
                sorted(valued, key=lambda r, c=column: r[c], reverse=False)
                if not descending
                else _falling(valued, column)
            )
            expected += rest
        assert got == [r["id"] for r in expected], codes


def _falling(rows: list[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """Stable, from the largest down."""
    return sorted(rows, key=lambda r: r[column], reverse=True)


def test_the_same_holds_with_more_reached_records_than_can_be_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "MOST_BOUND", 2)
    test_the_list_is_what_single_checks_say()
