"""Property 7: two worlds that differ only in what a person may not see answer byte-equally, on doors and on every GET route.

Both worlds are the same database: the second has the difference written in a savepoint that is undone. What cannot be
silent is a register, ``docs/disclosures.md``; the worlds do not differ in it. The harness proves itself on planted leaks.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import transaction
from tests import world
from tests.api.client import Api, signed_in

from heli.access.compile import TRUE, Group, Sql
from heli.access.core.decide import Decision, TypeRights
from heli.access.core.line import Keys, Level, Reached
from heli.access.viewer import Viewer
from heli.api import routes
from heli.kernel import clock, ids
from heli.kernel.errors import HeliError
from heli.records import act, common, filters, reach, related, rows, search, sql, store, work, write
from heli.records import fields as f
from heli.records import sight as sights
from heli.records.act import Action
from heli.records.models import Comment
from heli.records.sight import Sight, row_facts
from heli.records.types import TYPES, ObjectType

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

PEOPLE = ("amy", "wei", "fin", "sue")
KINDS = ("opportunity", "account", "contact", "ticket")
ABSENT = "0" * 32
CURSOR = re.compile(rb'"next":"[^"]+"')


@pytest.fixture
def company(db: None) -> Iterator[world.World]:
    call_command("createcachetable", verbosity=0)
    cache.clear()
    with clock.at(clock.now().replace(microsecond=0)):
        made = world.fresh()
        made.add("amy", "east", "rep")
        acme = made.make("ann", "account", name="Acme", phone="13800001111")
        west = made.make("wei", "account", name="West", phone="13800002222")
        made.add("zoe", "west", "rep")
        secret = made.make("zoe", "account", name="Secret", phone="13800003333")
        carl = made.make("ann", "contact", name="Carl", account=acme, mobile="13800001234")
        made.make("wei", "contact", name="Wendy", account=west, mobile="13800005678")
        for who, name, amount, account in (
            ("ann", "A1", "500.00", acme), ("ann", "A2", "2500.00", None), ("amy", "Mine", "900.00", None),
            ("bob", "B1", "2000.00", None), ("bob", "B2", "50.00", None), ("wei", "W1", "3000.00", west), ("wei", "W2", "10.00", None),
        ):  # fmt: skip
            made.make(who, "opportunity", name=name, amount=amount, **({"account": account} if account else {}))
        for subject, account, owner in (("Broken", acme, "sue"), ("Silent", secret, "boss")):
            ticket = act.do(made.system, Action("ticket", "create", values={"subject": subject, "account": account})).id
            act.do(made.system, Action("ticket", "assign", ticket, {"owner": str(made.people[owner])}))
        made.do("ann", "account", "team_add", acme, person=str(made.people["wei"]), types="contact")
        made.make("amy", "contact", name="Amy's")
        assert carl
        yield made


# -- the difference ---------------------------------------------------------------------------------------------


def all_rows(kind: ObjectType) -> list[dict[str, Any]]:
    listed = ", ".join(f'"{c}"' for c in kind.stored)
    return [
        dict(zip(kind.stored, row, strict=True)) for row in sql.rows(f'SELECT {listed} FROM "{kind.table}" ORDER BY id')
    ]


def levels(viewer: Viewer, kind: ObjectType, row: dict[str, Any]) -> dict[str, Level] | None:
    """What the viewer sees of a row, decided in process; None when it is not visible."""
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights is None or not rights.read:
        return None
    account = row["account_id"] if kind.parent == "account" else None
    facts = row_facts(row, reach.of_row(viewer.person, rights, row["id"], account))
    if not rights.decide("read", facts).allowed:
        return None
    return {code: rights.level(code, facts) for code in kind.fields}


def other_value(rng: random.Random, one: f.Field, value: Any) -> Any:
    """Another value of the same kind, or the same when this kind is left alone."""
    if (
        one.column.endswith("_id")
        or one.code in ("stage", "status", "created_at", "updated_at")
        or one.readonly
        or one.flow
    ):
        return value
    if isinstance(one, f.Phone):
        return f"139{rng.randint(10**7, 10**8 - 1)}"
    if isinstance(one, f.Money):
        return rng.choice((1, 77_700, 99_999_900, value))
    if type(one) is f.Text:
        return rng.choice(("AAA hidden", "zzz hidden", "Acme hidden")) + (f" {rng.random()}" if one.unique else "")
    return value


def differ(viewer: Viewer, seed: int) -> int:
    """Change what the viewer may not see, everywhere; returns how much was changed."""
    rng = random.Random(seed)
    changed = 0
    labelled = disclosed_labels(viewer)
    for code in KINDS:
        kind = TYPES[code]
        for row in all_rows(kind):
            seen = levels(viewer, kind, row)
            for field, one in kind.fields.items():
                if field == kind.title and row["id"] in labelled:
                    continue
                new = other_value(rng, one, row[one.column])
                level = Level.HIDDEN if seen is None else seen[field]
                if (
                    new == row[one.column]
                    or level == Level.READ
                    or (level == Level.MASKED and one.mask(new) != one.mask(row[one.column]))
                ):
                    continue
                columns = write.columns(kind, {field: new})
                if levels(viewer, kind, {**row, **columns}) != seen:
                    continue  # a condition looks at this cell: the change would show or hide the row
                write.update(kind, row["id"], columns)
                row.update(columns)
                changed += 1
            if seen is None:
                changed += _around(rng, kind, row, may_go=row["id"] not in labelled)
    return changed


def disclosed_labels(viewer: Viewer) -> set[str]:
    """Records whose title is told by a label link of a record that the viewer sees: the register's entry ``label``."""
    found: set[str] = set()
    for code in KINDS:
        kind = TYPES[code]
        links = [one for one in kind.fields.values() if isinstance(one, f.Link) and one.label]
        for row in all_rows(kind):
            seen = levels(viewer, kind, row)
            if seen is not None:
                found |= {row[one.column] for one in links if seen[one.code] == Level.READ and row[one.column]}
    return found


