"""Reading of tabular files: CSV in any usual encoding and delimiter, and XLSX. Pure: no Django, nothing stored."""

from __future__ import annotations

from pathlib import Path

from heli.kernel.words import Words
from heli.records.tables.dates import DATE_STYLES, guess_date_style, parse_date, parse_moment
from heli.records.tables.delimited import DELIMITERS, DelimitedTable
from heli.records.tables.encoding import NAMES as ENCODINGS
from heli.records.tables.numbers import NUMBER_STYLES, guess_number_style, parse_flag, parse_number
from heli.records.tables.table import MIB, BadRow, Limits, Row, Table, TableError
from heli.records.tables.workbook import WorkbookTable

__all__ = [
    "DATE_STYLES",
    "DELIMITERS",
    "ENCODINGS",
    "NUMBER_STYLES",
    "BadRow",
    "Limits",
    "Row",
    "Table",
    "TableError",
    "guess_date_style",
    "guess_number_style",
    "open_table",
    "parse_date",
    "parse_flag",
    "parse_moment",
    "parse_number",
]


def open_table(
    path: Path,
    *,
    sheet: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
    limits: Limits | None = None,
    max_bytes: int | None = None,
) -> Table:
    """Open a CSV or XLSX file, told apart by its first bytes, never by its name.

    ``encoding`` is a key of ENCODINGS and ``delimiter`` one character of DELIMITERS; without them both are found from
    the file. ``max_bytes`` lowers or raises ``limits.file_bytes``. Raises TableError, naming the file and where
    possible the line, when the file is missing, too large, no table, or its heading is not usable.
    """
    bounds = limits or Limits()
    most = bounds.file_bytes if max_bytes is None else max_bytes
    try:
        size = path.stat().st_size
        if not path.is_file():
            raise TableError(path.name, "no_file", Words("这不是文件", "this is not a file"))
        with path.open("rb") as stream:
            head = stream.read(8)
    except FileNotFoundError:
        raise TableError(path.name, "no_file", Words("没有这个文件", "there is no such file")) from None
    except (OSError, ValueError) as error:
        said = Words("文件打不开：{why}", "the file cannot be opened: {why}")
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TableError(path.name, "no_file", said.fill(why=why)) from None
    if size > most:
        said = Words("文件有 {n} MB，最多读取 {most} MB", "the file has {n} MB, at most {most} MB are read")
        said = said.fill(n=-(-size // MIB), most=round(most / MIB, 1))
        raise TableError(path.name, "too_large", said)
    if not size:
        raise TableError(path.name, "no_heading", Words("文件是空的", "the file is empty"))
    if head.startswith(b"PK\x03\x04"):
        return WorkbookTable(path, bounds, sheet=sheet)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        said = Words(
            "旧格式或加密的 Excel 文件，请另存为 XLSX 或 CSV", "an old or encrypted Excel file; save it as XLSX or CSV"
        )
        raise TableError(path.name, "workbook", said)
    return DelimitedTable(path, bounds, encoding=encoding, delimiter=delimiter)
