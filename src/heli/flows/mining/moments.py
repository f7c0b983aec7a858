"""Moments as files write them, read column by column: what looks alike is read at once, the rest one by one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import overload

import numpy as np
from numpy.typing import NDArray

from heli.flows.mining.log import DAY, HOUR, NONE, SECOND, Flags, Ints

type Bytes = NDArray[np.uint8]

UTC = dt.UTC
YEARS = (1900, 2200)
LONGEST = 40
"""Characters of a moment."""
SHORTEST = 16
_FIRSTS: Ints = (
    np.arange((YEARS[0] - 1970) * 12, (YEARS[1] - 1969) * 12 + 1)
    .astype("datetime64[M]")
    .astype("datetime64[D]")
    .astype(np.int64)
)
"""The day on which each month begins, from the first of these years on."""
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)
_OTHER = re.compile(
    r"(?P<a>\d{1,4})(?P<s>[./\-年])(?P<b>\d{1,2})[./\-月](?P<c>\d{1,4})日?"
    r"(?:[ T]+(?P<h>\d{1,2}):(?P<m>\d{2})(?::(?P<sec>\d{2})(?:[.,](?P<f>\d{1,9}))?)?\s*(?P<half>[AaPp][Mm])?)?\s*(?P<z>Z|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


class Unreadable(ValueError):
    """No moment. ``place`` is its number in the column."""

    def __init__(self, place: int, text: str) -> None:
        super().__init__(text)
        self.place = place
        self.text = text


def read(texts: Sequence[str] | Bytes, zone: dt.tzinfo = UTC, *, empty: bool = False) -> Ints:
    """Microseconds since 1970 in UTC; what names no zone is of ``zone``. ``empty``: what is empty is NONE. Cells of one length may come as
    rows of bytes.

    Raises Unreadable. Days and months in figures are read day first where some day of the column can only be read so.
    """
    many = len(texts)
    found = np.full(many, NONE, np.int64)
    left = np.ones(many, np.bool_)
    naive = np.zeros(many, np.bool_)
    if isinstance(texts, np.ndarray):
        length = int(np.count_nonzero(texts[0])) if many else 0
        blocks = [(np.arange(many), texts[:, :length])]
        if not length and not empty:
            raise Unreadable(0, "")
        left[:] = bool(length) or not empty
        texts = _Lines(texts)
    else:
        lengths = np.fromiter(map(len, texts), np.int64, many)
        left = lengths != 0 if empty else left
        blocks = _blocks(texts, lengths)
    for here, signs in blocks:
        if not SHORTEST <= signs.shape[1] <= LONGEST:
            continue
        values, good, bare = _alike(signs)
        found[here[good]] = values[good]
        left[here[good]] = False
        naive[here[good]] = bare
    rest = np.nonzero(left)[0]
    if len(rest):
        odd = [texts[at] for at in rest.tolist()]
        day_first = _day_first(odd)
        for at, text in zip(rest.tolist(), odd, strict=True):
            value = _one(text, day_first)
            if value is None:
                raise Unreadable(at, text[:LONGEST])
            naive[at] = value.tzinfo is None
            found[at] = _since(value.replace(tzinfo=UTC) if value.tzinfo is None else value)
    if bool(naive.any()) and zone is not UTC:
        found[naive] -= offsets(found[naive], zone, local=True)
    return found


class _Lines(Sequence[str]):
    """Cells of one length, one by one."""

    def __init__(self, cells: Bytes) -> None:
        self.cells = cells

    def __len__(self) -> int:
        return len(self.cells)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[str]: ...
    def __getitem__(self, at: int | slice) -> str | Sequence[str]:
        if isinstance(at, slice):
            return [self[one] for one in range(*at.indices(len(self)))]
        cell: bytes = self.cells[at].tobytes()
        return cell.rstrip(b"\0").decode()


def _blocks(texts: Sequence[str], lengths: Ints) -> list[tuple[Ints, Bytes]]:
    """The texts of each length as one block, with their places."""
    found = []
    for length in np.unique(lengths).tolist():
        if not SHORTEST <= length <= LONGEST:
            continue
        here = np.nonzero(lengths == length)[0]
        joined = "".join(texts) if len(here) == len(texts) else "".join([texts[at] for at in here.tolist()])
        if joined.isascii():
            found.append((here, np.frombuffer(joined.encode(), np.uint8).reshape(len(here), length)))
    return found


def _since(value: dt.datetime) -> int:
    return (value - EPOCH) // dt.timedelta(microseconds=1)


def _alike(signs: Bytes) -> tuple[Ints, Flags, Flags]:
    """Moments of one length, written as ISO 8601 writes them; which of them are, and which of these name no zone."""
    many, length = signs.shape
    columns = np.ascontiguousarray(signs.T)
    digits = columns - np.uint8(48)  # of no digit: more than 9

    def figure(start: int, figures: int) -> Ints:
        value: Ints = digits[start].astype(np.int64)
        for at in range(start + 1, start + figures):
            value *= 10
            value += digits[at]
        return value

    good = (digits[[0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15]] <= 9).all(axis=0)
    good &= (
        ((columns[4] == 45) | (columns[4] == 47))
        & (columns[7] == columns[4])
        & ((columns[10] == 84) | (columns[10] == 32))
    )
    good &= columns[13] == 58
    # The zone stands at the end, if at all: each row says its own.
    tail = np.full(many, length, np.int64)
    shift = np.zeros(many, np.int64)
    zulu = columns[-1] == 90
    tail[zulu] = length - 1
    if length >= 22:
        sign = columns[-6]
        zoned = ((sign == 43) | (sign == 45)) & (columns[-3] == 58) & (digits[[-5, -4, -2, -1]] <= 9).all(axis=0)
        away = (figure(length - 5, 2) * 60 + figure(length - 2, 2)) * (60 * SECOND)
        shift = np.where(zoned, np.where(sign == 43, away, -away), 0)
        tail[zoned] = length - 6
        good &= ~zoned | (np.abs(shift) < DAY)
    seconds, part = np.zeros(many, np.int64), np.zeros(many, np.int64)
    for end in np.unique(tail).tolist():
        rows = tail == end
        if end == 16:
            continue
        if end < 19 or end == 20 or end > 29:
            good[rows] = False
            continue
        fine = (columns[16] == 58) & (digits[17] <= 9) & (digits[18] <= 9)
        seconds[rows] = figure(17, 2)[rows]
        if end > 19:
            shown = min(end - 20, 6)
            fine &= ((columns[19] == 46) | (columns[19] == 44)) & (digits[20:end] <= 9).all(axis=0)
            part[rows] = (figure(20, shown) * 10 ** (6 - shown))[rows]
        good[rows] &= fine[rows]
    year, month, day = figure(0, 4), figure(5, 2), figure(8, 2)
    hour, minute = figure(11, 2), figure(14, 2)
    good &= (
        (year >= YEARS[0])
        & (year <= YEARS[1])
        & (month >= 1)
        & (month <= 12)
        & (hour < 24)
        & (minute < 60)
        & (seconds < 60)
    )
    months = np.where(good, (year - YEARS[0]) * 12 + month - 1, 0)
    first = _FIRSTS[months]
    good &= (day >= 1) & (day <= _FIRSTS[months + 1] - first)
    value = (first + day - 1) * DAY + hour * HOUR + minute * (60 * SECOND) + seconds * SECOND + part - shift
    return value, good, (tail == length)[good]


def _day_first(texts: Sequence[str]) -> bool:
    found = [one for one in map(_OTHER.fullmatch, texts) if one is not None and len(one["a"]) <= 2]
    return any(int(one["a"]) > 12 or one["s"] == "." for one in found)


def _one(text: str, day_first: bool) -> dt.datetime | None:
    text = text.strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        return None
    if text.isascii() and text.isdigit() and len(text) in (10, 13, 16):  # seconds, thousandths or millionths since 1970
        return _bounded(EPOCH + dt.timedelta(microseconds=int(text) * 10 ** (16 - len(text))))
    try:
        return _bounded(dt.datetime.fromisoformat(text))
    except ValueError:
        pass
    found = _OTHER.fullmatch(text)
    if found is None:
        return None
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        year, month, day = a, b, c
    else:
        year, (day, month) = c, (a, b) if day_first else (b, a)
    hour = int(found["h"] or 0)
    if found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if found["half"].lower() == "pm" else 0)
    part = int((found["f"] or "0")[:6].ljust(6, "0"))
    try:
        zone = dt.datetime.strptime(found["z"], "%z").tzinfo if found["z"] else None
        return _bounded(
            dt.datetime(year, month, day, hour, int(found["m"] or 0), int(found["sec"] or 0), part, tzinfo=zone)
        )
    except ValueError:
        return None


def _bounded(value: dt.datetime) -> dt.datetime | None:
    return value if YEARS[0] <= value.year <= YEARS[1] else None


MOST_DAYS = 1_000_000
"""Days between the first and the last of some moments that are told apart by counting; of more they are sorted."""


def offsets(moments: Ints, zone: dt.tzinfo, *, local: bool = False) -> Ints:
    """By how much clocks of the zone are ahead of UTC then. ``local``: the moments are what its clocks show."""
    if not len(moments):
        return moments
    days = moments // DAY
    first, last = int(days.min()), int(days.max())
    if last - first < min(MOST_DAYS, 10 * len(days) + 1000):
        met = np.zeros(last - first + 1, np.bool_)
        met[days - first] = True
        known, place = first + np.nonzero(met)[0], (np.cumsum(met) - 1)[days - first]
    else:
        known, place = np.unique(days, return_inverse=True)
    both = np.array([_of_day(zone, day, local) for day in known.tolist()], np.int64)
    begins, ends = both[:, 0], both[:, 1]
    found: Ints = begins[place]
    put = begins != ends
    if put.any():
        for at in np.nonzero(put[place])[0].tolist():  # the few days on which clocks are put
            found[at] = _ahead(zone, int(moments[at]), local)
    return found


def _ahead(zone: dt.tzinfo, moment: int, local: bool) -> int:
    at = EPOCH + dt.timedelta(microseconds=moment)
    there = at.replace(tzinfo=zone) if local else at.astimezone(zone)
    return (there.utcoffset() or dt.timedelta()) // dt.timedelta(microseconds=1)


@lru_cache(maxsize=20_000)
def _of_day(zone: dt.tzinfo, day: int, local: bool) -> tuple[int, int]:
    """By how much at the begin and at the end of a day."""
    return _ahead(zone, day * DAY, local), _ahead(zone, (day + 1) * DAY - 1, local)
