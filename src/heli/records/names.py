"""Names beside ids: people, departments, and titles of linked records as far as the viewer may know them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.kernel.errors import NotFound
from heli.org.models import Department
from heli.records import fields as f
from heli.records import sql
from heli.records.sight import Sight
from heli.records.types import TYPES

CHUNK = 500


def people(ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """``{id: {"id", "username", "name"}}``."""
    wanted = sorted({i for i in ids if i is not None})
    found: dict[int, dict[str, str]] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        # Plain SQL: every list page asks this, and the ORM's compiling costs more than the answer.
        marks = ",".join(["%s"] * len(part))
        for pk, user, name in sql.rows(
            f"SELECT id, username, display_name FROM org_person WHERE id IN ({marks})", part
        ):
            found[pk] = {"id": str(pk), "username": user, "name": name}
    return found


def departments(ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """``{id: {"id", "name"}}``, and ``name_en`` where there is one."""
    wanted = {i for i in ids if i is not None}
    rows = Department.objects.filter(pk__in=wanted).values_list("pk", "name", "name_en") if wanted else ()
    return {pk: {"id": str(pk), "name": name, **({"name_en": en} if en else {})} for pk, name, en in rows}


def shown(viewer: Viewer, code: str, ids: Iterable[str], field: str, *, deleted: bool = False) -> dict[str, Any]:
    """One field of other records, by id, as this viewer sees it: masked where masked, absent where not visible. ``deleted``: also of records
    that they saw until these were deleted, as long as they are kept."""
    kind = TYPES.get(code)
    wanted = sorted({i for i in ids if i})
    if kind is None or not wanted:
        return {}
    try:
        sight = Sight(viewer, kind)
    except NotFound:
        return {}
    one = sight.known(field)
    if one is None:
        return {}
    read = sight.readable(field, "t.", Level.READ)
    masked = sight.readable(field, "t.", Level.MASKED)
    where = sight.predicate("t.", deleted=deleted)
    found: dict[str, Any] = {}
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        text = (
            f"SELECT t.id, CASE WHEN {masked.text} THEN t.{one.column} END, CASE WHEN {read.text} THEN 1 ELSE 0 END "
            f'FROM "{kind.table}" t WHERE t.id IN ({",".join(["%s"] * len(part))}) AND ({where.text})'
        )
        for pk, value, full in sql.rows(text, (*masked.params, *read.params, *part, *where.params)):
            if value is not None and value != "":
                found[pk] = one.dump(value) if full else one.mask(value)
    return found


def labels(field: f.Link, ids: Iterable[str]) -> dict[str, str]:
    """What a link that is declared as a label tells of records its reader need not see: the title, and nothing else."""
    kind = TYPES.get(field.target)
    wanted = sorted({i for i in ids if i})
    found: dict[str, str] = {}
    if kind is None or not field.label:
        return found
    column = kind.fields[kind.title].column
    for start in range(0, len(wanted), CHUNK):
        part = wanted[start : start + CHUNK]
        marks = ",".join(["%s"] * len(part))
        text = f'SELECT id, {column} FROM "{kind.table}" WHERE id IN ({marks}) AND deleted_at IS NULL'
        found |= {pk: title for pk, title in sql.rows(text, part) if title}
    return found


class Decorator:
    """Collects what dumped values refer to, then writes the names in: one query per kind of thing on a page."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self._people: list[dict[str, Any]] = []
        self._departments: list[dict[str, Any]] = []
        self._links: dict[str, list[dict[str, Any]]] = {}
        self._labels: dict[str, tuple[f.Link, list[dict[str, Any]]]] = {}

    def add(self, field: f.Field, value: Any) -> None:
        if not value:
            return
        if isinstance(field, f.DepartmentRef):
            self._departments.append(value)
        elif isinstance(field, f.PersonRef):
            self._people.append(value)
        elif isinstance(field, f.Links):
            self._links.setdefault(field.target, []).extend(value)
        elif isinstance(field, f.Lines):
            for line in value if isinstance(value, list) else ():
                self.add(field.product, line["product"])
        elif isinstance(field, f.Link):
            self._links.setdefault(field.target, []).append(value)
            if field.label:
                self._labels.setdefault(field.target, (field, []))[1].append(value)

    def add_all(self, field: f.Field, values: Iterable[Any]) -> None:
        """A column of dumped values."""
        if isinstance(field, f.DepartmentRef):
            self._departments += [one for one in values if one]
        elif isinstance(field, f.PersonRef):
            self._people += [one for one in values if one]
        else:
            for one in values:
                self.add(field, one)

    def finish(self) -> None:
        if self._people:
            known = people(int(p["id"]) for p in self._people)
            for one in self._people:
                one.update(known.get(int(one["id"]), {}))
        if self._departments:
            known_departments = departments(int(d["id"]) for d in self._departments)
            for one in self._departments:
                one.update(known_departments.get(int(one["id"]), {}))
        for code, links in self._links.items():
            kind = TYPES.get(code)
            if kind is None:
                continue
            titles = shown(self.viewer, code, (link["id"] for link in links), kind.title)
            for link in links:
                if link["id"] in titles:
                    link["title"] = titles[link["id"]]
        for field, links in self._labels.values():
            unnamed = [link for link in links if "title" not in link]
            known_labels = labels(field, (link["id"] for link in unnamed)) if unnamed else {}
            for link in unnamed:
                if link["id"] in known_labels:
                    link["title"] = known_labels[link["id"]]
