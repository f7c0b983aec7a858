"""What still stands in a department: asked before it closes, for nobody's rights lead into a closed one."""

from __future__ import annotations

from heli.access.scopes.pool import pool_of
from heli.kernel.words import Words
from heli.org.models import Department
from heli.records import sql
from heli.records.types import TYPES, ObjectType


def standing(department: int) -> list[ObjectType]:
    """The types of which some record that is not deleted lies in the department or in its pool."""
    found = []
    for kind in TYPES:
        if any(
            sql.rows(f'SELECT 1 FROM "{kind.table}" WHERE "{column}"=%s AND deleted_at IS NULL LIMIT 1', [value])
            for column, value in _keys(kind, department)
        ):
            found.append(kind)
    return found


def said(kinds: list[ObjectType], department: int, *, counted: bool = False) -> Words:
    """These types in a row; ``counted``: with how many of each lie there, for who may know that."""
    if not counted:
        return Words("、".join(k.words.zh for k in kinds), ", ".join(k.plural.en.lower() for k in kinds))
    numbers = [(k, _count(k, department)) for k in kinds]
    return Words(
        "、".join(f"{k.words.zh} {n:,} 条" for k, n in numbers),
        ", ".join(f"{n:,} {(k.words if n == 1 else k.plural).en.lower()}" for k, n in numbers),
    )


def open_above(department: int) -> int | None:
    """The department itself, or where it is closed the first one above it that is not; None when there is none."""
    here: int | None = department
    while here is not None:
        parent, closed_at = Department.objects.values_list("parent_id", "closed_at").get(pk=here)
        if closed_at is None:
            return here
        here = parent
    return None


def _keys(kind: ObjectType, department: int) -> list[tuple[str, int | str]]:
    """The columns by which a record of this type lies in the department, with what they hold then."""
    pairs: tuple[tuple[str, int | str], ...] = (("department_id", department), ("pool_id", pool_of(department)))
    return [(column, value) for column, value in pairs if column in kind.stored]


def _count(kind: ObjectType, department: int) -> int:
    keys = _keys(kind, department)
    some = " OR ".join(f'"{column}"=%s' for column, _ in keys)
    ((n,),) = sql.rows(
        f'SELECT count(*) FROM "{kind.table}" WHERE ({some}) AND deleted_at IS NULL', [value for _, value in keys]
    )
    return int(n)
