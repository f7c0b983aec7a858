"""Values that are closed after they were written: a field that holds them has been encrypted since.

An entry commits to a salted hash of its values as they were written. So their text is sealed whole and stands in its own place:
opened again it gives the very same hash, and the chain proves as much as before. Who can seal and open is told from above, for
the keys are those of records.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from django.db import connection

from heli.audit import chain
from heli.audit.models import Entry, Value

MARK: Final = "\x1fa1."
"""How a closed text begins: no JSON does."""
MOST: Final = 5000
"""Entries looked through at once."""

_CLOSE = "UPDATE audit_value SET body = %s WHERE entry_id = %s AND body = %s AND erased_by IS NULL"


class Unopened(Exception):  # no error of ours: the key is not at hand, or the text was altered
    """The values are closed, and nobody here can open them."""


@dataclass(slots=True)
class _Seals:
    close: Callable[[int, str], str] | None = None
    open: Callable[[int, str], str] | None = None


_seals = _Seals()


def attach(close: Callable[[int, str], str], open_: Callable[[int, str], str]) -> None:
    """Say how a text is sealed for the entry of this number, and opened (raises Unopened)."""
    _seals.close, _seals.open = close, open_


def opened(seq: int, body: str) -> str:
    """The values as they were written. Raises Unopened."""
    if not body.startswith(MARK):
        return body
    if _seals.open is None:
        raise Unopened
    return _seals.open(seq, body[len(MARK) :])


def close(after: int, wanted: Mapping[str, Callable[[str], bool]]) -> tuple[int | None, int]:
    """Close what is to be closed among the next entries, in the caller's transaction: how far it has come (None: to the
    end), and how many. ``wanted``: by object type, whether a text is to be closed."""
    last = Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    upto = after + MOST
    rows = Value.objects.filter(
        entry_id__gt=after, entry_id__lte=upto, entry__object_type__in=sorted(wanted), body__isnull=False
    ).exclude(body__startswith=MARK)
    columns = ("entry_id", "entry__object_type", "salt", "entry__commit", "body")
    found = list(rows.order_by("entry_id").values_list(*columns))
    closed = 0
    with connection.cursor() as cursor:
        for seq, object_type, salt, commit, body in found:
            if (
                salt is None
                or body is None
                or not wanted[object_type](body)
                or chain.commitment(bytes(salt), body) != bytes(commit)
            ):
                continue  # what was altered stays as it is: the verifier has to meet it
            assert _seals.close is not None
            cursor.execute(_CLOSE, [MARK + _seals.close(seq, body), seq, body])
            closed += cursor.rowcount
    return (upto if upto < last else None), closed
