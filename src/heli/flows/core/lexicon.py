"""What codes are called: fields, acts, positions and the like, as far as one reader may know them; and expressions told with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from heli.flows.core.duration import FORM
from heli.flows.core.expression import Expression, Part
from heli.kernel.words import Words


def _nothing(what: str, code: str, of: str) -> Words | None:
    return None


def _nowhere(type_: str, code: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``call(what, code, of)``: what a code is called, None for what is not known. ``what`` is ``type``, ``field`` (of a type), ``option``
    (of ``type.field``), ``act`` (of a type), ``param`` (of ``type.act``), ``position``, ``role``, ``department``, ``person``, ``process``,
    ``event`` or ``value`` (of a matter). ``leads(type, field)``: the type that a link leads to."""

    call: Callable[[str, str, str], Words | None] = _nothing
    leads: Callable[[str, str], str] = _nowhere

    def of(self, what: str, code: str, of: str = "") -> Words:
        """In words; by its code where it is not known."""
        return self.call(what, code, of) or Words(code, code)

    def path(self, type_: str, path: str) -> Words:
        """A field of a record, or of what its links lead to (``account.owner``)."""
        said: list[Words] = []
        for code in path.split("."):
            said.append(ITSELF if code == "id" and not said else self.of("field", code, type_))
            type_ = self.leads(type_, code)
        return Words(" · ".join(one.zh for one in said), " · ".join(one.en for one in said))

    def end(self, type_: str, path: str) -> str:
        """The last field of a path with its type (``account.owner``, of whatever type the links lead to)."""
        *way, last = path.split(".")
        for code in way:
            type_ = self.leads(type_, code)
        return f"{type_}.{last}" if type_ else ""


CODES = Lexicon()
"""Knows nothing: everything by its code."""
ITSELF = Words("这条记录", "the record itself")
YES, NO, EMPTY = Words("是", "yes"), Words("否", "no"), Words("空", "nothing")
SIGNS: Mapping[str, str] = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤"}
BINDING: Mapping[str, int] = {"or": 1, "and": 2, "not": 3, "+": 5, "-": 5, "*": 6, "/": 6}
"""How tightly an operation binds; comparisons 4, everything else 7."""
COMPARED = 4
JOINED = {"and": Words(" 且 ", " and "), "or": Words(" 或 ", " or ")}
ONE_OF, NONE_OF = (
    Words("{a} 是 {b}之一", "{a} is one of {b}"),
    Words("{a} 不是 {b}中的任何一个", "{a} is none of {b}"),
)
AMONG, NOT_AMONG = Words("{b}里有{a}", "{b} has {a}"), Words("{b}里没有{a}", "{b} does not have {a}")
IS_CHANGED, NOT_CHANGED = Words("要改{a}", "{a} is to be changed"), Words("不改{a}", "{a} is not to be changed")
IS_EMPTY, NOT_EMPTY = Words("{a} 为空", "{a} is empty"), Words("{a} 不为空", "{a} is not empty")
NOT = Words("不满足（{a}）", "not ({a})")
QUOTED = Words("「{a}」", "“{a}”")
NAMES: Mapping[str, Words] = {
    "initiator": Words("发起人", "who began it"), "changed": Words("要改的字段", "the fields to be changed"),
    "input": Words("这一列", "this column"),
    "nrOfInstances": Words("总项数", "how many there are"), "numberOfInstances": Words("总项数", "how many there are"),
    "nrOfCompletedInstances": Words("已完成的项数", "how many have ended"),
    "numberOfCompletedInstances": Words("已完成的项数", "how many have ended"),
    "nrOfActiveInstances": Words("进行中的项数", "how many are open"), "numberOfActiveInstances": Words("进行中的项数", "how many are open"),
}  # fmt: skip
PROPOSED, OF_DATA = Words("提议的{a}", "the proposed {a}"), Words("流程数据 {a}", "the case's {a}")
OF_EVENT = Words("收到的 {a}", "{a} of what came")
FUNCTIONS: Mapping[str, Words] = {
    "today": Words("今天", "today"), "date": Words("日期", "date"), "days": Words("相隔天数", "days between"), "year": Words("年份", "year"),
    "month": Words("月份", "month"), "day": Words("日", "day"), "weekday": Words("星期几", "weekday"), "min": Words("最小值", "least"),
    "max": Words("最大值", "most"), "sum": Words("合计", "sum"), "round": Words("四舍五入", "rounded"), "count": Words("个数", "count"),
    "if": Words("如果", "if"), "empty": Words("为空", "empty"),
}  # fmt: skip
COMMA = Words("、", ", ")
SPELLED_FROM = 10_000
"""From here on numbers are written with their thousands apart; a year is not."""


