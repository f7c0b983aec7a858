"""Text that no database of ours keeps: PostgreSQL stores no NUL, and UTF-8 carries no lone surrogate."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from heli.kernel.words import Words

UNSTORABLE = Words("含有无法保存的字符", "contains characters that cannot be stored")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> bool:
    """Whether a text can be kept."""
    return _UNSTORABLE.search(text) is None


def storable_of(text: str) -> str:
    """A text with a sign in the place of each character that cannot be kept: what a message quotes need not be whole."""
    return _UNSTORABLE.sub("\ufffd", text)


def unstorable_in(value: object, place: str = "") -> str | None:
    """Where in this JSON a text or a key stands that cannot be kept, below ``place``; None: nowhere."""
    if isinstance(value, str):
        return None if storable(value) else place
    parts: Iterable[tuple[object, object]] = ()
    if isinstance(value, Mapping):
        parts = value.items()
        if not all(storable(str(key)) for key in value):
            return place
    elif isinstance(value, list | tuple):
        parts = enumerate(value)
    found = (unstorable_in(one, f"{place}/{key}".lstrip("/")) for key, one in parts)
    return next((where for where in found if where is not None), None)
