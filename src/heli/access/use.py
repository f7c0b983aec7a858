"""How often each grant was used, remembered by day: what reviews, replays and "used in the last 30 days" are counted from.

Doors ``note`` a use into a buffer of the process, which costs a dictionary's entry. The buffer is written to ``Use`` after
a request when it has waited ``SECONDS`` or holds ``ROWS`` rows, by the worker's clock, and when the process ends; always in a
transaction of its own, never in the caller's. A process that is killed loses what the last seconds brought: these are counts
for people who judge rights, and no evidence of who did what, which stands in the audit log.

A decision is attributed to *one* grant: of the lines that allowed it the one nearest to the person's own work (the least
``rank`` of its scopes). A broad grant that a narrower one makes needless is therefore seen to be unused, and counts add up
to the number of decisions. A page of a list is attributed to every grant whose read lines can hold for the viewer: which line
brought which row is not asked, since that would cost more than the page's own SQL.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import DatabaseError, connection, transaction

from heli.access.core.line import Held
from heli.access.models import Use
from heli.access.scopes import SCOPES, split
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.org import zone

SECONDS: Final = 5.0
ROWS: Final = 500
MOST: Final = 20_000
"""Rows held while the database does not take them; what comes beyond is counted as lost and told in the log."""
KEPT: Final = timedelta(days=400)
REFUSED: Final = 0
"""The ``grant_id`` of refusals."""

_CHUNK: Final = 500
_logger = logging.getLogger(__name__)

type Key = tuple[int, int, str, str, str, str]
"""(person, grant, type, action, field, record)"""


class Buffer:
    """Uses that are not yet written; shared by the threads of a process."""

    def __init__(self) -> None:
        self._rows: dict[Key, list[Any]] = {}
        self._since = 0.0
        self._lock = threading.Lock()
        self.lost = 0

    def add(self, key: Key, at: datetime, n: int = 1) -> None:
        """Count ``n`` uses."""
        with self._lock:
            found = self._rows.get(key)
            if found is not None:
                found[0] += n
                found[1] = max(at, found[1])
            elif len(self._rows) < MOST:
                if not self._rows:
                    self._since = time.monotonic()
                self._rows[key] = [n, at]
            else:
                self.lost += n

    @property
    def due(self) -> bool:
        """Whether it is time to write: asked after every request, so without the lock."""
        held = len(self._rows)
        return held > ROWS or (held > 0 and time.monotonic() - self._since > SECONDS)

    def __len__(self) -> int:
        return len(self._rows)

    def take(self) -> dict[Key, list[Any]]:
        """Everything, which is then no longer here."""
        with self._lock:
            found, self._rows = self._rows, {}
            if self.lost:
                _logger.error("%d uses of grants were not counted: the database took none for too long", self.lost)
                self.lost = 0
        return found

    def give_back(self, rows: dict[Key, list[Any]]) -> None:
        """What could not be written waits on."""
        for key, (n, at) in rows.items():
            self.add(key, at, n)

    def clear(self) -> None:
        """Forget what waits; for tests, whose database has gone with the people concerned."""
        with self._lock:
            self._rows, self.lost = {}, 0


BUFFER = Buffer()


def note(
    person: int | None, type: str, action: str, because: Iterable[Held], record: str = "", field: str = "",
    *, refused: bool = False,
) -> None:  # fmt: skip
    """Count one decision. ``because`` are the lines that allowed it; ``refused``: nothing did.

    ``record`` is empty for lists. Nothing is counted for the program itself (no person), nor for a yes without a grant.
    """
    if person is None:
        return
    grant = REFUSED if refused else _nearest(because)
    if grant is not None:
        BUFFER.add((person, grant, type, action, field, record), clock.now())


def note_list(person: int | None, type: str, grants: Iterable[int], action: str = "read") -> None:
    """Count one page of a list for each of these grants (see ``grants_of``)."""
    if person is None:
        return
    moment = clock.now()
    for grant in grants:
        BUFFER.add((person, grant, type, action, "", ""), moment)


def grants_of(lines: Iterable[Held]) -> tuple[int, ...]:
    """The grants behind these lines, each once."""
    return tuple(dict.fromkeys(h.source.grant for h in lines if h.source.grant > 0))


def _nearest(because: Iterable[Held]) -> int | None:
    held = because if isinstance(because, tuple) else tuple(because)
    if not held:
        return None
    grant = held[0].source.grant if len(held) == 1 else min((_rank(h), h.source.grant) for h in held)[1]
    return grant if grant > 0 else None


_RANKS: dict[tuple[str, ...], int] = {}


def _rank(held: Held) -> int:
    scopes = held.line.scopes
    found = _RANKS.get(scopes)
    if found is None:
        found = _RANKS[scopes] = min((SCOPES[split(text)[0]].rank for text in scopes), default=99)
    return found


# -- writing --------------------------------------------------------------------------------------------------------


def flush() -> int:
    """Write what waits in a transaction of its own; returns how many rows. Raises DatabaseError, and then keeps them."""
    rows = BUFFER.take()
    if not rows:
        return 0
    try:
        with transaction.atomic():
            _write(rows)
    except BaseException:
        BUFFER.give_back(rows)
        raise
    return len(rows)


def _write(rows: dict[Key, list[Any]]) -> None:
    where = zone.company_zone()
    # In one order everywhere: two processes that write the same rows then never wait for each other in a ring.
    found = [
        (at.astimezone(where).date(), *key, n, at)
        for key, (n, at) in sorted(rows.items(), key=lambda one: one[0])
    ]  # fmt: skip
    for start in range(0, len(found), _CHUNK):
        write_rows(found[start : start + _CHUNK])


_COLUMNS = ("day", "person_id", "grant_id", "type", "action", "field", "record_id", "n", "last_at")


def write_rows(rows: Sequence[tuple[Any, ...]]) -> None:
    """Add rows (in the order of the model's columns, at most 500) to what is there, in the caller's transaction."""
    if not rows:
        return
    rows = _summed(rows)
    adapt = connection.ops
    marks = ", ".join(["(" + ", ".join(["%s"] * len(_COLUMNS)) + ")"] * len(rows))
    params = [
        value
        for row in rows
        for value in (adapt.adapt_datefield_value(row[0]), *row[1:-1], adapt.adapt_datetimefield_value(row[-1]))
    ]
    later = "GREATEST" if connection.vendor == "postgresql" else "MAX"
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO access_use ({', '.join(_COLUMNS)}) VALUES {marks} "  # noqa: S608  # names and marks only
            f"ON CONFLICT ({', '.join(_COLUMNS[:7])}) DO UPDATE SET n = access_use.n + excluded.n, "
            f"last_at = {later}(access_use.last_at, excluded.last_at)",
            params,
        )


def _summed(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """One row for each key: PostgreSQL refuses to change one twice in a statement."""
    found: dict[tuple[Any, ...], tuple[int, Any]] = {}
    for row in rows:
        n, last = found.get(row[:7], (0, row[8]))
        found[row[:7]] = (n + row[7], max(last, row[8]))
    return [(*key, n, last) for key, (n, last) in found.items()]


def at_request_end(**_kwargs: object) -> None:
    """After a request: write when it is time. Inside somebody's transaction it waits for the next request."""
    if BUFFER.due and not connection.in_atomic_block:
        _quietly(flush)


def at_exit() -> None:
    """When the process ends: whatever is left."""
    if len(BUFFER):
        _quietly(flush)
        connection.close()


def _quietly(what: Callable[[], object]) -> None:
    """A database that does not answer is the log's to tell: nobody's request fails for a count."""
    try:
        what()
    except DatabaseError:
        _logger.exception("uses of %d grants are not yet written", len(BUFFER))


# -- the clock ------------------------------------------------------------------------------------------------------


@task(timeout=60, atomic=False)
def write_waiting() -> int:
    """What jobs did for people in this worker's process."""
    return flush()


@task(timeout=600, atomic=False)
def purge() -> int:
    """Remove what is older than ``KEPT``, in small transactions; returns how many rows."""
    last = zone.today() - KEPT
    done = 0
    while True:
        with transaction.atomic():
            some = list(Use.objects.filter(day__lt=last).values_list("pk", flat=True)[:_CHUNK])
            done += Use.objects.filter(pk__in=some).delete()[0]
        if len(some) < _CHUNK:
            return done


def attach() -> None:
    """Write after requests, by the clock and at the end of the process; purge every night."""
    from django.core.signals import request_finished

    request_finished.connect(at_request_end, dispatch_uid="heli.access.use")
    schedules.every("access.use", 60, write_waiting)
    schedules.daily("access.use.purge", "04:40", purge)


def keep() -> None:
    """For processes that serve: write what is left when this one ends."""
    atexit.register(at_exit)
