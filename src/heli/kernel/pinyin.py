"""Keys for sorting and finding names: pinyin of Chinese characters, plain Latin letters for accented ones.

Keys hold only 0-9 and a-z, because that alphabet has the same order in every collation of both databases.
The commonest reading of a character is taken, except in the words listed, which company and place names use.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

KEY_LENGTH = 64

_WORDS = {
    "重庆": "chong qing", "长沙": "chang sha", "长春": "chang chun", "长江": "chang jiang",
    "长城": "chang cheng", "长安": "chang an", "长兴": "chang xing", "成长": "cheng zhang",
    "银行": "yin hang", "行业": "hang ye", "厦门": "xia men", "六安": "lu an", "乐清": "yue qing",
    "音乐": "yin yue", "朝阳": "chao yang", "西藏": "xi zang", "单县": "shan xian", "会计": "kuai ji",
    "大厦": "da sha", "重工": "zhong gong", "蚌埠": "beng bu", "都会": "du hui", "东莞": "dong guan",
    "曾": "zeng", "仇": "qiu", "解决": "jie jue",
}  # fmt: skip
_FIND_WORD = re.compile("|".join(sorted(_WORDS, key=len, reverse=True)))
_RUN = re.compile("[\x00-\x7f]+|[^\x00-\x7f]+")
_SIGNS = {n: None for n in range(128) if not chr(n).isalnum()}


@lru_cache(maxsize=20_000)
def _syllable(char: str) -> str:
    """One character's part of a key: a syllable, a letter or digit, "" for signs; others by code point."""
    if char.isascii():
        return char.lower() if char.isalnum() else ""
    from pypinyin.constants import PINYIN_DICT

    readings = PINYIN_DICT.get(ord(char))
    if readings:
        char = readings.split(",")[0]
    plain = "".join(c for c in unicodedata.normalize("NFKD", char.casefold()) if c.isascii() and c.isalnum())
    if plain:
        return plain
    return f"zz{ord(char[0]):05x}" if char[0].isalnum() else ""


def syllables(text: str) -> list[str]:
    """``"重庆A"`` -> ``["chong", "qing", "a"]``; signs and spaces are left out."""
    parts: list[str] = []
    at = 0
    for word in _FIND_WORD.finditer(text):
        parts.extend(map(_syllable, text[at : word.start()]))
        parts.extend(_WORDS[word.group()].split())
        at = word.end()
    parts.extend(map(_syllable, text[at:]))
    return [p for p in parts if p]


def sort_key(text: str) -> str:
    """At most 64 characters of 0-9a-z by which the text sorts among Chinese and Latin names alike."""
    runs = (
        run.lower().translate(_SIGNS) if run.isascii() else "".join(syllables(run))
        for run in _RUN.findall(text[:KEY_LENGTH])
    )
    return "".join(runs)[:KEY_LENGTH]


def initials(text: str) -> str:
    """``"华东示例"`` -> ``"hdsl"``: how people type a name they know."""
    return "".join(s[0] for s in syllables(text[:KEY_LENGTH]))
