"""From one row's cells to one field's value: repair, translation, link, number, date. Whatever is not plain is flagged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from heli.kernel.words import Words
from heli.records.profiles.indexes import Known, OtherFiles
from heli.records.profiles.model import Column, Constant, FieldMap, Flag, Lookup, Ref, Scalar, Value
from heli.records.profiles.names import bare
from heli.records.tables import parse_date, parse_flag, parse_moment, parse_number
from heli.records.tables.dates import AmbiguousDateError
from heli.records.tables.table import shown

_LONGEST = 1_000

_REPAIRED = Words("按“{right}”导入", 'read as "{right}"')
_RESPELT = Words("写法与“{right}”不同，按它导入", 'spelt differently from "{right}", which it is read as')
_EMPTY = Words("没有值", "there is no value")
_EMPTY_LINK = Words("没有值，关联留空", "there is no value; the link is left empty")
_NO_TARGET = Words("没有这样的{type}，关联留空", "there is no such {type}; the link is left empty")
_NO_ROW = Words("{file} 里没有这一行", "{file} has no such row")
_UNLISTED = Words("不是已知的值", "not one of the known values")
_UNREADABLE = {
    "date": Words("不是日期，留空", "is no date; left empty"),
    "datetime": Words("不是日期，留空", "is no date; left empty"),
    "boolean": Words("不是“是”或“否”，留空", "is neither yes nor no; left empty"),
}
_NO_NUMBER = Words("不是数字，留空", "is no number; left empty")
_NOT_WHOLE = Words("不是整数，留空", "is no whole number; left empty")
_TWO_DAYS = Words(
    "日和月分不清，留空；请在方案里写明 dates: dmy 或 mdy",
    "day and month cannot be told apart; left empty. Say dates: dmy or mdy in the profile",
)


@dataclass(slots=True)
class Notes:
    """The flags of one row, one for each cell: a second reason for the same cell joins the first."""

    file: str
    line: int
    flags: dict[str, Flag] = field(default_factory=dict)

    def make(self, column: str, value: str, reason: Words, code: str) -> Flag:
        return Flag(self.file, self.line, column, value[:_LONGEST], reason, code)

    def flag(self, column: str, value: str, reason: Words, code: str) -> None:
        before = self.flags.get(column)
        if before is None:
            self.flags[column] = self.make(column, value, reason, code)
        elif reason.en not in before.reason.en.split("; "):
            both = Words(f"{before.reason.zh}；{reason.zh}", f"{before.reason.en}; {reason.en}")
            self.flags[column] = Flag(self.file, self.line, column, before.value, both, before.code)


class RejectedError(Exception):
    """The row may not be written because of this cell."""

    def __init__(self, flag: Flag) -> None:
        super().__init__(flag.code)
        self.flag = flag


@dataclass(frozen=True, slots=True)
class Waiting:
    """A link whose target may stand further down in the same file."""

    field: FieldMap
    key: str
    column: str
    cell: str


@dataclass(slots=True)
class Context:
    """All that a field's value may depend on besides its row."""

    known: Known
    others: OtherFiles
    zone: dt.tzinfo
    dates: Mapping[str, str | None] = field(default_factory=dict)
    numbers: Mapping[str, str] = field(default_factory=dict)
    """The styles of the present file's columns."""


def column_of(one: FieldMap) -> str:
    """The heading that a field's flags name; the field itself when it reads no cell."""
    source = one.source
    if isinstance(source, Column):
        return source.name
    if isinstance(source, Lookup):
        return source.column
    if not isinstance(source, Constant) and source.columns:
        return source.columns[0]
    return one.name


def evaluate(
    one: FieldMap,
    make: str,
    cells: Mapping[str, str],
    above: Mapping[str, Value],
    context: Context,
    notes: Notes,
) -> Value | Waiting:
    """The field's value for this row; flags go to ``notes``. ``make`` is the type that the row makes.

    Raises RejectedError when the profile says that such a cell rejects its row.
    """
    source, column = one.source, column_of(one)
    if isinstance(source, Constant):
        if one.link is None or source.value is None or isinstance(source.value, tuple):
            return source.value
        raw = cell = str(source.value)
    else:
        cell = cells[column] if column in cells else ""
        raw = _raw(one, column, cells, above, context, notes)
    text = raw.strip()
    if not text:
        return _empty(one, column, cell, notes)
    if text in one.repair:
        right = one.repair[text]
        notes.flag(
            column, cell, one.reason.fill(right=right) if one.reason else _REPAIRED.fill(right=right), "repaired"
        )
        raw = text = right
    if one.link:
        return _link(one, make, column, cell, text, context, notes)
    if one.values is not None:
        return _translated(one, column, cell, raw, notes)
    if one.kind == "text":
        return raw
    try:
        return _converted(one, column, text, context)
    except AmbiguousDateError:
        reason = _TWO_DAYS
    except ValueError as error:
        reason = _NOT_WHOLE if str(error) == "fraction" else _UNREADABLE.get(one.kind, _NO_NUMBER)
    if one.on_unreadable == "reject":
        raise RejectedError(notes.make(column, cell, reason, "unreadable"))
    notes.flag(column, cell, reason, "unreadable")
    return None


