"""What a file says of events, calls and decisions, read: in BPMN's words and ours."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from lxml import etree

from heli.flows.core import decision
from heli.flows.core.decision import Decision, Row
from heli.flows.core.definition import COUNTS, Call, Hears, Kind, Throws, Timer, reserved
from heli.flows.core.duration import duration
from heli.flows.core.expression import Expression, ExpressionError, parse
from heli.flows.core.known import local, loop, trigger
from heli.flows.core.own import BPMN, CODE, HELI, Own
from heli.kernel.words import Words

YEARS = range(1900, 9990)
"""Of moments of timers: with room for every time zone."""
LONGEST_EVENT = 80
CYCLE = re.compile(r"R/(?:(?P<from>[^/]+)/)?(?P<every>P[^/]+)")
SAMPLE = {"total": Decimal(7), "ended": Decimal(3), "open": Decimal(4)}
"""Counts with which a completion condition is tried."""
LIST = Words("逐个办理的列表", "the list that it is done once for each of")
TIMES = Words("逐个办理的次数", "the number of times that it is done")
UNSAID = Words(
    "没有写明逐个办理的是哪些：请选一个列表，或填写次数",
    "it does not say what it is done once for each of: name a list, or a number of times",
)
SHORTEST_CYCLE = dt.timedelta(minutes=1)


def text_of(element: etree._Element | None) -> str:
    return "" if element is None else "".join(t for t in element.itertext() if isinstance(t, str)).strip()


def bare(text: str) -> str:
    """An expression as other tools write it, without its brackets."""
    return text[2:-1] if text.startswith("${") and text.endswith("}") else text


def moment(text: str) -> bool:
    """Whether this is a moment that there is, with its time zone."""
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)", text, re.ASCII) is None:
        return False
    try:
        return dt.datetime.fromisoformat(text).year in YEARS
    except ValueError:
        return False


class Hearing(Own):
    """Reads events, calls and tables; ``definitions`` is the root, where messages, signals and errors are named."""

    def __init__(self, definitions: etree._Element) -> None:
        super().__init__()
        self._named: dict[tuple[str, str], etree._Element] = {
            (what, one.get("id", "")): one
            for one in definitions if (what := local(one)) in ("message", "signal", "error")
        }  # fmt: skip

    def expression(self, code: str, where: str | Words, text: str) -> Expression | None:
        """An expression; None where it cannot be read, which is told."""
        named = where if isinstance(where, Words) else Words(f"{where} ", where)
        try:
            return parse(bare(text))
        except ExpressionError as error:
            self._wrong(
                code, "condition", f"{named.zh}第 {error.at + 1} 个字符：{error.words.zh}",
                f"{named.en}, character {error.at + 1}: {error.words.en}",
            )  # fmt: skip
            return None

    def _name(self, element: etree._Element, kind: str) -> str:
        """What its message, signal or error is called: an error by its code."""
        holder = element if kind == "message" and element.get("messageRef") else next(
            (one for one in element if local(one) == f"{kind}EventDefinition"), None
        )  # fmt: skip
        ref = "" if holder is None else (holder.get(f"{kind}Ref") or "").rpartition(":")[2]
        found = self._named.get((kind, ref))
        if found is None:
            return ref
        return (found.get("errorCode") if kind == "error" else None) or found.get("name") or ref

    def hears(self, code: str, element: etree._Element, kind: Kind) -> Hears | None:
        """What a catching event, or one that begins cases, waits for; None for timers and starts that somebody makes."""
        said = self._one(code, element, "on", ["event", "key", "by", "where", "initiator"]) or {}
        what = "message" if kind is Kind.MESSAGE or said.get("event") else trigger(element)
        if what not in ("message", "signal", "error"):
            return None
        name = said.get("event") or self._name(element, what)
        if (not name and what != "error") or len(name) > LONGEST_EVENT or "\0" in name:
            zh = f"没有写明等待什么：请选一件事，或写上消息或信号的名称，最多 {LONGEST_EVENT} 个字符"
            en = f"it does not say what it waits for: choose it, or name a message or a signal, in at most {LONGEST_EVENT} characters"
            self._wrong(code, "event", zh, en)
        for one in ("by", "initiator"):
            if said.get(one) and not CODE.match(said[one]):
                zh = f"heli:on {one}“{said[one][:40]}”不是字段代码：请写字段的代码，如 account"
                en = f"“{said[one][:40]}” ({one} of heli:on) is no field's code: give one such as account"
                self._wrong(code, "field", zh, en)
        key, where = (
            self.expression(code, f"heli:on {one}", said[one]) if said.get(one) else None for one in ("key", "where")
        )
        return Hears(what, name, key, said.get("by", ""), where, said.get("initiator", ""))

    def throws(self, code: str, element: etree._Element) -> Throws | None:
        """What a throwing event says; None for an end or a milestone that says nothing."""
        what = trigger(element)
        if what not in ("message", "signal", "error"):
            return None
        said = self._one(code, element, "to", ["event", "key"]) or {}
        name = said.get("event") or self._name(element, what)
        if not name or len(name) > LONGEST_EVENT or "\0" in name:
            zh = f"没有写明发出哪个消息、信号或错误：请写上它的名称，最多 {LONGEST_EVENT} 个字符"
            en = f"it does not say which message, signal or error: give its name, of at most {LONGEST_EVENT} characters"
            self._wrong(code, "event", zh, en)
        return Throws(what, name, self.expression(code, "heli:to key", said["key"]) if said.get("key") else None)

    def timer(self, code: str, element: etree._Element, *, starts: bool = False) -> Timer | None:
        """When a timer event is due."""
        for definition in element.findall(f"{{{BPMN}}}timerEventDefinition"):
            for child in definition:
                what, text = local(child), text_of(child)
                if what == "timeDuration" and duration(text) is not None and not starts:
                    return Timer("duration", text)
                if what == "timeDate" and moment(text):
                    return Timer("date", text)
                if what in ("timeDuration", "timeDate") and text.startswith("${") and not starts:
                    value = self.expression(code, what, text)
                    return Timer(what.removeprefix("time").lower(), text, value)
                if what == "timeCycle" and starts and self._cycle(text):
                    return Timer("cycle", text)
        zh = "定时器没有写明什么时候：请写时长（如 PT8H、P3D）、带时区的时刻或 ${表达式}"
        en = "the timer does not say when: give a duration (such as PT8H or P3D), a moment with its time zone, or ${an expression}"
        if starts:
            zh = "定时开始没有写明什么时候：请写带时区的时刻，或 R/P1D（每天）这样的周期，至少隔一分钟"
            en = "the timed start does not say when: give a moment with its time zone, or a cycle such as R/P1D (daily), of a minute at least"
        self._wrong(code, "timer", zh, en)
        return None

    @staticmethod
    def _cycle(text: str) -> bool:
        found = CYCLE.fullmatch(text)
        span = duration(found["every"]) if found is not None else None
        return (
            found is not None
            and span is not None
            and span >= SHORTEST_CYCLE
            and (not found["from"] or moment(found["from"]))
        )

    def call(self, code: str, element: etree._Element) -> Call:
        """The cases that a call activity, or a node with one for each of several things, begins."""
        said = self._one(code, element, "call", ["process", "record"]) or {}
        process = said.get("process") or (element.get("calledElement") or "").rpartition(":")[2]
        record = self.expression(code, "heli:call record", said["record"]) if said.get("record") else None
        each, name, sequential = self._each(code, element)
        enough = self._until(code, element) if each is not None else None
        gives, takes = self._gives(code, element), self._takes(code, element)
        self._ours(code, (name, *gives, *takes, *takes.values()))
        return Call(process, -1, record, each, sequential, enough, name, gives, takes)

    def _ours(self, code: str, names: Iterable[str]) -> None:
        """What is handed to a case, or back, stands in the place of nothing that it keeps itself."""
        for one in names:
            if reserved(one):
                zh, en = f"“{one[:40]}”由系统使用：请换一个名称", f"“{one[:40]}” is the system's own name: take another"
                self._wrong(code, "reserved", zh, en)

    def _each(self, code: str, element: etree._Element) -> tuple[Expression | None, str, bool]:
        holder = loop(element)
        if holder is None:
            return None, "item", False
        sequential = holder.get("isSequential") == "true"
        said = next(holder.iter(f"{{{HELI}}}each"), None)
        if said is None:
            count = next((one for one in holder if local(one) == "loopCardinality"), None)
            return self._several(code, TIMES, text_of(count)), "item", sequential
        self._known(code, "heli:each", [str(one) for one in said.attrib], ["in", "as"])
        name = said.get("as") or "item"
        if not CODE.match(name):
            zh = f"heli:each as“{name[:40]}”不是名称：请用小写字母、数字和下划线，如 item"
            en = f"“{name[:40]}” (as of heli:each) is no name: use small letters, digits and underscores, such as item"
            self._wrong(code, "each", zh, en)
        return self._several(code, LIST, said.get("in") or ""), name, sequential

    def _several(self, code: str, named: Words, text: str) -> Expression | None:
        """What there is to be one of each for."""
        if bare(text).strip():
            return self.expression(code, named, text)
        self._wrong(code, "each", UNSAID.zh, UNSAID.en)
        return None

    def _until(self, code: str, element: etree._Element) -> Expression | None:
        """When enough of several have ended; None: when all have."""
        holder = loop(element)
        within = holder if holder is not None else ()
        found = [one for one in within if local(one) == "completionCondition" and text_of(one)]
        if len(found) > 1:
            zh = f"写了 {len(found)} 个完成条件，只能有一个：请用 and 或 or 合成一个"
            en = f"there are {len(found)} completion conditions, and one at most is read: join them by and, or by or"
            self._wrong(code, "each", zh, en)
        named = Words("完成条件", "completion condition")
        enough = self.expression(code, named, text_of(found[0])) if found else None
        if (
            enough is not None and enough.names <= COUNTS.keys()
        ):  # of counts alone it is seen here whether it says yes or no
            try:
                enough.holds(lambda name: SAMPLE[COUNTS[name]], dt.date(2026, 1, 1))
            except ExpressionError as error:
                zh = f"完成条件算不出来（{error.words.zh}）：请写成能得出是或否的，如 nrOfCompletedInstances >= 2"
                en = (
                    f"the completion condition cannot be worked out ({error.words.en}): write one that is true or false, "
                    "such as nrOfCompletedInstances >= 2"
                )
                self._wrong(code, "condition", zh, en)
        return enough

    def _takes(self, code: str, element: etree._Element) -> Mapping[str, str]:
        found: dict[str, str] = {}
        for one in self._extensions(element, "take"):
            name, theirs = str(one.get("name", "")), str(one.get("from", "") or one.get("name", ""))
            if not CODE.match(name) or not CODE.match(theirs):
                zh = f"heli:take 的 name、from（“{name[:40]}”、“{theirs[:40]}”）应是名称：请用小写字母、数字和下划线"
                en = f"name and from of heli:take (“{name[:40]}”, “{theirs[:40]}”) are names: use small letters, digits and underscores"
                self._wrong(code, "take", zh, en)
            found[name] = theirs
        return found

    def decision(self, code: str, element: etree._Element) -> Decision | None:
        """The table of a business rule task."""
        table = next(self._extensions(element, "decision"), None)
        assert table is not None  # known.py has looked
        hit = table.get("hit", "U")
        self._known(code, "heli:decision hit", [hit], list(decision.HITS))
        inputs = [
            self.expression(code, "heli:input", one.get("value") or "") for one in table.findall(f"{{{HELI}}}input")
        ]
        outputs = [one.get("name") or "" for one in table.findall(f"{{{HELI}}}output")]
        for one in outputs:
            if not CODE.match(one):
                zh = f"决策表的输出名“{one[:40]}”不能用：请用小写字母、数字和下划线，后面的步骤以 data.名称 取用"
                en = f"an output of the table cannot be called “{one[:40]}”: use small letters, digits and underscores; later steps read data.NAME"
                self._wrong(code, "output", zh, en)
        self._ours(code, outputs)
        rules = table.findall(f"{{{HELI}}}rule")
        if (
            not outputs
            or not rules
            or len(rules) > decision.MOST_RULES
            or max(len(inputs), len(outputs)) > decision.MOST_COLUMNS
        ):
            zh = f"决策表还不完整或太大：请至少写一个输出和一条规则，最多 {decision.MOST_RULES} 条规则、{decision.MOST_COLUMNS} 列"
            en = (
                "the table is not complete, or too large: give it one output and one rule at least, "
                f"and at most {decision.MOST_RULES} rules and {decision.MOST_COLUMNS} columns"
            )
            self._wrong(code, "table", zh, en)
            return None
        rows = [
            row for number, rule in enumerate(rules, 1)
            if (row := self._rule(code, number, rule, len(inputs), len(outputs))) is not None
        ]  # fmt: skip
        return Decision(hit, tuple(one for one in inputs if one is not None), tuple(outputs), tuple(rows))

    def _rule(self, code: str, number: int, rule: etree._Element, inputs: int, outputs: int) -> Row | None:
        cells = [text_of(one) for one in rule.findall(f"{{{HELI}}}when")]
        thens = [text_of(one) for one in rule.findall(f"{{{HELI}}}then")]
        if len(cells) != inputs or len(thens) != outputs:
            zh = f"第 {number} 条规则有 {len(cells)} 个条件、{len(thens)} 个结论，应有 {inputs} 个和 {outputs} 个：请补上或删去"
            en = f"rule {number} has {len(cells)} tests and {len(thens)} values, and should have {inputs} and {outputs}: add or take out what differs"
            self._wrong(code, "table", zh, en)
            return None
        when: list[Expression | None] = []
        for cell in cells:
            try:
                when.append(decision.test(cell))
            except ExpressionError as error:
                self._wrong(
                    code, "condition", f"第 {number} 条规则的“{cell[:60]}”：{error.words.zh}",
                    f"rule {number}, {cell[:60]!r}: {error.words.en}",
                )  # fmt: skip
                return None
        then = [self.expression(code, f"rule {number}", one) for one in thens]
        return Row(tuple(when), tuple(one for one in then if one is not None))
