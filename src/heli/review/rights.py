"""What a grant gives, as a reviewer has to judge it: how powerful, how wide, how secret, and in one line of words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson

from heli.access.core.line import Level, Line
from heli.access.facts import GrantFact
from heli.access.scopes import SCOPES, split
from heli.access.shapes import PAGE, SHAPES
from heli.access.view import lines_of
from heli.kernel.words import Words
from heli.records.reasons import ACTIONS
from heli.records.verbs import verb_of

POWER = {
    "grant": 35, "administer": 30, "export": 25, "delete": 18, "import": 12, "transfer": 12, "assign": 12, "approve": 15,
    "share": 6, "edit": 6, "create": 3, "read": 0, "open": 0,
}  # fmt: skip
"""Points for what may be done; a verb that an object declares counts as ``VERB``."""
VERB = 6
WIDE = {"all": 20, "below": 10, "department": 8, "oversees": 10, "pool": 5, "customer": 6, "reports": 6}
CLASSES = {"confidential": 30, "sensitive": 18}
MORE_ACTIONS = {
    "open": Words("打开", "open"), "administer": Words("管理", "administer"), "grant": Words("授权", "grant"),
}  # fmt: skip
LINE_WORDS = Words("{actions} {type}（{scopes}）", "{actions} {type} ({scopes})")
ROLE_WORDS = Words("角色「{role}」· {n} 项", "role {role}, {n} lines")
AND_MORE = Words("{line} 等 {n} 项", "{line} and {n} in all")
MOST_ACTIONS = 3


@dataclass(frozen=True, slots=True)
class Given:
    """A grant in a reviewer's eyes. ``doing`` are its (type, action) pairs; ``points`` what makes it risky by itself."""

    points: int
    secret: bool
    words: Words
    doing: frozenset[tuple[str, str]]
    administers: bool


def of_grant(grant: GrantFact) -> Given:
    """What this grant gives; the same wording is looked at once."""
    role = grant.role
    found = _of_lines(orjson.dumps(list(grant.given)))
    if role is None:
        return found
    words = ROLE_WORDS.fill(role=role.words, n=len(role.lines))
    return Given(found.points, found.secret, words, found.doing, found.administers)


@lru_cache(maxsize=1024)
def _of_lines(raw: bytes) -> Given:
    lines = lines_of(orjson.loads(raw))
    weighed = sorted(((_points(line), line) for line in lines), key=lambda one: -one[0])
    doing = frozenset((line.type, action) for line in lines for action in line.actions)
    words = Words("没有任何权限", "nothing")
    if weighed:
        words = line_words(weighed[0][1])
        if len(weighed) > 1:
            words = AND_MORE.fill(line=words, n=len(weighed))
    return Given(
        points=weighed[0][0] if weighed else 0,
        secret=any(secret_class(line) for line in lines),
        words=words,
        doing=doing,
        administers=any((t, a) in doing for t in ("policy", "organisation") for a in ("administer", "grant")),
    )


def _points(line: Line) -> int:
    power = max((POWER.get(action, VERB) for action in line.actions), default=0)
    wide = max((WIDE.get(split(scope)[0], 0) for scope in line.scopes), default=0)
    if line.type.startswith(PAGE):
        return 0
    return power + wide + CLASSES.get(secret_class(line), 0)


def secret_class(line: Line) -> str:
    """The highest class of which this line lets a cell be read in full: ``confidential``, ``sensitive`` or nothing."""
    if "read" not in line.actions:
        return ""
    shape = SHAPES.get(line.type)
    classes = {
        field.data_class
        for field in (shape.fields.values() if shape is not None else ())
        if field.data_class in CLASSES and line.level(field.code, field.data_class) >= Level.READ
    }
    return "confidential" if "confidential" in classes else "sensitive" if classes else ""


def action_words(type_: str, action: str) -> Words:
    """What people call an action on a type."""
    verb = verb_of(type_, action)
    return ACTIONS.get(action) or (verb.words if verb is not None else MORE_ACTIONS.get(action, Words(action, action)))


def joined(words: Iterable[Words]) -> Words:
    said = list(dict.fromkeys(words))
    return Words("、".join(w.zh for w in said), ", ".join(w.en for w in said))


def line_words(line: Line) -> Words:
    """``导出、查看 客户（全公司）``: the most powerful actions first."""
    shape = SHAPES.get(line.type)
    ranked = sorted(line.actions, key=lambda a: (-POWER.get(a, VERB), a))
    actions = joined(action_words(line.type, a) for a in ranked[:MOST_ACTIONS])
    if len(ranked) > MOST_ACTIONS:
        actions = Words(f"{actions.zh}等", f"{actions.en} and more")
    scopes = joined(SCOPES[split(scope)[0]].words for scope in line.scopes)
    return LINE_WORDS.fill(actions=actions, type=shape.words if shape is not None else line.type, scopes=scopes)


def stored_words(line: Mapping[str, Any]) -> Words:
    """The same for a line as it is stored."""
    return line_words(lines_of([line])[0])
