"""统一社会信用代码: the 18-character code of Chinese organisations, checked as GB 32100-2015 says."""

from __future__ import annotations

from typing import Any, ClassVar

from heli.kernel.words import Words
from heli.records.fields.base import PLAIN, FieldError, TextStyle
from heli.records.fields.patterned import Patterned

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_RANK = {char: n for n, char in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, n, 31) for n in range(17))


def check_character(first17: str) -> str:
    """The 18th character that belongs to the first 17 (GB 32100-2015: weights 3^i mod 31)."""
    total = sum(_RANK[char] * weight for char, weight in zip(first17, _WEIGHTS, strict=True))
    return ALPHABET[(31 - total % 31) % 31]


class CreditCode(Patterned):
    """A code with a right check character, in capitals."""

    kind = "credit_code"
    shape = "[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
    wrong = Words("应为 18 位统一社会信用代码", "must be an 18-character unified social credit code")
    length: ClassVar[int] = 18

    def _parse(self, value: object) -> str:
        text = super()._parse(value)
        if text and check_character(text[:17]) != text[17]:
            raise FieldError(
                "checksum",
                Words(
                    "校验位不符，请核对统一社会信用代码",
                    "the check character is wrong: please compare the code again",
                ),
            )
        return text

    def from_text(self, text: str, style: TextStyle = PLAIN) -> str:
        return super().from_text(text.upper(), style)

    def mask(self, value: Any) -> Any:
        return f"{value[:2]}{'*' * 14}{value[-2:]}" if value else None
