"""The only writer of the audit log.

``append`` and ``append_many`` write inside the caller's transaction, so that an act and its entry exist
together or not at all. ``append_alone`` is for refusals, which stay although the caller's transaction goes
(see ``pending``). An append locks the head of the chain until the transaction ends: call it late.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import connection
from django.db.transaction import atomic, on_commit

from heli.audit import bulk, chain, heads, keys, pending
from heli.audit.chain import EntryData, Outcome
from heli.audit.models import Entry, Head, Value
from heli.kernel import clock, closing, quick
from heli.kernel.errors import Broken
from heli.kernel.ids import uuid7
from heli.kernel.quick import Statement

__all__ = [
    "ACCEPTED",
    "BROKEN",
    "ERASED",
    "EntryData",
    "Outcome",
    "accept",
    "append",
    "append_alone",
    "append_many",
    "erase",
    "transaction",
]

BROKEN = "audit.broken"
"""An entry that the log writes itself when it finds its head forged: everything before it is in doubt."""
ACCEPTED = "audit.accept"
"""A person has looked into a BROKEN entry and answers for going on."""
ERASED = "audit.erase"
"""The values of an entry were erased on request."""
ENTRY = "audit.entry"
"""The object type under which entries are spoken of."""

_logger = logging.getLogger(__name__)
_COLUMNS = (
    "seq", "at", "actor_id", "actor_name", "acting_for_id", "action", "object_type", "object_id",
    "outcome", "origin", "via", "reason", "commit", "prev", "hash",
)  # fmt: skip
_LOCK = {
    "postgresql": "SELECT chain, seq, hash, mac FROM audit_head WHERE id = 1 FOR UPDATE",
    "sqlite": "SELECT chain, seq, hash, mac FROM audit_head WHERE id = 1",  # who is in a transaction writes alone
}
_ERASE = """
    UPDATE audit_value SET salt = NULL, body = NULL, erased_by = %s WHERE entry_id = %s AND erased_by IS NULL
"""
_MOVE = "UPDATE audit_head SET seq = %s, hash = %s, mac = %s WHERE id = 1"
_BEGIN = "INSERT INTO audit_head (id, chain, seq, hash, mac) VALUES (1, %s, 0, %s, %s) ON CONFLICT DO NOTHING"


def append(data: EntryData) -> int:
    """Write one entry in the caller's transaction; returns its number. Raises as ``append_many`` does."""
    return append_many([data])


def append_many(many: Sequence[EntryData], after: Sequence[Statement] = ()) -> int:
    """Write entries in the caller's transaction, in their order; returns the number of the first. ``after``: what is to be run before
    the log is locked, in the same round trip.

    Raises Broken outside a transaction and when the key file is damaged; TypeError or ValueError for values
    that JSON cannot hold, before anything is written.
    """
    if not connection.in_atomic_block:
        raise Broken("an audit entry belongs to the transaction of its act: open one, or use append_alone")
    if not many:
        raise ValueError("no audit entries to write")
    moment = clock.now()
    prepared = [(data.at or moment, chain.told(data), chain.body_of(data)) for data in many]
    # Without a savepoint a failure dooms the whole transaction: a head that moved without its entries
    # can never be committed.
    with atomic(savepoint=False):
        return _write(prepared, after)


def lock() -> None:
    """Take the log's lock now, until the caller's transaction ends.

    For a transaction of several acts: each append locks the head, so two transactions that meanwhile also
    lock each other's records could wait for each other in a ring; with this call first they take turns.
    Raises Broken outside a transaction.
    """
    if not connection.in_atomic_block:
        raise Broken("the audit log is locked for a transaction: open one")
    Head.objects.select_for_update().filter(id=1).values_list("id").first()


def _write(prepared: list[tuple[datetime, tuple[object, ...], str | None]], first: Sequence[Statement] = ()) -> int:
    name, before, head = _lock(first)
    salts = os.urandom(16 * len(prepared))
    entries: list[tuple[object, ...]] = []
    values: list[tuple[object, ...]] = []
    for i, (at, told, body) in enumerate(prepared):
        seq, commit = before + 1 + i, chain.NO_VALUES
        if body is not None:
            salt = salts[16 * i : 16 * i + 16]
            commit = chain.commitment(salt, body)
            values.append((seq, salt, body))
        fresh = chain.digest(head, commit, seq, at, told)
        entries.append((seq, at, *told, commit, head, fresh))
        head = fresh
    after = before + len(prepared)
    stamped, told_too = bulk.moments(entries, 1), ("entry_id", "salt", "body")
    written: list[Statement] = []
    if bulk.few(entries):
        written = [
            *bulk.statements("audit_entry", _COLUMNS, stamped),
            *bulk.statements("audit_value", told_too, values),
        ]
    else:
        bulk.insert("audit_entry", _COLUMNS, stamped)
        bulk.insert("audit_value", told_too, values)
    quick.together(quick.one([*written, (_MOVE, [after, head, keys.seal(name, after, head)])]))
    if heads.due(before, after):
        on_commit(partial(heads.publish, name, after, head), robust=True)
    return before + 1


