"""Delimited text (CSV, TSV and their relatives) as a table: RFC 4180 as it is really written.

Lines end in LF, CRLF or CR, also mixed. Quotes are doubled inside quotes. A row that cannot be read is reported with
the line where it begins, and reading goes on; memory stays flat because nothing but the present record is held.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from heli.kernel.words import Words
from heli.records.tables.encoding import SURROGATE, find_encoding
from heli.records.tables.table import BadRow, Limits, Row, Table, TableError, clean_headings, shown

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_SAMPLE = 64 * 1024
_LONG_RECOVERIES = 20

_NUL = ("nul", Words("含有 NUL 字符", "holds a NUL character"))
_UNDECODABLE = ("encoding", Words("有字节不是 {codec} 文字（第 {line} 行）", "bytes on line {line} are not {codec}"))
_TOO_LONG = ("too_long", Words("一行超过 {n} 个字符", "is longer than {n} characters"))
_TOO_LONG_TO = Words("到第 {last} 行为止超过 {n} 个字符", "is longer than {n} characters, up to line {last}")
_BIG_CELL = ("big_cell", Words("第 {at} 格超过 {n} 个字符", "cell {at} is longer than {n} characters"))
_QUOTES = ("quotes", Words("引号不成对，或引号后还有文字", "quotes do not pair, or text follows a closing quote"))
_UNCLOSED = ("unclosed_quote", Words("这里打开的引号没有关闭", "the quote that opens here is never closed"))
_EXTRA = ("too_many_cells", Words("有 {n} 格，标题只有 {limit} 格", "{n} cells under {limit} headings"))
_AFTER_BREAK = (
    "too_few_cells",
    Words("引号出错之后只有 {n} 格，标题有 {limit} 格", "{n} cells under {limit} headings, after a broken quote"),
)


class _Lines:
    """The physical lines of a text, counted, with what is wrong about those of the present record."""

    def __init__(self, stream: io.TextIOBase, codec: str, longest: int) -> None:
        self._stream, self._codec, self._longest = stream, codec, longest
        self._again: deque[str] = deque()
        self._ended = False
        self.number = 0
        self.furthest = 0
        """The last line ever read; at or before it a row has been read once already, in a broken record."""
        self.record: list[str] = []
        self.fault: tuple[str, Words] | None = None

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._again:
            line = self._again.popleft()
        else:
            try:
                line = "" if self._ended else self._stream.readline(self._longest + 1)
            except UnicodeDecodeError:
                # Only the end of a UTF-16 file, inside a character, comes here: every other bad byte is a surrogate.
                self._ended, line = True, "\ud800\n"
            if not line:
                raise StopIteration
        self.number += 1
        self.furthest = max(self.furthest, self.number)
        if len(line) > self._longest:
            self.fault = (_TOO_LONG[0], _TOO_LONG[1].fill(n=self._longest))
            while line and not line.endswith(("\n", "\r")):
                line = self._stream.readline(self._longest)
            line = "\n"
        elif not line.isascii() and SURROGATE.search(line):
            self.fault = (_UNDECODABLE[0], _UNDECODABLE[1].fill(codec=self._codec.upper(), line=self.number))
        if "\0" in line:
            self.fault = _NUL
        self.record.append(line)
        return line

    def begin(self) -> int:
        """Forget the last record; the line where the next one begins."""
        self.record.clear()
        self.fault = None
        return self.number + 1

    def back_to_second(self) -> None:
        """Read again from the second line of the present record."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1

    def length(self) -> int:
        return sum(map(len, self.record))