def joined(words: Iterable[Words], between: Words = COMMA) -> Words:
    """Several in a row."""
    every = list(words)
    return Words(between.zh.join(one.zh for one in every), between.en.join(one.en for one in every))


def spelled(expression: Expression, lexicon: Lexicon, type_: str = "", column: Words | None = None) -> Words:
    """An expression in words: ``record.amount > 50000`` as 金额 > 50,000. ``type_``: of the record that it looks at; ``column``: what
    ``input`` is called in a cell of a table."""
    return _Spelling(lexicon, type_, column).said(expression.root, 0)


class _Spelling:
    def __init__(self, lexicon: Lexicon, type_: str, column: Words | None) -> None:
        self._lexicon, self._type, self._column = lexicon, type_, column

    def said(self, part: Part, outer: int) -> Words:
        """A part, in brackets where it binds less than what stands around it."""
        found = self._said(part)
        binds = BINDING.get(part.does, COMPARED if part.does in ("==", "!=", "<", "<=", ">", ">=", "in") else 7)
        return Words("（{a}）", "({a})").fill(a=found) if binds < outer else found

    def _said(self, part: Part) -> Words:
        does, parts = part.does, part.parts
        if does == "literal":
            return literal(part.value)
        if does == "name":
            return self.named(str(part.value))
        if does in JOINED:
            return joined([self.said(one, BINDING[does] + 1) for one in parts], JOINED[does])
        if does == "not":
            inner = parts[0]
            if inner.does == "in":
                return self._in(inner, no=True)
            return (
                NOT_EMPTY.fill(a=self.said(inner.parts[0], 5))
                if inner.does == "empty()"
                else NOT.fill(a=self.said(inner, 0))
            )
        if does == "in":
            return self._in(part, no=False)
        if does == "empty()":
            return IS_EMPTY.fill(a=self.said(parts[0], 5))
        if does == "list":
            return Words("[{a}]", "[{a}]").fill(a=joined(self.said(one, 0) for one in parts))
        if does == "negate":
            return Words("-{a}", "-{a}").fill(a=self.said(parts[0], 7))
        if does.endswith("()"):
            name = FUNCTIONS[does[:-2]]
            given = joined((self.said(one, 0) for one in parts), Words("，", ", "))
            return Words(f"{name.zh}（{given.zh}）", f"{name.en}({given.en})") if parts else name
        return self._pair(part)

    def _pair(self, part: Part) -> Words:
        (left, right), does = part.parts, part.does
        for one, other in ((left, right), (right, left)):
            if does in ("==", "!=") and other.does == "literal" and other.value is None:
                return (IS_EMPTY if does == "==" else NOT_EMPTY).fill(a=self.said(one, 5))
        binds = BINDING.get(does, COMPARED)
        first = self._beside(left, right) or self.said(left, binds)
        second = self._beside(right, left) or self.said(right, binds + 1)
        sign = SIGNS.get(does, does)
        return Words(f"{first.zh} {sign} {second.zh}", f"{first.en} {sign} {second.en}")

    def _in(self, part: Part, *, no: bool) -> Words:
        left, right = part.parts
        if right.does == "list":
            those = joined(self._beside(one, left) or self.said(one, 0) for one in right.parts)
            return (NONE_OF if no else ONE_OF).fill(a=self.said(left, 5), b=those)
        field = (
            self._lexicon.call("field", str(left.value), self._type)
            if _is(right, "changed") and left.does == "literal"
            else None
        )
        if field is not None:
            return (NOT_CHANGED if no else IS_CHANGED).fill(a=QUOTED.fill(a=field))
        one = self.said(left, 5)
        return (NOT_AMONG if no else AMONG).fill(a=one, b=self.said(right, 5))

    def _beside(self, part: Part, other: Part) -> Words | None:
        """A text compared with a field of which it is an option."""
        if part.does != "literal" or not isinstance(part.value, str) or other.does != "name":
            return None
        name, _, path = str(other.value).partition(".")
        end = self._lexicon.end(self._type, path) if name in ("record", "change") else ""
        found = self._lexicon.call("option", part.value, end) if end else None
        return QUOTED.fill(a=found) if found is not None else None

    def named(self, name: str) -> Words:
        """A value by its name."""
        if name == "input" and self._column is not None:
            return self._column
        if name in NAMES:
            return NAMES[name]
        of, _, rest = name.partition(".")
        match of:
            case "record":
                return self._lexicon.path(self._type, rest)
            case "change":
                return PROPOSED.fill(a=self._lexicon.path(self._type, rest))
            case "data":
                return OF_DATA.fill(a=rest)
            case "event":
                return OF_EVENT.fill(a=rest)
            case "matter":
                return self._lexicon.of("value", rest, self._type)
        return Words(name, name)


