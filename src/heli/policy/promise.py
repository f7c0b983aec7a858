"""Policy tests: sentences about what must hold whatever the rules are, run without any record.

``never``: none of the people meant may do this outside the scopes named. ``always``: each of them may do it within them.
Lines, scopes and ceilings are compared as they are written, so that a promise holds for every record there may ever be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heli.access.core.line import LEVELS, Level, Line
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

KEYS = frozenset({"name", "name_en", "who", "rule", "type", "action", "field", "level", "scopes"})
WHO = frozenset({"role", "without", "not_role", "kind"})
"""Who is meant: holds one of these roles, none of those besides, none of these at all, is of such a kind. All must hold;
none of them given means everybody."""
RULES = frozenset({"never", "always"})

TEXT = Words("应为 1 到 200 个字", "must be a text of 1 to 200 characters")
NO_WHO = Words(
    "应为 role、without、not_role、kind 各自的名称列表（都不写即所有人）",
    "must map role, without, not_role or kind to lists of codes (none of them: everybody)",
)
NO_RULE = Words("应为 never 或 always", "must be never or always")
NO_TYPE = Words("没有这个对象", "no such object type")
NO_ACTION = Words("没有这个动作", "no such action")
NO_FIELD = Words("没有这个字段", "no such field")
NO_LEVEL = Words("应为 masked 或 read", "must be masked or read")
NO_SCOPE = Words("没有数据范围 {scope}", "no such scope: {scope}")
NO_KEY = Words("未知的键", "unknown key")


@dataclass(frozen=True, slots=True)
class Promise:
    """One policy test. ``scopes``: for *never* those that are allowed nevertheless, for *always* one of which must do."""

    name: str
    name_en: str
    who: Mapping[str, tuple[str, ...]]
    rule: str
    type: str
    action: str
    field: str | None = None
    level: Level = Level.READ
    scopes: tuple[str, ...] = ()

    def json(self) -> dict[str, Any]:
        return {
            "name": self.name, "name_en": self.name_en,
            "who": {key: list(names) for key, names in self.who.items()}, "rule": self.rule, "type": self.type,
            "action": self.action, "field": self.field,
            "level": next(word for word, level in LEVELS.items() if level == self.level), "scopes": list(self.scopes),
        }  # fmt: skip

    def means(self, roles: frozenset[str], kind: str) -> bool:
        """Whether somebody with these roles, of this kind, is meant."""
        who = self.who
        return (
            ("role" not in who or not roles.isdisjoint(who["role"]))
            and roles.isdisjoint(who.get("without", ()))
            and roles.isdisjoint(who.get("not_role", ()))
            and ("kind" not in who or kind in who["kind"])
        )


def parse_promise(value: Any, place: str) -> Promise:
    """A promise as stored or sent. Raises Invalid with one problem per mistake."""
    if not isinstance(value, Mapping):
        raise Invalid(Problem(place, "type", Words("应为对象", "must be an object")))
    problems = [Problem(f"{place}/{key}", "unknown", NO_KEY) for key in value if key not in KEYS]

    def wrong(key: str, code: str, words: Words) -> None:
        problems.append(Problem(f"{place}/{key}", code, words))

    name, name_en = value.get("name"), value.get("name_en", "")
    if not isinstance(name, str) or not 1 <= len(name) <= 200:
        wrong("name", "type", TEXT)
    if not isinstance(name_en, str) or len(name_en) > 200:
        wrong("name_en", "type", TEXT)
    who = _who(value.get("who"))
    if who is None:
        wrong("who", "type", NO_WHO)
    rule = value.get("rule")
    if rule not in RULES:
        wrong("rule", "unknown", NO_RULE)
    shape = SHAPES.get(str(value.get("type")))
    code, action = value.get("field"), value.get("action")
    if shape is None:
        wrong("type", "unknown", NO_TYPE)
    else:
        if action not in shape.actions:
            wrong("action", "unknown", NO_ACTION)
        if code is not None and code not in shape.fields:
            wrong("field", "unknown", NO_FIELD)
    level = LEVELS.get(str(value.get("level", "read")))
    if level is None or level == Level.HIDDEN:
        wrong("level", "level", NO_LEVEL)
    scopes = value.get("scopes", [])
    if not isinstance(scopes, Sequence) or isinstance(scopes, str) or len(scopes) > 50:
        wrong("scopes", "type", Words("应为列表", "must be a list"))
        scopes = []
    for i, one in enumerate(scopes):
        if not isinstance(one, str) or SCOPES.get(split(one)[0]) is None:
            wrong(f"scopes/{i}", "unknown", NO_SCOPE.fill(scope=str(one)[:40]))
    if problems:
        raise Invalid(problems)
    assert who is not None and shape is not None and level is not None
    return Promise(str(name), str(name_en), who, str(rule), shape.code, str(action), code, level, tuple(scopes))


def _who(value: Any) -> dict[str, tuple[str, ...]] | None:
    if not isinstance(value, Mapping) or not WHO.issuperset(value):
        return None
    for names in value.values():
        if isinstance(names, str) or not isinstance(names, Sequence) or not names or len(names) > 50:
            return None
        if not all(isinstance(one, str) and 0 < len(one) <= 64 for one in names):
            return None
    return {key: tuple(names) for key, names in value.items()}


@dataclass(frozen=True, slots=True)
class Given:
    """A line as somebody is given it, for reasoning without records. ``carrier`` tells apart what brought it."""

    line: Line
    grant: int
    role: str
    carrier: str
    at: int
    """Which line of the role or grant it is, from 0."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A ceiling that concerns somebody."""

    code: str
    type: str
    actions: frozenset[str] | None
    roles: frozenset[str] | None
    lines: tuple[Line, ...]

    def concerns(self, type: str, action: str) -> bool:
        return self.type in ("*", type) and (self.actions is None or action in self.actions)

    def covering(self, type: str, action: str) -> Iterable[Line]:
        return (one for one in self.lines if one.type in ("*", type) and not {action, "*"}.isdisjoint(one.actions))