def _raw(
    one: FieldMap,
    column: str,
    cells: Mapping[str, str],
    above: Mapping[str, Value],
    context: Context,
    notes: Notes,
) -> str:
    source = one.source
    if isinstance(source, Column):
        return cells[source.name]
    if isinstance(source, Lookup):
        name = cells[source.column].strip()
        found = context.others.take(source, name) if name else None
        if found is None:
            if name:
                _missing(one, notes.make(column, name, _NO_ROW.fill(file=source.file), "no_row"), notes)
            return ""
        if found[1]:
            notes.flag(column, name, _RESPELT.fill(right=shown(found[0])), "respelt")
        return found[0]
    assert not isinstance(source, Constant)
    return source.fill(cells, above)


def _missing(one: FieldMap, flag: Flag, notes: Notes) -> None:
    if one.on_missing == "reject":
        raise RejectedError(flag)
    if one.on_missing == "flag":
        notes.flag(flag.field, flag.value, flag.reason, flag.code)


def _empty(one: FieldMap, column: str, cell: str, notes: Notes) -> Scalar:
    reason = one.reason if one.reason and not one.repair else _EMPTY_LINK if one.link else _EMPTY
    if one.on_empty == "reject":
        raise RejectedError(notes.make(column, cell, reason, "empty"))
    if one.on_empty == "flag":
        notes.flag(column, cell, reason, "empty")
    return one.default


def _translated(one: FieldMap, column: str, cell: str, raw: str, notes: Notes) -> Scalar:
    assert one.values is not None
    text = raw.strip()
    if text in one.values:
        return one.values[text]
    plain = bare(text)
    alike = [known for known in one.values if plain and bare(known) == plain]
    if len(alike) == 1:
        notes.flag(column, cell, _RESPELT.fill(right=alike[0]), "respelt")
        return one.values[alike[0]]
    if one.on_missing == "keep":
        return raw
    _missing(one, notes.make(column, cell, _UNLISTED, "unlisted"), notes)
    return one.default


def _link(
    one: FieldMap, make: str, column: str, cell: str, key: str, context: Context, notes: Notes
) -> Value | Waiting:
    assert one.link is not None
    found = context.known.find(one.link, key)
    if one.link == make and (found is None or found.repaired):
        return Waiting(one, key, column, cell)
    return linked(one, column, cell, key, context, notes)


def linked(one: FieldMap, column: str, cell: str, key: str, context: Context, notes: Notes) -> Ref | None:
    """The target of a link, now; what is repaired or missing is flagged."""
    assert one.link is not None
    found = context.known.find(one.link, key)
    if found is None:
        type_ = Words(_TYPES.get(one.link, one.link), one.link)
        _missing(one, notes.make(column, cell, _NO_TARGET.fill(type=type_), "no_target"), notes)
        return None
    if found.repaired:
        notes.flag(column, cell, _RESPELT.fill(right=shown(found.key)), "respelt")
    return Ref(one.link, found.key)


_TYPES = {
    "department": "部门", "position": "岗位", "person": "人员", "account": "客户", "contact": "联系人", "lead": "线索",
    "opportunity": "商机", "product": "产品", "campaign": "市场活动", "contract": "合同", "order": "订单", "project": "项目",
}  # fmt: skip


def _converted(one: FieldMap, column: str, text: str, context: Context) -> Scalar:
    """A cell as its kind. Raises ValueError."""
    if one.kind == "boolean":
        return parse_flag(text)
    if one.kind == "date":
        return parse_date(text, one.dates or context.dates.get(column)).isoformat()
    if one.kind == "datetime":
        moment = parse_moment(text, one.dates or context.dates.get(column))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=context.zone)
        return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    number = parse_number(text, one.numbers or context.numbers.get(column, "point"))
    if one.kind == "percent" and text.endswith(("%", "％")):
        number *= 100
    elif one.scale is not None:
        number *= one.scale
    if one.kind != "integer":
        return _decimal(number)
    if number != number.to_integral_value():
        raise ValueError("fraction")
    return int(number)


def _decimal(number: Decimal) -> str:
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text
