"""Identifiers: UUIDv7 (RFC 9562) as 32 lower-case hexadecimal characters.

They sort by time of creation, so new rows land at the end of an index; within one process they are strictly
increasing, also when the clock steps back.
"""

from __future__ import annotations

import os
import re
import threading
import time

_lock = threading.Lock()
_last_ms = 0
_counter = 0
_SHAPE = re.compile(r"[0-9a-f]{32}\Z")


def uuid7() -> str:
    """A new identifier: 48 bits of milliseconds, 12 + 6 bits of counter, 56 bits of chance."""
    global _last_ms, _counter
    with _lock:
        ms = time.time_ns() // 1_000_000
        if ms > _last_ms:
            _last_ms, _counter = ms, int.from_bytes(os.urandom(2), "big") & 0xFFF
        else:
            _counter += 1
            if _counter >= 1 << 18:
                _last_ms, _counter = _last_ms + 1, 0
        ms, counter = _last_ms, _counter
    chance = int.from_bytes(os.urandom(7), "big")
    value = (
        (ms & (1 << 48) - 1) << 80
        | 0x7 << 76
        | (counter >> 6 & 0xFFF) << 64
        | 0b10 << 62
        | (counter & 0x3F) << 56
        | chance
    )
    return f"{value:032x}"


def is_id(text: object) -> bool:
    """Whether this is an identifier in Heli's one spelling."""
    return isinstance(text, str) and _SHAPE.match(text) is not None
