"""Bringing the invented records in through the write door, type by type; invented ids become real ones on the way."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Any

from heli.access.scopes.pool import pool_of
from heli.access.viewer import Viewer
from heli.crm.demo.company import Row
from heli.crm.demo.people import Ids
from heli.crm.demo.story import iso
from heli.kernel.errors import Broken
from heli.records import act, bulk, write
from heli.records import fields as f
from heli.records.act import Action
from heli.records.types import TYPES, ObjectType

_NUMBER = re.compile(r"(?:-(?P<year>\d{4}))?-(?P<n>\d+)\Z")


class Bringer:
    """Brings rows of one type after another; every link must lead to a row that was brought before."""

    def __init__(self, viewer: Viewer, ids: Ids) -> None:
        self.viewer = viewer
        self.ids = ids
        self.real: dict[str, str] = {}

    def bring(self, type_: str, rows: Sequence[Row]) -> None:
        """Create these records with their owners, times and teams. Raises Broken for a row that the door refuses."""
        kind = TYPES[type_]
        for outcome in bulk.import_many(self.viewer, kind, self._values(kind, rows)):
            for bad in outcome.bad:
                raise Broken(f"the demo's {type_} {bad.number}: {[(p.place, p.words.en) for p in bad.problems]}")
            for made in outcome.made:
                self.real[rows[made.number].id] = made.id
        for row in rows:
            for login in row.team:
                person = str(self.ids.people[login])
                act.do(self.viewer, Action(type_, "team_add", self.real[row.id], {"person": person}))
        self._count(kind, rows)

    def _values(self, kind: ObjectType, rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
        for row in rows:
            values = {code: self._value(kind.fields[code], value) for code, value in row.values.items()}
            owner = self.ids.people[row.owner] if row.owner else None
            author = self.ids.people[row.created_by] if row.created_by else None
            values |= {
                "owner": _id(owner),
                "department": _id(self.ids.departments[row.department] if row.department else None),
                "pool": self._pool(row.pool),
                "created_at": iso(row.created_at),
                "created_by": _id(author),
                "updated_at": iso(row.updated_at),
                "updated_by": _id(owner or author),
            }
            if row.project:
                values["project"] = self.real[row.project]
            yield values

    def _value(self, one: f.Field, value: Any) -> Any:
        if isinstance(one, f.PersonRef):
            return str(self.ids.people[value])
        if isinstance(one, f.Link):
            return self.real[value]
        if isinstance(one, f.Lines):
            return [{**line, "product": self.real[line["product"]]} for line in value]
        return value

    def _pool(self, pool: str | None) -> str:
        if pool is None:
            return ""
        return pool if pool == "all" else pool_of(self.ids.departments[pool])

    def _count(self, kind: ObjectType, rows: Sequence[Row]) -> None:
        """The next automatic number follows the highest one that was brought."""
        for code, one in kind.fields.items():
            if not isinstance(one, f.AutoNumber):
                continue
            highest: dict[int, int] = {}
            for row in rows:
                found = _NUMBER.search(row.values[code])
                assert found is not None
                year = int(found["year"] or 1)
                highest[year] = max(highest.get(year, 0), int(found["n"]))
            for year, n in highest.items():
                write.numbers(one, n, dt.date(year, 1, 1))


def _id(number: int | None) -> str | None:
    return None if number is None else str(number)
