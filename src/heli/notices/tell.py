"""Telling somebody, in the transaction of what they are told of: either both stand or neither."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from django.db import connection

from heli.kernel import clock, quick
from heli.kernel.errors import Broken
from heli.kernel.quick import Statement

_TELL = (
    "INSERT INTO notices_notice (person_id, kind, source, object, key, by_id, data, at, mail) VALUES {rows} "
    "ON CONFLICT (person_id, source) DO NOTHING"
)
_ROW = "(%s, %s, %s, %s, %s, %s, %s, %s, 'new')"
MOST_AT_ONCE = 100


def tell(
    people: Iterable[int], kind: str, source: str, object: str, key: str, *, by: int | None = None, data: Mapping[str, Any] | None = None
) -> None:  # fmt: skip
    """Tell these people, but not who did it (``by``), of something; of one ``source`` each is told once, however often this is called.

    ``data``: ids and numbers that the sentence needs; no text of a record. Raises Broken outside a transaction.
    """
    quick.together(telling(people, kind, source, object, key, by=by, data=data))


def telling(
    people: Iterable[int], kind: str, source: str, object: str, key: str, *, by: int | None = None, data: Mapping[str, Any] | None = None
) -> list[Statement]:  # fmt: skip
    """The statements of ``tell``, to be run beside others of the transaction."""
    if not connection.in_atomic_block:
        raise Broken("a notice belongs to the transaction of what it tells of: open one")
    now, text = quick.moment(clock.now()), orjson.dumps(dict(data or {})).decode()
    rows = [(one, kind, source, object, key, by, text, now) for one in dict.fromkeys(people) if one != by]
    found: list[Statement] = []
    for start in range(0, len(rows), MOST_AT_ONCE):
        some = rows[start : start + MOST_AT_ONCE]
        found.append((_TELL.format(rows=", ".join([_ROW] * len(some))), [value for row in some for value in row]))
    return found
