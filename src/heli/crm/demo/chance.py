"""Chance that repeats: everything is drawn from one stream of a seeded generator."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Mapping, Sequence

ZONE = dt.timezone(dt.timedelta(hours=8))
"""The demo company works in China, which has one zone and no summer time."""


class Chance:
    """Draws. Only `Random.random` is used, whose stream Python promises to keep for a seed."""

    def __init__(self, seed: int) -> None:
        self._next = random.Random(seed).random  # noqa: S311  # a demo company, no secret

    def under(self, n: int) -> int:
        """A whole number from 0 to n - 1."""
        return int(self._next() * n)

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + self.under(high - low + 1)

    def happens(self, share: float) -> bool:
        return self._next() < share

    def pick[T](self, things: Sequence[T]) -> T:
        return things[self.under(len(things))]

    def some[T](self, things: Sequence[T], n: int) -> list[T]:
        """n different ones (fewer when there are fewer)."""
        left = list(things)
        return [left.pop(self.under(len(left))) for _ in range(min(n, len(left)))]

    def weighted[T](self, weights: Mapping[T, float]) -> T:
        at = self._next() * sum(weights.values())
        for thing, weight in weights.items():
            at -= weight
            if at < 0:
                return thing
        return list(weights)[-1]

    def amount(self, low: int, high: int) -> int:
        """Whole yuan between low and high, small ones likelier, rounded as people quote them."""
        size = low * math.pow(high / low, self._next() ** 1.3)
        step = 100 if size < 20_000 else 1_000 if size < 200_000 else 5_000
        return max(step, round(size / step) * step)

    def moment(self, day: dt.date) -> dt.datetime:
        """Some moment of that working day (9:00 to 18:00 in China), in UTC."""
        seconds = self.between(9 * 3600, 18 * 3600)
        local = dt.datetime.combine(day, dt.time(), ZONE) + dt.timedelta(seconds=seconds)
        return local.astimezone(dt.UTC)

    def workday(self, day: dt.date) -> dt.date:
        """That day, or the Friday before when it is a week-end."""
        return day - dt.timedelta(days=max(0, day.weekday() - 4))

    def id(self, moment: dt.datetime) -> str:
        """An identifier of the shape of UUIDv7 that belongs to this moment."""
        ms = int(moment.timestamp() * 1000)
        value = (
            ms << 80
            | 0x7 << 76
            | self.under(1 << 12) << 64
            | 0b10 << 62
            | self.under(1 << 31) << 31
            | self.under(1 << 31)
        )
        return f"{value:032x}"
