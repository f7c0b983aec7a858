"""The recycle bin 回收站: deleted records that a viewer sees and may restore, which is who may delete them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from heli.access.compile import Sql, all_of, formula
from heli.access.viewer import Viewer
from heli.kernel import clock
from heli.records import cursor, sql
from heli.records.rows import Composer
from heli.records.sight import Sight, kind_of
from heli.records.types import ObjectType

KEPT = timedelta(days=90)
"""So long after its deletion a record can be restored."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deleted record: its title as the viewer may read it, who deleted it when, and until when it can be restored."""

    id: str
    title: str
    at: datetime
    by: int | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Deleted records, the latest first."""

    items: tuple[Deleted, ...]
    next: str | None


def listed(viewer: Viewer, code: str, limit: int = 50, after: str | None = None) -> Page:
    """A page of what this viewer may restore. Raises NotFound when they can never read the type, Invalid for a bad cursor."""
    kind = kind_of(code)
    sight = Sight(viewer, kind)
    codes = [c for c in dict.fromkeys((kind.title, kind.key or kind.title)) if sight.known(c) is not None]
    composer = Composer(sight, codes)
    select = composer.select("t.")
    parts = [
        Sql("t.deleted_at IS NOT NULL"),
        Sql("t.deleted_at > %s", (sql.bind(clock.now() - KEPT),)),
        *_restorable(sight),
    ]
    bound = (viewer.person, kind.code, "deleted")
    if after is not None:
        at, last = cursor.unseal(after, *bound)
        parts.append(Sql("(t.deleted_at < %s OR (t.deleted_at = %s AND t.id < %s))", (at, at, last)))
    where = all_of(parts)
    text = (
        f'SELECT {select.text}, t.updated_by_id, t.deleted_at FROM "{kind.table}" t WHERE {where.text} '
        f"ORDER BY t.deleted_at DESC, t.id DESC LIMIT {int(limit) + 1}"
    )
    found = sql.rows(text, (*select.params, *where.params))
    rows = found[:limit]
    values, _ = composer.compose(rows, named=False)
    items = tuple(_told(kind, shown, row) for shown, row in zip(values, rows, strict=True))
    following = None
    if len(found) > limit:
        last_at = sql.bind(aware(rows[-1][-1]))
        following = cursor.seal([last_at if isinstance(last_at, str) else last_at.isoformat(), rows[-1][0]], *bound)
    return Page(items, following)


def _restorable(sight: Sight) -> list[Sql]:
    """Rows that the viewer would see if they lived, and may delete."""
    writer = sql.writer("t.")
    formulas = [sight.visible, *sight.ceilings]
    if sight.rights is not None:
        has_account = sight.kind.parent == "account"
        lines = [sight.rights.held("delete"), *(c.covering("delete") for c in sight.rights.bounds("delete"))]
        formulas += [formula(held, sight.reach, has_account) for held in lines]
    return [writer.formula(one, sight.reach) for one in formulas]


def _told(kind: ObjectType, shown: dict[str, Any], row: tuple[Any, ...]) -> Deleted:
    title = next((str(shown[c]) for c in (kind.title, kind.key) if c is not None and shown.get(c)), "")
    at = aware(row[-1])
    return Deleted(row[0], title, at, row[-2], at + KEPT)


def aware(at: datetime | str) -> datetime:
    """A plain cursor of SQLite gives moments without their zone (UTC), or as text."""
    found = datetime.fromisoformat(at) if isinstance(at, str) else at
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def expired(at: datetime) -> bool:
    """Whether what was deleted then can no longer be restored."""
    return at <= clock.now() - KEPT
