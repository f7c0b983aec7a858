"""How one field's value goes into a bulk row: parsed, bound for the driver, and told to the log, all prepared once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from heli.records import fields as f
from heli.records import sql, write
from heli.records.types import ObjectType


@dataclass(frozen=True, slots=True)
class Cell:
    """One field of a type, ready for many rows. ``at`` and ``sorts`` are places of its columns in the row.

    ``target`` is the type of a link, ``#person``, ``#department``, or None; ``targets`` gives the ids in a value.
    ``closed``: filled by the system and by verbs only.
    """

    field: f.Field
    at: int
    sorts: int | None
    parse: Callable[[object], Any]
    bind: Callable[[Any], Any]
    said: Callable[[Any], Any]
    target: str | None
    targets: Callable[[Any], Iterable[Any]]
    closed: bool


def cells_of(kind: ObjectType, place: Mapping[str, int]) -> dict[str, Cell]:
    """The cells of every field of a type by code; ``place`` gives the places of the columns."""
    return {code: _cell(one, place) for code, one in kind.fields.items()}


def _cell(one: f.Field, place: Mapping[str, int]) -> Cell:
    sorts = next(iter(one.sort_columns()), None) if one.sortable else None
    target: str | None = None
    targets: Callable[[Any], Iterable[Any]] = _single
    if isinstance(one, f.DepartmentRef):
        target = "#department"
    elif isinstance(one, f.PersonRef):
        target = "#person"
    elif isinstance(one, f.Links):
        target, targets = one.target, one.ids
    elif isinstance(one, f.Link):
        target = one.target
    return Cell(
        one,
        place[one.column],
        place[sorts] if sorts is not None and sorts != one.column else None,
        one.parse,
        _bound(one),
        _said(one),
        target,
        targets,
        one.readonly or one.flow,
    )


def _bound(one: f.Field) -> Callable[[Any], Any]:
    """``sql.bind`` for this kind of value, decided once."""
    if sql.vendor() == "sqlite" and isinstance(one, f.Date) and not isinstance(one, f.DateTime):
        return lambda value: value and value.isoformat()
    return sql.bind if isinstance(one, f.Date | f.DateTime | f.YesNo) else _same


def _said(one: f.Field) -> Callable[[Any], Any]:
    """The value as the audit log keeps it: links and people as ids."""
    if isinstance(one, f.Links):
        return lambda value: write.bare(one.dump(value))
    if isinstance(one, f.PersonRef):
        return str
    if isinstance(one, f.Link):
        return _same
    if isinstance(one, f.Date | f.DateTime | f.Lines):
        return lambda value: write.bare(one.dump(value))
    return one.dump


def unique_rows(one: f.Field) -> str:
    """The condition of a unique field's index, word for word: without it neither database looks there, but at every row."""
    filled = f" AND NOT ({one.column} = '')" if one.empty_value == "" else ""
    return "deleted_at IS NULL" + filled


def _same(value: Any) -> Any:
    return value


def _single(value: Any) -> Iterable[Any]:
    return (value,)


__all__ = ["Cell", "cells_of", "unique_rows"]
