"""What a person owns, in numbers and by id: asked when they leave or move. Values are nobody's to see here."""

from __future__ import annotations

from heli.records import sql
from heli.records.types import TYPES, ObjectType


def kinds() -> list[ObjectType]:
    """The types whose records have an owner."""
    return [kind for kind in TYPES if "owner_id" in kind.stored]


def counts(person: int) -> dict[str, dict[int | None, int]]:
    """How many live records the person owns, by type and department; types without any are left out."""
    found: dict[str, dict[int | None, int]] = {}
    for kind in kinds():
        rows = sql.rows(
            f'SELECT department_id, COUNT(*) FROM "{kind.table}" WHERE owner_id=%s AND deleted_at IS NULL GROUP BY department_id',
            [person],
        )
        if rows:
            found[kind.code] = {department: int(n) for department, n in rows}
    return found


def some(
    kind: ObjectType, person: int, departments: list[int] | None, after: str, limit: int
) -> list[tuple[str, int | None]]:
    """(id, department) of live records that the person owns, by id, from the one after this on; of these departments only,
    unless None."""
    text = f'SELECT id, department_id FROM "{kind.table}" WHERE owner_id=%s AND deleted_at IS NULL AND id>%s'
    params: list[object] = [person, after]
    if departments is not None:
        if not departments:
            return []
        text += f" AND department_id IN ({','.join(['%s'] * len(departments))})"
        params += departments
    rows = sql.rows(f"{text} ORDER BY id LIMIT {int(limit)}", params)
    return [(str(record), department) for record, department in rows]
