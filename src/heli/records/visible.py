"""Which of these records a viewer sees: for live pages, attachments and whatever else speaks of records by id."""

from __future__ import annotations

from collections.abc import Iterable

from heli.access.compile import Sql, all_of
from heli.access.viewer import Viewer
from heli.kernel.errors import NotFound
from heli.records import sql
from heli.records.sight import Sight, kind_of

CHUNK = 500


def among(viewer: Viewer, code: str, ids: Iterable[str], *, deleted: bool = False) -> list[str]:
    """Those of the ids that the viewer sees; ``deleted``: also those they saw until they were deleted."""
    return _those(viewer, code, ids, *(() if deleted else (Sql("t.deleted_at IS NULL"),)))


def gone(viewer: Viewer, code: str, ids: Iterable[str]) -> list[str]:
    """Those of the ids that are deleted and that the viewer saw until then."""
    return _those(viewer, code, ids, Sql("t.deleted_at IS NOT NULL"))


def _those(viewer: Viewer, code: str, ids: Iterable[str], *also: Sql) -> list[str]:
    try:
        sight = Sight(viewer, kind_of(code))
    except NotFound:
        return []
    writer = sql.writer("t.")
    scope = [writer.formula(one, sight.reach) for one in (sight.visible, *sight.ceilings)]
    where = all_of([*also, *scope])
    wanted = sorted(set(ids))
    found: list[str] = []
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT t.id FROM "{sight.kind.table}" t WHERE t.id IN ({marks}) AND ({where.text})'
        found += [row[0] for row in sql.rows(text, (*part, *where.params))]
    return found
