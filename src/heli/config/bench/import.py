"""Import 100,000 opportunities with audit: through the bulk write door, and as files by a profile; rows per second.

Memory is the process's resident megabytes at every tenth of the door's run, so that a growth shows.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

ROWS, PEOPLE, ACCOUNTS, TENTHS = 100_000, 50, 2_000, 10
STAGES = ("Prospecting", "Engaging", "Won", "Lost")
PROFILE = """
profile: bench
currency: USD
files:
  - file: people.csv
    rows: [{make: person, key: "{user}", set: {display_name: name}}]
  - file: accounts.csv
    rows: [{make: account, key: "{name}", set: {name: name, location: city}}]
  - file: deals.csv
    rows:
      - make: opportunity
        key: "{code}"
        set:
          code: code
          name: title
          account: {column: account, link: account}
          stage: {column: stage, values: {Prospecting: prospecting, Engaging: engaging, Won: won, Lost: lost}}
          amount: {column: value, as: money}
          opened_on: {column: opened, as: date}
          owner: {column: owner, link: person}
"""


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=ROWS, help=f"opportunities ({ROWS})")
    parser.add_argument("--inside", choices=("door", "files"), help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"rows", "rows_per_s", "seconds", "rows_per_cpu_s", "memory_mb", "memory_growth_mb", "files_…" of each}``; a second
    of the processor is what a busy machine would have given."""
    if not 1000 <= args.rows <= 10_000_000:
        raise UsageError(Words("--rows 为 1000 到 10000000", "--rows is from 1000 to 10000000"))
    if args.inside is not None:
        return _door(args.rows) if args.inside == "door" else _files(args.rows)
    found = []
    for how in ("door", "files"):
        with inside.place() as environment:
            found.append(inside.ask("import", (how, "--rows", args.rows), environment))
    door, files = found
    memory = door["memory_mb"]
    return {
        "rows": args.rows,
        "rows_per_s": round(args.rows / door["seconds"]),
        "seconds": round(door["seconds"], 2),
        "rows_per_cpu_s": round(args.rows / door["cpu_seconds"]),
        "memory_mb": memory,
        "memory_growth_mb": round(memory[-1] - memory[len(memory) // 2], 1),
        "files_rows_per_s": round(args.rows / files["seconds"]),
        "files_seconds": round(files["seconds"], 2),
        "files_rows_per_cpu_s": round(args.rows / files["cpu_seconds"]),
        "files_memory_mb": files["memory_mb"],
    }


def resident() -> float:
    """Megabytes that this process holds now (where the system does not tell: the most it has held)."""
    try:
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)
    return pages * resource.getpagesize() / 1024 / 1024


def _deals(count: int) -> Iterator[tuple[int, str, str, str, str, int, str]]:
    """(number, code, title, stage, day, account, amount), the same every time."""
    rng = random.Random(11)  # noqa: S311  # not a secret
    for n in range(count):
        account = rng.randrange(ACCOUNTS)
        day = f"20{rng.randrange(20, 27)}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"
        yield (
            n,
            f"B{n:07}",
            f"Deal {n} · Account {account}",
            rng.choice(STAGES),
            day,
            account,
            str(rng.randrange(10**6)),
        )


def _door(count: int) -> dict[str, Any]:
    from heli.api import viewer as viewers
    from heli.config import schema
    from heli.kernel.actor import Actor
    from heli.org.verbs import NewPerson, add_people
    from heli.records import bulk
    from heli.records.types import TYPES

    schema.ensure()
    viewer = viewers.system("benchmark")
    people = add_people(Actor(None, "heli bench"), [NewPerson(f"bench{n}", f"Bench {n}") for n in range(PEOPLE)])
    names = ({"name": f"Account {n}", "location": "Lima"} for n in range(ACCOUNTS))
    accounts = [m.id for one in bulk.import_many(viewer, TYPES["account"], names) for m in one.made]
    rows = (
        {
            "code": code, "name": title, "account": accounts[account], "stage": stage.lower(), "amount": amount,
            "opened_on": day, "owner": str(people[n % PEOPLE]),
        }
        for n, code, title, stage, day, account, amount in _deals(count)
    )  # fmt: skip
    made = 0
    memory: list[float] = []
    began, busy = time.perf_counter(), time.process_time()
    for outcome in bulk.import_many(viewer, TYPES["opportunity"], rows):
        made += len(outcome.made)
        if made * TENTHS >= count * (len(memory) + 1):
            memory.append(round(resident(), 1))
    seconds, busy = time.perf_counter() - began, time.process_time() - busy
    if made != count:
        raise Broken(f"{count - made} rows were not written")
    return {"seconds": seconds, "cpu_seconds": busy, "memory_mb": memory}


def _files(count: int) -> dict[str, Any]:
    from heli.api import viewer as viewers
    from heli.config import schema
    from heli.records import imports
    from heli.records.profiles import Progress, load_profile

    schema.ensure()
    with tempfile.TemporaryDirectory(prefix="heli-bench-files-") as name:
        folder = Path(name)
        (folder / "bench.yaml").write_text(PROFILE, "utf-8")
        _write(folder / "people.csv", "user,name", (f"bench{n},Bench {n}" for n in range(PEOPLE)))
        _write(folder / "accounts.csv", "name,city", (f"Account {n},Lima" for n in range(ACCOUNTS)))
        _write(
            folder / "deals.csv", "code,title,account,stage,value,opened,owner",
            (
                f"{code},{title},Account {account},{stage},{amount},{day},bench{n % PEOPLE}"
                for n, code, title, stage, day, account, amount in _deals(count)
            ),
        )  # fmt: skip
        memory: list[float] = []

        def progress(now: Progress) -> None:
            if now.share * TENTHS >= len(memory) + 1:
                memory.append(round(resident(), 1))

        began, busy = time.perf_counter(), time.process_time()
        report = imports.run(
            viewers.system("benchmark"), load_profile(folder / "bench.yaml"), folder, progress=progress
        )
        seconds, busy = time.perf_counter() - began, time.process_time() - busy
    if report.created["opportunity"] != count or report.rejections:
        raise Broken(f"only {report.created['opportunity']} of {count} rows arrived")
    return {"seconds": seconds, "cpu_seconds": busy, "memory_mb": memory}


def _write(path: Path, heading: str, lines: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as out:
        out.write(heading + "\n")
        out.writelines(line + "\n" for line in lines)
