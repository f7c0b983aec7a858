"""A private PostgreSQL for one measurement: its own folder, a socket in it, no port, gone afterwards unless it is kept."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from heli.kernel.errors import Broken

OLDEST = 15
START_SECONDS = 60
SETTINGS = {
    "shared_buffers": "512MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "2GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
    "synchronous_commit": "off",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "listen_addresses": "''",
    "timezone": "UTC",
}


def _binaries() -> Path:
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    folders += [Path(p) for p in os.environ.get("PATH", "").split(os.pathsep) if p and (Path(p) / "initdb").exists()]
    best: tuple[int, Path] | None = None
    for folder in folders:
        said = subprocess.run([folder / "postgres", "--version"], check=False, capture_output=True, text=True)  # noqa: S603
        found = re.search(r"(\d+)", said.stdout)
        if found and int(found[1]) >= OLDEST and (best is None or int(found[1]) > best[0]):
            best = (int(found[1]), folder)
    if best is None:
        raise Broken(f"PostgreSQL {OLDEST} or later is missing (Debian: apt-get install postgresql)")
    return best[1]


def _owner() -> dict[str, Any]:
    """As whom it runs: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise Broken("PostgreSQL does not run as root and there is no user postgres or nobody")


def _initialise(
    binaries: Path, folder: Path, environment: dict[str, str], owner: dict[str, Any], durable: bool
) -> None:
    made = subprocess.run(  # noqa: S603
        [binaries / "initdb", "-D", folder / "data", "-U", "heli", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=False, capture_output=True, text=True, cwd=folder, env=environment, **owner,
    )  # fmt: skip
    if made.returncode:
        raise Broken(f"initdb failed: {made.stderr.strip()}")
    with (folder / "data" / "postgresql.conf").open("a") as conf:
        settings = SETTINGS | ({"synchronous_commit": "on"} if durable else {})
        conf.write("".join(f"{name} = {value}\n" for name, value in settings.items()))


@contextmanager
def server(keep: Path | None = None, *, durable: bool = False) -> Iterator[str]:
    """Start one; gives its DATABASE_URL, and ends it with its folder. Raises Broken when it does not start.

    keep: a folder that stays, with its data, for the next time. durable: a commit is on the disk when it is answered, as a company's
    own server does it; what only reads needs none of that.
    """
    binaries, owner = _binaries(), _owner()
    if keep is None:
        folder = Path(tempfile.mkdtemp(prefix="heli-bench-pg-", dir="/tmp"))  # other users must enter it
    else:
        folder = keep.resolve()
        folder.mkdir(parents=True, exist_ok=True)
        folder.parent.chmod(0o711)  # likewise
    if owner:
        os.chown(folder, owner["user"], owner["group"])
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    process: subprocess.Popen[bytes] | None = None
    try:
        if not (folder / "data" / "PG_VERSION").exists():
            _initialise(binaries, folder, environment, owner, durable)
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603
                [binaries / "postgres", "-D", folder / "data", "-k", folder],
                cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
                start_new_session=True, **owner,
            )  # fmt: skip
        ready: list[str | Path] = [binaries / "pg_isready", "-q", "-h", folder]
        deadline = time.monotonic() + START_SECONDS
        while subprocess.run(ready, check=False, capture_output=True).returncode:  # noqa: S603
            if process.poll() is not None or time.monotonic() > deadline:
                raise Broken(f"PostgreSQL did not start: {(folder / 'log').read_text('utf-8')[-2000:]}")
            time.sleep(0.05)
        yield f"postgres://heli@/postgres?host={quote(str(folder), safe='')}"
    finally:
        if process is not None and process.poll() is None:
            # Without waiting for clients; a server that is kept puts its data in order first.
            process.send_signal(signal.SIGQUIT if keep is None else signal.SIGINT)
            process.wait(60)
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
