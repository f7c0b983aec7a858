"""The stories of whole companies, as anybody plays them: every step comes out, and without any one rule some step does not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import prepared

STORIES = ("manufacturer", "medical", "ecommerce", "education", "internet")
EVERYDAY = ("manufacturer", "education", "internet")
"""Stories of which the everyday suite plays each to its end: rights alone, and the processes of marketing and of everybody's own work."""
SECONDS = 1800


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with the demo company; each story is played in a copy of it."""
    made = tmp_path_factory.mktemp("stories")
    prepared.install(made, prepared.DEMO)
    return made


def play(home: Path, *arguments: str) -> dict[str, object]:
    environment = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "HELI_HOME"}}
    done = subprocess.run(
        [sys.executable, "-m", "heli", "scenario", *arguments, "--home", str(home), "--json"],
        check=False, capture_output=True, text=True, env=environment, timeout=SECONDS,
    )  # fmt: skip
    assert done.stdout, done.stderr[-3000:]
    found: dict[str, object] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in EVERYDAY else [pytest.mark.torture]) for name in STORIES]
)  # each takes up to a minute
def test_the_story_is_played_to_its_end(home: Path, name: str) -> None:
    told = play(home, name)
    steps = told["steps"]
    assert isinstance(steps, list)
    assert [one for one in steps if not one["ok"]] == []
    assert told["ok"], told["ended"]
    assert len(steps) >= 15


@pytest.mark.torture
@pytest.mark.parametrize("name", STORIES)
def test_without_any_one_of_its_rules_it_fails(home: Path, name: str) -> None:
    told = play(home, name, "--sabotage")
    without = told["sabotage"]
    assert isinstance(without, list)
    assert len(without) >= 5
    assert [one["rule"] for one in without if not one["caught"]] == []
