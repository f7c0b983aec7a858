"""合力示例集团: a company invented from one seed, the same on every machine, its dates fresh on the day of loading."""

from __future__ import annotations


def load() -> tuple[str, str]:
    """Bring the company into an empty installation; the user name and password to show. See ``demo.loading``."""
    from heli.crm.demo.loading import load as bring

    return bring()
