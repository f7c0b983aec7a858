"""Two people changed the same thing: what both did, or the places where they contradict each other. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

import orjson

type Json = Any
type Line = Mapping[str, Json]
type Lines = Sequence[Line]
type Key = tuple[bytes, int]
type Keyed = dict[Key, Line]
type Side = Literal["mine", "theirs"]

ABSENT: Json = object()


def merge(base: Json, mine: Json, theirs: Json, place: str = "", *, keep: Side = "mine") -> tuple[Json, list[str]]:
    """Three states of one thing into one, and the places in conflict (as counted in mine).

    ``base`` is what it was when I began, ``theirs`` what it has become since; ``None`` means that there is none.
    ``keep``: whose stands where both contradict each other. What either did elsewhere is in the result all the same.
    """
    merging = _Merging(keep)
    return merging.of(base, mine, theirs, place), merging.conflicts


class _Merging:
    """One merge under way: whose stands, and what it has found to contradict."""

    def __init__(self, keep: Side) -> None:
        self.keep = keep
        self.conflicts: list[str] = []

    def of(self, base: Json, mine: Json, theirs: Json, place: str) -> Json:
        """One thing or part of a thing."""
        if theirs in (mine, base):
            return mine
        if mine == base:
            return theirs
        if isinstance(mine, Mapping) and isinstance(theirs, Mapping):
            return self._maps(base if isinstance(base, Mapping) else {}, mine, theirs, place)
        if place.endswith("lines") and all(isinstance(one, Sequence) for one in (base, mine, theirs)):
            return self._lines(base, mine, theirs, place)
        if _sets(mine) and _sets(theirs) and _sets(base):
            return [one for one in theirs if one in mine or one not in base] + [
                one for one in mine if one not in base and one not in theirs
            ]
        self.conflicts.append(place)
        return mine if self.keep == "mine" else theirs

    def _maps(
        self, base: Mapping[str, Json], mine: Mapping[str, Json], theirs: Mapping[str, Json], place: str
    ) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key in [*theirs, *(k for k in mine if k not in theirs)]:
            was, own, now = (side.get(key, ABSENT) for side in (base, mine, theirs))
            one = self.of(was, own, now, f"{place}/{key}" if place else key)
            if one is not ABSENT:
                found[key] = one
        return found

    def _lines(self, base: Lines, mine: Lines, theirs: Lines, place: str) -> list[Json]:
        was, own, now = keyed(base), keyed(mine), keyed(theirs)
        places = {key: at for at, key in enumerate(own)}
        out = set[Key]()
        for key, moved, other in _rewritten(was, own, now):
            # The same sentence is another one on both sides by now, and not the same: both would be neither's wish.
            if key not in own and key not in now:
                self.conflicts.append(f"{place}/{places[moved] if moved else len(places)}")
            loser, winner = (other, own) if self.keep == "mine" else (moved, now)
            if loser is not None and loser not in winner:
                out.add(loser)
        found: list[Json] = []
        for key in [*now, *(k for k in own if k not in now)]:
            place_of = f"{place}/{places.get(key, len(places))}"
            one = self.of(was.get(key, ABSENT), own.get(key, ABSENT), now.get(key, ABSENT), place_of)
            if one is not ABSENT and key not in out:
                found.append(one)
        return found


def _sets(value: Json) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def line_key(line: Line) -> bytes:
    """What makes a line itself: type, actions, scopes and conditions; fields and limit are what it says."""
    return orjson.dumps(
        [line.get("type"), sorted(line.get("actions", [])), line.get("scope", []), line.get("where", [])],
        option=orjson.OPT_SORT_KEYS,
    )


def keyed(lines: Lines) -> Keyed:
    """Lines by what makes them themselves; equal ones are numbered."""
    found: Keyed = {}
    for line in lines:
        key, n = line_key(line), 0
        while (key, n) in found:
            n += 1
        found[key, n] = line
    return found


def _rewritten(was: Keyed, own: Keyed, now: Keyed) -> Iterator[tuple[Key, Key | None, Key | None]]:
    """Lines of old that both sides changed differently, at least one of them into a line of another key: with what each
    made of it (None where it is gone, or there under its own key)."""
    mine, theirs = _became(was, own), _became(was, now)
    for key, line in was.items():
        moved, other = mine.get(key), theirs.get(key)
        if moved == other:
            continue
        if (key in own and own[key] == line) or (key in now and now[key] == line):
            continue  # only one of them touched it
        yield key, moved, other


def _became(before: Keyed, after: Keyed) -> dict[Key, Key]:
    """Which new line each one stands in the place of: of the same type, with an action in common, the likest first."""
    fresh = [key for key in after if key not in before]
    gone = [key for key in before if key not in after]
    pairs = sorted(
        ((_likeness(before[old], after[new]), old, new) for old in gone for new in fresh), key=lambda one: -one[0]
    )
    found: dict[Key, Key] = {}
    taken = set[Key]()
    for likeness, old, new in pairs:
        if likeness and old not in found and new not in taken:
            found[old] = new
            taken.add(new)
    return found


def _likeness(one: Line, other: Line) -> int:
    """How much of a line is left in another; 0 when they are about different things."""
    if one.get("type") != other.get("type") or set(one.get("actions", ())).isdisjoint(other.get("actions", ())):
        return 0
    parts = [part for part in {*one, *other} if part != "type"]
    return 1 + sum(1 for part in parts if one.get(part) == other.get(part))
