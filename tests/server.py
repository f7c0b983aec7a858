"""The real server as its operator starts it: `heli serve` in its own process tree, with its own HELI_HOME."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

START_SECONDS = 120
STOP_SECONDS = 30


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def processes(parent: int) -> list[int]:
    """The living descendants of a process, from /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text("utf-8").rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if fields[0] != "Z":
                children.setdefault(int(fields[1]), []).append(int(entry.name))
    found: list[int] = []
    waiting = [parent]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


class Server:
    """A context manager; ``url`` and ``line`` (what it printed) are known once inside."""

    def __init__(self, home: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.line = ""
        self.log = home / "server.log"
        self._options: Sequence[str] = options
        self._environment = environment or {}

    def start(self) -> None:
        """Start and wait for its one line; AssertionError with its log when it ends or stays silent."""
        self.home.mkdir(parents=True, exist_ok=True)
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        environment |= {"HELI_HOME": str(self.home), **self._environment}
        command = [sys.executable, "-m", "heli", "serve", "--port", str(self.port), *self._options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        assert self.process.stdout is not None
        alarm = threading.Timer(START_SECONDS, self.process.kill)
        alarm.start()
        try:
            self.line = self.process.stdout.readline().strip()
        finally:
            alarm.cancel()
        assert self.line, f"the server did not start:\n{self.log.read_text('utf-8')[-4000:]}"

    def stop(self) -> int:
        """Ask it to stop, as an operator would; its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS)
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self.process.stdout is not None:
                self.process.stdout.close()

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
