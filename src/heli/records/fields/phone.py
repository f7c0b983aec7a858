"""Telephone numbers: Chinese mobile, land line and 400 numbers, and E.164."""

from __future__ import annotations

import re
from typing import Any, ClassVar

from heli.kernel.words import Words
from heli.records.fields.patterned import Patterned

_MOBILE = r"(?:\+?86[ -]?)?1[3-9][0-9](?:[ -]?[0-9]){8}"
_LAND = r"(?:\+?86[ -]?)?(?:\(0[1-9][0-9]{1,2}\)|0[1-9][0-9]{1,2})[ -]?[2-9][0-9]{6,7}(?:[ -][0-9]{1,6})?"
_SERVICE = r"[48]00(?:[ -]?[0-9]){7}"
_WORLD = r"\+[1-9](?:[ -]?\(?[0-9]\)?){6,14}"


class Phone(Patterned):
    """A plausible number, kept as it was typed. Sensitive unless declared otherwise."""

    kind = "phone"
    shape = f"{_MOBILE}|{_LAND}|{_SERVICE}|{_WORLD}"
    wrong = Words(
        "应为手机号、带区号的固定电话或 +国家码 号码",
        "must be a Chinese mobile or land line number, or an international one starting with +",
    )
    length: ClassVar[int] = 40
    sorts: ClassVar[bool] = False

    def __init__(self, **common: Any) -> None:
        super().__init__(**{"data_class": "sensitive", **common})

    def normal(self, value: str) -> str:
        return digits_of(value)

    def mask(self, value: Any) -> Any:
        if not value:
            return None
        digits = digits_of(value)
        plus = "+" if value.startswith("+") and not value.startswith("+86") else ""
        return f"{plus}{digits[:3]}****{digits[-4:]}" if len(digits) >= 10 else f"{plus}{digits[:1]}****{digits[-2:]}"


def digits_of(text: str) -> str:
    """Only the digits, without China's own country code: what duplicates are compared by."""
    digits = re.sub("[^0-9]", "", text)
    return digits[2:] if len(digits) == 13 and digits.startswith("861") else digits
