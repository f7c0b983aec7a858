"""What is allowed and yet seldom meant: lines that select nothing, or everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from heli.access.core.line import Line
from heli.access.facts import GrantFact
from heli.access.shapes import SHAPES
from heli.kernel.words import Words
from heli.org import zone
from heli.policy.approval import loosens
from heli.policy.brief import SETTINGS
from heli.policy.change import Change
from heli.policy.names import Names
from heli.policy.simulate.say import action_words, type_words
from heli.policy.simulate.symbolic import Difference

EVERYTHING = Words(
    "「{where}」第 {n} 条对全公司的{type}生效，没有任何条件：{actions}",
    "line {n} of “{where}” holds for every {type} of the company, without a condition: {actions}",
)
NOTHING = Words(
    "「{where}」第 {n} 条的条件互相矛盾，选不中任何{type}",
    "the conditions of line {n} of “{where}” contradict each other: no {type} fulfils them",
)
NOBODY = Words(
    "「{where}」现在没有任何人持有，改动暂不影响谁", "nobody holds “{where}” now: the change concerns no one yet"
)
LATER = Words(
    "「{where}」的授权从 {day} 起才生效；这里按已经生效计算",
    "“{where}” is given from {day} on; it is counted here as if it had begun",
)
LOOSER = Words(
    "改权限的规矩会放宽：以后{after}。要另一位安全管理员批准",
    "the rule about changing rights becomes looser: from then on {after}. Another security administrator has to approve it",
)
GIVEN = Words("给{subject}的单项权限", "single lines of {subject}")
LINES = Words("单项权限", "single lines")
MOST = 40


def later(grants: Iterable[GrantFact]) -> list[Words]:
    """What begins on a day to come, as it was counted all the same."""
    return [
        LATER.fill(where=one.role.words if one.role is not None else LINES, day=zone.told(one.starts, "%Y-%m-%d"))
        for one in grants
    ][:MOST]


def about(changes: Sequence[Change], difference: Difference) -> list[Words]:
    """Warnings about the lines that these changes bring."""
    found, names = list[Words](), Names.load()
    for one in changes:
        if one.kind == "setting" and loosens(one) and one.after is not None:
            found.append(LOOSER.fill(after=SETTINGS.get((one.key, one.after["value"]), one.key)))
        if one.kind not in ("role", "grant") or one.after is None:
            continue
        where = _where(one.key, one.after, names)
        found += _lines(where, (one.before or {}).get("lines") or (), one.after.get("lines") or (), difference)
        if one.kind == "role" and one.before is not None and not _held(one.key, difference):
            found.append(NOBODY.fill(where=where))
    return found[:MOST]


def _where(key: str, after: Mapping[str, Any], names: Names) -> Words:
    """What has the lines: a role by its name, single lines by whom they are given to, never by a code."""
    if "subject" in after:
        return GIVEN.fill(subject=names.words(str(after["subject"])))
    name = str(after.get("name") or key)
    return Words(name, str(after.get("name_en") or name))


def _held(code: str, difference: Difference) -> bool:
    company = difference.after
    return any(
        grant.role is not None and grant.role.code == code and company.holders(grant)
        for grant in company.world.all_grants.values()
    )


def _lines(
    where: Words, before: Iterable[Mapping[str, Any]], after: Sequence[Mapping[str, Any]], difference: Difference
) -> Iterator[Words]:
    had = list(before)
    for at, (raw, line) in enumerate(zip(after, difference.after.wordings.lines(after), strict=True), 1):
        if raw in had or not SHAPES[line.type].fields:
            continue
        if "all" in line.scopes and not line.where:
            said = sorted(line.actions)
            words = Words(
                "、".join(action_words(line.type, a).zh for a in said),
                ", ".join(action_words(line.type, a).en for a in said),
            )
            yield EVERYTHING.fill(where=where, n=at, type=type_words(line.type), actions=words)
        elif _contradicts(line):
            yield NOTHING.fill(where=where, n=at, type=type_words(line.type))


def _contradicts(line: Line) -> bool:
    """Whether two of its conditions can never hold together."""
    conds = line.where
    for i, one in enumerate(conds):
        if one.op == "in" and not one.value:
            return True
        for other in conds[i + 1 :]:
            if one.column == other.column and _apart(one, other):
                return True
    return False


def _apart(one: Any, other: Any) -> bool:
    ops = {one.op, other.op}
    if "empty" in ops:
        return len(ops) == 2
    if ops <= {"=", "in"}:
        values = [c.value if c.op == "in" else frozenset({c.value}) for c in (one, other)]
        return not values[0] & values[1]
    for low, high in ((one, other), (other, one)):
        if low.op in (">", ">=", "=") and high.op in ("<", "<=", "="):
            strict = low.op == ">" or high.op == "<"
            if low.value > high.value or (strict and low.value == high.value):
                return True
    return False
