"""What one row makes: each target of its file in turn, with the flags of the row on the first of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from heli.kernel.words import Words
from heli.records.profiles.checks import fails, holds
from heli.records.profiles.lines import Lines
from heli.records.profiles.model import JOINS, Check, Flag, Planned, Ref, Target, Value
from heli.records.profiles.values import Context, Notes, RejectedError, RowValues, Waiting
from heli.records.tables.table import shown

_NO_KEY = Words("没有键：无法认出这一行", "there is no key by which to know this row")
_REPEATED = Words("第 {line} 行已有同样的键“{key}”", 'the same key "{key}" stands on line {line}')
_DIFFERS = Words("第 {line} 行写的是“{value}”，按那里导入", 'line {line} says "{value}", which is kept')
_SPACES = Words("键的首尾空格已去掉", "the spaces around the key were removed")


@dataclass(slots=True)
class Making:
    """A target and what it has made so far: the line of each key, and for distinct things the first row's values."""

    target: Target
    lines: Lines = field(default_factory=Lines)
    values: dict[str, Mapping[str, Value]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """A link that waits for the end of its file."""

    target: Target
    key: str
    line: int
    waiting: Waiting


@dataclass(slots=True)
class FileRows:
    """The rows of one file (or the fixed entries, which are one row without cells)."""

    file: str
    makings: list[Making]
    checks: Iterable[Check]
    context: Context
    waiting: list[Later] = field(default_factory=list)

    def row(self, line: int, cells: Mapping[str, str]) -> Iterator[Planned]:
        """What a row makes; a rejected thing does not keep the row from making its others."""
        notes = Notes(self.file, line)
        rejections: list[Flag] = []
        for check in self.checks:
            if holds(check.when, cells) and fails(check, cells, self.context):
                if check.rejects:
                    rejections.append(notes.make(check.column, cells[check.column], check.reason, "check"))
                else:
                    notes.flag(check.column, cells[check.column], check.reason, "check")
        made: list[Planned] = []
        if rejections:
            made.append(Planned("", "", {}, self.file, line, rejections=tuple(rejections)))
        else:
            row = RowValues(cells, self.context, notes)
            for making in self.makings:
                if not making.target.when or holds(making.target.when, cells):
                    try:
                        one = self._make(making, row)
                    except RejectedError as error:
                        one = Planned(making.target.make, "", {}, self.file, line, rejections=(error.flag,))
                    if one is not None:
                        made.append(one)
        if notes.flags:
            flags = tuple(notes.flags.values())
            made[:1] = [replace(made[0], flags=flags)] if made else [Planned("", "", {}, self.file, line, flags)]
        yield from made

    def late(self) -> Iterator[Planned]:
        """The links that waited for rows further down."""
        for later in self.waiting:
            notes = Notes(self.file, later.line)
            name = later.waiting.field.name
            try:
                ref = RowValues({}, self.context, notes).late(later.waiting)
            except RejectedError as error:
                # The record itself has been planned; only its link is refused.
                yield Planned("", "", {}, self.file, later.line, rejections=(error.flag,))
                continue
            flags = tuple(notes.flags.values())
            if ref is not None:
                yield Planned(later.target.make, later.key, {name: ref}, self.file, later.line, flags, part=True)
            elif flags:
                yield Planned("", "", {}, self.file, later.line, flags)

    def _make(self, making: Making, row: RowValues) -> Planned | None:
        """One thing of one row; None when it has been made already."""
        target, line = making.target, row.notes.line
        key = _key(target, row)
        values: dict[str, Value] = {}
        waiting: list[Waiting] = []
        for one in target.fields:
            value = row.value(one, target.make, values)
            if isinstance(value, Waiting):
                waiting.append(value)
            else:
                values[one.name] = value
        if target.key is None:
            joined = (values.get(name) for name in JOINS[target.make])
            key = "|".join(value.key if isinstance(value, Ref) else "" for value in joined)
        before = making.lines.get(key)
        if before is not None and target.distinct:
            _compare(making, key, values, row)
            return None
        if before is not None and target.on_repeat == "reject":
            column = target.key.columns[0] if target.key and target.key.columns else ""
            reason = _REPEATED.fill(line=before, key=shown(key))
            raise RejectedError(row.notes.make(column, row.cells.get(column, key), reason, "repeated"))
        part = before is not None or self.context.known.planned(target.make, key)
        making.lines.put(key, line)
        if target.distinct:
            making.values[key] = values
        self.context.known.add(target.make, key)
        self.waiting.extend(Later(target, key, line, one) for one in waiting)
        return Planned(target.make, key, values, self.file, line, part=part)


def _key(target: Target, row: RowValues) -> str:
    if target.key is None:
        return ""
    key = target.key.fill(row.cells, {}).strip()
    columns = target.key.columns
    column = columns[0] if columns else ""
    if not key:
        raise RejectedError(row.notes.make(column, row.cells.get(column, ""), _NO_KEY, "no_key"))
    if len(columns) == 1 and target.key.text == f"{{{column}}}" and row.cells[column] != key:
        row.notes.flag(column, row.cells[column], _SPACES, "spaces")
    return key


def _compare(making: Making, key: str, values: Mapping[str, Value], row: RowValues) -> None:
    """A distinct thing again: where this row says something else, the first row's word is kept and this one flagged."""
    first = making.values[key]
    for one in making.target.fields:
        mine, theirs = values.get(one.name), first.get(one.name)
        if mine is not None and mine != theirs:
            reason = _DIFFERS.fill(line=making.lines.get(key) or 0, value=shown(_text(theirs)))
            row.notes.flag(one.column, row.cells.get(one.column, _text(mine)), reason, "differs")


def _text(value: Value) -> str:
    return value.key if isinstance(value, Ref) else "" if value is None else str(value)
