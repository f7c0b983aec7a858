"""Statements on Django's connection with as little around them as possible, and several of them in one round trip.

Django's cursor costs twice what SQLite needs for a small statement, and on PostgreSQL every statement waits for the last one's answer.
Where many small ones follow each other (a step of a process, an audit entry) that is most of their time. Here they go to the driver as
they are: on PostgreSQL as a pipeline, prepared when they come again. They belong to the transaction that is open, errors are Django's, and
whoever watches the connection's statements (``execute_wrapper``) sees each of them.

What a statement is told must not be what another of the same call gave: that is known only when all have been answered.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

type Row = tuple[Any, ...]
type Statement = tuple[str, Sequence[Any]]

MOST_VALUES = 4000
"""Values of one joined statement: PostgreSQL takes 65,535, and texts so long are no longer worth keeping."""


def together(statements: Sequence[Statement]) -> list[list[Row]]:
    """Run statements one after the other, in one round trip where the database can; the rows of each. Raises what the first that fails
    raises; what follows it is not done."""
    here = connections[DEFAULT_DB_ALIAS]
    if not _ready(here):
        return [_watched(*one) for one in statements]
    with here.wrap_database_errors:
        return _sqlite(here, statements) if here.vendor == "sqlite" else _postgresql(here, statements)


def rows(text: str, params: Sequence[Any] = ()) -> list[Row]:
    """Run one statement; its rows."""
    return together(((text, params),))[0]


def count(text: str, params: Sequence[Any] = ()) -> int:
    """Run one statement; the number of rows concerned."""
    here = connections[DEFAULT_DB_ALIAS]
    if here.vendor == "sqlite" and _ready(here):
        with here.wrap_database_errors:
            return int(here.connection.execute(_marked(text), params).rowcount)
    with here.cursor() as cursor:
        cursor.execute(text, params)
        return int(cursor.rowcount)


def one(statements: Sequence[Statement]) -> list[Statement]:
    """Statements that change rows, none of which another of them reads or changes, as one where the database knows how (as few, where
    they bring more values than one takes): then none sees what another does."""
    if len(statements) < 2 or connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return list(statements)
    found: list[Statement] = []
    group: list[Statement] = []
    values = 0
    for text, params in statements:
        if group and values + len(params) > MOST_VALUES:
            found.append(_joined_of(group))
            group, values = [], 0
        group.append((text, params))
        values += len(params)
    return [*found, _joined_of(group)]


def _joined_of(group: Sequence[Statement]) -> Statement:
    if len(group) == 1:
        return group[0]
    return _joined(tuple(text for text, _ in group)), [value for _, params in group for value in params]


@lru_cache(maxsize=1024)
def _joined(texts: tuple[str, ...]) -> str:
    parts = ", ".join(f"w{at} AS ({text})" for at, text in enumerate(texts[:-1]))
    return f"WITH {parts} {texts[-1]}"


def padded[T](values: list[T]) -> list[T]:
    """The values of an ``IN`` list, the last of them again until there are 1, 2, 4, 8 … of them: so few texts of one statement come to be
    that the database keeps them prepared."""
    return values + values[-1:] * ((1 << max(0, len(values) - 1).bit_length()) - len(values)) if values else values


def moment(value: datetime) -> Any:
    """An aware moment as the driver takes it: SQLite keeps it as text, in UTC, without its zone."""
    if connections[DEFAULT_DB_ALIAS].vendor != "sqlite":
        return value
    return (value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo is not None else value).isoformat(" ")


def _ready(here: BaseDatabaseWrapper) -> bool:
    """Whether nobody looks at the connection's statements; it is then ready for one."""
    if here.execute_wrappers or here.force_debug_cursor:
        return False
    here.validate_no_broken_transaction()
    if here.connection is None:
        here.ensure_connection()
    return True


def _watched(text: str, params: Sequence[Any]) -> list[Row]:
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(text, params)
        return list(cursor.fetchall()) if cursor.description else []


@lru_cache(maxsize=4096)
def _marked(text: str) -> str:
    """The statement as SQLite's driver takes it."""
    return text.replace("%%", "\0").replace("%s", "?").replace("\0", "%")


def _sqlite(here: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list[list[Row]]:
    execute = here.connection.execute
    return [execute(_marked(text), params).fetchall() for text, params in statements]


def _postgresql(here: BaseDatabaseWrapper, statements: Sequence[Statement]) -> list[list[Row]]:
    from heli.kernel import pipeline

    return pipeline.run(here.connection, statements)
