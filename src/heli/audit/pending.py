"""Refusals that must outlive the transaction in which they happened.

A refused write rolls its transaction back, and its audit entry must stay. A second connection cannot write it
meanwhile: the caller may hold the database's write lock (SQLite) or the head of the chain (both databases),
and would wait for itself. So a refusal waits here, per thread, and is written as soon as the caller's
transaction has ended, either way:

* when the outermost ``log.transaction()`` ends, which is where the write door stands;
* at once, when no transaction is open;
* otherwise at the end of the request, of the job, or at the next refusal.

If a transaction of somebody else still surrounds that point, the entry is written into it *and* kept here
until that one has ended too; should it roll back, the entry is written again. A crash between rollback and
writing loses the entry; the refused change itself has left nothing behind.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from heli.audit.chain import EntryData

_logger = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Waiting:
    data: EntryData
    seq: int = 0
    hash: bytes = b""


class _State(threading.local):
    def __init__(self) -> None:
        self.depth = 0
        self.waiting: list[_Waiting] = []


_state = _State()


def enter() -> None:
    """A ``log.transaction()`` begins on this thread."""
    _state.depth += 1


def leave(*, quietly: bool = False) -> None:
    """It has ended; the outermost one writes what waits. ``quietly`` logs a failing database instead of
    raising its error."""
    _state.depth -= 1
    if quietly:
        at_request_end()
    else:
        flush()


def add(data: EntryData) -> None:
    _state.waiting.append(_Waiting(data))
    flush()


def count() -> int:
    """How many refusals of this thread are not yet safely written."""
    return len(_state.waiting)


def forget() -> None:
    """Drop what waits on this thread: only for tests, whose database has gone with the refusals' acts."""
    _state.waiting.clear()


def _surrounded() -> bool:
    """Whether a transaction is open that could still roll back; the one a test runs in does not count."""
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def flush() -> None:
    """Write what waits, as far as the open transactions allow; whatever cannot be written yet stays."""
    if not _state.waiting or _state.depth or connection.needs_rollback:
        return
    from heli.audit import log
    from heli.audit.models import Entry

    if _surrounded():
        fresh = [item for item in _state.waiting if not item.seq]
    else:
        seqs = [item.seq for item in _state.waiting if item.seq]
        rows = Entry.objects.filter(seq__in=seqs).values_list("seq", "hash")
        kept = {(seq, bytes(found)) for seq, found in rows}
        fresh = [item for item in _state.waiting if (item.seq, item.hash) not in kept]
    if fresh:
        with transaction.atomic():
            first = log.append_many([item.data for item in fresh])
            hashes = Entry.objects.filter(seq__gte=first).order_by("seq").values_list("hash", flat=True)
            for seq, (item, found) in enumerate(zip(fresh, hashes, strict=False), first):
                item.seq, item.hash = seq, bytes(found)
    if not _surrounded():
        _state.waiting.clear()


def at_request_end(**_kwargs: object) -> None:
    """The safety net at the end of a request, a job or a command: never let a refusal go unwritten in
    silence."""
    if not _state.waiting:
        return
    try:
        flush()
    except DatabaseError:
        _logger.exception("%d refused writes are not yet in the audit log", len(_state.waiting))
