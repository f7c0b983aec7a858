"""Which elements of BPMN are executed, as what, and why the others are not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lxml import etree

from heli.flows.core.definition import Kind
from heli.flows.core.own import BPMN, HELI
from heli.kernel.words import Words

EXECUTED: dict[str, Kind] = {
    "startEvent": Kind.START, "endEvent": Kind.END, "userTask": Kind.USER, "manualTask": Kind.USER, "task": Kind.USER,
    "serviceTask": Kind.SERVICE, "sendTask": Kind.SEND, "receiveTask": Kind.MESSAGE, "businessRuleTask": Kind.RULE,
    "exclusiveGateway": Kind.EXCLUSIVE, "parallelGateway": Kind.PARALLEL, "inclusiveGateway": Kind.INCLUSIVE,
    "eventBasedGateway": Kind.EVENTS, "intermediateCatchEvent": Kind.TIMER, "intermediateThrowEvent": Kind.THROW,
    "boundaryEvent": Kind.BOUNDARY, "subProcess": Kind.ENTER, "callActivity": Kind.CALL,
}  # fmt: skip
NOT_EXECUTED: dict[str, Words] = {
    "scriptTask": Words(
        "文件里的脚本不运行，请换成系统操作（服务任务）", "a script in a file is never run; use a service task"
    ),
    "complexGateway": Words(
        "复杂网关等什么没有统一的含义，请换成排他、并行或包容网关",
        "what a complex gateway waits for has no agreed meaning; use an exclusive, a parallel or an inclusive gateway",
    ),
    "adHocSubProcess": Words(
        "临时子流程没有先后，查不出能否走完，请换成普通子流程，用连线画出先后",
        "an ad-hoc sub-process has no order, so whether it ends cannot be checked; use a sub-process, with flows that say the order",
    ),
    "transaction": Words(
        "事务子流程要求补偿，请换成普通子流程，用错误边界事件处理失败",
        "a transaction needs compensation, which is not executed; use a sub-process, and an error event on its border for what fails",
    ),
}
"""Flow elements that stay in the file and make it impossible to publish; each says why."""
SILENT = {
    "dataObject", "dataObjectReference", "dataStoreReference", "association", "textAnnotation", "group", "laneSet", "documentation",
    "extensionElements", "ioSpecification", "property", "artifact", "category", "dataInputAssociation", "dataOutputAssociation",
    "auditing", "monitoring", "incoming", "outgoing", "multiInstanceLoopCharacteristics", "standardLoopCharacteristics",
}  # fmt: skip
"""What describes and is kept, and has nothing to execute of its own."""
EVENTS = {
    "timerEventDefinition", "messageEventDefinition", "signalEventDefinition", "errorEventDefinition", "escalationEventDefinition",
    "conditionalEventDefinition", "linkEventDefinition", "compensateEventDefinition", "cancelEventDefinition", "terminateEventDefinition",
}  # fmt: skip
TAKES: dict[str, set[str]] = {
    "startEvent": {"timer", "message", "signal"}, "endEvent": {"terminate", "message", "signal", "error"},
    "intermediateCatchEvent": {"timer", "message", "signal"}, "intermediateThrowEvent": {"message", "signal"},
    "boundaryEvent": {"timer", "message", "signal", "error"},
}  # fmt: skip
"""Which triggers of an event are executed; an event that needs one and has none is not."""
NEEDS = {"intermediateCatchEvent", "boundaryEvent"}
BECOMES = {
    ("endEvent", "terminate"): Kind.TERMINATE, ("endEvent", "error"): Kind.ERROR, ("intermediateCatchEvent", "message"): Kind.MESSAGE,
    ("intermediateCatchEvent", "signal"): Kind.SIGNAL,
}  # fmt: skip
LOOPED = Words(
    "请用 heli:people 的 mode 表示多人，或在多实例里写明 heli:each in（每一项一份）",
    "several people are said otherwise; use the mode of heli:people, or for one of each thing heli:each in within the loop",
)
LOOP = Words("循环标记不执行，请用连线画出循环", "a loop marker is not executed; draw the circle with flows")
EVENT_SUB = Words("事件子流程不执行，请换成边界事件", "an event sub-process is not executed; use a boundary event")
INSTANTIATES = Words(
    "发起流程的事件网关不执行，请画出各个开始事件",
    "an event gateway that begins cases is not executed; draw start events",
)
NO_TABLE = Words(
    "没有决策表，请填写（heli:decision），或换成网关",
    "it holds no decision table; fill one in (heli:decision), or use a gateway",
)
NO_TRIGGER = Words(
    "没有说明等待什么，请选一个消息、信号或时间",
    "it does not say what it waits for; choose a message, a signal or a time",
)
EACH_TASK = (Kind.USER, Kind.SERVICE, Kind.SEND, Kind.ENTER, Kind.CALL)
"""What may be done once for each of several things."""


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


def local(element: etree._Element) -> str | None:
    """The name of an element of BPMN's own; None for comments and what belongs to others."""
    tag = element.tag
    return tag[len(BPMN) + 2 :] if isinstance(tag, str) and tag.startswith(f"{{{BPMN}}}") else None


