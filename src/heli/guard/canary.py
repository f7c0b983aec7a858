"""Planted records 诱饵: real records that nobody's work leads to. Who exports one, or reads it in bulk without having
anything to do with it, is told on. That a record is planted stands in a table of its own, so nothing about it shows.

They belong to nobody: without owner, department and pool, only who sees all of a type sees them, and no figure of a
person, team or department counts them. Figures of the whole company may count a handful of records without amounts.
"""

from __future__ import annotations

import threading
import time

from heli.guard import alerts, settings
from heli.guard.models import Canary
from heli.records.hooks import Taken

EVERY = 10.0
PLANTED: dict[str, frozenset[str]] = {}
"""Planted records by type, as this process last read them."""
_lock = threading.Lock()
_read_at = 0.0


def renew(*, now: bool = False) -> None:
    """Read again which records are planted, at most every few seconds."""
    global _read_at
    if not now and time.monotonic() - _read_at < EVERY:
        return
    found: dict[str, set[str]] = {}
    for code, record in Canary.objects.filter(removed_at__isnull=True).values_list("type", "record_id"):
        found.setdefault(code, set()).add(record)
    with _lock:
        PLANTED.clear()
        PLANTED.update({code: frozenset(ids) for code, ids in found.items()})
    _read_at = time.monotonic()


def seen(what: Taken) -> None:
    """Somebody was given records of a type with planted ones among them."""
    hit = PLANTED.get(what.kind.code, frozenset()).intersection(what.ids)
    person = what.viewer.person
    if not hit or person is None:
        return
    exported = what.channel == "export"
    if not exported and (what.channel not in ("list", "search") or len(what.ids) < settings.number("canary_rows")):
        return
    evidence = {
        "type": what.kind.code, "records": sorted(hit)[:20], "channel": what.channel, "rows": len(what.ids),
        "origin": what.viewer.actor.origin,
    }  # fmt: skip
    alerts.tell("canary", person, evidence)
