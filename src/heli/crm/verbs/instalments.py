"""What a contract is paid in: an amount in shares of a hundred, due one after another."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

MOST = 60
APART = 1
"""Months between two, unless said."""
NO_SHARES = Words(
    "应为各期的百分比，如 30 60 10；合计 100，每期大于 0",
    "say each share in per cent, such as 30 60 10; together 100, each above 0",
)
TOO_MANY = Words(f"最多 {MOST} 期", f"at most {MOST} payments")
TOO_LATE = Words("应付日期太远", "the days lie too far ahead")


@dataclass(frozen=True, slots=True)
class Instalment:
    """One of them. ``amount``: as money is kept, in hundredths."""

    term: int
    amount: int
    due_on: date


def split(amount: int, shares: str, first: date, months: int | None) -> list[Instalment]:
    """An amount (hundredths) in these shares, the first due on ``first``, the others so many months apart; one of it all for no shares.
    What rounding leaves goes to the last, so that together they are the amount.

    Raises Invalid for shares that are none, or days beyond the calendar.
    """
    parts = _shares(shares)
    apart = APART if months is None else int(months)
    found, left = [], amount
    for at, share in enumerate(parts):
        part = left if at == len(parts) - 1 else int((amount * share / 100).to_integral_value(ROUND_HALF_UP))
        found.append(Instalment(at + 1, part, _later(first, at * apart)))
        left -= part
    if any(one.amount <= 0 for one in found):
        raise Invalid(Problem("shares", "range", NO_SHARES))
    return found


def _shares(text: str) -> list[Decimal]:
    if not text.strip():
        return [Decimal(100)]
    raw = [one for one in re.split(r"[\s,，、/;；+]+", text.replace("%", " ").replace("％", " ").strip()) if one]
    if len(raw) > MOST:
        raise Invalid(Problem("shares", "too_many", TOO_MANY))
    try:
        found = [Decimal(one) for one in raw]
    except InvalidOperation:
        raise Invalid(Problem("shares", "type", NO_SHARES)) from None
    if not found or any(not one.is_finite() or one <= 0 for one in found) or sum(found) != 100:
        raise Invalid(Problem("shares", "range", NO_SHARES))
    return found


def _later(day: date, months: int) -> date:
    """So many months later, on the last day of a month that is too short."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    if year > 9000:
        raise Invalid(Problem("first_on", "range", TOO_LATE))
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


__all__ = ["Instalment", "split"]
