"""References to several records of another type."""

from __future__ import annotations

from typing import Any

import orjson
from django.db import models

from heli.kernel.words import Words
from heli.records.fields.base import EMPTY_OPERATORS, REQUIRED, FieldError, Schema, distinct
from heli.records.fields.choices import NOT_LIST
from heli.records.fields.link import ID_SCHEMA, Link

MOST = 100


class Links(Link):
    """Up to 100 ids of records of type `target`, in the order given, stored as JSON text."""

    kind = "links"
    operators: tuple[str, ...] = ("has", *EMPTY_OPERATORS)

    @property
    def column(self) -> str:
        return self.code

    def _column(self) -> models.Field[Any, Any]:
        return models.TextField(null=True, blank=True)

    def _parse(self, value: object) -> Any:
        if not isinstance(value, list):
            raise FieldError("type", NOT_LIST)
        if len(value) > MOST:
            raise FieldError("too_long", Words(f"最多 {MOST} 条", f"at most {MOST} links"))
        ids = []
        for n, one in enumerate(value):
            try:
                ids.append(super()._parse(one))
            except FieldError as error:
                raise FieldError(error.code, error.words, str(n)) from None
        if not ids and self.required:
            raise FieldError("required", REQUIRED)
        return orjson.dumps(distinct(ids)).decode() if ids else None

    def _operand(self, value: object) -> Any:
        return Link._parse(self, value)

    def ids(self, value: Any) -> list[str]:
        """The linked ids of what the column holds."""
        return orjson.loads(value) if value else []

    def dump(self, value: Any) -> Any:
        return [{"id": one, "type": self.target} for one in self.ids(value)]

    def value_schema(self) -> Schema:
        return {"type": "array", "items": super().value_schema(), "maxItems": MOST}

    def schema(self) -> Schema:
        return self.value_schema()

    def value_input_schema(self) -> Schema:
        own: Schema = {"type": "array", "items": ID_SCHEMA, "maxItems": MOST}
        return {**own, "minItems": 1} if self.required else own
