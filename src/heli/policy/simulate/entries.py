"""Gains and losses put together as people read them: by department and right, riskiest first."""

from __future__ import annotations

import math
from collections.abc import Container, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from heli.access.core.line import Level
from heli.access.core.terms import Right
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.policy.simulate.rights import What
from heli.policy.simulate.symbolic import Difference, Group, Piece

GAIN, LOSS = "gain", "loss"
CLASS = {"public": 1, "internal": 2, "sensitive": 5, "confidential": 10}
ACTION = {"read": 1, "create": 1, "edit": 2, "transfer": 3, "assign": 3, "share": 3, "approve": 4, "delete": 5, "export": 6,
          "import": 4, "administer": 10, "grant": 12}  # fmt: skip
ORDINARY = 2
"""Weight of a verb that is not named."""


@dataclass(frozen=True, slots=True)
class Label:
    """What one row of the list says: a right, the fields that come with it, and the scopes it was written with."""

    what: What
    brings: tuple[str, ...]
    scopes: tuple[str, ...]

    def with_(self, other: Label) -> Label:
        """What is told of people of whom some gain the one and some the other."""
        if self == other:
            return self
        scopes = sorted({*self.scopes, *other.scopes}, key=lambda name: (SCOPES[name].rank, name))
        return Label(self.what, tuple(dict.fromkeys((*self.brings, *other.brings))), tuple(scopes))


@dataclass
class Entry:
    """People of one department who gain (or lose) the same."""

    sign: str
    department: int | None
    label: Label
    people: list[int] = field(default_factory=list)
    records: int | None = None
    """Different records concerned, all people together; None where there are none to count."""
    at_most: bool = False
    """It may be fewer: see ``unread``."""
    risk: int = 0
    data_class: str = ""


def labels(group: Group, sign: str) -> Iterator[tuple[Label, Piece]]:
    """What is told of a group's gains or losses: cells that come with their rows are told with them."""
    found = {p.what: p for p in group.pieces if (p.gained if sign == GAIN else p.lost)}
    rows = {(w.type, w.action) for w in found if not w.fields and w.limit is None}
    for what, piece in found.items():
        right = piece.gained if sign == GAIN else piece.lost
        brings: tuple[str, ...] = ()
        if what.limit is not None:
            same = [w for w in found if (w.type, w.action) == (what.type, what.action) and w.limit is not None]
            if what.limit != max(w.limit or 0 for w in same):
                continue
        elif what.fields:
            if (what.type, what.action) in rows:
                continue
            if what.level == Level.MASKED and _told_in_full(what, found, sign):
                continue
        elif (what.type, what.action, None) in {(w.type, w.action, None) for w in found if w.limit is not None}:
            continue  # told with its limit
        elif what.action in ("read", "edit", "create"):
            brings = tuple(
                code for w in found if (w.type, w.action) == (what.type, what.action) and w.fields
                and w.level in (None, Level.READ) for code in w.fields
            )  # fmt: skip
        yield Label(what, brings, _scopes(right)), piece


def _told_in_full(what: What, found: Mapping[What, Piece], sign: str) -> bool:
    """Whether the same fields are gained (or lost) in full on as much."""
    full = found.get(replace(what, level=Level.READ))
    if full is None:
        return False
    mine, theirs = found[what], full
    return set(mine.gained if sign == GAIN else mine.lost) == set(theirs.gained if sign == GAIN else theirs.lost)


def _scopes(right: Right) -> tuple[str, ...]:
    names = {split(t.scope)[0] for t in right if t.scope}
    return tuple(sorted(names, key=lambda name: (SCOPES[name].rank, name)))


class Entries:
    """All of them, filled in two steps: who, then how many records."""

    def __init__(self, difference: Difference) -> None:
        self.found: dict[tuple[str, int | None, What], Entry] = {}
        self.by_person: dict[int, list[Entry]] = {}
        self._heaps: dict[tuple[int, What], list[tuple[str, int | None, What]]] = {}
        for group in difference.groups:
            for sign in (GAIN, LOSS):
                for label, piece in labels(group, sign):
                    for person in group.people:
                        department = home(difference, person)
                        key = (sign, department, label.what)
                        entry = self.found.setdefault(key, Entry(sign, department, label))
                        if entry.label is not label:
                            entry.label = entry.label.with_(label)
                        entry.people.append(person)
                        self.by_person.setdefault(person, []).append(entry)
                        self._heaps.setdefault((person, piece.what), []).append(key)

    def bucket(self, person: int, piece: Piece) -> Iterable[Hashable]:
        return self._heaps.get((person, piece.what), ())

    def count(self, heaps: Mapping[Hashable, tuple[int, int]], at_most: Container[Hashable] = ()) -> None:
        """Take the numbers of the heaps, and weigh each entry by them. ``at_most``: those that are bounds."""
        for key, entry in self.found.items():
            pair = heaps.get(key)
            if pair is not None:
                entry.records = pair[0] if entry.sign == GAIN else pair[1]
                entry.at_most = key in at_most
            entry.data_class, entry.risk = _risk(entry)

    def of(self, sign: str) -> list[Entry]:
        """Riskiest first."""
        rows = [one for one in self.found.values() if one.sign == sign]
        return sorted(rows, key=lambda e: (-e.risk, -len(e.people), e.label.what.type, e.label.what.action))


def home(difference: Difference, person: int) -> int | None:
    """The department somebody is counted under: where they will be, else where they were."""
    for company in (difference.after, difference.before):
        found = company.place(company.open_posts(person)) if person in company.world.people else None
        if found is not None:
            return found
    return None


def _risk(entry: Entry) -> tuple[str, int]:
    """By the data class of what is seen, what may be done, how wide the scope is, on how many records, for how many people."""
    what = entry.label.what
    shape = SHAPES[what.type]
    codes = what.fields or entry.label.brings
    classes = [shape.fields[code].data_class for code in codes if code in shape.fields]
    data_class = max(classes, key=lambda one: CLASS.get(one, 10), default="")
    width = max((SCOPES[one].rank for one in entry.label.scopes), default=50) / 30 + 1
    weight = CLASS.get(data_class, 1) * ACTION.get(what.action, ORDINARY) * width
    records = 1 + math.log10(1 + entry.records) if entry.records is not None else 1
    if entry.records == 0:
        records = 0.1
    return data_class, round(weight * records * (1 + math.log2(len(entry.people))))
