"""The postings that search looks into: kept by the write door, and for many rows at once by a job right after.

A row of ``records_posted`` stands for one filled search field of one record. Its words lie in an inverted index of the
database at hand: FTS5 on SQLite, a GIN index over their numbers on PostgreSQL (see docs/decisions/0008-own-postings.md).
What is not posted yet is listed by ranges of ids in ``records_unposted``, and search looks at those rows themselves.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django.db import connection
from django.db.transaction import atomic

from heli.audit import bulk as copying
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import pinyin
from heli.kernel.ring import KeysError
from heli.records import fields as f
from heli.records import hooks, sealed, search_grams, sql
from heli.records.types import TYPES, ObjectType

_logger = logging.getLogger(__name__)

BATCH = 2000
"""Records posted in one transaction."""
SECONDS = 60
"""The job looks for unposted ranges this often, beside being called by every import."""
MERGED = 1000
"""Pages of SQLite's index that are merged in one transaction after a rebuild."""
MOST_MERGES = 10_000
LAST = "~"
"""Above every id."""
JOB = "search.post"
BLIND = "\u00b3"
"""First character of the words of encrypted fields: their blind indexes."""


@dataclass(frozen=True, slots=True)
class Range:
    """Records of a type that are not posted yet: those with ``low < id <= high``."""

    n: int
    type: str
    low: str
    high: str

    @property
    def whole(self) -> bool:
        return self.low == "" or self.high == LAST


def searched(kind: ObjectType) -> tuple[f.Field, ...]:
    """The fields of a type that search looks at."""
    return tuple(one for one in kind.fields.values() if one.search)


def kept(kind: ObjectType) -> bool:
    """Whether postings are kept for a type: its rows must be written by the write door alone."""
    return bool(kind.model._meta.managed and searched(kind))


def chinese(one: f.Field) -> bool:
    """Whether a field holds names, which people find by initials: plain text, no number, code or address on the net."""
    return type(one) is f.Text


def _texts(one: f.Field, value: str) -> tuple[str, list[str]]:
    """The initials of a value and its words, in a fixed order."""
    if one.encrypted:
        return "", [BLIND + token.partition(":")[2] for token in value.split() if token]
    initials = pinyin.initials(value) if chinese(one) and not value.isascii() else ""
    key = one.sort_key(value) if one.sortable else ""
    return initials, sorted(search_grams.words(value, initials, key))


def write(kind: ObjectType, row: Mapping[str, Any]) -> None:
    """Post one record as it now is; a deleted one is taken out."""
    if not kept(kind):
        return
    live = row.get("deleted_at") is None
    wanted = {o.code: _posted(kind, o, row) for o in searched(kind) if live and row.get(o.column)}
    old = dict(sql.rows("SELECT field, mark FROM records_posted WHERE record_id=%s", [row["id"]]))
    if old == {code: _mark_of(value) for code, value in wanted.items()}:
        return
    _take_out([str(row["id"])])
    _insert(kind, [(str(row["id"]), code, value) for code, value in wanted.items()])


def _posted(kind: ObjectType, one: f.Field, row: Mapping[str, Any]) -> str:
    """What of a value its posting is made of: the value, or the blind indexes of an encrypted one."""
    value = row[one.column]
    if isinstance(one, f.Text) and one.encrypted:
        return "" if value is sealed.UNREADABLE else " ".join(sealed.indexes(kind, one, value).values())
    return str(value)


def sealed_tokens(kind: ObjectType, one: f.Text, text: str) -> list[tuple[str, list[str]]]:
    """The blind indexes by which an encrypted field holds what was typed, by column: a whole value, or its last four digits.
    None without the keys: everything else is found as ever."""
    try:
        whole = sealed.tokens(kind, one, text) if len(one.normal(text)) >= sealed.SHORTEST else []
        return [(one.index_column, whole), (one.tail_column, sealed.tails(kind, one, text))]
    except KeysError as error:
        _logger.warning("encrypted fields are not searched: %s", error)
        return []


