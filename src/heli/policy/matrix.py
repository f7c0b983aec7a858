"""Fields × roles of one object type, and what changing a cell of it does to a role's lines. Pure.

A **column** is one reading line of a role: a role that reads in two scopes (its own in full, its department's masked) has two.
Lines that edit within it belong to it: those of the very same scope, else the first reading line that covers them, else the
one that shares most scopes. A column's state of a field is what the reading line shows (hidden, masked, read), or *edit* where
the field is read and a line that belongs to the column writes it. A role that only edits has one column per editing line.

A state is a cell's **own** where the line names the field; else it comes from the line's word for the data class, else from
its word for everything, else from the default. Class rows are cells like others: what inherits from them follows.

``set_cell`` changes one cell. Every cell that does not inherit from it keeps its state: where changing a class would move one
that has words of its own, these are written out in full. What a line lets write at *creating* is the same list when one line
gives both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from heli.access.core.line import DEFAULT_LEVELS, LEVELS, Level, Shape, TypeShape
from heli.access.rules import parse_line
from heli.access.scopes import split
from heli.access.shapes import SHAPES
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.policy.merge import keyed

type RawLine = Mapping[str, Any]

STATES = ("hidden", "masked", "read", "edit")
CLASSES = ("public", "internal", "sensitive", "confidential")
NO_COLUMN = Words("没有这一列：规则已被改过，请刷新", "no such column: the rule has been changed; read it again")
NO_CELL = Words("没有这个字段或分级", "no such field or data class")
NO_STATE = Words("应为 hidden、masked、read、edit 或空", "must be hidden, masked, read, edit or null")
ONLY_EDITS = Words(
    "这一项只给编辑，不给查看；请先给它一条查看的权限项",
    "this line gives editing without reading: give it a line that reads first",
)


@dataclass(frozen=True, slots=True)
class Column:
    """One reading line (``at``; None where the role only edits here) with the lines that edit within it."""

    id: str
    at: int | None
    edits: tuple[int, ...]

    @property
    def first(self) -> int:
        return self.at if self.at is not None else self.edits[0]


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell shows, and whether it has words of its own."""

    state: str
    own: bool


def shape_of(type: str) -> TypeShape:
    """The object type's shape. Raises Invalid for what has no fields."""
    found = SHAPES.get(type)
    if found is None or not found.fields:
        raise Invalid(Problem("type", "unknown", Words("没有这个对象", "no such object type")))
    return found


def columns(lines: Sequence[RawLine], type: str) -> tuple[Column, ...]:
    """The columns of a role's lines for this type, in the order of its lines."""
    about = [i for i, line in enumerate(lines) if line["type"] == type]
    reads = [i for i in about if "read" in lines[i]["actions"]]
    edits: dict[int, list[int]] = {i: [] for i in reads}
    alone: list[int] = []
    for i in about:
        if "edit" not in lines[i]["actions"]:
            continue
        home = i if i in edits else _home(lines, reads, i)
        if home is None:
            alone.append(i)
        else:
            edits[home].append(i)
    taken: dict[str, int] = {}
    found = [(at, tuple(edits[at])) for at in reads]
    made = [Column(_id(lines[at], taken), at, own) for at, own in found]
    made += [Column(_id(lines[i], taken), None, (i,)) for i in alone]
    return tuple(made)


def _id(line: RawLine, taken: dict[str, int]) -> str:
    """Stays when levels, writing and limits change; equal scopes and conditions are numbered."""
    said = orjson.dumps([sorted(line["scope"]), line.get("where", [])], option=orjson.OPT_SORT_KEYS)
    code = hashlib.blake2b(said, digest_size=5).hexdigest()
    taken[code] = taken.get(code, 0) + 1
    return code if taken[code] == 1 else f"{code}-{taken[code]}"


