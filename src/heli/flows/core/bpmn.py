"""A BPMN 2.0 file: read without trust, every element classified by name, what is executed compiled, the whole kept for the way back.

Our attributes stand in the namespace ``urn:heli:flow``. What belongs to others is never dropped: the file is kept as it
came, and a change of ours is made in its tree.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from heli.flows.core.definition import Definition, Flow, Kind, Node, Timer
from heli.flows.core.duration import duration
from heli.flows.core.expression import Expression, ExpressionError, parse
from heli.flows.core.own import BPMN, Own
from heli.kernel.errors import Invalid, Problem, TooLarge
from heli.kernel.words import Words

LARGEST = 5 * 1024 * 1024
"""Bytes of a file."""
MOST_ELEMENTS = 50_000
MOST_NODES = 2_000
"""Nodes of one process."""
LONGEST_ID = 200
LONGEST_NAME = 1_000
YEARS = range(1900, 9990)
"""Of moments of timers: with room for every time zone."""

EXECUTED: dict[str, Kind] = {
    "startEvent": Kind.START, "endEvent": Kind.END, "userTask": Kind.USER, "manualTask": Kind.USER, "task": Kind.USER,
    "serviceTask": Kind.SERVICE, "sendTask": Kind.SEND, "exclusiveGateway": Kind.EXCLUSIVE, "parallelGateway": Kind.PARALLEL,
    "inclusiveGateway": Kind.INCLUSIVE, "intermediateCatchEvent": Kind.TIMER, "boundaryEvent": Kind.BOUNDARY,
}  # fmt: skip
NOT_YET = Words("这个版本还不执行这种元素", "this version does not execute this element")
NOT_EXECUTED: dict[str, Words] = {
    "subProcess": NOT_YET,
    "callActivity": NOT_YET,
    "receiveTask": NOT_YET,
    "businessRuleTask": NOT_YET,
    "eventBasedGateway": NOT_YET,
    "intermediateThrowEvent": NOT_YET,
    "scriptTask": Words("文件里的脚本不运行：用服务任务代替", "a script in a file is never run: use a service task"),
    "complexGateway": Words("复杂网关的条件没有统一含义", "what a complex gateway waits for has no agreed meaning"),
    "adHocSubProcess": Words(
        "临时子流程没有先后，查不出能否走完", "an ad-hoc sub-process has no order, so whether it ends cannot be checked"
    ),
    "transaction": Words("事务子流程要求补偿，不执行", "a transaction needs compensation, which is not executed"),
}
"""Flow elements that stay in the file and make it impossible to publish; each says why."""
SILENT = {
    "dataObject", "dataObjectReference", "dataStoreReference", "association", "textAnnotation", "group", "laneSet", "documentation",
    "extensionElements", "ioSpecification", "property", "artifact", "category", "dataInputAssociation", "dataOutputAssociation",
    "auditing", "monitoring",
}  # fmt: skip
"""What describes and is kept, and has nothing to execute."""
EVENTS = {
    "timerEventDefinition", "messageEventDefinition", "signalEventDefinition", "errorEventDefinition", "escalationEventDefinition",
    "conditionalEventDefinition", "linkEventDefinition", "compensateEventDefinition", "cancelEventDefinition", "terminateEventDefinition",
}  # fmt: skip
TAKES: dict[str, set[str]] = {
    "startEvent": set(), "endEvent": {"terminateEventDefinition"}, "intermediateCatchEvent": {"timerEventDefinition"},
    "boundaryEvent": {"timerEventDefinition"},
}  # fmt: skip
"""Which triggers of an event are executed; an event that needs one and has none is not."""
NEEDS = {"intermediateCatchEvent", "boundaryEvent"}


@dataclass(frozen=True, slots=True)
class Classified:
    """One element of the process: executed or, with its reason, not."""

    id: str
    element: str
    name: str
    executed: bool
    why: Words | None = None

    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"id": self.id, "element": self.element, "name": self.name, "executed": self.executed}
        return body if self.why is None else body | {"why": self.why.json()}


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
    return _Compiler(source, tree, found[0]).document()


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


def _local(element: etree._Element) -> str | None:
    """The name of an element of BPMN's own; None for comments and what belongs to others."""
    tag = element.tag
    return tag[len(BPMN) + 2 :] if isinstance(tag, str) and tag.startswith(f"{{{BPMN}}}") else None


