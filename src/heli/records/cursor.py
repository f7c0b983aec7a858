"""Page cursors: encrypted, and bound to the person and the query they were made for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import lru_cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words

BAD = Words(
    "翻页标记无效或属于另一个查询，请从第一页重新开始",
    "this cursor is not valid for this query; start again from the first page",
)

LAST_TWO = b"._"
"""In place of + and /: fit for an address, and never a first "-", which a command line would take for an option."""


@lru_cache(maxsize=4)
def _box(secret: str) -> AESGCM:
    return AESGCM(hmac.digest(secret.encode(), b"heli.cursor", "sha256"))


def _binding(*parts: object) -> bytes:
    return hashlib.blake2b(orjson.dumps([str(p) for p in parts]), digest_size=16).digest()


def seal(value: list[Any], *bound: object) -> str:
    """An opaque text for ``value``; opens only with the same ``bound`` parts."""
    nonce = os.urandom(12)
    sealed = _box(settings.SECRET_KEY).encrypt(nonce, orjson.dumps(value), _binding(*bound))
    return base64.b64encode(nonce + sealed, altchars=LAST_TWO).rstrip(b"=").decode()


def unseal(text: object, *bound: object) -> list[Any]:
    """The value again. Raises Invalid for anything that was not sealed with the same parts."""
    if not isinstance(text, str) or len(text) > 2000 or not text.isascii():
        raise Invalid(Problem("after", "cursor", BAD))
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=LAST_TWO, validate=True)
        value = orjson.loads(_box(settings.SECRET_KEY).decrypt(raw[:12], raw[12:], _binding(*bound)))
    except (ValueError, InvalidTag):
        raise Invalid(Problem("after", "cursor", BAD)) from None
    if not isinstance(value, list):
        raise Invalid(Problem("after", "cursor", BAD))
    return value
