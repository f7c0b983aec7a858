"""Several lines of text."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models

from heli.records.fields.base import EMPTY_OPERATORS, MASK
from heli.records.fields.text import Text


class LongText(Text):
    """Text of up to `max_length` characters, lines kept as they are. Does not sort."""

    kind = "long_text"
    operators: tuple[str, ...] = ("contains", *EMPTY_OPERATORS)
    sorts: ClassVar[bool] = False
    blind: ClassVar[bool] = False

    def __init__(self, *, max_length: int = 10_000, **common: Any) -> None:
        super().__init__(max_length=max_length, **common)

    def _column(self) -> models.Field[Any, Any]:
        return models.TextField(default="", blank=True)

    def mask(self, value: Any) -> Any:
        return MASK if value else None
