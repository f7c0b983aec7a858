"""What still stands in a department: asked before it closes, for nobody's rights lead into a closed one."""

from __future__ import annotations

from heli.access.scopes.pool import pool_of
from heli.records import sql
from heli.records.types import TYPES, ObjectType


def standing(department: int) -> list[ObjectType]:
    """The types of which some record that is not deleted lies in the department or in its pool."""
    found = []
    for kind in TYPES:
        keys = [
            (c, v) for c, v in (("department_id", department), ("pool_id", pool_of(department))) if c in kind.stored
        ]
        if any(
            sql.rows(f'SELECT 1 FROM "{kind.table}" WHERE "{column}"=%s AND deleted_at IS NULL LIMIT 1', [value])
            for column, value in keys
        ):
            found.append(kind)
    return found
