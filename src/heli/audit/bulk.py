"""Many rows into one table in one go: COPY on PostgreSQL, one prepared INSERT on SQLite; a few in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection

from heli.kernel import quick
from heli.kernel.quick import Statement

_FEW = 20  # below this one INSERT costs less than opening a COPY


def few(rows: Sequence[object]) -> bool:
    """Whether so many are cheaper as statements beside others than all in one go."""
    return len(rows) < _FEW


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values the database driver takes as they are; moments are aware datetimes.

    ``table`` and ``columns`` come from our own code, never from a user.
    """
    if not rows:
        return
    if few(rows):
        quick.together(statements(table, columns, rows))
        return
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def statements(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[Statement]:
    """What inserts some rows, to be run beside other statements."""
    found: list[Statement] = []
    for start in range(0, len(rows), _FEW):
        part = rows[start : start + _FEW]
        found.append((_text(table, tuple(columns), len(part)), [value for row in part for value in row]))
    return found


@lru_cache(maxsize=1024)
def _text(table: str, columns: tuple[str, ...], count: int) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    mark = f"({', '.join(['%s'] * len(columns))})"
    return f'INSERT INTO "{table}" ({names}) VALUES {", ".join([mark] * count)}'  # noqa: S608


def moments(rows: Iterable[Sequence[Any]], place: int) -> list[Sequence[Any]]:
    """The rows with the datetime at ``place`` in the spelling of this database."""
    return [(*row[:place], quick.moment(row[place]), *row[place + 1 :]) for row in rows]
