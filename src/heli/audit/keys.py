"""The key that seals the head of the chain. It lives in a file, never in the database: who can write the one
cannot forge the other."""

from __future__ import annotations

import hmac
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from heli.kernel import keyfile


def home() -> Path:
    """The folder HELI_HOME of this installation."""
    return Path(settings.HELI_HOME)


def key_file() -> Path:
    return home() / "keys" / "audit.key"


@lru_cache(maxsize=8)
def _key(_home: str) -> bytes:
    return keyfile.read_or_make(key_file())


def forget() -> None:
    """Read the key file anew at the next use."""
    _key.cache_clear()
    _seal.cache_clear()


@lru_cache(maxsize=256)
def _seal(home: str, chain: str, seq: int, head: bytes) -> bytes:
    message = b"heli audit head\0" + chain.encode() + b"\0" + str(seq).encode() + b"\0" + head
    return hmac.digest(_key(home), message, "sha256")


def seal(chain: str, seq: int, head: bytes) -> bytes:
    """The seal of a head: 32 bytes that only the holder of the key can make.

    Raises Broken when the key file is damaged, or cannot be read or made.
    """
    return _seal(str(settings.HELI_HOME), chain, seq, head)


def is_sealed(chain: str, seq: int, head: bytes, mac: bytes) -> bool:
    """Whether ``mac`` is the seal of this head. The head of an empty chain carries no seal."""
    if seq == 0:
        return not mac
    return hmac.compare_digest(seal(chain, seq, head), mac)
