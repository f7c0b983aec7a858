"""Mail addresses."""

from __future__ import annotations

from typing import Any, ClassVar

from heli.kernel.words import Words
from heli.records.fields.base import MASK
from heli.records.fields.patterned import Patterned

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"


class Email(Patterned):
    """One address, kept as typed. Sensitive unless declared otherwise."""

    kind = "email"
    shape = rf"{_LOCAL}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}"
    wrong = Words("应为邮箱地址，如 name@example.com", "must be a mail address such as name@example.com")
    length: ClassVar[int] = 254

    def __init__(self, **common: Any) -> None:
        super().__init__(**{"data_class": "sensitive", **common})

    def mask(self, value: Any) -> Any:
        if not value:
            return None
        local, _, domain = value.partition("@")
        return f"{local[:1]}{MASK}@{domain}"
