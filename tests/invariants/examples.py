"""How often a property is tried: a share in the everyday suite, thousands of cases in `make torture`.

HELI_EXAMPLES sets the share of the everyday suite; PostgreSQL, asked after SQLite, tries a third of it. The torture
suite tries HELI_CASES seeds from HELI_SEED on; both are printed, so that `HELI_SEED=… HELI_CASES=1` tries a failing case again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests import plugin

SEEDS = st.integers(min_value=0, max_value=2**40)
CASES = int(os.environ.get("HELI_CASES", "2000"))
FIRST = int(os.environ.get("HELI_SEED", str(int(time.time()) * 1000)))
PROPERTIES: dict[str, Callable[[int], None]] = {}
"""Every property by the name of its test: a function of a seed."""


class Undo(Exception):
    """Ends one example: everything it wrote is rolled back."""


def each_seed(share: int) -> Callable[[Callable[[int], None]], Any]:
    """A property of seeds: ``share`` cases in the everyday suite, and one of those that the torture suite tries."""

    def register(check: Callable[[int], None]) -> Any:
        PROPERTIES[check.__name__] = check
        usual = -(-share // 3) if os.environ.get(plugin.WANTED) == "postgres" else share
        examples = int(os.environ.get("HELI_EXAMPLES", str(usual)))
        healthy = settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
        return healthy(given(SEEDS)(check))

    return register
