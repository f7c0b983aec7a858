"""The worker: looks for due work, claims it, performs it, until told to stop."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import time
from typing import Final

from django.db import DatabaseError, close_old_connections, connection, connections

from heli.audit import pending
from heli.jobs import feed, lease, schedules, wake
from heli.jobs.lease import DELIVERIES, JOBS, Kind, Lease
from heli.jobs.perform import perform

_logger = logging.getLogger(__name__)

SOONEST: Final = 0.2
LATEST: Final = 2.0
"""Bounds, in seconds, of the pause between two looks at an empty table; it doubles while nothing comes."""
_TICK: Final = 1.0
_BATCH: Final = 16
_BATCH_SECONDS: Final = (
    0.25  # claim about so much work at once: leases stay far from their end, other workers get theirs
)


class Worker:
    """One thread's work. ``did`` counts what it finished."""

    def __init__(self, stop: threading.Event, name: str, *, own_connection: bool = True) -> None:
        self._own_connection = own_connection
        self.did = 0
        self._stop = stop
        self._name = name
        self._batch = 1
        self._pause = SOONEST
        self._ticked = 0.0
        self._statement_limit: tuple[int, int] = (0, 0)

    def loop(self) -> None:
        """Work until stopped. A failing database is waited for, a failing job is its own affair."""
        while not self._stop.is_set():
            try:
                self._tick()
                busy = self.once()
                self._pause = SOONEST if busy else min(LATEST, self._pause * 2)
            except DatabaseError:
                _logger.exception("the database failed; trying again")
                connection.close()
                busy, self._pause = False, LATEST
            except Exception:
                _logger.exception("the worker met an error of its own; going on")
                busy, self._pause = False, LATEST
            if not busy:
                pending.at_request_end()
                close_old_connections()
                self._rest()

    def once(self) -> bool:
        """Claim and perform what is due, a batch of each kind; whether there was any."""
        found = False
        for kind in (DELIVERIES, JOBS):
            if lease.has_due(kind):
                found = self._some(kind, fresh=True) or found
                found = self._some(kind, fresh=False) or found
        return found

    def _some(self, kind: Kind, *, fresh: bool) -> bool:
        held = lease.claim(kind, self._name, self._batch if fresh else 1, fresh=fresh)
        started = time.monotonic()
        for place, work in enumerate(held):
            if place and (self._stop.is_set() or not work.has_time):
                lease.release(held[place:])
                held = held[:place]
                break
            self._limit_statements(work)
            self.did += perform(work)
        if fresh and held:
            each = (time.monotonic() - started) / len(held)
            self._batch = max(1, min(_BATCH, 2 * self._batch, int(_BATCH_SECONDS / max(each, 1e-6))))
        return bool(held)

    def _tick(self) -> None:
        if time.monotonic() - self._ticked >= _TICK:
            schedules.tick()
            self._ticked = time.monotonic()

    def _rest(self) -> None:
        until = time.monotonic() + self._pause
        while not self._stop.is_set() and (left := until - time.monotonic()) > 0:
            if wake.wait(min(left, SOONEST)):
                self._pause = SOONEST
                return

    def _limit_statements(self, work: Lease) -> None:
        """On PostgreSQL let the server end a statement that outlasts the attempt: no exception reaches a
        thread that waits for it."""
        if connection.vendor != "postgresql" or not self._own_connection:
            return
        connection.ensure_connection()
        wanted = (id(connection.connection), work.timeout)
        if wanted != self._statement_limit:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(work.timeout * 1000)])
            self._statement_limit = wanted


def drain(limit: int = 10_000) -> int:
    """Perform in this thread all that is due now, and what that makes due, up to ``limit`` pieces; returns
    how many were done.

    For tests and for commands that want to leave nothing behind. Failed work waits for its next attempt.
    """
    worker = Worker(threading.Event(), _name(), own_connection=False)
    while worker.did < limit and worker.once():
        pass
    return worker.did


def run(stop: threading.Event | None = None, threads: int = 1) -> None:
    """Work until ``stop`` is set; without one, until SIGTERM or SIGINT. What has been begun is finished
    first.

    Returns when every thread has ended. Raises ValueError for fewer than 1 or more than 64 threads.
    """
    if not 1 <= threads <= 64:
        raise ValueError("a worker has from 1 to 64 threads")
    if stop is None:
        stop = threading.Event()
        _stop_at_signals(stop)
    if feed.settle():
        _logger.warning("this database was restored from another server: its events count as settled")
    crew = [
        threading.Thread(target=_thread, args=(stop, f"{_name()}.{number}"), name=f"heli-worker-{number}")
        for number in range(threads)
    ]
    for thread in crew:
        thread.start()
    for thread in crew:
        while thread.is_alive():
            thread.join(1)  # in slices, so that a signal is handled
    connections.close_all()


def _thread(stop: threading.Event, name: str) -> None:
    try:
        Worker(stop, name).loop()
    finally:
        connections.close_all()


def _stop_at_signals(stop: threading.Event) -> None:
    def ask(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)


def _name() -> str:
    return f"{socket.gethostname()[:30]}.{os.getpid()}"
