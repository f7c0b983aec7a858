"""What a change would move, in figures, without looking for dead corners, duties or past use: quick enough to ask while typing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from heli.access.facts import World
from heli.access.unread import Unread
from heli.kernel import clock
from heli.policy.change import Change
from heli.policy.company import changed
from heli.policy.names import Names
from heli.policy.simulate.counting import count
from heli.policy.simulate.entries import GAIN, LOSS, Entries, Entry
from heli.policy.simulate.symbolic import difference


@dataclass(frozen=True, slots=True)
class Weight:
    """Who gains and who loses; different records and cells (gained, lost); the rights, riskiest first."""

    gaining: frozenset[int]
    losing: frozenset[int]
    records: tuple[int, int]
    cells: tuple[int, int]
    gains: list[Entry]
    losses: list[Entry]
    records_at_most: bool
    cells_at_most: bool
    unread: Mapping[str, frozenset[str]]
    """By type, the fields that the asker does not read and numbers hang on: those are bounds."""


def weigh(before: World, changes: Sequence[Change], names: Names, unread: Unread) -> Weight:
    """Raises Invalid, naming the change's place, for changes that do not fit the company."""
    found = difference(before, changed(before, changes, names), clock.now())
    entries = Entries(found)
    counts = count(found, entries.bucket, unread)
    entries.count(counts.heaps, counts.at_most)
    pairs = counts.cells.values()
    return Weight(
        found.gaining, found.losing, counts.records, (sum(one for one, _ in pairs), sum(two for _, two in pairs)),
        entries.of(GAIN), entries.of(LOSS), counts.records_at_most, bool(counts.cells_at_most), counts.unread,
    )  # fmt: skip
