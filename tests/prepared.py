"""What many tests begin with, made once: a database with the schema, a new installation, the demo company; on either database.

Kept in ``.cache/prepared`` under a name that follows from the code, the locked packages and the day: the workers and parts of a run share
it, and it is never older than what made it. A SQLite one is copied as a file; for PostgreSQL the folder of a server that holds all
three as databases is copied whole, and from them ``CREATE DATABASE … TEMPLATE`` makes as many as are asked for.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from hashlib import blake2b
from pathlib import Path
from zoneinfo import ZoneInfo

from tests import pg

ROOT = Path(__file__).resolve().parent.parent
KEPT = ROOT / ".cache" / "prepared"
SCHEMA, READY, DEMO = "schema", "ready", "demo"
"""Only migrated, with the table of the cache; as `heli migrate` leaves a new installation; with the demo company."""
FILE = "heli.sqlite3"
MOST = 3
"""So many code versions are kept."""


@cache
def folder() -> Path:
    """Where what this code makes today is kept."""
    read = blake2b(digest_size=12)
    sources = [
        path for path in (ROOT / "src" / "heli").rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    for path in sorted([*sources, ROOT / "requirements-dev.lock", Path(__file__), Path(pg.__file__)]):
        read.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    read.update(f"{sys.version} {datetime.now(ZoneInfo('Asia/Shanghai')).date()}".encode())
    found = KEPT / read.hexdigest()
    if not found.exists():
        found.mkdir(parents=True, exist_ok=True)
        for old in sorted(KEPT.iterdir(), key=lambda path: path.stat().st_mtime)[:-MOST]:
            shutil.rmtree(old, ignore_errors=True)
    return found


@contextmanager
def _alone(name: str) -> Iterator[None]:
    with (folder() / f"{name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder of this name, made by the first who asks and complete or not there at all."""
    made = folder() / name
    if made.exists():
        return made
    with _alone(name):
        if not made.exists():
            draft = folder() / f"{name}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            make(draft)
            draft.rename(made)
    return made


def _run(home: Path, url: str, *arguments: str) -> None:
    """``python …`` for the installation in ``home``; RuntimeError with what it said."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "HELI_", "DATABASE_URL"))}
    environment |= {"HELI_HOME": str(home), "DJANGO_SETTINGS_MODULE": "heli.config.settings"}
    if url:
        environment["DATABASE_URL"] = url
    done = subprocess.run([sys.executable, *arguments], check=False, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}: {done.stderr.strip()}")


# The three steps of `heli migrate` (``heli.config.schema.ensure``), of which the tests' own database has but the first two.
MIGRATE = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createcachetable", verbosity=0)
"""
INSTALL = """
import django
django.setup()
from heli.crm.install import install
install()
"""


def _fill(kind: str, home: Path, url: str) -> None:
    """Bring a database there from the kind before it."""
    steps = {SCHEMA: ("-c", MIGRATE), READY: ("-c", INSTALL), DEMO: ("-m", "heli", "demo")}
    _run(home, url, *steps[kind])


BEFORE = {READY: SCHEMA, DEMO: READY}


def _sqlite(kind: str) -> Path:
    def make(draft: Path) -> None:
        if kind in BEFORE:
            shutil.copytree(_sqlite(BEFORE[kind]), draft, dirs_exist_ok=True)
        _fill(kind, draft, "")
        with sqlite3.connect(draft / FILE) as database:  # into the one file that is copied
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()

    return _once(f"sqlite-{kind}", make)


def schema_file() -> Path:
    """A file of SQLite with the schema, to be read only."""
    return _sqlite(SCHEMA) / FILE


def _cluster(kind: str) -> Path:
    """The folder of a PostgreSQL server that was stopped: its databases ``schema``, ``ready`` and for DEMO ``demo``, with the homes
    that two of them belong to."""

    def make(draft: Path) -> None:
        server = pg.Server(_cluster(BEFORE[kind]) / "data" if kind in BEFORE else None)
        try:
            server.start()
            if kind in BEFORE:
                shutil.copytree(
                    _cluster(BEFORE[kind]), draft, ignore=shutil.ignore_patterns("data"), dirs_exist_ok=True
                )
            url = server.create(BEFORE.get(kind, ""), kind)
            home = draft / kind
            if kind == DEMO:
                shutil.copytree(draft / READY, home)
            _fill(kind, home, url)
            server.rest()
            shutil.copytree(server.data, draft / "data", symlinks=True)
        finally:
            server.stop()

    return _once(f"postgres-{kind}", make)


def server(kind: str = READY) -> pg.Server:
    """A PostgreSQL server, not started, that has the databases up to this kind."""
    return pg.Server(_cluster(kind) / "data")


def install(home: Path, kind: str = READY, postgres: pg.Server | None = None) -> dict[str, str]:
    """An installation of this kind in ``home``, which has nothing of it yet; what its environment needs beside HELI_HOME.

    With ``postgres``, a server made by ``server`` of this kind or a later one, its database is there.
    """
    if postgres is None:
        shutil.copytree(_sqlite(kind), home, dirs_exist_ok=True)
        return {}
    if (_cluster(kind) / kind).exists():
        shutil.copytree(_cluster(kind) / kind, home, dirs_exist_ok=True)
    return {"DATABASE_URL": postgres.create(kind)}


def main() -> None:
    """Make all of them."""
    _sqlite(DEMO)
    _cluster(DEMO)


if __name__ == "__main__":
    main()
