"""A BPMN 2.0 file: read without trust, every element classified by name, what is executed compiled, the whole kept for the way back.

Our attributes stand in the namespace ``urn:heli:flow``. What belongs to others is never dropped: the file is kept as it
came, and a change of ours is made in its tree.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from heli.flows.core.compiling import Compiler
from heli.flows.core.definition import Definition
from heli.flows.core.known import Classified
from heli.flows.core.own import BPMN, quoted
from heli.kernel.errors import Invalid, Problem, TooLarge, one_line
from heli.kernel.words import Words

LARGEST = 5 * 1024 * 1024
"""Bytes of a file."""
MOST_ELEMENTS = 50_000
EXPORT = Words(
    "请选 BPMN 2.0 文件（.bpmn），或在画它的工具里导出为 BPMN 2.0 XML 后再试",
    "choose a BPMN 2.0 file (.bpmn), or export it as BPMN 2.0 XML from where it was drawn",
)
AGAIN = Words(
    "请在画它的工具里重新导出；手工改过的，先改正这一处",
    "export it again from where it was drawn, or mend this place if it was written by hand",
)
NOT_BPMN = Words("这不是 BPMN 2.0 文件：{what}。{then}", "this is no BPMN 2.0 file: {what}; {then}")
ROOT = Words(
    "它最外层的元素是 {root}，而 BPMN 2.0 是 definitions（{namespace}）",
    "its outermost element is {root}, and that of BPMN 2.0 is definitions ({namespace})",
)
KINDS: tuple[tuple[bytes, Words], ...] = (
    (b"PK\x03\x04", Words("它是压缩包或 Office、Visio 文件", "it is a zip archive, or a file of Office or Visio")),
    (b"%PDF", Words("它是 PDF", "it is a PDF")),
    (b"\x89PNG", Words("它是图片", "it is a picture")),
    (b"\xef\xbf\xbdPNG", Words("它是图片", "it is a picture")),  # as a page sends it, which sends text
    (b"\xff\xd8\xff", Words("它是图片", "it is a picture")),
    (b"\xef\xbf\xbd" * 4, Words("它是图片", "it is a picture")),
    (b"GIF8", Words("它是图片", "it is a picture")),
    (b"\xd0\xcf\x11\xe0", Words("它是 Office、Visio 文件", "it is a file of Office or Visio")),
    (b"\xef\xbf\xbd\xef\xbf\xbd\x11\xef\xbf\xbd", Words("它是 Office、Visio 文件", "it is a file of Office or Visio")),
    (b"<!doctype html", Words("它是网页", "it is a web page")),
    (b"<html", Words("它是网页", "it is a web page")),
    (b"{", Words("它是 JSON", "it is JSON")),
    (b"[", Words("它是 JSON", "it is JSON")),
)
"""How files begin that are taken for BPMN by mistake."""
FOREIGN = {
    "svg": Words("它是图片（SVG）", "it is a picture (SVG)"),
    "html": Words("它是网页", "it is a web page"),
    "mxfile": Words("它是 draw.io 的图", "it is a drawing of draw.io"),
    "mxGraphModel": Words("它是 draw.io 的图", "it is a drawing of draw.io"),
    "Package": Words("它是 XPDL 文件", "it is XPDL"),
    "log": Words("它是流程日志（XES），请到「外部日志」导入", "it is a log of a process (XES), which belongs under “Logs of other systems”"),
}  # fmt: skip
"""Outermost elements of other kinds of file, by what these are."""
SPELT: dict[int, Words] = {
    etree.ErrorTypes.ERR_ATTRIBUTE_WITHOUT_VALUE: Words("属性“{what}”没有写值", "the attribute “{what}” has no value"),
    etree.ErrorTypes.ERR_ATTRIBUTE_REDEFINED: Words("属性“{what}”写了两次", "the attribute “{what}” is written twice"),
    etree.ErrorTypes.ERR_ATTRIBUTE_NOT_STARTED: Words("属性的值没有加引号", "the value of an attribute stands in no quotes"),
    etree.ErrorTypes.ERR_ATTRIBUTE_NOT_FINISHED: Words("属性的值少了后一个引号", "the value of an attribute lacks its second quote"),
    etree.ErrorTypes.ERR_LT_IN_ATTRIBUTE: Words("属性的值里有“<”，应写成 &lt;", "the value of an attribute has a “<”, which is written &lt;"),
    etree.ErrorTypes.ERR_NAME_REQUIRED: Words(
        "有单独的“&”或“<”，应写成 &amp; 或 &lt;", "there is a “&” or a “<” by itself, which are written &amp; and &lt;"
    ),
    etree.ErrorTypes.ERR_ENTITYREF_SEMICOL_MISSING: Words("有单独的“&”，应写成 &amp;", "there is a “&” by itself, which is written &amp;"),
    etree.ErrorTypes.ERR_DOCUMENT_END: Words("最外层的元素结束之后还有别的内容", "something stands behind the end of the outermost element"),
    etree.ErrorTypes.ERR_INVALID_CHAR: Words("有看不见的控制字符", "there is a control character, which is not seen"),
    etree.ErrorTypes.ERR_SPACE_REQUIRED: Words("两个属性之间少了空格", "there is no space between two attributes"),
    etree.ErrorTypes.ERR_GT_REQUIRED: Words("标签少了“>”", "a tag has no “>”"),
    etree.ErrorTypes.ERR_HYPHEN_IN_COMMENT: Words("注释里有“--”", "a comment has “--” in it"),
    etree.ErrorTypes.ERR_COMMENT_NOT_FINISHED: Words("注释没有结束", "a comment does not end"),
    etree.ErrorTypes.ERR_CDATA_NOT_FINISHED: Words("CDATA 段没有结束", "a CDATA section does not end"),
    etree.ErrorTypes.ERR_RESERVED_XML_NAME: Words("<?xml …?> 没有写在文件的最前面", "<?xml …?> does not stand at the very beginning"),
    etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE: Words(
        "命名空间前缀“{what}”没有声明（xmlns:{what}）", "the prefix “{what}” of a namespace is not declared (xmlns:{what})"
    ),
}  # fmt: skip
"""What is wrong with the writing of a file, by libxml2's numbers of errors: its own texts are English, and for programmers."""
NAMED = re.compile(r"(?:mandates value for attribute|^Attribute|^Namespace prefix) ([^\s,]+)")
UNSPELT = Words("这里不合 XML 的规则", "what stands here is against the rules of XML")
NO_XML = Words("内容不是 XML", "it is not XML")
EMPTY = Words(
    "文件是空的，请另选一个 BPMN 2.0 文件（.bpmn）", "the file is empty: choose another BPMN 2.0 file (.bpmn)"
)
DOCTYPE = Words(
    "文件声明了 DOCTYPE 或实体。它们可以让读文件的程序去取别的文件，所以一律不读；BPMN 用不着它们：请删去以 <!DOCTYPE 开头的那一段再试",
    "the file declares a DOCTYPE or entities. These can make a reader fetch other files, so none is read, and BPMN needs none: "
    "take out what begins with <!DOCTYPE and try again",
)
ENTITY = Words(
    "用了没有声明的实体“&{what};”。请改成字符本身，空格可写 &#160;，& 写成 &amp;",
    "an entity that is not declared is used, “&{what};”: write the character itself, a space as &#160;, an & as &amp;",
)
TOO_DEEP = Words(
    "元素一层套一层超过 {most} 层，不再往下读；流程图不会这样深。{then}",
    "elements stand more than {most} deep in each other, which no drawing needs: {then}",
)
TOO_LONG = Words(
    "其中一段文字超过 10 MB，不再往下读。请删去嵌在文件里的图片或附件",
    "one text in it is longer than 10 MB: take out pictures or files that are embedded in it",
)
CODING = Words(
    "文件内容和它声明的编码不符，读不出文字。请另存为 UTF-8 再试",
    "the file is not in the encoding that it declares: save it as UTF-8 and try again",
)
NOT_WELL = Words("XML 写法有误（{why}）。{then}", "this is no well-formed XML ({why}): {then}")
MISMATCH = Words(
    "第 {line} 行的 <{opened}> 没有结束，就写了 </{closed}>", "<{opened}> of line {line} has no end before </{closed}>"
)
CUT_SHORT = Words(
    "文件不完整，<{tag}> 还没有结束就没有了：请重新下载或导出",
    "the file is cut short, before <{tag}> has ended: download or export it again",
)
TOO_LARGE = Words(
    "文件有 {size} MB，最多读 {most} MB。流程图一般不到 1 MB：请看看是否选错了文件，或删去嵌在里面的图片和附件",
    "the file has {size} MB, and at most {most} MB are read. A drawing seldom has 1 MB: see whether it is the file you meant, "
    "or take out pictures and files that are embedded in it",
)
TOO_MANY = Words(
    "文件有 {n} 个元素，最多读 {most} 个。请拆成几个文件，用调用活动连起来",
    "the file has {n} elements, and at most {most} are read: divide it into several files, joined by call activities",
)
NO_PROCESS = Words(
    "文件里没有流程（process）。请选画了流程的文件，或在画图的工具里把步骤放进流程再导出",
    "the file holds no process: choose one in which a process is drawn, or put the steps into a process where it was drawn and export it again",
)
NO_SUCH = Words(
    "文件里没有流程“{wanted}”，有：{others}。请从中选一个",
    "the file holds no process {wanted}; there are {others}: take one of these",
)
MOST_LISTED = 10
"""Processes of a file that one sentence names."""
DEEP, ENTITIES, UNDECLARED, ENCODINGS = 256, (28, 29, 60, 89, 114), (26, 27), (31, 32, 81)
"""How deep elements may stand in each other; libxml2's numbers of errors."""


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read. ``definition`` is None when something in ``problems`` keeps it from being executed."""

    source: bytes
    tree: etree._ElementTree
    process: str
    name: str
    elements: Sequence[Classified]
    problems: Sequence[Problem]
    definition: Definition | None

    def write(self) -> bytes:
        """The file as it stands now: byte for byte what came, as long as nothing was changed in its tree."""
        root = self.tree.getroot()
        if etree.tostring(root, method="c14n") == etree.tostring(_tree(self.source).getroot(), method="c14n"):
            return self.source
        written = etree.tostring(self.tree, xml_declaration=True, encoding=self.tree.docinfo.encoding or "UTF-8")
        assert isinstance(written, bytes)
        return written


def read(source: bytes, process: str | None = None) -> Document:
    """Read a file and compile one of its processes (the first, or the one with this id).

    Raises TooLarge beyond 5 MB, Invalid where it is no BPMN 2.0 or hostile XML.
    """
    tree = _tree(source)
    root = tree.getroot()
    if root.tag != f"{{{BPMN}}}definitions":
        raise _unreadable("no_bpmn", NOT_BPMN.fill(what=_foreign(root), then=EXPORT))
    count = sum(1 for _ in root.iter())
    if count > MOST_ELEMENTS:
        raise _unreadable("too_many", TOO_MANY.fill(n=f"{count:,}", most=f"{MOST_ELEMENTS:,}"))
    every = root.findall(f"{{{BPMN}}}process")
    found = [one for one in every if process in (None, one.get("id"))]
    if not found:
        others = [one.get("id", "")[:80] for one in every[:MOST_LISTED]]
        if process is None or not others:
            raise _unreadable("no_process", NO_PROCESS)
        raise _unreadable("no_process", NO_SUCH.fill(wanted=quoted(process[:80]), others=quoted(*others)))
    chosen = found[0]
    compiler = Compiler(chosen)
    definition = compiler.compiled()
    return Document(
        source, tree, chosen.get("id", ""), chosen.get("name", ""), tuple(compiler.elements), tuple(compiler.problems),
        None if compiler.problems else definition,
    )  # fmt: skip


def _foreign(root: etree._Element) -> Words:
    """What a file is whose outermost element is not BPMN's."""
    name = etree.QName(root)
    known = FOREIGN.get(name.localname)
    return known or ROOT.fill(root=name.localname[:60], namespace=BPMN)