def _lock(first: Sequence[Statement] = ()) -> tuple[str, int, bytes]:
    """Lock the head for new entries, after other statements: the chain's name, the last entry's number and hash."""
    found = quick.together([*first, (_LOCK[connection.vendor], ())])[-1]
    if not found:
        return _begin()
    name, seq, head, mac = found[0][0], found[0][1], bytes(found[0][2]), bytes(found[0][3])
    if keys.is_sealed(name, seq, head, mac):
        return name, seq, head
    _logger.critical("the head of the audit log at entry %d carries a wrong seal", seq)
    return _after_forgery(name, seq, head)


def _begin() -> tuple[str, int, bytes]:
    """Start a chain. Only an empty log may have no head."""
    name = uuid7()
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [name, chain.genesis(name), b""])
        if cursor.rowcount == 1 and Entry.objects.exists():
            raise Broken("the head of the audit log is missing: restore the database from a backup")
    return _lock()


def _after_forgery(name: str, seq: int, head: bytes) -> tuple[str, int, bytes]:
    """Go on, but never as if nothing had been: sealing this head would make the forgery genuine.

    A company must be able to work on, so the log writes the find into the chain, where ``verify`` meets it
    for good.
    """
    find = EntryData(
        action=BROKEN,
        object_type=ENTRY,
        object_id=str(seq),
        outcome="failed",
        reason="the head carried a wrong seal",
    )
    told, at = chain.told(find), clock.now()
    fresh = chain.digest(head, chain.NO_VALUES, seq + 1, at, told)
    row = (seq + 1, at, *told, chain.NO_VALUES, head, fresh)
    bulk.insert("audit_entry", _COLUMNS, bulk.moments([row], 1))
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [seq + 1, fresh, keys.seal(name, seq + 1, fresh)])
    return _lock()


@contextmanager
def transaction() -> Iterator[None]:
    """Django's ``atomic()``, at whose end, commit or rollback, the refusals told to ``append_alone`` are
    written. The outermost does last what ``kernel.closing`` was told of."""
    pending.enter()
    try:
        with atomic(), closing.act(lambda: not connection.needs_rollback):
            yield
    except BaseException:
        pending.leave(quietly=True)  # the caller's own error must reach the caller
        raise
    pending.leave()


def append_alone(data: EntryData) -> None:
    """Write an entry that stays even when the caller's transaction rolls back: at once when none is open,
    else when it ends.

    Raises TypeError or ValueError as ``append_many`` does.
    """
    dated = data if data.at else replace(data, at=clock.now())
    chain.told(dated)
    chain.body_of(dated)  # a caller's mistake shows here and not when the transaction ends
    pending.add(dated)


def erase(seq: int, *, reason: str, actor_id: int | None, actor_name: str, origin: str = "") -> int:
    """Erase the values of entry ``seq`` for good; the entry itself and the chain stay. Returns the number of
    the entry that tells of it.

    Must run in a transaction. Raises LookupError when the entry has no values or they are erased already,
    ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("an erasure needs its reason")
    if not Value.objects.filter(entry_id=seq, erased_by=None).exists():
        raise LookupError(f"entry {seq} has no values to erase")
    data = EntryData(
        action=ERASED,
        object_type=ENTRY,
        object_id=str(seq),
        reason=reason,
        actor_id=actor_id,
        actor_name=actor_name,
        origin=origin,
    )
    with atomic(savepoint=False), connection.cursor() as cursor:
        told = append(data)
        cursor.execute(_ERASE, [told, seq])
        if cursor.rowcount != 1:
            raise LookupError(f"entry {seq} has no values to erase")
    return told


def accept(seq: int, *, reason: str, actor_id: int | None, actor_name: str, origin: str = "") -> int:
    """Answer for the BROKEN entry ``seq`` (a restored backup, a replaced key), so that ``verify`` passes it
    again.

    Must run in a transaction. Raises LookupError when ``seq`` is no BROKEN entry, ValueError without a
    reason.
    """
    if not reason.strip():
        raise ValueError("accepting a broken log needs a reason")
    if not Entry.objects.filter(seq=seq, action=BROKEN).exists():
        raise LookupError(f"entry {seq} tells of no broken head")
    return append(
        EntryData(
            action=ACCEPTED,
            object_type=ENTRY,
            object_id=str(seq),
            reason=reason,
            actor_id=actor_id,
            actor_name=actor_name,
            origin=origin,
        )
    )


def head() -> tuple[str, int, bytes] | None:
    """The chain's name, the number of its last entry and that entry's hash; None while the log is empty."""
    row = Head.objects.values_list("chain", "seq", "hash").first()
    return None if row is None else (row[0], row[1], bytes(row[2]))