def _is(part: Part, name: str) -> bool:
    return part.does == "name" and part.value == name


def literal(value: object) -> Words:
    """A value that stands in an expression as it is."""
    if value is None:
        return EMPTY
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, Decimal):
        text = format(value, ",f" if abs(value) >= SPELLED_FROM else "f")
        return Words(text, text)
    if isinstance(value, dt.date):
        return Words(value.isoformat(), value.isoformat())
    return QUOTED.fill(a=value)


UNITS: tuple[tuple[Words, Words, Words], ...] = (
    (Words("{n} 周", "{n} weeks"), Words("1 周", "1 week"), Words("{n} 周", "{n} weeks")),
    (Words("{n} 天", "{n} days"), Words("1 天", "1 day"), Words("{n} 个工作日", "{n} working days")),
    (Words("{n} 小时", "{n} hours"), Words("1 小时", "1 hour"), Words("{n} 小时", "{n} hours")),
    (Words("{n} 分钟", "{n} minutes"), Words("1 分钟", "1 minute"), Words("{n} 分钟", "{n} minutes")),
    (Words("{n} 秒", "{n} seconds"), Words("1 秒", "1 second"), Words("{n} 秒", "{n} seconds")),
)
"""Of a duration: several, one, and several where the time is working time."""
ONE_DAY = Words("1 个工作日", "1 working day")
CYCLE = re.compile(r"R(\d*)/(.+)")
EVERY, TIMES = Words("每 {span}", "every {span}"), Words("每 {span}，共 {n} 次", "every {span}, {n} times")


def lasting(text: str, *, working: bool) -> Words | None:
    """A duration in words (``P1DT4H``); None for what is none. ``working``: its days are working days."""
    found = FORM.fullmatch(text)
    if found is None:
        return None
    said = []
    for place, (number, (several, one, work)) in enumerate(zip(found.groups(), UNITS, strict=True)):
        if number is not None:
            days = working and place == 1
            n = int(number)
            said.append((ONE_DAY if days else one) if n == 1 else (work if days else several).fill(n=n))
    return joined(said, Words(" ", " "))


def repeated(text: str) -> Words | None:
    """A cycle (``R3/PT10H``) in words; None for what is none that has a span."""
    found = CYCLE.fullmatch(text)
    span = lasting(found[2], working=False) if found is not None else None
    if found is None or span is None:
        return None
    return TIMES.fill(span=span, n=found[1]) if found[1] else EVERY.fill(span=span)
