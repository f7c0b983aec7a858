"""Postal addresses in one line, province first as Chinese addresses are written."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from heli.records.fields.base import MASK
from heli.records.fields.text import Text

_AREA = re.compile(r"(?:[^省市区县]{1,8}(?:省|自治区))?[^省市区县]{1,8}[市州盟]")


class Address(Text):
    """An address of at most 300 characters; masked it keeps province and city."""

    kind = "address"
    sorts: ClassVar[bool] = False

    def __init__(self, *, max_length: int = 300, **common: Any) -> None:
        super().__init__(max_length=max_length, **common)

    def mask(self, value: Any) -> Any:
        if not value:
            return None
        area = _AREA.match(value)
        return (area.group() if area else "") + MASK
