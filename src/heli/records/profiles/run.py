"""Running a profile over a folder: a stream of what each row asks for. Nothing is written here."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from heli.kernel.words import Words
from heli.records.profiles.indexes import Known, OtherFiles, Resolve
from heli.records.profiles.model import FilePlan, Flag, Lookup, Planned, Profile, Progress
from heli.records.profiles.opening import open_all
from heli.records.profiles.rows import FileRows, Making
from heli.records.profiles.styles import find_styles
from heli.records.profiles.values import Context
from heli.records.tables import BadRow, Row, Table, TableError

_EVERY = 500
"""Rows between two reports of progress."""


def plan_rows(
    profile: Profile,
    folder: Path,
    resolve: Resolve,
    *,
    zone: dt.tzinfo = dt.UTC,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Planned]:
    """What a folder's files ask for, row by row, things before what links to them.

    ``resolve(type, key)`` says whether the installation has a thing: True, its canonical key, or None. ``zone`` is that
    of times written without one. At once, before the first row, raises ProfileError or TableError when a file is
    missing or unreadable or lacks a column that the profile names. After that nothing ends the run: a file that cannot
    be read further is one rejection, and the next file follows.
    """
    others = OtherFiles(folder, {plan.name: plan for plan in profile.files})
    remembered = _expectations(profile, others)
    tables = open_all(profile, folder, others)
    context = Context(Known(remembered, resolve), others, zone)
    return _rows(profile, tables, context, progress)


def unread_files(profile: Profile, folder: Path) -> list[str]:
    """Names of the folder's files that the profile neither reads nor says to ignore."""
    named = {plan.name for plan in profile.files} | set(profile.ignored)
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file() and path.name not in named and not path.name.startswith((".", "~$"))
    )


def _expectations(profile: Profile, others: OtherFiles) -> set[str]:
    """Tell ``others`` what will be asked of them; the types whose keys must be remembered."""
    remembered: set[str] = set()
    makers: Counter[str] = Counter()
    for target in (*profile.fixed, *(target for plan in profile.files for target in plan.targets)):
        makers[target.make] += 1
        for one in target.fields:
            if one.link:
                remembered.add(one.link)
            if isinstance(one.source, Lookup):
                others.expect(one.source.file, one.source.match, one.source.take)
    for plan in profile.files:
        for check in plan.checks:
            if check.test == "listed_in":
                others.expect(check.file, check.other, None)
    return remembered | {make for make, count in makers.items() if count > 1}


def _rows(
    profile: Profile, tables: dict[str, Table], context: Context, progress: Callable[[Progress], None] | None
) -> Iterator[Planned]:
    fixed = FileRows(profile.source, [Making(target) for target in profile.fixed], (), context)
    yield from fixed.row(0, {})
    yield from fixed.late()
    total = sum(table.size for table in tables.values()) or 1
    before = 0
    for plan in profile.files:
        table = tables.get(plan.name)
        if table is None:
            continue
        rows = FileRows(plan.name, [Making(target) for target in plan.targets], plan.checks, context)
        count = 0
        for row in _readable(plan, table, context):
            count += 1
            if isinstance(row, BadRow):
                rejection = Flag(plan.name, row.line, "", row.text, row.reason, row.code)
                yield Planned("", "", {}, plan.name, row.line, rejections=(rejection,))
            else:
                yield from rows.row(row.line, row.cells)
            if progress is not None and count % _EVERY == 0:
                progress(Progress(plan.name, count, (before + table.done * table.size) / total))
        yield from rows.late()
        before += table.size
        if progress is not None:
            progress(Progress(plan.name, count, before / total))


def _readable(plan: FilePlan, table: Table, context: Context) -> Iterator[Row | BadRow]:
    """The table's rows; where reading breaks off, a last bad row says so."""
    try:
        context.dates, context.numbers = find_styles(table, plan)
        yield from table.rows()
    except TableError as error:
        said = Words("从这里起文件无法再读：{why}", "from here on the file cannot be read: {why}")
        yield BadRow(error.line or 0, error.problems[0].code, said.fill(why=error.problems[0].words), "")
