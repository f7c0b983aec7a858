"""One line of text, kept exactly as typed (no stripping, no case changes)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from heli.records.fields.alias import alias_of
from heli.records.fields.base import (
    EMPTY_OPERATORS,
    MASK,
    PLAIN,
    REQUIRED,
    Field,
    FieldError,
    Schema,
    TextStyle,
    check_text,
)
from heli.records.fields.pinyin import KEY_LENGTH, sort_key


class Text(Field):
    """Text of at most `max_length` characters. Empty is stored as "", never as NULL.

    alias: when given, a masked cell shows ``客户-7F3A9C`` (this word and a keyed hash) and no first
    letter, so that a masked name can be told from another without being known.
    """

    kind = "text"
    operators: ClassVar[tuple[str, ...]] = ("=", "!=", "in", "contains", "starts", *EMPTY_OPERATORS)
    sorts: ClassVar[bool] = True
    """Whether this kind of text can sort at all; a field does when it is found, required or unique, or says so."""
    empty_value: ClassVar[Any] = ""
    pattern: ClassVar[str] = "^[^\\u0000]*$"

    def __init__(self, *, max_length: int = 200, alias: str = "", sortable: bool | None = None, **common: Any) -> None:
        super().__init__(**common)
        wanted = self.search or self.required or self.unique if sortable is None else sortable
        self.sortable = self.sorts and wanted
        self.max_length = max_length
        self.alias = alias

    def _column(self) -> models.Field[Any, Any]:
        return models.CharField(max_length=self.max_length, default="", blank=True)

    def sort_columns(self) -> dict[str, models.Field[Any, Any]]:
        if not self.sortable:
            return {}
        return {f"{self.code}_key": models.CharField(max_length=KEY_LENGTH, default="", blank=True, editable=False)}

    def sort_key(self, value: Any) -> str:
        return sort_key(value or "")

    def sort_sentinel(self, descending: bool) -> str:
        return "" if descending else "zzzzzzzz"

    def parse(self, value: object) -> str:
        text = "" if value is None else self._parse(value)
        if self.required and text == "":
            raise FieldError("required", REQUIRED)
        return text

    def _parse(self, value: object) -> str:
        return check_text(value, self.max_length)

    def from_text(self, text: str, style: TextStyle = PLAIN) -> str:
        return self.parse(text)

    def dump(self, value: Any) -> str:
        return value or ""

    def mask(self, value: Any) -> Any:
        if not value:
            return None
        return f"{self.alias}-{alias_of(value)}" if self.alias else value[0] + MASK

    def value_schema(self) -> Schema:
        return {"type": "string", "maxLength": self.max_length}

    def schema(self) -> Schema:
        return self.value_schema()

    def value_input_schema(self) -> Schema:
        own: Schema = {"type": "string", "maxLength": self.max_length, "pattern": self.pattern}
        return {**own, "minLength": 1} if self.required else own

    def meta(self) -> dict[str, Any]:
        return {"maximum_length": self.max_length}
