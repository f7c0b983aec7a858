"""Codes for things that were given none: readable, and the same on every run."""

from __future__ import annotations

from collections.abc import Container

from heli.kernel.pinyin import initials, syllables

_LONGEST = 40


def free(name: str, taken: Container[str], fallback: str) -> str:
    """A code made of the name that is not ``taken`` (lower case): ``华东销售部`` -> ``hdxsb``, ``East Sales`` ->
    ``eastsales``; a number follows where it is. ``fallback`` serves a name without any letter."""
    base = ("".join(syllables(name)) if name.isascii() else initials(name))[:_LONGEST] or fallback
    found, number = base, 1
    while found in taken:
        number += 1
        found = f"{base}-{number}"
    return found
