"""Sealing what is stored: values in clear from before a field was encrypted, and values under a key that was replaced.

A job goes through a type by the order of its ids, a batch in each transaction together with the place reached, so that a
worker that is killed loses a batch and nothing else. Everybody works on meanwhile: reads take every version and what stands in
clear, and a write seals under the current key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

import orjson

from heli.audit import closed, log
from heli.audit.log import EntryData
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.ring import CURRENT, RETIRED
from heli.kernel.words import Words
from heli.records import sealed, search_posts, sql
from heli.records.models import Imported, Resealing
from heli.records.types import TYPES, ObjectType

BATCH: Final = 500
"""Records of one transaction."""
SECONDS: Final = 60
JOB: Final = "records.reseal"
CLOSED: Final = timedelta(minutes=10)
"""A version is retired so long after it was replaced: whoever had read it before has finished."""
LOG: Final = "~log"
"""In place of a type, the audit log; sorts behind them all, so that it comes last."""
CLEAR: Final = "clear"
"""How values in clear are counted."""

NO_VERSION = Words("没有密钥版本 {id}", "no such key version: {id}")
IN_USE = Words(
    "密钥版本 {id} 仍是当前版本；先运行 heli keys rotate",
    "key version {id} is the current one; run heli keys rotate first",
)
STILL = Words(
    "还有 {n} 个单元格用密钥版本 {id} 加密，现在停用会丢失数据。后台任务会继续重新加密；完成后再试（heli keys status）",
    "{n} cells are still sealed under key version {id}, and retiring it would lose them. The job goes on sealing them anew: "
    "try again when it is done (heli keys status)",
)
TOO_SOON = Words(
    "密钥版本 {id} 刚被替换；可能还有进程在用它，请在 {at} 之后再停用",
    "key version {id} was replaced only just now and may still be in use; retire it after {at}",
)


@dataclass(frozen=True, slots=True)
class Beside:
    """Sealed cells that another part of the program keeps beside records. ``step``: seals anew those behind a mark under the current key,
    at most ``BATCH`` of its rows, in the caller's transaction; how many rows it came to, and the mark of the last (None: there are no
    more). ``held``: how many cells of each field stand under which version."""

    step: Callable[[str], tuple[int, str | None]]
    held: Callable[[], Mapping[str, Counter[str]]]


BESIDE: dict[str, Beside] = {}
"""By a name that begins with a tilde, as no type does."""


def kinds() -> list[ObjectType]:
    """The types with encrypted fields."""
    return [kind for kind in TYPES if kind.encrypted]


def begin() -> None:
    """Go through every type from its first record on, in the caller's transaction."""
    for kind in kinds():
        _anew(kind.code)
    for name in BESIDE:
        _anew(name)
    reseal.using(dedup_key=JOB).enqueue()


def _anew(name: str) -> None:
    Resealing.objects.update_or_create(type=name, defaults={"last": "", "done": 0, "at": clock.now()})


@task(timeout=60)
def reseal() -> None:
    """Seal the next batch, and come back while there are more."""
    if step():
        reseal.using(dedup_key=JOB).enqueue()


def step() -> bool:
    """One batch in the caller's transaction; whether there may be more."""
    held = " FOR UPDATE SKIP LOCKED" if sql.vendor() == "postgresql" else ""
    found = sql.rows(f"SELECT type, last, done FROM records_resealing ORDER BY type LIMIT 1{held}")
    if not found:
        return False
    code, last, done = found[0]
    if code == LOG:
        return _log(last, done)
    if code in BESIDE:
        return _beside(code, last, done)
    kind = TYPES.get(code)
    ids = _batch(kind, last) if kind is not None and kind.encrypted else []
    if len(ids) == BATCH:
        Resealing.objects.filter(type=code).update(last=ids[-1], done=done + len(ids))
        return True
    if kind is not None:
        _forget_in_clear(kind)
        Resealing.objects.get_or_create(type=LOG)
    _done(code, done + len(ids))
    return True


def _beside(name: str, last: str, done: int) -> bool:
    """Seal the next of what is kept beside records."""
    n, mark = BESIDE[name].step(last)
    if mark is not None:
        Resealing.objects.filter(type=name).update(last=mark, done=done + n)
    else:
        _done(name, done + n)
    return True


def _done(name: str, n: int) -> None:
    Resealing.objects.filter(type=name).delete()
    log.append(
        EntryData(
            action="keys.resealed", object_type=name.lstrip("~"), actor_name="system", origin="job", via=JOB,
            after={"records": n},
        )
    )  # fmt: skip


def _log(last: str, done: int) -> bool:
    """Close the values of the next audit entries that hold in clear what is encrypted by now."""
    wanted = {kind.code: partial(sealed.stands_in_clear, kind) for kind in kinds()}
    upto, n = closed.close(int(last or 0), wanted)
    if upto is not None:
        Resealing.objects.filter(type=LOG).update(last=str(upto), done=done + n)
        return True
    Resealing.objects.filter(type=LOG).delete()
    if done + n:
        log.append(
            EntryData(
                action="audit.close", object_type="audit", actor_name="system", origin="job", via=JOB,
                after={"entries": done + n},
            )
        )  # fmt: skip
    return True


