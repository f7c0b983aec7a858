"""Many rows into one table in one go: COPY on PostgreSQL, one prepared INSERT on SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

_FEW = 20  # below this an INSERT per row costs less than opening a COPY


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows whose values the database driver takes as they are; moments are aware datetimes.

    ``table`` and ``columns`` come from our own code, never from a user.
    """
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql" and len(rows) >= _FEW:
            with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608


def moments(rows: Iterable[Sequence[Any]], place: int) -> list[Sequence[Any]]:
    """The rows with the datetime at ``place`` in the spelling of this database."""
    adapt = connection.ops.adapt_datetimefield_value
    return [(*row[:place], adapt(row[place]), *row[place + 1 :]) for row in rows]