def _home(lines: Sequence[RawLine], reads: Sequence[int], edit: int) -> int | None:
    """The reading line that an editing one belongs to; None when there is none at all."""
    line = lines[edit]
    alike = [i for i in reads if _same(lines[i], line)]
    if alike:
        return next((i for i in reversed(alike) if i < edit), alike[0])
    covering = [i for i in reads if _covers(lines[i], line)]
    if covering:
        return covering[0]
    scopes = {split(s)[0] for s in line["scope"]}
    return max(reads, key=lambda i: len(scopes & {split(s)[0] for s in lines[i]["scope"]}), default=None)


def _same(one: RawLine, other: RawLine) -> bool:
    return set(one["scope"]) == set(other["scope"]) and one.get("where", []) == other.get("where", [])


def _covers(wide: RawLine, narrow: RawLine) -> bool:
    names = {split(s)[0] for s in wide["scope"]}
    inside = all(split(s)[0] in names or "all" in names for s in narrow["scope"])
    return inside and all(cond in narrow.get("where", []) for cond in wide.get("where", []))


def _level(line: RawLine, key: str, data_class: str) -> Level:
    words = line.get("read", {})
    for one in (key, data_class, "*"):
        if one in words:
            return LEVELS[words[one]]
    return DEFAULT_LEVELS.get(data_class, Level.HIDDEN)


def _writing(line: RawLine) -> dict[str, bool]:
    """What a line writes as field, class or ``*`` with true or false."""
    given = line.get("write", ["*"])
    return dict(given) if isinstance(given, Mapping) else dict.fromkeys(given, True)


def _writes(line: RawLine, key: str, data_class: str) -> bool:
    words = _writing(line)
    return words.get(key, words.get(data_class, words.get("*", False)))


def cell(lines: Sequence[RawLine], column: Column, shape: TypeShape, key: str) -> Cell:
    """A field's or a data class's cell of a column."""
    field = shape.fields.get(key)
    data_class = field.data_class if field is not None else key
    own = any(key in _writing(lines[i]) for i in column.edits)
    writes = writable(shape, key) and any(_writes(lines[i], key, data_class) for i in column.edits)
    if column.at is None:
        return Cell("edit" if writes else "hidden", own)
    level = _level(lines[column.at], key, data_class)
    own = own or key in lines[column.at].get("read", {})
    return Cell("edit" if writes and level == Level.READ else STATES[level], own)


def writable(shape: TypeShape, key: str) -> bool:
    """Whether anybody could edit it: a class is, when one of its fields is."""
    field = shape.fields.get(key)
    if field is not None:
        return not field.readonly
    return any(not one.readonly for one in shape.fields.values() if one.data_class == key)


def rows(shape: TypeShape) -> tuple[str, ...]:
    """Row keys in the order of the page: each class, then its fields."""
    found: list[str] = []
    for data_class in CLASSES:
        inside = [code for code, one in shape.fields.items() if one.data_class == data_class]
        if inside:
            found += [data_class, *inside]
    return tuple(found)


def cells(lines: Sequence[RawLine], column: Column, shape: TypeShape) -> dict[str, Cell]:
    """Every cell of a column, by row key."""
    return {key: cell(lines, column, shape, key) for key in rows(shape)}


def set_cell(lines: Sequence[RawLine], type: str, column: str, key: str, state: str | None) -> list[dict[str, Any]]:
    """The role's lines with this cell set; None returns it to what it inherits. Others than what inherits from it stay.

    *edit* on what nobody edits means *read*. Raises Invalid for an unknown column, cell or state.
    """
    shape = shape_of(type)
    if key not in rows(shape):
        raise Invalid(Problem("key", "unknown", NO_CELL))
    if state is not None and state not in STATES:
        raise Invalid(Problem("state", "unknown", NO_STATE))
    chosen = next((one for one in columns(lines, type) if one.id == column), None)
    if chosen is None:
        raise Invalid(Problem("column", "unknown", NO_COLUMN))
    if chosen.at is None and state in ("masked", "read"):
        raise Invalid(Problem("state", "only_edits", ONLY_EDITS))
    before = cells(lines, chosen, shape)
    work = _Work([dict(line) for line in lines], chosen, shape)
    if state is None:
        work.clear(key)
    else:
        most = "hidden" if chosen.at is None else "read"
        work.give(key, most if state == "edit" and not writable(shape, key) else state)
    follow = {key} | _heirs(before, shape, key)
    for other, was in before.items():
        if other not in follow and work.state(other) != was.state:
            work.give(other, was.state)
    return work.lines


