"""A BPMN 2.0 file: read without trust, every element classified by name, what is executed compiled, the whole kept for the way back.

Our attributes stand in the namespace ``urn:heli:flow``. What belongs to others is never dropped: the file is kept as it
came, and a change of ours is made in its tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from heli.flows.core.compiling import Compiler
from heli.flows.core.definition import Definition
from heli.flows.core.known import Classified
from heli.flows.core.own import BPMN
from heli.kernel.errors import Invalid, Problem, TooLarge
from heli.kernel.words import Words

LARGEST = 5 * 1024 * 1024
"""Bytes of a file."""
MOST_ELEMENTS = 50_000


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
        raise _unreadable(
            "no_bpmn",
            Words("不是 BPMN 2.0 文件：根元素应是 definitions", "no BPMN 2.0 file: its root is not definitions"),
        )
    count = sum(1 for _ in root.iter())
    if count > MOST_ELEMENTS:
        raise _unreadable(
            "too_many",
            Words(
                f"文件有 {count} 个元素，最多 {MOST_ELEMENTS} 个",
                f"the file has {count} elements, at most {MOST_ELEMENTS} are read",
            ),
        )
    found = [one for one in root.findall(f"{{{BPMN}}}process") if process in (None, one.get("id"))]
    if not found:
        said = Words("文件里没有流程", "the file holds no process") if process is None else Words(
            f"文件里没有流程“{process[:80]}”", f"the file holds no process {process[:80]!r}"
        )  # fmt: skip
        raise _unreadable("no_process", said)
    chosen = found[0]
    compiler = Compiler(chosen)
    definition = compiler.compiled()
    return Document(
        source, tree, chosen.get("id", ""), chosen.get("name", ""), tuple(compiler.elements), tuple(compiler.problems),
        None if compiler.problems else definition,
    )  # fmt: skip


def _tree(source: bytes) -> etree._ElementTree:
    if len(source) > LARGEST:
        size = Words(
            f"文件有 {len(source):,} 字节，最多 {LARGEST:,} 字节",
            f"the file has {len(source):,} bytes, at most {LARGEST:,} are read",
        )
        raise TooLarge(size)
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
        where = f"{error.lineno}:{error.offset}" if isinstance(error, etree.XMLSyntaxError) else ""
        raise _unreadable("xml", Words("不是完好的 XML", "no well-formed XML"), where) from error
    tree = root.getroottree()
    if tree.docinfo.internalDTD is not None:
        raise _unreadable(
            "doctype", Words("文件不得声明 DOCTYPE 或实体", "the file may declare no DOCTYPE and no entities")
        )
    return tree


def _unreadable(code: str, words: Words, where: str = "") -> Invalid:
    return Invalid(Problem(where or "file", code, words))
