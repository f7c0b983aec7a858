"""What has to be looked at once an act is complete, and still in its transaction: said on the way, done last.

An act may change rights in several steps, and what hangs on them is judged by where they end, not by what they pass through.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

type People = frozenset[int] | None
"""Those whom it concerns; None: everybody."""
type Look = Callable[[People], None]


class _State(threading.local):
    def __init__(self) -> None:
        self.depth = 0
        self.waiting: dict[Look, People] = {}


_state = _State()


def add(look: Look, people: People) -> None:
    """Let ``look`` be called with these people, and all others that it is told of, when the act under way is complete; at
    once when none is."""
    if not _state.depth:
        look(people)
        return
    had = _state.waiting.get(look, frozenset())
    _state.waiting[look] = None if had is None or people is None else had | people


@contextmanager
def act(still: Callable[[], bool]) -> Iterator[None]:
    """One act, in its transaction; the outermost calls what waits, unless it failed or ``still`` says that it is undone."""
    _state.depth += 1
    try:
        yield
        while _state.depth == 1 and _state.waiting and still():
            look = next(iter(_state.waiting))
            look(_state.waiting.pop(look))
    finally:
        _state.depth -= 1
        if not _state.depth:
            _state.waiting.clear()
