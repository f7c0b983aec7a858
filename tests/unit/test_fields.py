"""Field kinds: what goes in comes out, what cannot be held exactly is refused with its place, masks tell nothing."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heli.guard.exports import cells
from heli.records import fields as f
from heli.records.fields.creditcode import ALPHABET, check_character

ZH = {"zh": "字段", "en": "field"}
OPTIONS = [f.Option("new", "接洽", "New"), f.Option("won", "赢单", "Won", closed=True)]

KINDS: dict[str, f.Field] = {
    "text": f.Text(**ZH),
    "long_text": f.LongText(**ZH),
    "rich_text": f.RichText(**ZH),
    "number": f.Number(**ZH),
    "number3": f.Number(places=3, **ZH),
    "money": f.Money(**ZH),
    "percent": f.Percent(**ZH),
    "date": f.Date(**ZH),
    "datetime": f.DateTime(**ZH),
    "choice": f.Choice(options=OPTIONS, **ZH),
    "choices": f.Choices(options=OPTIONS, **ZH),
    "yes_no": f.YesNo(**ZH),
    "link": f.Link("account", **ZH),
    "links": f.Links("account", **ZH),
    "person": f.PersonRef(**ZH),
    "department": f.DepartmentRef(**ZH),
    "phone": f.Phone(**ZH),
    "email": f.Email(**ZH),
    "url": f.Url(**ZH),
    "address": f.Address(**ZH),
    "credit_code": f.CreditCode(**ZH),
    "auto_number": f.AutoNumber("HT-{year}-{n:04}", **ZH),
    "lines": f.Lines(**ZH),
}

WRONG_TYPES: tuple[Any, ...] = ({}, {"id": "1"}, [[]], [1], float("inf"), float("nan"), 10**30, -1.5, frozenset())


def refused(field: f.Field, value: object) -> f.FieldError:
    with pytest.raises(f.FieldError) as caught:
        field.parse(value)
    assert caught.value.words.zh
    assert caught.value.words.en
    return caught.value


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("value", WRONG_TYPES, ids=repr)
def test_a_wrong_type_is_refused(name: str, value: object) -> None:
    refused(KINDS[name], value)


@pytest.mark.parametrize("name", KINDS)
def test_null_is_empty_and_a_required_field_refuses_it(name: str) -> None:
    field = KINDS[name]
    assert field.is_empty(field.parse(None)) or name == "yes_no"
    extra: dict[str, Any] = {"required": True, **ZH}
    made = type(field)
    if made in (f.Choice, f.Choices):
        extra["options"] = OPTIONS
    first = {f.Link: ("account",), f.Links: ("account",), f.AutoNumber: ("{n}",)}.get(made, ())
    demanding = made(*first, **extra)
    assert refused(demanding, None).code in ("required", "type")


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_describes_itself(name: str) -> None:
    field = KINDS[name]
    field.code = "field"
    assert list(field.columns())
    json.dumps([field.schema(), field.input_schema(), field.masked_schema(), field.meta()])
    for pattern in re.findall(r'"pattern": "((?:[^"\\]|\\.)*)"', json.dumps(field.input_schema())):
        re.compile(json.loads(f'"{pattern}"'))


@given(st.text(max_size=200))
def test_text_comes_back_exactly_or_is_refused_whole(text: str) -> None:
    field = f.Text(**ZH)
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        assert refused(field, text).code == "unicode"
    else:
        assert field.dump(field.parse(text)) == text


def test_naughty_strings_come_back_exactly() -> None:
    folder = Path(os.environ.get("HELI_DATA") or Path(__file__).parents[3] / "shared" / "data")
    found = sorted((folder / "import" / "blns").glob("*.json")) if folder.is_dir() else []
    if not found:
        pytest.skip("the naughty strings are not on this machine")
    field = f.LongText(**ZH)
    strings = [s for path in found for s in json.loads(path.read_text("utf-8"))]
    assert len(strings) > 400
    for text in strings:
        if "\x00" in text:
            refused(field, text)
        else:
            assert field.dump(field.parse(text)) == text


def test_over_long_text_says_how_long_it_may_be() -> None:
    error = refused(f.Text(max_length=5, **ZH), "六个字不能放")
    assert error.code == "too_long"
    assert "5" in error.words.zh


@given(st.integers(min_value=-(10**17) + 1, max_value=10**17 - 1))
def test_money_is_exact(minor: int) -> None:
    field = f.Money(**ZH)
    assert field.parse(field.dump(minor)) == minor


@pytest.mark.parametrize(
    "text", ["1.234", "1e5", "١٢", "1_0", " 1", "", "NaN", "-", "1.", "+1", "９", "1" * 16, "1,000.00"]
)
def test_money_refuses_what_is_no_exact_amount(text: str) -> None:
    refused(f.Money(**ZH), text)


def test_an_amount_below_what_it_may_be_is_told_so_and_not_that_it_is_no_number() -> None:
    error = refused(f.Money(minimum=0, **ZH), "-5")
    assert (error.code, error.words.zh) == ("too_small", "不能小于 0.00")
    assert refused(f.Money(**ZH), "abc").words.zh == "应为数字，如 12.50"


def test_a_number_that_is_too_large_or_too_fine_is_told_so_and_not_that_it_is_no_number() -> None:
    for field, text in ((f.Percent(**ZH), "150"), (f.Money(maximum=100, **ZH), "9" * 20)):
        error = refused(field, text)
        assert (error.code, error.words.zh) == ("too_big", "不能大于 100.00")
    assert refused(f.Money(**ZH), "1.234").words.zh == "小数最多 2 位"
    assert refused(f.Number(**ZH), "1.5").words.zh == "应为整数"


def test_bounds_are_said_in_the_field_s_own_unit() -> None:
    error = refused(f.Money(maximum=500, **ZH), "500.01")
    assert error.code == "too_big"
    assert "500.00" in error.words.en
    assert refused(f.Percent(**ZH), "100.01").code == "too_big"
    assert f.Percent(**ZH).parse("100.00") == 10_000


@pytest.mark.parametrize(
    ("text", "style", "minor"),
    [
        ("¥1,234.50", f.TextStyle(), 123450),
        ("(1,000)", f.TextStyle(), -100000),
        ("1.234,5", f.TextStyle(decimal=",", grouping="."), 123450),
        ("12.500", f.TextStyle(), 1250),
        ("1200 元", f.TextStyle(), 120000),
    ],
)
def test_a_file_s_amounts_are_understood(text: str, style: f.TextStyle, minor: int) -> None:
    assert f.Money(**ZH).from_text(text, style) == minor


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-11-23", "ymd", dt.date(2026, 11, 23)),
        ("2026年3月4日", "ymd", dt.date(2026, 3, 4)),
        ("3/4/2026", "dmy", dt.date(2026, 4, 3)),
        ("3/4/2026", "mdy", dt.date(2026, 3, 4)),
        ("20260304", "ymd", dt.date(2026, 3, 4)),
    ],
)
def test_a_file_s_dates_are_understood(text: str, order: Any, day: dt.date) -> None:
    assert f.Date(**ZH).from_text(text, f.TextStyle(dates=order)) == day


@pytest.mark.parametrize("text", ["2026-02-30", "0000-01-01", "26-01-01", "2026-1-1", "2026-01-01T00:00:00Z"])
def test_dates_that_are_none_are_refused(text: str) -> None:
    refused(f.Date(**ZH), text)


def test_a_moment_is_kept_in_utc_and_read_back_from_either_database() -> None:
    field = f.DateTime(**ZH)
    moment = field.parse("2026-11-23T10:00:00+08:00")
    assert field.dump(moment) == "2026-11-23T02:00:00Z"
    assert field.dump("2026-11-23 02:00:00") == "2026-11-23T02:00:00Z"
    for wrong in ("2026-11-23T10:00:00", "2026-11-23T24:00:00Z", "0001-01-01T00:00:00+23:59", "2026-11-23"):
        refused(field, wrong)


def test_choices_keep_the_order_of_the_options_and_name_the_bad_one() -> None:
    field = KINDS["choices"]
    assert field.dump(field.parse(["won", "new", "won"])) == ["new", "won"]
    assert refused(field, ["new", "gone"]).place == "1"
    assert KINDS["choice"].from_text("赢单") == "won"
    assert KINDS["choice"].from_text("WON") == "won"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("13812341234", "138****1234"),
        ("+86 138 1234 1234", "138****1234"),
        ("021-62345678", "021****5678"),
        ("400-820-8820", "400****8820"),
        ("+1 (415) 555-2671", "+141****2671"),
        ("+14155552671", "+141****2671"),
    ],
)
def test_phones_are_kept_as_typed_and_masked(text: str, masked: str) -> None:
    field = KINDS["phone"]
    assert field.parse(text) == text
    assert field.mask(text) == masked


@pytest.mark.parametrize(
    "text", ["12345", "23812341234", "138123412345", "abc", "+0123456789", "１３８１２３４１２３４", "13812341234\n"]
)
def test_implausible_phones_are_refused(text: str) -> None:
    assert refused(KINDS["phone"], text).code == "format"


@given(st.text(alphabet=ALPHABET, min_size=17, max_size=17))
def test_one_changed_character_of_a_credit_code_is_noticed(body: str) -> None:
    code = "91310115" + body[8:]
    right = code + check_character(code)
    field = KINDS["credit_code"]
    assert field.parse(right) == right
    other = ALPHABET[(ALPHABET.index(right[10]) + 1) % len(ALPHABET)]
    assert refused(field, right[:10] + other + right[11:]).code == "checksum"


def test_a_real_credit_code_passes() -> None:
    assert KINDS["credit_code"].parse("91110000600037341L")


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "ftp://a.cn", "http://", "https://a b.cn", "https://user@evil.cn", "HTTP//x"]
)
def test_only_web_addresses_are_links(text: str) -> None:
    assert refused(KINDS["url"], text).code == "format"


def test_masks_say_that_there_is_something_and_not_what() -> None:
    assert KINDS["email"].mask("wang.min@example.com") == "w***@example.com"
    assert KINDS["money"].mask(123) == "***"
    assert KINDS["address"].mask("浙江省杭州市西湖区文三路1号") == "浙江省杭州市***"
    assert KINDS["credit_code"].mask("91110000600037341L") == "91**************1L"
    named = f.Text(alias="客户", **ZH)
    assert re.fullmatch("客户-[0-9A-F]{6}", named.mask("上海示例有限公司"))
    assert named.mask("上海示例有限公司") == named.mask("上海示例有限公司") != named.mask("上海示例二有限公司")
    assert all(field.mask(field.empty_value) is None for name, field in KINDS.items() if name != "yes_no")


def test_lines_add_up_and_name_the_bad_cell() -> None:
    field = f.Lines(**ZH)
    stored = field.parse(
        [
            {"description": "软件", "quantity": "2", "unit_price": "100.00", "discount": "10"},
            {"quantity": "0.333", "unit_price": "9.99", "amount": "1.00"},
        ]
    )
    assert [line["amount"] for line in field.dump(stored)] == ["180.00", "3.33"]
    assert field.total(stored) == 18333
    assert refused(field, [{"quantity": "1", "unit_price": "x"}]).place == "0/unit_price"
    assert refused(field, [{"quantity": "1", "unit_price": "1", "cost": "1"}]).place == "0/cost"
    assert refused(field, [{"quantity": "1", "unit_price": "1"}] * 201).code == "too_long"


def test_automatic_numbers_count_by_the_period_they_name() -> None:
    field = f.AutoNumber("HT-{year}-{n:04}", **ZH)
    day = dt.date(2026, 11, 23)
    assert field.number(7, day) == "HT-2026-0007"
    assert field.counter(day) != field.counter(dt.date(2027, 1, 1))
    assert f.AutoNumber("{year}{month}-{n}", **ZH).number(12, day) == "202611-12"
    assert field.readonly


def test_names_sort_by_their_sound_in_characters_that_every_database_orders_alike() -> None:
    field = f.Text(required=True, **ZH)
    keys = {name: field.sort_key(name) for name in ("重庆建工", "华为", "Huawei", "阿里", "Éclair 99", "!!")}
    assert keys["重庆建工"].startswith("chongqing")
    assert keys["华为"] == keys["Huawei"] == "huawei"
    assert sorted(("华为", "阿里", "重庆建工"), key=keys.__getitem__) == ["阿里", "重庆建工", "华为"]
    assert all(re.fullmatch("[0-9a-z]{0,64}", key) for key in keys.values())
    assert len(field.sort_key("长" * 500)) <= 64


def test_a_filter_s_operand_is_checked_like_a_value() -> None:
    money = f.Money(**ZH)
    assert money.operand(">=", "10.00") == 1000
    assert money.operand("in", ["1", "2"]) == [100, 200]
    assert money.operand("empty", None) is None
    assert KINDS["choices"].operand("has", "won") == "won"
    for operator, value in (("contains", "1"), (">=", None), (">=", 5), ("in", "1"), ("in", []), ("empty", 3)):
        with pytest.raises(f.FieldError):
            money.operand(operator, value)


@given(st.datetimes(timezones=st.just(dt.UTC)))
def test_a_moment_reads_the_same_as_sqlite_keeps_it_and_as_an_object(moment: dt.datetime) -> None:
    kept = str(moment.replace(tzinfo=None))
    assert KINDS["datetime"].dump(kept) == KINDS["datetime"].dump(moment)


def test_values_are_said_in_sentences_as_people_read_them() -> None:
    assert f.Money(**ZH).said(50_000_000).en == "500,000"
    assert f.Money(**ZH).said(-123_450).en == "-1,234.50"
    assert f.Money(**ZH).said(-50).en == "-0.50"
    assert f.Percent(**ZH).said(1250).zh == "12.50%"
    assert f.YesNo(**ZH).said(True).zh == "是"
    won = f.Choice(options=[f.Option("won", "赢单", "Won")], **ZH)
    assert (won.said("won").zh, won.said("won").en, won.said("gone").en) == ("赢单", "Won", "gone")


def test_lines_in_a_file_are_what_people_would_write() -> None:
    field = f.Lines(zh="明细", en="Lines")
    lines = [
        {"description": "安装", "quantity": "2.000", "unit_price": "300.00", "discount": "12.50"},
        {"description": "", "quantity": "1.5", "unit_price": "10.00"},
    ]
    assert (
        cells.text(field, field.dump(field.parse(lines)), "read", "zh")
        == "安装 2 × 300.00 − 12.5% = 525.00、1.5 × 10.00 = 15.00"
    )
