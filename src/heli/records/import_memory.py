"""What imports wrote before: which thing a profile's key became, and with which values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from heli.audit import bulk
from heli.records.models import Imported

CHUNK = 500
LONGEST_KEY = 200


@dataclass(frozen=True, slots=True)
class Remembered:
    """What became of a key: the thing's id, and the values that imports wrote into it."""

    id: str
    values: Mapping[str, Any]


class Memory:
    """One profile's memory. Written in the transaction of what it tells of."""

    def __init__(self, profile: str) -> None:
        self.profile = profile[:64]

    def of(self, kind: str, keys: Iterable[str]) -> dict[str, Remembered]:
        """What is remembered of these keys of one type."""
        found: dict[str, Remembered] = {}
        listed = sorted({key[:LONGEST_KEY] for key in keys})
        for start in range(0, len(listed), CHUNK):
            rows = Imported.objects.filter(profile=self.profile, type=kind, key__in=listed[start : start + CHUNK])
            for key, record, values in rows.values_list("key", "record_id", "values"):
                found[key] = Remembered(record, orjson.loads(values))
        return found

    def add(self, kind: str, made: Iterable[tuple[str, str, Mapping[str, Any]]]) -> None:
        """Remember new things: (key, id, values)."""
        rows = [
            (self.profile, kind, key[:LONGEST_KEY], record, orjson.dumps(values).decode())
            for key, record, values in made
        ]
        bulk.insert("records_imported", ("profile", "type", "key", "record_id", "values"), rows)

    def change(self, kind: str, key: str, values: Mapping[str, Any]) -> None:
        """Remember other values of a known thing."""
        rows = Imported.objects.filter(profile=self.profile, type=kind, key=key[:LONGEST_KEY])
        rows.update(values=orjson.dumps(values).decode())

    def save(self, kind: str, key: str, record: str, values: Mapping[str, Any]) -> None:
        """Remember a thing, known or new."""
        Imported.objects.update_or_create(
            profile=self.profile, type=kind, key=key[:LONGEST_KEY],
            defaults={"record_id": record, "values": orjson.dumps(values).decode()},
        )  # fmt: skip


@dataclass(slots=True)
class Merged:
    """What a row means for a thing that is there: what to write, what someone has edited, what to remember."""

    changes: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    held: list[str] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    """What to remember once ``changes`` are written."""
    fresh: bool = False
    """Whether ``values`` differ from what was remembered."""


def merge(wanted: Mapping[str, Any], current: Mapping[str, Any], remembered: Mapping[str, Any] | None) -> Merged:
    """Compare what a row says, what is stored and what the last import wrote (all dumped, by field).

    A stored value that is not what the last import wrote was edited and is kept. Where nothing is remembered, an empty
    value is filled in and another one is held.
    """
    before = remembered or {}
    merged = Merged(values=dict(before))
    for name, value in wanted.items():
        now = current[name]
        if value == now:
            merged.values[name] = value
        elif name in before and now == before[name]:
            merged.changes.append(name)
            merged.values[name] = value
        elif name in before:
            merged.edited.append(name)
        elif now in (None, "", []):
            merged.changes.append(name)
            merged.values[name] = value
        else:
            merged.held.append(name)
    merged.fresh = merged.values != dict(before)
    return merged
