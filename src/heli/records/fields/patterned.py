"""Text of one shape: phone numbers, addresses on the net, codes."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from heli.kernel.words import Words
from heli.records.fields.base import PLAIN, FieldError, Schema, TextStyle
from heli.records.fields.text import Text


class Patterned(Text):
    """Text that must match `shape` (the same expression stands in the JSON Schema) unless it is empty."""

    shape: ClassVar[str] = ""
    wrong: ClassVar[Words]
    length: ClassVar[int] = 200

    def __init__(self, *, max_length: int | None = None, **common: Any) -> None:
        super().__init__(max_length=max_length or self.length, **common)
        self._matches = re.compile(f"(?:{self.shape})\\Z", re.ASCII).match

    def _parse(self, value: object) -> str:
        text = super()._parse(value)
        if text and not self._matches(text):
            raise FieldError("format", self.wrong)
        return text

    def _operand(self, value: object) -> Any:
        return Text._parse(self, value)  # a part of it may be looked for

    def from_text(self, text: str, style: TextStyle = PLAIN) -> str:
        return self.parse(text.strip())

    def value_input_schema(self) -> Schema:
        own: Schema = {"type": "string", "maxLength": self.max_length}
        return (
            {**own, "pattern": f"^(?:{self.shape})$"} if self.required else {**own, "pattern": f"^(?:{self.shape})?$"}
        )
