"""Conditions and checks of rows, as the profile states them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from heli.records.profiles.model import Check, Condition
from heli.records.profiles.values import Context
from heli.records.tables import parse_date, parse_number


def holds(when: Iterable[Condition], cells: Mapping[str, str]) -> bool:
    """Whether every condition is true of the row."""
    for one in when:
        text = cells[one.column].strip()
        if one.values is not None:
            if text not in one.values:
                return False
        elif bool(text) != one.filled:
            return False
    return True


def fails(check: Check, cells: Mapping[str, str], context: Context) -> bool:
    """Whether a row breaks a check. Empty cells break only ``filled``, ``positive`` and nothing else."""
    text = cells[check.column].strip()
    if check.test == "filled":
        return not text
    if check.test == "positive":
        try:
            return parse_number(text, context.numbers.get(check.column, "point")) <= 0
        except ValueError:
            return True
    if not text:
        return False
    if check.test == "empty":
        return True
    if check.test == "one_of":
        return text not in check.values
    if check.test == "listed_in":
        return not context.others.lists(check.file, check.other, text)
    mine, other = _day(text, check.column, context), _day(cells[check.other].strip(), check.other, context)
    return mine is not None and other is not None and mine < other


def _day(text: str, column: str, context: Context) -> dt.date | None:
    """The date in a cell; None for what is none, which its own field reports."""
    try:
        return parse_date(text, context.dates.get(column))
    except ValueError:
        return None
