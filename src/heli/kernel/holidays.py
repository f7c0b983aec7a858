"""Public holidays of China with the weekend days that are worked for them, as announced year by year by the State Council.

Years that are not here have their weekends only: the days are announced each November for the year that follows.
"""

from __future__ import annotations

import datetime as dt

KNOWN = (2025, 2026)
"""Years whose days are here."""

_OFF = (
    ("2025-01-01", 1), ("2025-01-28", 8), ("2025-04-04", 3), ("2025-05-01", 5), ("2025-05-31", 3), ("2025-10-01", 8),
    ("2026-01-01", 3), ("2026-02-15", 9), ("2026-04-04", 3), ("2026-05-01", 5), ("2026-06-19", 3), ("2026-09-25", 3), ("2026-10-01", 7),
)  # fmt: skip
"""First day, and how many."""
_EXTRA = (
    "2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11",
    "2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10",
)  # fmt: skip

OFF = frozenset(dt.date.fromisoformat(first) + dt.timedelta(days=n) for first, many in _OFF for n in range(many))
EXTRA = frozenset(dt.date.fromisoformat(day) for day in _EXTRA)