def _tree(source: bytes) -> etree._ElementTree:
    if len(source) > LARGEST:
        raise TooLarge(too_large(len(source)))
    if not source.strip():
        raise _unreadable("xml", EMPTY)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_blank_text=False,
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise _not_read(source, error) from error
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None:
        raise _unreadable("doctype", DOCTYPE)
    return tree


def too_large(size: int) -> Words:
    """That a file of so many bytes is not read."""
    return TOO_LARGE.fill(size=f"{size / 1024 / 1024:.1f}", most=LARGEST // 1024 // 1024)


def _not_read(source: bytes, error: etree.XMLSyntaxError | ValueError) -> Invalid:
    """Why a file is no XML that is read, where, and what to do about it."""
    if not isinstance(error, etree.XMLSyntaxError):
        return _unreadable("xml", NOT_WELL.fill(why=one_line(error, 120), then=AGAIN))
    where = f"{error.lineno}:{(error.offset or 0) + 1}"
    said = one_line(error.msg or "", 200)
    code: int = getattr(error, "code", 0)
    if code == etree.ErrorTypes.ERR_DOCUMENT_EMPTY:
        return _unreadable("xml", NOT_BPMN.fill(what=_kind(source) or NO_XML, then=EXPORT))
    if source.lstrip()[:1] == b"<" and (page := _kind(source)) is not None:
        return _unreadable("xml", NOT_BPMN.fill(what=page, then=EXPORT))
    if "depth" in said:
        return _unreadable("xml", TOO_DEEP.fill(most=DEEP, then=AGAIN), where)
    if "too long" in said:
        return _unreadable("xml", TOO_LONG, where)
    if code in ENTITIES:
        return _unreadable("doctype", DOCTYPE)
    if code in UNDECLARED:
        found = re.match(r"Entity '(\S+?)' not defined", said)
        return _unreadable("xml", ENTITY.fill(what=found[1][:60] if found is not None else "…"), where)
    if found := re.match(r"Premature end of data in tag (\S+)", said):
        return _unreadable("xml", CUT_SHORT.fill(tag=found[1][:60]), where)
    if code in ENCODINGS or "encoding" in said.lower():
        return _unreadable("xml", CODING, where)
    name = NAMED.search(said)
    why = SPELT.get(code, UNSPELT).fill(what=name[1][:60] if name is not None else "")
    if found := re.match(r"Opening and ending tag mismatch: (\S+) line (\d+) and (\S+?)(,|$)", said):
        why = MISMATCH.fill(opened=found[1][:60], line=found[2], closed=found[3][:60])
    return _unreadable("xml", NOT_WELL.fill(why=why, then=AGAIN), where)


def _kind(source: bytes) -> Words | None:
    """What a file is that begins like another kind of file."""
    start = source.removeprefix(b"\xef\xbb\xbf").lstrip()[:40].lower()
    return next((words for begins, words in KINDS if start.startswith(begins.lower())), None)


def _unreadable(code: str, words: Words, where: str = "") -> Invalid:
    return Invalid(Problem(where or "file", code, words))
