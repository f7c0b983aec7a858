"""What conditions and parameters see: the record as it stands, what the instance was begun with, who began it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.flows.core.definition import PROPOSED, WAS
from heli.flows.core.values import ExpressionError, Value
from heli.flows.matters import MATTER, MATTERS
from heli.flows.models import Instance
from heli.org import zone
from heli.records import hooks, readers, sealed
from heli.records.fields import Field, Link, PersonRef, Text
from heli.records.fields.date import Date
from heli.records.fields.datetime import DateTime
from heli.records.fields.scaled import Scaled
from heli.records.sight import row_facts
from heli.records.types import TYPES, ObjectType

RECORD = "record."
DATA = "data."
ITSELF = "id"
"""What a record's own id is called, as if it were a field."""
CHANGE = "change."
"""What who began it proposes for a field of the record."""
CHANGED = "changed"
"""The fields that are to be changed."""
EVENT = "event."
"""What has come just now: fields of the record that it is about, or what a message brings."""


QUICK = dt.timedelta(minutes=1)
"""What a case brings about by itself within this time counts as one row (``Happened.hops``)."""


def of_record(name: str) -> ObjectType | None:
    """The type of the record whose event is called so; None for what is no event of a record."""
    type_, dot, _ = name.partition(".")
    return TYPES.get(type_) if dot else None


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that cases hear: what it is called, what it is about (a record, or nobody's), what it brings, and by which it is told
    from others (``cause``)."""

    name: str
    cause: str
    type: str = ""
    record: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    hops: int = 0
    """How many cases in a row have brought it about by themselves, without a person or a minute between them."""

    case: int = 0
    """The case that has brought it about by itself; 0: a person or a program did."""

    def row(self) -> Mapping[str, Any] | None:
        """The columns of the record; None where there is none any more."""
        kind = TYPES.get(self.type)
        return readers.row_of(kind, self.record) if kind is not None else None

    def value(self, code: str) -> Value:
        """Raises KeyError for what it does not bring."""
        kind = TYPES.get(self.type)
        if kind is None:
            return plain(self.data.get(code))
        one, row = kind.fields[code], self.row()
        return None if row is None else value_of(one, row[one.column])

    def key(self, by: str) -> str:
        """To whom it is addressed: the record that it is about, or the one that this field of it names; empty for nobody."""
        kind = TYPES.get(self.type)
        if not by or kind is None:
            return self.record
        row, one = self.row(), kind.fields.get(by)
        found = row[one.column] if row is not None and one is not None else None
        return str(found) if found is not None else ""


class Looking:
    """The values of one instance, read when first named and again after the record was changed (``forget``)."""

    def __init__(self, row: Instance) -> None:
        self.row = row
        self.kind: ObjectType | None = TYPES.get(row.type)
        self.event: Happened | None = None
        self.extra: Mapping[str, Value] = {}
        """Values of its data that only what is worked out now sees, by name."""

    @cached_property
    def record(self) -> Mapping[str, Any] | None:
        """The record's columns; None when there is none, or it has been deleted."""
        return readers.row_of(self.kind, self.row.record_id) if self.kind is not None and self.row.record_id else None

    def known(self, record: Mapping[str, Any] | None) -> None:
        """The record has been read already, in this transaction."""
        self.__dict__["record"] = record

    @property
    def proposals(self) -> Mapping[str, Any]:
        """What was proposed, as it is kept."""
        found = self.row.data.get(PROPOSED)
        return found if isinstance(found, Mapping) else {}

    def proposed(self) -> dict[str, Any]:
        """What was proposed, as the write door takes it. Raises ExpressionError for what can no longer be read."""
        found = {code: self.kept(code) for code in self.proposals}
        broken = next((code for code, said in found.items() if said is sealed.UNREADABLE), None)
        if broken is not None and self.kind is not None:
            raise ExpressionError(sealed.BROKEN_CELL.fill(field=self.kind.fields[broken].words))
        return found

    def kept(self, code: str, of: str = PROPOSED) -> Any:
        """What was proposed for a field, or stood there (``WAS``), in clear."""
        kind, said = self.kind, (self.row.data.get(of) or {}).get(code)
        one = kind.fields.get(code) if kind is not None else None
        if kind is None or not isinstance(one, Text) or not one.encrypted or said is None:
            return said
        return sealed.opened(kind, self.row.record_id, one, said)

    def forget(self) -> None:
        """The record has been changed."""
        self.__dict__.pop("record", None)

    def __call__(self, name: str) -> Value:
        """Raises KeyError for a name that means nothing here."""
        if name.startswith(RECORD):
            if self.kind is None:
                raise KeyError(name)
            return self._of_record(self.kind, self.record, name[len(RECORD) :])
        if name.startswith(MATTER) and self.row.type in MATTERS:
            return MATTERS[self.row.type].value(self.row.record_id, name[len(MATTER) :])
        if name == CHANGED:
            return tuple(self.proposals)
        if name.startswith(CHANGE) and self.kind is not None:
            one = self.kind.fields[name[len(CHANGE) :]]
            said = self.kept(one.code)
            return None if said is None or said is sealed.UNREADABLE else value_of(one, one.once(said))
        if name == "initiator":
            return Decimal(self.row.initiator_id)
        if name.startswith(DATA) and name[len(DATA) :] in self.extra:
            return self.extra[name[len(DATA) :]]
        if name.startswith(DATA):
            return plain(self.row.data.get(name[len(DATA) :]))
        if name.startswith(EVENT) and self.event is not None:
            return self.event.value(name[len(EVENT) :])
        raise KeyError(name)

    def person(self, path: str) -> int | None:
        """Who stands in a field of the record, or of one that its fields lead to."""
        kind, record = self.kind, self.record
        way, _, last = path.rpartition(".")
        for step in way.split(".") if way else ():
            if kind is None or record is None or step not in kind.fields:
                return None
            kind, record = followed(kind.fields[step], record)
        one = kind.fields.get(last) if kind is not None else None
        found = record[one.column] if record is not None and isinstance(one, PersonRef) else None
        return found if isinstance(found, int) else None

    def _of_record(self, kind: ObjectType, record: Mapping[str, Any] | None, path: str) -> Value:
        """A field of a record, or of the record that one of its fields links to (``account.owner``)."""
        code, _, rest = path.partition(".")
        if path == ITSELF:
            return None if record is None else str(record["id"])
        one = kind.fields[code]
        if record is None:
            return None
        if not rest:
            return value_of(one, record[one.column])
        kind, linked = followed(one, record)
        return self._of_record(kind, linked, rest)


def keep_cell(kind: ObjectType, record: str, one: Field, column: Any) -> Any:
    """A cell's value beside the record: sealed where the cell is."""
    said = None if column is sealed.UNREADABLE else one.dump(column)
    return sealed.seal(kind, record, one, said) if isinstance(one, Text) and one.encrypted and said else said


def opened_cell(kind: ObjectType, record: str, one: Field, said: Any) -> Any:
    """What was kept so, in clear; nothing where it can no longer be read."""
    if not isinstance(one, Text) or not one.encrypted or said is None:
        return said
    found = sealed.opened(kind, record, one, said)
    return None if found is sealed.UNREADABLE else found


def readable(viewer: Viewer, row: Instance, codes: Iterable[str]) -> list[str]:
    """Those of the fields of the case's record that this viewer reads in full."""
    kind = TYPES.get(row.type)
    record = readers.row_of(kind, row.record_id) if kind is not None and row.record_id else None
    rights = viewer.view.type(row.type) if viewer.view is not None else None
    if kind is None or record is None or rights is None or viewer.person is None:
        return []
    facts = row_facts(dict(record), readers.reached_by(kind, record).get(viewer.person, frozenset()))
    if not rights.decide("read", facts).allowed:
        return []
    wanted = set(codes)
    return [code for code in kind.fields if code in wanted and rights.level(code, facts) == Level.READ]


AGAIN = 15 * 60
"""Seconds in which the same cells, told again with the same case, are not taken anew: an open page asks every few seconds."""
MOST_TOLD = 10_000
_told: OrderedDict[tuple[Any, ...], float] = OrderedDict()
_lock = threading.Lock()


def take(viewer: Viewer, row: Instance, codes: Iterable[str]) -> None:
    """Count these cells of the record, which somebody is told with a case, as taken."""
    kind, some = TYPES.get(row.type), frozenset(codes)
    if kind is None or not some:
        return
    key, now = (viewer.looker, row.pk, row.started_at, some), time.monotonic()
    with _lock:
        last = _told.pop(key, None)
        _told[key] = now if last is None or now - last > AGAIN else last
        while len(_told) > MOST_TOLD:
            _told.popitem(last=False)
        if _told[key] != now:
            return
    counted = {
        name: sum(kind.fields[code].data_class == name for code in some) for name in ("sensitive", "confidential")
    }
    hooks.taken.fire(hooks.Taken(viewer, kind, "record", **counted, ids=(row.record_id,)))


def difference(viewer: Viewer, row: Instance) -> list[tuple[str, Any, Any]]:
    """What is proposed for the record: field, as it was, as it would be; of those fields that this viewer reads in full."""
    here = Looking(row)
    found = []
    for code in readable(viewer, row, here.proposals) if here.proposals else ():
        before, after = here.kept(code, WAS), here.kept(code)
        unreadable = sealed.UNREADABLE
        found.append((code, None if before is unreadable else before, None if after is unreadable else after))
    take(viewer, row, [code for code, _, _ in found])
    return found


def followed(one: Field, record: Mapping[str, Any]) -> tuple[ObjectType, Mapping[str, Any] | None]:
    """The type that a field links to, and the live record; None where there is none. Raises KeyError for a field that is no link."""
    if not isinstance(one, Link):
        raise KeyError(one.code)
    kind = TYPES[one.target]
    return kind, readers.row_of(kind, record[one.column]) if record[one.column] else None


def value_of(one: Field, column: Any) -> Value:
    """A field's column as expressions know it: numbers and amounts as numbers, days as days, references by their ids."""
    if one.is_empty(column):
        return None
    said = one.dump(column)
    if isinstance(one, Scaled):
        return Decimal(str(said))
    if isinstance(one, DateTime):
        return zone.here(dt.datetime.fromisoformat(said)).replace(tzinfo=None)
    if isinstance(one, Date):
        return dt.date.fromisoformat(said)
    return plain(said)


def plain(said: Any) -> Value:
    """A JSON value as an expression's value."""
    if isinstance(said, bool) or said is None or isinstance(said, str):
        return said
    if isinstance(said, int | float):
        return Decimal(str(said))
    if isinstance(said, Mapping):
        return str(said["id"]) if "id" in said else None
    return tuple(plain(one) for one in said)


def spoken(value: Value) -> Any:
    """An expression's value as the write door takes it: JSON, with amounts and numbers as texts."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dt.date):
        return value.isoformat()
    return [spoken(one) for one in value] if isinstance(value, tuple) else value
