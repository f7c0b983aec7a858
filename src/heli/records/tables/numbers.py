"""Numbers as people write them: 1,234.50 · 1.234,50 · 1 234 · ¥3.5万 · 1.2亿 · (120) · 15%; and yes and no."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from heli.records.tables.table import half_width

NUMBER_STYLES = ("point", "comma")
"""Which character begins the decimals: 1,234.50 is ``point``, 1.234,50 is ``comma``."""

_LONGEST = 60
_SIGN = r"RMB|CNY|USD|EUR|GBP|JPY|HKD|[$¥€£₩₹]"
_CURRENCY = re.compile(rf"^(?:{_SIGN}|人民币)\s*|\s*(?:{_SIGN}|元|圆)$", re.IGNORECASE)
_UNITS = {"亿": Decimal(10**8), "万": Decimal(10**4), "千": Decimal(10**3), "百": Decimal(100)}
_UNIT_PART = re.compile(r"([^万亿千百]+)(万亿|[万亿千百])")
_POINT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3})?(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_PLAIN = re.compile(r"-?\d+", re.ASCII)
_GAP = re.compile(r"(?<=\d)[\u0020\u00a0\u202f\u2009'’](?=\d{3}(?:\D|$))")
_YES = frozenset(("true", "yes", "y", "t", "1", "是", "对", "有", "真", "√", "✓", "✔", "on"))
_NO = frozenset(("false", "no", "n", "f", "0", "否", "不是", "错", "无", "没有", "假", "×", "✗", "✘", "off"))


class UnreadableNumberError(ValueError):
    """The text is no number of this style."""


def guess_number_style(sample: Iterable[str]) -> str:
    """``comma`` when more of a sample has commas before decimals, or points between thousands; else ``point``."""
    comma = point = 0
    for raw in sample:
        if len(raw) > _LONGEST or not any(c in raw for c in ",.，．"):
            continue
        text = half_width(raw)
        commas, points = text.count(","), text.count(".")
        if commas and points:
            comma += text.rfind(",") > text.rfind(".")
            point += text.rfind(".") > text.rfind(",")
        elif commas == 1:
            # Three digits after one comma may be either; a lone 0 before it, or another count, is a decimal comma.
            comma += re.search(r"\d,(?!\d{3}(?:\D|$))", text) is not None or re.search(r"(?<!\d)0,\d", text) is not None
        elif commas > 1:
            point += 1
        elif points > 1:
            comma += 1
        else:
            point += re.search(r"\.(?!\d{3}(?:\D|$))\d", text) is not None
    return "comma" if comma > point else "point"


def parse_number(raw: str, style: str = "point") -> Decimal:
    """The exact number that a text writes; a percentage is divided by 100.

    Raises UnreadableNumberError when it is none, groups its digits wrongly, or is longer than any figure in business.
    """
    if len(raw) > _LONGEST:
        raise UnreadableNumberError(raw)
    if _PLAIN.fullmatch(raw):  # most cells
        return Decimal(raw)
    text = half_width(raw).strip().replace("\u2212", "-")
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1].strip()
    text, minus = _sign(text)
    text = _CURRENCY.sub("", _CURRENCY.sub("", text))
    text, minus_inside = _sign(text)
    if negative + minus + minus_inside > 1:
        raise UnreadableNumberError(raw)
    percent = text.endswith("%")
    text = text.removesuffix("%").strip()
    total, rest = Decimal(0), text
    smallest = Decimal(10**13)
    while found := _UNIT_PART.match(rest):
        unit = _UNITS["亿"] * _UNITS["万"] if found[2] == "万亿" else _UNITS[found[2]]
        if unit >= smallest:
            raise UnreadableNumberError(raw)
        total, smallest, rest = total + _plain(raw, found[1], style) * unit, unit, rest[found.end() :].strip()
    if rest or not text or smallest == 10**13:
        total += _plain(raw, rest, style)
    if percent:
        total /= 100
    return -total if negative or minus or minus_inside else total


def parse_flag(raw: str) -> bool:
    """Yes or no in Chinese, English or as a mark. Raises ValueError for anything else."""
    word = half_width(raw[:_LONGEST]).strip().casefold()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise ValueError(raw)


def _sign(text: str) -> tuple[str, bool]:
    if text.startswith(("-", "+")):
        return text[1:].strip(), text[0] == "-"
    if text.endswith("-"):  # as ledgers print it
        return text[:-1].strip(), True
    return text, False


def _plain(raw: str, text: str, style: str) -> Decimal:
    text = _GAP.sub("", text.strip())
    if style == "comma":
        text = text.translate({ord(","): ".", ord("."): ","})
    if not any(map(str.isdigit, text)) or not _POINT.fullmatch(text):
        raise UnreadableNumberError(raw)
    return Decimal(text.replace(",", ""))
