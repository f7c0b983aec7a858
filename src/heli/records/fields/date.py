"""A calendar day, without time or zone."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, ClassVar

from django.db import models

from heli.kernel.words import Words
from heli.records.fields.base import FieldError, Schema, TextStyle
from heli.records.fields.scaled import COMPARE
from heli.records.fields.timely import ANY_YEAR, Timely

NOT_DATE = Words("应为日期，如 2026-11-23", "must be a date such as 2026-11-23")
PATTERN = f"^{ANY_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_PARTS = re.compile(r"(\d{1,4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,4})\s*日?\Z", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})\Z", re.ASCII)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)


class Date(Timely):
    """A day, ``"2026-11-23"``."""

    kind = "date"
    operators: tuple[str, ...] = COMPARE
    sql_type: ClassVar[str] = "date"
    sortable = True

    def _column(self) -> models.Field[Any, Any]:
        return models.DateField(null=True, blank=True)

    def sort_sentinel(self, descending: bool) -> dt.date:
        return dt.date.min if descending else dt.date.max

    def _operand(self, value: object) -> dt.date:
        if not isinstance(value, str) or not _ISO.match(value):
            raise FieldError("type", NOT_DATE)
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            raise FieldError("type", NOT_DATE) from None

    def dump(self, value: Any) -> Any:
        return str(value)[:10] if value is not None else None

    def _json_of(self, text: str, style: TextStyle) -> object:
        return day_of(text, style)

    def value_schema(self) -> Schema:
        return {"type": "string", "format": "date", "pattern": PATTERN}


def day_of(text: str, style: TextStyle) -> str:
    """A file's date as ISO text; what is no date comes back as it is and is then refused."""
    if found := _COMPACT.match(text):
        return "-".join(found.groups())
    found = _PARTS.match(text)
    if not found:
        return text
    parts = found.groups()
    if len(parts[0]) == 4:  # a leading year is a year, whatever the file's habit
        year, month, day = parts
    elif style.dates == "mdy":
        month, day, year = parts
    else:
        day, month, year = parts
    return f"{year}-{int(month):02}-{int(day):02}" if len(year) == 4 else text
