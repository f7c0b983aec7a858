"""How long a step of a process usually takes: nine in ten pieces of work of its last cases were done within.

It is a fact of the process, told to whom a case of it concerns as its time limits are: of no person, of no case, of at least ``LEAST`` pieces
of work, in whole minutes, and worked out anew once an hour at most.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from django.db import connection

from heli.flows import library
from heli.flows.models import Instance, Version, Work
from heli.kernel import clock

LAST = 500
"""Cases that are looked at: the last that have ended."""
LEAST = 20
"""Pieces of work of a step, below which nothing is told of it."""
WITHIN = 0.9
FOR = dt.timedelta(hours=1)
"""So long what was worked out stands."""
KEPT = 256
_kept: OrderedDict[tuple[str, int], tuple[dt.datetime, Mapping[str, int]]] = OrderedDict()
"""By database and process."""
_lock = threading.Lock()


def usual(process: int) -> Mapping[str, int]:
    """Seconds, as time passes, within which the work of each step of a process is usually done, by the step's id."""
    key, now = (str(connection.settings_dict["NAME"]), process), clock.now()
    with _lock:
        found = _kept.get(key)
        if found is not None and abs(now - found[0]) < FOR:  # a clock that is put back keeps nothing for ever
            _kept.move_to_end(key)
            return found[1]
    made = _worked_out(process)
    with _lock:
        _kept[key] = (now, made)
        while len(_kept) > KEPT:
            _kept.popitem(last=False)
    return made


def forget() -> None:
    """Drop what is kept: for tests, whose processes are rolled back and come again with the same number."""
    with _lock:
        _kept.clear()


def _worked_out(process: int) -> Mapping[str, int]:
    over = Instance.objects.filter(
        version__process=process, state__in=(Instance.COMPLETED, Instance.REJECTED), hidden=False
    )
    cases = dict(over.order_by("-pk").values_list("pk", "version_id")[:LAST])
    if len(cases) < LEAST:
        return {}
    versions = Version.objects.defer("source").filter(pk__in=set(cases.values()))
    nodes = {one.pk: library.definition(one).nodes for one in versions}
    done = Work.objects.filter(
        instance_id__in=list(cases), state=Work.DONE, opinion=False, version=None, done_by__isnull=False
    )
    spans: dict[str, list[float]] = {}
    for case, node, opened, ended in done.values_list("instance_id", "node", "opened_at", "done_at"):
        if opened is not None and ended is not None:
            spans.setdefault(nodes[cases[case]][node].id, []).append((ended - opened).total_seconds())
    return {node: _minutes(some) for node, some in spans.items() if len(some) >= LEAST}


def _minutes(spans: Sequence[float]) -> int:
    """What nine in ten of these do not pass, in seconds of whole minutes, upwards."""
    at = sorted(spans)[min(len(spans) - 1, int(len(spans) * WITHIN))]
    return max(60, -int(-at // 60) * 60)
