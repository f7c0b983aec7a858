"""What of a list page depends on nothing but the viewer's compiled rights and the question, kept for the next time.

The key holds the compiled view itself: when rights, the organisation or a validity boundary change, the next request
comes with another view and finds nothing here. Rows that are reached through reach rows are read live, so a page of a
viewer who reaches any is thought through each time. Only text and plans are kept, never rows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from heli.records import plan
from heli.records.rows import Composer
from heli.records.sight import Sight

KEPT = 500
"""Select lists and pages of this process, the last ones used; some 10 KB each."""

type Key = tuple[object, ...]


class _Kept[T]:
    """The last things made, by key."""

    def __init__(self) -> None:
        self._found: OrderedDict[Key, T] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> T | None:
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def put(self, key: Key, made: T) -> None:
        with self._lock:
            self._found[key] = made
            self._found.move_to_end(key)
            while len(self._found) > KEPT:
                self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()


_COMPOSERS: _Kept[Composer] = _Kept()
_PAGES: _Kept[plan.Prepared] = _Kept()


def composer(sight: Sight, codes: Sequence[str]) -> Composer:
    """The select list of these fields for this viewer."""
    key = _key(sight, tuple(codes))
    if key is None:
        return Composer(sight, codes)
    found = _COMPOSERS.get(key)
    if found is None:
        found = Composer(sight, codes)
        found.select("t.")
        _COMPOSERS.put(key, found)
    return found.again(sight)


def page(sight: Sight, asked: Key, want: Callable[[], plan.Want]) -> plan.Prepared:
    """The plan of a page. ``asked``: all that makes the question but the viewer; ``want`` writes it out when it is new."""
    key = _key(sight, *asked)
    found = _PAGES.get(key) if key is not None else None
    if found is None or found.stale:
        found = plan.prepare(want())
        if key is not None:
            _PAGES.put(key, found)
    return found


def forget() -> None:
    """Drop what this process keeps; for tests."""
    _COMPOSERS.clear()
    _PAGES.clear()


def _key(sight: Sight, *asked: object) -> Key | None:
    """None where nothing may be kept: for the program itself, and where reach rows have a say."""
    view, reach = sight.viewer.view, sight.reach
    if sight.rights is None or view is None or reach.ids or reach.accounts or reach.large:
        return None
    return (view, sight.kind.code, *asked)
