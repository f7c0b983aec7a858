"""What encrypted fields cost: list pages, import, and finding a whole value, beside the same rows in clear.

Both sides of each pair lie in one table and are asked in turns, so that what else the machine does falls on both.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import batched
from typing import Any

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

ROWS, IMPORTED, ROUNDS, PAGE = 100_000, 10_000, 60, 50
BATCH = 5000
FIELDS = ("mobile", "phone", "identity_number")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=ROWS, help=f"contacts on each side ({ROWS})")
    inside.options(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """By database. ``pages``: by encrypted fields on the page, milliseconds in clear and sealed, and their ratio; ``import``: rows per
    second of the processor; ``equality``: milliseconds to find one of ``rows`` by its whole number."""
    if not 1000 <= args.rows <= 10_000_000:
        raise UsageError(Words("--rows 为 1000 到 10000000", "--rows is from 1000 to 10000000"))
    if args.inside:
        return _inside(args.rows)
    return dict(inside.each("encryption", args, ("--rows", args.rows)))


def _inside(count: int) -> dict[str, Any]:
    from heli.api import viewer as viewers
    from heli.config import schema
    from heli.records import counts
    from heli.records.types import TYPES

    schema.ensure()
    people = _people()
    _fill(count, people)
    for kind in TYPES:
        counts.refresh(kind)
    who = {name: viewers.for_person(pk) for name, pk in people.items()}
    return {
        "rows": count,
        "pages": {str(n): _pages(who, ("name", "job_title", *FIELDS[:n])) for n in range(len(FIELDS) + 1)},
        "import": _import(),
        "equality": _equality(who, count),
        "cells": _cells(),
    }


def _people() -> dict[str, int]:
    """Two people with a department and a line each, who see their own contacts."""
    from heli.access import grants
    from heli.config.bench.world import SETUP
    from heli.org.verbs import assignments, departments, people

    found: dict[str, int] = {}
    place = departments.create_department(SETUP, "Bench")
    for name in ("clear", "sealed"):
        found[name] = people.add_person(SETUP, name, name)
        assignments.assign(SETUP, found[name], place, None)
        line = {"type": "contact", "actions": ["read"], "scope": ["own"], "read": {"*": "read"}}
        grants.grant_lines(SETUP, [line], "person", str(found[name]))
    return found


def _number(n: int) -> str:
    return f"138{n:08}"


def _fill(count: int, people: dict[str, int]) -> None:
    from django.db import transaction

    from heli.kernel import clock, ids
    from heli.records import sealed, sql, write
    from heli.records.types import TYPES

    kind, moment = TYPES["contact"], clock.now()
    blank = {**dict.fromkeys(kind.stored), **write.defaults(kind), "version": 1}

    def rows() -> Iterator[list[Any]]:
        for n, (side, owner) in ((n, one) for n in range(count) for one in people.items()):
            row = {
                **blank, "id": ids.uuid7(), "name": f"Contact {n}", "name_key": f"contact {n:08}", "owner_id": owner,
                "job_title": "Buyer", "mobile": _number(n), "phone": _number(n + 1), "identity_number": f"3101{n:014}",
                "created_at": moment, "updated_at": moment - timedelta(seconds=n),
            }  # fmt: skip
            yield [sql.bind(v) for v in (sealed.close_row(kind, row["id"], row) if side == "sealed" else row).values()]

    for batch in batched(rows(), BATCH):
        with transaction.atomic():
            sql.insert_many(kind.table, list(blank), batch)


def _turns(calls: dict[str, Callable[[], object]], rounds: int = ROUNDS) -> dict[str, float]:
    """Medians in milliseconds, the calls taking turns, and the median of the ratios of each turn."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(rounds):
        for name, call in calls.items():
            began = time.perf_counter()
            call()
            taken[name].append((time.perf_counter() - began) * 1000)
    found = {name: round(statistics.median(some), 3) for name, some in taken.items()}
    pairs = zip(taken["clear"], taken["sealed"], strict=True)
    return {**found, "ratio": round(statistics.median(b / a for a, b in pairs), 2)}


def _pages(who: dict[str, Any], codes: tuple[str, ...]) -> dict[str, float]:
    from heli.records import store

    def page(name: str) -> Callable[[], object]:
        return lambda: store.query(who[name], "contact").fields(codes).page(PAGE)

    return _turns({name: page(name) for name in who})


def _import() -> dict[str, float]:
    """Accounts with a phone and a bank account through the bulk door, with encryption and as if there were none."""
    from heli.api import viewer as viewers
    from heli.records import bulk
    from heli.records.types import TYPES

    kind, system = TYPES["account"], viewers.system("benchmark")
    secret = kind.encrypted
    rate: dict[str, float] = {}
    for turn, (name, fields) in enumerate((("clear", ()), ("sealed", secret), ("clear", ()), ("sealed", secret))):
        kind.__dict__["encrypted"] = fields
        rows = (
            {"name": f"{turn} Account {n}", "phone": _number(n), "bank_account": f"6222{n:015}"}
            for n in range(IMPORTED)
        )
        busy = time.process_time()
        for _ in bulk.import_many(system, kind, rows):
            pass
        rate[name] = max(rate.get(name, 0.0), IMPORTED / (time.process_time() - busy))
    kind.__dict__["encrypted"] = secret
    return {
        **{f"{k}_rows_per_cpu_s": round(v) for k, v in rate.items()},
        "ratio": round(rate["clear"] / rate["sealed"], 2),
    }


def _equality(who: dict[str, Any], count: int) -> dict[str, float]:
    """A whole number by the blind index; in clear the column itself is compared, which has no index."""
    from heli.access.compile import all_of
    from heli.records import sql, store

    wanted = _number(count // 2)
    asked = store.query(who["sealed"], "contact")

    def in_clear() -> object:
        sight = store.query(who["clear"], "contact").sight
        where = all_of([sight.predicate("t.")])
        text = f"SELECT t.id FROM crm_contact t WHERE {where.text} AND t.mobile=%s LIMIT 2"
        return sql.rows(text, [*where.params, wanted])

    def by_index() -> object:
        found = asked.where({"mobile": wanted}).ids(2)
        if len(found) != 1:
            raise Broken("the blind index does not find its row")
        return found

    return _turns({"clear": in_clear, "sealed": by_index}, 10)


def _cells() -> dict[str, float]:
    """Microseconds of one cell."""
    from heli.records import sealed
    from heli.records.types import TYPES

    kind = TYPES["contact"]
    one: Any = kind.fields["mobile"]
    number, record = _number(1), "0" * 32
    cell = sealed.seal(kind, record, one, number)

    def each(call: Callable[[], object]) -> float:
        began = time.perf_counter()
        for _ in range(5000):
            call()
        return round((time.perf_counter() - began) / 5000 * 1e6, 2)

    return {
        "seal_us": each(lambda: sealed.seal(kind, record, one, number)),
        "open_us": each(lambda: sealed.opened(kind, record, one, cell)),
        "index_us": each(lambda: sealed.indexes(kind, one, number)),
    }
