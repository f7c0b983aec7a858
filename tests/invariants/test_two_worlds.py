"""Property 7: two worlds that differ only in what a person may not see answer byte-equally, on doors and on every GET route.

Both worlds are the same database: the second has the difference written in a savepoint that is undone. What cannot be
silent is a register, ``docs/disclosures.md``; the worlds do not differ in it. The harness proves itself on planted leaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from tests import world
from tests.api.client import signed_in
from tests.invariants.worlds import ABSENT, addresses, all_rows, door_answers, leaks, levels, route_answers

from heli.access import grants
from heli.access.compile import TRUE, Group, Sql
from heli.access.core.decide import Decision, TypeRights
from heli.access.core.line import Keys, Level, Reached
from heli.access.viewer import Viewer
from heli.api import access_insight
from heli.insight import chain
from heli.jobs import worker
from heli.kernel import clock
from heli.kernel.errors import HeliError
from heli.records import act, common, counting, explain, filters, rows, search, sql, store, work
from heli.records import fields as f
from heli.records import sight as sights
from heli.records.act import Action
from heli.records.sight import Sight
from heli.records.types import TYPES

pytestmark = pytest.mark.django_db

PEOPLE = ("amy", "wei", "fin", "sue")
KINDS = ("opportunity", "account", "contact", "ticket")


class Company(world.World):
    """The small company with records of everybody, some of them secret to whom is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.add("amy", "east", "rep")
        acme = self.make("ann", "account", name="Acme", phone="13800001111")
        west = self.make("wei", "account", name="West", phone="13800002222")
        self.add("zoe", "west", "rep")
        secret = self.make("zoe", "account", name="Secret", phone="13800003333")
        self.make("ann", "contact", name="Carl", account=acme, mobile="13800001234")
        self.make("wei", "contact", name="Wendy", account=west, mobile="13800005678")
        for who, name, amount, account in (
            ("ann", "A1", "500.00", acme), ("ann", "A2", "2500.00", None), ("amy", "Mine", "900.00", None),
            ("bob", "B1", "2000.00", None), ("bob", "B2", "50.00", None), ("wei", "W1", "3000.00", west), ("wei", "W2", "10.00", None),
        ):  # fmt: skip
            self.make(who, "opportunity", name=name, amount=amount, **({"account": account} if account else {}))
        for subject, account, owner in (("Broken", acme, "sue"), ("Silent", secret, "boss")):
            ticket = act.do(self.system, Action("ticket", "create", values={"subject": subject, "account": account})).id
            act.do(self.system, Action("ticket", "assign", ticket, {"owner": str(self.people[owner])}))
        self.do("ann", "account", "team_add", acme, person=str(self.people["wei"]), types="contact")
        self.make("amy", "contact", name="Amy's")


@pytest.fixture
def company(db: None) -> Iterator[world.World]:
    cache.clear()
    with clock.at(clock.now().replace(microsecond=0)):
        yield world.fresh(Company)


def all_ids() -> dict[str, list[str]]:
    return {code: [row["id"] for row in all_rows(TYPES[code])] for code in KINDS}


@pytest.mark.storage
@pytest.mark.parametrize("name", PEOPLE)
def test_the_doors_answer_alike_in_both_worlds(company: world.World, name: str) -> None:
    records = all_ids()
    for seed in range(3):
        viewer = company.as_(name)
        assert leaks(lambda v=viewer: door_answers(v, records), viewer, seed, KINDS) == []


@pytest.mark.storage
@pytest.mark.parametrize("name", PEOPLE)
def test_every_route_answers_alike_in_both_worlds(company: world.World, name: str) -> None:
    records, api, viewer = all_ids(), signed_in(name), company.as_(name)
    assert leaks(lambda: route_answers(api, addresses(records)), viewer, 1, KINDS) == []


