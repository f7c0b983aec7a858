"""What cases keep of encrypted fields (what is proposed, what stood there, what was handed over) under the keys of now, when those are replaced."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from django.db.models import QuerySet

from heli.flows.core.definition import PROPOSED, WAS
from heli.flows.models import Instance, Packet
from heli.records import resealing, sealed
from heli.records.fields import Text
from heli.records.types import TYPES, ObjectType

NAME: Final = "~cases"
PACKETS: Final = "~packets"
HANDED: Final = "{type}.{field} handed over"
KEPT: Final = "{type}.{field} in cases"


def _rows() -> QuerySet[Instance]:
    """Cases that may keep something sealed, the oldest first."""
    return (
        Instance.objects.filter(type__in=[kind.code for kind in resealing.kinds()])
        .order_by("pk")
        .only("type", "record_id", "data")
    )


def _cells(row: Instance) -> Iterator[tuple[ObjectType, Text, str, str]]:
    """Sealed values of a case: of which field, under which name of its data."""
    kind = TYPES[row.type]
    for name in (PROPOSED, WAS):
        for code, said in (row.data.get(name) or {}).items():
            one = kind.fields.get(code)
            if isinstance(one, Text) and isinstance(said, str) and said.startswith(sealed.MARK):
                yield kind, one, name, said


def step(last: str) -> tuple[int, str | None]:
    """The next cases; see ``resealing.Beside``. Each is locked, as by every step of it."""
    rows = list(_rows().filter(pk__gt=int(last or 0)).select_for_update()[: resealing.BATCH])
    current = f"{sealed.MARK}{sealed.keyring().ring(fresh=True).current.id}."
    for row in rows:
        changed: dict[str, dict[str, Any]] = {}
        for kind, one, name, said in _cells(row):
            value = sealed.UNREADABLE if said.startswith(current) else sealed.opened(kind, row.record_id, one, said)
            if isinstance(value, str):  # what is broken stays as it is, and is told where it is read
                changed.setdefault(name, {})[one.code] = sealed.seal(kind, row.record_id, one, value)
        if changed:
            row.data = {**row.data, **{name: {**row.data[name], **cells} for name, cells in changed.items()}}
            row.save(update_fields=["data"])
    return len(rows), str(rows[-1].pk) if len(rows) == resealing.BATCH else None


def held() -> dict[str, Counter[str]]:
    """How many values of each field stand under which version."""
    found: dict[str, Counter[str]] = {}
    for row in _rows().filter(data__has_any_keys=[PROPOSED, WAS]).iterator(chunk_size=resealing.BATCH):
        for kind, one, _, said in _cells(row):
            version = said[len(sealed.MARK) :].partition(".")[0]
            found.setdefault(KEPT.format(type=kind.code, field=one.code), Counter())[version] += 1
    return found


def _packets() -> QuerySet[Packet]:
    """What was handed over and may keep something sealed, the oldest first."""
    of = [kind.code for kind in resealing.kinds()]
    return (
        Packet.objects.filter(instance__type__in=of)
        .select_related("instance")
        .order_by("pk")
        .only("fields", "instance__type", "instance__record_id")
    )


def _of_packet(row: Packet) -> Iterator[tuple[ObjectType, Text, str]]:
    """Sealed values of a packet."""
    kind = TYPES[row.instance.type]
    for code, said in row.fields.items():
        one = kind.fields.get(code)
        if isinstance(one, Text) and isinstance(said, str) and said.startswith(sealed.MARK):
            yield kind, one, said


def step_packets(last: str) -> tuple[int, str | None]:
    """The next packets; see ``resealing.Beside``."""
    rows = list(_packets().filter(pk__gt=int(last or 0)).select_for_update(of=("self",))[: resealing.BATCH])
    current = f"{sealed.MARK}{sealed.keyring().ring(fresh=True).current.id}."
    for row in rows:
        changed: dict[str, Any] = {}
        for kind, one, said in _of_packet(row):
            value = (
                sealed.UNREADABLE
                if said.startswith(current)
                else sealed.opened(kind, row.instance.record_id, one, said)
            )
            if isinstance(value, str):
                changed[one.code] = sealed.seal(kind, row.instance.record_id, one, value)
        if changed:
            row.fields = {**row.fields, **changed}
            row.save(update_fields=["fields"])
    return len(rows), str(rows[-1].pk) if len(rows) == resealing.BATCH else None


def held_packets() -> dict[str, Counter[str]]:
    """How many values of each field stand under which version."""
    found: dict[str, Counter[str]] = {}
    for row in _packets().exclude(fields={}).iterator(chunk_size=resealing.BATCH):
        for kind, one, said in _of_packet(row):
            version = said[len(sealed.MARK) :].partition(".")[0]
            found.setdefault(HANDED.format(type=kind.code, field=one.code), Counter())[version] += 1
    return found


def attach() -> None:
    """Let the keys of cases be replaced with those of records."""
    resealing.BESIDE[NAME] = resealing.Beside(step, held)
    resealing.BESIDE[PACKETS] = resealing.Beside(step_packets, held_packets)
