"""A file becomes a log, whichever of the known forms it has."""

from __future__ import annotations

import codecs
import datetime as dt
import gzip
import io
import zlib
from collections.abc import Callable

from heli.flows.mining import moments, table, xes
from heli.flows.mining.log import Log
from heli.flows.mining.table import Columns
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

ZIP = b"PK\x03\x04"
ARCHIVE = Words(
    "这是 Excel 或 ZIP 文件：请另存为 CSV，或先解压", "this is an Excel or ZIP file: save it as CSV, or unpack it first"
)
EMPTY = Words("文件是空的", "the file is empty")


def glance(source: bytes, columns: Columns) -> None:
    """Look at how a file begins, which costs nothing. Raises Invalid for what is no log whatever follows, and for columns that are not
    there."""
    if source[:4] == ZIP:
        raise Invalid(Problem("file", "zip", ARCHIVE))
    begin = beginning(source)
    if not begin.strip():
        raise Invalid(Problem("file", "empty", EMPTY))
    if not is_xml(begin):
        table.glance(begin, columns)


def beginning(source: bytes) -> bytes:
    """The first of it, taken out of its archive where it is one. Raises Invalid."""
    if source[:2] != b"\x1f\x8b":
        return source[: table.SAMPLE]
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(source)) as file:
            return file.read(table.SAMPLE)
    except (OSError, EOFError, zlib.error):
        raise Invalid(Problem("file", "gzip", xes.BAD_GZIP)) from None


def read(
    source: bytes, columns: Columns | None = None, zone: dt.tzinfo = moments.UTC, *, paired: bool = True, cells: int = table.MOST_CELLS,
    told: Callable[[float], None] | None = None,
) -> tuple[Log, Columns | None]:  # fmt: skip
    """XES or CSV, also compressed, told apart by how the file begins; of CSV also what its columns were found to be. ``cells``: how many a
    table may have. ``told``: is told now and then which share has been read.

    Raises Invalid naming each place, TooLarge.
    """
    if source[:4] == ZIP:
        raise Invalid(Problem("file", "zip", ARCHIVE))
    source = xes.unpacked(source)
    if not source.strip():
        raise Invalid(Problem("file", "empty", EMPTY))
    if is_xml(source):
        return xes.read(source, zone, paired=paired, told=told), None
    return table.read(source, columns, zone, paired=paired, cells=cells, told=told)


def is_xml(source: bytes) -> bool:
    """Whether a file begins as XML does."""
    marked = source[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    begin = source[:1024].decode("utf-16", "ignore").encode() if marked else source[:1024]
    return begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
