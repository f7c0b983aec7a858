"""What can be lent: which acts and fields, for how long. Nothing here looks at a record."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from heli.access.shapes import STANDARD_ACTIONS
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records.reasons import ACTIONS
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verbs_of

HOUR = 3600
DAY = 24 * HOUR
LEAST = HOUR
MOST = 30 * DAY
MOST_CONFIDENTIAL = 14 * DAY
CONFIDENTIAL = "confidential"
SPANS = (HOUR, 8 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY, 30 * DAY)
"""What the page offers."""
MOST_FIELDS = 60
MOST_REASON = 500

NO_TYPE = Words("没有这个对象", "no such object type")
NO_FIELD = Words("没有这个字段", "no such field")
NOT_LENT = Words(
    "「{action}」不能借：它会留下借期之外的后果，请让有权的人来做",
    "“{action}” is not lent: what it does outlasts a loan; ask somebody who may to do it",
)
SHORT_OR_LONG = Words("应在 1 小时到 {most} 天之间", "must be between 1 hour and {most} days")
NO_WRITE = Words("「{field}」由系统填写，不能借出编辑", "“{field}” is filled in by the system; editing it is not lent")
NEEDS_FIELDS = Words("请选择要编辑的字段", "choose the fields to edit")


@dataclass(frozen=True, slots=True)
class Terms:
    """What is lent of a record: an act, and the fields that are read (and, for ``edit``, written)."""

    action: str
    fields: tuple[str, ...]
    seconds: int

    def json(self) -> dict[str, Any]:
        return {"action": self.action, "fields": list(self.fields), "seconds": self.seconds}

    @property
    def span(self) -> timedelta:
        return timedelta(seconds=self.seconds)


def kind_named(code: str) -> ObjectType:
    """The type that a request names. Raises Invalid."""
    found = TYPES.get(code)
    if found is None:
        raise Invalid(Problem("type", "unknown", NO_TYPE))
    return found


def lendable(kind: ObjectType) -> dict[str, Words]:
    """Acts that are lent: reading, editing, and the type's own verbs that leave the record where it is."""
    found = {"read": ACTIONS["read"], "edit": ACTIONS["edit"]}
    found |= {
        verb.code: verb.words
        for verb in verbs_of(kind.code)
        if verb.type == kind.code and verb.after and verb.right not in STANDARD_ACTIONS
    }
    return found


def right_of(kind: ObjectType, action: str) -> str:
    """The action that permission lines name for it."""
    return next((verb.right for verb in verbs_of(kind.code) if verb.code == action), action)


def check(kind: ObjectType, action: str, fields: Sequence[str], seconds: int) -> Terms:
    """Well-formed terms. Raises Invalid naming each place."""
    problems: list[Problem] = []
    words = {**ACTIONS, **{verb.code: verb.words for verb in verbs_of(kind.code)}}.get(action)
    if words is None:
        problems.append(Problem("action", "unknown", Words("没有这个操作", "no such action")))
    elif action not in lendable(kind):
        problems.append(Problem("action", "not_lent", NOT_LENT.fill(action=words)))
    found = tuple(dict.fromkeys(fields))
    for at, code in enumerate(found):
        one = kind.fields.get(code)
        if one is None:
            problems.append(Problem(f"fields/{at}", "unknown", NO_FIELD))
        elif action == "edit" and not writable(kind, code):
            problems.append(Problem(f"fields/{at}", "readonly", NO_WRITE.fill(field=one.words)))
    if action == "edit" and not found:
        problems.append(Problem("fields", "required", NEEDS_FIELDS))
    most = MOST_CONFIDENTIAL if confidential(kind, found) else MOST
    if not LEAST <= seconds <= most:
        problems.append(Problem("seconds", "range", SHORT_OR_LONG.fill(most=most // DAY)))
    if problems:
        raise Invalid(problems)
    return Terms(action, found, seconds)


def confidential(kind: ObjectType, fields: Iterable[str]) -> bool:
    """Whether one of the fields is of the confidential class: a second yes is needed, and 14 days are the most."""
    return any(kind.fields[code].data_class == CONFIDENTIAL for code in fields if code in kind.fields)


def basic(kind: ObjectType) -> tuple[str, ...]:
    """The fields that show a record at all: its public and internal ones."""
    return tuple(code for code, one in kind.fields.items() if one.data_class in ("public", "internal"))


def writable(kind: ObjectType, code: str) -> bool:
    """Whether people write this field at all: none that follows by itself."""
    return not kind.fields[code].readonly and not kind.fields[code].flow


def lines(kind: ObjectType, terms: Terms, tag: str) -> list[dict[str, Any]]:
    """The permission lines of a loan: exactly these cells, on the record to which ``tag`` leads."""
    scope = [f"record:{tag}"]
    shown = {"*": "hidden", **dict.fromkeys(terms.fields, "read")}
    made: list[dict[str, Any]] = [{"type": kind.code, "actions": ["read"], "scope": scope, "read": shown}]
    if terms.action == "edit":
        made.append(
            {
                "type": kind.code,
                "actions": ["edit"],
                "scope": scope,
                "write": [one for one in terms.fields if writable(kind, one)],
            }
        )
    elif terms.action != "read":
        made.append({"type": kind.code, "actions": [right_of(kind, terms.action)], "scope": scope})
    return made
