"""What must stand before Django reads its settings: a fresh HELI_HOME and, with ``--db=postgres``, a server.

Loaded by ``-p`` in pyproject.toml, since a conftest comes too late for that.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator

import pytest

from tests import pg, prepared

STARTED: dict[str, pg.Server] = {}
"""By what they hold, as ``prepared`` names it; empty in a run on SQLite."""
FOLDERS: list[str] = []
WANTED = "HELI_TEST_DB"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--db", choices=("sqlite", "postgres"), default="sqlite", help="the database that stored behaviour is tested on"
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    worker = "PYTEST_XDIST_WORKER" in os.environ
    asked = early_config.known_args_namespace
    # A home each as well: a test that hides the keys must not hide them from another's.
    FOLDERS.append(tempfile.mkdtemp(prefix="heli-test-"))
    os.environ["HELI_HOME"] = FOLDERS[0]
    if not worker:
        os.environ.pop("DATABASE_URL", None)
        os.environ[WANTED] = "" if asked.collectonly else asked.db  # workers are not told the options this early
    # A server each: transactions of one worker would be seen in the snapshots of another.
    if os.environ.get(WANTED) == "postgres" and (worker or not getattr(asked, "numprocesses", None)):
        try:
            os.environ["DATABASE_URL"] = server(prepared.READY).url()
        except pg.Missing as missing:
            raise pytest.UsageError(str(missing)) from missing
    return (yield)


def server(kind: str) -> pg.Server:
    """This process's PostgreSQL with the databases up to this kind, started when it is first asked for."""
    if kind not in STARTED:
        STARTED[kind] = prepared.server(kind)
        STARTED[kind].start()
    return STARTED[kind]


def pytest_unconfigure() -> None:
    for one in STARTED.values():
        one.stop()
    for folder in FOLDERS:
        shutil.rmtree(folder, ignore_errors=True)
