"""A private PostgreSQL for one test run: its own folder, a socket in it, no port, gone afterwards.

``python tests/pg.py COMMAND…`` runs a command with DATABASE_URL pointing at such a server.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

OLDEST = 15
START_SECONDS = 60
PLENTY = 6 << 30
"""Bytes."""
# Tests may lose their data with the machine; they may not wait for the disk.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "jit": "off",
    "wal_level": "minimal",  # a stopped server's folder is copied: no more of its log than it needs
    "max_wal_senders": "0",
    "max_wal_size": "64MB",
    "min_wal_size": "32MB",
    "listen_addresses": "",
    "timezone": "UTC",
    "lc_messages": "C",
}


class Missing(Exception):
    """There is no usable PostgreSQL on this machine; the text says what to install."""


def binaries() -> Path:
    """The folder of the newest installed PostgreSQL server.

    Raises Missing when there is none of version 15 or later.
    """
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    folders += [Path(p) for p in os.environ.get("PATH", "").split(os.pathsep) if p and (Path(p) / "initdb").exists()]
    folders += [Path(p) for p in map(str, Path("/opt/homebrew/opt").glob("postgresql@*/bin"))]
    best: tuple[int, Path] | None = None
    for folder in folders:
        found = subprocess.run([folder / "postgres", "--version"], check=False, capture_output=True, text=True)
        version = re.search(r"(\d+)", found.stdout)
        if found.returncode == 0 and version and int(version[1]) >= OLDEST and (not best or int(version[1]) > best[0]):
            best = (int(version[1]), folder)
    if best is None:
        raise Missing(f"PostgreSQL {OLDEST} or later is missing (Debian: apt-get install postgresql)")
    return best[1]


def _other_user() -> dict[str, Any]:
    """PostgreSQL refuses root: whom to run it as then, in subprocess's words."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Missing("PostgreSQL does not run as root and there is no user postgres or nobody")


def _place() -> str:
    """Where a database's thousand files are copied: in memory, where plenty of it is free, in a tenth of the time."""
    memory = Path("/dev/shm")
    try:
        told = dict(line.split(":") for line in Path("/proc/meminfo").read_text("ascii").splitlines())
        free = min(int(told["MemAvailable"].split()[0]) << 10, shutil.disk_usage(memory).free)
    except (OSError, KeyError, ValueError):
        return "/tmp"
    return str(memory) if free >= PLENTY and os.access(memory, os.W_OK) else "/tmp"


class Server:
    """Started by ``start``; ``url(name)`` is a DATABASE_URL; ``kill`` and ``start`` again for crash tests."""

    def __init__(self, data: Path | None = None) -> None:
        """With a copy of ``data``, the folder of a server that was stopped; else empty."""
        self._bin = binaries()
        self._as = _other_user()
        # Not under the run's own temporary folder, which other users may not enter.
        self.folder = Path(tempfile.mkdtemp(prefix="heli-pg-", dir=_place()))
        if self._as:
            os.chown(self.folder, self._as["user"], self._as["group"])
        self._process: subprocess.Popen[bytes] | None = None
        self._made = 0
        self.data = self.folder / "data"
        if data is None:
            self._run("initdb", "-D", str(self.data), "-U", "heli", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
            return
        shutil.copytree(data, self.data, symlinks=True)
        self.data.chmod(0o700)
        if self._as:
            for path in [self.data, *self.data.rglob("*")]:
                os.chown(path, self._as["user"], self._as["group"])

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            **self._as,
        )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr.strip()}")

    def start(self) -> None:
        """Start and wait until it answers; RuntimeError with its log when it does not."""
        command: list[str | Path] = [self._bin / "postgres", "-D", self.data, "-k", self.folder]
        for name, value in SETTINGS.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
                start_new_session=True,
                **self._as,
            )
        deadline = time.monotonic() + START_SECONDS
        ready = [self._bin / "pg_isready", "-q", "-h", self.folder]
        while subprocess.run(ready, check=False, capture_output=True).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text('utf-8')[-2000:]}")
            time.sleep(0.05)

    def url(self, name: str = "postgres") -> str:
        """A DATABASE_URL for the database of this name."""
        return f"postgres://heli@/{quote(name)}?host={quote(str(self.folder), safe='')}"

    def create(self, template: str = "", name: str = "") -> str:
        """A DATABASE_URL for a new database: empty, or as the one of the name ``template``, which nobody uses."""
        self._made += 1
        name = name or f"own{self._made}"
        copied = ("-T", template, "-S", "file_copy") if template else ()
        self._run("createdb", "-h", str(self.folder), "-U", "heli", *copied, name)
        return self.url(name)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait(30)

    def kill(self) -> None:
        """End every process of the server at once, as a failing machine would."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(30)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def rest(self) -> None:
        """Stop in order, so that its folder can be copied."""
        self._signal(signal.SIGINT)

    def stop(self) -> None:
        """Stop without waiting for clients, and remove the folder."""
        self._signal(signal.SIGQUIT)
        for _ in range(50):  # on a busy machine its children outlive it a little and still write
            shutil.rmtree(self.folder, ignore_errors=True)
            if not self.folder.exists():
                break
            time.sleep(0.1)


def main(command: list[str]) -> int:
    """Run the command with DATABASE_URL set; its exit status."""
    server = Server()
    try:
        server.start()
        environment = os.environ | {"DATABASE_URL": server.url()}
        return subprocess.run(command, check=False, env=environment).returncode
    finally:
        server.stop()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
