"""Aliases for what is masked: a keyed hash tells one thing from another and cannot be turned back or guessed."""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import blake2b

from django.conf import settings


@lru_cache(maxsize=1)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"heli.mask.alias", "sha256")


def alias_of(value: str) -> str:
    """Six hexadecimal digits that stand for this value in this installation."""
    return blake2b(value.encode(), key=_key(settings.SECRET_KEY), digest_size=3).hexdigest().upper()
