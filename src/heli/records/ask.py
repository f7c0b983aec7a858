"""Whom to ask for what is missing: who may share the record, nearest first, then who may give grants."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from heli.access.core.line import Level, Row
from heli.access.models import Grant
from heli.access.viewer import Viewer
from heli.kernel import clock
from heli.kernel.errors import NotFound
from heli.org.models import Person
from heli.records import readers, sql
from heli.records.missing import Told, roles_of
from heli.records.sight import Sight
from heli.records.types import ObjectType

MOST_ASK = 5
MOST_GRANTERS = 50
_GRANTS = (
    "SELECT subject_kind, subject_id FROM access_grant WHERE starts<=%s AND (ends IS NULL OR ends>%s) "
    "AND revoked_at IS NULL AND role_id IN ({roles})"
)
_GRANTERS = (
    "SELECT DISTINCT p.id FROM org_person p LEFT JOIN org_assignment a ON a.person_id=p.id AND a.starts<=%s "
    "AND (a.ends IS NULL OR a.ends>%s) WHERE p.status=%s AND ({tests}) "
    f"ORDER BY p.id LIMIT {MOST_GRANTERS}"
)


def whom_to_ask(kind: ObjectType, row: Row | None, viewer: Viewer, told: Told | None = None) -> tuple[int, ...]:
    """Who could give it: the owner, when the asker may know them, and heads up the line who may share the record; then
    people who administer grants. ``told``: which fields of the row may be spoken of, where another than the viewer asks."""
    found: list[int] = []
    if row is not None:
        near: list[int] = []
        told = told or _own(viewer, kind, row)
        if row.get("owner_id") and told("owner"):
            near.append(row["owner_id"])
        if viewer.view is not None and row.get("department_id") in viewer.view.tree.nodes:
            tree = viewer.view.tree
            heads = (tree.nodes[one].head for one in tree.above(row["department_id"]))
            near += [head for head in heads if head is not None]
        asked = [one for one in dict.fromkeys(near) if one != viewer.person]
        known = _as_known(kind, row, told)
        found = [one.person for one in islice(readers.allowed("share", kind, known, asked), MOST_ASK)]
    if len(found) < MOST_ASK:
        found += [one for one in granters(viewer) if one not in found]
    return tuple(one for one in found if one != viewer.person)[:MOST_ASK]


def _own(viewer: Viewer, kind: ObjectType, row: Row) -> Told:
    """The fields of the row that the viewer reads."""
    try:
        rights = Sight(viewer, kind).rights
    except NotFound:
        return lambda code: False
    return lambda code: rights is None or rights.level(code, row) == Level.READ


def _as_known(kind: ObjectType, row: Row, told: Told) -> Row:
    """The row without what the asker does not read: who is named must not hang on a value by the condition of a line."""
    shapes = kind.shape().fields
    unread = {one.column: None for code, one in kind.fields.items() if not shapes[code].key and not told(code)}
    return {**row, **unread}


def granters(viewer: Viewer) -> list[int]:
    """Active people who hold a role that may give grants, by id; at most ``MOST_GRANTERS``."""
    giving = sorted({role.pk for role, line in roles_of(viewer, "policy") if line.actions & {"grant", "administer"}})
    if not giving:
        return []
    now = sql.bind(clock.now())
    # Written out: this is asked with every no, and building the queries would cost more than running them.
    named: dict[str, list[int]] = {Grant.PERSON: [], Grant.POSITION: [], Grant.DEPARTMENT: []}
    for kind, key in sql.rows(_GRANTS.format(roles=_marks(giving)), [now, now, *giving]):
        if kind in named:
            named[kind].append(int(key))
    tests = [("p.id", named[Grant.PERSON]), ("a.position_id", named[Grant.POSITION]),
             ("a.department_id", named[Grant.DEPARTMENT])]  # fmt: skip
    parts = [(f"{column} IN ({_marks(ids)})", ids) for column, ids in tests if ids]
    if not parts:
        return []
    text = _GRANTERS.format(tests=" OR ".join(test for test, _ in parts))
    return [row[0] for row in sql.rows(text, [now, now, Person.ACTIVE, *(pk for _, ids in parts for pk in ids)])]


def _marks(values: Sequence[object]) -> str:
    return ",".join(["%s"] * len(values))
