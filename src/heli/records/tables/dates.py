"""Dates as people and spreadsheets write them. What a date means is decided by evidence of its column, never by hope.

2016-10-20, 2016/10/20, 2016.10.20 and 2016年10月20日 mean one day wherever they stand. Whether 05/03/2017 is in
March or in May its column must show (a first number above 12, or a second) or the profile must say. Bare numbers are
dates only where the column is all of one kind: 20161020 or a spreadsheet's day number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from heli.records.tables.table import half_width

DATE_STYLES = ("iso", "dmy", "mdy", "compact", "serial")
"""``iso`` is every year-first form and the Chinese one; ``serial`` counts days as spreadsheets do (1 = 1900-01-01)."""

_YEAR_FIRST = re.compile(r"(\d{4})\s*([-/.年])\s*(\d{1,2})\s*([-/.月])\s*(\d{1,2})(?:\s*日)?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_COMPACT = re.compile(r"(?:19|20)\d{6}")
_SERIAL = re.compile(r"\d{1,7}(?:\.\d+)?")
_TIME = re.compile(
    r"(?:[T ]\s*|(?<=日))(\d{1,2})[:时](\d{1,2})(?:[:分](\d{1,2})(?:\.(\d{1,6})\d*)?秒?)?分?\s*(Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_LONGEST = 60
_EPOCH = dt.date(1899, 12, 30)


class UnreadableDateError(ValueError):
    """The text is no date of this style."""


class AmbiguousDateError(UnreadableDateError):
    """The text is a date, but of two days, and nothing says which."""


@dataclass(frozen=True, slots=True)
class DateGuess:
    """What a sample shows. ``style`` is None when it holds no date, or only such as could be read two ways."""

    style: str | None
    ambiguous: bool
    """Some dates of the sample have two readings and no other date tells which one is meant."""


def guess_date_style(sample: Iterable[str]) -> DateGuess:
    """The date style of a column, from texts out of it (empty ones do not count)."""
    day_first = month_first = open_ = iso = compact = serial = other = 0
    for raw in sample:
        text = _plain(raw)
        if not text:
            continue
        if last := _YEAR_LAST.match(text):
            first, second = int(last[1]), int(last[3])
            day_first += first > 12 >= second
            month_first += second > 12 >= first
            open_ += first <= 12 and second <= 12 and first != second
        elif _YEAR_FIRST.match(text):
            iso += 1
        elif _COMPACT.fullmatch(text):
            compact += 1
        elif _SERIAL.fullmatch(text):
            serial += 1
        else:
            other += 1
    if day_first or month_first:
        if day_first and month_first:
            return DateGuess(None, ambiguous=True)
        return DateGuess("dmy" if day_first else "mdy", ambiguous=False)
    if open_:
        return DateGuess(None, ambiguous=True)
    if iso:
        return DateGuess("iso", ambiguous=False)
    if compact and not serial and not other:
        return DateGuess("compact", ambiguous=False)
    if serial and not compact and not other:
        return DateGuess("serial", ambiguous=False)
    return DateGuess(None, ambiguous=False)


def parse_date(raw: str, style: str | None = None) -> dt.date:
    """The day that a text names in this style; a time of day after it is passed over.

    Raises AmbiguousDateError when only ``style`` could tell and it is None, UnreadableDateError when it is no date.
    """
    return _read(raw, style)[0]


def parse_moment(raw: str, style: str | None = None) -> dt.datetime:
    """Like parse_date with the time of day (midnight when there is none); aware only when the text names its zone."""
    day, rest = _read(raw, style)
    if rest is None:
        return dt.datetime.combine(day, dt.time())
    hour, minute, second, fraction, zone = rest
    try:
        time = dt.time(int(hour), int(minute), int(second or 0), int((fraction or "").ljust(6, "0")))
    except ValueError:
        raise UnreadableDateError(raw) from None
    moment = dt.datetime.combine(day, time)
    if not zone:
        return moment
    if zone == "Z":
        return moment.replace(tzinfo=dt.UTC)
    ahead = dt.timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
    if ahead >= dt.timedelta(hours=24):
        raise UnreadableDateError(raw)
    return moment.replace(tzinfo=dt.timezone(ahead if zone[0] == "+" else -ahead))


_Time = tuple[str, str, str | None, str | None, str | None]


def _read(raw: str, style: str | None) -> tuple[dt.date, _Time | None]:
    text = _plain(raw)
    if first := _YEAR_FIRST.match(text):
        if (first[2] == "年") != (first[4] == "月") or (first[2] != "年" and first[2] != first[4]):
            raise UnreadableDateError(raw)
        return _day(raw, first[1], first[3], first[5]), _time(raw, text[first.end() :], text[: first.end()])
    if last := _YEAR_LAST.match(text):
        one, two = last[1], last[3]
        if style not in ("dmy", "mdy"):
            if int(one) != int(two):
                raise AmbiguousDateError(raw)
            style = "dmy"
        day, month = (one, two) if style == "dmy" else (two, one)
        return _day(raw, last[4], month, day), _time(raw, text[last.end() :], "")
    if style == "compact" and _COMPACT.fullmatch(text):
        return _day(raw, text[:4], text[4:6], text[6:]), None
    if style == "serial" and _SERIAL.fullmatch(text):
        return _serial(raw, text)
    raise UnreadableDateError(raw)


def _plain(raw: str) -> str:
    if len(raw) > _LONGEST:
        return "?"  # longer than any date; not worth normalising
    return half_width(raw).strip()


def _day(raw: str, year: str, month: str, day: str) -> dt.date:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        raise UnreadableDateError(raw) from None


def _time(raw: str, rest: str, before: str) -> _Time | None:
    if not rest.strip():
        return None
    # The date's own last character stays in view: Chinese writes 20日13:45 without a space.
    found = _TIME.fullmatch(before[-1:] + rest, len(before[-1:]))
    if found is None or int(found[1]) > 23 or int(found[2]) > 59 or int(found[3] or 0) > 59:
        raise UnreadableDateError(raw)
    return found[1], found[2], found[3], found[4], found[5]


def _serial(raw: str, text: str) -> tuple[dt.date, _Time | None]:
    whole, _, fraction = text.partition(".")
    number = int(whole)
    # Day 60 is 29 February 1900, which never was; before it the count is one day behind.
    if number == 60 or not 1 <= number <= 2_958_465:
        raise UnreadableDateError(raw)
    day = _EPOCH + dt.timedelta(days=number + (number < 60))
    seconds = min(86_399, round(float("0." + fraction) * 86_400)) if fraction.strip("0") else 0
    if not seconds:
        return day, None
    return day, (str(seconds // 3600), str(seconds // 60 % 60), str(seconds % 60), None, None)
