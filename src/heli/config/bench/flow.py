"""Processes: durable steps a second beside two general engines, a step after many rounds of rework, due timers and open work among very many.

Every step is a whole move through the doors: rights, record, history, audit, event. Ours and the peers take turns on the same database with
the same durability: SQLite with its log ahead and synchronous=FULL, PostgreSQL with fsync and synchronous_commit.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import orjson

from heli.config.bench import flow_made, peers
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

CASES, TURNS, MANY, WORKERS = 50, 5, 1_000_000, 2
DATABASES = ("sqlite", "postgresql")
PEERS = ("spiff", "viewflow")
"""They play the same definitions; viewflow's processes are Python and are made of them."""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--database", choices=DATABASES, default="sqlite", help="where cases stand (sqlite)")
    parser.add_argument("--cases", type=int, default=CASES, help=f"cases of a turn, run from begin to end ({CASES})")
    parser.add_argument(
        "--turns", type=int, default=TURNS, help=f"turns, in which ours and the peers alternate ({TURNS})"
    )
    parser.add_argument("--many", type=int, default=MANY, help=f"timers and pieces of open work that wait ({MANY})")
    parser.add_argument(
        "--workers", type=int, default=WORKERS, help=f"processes that step at the same time ({WORKERS})"
    )
    parser.add_argument("--inside", choices=("steps", "bare", "workers", "core", "rest"), help=argparse.SUPPRESS)
    parser.add_argument("--process", choices=flow_made.NAMES, default=flow_made.LINE, help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``processes``: of each, ours and the peers' steps a second with the ratio of each turn, and what one row's bare commit would have
    made of it, which nothing can pass that commits each step; ``workers``, ``rework_ratio``, ``timers`` and
    ``work`` of ours; ``left_out``: peers that the environment does not name."""
    if not (
        1 <= args.cases <= 100_000
        and 1000 <= args.many <= 10_000_000
        and 1 <= args.turns <= 100
        and 1 <= args.workers <= 64
    ):
        raise UsageError(
            Words(
                "--cases 为 1 到 100000，--many 为 1000 到 10000000，--turns 为 1 到 100，--workers 为 1 到 64",
                "--cases is 1 to 100000, --many 1000 to 10000000, --turns 1 to 100, --workers 1 to 64",
            )
        )
    if args.inside:
        return _inside(args)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="heli-bench-")))
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"HELI_HOME": str(home)}
        server = ""
        if args.database == "postgresql":
            from heli.config.bench import postgres

            environment["DATABASE_URL"] = server = stack.enter_context(postgres.server(durable=True))
        here = _Here(args, environment, home, server)
        return {
            "database": args.database, "processes": [here.process(name) for name in flow_made.NAMES],
            "workers": here.ours("workers"), **here.ours("rest"), "left_out": [name for name in PEERS if peers.python(name) is None],
        }  # fmt: skip


class _Here:
    """One run: where, and with what."""

    def __init__(self, args: argparse.Namespace, environment: Mapping[str, str], home: Path, server: str) -> None:
        self.args, self.environment, self.home, self.server = args, environment, home, server
        self._made: set[str] = set()

    def ours(self, what: str, name: str = flow_made.LINE) -> dict[str, Any]:
        """One measurement of Heli, in a process of its own."""
        args = self.args
        given = {
            "--inside": what,
            "--process": name,
            "--cases": args.cases,
            "--many": args.many,
            "--workers": args.workers,
        }
        command = [
            sys.executable,
            "-m",
            "heli",
            "bench",
            "flow",
            "--json",
            *(str(one) for pair in given.items() for one in pair),
        ]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, env=dict(self.environment))  # noqa: S603
        if done.returncode:
            raise Broken(f"the measurement failed: {done.stdout.decode()[-2000:]}")
        found: dict[str, Any] = orjson.loads(done.stdout)
        return found

    def peer(self, which: str, name: str) -> dict[str, Any]:
        """One measurement of a peer, on the same database."""
        place = {"sqlite": str(self.home / f"{which}.sqlite3")}
        if self.server:
            place = {"postgresql": self._database(which)}
        source = flow_made.source(name, "amount").decode()
        said = {
            "source": source,
            "process": name,
            "values": {"amount": flow_made.AMOUNT},
            "cases": self.args.cases,
            "steps": flow_made.STEPS[name],
        }
        return peers.asked(which, {**said, **place})

    def _database(self, which: str) -> str:
        """A peer's own database on the server, whose tables may be called as ours are."""
        import psycopg

        address = self.server.replace("/postgres?", f"/peer_{which}?")
        if address not in self._made:
            with psycopg.connect(self.server, autocommit=True) as connection:
                connection.execute(f'CREATE DATABASE "peer_{which}"')
            self._made.add(address)
        return address

    def process(self, name: str) -> dict[str, Any]:
        """One process in turns."""
        others = [one for one in PEERS if peers.python(one) is not None]
        turns: list[dict[str, dict[str, Any]]] = []
        for _ in range(self.args.turns):
            turn = {"ours": self.ours("steps", name), "bare": self.ours("bare", name)}
            turns.append(turn | {one: self.peer(one, name) for one in others})
        core = self.ours("core", name)["core_steps_per_second"]
        bare = _three([turn["bare"]["steps_per_second"] for turn in turns])
        found: dict[str, Any] = {
            "process": name,
            "bare_commits_per_second": bare,
            "steps": sum(turn["ours"]["steps"] for turn in turns),
        }
        for one in ("ours", *others):
            found[one] = _spread([turn[one] for turn in turns])
            if one != "ours":
                ratios = [turn["ours"]["steps_per_second"] / turn[one]["steps_per_second"] for turn in turns]
                cpu = [turn[one]["cpu_ms_per_step"] / turn["ours"]["cpu_ms_per_step"] for turn in turns]
                most = [turn["bare"]["steps_per_second"] / turn[one]["steps_per_second"] for turn in turns]
                found[one] |= {"ours_is_faster_by": _three(ratios), "ours_takes_less_processor_by": _three(cpu)}
                found[one]["bare_commit_is_faster_by"] = _three(most)
        found["ours"]["core_steps_per_second"] = round(core)
        if "core_steps_per_second" in found.get("spiff", ()):
            found["spiff"]["core_ours_is_faster_by"] = round(core / found["spiff"]["core_steps_per_second"], 1)
        return found


def _three(values: list[float]) -> list[float]:
    """Least, median, most."""
    return [round(one, 2) for one in (min(values), statistics.median(values), max(values))]


def _spread(turns: list[dict[str, Any]]) -> dict[str, Any]:
    """Least, median and most of what differs from turn to turn, the rest as the last turn said it."""
    said = dict(turns[-1])
    for name in ("steps_per_second", "cpu_ms_per_step"):
        said[name] = _three([turn[name] for turn in turns])
    return said


def _inside(args: argparse.Namespace) -> dict[str, Any]:
    from heli.config.bench import flow_inside

    match args.inside:
        case "steps":
            return flow_inside.steps(args.process, args.cases)
        case "bare":
            return {"steps_per_second": flow_inside.bare(args.cases * flow_made.STEPS[args.process])}
        case "workers":
            return flow_inside.at_once(args.process, args.cases, args.workers)
        case "core":
            return {"core_steps_per_second": flow_inside.core(args.process)}
    return flow_inside.rest(args.many)
