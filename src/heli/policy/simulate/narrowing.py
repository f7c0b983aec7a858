"""A narrower role: its lines without what nobody needed. Pure.

What is taken out is looked for in the lines as a draft has them by now, so that two who narrow the same role lose nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from heli.access.core.line import LEVELS, Level
from heli.access.shapes import SHAPES

type RawLine = Mapping[str, Any]

READ, WRITES = "read", ("create", "edit")
"""Actions of which only some fields may be taken out: what they show, what they write."""
_WORDS = {level: word for word, level in LEVELS.items()}


@dataclass(frozen=True, slots=True)
class Pick:
    """One thing to take out: the line that it stands in, the action, and, unless the action goes altogether, the scope that stays
    (``scope``) or the fields that go (``fields``)."""

    line: RawLine
    action: str
    scope: str = ""
    fields: tuple[str, ...] = ()


def narrowed(lines: Sequence[RawLine], picks: Iterable[Pick]) -> tuple[list[RawLine], list[Pick]]:
    """The lines without what was picked, and those picks that made a difference: what is gone already makes none."""
    found: list[RawLine] = list(lines)
    made: list[RawLine] = []
    done: list[Pick] = []
    for pick in picks:
        at = _at(found, pick)
        left = _left(found[at], pick) if at is not None else None
        if at is None or (left is not None and _rest(left) == _rest(found[at])):
            continue
        rest = {**found[at], "actions": [one for one in found[at]["actions"] if one != pick.action]}
        found[at : at + 1] = [rest] if rest["actions"] else []
        if left is not None:
            _join(found, made, at + bool(rest["actions"]), left)
        done.append(pick)
    return found, done


def _join(found: list[RawLine], made: list[RawLine], at: int, left: RawLine) -> None:
    """Put in what stays of an action: with what stayed of another one where they differ by their actions alone."""
    for i, one in enumerate(found):
        if any(one is other for other in made) and _rest(one) == _rest(left):
            found[i] = {**one, "actions": [*one["actions"], *left["actions"]]}
            made[:] = [found[i] if other is one else other for other in made]
            return
    found.insert(at, left)
    made.append(left)


def _at(lines: Sequence[RawLine], pick: Pick) -> int | None:
    """Where the line now stands: the very same if it does, else one of the same records that still gives the action."""
    fits = [i for i, one in enumerate(lines) if _where(one) == _where(pick.line) and pick.action in one["actions"]]
    same = [i for i in fits if _rest(lines[i]) == _rest(pick.line)]
    return next(iter([*same, *fits]), None)


def _where(line: RawLine) -> bytes:
    return orjson.dumps([line["type"], sorted(line["scope"]), line.get("where", [])], option=orjson.OPT_SORT_KEYS)


def _rest(line: RawLine) -> bytes:
    """All but the actions."""
    return orjson.dumps({k: v for k, v in line.items() if k != "actions"}, option=orjson.OPT_SORT_KEYS)


def _left(line: RawLine, pick: Pick) -> dict[str, Any] | None:
    """What stays of the action; None when it goes."""
    own = {**line, "actions": [pick.action]}
    if pick.scope:
        return {**own, "scope": [pick.scope]}
    if not pick.fields:
        return None
    if pick.action == READ:
        return {**own, "read": {**line.get("read", {}), **dict.fromkeys(pick.fields, _WORDS[Level.HIDDEN])}}
    given = line.get("write", ["*"])
    if isinstance(given, Mapping) or list(given) == ["*"]:
        words = dict(given) if isinstance(given, Mapping) else {"*": True}
        return {**own, "write": {**words, **dict.fromkeys(pick.fields, False)}}
    return {**own, "write": [one for one in given if one not in pick.fields] or {"*": False}}


def unknown_fields(type: str, action: str, fields: Sequence[str]) -> list[int]:
    """The places of those that the type has not, or that say nothing of this action."""
    shape = SHAPES.get(type)
    if shape is None or action not in (READ, *WRITES):
        return list(range(len(fields)))
    return [at for at, one in enumerate(fields) if one not in shape.fields]
