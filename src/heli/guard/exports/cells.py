"""What a cell of a list says in a file, and how a file is kept from running anything in a spreadsheet."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

import orjson

from heli.kernel.words import Language, Words
from heli.org import zone
from heli.records import fields as f
from heli.records.rows import HIDING

STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", " ", "＝", "＋", "－", "＠")
"""A cell that begins so may be run as a formula, now or after the next program has trimmed it."""
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?\Z")
_INVISIBLE = re.compile(
    "^[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xa0\xad\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff]+"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
YES = {"zh": ("是", "否"), "en": ("Yes", "No")}


def neutral(text: str, *, numeric: bool = False) -> str:
    """The text as no spreadsheet runs it: an apostrophe before what begins like a formula. A plain number of a field
    that holds numbers stays one."""
    clean = _CONTROL.sub("", text)
    if numeric and _NUMBER.match(clean):
        return clean
    bare = _INVISIBLE.sub("", clean)
    return f"'{clean}" if clean.startswith(STARTS) or bare.startswith(STARTS) or bare != clean else clean


def text(field: f.Field, value: Any, level: str, language: Language) -> str:
    """A cell of the read door's answer in words: what a list shows."""
    if value is None or value == "":
        return ""
    if level in HIDING:
        return str(value)
    if isinstance(value, bool):
        return YES[language][0 if value else 1]
    if isinstance(field, f.DateTime) and isinstance(value, str):
        return zone.told(datetime.fromisoformat(value))
    if isinstance(value, list):
        return ("、" if language == "zh" else ", ").join(_part(field, one, language) for one in value)
    return _part(field, value, language)


def _part(field: f.Field, value: Any, language: Language) -> str:
    if isinstance(field, f.Lines) and isinstance(value, dict):
        return _line(value)
    if isinstance(value, dict):
        named = value.get("title") or value.get("name")
        if named is not None or "id" in value:
            return str(named or "")
        return orjson.dumps(value).decode()
    if isinstance(field, f.Choice):
        found = next((one for one in field.options if one.value == value), None)
        return str(value) if found is None else Words(found.zh, found.en)(language)
    return str(value)


def line_of(value: dict[str, Any]) -> str:
    """What a line of 明细 is of: its product, and its description where that says more."""
    product = value["product"]
    named = [str(product.get("title") or "") if isinstance(product, dict) else "", value["description"]]
    return " · ".join(dict.fromkeys(one for one in named if one))


def short(figure: str) -> str:
    """``"9.000"`` -> ``"9"``: no zeros that say nothing."""
    return figure.rstrip("0").rstrip(".") if "." in figure else figure


def _line(value: dict[str, Any]) -> str:
    off = short(value["discount"])
    less = f" − {off}%" if off != "0" else ""
    return f"{line_of(value)} {short(value['quantity'])} × {value['unit_price']}{less} = {value['amount']}".strip()


def is_numeric(field: f.Field) -> bool:
    """Whether the field holds plain numbers."""
    return field.kind in ("number", "money", "percent")