def trigger(element: etree._Element) -> str:
    """What an event waits for or says: ``timer``, ``message``, …; empty where its element says nothing."""
    found = (name for one in element if (name := local(one)) in EVENTS)
    return next((one.removesuffix("EventDefinition") for one in found if one is not None), "")


def loop(element: etree._Element) -> etree._Element | None:
    """The element that says that it is done once for each of several things."""
    return next((one for one in element if local(one) == "multiInstanceLoopCharacteristics"), None)


def known(element: etree._Element, what: str) -> tuple[Kind | None, Words | None]:
    """As what an element is executed, or why it is not."""
    why = NOT_EXECUTED.get(what)
    kind = EXECUTED.get(what)
    if why is not None:
        return None, why
    if kind is None:
        return None, Words(
            "不认识这种元素，请删去它，或换成会执行的元素",
            "it is not known; take it out, or take an element that is executed",
        )
    return _special(element, what, kind) if what not in TAKES else _event(element, what, kind)


def _special(element: etree._Element, what: str, kind: Kind) -> tuple[Kind, Words | None]:
    if what == "subProcess" and element.get("triggeredByEvent") == "true":
        return kind, EVENT_SUB
    if what == "eventBasedGateway" and element.get("instantiate") == "true":
        return kind, INSTANTIATES
    if what == "businessRuleTask" and next(element.iter(f"{{{HELI}}}decision"), None) is None:
        return kind, NO_TABLE
    if any(local(one) == "standardLoopCharacteristics" for one in element):
        return kind, LOOP
    each = loop(element)
    if each is None:
        return kind, None
    if kind not in EACH_TASK or not _collection(each):
        return kind, LOOPED
    return kind, None


def _collection(each: etree._Element) -> bool:
    return next(each.iter(f"{{{HELI}}}each"), None) is not None or any(local(one) == "loopCardinality" for one in each)


def _event(element: etree._Element, what: str, kind: Kind) -> tuple[Kind, Words | None]:
    triggers = [name.removesuffix("EventDefinition") for one in element if (name := local(one)) in EVENTS and name]
    others = [one for one in triggers if one not in TAKES[what]]
    if others or len(triggers) > 1:
        named = (others or triggers)[0]
        some = "、".join(sorted(TAKES[what])), ", ".join(sorted(TAKES[what]))
        return kind, Words(
            f"这里不执行 {named} 事件，请换成 {some[0]} 之一"
            if others
            else f"一个事件只等一件事，这里有 {len(triggers)} 件，请只留一件",
            f"{named} events are not executed here; take one of {some[1]}"
            if others
            else f"an event waits for one thing, and here are {len(triggers)}; leave one",
        )
    if not triggers and what in NEEDS and next(element.iter(f"{{{HELI}}}on"), None) is None:
        return kind, NO_TRIGGER
    first = triggers[0] if triggers else "message" if what in NEEDS else ""
    return BECOMES.get((what, first), kind), None
