"""The measurements that ``make bench`` runs; each prints its document."""

from __future__ import annotations

import os
import subprocess
import sys

import orjson
import pytest

pytestmark = pytest.mark.bench


def measure(*arguments: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-m", "heli", "bench", *arguments, "--json"],
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    sys.stdout.write(done.stdout.decode())
    found: dict[str, object] = orjson.loads(done.stdout)
    return found


def test_lists() -> None:
    assert measure("lists")["cases"]


def test_decisions() -> None:
    assert measure("decide")["agreed"] is True


def test_http() -> None:
    assert measure("http")["same_rows"] is True