def sealed_ways(text: str) -> list[tuple[str, ...]]:
    """The words of postings under which encrypted fields hold what was typed."""
    return [
        (BLIND + token.partition(":")[2],)
        for kind in TYPES
        for one in kind.encrypted
        if one.search
        for _, tokens in sealed_tokens(kind, one, text)
        for token in tokens
    ]


def _mark_of(value: str) -> str:
    """What the postings remember of a value, so that an edit of other fields posts nothing."""
    return blake2b(value.encode(), digest_size=8).hexdigest()


def drop(ids: Sequence[str]) -> None:
    """Forget records that are removed for good (at most 500)."""
    _take_out(ids)


def _take_out(ids: Sequence[str]) -> None:
    marks = ",".join(["%s"] * len(ids))
    if sql.vendor() == "sqlite":
        held = f"SELECT n FROM records_posted WHERE record_id IN ({marks})"
        sql.execute(f"DELETE FROM records_grams WHERE rowid IN ({held})", ids)
    sql.execute(f"DELETE FROM records_posted WHERE record_id IN ({marks})", ids)


def _insert(kind: ObjectType, texts: Iterable[tuple[str, str, str]]) -> None:
    """``(record, field, value)``, none of them posted."""
    made = [(record, code, value, *_texts(kind.fields[code], value)) for record, code, value in texts]
    if not made:
        return
    if sql.vendor() == "postgresql":
        posted = [
            (kind.code, code, record, initials, _mark_of(value), [search_grams.number(w) for w in words])
            for record, code, value, initials, words in made
        ]
        copying.insert("records_posted", ("type", "field", "record_id", "initials", "mark", "grams"), posted)
        return
    # SQLite has one writer at a time, so the next numbers are ours. A number may be left over in the index alone.
    first = int(sql.rows("SELECT COALESCE(MAX(n), 0) + 1 FROM records_posted")[0][0])
    rows = [
        (first + i, kind.code, code, record, initials, _mark_of(value))
        for i, (record, code, value, initials, _) in enumerate(made)
    ]
    copying.insert("records_posted", ("n", "type", "field", "record_id", "initials", "mark"), rows)
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR REPLACE INTO records_grams (rowid, grams) VALUES (%s, %s)",
            [
                (first + i, " ".join((search_grams.KIND + kind.code, *words)))
                for i, (*_, words) in enumerate(made)
            ],
        )  # fmt: skip


# -- many at once ---------------------------------------------------------------------------------------------


def later(kind: ObjectType, ids: Sequence[str]) -> None:
    """Have these new records posted by a job after the commit; until then search looks at them one by one."""
    if ids and kept(kind):
        _mark(kind.code, min(ids)[:-1], max(ids))
        post.using(dedup_key=JOB).enqueue()


def _mark(code: str, low: str, high: str) -> None:
    sql.execute("INSERT INTO records_unposted (type, low, high) VALUES (%s, %s, %s)", [code, low, high])


def unposted() -> list[Range]:
    """What search must look at itself, by type."""
    return [Range(*row) for row in sql.rows("SELECT n, type, low, high FROM records_unposted ORDER BY n")]


@task(timeout=60)
def post() -> None:
    """Post the next records that are not posted yet, and come back while there are more."""
    if step():
        post.using(dedup_key=JOB).enqueue()


def step() -> bool:
    """Post one batch in the caller's transaction; whether there may be more."""
    held = " FOR UPDATE SKIP LOCKED" if sql.vendor() == "postgresql" else ""
    rows = sql.rows(f"SELECT n, type, low, high FROM records_unposted ORDER BY n LIMIT 1{held}")
    if not rows:
        return False
    part = Range(*rows[0])
    kind = TYPES.get(part.type)
    last = _post(kind, part) if kind is not None and kept(kind) else None
    if last is None:
        sql.execute("DELETE FROM records_unposted WHERE n=%s", [part.n])
    else:
        sql.execute("UPDATE records_unposted SET low=%s WHERE n=%s", [last, part.n])
    return True


