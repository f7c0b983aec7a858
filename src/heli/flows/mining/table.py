"""A log as CSV: its columns detected by what they are called, or named."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from heli.flows.mining import lifecycle, moments, quick
from heli.flows.mining.log import Coded, Ints, Log, of_events
from heli.kernel.errors import Invalid, Problem, TooLarge
from heli.kernel.words import Words

LARGEST = 512 * 1024 * 1024
MOST_EVENTS = 5_000_000
MOST_CELLS = 200_000_000
"""Each takes many times the byte that an empty one has in the file."""
LONGEST_CELL = 100_000
LONGEST_NAME = 300
"""Characters of a name of a case, an activity or an actor."""
SAMPLE = 64 * 1024
PART = 10_000
"""Lines after which is told how many have been read."""

NO_COLUMN = Words(
    "找不到表示{what}的列，请指明是哪一列。文件的列：{columns}",
    "no column is known as the {what}: say which one it is. The columns are: {columns}",
)  # fmt: skip
NO_SUCH = Words(
    "文件里没有列“{column}”。文件的列：{columns}", "there is no column “{column}”. The columns are: {columns}"
)
NO_MOMENT = Words("“{text}”不是可以读懂的时间", "“{text}” is no moment that can be read")
EMPTY = Words("没有写{what}", "there is no {what}")
NOTHING = Words("文件里没有事件", "the file has no events")
TOO_MANY = Words("最多 {n} 个事件", "at most {n} events")
MANY_CELLS = Words(
    "表格最多 {n} 个单元格：请只导出案例、活动、时间、办理人和部门这些列",
    "a table has at most {n} cells: export only the columns of case, activity, moment, actor and department",
)
TOO_LONG = Words("名称最多 {n} 个字符", "a name has at most {n} characters")
NO_TEXT = Words(
    "不是文本：XES 和 CSV 应是 UTF-8、UTF-16 或 GB18030（GBK）编码的文本",
    "this is no text: XES and CSV are text in UTF-8, UTF-16 or GB18030 (GBK)",
)
BROKEN = Words("第 {line} 行读不了：{why}", "line {line} cannot be read: {why}")
RAGGED = Words("这一行有 {n} 格，表头有 {m} 格", "this line has {n} cells, the head has {m}")

KNOWN: Mapping[str, tuple[str, ...]] = {
    "case": (
        "case:concept:name", "case_id", "case id", "caseid", "case", "case number", "trace", "trace_id", "instance", "process instance",
        "案例", "案例编号", "案例号", "案例id", "流程实例", "实例", "实例编号", "流程编号", "单号", "业务编号",
    ),
    "activity": (
        "concept:name", "activity", "activity name", "event", "event name", "task", "task name", "step", "node", "operation",
        "活动", "活动名称", "节点", "节点名称", "步骤", "环节", "环节名称", "事件", "操作",
    ),
    "time": (
        "time:timestamp", "timestamp", "complete timestamp", "complete_timestamp", "end_timestamp", "end timestamp", "completed", "completed_at",
        "end", "end time", "end_time", "finished", "time", "date", "datetime", "完成时间", "结束时间", "办结时间", "时间", "时间戳", "发生时间",
    ),
    "start": (
        "start_timestamp", "start timestamp", "start", "start time", "start_time", "started", "started_at", "开始时间", "开始办理时间", "启动时间",
    ),
    "actor": (
        "org:resource", "resource", "actor", "user", "user name", "username", "person", "performer", "assignee", "employee",
        "处理人", "办理人", "执行人", "操作人", "审批人", "人员", "资源",
    ),
    "group": ("org:group", "org:role", "department", "group", "team", "role", "部门", "岗位", "角色", "组"),
    "lifecycle": ("lifecycle:transition", "lifecycle", "transition", "生命周期"),
}  # fmt: skip
"""What columns are called, the likeliest first."""
MOMENTS = ("time", "start")
WHAT = {
    "case": Words("案例", "case"), "activity": Words("活动", "activity"), "time": Words("时间", "moment"), "start": Words("开始时间", "start"),
    "actor": Words("办理人", "actor"), "group": Words("部门", "department"), "lifecycle": Words("生命周期", "lifecycle"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column says what, by its name; empty: detected by what it is called."""

    case: str = ""
    activity: str = ""
    time: str = ""
    start: str = ""
    actor: str = ""
    group: str = ""
    lifecycle: str = ""


