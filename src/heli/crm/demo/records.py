"""Bringing the invented records in: the write door's own columns, reach, audit and events, many rows at a time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from heli.access.scopes.pool import pool_of
from heli.access.viewer import Viewer
from heli.audit import log
from heli.crm.demo.company import Row
from heli.crm.demo.people import Ids
from heli.jobs import events
from heli.records import fields as f
from heli.records import related, sql, write
from heli.records.types import TYPES, ObjectType

MANY = 1000
_NUMBER = re.compile(r"\d+\Z")


class Bringer:
    """Writes rows of one type after another; remembers whose each customer is, for the keys of what hangs on it."""

    def __init__(self, viewer: Viewer, ids: Ids) -> None:
        self.viewer = viewer
        self.ids = ids
        self.customers: dict[str, tuple[int | None, int | None]] = {}

    def bring(self, type_: str, rows: Sequence[Row]) -> None:
        """Insert rows of one type, with what they bring their holders, the audit entries and the events."""
        kind = TYPES[type_]
        usual = write.defaults(kind)
        columns = [c.column for c in kind.model._meta.concrete_fields]
        for some in batched(rows, MANY, strict=False):
            made = [self._columns(kind, usual, row) for row in some]
            sql.insert_many(kind.table, columns, ([sql.bind(one[c]) for c in columns] for one in made))
            sql.insert_many(
                "access_reach",
                related.COLUMNS,
                (r for row, one in zip(some, made, strict=True) for r in self._reach(kind, row, one)),
            )
            self._tell(kind, made)
        self._count(kind, rows)

    def _columns(self, kind: ObjectType, usual: dict[str, Any], row: Row) -> dict[str, Any]:
        values = {code: self._value(kind.fields[code], value) for code, value in row.values.items()}
        owner = self.ids.people[row.owner] if row.owner else None
        department = self.ids.departments[row.department] if row.department else None
        author = self.ids.people[row.created_by] if row.created_by else None
        made = usual | write.columns(kind, values)
        made |= {
            "id": row.id,
            "owner_id": owner,
            "department_id": department,
            "pool_id": self._pool(row.pool),
            "project_id": row.id if kind.code == "project" else row.project,  # a project lies in itself
            "created_at": row.created_at,
            "created_by_id": author,
            "updated_at": row.updated_at,
            "updated_by_id": owner or author,
        }
        if kind.code == "account":
            self.customers[row.id] = (owner, department)
            made["account_owner_id"], made["account_department_id"] = owner, department
        elif made["account_id"]:
            made["account_owner_id"], made["account_department_id"] = self.customers[made["account_id"]]
        return made

    def _value(self, one: f.Field, value: Any) -> Any:
        if isinstance(one, f.PersonRef) and not isinstance(one, f.DepartmentRef):
            return self.ids.people[value]
        return one.parse(value)

    def _pool(self, pool: str | None) -> str:
        if pool is None:
            return ""
        return pool if pool == "all" else pool_of(self.ids.departments[pool])

    def _reach(self, kind: ObjectType, row: Row, made: dict[str, Any]) -> Iterator[related.ReachRow]:
        helpers = [self.ids.people[login] for login in row.team]
        source = related.source_of(kind, row.id)
        for person in helpers:
            yield (person, kind.code, "id", row.id, "team", "", source, None)
        holders = dict.fromkeys([*([made["owner_id"]] if made["owner_id"] else []), *helpers])
        yield from related.rows_for(kind, made, [(person, None) for person in holders])

    def _tell(self, kind: ObjectType, made: Sequence[dict[str, Any]]) -> None:
        entries = []
        for one in made:
            filled = [code for code, field in kind.fields.items() if not field.is_empty(one[field.column])]
            after = write.dumped(kind, one, filled)
            entries.append(write.told(kind, "import", one["id"], self.viewer.actor, None, after))
        events.publish_many([events.EventData(f"{kind.code}.import", kind.code, one["id"], {}) for one in made])
        log.append_many(entries)

    def _count(self, kind: ObjectType, rows: Sequence[Row]) -> None:
        """The next automatic number follows the highest one that was brought."""
        highest: dict[str, int] = {}
        for code, one in kind.fields.items():
            if not isinstance(one, f.AutoNumber):
                continue
            for row in rows:
                given = str(row.values.get(code, ""))
                found = _NUMBER.search(given)
                if found:
                    year = re.search(r"-(\d{4})-", given)
                    day = dt.date(int(year[1]), 1, 1) if year else dt.date.min
                    name = one.counter(day)
                    highest[name] = max(highest.get(name, 0), int(found.group()))
        for name, value in highest.items():
            sql.execute(
                "INSERT INTO records_counter (name, value) VALUES (%s, %s) ON CONFLICT (name) DO UPDATE "
                "SET value = CASE WHEN records_counter.value < excluded.value THEN excluded.value "
                "ELSE records_counter.value END",
                [name, value],
            )
