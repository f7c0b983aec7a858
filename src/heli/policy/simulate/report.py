"""A simulation as it is told: figures, gains and losses, dead corners, duties, policy tests, person by person."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from django.db import connection

from heli.access.facts import GrantFact, World
from heli.access.unread import EVERYTHING_SHOWN, Unread
from heli.kernel import clock
from heli.kernel.words import Words
from heli.policy.change import Change
from heli.policy.checks import Checked, check
from heli.policy.simulate import corners, replay, warnings
from heli.policy.simulate.counting import Counts, count
from heli.policy.simulate.entries import GAIN, LOSS, Entries, Entry
from heli.policy.simulate.symbolic import Difference, difference

RECENT = 30
"""Days within which a use counts as recent."""


@dataclass
class Simulation:
    """What a change would do, computed at one stamp of the company."""

    stamp: str
    changes: Sequence[Change]
    difference: Difference
    counts: Counts
    entries: Entries
    corners: corners.Corners
    checked: Checked
    used: replay.Replay
    """The last RECENT days under the change: what is in use and would break."""
    warnings: list[Words]
    ms: dict[str, float] = field(default_factory=dict)

    @property
    def gains(self) -> list[Entry]:
        return self.entries.of(GAIN)

    @property
    def losses(self) -> list[Entry]:
        return self.entries.of(LOSS)


def stamp() -> str:
    """A word for rules and organisation as they stand: another one after any change of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT key, value FROM access_epoch ORDER BY key")
        found = cursor.fetchall()
    return sha256(repr(found).encode()).hexdigest()[:16]


def simulate(before: World, after: World, changes: Sequence[Change], initiators: Sequence[int] = (), *,
             at: str | None = None, unread: Unread = EVERYTHING_SHOWN) -> Simulation:  # fmt: skip
    """Everything about one change of the company. ``at``: the stamp at which the worlds were loaded. ``unread``: what the
    asker does not read; numbers that hang on it are bounds."""
    mark = at or stamp()
    ms: dict[str, float] = {}
    now = clock.now()
    begun, late = _begun(before, after, now)
    with _timed(ms, "symbolic"):
        found = difference(before, begun, now)
    entries = Entries(found)
    with _timed(ms, "counts"):
        counts = count(found, entries.bucket, unread)
    entries.count(counts.heaps, counts.at_most)
    types = {p.what.type for g in found.groups for p in g.pieces if p.what.action == "read" and p.lost}
    with _timed(ms, "corners"):
        dead = corners.compare(found.before, found.after, types, unread)
    with _timed(ms, "checks"):
        checked = check(before, after, changes, initiators, counted=True)
    with _timed(ms, "used"):
        used = replay.replay(found, RECENT, unread)
    warned = [
        *(one for some in checked.sight.values() for one in some),
        *warnings.later(late),
        *warnings.about(changes, found),
    ]
    return Simulation(mark, changes, found, counts, entries, dead, checked, used, warned, ms)


def _begun(before: World, after: World, now: datetime) -> tuple[World, list[GrantFact]]:
    """The changed company as if what it gives from a day on had begun, and those grants: else a change that waits would look
    like none."""
    late = {pk: one for pk, one in after.all_grants.items() if one.starts > now and pk not in before.all_grants}
    if not late:
        return after, []
    begun = {pk: replace(one, starts=now) for pk, one in late.items()}
    return replace(after, all_grants={**after.all_grants, **begun}), list(late.values())


@contextmanager
def _timed(into: dict[str, float], name: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    into[name] = round((time.perf_counter() - began) * 1000, 1)
