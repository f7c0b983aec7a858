"""What a text is found by: its pairs of characters, the beginnings of its pinyin, and pairs of pinyin initials.

Pure: the same words are computed from what is stored and from what is looked for. They only narrow a search; every
find is compared with the record itself under the rights of who asks, so a chance likeness costs time and never shows.
Signs and spaces of ASCII carry nothing and are left out on both sides. Words are safe for any tokenizer that splits
at ASCII signs: they hold letters, digits and characters beyond ASCII only.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from heli.kernel import pinyin

LONGEST = 400
"""Characters of a text that are looked at."""
STEPS = (2, 3, 4, 6, 8)
"""Lengths of the beginnings of a pinyin key that are kept as words."""
MOST_WORDS = 8
"""Words of one text that a search asks for at most; the comparison that follows looks at the whole text."""

KIND, INITIALS, BEGINNING = "\u00a6", "\u00b9", "\u00b2"
"""First characters of words that are no part of a text: its object type, initials, a beginning of its pinyin."""

_SIGNS = re.compile("[\x00-/:-@\\[-`{-\x7f\\s]+")


def plain(text: str) -> str:
    """The text in lower case, without ASCII signs and spaces."""
    return _SIGNS.sub("", text[:LONGEST].lower())


def _pairs(text: str) -> list[str]:
    return [text[i : i + 2] for i in range(len(text) - 1)]


def _threes(text: str) -> list[str]:
    return [text[i : i + 3] for i in range(len(text) - 2)]


def words(text: str, initials: str, key: str) -> set[str]:
    """Every word under which a text is found; ``initials`` and ``key`` are its pinyin's, or empty."""
    bare = plain(text)
    found = set(_pairs(bare))
    found.update(c for c in bare if not c.isascii())
    found.update(one for one in _threes(bare) if one.isascii())
    found.update(INITIALS + one for one in (*_pairs(initials), *_threes(initials)))
    found.update(BEGINNING + key[:n] for n in STEPS if len(key) >= n)
    return found


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for. ``ways``: each a set of words that all stand with a text that may fit in that way."""

    text: str
    key: str
    initials: str
    digits: str
    ways: tuple[tuple[str, ...], ...]

    @property
    def nothing(self) -> bool:
        """Whether there is too little to look for: signs only, or one Latin letter or digit."""
        return not self.ways


def ask(text: str) -> Asked:
    """Prepare a text that somebody typed."""
    bare = plain(text)
    ways = [some] if (some := _needed(bare)) else []
    latin = bare.isascii() and len(bare) > 1 and text.isascii()
    initials = bare if latin else ""
    key = pinyin.sort_key(text) if latin else ""
    if initials:
        ways.append(_thin([INITIALS + one for one in _threes(initials) or _pairs(initials)]))
    if len(key) >= STEPS[0]:
        ways.append((BEGINNING + key[: max(n for n in STEPS if n <= len(key))],))
    digits = bare if bare.isdigit() and bare.isascii() and len(bare) > 1 else ""
    return Asked(text, key, initials, digits, tuple(ways))


def _needed(bare: str) -> tuple[str, ...]:
    if len(bare) == 1:
        return () if bare.isascii() else (bare,)
    found = []
    for i in range(len(bare) - 1):
        pair, three = bare[i : i + 2], bare[i : i + 3]
        if len(three) == 3 and three.isascii():
            found.append(three)
        elif not (pair.isascii() and i and bare[i - 1].isascii()):  # the pair's end stands in the three before it
            found.append(pair)
    return _thin(found)


def _thin(found: list[str]) -> tuple[str, ...]:
    """At most MOST_WORDS of them, evenly chosen."""
    once = list(dict.fromkeys(found))
    step = max(1, -(-len(once) // MOST_WORDS))
    return tuple(once[::step])


def number(word: str) -> int:
    """A word as PostgreSQL keeps it: 31 bits. Two words of one number only make a search look at more."""
    return zlib.crc32(word.encode()) & 0x7FFFFFFF
