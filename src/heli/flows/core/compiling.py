"""A process of a file, compiled: each element classified, what is executed joined into nodes and flows.

A sub-process becomes two nodes, where work goes in and where it comes out, with what stands in it between them. What is done once for
each of several things becomes a node that calls, and what it calls stands beside the rest with a start of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml import etree

from heli.flows.core.definition import Call, Definition, Flow, Hears, Kind, Node
from heli.flows.core.expression import Expression
from heli.flows.core.hearing import Hearing, text_of
from heli.flows.core.known import SILENT, Classified, known, local, loop
from heli.flows.core.own import BPMN
from heli.kernel.errors import Problem
from heli.kernel.words import Words

MOST_NODES = 2_000
"""Nodes of one process."""
DEEPEST = 20
"""Sub-processes within each other."""
LONGEST_ID = 200
LONGEST_NAME = 1_000
MOST_ABOUT = 2_000
"""Characters of what a process says of itself."""
HOSTS = (Kind.USER, Kind.SERVICE, Kind.SEND, Kind.ENTER, Kind.CALL, Kind.MESSAGE)
"""On what boundary events stand."""
FAILS = (Kind.SERVICE, Kind.ENTER, Kind.CALL)
"""What can fail by an error."""
MADE = ":"
"""Stands in the ids of nodes and flows that no file names."""
START, BODY, END, OUT = f"{MADE}start", f"{MADE}each", f"{MADE}end", f"{MADE}out"


@dataclass(slots=True)
class Raw:
    """A node that is being made: its element (None for one that no file names) and the sub-process that it stands in."""

    element: etree._Element | None
    kind: Kind
    level: str = ""
    name: str = ""


class Compiler(Hearing):
    """Goes through one process: classifies each element, then joins what is executed."""

    def __init__(self, process: etree._Element) -> None:
        root = process.getparent()
        super().__init__(root if root is not None else process)
        self._process = process
        self.elements: list[Classified] = []
        self._nodes: dict[str, Raw] = {}
        self._flows: list[tuple[etree._Element, str]] = []
        self._made: list[tuple[str, str, str]] = []
        """Flows that no file names: id, source, target."""

    @property
    def problems(self) -> list[Problem]:
        return self._problems

    # -- classifying ---------------------------------------------------------------------------------------------------

    def _walk(self, holder: etree._Element, level: str, depth: int) -> None:
        if depth > DEEPEST:
            zh, en = f"子流程嵌套超过 {DEEPEST} 层", f"sub-processes stand more than {DEEPEST} deep in each other"
            self._wrong(level, "too_deep", zh, en)
            return
        for child in holder:
            if self._classify(child, level):
                self._walk(child, child.get("id", ""), depth + 1)

    def _classify(self, element: etree._Element, level: str) -> bool:
        """Note one element; whether it holds others to look at."""
        what = local(element)
        if what is None or what in SILENT:
            return False
        code, name = element.get("id", ""), element.get("name", "")
        if not code:
            self._wrong(what, "no_id", f"有一个 {what} 没有 id", f"a {what} has no id")
            return False
        if len(code) > LONGEST_ID or len(name) > LONGEST_NAME or MADE in code:
            self._wrong(
                code[:80], "too_long", f"id 最多 {LONGEST_ID} 个字符、不含冒号，名称最多 {LONGEST_NAME} 个",
                f"an id has at most {LONGEST_ID} characters and no colon, a name {LONGEST_NAME}",
            )  # fmt: skip
            return False
        if code in self._nodes:
            self._wrong(code, "double", f"id“{code}”用了两次", f"the id {code!r} is used twice")
            return False
        if what == "sequenceFlow":
            self._flows.append((element, level))
            return False
        kind, why = known(element, what)
        if why is None and kind is Kind.START and level:
            why = self._inner_start(code, element)
        self.elements.append(Classified(code, what, name, why is None, why))
        if why is not None or kind is None:
            reason = why or Words("不执行", "not executed")
            self._wrong(code, "not_executed", f"{what} 不执行：{reason.zh}", f"{what} is not executed: {reason.en}")
            return False
        self._note(code, element, kind, level)
        return kind is Kind.ENTER

    def _inner_start(self, code: str, element: etree._Element) -> Words | None:
        if self.hears(code, element, Kind.START) is None and element.find(f"{{{BPMN}}}timerEventDefinition") is None:
            return None
        return Words("子流程里的开始事件不等待任何事", "the start of a sub-process waits for nothing")

    def _note(self, code: str, element: etree._Element, kind: Kind, level: str) -> None:
        """A node; with what no file names and belongs to it."""
        if loop(element) is None:
            self._nodes[code] = Raw(element, kind, level)
            if kind is Kind.ENTER:
                self._nodes[code + OUT] = Raw(None, Kind.LEAVE, code, element.get("name", ""))
            return
        self._nodes[code] = Raw(element, Kind.CALL, level)
        if kind in (Kind.ENTER, Kind.CALL):
            return
        self._nodes[code + START] = Raw(None, Kind.START, code)
        self._nodes[code + BODY] = Raw(element, kind, code)
        self._nodes[code + END] = Raw(None, Kind.END, code)
        self._made += [(f"{code}{MADE}1", code + START, code + BODY), (f"{code}{MADE}2", code + BODY, code + END)]

    # -- joining -------------------------------------------------------------------------------------------------------

    def compiled(self) -> Definition | None:
        """The definition; worth something only where there are no ``problems``."""
        self._walk(self._process, "", 0)
        here = self._process.get("id", "")
        if len(self._nodes) > MOST_NODES:
            n = len(self._nodes)
            zh, en = (
                f"流程有 {n} 个节点，最多 {MOST_NODES} 个",
                f"the process has {n} nodes, at most {MOST_NODES} are executed",
            )
            self._wrong(here, "too_many", zh, en)
            return None
        starts = self._starts(here)
        for code, raw in list(self._nodes.items()):  # what leads into a sub-process and out of it
            if raw.kind is Kind.ENTER:
                inner = [one for one, other in self._nodes.items() if other.level == code]
                self._made += [(f"{one}{MADE}in", code, one) for one in inner if self._nodes[one].kind is Kind.START][
                    :1
                ]
                ends = [one for one in inner if self._nodes[one].kind in (Kind.END, Kind.TERMINATE)]
                self._made += [(f"{one}{OUT}", one, code + OUT) for one in ends]
        root = starts[0] if starts else ""
        if len(starts) > 1:
            root = f"{MADE}start"
            self._nodes[root] = Raw(None, Kind.EXCLUSIVE)
            self._made += [(f"{one}{MADE}begin", root, one) for one in starts]
        places = {code: place for place, code in enumerate(self._nodes)}
        flows = self._joined(places)
        nodes = self._made_nodes(places, flows)
        if not starts:
            return None
        return Definition(
            here, self._process.get("name", ""), tuple(nodes), tuple(flows), places[root], places,
            tuple(places[one] for one in starts), self._subject(self._process),
            text_of(self._process.find(f"{{{BPMN}}}documentation"))[:MOST_ABOUT],
        )  # fmt: skip

    def _starts(self, here: str) -> list[str]:
        """The start events of the process; each level below has exactly one."""
        found: dict[str, list[str]] = {"": []}
        for code, raw in self._nodes.items():
            if raw.kind is Kind.ENTER or (
                raw.kind is Kind.CALL and raw.element is not None and local(raw.element) == "subProcess"
            ):
                found.setdefault(code, [])
            if raw.kind is Kind.START:
                found.setdefault(raw.level, []).append(code)
        for level, some in found.items():
            if level and len(some) != 1:
                self._one_start(level, len(some))
        by_hand = [one for one in found[""] if self._plain(one)]
        if not found[""] or len(by_hand) > 1:
            self._one_start(here, len(by_hand))
        return found[""]

    def _one_start(self, place: str, count: int) -> None:
        self._wrong(
            place, "start", f"应有且只有一个开始事件，这里有 {count} 个", f"there is exactly one start event, not {count}"
        )  # fmt: skip

    def _plain(self, code: str) -> bool:
        """Whether somebody begins here, rather than an event or a timer."""
        element = self._nodes[code].element
        assert element is not None
        return not any(local(one) in ("timerEventDefinition", "messageEventDefinition", "signalEventDefinition") for one in element) and (
            next(self._extensions(element, "on"), None) is None
        )  # fmt: skip

    def _joined(self, places: dict[str, int]) -> list[Flow]:
        flows: list[Flow] = []
        seen = {one.id for one in self.elements}
        for element, level in self._flows:
            code, ends = element.get("id", ""), (element.get("sourceRef", ""), element.get("targetRef", ""))
            loose = [end for end in ends if end not in places and end not in seen]
            for end in loose:
                zh, en = f"连线的一端“{end[:80]}”不存在", f"an end of the flow, {end[:80]!r}, does not exist"
                self._wrong(code, "loose", zh, en)
            if ends[0] not in places or ends[1] not in places:
                continue
            if any(self._nodes[end].level != level for end in ends):
                zh, en = "连线穿过了子流程的边框", "the flow goes through the border of a sub-process"
                self._wrong(code, "crosses", zh, en)
                continue
            source = ends[0] + OUT if self._nodes[ends[0]].kind is Kind.ENTER else ends[0]
            flows.append(Flow(code, places[source], places[ends[1]], self._condition(code, element)))
        flows += [Flow(code, places[source], places[target]) for code, source, target in self._made if target in places]
        return flows

    def _condition(self, code: str, element: etree._Element) -> Expression | None:
        text = text_of(element.find(f"{{{BPMN}}}conditionExpression"))
        return self.expression(code, Words("条件", "condition"), text) if text else None

    def _made_nodes(self, places: dict[str, int], flows: Sequence[Flow]) -> list[Node]:
        incoming: list[list[int]] = [[] for _ in places]
        outgoing: list[list[int]] = [[] for _ in places]
        for number, flow in enumerate(flows):
            outgoing[flow.source].append(number)
            incoming[flow.target].append(number)
        boundaries: dict[int, list[int]] = {}
        hosts: dict[str, int | None] = {}
        for code, raw in self._nodes.items():
            if raw.kind is Kind.BOUNDARY and raw.element is not None:
                hosts[code] = host = self._host(code, raw.element, places)
                if host is not None:
                    boundaries.setdefault(host, []).append(places[code])
        nodes = []
        for code, raw in self._nodes.items():
            place = places[code]
            level = places.get(raw.level, -1) if raw.level else -1
            other = {Kind.ENTER: places.get(code + OUT, -1), Kind.LEAVE: level}.get(raw.kind, -1)
            node = Node(
                code, raw.kind, raw.name, tuple(incoming[place]), tuple(outgoing[place]), host=hosts.get(code),
                boundaries=tuple(boundaries.get(place, ())), level=level, other=other,
            )  # fmt: skip
            nodes.append(self._filled(node, raw, places, flows))
        return nodes

    def _filled(self, node: Node, raw: Raw, places: dict[str, int], flows: Sequence[Flow]) -> Node:
        """A node with all that its element says."""
        element, code, kind = raw.element, node.id, raw.kind
        if element is None:
            owner = self._nodes[raw.level].element if kind is Kind.LEAVE else None
            return (
                node if owner is None else replace(node, default=self._default(raw.level, owner, flows, node.outgoing))
            )
        element_id = element.get("id", "")
        hears = self._hears(element_id, element, kind)
        timed = kind is Kind.TIMER or (
            kind in (Kind.BOUNDARY, Kind.START) and element.find(f"{{{BPMN}}}timerEventDefinition") is not None
        )
        return replace(
            node, name=element.get("name", ""),
            default=None if code != element_id or kind is Kind.ENTER else self._default(code, element, flows, node.outgoing),
            task=self._task(element_id, element) if kind in (Kind.USER, Kind.SEND) else None,
            does=self._does(element_id, element) if kind in (Kind.USER, Kind.SERVICE, Kind.SEND) else None,
            timer=self.timer(element_id, element, starts=kind is Kind.START) if timed else None,
            interrupts=element.get("cancelActivity", "true") != "false" or (hears is not None and hears.kind == "error"), hears=hears,
            throws=self.throws(element_id, element) if kind in (Kind.THROW, Kind.END, Kind.ERROR) else None,
            call=self._called(code, element, places) if kind is Kind.CALL else None,
            decision=self.decision(element_id, element) if kind is Kind.RULE else None,
        )  # fmt: skip

    def _hears(self, code: str, element: etree._Element, kind: Kind) -> Hears | None:
        if kind not in (Kind.START, Kind.MESSAGE, Kind.SIGNAL, Kind.BOUNDARY):
            return None
        return self.hears(code, element, kind)

    def _called(self, code: str, element: etree._Element, places: dict[str, int]) -> Call:
        found = self.call(code, element)
        if local(element) == "callActivity":
            if not found.process:
                self._wrong(code, "call", "没有写明调用哪个流程", "it does not say which process it calls")
            return found
        inner = [one for one, raw in self._nodes.items() if raw.level == code and raw.kind is Kind.START]
        return replace(found, process="", start=places[inner[0]] if inner else -1)

    def _default(self, code: str, element: etree._Element, flows: Sequence[Flow], own: Sequence[int]) -> int | None:
        wanted = element.get("default")
        if wanted is None:
            return None
        for number in own:
            if flows[number].id == wanted:
                return number
        zh, en = f"默认连线“{wanted[:80]}”不从这里出发", f"the default flow {wanted[:80]!r} does not start here"
        self._wrong(code, "default", zh, en)
        return None

    def _host(self, code: str, element: etree._Element, places: dict[str, int]) -> int | None:
        host = element.get("attachedToRef", "")
        raw = self._nodes.get(host)
        if raw is None or raw.kind not in HOSTS:
            self._wrong(code, "host", "边界事件没有附在任务上", "the boundary event stands on no task")
            return None
        if element.find(f"{{{BPMN}}}errorEventDefinition") is not None and raw.kind not in FAILS:
            zh, en = (
                "错误边界事件只能附在服务、子流程或调用上",
                "an error is caught on a service, a sub-process or a call",
            )
            self._wrong(code, "host", zh, en)
            return None
        if raw.level != self._nodes[code].level:
            self._wrong(
                code, "host", "边界事件和任务不在同一层", "the boundary event stands on another level than its task"
            )
            return None
        return places[host]
