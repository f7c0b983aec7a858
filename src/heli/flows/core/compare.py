"""What differs between two definitions: nodes and lines added, removed and changed, each told in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from heli.flows.core.compiling import BODY, MADE
from heli.flows.core.definition import Assignee, Call, Criterion, Definition, Kind, Node, Part
from heli.flows.core.expression import Expression
from heli.flows.core.people import RULES
from heli.kernel.words import Words

KINDS: Mapping[str, Words] = {
    "start": Words("开始", "Start"), "end": Words("结束", "End"), "terminate": Words("终止", "Terminate"),
    "user": Words("人工节点", "Step"), "service": Words("系统操作", "Service"), "send": Words("抄送", "Copy"),
    "exclusive": Words("条件分支", "Choice"), "parallel": Words("并行分支", "Parallel"),
    "inclusive": Words("可多选的条件分支", "Inclusive choice"), "timer": Words("等待", "Wait"),
    "boundary": Words("边界事件", "Boundary event"), "enter": Words("子流程", "Sub-process"), "call": Words("调用流程", "Call"),
    "message": Words("等待消息", "Wait for a message"), "signal": Words("等待信号", "Wait for a signal"),
    "events": Words("等待先到的事件", "Whichever comes first"), "throw": Words("发出事件", "Throw"), "rule": Words("决策表", "Decision table"),
    "error": Words("错误", "Error"),
}  # fmt: skip
LABELS: Mapping[str, Words] = {
    "name": Words("名称", "Name"), "kind": Words("类型", "Kind"), "default": Words("默认走向", "Default"),
    "assignees": Words("谁来处理", "Who does it"), "candidates": Words("可转给", "May go to"), "mode": Words("多人方式", "Together"),
    "share": Words("通过比例", "Share"), "empty": Words("找不到人时", "Where nobody is found"),
    "self": Words("发起人自己时", "Where it is who began it"), "same": Words("已处理过时", "Where they decided before"),
    "moves": Words("允许的操作", "Moves"), "rejection": Words("退回", "Rejection"), "to": Words("退回到", "Goes to"),
    "siblings": Words("并行的决定", "Decisions beside"), "resubmit": Words("重新提交后", "After the rework"),
    "form": Words("表单", "Form"), "show": Words("可见字段", "Shown"), "edit": Words("可填字段", "Filled in"),
    "require": Words("必填字段", "Required"), "within": Words("时限", "Due within"),
    "remind": Words("提前提醒", "Reminded before"), "escalate": Words("超期告知上级", "Manager told after"),
    "outcome": Words("到期无人处理时", "Where nobody decides in time"), "after": Words("超期多久", "After"),
    "does": Words("执行的操作", "Act"),
    "verb": Words("操作", "Act"), "gives": Words("参数", "Parameters"), "limit": Words("限额", "Limit"),
    "timer": Words("时间", "Time"), "interrupts": Words("打断节点", "Interrupts"), "condition": Words("条件", "Condition"),
    "type": Words("对象", "Records"), "right": Words("发起所需权限", "Right to begin"), "begins": Words("发起时", "On beginning"),
    "rejected": Words("被拒绝时", "When rejected"), "withdrawn": Words("被撤回时", "When withdrawn"),
    "holds": Words("期间不可改", "Held"), "only": Words("只能由流程做", "Done by it alone"), "proposes": Words("可提议的字段", "Fields proposed"),
    "guards": Words("只能由流程改", "Changed by it alone"), "unless": Words("不必再做的条件", "Unless"),
    "task": Words("节点", "Step"), "subject": Words("关于", "About"),
    "hears": Words("等待什么", "Waits for"), "throws": Words("发出什么", "Says"), "call": Words("调用", "Calls"),
    "decision": Words("决策表", "Decision table"),
    "process": Words("流程", "Process"), "record": Words("记录", "Record"), "each": Words("逐个", "For each"),
    "sequential": Words("依次", "One by one"), "as": Words("每一项叫", "Each is called"), "enough": Words("完成条件", "Enough when"),
    "takes": Words("带回", "Takes back"), "key": Words("对象", "Key"), "where": Words("条件", "Where"), "by": Words("字段", "Field"),
    "handoff": Words("交接", "Hand-off"), "source": Words("由谁移交", "Handed over by"), "fields": Words("移交的字段", "Fields handed over"),
    "files": Words("移交的文件", "Files handed over"), "notes": Words("移交的说明", "Notes handed over"),
    "criteria": Words("接收条件", "Criteria"),
    "accountable": Words("负责人 A", "Accountable"), "consulted": Words("征询 C", "Consulted"), "informed": Words("知会 I", "Informed"),
}  # fmt: skip
VALUES: Mapping[str, Words] = {
    "mode.any": Words("或签：一人即可", "any one"), "mode.all": Words("会签：全部同意", "all"),
    "mode.sequence": Words("依次", "one after the other"), "mode.vote": Words("票签", "by vote"), "mode.claim": Words("认领", "claimed"),
    "empty.skip": Words("跳过", "skip"), "empty.manager": Words("交给上级", "to the manager"),
    "empty.administrator": Words("交给流程管理员", "to who looks after processes"), "empty.stop": Words("停下", "stop"),
    "self.allow": Words("允许", "allow"), "self.skip": Words("跳过", "skip"), "self.manager": Words("交给上级", "to the manager"),
    "same.ask": Words("再问一次", "ask again"), "same.dedupe": Words("自动通过", "pass over"),
    "moves.reject": Words("退回", "reject"), "moves.transfer": Words("转办", "transfer"), "moves.delegate": Words("委派", "delegate"),
    "moves.add_signer": Words("加签", "add a signer"), "moves.remove_signer": Words("减签", "remove a signer"),
    "moves.take_back": Words("拿回", "take back"), "to.any": Words("任一走过的节点", "any earlier step"),
    "to.start": Words("第一步", "the first step"), "to.previous": Words("上一步", "the step before"), "to.end": Words("结束", "the end"),
    "siblings.kept": Words("保留", "kept"), "siblings.redone": Words("重做", "done again"),
    "outcome.approve": Words("自动同意", "it is approved by itself"), "outcome.reject": Words("自动退回", "it is rejected by itself"),
    "resubmit.walk": Words("逐步再走", "walks on"), "resubmit.back": Words("直接回到退回者", "goes back to the rejecter"),
}  # fmt: skip
SPANS = ("within", "remind", "escalate", "after")
SPAN = re.compile(r"P(?:(?P<days>\d+)D|T(?P<n>\d+)(?P<unit>[HM]))")
UNITS = {
    "D": Words("{n} 个工作日", "{n} working days"),
    "H": Words("{n} 小时", "{n} hours"),
    "M": Words("{n} 分钟", "{n} minutes"),
}
PLACES = {"id", "incoming", "outgoing", "host", "boundaries", "source", "target", "level", "other"}
"""What says where a node stands, which its lines tell."""
YES, NO, NONE = Words("是", "yes"), Words("否", "no"), Words("（无）", "(none)")
LINE = Words("{a} → {b}", "{a} → {b}")
SET = Words("{what} = {value}", "{what} = {value}")
PART = Words("{part}（必填）", "{part} (required)")
SO = Words("{criterion}（{when}）", "{criterion} ({when})")
ADDED, REMOVED, CHANGED = "added", "removed", "changed"
type Naming = Callable[[str, str], Words | None]
"""What something is called that a definition has by its code: by what it stands in (``show``, ``verb``, ``position``) and that code; None
where it has no name."""


def by_code(where: str, code: str) -> Words | None:
    """Where nothing is known of the company."""
    return None


@dataclass(frozen=True, slots=True)
class Aspect:
    """One property that differs. ``code``: which, as definitions have it."""

    code: str
    name: Words
    before: Words
    after: Words

    def json(self) -> dict[str, Any]:
        return {"code": self.code, "name": self.name.json(), "before": self.before.json(), "after": self.after.json()}


@dataclass(frozen=True, slots=True)
class Difference:
    """One node, one line, or the process itself (``what``), and ``how`` it differs. ``place`` is its id."""

    what: str
    how: str
    place: str
    name: Words
    kind: str = ""
    aspects: tuple[Aspect, ...] = ()

    def json(self) -> dict[str, Any]:
        return {
            "what": self.what, "how": self.how, "place": self.place, "name": self.name.json(), "kind": self.kind,
            "aspects": [one.json() for one in self.aspects],
        }  # fmt: skip


def compare(before: Definition, after: Definition, names: Naming = by_code) -> list[Difference]:
    """From one to the other: the process, then nodes in the order of the later, then lines."""
    found: list[Difference] = []
    whole = [
        *_aspects("name", before.name, after.name, names),
        *_aspects("subject", before.subject, after.subject, names),
    ]
    if whole:
        found.append(Difference("process", CHANGED, after.id, _called(after.name or after.id), "", tuple(whole)))
    old, new = _told_nodes(before), _told_nodes(after)
    for node in new.values():
        was = old.get(node.id)
        if was is None:
            found.append(Difference("node", ADDED, node.element, called(after, node), node.kind))
            continue
        aspects = tuple(_node(before, was, after, node, names))
        if aspects:
            found.append(Difference("node", CHANGED, node.element, called(after, node), node.kind, aspects))
    found += [Difference("node", REMOVED, one.element, called(before, one), one.kind) for one in old.values() if one.id not in new]  # fmt: skip
    return found + list(_lines(before, after))


def _told_nodes(definition: Definition) -> dict[str, Node]:
    """The nodes that the file names, by id. What is done once for each of several is one node, and not what is made of it."""
    found = {}
    for node in definition.nodes:
        if MADE not in node.id:
            body = definition.places.get(node.id + BODY)
            several = body is None and node.kind is Kind.CALL and node.call is not None and not node.call.process
            own = definition.nodes[body] if body is not None else replace(node, kind=Kind.ENTER) if several else node
            found[node.id] = replace(own, id=node.id, call=node.call, outgoing=node.outgoing)
    return found


def _node(before: Definition, was: Node, after: Definition, node: Node, names: Naming) -> Iterator[Aspect]:
    for one in fields(Node):
        if one.name in PLACES:
            continue
        if one.name == "default":
            yield from _aspects("default", _way(before, was), _way(after, node), names)
        elif one.name == "kind":
            if was.kind is not node.kind:
                yield Aspect("kind", LABELS["kind"], KINDS.get(was.kind, _called(was.kind)), KINDS.get(node.kind, _called(node.kind)))  # fmt: skip
        else:
            yield from _aspects(one.name, getattr(was, one.name), getattr(node, one.name), names)


def _way(definition: Definition, node: Node) -> str:
    return "" if node.default is None else _spoken(called(definition, definition.nodes[definition.flows[node.default].target]))  # fmt: skip


def _spoken(words: Words) -> str:
    return words.zh if words.zh == words.en else f"{words.zh} / {words.en}"


def _lines(before: Definition, after: Definition) -> Iterator[Difference]:
    old, new = _ends(before), _ends(after)
    for ends, (id_, condition) in new.items():
        name = LINE.fill(a=_end(after, ends[0]), b=_end(after, ends[1]))
        if ends not in old:
            yield Difference("line", ADDED, id_, name)
        elif old[ends][1] != condition:
            aspect = Aspect("condition", LABELS["condition"], _text(old[ends][1]), _text(condition))
            yield Difference("line", CHANGED, id_, name, "", (aspect,))
    for ends, (id_, _) in old.items():
        if ends not in new:
            yield Difference("line", REMOVED, id_, LINE.fill(a=_end(before, ends[0]), b=_end(before, ends[1])))


def _ends(definition: Definition) -> dict[tuple[str, str, int], tuple[str, str]]:
    """Lines by their ends, those beside each other counted."""
    found: dict[tuple[str, str, int], tuple[str, str]] = {}
    for one in definition.flows:
        if MADE in one.id:
            continue
        ends = definition.nodes[one.source].id, definition.nodes[one.target].id
        number = 0
        while (*ends, number) in found:
            number += 1
        found[*ends, number] = one.id, one.condition.source if one.condition is not None else ""
    return found


def _end(definition: Definition, id_: str) -> Words:
    return called(definition, definition.nodes[definition.places[id_]])


def called(definition: Definition, node: Node) -> Words:
    """A node's name; what it is, where it has none."""
    if node.name:
        return node.words
    kind = KINDS.get(node.kind, _called(node.kind))
    if node.kind in (Kind.EXCLUSIVE, Kind.PARALLEL, Kind.INCLUSIVE) and len(node.outgoing) <= 1:
        return Words(f"{kind.zh}汇合", f"{kind.en} joins")
    return kind