def _batch(kind: ObjectType, last: str) -> list[str]:
    """Seal the encrypted cells of the next records under the current key; their ids."""
    columns = ", ".join(f'"{one.column}"' for one in kind.encrypted)
    held = " FOR UPDATE" if sql.vendor() == "postgresql" else ""
    rows = sql.rows(f'SELECT id, {columns} FROM "{kind.table}" WHERE id > %s ORDER BY id LIMIT {BATCH}{held}', [last])
    current = f"{sealed.MARK}{sealed.keyring().ring(fresh=True).current.id}."
    posted: list[str] = []
    for record, *cells in rows:
        changed: dict[str, Any] = {}
        for one, cell in zip(kind.encrypted, cells, strict=True):
            if cell and not cell.startswith(current):
                value = sealed.opened(kind, record, one, cell)
                if value is not sealed.UNREADABLE:
                    changed[one.column] = value
        if changed:
            _store(kind, record, sealed.close_row(kind, record, changed))
            posted.append(record)
    if posted:
        search_posts.again(kind, posted)
    return [row[0] for row in rows]


def _store(kind: ObjectType, record: str, columns: Mapping[str, Any]) -> None:
    sets = ", ".join(f'"{column}"=%s' for column in columns)
    sql.execute(f'UPDATE "{kind.table}" SET {sets} WHERE id=%s', [*columns.values(), record])


def _forget_in_clear(kind: ObjectType) -> None:
    """What imports remember of encrypted values becomes prints."""
    codes = {one.code for one in kind.encrypted}
    for one in Imported.objects.filter(type=kind.code).only("pk", "values").iterator():
        values = orjson.loads(one.values)
        if any(isinstance(values.get(code), str) and values[code] for code in codes):
            printed = {code: sealed.remembered(kind, code, v) if code in codes else v for code, v in values.items()}
            Imported.objects.filter(pk=one.pk).update(values=orjson.dumps(printed).decode())


# -- keys ---------------------------------------------------------------------------------------------------------


def rotate(actor: Actor) -> str:
    """Make a new key version and have everything sealed anew; returns its id. Raises KeysError."""
    before = sealed.keyring().ring().current.id
    with log.transaction():
        made = sealed.keyring().rotate()
        begin()
        _audit(actor, "keys.rotate", {"current": before}, {"current": made})
    return made


def reseal_all(actor: Actor) -> None:
    """Have everything looked through once more."""
    with log.transaction():
        begin()
        _audit(actor, "keys.reseal", None, None)


def rewrap(actor: Actor) -> tuple[str, str]:
    """Wrap the ring by another key; returns the names of the one before and the new one. Raises KeysError."""
    with log.transaction():
        before, after = sealed.keyring().rewrap()
        _audit(actor, "keys.rewrap", {"wrapped_by": before}, {"wrapped_by": after})
    return before, after


def retire(actor: Actor, key_id: str) -> None:
    """Throw the data and index keys of a version away. Raises NotFound, Conflict while it is or may be in use."""
    found = sealed.keyring().ring(fresh=True).versions.get(key_id)
    if found is None or found.state == RETIRED:
        raise NotFound(NO_VERSION.fill(id=key_id[:40]))
    if found.state == CURRENT or found.closed_at is None:
        raise Conflict(IN_USE.fill(id=key_id), code="in_use")
    free = found.closed_at + CLOSED
    if clock.now() < free:
        raise Conflict(TOO_SOON.fill(id=key_id, at=free.isoformat(timespec="minutes")), code="too_soon")
    left = sum(counts.get(key_id, 0) for counts in held().values())
    if left:
        with log.transaction():
            begin()
        raise Conflict(STILL.fill(id=key_id, n=left), code="in_use")
    with log.transaction():
        _audit(actor, "keys.retire", {"version": key_id}, None)
        sealed.keyring().retire(key_id)


def _audit(actor: Actor, action: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
    log.append(
        EntryData(
            action=action, object_type="settings", object_id="field keys", actor_id=actor.person, actor_name=actor.name,
            origin=actor.origin, via=actor.via, before=before, after=after,
        )
    )  # fmt: skip


def held() -> dict[str, Counter[str]]:
    """How many filled cells of each encrypted field (``type.field``) stand under which version, or in clear; those beside records with
    where they are kept."""
    found: dict[str, Counter[str]] = {}
    start = len(sealed.MARK)
    for kind in kinds():
        for one in kind.encrypted:
            column = f'"{one.column}"'
            text = (
                f"SELECT CASE WHEN {column} LIKE %s THEN SUBSTR({column}, {start + 1}, 16) ELSE %s END, COUNT(*) "
                f"FROM \"{kind.table}\" WHERE {column}<>'' GROUP BY 1"
            )
            counts: Counter[str] = Counter()
            for version, n in sql.rows(text, [f"{sealed.MARK}%", f"{CLEAR}."]):
                counts[version.partition(".")[0]] += n
            found[f"{kind.code}.{one.code}"] = counts
    for beside in BESIDE.values():
        found |= beside.held()
    return found


def attach() -> None:
    """Go on with what a worker left, and with what an upgrade has to seal."""
    closed.attach(sealed.close_log, sealed.open_log)
    schedules.every(JOB, SECONDS, reseal)
