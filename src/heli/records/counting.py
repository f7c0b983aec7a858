"""Counts and sums over what a viewer sees, exact, or within a time: then a lower bound, and that there are more."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heli.access.compile import Sql
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records import filters, sql
from heli.records.rows import COUNTED
from heli.records.sight import Sight

SPLIT = 10**9
"""Sums are taken of the parts above and below this."""
FLOOR = 10_000
"""Where time runs out, it is still found out whether there are so many."""
SENSITIVE = Words(
    "「{field}」是敏感字段，其值要逐条显示并留痕，不能用来分组",
    "“{field}” is sensitive: its values are revealed one by one, with a trace, and do not form groups",
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows, and a sum over the readable cells of one field; the same for each group.

    ``more``: time ran out; there are at least ``count`` rows, and neither sums nor groups are known.
    """

    count: int
    sum: int | None = None
    readable: int | None = None
    groups: dict[Any, Count] = field(default_factory=dict)
    more: bool = False


COMPARING = ("<", "<=", ">", ">=")
FEW = 5
"""A figure over fewer readable cells than this tells of each of them; one over more tells of the whole, and is one cell."""


def disclosed(sight: Sight, found: Count, by: str | None, total: str | None, asked: filters.Filter) -> dict[str, int]:
    """By counted class: how many cells this answer tells of. Groups are figures of their own; where there are several, the
    whole is their sum and tells no more. What is narrowed by more and less tells of the cells that are compared."""
    told = dict.fromkeys(COUNTED, 0)
    figures = list(found.groups.values()) or [found]
    if total is not None:
        told[_class(sight, total)] = sum(_cells(figure.readable or 0) for figure in figures)
    if by is not None:
        told[_class(sight, by)] = told.get(_class(sight, by), 0) + sum(
            _cells(figure.count) for key, figure in found.groups.items() if key != ""
        )
    for code in compared(sight, asked) - {total, by}:
        told[_class(sight, code)] = told.get(_class(sight, code), 0) + sum(_cells(figure.count) for figure in figures)
    return told


def compared(sight: Sight, asked: filters.Filter) -> frozenset[str]:
    """The fields of counted classes of which it tells something that a row fits: by more and less of any, by every other
    comparison of what is confidential. That a number typed in full is found is daily work and tells nothing new."""
    return frozenset(
        leaf.field.code
        for leaf in filters.leaves(asked)
        if (found := _class(sight, leaf.field.code)) in COUNTED and (leaf.op in COMPARING or found == "confidential")
    )


def listed(
    sight: Sight, asked: filters.Filter, shown: Collection[str], rows: int, placed: Mapping[str, int]
) -> dict[str, int]:
    """By counted class: how many cells a page of a list tells of beside those that it shows in full, as it is narrowed or
    ordered by them: who asks for names between two amounts, or by amount, is told of an amount with each.

    placed: by field that the page is sorted by, how many of its rows have their place by a cell that is read.
    """
    told = dict.fromkeys(COUNTED, 0)
    telling = dict.fromkeys(compared(sight, asked), rows)
    telling |= {code: max(n, telling.get(code, 0)) for code, n in placed.items() if counted(sight, code)}
    for code, n in telling.items():
        found = _class(sight, code)
        if found == "sensitive" or code not in shown:  # what is sensitive is never shown in full
            told[found] += n
    return told


def counted(sight: Sight, code: str) -> bool:
    """Whether a field is of a counted class."""
    return _class(sight, code) in COUNTED


def _cells(n: int) -> int:
    return n if n < FEW else 1


def _class(sight: Sight, code: str) -> str:
    one = sight.kind.fields.get(code)
    return "" if one is None else one.data_class


def tells(sight: Sight, by: str | None, total: str | None, asked: filters.Filter) -> bool:
    """Whether such figures may tell of cells of a counted class."""
    asks = (by, total, *compared(sight, asked))
    return any(_class(sight, code) in COUNTED for code in asks if code is not None)


