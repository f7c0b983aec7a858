"""Counting what people take, on the hot path of every read: a few additions in memory, written in batches.

What is counted waits in this process until it is worth writing: at the latest when a person has taken ``slack`` of it (a
fiftieth of their smallest budget), and every ``EVERY`` seconds in a server. So several processes together pass a budget
by at most a fiftieth each and the answer that was on its way, and one that is killed loses seconds of counting.
Being over a budget is looked up when something is written, and again after ``RETRY`` seconds while it lasts.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

from heli.access.viewer import Viewer
from heli.guard import budget, canary, settings, strikes
from heli.guard.budget import KINDS, Line
from heli.kernel.errors import TooMany
from heli.kernel.words import Words
from heli.records.hooks import Taken, renewing
from heli.records.types import ObjectType

EVERY = 2.0
RETRY = 5.0
PART = 50
"""What waits of a kind is at most this part of the budget; before that is looked up, of what everybody has."""
MOST_HITS = 200
MOST_ANSWERS = 60
KNOWN_FOR = 3600
"""Seconds within which an open page may read anew what it shows without taking it again; of so many answers."""
LONGEST = 60
"""Seconds that a page waits at most."""

SLOWED = Words(
    "{why}。为保护客户数据，请 {n} 秒后再试；如工作需要，请联系安全管理员",
    "{why}. To protect customer data, try again in {n} seconds; if your work needs more, speak to security",
)


def _slack(limit: int) -> int:
    return max(1, limit // PART)


type Key = tuple[str, str, str]
"""(type, channel, kind)"""


@dataclass(slots=True)
class _Person:
    """What this process knows of somebody."""

    waiting: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    sums: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    slack: dict[str, int] = field(default_factory=lambda: {kind: _slack(budget.least(kind)) for kind in KINDS})
    over: Line | None = None
    looked_at: float = 0.0
    next_at: float = 0.0
    """Slowed down: when the next answer may go."""

    hits: dict[str, None] = field(default_factory=dict)
    """What they were found lately: who types a name letter by letter is shown the same records at each."""

    answers: dict[int, float] = field(default_factory=dict)
    """What they were answered, by its mark, and when that was counted."""

    def told(self, mark: int) -> bool:
        """Whether this has been counted within KNOWN_FOR; from now on it has."""
        now = time.monotonic()
        at = self.answers.pop(mark, None)
        known = at is not None and now - at < KNOWN_FOR
        self.answers[mark] = at if at is not None and known else now
        if len(self.answers) > MOST_ANSWERS:
            del self.answers[next(iter(self.answers))]
        return known

    def fresh(self, ids: Sequence[str]) -> int:
        """How many of these hits they have not just been shown."""
        new = [one for one in ids if one not in self.hits]
        self.hits |= dict.fromkeys(new)
        while len(self.hits) > MOST_HITS:
            del self.hits[next(iter(self.hits))]
        return len(new)

    @property
    def due(self) -> bool:
        return any(self.sums[kind] >= self.slack[kind] for kind in KINDS)


_logger = logging.getLogger(__name__)
_lock = threading.Lock()
_people: dict[int, _Person] = {}
_due: set[int] = set()
MOST_KNOWN = 20_000


def asking(viewer: Viewer, kind: ObjectType, channel: str) -> None:
    """Before counted cells are read. Raises TooMany for somebody who is slowed down."""
    if not _over:
        return
    person = viewer.looker
    known = _people.get(person) if person is not None else None
    if person is None or known is None or known.over is None or channel in canary.EXPORTED:
        return
    now = time.monotonic()
    if now - known.looked_at > RETRY:
        _look(person, known)
    line = known.over
    if line is None or not settings.flag("slow"):
        return
    if now < known.next_at:
        wait = max(1, int(known.next_at - now) + 1)
        raise TooMany(SLOWED.fill(why=line.words(), n=wait), code="over_budget", headers={"Retry-After": str(wait)})
    known.next_at = now + min(LONGEST, 2 * line.share**2)


_over: set[int] = set()
"""Who is over a budget, so that everybody else is asked nothing more."""


def taken(what: Taken) -> None:
    """Count an answer."""
    person = what.viewer.looker
    if person is None:
        return
    code, channel = what.kind.code, what.channel
    rows = len(what.ids) if channel in ("list", "record", *canary.EXPORTED) else 0
    with _lock:
        known = _people.get(person)
        if known is None:
            known = _people[person] = _Person()
        if what.mark and (rows or what.sensitive or what.confidential) and known.told(what.mark) and renewing.get():
            return  # an open page reads anew what it shows: nothing more is taken
        if channel == "search":
            rows = known.fresh(what.ids)
        for kind, n in (("records", rows), ("sensitive", what.sensitive), ("confidential", what.confidential)):
            if n:
                known.waiting[code, channel, kind] += n
                known.sums[kind] += n
        if known.due:
            _due.add(person)
    if canary.PLANTED.get(code):
        canary.seen(what)


def settle() -> None:
    """Write what has become due; called between answers, outside their transactions."""
    if canary.waiting():
        _tell()
    if not _due:
        return
    with _lock:
        people = list(_due)
        _due.clear()
    for person in people:
        write([person])


def flush() -> None:
    """Write all that waits."""
    _tell()
    with _lock:
        people = [person for person, known in _people.items() if known.waiting]
    for start in range(0, len(people), 200):
        write(people[start : start + 200])


def _tell() -> None:
    try:
        canary.tell()
    except DatabaseError:
        _logger.warning("an alert could not be written", exc_info=True)


def write(people: list[int]) -> None:
    """Write what these people took and see where they stand. What cannot be written waits on."""
    batch: dict[int, dict[Key, int]] = {}
    with _lock:
        for person in people:
            known = _people.get(person)
            if known is not None and known.waiting:
                batch[person] = dict(known.waiting)
                known.waiting.clear()
                known.sums = dict.fromkeys(KINDS, 0)
    if not batch:
        return
    try:
        strikes.record(batch)
    except DatabaseError:
        _logger.warning("what %d people took could not be written yet", len(batch), exc_info=True)
        _back(batch)
        return
    for person in batch:
        known = _people.get(person)
        if known is not None:
            try:
                _look(person, known)
            except DatabaseError:  # looked up again at the next writing
                _logger.warning("the budget of person %d could not be looked up", person, exc_info=True)
    with _lock:
        if len(_people) > MOST_KNOWN:
            for person in [p for p, known in _people.items() if not known.waiting and p not in _over]:
                del _people[person]


def _back(batch: Mapping[int, Mapping[Key, int]]) -> None:
    with _lock:
        for person, waiting in batch.items():
            known = _people.setdefault(person, _Person())
            for key, n in waiting.items():
                known.waiting[key] += n
                known.sums[key[2]] += n


def _look(person: int, known: _Person) -> None:
    """See where somebody stands, and act on it."""
    lines = budget.lines(person)
    worst = max(lines, key=lambda one: one.share)
    for kind in KINDS:
        least = min(one.limit for one in lines if one.kind == kind)
        known.slack[kind] = _slack(least)
    known.looked_at = time.monotonic()
    known.over = worst if worst.share >= 1 else None
    if known.over is None:
        _over.discard(person)
        return
    _over.add(person)
    strikes.over(person, worst)


def look_again(person: int) -> None:
    """Their budget has begun anew: other processes see it within ``RETRY`` seconds."""
    with _lock:
        known = _people.get(person)
        if known is not None:
            known.looked_at = known.next_at = 0.0


def forget() -> None:
    """Drop what this process knows; for tests."""
    with _lock:
        _people.clear()
    canary.forget()
    with _lock:
        _due.clear()
        _over.clear()


_started = False


def start() -> None:
    """Write every few seconds from now on, in a thread of its own: for servers."""
    global _started
    if not _started:
        _started = True
        threading.Thread(target=_run, name="heli-guard", daemon=True).start()


def _run() -> None:
    while True:
        time.sleep(EVERY)
        try:
            canary.renew()
            flush()
        except Exception:
            _logger.exception("counting what people take failed for now")
        finally:
            if not any(known.waiting for known in list(_people.values())):
                connection.close_if_unusable_or_obsolete()
