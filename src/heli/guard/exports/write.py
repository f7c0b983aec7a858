"""Writing rows of text into a file that a spreadsheet opens: CSV (UTF-8 with BOM) or XLSX, with its mark at the end."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from heli.guard.exports.cells import neutral

if TYPE_CHECKING:
    from openpyxl.cell import Cell

MOST_TEXT = 32_767
"""Characters of one cell of a workbook."""
EXACT = 15
"""Digits that a spreadsheet keeps of a number."""


class Writer(Protocol):
    """Takes the head, rows and the closing mark, in this order."""

    def row(self, cells: Sequence[str], numeric: Sequence[bool]) -> None: ...
    def close(self, mark: str) -> None: ...


class Csv:
    """Every line ends with CR LF; what needs it is quoted."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._out = csv.writer(self._file)

    def row(self, cells: Sequence[str], numeric: Sequence[bool]) -> None:
        self._out.writerow([neutral(one, numeric=n) for one, n in zip(cells, numeric, strict=True)])

    def close(self, mark: str) -> None:
        self._out.writerow([neutral(mark)])
        self._file.close()


class Xlsx:
    """One sheet; text is stored as text and never as a formula; the mark stands below the rows and at every printed foot."""

    def __init__(self, path: Path) -> None:
        self._path = path
        from openpyxl import Workbook  # large, and for those alone who export to XLSX

        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("data")
        self._sheet.freeze_panes = "A2"

    def row(self, cells: Sequence[str], numeric: Sequence[bool]) -> None:
        self._sheet.append([self._cell(one, n) for one, n in zip(cells, numeric, strict=True)])

    def _cell(self, value: str, numeric: bool) -> Cell:
        from openpyxl.cell import WriteOnlyCell

        said = neutral(value, numeric=numeric)[:MOST_TEXT]
        if numeric and said and not said.startswith("'") and len(said.strip("-").replace(".", "")) <= EXACT:
            number: Any = Decimal(said)
            return WriteOnlyCell(self._sheet, number)
        cell = WriteOnlyCell(self._sheet, said or None)
        if said:
            cell.data_type = "s"
        return cell

    def close(self, mark: str) -> None:
        self.row([mark], [False])
        self._sheet.oddFooter.left.text = mark.replace("&", "&&")[:200]
        self._book.save(self._path)


def writer(format: str, path: Path) -> Writer:
    """A writer of one of the formats."""
    return Xlsx(path) if format == "xlsx" else Csv(path)
