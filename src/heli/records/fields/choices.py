"""Any number of a fixed list of options."""

from __future__ import annotations

import re
from typing import Any

import orjson
from django.db import models

from heli.kernel.words import Words
from heli.records.fields.base import EMPTY_OPERATORS, FieldError, Schema, TextStyle, distinct
from heli.records.fields.choice import NOT_OPTION, Choice

NOT_LIST = Words("应为列表", "must be a list")


class Choices(Choice):
    """Several of `options`, stored as JSON text in the options' order; each at most once."""

    kind = "choices"
    operators: tuple[str, ...] = ("has", *EMPTY_OPERATORS)

    def _column(self) -> models.Field[Any, Any]:
        return models.TextField(null=True, blank=True)

    def _parse(self, value: object) -> Any:
        if not isinstance(value, list):
            raise FieldError("type", NOT_LIST)
        for n, one in enumerate(value):
            if not isinstance(one, str) or one not in self.values:
                raise FieldError("option", NOT_OPTION, str(n))
        if not value and self.required:
            return super().parse(None)
        return orjson.dumps(sorted(distinct(value), key=self.ranks.__getitem__)).decode() if value else None

    def _operand(self, value: object) -> Any:
        return Choice._parse(self, value)

    def dump(self, value: Any) -> Any:
        return orjson.loads(value) if value else []

    def _json_of(self, text: str, style: TextStyle) -> object:
        return [self._spelt.get(t.casefold(), t) for t in re.split(r"\s*[;；,，、|]\s*", text) if t]

    def value_schema(self) -> Schema:
        return {"type": "array", "items": super().value_schema(), "uniqueItems": True}

    def schema(self) -> Schema:
        return self.value_schema()

    def value_input_schema(self) -> Schema:
        own: Schema = {"type": "array", "items": super().value_schema()}
        return {**own, "minItems": 1} if self.required else own
