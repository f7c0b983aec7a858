"""Whom to ask for what is missing: who may share the record, nearest first, then who may give grants."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from heli.access.core.depends import Told
from heli.access.core.line import Row
from heli.access.viewer import Viewer
from heli.kernel import clock, quick
from heli.kernel.quick import Statement
from heli.org.models import Person
from heli.records import readers, sql
from heli.records.missing import roles_of
from heli.records.sight import told_to
from heli.records.types import ObjectType

MOST_ASK = 5
MOST_GRANTERS = 50
_GRANTERS = (
    "WITH g AS MATERIALIZED (SELECT subject_kind AS kind, "
    "CASE WHEN subject_kind IN ('person', 'position', 'department') THEN CAST(subject_id AS BIGINT) END AS id FROM access_grant "
    "WHERE starts<=%s AND (ends IS NULL OR ends>%s) AND revoked_at IS NULL AND role_id IN ({roles})), "
    "u AS MATERIALIZED (SELECT id FROM g WHERE kind='person' UNION "
    "SELECT a.person_id FROM g JOIN org_assignment a ON a.position_id=g.id AND a.starts<=%s AND (a.ends IS NULL OR a.ends>%s) "
    "WHERE g.kind='position' UNION "
    "SELECT a.person_id FROM g JOIN org_assignment a ON a.department_id=g.id AND a.starts<=%s AND (a.ends IS NULL OR a.ends>%s) "
    "WHERE g.kind='department') "
    f"SELECT p.id FROM u JOIN org_person p ON p.id=u.id WHERE p.status=%s ORDER BY p.id LIMIT {MOST_GRANTERS}"
)
"""Whoever gives is found first, and looked up then: PostgreSQL, left to itself, would look for givers once for every person."""


def whom_to_ask(kind: ObjectType, row: Row | None, viewer: Viewer, told: Told | None = None) -> tuple[int, ...]:
    """Who could give it: the owner, when the asker may know them, and heads up the line who may share the record; then
    people who administer grants. ``told``: which fields of the row may be spoken of, where another than the viewer asks."""
    found: list[int] = []
    if row is not None:
        near: list[int] = []
        told = told or told_to(viewer, kind, row)
        if row.get("owner_id") and told("owner"):
            near.append(row["owner_id"])
        if viewer.view is not None and row.get("department_id") in viewer.view.tree.nodes:
            tree = viewer.view.tree
            heads = (tree.nodes[one].head for one in tree.above(row["department_id"]))
            near += [head for head in heads if head is not None]
        asked = [one for one in dict.fromkeys(near) if one != viewer.person][: readers.PART]
        known = _as_known(kind, row, told)
        # Asked with every no: all that it takes in one round trip.
        *answers, giving = quick.together([*readers.asking(kind, known, asked), _granting(viewer)])
        found = [one.person for one in islice(readers.answered("share", kind, known, asked, answers), MOST_ASK)]
    else:
        giving = quick.rows(*_granting(viewer))
    found += [one for (one,) in giving if one not in found]
    return tuple(one for one in found if one != viewer.person)[:MOST_ASK]


def _as_known(kind: ObjectType, row: Row, told: Told) -> Row:
    """The row without what the asker does not read: who is named must not hang on a value by the condition of a line."""
    shapes = kind.shape().fields
    unread = {one.column: None for code, one in kind.fields.items() if not shapes[code].key and not told(code)}
    return {**row, **unread}


def granters(viewer: Viewer) -> list[int]:
    """Active people who hold a role that may give grants, by id; at most ``MOST_GRANTERS``."""
    return [one for (one,) in quick.rows(*_granting(viewer))]


def _granting(viewer: Viewer) -> Statement:
    giving = sorted({role.pk for role, line in roles_of(viewer, "policy") if line.actions & {"grant", "administer"}})
    now = sql.bind(clock.now())
    # Written out: building the queries would cost more than running them.
    text = _GRANTERS.format(roles=_marks(giving) or "NULL")
    return text, [now, now, *giving, now, now, now, now, Person.ACTIVE]


def _marks(values: Sequence[object]) -> str:
    return ",".join(["%s"] * len(values))
