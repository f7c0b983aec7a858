"""A moment, kept in UTC."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from heli.kernel.words import Words
from heli.records.fields.base import FieldError, Schema, TextStyle
from heli.records.fields.date import day_of
from heli.records.fields.scaled import COMPARE
from heli.records.fields.timely import ANY_YEAR, Timely

NOT_MOMENT = Words(
    "应为带时区的时间，如 2026-11-23T09:30:00Z", "must be a time with its zone such as 2026-11-23T09:30:00Z"
)
PATTERN = (
    f"^{ANY_YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
)
_matches = re.compile(PATTERN[:-1] + r"\Z", re.ASCII).match
_LOCAL = re.compile(r"(?P<day>.+?)[ T](?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?\Z", re.ASCII)


class DateTime(Timely):
    """A moment in RFC 3339, dumped in UTC: ``"2026-11-23T09:30:00Z"``."""

    kind = "datetime"
    operators: tuple[str, ...] = COMPARE
    sql_type: ClassVar[str] = "timestamptz"
    sortable = True

    def _column(self) -> models.Field[Any, Any]:
        return models.DateTimeField(null=True, blank=True)

    def sort_sentinel(self, descending: bool) -> dt.datetime:
        year = 1 if descending else 9999
        return dt.datetime(year, 1, 2, tzinfo=dt.UTC)

    def _operand(self, value: object) -> dt.datetime:
        if not isinstance(value, str) or not _matches(value):
            raise FieldError("type", NOT_MOMENT)
        try:
            return dt.datetime.fromisoformat(value).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            raise FieldError("type", NOT_MOMENT) from None

    def dump(self, value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, str):  # a plain SQLite cursor gives Django's stored text, in UTC
            if len(value) in (19, 26) and value[10] == " " and not value.endswith(".000000"):
                return f"{value[:10]}T{value[11:]}Z"
            value = dt.datetime.fromisoformat(value)
        if value.tzinfo is None:
            value = value.replace(tzinfo=dt.UTC)
        return value.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")

    def _json_of(self, text: str, style: TextStyle) -> object:
        if _matches(text):
            return text
        found = _LOCAL.match(text)
        day = day_of(found["day"] if found else text, style)
        clock = f"{int(found['hour']):02}:{found['minute']}:{found['second'] or '00'}" if found else "00:00:00"
        try:  # files carry local times of the company's zone
            local = dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=timezone.get_current_timezone())
            return local.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
        except (ValueError, OverflowError):
            return text

    def value_schema(self) -> Schema:
        return {"type": "string", "format": "date-time", "pattern": PATTERN}
