"""End to end: Chromium on the real server with the demo company, in Chinese."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tools import needs

from tests.e2e.people import Company
from tests.server import Server

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    found = needs.chromium()
    assert found, "Chromium is missing: `make test` installs it, HELI_CHROMIUM names one"
    return {**browser_type_launch_args, "executable_path": found, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


def prepared(shared: Path, environment: dict[str, str]) -> Path:
    """A home with the demo company in SQLite, made by the first worker of a run that asks."""
    home = shared / "demo-home"
    with (shared / "demo-home.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not home.exists():
            draft = shared / "demo-home.draft"
            draft.mkdir()
            subprocess.run(
                [sys.executable, "-m", "heli", "demo"],
                check=True,
                env=environment | {"HELI_HOME": str(draft)},
                stdout=subprocess.DEVNULL,
            )
            draft.rename(home)
    return home


@pytest.fixture(scope="session")
def demo_server(
    tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], dict[str, str]]
) -> Iterator[Server]:
    """The demo company, served; one for all tests of a worker, so a test changes only what it made."""
    environment = own_database()
    home = tmp_path_factory.mktemp("demo") / "home"
    if "DATABASE_URL" not in environment:
        base = tmp_path_factory.getbasetemp()
        shared = base.parent if base.name.startswith("popen-") else base  # workers' folders stand in the run's
        shutil.copytree(prepared(shared, environment), home)
    with Server(home, "--worker", "--demo", environment=environment) as server:
        yield server


@pytest.fixture(scope="session")
def base_url(demo_server: Server) -> str:
    """What ``page.goto("/…")`` is relative to."""
    return demo_server.url


@pytest.fixture(scope="session")
def everyone(browser: Browser, demo_server: Server, browser_context_args: dict[str, Any]) -> Company:
    """The demo company; each person signs in once in a run."""
    login = json.loads((demo_server.home / "demo.json").read_text("utf-8"))
    return Company(browser, demo_server.url, browser_context_args, login["password"])


@pytest.fixture
def company(everyone: Company) -> Iterator[Company]:
    """The demo company for one test; its pages close with the test."""
    yield everyone
    everyone.close()
