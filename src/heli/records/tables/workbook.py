"""Workbooks (XLSX) as tables, read through calamine behind the guard of archive.py."""

from __future__ import annotations

import datetime as dt
import math
import posixpath
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import python_calamine
from defusedxml import ElementTree

from heli.kernel.words import Words
from heli.records.tables.archive import Extent, guard
from heli.records.tables.table import MIB, BadRow, Limits, Row, Table, TableError, clean_headings, shown

_NAMED = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class WorkbookTable(Table):
    """One sheet of a workbook; ``sheet`` is its name (the first visible sheet unless named)."""

    def __init__(self, path: Path, limits: Limits, *, sheet: str | None = None) -> None:
        extents = guard(path, limits)
        try:
            book = python_calamine.CalamineWorkbook.from_path(str(path))
            visible = python_calamine.SheetVisibleEnum.Visible
            names = list(book.sheet_names)
            shown_sheets = [s.name for s in book.sheets_metadata if s.visible == visible] or names
            if not names:
                raise TableError(path.name, "no_sheet", Words("没有工作表", "the workbook has no sheet"))
            name = sheet if sheet is not None else shown_sheets[0]
            if name not in names:
                said = Words("没有工作表“{name}”；有：{names}", 'there is no sheet "{name}"; there are: {names}')
                said = said.fill(name=shown(name), names=shown(", ".join(names), 200))
                raise TableError(path.name, "no_sheet", said)
            self._sheet = book.get_sheet_by_name(name)
        except python_calamine.CalamineError as error:
            said = Words("工作簿无法读取：{why}", "the workbook cannot be read: {why}")
            raise TableError(path.name, "workbook", said.fill(why=shown(str(error)))) from None
        self.sheet = name
        self._limits = limits
        self._errors = _errors_of(path, name, extents)
        line, cells = next(((n, c) for n, c in self._lines() if any(map(str.strip, c))), (1, []))
        super().__init__(path, clean_headings(path.name, line, cells, limits), line, path.stat().st_size)

    def _lines(self) -> Iterator[tuple[int, list[str]]]:
        first = self._sheet.start[1] if self._sheet.start else 0
        for line, values in enumerate(self._sheet.iter_rows(), start=1):
            cells = [clean(value) for value in values]
            if self._errors:
                for at, cell in enumerate(cells):
                    if not cell and (line, first + at + 1) in self._errors:
                        cells[at] = self._errors[line, first + at + 1]
            yield line, cells

    def rows(self) -> Iterator[Row | BadRow]:
        """See Table; a row's line is its number in the sheet."""
        width, height = len(self.headings), max(1, self._sheet.total_height)
        extra = Words("有 {n} 格，标题只有 {limit} 格", "{n} cells under {limit} headings")
        big = Words("第 {at} 格超过 {n} 个字符", "cell {at} is longer than {n} characters")
        for line, cells in self._lines():
            if line <= self.heading_line or not any(cells):
                continue
            self.done = min(1.0, line / height)
            said = shown(",".join(cells), 200)
            if any(map(str.strip, cells[width:])):
                used = max(at for at, cell in enumerate(cells, start=1) if cell.strip())
                yield BadRow(line, "too_many_cells", extra.fill(n=used, limit=width), said)
                continue
            large = next((at for at, c in enumerate(cells, start=1) if len(c) > self._limits.cell_chars), None)
            if large:
                yield BadRow(line, "big_cell", big.fill(at=large, n=self._limits.cell_chars), said)
                continue
            yield Row(line, dict(zip(self.headings, (cells + [""] * width)[:width], strict=True)))
        self.done = 1.0


def clean(value: object) -> str:
    """A cell's value as text: whole numbers without a point, no binary noise, ISO dates, TRUE and FALSE.

    A percentage comes as the number that it is (0.15), an amount of time as ``hh:mm:ss``.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float):
        # Fifteen digits are what a spreadsheet keeps and shows: 0.30000000000000004 is its 0.3.
        return format(Decimal(f"{value:.15g}"), "f") if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "seconds")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"
    return "" if value is None else str(value)


def _errors_of(path: Path, sheet: str, extents: dict[str, Extent]) -> dict[tuple[int, int], str]:
    """The error cells of the sheet with this name; which member it is the workbook's own directory says."""
    if not any(extent.errors for extent in extents.values()):
        return {}
    with zipfile.ZipFile(path) as archive:
        try:
            inside = [archive.getinfo("xl/workbook.xml"), archive.getinfo("xl/_rels/workbook.xml.rels")]
            if max(member.file_size for member in inside) > MIB:
                return {}
            book, links = (ElementTree.fromstring(archive.read(member)) for member in inside)
        except (KeyError, ElementTree.ParseError, zipfile.BadZipFile):
            return {}
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    for one in book.iter():
        if one.tag.endswith("}sheet") and one.get("name") == sheet:
            target = targets.get(one.get(_NAMED), "")
            member = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
            return extents[member].errors if member in extents else {}
    return {}
