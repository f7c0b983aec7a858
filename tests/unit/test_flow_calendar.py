"""Working time: nights, weekends, holidays and the weekend days worked for them, clocks that jump."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heli.kernel.calendar import Calendar
from heli.kernel.holidays import EXTRA, KNOWN, OFF

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar()


def at(text: str, zone: ZoneInfo = CHINA) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("start", "days", "hours", "end"),
    [
        ("2026-11-25T10:00", 0, 2, "2026-11-25T12:00"),
        ("2026-11-25T17:00", 0, 2, "2026-11-26T10:00"),  # an evening lies between
        ("2026-11-27T17:30", 0, 1, "2026-11-30T09:30"),  # a weekend
        ("2026-11-28T12:00", 1, 0, "2026-12-01T09:00"),  # begun on a Saturday: it begins on Monday
        ("2026-11-27T10:00", 2, 0, "2026-12-01T10:00"),
        ("2026-02-13T10:00", 1, 0, "2026-02-14T10:00"),  # a Saturday worked for the Spring Festival
        ("2026-02-14T10:00", 1, 0, "2026-02-24T10:00"),  # and nine days off after it
        ("2026-09-30T10:00", 1, 0, "2026-10-08T10:00"),
        ("2026-11-25T05:00", 0, 1, "2026-11-25T10:00"),  # before work
        ("2026-11-25T10:00", 0, 0, "2026-11-25T10:00"),
        ("2028-02-28T10:00", 1, 0, "2028-02-29T10:00"),  # a leap day
    ],
)
def test_a_span_of_working_time_ends(start: str, days: int, hours: int, end: str) -> None:
    assert CALENDAR.after(at(start), dt.timedelta(days=days, hours=hours)) == at(end)


def test_the_hour_stays_where_clocks_jump() -> None:
    new_york = ZoneInfo("America/New_York")
    friday = at("2026-03-06T10:00", new_york)  # clocks go forward on Sunday
    assert CALENDAR.after(friday, dt.timedelta(days=1)) == at("2026-03-09T10:00", new_york)


def test_announced_days_are_what_they_say() -> None:
    assert {day.year for day in OFF | EXTRA} == set(KNOWN)
    assert not OFF & EXTRA
    assert all(day.weekday() >= 5 for day in EXTRA), "only weekends are worked for holidays"


def test_where_nobody_ever_works_no_span_ends() -> None:
    never = Calendar(extra=frozenset(), off=frozenset(dt.date(2026, 1, 1) + dt.timedelta(days=n) for n in range(5000)))
    with pytest.raises(OverflowError):
        never.after(at("2026-11-25T10:00"), dt.timedelta(days=1))


@given(
    st.dates(dt.date(2025, 1, 1), dt.date(2029, 1, 1)),
    st.times(),
    st.integers(0, 30),
    st.integers(0, 86399),
    st.integers(0, 86399),
)
def test_more_time_never_ends_sooner_and_always_at_work(
    day: dt.date, hour: dt.time, days: int, one: int, other: int
) -> None:
    begin = dt.datetime.combine(day, hour, CHINA)
    first, last = (CALENDAR.after(begin, dt.timedelta(days=days, seconds=n)) for n in sorted((one, other)))
    assert begin <= first <= last
    assert CALENDAR.works(first.date())
    assert CALENDAR.opens <= first.time() <= CALENDAR.closes
