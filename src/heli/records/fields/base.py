"""What every field kind has in common. A kind is one file here (and one in the page's fields folder).

A field turns JSON into the value a column holds (`parse`), back (`dump`), into what a masked cell shows
(`mask`), and text of an imported file into a value (`from_text`). It never looks at other rows, never asks
who is looking, and never repairs: what it cannot hold exactly it refuses, naming the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django.db import models

from heli.kernel.errors import Broken
from heli.kernel.storable import storable
from heli.kernel.words import Words

DataClass = Literal["public", "internal", "sensitive", "confidential"]
DATA_CLASSES: tuple[DataClass, ...] = ("public", "internal", "sensitive", "confidential")

MASK = "***"
"""What a masked value of a kind without a better mask shows: that there is one, and nothing about it."""

EMPTY_OPERATORS = ("empty", "filled")
"""Operators that take no operand."""

Schema = dict[str, Any]


class FieldError(ValueError):
    """A value that a field refuses. `place` is a path inside the value (``"2/quantity"`` for lines)."""

    def __init__(self, code: str, words: Words, place: str = "") -> None:
        super().__init__(words.en)
        self.code = code
        self.words = words
        self.place = place


@dataclass(frozen=True, slots=True)
class TextStyle:
    """How a file writes dates and numbers, as its reader found out.

    `dates`: order of day, month and year; `decimal` and `grouping`: the characters used in numbers.
    """

    dates: Literal["ymd", "dmy", "mdy"] = "ymd"
    decimal: str = "."
    grouping: str = ","


PLAIN = TextStyle()

REQUIRED = Words("必填", "required")
WRONG_TEXT = Words("应为文本", "must be text")
BAD_UNICODE = Words("含有无法保存的字符（空字符或孤立代理项）", "contains a NUL character or a lone surrogate")
TOO_LONG = Words("最多 {n} 个字符", "at most {n} characters")
ENCRYPTED = Words(
    "「{field}」加密保存，只能按完整的值或是否为空来筛选，不能排序、分组或按片段查找",
    "“{field}” is stored encrypted: filter by a whole value or by being empty; it does not sort, group or match in part",
)
NOT_WRITABLE = Words("由系统填写", "filled in by the system")


def check_text(value: object, max_length: int, place: str = "") -> str:
    """The text itself, exactly as given. Raises FieldError for another type, NUL, surrogates, over-length."""
    if not isinstance(value, str):
        raise FieldError("type", WRONG_TEXT, place)
    if len(value) > max_length:
        raise FieldError("too_long", TOO_LONG.fill(n=max_length), place)
    if not storable(value):
        raise FieldError("unicode", BAD_UNICODE, place)
    return value


class Field:
    """Base of all kinds.

    zh, en: name shown. required: may not be empty. data_class: decides who reads it by default.
    default: JSON value given to new records that name none. search: found by Ctrl+K. readonly: written
    only by verbs and the system. flow: changed only by verbs (stages). unique: no two live records
    share a value. group: section of the record page. indexed: gets an index of its own (few!).
    """

    kind: ClassVar[str] = ""
    operators: tuple[str, ...] = EMPTY_OPERATORS
    sql_type: ClassVar[str] = "text"
    sortable: bool = False
    summable: bool = False
    empty_value: ClassVar[Any] = None
    """What the column holds when the field is empty: NULL, but "" for text."""
    encrypted: bool = False
    """Whether the column holds ciphertext (see ``records.sealed``); kinds of text can."""

    def __init__(
        self,
        *,
        zh: str,
        en: str,
        required: bool = False,
        data_class: DataClass = "internal",
        default: Any = None,
        search: bool = False,
        readonly: bool = False,
        flow: bool = False,
        help_zh: str = "",
        help_en: str = "",
        unique: bool = False,
        group: str = "basic",
        indexed: bool = False,
    ) -> None:
        if data_class not in DATA_CLASSES:
            raise Broken(f"unknown data class {data_class!r}")
        self.code = ""
        self.type = ""
        """Code of the object type, given by its declaration like ``code``."""
        self.words = Words(zh, en)
        self.required = required
        self.data_class: DataClass = data_class
        self.default = default
        self.search = search
        self.readonly = readonly
        self.flow = flow
        self.help = Words(help_zh, help_en) if help_zh or help_en else None
        self.unique = unique
        self.group = group
        self.indexed = indexed

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.code}>"

    # -- storage ------------------------------------------------------------------------------------------

    @property
    def column(self) -> str:
        """Name of the column that holds the value."""
        return self.code

    def columns(self) -> dict[str, models.Field[Any, Any]]:
        """Columns by name. Indexes and uniqueness are made by the record's declaration, not here."""
        return {self.column: self._column()}

    def _column(self) -> models.Field[Any, Any]:
        raise NotImplementedError

    def sort_columns(self) -> dict[str, models.Field[Any, Any]]:
        """Extra NOT NULL columns kept for sorting: only text has one (`sort_key`)."""
        return {}

    def sort_key(self, value: Any) -> Any:
        """What the extra sort column holds for this value."""
        return value

    def sort_sentinel(self, descending: bool) -> Any:
        """Value that stands for empty in ``COALESCE(column, sentinel)``: last in either direction."""
        raise Broken(f"{self.kind} does not sort")

    # -- values -------------------------------------------------------------------------------------------

    def parse(self, value: object) -> Any:
        """The column's value of a JSON value; null is empty. Raises FieldError."""
        if value is None:
            if self.required:
                raise FieldError("required", REQUIRED)
            return self.empty_value
        return self._parse(value)

    def _parse(self, value: object) -> Any:
        raise NotImplementedError

    def once(self, value: object) -> Any:
        """The same of a value that stood in a record once: it may have been taken when more could be written. Raises FieldError."""
        return self.parse(value)

    def dump(self, value: Any) -> Any:
        """The JSON value of what a column holds, also as a plain cursor gives it (SQLite: text, 0/1)."""
        return value

    def said(self, value: Any) -> Words:
        """A column's value inside a sentence, as in "stage is Won"; references are said by their ids."""
        text = "" if value is None else str(self.dump(value))
        return Words(text, text)

    def mask(self, value: Any) -> Any:
        """What a viewer sees of a masked cell; None when it is empty."""
        return None if self.is_empty(value) else MASK

    def is_empty(self, value: Any) -> bool:
        return value is None or value == ""

    def from_text(self, text: str, style: TextStyle = PLAIN) -> Any:
        """The column's value of a cell of an imported file. Blank is empty. Raises FieldError."""
        text = text.strip()
        return self.parse(self._json_of(text, style) if text else None)

    def _json_of(self, text: str, style: TextStyle) -> object:
        return text

    def operand(self, operator: str, value: object) -> Any:
        """A filter's right-hand side as the column holds it; a list for ``in``. Raises FieldError."""
        if operator not in self.operators:
            if self.encrypted:
                raise FieldError("encrypted", ENCRYPTED.fill(field=self.words))
            raise FieldError(
                "operator", Words(f"{self.words.zh}不支持该比较", f"{self.code} cannot be compared that way")
            )
        if operator in EMPTY_OPERATORS:
            if value not in (None, True):
                raise FieldError("type", Words("此比较不带值", "this comparison takes no value"))
            return None
        if operator == "in":
            if not isinstance(value, list) or not 1 <= len(value) <= 1000:
                raise FieldError("type", Words("应为 1 到 1000 个值的列表", "must be a list of 1 to 1000 values"))
            return [self._operand(v) for v in value]
        return self._operand(value)

    def _operand(self, value: object) -> Any:
        if value is None:
            raise FieldError("type", Words("缺少比较值", "a value to compare with is missing"))
        return self._parse(value)

    # -- description --------------------------------------------------------------------------------------

    def value_schema(self) -> Schema:
        """JSON Schema of a value that is there, as dumped."""
        return {"type": "string"}

    def value_input_schema(self) -> Schema:
        """JSON Schema of a value that may be sent; nearly always the dumped form."""
        return self.value_schema()

    def schema(self) -> Schema:
        """JSON Schema (2020-12) of the dumped value."""
        return nullable(self.value_schema())

    def input_schema(self) -> Schema:
        """JSON Schema of what create and change accept."""
        own = self.value_input_schema()
        return own if self.required else nullable(own)

    def masked_schema(self) -> Schema:
        """JSON Schema of a masked cell."""
        return {"type": ["string", "null"]}

    def meta(self) -> dict[str, Any]:
        """What the page needs to know beyond the common arguments (options, target, places, lengths)."""
        return {}


def nullable(schema: Schema) -> Schema:
    """The same schema, or null."""
    kind = schema.get("type")
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def distinct(values: Sequence[Any]) -> list[Any]:
    """The values in their order, each once."""
    return list(dict.fromkeys(values))
