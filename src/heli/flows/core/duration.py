"""Durations as BPMN writes them (ISO 8601 without years and months, which have no fixed length)."""

from __future__ import annotations

import datetime as dt
import re

FORM = re.compile(r"P(?=.)(?:(\d{1,3})W|(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?)")
UNITS = ("weeks", "days", "hours", "minutes", "seconds")


def duration(text: str) -> dt.timedelta | None:
    """The length of ``P3D``, ``PT8H``, ``P1DT12H30M``, ``P2W``; None for what is none."""
    found = FORM.fullmatch(text)
    if found is None:
        return None
    return dt.timedelta(**{unit: int(n) for unit, n in zip(UNITS, found.groups(), strict=True) if n is not None})
