"""Pages of 50 for six viewers: what the planner takes beside the best of four hand-written plans, on both databases."""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

ROUNDS = 21
PAGE = 50
SORTS = ("-updated_at", "name", "-amount")
FIELDS = ("name", "account", "stage", "amount", "probability", "owner", "expected_on", "updated_at")
GIVE_UP = 1.0
"""Seconds after which a hand-written plan is no candidate."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the table (1000000)")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help=f"timings of each case (the median of {ROUNDS})")
    inside.options(parser, kept=True)
    parser.add_argument(
        "--only", help="only cases whose VIEWER/SORT/FILTER/PAGE contains this text, for looking closer"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"cases": […]}``, times in milliseconds; what the targets speak of goes to standard error."""
    if not 1000 <= args.rows <= 20_000_000 or not 1 <= args.rounds <= 1001:
        raise UsageError(
            Words("--rows 为 1000 到 20000000", "--rows is from 1000 to 20000000, --rounds from 1 to 1001")
        )
    if args.inside:
        return {"cases": _measure(args.rows, args.rounds, args.only or "")}
    said = ("--rows", args.rows, "--rounds", args.rounds, *(("--only", args.only) if args.only else ()))
    found = inside.each("lists", args, said, kept=f"{{}}-{args.rows}")
    cases = [case for _, one in found for case in one["cases"]]
    print(orjson.dumps(summary(cases), option=orjson.OPT_INDENT_2).decode(), file=sys.stderr)
    return {"cases": cases}


def summary(cases: list[dict[str, Any]]) -> dict[str, Any]:
    """What the targets speak of, for each database."""
    found: dict[str, Any] = {}
    for database in dict.fromkeys(case["database"] for case in cases):
        own = [case for case in cases if case["database"] == database]
        first = sorted(case["ratio"] for case in own if case["page"] == 1)
        tenth = sorted(case["ratio"] for case in own if case["page"] == 10)
        over = [c for c in own if c["ratio"] > 3 and c["ours_ms"] > c["best_ms"] + 15]
        found[database] = {
            "cases": len(own),
            "ratio_median": statistics.median(case["ratio"] for case in own),
            "ratio_p90_first_page": first[int(len(first) * 0.9)] if first else None,
            "ratio_p90_tenth_page": tenth[int(len(tenth) * 0.9)] if tenth else None,
            "ratio_worst": max(case["ratio"] for case in own),
            "over_3_and_15_ms": len(over),
            "overhead_median_ms": statistics.median(case["overhead_ms"] for case in own),
            "slowest_without_filter_ms": max((c["ours_ms"] for c in own if c["filter"] == "none"), default=None),
            "slowest_with_filter_ms": max((c["ours_ms"] for c in own if c["filter"] != "none"), default=None),
        }
    return found


def _measure(rows: int, rounds: int, only: str) -> list[dict[str, Any]]:
    from heli.api import viewer as identities
    from heli.config.bench import world

    persons = world.made(rows)
    viewers = {name: identities.for_person(person) for name, person in persons.items()}
    cases = []
    for name, viewer in viewers.items():
        for sort in SORTS:
            for filtered, given in world.FILTERS.items():
                for number in (1, 10):
                    if only not in f"{name}/{sort}/{filtered}/{number}":
                        continue
                    case = _case(viewer, sort, given, number, rounds)
                    if case is not None:
                        cases.append({"viewer": name, "sort": sort, "page": number, "filter": filtered, **case})
    return cases


