"""The fast checks, side by side: lint, format, types, import contracts, own rules, schema drift, the page's types
and styles.

Usage: python tools/check.py. Prints what failed and how long each took; status 1 when any failed.
"""

import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
PYTHON = str(BIN / "python")

CHECKS: dict[str, list[str]] = {
    # The longest first.
    "types (mypy --strict)": [str(BIN / "mypy")],
    "page types (tsc)": [PYTHON, "tools/web.py", "npm", "run", "--silent", "check"],
    "migrations are complete": [str(BIN / "django-admin"), "makemigrations", "--check", "--dry-run"],
    "import contracts": [str(BIN / "lint-imports"), "--cache-dir", ".cache/import_linter"],
    "lint (ruff)": [str(BIN / "ruff"), "check", "--cache-dir", ".cache/ruff", "."],
    "format (ruff)": [str(BIN / "ruff"), "format", "--check", "--cache-dir", ".cache/ruff", "."],
    "own rules": [PYTHON, "tools/lint.py"],
    "pages bring their styles": [PYTHON, "tools/styles.py"],
    "page types follow the API": [PYTHON, "tools/page_types.py", "--check"],
}


@dataclass(frozen=True)
class Outcome:
    """How one check ended."""

    name: str
    status: int
    seconds: float
    output: str


def _run(name: str, home: str) -> Outcome:
    began = time.monotonic()
    environment = os.environ | {"HELI_HOME": home, "DJANGO_SETTINGS_MODULE": "heli.config.settings"}
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        CHECKS[name],
        cwd=ROOT,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    return Outcome(name, done.returncode, time.monotonic() - began, done.stdout)


def run() -> list[Outcome]:
    """Every check, two at a time; each with an empty HELI_HOME, so that none depends on this machine's data."""
    with tempfile.TemporaryDirectory(prefix="heli-check-") as home, ThreadPoolExecutor(2) as pool:
        outcomes = []
        for outcome in pool.map(lambda name: _run(name, home), CHECKS):
            print(f"{'ok  ' if outcome.status == 0 else 'FAIL'} {outcome.seconds:5.1f} s  {outcome.name}", flush=True)
            outcomes.append(outcome)
    for outcome in outcomes:
        if outcome.status:
            print(f"\n--- {outcome.name}\n{outcome.output.rstrip()}", flush=True)
    return outcomes


if __name__ == "__main__":
    sys.exit(1 if any(outcome.status for outcome in run()) else 0)
