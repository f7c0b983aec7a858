"""Amounts of money in the company's base currency, as integer minor units (1/100)."""

from __future__ import annotations

from typing import Any

from heli.records.fields.scaled import Scaled


class Money(Scaled):
    """An amount as decimal text with two places, ``"1234.50"``. Bounds are in whole units.

    price: what one piece costs; prices of several things make no sum.
    """

    kind = "money"

    def __init__(
        self, *, minimum: int | str | None = None, maximum: int | str | None = None, price: bool = False, **common: Any
    ) -> None:
        super().__init__(places=2, minimum=minimum, maximum=maximum, **common)
        self.summable = not price
