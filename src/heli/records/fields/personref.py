"""A reference to a person."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from django.db import models

from heli.kernel.words import Words
from heli.records.fields.base import EMPTY_OPERATORS, Field, FieldError, Schema

NOT_NUMBER_ID = Words("应为编号文本", "must be an id written as text")
ID_PATTERN = "^[1-9][0-9]{0,17}$"
_matches = re.compile(r"[1-9][0-9]{0,17}\Z", re.ASCII).match


class PersonRef(Field):
    """The id of a person. The read door adds user name and display name."""

    kind = "person"
    operators: tuple[str, ...] = ("=", "!=", "in", *EMPTY_OPERATORS)
    sql_type: ClassVar[str] = "bigint"
    named: ClassVar[tuple[str, ...]] = ("username", "name")

    @property
    def column(self) -> str:
        return f"{self.code}_id"

    def _column(self) -> models.Field[Any, Any]:
        return models.BigIntegerField(null=True, blank=True)

    def _parse(self, value: object) -> int:
        if not isinstance(value, str) or not _matches(value):
            raise FieldError("type", NOT_NUMBER_ID)
        return int(value)

    def dump(self, value: Any) -> Any:
        return None if value is None else {"id": str(value)}

    def value_schema(self) -> Schema:
        names: Schema = {name: {"type": "string"} for name in self.named}
        return {
            "type": "object",
            "properties": {"id": {"type": "string", "pattern": ID_PATTERN}, **names},
            "required": ["id"],
            "additionalProperties": False,
        }

    def value_input_schema(self) -> Schema:
        return {"type": "string", "pattern": ID_PATTERN}
