"""Amounts as people write them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heli.kernel import money


@pytest.mark.parametrize(
    ("minor", "capitals"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (50, "伍角"),
        (105, "壹元零伍分"),
        (1000, "壹拾元整"),
        (140_950, "壹仟肆佰零玖元伍角"),
        (600_714, "陆仟零柒元壹角肆分"),
        (10_800_000, "壹拾万捌仟元整"),
        (10_000_050_00, "壹仟万零伍拾元整"),
        (100_000_000_00, "壹亿元整"),
        (100_000_001_00, "壹亿零壹元整"),
        (1_234_567_890_12, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
        (20_050_000_000_00, "贰佰亿伍仟万元整"),
        (-58_000_00, "负伍万捌仟元整"),
    ],
)
def test_an_amount_in_capitals(minor: int, capitals: str) -> None:
    assert money.in_capitals(minor) == capitals


@given(st.integers(-money.LIMIT, money.LIMIT))
def test_capitals_can_be_read_back(minor: int) -> None:
    said = money.in_capitals(minor)
    assert not re.search("零零|零[万亿元角分](?!整)", said.replace("零元整", "")), said
    assert _read(said) == minor


def _read(said: str) -> int:
    """A plain reader of numerals, which knows nothing of how they were written."""
    digits = {one: n for n, one in enumerate("零壹贰叁肆伍陆柒捌玖")}
    units = {"拾": 10, "佰": 100, "仟": 1000}
    sign, total, section, digit = (-1 if said.startswith("负") else 1), 0, 0, 0
    cents = high = 0
    for one in said.removeprefix("负").removesuffix("整"):
        if one in digits:
            digit = digits[one]
        elif one in units:
            section, digit = section + digit * units[one], 0
        elif one == "万":
            total, section, digit = total + (section + digit) * 10**4, 0, 0
        elif one == "亿":
            high, total, section, digit = total + section + digit, 0, 0, 0
        elif one == "元":
            cents, digit = (high * 10**8 + total + section + digit) * 100, 0
        else:
            cents, digit = cents + digit * (10 if one == "角" else 1), 0
    return sign * cents


def test_an_amount_is_grouped_and_signed() -> None:
    assert money.shown("108000.00", "CNY") == "¥108,000.00"
    assert money.shown("-0.50", "USD") == "-$0.50"
    assert money.shown("1234567.00", "CHF") == "CHF 1,234,567.00"
