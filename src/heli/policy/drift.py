"""How far a role has moved from the template it was made of, and what a newer template offers: line by line. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.policy.merge import keyed, merge

type RawLine = Mapping[str, Any]
type Lines = Sequence[RawLine]


@dataclass(frozen=True, slots=True)
class Step:
    """One line that differs. ``kind``: ``added`` (only after), ``removed`` (only before), ``changed`` (in both)."""

    kind: str
    before: RawLine | None
    after: RawLine | None
    at: int
    """Its place in the longer-lived side: after, or before where it was removed."""


def steps(before: Lines, after: Lines) -> list[Step]:
    """What differs between two versions of a role's lines. A line is the same while type, actions, scopes and conditions are."""
    was, now = keyed(before), keyed(after)
    found: list[Step] = []
    for at, (key, line) in enumerate(now.items()):
        if key not in was:
            found.append(Step("added", None, line, at))
        elif dict(was[key]) != dict(line):
            found.append(Step("changed", was[key], line, at))
    found += [Step("removed", line, None, at) for at, (key, line) in enumerate(was.items()) if key not in now]
    return found


@dataclass(frozen=True, slots=True)
class Update:
    """What taking a newer template would do to a role that has drifted."""

    lines: list[RawLine]
    """The role with the template's changes brought in; where both changed a line, the role's own stands."""
    steps: list[Step]
    conflicts: tuple[int, ...]
    """Places of lines in ``lines`` that both changed."""
    declined: list[Step]
    """What the template would have made of the lines that both changed."""


def update(made_from: Lines, own: Lines, offered: Lines) -> Update:
    """Bring a newer template into a role: three-way, so that the company's own changes stay."""
    merged, places = merge(list(made_from), list(own), list(offered), "lines")
    lines = list(merged)
    places_in = {key: at for at, key in enumerate(keyed(lines))}
    mine = list(keyed(own))
    clashing = set[int]()
    for place in places:
        at = int(place.split("/")[1]) if place.count("/") else len(mine)
        if at < len(mine) and mine[at] in places_in:
            clashing.add(places_in[mine[at]])
    wanted, _ = merge(list(made_from), list(own), list(offered), "lines", keep="theirs")
    return Update(lines, steps(own, lines), tuple(sorted(clashing)), steps(lines, wanted))
