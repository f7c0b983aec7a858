"""Single rights that a duty keeps apart: ``payment.confirm``. Any one of them, from wherever it comes, is the side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from heli.access.shapes import SHAPES
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.policy.likeness import LINES, ROLE, Holding, Pair, cells_of
from heli.policy.sentences import joined
from heli.records.said import said_action, type_words

MOST: Final = 50
SIDES: Final = ("first", "second")
NOT_A_LIST = Words("应为权限的列表，如 payment.confirm", "must be a list of rights such as payment.confirm")
NO_RIGHT = Words("没有这项权限", "no such right")
RIGHT = Words("{action}{type}", "{action} {type}")
FROM = Words("{right}（来自{sources}）", "{right} (by {sources})")


def pair(right: str) -> Pair:
    """The object type and the action of a right as a duty names it."""
    type_, _, action = right.rpartition(".")
    return type_, action


def check(value: Any, place: str) -> list[str]:
    """The rights of one side, each once. Raises Invalid naming the place."""
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) > MOST:
        raise Invalid(Problem(place, "type", NOT_A_LIST))
    problems = []
    for i, one in enumerate(value):
        type_, action = pair(one) if isinstance(one, str) else ("", "")
        shape = SHAPES.get(type_)
        if shape is None or action not in shape.actions:
            problems.append(Problem(f"{place}/{i}", "unknown", NO_RIGHT))
    if problems:
        raise Invalid(problems)
    return list(dict.fromkeys(value))


def of(body: Mapping[str, Any], side: str) -> tuple[str, ...]:
    """The rights that a duty names on this side."""
    return tuple(body.get(f"{side}_rights") or ())


def words(right: str) -> Words:
    """A right in words."""
    type_, action = pair(right)
    return RIGHT.fill(action=said_action(type_, action), type=type_words(type_))


def held(holding: Holding, rights: Iterable[str]) -> tuple[str, Words] | None:
    """The first of these that they hold in any scope, and by what; None for none."""
    for right in rights:
        by = [g for g in holding.grants if pair(right) in cells_of(g.given)]
        if by:
            named = {said.en: said for said in (LINES if g.role is None else ROLE.fill(role=g.role.words) for g in by)}
            return right, FROM.fill(right=words(right), sources=joined(named.values(), "、", ", "))
    return None
