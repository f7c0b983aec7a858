"""How many requests one person (or one address that is nobody) may make in a minute, per process, as RateLimit headers.

Generous: it stops a program that runs wild, not a person. Signing in has its own, far tighter throttle.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from django.conf import settings

from heli.kernel.errors import TooMany
from heli.kernel.words import Words

WINDOW = 60
"""Seconds."""
PER_MINUTE = 60_000
MOST_KEYS = 50_000

TOO_MANY = Words("请求过于频繁，请在 {n} 秒后再试", "too many requests: try again in {n} seconds")


@dataclass(slots=True)
class _Count:
    window: int
    used: int


class Limits:
    """Counts by key in fixed windows."""

    def __init__(self) -> None:
        self._counts: dict[object, _Count] = {}
        self._lock = threading.Lock()

    def take(self, key: object) -> dict[str, str]:
        """Count one request; the headers that tell what is left. Raises TooMany."""
        quota: int = getattr(settings, "HELI_REQUESTS_PER_MINUTE", PER_MINUTE)
        now = time.monotonic()
        window, left_s = int(now // WINDOW), WINDOW - int(now % WINDOW)
        with self._lock:
            count = self._counts.get(key)
            if count is None or count.window != window:
                if len(self._counts) >= MOST_KEYS:
                    self._counts = {k: c for k, c in self._counts.items() if c.window == window}
                count = self._counts[key] = _Count(window, 0)
            count.used += 1
            left = quota - count.used
        headers = {
            "RateLimit-Policy": f'"person";q={quota};w={WINDOW}',
            "RateLimit": f'"person";r={max(left, 0)};t={left_s}',
        }
        if left < 0:
            raise TooMany(TOO_MANY.fill(n=left_s), headers={**headers, "Retry-After": str(left_s)})
        return headers


LIMITS = Limits()
