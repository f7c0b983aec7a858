"""Rows of an import on their way through the write door, and what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from heli.kernel.actor import Actor
from heli.kernel.errors import Problem
from heli.records.bulk_fields import Cell


@dataclass(frozen=True, slots=True)
class Made:
    """A row that became a record: its number among those given (from 0), the record, and what was written (JSON)."""

    number: int
    id: str
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Bad:
    """A row that was not written, and why."""

    number: int
    problems: tuple[Problem, ...]


@dataclass(slots=True)
class Outcome:
    """What became of one batch."""

    made: list[Made] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)


@dataclass(slots=True)
class Row:
    """One row on its way: its cells in the order of the columns, and what the log will say."""

    number: int
    cells: list[Any]
    given: list[str]
    after: dict[str, Any]
    actor: Actor
    links: list[tuple[Cell, Any]]
    id: str = ""


class Columns(dict[str, Any]):
    """The cells of a row by column, for those who read a few of them."""

    def __init__(self, cells: list[Any], place: Mapping[str, int]) -> None:
        super().__init__()
        self.cells, self.place = cells, place

    def __missing__(self, column: str) -> Any:
        return self.cells[self.place[column]]

    def get(self, column: str, default: Any = None) -> Any:
        at = self.place.get(column)
        return default if at is None else self.cells[at]