def _called(text: str) -> Words:
    zh, _, en = text.partition(" / ")
    return Words(zh, en or zh)


def _text(text: str) -> Words:
    return Words(text, text) if text else NONE


def _aspects(name: str, before: Any, after: Any, names: Naming) -> Iterator[Aspect]:
    """What differs in a value: of one made of parts, part by part."""
    old, new = _told(name, before, names), _told(name, after, names)
    if old == new and not is_dataclass(before) and not is_dataclass(after):
        return
    parts = before if _parted(before) else after
    if _parted(parts):
        for one in fields(parts):
            if isinstance(parts, Call):
                yield from _called_so(one.name, before, after, names)
                continue
            yield from _aspects(one.name, getattr(before, one.name, None), getattr(after, one.name, None), names)
    elif before != after and old != new:
        yield Aspect(name, LABELS.get(name, _called(name)), old, new)


def _called_so(name: str, before: Call | None, after: Call | None, names: Naming) -> Iterator[Aspect]:
    """What differs in what is called; how each of several is done where there are several."""
    old, new = (getattr(one or Call(), name) for one in (before, after))
    if name == "start" or (name == "name" and old == new):
        return
    yield from _aspects("as" if name == "name" else name, old, new, names)


def _parted(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, (Assignee, Criterion, Expression, Part))