def count(sight: Sight, where: Sql, by: str | None, total: str | None, seconds: float | None) -> Count:
    """Count the rows of ``where`` (over the alias ``t``); see ``Query.count``."""
    columns: list[Sql] = [Sql("COUNT(*)")]
    if total is not None:
        one = _countable(sight, total)
        may = sight.readable(total, "t.")
        only = Sql("") if may.is_true else Sql(f" FILTER (WHERE {may.text})", may.params)
        # In two parts: SQLite refuses a sum beyond 64 bits, and a few absurd amounts must not end everyone's figures.
        columns.append(Sql(f"SUM(t.{one.column} / {SPLIT}){only.text}", only.params))
        columns.append(Sql(f"SUM(t.{one.column} %% {SPLIT}){only.text}", only.params))
        columns.append(Sql(f"COUNT(*){only.text}", only.params))
    group = _group(sight, by) if by is not None else None
    if group is not None:
        columns.insert(0, group)
    listed = ", ".join(c.text for c in columns)
    params = [p for c in columns for p in c.params] + list(where.params)
    text = f'SELECT {listed} FROM "{sight.kind.table}" t WHERE {where.text}' + (" GROUP BY 1" if group else "")
    if seconds is None:
        return _figures(sql.rows(text, params), group is not None, total is not None)
    end = time.monotonic() + seconds
    rows = sql.rows_within(seconds, text, params)
    if rows is not None:
        return _figures(rows, group is not None, total is not None)
    capped = f'SELECT COUNT(*) FROM (SELECT 1 FROM "{sight.kind.table}" t WHERE {where.text} LIMIT {FLOOR}) AS least'
    least = sql.rows_within(max(seconds / 4, end - time.monotonic()), capped, list(where.params))
    return Count(int(least[0][0]) if least else 0, more=True)


def _figures(rows: list[tuple[Any, ...]], grouped: bool, summed: bool) -> Count:
    if not grouped:
        return _counted(rows[0], summed)
    groups: dict[Any, Count] = {}
    # The database's own order could tell of rows that are not counted.
    for key, *rest in sorted(rows, key=lambda row: (row[0] is not None, str(row[0]))):
        groups["" if key is None else key] = _counted(rest, summed)
    if not summed:
        return Count(sum(c.count for c in groups.values()), groups=groups)
    return Count(
        sum(c.count for c in groups.values()),
        sum(c.sum or 0 for c in groups.values()),
        sum(c.readable or 0 for c in groups.values()),
        groups,
    )


def _counted(row: Sequence[Any], summed: bool) -> Count:
    if not summed:
        return Count(int(row[0]))
    return Count(int(row[0]), int(row[1] or 0) * SPLIT + int(row[2] or 0), int(row[3]))


def _countable(sight: Sight, code: str) -> f.Field:
    one = sight.usable(code)
    if one is None:
        raise Invalid(Problem("sum", "unknown", filters.NO_FIELD.fill(code=code[:80])))
    if not one.summable:
        raise Invalid(Problem("sum", "not_a_number", Words(f"{one.words.zh}不能求和", f"{code} cannot be summed")))
    return one


def _group(sight: Sight, code: str) -> Sql:
    one = sight.usable(code)
    if one is None:
        raise Invalid(Problem("by", "unknown", filters.NO_FIELD.fill(code=code[:80])))
    if one.data_class == "sensitive" and sight.rights is not None:
        raise Invalid(Problem("by", "sensitive", SENSITIVE.fill(field=one.words)))
    if one.encrypted:
        raise Invalid(Problem("by", "encrypted", f.ENCRYPTED.fill(field=one.words)))
    may = sight.readable(code, "t.")
    name = f"t.{one.column}"
    value = name if one.empty_value is None else f"NULLIF({name}, '')"
    return Sql(value) if may.is_true else Sql(f"CASE WHEN {may.text} THEN {value} END", may.params)
