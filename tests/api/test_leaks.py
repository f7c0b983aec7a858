"""``heli leaks``: the side channels tried on a company's own people and records; planted leaks are found."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from heli.access import grants
from heli.access.compile import Sql
from heli.access.core.decide import TypeRights
from heli.access.core.line import Level
from heli.config import leaks
from heli.records import rows, search, sql, store
from heli.records.sight import Sight
from heli.records.types import TYPES
from tests.cli import Heli
from tests.world import SETUP, World


def company(world: World) -> None:
    names = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "hidden", "name": "read"}}
    grants.grant_lines(SETUP, [names], "person", str(world.people["sue"]))
    for who in ("ann", "bob", "wei"):
        world.make(who, "account", name=f"Customer of {who}")
        for n in range(2):
            world.make(who, "opportunity", name=f"Deal {n} of {who}", amount=str(100 + n))


def test_a_company_without_leaks_is_told_so_and_nothing_is_left_behind(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    company(world)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id, name, amount FROM "{TYPES["opportunity"].table}" ORDER BY id')
        before = cursor.fetchall()
        heli = Heli(capsys)
        found = heli("leaks")
        cursor.execute(f'SELECT id, name, amount FROM "{TYPES["opportunity"].table}" ORDER BY id')
        assert cursor.fetchall() == before
    assert (heli.status, found["leaks"]) == (0, 0), found["checks"]
    assert {one["code"] for one in found["checks"] if one["tried"]} >= {
        "list",
        "sort",
        "filter",
        "count",
        "record",
        "absent",
        "search",
    }
    assert {one["code"] for one in found["disclosures"]} >= {"names", "unique", "view-as"}
    assert "Deal" not in str(found)


FIND, PAGE = search.find, store.Query.page


def _count_all(self: store.Query, *args: Any, **kwargs: Any) -> store.Count:
    return store.Count(sql.rows(f'SELECT COUNT(*) FROM "{self.kind.table}" WHERE deleted_at IS NULL')[0][0])


def _with_total(self: store.Query, *args: Any, **kwargs: Any) -> store.Page:
    found = PAGE(self, *args, **kwargs)
    return store.Page([{**one, "of": _count_all(self).count} for one in found.items], [*found.access], found.next)


PLANTS: dict[str, tuple[tuple[Any, str, Any], str]] = {
    "rows are not bounded": ((Sight, "predicate", lambda self, alias="", **_: Sql(f"{alias}deleted_at IS NULL")), "count"),
    "counts are of everything": ((store.Query, "count", _count_all), "count"),
    "lists tell the total": ((store.Query, "page", _with_total), "list"),
    "unseen records open": ((rows, "visible", lambda sight, row: True), "record"),
    "cells of a record": ((TypeRights, "_level", lambda self, shape, row: Level.READ), "record"),
}  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_leak_is_found(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], plant: str
) -> None:
    company(world)
    patch, channel = PLANTS[plant]
    hidden = leaks._hidden

    def before(one: Any, kind: Any, most: int) -> Any:  # what is hidden is told without the leak
        with pytest.MonkeyPatch.context() as undone:
            undone.setattr(patch[0], patch[1], original)
            return list(hidden(one, kind, most))

    original = getattr(patch[0], patch[1])
    monkeypatch.setattr(leaks, "_hidden", before)
    monkeypatch.setattr(*patch)
    heli = Heli(capsys)
    found = heli("leaks")
    assert heli.status == 1
    assert channel in {one["code"] for one in found["checks"] if one["leaks"]}