def _around(rng: random.Random, kind: ObjectType, row: dict[str, Any], *, may_go: bool) -> int:
    """More of the invisible: twins, remarks, other people's reach, deletions."""
    twin = {**row, "id": ids.uuid7()}
    for code, one in kind.fields.items():
        if one.unique:
            twin |= write.columns(kind, {code: f"twin {rng.random()}"})
    write.insert(kind, twin)
    Comment.objects.create(type=kind.code, record_id=row["id"], author_id=1, body="hidden")
    related.sync(kind, twin)
    if may_go and rng.random() < 0.3:
        write.update(kind, row["id"], {"deleted_at": clock.now()})
    return 1


# -- the answers ------------------------------------------------------------------------------------------------


def told(ask: Callable[[], Any]) -> bytes:
    """An answer as bytes: a refusal with all its words."""
    try:
        return orjson.dumps(ask(), default=str, option=orjson.OPT_NON_STR_KEYS)
    except HeliError as error:
        problems = [(p.place, p.code, p.words.json()) for p in getattr(error, "problems", ())]
        return orjson.dumps([type(error).__name__, error.code, error.words.json(), problems], default=str)


def door_answers(viewer: Viewer, records: dict[str, list[str]]) -> dict[str, bytes]:
    answers: dict[str, bytes] = {}

    def ask(name: str, question: Callable[[], Any]) -> None:
        answers[name] = told(question)

    for code in KINDS:
        for sort in ("name", "-amount", "amount,name", "-updated_at", "-name,amount", "-annual_revenue", "subject"):
            ask(f"list {code} {sort}", lambda c=code, s=sort: page(viewer, c, s))
        for given in (
            {"name": {"contains": "hidden"}}, {"amount": {">=": "700"}}, {"or": [{"name": "Secret"}, {"amount": {"<": "700"}}]},
            {"amount": None}, {"name": {"!=": "A1"}}, {"mobile": {"starts": "139"}}, {"competitor": None},
        ):  # fmt: skip
            ask(f"filter {code} {given}", lambda c=code, g=given: store.query(viewer, c).where(g).ids())
        for by in (None, "owner", "account", "stage", "department", "name", "amount", "mobile"):
            for total in (None, "amount"):
                ask(
                    f"count {code} {by} {total}", lambda c=code, b=by, t=total: repr(store.query(viewer, c).count(b, t))
                )
        for key in ("Secret", "AAA hidden", "Acme", "West"):
            ask(f"find {code} {key}", lambda c=code, k=key: store.query(viewer, c).find(k))
        for record in (*records[code], ABSENT):
            ask(f"one {code} {record}", lambda c=code, r=record: shown(viewer, c, r))
            for verb, values in (
                ("edit", {"name": "x"}), ("edit", {"amount": "1.00"}), ("edit", {"nmae": "x"}), ("delete", {}), ("restore", {}),
                ("reveal", {"field": "mobile"}), ("reveal", {"field": "amount"}), ("transfer", {"owner": "1"}), ("claim", {}),
            ):  # fmt: skip
                action = Action(code, verb, record, values, dry_run=True)
                ask(f"act {code} {record} {verb} {values}", lambda a=action: act.do(viewer, a).answer)
    for text in ("hidden", "Secret", "138", "A", "AAA", "139"):
        ask(f"search {text}", lambda t=text: [repr(h) for h in search.find(viewer, t)])
    return answers


