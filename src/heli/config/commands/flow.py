"""Processes as BPMN files: check one, or play one in memory."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from heli.config.cli import emit, language
from heli.kernel.errors import HeliError, Invalid, Problem
from heli.kernel.words import Words

MIGRATES = False
"""Neither looks at the company."""
LONGEST_SCRIPT = 1_000_000
"""Bytes read of a script; more is refused as too long."""
NO_FILE = Words("读不到文件 {path}：{why}", "cannot read {path}: {why}")
NOT_SOUND = Words(
    "流程定义不能执行，先用 heli flow check 查看", "the definition cannot be executed: see heli flow check"
)
GOOD = Words(
    "可以执行：{nodes} 个节点，每个实例都能走到结束", "can be executed: {nodes} nodes, and every instance can end"
)
ENDED = Words("结束：{how}", "ended: {how}")
STANDS = Words("{node}：{people}", "{node}: {people}")


def add(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))
    check = below.add_parser(
        "check", help="what is executed, whether it can always end, who does it; status 1 when something is wrong"
    )
    run = below.add_parser("run", help="play it in memory by a script")
    run.add_argument("--script", metavar="MOVES.yaml", required=True, help="who begins, who is found, what happens")
    for command in (check, run):
        command.add_argument("file", metavar="FILE.bpmn")
        command.add_argument("--process", metavar="ID", help="of a file with several (the first)")
        command.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    return {"check": _check, "run": _run}[args.action](args)


def _bytes(path: str, most: int) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Invalid(Problem(path, "unreadable", NO_FILE.fill(path=path, why=why))) from error


def _check(args: argparse.Namespace) -> int:
    from heli.flows.core import bpmn, people, soundness

    found = bpmn.read(_bytes(args.file, bpmn.LARGEST), args.process)
    problems = list(found.problems)
    if found.definition is not None:
        problems += soundness.check(found.definition) + people.check(found.definition)
    said: dict[str, Any] = {
        "process": {"id": found.process, "name": found.name}, "executable": not problems,
        "elements": [one.json() for one in found.elements], "problems": [one.json() for one in problems],
    }  # fmt: skip
    if args.json:
        emit(said)
        return 1 if problems else 0
    words = language()
    if found.definition is not None and not problems:
        sys.stdout.write(GOOD.fill(nodes=len(found.definition.nodes))(words) + "\n")
    for one in problems:
        sys.stdout.write(f"{one.place}: {one.words(words)}\n")
    return 1 if problems else 0


def _run(args: argparse.Namespace) -> int:
    from heli.flows.core import bpmn, soundness
    from heli.flows.core.trial import Trial, script
    from heli.policy import file

    found = bpmn.read(_bytes(args.file, bpmn.LARGEST), args.process)
    problems = [*found.problems, *(soundness.check(found.definition) if found.definition is not None else ())]
    if found.definition is None or problems:
        raise Invalid(problems, NOT_SOUND)
    try:
        text = _bytes(args.script, LONGEST_SCRIPT).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(Problem(args.script, "encoding", Words("不是 UTF-8", "no UTF-8"))) from error
    trial = Trial(found.definition, script(file.read(text, Path(args.script).name)))
    stopped: HeliError | None = None
    try:
        trial.play()
    except HeliError as error:
        stopped = error
    said = trial.json()
    if stopped is not None:
        said["stopped"] = stopped.json()
    if args.json:
        emit(said)
    else:
        _print(said, stopped)
    return 0 if stopped is None else 1


def _print(said: dict[str, Any], stopped: HeliError | None) -> None:
    words = language()
    for one in said["log"]:
        rest = [str(value) for name, value in one.items() if name not in ("at", "what") and value not in (None, [], "")]
        sys.stdout.write(f"{one['at']}  {one['what']:<9} {'  '.join(rest)}\n")
    if said["ended"]:
        sys.stdout.write(ENDED.fill(how=said["ended"])(words) + "\n")
    for one in said["work"]:
        sys.stdout.write(STANDS.fill(node=one["node"], people=one["person"])(words) + "\n")
    if stopped is not None:
        sys.stdout.write(f"{stopped.words(words)}\n")
