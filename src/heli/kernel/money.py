"""Money as integer minor units: sums are exact on every database (SQLite adds decimals as floats)."""

from __future__ import annotations

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
