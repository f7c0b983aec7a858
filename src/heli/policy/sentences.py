"""Permission lines in sentences: who may do what, where, under which conditions, seeing which cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from heli.access.core.explain import SIGNS
from heli.access.scopes import SCOPES, split
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.said import CLASSES, cells_words, field_words, said_action, type_words
from heli.records.types import TYPES

type RawLine = Mapping[str, Any]

SEEN = {"hidden": Words("不可见", "hidden"), "masked": Words("脱敏", "masked"), "read": Words("可见", "visible")}
LEVEL = Words("{field}{level}", "{field} {level}")
EMPTY = Words("{field}为空", "{field} is empty")
WIDER = {
    ("team", "edit"): Words("团队成员（可编辑）", "team, as editor"),
    ("customer", "own"): Words("客户归本人", "own customers"),
    ("customer", ""): Words("客户归本人", "own customers"),
    ("customer", "department"): Words("客户归本部门", "the department's customers"),
    ("customer", "below"): Words("客户归本部门及下级", "customers of the department and below"),
}
"""What a scope with its parameter is called, where its own name would not say it."""
TAGGED = Words("{scope}「{tag}」", "{scope} “{tag}”")
ROWS = Words("一次最多 {n} 行", "at most {n} rows at once")
AMOUNT = Words("不超过 {n}", "up to {n}")
NO_AMOUNT = Words("未给限额，因此一笔也不行", "without a limit, so none at all")
WRITES_ALL = Words("可写全部字段", "writes every field")
WRITES = Words("可写：{fields}", "writes {fields}")
WRITES_NONE = Words("不可写任何字段", "writes no field")
SENTENCE = Words("可以{actions}「{type}」，范围：{scopes}", "can {actions} {type} ({scopes})")
PLAIN = Words("可以{actions}「{type}」", "can {actions} {type}")
WHERE = Words("{said}，且{conditions}", "{said} where {conditions}")


def joined(words: Iterable[Words], zh: str = "、", en: str = ", ") -> Words:
    """A list of words in both languages."""
    found = list(words)
    return Words(zh.join(w.zh for w in found), en.join(w.en for w in found))


SINGLE = Words("单项权限", "single lines")
ACT = Words("{action}{type}", "{action} {type}")
AND_MORE = Words("{some} 等 {n} 项", "{some} and {n} more")
SHOWN = 2


def single(lines: Sequence[RawLine]) -> Words:
    """Lines that are given by themselves, by what they are for: several grants of one person are told apart by it."""
    acts = dict.fromkeys((str(line["type"]), str(action)) for line in lines for action in line["actions"])
    if not acts:
        return SINGLE
    some = joined(ACT.fill(action=said_action(kind, act), type=type_words(kind)) for kind, act in list(acts)[:SHOWN])
    if len(acts) <= SHOWN:
        return some
    return Words(AND_MORE.zh.format(some=some.zh, n=len(acts)), AND_MORE.en.format(some=some.en, n=len(acts) - SHOWN))


def scope_said(text: str) -> Words:
    """``customer:below`` -> 客户归本部门及下级."""
    name, parameter = split(text)
    if (name, parameter) in WIDER:
        return WIDER[name, parameter]
    scope = SCOPES.get(name)
    words = scope.words if scope is not None else Words(name, name)
    return TAGGED.fill(scope=words, tag=parameter) if parameter else words


def scopes_said(line: RawLine) -> Words:
    return joined(map(scope_said, line.get("scope", [])), "、", " or ")


def _number(value: object) -> str:
    """500000.00 -> 500,000; text that is no number as it stands."""
    text = str(value)
    whole, dot, part = text.partition(".")
    if not whole.removeprefix("-").isdecimal() or not (part.isdecimal() or not dot):
        return text
    return f"{int(whole):,}" + (f".{part}" if part.strip("0") else "")


def condition_said(code: str, one: Sequence[Any]) -> Words:
    """``["amount", "<=", "500000"]`` -> 金额 ≤ 500,000; options by their names."""
    name, sign, value = str(one[0]), str(one[1]), one[2] if len(one) == 3 else None
    if sign == "empty":
        return EMPTY.fill(field=field_words(code, name))
    kind = TYPES.get(code)
    field = kind.fields.get(name) if kind is not None else None

    def said(value: Any) -> Words:
        if isinstance(field, f.Choice):
            return field.said(value)
        text = _number(value) if field is not None and field.summable else str(value)
        return Words(text, text)

    shown = joined(said(value) for value in (value if isinstance(value, list) else [value]))
    return Words("{f} {s} {v}", "{f} {s} {v}").fill(f=field_words(code, name), s=SIGNS[sign], v=shown)


def levels_said(line: RawLine) -> list[Words]:
    code = str(line.get("type"))
    return [LEVEL.fill(field=cells_words(code, key), level=SEEN[level]) for key, level in line.get("read", {}).items()]


def writes_said(line: RawLine) -> Words | None:
    """What the line lets write; None where it neither makes nor edits."""
    if {"edit", "create"}.isdisjoint(line.get("actions", [])):
        return None
    code, given = str(line.get("type")), line.get("write", ["*"])
    if given in (["*"], {"*": True}):
        return WRITES_ALL
    if isinstance(given, Mapping):
        yes = [cells_words(code, key) for key, may in given.items() if may]
        no = [cells_words(code, key) for key, may in given.items() if not may and key != "*"]
        words = WRITES.fill(fields=joined(yes)) if yes else WRITES_NONE
        return Words("{a}（除{b}）", "{a} (but not {b})").fill(a=words, b=joined(no)) if yes and no else words
    return WRITES.fill(fields=joined(field_words(code, one) for one in given))


def limit_said(line: RawLine) -> Words | None:
    limit, actions = line.get("limit"), line.get("actions", [])
    if limit is None:
        return NO_AMOUNT if {"approve", "export"} & set(actions) else None
    return (ROWS if "export" in actions else AMOUNT).fill(n=_number(limit))


def _amid(words: Words) -> Words:
    """As it stands amid a sentence: a button's own name begins with a capital in English."""
    return Words(words.zh, words.en[:1].lower() + words.en[1:])


