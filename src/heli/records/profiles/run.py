"""Running a profile over a folder: a stream of what each row asks for. Nothing is written here."""

from __future__ import annotations

import datetime as dt
import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from heli.kernel.errors import Problem
from heli.kernel.words import Words
from heli.records.profiles.checks import fails, holds
from heli.records.profiles.indexes import Known, OtherFiles, Resolve, open_file
from heli.records.profiles.model import (
    JOINS,
    Column,
    Constant,
    FilePlan,
    Flag,
    Lookup,
    Planned,
    Profile,
    Progress,
    Ref,
    Target,
    Value,
)
from heli.records.profiles.styles import find_styles
from heli.records.profiles.values import Context, Notes, RejectedError, Waiting, column_of, evaluate, linked
from heli.records.profiles.yaml import ProfileError
from heli.records.tables import BadRow, Row, Table, TableError
from heli.records.tables.table import shown

_EVERY = 500
"""Rows between two reports of progress."""

_NO_KEY = Words("没有键：无法认出这一行", "there is no key by which to know this row")
_REPEATED = Words("第 {line} 行已有同样的键“{key}”", 'the same key "{key}" stands on line {line}')
_DIFFERS = Words("第 {line} 行写的是“{value}”，按那里导入", 'line {line} says "{value}", which is kept')
_SPACES = Words("键的首尾空格已去掉", "the spaces around the key were removed")


def plan_rows(
    profile: Profile,
    folder: Path,
    resolve: Resolve,
    *,
    zone: dt.tzinfo = dt.UTC,
    progress: Callable[[Progress], None] | None = None,
) -> Iterator[Planned]:
    """What a folder's files ask for, row by row, things before what links to them.

    ``resolve(type, key)`` says whether the installation has a thing: True, its canonical key, or None. ``zone`` is that of
    times written without one. Before the first row, and at once, raises ProfileError or TableError when a file is missing
    or unreadable or lacks a column that the profile names; after that, no row ends the run.
    """
    run = _Run(profile, folder, resolve, zone, progress)
    run.check()
    return run.rows()


def unread_files(profile: Profile, folder: Path) -> list[str]:
    """Names of the folder's files that the profile neither reads nor says to ignore."""
    named = {plan.name for plan in profile.files} | set(profile.ignored)
    return sorted(
        path.name
        for path in folder.iterdir()
        if path.is_file() and path.name not in named and not path.name.startswith((".", "~$"))
    )


