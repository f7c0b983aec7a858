"""Heads published outside the database: HELI_HOME/audit-heads.jsonl.

Each line says how far a chain had come and is sealed. Copied to another machine the file proves later that
nothing up to that point was cut off or rewritten, even by somebody who holds a genuine older head. Lines are
only ever added.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from heli.audit import keys
from heli.kernel import clock

EVERY = 1000
"""A head is published with the first entry and then about every so many entries."""
_RETIRED = -1  # the "seq" under which the end of a whole chain is sealed


@dataclass(frozen=True, slots=True)
class Published:
    """One line of the file. ``retired`` says that the chain was ended on purpose (the database was
    emptied)."""

    line: int
    chain: str
    seq: int
    hash: bytes
    database: str
    retired: bool
    genuine: bool


def file() -> Path:
    return keys.home() / "audit-heads.jsonl"


def database() -> str:
    """A name of this database that tells it from the others that share HELI_HOME."""
    settings = connection.settings_dict
    place = (
        settings["NAME"]
        if connection.vendor == "sqlite"
        else f"{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    )
    return f"{connection.vendor} {place}"


def due(before: int, after: int) -> bool:
    """Whether appending from entry ``before`` to entry ``after`` passed a point where the head is
    published."""
    return (before + EVERY - 1) // EVERY != (after + EVERY - 1) // EVERY


def publish(chain: str, seq: int, head: bytes, *, retired: bool = False) -> None:
    """Add one line; returns when it is on the disk. Raises OSError when the file cannot be written."""
    mac = keys.seal(chain, _RETIRED if retired else seq, head)
    said: dict[str, object] = {
        "chain": chain,
        "seq": seq,
        "hash": head.hex(),
        "at": clock.now().isoformat(),
        "database": database(),
    }
    if retired:
        said["retired"] = True
    said["mac"] = mac.hex()
    path = file()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        size = os.fstat(handle).st_size
        torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
        os.write(handle, (b"\n" if torn else b"") + json.dumps(said, ensure_ascii=False).encode() + b"\n")
        os.fsync(handle)
    finally:
        os.close(handle)


def read() -> Iterator[Published]:
    """Every whole line of the file in its order; a line torn by a crash is passed over."""
    path = file()
    if not path.exists():
        return
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                said = json.loads(line)
                chain, seq, head = str(said["chain"]), int(said["seq"]), bytes.fromhex(said["hash"])
                mac, where, retired = (
                    bytes.fromhex(said["mac"]),
                    str(said["database"]),
                    bool(said.get("retired")),
                )
            except (ValueError, KeyError, TypeError):
                continue
            genuine = keys.is_sealed(chain, _RETIRED if retired else seq, head, mac)
            yield Published(number, chain, seq, head, where, retired, genuine)
