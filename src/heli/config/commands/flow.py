"""Processes: check a BPMN file, play one in memory, mine a log of what happened, take running cases over to another version."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heli.config.cli import emit, language
from heli.kernel.errors import HeliError, Invalid, Problem, TooLarge
from heli.kernel.words import Words

if TYPE_CHECKING:
    from heli.flows.core.bpmn import Document
    from heli.flows.core.trial import Trial

MIGRATES = False
"""Most look at no company; taking cases over wants the schema as it is."""
CHECK = (
    "Says what of a BPMN file is executed, whether every case can end, and who does it. Record types, fields, acts and events are looked up "
    "in the program. Positions, departments, people, roles and called processes are looked up in the company of HELI_HOME or DATABASE_URL, "
    "where there is one. The answer always says what was looked up, what was not, and why."
)
LONGEST_SCRIPT = 1_000_000
"""Bytes read of a script; more is refused as too long."""
COLUMNS = ("case", "activity", "time", "start", "actor", "group", "lifecycle")
ZONE = "Asia/Shanghai"
NO_ZONE = Words("没有这个时区：{zone}", "no such time zone: {zone}")
NO_MOST = Words("--most 应在 1 到 10000 之间", "--most is from 1 to 10,000")
MINED = Words(
    "{cases} 个案例，{events} 个事件，{variants} 种走法；时长中位数 {p50}，P90 {p90}；有返工的案例 {rework}",
    "{cases} cases, {events} events, {variants} ways; they take {p50} (median), {p90} (P90); with rework: {rework}",
)  # fmt: skip
NARROW = Words(
    "瓶颈 {score:.2f}  {name}：等待中位数 {wait}，{share} 的案例经过",
    "bottleneck {score:.2f}  {name}: waits {wait} (median), {share} of the cases pass it",
)  # fmt: skip
NO_FILE = Words("读不到文件 {path}：{why}", "cannot read {path}: {why}")
NOT_SOUND = Words(
    "{file} 里的流程不能执行：先改正列出的问题，用 heli flow check 可再检查一次",
    "the process in {file} cannot be executed: mend what is listed, and look again with heli flow check",
)
NO_UTF8 = Words("不是 UTF-8：请另存为 UTF-8 再试", "it is no UTF-8: save it as UTF-8 and try again")
SCRIPT = Words("脚本", "the script")
BEGINS = Words(
    "：至少写 initiator（谁发起）和 moves（发生什么）",
    ": it says initiator (who begins) and moves (what happens) at least",
)
AT = Words("{place}：{said}", "{place}: {said}")
ENDED = Words("结束：{how}", "ended: {how}")
NO_MAP = Words("--map 应写成 旧节点=新节点：{text}", "--map is written OLD=NEW: {text}")
TO = Words("到版本 {to}（{id}）", "to version {to} ({id})")
COUNTED = {
    "automatic": Words("可直接转", "can go over"), "mapping": Words("需要指定接替节点", "need a mapping"), "blocked": Words("不能转", "blocked"),
    "moved": Words("已转", "moved"), "stayed": Words("留在原版本", "stayed"), "returned": Words("已转回", "returned"),
    "kept": Words("未能转回", "could not return"),
}  # fmt: skip
STANDS = Words("{node}：{people}", "{node}: {people}")


def add(parser: argparse.ArgumentParser) -> None:
    below = parser.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=type(parser))
    check = below.add_parser(
        "check",
        help="what is executed, whether it can always end, who does it; status 1 when something is wrong",
        description=CHECK,
    )
    check.add_argument(
        "--file-only",
        action="store_true",
        help="look nothing up in a company, though there is one (HELI_HOME, DATABASE_URL)",
    )
    run = below.add_parser("run", help="play it in memory by a script")
    run.add_argument("--script", metavar="MOVES.yaml", required=True, help="who begins, who is found, what happens")
    for command in (check, run):
        command.add_argument("file", metavar="FILE.bpmn")
        command.add_argument("--process", metavar="ID", help="of a file with several (the first)")
        command.add_argument("--json", action="store_true", help="print one JSON document")
    mine = below.add_parser("mine", help="cases, ways, durations, rework and bottlenecks of a log (XES or CSV)")
    mine.add_argument("file", metavar="LOG")
    for name in COLUMNS:
        mine.add_argument(
            f"--{name}", metavar="COLUMN", default="", help=f"the column of a CSV that says the {name} (detected)"
        )
    mine.add_argument(
        "--zone", default=ZONE, help=f"where moments without a zone, and working hours, are meant ({ZONE})"
    )
    mine.add_argument(
        "--each-event", action="store_true", help="take starts and ends as events of their own, not as one visit"
    )
    mine.add_argument("--most", type=int, default=20, help="entries of each list (20)")
    mine.add_argument("--json", action="store_true", help="print one JSON document")

    migrate = below.add_parser(
        "migrate", help="what would become of running cases in another version; --apply takes them over"
    )
    migrate.add_argument("process", metavar="CODE", help="of the process")
    migrate.add_argument("--to", type=int, metavar="VERSION", help="its number (the one in use)")
    migrate.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="the node that takes another's place; may be repeated",
    )
    migrate.add_argument("--apply", action="store_true", help="take over every case that can be")
    migrate.add_argument("--revert", type=int, metavar="ID", help="take back what was taken over by this migration")
    migrate.add_argument("--as", dest="person", metavar="PERSON", required=True, help="who does it")
    migrate.add_argument("--json", action="store_true", help="print one JSON document")


def run(args: argparse.Namespace) -> int:
    return {"check": _check, "run": _run, "mine": _mine, "migrate": _migrate}[args.action](args)


def _migrate(args: argparse.Namespace) -> int:
    from heli.api import flow_migrations
    from heli.api import viewer as viewers
    from heli.flows import migrating

    mapping: dict[str, str] = {}
    for one in args.map:
        old, sign, new = one.partition("=")
        if not sign or not old or not new:
            raise Invalid(Problem("map", "form", NO_MAP.fill(text=one[:80])))
        mapping[old] = new
    viewer = viewers.for_person(viewers.named(args.person))
    if args.revert is not None:
        said = flow_migrations.told(viewer, [migrating.revert(viewer, args.revert)])[0]
    elif args.apply:
        said = flow_migrations.told(viewer, [migrating.migrate(viewer, args.process, args.to, mapping)])[0]
    else:
        said = flow_migrations.tried(migrating.attempt(viewer, args.process, args.to, mapping))
    if args.json:
        emit(said)
    else:
        _tell_migration(said)
    return 1 if said["counts"].get("blocked") or said["counts"].get("mapping") or said["counts"].get("stayed") else 0


def _tell_migration(said: dict[str, Any]) -> None:
    words = language()
    counts = ", ".join(f"{COUNTED[name](words)} {count}" for name, count in said["counts"].items() if count)
    sys.stdout.write(f"{TO.fill(to=said['to'], id=said.get('id', '-'))(words)}: {counts or '-'}\n")
    for group in said.get("groups", ()):
        reason = (group["reason"] or {}).get(words, "")
        sys.stdout.write(f"{group['version']}  {COUNTED[group['state']](words)} {group['count']}  {reason}\n")
    for one in said.get("stayed", ()):
        sys.stdout.write(f"{'#' + one['case'] if one['case'] else '-'}  {one['reason'][words]}\n")


def _bytes(path: str, most: int) -> bytes:
    try:
        with Path(path).open("rb") as file:
            return file.read(most + 1)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Invalid(Problem(path, "unreadable", NO_FILE.fill(path=path, why=why))) from error


def _check(args: argparse.Namespace) -> int:
    from heli.config.commands import _flow_check

    return _flow_check.check(_drawn(args), alone=args.file_only, as_json=args.json)


def _drawn(args: argparse.Namespace) -> Document:
    """The file, read. Raises what reading it does, by the name of the file and the line."""
    from heli.flows.core import bpmn

    try:
        size = Path(args.file).stat().st_size
    except (OSError, ValueError):
        size = 0  # it says so where it is read
    if size > bpmn.LARGEST:
        raise TooLarge(AT.fill(place=args.file, said=bpmn.too_large(size)))
    try:
        return bpmn.read(_bytes(args.file, bpmn.LARGEST), args.process)
    except Invalid as error:
        raise Invalid(
            [
                Problem(args.file if one.place == "file" else f"{args.file}:{one.place}", one.code, one.words)
                for one in error.problems
            ]
        ) from error


def _run(args: argparse.Namespace) -> int:
    from heli.flows.core import soundness
    from heli.flows.core.trial import Trial, script
    from heli.policy import file
    from heli.records.profiles.yaml import Mistakes

    found = _drawn(args)
    problems = [*found.problems, *(soundness.check(found.definition) if found.definition is not None else ())]
    if found.definition is None or problems:
        raise Invalid(problems, NOT_SOUND.fill(file=args.file))
    try:
        text = _bytes(args.script, LONGEST_SCRIPT).decode("utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(Problem(args.script, "encoding", NO_UTF8)) from error
    said, where = file.located(text, Mistakes(args.script, SCRIPT, BEGINS))
    try:
        trial = Trial(found.definition, script(said))
    except Invalid as error:
        raise Invalid([_placed(one, where) for one in error.problems]) from error
    return _played(trial, where, args.json)


def _placed(one: Problem, where: Callable[[str], str]) -> Problem:
    """A problem of a script by the line where it stands."""
    whole = one.place == "script"
    return Problem(where(one.place), one.code, one.words if whole else AT.fill(place=one.place, said=one.words))


def _played(trial: Trial, where: Callable[[str], str], as_json: bool) -> int:
    stopped: HeliError | None = None
    try:
        trial.play()
    except Invalid as error:
        stopped = Invalid(
            error.problems, AT.fill(place=where(error.problems[0].place), said=error.words) if error.problems else None
        )
    except HeliError as error:
        stopped = error
    said = trial.json()
    if stopped is not None:
        said["stopped"] = stopped.json()
    if as_json:
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


def _mine(args: argparse.Namespace) -> int:
    from zoneinfo import ZoneInfo

    from heli.flows.mining import reading, report, table
    from heli.flows.mining.calendar import Hours
    from heli.flows.mining.measures import Measures

    try:
        zone = ZoneInfo(args.zone)
    except (KeyError, OSError, ValueError) as error:
        raise Invalid(Problem("--zone", "unknown", NO_ZONE.fill(zone=args.zone[:80]))) from error
    if not 1 <= args.most <= 10_000:
        raise Invalid(Problem("--most", "range", NO_MOST))
    named = table.Columns(**{name: getattr(args, name) for name in COLUMNS})
    log, columns = reading.read(_bytes(args.file, table.LARGEST), named, zone, paired=not args.each_event)
    said = report.document(Measures(log, Hours(zone=zone), working=False), args.most)
    if columns is not None:
        said["columns"] = {name: getattr(columns, name) or None for name in COLUMNS}
    if args.json:
        emit(said)
    else:
        _tell(said)
    return 0


def _tell(said: dict[str, Any]) -> None:
    words, cycle = language(), said["durations"]["calendar"]
    whole = MINED.fill(
        cases=said["cases"], events=said["events"], variants=said["variants"], p50=_span(cycle["p50"]), p90=_span(cycle["p90"]),
        rework=said["rework"]["cases"],
    )  # fmt: skip
    sys.stdout.write(whole(words) + "\n")
    for one in said["bottlenecks"][:5]:
        line = NARROW.fill(
            score=one["score"],
            name=one["activity"],
            wait=_span(one["wait"]["calendar"]["p50"]),
            share=f"{one['share']:.0%}",
        )
        sys.stdout.write(line(words) + "\n")


def _span(seconds: float | None) -> str:
    for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds is not None and seconds >= length:
            return f"{seconds / length:.1f} {unit}"
    return f"{seconds or 0:.0f} s"
