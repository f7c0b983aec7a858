"""A process of a file, compiled: each element classified, what is executed joined into nodes and flows.

A sub-process becomes two nodes, where work goes in and where it comes out, with what stands in it between them. What is done once for
each of several things becomes a node that calls, and what it calls stands beside the rest with a start of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from lxml import etree

from heli.flows.core.definition import Call, Definition, Flow, Hears, Kind, Node, named
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


TAKE_OUT = Words("请删去它，或换成会执行的元素", "take it out, or take an element that is executed")
INNER_START = Words(
    "子流程里的开始事件不等待任何事：请换成普通的开始，要等待的放在它之后",
    "the start of a sub-process waits for nothing: make it a plain start, and wait behind it",
)
HERE, ON_THE_WAY = (
    Words("“{node}”：", "“{node}”: "),
    Words("从“{source}”到“{target}”的连线：", "the flow from “{source}” to “{target}”: "),
)


class Compiler(Hearing):
    """Goes through one process: classifies each element, then joins what is executed."""

    def __init__(self, process: etree._Element) -> None:
        root = process.getparent()
        super().__init__(root if root is not None else process)
        self._process = process
        self._told = _told(process)
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
            zh = f"子流程一层套一层超过 {DEEPEST} 层：请把里面的几层改成调用活动"
            en = f"sub-processes stand more than {DEEPEST} deep in each other: make call activities of the inner ones"
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
            line = element.sourceline
            zh, en = (
                f"第 {line} 行的 {what} 没有 id：请给它一个 id",
                f"the {what} of line {line} has no id: give it one",
            )
            self._wrong(what, "no_id", zh, en)
            return False
        if len(code) > LONGEST_ID or len(name) > LONGEST_NAME or MADE in code:
            self._wrong(
                code[:80], "too_long", f"id 或名称太长，或 id 里有冒号：请改短（id 最多 {LONGEST_ID} 个字符、不含冒号，名称最多 {LONGEST_NAME} 个）",
                f"its id or name is too long, or the id has a colon: shorten it (an id has at most {LONGEST_ID} characters and no colon, "
                f"a name {LONGEST_NAME})",
            )  # fmt: skip
            return False
        if code in self._nodes:
            zh, en = (
                f"id“{code}”用了两次：请给其中一个换一个 id",
                f"the id “{code}” is used twice: give one of them another",
            )
            self._wrong(code, "double", zh, en)
            return False
        if what == "sequenceFlow":
            self._flows.append((element, level))
            return False
        kind, why = known(element, what)
        if why is None and kind is Kind.START and level:
            why = self._inner_start(code, element)
        self.elements.append(Classified(code, what, name, why is None, why))
        if why is not None or kind is None:
            reason = why or TAKE_OUT
            self._wrong(code, "not_executed", f"{what} 不执行：{reason.zh}", f"{what} is not executed: {reason.en}")
            return False
        self._note(code, element, kind, level)
        return kind is Kind.ENTER

    def _inner_start(self, code: str, element: etree._Element) -> Words | None:
        if self.hears(code, element, Kind.START) is None and element.find(f"{{{BPMN}}}timerEventDefinition") is None:
            return None
        return INNER_START

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
                f"流程有 {n:,} 个节点，最多 {MOST_NODES:,} 个：请拆成几个流程，用调用活动连起来",
                f"the process has {n:,} nodes, and at most {MOST_NODES:,} are executed: divide it into several, joined by call activities",
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
        zh = f"要有一个由人发起的开始事件，这里有 {count} 个：" + (
            "请只留一个" if count else "请加一个，用连线接到第一步"
        )
        en = f"there is one start event that waits for nothing, not {count}: " + (
            "leave one" if count else "add one, with a flow to the first step"
        )
        self._wrong(place, "start", zh, en)

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
                zh = f"连线的一端“{end[:80]}”不存在：请把它接到一个步骤上，或删掉这条连线"
                en = f"an end of the flow, “{end[:80]}”, does not exist: lead it to a step, or take the flow out"
                self._wrong(code, "loose", zh, en)
            if ends[0] not in places or ends[1] not in places:
                continue
            if any(self._nodes[end].level != level for end in ends):
                zh = "连线穿过了子流程的边框：请让它在同一层里，进出子流程的连线接到子流程本身"
                en = "the flow goes through the border of a sub-process: keep it on one side, and lead flows in and out to the sub-process itself"
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
                zh, en = "没有写明调用哪个流程：请选一个", "it does not say which process it calls: choose one"
                self._wrong(code, "call", zh, en)
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
        zh = f"默认连线“{wanted[:80]}”不从这里出发：请从它自己的连线里选一条作默认"
        en = f"the default flow “{wanted[:80]}” does not start here: choose one of its own flows as the default"
        self._wrong(code, "default", zh, en)
        return None

    def _host(self, code: str, element: etree._Element, places: dict[str, int]) -> int | None:
        host = element.get("attachedToRef", "")
        raw = self._nodes.get(host)
        if raw is None or raw.kind not in HOSTS:
            zh = "边界事件没有附在步骤上：请把它放到一个步骤、子流程或调用的边上"
            en = "the boundary event stands on no step: put it on the border of a step, a sub-process or a call"
            self._wrong(code, "host", zh, en)
            return None
        if element.find(f"{{{BPMN}}}errorEventDefinition") is not None and raw.kind not in FAILS:
            zh, en = (
                "错误只能由附在系统操作、子流程或调用上的事件接住：请把它移过去，或换成定时器",
                "an error is caught on a service, a sub-process or a call: move it there, or make it a timer",
            )
            self._wrong(code, "host", zh, en)
            return None
        if raw.level != self._nodes[code].level:
            self._wrong(
                code,
                "host",
                "边界事件和它的步骤不在同一层：请把它们放进同一个子流程",
                "the boundary event stands on another level than its step: put both into the same sub-process",
            )
            return None
        return places[host]


def _told(process: etree._Element) -> dict[str, Words]:
    """What stands before what is wrong with each element: what it is called, and of a flow what it joins."""
    each = [one for one in process.iter(f"{{{BPMN}}}*") if one.get("id")]
    names = {one.get("id", ""): named((one.get("name") or one.get("id") or "")[:LONGEST_NAME]) for one in each}
    found: dict[str, Words] = {code: HERE.fill(node=name) for code, name in names.items()}
    for one in each:
        ends = one.get("sourceRef", ""), one.get("targetRef", "")
        if local(one) == "sequenceFlow":
            source, target = (names.get(end, Words(end[:80], end[:80])) for end in ends)
            found[one.get("id", "")] = ON_THE_WAY.fill(source=source, target=target)
    return found
