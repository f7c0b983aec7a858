"""Which things of the installation the keys of a profile mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from heli.org.models import Department, Person, Position
from heli.records import sql
from heli.records.bulk_fields import unique_rows
from heli.records.import_memory import CHUNK, Memory
from heli.records.types import TYPES

MOST_CACHED = 200_000
ORGANISATION = ("department", "position", "person")


class Keys:
    """Ids by type and key: what this profile imported before, else what bears the key by itself."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self._found: dict[tuple[str, str], str] = {}

    def add(self, kind: str, key: str, record: str) -> None:
        """Something was made just now."""
        if len(self._found) >= MOST_CACHED:
            self._found.clear()
        self._found[kind, key] = record

    def one(self, kind: str, key: str) -> str | None:
        return self.find(kind, [key]).get(key)

    def find(self, kind: str, keys: Iterable[str]) -> dict[str, str]:
        """The ids of those keys whose thing is there."""
        wanted = set(keys)
        found = {key: self._found[kind, key] for key in wanted if (kind, key) in self._found}
        rest = wanted - found.keys()
        if rest:
            fresh = self._look(kind, rest)
            for key, record in fresh.items():
                self.add(kind, key, record)
            found |= fresh
        return found

    def _look(self, kind: str, keys: set[str]) -> dict[str, str]:
        known = {key: one.id for key, one in self.memory.of(kind, keys).items()}
        live = self._live(kind, known.values())
        found = {key: record for key, record in known.items() if record in live}
        rest = sorted(keys - known.keys())
        by = _ORGANISATION.get(kind, _by_key)
        for start in range(0, len(rest), CHUNK):
            found |= by(kind, rest[start : start + CHUNK])
        return found

    def _live(self, kind: str, ids: Iterable[str]) -> set[str]:
        listed = sorted(ids)
        if kind in ORGANISATION:
            model = {"department": Department, "position": Position, "person": Person}[kind]
            numbers = [int(one) for one in listed]
            return {str(pk) for pk in model._default_manager.filter(pk__in=numbers).values_list("pk", flat=True)}
        one = TYPES.get(kind)
        found: set[str] = set()
        for start in range(0, len(listed) if one is not None else 0, CHUNK):
            assert one is not None
            part = listed[start : start + CHUNK]
            marks = ",".join(["%s"] * len(part))
            text = f'SELECT id FROM "{one.table}" WHERE deleted_at IS NULL AND id IN ({marks})'
            found |= {row[0] for row in sql.rows(text, part)}
        return found


def _by_key(kind: str, keys: Sequence[str]) -> dict[str, str]:
    """Live records by their natural key; a key that several bear means none of them."""
    one = TYPES.get(kind)
    if one is None or one.key is None:
        return {}
    field = one.fields[one.key]
    column = field.column
    marks = ",".join(["%s"] * len(keys))
    text = f'SELECT {column}, id FROM "{one.table}" WHERE {unique_rows(field)} AND {column} IN ({marks})'
    rows = sql.rows(text, keys)
    counts: dict[str, int] = {}
    for key, _ in rows:
        counts[key] = counts.get(key, 0) + 1
    return {key: record for key, record in rows if counts[key] == 1}


def _departments(_kind: str, keys: Sequence[str]) -> dict[str, str]:
    rows = Department.objects.filter(closed_at=None)
    found: dict[str, str] = {}
    for key in keys:
        ids = list(rows.filter(code__iexact=key).values_list("pk", flat=True))
        ids = ids or list(rows.filter(name=key).values_list("pk", flat=True)[:2])
        if len(ids) == 1:
            found[key] = str(ids[0])
    return found


def _positions(_kind: str, keys: Sequence[str]) -> dict[str, str]:
    lower = {key.lower(): key for key in keys}
    rows = Position.objects.values_list("code", "pk")
    return {lower[code.lower()]: str(pk) for code, pk in rows if code.lower() in lower}


def _people(_kind: str, keys: Sequence[str]) -> dict[str, str]:
    lower = {key.lower(): key for key in keys}
    rows = Person.objects.filter(username__in=list(lower)).values_list("username", "pk")
    return {lower[name]: str(pk) for name, pk in rows}


_ORGANISATION: dict[str, Callable[[str, Sequence[str]], dict[str, str]]] = {
    "department": _departments,
    "position": _positions,
    "person": _people,
}
