"""One process tree: a part of the server ends when the process that started it has ended, however that died."""

from __future__ import annotations

import os
import signal
import threading
import time

VARIABLE = "HELI_PARENT"
SECONDS = 1.0


def mark(environment: dict[str, str]) -> dict[str, str]:
    """The environment for parts that this process starts."""
    return environment | {VARIABLE: str(os.getpid())}


def follow() -> None:
    """Ask this process to stop, as an operator would, once its parent is gone; nothing when nobody marked one."""
    wanted = os.environ.get(VARIABLE, "")
    if not wanted.isdigit():
        return

    def watch() -> None:
        while os.getppid() == int(wanted):
            time.sleep(SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="follow-parent", daemon=True).start()
