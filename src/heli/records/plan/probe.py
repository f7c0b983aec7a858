"""Whether a filter follows the scope or avoids it: a look at a few of the filter's rows, remembered for a while.

Counts of single columns cannot tell. What is remembered only steers: a stale answer costs time, never rows.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from typing import Any

from django.db import connection

from heli.access.compile import Formula
from heli.records import counts, sql
from heli.records.plan.phase import SORTED_KEYS, Phase, ordered
from heli.records.plan.question import Driver

LOOK = 1000
"""Rows of the filter that are looked at."""
LEAST = 500
"""Of filters and scopes with fewer rows, every plan is quick."""
KEPT = 512

_kept: OrderedDict[tuple[Any, ...], tuple[float, float]] = OrderedDict()
_lock = threading.Lock()


def inside(phase: Phase, scope: Formula, driver: Driver, filtered: float, visible: float) -> float | None:
    """The share of the filter's rows that lie in the scope; None where looking would not pay."""
    kind = phase.want.kind
    if min(filtered, visible) < LEAST or driver.column in SORTED_KEYS or len(driver.values) != 1:
        return None
    if not ordered(kind, driver.column) or any(b.reach is not None for b in scope.branches):
        return None
    key = (str(connection.settings_dict["NAME"]), kind.code, driver.column, driver.values, scope)
    now = time.monotonic()
    with _lock:
        kept = _kept.get(key)
    if kept is not None and now - kept[0] < counts.KEEP_SECONDS:
        return kept[1]
    test = sql.writer("t.").formula(scope)
    text = (
        f'SELECT COUNT(*), COUNT(CASE WHEN {test.text} THEN 1 END) FROM (SELECT * FROM "{kind.table}" t '
        f"WHERE {driver.test.text} ORDER BY t.id DESC LIMIT {LOOK}) t"
    )
    seen, held = sql.rows(text, (*test.params, *driver.test.params))[0]
    found: float = max(held, 0.5) / max(seen, 1)
    with _lock:
        _kept[key] = (now, found)
        _kept.move_to_end(key)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return found


def forget() -> None:
    """Drop what this process remembers."""
    with _lock:
        _kept.clear()
