"""Dates and numbers as people write them, and how a column shows which way it is meant."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from heli.records.tables import guess_date_style, guess_number_style, parse_date, parse_flag, parse_moment, parse_number
from heli.records.tables.dates import AmbiguousDateError, UnreadableDateError
from heli.records.tables.numbers import UnreadableNumberError


def moment(*parts: int, zone: dt.tzinfo | None = None) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=zone)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("2016-10-20", None),
        ("2016/10/20", None),
        ("2016.10.20", None),
        ("2016年10月20日", None),
        ("２０１６年１０月２０日", None),
        ("2016-10-20 13:45", None),
        ("2016-10-20T13:45:10Z", None),
        ("2016年10月20日 13时45分", None),
        (" 2016-10-20 ", None),
        ("20/10/2016", "dmy"),
        ("10/20/2016", "mdy"),
        ("20.10.2016", "dmy"),
        ("20161020", "compact"),
        ("42663", "serial"),
        ("42663.5", "serial"),
        ("2016-10-20", "dmy"),
        ("2016/10/20", "serial"),
    ],
)
def test_one_day_in_many_spellings(text: str, style: str | None) -> None:
    assert parse_date(text, style) == dt.date(2016, 10, 20)


@pytest.mark.parametrize(
    ("text", "style"),
    [
        ("2016-02-30", None),
        ("2016-13-01", None),
        ("32/01/2016", "dmy"),
        ("10/20/2016", "dmy"),
        ("20161020", None),
        ("42663", None),
        ("60", "serial"),
        ("0", "serial"),
        ("9999999", "serial"),
        ("2016-10/20", None),
        ("2016年10-20", None),
        ("tomorrow", None),
        ("2016-10-20 25:00", None),
        ("2016-10-20xyz", None),
        ("1/2/16", "dmy"),
        ("", None),
        ("2" * 500, None),
        ("2016-10-2²", None),
    ],
)
def test_what_is_no_date(text: str, style: str | None) -> None:
    with pytest.raises(UnreadableDateError):
        parse_date(text, style)


def test_a_date_of_two_days_is_never_guessed() -> None:
    with pytest.raises(AmbiguousDateError):
        parse_date("05/03/2017")
    assert parse_date("05/05/2017") == dt.date(2017, 5, 5)
    assert parse_date("05/03/2017", "dmy") == dt.date(2017, 3, 5)
    assert parse_date("05/03/2017", "mdy") == dt.date(2017, 5, 3)


@pytest.mark.parametrize(
    ("sample", "style", "ambiguous"),
    [
        (["05/03/2017", "20/10/2016"], "dmy", False),
        (["05/03/2017", "10/20/2016"], "mdy", False),
        (["05/03/2017", "06/03/2017"], None, True),
        (["20/10/2016", "10/20/2016"], None, True),
        (["2016-10-20", ""], "iso", False),
        (["2024年3月5日"], "iso", False),
        (["20161020", "20170101"], "compact", False),
        (["42663", "42664.25"], "serial", False),
        (["abc"], None, False),
        ([], None, False),
        (["05/05/2017"], None, False),
    ],
)
def test_the_column_shows_which_style_it_is(sample: list[str], style: str | None, ambiguous: bool) -> None:
    guess = guess_date_style(sample)
    assert (guess.style, guess.ambiguous) == (style, ambiguous)


def test_moments_keep_the_time_and_the_zone_that_the_text_names() -> None:
    assert parse_moment("2016-10-20") == moment(2016, 10, 20)
    assert parse_moment("2016/10/20 13:45:10.5") == moment(2016, 10, 20, 13, 45, 10, 500_000)
    assert parse_moment("2016年10月20日13时45分") == moment(2016, 10, 20, 13, 45)
    assert parse_moment("2016-10-20T13:45:00Z") == moment(2016, 10, 20, 13, 45, zone=dt.UTC)
    assert parse_moment("2016-10-20 13:45+08:00").utcoffset() == dt.timedelta(hours=8)
    assert parse_moment("42663.75", "serial") == moment(2016, 10, 20, 18)
    assert parse_date("1", "serial") == dt.date(1900, 1, 1)
    assert parse_date("61", "serial") == dt.date(1900, 3, 1)


@pytest.mark.parametrize(
    ("text", "style", "number"),
    [
        ("1234.5", "point", "1234.5"),
        ("1,234.50", "point", "1234.50"),
        ("1.234,50", "comma", "1234.50"),
        ("1 234", "point", "1234"),
        ("1\u00a0234\u202f567,8", "comma", "1234567.8"),
        ("1'234.5", "point", "1234.5"),
        ("-5", "point", "-5"),
        ("−5", "point", "-5"),
        ("(120)", "point", "-120"),
        ("120-", "point", "-120"),
        ("+7", "point", "7"),
        ("¥1,200", "point", "1200"),
        ("￥１２．５", "point", "12.5"),
        ("$-3", "point", "-3"),
        ("-$3", "point", "-3"),
        ("1200元", "point", "1200"),
        ("USD 99", "point", "99"),
        ("15%", "point", "0.15"),
        ("3.5万", "point", "35000"),
        ("1.2亿元", "point", "120000000"),
        ("1亿2000万", "point", "120000000"),
        ("2万5", "point", "20005"),
        ("3万亿", "point", "3000000000000"),
        ("1.2E+05", "point", "120000"),
        (".5", "point", "0.5"),
        ("12,34,567", "point", "1234567"),
    ],
)
def test_numbers_are_read_exactly(text: str, style: str, number: str) -> None:
    assert parse_number(text, style) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        ".",
        "abc",
        "1,23",
        "0,,0",
        "1.2.3",
        "--1",
        "(-5)",
        "1万2亿",
        "万",
        "NaN",
        "Infinity",
        "1e999",
        "9" * 100,
        "10²",
        "½",
        "1 2",
        "0x10",
        "1_000",
        "五十万",
        "%",
    ],
)
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(UnreadableNumberError):
        parse_number(text)


@pytest.mark.parametrize(
    ("sample", "style"),
    [
        (["1,234.50"], "point"),
        (["1.234,50"], "comma"),
        (["12,5", "3"], "comma"),
        (["1,234"], "point"),
        (["1.234"], "point"),
        (["1.234.567"], "comma"),
        (["1,234,567"], "point"),
        (["0,125"], "comma"),
        (["1234", ""], "point"),
        (["1100.04"], "point"),
    ],
)
def test_the_column_shows_its_decimal_sign(sample: list[str], style: str) -> None:
    assert guess_number_style(sample) == style


def test_yes_and_no() -> None:
    assert [parse_flag(word) for word in ("是", "Yes", "TRUE", "1", "√")] == [True] * 5
    assert [parse_flag(word) for word in ("否", "no", "False", "0", "×")] == [False] * 5
    with pytest.raises(ValueError, match="maybe"):
        parse_flag("maybe")