@dataclass(slots=True)
class _Seen:
    """What one target has made so far: the line of each key, and for distinct targets the first row's values."""

    lines: dict[str, int] = field(default_factory=dict)
    values: dict[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(slots=True)
class _Run:
    profile: Profile
    folder: Path
    resolve: Resolve
    zone: dt.tzinfo
    progress: Callable[[Progress], None] | None
    plans: dict[str, FilePlan] = field(init=False)
    others: OtherFiles = field(init=False)
    known: Known = field(init=False)
    tables: dict[str, Table] = field(init=False)
    bytes_done: int = 0

    def __post_init__(self) -> None:
        self.plans = {plan.name: plan for plan in self.profile.files}
        self.others = OtherFiles(self.folder, self.plans)
        remembered: set[str] = set()
        makers: Counter[str] = Counter()
        for target in self._targets():
            makers[target.make] += 1
            for one in target.fields:
                if one.link:
                    remembered.add(one.link)
                if isinstance(one.source, Lookup):
                    self.others.expect(one.source.file, one.source.match, one.source.take)
        for plan in self.profile.files:
            for check in plan.checks:
                if check.test == "listed_in":
                    self.others.expect(check.file, check.other, None)
        remembered.update(make for make, count in makers.items() if count > 1)
        self.known = Known(remembered, self.resolve)
        self.tables = {}

    def _targets(self) -> Iterator[Target]:
        yield from self.profile.fixed
        for plan in self.profile.files:
            yield from plan.targets

    # -- before the first row -------------------------------------------------------------------------------

    def check(self) -> None:
        """Open every file and compare its headings with what the profile names."""
        if not self.folder.is_dir():
            raise TableError(str(self.folder), "no_folder", Words("没有这个文件夹", "there is no such folder"))
        missing: list[Problem] = []
        for plan in self.profile.files:
            if plan.optional and not (self.folder / plan.name).exists():
                continue
            self.tables[plan.name] = open_file(self.folder, plan.name, plan)
        for file, columns in self.others.columns().items():
            table = self.tables.get(file) or open_file(self.folder, file, self.plans.get(file))
            missing += [self._lacks(table, name, None) for name in sorted(columns) if name not in table.headings]
        for plan in self.profile.files:
            table_ = self.tables.get(plan.name)
            if table_ is not None:
                named = {name: line for name, line in _named(plan) if name not in table_.headings}
                missing += [self._lacks(table_, name, line) for name, line in named.items()]
        if missing:
            raise ProfileError(missing)

    def _lacks(self, table: Table, name: str, line: int | None) -> Problem:
        near = difflib.get_close_matches(name, table.headings, n=1)
        zh, en = f"没有“{shown(name)}”列", f'has no column "{shown(name)}"'
        if near:
            zh, en = f"{zh}；是不是“{shown(near[0])}”？", f'{en}; did you mean "{shown(near[0])}"?'
        if line is not None:
            where = f"{self.profile.source}:{line}"
            zh, en = f"{zh}（{where}）", f"{en} ({where})"
        return Problem(table.name, "no_column", Words(zh, en))

    # -- the rows -------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[Planned]:
        context = Context(self.known, self.others, self.zone)
        for target in self.profile.fixed:
            yield from self._row(self.profile.source, 0, {}, [(target, _Seen())], context, [])
        for plan in self.profile.files:
            table = self.tables.get(plan.name)
            if table is not None:
                yield from self._file(plan, table)
                self.bytes_done += table.size

    def _file(self, plan: FilePlan, table: Table) -> Iterator[Planned]:
        context = Context(self.known, self.others, self.zone)
        context.dates, context.numbers = find_styles(table, plan)
        targets = [(target, _Seen()) for target in plan.targets]
        later: list[tuple[Target, str, int, Waiting]] = []
        count = 0
        for row in table.rows():
            count += 1
            if isinstance(row, BadRow):
                rejection = Flag(plan.name, row.line, "", row.text, row.reason, row.code)
                yield Planned("", "", {}, plan.name, row.line, rejections=(rejection,))
            else:
                yield from self._checked(plan, row, targets, context, later)
            if count % _EVERY == 0:
                self._report(plan, count, table)
        for target, key, line, waiting in later:
            yield from self._late(plan, target, key, line, waiting, context)
        self._report(plan, count, table)

    def _checked(
        self,
        plan: FilePlan,
        row: Row,
        targets: list[tuple[Target, _Seen]],
        context: Context,
        later: list[tuple[Target, str, int, Waiting]],
    ) -> Iterator[Planned]:
        notes = Notes(plan.name, row.line)
        rejections: list[Flag] = []
        for check in plan.checks:
            if holds(check.when, row.cells) and fails(check, row.cells, context):
                if check.rejects:
                    rejections.append(notes.make(check.column, row.cells[check.column], check.reason, "check"))
                else:
                    notes.flag(check.column, row.cells[check.column], check.reason, "check")
        if rejections:
            flags = tuple(notes.flags.values())
            yield Planned("", "", {}, plan.name, row.line, flags, tuple(rejections))
        else:
            yield from self._row(plan.name, row.line, row.cells, targets, context, later, notes)

    def _row(
        self,
        file: str,
        line: int,
        cells: Mapping[str, str],
        targets: list[tuple[Target, _Seen]],
        context: Context,
        later: list[tuple[Target, str, int, Waiting]],
        notes: Notes | None = None,
    ) -> Iterator[Planned]:
        notes = notes or Notes(file, line)
        made: list[Planned] = []
        for target, seen in targets:
            if not holds(target.when, cells):
                continue
            waiting: list[Waiting] = []
            try:
                one = self._one(target, seen, cells, context, notes, waiting)
            except RejectedError as error:
                made.append(Planned(target.make, "", {}, file, line, rejections=(error.flag,)))
                continue
            if one is not None:
                made.append(one)
                later.extend((target, one.key, line, wait) for wait in waiting)
        # The flags of a row travel together, on the first thing that it makes.
        flags = tuple(notes.flags.values())
        if flags:
            made[:1] = [replace(made[0], flags=flags)] if made else [Planned("", "", {}, file, line, flags)]
        yield from made

    def _one(
        self,
        target: Target,
        seen: _Seen,
        cells: Mapping[str, str],
        context: Context,
        notes: Notes,
        waiting: list[Waiting],
    ) -> Planned | None:
        """One target of one row; None when it has been made already."""
        key = self._key(target, cells, notes) if target.key is not None else ""
        values: dict[str, Value] = {}
        for one in target.fields:
            value = evaluate(one, target.make, cells, values, context, notes)
            if isinstance(value, Waiting):
                waiting.append(value)
            else:
                values[one.name] = value
        if target.key is None:
            key = "|".join(
                value.key if isinstance(value := values.get(name), Ref) else "" for name in JOINS[target.make]
            )
        before = seen.lines.get(key)
        if before is not None and target.distinct:
            self._same(target, seen, key, values, notes)
            return None
        if before is not None and target.on_repeat == "reject":
            column = target.key.columns[0] if target.key and target.key.columns else ""
            said = _REPEATED.fill(line=before, key=shown(key))
            raise RejectedError(notes.make(column, cells.get(column, key), said, "repeated"))
        part = before is not None or self.known.planned(target.make, key)
        seen.lines[key] = notes.line
        if target.distinct:
            seen.values[key] = values
        self.known.add(target.make, key)
        return Planned(target.make, key, values, notes.file, notes.line, part=part)

    def _key(self, target: Target, cells: Mapping[str, str], notes: Notes) -> str:
        assert target.key is not None
        filled = target.key.fill(cells, {})
        key = filled.strip()
        column = target.key.columns[0] if target.key.columns else ""
        if not key:
            raise RejectedError(notes.make(column, cells.get(column, ""), _NO_KEY, "no_key"))
        if target.key.text == f"{{{column}}}" and cells[column] != key:
            notes.flag(column, cells[column], _SPACES, "spaces")
        return key

    def _same(self, target: Target, seen: _Seen, key: str, values: Mapping[str, Value], notes: Notes) -> None:
        """A distinct thing again: where this row says something else, the first row's word is kept and flagged."""
        first = seen.values[key]
        for one in target.fields:
            mine, theirs = values.get(one.name), first.get(one.name)
            if mine is not None and mine != theirs:
                told = shown(str(theirs.key if isinstance(theirs, Ref) else theirs if theirs is not None else ""))
                said = _DIFFERS.fill(line=seen.lines[key], value=told)
                notes.flag(column_of(one), str(mine.key if isinstance(mine, Ref) else mine), said, "differs")

    def _late(
        self, plan: FilePlan, target: Target, key: str, line: int, waiting: Waiting, context: Context
    ) -> Iterator[Planned]:
        """A link that had to wait for the end of its file."""
        notes = Notes(plan.name, line)
        try:
            ref = linked(waiting.field, waiting.column, waiting.cell, waiting.key, context, notes)
        except RejectedError as error:
            yield Planned("", "", {}, plan.name, line, (error.flag,))
            return
        flags = tuple(notes.flags.values())
        if ref is not None:
            yield Planned(target.make, key, {waiting.field.name: ref}, plan.name, line, flags, part=True)
        elif flags:
            yield Planned("", "", {}, plan.name, line, flags)

    def _report(self, plan: FilePlan, rows: int, table: Table) -> None:
        if self.progress is not None:
            total = sum(one.size for one in self.tables.values()) or 1
            self.progress(Progress(plan.name, rows, min(1.0, (self.bytes_done + table.done * table.size) / total)))


def _named(plan: FilePlan) -> Iterator[tuple[str, int]]:
    """Every heading that the plan names of its own file, with the profile's line."""
    for target in plan.targets:
        for name in target.key.columns if target.key else ():
            yield name, target.place.line
        for condition in target.when:
            yield condition.column, condition.place.line
        for one in target.fields:
            if isinstance(one.source, Column):
                yield one.source.name, one.place.line
            elif isinstance(one.source, Lookup):
                yield one.source.column, one.place.line
            elif not isinstance(one.source, Constant):
                for name in one.source.columns:
                    yield name, one.place.line
    for check in plan.checks:
        yield check.column, check.place.line
        if check.test == "not_before":
            yield check.other, check.place.line
        for condition in check.when:
            yield condition.column, condition.place.line
