"""How a command line prints values: people as user names, links as natural keys, departments as names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from heli.access.viewer import Viewer
from heli.org.models import Department
from heli.org.tree import names_of
from heli.records import fields as f
from heli.records.names import labels, shown
from heli.records.types import TYPES, ObjectType


class Printer:
    """Turns the doors' JSON values into what is printed, with one look-up for each kind of thing."""

    def __init__(self, viewer: Viewer, kind: ObjectType) -> None:
        self.viewer = viewer
        self.kind = kind

    def rows(self, items: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows of the read door, printed; cells that are not readable stay absent."""
        names = {code: self._names(self.kind.fields[code], _ids(items, code)) for code in self._references(items)}
        printed: list[dict[str, Any]] = []
        for item in items:
            row = {code: value for code, value in item.items() if code != "_a"}
            for code, known in names.items():
                if code in row:
                    row[code] = _named(row[code], known)
            printed.append(row)
        return printed

    def _references(self, items: Sequence[dict[str, Any]]) -> list[str]:
        codes = {code for item in items for code in item}
        return [c for c, one in self.kind.fields.items() if c in codes and isinstance(one, f.PersonRef | f.Link)]

    def keys(self, code: str, stored: Iterable[Any]) -> dict[Any, str]:
        """Stored values of one field as they are printed; an empty value is ""."""
        one = self.kind.fields[code]
        values = [v for v in stored if v not in (None, "")]
        if isinstance(one, f.PersonRef) or (isinstance(one, f.Link) and not isinstance(one, f.Links)):
            known = self._names(one, {str(v) for v in values})
            return {v: known.get(str(v), str(v)) for v in values}
        return {v: _text(one.dump(v)) for v in values}

    def _names(self, one: f.Field, ids: set[str]) -> dict[str, str]:
        if isinstance(one, f.DepartmentRef):
            return departments(int(i) for i in ids)
        if isinstance(one, f.PersonRef):
            return {str(pk): username for pk, (username, _) in names_of(int(i) for i in ids).items()}
        assert isinstance(one, f.Link)
        target = TYPES.get(one.target)
        if target is None or target.key is None:
            return {}
        known = {pk: str(key) for pk, key in shown(self.viewer, one.target, ids, target.key).items()}
        return known | labels(one, ids - set(known)) if target.key == target.title else known


def departments(ids: Iterable[int]) -> dict[str, str]:
    """Names of departments; where several open ones bear a name, with the code."""
    rows = Department.objects.filter(closed_at=None).values_list("name", flat=True)
    counts = Counter(rows)
    found = Department.objects.filter(pk__in=set(ids)).values_list("pk", "name", "code")
    return {str(pk): name if counts[name] < 2 else f"{name} ({code})" for pk, name, code in found}


def _ids(items: Sequence[dict[str, Any]], code: str) -> set[str]:
    found: set[str] = set()
    for item in items:
        value = item.get(code)
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict) and "id" in one:
                found.add(one["id"])
    return found


def _named(value: Any, known: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(one, known) for one in value]
    if isinstance(value, dict) and "id" in value:
        return known.get(value["id"], value["id"])
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)
