"""Planted records 诱饵: real records that nobody's work leads to. Who exports one, or reads it in bulk without having
anything to do with it, is told on. That a record is planted stands in a table of its own, so nothing about it shows.

They belong to nobody and lie in a department or in none, so only who sees a department, or all, meets them. They hold no
amounts, and no count takes them in (``records.hooks.uncounted``): figures and reports stay what they would be.
"""

from __future__ import annotations

import threading
import time

from django.db import DatabaseError

from heli.guard import alerts, settings
from heli.guard.models import Canary
from heli.org import tree
from heli.records import store
from heli.records.hooks import Taken, uncounted

EVERY = 10.0
EXPORTED = ("export", "approved")
PLANTED: dict[str, frozenset[str]] = uncounted
"""Planted records by type, as this process last read them."""
_hits: list[tuple[Taken, frozenset[str]]] = []
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
    """Somebody was given records of a type with planted ones among them: kept until ``tell``, since this is a read."""
    hit = PLANTED.get(what.kind.code, frozenset()).intersection(what.ids)
    bulk = what.channel in ("list", "search") and len(what.ids) >= settings.number("canary_rows")
    if hit and (bulk or what.channel in EXPORTED):
        with _lock:
            _hits.append((what, hit))


def waiting() -> bool:
    """Whether something is to be told."""
    return bool(_hits)


def forget() -> None:
    """Drop what this process knows; for tests."""
    with _lock:
        _hits.clear()
        PLANTED.clear()


def tell() -> None:
    """Raise the alerts of what was seen. Called between answers, outside their transactions."""
    with _lock:
        hits = list(_hits)
        _hits.clear()
    for at, (what, found) in enumerate(hits):
        exported = what.channel in EXPORTED
        hit = found if exported else _strange(what, found)
        if not hit or what.viewer.looker is None:
            continue
        evidence = {
            "type": what.kind.code, "records": sorted(hit)[:20], "channel": what.channel, "rows": len(what.ids),
            "origin": what.viewer.actor.origin,
        }  # fmt: skip
        try:
            alerts.tell("canary", what.viewer.looker, evidence, always=exported)
        except DatabaseError:  # told again the next time
            with _lock:
                _hits.extend(hits[at:])
            raise


def _strange(what: Taken, hit: frozenset[str]) -> frozenset[str]:
    """Those in departments that are neither the person's own nor below it: their work has nothing to do with them."""
    view = what.viewer.view
    home = view.home if view is not None else None
    if home is None:
        return hit
    below = set(tree.load_tree().below(home))
    departments = store.departments_of(what.kind, sorted(hit))
    return frozenset(pk for pk, department in departments.items() if department is None or department not in below)
