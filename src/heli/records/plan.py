"""How one page is fetched: which SQL answers "the next k visible rows in this order" quickest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from heli.access.compile import TRUE, Formula, ReachSets, Sql, Writer, all_of, is_not
from heli.records import sql


@dataclass(frozen=True, slots=True)
class Order:
    """One sort: a column, its direction, and where it may be read. Rows with an unreadable or empty value come last, by id.

    ``empty`` is the column's empty value: None, "" for text, or the marker ``NEVER`` for columns that always hold one.
    """

    column: str
    descending: bool
    readable: Sql = TRUE
    empty: Any = None


NEVER = object()


@dataclass(frozen=True, slots=True)
class After:
    """Where the last page ended: in phase 0 (valued rows) at (value, id), in phase 1 (the rest) at id."""

    phase: int
    value: Any
    id: str


@dataclass(frozen=True, slots=True)
class Want:
    """A page to fetch. ``select`` is a select list on the alias ``t``; its values come back in order, then sort value and id."""

    table: str
    select: Sql
    visible: Formula
    ceilings: tuple[Formula, ...]
    reach: ReachSets
    filter: Sql
    order: Order
    limit: int
    after: After | None = None


@dataclass(frozen=True, slots=True)
class Got:
    """Rows of a page, each with its phase; and the name of the plan that found them."""

    rows: list[tuple[int, tuple[Any, ...]]]
    plan: str


def predicate(want: Want, writer: Writer) -> Sql:
    """Visible, live and matching the filter."""
    return all_of(
        [
            Sql(f"{writer.alias}deleted_at IS NULL"),
            writer.formula(want.visible, want.reach),
            *(writer.formula(c, want.reach) for c in want.ceilings),
            want.filter,
        ]
    )


def fetch(want: Want) -> Got:
    """The page's rows. At most two statements: the valued rows in order, then those without a value to sort by."""
    rows: list[tuple[int, tuple[Any, ...]]] = []
    single = want.order.readable.is_true and want.order.empty is NEVER
    if want.after is None or want.after.phase == 0:
        rows = [(0, row) for row in _phase(want, 0, want.limit)]
    if not single and len(rows) < want.limit:
        rows += [(1, row) for row in _phase(want, 1, want.limit - len(rows))]
    return Got(rows, "or-sort")


def _phase(want: Want, phase: int, limit: int) -> list[tuple[Any, ...]]:
    order = want.order
    column = f"t.{order.column}"
    valued = [order.readable]
    if order.empty is None:
        valued.append(Sql(f"{column} IS NOT NULL"))
    elif order.empty is not NEVER:
        valued.append(Sql(f"{column}<>%s", (order.empty,)))
    here = all_of(valued)
    parts = [predicate(want, sql.writer("t.")), here if phase == 0 else is_not(here)]
    after = want.after if want.after is not None and want.after.phase == phase else None
    sign, way = ("<", "DESC") if order.descending else (">", "ASC")
    if phase == 0:
        by = f"{column} {way}, t.id {way}"
        if after is not None:
            parts.append(Sql(f"({column}, t.id) {sign} (%s, %s)", (after.value, after.id)))
    else:
        by = "t.id DESC"
        if after is not None:
            parts.append(Sql("t.id < %s", (after.id,)))
    where = all_of(parts)
    text = f'SELECT {want.select.text}, {column}, t.id FROM "{want.table}" t WHERE {where.text} ORDER BY {by} LIMIT {limit}'
    return sql.rows(text, (*want.select.params, *where.params))
