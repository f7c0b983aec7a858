"""Which encoding a text file is in, by evidence of its bytes: a byte order mark, NULs in pairs, UTF-8, GB18030.

The whole file is looked at, because a customer list of a thousand ASCII rows may hold its first Chinese name in the
last one. Bytes that the chosen encoding does not know are not fatal: they are decoded to lone surrogates, and the
reader rejects the rows that hold them.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from heli.kernel.words import Words
from heli.records.tables.table import MIB, TableError

SURROGATE = re.compile("[\ud800-\udfff]")

_BLOCK = MIB
_FOREIGN = re.compile("[^\x00-\x7f\ud800-\udfff]+")
_BAD = re.compile("[\ud800-\udfff]+")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_FEW = 10

NAMES = {
    "utf-8": "utf-8", "utf8": "utf-8", "utf-8-sig": "utf-8",
    "utf-16": "utf-16-le", "utf-16-le": "utf-16-le", "utf-16-be": "utf-16-be",
    "gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030",
    "big5": "big5", "shift_jis": "shift_jis", "windows-1252": "cp1252", "latin-1": "latin-1",
}  # fmt: skip
"""Encodings that a profile may name, and the codec that reads each."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """A codec and the byte order mark to pass over, in bytes."""

    codec: str
    mark: int = 0

    @property
    def errors(self) -> str:
        """The decoder's error handler that turns undecodable bytes into lone surrogates."""
        return "surrogatepass" if self.codec.startswith("utf-16") else "surrogateescape"


def find_encoding(path: Path, named: str | None = None) -> Encoding:
    """The encoding of a file; ``named`` (a key of NAMES) wins over the evidence, but for a byte order mark.

    Raises TableError naming the first undecodable line when no encoding fits.
    """
    with path.open("rb") as stream:
        head = stream.read(_BLOCK)
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        said = Words("UTF-32 编码无法读取，请另存为 UTF-8", "UTF-32 is not read here; save the file as UTF-8")
        raise TableError(path.name, "encoding", said)
    for mark, codec in _BOMS:
        if head.startswith(mark):
            return Encoding(codec, len(mark))
    if named is not None:
        return Encoding(NAMES[named])
    if b"\0" in head and (wide := _wide(head)):
        return Encoding(wide)
    if _valid_utf8(path):
        return Encoding("utf-8")
    return _judge(path)


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: ASCII commas and line ends show as NUL in every second byte."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if even + odd >= len(head) // 5:
        return "utf-16-be" if even > odd else "utf-16-le"
    try:
        head.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return None  # readable text with a stray NUL in it
    best: tuple[float, str] | None = None
    for codec, newline in (("utf-16-le", b"\n\0"), ("utf-16-be", b"\0\n")):
        at = head.find(newline)
        if at < 0:
            continue
        try:
            text = codecs.getincrementaldecoder(codec)().decode(head)
        except UnicodeDecodeError:
            continue
        usual = len(re.findall("[\t\r\n -~\u2010-\u203b\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]", text))
        share = usual / max(1, len(text))
        if share > 0.9 and (best is None or share > best[0]):
            best = (share, codec)
    return best[1] if best else None


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            yield block


def _valid_utf8(path: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in _blocks(path):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class _Count:
    good: int = 0
    common: int = 0
    bad: int = 0
    first_bad: tuple[int, int] | None = None
    """Line and byte of the first undecodable byte."""

    def share_bad(self) -> float:
        return self.bad / max(1, self.good + self.bad)


def _count(path: Path, codec: str) -> _Count:
    """How well a codec reads a file: foreign characters read, those of them in everyday Chinese, runs of bad bytes."""
    count, line = _Count(), 1
    decoder = codecs.getincrementaldecoder(codec)("surrogateescape")
    for block in (*_blocks(path), b""):
        text = decoder.decode(block, final=not block)
        for run in _FOREIGN.findall(text):
            count.good += len(run)
            count.common += len(run.encode("gb2312", "ignore")) // 2
        bad = _BAD.search(text)
        if bad and count.first_bad is None:
            count.first_bad = (line + text.count("\n", 0, bad.start()), ord(bad.group()[0]) & 0xFF)
        count.bad += len(_BAD.findall(text))
        line += text.count("\n")
    return count


def _judge(path: Path) -> Encoding:
    """A file that is not wholly UTF-8: GB18030, UTF-8 with a few broken bytes, or neither."""
    utf8 = _count(path, "utf-8")
    if utf8.good and utf8.share_bad() <= 0.2:
        return Encoding("utf-8")
    chinese = _count(path, "gb18030")
    # Western accents also decode as GB18030, but to rare characters; Chinese text is nearly all within GB 2312.
    if chinese.common >= 0.6 * chinese.good > 0 and chinese.share_bad() <= 0.05:
        return Encoding("gb18030")
    if not utf8.good and utf8.bad <= _FEW:
        return Encoding("utf-8")
    line, byte = utf8.first_bad or (1, 0)
    said = Words(
        "字节 0x{byte:02X} 既不是 UTF-8 也不是 GB18030；请另存为 UTF-8，或在方案里写明 encoding",
        "byte 0x{byte:02X} is neither UTF-8 nor GB18030; save the file as UTF-8 or name its encoding in the profile",
    )
    raise TableError(path.name, "encoding", said.fill(byte=byte), line=line)
