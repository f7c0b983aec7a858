"""A reference to one record of another type. Whether it may be linked is the write door's question."""

from __future__ import annotations

from typing import Any

from django.db import models

from heli.kernel.ids import is_id
from heli.kernel.words import Words
from heli.records.fields.alias import alias_of
from heli.records.fields.base import EMPTY_OPERATORS, Field, FieldError, Schema

NOT_ID = Words("应为记录编号（32 位十六进制）", "must be a record's id (32 hexadecimal digits)")
ID_SCHEMA: Schema = {"type": "string", "pattern": "^[0-9a-f]{32}$"}


class Link(Field):
    """The id of a record of type `target`; the read door adds the title when the viewer may know it.

    label: whoever reads this field is told the target's title, seeing the target or not (a deal names its customer).
    alias: a masked cell shows ``客户-7F3A9C``, so that what belongs to one record can be told from another's.
    """

    kind = "link"
    operators: tuple[str, ...] = ("=", "!=", "in", *EMPTY_OPERATORS)

    def __init__(self, target: str, *, alias: str = "", label: bool = False, **common: Any) -> None:
        super().__init__(**common)
        self.target = target
        self.alias = alias
        self.label = label

    @property
    def column(self) -> str:
        return f"{self.code}_id"

    def _column(self) -> models.Field[Any, Any]:
        return models.CharField(max_length=32, null=True, blank=True)

    def _parse(self, value: object) -> str:
        if not isinstance(value, str) or not is_id(value):
            raise FieldError("type", NOT_ID)
        return value

    def dump(self, value: Any) -> Any:
        return {"id": value, "type": self.target} if value else None

    def mask(self, value: Any) -> Any:
        if not value or not self.alias:
            return super().mask(value)
        return f"{self.alias}-{alias_of(value)}"

    def value_schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {"id": ID_SCHEMA, "type": {"const": self.target}, "title": {"type": "string"}},
            "required": ["id", "type"],
            "additionalProperties": False,
        }

    def value_input_schema(self) -> Schema:
        return ID_SCHEMA

    def meta(self) -> dict[str, Any]:
        return {"target": self.target}
