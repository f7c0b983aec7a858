"""Searching a million customers: what 22 texts take for people who see few, many and all of them, on both databases."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.words import Words

KIND = "account"
CITIES = ("北京", "上海", "深圳", "广州", "杭州", "苏州", "南京", "成都", "重庆", "武汉", "青岛", "西安")
SIGNS = (
    "华为中兴海尔联想格力美的腾讯阿里京东百度小米比亚迪宁德时代隆基通威福耀三一徐工潍柴万科保利恒力荣盛"
    "东方光明蒙牛伊利青岛雪花康师傅统一旺旺农夫山泉娃哈哈"
)
TRADES = ("科技", "贸易", "电子", "机械", "化工", "建材", "食品", "物流")
TEXTS = (
    "华为", "公司", "有限公司", "科技", "青岛海尔", "龘", "龘靐", "hw", "szhw", "shenzhen", "beijing", "123456", "999",
    "13812345678", "1381", "华", "qdhekj", "zzzz", "阿里百度京东", "深圳华为中兴科技有限公司", "%", "a",
)  # fmt: skip
"""Two and one Chinese characters, common endings, initials, pinyin, digits, and what nobody is called."""
SHARES = {"few": 0.0005, "ten thousand": 0.01, "thirty thousand": 0.03}
"""How much of the table each sales person owns; the region holds the customers of one city, which are common there only."""
REGION = "青岛"
BATCH = 5000


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1_000_000, help="customers (1000000)")
    parser.add_argument("--rounds", type=int, default=5, help="timings of each text (the median of 5)")
    inside.options(parser, kept=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"viewers": [{"database", "viewer", "customers", "median_ms", "worst_ms", "worst", …}]}``."""
    if not 1000 <= args.rows <= 20_000_000 or not 1 <= args.rounds <= 1001:
        raise UsageError(
            Words("--rows 为 1000 到 20000000", "--rows is from 1000 to 20000000, --rounds from 1 to 1001")
        )
    if args.inside:
        return {"viewers": _measure(args.rows, args.rounds)}
    said = ("--rows", args.rows, "--rounds", args.rounds)
    found = inside.each("search", args, said, kept=f"search-{{}}-{args.rows}")
    return {"viewers": [viewer for _, one in found for viewer in one["viewers"]]}


def _measure(rows: int, rounds: int) -> list[dict[str, Any]]:
    from django.db import connection

    from heli.api import viewer as identities
    from heli.records import search, store

    found = []
    for name, person in _made(rows).items():
        viewer = identities.for_person(person)
        taken: list[tuple[float, str, int]] = []
        for text in TEXTS:
            search.find(viewer, text)
            times, hits = [], 0
            for _ in range(rounds):
                began = time.perf_counter()
                hits = len(search.find(viewer, text))
                times.append((time.perf_counter() - began) * 1000)
            taken.append((round(statistics.median(times), 1), text, hits))
        taken.sort(reverse=True)
        found.append(
            {
                "database": connection.vendor,
                "viewer": name,
                "customers": store.query(viewer, KIND).count().count,
                "median_ms": statistics.median(ms for ms, _, _ in taken),
                "worst_ms": taken[0][0],
                "worst": [{"text": text, "ms": ms, "hits": hits} for ms, text, hits in taken[:5]],
            }
        )
    return found


def _made(count: int) -> dict[str, int]:
    """People by name in a world of so many customers: made, or as it was left here before."""
    from django.conf import settings

    note: Path = settings.HELI_HOME / "bench-search.json"
    if note.exists():
        left = orjson.loads(note.read_bytes())
        if left["rows"] == count:
            found: dict[str, int] = left["people"]
            return found
    from heli.config import schema

    schema.ensure()
    persons, departments = _people()
    _fill(count, persons, departments)
    note.write_bytes(orjson.dumps({"rows": count, "people": persons}))
    return persons


def _people() -> tuple[dict[str, int], list[int]]:
    """Five people with one line each, and departments: the first is the region's."""
    from heli.access import grants
    from heli.config.bench.world import SETUP
    from heli.org.verbs import assignments, departments, people

    root = departments.create_department(SETUP, "Bench")
    places = [departments.create_department(SETUP, f"D{n}", root) for n in range(12)]
    persons: dict[str, int] = {}
    for name, scope in (*((one, "own") for one in SHARES), ("region", "department"), ("everything", "all")):
        persons[name] = people.add_person(SETUP, name.replace(" ", "."), name)
        assignments.assign(SETUP, persons[name], places[0], None)
        line = {"type": KIND, "actions": ["read"], "scope": [scope], "read": {"*": "read"}}
        grants.grant_lines(SETUP, [line], "person", str(persons[name]))
    return persons, places


def _rows(count: int, persons: dict[str, int], places: list[int]) -> Iterator[dict[str, Any]]:
    from heli.kernel import ids
    from heli.records.types import TYPES

    key = TYPES[KIND].fields["name"].sort_key
    rng = random.Random(5)  # noqa: S311  # the same customers every time
    start = datetime(2025, 1, 1, tzinfo=UTC)
    for n in range(count):
        city = rng.choice(CITIES)
        name = f"{city}{''.join(rng.choice(SIGNS) for _ in range(3))}{rng.choice(TRADES)}有限公司{n}"
        at, owner = rng.random(), 1000 + rng.randrange(2000)
        for person, share in SHARES.items():
            if 0 <= at < share:
                owner = persons[person]
            at -= share
        yield {
            "id": ids.uuid7(), "name": name, "name_key": key(name), "phone": f"138{rng.randrange(10**8):08}",
            "owner_id": owner, "account_owner_id": owner,
            "department_id": places[0] if city == REGION else rng.choice(places[1:]),
            "created_at": start, "updated_at": start + timedelta(seconds=rng.randrange(20_000_000)),
        }  # fmt: skip


def _fill(count: int, persons: dict[str, int], places: list[int]) -> None:
    """The rows, straight into the table, and their postings as the job makes them."""
    from django.db import transaction

    from heli.records import counts, sealed, search_posts, sql, write
    from heli.records.types import TYPES

    kind = TYPES[KIND]
    blank = {**dict.fromkeys(kind.stored), **write.defaults(kind), "version": 1}
    began = time.perf_counter()
    rows = _rows(count, persons, places)
    while batch := [
        [sql.bind(v) for v in sealed.close_row(kind, row["id"], {**blank, **row}).values()]
        for row, _ in zip(rows, range(BATCH), strict=False)
    ]:
        with transaction.atomic():
            sql.insert_many(kind.table, list(blank), batch)
    filled = time.perf_counter()
    search_posts.rebuild(kind)
    sql.execute("ANALYZE")
    for one in TYPES:
        counts.refresh(one)
    posted = time.perf_counter()
    print(f"filled {count} in {filled - began:.0f} s, posted in {posted - filled:.0f} s", file=sys.stderr)