def sentence(line: RawLine) -> Words:
    """What the line lets do, without who: 可以编辑「商机」，范围：本部门及下级，且金额 ≤ 500,000."""
    code = str(line.get("type"))
    actions = joined(_amid(said_action(code, one)) for one in line.get("actions", []))
    form = SENTENCE if code in TYPES else PLAIN
    said = form.fill(actions=actions, type=type_words(code), scopes=scopes_said(line))
    conditions = [condition_said(code, one) for one in line.get("where", [])]
    if conditions:
        said = WHERE.fill(said=said, conditions=joined(conditions, "且", " and "))
    limit = limit_said(line)
    return Words("{a}，{b}", "{a}, {b}").fill(a=said, b=limit) if limit is not None else said


def told(line: RawLine) -> dict[str, Any]:
    """A line for a page: its parts in words, and the whole as a sentence."""
    code = str(line.get("type"))
    writes, limit = writes_said(line), limit_said(line)
    return {
        "type": code,
        "type_name": type_words(code).json(),
        "actions": [said_action(code, one).json() for one in line.get("actions", [])],
        "scopes": [scope_said(one).json() for one in line.get("scope", [])],
        "where": [condition_said(code, one).json() for one in line.get("where", [])],
        "levels": [one.json() for one in levels_said(line)],
        "writes": writes.json() if writes is not None else None,
        "limit": limit.json() if limit is not None else None,
        "sentence": sentence(line).json(),
        "line": dict(line),
    }


__all__ = ["CLASSES", "condition_said", "joined", "scope_said", "scopes_said", "sentence", "told"]