def _told(name: str, value: Any, names: Naming) -> Words:
    """A value in words."""
    if value is None or value in ("", ()) or value == frozenset():
        return NONE
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Assignee):
        return rule(value, names)
    if isinstance(value, Part):
        return PART.fill(part=value.words) if value.required else value.words
    if isinstance(value, Criterion):
        return value.words if not value.when.source else SO.fill(criterion=value.words, when=value.when.source)
    if isinstance(value, Expression):
        return _text(value.source)
    if isinstance(value, Mapping):
        return _joined(
            SET.fill(what=names(name, key) or _text(key), value=_told(name, one, names)) for key, one in value.items()
        )
    if isinstance(value, frozenset):
        return _joined(_told(name, one, names) for one in sorted(value))
    if isinstance(value, tuple):
        return _joined(_told(name, one, names) for one in value)
    if name in SPANS and (length := SPAN.fullmatch(str(value))) is not None:
        unit = UNITS[length["unit"] if length["days"] is None else "D"]
        return unit.fill(n=length["days"] or length["n"])
    if isinstance(value, StrEnum | str):
        known = VALUES.get(f"{name}.{value}") or names(name, str(value))
        return known or (_called(str(value)) if name == "name" else _text(str(value)))
    return _text(str(value)) if isinstance(value, int | Fraction) else _text(_plain(value))


def _plain(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        return " ".join(_plain(getattr(value, one.name)) for one in fields(value))
    return str(value)


def _joined(words: Iterable[Words]) -> Words:
    every = list(words)
    return Words("、".join(one.zh for one in every), ", ".join(one.en for one in every)) if every else NONE


def rule(one: Assignee, names: Naming = by_code) -> Words:
    """A rule that finds people, told with its parameters."""
    known = RULES.get(one.rule)
    given = [names(name, value) or _text(value) for name, value in one.given.items() if value]
    every = [known.words if known is not None else _called(one.rule), *given]
    return Words(" ".join(part.zh for part in every), " ".join(part.en for part in every))
