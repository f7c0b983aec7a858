"""A log as XES (IEEE 1849), read without trust: no document type, no entities, bounded in size, depth and number."""

from __future__ import annotations

import codecs
import datetime as dt
import gzip
import io
import re
import zlib
from collections.abc import Callable, Mapping
from xml.parsers import expat

from heli.flows.mining import lifecycle, moments, table
from heli.flows.mining.log import Log, of_events
from heli.flows.mining.quick import coded
from heli.kernel.errors import Invalid, Problem, TooLarge
from heli.kernel.words import Words

LARGEST = table.LARGEST
DEEPEST = 32
CHUNK = 1 << 20
LONGEST_TAG = 1 << 19
"""Bytes in which at least one tag begins: a parser reads one of many megabytes again and again."""
NAME, TIME, ACTOR, GROUP, KIND = "concept:name", "time:timestamp", "org:resource", "org:group", "lifecycle:transition"

NO_XES = Words("不是 XES 日志：根元素应是 log", "no XES log: its root is not log")
NO_XML = Words("第 {line} 行不是合法的 XML：{why}", "line {line} is no XML: {why}")
HOSTILE = Words("文件含有文档类型或实体声明，不会读取", "the file declares a document type or entities and is not read")
DEEP = Words("元素嵌套超过 {n} 层", "elements are nested more than {n} deep")
NO_NAME = Words("事件没有名称（concept:name）", "an event has no name (concept:name)")
NO_TIME = Words("事件没有时间（time:timestamp）", "an event has no moment (time:timestamp)")
BAD_GZIP = Words("压缩文件已损坏，解不开", "the compressed file is damaged and cannot be unpacked")
ENDLESS = Words("一个标签或一段文字长达 {n} KB 以上", "a tag or a text is longer than {n} KB")
NO_CODEC = Words(
    "文件声明的编码“{name}”不认识，请用 UTF-8 另存",
    "the file declares the encoding “{name}”, which is not known: save it as UTF-8",
)
NOT_IN_CODEC = Words("文件声明编码是 {name}，内容却不是", "the file declares the encoding {name}, and is not in it")
WHY: Mapping[str, str] = {
    "unclosed token": "文件在标签中间断了", "no element found": "文件在元素结束之前断了",
    "mismatched tag": "标签没有成对",
    "not well-formed (invalid token)": "有不允许的字符，或编码不对", "syntax error": "语法错误", "undefined entity": "用了没有声明的实体",
    "junk after document element": "根元素之后还有内容", "duplicate attribute": "属性重复",
    "text declaration not well-formed": "文件头的 XML 声明不对",
    "XML declaration not well-formed": "文件头的 XML 声明不对", "partial character": "文件在字符中间断了", "unclosed CDATA section": "CDATA 没有结束",
}  # fmt: skip
"""What is wrong with XML, in Chinese."""
DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]{0,39})["']""")
CODECS = frozenset(
    {
        "utf-8",
        "utf-16",
        "ascii",
        "iso8859-1",
        "gb2312",
        "gbk",
        "gb18030",
        "big5",
        "cp1252",
        "iso8859-15",
        "shift_jis",
        "euc_kr",
    }
)


class _Reader:
    """What expat calls, element by element."""

    def __init__(self) -> None:
        self.cases: list[str] = []
        self.names: list[str] = []
        self.times: list[str] = []
        self.actors: list[str] = []
        self.groups: list[str] = []
        self.kinds: list[str] = []
        self.depth = 0
        self.traces = 0
        self.trace_from = 0
        self.trace = ""
        self.event: dict[str, str] | None = None

    def start(self, tag: str, given: list[str]) -> None:
        depth = self.depth = self.depth + 1
        if depth == 4:
            event = self.event
            if event is not None and len(given) >= 4:
                if given[0] == "key" and given[2] == "value":
                    event[given[1]] = given[3]
                else:
                    said = dict(zip(given[::2], given[1::2], strict=True))
                    event[said.get("key", "")] = said.get("value", "")
            return
        tag = tag.rpartition(":")[2]
        if depth == 3:
            if tag == "event":
                self.event = {}
            elif tag in ("string", "id", "int"):
                said = dict(zip(given[::2], given[1::2], strict=True))
                if said.get("key") == NAME and self.event is None:
                    self.trace = said.get("value", "")
        elif depth == 2:
            if tag == "trace":
                self.traces += 1
                self.trace = ""
                self.trace_from = len(self.names)
            else:
                self.trace_from = -1
        elif depth == 1 and tag != "log":
            raise Invalid(Problem("file", "xes", NO_XES))
        elif depth > DEEPEST:
            raise Invalid(Problem("file", "depth", DEEP.fill(n=DEEPEST)))

    def end(self, _tag: str) -> None:
        depth = self.depth
        self.depth = depth - 1
        if depth == 3:
            event, self.event = self.event, None
            if event is not None and self.trace_from >= 0:
                self._take(event)
        elif depth == 2 and self.trace_from >= 0:
            name = self.trace or f"#{self.traces}"
            self.cases += [name] * (len(self.names) - self.trace_from)

    def _take(self, event: dict[str, str]) -> None:
        try:
            self.names.append(event[NAME])
            self.times.append(event[TIME])
        except KeyError as error:
            words = NO_NAME if error.args == (NAME,) else NO_TIME
            raise Invalid(Problem(f"event {len(self.names) + (words is NO_NAME)}", "xes", words)) from None
        self.actors.append(event.get(ACTOR, ""))
        self.groups.append(event.get(GROUP, ""))
        self.kinds.append(event.get(KIND, ""))
        if len(self.names) > table.MOST_EVENTS:
            raise TooLarge(table.TOO_MANY.fill(n=table.MOST_EVENTS))