def _post(kind: ObjectType, part: Range) -> str | None:
    """Post a batch of a range; the last id of it, or None when the range is done."""
    fields = searched(kind)
    columns = ", ".join(_source(one) for one in fields)
    # A record that is being edited is waited for: else its old words could overwrite its new ones.
    held = " FOR SHARE" if sql.vendor() == "postgresql" else ""
    rows = sql.rows(
        f'SELECT t.id, t.deleted_at, {columns} FROM "{kind.table}" t WHERE t.id > %s AND t.id <= %s '
        f"ORDER BY t.id LIMIT {BATCH}{held}",
        [part.low, part.high],
    )
    ids = [row[0] for row in rows]
    for start in range(0, len(ids), 500):
        _take_out(ids[start : start + 500])
    _insert(
        kind,
        [
            (pk, one.code, str(value))
            for pk, deleted, *values in rows
            if deleted is None
            for one, value in zip(fields, values, strict=True)
            if value and str(value).strip()
        ],
    )
    return ids[-1] if len(ids) == BATCH else None


def again(kind: ObjectType, ids: Sequence[str]) -> None:
    """Post these records anew from what is stored, in the caller's transaction: their blind indexes have changed."""
    if not kept(kind):
        return
    fields = searched(kind)
    marks = ",".join(["%s"] * len(ids))
    columns = ", ".join(_source(one) for one in fields)
    _take_out(ids)
    rows = sql.rows(
        f'SELECT t.id, {columns} FROM "{kind.table}" t WHERE t.deleted_at IS NULL AND t.id IN ({marks})', ids
    )
    _insert(
        kind,
        [
            (pk, one.code, str(value))
            for pk, *values in rows
            for one, value in zip(fields, values, strict=True)
            if value and str(value).strip()
        ],
    )


def _source(one: f.Field) -> str:
    if isinstance(one, f.Text) and one.encrypted:
        return f"t.{one.index_column} || ' ' || t.{one.tail_column}"
    return f"t.{one.column}"


def rebuild(kind: ObjectType) -> int:
    """Post every record of a type anew, batch by batch; search goes on meanwhile. Returns the number of records."""
    if not kept(kind):
        return 0
    with atomic():
        sql.execute("DELETE FROM records_unposted WHERE type=%s", [kind.code])
        _mark(kind.code, "", LAST)
        strays = f'SELECT p.record_id FROM records_posted p WHERE p.type=%s AND NOT EXISTS (SELECT 1 FROM "{kind.table}" t WHERE t.id=p.record_id)'
        gone = [row[0] for row in sql.rows(strays, [kind.code])]
        for start in range(0, len(gone), 500):
            _take_out(gone[start : start + 500])
    while _waits(kind.code):
        with atomic():
            step()
    _tidy()
    return int(sql.rows(f'SELECT COUNT(*) FROM "{kind.table}" WHERE deleted_at IS NULL')[0][0])


def _tidy() -> None:
    """Merge what a rebuild left of SQLite's index, in short transactions: each part of it costs every search a look."""
    if sql.vendor() != "sqlite":
        return
    pages = -MERGED  # the first call asks for a merge of everything, the others go on with it
    for _ in range(MOST_MERGES):
        with atomic(), connection.cursor() as cursor:
            before = cursor.connection.total_changes
            cursor.execute("INSERT INTO records_grams (records_grams, rank) VALUES ('merge', %s)", [pages])
            if cursor.connection.total_changes - before < 2:  # SQLite's own sign that nothing is left to merge
                return
        pages = MERGED


def _waits(code: str) -> bool:
    return bool(sql.rows("SELECT 1 FROM records_unposted WHERE type=%s LIMIT 1", [code]))


def attach() -> None:
    """Keep the postings with every write, and have the worker post what came in bulk."""
    hooks.written.listen(write)
    schedules.every(JOB, SECONDS, post)