class DelimitedTable(Table):
    """A delimited text file; ``encoding`` and ``delimiter`` say what was found."""

    def __init__(
        self, path: Path, limits: Limits, *, encoding: str | None = None, delimiter: str | None = None
    ) -> None:
        self._limits = limits
        self._encoding = find_encoding(path, encoding)
        self.encoding = self._encoding.codec
        skip = 0
        sample = self._sample(path)
        if sample[:4].casefold() == "sep=" and sample[4:5] in (*DELIMITERS.values(),) and sample[5:6] in ("\r", "\n"):
            # Spreadsheets write and obey this first line.
            delimiter, skip = delimiter or sample[4], 1
            sample = sample[6:].removeprefix("\n") if sample[5] == "\r" else sample[6:]
        self.delimiter = delimiter or find_delimiter(sample)
        self._skip = skip
        with self._open(path) as (_, lines, records):
            try:
                start = lines.begin()
                cells: list[str] = next(records, [])
                while lines.record and not any(map(str.strip, cells)):
                    start = lines.begin()
                    cells = next(records, [])
            except csv.Error:
                raise TableError(path.name, _QUOTES[0], _QUOTES[1], line=start) from None
            if lines.fault:
                raise TableError(path.name, *lines.fault, line=start)
        headings = clean_headings(path.name, start, cells, limits)
        super().__init__(path, headings, start, path.stat().st_size)

    def rows(self) -> Iterator[Row | BadRow]:
        """See Table; a rejected row is followed by the next that can be read."""
        with self._open(self.path) as (raw, lines, records):
            while lines.number < self.heading_line:
                next(records)
            recoveries = 0
            width, headings = len(self.headings), self.headings
            largest = self._limits.cell_chars
            while True:
                start = lines.begin()
                if not start % 1024:
                    self.done = min(1.0, raw.tell() / max(1, self.size))
                again = start <= lines.furthest
                try:
                    cells = next(records)
                except StopIteration:
                    break
                except csv.Error:
                    bad, long = self._recover(lines, start)
                    recoveries += long
                    yield bad
                    if recoveries > _LONG_RECOVERIES:
                        raise TableError(self.name, *_UNCLOSED, line=start) from None
                    continue
                if len(cells) != width or lines.fault or lines.length() > largest:
                    if not lines.fault and (not cells or (width > 1 and not any(map(str.strip, cells)))):
                        continue
                    if fault := lines.fault or self._misfit(cells, again):
                        yield BadRow(start, *fault, _beginning(lines))
                        continue
                    cells = (cells + [""] * width)[:width]
                elif width > 1 and not any(cells):
                    continue
                yield Row(start, dict(zip(headings, cells, strict=True)))
        self.done = 1.0

    def _misfit(self, cells: list[str], again: bool) -> tuple[str, Words] | None:
        width, largest = len(self.headings), self._limits.cell_chars
        for at, cell in enumerate(cells, start=1):
            if len(cell) > largest:
                return _BIG_CELL[0], _BIG_CELL[1].fill(at=at, n=largest)
        if any(map(str.strip, cells[width:])):
            return _EXTRA[0], _EXTRA[1].fill(n=len(cells), limit=width)
        if again and len(cells) < width:
            # Lines read again after a broken quote may be the inside of a cell: only whole rows are believed.
            return _AFTER_BREAK[0], _AFTER_BREAK[1].fill(n=len(cells), limit=width)
        return None

    def _recover(self, lines: _Lines, start: int) -> tuple[BadRow, bool]:
        """After a record that cannot be parsed: what to report, and whether finding out was long work.

        A cell too big for the parser is read to its closing quote and passed over. Otherwise reading goes on with the
        line after the one where the record began, for an unclosed quote must not swallow the rest of the file.
        """
        if lines.fault and len(lines.record) == 1:
            return BadRow(start, *lines.fault, _beginning(lines)), False
        if lines.length() > min(self._limits.cell_chars, csv.field_size_limit()):
            quotes = sum(line.count('"') for line in lines.record)
            size = lines.length()
            while quotes % 2 and size <= self._limits.row_chars:
                line = next(lines, "")
                if not line:
                    break
                quotes += line.count('"')
                size += len(line)
            if not quotes % 2:
                words = _TOO_LONG[1] if len(lines.record) == 1 else _TOO_LONG_TO
                words = words.fill(n=self._limits.cell_chars, last=lines.number)
                return BadRow(start, _TOO_LONG[0], words, _beginning(lines)), False
        bad = BadRow(start, *(_UNCLOSED if len(lines.record) > 1 else _QUOTES), _beginning(lines))
        long = lines.length() > _SAMPLE
        lines.back_to_second()
        return bad, long

    @contextmanager
    def _open(self, path: Path) -> Iterator[tuple[io.BufferedReader, _Lines, Iterator[list[str]]]]:
        with path.open("rb") as raw:
            raw.seek(self._encoding.mark)
            text = io.TextIOWrapper(raw, encoding=self.encoding, errors=self._encoding.errors, newline="")
            lines = _Lines(text, self.encoding, self._limits.row_chars)
            for _ in range(self._skip):
                next(lines)
            yield raw, lines, csv.reader(lines, delimiter=self.delimiter, strict=True)

    def _sample(self, path: Path) -> str:
        with path.open("rb") as raw:
            raw.seek(self._encoding.mark)
            return codecs.getincrementaldecoder(self.encoding)(self._encoding.errors).decode(raw.read(_SAMPLE))


def find_delimiter(sample: str) -> str:
    """The delimiter under which most rows of a sample have as many cells as the heading; a comma when none does."""
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS.values():
        if delimiter not in sample:
            continue
        widths: list[int] = []
        try:
            for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter):
                if cells:
                    widths.append(len(cells))
        except csv.Error:
            pass  # a sample may end, or break, inside a quote; the rows before it are evidence enough
        if len(sample) >= _SAMPLE // 4 and len(widths) > 1:
            widths.pop()
        if not widths or widths[0] < 2:
            continue
        score = (sum(w == widths[0] for w in widths) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _beginning(lines: _Lines) -> str:
    return shown(lines.record[0].rstrip("\r\n"), 200) if lines.record else ""
