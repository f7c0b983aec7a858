"""One line of text, kept exactly as typed (no stripping, no case changes)."""

from __future__ import annotations

import unicodedata
from typing import Any, ClassVar

from django.db import models

from heli.kernel.errors import Broken
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

TOKEN = 48
"""Characters of a blind index's column."""


class Text(Field):
    """Text of at most `max_length` characters. Empty is stored as "", never as NULL.

    alias: when given, a masked cell shows ``客户-7F3A9C`` (this word and a keyed hash) and no first
    letter, so that a masked name can be told from another without being known.
    """

    kind = "text"
    operators: tuple[str, ...] = ("=", "!=", "in", "contains", "starts", *EMPTY_OPERATORS)
    sorts: ClassVar[bool] = True
    """Whether this kind of text can sort at all; a field does when it is found, required or unique, or says so."""
    empty_value: ClassVar[Any] = ""
    pattern: ClassVar[str] = "^[^\\u0000]*$"

    blind: ClassVar[bool] = True
    """Whether an encrypted one keeps a blind index, so that a whole value can be looked for."""

    def __init__(
        self, *, max_length: int = 200, alias: str = "", sortable: bool | None = None, encrypted: bool = False,
        **common: Any,
    ) -> None:  # fmt: skip
        """encrypted: stored as ciphertext; found, if ``search``, by the whole value or the last four digits alone."""
        super().__init__(**common)
        wanted = self.search or self.required or self.unique if sortable is None else sortable
        self.sortable = self.sorts and wanted and not encrypted
        self.max_length = max_length
        self.alias = alias
        self.encrypted = encrypted
        if encrypted:
            if self.unique or self.indexed or self.default or sortable:
                raise Broken("an encrypted field is neither unique nor sorted, and has no default")
            self.operators = ("=", "in", *EMPTY_OPERATORS) if self.blind else EMPTY_OPERATORS

    @property
    def index_column(self) -> str:
        """The column of an encrypted field's blind index, or "" where it keeps none."""
        return f"{self.code}_index" if self.encrypted and self.blind else ""

    @property
    def tail_column(self) -> str:
        """The column of the blind index over the last four digits, or "" where it keeps none."""
        return f"{self.code}_tail" if self.index_column and self.search else ""

    def normal(self, value: str) -> str:
        """What the blind index compares: two values that people take for the same have the same."""
        return "".join(unicodedata.normalize("NFKC", value).casefold().replace("-", "").split())

    def columns(self) -> dict[str, models.Field[Any, Any]]:
        made = super().columns()
        for column in (self.index_column, self.tail_column):
            if column:
                made[column] = models.CharField(max_length=TOKEN, default="", blank=True, editable=False)
        return made

    def _column(self) -> models.Field[Any, Any]:
        if self.encrypted:
            return models.TextField(default="", blank=True)
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
        return {"maximum_length": self.max_length, **({"encrypted": True} if self.encrypted else {})}