def glance(begin: bytes, columns: Columns) -> None:
    """Look for the columns in how a file begins. Raises Invalid; what cannot be said yet is found when it is read."""
    marked = begin[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    if b"\0" in begin and not marked:
        raise Invalid(Problem("file", "encoding", NO_TEXT))
    text = begin.decode("utf-16", "ignore") if marked else ""
    for codec in () if marked else ("utf-8", "gb18030"):
        try:
            text = begin.partition(b"\n")[0].removeprefix(codecs.BOM_UTF8).decode(codec)
            break
        except UnicodeDecodeError:
            continue
    head, _, rest = text.partition("\n")
    if not head.strip() or '"' in head or (len(begin) == SAMPLE and not (rest or b"\n" in begin)):
        return  # no text, or a head that does not end here
    try:
        found = next(csv.reader([head.rstrip("\r")], delimiter=_delimiter(head.encode())))
    except csv.Error:  # lines that end in another way: who reads all of it knows
        return
    detect([one.strip() for one in found], columns)


def read(
    source: bytes, columns: Columns | None = None, zone: dt.tzinfo = moments.UTC, *, paired: bool = True, cells: int = MOST_CELLS,
    told: Callable[[float], None] | None = None,
) -> tuple[Log, Columns]:  # fmt: skip
    """The log of a CSV file, and what its columns were found to be. ``paired``: where it has starts and completions, each pair is one visit.
    ``cells``: how many it may have. ``told``: as in ``reading.read``.

    Raises Invalid naming each place, TooLarge.
    """
    if len(source) > LARGEST:
        raise TooLarge(Words(f"文件最大 {LARGEST >> 20} MB", f"a file has at most {LARGEST >> 20} MB"))
    source = utf8(source)
    delimiter = _delimiter(source[:SAMPLE].partition(b"\n")[0])
    if source.count(delimiter.encode()) + source.count(b"\n") > cells:
        raise TooLarge(MANY_CELLS.fill(n=cells))
    plain = quick.grid(source, delimiter)
    if plain is not None:
        head, found = [one.strip() for one in plain[0]], plain[1]
        if len(found.begins) > MOST_EVENTS:
            raise TooLarge(TOO_MANY.fill(n=MOST_EVENTS))
        chosen = detect(head, columns or Columns())
        places = {name: head.index(getattr(chosen, name)) for name in KNOWN if getattr(chosen, name)}
        return _log(
            {name: found.coded(at) for name, at in places.items() if name not in MOMENTS},
            {name: _times(found, at) for name, at in places.items() if name in MOMENTS}, zone, paired,
        ), chosen  # fmt: skip
    head, rows = _rows(source.decode(), delimiter, told, source.count(b"\n") + 1)
    chosen = detect(head, columns or Columns())
    places = {name: head.index(getattr(chosen, name)) for name in KNOWN if getattr(chosen, name)}
    texts = {name: [row[place] for row in rows] for name, place in places.items()}
    del rows
    return _log(
        {name: quick.coded(one) for name, one in texts.items() if name not in MOMENTS},
        {name: one for name, one in texts.items() if name in MOMENTS}, zone, paired,
    ), chosen  # fmt: skip


def _times(cells: quick.Grid, column: int) -> Sequence[str] | quick.Bytes:
    """A column as one block where all its cells are of one length, else as texts."""
    lengths = cells.lengths(column)
    alike = int(lengths.min()) == int(lengths.max())
    block = cells.cells(column) if alike else None
    return block if block is not None else cells.texts(column)


def _rows(
    text: str, delimiter: str, told: Callable[[float], None] | None, ends: int
) -> tuple[list[str], list[list[str]]]:
    """The head and the lines, read carefully. ``ends``: of how many."""
    csv.field_size_limit(LONGEST_CELL)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = []
    try:
        head = [one.strip() for one in next(lines, [])]
        for row in lines:
            if row:
                rows.append(row)
                if len(rows) > MOST_EVENTS:
                    raise TooLarge(TOO_MANY.fill(n=MOST_EVENTS))
                if told is not None and len(rows) % PART == 0:
                    told(min(lines.line_num / ends, 1.0))
    except csv.Error as error:
        raise Invalid(
            Problem(f"line {lines.line_num}", "csv", BROKEN.fill(line=lines.line_num, why=str(error)))
        ) from None
    if not rows:
        raise Invalid(Problem("file", "empty", NOTHING))
    wide = len(head)
    ragged = next((at for at, row in enumerate(rows) if len(row) != wide), None)
    if ragged is not None:
        raise Invalid(Problem(f"line {ragged + 2}", "cells", RAGGED.fill(n=len(rows[ragged]), m=wide)))
    return head, rows


def _log(
    names: Mapping[str, Coded], times: Mapping[str, Sequence[str] | quick.Bytes], zone: dt.tzinfo, paired: bool
) -> Log:
    cases, activities = named(names["case"], "case"), named(names["activity"], "activity")
    actors, groups = (named(names[one], one) if one in names else None for one in ("actor", "group"))
    done = read_moments(times["time"], zone)
    started = read_moments(times["start"], zone, empty=True) if "start" in times else None
    kinds = names.get("lifecycle")
    if paired and started is None and kinds is not None and lifecycle.tells(kinds.names):
        return lifecycle.paired(cases, activities, done, kinds, actors, groups)
    return of_events(cases, activities, done, actors=actors, started=started, groups=groups)


def named(column: Coded, what: str) -> Coded:
    """The same. Raises Invalid for a name that is too long, or empty where it is needed."""
    needed = what in ("case", "activity")
    for number, name in enumerate(column.names):
        if (needed and not name.strip()) or len(name) > LONGEST_NAME:
            words = TOO_LONG.fill(n=LONGEST_NAME) if name.strip() else EMPTY.fill(what=WHAT[what])
            place = int(np.argmax(column.numbers == number)) + 1
            raise Invalid(Problem(f"event {place}", what, words))
    return column


def read_moments(texts: Sequence[str] | quick.Bytes, zone: dt.tzinfo, *, empty: bool = False) -> Ints:
    try:
        return moments.read(texts, zone, empty=empty)
    except moments.Unreadable as error:
        raise Invalid(Problem(f"event {error.place + 1}", "moment", NO_MOMENT.fill(text=error.text))) from None


def detect(head: Sequence[str], named: Columns) -> Columns:
    """Which column says what. Raises Invalid where one that is needed is not there."""
    lower = {one.casefold(): one for one in reversed(head)}
    listed = Words("、".join(head[:30])[:500], ", ".join(head[:30])[:500])
    chosen: dict[str, str] = {}
    problems = []
    for one in fields(Columns):
        given = getattr(named, one.name)
        if given:
            if given not in head:
                problems.append(Problem(one.name, "column", NO_SUCH.fill(column=given[:80], columns=listed)))
            chosen[one.name] = given
    for name, known in KNOWN.items():
        if name in chosen:
            continue
        found = next((lower[one] for one in known if one in lower and lower[one] not in chosen.values()), "")
        if not found and name in ("case", "activity", "time"):
            problems.append(Problem(name, "column", NO_COLUMN.fill(what=WHAT[name], columns=listed)))
        chosen[name] = found
    if problems:
        raise Invalid(problems)
    return Columns(**chosen)


def utf8(source: bytes) -> bytes:
    """The file as UTF-8 without its mark. Raises Invalid."""
    marked = source[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for codec in ("utf-16",) if marked else ("utf-8", "gb18030"):
        try:
            text = source.decode(codec)
        except UnicodeDecodeError:
            continue
        if "\0" in text[:SAMPLE]:
            break
        return source.removeprefix(codecs.BOM_UTF8) if codec == "utf-8" else text.encode("utf-8", "replace")
    raise Invalid(Problem("file", "encoding", NO_TEXT))


def _delimiter(head: bytes) -> str:
    return max(",;\t|", key=lambda one: (head.count(one.encode()), one == ","))
