"""One thing made different: what kinds of things there are, and that what a draft says of one is well formed.

A thing is addressed by kind and key and described by its state, plain JSON without ids: so that a draft, an exported file
and a version's record speak the same language. ``None`` as a state means that there is no such thing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from heli.access.rules import parse_lines
from heli.access.shapes import SHAPES
from heli.kernel.errors import Invalid, Problem
from heli.kernel.storable import UNSTORABLE, storable, unstorable_in
from heli.kernel.words import Words
from heli.policy import apart
from heli.policy.promise import parse_promise

type State = Mapping[str, Any] | None

MOST_CHANGES = 500
LENT = ("loan:", "emergency:", "flow:")
"""Sources of grants that come and go with lending and with processes: no part of the policy, its file or its versions."""
ORGANISATION = ("post", "department", "member", "manager")
"""Kinds of changes that move people about."""
KEPT = ("post", "manager")
"""Kinds of things that can be changed and not removed."""
SETTINGS = {"approval": ("always", "widening", "never")}
"""What the company says of how its policy changes, with each word that it may say, the strictest first."""
KINDS = {
    "role": Words("角色", "role"),
    "grant": Words("授权", "grant"),
    "ceiling": Words("上限", "ceiling"),
    "duty": Words("职责分离", "separation of duties"),
    "promise": Words("策略测试", "policy test"),
    "setting": Words("策略设置", "policy setting"),
    "post": Words("任职", "post"),
    "department": Words("部门", "department"),
    "member": Words("项目成员", "project member"),
    "manager": Words("汇报关系", "reporting line"),
}

WRONG = Words("应为 {kind}", "must be {kind}")
NO_KEY = Words("未知的键", "unknown key")
MISSING = Words("缺少此项", "is missing")
NO_KIND = Words("没有这种改动：{kind}", "no such kind of change: {kind}")
GRANT_FIXED = Words(
    "已有的授权只能改结束时间；其余请收回后另授",
    "of a grant that exists only the end can change: revoke it and give another",
)
NOT_OF_POLICY = Words(
    "这种来源的授权由借用、紧急授权和申请流程管理，不能写进草稿",
    "grants of this source come and go with lending, emergencies and requests: no draft gives or changes them",
)
OTHERS = ("loan:", "emergency:", "request:", "flow:")
"""Sources of grants that a procedure of its own gives."""
ONE_SIDED = Words("两边都要有角色或权限", "either side needs a role or a right")
ROLE_OR_LINES = Words("要么给一个角色，要么给单项权限", "give either a role or single lines")
ENDS_FIRST = Words("结束时间应晚于开始时间", "the end must come after the start")
SAME_TWICE = Words("同一处改动出现了两次", "the same thing is changed twice")
NEEDS_STATE = Words("这种改动不能删除，只能改", "this can be changed but not removed")
FARTHEST = timedelta(hours=14)
"""No zone on earth is farther from UTC; PostgreSQL takes none beyond 16 hours."""
NO_SETTING = Words("没有这种写法：应为 always、widening 或 never", "no such word: must be always, widening or never")
NO_MEMBER_ROLE = Words(
    "项目中的角色是 1 到 32 个字，不含冒号", "a role in a project has 1 to 32 characters and no colon"
)


@dataclass(frozen=True, slots=True)
class Change:
    """What one thing was when it was first touched, and what it shall be."""

    kind: str
    key: str
    before: State
    after: State

    @property
    def thing(self) -> tuple[str, str]:
        return self.kind, self.key

    def json(self) -> dict[str, Any]:
        return {"kind": self.kind, "key": self.key, "before": self.before, "after": self.after}

    @staticmethod
    def of(stored: Mapping[str, Any]) -> Change:
        kind, key, before, after = (stored[name] for name in ("kind", "key", "before", "after"))
        if kind == "setting" and key in SETTINGS:  # written when nothing was said of it: that is the strictest word
            before, after = before or strictest(key), after or strictest(key)
        return Change(kind, key, before, after)


def _refuse(place: str, code: str, words: Words) -> Invalid:
    return Invalid(Problem(place, code, words))


def _text(most: int, *, least: int = 0) -> Callable[[Any, str], Any]:
    def check(value: Any, place: str) -> Any:
        if not isinstance(value, str) or not least <= len(value) <= most or not storable(value):
            raise _refuse(
                place,
                "type",
                WRONG.fill(kind=Words(f"{least} 到 {most} 个字", f"a text of {least} to {most} characters")),
            )
        return value

    return check


def _maybe(check: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    return lambda value, place: None if value is None else check(value, place)


def _flag(value: Any, place: str) -> Any:
    if not isinstance(value, bool):
        raise _refuse(place, "type", WRONG.fill(kind=Words("是或否", "true or false")))
    return value


def _number(value: Any, place: str) -> Any:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**31:
        raise _refuse(place, "type", WRONG.fill(kind=Words("非负整数", "a whole number that is not negative")))
    return value


def _codes(value: Any, place: str) -> Any:
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > 200:
        raise _refuse(place, "type", WRONG.fill(kind=Words("编码的列表", "a list of codes")))
    return [_text(100, least=1)(one, f"{place}/{i}") for i, one in enumerate(value)]


def _lines(value: Any, place: str) -> Any:
    parse_lines(value, place)
    return [dict(line) for line in value]


def _moment(value: Any, place: str) -> Any:
    words = WRONG.fill(
        kind=Words(
            "带时区的时间，如 2026-11-23T09:00:00+08:00", "a moment with its zone such as 2026-11-23T09:00:00+08:00"
        )
    )
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) and len(value) < 40 else None
    except ValueError:
        found = None
    away = found.utcoffset() if found is not None else None
    if found is None or away is None or abs(away) > FARTHEST or not 1970 <= found.year <= 9000:
        raise _refuse(place, "type", words)
    return value


def _setting(value: Any, place: str) -> Any:
    if value not in {word for words in SETTINGS.values() for word in words}:
        raise _refuse(place, "unknown", NO_SETTING)
    return value


def _member_role(value: Any, place: str) -> Any:
    if not isinstance(value, str) or not 1 <= len(value) <= 32 or ":" in value or not storable(value):
        raise _refuse(place, "unknown", NO_MEMBER_ROLE)
    return value


def _type_code(value: Any, place: str) -> Any:
    if not isinstance(value, str) or (value != "*" and SHAPES.get(value) is None):
        raise _refuse(place, "unknown", Words("没有这个对象", "no such object type"))
    return value


type Fields = Mapping[str, tuple[Callable[[Any, str], Any], Any]]
"""For each key of a state: its check, and its default (REQUIRED: none)."""

REQUIRED: Any = object()
OMIT: Any = object()
"""Not there when it is empty: states from before the key was known are the same as those without."""
_CODE = _text(64, least=1)
CODED = ("role", "ceiling", "duty", "promise", "setting", "department")
"""Kinds whose key is the code that the thing is kept under."""
SHAPE: Mapping[str, Fields] = {
    "role": {
        "name": (_text(100, least=1), REQUIRED), "name_en": (_text(100), ""), "description": (_text(2000), ""),
        "template": (_text(64), ""), "template_version": (_number, 0), "sensitive": (_flag, False),
        "lines": (_lines, REQUIRED),
    },
    "grant": {
        "role": (_maybe(_CODE), None), "lines": (_maybe(_lines), None), "subject": (_text(100, least=1), REQUIRED),
        "below": (_flag, False), "starts": (_maybe(_moment), None), "ends": (_maybe(_moment), None),
        "source": (_text(80), "manual"),
    },
    "ceiling": {
        "name": (_text(200, least=1), REQUIRED), "name_en": (_text(200), ""), "type": (_type_code, "*"),
        "kinds": (_maybe(_codes), None), "actions": (_maybe(_codes), None), "roles": (_maybe(_codes), None),
        "lines": (_lines, []), "active": (_flag, True),
    },
    "duty": {
        "name": (_text(200, least=1), REQUIRED), "name_en": (_text(200), ""), "first": (_codes, REQUIRED),
        "second": (_codes, REQUIRED),
        "first_rights": (apart.check, OMIT), "second_rights": (apart.check, OMIT),
    },
    "setting": {"value": (_setting, REQUIRED)},
    "post": {"department": (_CODE, REQUIRED), "position": (_maybe(_CODE), None)},
    "department": {
        "name": (_text(200, least=1), OMIT), "name_en": (_text(200), OMIT),
        "parent": (_maybe(_CODE), None), "head": (_maybe(_CODE), None), "overseer": (_maybe(_CODE), None),
    },
    "member": {"role": (_member_role, REQUIRED)},
    "manager": {"manager": (_maybe(_CODE), REQUIRED)},
}  # fmt: skip


def state_of(kind: str, value: Any, place: str) -> State:
    """A well-formed state of this kind, every key present. Raises Invalid naming the place."""
    if value is None:
        if kind in KEPT:
            raise _refuse(place, "required", NEEDS_STATE)
        return None
    if not isinstance(value, Mapping):
        raise _refuse(place, "type", WRONG.fill(kind=Words("对象或空", "an object or null")))
    if (where := unstorable_in(value, place)) is not None:
        raise _refuse(where, "unicode", UNSTORABLE)
    if kind == "promise":
        return parse_promise(value, place).json()
    fields = SHAPE[kind]
    problems = [Problem(f"{place}/{key}", "unknown", NO_KEY) for key in value if key not in fields]
    found: dict[str, Any] = {}
    for key, (check, default) in fields.items():
        if key not in value:
            if default is REQUIRED:
                problems.append(Problem(f"{place}/{key}", "required", MISSING))
            elif default is not OMIT:
                found[key] = default
            continue
        try:
            told = check(value[key], f"{place}/{key}")
            if told or default is not OMIT:
                found[key] = told
        except Invalid as error:
            problems.extend(error.problems)
    if problems:
        raise Invalid(problems)
    if kind == "duty":
        for side in apart.SIDES:
            if not found[side] and not apart.of(found, side):
                raise _refuse(f"{place}/{side}", "required", ONE_SIDED)
    if kind == "grant":
        if (found["role"] is None) == (found["lines"] is None):
            raise _refuse(f"{place}/role", "either", ROLE_OR_LINES)
        if found["starts"] and found["ends"] and _later(found["starts"], found["ends"]):
            raise _refuse(f"{place}/ends", "order", ENDS_FIRST)
    return found


def _later(starts: str, ends: str) -> bool:
    return datetime.fromisoformat(ends) <= datetime.fromisoformat(starts)


def strictest(setting: str) -> State:
    """What a setting says of which nothing is said."""
    return {"value": SETTINGS[setting][0]}


def thing_of(value: Any, place: str) -> tuple[str, str]:
    """(kind, key) as sent. Raises Invalid."""
    kind, key = value.get("kind"), value.get("key")
    if kind not in KINDS:
        raise _refuse(f"{place}/kind", "unknown", NO_KIND.fill(kind=str(kind)[:40]))
    return kind, key_of(kind, key, f"{place}/key")


def key_of(kind: str, key: Any, place: str) -> str:
    """A key that can be kept. Raises Invalid."""
    found: str = _text(64 if kind in CODED else 120, least=1)(key, place)
    return found


def check_grant(before: State, after: State, place: str) -> None:
    """Of a grant that exists only the end may differ, and nothing passes for what is lent. Raises Invalid."""
    if before is None:
        if after is not None and after["source"].startswith(OTHERS):
            raise _refuse(f"{place}/source", "source", NOT_OF_POLICY)
        return
    if before["source"].startswith(LENT):
        raise _refuse("key", "source", NOT_OF_POLICY)
    if after is None:
        return
    if any(before[key] != after[key] for key in after if key != "ends"):
        raise _refuse(place, "fixed", GRANT_FIXED)