def _case(viewer: Any, sort: str, given: Any, number: int, rounds: int) -> dict[str, Any] | None:
    """One page both ways; None where there is no tenth page."""
    from django.db import connection

    from heli.access import view as views
    from heli.config.bench import plans
    from heli.records import plan, sql, store

    def asked() -> store.Query:
        views.of(viewer.person)  # the epochs, as a request reads them
        query = store.query(viewer, "opportunity")
        if given is not None:
            query = query.where(given)
        return query.sort(sort).fields(FIELDS)

    at: plan.After | None = None
    if number == 10:
        got = plan.fetch(asked().want(PAGE * 9 + 1, None))
        if len(got.rows) <= PAGE * 9:
            return None
        phase, row = got.rows[PAGE * 9 - 1]
        at = plan.After(phase, row[-2] if phase == 0 else None, row[-1])
    want = asked().want(PAGE + 1, at)

    def ours() -> tuple[float, float, plan.Got]:
        began = time.perf_counter()
        got = plan.fetch(asked().want(PAGE + 1, at))
        return got.seconds, time.perf_counter() - began - got.seconds, got

    expected = ours()[2]
    chosen: list[tuple[plans.Half, Callable[[int], list[Any]], str]] = []
    for half in plans.halves(want):
        best: tuple[float, Callable[[int], list[Any]], str] | None = None
        for name in plans.PLANS:
            one = plans.statement(name, want, half, PAGE + 1)
            if one is None:
                continue

            def run_it(limit: int, name: str = name, half: plans.Half = half) -> list[Any]:
                text = plans.statement(name, want, half, limit)
                assert text is not None
                return _capped(text.text, text.params)

            try:
                times = [_timed(run_it)]
                if best is None or times[0] < 5 * best[0]:
                    times += [_timed(run_it) for _ in range(2)]
            except TimeoutError:
                continue
            if best is None or min(times) < best[0]:
                best = (min(times), run_it, name)
        if best is not None:
            chosen.append((half, best[1], best[2]))
        if sum(1 for p, _ in expected.rows if p == half.number) > PAGE:
            break

    statements: dict[tuple[int, int], Any] = {}

    def best_way() -> tuple[float, list[tuple[int, tuple[Any, ...]]]]:
        spent = 0.0
        rows: list[tuple[int, tuple[Any, ...]]] = []
        for half, _, name in chosen:
            left = PAGE + 1 - len(rows)
            if left <= 0:
                break
            if (half.number, left) not in statements:
                statements[half.number, left] = plans.statement(name, want, half, left)
            one = statements[half.number, left]
            began = time.perf_counter()
            found = sql.rows(one.text, one.params)
            spent += time.perf_counter() - began
            rows += [(half.number, row) for row in found]
        return spent, rows

    theirs, mine, over = [], [], []
    for _ in range(rounds):
        seconds, more, got = ours()
        mine.append(seconds)
        over.append(more)
        spent, rows = best_way()
        theirs.append(spent)
        if [_bare(row) for row in got.rows] != [_bare(row) for row in rows]:
            raise Broken(f"rows differ: {viewer.name} {sort} {given} page {number}: {got.plan}")
    ours_ms, best_ms = statistics.median(mine) * 1000, statistics.median(theirs) * 1000
    return {
        "database": connection.vendor,
        "plan": got.plan,
        "ours_ms": round(ours_ms, 3),
        "best_ms": round(best_ms, 3),
        "ratio": round(ours_ms / best_ms, 3),
        "overhead_ms": round(statistics.median(over) * 1000, 3),
    }


def _bare(found: tuple[int, tuple[Any, ...]]) -> tuple[Any, ...]:
    """A row without its place in the order, which a cursor of ours carries as the database keeps it."""
    number, row = found
    return (number, *row[:-2], row[-1])


def _timed(work: Callable[[int], Any]) -> float:
    began = time.perf_counter()
    work(PAGE + 1)
    return time.perf_counter() - began


def _capped(text: str, params: Any) -> list[Any]:
    """A hand-written plan; TimeoutError when it takes longer than anybody would wait."""
    from django.db import OperationalError, connection

    from heli.records import sql

    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"SET statement_timeout = {int(GIVE_UP * 1000)}")
        try:
            return sql.rows(text, params)
        except OperationalError as error:
            raise TimeoutError from error
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")
    handle: Any = connection.connection
    deadline = time.perf_counter() + GIVE_UP
    handle.set_progress_handler(lambda: int(time.perf_counter() > deadline), 10_000)
    try:
        return sql.rows(text, params)
    except OperationalError as error:
        raise TimeoutError from error
    finally:
        handle.set_progress_handler(None, 0)
