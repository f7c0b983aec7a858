"""Two people changed the same thing: what both did, or the places where they contradict each other. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

type Json = Any

ABSENT: Json = object()


def merge(base: Json, mine: Json, theirs: Json, place: str = "") -> tuple[Json, list[str]]:
    """Three states of one thing into one, and the places in conflict (where mine stands in the result).

    ``base`` is what it was when I began, ``theirs`` what it has become since; ``None`` means that there is none.
    """
    conflicts: list[str] = []
    return _merge(base, mine, theirs, place, conflicts), conflicts


def _merge(base: Json, mine: Json, theirs: Json, place: str, conflicts: list[str]) -> Json:
    if theirs in (mine, base):
        return mine
    if mine == base:
        return theirs
    if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
        return _maps(base if isinstance(base, Mapping) else {}, mine, theirs, place, conflicts)
    if place.endswith("lines") and all(isinstance(one, Sequence) for one in (base, mine, theirs)):
        return _lines(base, mine, theirs, place, conflicts)
    if _sets(mine) and _sets(theirs) and _sets(base):
        return [one for one in theirs if one in mine or one not in base] + [
            one for one in mine if one not in base and one not in theirs
        ]
    conflicts.append(place)
    return mine


def _sets(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _maps(
    base: Mapping[str, Json], mine: Mapping[str, Json], theirs: Mapping[str, Json], place: str, conflicts: list[str]
) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for key in [*theirs, *(k for k in mine if k not in theirs)]:
        was, own, now = (side.get(key, ABSENT) for side in (base, mine, theirs))
        one = _merge(was, own, now, f"{place}/{key}" if place else key, conflicts)
        if one is not ABSENT:
            found[key] = one
    return found


def line_key(line: Mapping[str, Json]) -> bytes:
    """What makes a line itself: type, actions, scopes and conditions; fields and limit are what it says."""
    return orjson.dumps(
        [line.get("type"), sorted(line.get("actions", [])), line.get("scope", []), line.get("where", [])],
        option=orjson.OPT_SORT_KEYS,
    )


def keyed(lines: Sequence[Mapping[str, Json]]) -> dict[tuple[bytes, int], Mapping[str, Json]]:
    """Lines by what makes them themselves; equal ones are numbered."""
    found: dict[tuple[bytes, int], Mapping[str, Json]] = {}
    for line in lines:
        key, n = line_key(line), 0
        while (key, n) in found:
            n += 1
        found[key, n] = line
    return found


def _lines(
    base: Sequence[Json], mine: Sequence[Json], theirs: Sequence[Json], place: str, conflicts: list[str]
) -> list[Json]:
    sides = [keyed(side) for side in (base, mine, theirs)]
    found: list[Json] = []
    for key in [*sides[2], *(k for k in sides[1] if k not in sides[2])]:
        was, own, now = (side.get(key, ABSENT) for side in sides)
        at = next((i for i, k in enumerate(sides[1]) if k == key), len(found))
        one = _merge(was, own, now, f"{place}/{at}", conflicts)
        if one is not ABSENT:
            found.append(one)
    # A line that was removed here and changed there is missing on one side only: _merge saw the contradiction.
    return found
