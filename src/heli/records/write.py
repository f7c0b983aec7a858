"""Writing rows: the columns that follow from others, uniqueness, the audit entry and the event. No decisions here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

from django.db import IntegrityError

from heli.audit import log
from heli.audit.log import EntryData
from heli.jobs import events
from heli.kernel import clock, quick
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Problem
from heli.kernel.quick import Statement
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records import hooks, sealed, sql
from heli.records.types import TYPES, ObjectType

TAKEN = Words(
    "{field}已被另一条记录使用；请先搜索它，或联系管理员合并",
    "{field} is already used by another record; search for it first, or ask an administrator to merge",
)


def columns(kind: ObjectType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of field values (by field code), with the sort keys of texts and the amounts that lines come to."""
    found: dict[str, Any] = {}
    for code, value in values.items():
        one = kind.fields[code]
        found[one.column] = value
        if one.sortable:
            for column in one.sort_columns():
                found[column] = one.sort_key(value)
    for code, value in values.items():
        one = kind.fields[code]
        if value and isinstance(one, f.Lines) and one.sums_to:
            found[kind.fields[one.sums_to].column] = one.total(value)
    return found


def derived(kind: ObjectType, codes: Iterable[str], row: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of what this row comes to, when these fields of it have been written."""
    found = hooks.deriving.get(kind.code)
    return {} if found is None or found.needs.isdisjoint(codes) else columns(kind, found.of(row))


def follow_account(kind: ObjectType, row: dict[str, Any]) -> None:
    """The account's two keys follow the account; an account is its own customer."""
    if kind.code == "account":
        row["account_owner_id"], row["account_department_id"] = row.get("owner_id"), row.get("department_id")
    elif row.get("account_id"):
        found = sql.rows(f'SELECT owner_id, department_id FROM "{_account_table()}" WHERE id=%s', [row["account_id"]])
        row["account_owner_id"], row["account_department_id"] = found[0] if found else (None, None)
    else:
        row["account_owner_id"] = row["account_department_id"] = None


def _account_table() -> str:
    return TYPES["account"].table


def spread_account(account: str, owner: int | None, department: int | None) -> None:
    """Tell an account's records who now owns it; of each type they are locked in the order of their ids, as acts on
    many lock them."""
    lock_children([account])
    for kind in TYPES:
        if kind.parent == "account" and kind.code != "account":
            sql.execute(
                f'UPDATE "{kind.table}" SET account_owner_id=%s, account_department_id=%s WHERE account_id=%s',
                [owner, department, account],
            )


def lock_children(accounts: Sequence[str]) -> None:
    """Lock what belongs to these accounts, by type and id, until the transaction ends. On SQLite writers take turns anyway."""
    if sql.vendor() != "postgresql":
        return
    marks = ",".join(["%s"] * len(accounts))
    for kind in TYPES:
        if kind.parent == "account" and kind.code != "account":
            sql.rows(
                f'SELECT id FROM "{kind.table}" WHERE account_id IN ({marks}) ORDER BY id FOR UPDATE', list(accounts)
            )


def number(one: f.AutoNumber) -> str:
    """The next automatic number."""
    day = clock.today()
    return one.number(numbers(one, 1, day), day)


def numbers(one: f.AutoNumber, count: int, day: date) -> int:
    """Take the next ``count`` numbers of the period that ``day`` is in; returns the last of them (0 when none is asked)."""
    if not count:
        return 0
    found = sql.rows(
        "INSERT INTO records_counter (name, value) VALUES (%s, %s) "
        "ON CONFLICT (name) DO UPDATE SET value = records_counter.value + excluded.value RETURNING value",
        [one.counter(day), count],
    )
    return int(found[0][0])


def defaults(kind: ObjectType) -> dict[str, Any]:
    """Columns of a new row before anything is said about it."""
    made: dict[str, Any] = {}
    for column in kind.model._meta.concrete_fields:
        blank = "" if column.empty_strings_allowed and not column.null else None
        made[str(column.column)] = column.get_default() if column.has_default() else blank
    for code, one in kind.fields.items():
        if one.default is not None:
            made |= columns(kind, {code: one.parse(one.default)})
    return made


def insert(kind: ObjectType, row: Mapping[str, Any]) -> None:
    """Insert one row. Raises Conflict when a unique value is taken."""
    row = sealed.close_row(kind, row["id"], row)
    names = kind.stored
    listed = ", ".join(f'"{n}"' for n in names)
    marks = ", ".join(["%s"] * len(names))
    _guarded(kind, f'INSERT INTO "{kind.table}" ({listed}) VALUES ({marks})', [sql.bind(row[n]) for n in names])


def update(kind: ObjectType, record: str, changed: Mapping[str, Any]) -> None:
    """Update columns of one row. Raises Conflict when a unique value is taken."""
    if not changed:
        return
    changed = sealed.close_row(kind, record, changed)
    sets = ", ".join(f'"{c}"=%s' for c in changed)
    _guarded(kind, f'UPDATE "{kind.table}" SET {sets} WHERE id=%s', [*map(sql.bind, changed.values()), record])


def advance(kind: ObjectType, record: str, code: str, moment: Any) -> None:
    """Put a field that holds the latest of some moments forward. What it follows from is audited; this is not."""
    column = kind.fields[code].column
    bound = sql.bind(moment)
    sql.execute(
        f'UPDATE "{kind.table}" SET {column}=%s WHERE id=%s AND ({column} IS NULL OR {column}<%s)',
        [bound, record, bound],
    )


def _guarded(kind: ObjectType, text: str, params: list[Any]) -> None:
    try:
        quick.rows(text, params)
    except IntegrityError as error:
        code = taken(kind, error)
        if code is None:
            raise
        words = TAKEN.fill(field=kind.fields[code].words)
        raise Conflict(words, code="taken", problems=[Problem(code, "taken", words)]) from None


def taken(kind: ObjectType, error: IntegrityError) -> str | None:
    """The unique field that a refused statement is about; None when it is about something else."""
    said = str(error)
    for code, one in kind.fields.items():
        if one.unique and (f"{kind.code}_{code}_once" in said or f"{kind.table}.{one.column}" in said):
            return code
    return None


def told(
    kind: ObjectType, action: str, record: str, actor: Actor, before: Mapping[str, Any] | None,
    after: Mapping[str, Any] | None, reason: str = "",
) -> EntryData:  # fmt: skip
    """The audit entry of one change; values as they are dumped, by field code."""
    return EntryData(
        action=f"{kind.code}.{action}",
        object_type=kind.code,
        object_id=record,
        actor_id=actor.person,
        actor_name=actor.name,
        acting_for_id=actor.acting_for,
        origin=actor.origin,
        via=actor.via,
        reason=reason,
        before=before,
        after=after,
    )


class Told(list[tuple[events.EventData, EntryData]]):
    """What is announced at the end of a transaction. ``first``: what is written just before it, in the same round trip; whoever puts it
    there reads none of it before the end."""

    def __init__(self) -> None:
        super().__init__()
        self.first: list[Statement] = []

    def clear(self) -> None:
        super().clear()
        self.first.clear()


_held: ContextVar[Told | None] = ContextVar("held", default=None)


def announce(kind: ObjectType, action: str, record: str, entry: EntryData, fields: Iterable[str] = ()) -> None:
    """Audit and event of one change, last in its transaction (the audit head is locked until it ends)."""
    tell(events.EventData(f"{kind.code}.{action}", kind.code, record, {"fields": sorted(fields)}), entry)


def tell(event: events.EventData, entry: EntryData) -> None:
    """The same for what follows from a write at once: last in its transaction, also of many acts."""
    held = _held.get()
    if held is not None:
        held.append((event, entry))
        return
    log.append_many([entry], events.telling(event))


@contextmanager
def held() -> Iterator[Told]:
    """Hold back what is announced inside and write it at the end: many acts of one transaction then lock the audit head
    once and last, as a single one does, so that two such transactions never wait for each other in a ring.

    The caller cuts the list back when it rolls an act back, and empties it when it rolls back everything.
    """
    told = Told()
    token = _held.set(told)
    try:
        yield told
    finally:
        _held.reset(token)
    outer = _held.get()
    if outer is None and len(told) == 1:
        log.append_many([told[0][1]], [*told.first, *events.telling(told[0][0])])
        return
    if told.first:
        quick.together(told.first)
    if outer is not None:  # one of several such: they all announce at the end of the last
        outer += told
    elif told:
        events.publish_many([event for event, _ in told])
        log.append_many([entry for _, entry in told])


def dumped(kind: ObjectType, row: Mapping[str, Any], codes: Iterable[str]) -> dict[str, Any]:
    """Values of these fields as JSON, for the audit log: links and people as ids, encrypted ones sealed."""
    said: dict[str, Any] = {}
    for code in codes:
        one = kind.fields[code]
        if isinstance(one, f.Text) and one.encrypted:
            said[code] = sealed.kept(kind, row["id"], one, row[one.column])
            continue
        value = one.dump(row[one.column])
        said[code] = bare(value)
    return said


def bare(value: Any) -> Any:
    """A dumped value as the log keeps it: links, people and departments as their ids."""
    if isinstance(value, dict) and "id" in value:
        return value["id"]
    if isinstance(value, list):
        return [bare(v) for v in value]
    return value
