"""What the planner's plans cost beside each other: its constants START, SORT, SCAN and STEP, fitted on the world of ``lists``."""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from typing import Any

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

LIMITS = (11, 51, 201, 501)
KEYS = (2, 5, 20, 50, 100)
DEPTHS = (500, 2_000, 8_000, 30_000)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the table (1000000)")
    parser.add_argument("--rounds", type=int, default=9, help="timings of each statement (the median of 9)")
    inside.options(parser)
    parser.add_argument("--home", required=True, help="the folder in which heli bench lists keeps its worlds")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """By database: microseconds of a plan's row, key and statement, and the four constants, in rows that are collected and sorted."""
    if not 1000 <= args.rows <= 20_000_000 or not 1 <= args.rounds <= 1001:
        raise UsageError(
            Words("--rows 为 1000 到 20000000", "--rows is from 1000 to 20000000, --rounds from 1 to 1001")
        )
    if args.inside:
        return _measure(args.rounds)
    for database in (args.database,) if args.database else inside.DATABASES:
        if not (Path(args.home) / f"{database}-{args.rows}" / "bench-world.json").exists():
            raise Broken(f"heli bench lists --home {args.home} --rows {args.rows} makes the world first")
    said = ("--home", args.home, "--rounds", args.rounds)
    return dict(inside.each("fit", args, said, kept=f"{{}}-{args.rows}"))


def _line(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Slope and start of the straight line nearest to most points: the median of all slopes between two of them."""
    slopes = [(d - b) / (c - a) for n, (a, b) in enumerate(points) for c, d in points[n + 1 :] if c != a]
    slope = statistics.median(slopes)
    return slope, statistics.median(y - slope * x for x, y in points)


def _measure(rounds: int) -> dict[str, Any]:
    from heli.access.compile import NO_REACH, TRUE, Branch, Formula, Sql
    from heli.config.bench import world
    from heli.records import counts, plan, sql
    from heli.records.plan import chooser, emit
    from heli.records.plan.merge import Merge
    from heli.records.plan.phase import phases
    from heli.records.plan.run import Run
    from heli.records.types import TYPES

    kind = TYPES[world.KIND]
    known = counts.known(kind)
    departments = sorted(int(one) for one in known.by["department_id"])[-world.DEPARTMENTS :]
    select = Sql(", ".join(f"t.{c}" for c in ("id", "name", "stage", "amount", "owner_id", "updated_at")))

    def want(scope: Formula, limit: int) -> plan.Want:
        order = plan.Order("updated_at", True, (), plan.NEVER)
        return plan.Want(kind, select, scope, (), NO_REACH, order, limit, filter=lambda alias: TRUE)

    def timed(work: Any) -> float:
        work()
        times = []
        for _ in range(rounds):
            one = Run()
            work(one)
            times.append(one.seconds * 1e6)
        return statistics.median(times)

    def keys(count: int) -> Formula:
        return Formula(
            False, (Branch("department_id", tuple(departments[:: max(1, len(departments) // count)][:count])),)
        )

    collected: list[tuple[float, float]] = []
    walked: list[tuple[float, float]] = []
    merged: list[tuple[float, float]] = []
    begun: list[tuple[float, float]] = []
    for number in KEYS[:3]:
        scope = keys(number)
        (phase,) = phases(want(scope, 51))
        statement = emit.collected(phase, scope, None)
        visible = float(known.of("department_id", scope.branches[0].values) or 0)
        collected.append((visible, timed(lambda run=None, s=statement: (run or Run()).rows(s.text, s.params))))
    nobody = Sql("t.owner_id=-1")
    for depth in DEPTHS:
        # A walk that finds nothing within so many rows.
        cursor = sql.rows(f'SELECT updated_at FROM "{kind.table}" ORDER BY updated_at DESC LIMIT 1 OFFSET {depth}')[0][
            0
        ]
        end = Sql(
            "t.updated_at>%s AND +t.owner_id=-1" if sql.vendor() == "sqlite" else "t.updated_at>%s", (sql.bind(cursor),)
        )
        by = f" INDEXED BY {kind.code}_updated_at" if sql.vendor() == "sqlite" else ""
        text = (
            f'SELECT t.id FROM (SELECT * FROM "{kind.table}" t{by} WHERE {end.text} ORDER BY t.updated_at DESC, t.id DESC '
            f"LIMIT {depth}) t WHERE {nobody.text}"
        )
        walked.append((float(depth), timed(lambda run=None, s=text, p=end.params: (run or Run()).rows(s, p))))
    for number in KEYS:
        scope = keys(number)
        for limit in LIMITS:
            (phase,) = phases(want(scope, limit))
            first = -(-limit // number) + 1

            def merge(run: Run | None = None, phase: Any = phase, scope: Any = scope, first: int = first) -> None:
                Merge(run or Run(), phase, scope, scan=False).page(first)

            spent = timed(merge)
            (merged if number == KEYS[0] else begun).append(
                (float(limit), spent) if number == KEYS[0] else (number, spent)
            )
    row, start = _line(merged)
    key, _ = _line([(n, spent) for n, spent in begun[LIMITS.index(51) :: len(LIMITS)]])
    sort, _ = _line(collected)
    scan, _ = _line(walked)
    unit = max(sort, 1e-6)
    return {
        "us": {"merge_row": round(row, 3), "merge_key": round(key, 3), "merge_start": round(start, 1),
               "collected_row": round(sort, 3), "walked_row": round(scan, 3)},
        "fitted": {"START": round(key / unit, 2), "SORT": 1.0, "SCAN": round(scan / unit, 2),
                   "STEP": round(start / unit, 1)},
        "used": {"START": chooser.START[sql.vendor()], "SORT": chooser.SORT[sql.vendor()],
                 "SCAN": chooser.SCAN[sql.vendor()], "STEP": chooser.STEP[sql.vendor()]},
    }  # fmt: skip