def read(
    source: bytes, zone: dt.tzinfo = moments.UTC, *, paired: bool = True, told: Callable[[float], None] | None = None
) -> Log:
    """The log of an XES file, compressed or not. Raises Invalid naming what is wrong, TooLarge. ``told``: as in ``reading.read``."""
    data = _decoded(unpacked(source))
    for at in range(0, len(data) - LONGEST_TAG, LONGEST_TAG):
        if data.find(b"<", at, at + LONGEST_TAG) < 0:
            raise Invalid(Problem("file", "xml", ENDLESS.fill(n=LONGEST_TAG >> 10)))
    reader = _Reader()
    parser = expat.ParserCreate("utf-8", None)
    parser.ordered_attributes = True
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    refuse = _refusing(HOSTILE)
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        for at in range(0, len(data), CHUNK):
            parser.Parse(data[at : at + CHUNK], False)
            if told is not None:
                told(at / len(data))
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        why = expat.ErrorString(error.code)
        said = NO_XML.fill(line=error.lineno, why=Words(WHY.get(why, why), why))
        raise Invalid(Problem(f"line {error.lineno}", "xml", said)) from None
    if not reader.names:
        raise Invalid(Problem("file", "empty", table.NOTHING))
    return _log(reader, zone, paired)


def _log(reader: _Reader, zone: dt.tzinfo, paired: bool) -> Log:
    cases, names = table.named(coded(reader.cases), "case"), table.named(coded(reader.names), "activity")
    actors = table.named(coded(reader.actors), "actor") if any(reader.actors) else None
    groups = table.named(coded(reader.groups), "group") if any(reader.groups) else None
    done, kinds = table.read_moments(reader.times, zone), coded(reader.kinds)
    if paired and lifecycle.tells(kinds.names):
        return lifecycle.paired(cases, names, done, kinds, actors, groups)
    return of_events(cases, names, done, actors=actors, groups=groups)


def _refusing(words: Words) -> Callable[..., int]:
    def refuse(*_given: object) -> int:
        raise Invalid(Problem("file", "hostile", words))

    return refuse


def _decoded(data: bytes) -> bytes:
    """The file as UTF-8, whatever it declares. Raises Invalid for what is not known, or is not as it declares."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return table.utf8(data)
    found = DECLARED.match(data.removeprefix(codecs.BOM_UTF8)[:1024])
    name = found[1].decode() if found is not None else "utf-8"
    try:
        codec = codecs.lookup(name).name
    except LookupError:
        codec = ""
    if codec not in CODECS:
        raise Invalid(Problem("file", "encoding", NO_CODEC.fill(name=name)))
    if codec in ("utf-8", "ascii"):
        return data  # what is not so is told with its line
    try:
        return data.decode(codec).encode()
    except UnicodeDecodeError:
        raise Invalid(Problem("file", "encoding", NOT_IN_CODEC.fill(name=name))) from None


def unpacked(source: bytes) -> bytes:
    """The file, taken out of its archive where it is one. Raises Invalid, TooLarge."""
    if source[:2] != b"\x1f\x8b":
        data = source
    else:
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(source)) as file:
                data = file.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error):
            raise Invalid(Problem("file", "gzip", BAD_GZIP)) from None
    if len(data) > LARGEST:
        raise TooLarge(Words(f"文件最大 {LARGEST >> 20} MB", f"a file has at most {LARGEST >> 20} MB"))
    return data
