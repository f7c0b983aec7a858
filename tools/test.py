"""Every test, part after part, counted together. The last line is ``N passed, N failed``.

Usage: python tools/test.py           all parts (what `make test` and CI run)
       python tools/test.py bench     the measurements
       python tools/test.py e2e-pg    the whole end-to-end suite on PostgreSQL (all parts: a handful of it)
       python tools/test.py torture   the long tests: HELI_CASES cases (2000) of every property, from HELI_SEED on,
                                      and every control of every page pressed as every persona
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

import check  # noqa: E402
import needs  # noqa: E402

PYTHON = str(ROOT / ".venv" / "bin" / "python")
RESULTS = ROOT / ".cache" / "results"
NO_TESTS = 5
SHORT = "not torture and not bench"
ONE_BY_ONE = ("--dist", "loadscope", "--no-loadscope-reorder")
"""The next test goes to who is free, as tests/conftest.py shares them out: the long ones stand first."""
WAITING = ("-n", "3", *ONE_BY_ONE)
"""A browser's test waits half of its time: three workers keep two cores busy."""


@dataclass(frozen=True)
class Count:
    """What one part came to."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0


HERE = threading.local()
"""``said``: where the part that this thread runs says what it has to say, when others run beside it."""


def run(command: Sequence[str]) -> int:
    """Its exit status."""
    said = getattr(HERE, "said", None)
    return subprocess.run(
        command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, stdout=said, stderr=said and subprocess.STDOUT
    ).returncode


def _end(count: Count, status: int) -> Count:
    """A part that ended badly without naming a failed test failed as a whole."""
    if status and not count.failed:
        return Count(count.passed, 1, count.skipped)
    return count


def checks() -> Count:
    """The fast checks, each counted as one test."""
    outcomes = check.run()
    failed = sum(1 for outcome in outcomes if outcome.status)
    return Count(len(outcomes) - failed, failed)


def pytest(name: str, *arguments: str) -> Count:
    """One run of pytest; none collected is no failure."""
    report = RESULTS / f"{name}.xml"
    report.unlink(missing_ok=True)
    command = [PYTHON, "-m", "pytest", f"--junit-xml={report}", *arguments]
    status = run(command)
    if status == NO_TESTS:
        return Count()
    if not report.exists():
        return Count(failed=1)
    passed = failed = skipped = 0
    for suite in ET.parse(report).getroot().iter("testsuite"):
        total, bad, left = (
            int(suite.get("tests", 0)),
            int(suite.get("failures", 0)) + int(suite.get("errors", 0)),
            int(suite.get("skipped", 0)),
        )
        passed, failed, skipped = passed + total - bad - left, failed + bad, skipped + left
    return _end(Count(passed, failed, skipped), status)


def vitest() -> Count:
    """The page's unit tests."""
    report = RESULTS / "web.json"
    report.unlink(missing_ok=True)
    arguments = [
        "run",
        "--silent",
        "test",
        "--",
        "--reporter=default",
        "--reporter=json",
        f"--outputFile.json={report}",
    ]
    command = [PYTHON, "tools/web.py", "npm", *arguments]
    status = run(command)
    if not report.exists():
        return _end(Count(), status)
    said = json.loads(report.read_text("utf-8"))
    skipped = said["numPendingTests"] + said.get("numTodoTests", 0)
    return _end(Count(said["numPassedTests"], said["numFailedTests"], skipped), status)


def build() -> Count:
    """The page as users get it, which the end-to-end tests drive."""
    return Count(failed=1) if run([PYTHON, "tools/web.py", "build"]) else Count(passed=1)


def prepare() -> Count:
    """The databases that tests begin with, while the checks have not yet need of both cores."""
    return Count(failed=1) if run([PYTHON, "-m", "tests.prepared"]) else Count(passed=1)


type Part = Callable[[], Count]
type Step = dict[str, Part]
"""Parts that run beside each other."""

