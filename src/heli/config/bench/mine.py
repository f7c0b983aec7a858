"""Mining a log: the directly-follows graph, rework and variants of 262,200 generated events, beside pm4py on the same file.

Ours and pm4py (``HELI_PM4PY``, a Python of its own) take turns; the answers have to be the same, else the run ends.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from xml.sax.saxutils import quoteattr
from zoneinfo import ZoneInfo

from heli.config.bench import peers
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

EVENTS, CASES, ACTIVITIES, TURNS, SEED = 262_200, 13_087, 24, 5, 12
HEAD = ("case:concept:name", "concept:name", "org:resource", "time:timestamp")
FORMATS = ("csv", "xes")

type Event = tuple[str, str, str, str]


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=EVENTS, help=f"events of the log ({EVENTS})")
    parser.add_argument("--turns", type=int, default=TURNS, help=f"turns, in which ours and pm4py alternate ({TURNS})")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``formats``: of each, seconds (of the clock and of the processor) to read the file and to work out the three answers, ours and pm4py's,
    with the ratio of each turn; ``agreed``, or None where pm4py is left out."""
    if not 1000 <= args.events <= 10_000_000 or not 1 <= args.turns <= 100:
        raise UsageError(
            Words("--events 为 1000 到 10000000，--turns 为 1 到 100", "--events is 1000 to 10000000, --turns 1 to 100")
        )
    other = peers.python("pm4py") is not None
    with tempfile.TemporaryDirectory(prefix="heli-bench-") as folder:
        found = []
        for kind in FORMATS:
            file = Path(folder) / f"log.{kind}"
            (_csv if kind == "csv" else _xes)(file, args.events)
            turns = []
            for _ in range(args.turns):
                ours = _ours(file)
                theirs = peers.asked("pm4py", {"file": str(file), "format": kind}) if other else None
                if theirs is not None and ours["answer"] != theirs["answer"]:
                    raise Broken(f"pm4py answers otherwise about {kind}")
                turns.append((ours, theirs))
            found.append(_format(kind, turns))
    return {
        "events": args.events,
        "formats": found,
        "agreed": True if other else None,
        "left_out": [] if other else ["pm4py"],
    }


def _format(kind: str, turns: list[tuple[dict[str, Any], dict[str, Any] | None]]) -> dict[str, Any]:
    said: dict[str, Any] = {"format": kind}
    for name in ("read_s", "answer_s", "processor_s"):
        said[name] = {"ours": _three([ours[name] for ours, _ in turns])}
        pairs = [(ours[name], theirs[name]) for ours, theirs in turns if theirs is not None]
        if pairs:
            said[name] |= {
                "pm4py": _three([b for _, b in pairs]),
                "ours_is_faster_by": _three([b / a for a, b in pairs]),
            }
    return said


def _three(values: list[float]) -> list[float]:
    """Least, median, most."""
    return [round(one, 3) for one in (min(values), statistics.median(values), max(values))]


def _ours(file: Path) -> dict[str, Any]:
    """As ``heli flow mine`` reads it, every event for itself as pm4py takes them."""
    from heli.flows.mining import follows, reading, table

    began, cpu = time.perf_counter(), time.process_time()
    log, _ = reading.read(file.read_bytes(), table.Columns(), ZoneInfo("Asia/Shanghai"), paired=False)
    read = time.perf_counter()
    graph, (_, again), ways = follows.graph(log), follows.repeats(log), follows.variants(log)
    done = time.perf_counter()
    name = log.activities
    answer = {
        "graph": sorted([name[a], name[b], many] for (a, b), many in graph.items()),
        "rework": sorted([name[at], many] for at, many in enumerate(again.tolist()) if many),
        "variants": sorted([[name[one] for one in way.path], len(way.cases)] for way in ways),
    }
    return {"read_s": read - began, "answer_s": done - read, "processor_s": time.process_time() - cpu, "answer": answer}


def events(many: int) -> Iterator[list[Event]]:
    """The events of each case, in the order in which they happened, no two at one moment: most follow the same way, and some go back."""
    rng, left = Random(SEED), many  # noqa: S311  # the same log every time
    cases = max(1, round(many * CASES / EVENTS))
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    for number in range(cases):
        length = (
            left
            if number == cases - 1
            else max(1, min(left - (cases - 1 - number), int(rng.expovariate(cases / many)) + 1))
        )
        left -= length
        at, here, found = start + dt.timedelta(minutes=rng.randrange(500_000)), 0, []
        for _ in range(length):
            found.append((f"case {number}", f"activity {here:02}", f"person {rng.randrange(60)}", at.isoformat()))
            at += dt.timedelta(seconds=1 + rng.randrange(90_000))
            here = (
                max(0, here - rng.randrange(4))
                if rng.random() < 0.2
                else (here + (2 if rng.random() < 0.1 else 1)) % ACTIVITIES
            )
        yield found


def _csv(file: Path, many: int) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        write = csv.writer(out)
        write.writerow(HEAD)
        for case in events(many):
            write.writerows(case)


def _xes(file: Path, many: int) -> None:
    def cell(kind: str, key: str, value: str) -> str:
        return f'<{kind} key="{key}" value={quoteattr(value)}/>'

    with file.open("w", encoding="utf-8") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?><log xes.version="1.0">\n')
        for case in events(many):
            out.write(f"<trace>{cell('string', 'concept:name', case[0][0])}\n")
            for _, activity, person, at in case:
                cells = (
                    ("string", "concept:name", activity),
                    ("string", "org:resource", person),
                    ("date", "time:timestamp", at),
                )
                out.write(f"<event>{''.join(cell(*one) for one in cells)}</event>\n")
            out.write("</trace>\n")
        out.write("</log>\n")
