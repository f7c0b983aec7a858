"""From a row's cells to a field's value: repair, translation, link, number, date. Whatever is not plain is flagged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from heli.kernel.words import Words
from heli.records.profiles.indexes import Found, Known, OtherFiles
from heli.records.profiles.model import Constant, FieldMap, Flag, Lookup, Ref, Scalar, Value
from heli.records.profiles.names import bare
from heli.records.profiles.template import Template
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


@dataclass(slots=True)
class RowValues:
    """One row on its way to values; flags go to ``notes``."""

    cells: Mapping[str, str]
    context: Context
    notes: Notes

    def value(self, one: FieldMap, make: str, above: Mapping[str, Value]) -> Value | Waiting:
        """A field's value. ``make`` is the type that the row makes, ``above`` the fields set before this one.

        Raises RejectedError when the profile says that such a cell rejects its row.
        """
        source = one.source
        if isinstance(source, Constant):
            if one.link is None or source.value is None or isinstance(source.value, tuple):
                return source.value
            raw = str(source.value)
        elif isinstance(source, Lookup):
            raw = self._looked_up(one, source)
        elif isinstance(source, Template):
            raw = source.fill(self.cells, above)
        else:
            raw = self.cells[source.name]
        text = raw.strip()
        if not text:
            return self._empty(one)
        if one.repair and text in one.repair:
            raw = text = one.repair[text]
            self._flag(one, (one.reason or _REPAIRED).fill(right=raw), "repaired")
        if one.link:
            found = self.context.known.find(one.link, text)
            if one.link == make and (found is None or found.repaired):
                return Waiting(one, text, self._cell(one))
            return self._linked(one, self._cell(one), found)
        if one.values is not None:
            return self._translated(one, raw)
        if one.kind == "text":
            return raw
        return self._converted(one, text)

    def late(self, waiting: Waiting) -> Ref | None:
        """The target of a link that waited for the rest of its file. Raises RejectedError."""
        one = waiting.field
        assert one.link is not None
        return self._linked(one, waiting.cell, self.context.known.find(one.link, waiting.key))

    def _cell(self, one: FieldMap) -> str:
        return self.cells.get(one.column, "")

    def _flag(self, one: FieldMap, reason: Words, code: str) -> None:
        self.notes.flag(one.column, self._cell(one), reason, code)

    def _missing(self, one: FieldMap, cell: str, reason: Words, code: str) -> None:
        if one.on_missing == "reject":
            raise RejectedError(self.notes.make(one.column, cell, reason, code))
        if one.on_missing == "flag":
            self.notes.flag(one.column, cell, reason, code)

    def _empty(self, one: FieldMap) -> Scalar:
        if one.on_empty != "keep":
            reason = one.reason if one.reason and not one.repair else _EMPTY_LINK if one.link else _EMPTY
            if one.on_empty == "reject":
                raise RejectedError(self.notes.make(one.column, self._cell(one), reason, "empty"))
            self._flag(one, reason, "empty")
        return one.default

    def _looked_up(self, one: FieldMap, source: Lookup) -> str:
        name = self.cells[source.column].strip()
        if not name:
            return ""
        found = self.context.others.take(source, name)
        if found is None:
            self._missing(one, name, _NO_ROW.fill(file=source.file), "no_row")
            return ""
        if found.name != name:
            self._flag(one, _RESPELT.fill(right=shown(found.name)), "respelt")
        return found.cell

    def _translated(self, one: FieldMap, raw: str) -> Scalar:
        assert one.values is not None
        text = raw.strip()
        if text in one.values:
            return one.values[text]
        plain = bare(text)
        alike = [known for known in one.values if plain and bare(known) == plain]
        if len(alike) == 1:
            self._flag(one, _RESPELT.fill(right=alike[0]), "respelt")
            return one.values[alike[0]]
        if one.on_missing == "keep":
            return raw
        self._missing(one, self._cell(one), _UNLISTED, "unlisted")
        return one.default

    def _linked(self, one: FieldMap, cell: str, found: Found | None) -> Ref | None:
        assert one.link is not None
        if found is None:
            type_ = Words(_TYPES.get(one.link, one.link), one.link)
            self._missing(one, cell, _NO_TARGET.fill(type=type_), "no_target")
            return None
        if found.repaired:
            self.notes.flag(one.column, cell, _RESPELT.fill(right=shown(found.key)), "respelt")
        return Ref(one.link, found.key)

    def _converted(self, one: FieldMap, text: str) -> Scalar:
        try:
            return converted(one, text, self.context)
        except AmbiguousDateError:
            reason = _TWO_DAYS
        except ValueError as error:
            reason = _NOT_WHOLE if str(error) == "fraction" else _UNREADABLE.get(one.kind, _NO_NUMBER)
        if one.on_unreadable == "reject":
            raise RejectedError(self.notes.make(one.column, self._cell(one), reason, "unreadable"))
        self._flag(one, reason, "unreadable")
        return one.default


_TYPES = {
    "department": "部门", "position": "岗位", "person": "人员", "account": "客户", "contact": "联系人", "lead": "线索",
    "opportunity": "商机", "product": "产品", "campaign": "市场活动", "contract": "合同", "order": "订单",
    "project": "项目",
}  # fmt: skip


def converted(one: FieldMap, text: str, context: Context) -> Scalar:
    """A cell as its kind. Raises ValueError."""
    if one.kind == "boolean":
        return parse_flag(text)
    if one.kind == "date":
        return parse_date(text, one.dates or context.dates.get(one.column)).isoformat()
    if one.kind == "datetime":
        moment = parse_moment(text, one.dates or context.dates.get(one.column))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=context.zone)
        return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
    number = parse_number(text, one.numbers or context.numbers.get(one.column, "point"))
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
