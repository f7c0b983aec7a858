"""What a page asks for, and the answer: the borders of the planner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from heli.access.compile import TRUE, Formula, ReachSets, Sql
from heli.records.types import ObjectType

NEVER = object()
"""Marks a sort column that always holds a value."""


@dataclass(frozen=True, slots=True)
class Order:
    """One sort: a column, its direction, and where it may be read. Rows with an unreadable or empty value come last, by id.

    ``readable``: formulas that must all hold (none: readable on every visible row); they imply visibility.
    ``empty`` is the column's empty value: None, "" for text, or ``NEVER``.
    """

    column: str
    descending: bool
    readable: tuple[Formula, ...] = ()
    empty: Any = None


@dataclass(frozen=True, slots=True)
class After:
    """Where the last page ended: in phase 0 (valued rows) at (value, id), in phase 1 (the rest) at id."""

    phase: int
    value: Any
    id: str


@dataclass(frozen=True, slots=True)
class Driver:
    """An equality of the user's filter that every row must fulfil: ``column`` is one of ``values``."""

    column: str
    values: tuple[Any, ...]
    test: Sql
    """The comparison on the alias ``t``, free to use an index."""


def no_filter(alias: str) -> Sql:
    """The filter of a page that has none."""
    return TRUE


@dataclass(frozen=True, slots=True)
class Want:
    """A page to fetch. ``select`` is a select list on the alias ``t``; its values come back in order, then sort value and id.

    ``visible`` and ``ceilings`` must all hold. ``filter`` writes the user's filter for an alias; ``leaves`` tells how
    many comparisons it has, ``drivers`` which of them can lead to rows.
    """

    kind: ObjectType
    select: Sql
    visible: Formula
    ceilings: tuple[Formula, ...]
    reach: ReachSets
    order: Order
    limit: int
    after: After | None = None
    filter: Callable[[str], Sql] = no_filter
    leaves: int = 0
    drivers: tuple[Driver, ...] = ()


@dataclass(frozen=True, slots=True)
class Got:
    """Rows of a page, each with its phase; the name of the plan that found them; seconds the database took."""

    rows: list[tuple[int, tuple[Any, ...]]]
    plan: str
    seconds: float = 0.0
