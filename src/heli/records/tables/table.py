"""What a table is, whatever file it comes from: headings, rows that know their line, rows that cannot be read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may ask of this machine.

    ``file_bytes`` and ``expanded_bytes`` (a workbook unzipped) in bytes; ``cell_chars`` and ``row_chars`` in
    characters; ``columns`` in headings; ``sheet_cells`` counts the rectangle around every used cell of a sheet,
    because that whole rectangle is held in memory.
    """

    file_bytes: int = 256 * MIB
    expanded_bytes: int = 768 * MIB
    cell_chars: int = 100_000
    row_chars: int = 2_000_000
    columns: int = 1_000
    sheet_cells: int = 12_000_000


class Row(NamedTuple):
    """One record of a table.

    ``line`` is the line of the file where the record begins, the first line of the file being 1 (a sheet's row
    number in a workbook). ``cells`` has every heading; a cell that the row lacks is ``""``.
    """

    line: int
    cells: Mapping[str, str]


class BadRow(NamedTuple):
    """A record that cannot be read: where it begins, what is wrong, and its beginning as far as it is text."""

    line: int
    code: str
    reason: Words
    text: str


class TableError(Invalid):
    """A file that cannot be read as a table at all; the one problem's place is ``file`` or ``file:line``."""

    code = "table"

    def __init__(self, file: str, code: str, words: Words, *, line: int | None = None) -> None:
        place = file if line is None else f"{file}:{line}"
        super().__init__(Problem(place, code, words))
        self.file = file
        self.line = line


class Table(ABC):
    """An open table: its headings are known, its rows are read as they are asked for, and as often as that."""

    def __init__(self, path: Path, headings: Sequence[str], heading_line: int, size: int) -> None:
        self.path = path
        self.name = path.name
        self.headings = tuple(headings)
        self.heading_line = heading_line
        self.size = size
        """The file's size in bytes."""
        self.done = 0.0
        """How much of the file the latest ``rows()`` has read, from 0 to 1."""

    @abstractmethod
    def rows(self) -> Iterator[Row | BadRow]:
        """Every record below the heading, in the file's order; rows without any text are left out."""


def clean_headings(file: str, line: int, cells: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """The headings without the spaces around them; empty ones at the end (a spreadsheet's leftovers) are dropped.

    Raises TableError when there is none, one is empty or comes twice, or there are more than ``limits.columns``.
    """
    names = [cell.strip(" \t\r\n\u00a0\u3000\ufeff") for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError(file, "no_heading", Words("没有标题行", "there is no heading line"))
    if len(names) > limits.columns:
        said = Words("共有 {n} 列，最多 {limit} 列", "{n} columns, at most {limit} are read")
        raise TableError(file, "too_many_columns", said.fill(n=len(names), limit=limits.columns), line=line)
    seen: dict[str, int] = {}
    for at, name in enumerate(names, start=1):
        if not name:
            said = Words("第 {at} 列没有标题", "column {at} has no heading").fill(at=at)
            raise TableError(file, "empty_heading", said, line=line)
        if name in seen:
            said = Words(
                "标题“{name}”出现两次：第 {a} 列和第 {b} 列", 'the heading "{name}" comes twice: columns {a} and {b}'
            )
            raise TableError(file, "repeated_heading", said.fill(name=shown(name), a=seen[name], b=at), line=line)
        seen[name] = at
    return tuple(names)


def shown(text: str, most: int = 60) -> str:
    """Text fit for a message: short, on one line, with unprintable characters escaped."""
    text = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)


_HALF = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xFFE5: 0xA5, 0xFFE1: 0xA3}


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as plain ones, and nothing else changed (10² must not become 102)."""
    return text if text.isascii() else text.translate(_HALF)
