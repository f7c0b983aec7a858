"""What differs between two definitions: nodes and lines added, removed and changed, each told in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from typing import Any

from heli.flows.core.compiling import BODY, MADE
from heli.flows.core.decision import INPUT, Decision, Row
from heli.flows.core.definition import (
    Assignee,
    Call,
    Criterion,
    Definition,
    Does,
    Hears,
    Kind,
    Node,
    Part,
    Throws,
    Timer,
)
from heli.flows.core.expression import Expression
from heli.flows.core.lexicon import CODES, Lexicon, joined, lasting, literal, repeated, spelled
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
    "require": Words("必填字段", "Required"), "lasts": Words("可看多久", "Shown for"), "within": Words("时限", "Due within"),
    "remind": Words("提前提醒", "Reminded before"), "escalate": Words("超期告知上级", "Manager told after"),
    "outcome": Words("到期无人处理时", "Where nobody decides in time"), "after": Words("超期多久", "After"),
    "does": Words("执行的操作", "Act"),
    "verb": Words("操作", "Act"), "gives": Words("参数", "Parameters"), "limit": Words("限额", "Limit"),
    "timer": Words("时间", "Time"), "interrupts": Words("打断节点", "Interrupts"), "condition": Words("条件", "Condition"),
    "type": Words("对象", "Records"), "right": Words("发起所需权限", "Right to begin"), "begins": Words("发起时", "On beginning"),
    "rejected": Words("被拒绝时", "When rejected"), "withdrawn": Words("被撤回时", "When withdrawn"),
    "holds": Words("期间不可改", "Held"), "only": Words("只能由流程做", "Done by it alone"), "proposes": Words("可提议的字段", "Fields proposed"),
    "guards": Words("只能由流程改", "Changed by it alone"), "unless": Words("不必再做的条件", "Unless"),
    "when": Words("什么时候可以发起", "Begun only when"), "about": Words("说明", "What it is for"),
    "task": Words("节点", "Step"), "subject": Words("关于", "About"),
    "hit": Words("几行成立时", "Where several hold"), "inputs": Words("看什么", "Looks at"), "outputs": Words("得出", "Fills in"),
    "rows": Words("规则", "Rules"), "initiator": Words("算谁发起", "Counts as begun by"),
    "hears": Words("等待什么", "Waits for"), "throws": Words("发出什么", "Says"), "call": Words("调用", "Calls"),
    "decision": Words("决策表", "Decision table"),
    "process": Words("流程", "Process"), "record": Words("记录", "Record"), "each": Words("逐个", "For each"),
    "sequential": Words("依次", "One by one"), "as": Words("每一项叫", "Each is called"), "enough": Words("完成条件", "Enough when"),
    "takes": Words("带回", "Takes back"), "key": Words("对象", "Key"), "where": Words("条件", "Where"), "by": Words("字段", "Field"),
    "handoff": Words("交接", "Hand-off"), "source": Words("由谁移交", "Handed over by"), "fields": Words("移交的字段", "Fields handed over"),
    "files": Words("移交的文件", "Files handed over"), "notes": Words("移交的说明", "Notes handed over"),
    "criteria": Words("接收条件", "Criteria"), "joins": Words("同意后加入项目为", "Approving joins the project as"),
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
SPANS = ("within", "remind", "escalate", "after", "lasts")
FIELDS = ("show", "edit", "require", "holds", "proposes", "guards", "fields", "by", "initiator")
"""Properties whose codes are fields of the record."""
ACTS = ("verb", "right", "begins", "rejected", "withdrawn", "only")
RULE_OF: Mapping[str, Words] = {
    "initiator": Words("发起人", "who began it"), "previous": Words("上一步的人", "who did the step before"),
    "owner": Words("记录负责人", "who owns the record"),
}  # fmt: skip
LEVELS = Words("往上第 {n} 级", "{n} levels up")
HITS: Mapping[str, Words] = {
    "U": Words("只有一行成立", "one rule holds"), "F": Words("取第一行", "the first that holds"), "A": Words("各行一致", "all say the same"),
    "C": Words("全部收集", "all are collected"),
}  # fmt: skip
CREATES = Words("新建「{type}」", "create {type}")
THEN, ANYWAY = Words("{when} → {then}", "{when} → {then}"), Words("任何情况", "in any case")
IN_TIME, ON_DAY = Words("{span}后", "after {span}"), Words("到 {day}", "on {day}")
PLACES = {"id", "incoming", "outgoing", "host", "boundaries", "source", "target", "level", "other"}
"""What says where a node stands, which its lines tell."""
YES, NO, NONE = Words("是", "yes"), Words("否", "no"), Words("（无）", "(none)")
LINE = Words("{a} → {b}", "{a} → {b}")
PART = Words("{part}（必填）", "{part} (required)")
SO = Words("{criterion}（{when}）", "{criterion} ({when})")
ADDED, REMOVED, CHANGED = "added", "removed", "changed"


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


def compare(before: Definition, after: Definition, lexicon: Lexicon = CODES) -> list[Difference]:
    """From one to the other: the process, then nodes in the order of the later, then lines; codes in words where the reader of this
    lexicon may know them."""
    found: list[Difference] = []
    both = _Both(Teller(before, lexicon), Teller(after, lexicon))
    whole = [
        *both.aspects("name", before.name, after.name),
        *both.aspects("about", before.about, after.about),
        *both.aspects("subject", before.subject, after.subject),
    ]
    if whole:
        found.append(Difference("process", CHANGED, after.id, _called(after.name or after.id), "", tuple(whole)))
    old, new = _told_nodes(before), _told_nodes(after)
    for node in new.values():
        was = old.get(node.id)
        if was is None:
            found.append(Difference("node", ADDED, node.element, called(after, node), node.kind))
            continue
        aspects = tuple(both.node(was, node))
        if aspects:
            found.append(Difference("node", CHANGED, node.element, called(after, node), node.kind, aspects))
    found += [Difference("node", REMOVED, one.element, called(before, one), one.kind) for one in old.values() if one.id not in new]  # fmt: skip
    return found + list(both.lines())


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


def _way(definition: Definition, node: Node) -> str:
    return "" if node.default is None else _spoken(called(definition, definition.nodes[definition.flows[node.default].target]))  # fmt: skip


def _spoken(words: Words) -> str:
    return words.zh if words.zh == words.en else f"{words.zh} / {words.en}"


def _ends(definition: Definition) -> dict[tuple[str, str, int], tuple[str, Expression | None]]:
    """Lines by their ends, those beside each other counted."""
    found: dict[tuple[str, str, int], tuple[str, Expression | None]] = {}
    for one in definition.flows:
        if MADE in one.id:
            continue
        ends = definition.nodes[one.source].id, definition.nodes[one.target].id
        number = 0
        while (*ends, number) in found:
            number += 1
        found[*ends, number] = one.id, one.condition
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


class _Both:
    """Two definitions beside each other."""

    def __init__(self, before: Teller, after: Teller) -> None:
        self._before, self._after = before, after

    def node(self, was: Node, node: Node) -> Iterator[Aspect]:
        for one in fields(Node):
            if one.name in PLACES:
                continue
            if one.name == "default":
                old, new = _way(self._before.definition, was), _way(self._after.definition, node)
                yield from self.aspects("default", old, new)
            elif one.name == "kind":
                if was.kind is not node.kind:
                    kinds = [KINDS.get(kind, _called(kind)) for kind in (was.kind, node.kind)]
                    yield Aspect("kind", LABELS["kind"], *kinds)
            else:
                yield from self.aspects(one.name, getattr(was, one.name), getattr(node, one.name))

    def lines(self) -> Iterator[Difference]:
        before, after = self._before.definition, self._after.definition
        old, new = _ends(before), _ends(after)
        for ends, (id_, condition) in new.items():
            name = LINE.fill(a=_end(after, ends[0]), b=_end(after, ends[1]))
            if ends not in old:
                yield Difference("line", ADDED, id_, name)
            elif _source(old[ends][1]) != _source(condition):
                yield Difference(
                    "line", CHANGED, id_, name, "", tuple(self.aspects("condition", old[ends][1], condition))
                )
        for ends, (id_, _) in old.items():
            if ends not in new:
                yield Difference("line", REMOVED, id_, LINE.fill(a=_end(before, ends[0]), b=_end(before, ends[1])))

    def aspects(self, name: str, before: Any, after: Any, held: tuple[Any, Any] = (None, None)) -> Iterator[Aspect]:
        """What differs in a value: of one made of parts, part by part. ``held``: what it is a part of."""
        raw = [RAW.told(name, one, holder) for one, holder in zip((before, after), held, strict=True)]
        parts = before if _parted(before) else after
        if _parted(parts):
            for one in fields(parts):
                if isinstance(parts, Call):
                    yield from self._called_so(one.name, before, after)
                    continue
                values = [getattr(each, one.name, None) for each in (before, after)]
                yield from self.aspects(one.name, values[0], values[1], (before, after))
        elif before != after and raw[0] != raw[1]:
            old, new = self._before.told(name, before, held[0]), self._after.told(name, after, held[1])
            if old.zh == new.zh or old.en == new.en:  # two that are called the same are told apart by their codes
                old, new = raw
            yield Aspect(name, LABELS.get(name, _called(name)), old, new)

    def _called_so(self, name: str, before: Call | None, after: Call | None) -> Iterator[Aspect]:
        """What differs in what is called; how each of several is done where there are several."""
        old, new = (getattr(one or Call(), name) for one in (before, after))
        if name == "start" or (name == "name" and old == new):
            return
        yield from self.aspects("as" if name == "name" else name, old, new, (before or Call(), after or Call()))


def _source(condition: Expression | None) -> str:
    return condition.source if condition is not None else ""


def _parted(value: Any) -> bool:
    whole = (Assignee, Criterion, Expression, Part, Timer, Row)
    return is_dataclass(value) and not isinstance(value, whole)


class Teller:
    """Tells the values of a definition with a lexicon."""

    def __init__(self, definition: Definition | None, lexicon: Lexicon) -> None:
        self.definition = definition if definition is not None else BARE
        self._lexicon = lexicon
        self._raw = definition is None
        self._type = self.definition.subject.type if self.definition.subject is not None else ""

    def told(self, name: str, value: Any, holder: Any = None) -> Words:
        """A value in words. ``holder``: what it is a part of."""
        if value is None or value in ("", (), {}) or value == frozenset():
            return NONE
        if isinstance(value, bool):
            return YES if value else NO
        if isinstance(value, Mapping):
            return joined(self._given(holder, key, self.told(name, one, holder)) for key, one in value.items())
        if isinstance(value, frozenset):
            return joined(self.told(name, one, holder) for one in sorted(value))
        if isinstance(value, tuple):
            between = Words("；", "; ") if name == "rows" else Words("、", ", ")
            return joined((self.told(name, one, holder) for one in value), between)
        return self._whole(value, holder) if is_dataclass(value) else self._single(name, value, holder)

    def _whole(self, value: Any, holder: Any) -> Words:
        if isinstance(value, Assignee):
            return self.rule(value)
        if isinstance(value, Part):
            return PART.fill(part=value.words) if value.required else value.words
        if isinstance(value, Criterion):
            return (
                value.words if not value.when.source else SO.fill(criterion=value.words, when=self.spelled(value.when))
            )
        if isinstance(value, Expression):
            return self.spelled(value)
        if isinstance(value, Timer):
            return self._timer(value)
        if isinstance(value, Row) and isinstance(holder, Decision):
            return self._row(value, holder)
        return _text(_plain(value))

    def _single(self, name: str, value: Any, holder: Any) -> Words:
        text = str(value)
        if self._raw:
            return _text(text)
        said = self._named(name, text, holder)
        if said is None and name in SPANS:
            said = lasting(text, working=name != "lasts")
        if said is None:
            said = VALUES.get(f"{name}.{text}", _called(text) if name in ("name", "about") else None)
        return said or _text(text)

    def _named(self, name: str, code: str, holder: Any) -> Words | None:
        """What a code is called by what it is a part of; None where it is no code, or not known."""
        call = self._lexicon.call
        node = self.definition.places.get(code)
        match name:
            case "source" | "to" if node is not None:
                return called(self.definition, self.definition.nodes[node])
            case "name" | "key" if isinstance(holder, Hears | Throws):
                return call("event", code, "")
            case "kind" if isinstance(holder, Hears | Throws):
                return EVENTS.get(code)
            case "by" if isinstance(holder, Hears):
                return call("field", code, holder.name.partition(".")[0])
            case "type":
                return call("type", code, "")
            case "process":
                return call("process", code, "")
            case "hit":
                return HITS.get(code)
            case "joins":
                return call("project_role", code, "")
            case "limit":
                return literal(Decimal(code))
        if name in ACTS:
            return call("act", code, self._type)
        return call("field", code, self._type) if name in FIELDS else None

    def _given(self, holder: Any, key: str, value: Words) -> Words:
        """A parameter: a field or a parameter of an act, a value that a case is handed by its name."""
        name: Words | None = None
        if isinstance(holder, Does):
            name = self.given(holder, key)
        name = name or Words(key, key)
        return Words(f"{name.zh} = {value.zh}", f"{name.en} = {value.en}")

    def given(self, does: Does, key: str) -> Words | None:
        """What a parameter of an act is called."""
        made = does.type or self._type
        return self._lexicon.call("param", key, f"{self._type}.{does.verb}") or self._lexicon.call("field", key, made)

    def spelled(self, one: Expression, column: Words | None = None) -> Words:
        """An expression in words; as it is written where nothing is known."""
        return _text(one.source) if self._raw else spelled(one, self._lexicon, self._type, column)

    def _timer(self, one: Timer) -> Words:
        if self._raw:
            return _text(_plain(one))
        if one.value is not None:
            when = self.spelled(one.value)
            return (
                ON_DAY.fill(day=when)
                if one.kind == "date"
                else IN_TIME.fill(span=when)
                if one.kind == "duration"
                else when
            )
        if one.kind == "date":
            return ON_DAY.fill(day=one.text)
        span = lasting(one.text, working=False)
        return IN_TIME.fill(span=span) if span is not None else repeated(one.text) or _text(one.text)

    def _row(self, row: Row, table: Decision) -> Words:
        tests: list[Words] = []
        for test, looks in zip(row.when, table.inputs, strict=False):
            if test is not None:
                column = self.spelled(looks)
                said = self.spelled(test, column)
                named = Words(f"{column.zh}：{said.zh}", f"{column.en}: {said.en}")
                tests.append(said if INPUT in test.names else named)
        then = joined(
            Words(f"{name} = {self.spelled(one).zh}", f"{name} = {self.spelled(one).en}")
            for name, one in zip(table.outputs, row.then, strict=False)
        )
        return THEN.fill(when=joined(tests, Words(" 且 ", " and ")) if tests else ANYWAY, then=then)

    def rule(self, one: Assignee) -> Words:
        """A rule that finds people, told with its parameters."""
        known = RULES.get(one.rule)
        words = known.words if known is not None else _called(one.rule)
        given = joined(
            (self._parameter(one, name, value) for name, value in one.given.items() if value), Words("，", ", ")
        )
        if not given.zh:
            return words
        return Words(f"{words.zh}（{given.zh}）", f"{words.en} ({given.en})")

    def _parameter(self, rule: Assignee, name: str, code: str) -> Words:
        call, found = self._lexicon.call, None
        if self._raw:
            return Words(code, code)
        if name == "of":
            found = RULE_OF.get(code)
        elif name == "levels":
            found = LEVELS.fill(n=code)
        elif name == "role":
            found = call("project_role" if rule.rule == "project" else "role", code, "")
        elif name == "field":
            found = self._lexicon.path(self._type, code)
        elif name in ("position", "department", "person"):
            found = call(name, code, "")
        return found or Words(code, code)


EVENTS: Mapping[str, Words] = {
    "message": Words("消息", "message"), "signal": Words("信号", "signal"), "error": Words("错误", "error"),
}  # fmt: skip
BARE = Definition("", "", (), (), 0, {})
RAW = Teller(None, CODES)


def _plain(value: Any) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        return (
            value.source
            if isinstance(value, Expression)
            else " ".join(_plain(getattr(value, one.name)) for one in fields(value))
        )
    return " ".join(_plain(one) for one in value) if isinstance(value, tuple) else str(value)
