"""The arithmetic of the chain: pure functions from an entry's columns to its hash.

``commit = SHA-256(salt || body)`` stands in the entry instead of the values, so that values can be erased on
lawful request and the chain still holds. ``hash = SHA-256(prev || commit || columns as one JSON array)``; the
first ``prev`` is made from the random name of the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final, Literal
from uuid import UUID

Outcome = Literal["done", "refused", "failed"]

OUTCOMES: Final = ("done", "refused", "failed")
NO_VALUES: Final = bytes(32)
"""The commitment of an entry that carries no values."""
LIMITS: Final = {
    "actor_name": 150,
    "action": 80,
    "object_type": 80,
    "object_id": 100,
    "origin": 60,
    "via": 300,
    "reason": 4000,
}
"""Longest text per column, in characters; longer text is cut and ends in an ellipsis."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryData:
    """What a caller tells the log about one act.

    ``action`` is ``<object type>.<verb>`` or a plain word (``signin.ok``); ``origin`` an IP address, ``cli``
    or ``job``; ``via`` names in a few words the grant or role that allowed it; ``before`` and ``after`` hold
    the values that changed (JSON, or dates, decimals and UUIDs, which become text). ``actor_name`` is a
    snapshot. Names, ``via`` and ``reason`` are part of the chain for good: personal data belongs into
    ``before`` and ``after`` only. ``at`` is aware; left out, it is now.
    """

    action: str
    object_type: str = ""
    object_id: str = ""
    actor_id: int | None = None
    actor_name: str = ""
    acting_for_id: int | None = None
    outcome: Outcome = "done"
    origin: str = ""
    via: str = ""
    reason: str = ""
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None
    at: datetime | None = None


def _plain(value: object) -> object:
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"an audit value must be JSON, a date, a decimal or a UUID, not {type(value).__name__}")


_body = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False, default=_plain
).encode
_safe_body = json.JSONEncoder(separators=(",", ":"), sort_keys=True, allow_nan=False, default=_plain).encode
_columns = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def body_of(data: EntryData) -> str | None:
    """The canonical text of the values, or None when there are none.

    Raises TypeError or ValueError for a value that has no place in JSON (bytes, sets, NaN).
    """
    if data.before is None and data.after is None:
        return None
    body: dict[str, Any] = {}
    if data.after is not None:
        body["after"] = data.after
    if data.before is not None:
        body["before"] = data.before
    text = _body(body)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a surrogate pair from a hostile client: keep it, escaped
        return _safe_body(body)
    return text


def commitment(salt: bytes, body: str) -> bytes:
    """What an entry says about its values: 32 bytes that reveal nothing without the salt."""
    return hashlib.sha256(salt + body.encode()).digest()


def genesis(chain: str) -> bytes:
    """The ``prev`` of the first entry of a chain."""
    return hashlib.sha256(b"heli audit 1\0" + chain.encode()).digest()


def micros(at: datetime) -> int:
    """Whole microseconds since 1970: the same number from whichever database the moment comes back."""
    return (at - _EPOCH) // _MICROSECOND


def digest(prev: bytes, commit: bytes, seq: int, at: datetime, told: tuple[Any, ...]) -> bytes:
    """The hash of an entry. ``told`` are the columns from ``actor_id`` to ``reason`` in their order in the
    table."""
    return hashlib.sha256(prev + commit + _columns([seq, micros(at), *told]).encode()).digest()


def text(value: str, limit: int) -> str:
    """Text that both databases can store: no NUL, no half surrogate, at most ``limit`` characters."""
    if not value.isascii():
        value = value.encode("utf-8", "replace").decode()
    if "\0" in value:
        value = value.replace("\0", "\ufffd")
    return value if len(value) <= limit else value[: limit - 1] + "…"


def told(data: EntryData) -> tuple[Any, ...]:
    """The columns from ``actor_id`` to ``reason`` as they will be stored.

    Raises ValueError for an unknown outcome or an action without a name.
    """
    if data.outcome not in OUTCOMES:
        raise ValueError(f"an audit outcome is one of {', '.join(OUTCOMES)}, not {data.outcome!r}")
    if not data.action:
        raise ValueError("an audit entry needs an action")
    return (
        data.actor_id,
        text(data.actor_name, LIMITS["actor_name"]),
        data.acting_for_id,
        text(data.action, LIMITS["action"]),
        text(data.object_type, LIMITS["object_type"]),
        text(data.object_id, LIMITS["object_id"]),
        data.outcome,
        text(data.origin, LIMITS["origin"]),
        text(data.via, LIMITS["via"]),
        text(data.reason, LIMITS["reason"]),
    )
