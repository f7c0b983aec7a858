"""Ends an attempt that runs past its timeout.

A thread cannot be killed in Python; an exception is set in it and rises at its next step. Work that hangs
inside one system call rises when the call returns; on PostgreSQL the worker also sets ``statement_timeout``.
Whatever happens, the token keeps a late attempt from having an effect.
"""

from __future__ import annotations

import ctypes
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class JobTimeoutError(BaseException):
    """The attempt took too long. Not an Exception, so that a broad ``except`` in a task does not swallow
    it."""


_lock = threading.Lock()
_deadlines: dict[int, float] = {}
_started = False
_LOOK = 0.2


@contextmanager
def limit(seconds: float) -> Iterator[None]:
    """Raise JobTimeoutError in this thread when the block runs longer."""
    _start()
    me = threading.get_ident()
    with _lock:
        _deadlines[me] = time.monotonic() + seconds
    try:
        yield
    finally:
        with _lock:
            _deadlines.pop(me, None)
        for _ in range(2):  # an exception set while we waited for the lock rises here, not in what follows
            pass


def _start() -> None:
    global _started
    with _lock:
        if not _started:
            threading.Thread(target=_watch, name="heli-watchdog", daemon=True).start()
            _started = True


def _watch() -> None:
    while True:
        time.sleep(_LOOK)
        with _lock:
            now = time.monotonic()
            for thread in [one for one, deadline in _deadlines.items() if deadline < now]:
                del _deadlines[thread]
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(JobTimeoutError))
