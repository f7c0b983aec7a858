"""The guard before a workbook: what its archive holds is measured in a stream before anything is built from it.

The reader behind it keeps a sheet's whole rectangle in memory and copies a shared text into each cell that uses it, so
a file of a few kilobytes may ask for terabytes. Nothing passes that says or does more than the limits allow.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from heli.kernel.words import Words
from heli.records.tables.table import MIB, Limits, TableError, shown

_MEMBERS = 5_000
_ERRORS_KEPT = 100_000
_KEPT = 4 * MIB
"""So many bytes of a row or shared text are kept until its end comes."""
_MARK = 64
"""No end of a text is longer than this, so that one that lies across two blocks is still seen."""
_SHEET = re.compile(r"worksheets/[^/]*\.xml\Z", re.IGNORECASE)
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>.{0,4000}?<(?:\w+:)?v>([^<]{1,20})<',
    re.DOTALL,
)
_SHARED = re.compile(rb'\bt="s"[^>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})')
_ITEM = re.compile(rb"</(?:\w+:)?si>")


@dataclass(slots=True)
class Extent:
    """What the XML of one sheet asks for."""

    rows: int = 0
    columns: int = 0
    texts: int = 0
    """Cells that show a shared text."""
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    """(row, column), both from 1, of cells that hold #N/A and the like, which the reader shows as empty."""

    def note(self, xml: bytes) -> None:
        cells = _CELL.findall(xml)
        if cells:
            self.rows = max(self.rows, *(int(row) for _, row in cells))
            self.columns = max(self.columns, *(column_number(letters) for letters in {c for c, _ in cells}))
        self.texts += xml.count(b't="s"')
        if b't="e"' in xml and len(self.errors) < _ERRORS_KEPT:
            for letters, row, said in _ERROR.findall(xml):
                self.errors[int(row), column_number(letters)] = said.decode("utf-8", "replace")


def guard(path: Path, limits: Limits) -> dict[str, Extent]:
    """The extent of every sheet by the name of its member.

    Raises TableError when the file is no intact zip, unzips to more than ``limits.expanded_bytes``, lies about its
    sizes, a sheet's rectangle has more than ``limits.sheet_cells`` cells, or its repeated texts come to too many bytes.
    """
    total = 0
    sheets: dict[str, Extent] = {}
    lengths = array("I")
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            if len(members) > _MEMBERS:
                raise zipfile.BadZipFile("too many members")
            for member in members:
                extent = sheets.setdefault(member.filename, Extent()) if _SHEET.search(member.filename) else None
                shared = member.filename.casefold().endswith("sharedstrings.xml")
                tail, long = b"", 0
                for block in _unzipped(path, archive, member):
                    total += len(block)
                    if total > limits.expanded_bytes:
                        said = Words("解压后超过 {n} MB", "unzips to more than {n} MB")
                        raise TableError(path.name, "too_large", said.fill(n=limits.expanded_bytes // MIB))
                    if extent is not None:
                        whole, tail = _rows(tail + block)
                        extent.note(whole)
                    elif shared:
                        *items, tail = _ITEM.split(tail + block)
                        if items and long:
                            lengths.append(min(long + len(items.pop(0)), limits.expanded_bytes))
                            long = 0
                        lengths.extend(map(len, items))
                        if len(tail) > _KEPT:
                            long, tail = long + len(tail) - _MARK, tail[-_MARK:]
                if extent is not None:
                    extent.note(tail)
            _bound(path, archive, sheets, lengths, limits)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError, RuntimeError) as error:
        said = Words("不是完好的 XLSX 文件：{why}", "not an intact XLSX file: {why}")
        raise TableError(path.name, "workbook", said.fill(why=shown(str(error)))) from None
    return sheets


def _bound(
    path: Path, archive: zipfile.ZipFile, sheets: dict[str, Extent], lengths: array[int], limits: Limits
) -> None:
    longest = max(lengths, default=0)
    for name, extent in sheets.items():
        if extent.rows * extent.columns > limits.sheet_cells:
            said = Words(
                "工作表占 {r} 行 × {c} 列，超过 {n} 格；请删去远处的零星单元格，或分成几个文件",
                "a sheet spans {r} rows × {c} columns, more than {n} cells; remove stray far cells or split the file",
            )
            said = said.fill(r=extent.rows, c=extent.columns, n=limits.sheet_cells)
            raise TableError(path.name, "too_large", said)
        if extent.texts * longest <= limits.expanded_bytes:
            continue
        copied, tail = 0, b""
        for block in _unzipped(path, archive, archive.getinfo(name)):
            whole, tail = _rows(tail + block)
            copied += sum(lengths[int(n)] for n in _SHARED.findall(whole) if int(n) < len(lengths))
        copied += sum(lengths[int(n)] for n in _SHARED.findall(tail) if int(n) < len(lengths))
        if copied > limits.expanded_bytes:
            said = Words("工作表的文字展开后超过 {n} MB", "a sheet's texts come to more than {n} MB")
            raise TableError(path.name, "too_large", said.fill(n=limits.expanded_bytes // MIB))


def _rows(xml: bytes) -> tuple[bytes, bytes]:
    """Cut before the last row begun, so that no cell is looked at in two halves; in a very long one before its last cell.

    What is kept for the next block stays bounded: else each block would copy all that came since, and a file of a
    megabyte could keep this machine busy for minutes.
    """
    cut = xml.rfind(b"<row ")
    if len(xml) - cut > _KEPT:
        cut = max(cut, xml.rfind(b"<c "))
    if len(xml) - cut > _KEPT:
        cut = len(xml)
    return xml[: max(0, cut)], xml[max(0, cut) :]


def _unzipped(path: Path, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's bytes as another program would unzip them: to the end of its data, whatever size it declares."""
    if member.flag_bits & 1:
        raise zipfile.BadZipFile("encrypted")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile("unusual compression")
    with archive.open(member):
        pass  # checks the member's own header against the directory
    with path.open("rb") as raw:
        raw.seek(member.header_offset + 26)
        sizes = raw.read(4)
        raw.seek(int.from_bytes(sizes[:2], "little") + int.from_bytes(sizes[2:], "little"), 1)
        left, out = member.compress_size, 0
        inflate = zlib.decompressobj(-15) if member.compress_type == zipfile.ZIP_DEFLATED else None
        while left > 0 and not (inflate and inflate.eof):
            block = raw.read(min(left, 64 * 1024))
            if not block:
                raise zipfile.BadZipFile("cut short")
            left -= len(block)
            while block:
                plain = inflate.decompress(block, MIB) if inflate else block
                block = inflate.unconsumed_tail if inflate else b""
                out += len(plain)
                if out > member.file_size:
                    raise zipfile.BadZipFile("a member is larger than it declares")
                if plain:
                    yield plain
        if out != member.file_size or (inflate and not inflate.eof):
            raise zipfile.BadZipFile("a member is shorter than it declares")


def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
