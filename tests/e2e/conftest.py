"""End to end: Chromium on the real server with the demo company, in Chinese."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect
from tools import needs

from tests import prepared
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

SLOWEST = 15_000
"""Milliseconds that a test waits for what it expects: three browsers and a server on two cores are slow, and not wrong. What has to be quick
is timed by itself."""
expect.set_options(timeout=SLOWEST)


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


@pytest.fixture(scope="session")
def demo_server(
    tmp_path_factory: pytest.TempPathFactory, installed: Callable[[Path, str], dict[str, str]]
) -> Iterator[Server]:
    """The demo company, served; one for all tests of a worker, so a test changes only what it made."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with Server(home, "--worker", "--demo", environment=installed(home, prepared.DEMO)) as server:
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
