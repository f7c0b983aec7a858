"""What a proposed change says of itself, and trying one: whether a yes would follow from one more line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from heli.access import view as views
from heli.access.core.decide import TypeRights
from heli.access.core.line import REACH, Held, Line, Row, Source
from heli.access.scopes import Carrier
from heli.access.view import View
from heli.insight.asked import Question, view_of
from heli.kernel.words import Words

MOST_APPROVERS = 3
PLAIN = ("public", "internal")
LASTING = Words("长期", "lasting")
READ, EDIT = Words("只读", "read"), Words("可编辑", "edit")


@dataclass(frozen=True, slots=True)
class Fix:
    """``records`` and ``people`` None: not for this asker to know. ``act`` is what a page sends to begin it."""

    kind: str
    words: Words
    records: int | None
    fields: int
    people: int | None
    approvers: tuple[int, ...]
    by: Words | None
    lasts: Words
    act: Mapping[str, Any]
    at_most: bool = False
    """``records`` is a bound: how many there are hangs on cells that the asker does not read."""


def row_of(asked: Question, person: int, *more: tuple[str, str]) -> Row:
    assert asked.row is not None
    pairs = frozenset(pair for pair, people in asked.reached.items() if person in people)
    return {**{k: v for k, v in asked.row.items() if k != REACH}, REACH: pairs | frozenset(more)}


def with_line(
    asked: Question, rights: TypeRights, person: int, line: Line, pair: tuple[str, str] | None = None
) -> bool:
    """Whether it would be a yes if the person held this line too. A line that looks at a cell which the asker does not read is no fix:
    whether it would be enough hangs on that cell, and being proposed would tell what it holds."""
    view = view_of(asked.company, person)
    if view.asked is None or not all(asked.told(cond.field) for cond in line.where):
        return False
    held = held_as(view, line, Carrier(department=view.home))
    then = TypeRights(rights.shape, [*rights.lines, held], [c for c in rights.ceilings if c.roles is None])
    return decides(asked, then, row_of(asked, person, *([pair] if pair is not None else [])))


def held_as(view: View, line: Line, carrier: Carrier) -> Held:
    assert view.asked is not None
    return views.hold(line, Source(0, "", LASTING, 0, LASTING), view.asked, carrier)


def decides(asked: Question, rights: TypeRights, row: Row) -> bool:
    if asked.field is None:
        return rights.decide(asked.right, row).allowed
    return rights.decide_field(asked.right, asked.field, row).allowed
