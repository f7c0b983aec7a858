"""The measurements that ``make bench`` runs; each prints its document.

HELI_BENCH_ROWS makes the worlds smaller (``HELI_BENCH_ROWS=20000 make bench``), to see that the measurements work; only
figures of full size are worth writing down.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import orjson
import pytest

pytestmark = pytest.mark.bench


def measure(*arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "heli", "bench", *arguments, "--json"],
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ,
    )
    sys.stdout.write(done.stdout.decode())
    found: dict[str, Any] = orjson.loads(done.stdout)
    return found


def rows() -> tuple[str, ...]:
    """A smaller world, if one is asked for."""
    wanted = os.environ.get("HELI_BENCH_ROWS", "")
    return ("--rows", wanted) if wanted else ()


def test_lists() -> None:
    assert measure("lists", *rows())["cases"]


def test_decisions() -> None:
    assert measure("decide")["agreed"] is True


def test_http() -> None:
    assert measure("http", *rows())["same_rows"] is True


def test_import() -> None:
    assert measure("import", *rows())


def test_search() -> None:
    assert measure("search", *rows())["viewers"]


def test_explanations() -> None:
    assert {case["answer"] for case in measure("why", "--rounds", "1")["cases"]} == {"yes", "no", "who"}


def test_everyone() -> None:
    cases = {case["what"]: case for case in measure("everyone")["cases"]}
    assert {"who reads a record", "all rights of a person", "why over HTTP"} <= set(cases)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_processes(database: str) -> None:
    found = measure("flow", "--database", database, "--cases", "25", "--turns", "3", "--many", "100000")
    assert [one["steps"] for one in found["processes"]] == [600, 600]


def test_mining() -> None:
    assert measure("mine", "--turns", "3")["agreed"] in (True, None)


def test_simulate() -> None:
    cases = measure("simulate", "--rounds", "3", *rows())["cases"]
    assert {case["database"] for case in cases} == {"sqlite", "postgresql"}


def test_standing() -> None:
    assert {case["database"] for case in measure("standing", "--rounds", "3")["cases"]} == {"sqlite", "postgresql"}


def test_encryption() -> None:
    assert set(measure("encryption", *rows())) == {"sqlite", "postgresql"}
