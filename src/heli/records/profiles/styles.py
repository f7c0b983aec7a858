"""How the columns of one file write dates and numbers, found out by reading as far as it takes."""

from __future__ import annotations

from collections.abc import Collection

from heli.records.profiles.model import Column, FilePlan
from heli.records.tables import Row, Table, guess_date_style, guess_number_style
from heli.records.tables.dates import DateGuess

_ENOUGH = 1_000
"""Cells that settle a column which shows no contradiction."""


def find_styles(table: Table, plan: FilePlan) -> tuple[dict[str, str | None], dict[str, str]]:
    """(date style by heading, number style by heading); what the profile states is taken as stated."""
    days, figures = _columns(plan)
    dates: dict[str, str | None] = {name: plan.dates for name in days if plan.dates}
    numbers = {name: plan.numbers for name in figures if plan.numbers}
    open_days = {name: _DateColumn() for name in days if name not in dates}
    open_figures: dict[str, list[str]] = {name: [] for name in figures if name not in numbers}
    unsettled: set[str] = {*open_days, *open_figures}
    for row in table.rows() if unsettled else ():
        if not isinstance(row, Row):
            continue
        for name in tuple(unsettled):
            cell = row.cells[name]
            if not cell.strip():
                continue
            settled = False
            if name in open_days:
                settled = open_days[name].add(cell)
            if name in open_figures and len(open_figures[name]) < _ENOUGH:
                open_figures[name].append(cell)
            if settled if name in open_days else len(open_figures[name]) >= _ENOUGH:
                unsettled.discard(name)
        if not unsettled:
            break
    dates |= {name: column.style() for name, column in open_days.items()}
    return dates, numbers | {name: guess_number_style(cells) for name, cells in open_figures.items()}


class _DateColumn:
    """The evidence of one column, block by block, so that a long file is not held."""

    def __init__(self) -> None:
        self._cells: list[str] = []
        self._guesses: list[DateGuess] = []

    def add(self, cell: str) -> bool:
        """True when the style is settled."""
        self._cells.append(cell)
        if len(self._cells) < _ENOUGH:
            return False
        self._close()
        return self._guesses[-1].style is not None

    def style(self) -> str | None:
        self._close()
        found = {guess.style for guess in self._guesses if guess.style}
        shown = {style for style in found if style in ("dmy", "mdy")}
        if shown:
            return shown.pop() if len(shown) == 1 else None
        if any(guess.ambiguous for guess in self._guesses):
            return None
        return found.pop() if len(found) == 1 else None

    def _close(self) -> None:
        if self._cells:
            self._guesses.append(guess_date_style(self._cells))
            self._cells = []


def _columns(plan: FilePlan) -> tuple[Collection[str], Collection[str]]:
    days: set[str] = set()
    figures: set[str] = set()
    for target in plan.targets:
        for one in target.fields:
            if not isinstance(one.source, Column):
                continue
            if one.kind in ("date", "datetime") and one.dates is None:
                days.add(one.source.name)
            elif one.kind in ("integer", "decimal", "money", "percent") and one.numbers is None:
                figures.add(one.source.name)
    for check in plan.checks:
        if check.test == "not_before":
            days.update((check.column, check.other))
        elif check.test == "positive":
            figures.add(check.column)
    return days, figures