@dataclass(frozen=True, slots=True)
class Breach:
    """How a promise is broken: by which line under which scope; for *always* without one."""

    given: Given | None
    scope: str
    people: tuple[int, ...] = field(default=())
    """Who is concerned; none when only somebody who were given the role would be."""
    counted: Words | None = field(default=None, compare=False)
    """The role as which they are meant, when they do not hold it by name: what they hold amounts to it."""


def gives(line: Line, promise: Promise) -> bool:
    """Whether the line gives what the promise is about, where it holds."""
    if line.type != promise.type or promise.action not in line.actions:
        return False
    return _cell(line, promise)


def _cell(line: Line, promise: Promise) -> bool:
    if promise.field is None:
        return True
    if promise.action in ("edit", "create"):
        return line.may_write(promise.field)
    shape = SHAPES[promise.type].fields[promise.field]
    return line.level(promise.field, shape.data_class) >= promise.level


def within(scope: str, allowed: Iterable[str]) -> bool:
    """Whether a scope is one of these: by its name, or by name and parameter where the list gives one."""
    name = split(scope)[0]
    return any(one in (scope, name) for one in allowed)


def breach(promise: Promise, given: Sequence[Given], bounds: Sequence[Bound]) -> Breach | None:
    """The first way in which these lines under these ceilings break the promise; None when they keep it."""
    told = [one for one in given if gives(one.line, promise)]
    for bound in bounds:
        if bound.roles is not None and bound.concerns(promise.type, promise.action):
            told = [one for one in told if one.role in bound.roles]
    caps = [
        [line for line in bound.covering(promise.type, promise.action) if _cell(line, promise)]
        for bound in bounds
        if bound.roles is None and bound.concerns(promise.type, promise.action)
    ]
    if any(not lines for lines in caps):
        told = []
    if promise.rule == "always":
        kept = any(
            not one.line.where and (not promise.scopes or any(within(s, promise.scopes) for s in one.line.scopes))
            for one in told
        ) and all(any(not line.where and "all" in line.scopes for line in lines) for lines in caps)
        return None if kept else Breach(None, "")
    if any(all(within(s, promise.scopes) for line in lines for s in line.scopes) for lines in caps):
        return None
    for one in told:
        for scope in one.line.scopes:
            if not within(scope, promise.scopes):
                return Breach(one, scope)
    return None
