"""What a draft or a whole policy file would do to everybody, before anything is changed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from heli.config.cli import emit, language
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

NO_FILE = Words("读不到文件 {path}：{why}", "cannot read {path}: {why}")
MOST = 1_000_001
"""Characters read of a file: one more than what is refused as too long."""
LINES = {
    "gaining": Words("获得权限：{n} 人", "gain: {n} people"),
    "losing": Words("失去权限：{n} 人", "lose: {n} people"),
    "records_gained": Words("新看到的记录：{n}", "records that come into sight: {n}"),
    "records_lost": Words("不再看到的记录：{n}", "records that go out of sight: {n}"),
    "corners": Words("新的死角：{n}", "new dead corners: {n}"),
    "duties": Words("新的职责冲突：{n}", "new conflicts of duties: {n}"),
}
BLOCKED = Words("阻止发布：", "blocks publishing: ")


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="DRAFT.yaml", help="draft: 1 with changes, or policy: 1; - is standard input")
    parser.add_argument("--replay", action="store_true", help="also the decisions of the last 90 days under it")


def run(args: argparse.Namespace) -> int:
    from heli.access.facts import World
    from heli.policy import file
    from heli.policy.company import changed
    from heli.policy.names import Names
    from heli.policy.simulate import json, replay, report

    names = Names.load()
    at = report.stamp()
    changes = file.changes_in(_read(args.file), names, "-" if args.file == "-" else Path(args.file).name)
    before = World.load()
    found = report.simulate(before, changed(before, changes, names), changes, at=at)
    said: dict[str, Any] = json.told(found)
    if args.replay:
        said["replay"] = json.replayed(replay.replay(found.difference), lambda pk: json.person(found, pk))
    if args.json:
        emit(said)
    else:
        _print(said)
    return 1 if said["blockers"] else 0


def _read(path: str) -> str:
    try:
        if path == "-":
            return sys.stdin.read(MOST)
        with Path(path).open(encoding="utf-8") as file:
            return file.read(MOST)
    except (OSError, ValueError) as error:
        raise Invalid(Problem("file", "unreadable", NO_FILE.fill(path=path, why=str(error)))) from None


def _print(said: dict[str, Any]) -> None:
    tongue = language()
    for name, words in LINES.items():
        print(words.fill(n=said["figures"][name])(tongue))
    for sign, rows in (("+", said["gains"]), ("-", said["losses"])):
        for row in rows[:20]:
            where = row["department"]["words"][tongue] if row["department"] else "?"
            records = "" if row["records"] is None else f"  {row['records']}"
            print(f"  {sign} {where}  {row['people']}  {row['words'][tongue]}{records}")
    for one in said["corners"]:
        if one["new"]:
            print(f"  ? {one['words'][tongue]}")
    for one in said["warnings"]:
        print(f"  ! {one[tongue]}")
    for one in said["blockers"]:
        print(f"  {BLOCKED(tongue)}{one['words'][tongue]}")