def page(viewer: Viewer, code: str, sort: str) -> Any:
    got, after = [], None
    for _ in range(20):
        found = store.query(viewer, code).sort(sort).page(2, after)
        got.append((found.items, found.access, found.next is not None))
        after = found.next
        if after is None:
            break
    return got


def shown(viewer: Viewer, code: str, record: str) -> Any:
    one = store.query(viewer, code).one(record)
    return one.values, one.access, act.etag(one)


QUERIES = {
    "/search": ("?q=hidden", "?q=Secret", "?q=A", "?q=139"),
    "/why": (),
    "/organisation/people": ("", "?q=a", "?limit=3"),
    "/audit": ("",), "/pulse": ("",),
}  # fmt: skip


def addresses(records: dict[str, list[str]]) -> Iterator[str]:
    """Every GET route with everything that fits into it."""
    for route in routes._all():
        if route.method != "GET" or route.path == "/openapi.json":
            continue
        code = route.path.split("/")[2] if route.path.startswith("/records/") else ""
        if code and code not in KINDS:
            continue
        if route.path == "/why":
            for kind in KINDS:
                for record in (*records[kind], ABSENT):
                    for action in ("read", "edit", "transfer"):
                        yield f"/why?action={action}&type={kind}&id={record}"
                    yield f"/why?action=read&type={kind}&id={record}&field=amount"
        elif "{id}" in route.path:
            for record in (*records.get(code, ["1", "3"]), ABSENT):
                yield route.path.replace("{id}", record).replace("{file}", "1")
        elif route.path.endswith("/count"):
            yield from (route.path + q for q in ("", "?by=owner", "?by=stage&sum=amount", "?sum=amount"))
        elif code:
            yield from (
                route.path + q
                for q in ("", "?sort=-amount", "?sort=name&limit=2", "?filter=%7B%22name%22%3A%22AAA+hidden%22%7D")
            )
        else:
            assert "{" not in route.path, f"what fits into {route.path}?"
            yield from (route.path + q for q in QUERIES.get(route.path, ("",)))


HEADERS = ("ETag", "Content-Type", "Content-Disposition", "Link", "Cache-Control", "Location")


def route_answers(api: Api, records: dict[str, list[str]]) -> dict[str, bytes]:
    answers = {}
    for address in addresses(records):
        reply = api.http.get("/api/v1" + address)
        body = CURSOR.sub(b'"next":"..."', reply.getvalue())
        assert reply.status_code < 500, (address, body)
        head = orjson.dumps([reply.status_code, {h: reply.headers.get(h) for h in HEADERS}])
        answers[address] = head + re.sub(rb'"(request_id|now)":("[^"]*"|\d+)', b"", body)
    return answers


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def leaks(ask: Callable[[], dict[str, bytes]], viewer: Viewer, seed: int) -> list[str]:
    """Answers that differ between the worlds."""
    with undone():
        one = ask()
    with undone():
        assert differ(viewer, seed) > 5
        other = ask()
    assert set(one) == set(other)
    return [f"{name}: {_where(one[name], other[name])}" for name in one if one[name] != other[name]]


def _where(one: bytes, other: bytes) -> str:
    """The place where two answers part."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{one[max(0, at - 120) : at + 60]!r} / {other[max(0, at - 20) : at + 60]!r}"


def all_ids() -> dict[str, list[str]]:
    return {code: [row["id"] for row in all_rows(TYPES[code])] for code in KINDS}


@pytest.mark.parametrize("name", PEOPLE)
def test_the_doors_answer_alike_in_both_worlds(company: world.World, name: str) -> None:
    records = all_ids()
    for seed in range(3):
        viewer = company.as_(name)
        assert leaks(lambda v=viewer: door_answers(v, records), viewer, seed) == []


@pytest.mark.parametrize("name", PEOPLE)
def test_every_route_answers_alike_in_both_worlds(company: world.World, name: str) -> None:
    records, api, viewer = all_ids(), signed_in(name), company.as_(name)
    assert leaks(lambda: route_answers(api, records), viewer, 1) == []


def test_an_unseen_record_answers_as_an_absent_one_on_every_route(company: world.World) -> None:
    api, viewer = signed_in("amy"), company.as_("amy")
    for code in KINDS:
        unseen = [row["id"] for row in all_rows(TYPES[code]) if levels(viewer, TYPES[code], row) is None][:2]
        answers = route_answers(api, {k: unseen if k == code else [] for k in KINDS})
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
    "rows are not bounded": (Sight, "predicate", lambda self, alias="": Sql(f"{alias}deleted_at IS NULL")),
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
        store.Query, "_group", lambda self, code: Sql(f"t.{self.kind.fields[code].column}" if code in self.kind.fields else "1"),
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

    return any(leaks(ask, viewer, seed) for seed in (1, 2, 3))


def test_there_are_enough_planted_leaks() -> None:
    assert len(PLANTS) >= 20
