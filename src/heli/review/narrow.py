"""A narrower right in place of a wider one: which lines are contained in which, and the ways to narrow that are offered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from heli.access.core.line import Level, Line
from heli.access.shapes import SHAPES
from heli.access.view import lines_of
from heli.kernel.words import Words
from heli.review.rights import action_words, joined

type Stored = Mapping[str, Any]

LOOKING = frozenset({"read", "open"})
"""Reading, and opening pages, which convey no data."""
USED_ONLY = Words("只保留用过的操作：{a}", "only what was used: {a}")
READ_ONLY = Words("只能查看", "look only")
MASKED = Words("敏感与机密字段改为脱敏", "sensitive and confidential fields masked")


def within(new: Line, old: Line) -> bool:
    """Whether a line gives nothing that the other does not: the same type, no more actions, scopes, cells, fields or amount,
    and at least its conditions. What cannot be told from the wording counts as wider."""
    if new.type != old.type or not new.actions <= old.actions or not set(new.scopes) <= set(old.scopes):
        return False
    if any(cond not in new.where for cond in old.where):
        return False
    if old.writes is not None and (new.writes is None or not new.writes <= old.writes):
        return False
    if (new.limit or 0) > (old.limit or 0):
        return False
    shape = SHAPES.get(new.type)
    fields = shape.fields.values() if shape is not None else ()
    return all(new.level(f.code, f.data_class) <= old.level(f.code, f.data_class) for f in fields)


def narrower(new: Iterable[Line], old: Sequence[Line]) -> bool:
    """Whether every line lies within some old one."""
    return all(any(within(one, other) for other in old) for one in new)


def options(lines: Sequence[Stored], used: Iterable[str]) -> list[tuple[str, Words, list[dict[str, Any]]]]:
    """Ways to narrow these lines, each with its code and words; only such as change something and leave something."""
    done = set(used)
    found: list[tuple[str, Words, list[dict[str, Any]]]] = []
    kept = [
        _with(line, [a for a in line["actions"] if a in LOOKING or f"{line['type']}.{a}" in done]) for line in lines
    ]
    pairs = sorted({(line["type"], a) for line in kept if line is not None for a in line["actions"] if a != "open"})
    if done and pairs and len(pairs) <= 8:
        found.append(("used", USED_ONLY.fill(a=joined(action_words(t, a) for t, a in pairs)), _some(kept)))
    found.append(
        ("read", READ_ONLY, _some([_with(line, [a for a in line["actions"] if a in LOOKING]) for line in lines]))
    )
    found.append(("masked", MASKED, [_masked(line) for line in lines]))
    same = [dict(line) for line in lines]
    seen: list[list[dict[str, Any]]] = []
    good = []
    for code, words, some in found:
        if some and some != same and some not in seen and narrower(lines_of(some), lines_of(same)):
            seen.append(some)
            good.append((code, words, some))
    return good


def _with(line: Stored, actions: list[str]) -> dict[str, Any] | None:
    """The line with these actions; a limit goes with the action that it bounds (rows of an export, else an amount)."""
    if not actions:
        return None
    bounded = "export" if "export" in line["actions"] else "approve"
    return {k: v for k, v in line.items() if k != "limit" or bounded in actions} | {"actions": actions}


def _some(lines: Iterable[dict[str, Any] | None]) -> list[dict[str, Any]]:
    return [one for one in lines if one is not None]


def _masked(line: Stored) -> dict[str, Any]:
    """The line with no sensitive or confidential cell read in full."""
    (parsed,) = lines_of([line])
    shape = SHAPES.get(parsed.type)
    if "read" not in parsed.actions or shape is None:
        return dict(line)
    lower: dict[str, str] = {}
    for field in shape.fields.values():
        if field.data_class in ("sensitive", "confidential"):
            level = parsed.level(field.code, field.data_class)
            if level >= Level.READ:
                lower[field.code] = "masked"
    return {**line, "read": {**line.get("read", {}), **lower}} if lower else dict(line)
