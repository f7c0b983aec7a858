"""What a server reads ahead, once it serves: modules that the first who opens a page would otherwise wait for."""

from __future__ import annotations

import importlib
import logging
import threading

log = logging.getLogger(__name__)

AFTER = 2.0
"""Seconds after which: whoever has just started the server signs in first."""
MODULES = (
    "heli.flows.analytics.live",
    "heli.flows.analytics.ways",
    "heli.flows.analytics.wondering",
    "heli.flows.analytics.versions",
)
"""Figures of processes, with numpy."""


def start() -> None:
    """Read them in a thread of its own."""
    timer = threading.Timer(AFTER, _read)
    timer.daemon = True
    timer.start()


def _read() -> None:
    for one in MODULES:
        try:
            importlib.import_module(one)
        except Exception:  # whoever opens the page is told; the server goes on
            log.exception("%s could not be read ahead", one)
