"""The proof: walk the whole chain and name the first entry at which the log is not what was written.

Found are: any changed column, a changed or missing value that was not erased through ``log.erase``, entries
removed (also the last ones, also all of them), added or reordered, a head forged without the key, and a log
cut back to an older genuine head (against the published heads). Memory stays flat: entries come in pages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import Q

from heli.audit import chain, closed, heads, keys, log
from heli.audit.models import Entry, Value

_Row = tuple[Any, ...]
_PAGE = 2000
_FIELDS = (
    "seq", "at", "actor_id", "actor_name", "acting_for_id", "action", "object_type", "object_id", "outcome",
    "origin", "via", "reason", "commit", "prev", "hash",
)  # fmt: skip
_VALUE = ("entry_id", "salt", "body", "erased_by")
_ENDS = """
    SELECT h.chain, h.seq, h.hash, h.mac, (SELECT MAX(seq) FROM audit_entry) FROM audit_head h WHERE h.id = 1
"""


@dataclass(frozen=True, slots=True)
class _Head:
    """The head as the database tells it, and the highest entry at the same moment."""

    chain: str
    seq: int
    hash: bytes
    mac: bytes
    last: int


@dataclass(frozen=True, slots=True)
class Report:
    """``entries`` were found in order; ``first_bad`` is the number of the first that is missing, wrong or too
    many."""

    ok: bool
    entries: int
    first_bad: int | None = None
    reason: str = ""


class _FoundError(Exception):
    def __init__(self, seq: int, reason: str) -> None:
        super().__init__(reason)
        self.seq, self.reason = seq, reason


@dataclass(slots=True)
class _Walk:
    """How far the walk has come: the last good entry, its hash, and the finds that nobody has answered
    for."""

    seq: int
    hash: bytes
    broken: dict[int, str] = field(default_factory=dict)
    needs: int = 0


def verify(*, publish: bool = True) -> Report:
    """Check the whole log. Safe while others write: what they append after the start is not looked at.

    A good head is published (``publish``), unless a transaction is open in which it could still vanish.
    Raises Broken when the key file cannot be used.
    """
    head = _head()
    if head is None:
        if Entry.objects.exists():
            return Report(False, 0, 1, "the head of the chain is missing")
        return _replaced("", 0) or Report(True, 0)
    walk = _Walk(0, chain.genesis(head.chain))
    try:
        _follow(walk, head)
        while walk.needs > head.seq:  # an erasure newer than our head: read on to the entry that tells of it
            head = _head()
            if head is None or head.seq < walk.needs:
                raise _FoundError(walk.seq + 1, "an erasure was told of and is missing")
            _follow(walk, head)
        _published(head.chain, head.seq)
    except _FoundError as bad:
        return Report(False, walk.seq, bad.seq, bad.reason)
    if walk.broken:
        first = min(walk.broken)
        return Report(False, walk.seq, first, walk.broken[first])
    if publish and head.seq and not connection.in_atomic_block:
        heads.publish(head.chain, head.seq, head.hash)
    return Report(True, walk.seq)


def _head() -> _Head | None:
    with connection.cursor() as cursor:
        cursor.execute(_ENDS)
        row = cursor.fetchone()
    return None if row is None else _Head(row[0], row[1], _bytes(row[2]), _bytes(row[3]), row[4] or 0)


def _end(walk: _Walk, head: _Head) -> None:
    """The walk has come to the last entry that the head allows: does the head agree?"""
    if walk.seq < head.seq:
        raise _FoundError(walk.seq + 1, "the entry is missing")
    if walk.hash != head.hash:
        raise _FoundError(head.seq, "the head of the chain is not the hash of its last entry")
    if not keys.is_sealed(head.chain, head.seq, head.hash, head.mac):
        raise _FoundError(head.seq, "the head of the chain carries a wrong seal")
    if head.last > head.seq:
        raise _FoundError(head.seq + 1, "an entry stands behind the head of the chain")
    outside = Value.objects.filter(Q(entry_id__lt=1) | Q(entry_id__gt=head.seq))
    orphans = outside.exclude(entry_id__in=Entry.objects.values("seq"))
    found = orphans.order_by("entry_id").values_list("entry_id", flat=True).first()
    if found is not None:
        raise _FoundError(found, "values without their entry")


def _follow(walk: _Walk, head: _Head) -> None:
    """Walk from the last good entry to the head. Raises _FoundError at the first that does not fit."""
    for rows, values in _pages(walk.seq, head.seq):
        told = _erasures(values)
        for row in rows:
            _step(walk, row, values.get(row[0]), told)
    _end(walk, head)


def _pages(after: int, upto: int) -> Iterator[tuple[list[_Row], dict[int, _Row]]]:
    """Entries in pages, each with its values by number; two plain range reads, which no planner gets
    wrong."""
    wanted = Entry.objects.filter(seq__lte=upto).order_by("seq").values_list(*_FIELDS)
    size = _PAGE
    while True:
        # Entries with a number below 1 are none of ours: the first page is taken from the very bottom.
        rest = wanted.filter(seq__gt=after) if after else wanted
        try:
            page: list[_Row] = list(rest[:size])
            if not page:
                return
            near = Value.objects.filter(entry_id__gte=page[0][0], entry_id__lte=page[-1][0])
            values: dict[int, _Row] = {row[0]: row[1:] for row in near.values_list(*_VALUE)}
        except (DatabaseError, ValueError, TypeError, OverflowError) as error:
            if connection.needs_rollback:
                raise
            if size == 1:
                raise _FoundError(after + 1, f"the entry cannot be read: {error}") from error
            size = 1  # to name the very entry
            continue
        yield page, values
        after = page[-1][0]


def _erasures(values: dict[int, _Row]) -> dict[int, str]:
    """For the erased values of a page: the entry said to tell of it -> the number that one speaks of."""
    told = {row[-1] for row in values.values() if isinstance(row[-1], int)}
    if not told:
        return {}
    rows = Entry.objects.filter(seq__in=told, action=log.ERASED, object_type=log.ENTRY)
    return dict(rows.values_list("seq", "object_id"))


def _step(walk: _Walk, row: _Row, value: _Row | None, erasures: dict[int, str]) -> None:
    expected = walk.seq + 1
    seq, at = row[0], row[1]
    told = row[2:12]
    commit, prev, found = (_bytes(cell) for cell in row[12:15])
    if seq != expected:
        why = "the entry is missing" if seq > expected else "an entry stands before the first"
        raise _FoundError(min(expected, seq), why)
    if prev != walk.hash:
        raise _FoundError(seq, "the entry does not follow the one before it")
    try:
        right = chain.digest(prev, commit, seq, at, told)
    except (TypeError, ValueError, AttributeError) as error:
        raise _FoundError(seq, "a column of the entry holds what was never written") from error
    if right != found:
        raise _FoundError(seq, "a column of the entry was changed")
    _value(walk, seq, commit, value, erasures)
    if row[6] == log.ENTRY:
        _finds(walk, seq, row[5], row[7])
    walk.seq, walk.hash = seq, found


def _value(walk: _Walk, seq: int, commit: bytes, value: _Row | None, erasures: dict[int, str]) -> None:
    if commit == chain.NO_VALUES:
        if value is not None:
            raise _FoundError(seq, "values were added to the entry")
        return
    if value is None:
        raise _FoundError(seq, "the values of the entry are missing")
    salt, body, erased_by = value
    if erased_by is not None:
        if body is not None or salt is not None or erasures.get(erased_by) != str(seq):
            raise _FoundError(seq, "the values are marked erased, and no entry tells of it")
        walk.needs = max(walk.needs, erased_by)
    elif not isinstance(body, str) or salt is None or chain.commitment(_bytes(salt), _written(seq, body)) != commit:
        raise _FoundError(seq, "the values of the entry were changed")


def _written(seq: int, body: str) -> str:
    try:
        return closed.opened(seq, body)
    except closed.Unopened:
        why = "the values of the entry are closed and do not open: their key is missing, or they were changed"
        raise _FoundError(seq, why) from None


def _finds(walk: _Walk, seq: int, action: str, spoken_of: str) -> None:
    if action == log.BROKEN:
        walk.broken[seq] = f"the head carried a wrong seal when entry {seq} was written"
    elif action == log.ACCEPTED and spoken_of.isdecimal():
        walk.broken.pop(int(spoken_of), None)


def _published(name: str, seq: int) -> None:
    """Compare with the heads published outside, in batches."""
    if (found := _replaced(name, seq)) is not None:
        raise _FoundError(found.first_bad or 1, found.reason)
    batch: list[heads.Published] = []
    for line in heads.read():
        if line.chain != name or line.retired:
            continue
        if not line.genuine:
            why = f"line {line.line} of {heads.file().name} carries a wrong seal"
            raise _FoundError(min(line.seq, seq), why)
        batch.append(line)
        if len(batch) == _PAGE:
            _compare(batch, seq)
            batch.clear()
    _compare(batch, seq)


def _compare(batch: list[heads.Published], seq: int) -> None:
    rows = Entry.objects.filter(seq__in={line.seq for line in batch}).values_list("seq", "hash")
    hashes = {number: bytes(found) for number, found in rows}
    for line in batch:
        if hashes.get(line.seq) != line.hash:
            why = "was rewritten after" if line.seq in hashes else "was cut off before"
            place = f"line {line.line} of {heads.file().name}"
            raise _FoundError(min(line.seq, seq + 1), f"the log {why} a published head ({place})")


def _replaced(name: str, seq: int) -> Report | None:
    """Whether this database once held another chain that was never ended openly: somebody has emptied the
    log."""
    here = heads.database()
    others: dict[str, int] = {}
    for line in heads.read():
        if line.chain == name or not line.genuine:
            continue
        if line.retired:
            others.pop(line.chain, None)
        elif line.database == here:
            others[line.chain] = line.line
    if not others:
        return None
    place = f"line {min(others.values())} of {heads.file().name}"
    return Report(False, seq, 1, f"the log was replaced: {place} tells of another chain")


def _bytes(cell: object) -> bytes:
    """A binary column; whatever else an intruder has put there fits no hash."""
    return bytes(cell) if isinstance(cell, bytes | bytearray | memoryview) else b"?"
