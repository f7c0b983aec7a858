"""Running statements for one page: in one snapshot, with a budget where the plan is a guess, and timed."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection

BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
STEPS = 1000
"""SQLite calls back every so many steps of its machine; its counter runs on over statements, so calls are counted."""
STEPS_PER_ROW = 24
"""About so many steps pass one row that a walk looks at and drops."""
FOUND = 8
"""Thousands of steps for a page's own rows, whose masks may ask long lists: far more than a row walked past."""


class Run:
    """One page's statements. ``seconds`` is the time spent in the database."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.sqlite = connection.vendor == "sqlite"
        self._open = False
        self._due = False

    def rows(self, text: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        began = time.perf_counter()
        try:
            with connection.cursor() as cursor:
                if self._due:  # one round trip for both
                    self._due = False
                    cursor.execute(f"{BEGIN}; {text}", params)
                    cursor.cursor.nextset()
                else:
                    cursor.execute(text, params)
                found: list[tuple[Any, ...]] = cursor.fetchall()
            return found
        finally:
            self.seconds += time.perf_counter() - began

    def bounded(self, text: str, params: Sequence[Any], rows: int) -> tuple[list[tuple[Any, ...]], bool]:
        """On SQLite: what a statement finds while it looks at about so many rows, and whether it came to its end."""
        left = FOUND + rows * STEPS_PER_ROW // STEPS

        def tick() -> int:
            nonlocal left
            left -= 1
            return 1 if left < 0 else 0

        began = time.perf_counter()
        found: list[tuple[Any, ...]] = []
        connection.ensure_connection()
        handle: Any = connection.connection
        handle.set_progress_handler(tick, STEPS)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, params)
                for row in cursor:
                    found.append(row)  # rows before the interruption count
            return found, True
        except OperationalError as error:
            if "interrupted" not in str(error):
                raise
            return found, False
        finally:
            handle.set_progress_handler(None, 0)
            self.seconds += time.perf_counter() - began

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Every statement inside sees the same data. Inside a transaction that is open already nothing is added."""
        if connection.in_atomic_block or self._open:
            yield
            return
        began = time.perf_counter()
        if self.sqlite:
            self._plain("BEGIN")
        else:
            self._due = True
        self._open = True
        self.seconds += time.perf_counter() - began
        try:
            yield
        finally:
            self._open = False
            began = time.perf_counter()
            if not self._due:
                self._plain("ROLLBACK")
            self._due = False
            self.seconds += time.perf_counter() - began

    @staticmethod
    def _plain(text: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(text)