PARTS: dict[str, list[Step]] = {
    "all": [
        {"checks": checks, "databases": prepare, "web build": build, "web unit": vitest},
        {"SQLite": lambda: pytest("sqlite", "-n", "2", *ONE_BY_ONE, "-m", f"not e2e and {SHORT}")},
        {
            "PostgreSQL": lambda: pytest(
                "postgres", "-n", "2", *ONE_BY_ONE, "--db=postgres", "-m", f"storage and not e2e and {SHORT}"
            )
        },
        {
            "end to end": lambda: pytest("e2e", *WAITING, "-m", f"e2e and not alone and {SHORT}", "tests/e2e"),
            "end to end, PostgreSQL": lambda: pytest(
                "e2e-postgres", "--db=postgres", "-m", f"e2e and storage and not alone and {SHORT}", "tests/e2e"
            ),
        },
        {"end to end, timed": lambda: pytest("e2e-timed", "-m", f"alone and {SHORT}", "tests/e2e")},
    ],
    "e2e-pg": [
        {"web build": build},
        {
            "end to end, PostgreSQL": lambda: pytest(
                "e2e-postgres", *WAITING, "--db=postgres", "-m", f"e2e and not alone and {SHORT}", "tests/e2e"
            )
        },
    ],
    "bench": [{"bench": lambda: pytest("bench", "-s", "-m", "bench")}],
    "torture": [
        {"torture on SQLite": lambda: pytest("torture", "-n", "2", *ONE_BY_ONE, "-m", "torture and not e2e")},
        {
            "torture on PostgreSQL": lambda: pytest(
                "torture-postgres", "-n", "2", *ONE_BY_ONE, "--db=postgres", "-m", "torture and storage and not e2e"
            )
        },
        {"web build": build},
        {"whole crawl": lambda: pytest("torture-crawl", *WAITING, "-m", "torture and e2e", "tests/e2e")},
    ],
}


def step(parts: Step) -> list[tuple[str, Count, float]]:
    """Run these beside each other; what each says comes in one piece, unless it is alone."""

    def one(name: str, part: Part) -> tuple[str, Count, float]:
        began = time.monotonic()
        if len(parts) == 1:
            print(f"\n=== {name}", flush=True)
            return name, part(), time.monotonic() - began
        with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
            HERE.said = said
            count = part()
            said.seek(0)
            print(f"\n=== {name}\n{said.read()}", end="", flush=True)
        return name, count, time.monotonic() - began

    if len(parts) > 1:
        print(f"\n=== {', '.join(parts)}: beside each other", flush=True)
    with ThreadPoolExecutor(len(parts)) as pool:
        return list(pool.map(one, parts.keys(), parts.values()))


def main(which: str) -> int:
    """Returns 0 when nothing failed, 2 for an unknown set of parts."""
    if which not in PARTS:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        needs.ensure()
    except needs.Unmet as error:
        print(error, file=sys.stderr)
        print("0 passed, 1 failed")
        return 1
    if subprocess.run([PYTHON, "tools/web.py", "install"], cwd=ROOT, check=False).returncode:
        print("0 passed, 1 failed")
        return 1
    RESULTS.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PYTHONHASHSEED", "0")
    if which == "torture":
        seed = os.environ.setdefault("HELI_SEED", str(int(time.time()) * 1000))
        print(f"HELI_SEED={seed} HELI_CASES={os.environ.get('HELI_CASES', '2000')}", flush=True)
    rows: list[tuple[str, Count, float]] = []
    for parts in PARTS[which]:
        rows += step(parts)
    print()
    for name, count, seconds in rows:
        print(f"{name:24} {count.passed:6} passed {count.failed:4} failed {count.skipped:4} skipped {seconds:7.1f} s")
    passed = sum(count.passed for _, count, _ in rows)
    failed = sum(count.failed for _, count, _ in rows)
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "all"))
