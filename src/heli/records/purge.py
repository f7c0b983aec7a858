"""Emptying the recycle bin: what was deleted more than ``bin.KEPT`` ago is removed for good, every night.

With a record go its comments and mentions, its files (rows first, bytes after the commit), who reached it (team, related),
its search postings, and what imports remembered of its values. Three things stay on purpose:

- The audit log. One entry per batch, in its transaction, names the type and the ids that were purged.
- An import's key of the record, without its values: the next import then still knows that people threw the record away,
  and does not bring it back.
- A record that another one still names by a link (live, or still restorable): a purge changes no record that anyone
  can see or take back. It lies outside the bin already, invisible, and goes once nothing names it any more. What
  is expired itself holds nothing back, so whole families go together.

Projects stay too: they belong to the organisation, whose memberships and grants tell of the past.

Every batch is one short transaction: all of it, or nothing. A run that is killed is simply run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.records import bin as bins
from heli.records import fields as f
from heli.records import files, related, search_posts, sql
from heli.records.models import Comment, Imported, Mention
from heli.records.types import TYPES, ObjectType

BATCH: Final = 200
"""Records removed in one transaction."""
MOST_BATCHES: Final = 100
"""Batches of one run; what is left is the next run's, which follows at once."""
JOB: Final = "records.purge"
type Place = tuple[str, str]
"""(moment of deletion as the database keeps it, id) of the last record looked at."""


@task(timeout=600, atomic=False)
def purge(code: str = "", at: str = "", last: str = "") -> int:
    """Remove what has expired, from this type and place on; comes back while there is more. Returns how many records."""
    removed = batches = 0
    for kind in sorted(purged(), key=lambda one: one.code):
        if kind.code < code:
            continue
        place: Place | None = (at, last) if kind.code == code and last else None
        while True:
            ids, place = expired(kind, place)
            removed += remove(kind, ids)
            batches += 1
            if place is None:
                break
            if batches >= MOST_BATCHES:
                purge.using(dedup_key=f"{JOB} {kind.code} {place[1]}").enqueue(kind.code, *place)
                return removed
    return removed


def purged() -> list[ObjectType]:
    """The types whose deleted records go for good."""
    return [kind for kind in TYPES if kind.model._meta.managed]


def _cut() -> datetime:
    return clock.now() - bins.KEPT


def expired(kind: ObjectType, after: Place | None = None) -> tuple[list[str], Place | None]:
    """The next deleted records that can no longer be restored, the oldest first, and where to go on (None: that was all)."""
    where, params = "deleted_at IS NOT NULL AND deleted_at <= %s", [sql.bind(_cut())]
    if after is not None:
        where += " AND (deleted_at, id) > (%s, %s)"
        params += after
    rows = sql.rows(
        f'SELECT id, deleted_at FROM "{kind.table}" WHERE {where} ORDER BY deleted_at, id LIMIT {BATCH}', params
    )
    if len(rows) < BATCH:
        return [row[0] for row in rows], None
    last, moment = rows[-1]
    return [row[0] for row in rows], (str(sql.bind(bins.aware(moment))), last)


def remove(kind: ObjectType, ids: Sequence[str]) -> int:
    """Remove those of these records that have expired and that nothing names, in one transaction. Returns how many."""
    free = sorted(set(ids) - named(kind, ids)) if ids else []
    if not free:
        return 0
    keys = list(Imported.objects.filter(type=kind.code, record_id__in=free).values_list("pk", flat=True))
    with log.transaction():
        gone = _delete_rows(kind, free)
        if not gone:
            return 0
        _delete_around(kind, gone)
        Imported.objects.filter(pk__in=keys, record_id__in=gone).update(values="{}")
        log.append(
            EntryData(
                action=f"{kind.code}.purge",
                object_type=kind.code,
                actor_name="system",
                origin="job",
                via=JOB,
                after={"keys": gone},
            )
        )
    return len(gone)


def _delete_rows(kind: ObjectType, ids: Sequence[str]) -> list[str]:
    """Delete the rows that are still expired now that they are locked: one restored meanwhile is not among them."""
    held = " FOR UPDATE SKIP LOCKED" if sql.vendor() == "postgresql" else ""
    found = sql.rows(
        f'SELECT id FROM "{kind.table}" WHERE id IN ({_marks(ids)}) AND deleted_at IS NOT NULL AND deleted_at <= %s '
        f"ORDER BY id{held}",
        [*ids, sql.bind(_cut())],
    )
    gone = [row[0] for row in found]
    if gone:
        sql.execute(f'DELETE FROM "{kind.table}" WHERE id IN ({_marks(gone)})', gone)
    return gone


def _delete_around(kind: ObjectType, ids: Sequence[str]) -> None:
    comments = Comment.objects.filter(type=kind.code, record_id__in=ids)
    Mention.objects.filter(comment__in=comments).delete()
    comments.delete()
    files.drop(kind.code, ids)
    related.drop(kind, ids)
    search_posts.drop(ids)


# -- what still names a record --------------------------------------------------------------------------------


def named(kind: ObjectType, ids: Sequence[str]) -> set[str]:
    """Those of these records that another one names which is live or can still be restored."""
    found: set[str] = set()
    for other in TYPES:
        for column, many in _columns(other, kind):
            rest = [one for one in ids if one not in found]
            if rest:
                found |= _naming_many(other, column, rest) if many else _naming(other, column, rest)
    return found


def _columns(other: ObjectType, kind: ObjectType) -> list[tuple[str, bool]]:
    """The columns of another type that hold ids of this one; whether they hold several."""
    return [
        (one.column, isinstance(one, f.Links))
        for one in other.fields.values()
        if isinstance(one, f.Link) and one.target == kind.code
    ]


def _naming(other: ObjectType, column: str, ids: Sequence[str]) -> set[str]:
    rows = sql.rows(
        f'SELECT DISTINCT "{column}" FROM "{other.table}" WHERE "{column}" IN ({_marks(ids)}) '
        "AND (deleted_at IS NULL OR deleted_at > %s)",
        [*ids, sql.bind(_cut())],
    )
    return {row[0] for row in rows}


def _naming_many(other: ObjectType, column: str, ids: Sequence[str]) -> set[str]:
    tests = " OR ".join([f'"{column}" LIKE %s'] * len(ids))
    rows = sql.rows(
        f'SELECT DISTINCT "{column}" FROM "{other.table}" WHERE "{column}" IS NOT NULL AND ({tests}) '
        "AND (deleted_at IS NULL OR deleted_at > %s)",
        [*(f'%"{one}"%' for one in ids), sql.bind(_cut())],
    )
    return {one for one in ids if any(one in row[0] for row in rows)}


def _marks(values: Sequence[Any]) -> str:
    return ",".join(["%s"] * len(values))


# -- the clock -------------------------------------------------------------------------------------------------


@task(timeout=600, atomic=False)
def sweep() -> int:
    """Remove files that no record has: what a crash left between a row and its bytes. Returns how many."""
    return files.sweep()


def attach() -> None:
    """Register the nightly runs."""
    schedules.daily(JOB, "04:00", purge)
    schedules.daily("records.files", "04:20", sweep)
