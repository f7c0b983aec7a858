"""A company in a database of its own, for tests that need real processes: forked children, killed ones, real servers.

A test starts its own file as a program (``program``); there ``open_company`` sets Django up on the database that
DATABASE_URL names, and ``fork`` runs something in a child with connections of its own.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def environment(folder: Path, name: str) -> dict[str, str]:
    """HELI_HOME and DATABASE_URL of an installation with nothing but the schema."""
    from tests.invariants.test_crash_jobs import database_url

    home = folder / "home"
    home.mkdir(exist_ok=True)
    return {
        **{k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "DJANGO"))},
        "HELI_HOME": str(home),
        "DATABASE_URL": database_url(folder, f"{name}_{os.getpid()}", migrated=True),
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DJANGO_SETTINGS_MODULE": "heli.config.settings",
    }


def program(file: str, folder: Path, what: str, *arguments: str, seconds: int = 120) -> Any:
    """Run a test's file as a program; the JSON document that it prints last. AssertionError with its errors when it fails."""
    name = Path(file).stem.removeprefix("test_")
    child = subprocess.Popen(
        [sys.executable, file, what, *arguments], env=environment(folder, f"{name}_{what}"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        out, err = child.communicate(timeout=seconds)
    finally:
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)  # with whatever it has forked
    assert child.returncode == 0, err[-4000:]
    return json.loads(out.splitlines()[-1])


def open_company() -> Any:
    """The tests' company in this program's own database, which has the schema."""
    import django

    django.setup()
    from tests import world

    return world.fresh()


def open_with_processes() -> Any:
    """The same, with pam, who looks after its processes."""
    opened = open_company()
    from tests import world

    from heli.access import grants

    opened.add("pam", "root", None)
    lines = [{"type": "process", "actions": ["read", "administer"], "scope": ["all"]}]
    grants.grant_lines(world.SETUP, lines, "person", str(opened.people["pam"]))
    return opened


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def fork(what: Callable[[], object]) -> int:
    """Run this in a child that opens its own connections; returns its number. The child's status tells whether it ended well."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        what()
        status = 0
    except Exception:  # noqa: BLE001  # a child must never go on as its parent would
        import traceback

        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def together(many: int, what: Callable[[int, Callable[[], object]], object]) -> list[Any]:
    """``what(number, wait)`` in so many processes; ``wait`` holds until all have come. What each returned, in order."""
    from multiprocessing import get_context

    context = get_context("fork")
    barrier, answers = context.Barrier(many), context.SimpleQueue()
    pids = [fork(lambda n=n: answers.put((n, what(n, lambda: barrier.wait(60))))) for n in range(many)]
    found = dict(answers.get() for _ in pids) if all(_ended_well(pid) for pid in pids) else {}
    assert len(found) == many, "a process failed"
    return [found[n] for n in range(many)]


def _ended_well(pid: int) -> bool:
    return os.waitpid(pid, 0)[1] == 0


def audit_is_whole() -> dict[str, Any]:
    """What the audit log's verifier says."""
    from heli.audit import verify

    report = verify.verify()
    return {"ok": report.ok, "entries": report.entries, "reason": report.reason}


def survived(said: Any, seeds: int, kills: int) -> None:
    """What a campaign of kills says of so many seeds: nothing was wrong, the log is whole, and at least ``kills`` a seed struck."""
    assert len(said["seeds"]) == seeds
    wrong = [f"seed {one['seed']}: {text}" for one in said["seeds"] for text in one["wrong"]]
    assert not wrong, "\n".join(wrong)
    assert sum(one["kills"] for one in said["seeds"]) >= kills * seeds, "too few were killed to prove anything"
    assert said["audit"]["ok"], said["audit"]
