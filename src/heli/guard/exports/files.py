"""Where the files of exports lie: apart from attachments, so that no backup and no sweep of those touches them."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from django.conf import settings

from heli.guard.models import Export
from heli.kernel import clock

STRAY = 3600
"""Seconds after which a file that no export names is removed: a worker that was killed left it."""
_NAME = re.compile(r"[0-9a-f]{32}(\.part|\.key)?\Z")


def folder() -> Path:
    """Readable by the program's owner only."""
    path: Path = settings.HELI_HOME / "exports"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def fresh() -> str:
    """A name for a new file, which tells nothing."""
    return secrets.token_hex(16)


def path_of(stored: str) -> Path:
    """The whole file."""
    return folder() / stored


def part_of(stored: str) -> Path:
    """The file while it is being written."""
    return folder() / f"{stored}.part"


def key_of(stored: str) -> Path:
    """What lies beside the file: see ``exports.again``."""
    return folder() / f"{stored}.key"


def finish(stored: str) -> None:
    """Turn what was written into the whole file, for good: bytes first, then the name."""
    part = part_of(stored)
    with part.open("rb+") as handle:
        os.fsync(handle.fileno())
    part.chmod(0o600)
    part.replace(path_of(stored))


def drop(stored: str) -> None:
    """Remove a file, whole or not."""
    if stored:
        path_of(stored).unlink(missing_ok=True)
        part_of(stored).unlink(missing_ok=True)
        key_of(stored).unlink(missing_ok=True)


def sweep() -> int:
    """Remove files that no export names any more. Returns how many."""
    before = clock.now().timestamp() - STRAY
    old = [one.name for one in os.scandir(folder()) if _NAME.match(one.name) and one.stat().st_mtime < before]
    kept = set(Export.objects.filter(state=Export.READY).exclude(stored="").values_list("stored", flat=True))
    gone = [name for name in old if name.partition(".")[0] not in kept or name.endswith(".part")]
    for name in gone:
        (folder() / name).unlink(missing_ok=True)
    return len(gone)
