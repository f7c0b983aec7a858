"""Keys in files of their own, made once and readable by their owner only: who holds the database does not hold them."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from heli.kernel.errors import Broken

LENGTH = 32
"""Bytes in every key."""


def read_or_make(path: Path) -> bytes:
    """The 32 bytes of the key file, made at first use (mode 0600, its folder 0700).

    Two processes that start at once get the same key: the second reads what the first has put there whole.
    Raises Broken when the file is damaged or can be neither read nor made.
    """
    try:
        text = _read_or_make(path)
    except OSError as error:
        raise Broken(f"{path} can be neither read nor made: {error.strerror}") from error
    except UnicodeDecodeError:
        text = ""
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        key = b""
    if len(key) != LENGTH:
        raise Broken(f"{path} is no key ({2 * LENGTH} hexadecimal digits): restore it from the backup of the keys")
    return key


def _read_or_make(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        return _make(path)


def _make(path: Path) -> str:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = secrets.token_hex(LENGTH)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return path.read_text("ascii")
    finally:
        draft.unlink()
    return text