def _heirs(before: Mapping[str, Cell], shape: TypeShape, key: str) -> set[str]:
    """The fields that take what the class says."""
    return {code for code, one in shape.fields.items() if one.data_class == key and not before[code].own}


class _Work:
    """Lines under change, with the column that is changed."""

    def __init__(self, lines: list[dict[str, Any]], column: Column, shape: TypeShape) -> None:
        self.lines = lines
        self.column = column
        self.shape = shape

    def state(self, key: str) -> str:
        return cell(self.lines, self.column, self.shape, key).state

    def clear(self, key: str) -> None:
        """Take the cell's own words out."""
        if self.column.at is not None:
            line = self.lines[self.column.at]
            words = {k: v for k, v in line.get("read", {}).items() if k != key}
            _put(line, "read", words)
        for i in self.column.edits:
            given = self.lines[i].get("write", ["*"])
            if key not in given:
                continue
            if isinstance(given, Mapping):
                self.lines[i]["write"] = {k: v for k, v in given.items() if k != key}
            else:
                self.lines[i]["write"] = [one for one in given if one != key] or {"*": False}

    def give(self, key: str, state: str) -> None:
        """Write the cell's own words."""
        if self.column.at is not None:
            line = self.lines[self.column.at]
            line["read"] = {**line.get("read", {}), key: "read" if state == "edit" else state}
        data_class = self._class(key)
        writing = [i for i in self.column.edits if _writes(self.lines[i], key, data_class)]
        if state != "edit":
            for i in writing:
                self._write(i, key, False)
        elif not writing:
            self._write(self.column.edits[0] if self.column.edits else self._new(), key, True)

    def _class(self, key: str) -> str:
        field: Shape | None = self.shape.fields.get(key)
        return field.data_class if field is not None else key

    def _write(self, at: int, key: str, may: bool) -> None:
        line = self.lines[at]
        given = line.get("write", ["*"])
        if not isinstance(given, Mapping) and key in self.shape.fields and list(given) != ["*"]:
            listed = [one for one in given if one != key] + ([key] if may else [])
            line["write"] = listed or {"*": False}
        else:
            line["write"] = {**_writing(line), key: may}

    def _new(self) -> int:
        """A line that edits where the column reads, and writes nothing yet; right after it, so that it belongs to it."""
        at = self.column.first
        read = self.lines[at]
        made = {"type": read["type"], "actions": ["edit"], "scope": list(read["scope"])}
        if read.get("where"):
            made["where"] = list(read["where"])
        self.lines.insert(at + 1, {**made, "write": {"*": False}})
        self.column = Column(self.column.id, self.column.at, (at + 1,))
        return at + 1


def _put(line: dict[str, Any], key: str, words: Mapping[str, Any]) -> None:
    if words:
        line[key] = dict(words)
    else:
        line.pop(key, None)


@dataclass(frozen=True, slots=True)
class Edit:
    """One cell to be set: the column by its id, the row by its key."""

    column: str
    key: str
    state: str | None


def settled(lines: Sequence[RawLine], stored: Sequence[RawLine]) -> list[dict[str, Any]]:
    """Lines that mean what the stored ones mean, in the stored wording: going there and back is no change."""
    known = keyed(stored)
    found: list[dict[str, Any]] = []
    for key, line in keyed(lines).items():
        was = known.get(key)
        found.append(dict(was if was is not None and parse_line(was) == parse_line(line) else line))
    return found
