"""Reading the log. Whose eyes may see which entry and which value is decided above; nothing here is
masked."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.audit import closed
from heli.audit.chain import Outcome
from heli.audit.models import Entry

MOST = 1000
"""Largest page, in entries."""
PART = 500
"""Things that are asked about together."""


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as it was written. ``before`` and ``after`` are None when it carries none, or when they are
    ``erased``: for good, or for as long as the key that closes them is not at hand."""

    seq: int
    at: datetime
    actor_id: int | None
    actor_name: str
    acting_for_id: int | None
    action: str
    object_type: str
    object_id: str
    outcome: Outcome
    origin: str
    via: str
    reason: str
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None
    erased: bool = False


_FIELDS = (
    "seq", "at", "actor_id", "actor_name", "acting_for_id", "action", "object_type", "object_id",
    "outcome", "origin", "via", "reason", "value__body", "value__erased_by",
)  # fmt: skip


def query(
    *,
    object_type: str | None = None,
    object_id: str | None = None,
    actor_id: int | None = None,
    actions: Collection[str] | None = None,
    outcome: Outcome | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[EntryView]:
    """The newest entries that fit, newest first, at most ``limit`` (1 to 1000).

    ``since`` is included, ``until`` is not; both are aware. ``before`` is the number of the last entry of the
    page before: the pages together hold every entry once, also while new ones are written. Raises ValueError
    for a limit out of bounds.
    """
    if not 1 <= limit <= MOST:
        raise ValueError(f"limit must lie between 1 and {MOST}")
    wanted: dict[str, object] = {
        "object_type": object_type,
        "object_id": object_id,
        "actor_id": actor_id,
        "action__in": None if actions is None else sorted(actions),
        "outcome": outcome,
        "at__gte": since,
        "at__lt": until,
        "seq__lt": before,
    }
    rows = Entry.objects.filter(**{name: value for name, value in wanted.items() if value is not None})
    return [_view(row) for row in rows.order_by("-seq").values_list(*_FIELDS)[:limit]]


def get(seq: int) -> EntryView | None:
    """The entry with this number."""
    row = Entry.objects.filter(seq=seq).values_list(*_FIELDS).first()
    return None if row is None else _view(row)


def _view(row: tuple[Any, ...]) -> EntryView:
    told: dict[str, Any] = dict(zip(_FIELDS[:12], row, strict=False))
    body, erased_by = row[12:]
    lost = bool(erased_by)
    try:
        values = json.loads(closed.opened(row[0], body)) if body is not None else {}
    except (closed.Unopened, ValueError):  # or altered by force: what proves it is the verifier, and the rest is told
        values, lost = {}, True
    return EntryView(**told, before=values.get("before"), after=values.get("after"), erased=lost)


def since(moment: datetime, object_types: Collection[str], object_id: str | None = None) -> Iterator[EntryView]:
    """Everything that was done to things of these types after a moment, newest first: for telling how they were."""
    rows = Entry.objects.filter(object_type__in=sorted(object_types), at__gt=moment, outcome="done")
    if object_id is not None:
        rows = rows.filter(object_id=object_id)
    for row in rows.order_by("-seq").values_list(*_FIELDS).iterator(chunk_size=MOST):
        yield _view(row)


def done(object_type: str, action: str, objects: Iterable[str], actors: Collection[int]) -> dict[str, list[datetime]]:
    """When any of these people did this to these things, by thing."""
    found: dict[str, list[datetime]] = {}
    wanted = sorted(set(objects))
    rows = Entry.objects.filter(object_type=object_type, action=action, outcome="done", actor_id__in=sorted(actors))
    for at in range(0, len(wanted), PART):
        for key, moment in rows.filter(object_id__in=wanted[at : at + PART]).values_list("object_id", "at"):
            found.setdefault(key, []).append(moment)
    return found


def begun() -> datetime | None:
    """The moment of the earliest entry; None while the log is empty."""
    return Entry.objects.order_by("at", "seq").values_list("at", flat=True).first()