@pytest.mark.storage
@pytest.mark.parametrize("name", PEOPLE)
def test_exports_hold_the_same_in_both_worlds(company: world.World, name: str) -> None:
    export = [{"type": one, "actions": ["export"], "scope": ["all"], "limit": "500"} for one in KINDS]
    grants.grant_lines(world.SETUP, export, "person", str(company.people[name]))
    api, viewer = signed_in(name), company.as_(name)

    def files() -> dict[str, bytes]:
        found: dict[str, bytes] = {}
        for code in KINDS:
            found[f"preview {code}"] = repr(api.post("/exports/preview", {"type": code}).body).encode()
            asked = {"type": code, "format": "csv", "reason": "to look at them", "sort": "-created_at"}
            made = api.post("/exports", asked)
            if made.status == 201 and made.body["state"] == "queued":
                worker.drain()
                content = api.get(f"/exports/{made.body['id']}/file").body
                found[code] = content[: content.rstrip().rfind(b"\n")]  # the last row holds its number and moment
        return found

    assert leaks(files, viewer, 1, KINDS) == []


@pytest.mark.storage
def test_an_unseen_record_answers_as_an_absent_one_on_every_route(company: world.World) -> None:
    api, viewer = signed_in("amy"), company.as_("amy")
    for code in KINDS:
        unseen = [row["id"] for row in all_rows(TYPES[code]) if levels(viewer, TYPES[code], row) is None][:2]
        answers = route_answers(api, addresses({k: unseen if k == code else [] for k in KINDS}))
        for address, answer in answers.items():
            for record in unseen:
                if record in address:
                    absent = answers[address.replace(record, ABSENT)]
                    assert answer.replace(record.encode(), ABSENT.encode()) == absent, address


# -- planted leaks ----------------------------------------------------------------------------------------------


def _count_all(self: store.Query, *args: Any, **kwargs: Any) -> store.Count:
    return store.Count(sql.rows(f'SELECT COUNT(*) FROM "{self.kind.table}"')[0][0])


def _refuse_instead_of_missing(sight: Sight, row: dict[str, Any]) -> bool:
    if not VISIBLE(sight, row):
        raise HeliError(common.PAST.fill())
    return True


VISIBLE, FIND, PAGE, TO_SQL = rows.visible, search.find, store.Query.page, filters.to_sql


def _with_total(self: store.Query, *args: Any, **kwargs: Any) -> store.Page:
    found = PAGE(self, *args, **kwargs)
    return store.Page([*found.items, {"of": _count_all(self).count}], [*found.access], found.next)


def _row_number(self: store.Query, *args: Any, **kwargs: Any) -> store.Page:
    found = PAGE(self, *args, **kwargs)
    order = [
        r[0] for r in sql.rows(f'SELECT id FROM "{self.kind.table}" WHERE deleted_at IS NULL ORDER BY updated_at, id')
    ]
    return store.Page([{**i, "rank": order.index(i["id"]) * len(order)} for i in found.items], found.access, found.next)


def _etag_of_all(shown: rows.RowView) -> str:
    return str(hash(repr(sorted((k, str(v)) for k, v in shown.row.items()))))


def _find_in_all(viewer: Viewer, text: str, *args: Any, **kwargs: Any) -> Any:
    hits = FIND(viewer, text, *args, **kwargs)
    return [
        *hits,
        *(r[0] for r in sql.rows(f'SELECT id FROM "{TYPES["account"].table}" WHERE name LIKE %s', [f"%{text}%"])),
    ]


def _find_anything(self: store.Query, key: str) -> list[tuple[Any, ...]]:
    column = self.kind.fields[self.kind.title].column
    return sql.rows(f'SELECT id FROM "{self.kind.table}" WHERE {column}=%s', [key])


def _told_of_all(viewer: Viewer, action: Action) -> act.Done:
    listed = sql.rows(f'SELECT * FROM "{TYPES[action.type].table}" WHERE id=%s', [action.id or ""])
    raise HeliError(common.PAST.fill(), code=repr(listed))


