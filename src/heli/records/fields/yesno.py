"""Yes or no."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from heli.kernel.words import Words
from heli.records.fields.base import Field, FieldError, Schema, TextStyle

NOT_BOOLEAN = Words("应为是或否", "must be true or false")
YES, NO = Words("是", "yes"), Words("否", "no")
_TRUE = frozenset(("true", "yes", "y", "1", "on", "是", "有", "√", "✓"))
_FALSE = frozenset(("false", "no", "n", "0", "off", "否", "无", "×"))


class YesNo(Field):
    """true or false, never empty: without a value it is its default, else false."""

    kind = "yes_no"
    operators: tuple[str, ...] = ("=",)
    sql_type: ClassVar[str] = "boolean"
    empty_value: ClassVar[Any] = False

    def _column(self) -> models.Field[Any, Any]:
        return models.BooleanField(default=bool(self.default))

    def parse(self, value: object) -> bool:
        return bool(self.default) if value is None and not self.required else self._parse(value)

    def _parse(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise FieldError("type", NOT_BOOLEAN)
        return value

    def dump(self, value: Any) -> Any:
        return None if value is None else bool(value)

    def said(self, value: Any) -> Words:
        return YES if value else NO

    def _json_of(self, text: str, style: TextStyle) -> object:
        word = text.casefold()
        return True if word in _TRUE else False if word in _FALSE else text

    def value_schema(self) -> Schema:
        return {"type": "boolean"}

    def schema(self) -> Schema:
        return self.value_schema()
