"""How much a right was used in the last 90 days: ten bars of nine days each, and when last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db.models import Max, Sum

from heli.access.models import Use
from heli.org import zone

DAYS, BARS = 90, 10
WIDTH = DAYS // BARS
_CHUNK = 500


@dataclass(slots=True)
class Used:
    """Uses of one grant by one person (or by all)."""

    bars: list[int] = field(default_factory=lambda: [0] * BARS)
    last: date | None = None
    actions: set[tuple[str, str]] = field(default_factory=set)
    people: set[int] = field(default_factory=set)
    days: set[date] = field(default_factory=set)

    @property
    def total(self) -> int:
        return sum(self.bars)

    def add(self, person: int, day: date, today: date, doing: tuple[str, str], n: int) -> None:
        ago = (today - day).days
        if 0 <= ago < DAYS:
            self.bars[BARS - 1 - ago // WIDTH] += n
        self.last = max(self.last, day) if self.last is not None else day
        self.actions.add(doing)
        self.people.add(person)
        self.days.add(day)

    def idle(self, today: date) -> int | None:
        """Days since the last use; None when there was none in the time that is looked at."""
        return (today - self.last).days if self.last is not None else None


NONE = Used()


class Uses:
    """Uses by person and grant, and by grant; one query for each few hundred grants."""

    def __init__(self, grants: Iterable[int]) -> None:
        self.today = zone.today()
        self._one: dict[tuple[int, int], Used] = {}
        self._all: dict[int, Used] = {}
        wanted = sorted({g for g in grants if g > 0})
        since = self.today - timedelta(days=DAYS)
        for start in range(0, len(wanted), _CHUNK):
            rows = (
                Use.objects.filter(grant_id__in=wanted[start : start + _CHUNK], day__gt=since)
                .values_list("grant_id", "person_id", "day", "type", "action")
                .annotate(times=Sum("n"), last=Max("last_at"))
                .order_by()
            )
            for grant, person, day, type_, action, times, _ in rows.iterator(chunk_size=2000):
                for found in (
                    self._one.setdefault((person, grant), Used()), self._all.setdefault(grant, Used()),
                ):  # fmt: skip
                    found.add(person, day, self.today, (type_, action), times)

    def of(self, person: int | None, grant: int) -> Used:
        """Of one person, or (None) of everybody who holds the grant."""
        if person is None:
            return self._all.get(grant, NONE)
        return self._one.get((person, grant), NONE)

    def users(self, grants: Iterable[int]) -> Mapping[int, int]:
        """How many people used each grant."""
        return {g: len(self.of(None, g).people) for g in grants}