def _moment(text: str) -> bool:
    """Whether this is a moment that there is, with its time zone."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)", text, re.ASCII) is None:
        return False
    try:
        return dt.datetime.fromisoformat(text).year in YEARS
    except ValueError:
        return False


class _Compiler(Own):
    """Goes through one process: classifies each element, then joins what is executed."""

    def __init__(self, source: bytes, tree: etree._ElementTree, process: etree._Element) -> None:
        super().__init__()
        self._source, self._tree, self._process = source, tree, process
        self._elements: list[Classified] = []
        self._nodes: dict[str, tuple[etree._Element, Kind]] = {}
        self._flows: list[etree._Element] = []

    def document(self) -> Document:
        for child in self._process:
            self._classify(child)
        definition = self._compiled()
        return Document(
            self._source, self._tree, self._process.get("id", ""), self._process.get("name", ""), tuple(self._elements),
            tuple(self._problems), None if self._problems else definition,
        )  # fmt: skip

    def _classify(self, element: etree._Element) -> None:
        what = _local(element)
        if what is None or what in SILENT:
            return
        code, name = element.get("id", ""), element.get("name", "")
        if not code:
            self._wrong(what, "no_id", f"有一个 {what} 没有 id", f"a {what} has no id")
            return
        if len(code) > LONGEST_ID or len(name) > LONGEST_NAME:
            self._wrong(
                code[:80], "too_long", f"id 最多 {LONGEST_ID} 个字符，名称最多 {LONGEST_NAME} 个",
                f"an id has at most {LONGEST_ID} characters, a name {LONGEST_NAME}",
            )  # fmt: skip
            return
        if code in self._nodes:
            self._wrong(code, "double", f"id“{code}”用了两次", f"the id {code!r} is used twice")
            return
        if what == "sequenceFlow":
            self._flows.append(element)
            return
        why = NOT_EXECUTED.get(what)
        kind = EXECUTED.get(what)
        if why is None and kind is None:
            why = Words(f"不认识的元素 {what}", f"an unknown element, {what}")
        if why is None and kind is not None:
            kind, why = self._event(element, what, kind)
        if why is None and kind is Kind.USER and self._loops(element):
            why = Words(
                "用 heli:people 的 mode 表示多人，不用 BPMN 的循环标记",
                "several people are said by the mode of heli:people, not by a loop marker",
            )
        self._elements.append(Classified(code, what, name, why is None, why))
        if why is not None or kind is None:
            reason = why or NOT_YET
            self._wrong(code, "not_executed", f"{what} 不执行：{reason.zh}", f"{what} is not executed: {reason.en}")
            return
        self._nodes[code] = (element, kind)

    @staticmethod
    def _loops(element: etree._Element) -> bool:
        return any(
            _local(one) in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics") for one in element
        )

    def _event(self, element: etree._Element, what: str, kind: Kind) -> tuple[Kind, Words | None]:
        triggers = [name for one in element if (name := _local(one)) in EVENTS]
        taken = TAKES.get(what)
        if taken is None:
            return kind, None
        others = [one for one in triggers if one not in taken]
        if others or len(triggers) > 1:
            named = (others or triggers)[0].removesuffix("EventDefinition")
            return kind, Words(f"这个版本还不执行 {named} 事件", f"this version does not execute {named} events here")
        if not triggers and what in NEEDS:
            return kind, Words("没有说明等待什么", "it does not say what it waits for")
        return (Kind.TERMINATE if "terminateEventDefinition" in triggers else kind), None

    def _compiled(self) -> Definition | None:
        places = {code: place for place, code in enumerate(self._nodes)}
        if len(places) > MOST_NODES:
            self._wrong(
                self._process.get("id", ""),
                "too_many",
                f"流程有 {len(places)} 个节点，最多 {MOST_NODES} 个",
                f"the process has {len(places)} nodes, at most {MOST_NODES} are executed",
            )
            return None
        starts = [code for code, (_, kind) in self._nodes.items() if kind is Kind.START]
        if len(starts) != 1:
            here = self._process.get("id", "")
            self._wrong(
                here,
                "start",
                f"应有且只有一个开始事件，这里有 {len(starts)} 个",
                f"there is exactly one start event, not {len(starts)}",
            )
        flows = self._joined(places)
        incoming: dict[int, list[int]] = {place: [] for place in places.values()}
        outgoing: dict[int, list[int]] = {place: [] for place in places.values()}
        for number, flow in enumerate(flows):
            outgoing[flow.source].append(number)
            incoming[flow.target].append(number)
        hosts = {
            code: self._host(code, element, places)
            for code, (element, kind) in self._nodes.items()
            if kind is Kind.BOUNDARY
        }
        nodes = []
        for code, (element, kind) in self._nodes.items():
            place = places[code]
            node = Node(
                code, kind, element.get("name", ""), tuple(incoming[place]), tuple(outgoing[place]),
                self._default(code, element, flows, outgoing[place]), self._task(code, element) if kind in (Kind.USER, Kind.SEND) else None,
                self._does(code, element) if kind in (Kind.USER, Kind.SERVICE, Kind.SEND) else None,
                self._timer(code, element) if kind in (Kind.TIMER, Kind.BOUNDARY) else None, hosts.get(code),
                element.get("cancelActivity", "true") != "false",
                tuple(places[one] for one, host in hosts.items() if host == place),
            )  # fmt: skip
            nodes.append(node)
        if len(starts) != 1:
            return None
        return Definition(
            self._process.get("id", ""),
            self._process.get("name", ""),
            tuple(nodes),
            tuple(flows),
            places[starts[0]],
            places,
            self._subject(self._process),
        )

    def _joined(self, places: dict[str, int]) -> list[Flow]:
        flows: list[Flow] = []
        known = {one.id for one in self._elements}
        for element in self._flows:
            code, ends = element.get("id", ""), (element.get("sourceRef", ""), element.get("targetRef", ""))
            for end in ends:
                if end not in places and end not in known:
                    self._wrong(
                        code,
                        "loose",
                        f"连线的一端“{end[:80]}”不存在",
                        f"an end of the flow, {end[:80]!r}, does not exist",
                    )
            if ends[0] in places and ends[1] in places:
                flows.append(Flow(code, places[ends[0]], places[ends[1]], self._condition(code, element)))
        return flows

    def _condition(self, code: str, element: etree._Element) -> Expression | None:
        written = element.find(f"{{{BPMN}}}conditionExpression")
        text = "" if written is None else "".join(t for t in written.itertext() if isinstance(t, str)).strip()
        if not text:
            return None
        text = text[2:-1] if text.startswith("${") and text.endswith("}") else text
        try:
            return parse(text)
        except ExpressionError as error:
            zh = f"条件第 {error.at + 1} 个字符：{error.words.zh}"
            self._wrong(code, "condition", zh, f"condition, character {error.at + 1}: {error.words.en}")
            return None

    def _default(self, code: str, element: etree._Element, flows: Sequence[Flow], own: Sequence[int]) -> int | None:
        wanted = element.get("default")
        if wanted is None:
            return None
        for number in own:
            if flows[number].id == wanted:
                return number
        self._wrong(
            code,
            "default",
            f"默认连线“{wanted[:80]}”不从这里出发",
            f"the default flow {wanted[:80]!r} does not start here",
        )
        return None

    def _host(self, code: str, element: etree._Element, places: dict[str, int]) -> int | None:
        host = element.get("attachedToRef", "")
        if host in places and self._nodes[host][1] in (Kind.USER, Kind.SERVICE, Kind.SEND):
            return places[host]
        self._wrong(code, "host", "边界事件没有附在任务上", "the boundary event stands on no task")
        return None

    def _timer(self, code: str, element: etree._Element) -> Timer | None:
        for definition in element.findall(f"{{{BPMN}}}timerEventDefinition"):
            for child in definition:
                what, text = _local(child), "".join(t for t in child.itertext() if isinstance(t, str)).strip()
                if what == "timeDuration" and duration(text) is not None:
                    return Timer("duration", text)
                if what == "timeDate" and _moment(text):
                    return Timer("date", text)
        zh = "定时器应写明时长（如 PT8H、P3D）或带时区的时刻"
        self._wrong(code, "timer", zh, "the timer says a duration (such as PT8H or P3D) or a moment with its time zone")
        return None