PLANTS: dict[str, tuple[Any, str, Any]] = {
    "rows are not bounded": (Sight, "predicate", lambda self, alias="", **_: Sql(f"{alias}deleted_at IS NULL")),
    "every cell is readable in filters, sorts and sums": (Sight, "readable", lambda self, code, alias="", level=Level.READ: TRUE),
    "levels of lists": (Sight, "group_readable", lambda self, group, alias, level: TRUE),
    "records are not checked": (rows, "visible", lambda sight, row: True),
    "forbidden is not missing": (rows, "visible", _refuse_instead_of_missing),
    "cells of a record": (TypeRights, "_level", lambda self, shape, row: Level.READ),
    "masks show": (f.Money, "mask", lambda self, value: self.dump(value)),
    "masked texts show": (f.Field, "mask", lambda self, value: value),
    "counts are of everything": (store.Query, "count", _count_all),
    "lists tell the total": (store.Query, "page", _with_total),
    "lists tell the rank": (store.Query, "page", _row_number),
    "filters ask unreadable cells": (filters, "to_sql", lambda one, readable, alias="": TO_SQL(one, lambda _: TRUE, alias)),
    "keys hold everywhere": (Keys, "holds", lambda self, row: True),
    "every decision is yes": (TypeRights, "decide", lambda self, action, row: Decision(True, self.read[:1])),
    "the validator is of the whole row": (act, "etag", _etag_of_all),
    "search finds everything": (search, "find", _find_in_all),
    "search matches unreadable cells": (search, "all_of", lambda parts: list(parts)[-1] if len(list(parts)) == 2 else TRUE),
    "find tells of hidden names": (store.Query, "find", _find_anything),
    "ids of everything": (store.Query, "ids", lambda self, limit=1000: [r[0] for r in sql.rows(f'SELECT id FROM "{self.kind.table}"')]),
    "writes open what is unseen": (work.rows, "visible", lambda sight, row: True),
    "groups are of unreadable cells": (
        counting, "_group", lambda sight, code: Sql(f"t.{sight.kind.fields[code].column}" if code in sight.kind.fields else "1"),
    ),
    "reach leads everywhere": (Reached, "holds", lambda self, row: True),
    "formulas are everything": (sights, "formula", lambda held, reach, has_account: sights.EVERYTHING),
    "readable is masked": (sights, "groups", lambda classes, read, caps: (Group(tuple(classes), Level.READ),)),
    "a refusal names the record": (act, "_do", _told_of_all),
}  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS)
def test_a_planted_leak_is_found(company: world.World, plant: str) -> None:
    records = all_ids()
    assert any(_found(company, person, records, PLANTS[plant]) for person in PEOPLE)


def _found(company: world.World, person: str, records: dict[str, list[str]], plant: tuple[Any, str, Any]) -> bool:
    """Whether the worlds differ for this person once the leak is there; the difference itself is made without it."""
    viewer = company.as_(person)

    def ask() -> dict[str, bytes]:
        with pytest.MonkeyPatch.context() as planted:
            planted.setattr(*plant)
            viewer.view.shared.clear()  # type: ignore[union-attr]
            try:
                return door_answers(viewer, records)
            finally:
                viewer.view.shared.clear()  # type: ignore[union-attr]

    return any(leaks(ask, viewer, seed, KINDS) for seed in (1, 2, 3))


EXPLAINED: dict[str, tuple[Any, str, Any]] = {
    "colleagues are decided by unread cells": (explain, "both_ways", lambda rights, told: (rights, rights)),
    "columns are decided by unread cells": (chain, "both_ways", lambda rights, told: (rights, rights)),
    "who sees is decided by unread cells": (access_insight, "told_to", lambda viewer, kind, row: lambda code: True),
}


@pytest.mark.parametrize("plant", EXPLAINED)
def test_a_leak_planted_into_explanations_is_found(company: world.World, plant: str) -> None:
    viewer, api = company.as_("amy"), signed_in("amy")
    deals = {"opportunity": [row["id"] for row in all_rows(TYPES["opportunity"])]}
    asked = [one for one in addresses(deals) if one.startswith(("/why", "/access/w")) and ABSENT not in one]

    def ask() -> dict[str, bytes]:
        with pytest.MonkeyPatch.context() as planted:
            planted.setattr(*EXPLAINED[plant])
            return route_answers(api, asked)

    assert any(leaks(ask, viewer, seed, KINDS) for seed in (1, 2, 3))


def test_there_are_enough_planted_leaks() -> None:
    assert len(PLANTS) >= 20
