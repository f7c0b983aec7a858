"""On which line each key stood: a file of millions of rows is compared with itself without holding its keys in memory."""

from __future__ import annotations

import sqlite3
import weakref
from hashlib import blake2b

KEPT = 20_000
"""Keys in memory; older ones lie in a temporary file without a name, which goes with this process."""
CACHE = 4_096
"""KiB of that file that may stay in memory."""


class Lines:
    """The latest line of each key."""

    def __init__(self) -> None:
        self._fresh: dict[str, int] = {}
        self._old: sqlite3.Connection | None = None

    def get(self, key: str) -> int | None:
        """The line on which a key stood last; None for a new key."""
        line = self._fresh.get(key)
        if line is None and self._old is not None:
            row = self._old.execute("SELECT line FROM seen WHERE key=?", (_digest(key),)).fetchone()
            line = row[0] if row is not None else None
        return line

    def put(self, key: str, line: int) -> None:
        """Say that a key stands on this line."""
        self._fresh[key] = line
        if len(self._fresh) >= KEPT:
            self._set_aside()

    def _set_aside(self) -> None:
        if self._old is None:
            self._old = sqlite3.connect("", isolation_level=None)
            weakref.finalize(self, self._old.close)
            self._old.execute("PRAGMA journal_mode=OFF")
            self._old.execute(f"PRAGMA cache_size=-{CACHE:d}")
            self._old.execute("CREATE TABLE seen (key BLOB PRIMARY KEY, line INTEGER NOT NULL) WITHOUT ROWID")
        rows = sorted((_digest(key), line) for key, line in self._fresh.items())
        self._old.execute("BEGIN")
        self._old.executemany("INSERT OR REPLACE INTO seen (key, line) VALUES (?, ?)", rows)
        self._old.execute("COMMIT")
        self._fresh.clear()


def _digest(key: str) -> bytes:
    """A key may be of any length and hold half a surrogate pair; 16 bytes of a digest tell keys apart."""
    return blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).digest()
