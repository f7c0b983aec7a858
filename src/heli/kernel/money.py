"""Money as integer minor units: sums are exact on every database (SQLite adds decimals as floats)."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

LIMIT = 10**17
"""Largest amount in minor units: the sum of 90 such amounts still fits 64 bits."""


def to_minor(text: str | int | Decimal) -> int:
    """Minor units (1/100) of a decimal amount.

    Raises ValueError when it is no finite decimal, has more than two places or is too large.
    """
    if isinstance(text, str) and (len(text) > 40 or not text.isascii() or "_" in text):
        raise ValueError("not a decimal amount")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise ValueError("not a decimal amount") from None
    if not amount.is_finite():
        raise ValueError("not a decimal amount")
    if abs(amount) > LIMIT:
        raise ValueError("too large")
    scaled = amount * 100
    if scaled != scaled.to_integral_value():
        raise ValueError("more than two decimal places")
    minor = int(scaled)
    if abs(minor) > LIMIT:
        raise ValueError("too large")
    return minor


def to_text(minor: int) -> str:
    """``123456`` -> ``"1234.56"``: two places, no grouping."""
    sign = "-" if minor < 0 else ""
    whole, rest = divmod(abs(minor), 100)
    return f"{sign}{whole}.{rest:02d}"


def rounded(amount: Decimal) -> int:
    """Minor units of a computed amount, half to even."""
    return int((amount * 100).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))


SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$"}


def grouped(text: str) -> str:
    """``"-1234.50"`` -> ``"-1,234.50"``."""
    whole, point, rest = text.removeprefix("-").partition(".")
    return f"{'-' if text.startswith('-') else ''}{int(whole):,}{point}{rest}"


def shown(text: str, currency: str) -> str:
    """A decimal amount for people: ``"-1234.50"`` -> ``"-¥1,234.50"``; an ISO 4217 code without a sign of its own stands before it."""
    sign, figure = ("-", text[1:]) if text.startswith("-") else ("", text)
    return f"{sign}{SYMBOLS.get(currency, f'{currency} ')}{grouped(figure)}"


_DIGITS, _PLACES = "零壹贰叁肆伍陆柒捌玖", ("仟", "佰", "拾", "")


def in_capitals(minor: int) -> str:
    """大写金额 as Chinese cheques and vouchers write it, by the rules of the central bank for filling in bills of exchange:
    ``10800050`` -> ``"壹拾万捌仟元伍角"``.

    ``minor``: in 1/100 of a yuan, at most ``LIMIT`` either way. Where it ends in yuan, 整 closes it.
    """
    yuan, rest = divmod(abs(minor), 100)
    tenths, hundredths = divmod(rest, 10)
    found = f"{_whole(yuan)}元" if yuan or not rest else ""
    if tenths:
        found += f"{_DIGITS[tenths]}角"
    if hundredths:
        found += f"{'零' if found and not tenths else ''}{_DIGITS[hundredths]}分"
    return f"{'负' if minor < 0 else ''}{found}{'' if rest else '整'}"


def _whole(number: int) -> str:
    return _split(number, 8, "亿", lambda n: _split(n, 4, "万", _four)) or "零"


def _split(number: int, places: int, unit: str, below: Callable[[int], str]) -> str:
    """What is above so many places, the unit, and what is below, with one 零 for places that are empty between them."""
    high, low = divmod(number, 10**places)
    gap = "零" if high and 0 < low < 10 ** (places - 1) else ""
    return f"{f'{below(high)}{unit}' if high else ''}{gap}{below(low) if low else ''}"


def _four(number: int) -> str:
    figures = "".join(
        f"{_DIGITS[int(digit)]}{place}" if digit != "0" else "零"
        for digit, place in zip(f"{number:04}", _PLACES, strict=True)
    )
    return re.sub("零+", "零", figures).strip("零")
