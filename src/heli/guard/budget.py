"""How much somebody may take in a rolling hour and day, from their own and their peers' usual use; and how much they took.

One budget over every channel: lists, records, searches, figures, reveals and exports count together, a program's token with its
person. Slices of ``SLICE`` seconds make the windows rolling; a slice counts until all of it has left the window.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum

from heli.guard import people, settings
from heli.guard.models import Recent, Usual
from heli.kernel import clock
from heli.kernel.words import Words

SLICE = 300
HOUR, DAY = 3600, 86_400
WINDOWS = {"hour": HOUR, "day": DAY}
KINDS = ("records", "sensitive", "confidential")
APPROVED = "a-"
"""Before a kind: as far as somebody has decided on it."""
LEAVER_FLOOR = 10
"""What a leaver without any use of their own may still take in a day of each counted class; ten times of records."""

NAMES = {
    "records": Words("条记录", "records"),
    "sensitive": Words("个敏感单元格", "sensitive cells"),
    "confidential": Words("个机密单元格", "confidential cells"),
}
BY_APPROVAL = Words("（其中 {a} 来自已批准的导出）", " (of them {a} in approved exports)")
SPANS = {"hour": Words("过去一小时", "in the past hour"), "day": Words("过去 24 小时", "in the past 24 hours")}


@dataclass(frozen=True, slots=True)
class Line:
    """One bound: what was taken in a window against what may be, and what is usual in a day."""

    kind: str
    window: str
    used: int
    limit: int
    own: int
    peers: int
    leaving: bool
    approved: int = 0
    """Of what was taken: in exports that somebody decided on."""

    @property
    def share(self) -> float:
        """Taken, as a part of the budget."""
        return self._part(self.used)

    @property
    def unapproved(self) -> float:
        """The same of what nobody has decided on: what somebody is frozen for."""
        return self._part(self.used - self.approved)

    def _part(self, n: int) -> float:
        return n / self.limit if self.limit else float(n > 0)

    def words(self) -> Words:
        """The bound in a sentence to the person it strikes."""
        if self.leaving:
            why = Words(
                "你已提交离职，额度为你自己平时的用量", "you are about to leave, so your budget is your own usual use"
            )
        elif self.own or self.peers:
            why = Words(
                "额度按你和同岗位同事平时的用量计算（同事繁忙日约 {p}，你约 {o}）",
                "the budget follows your own and your colleagues' usual use (a busy day: they about {p}, you about {o})",
            ).fill(p=f"{self.peers:,}", o=f"{self.own:,}")
        else:
            why = Words("额度为公司设定的下限", "the budget is the least that the company gives everybody")
        share = BY_APPROVAL.fill(a=f"{self.approved:,}") if self.approved else Words("", "")
        return Words(
            "{span}你查看了 {u} {kind}{share}，额度为 {l}；{why}",
            "{span} you took {u} {kind}{share} of a budget of {l}; {why}",
        ).fill(
            share=share,
            span=SPANS[self.window],
            u=f"{self.used:,}",
            kind=NAMES[self.kind],
            l=f"{self.limit:,}",
            why=why,
        )


def slice_of(moment: datetime) -> int:
    """The number of the slice that a moment lies in."""
    return int(moment.timestamp()) // SLICE


def used(person: int) -> dict[tuple[str, str], int]:
    """What a person took, by kind and window, as far as it is written down."""
    now = slice_of(clock.now())
    found: dict[tuple[str, str], int] = {}
    for window, seconds in WINDOWS.items():
        rows = Recent.objects.filter(person_id=person, slice__gte=now - seconds // SLICE).values_list("kind")
        found |= {(kind, window): n for kind, n in rows.annotate(total=Sum("n"))}
    return found


def lines(person: int) -> list[Line]:
    """Every bound of a person, as it stands now."""
    leaving = people.is_leaving(person)
    taken = used(person)
    subjects = [f"person:{person}", *(f"position:{one}" for one in people.positions(person))]
    usual = {(s, k): n for s, k, n in Usual.objects.filter(subject__in=subjects).values_list("subject", "kind", "n")}
    found = []
    for kind in KINDS:
        own = usual.get((subjects[0], kind), 0)
        peers = max((usual.get((one, kind), 0) for one in subjects[1:]), default=0)
        day = day_limit(kind, own, peers, leaving=leaving)
        hour = day if leaving else max(1, day * settings.number("hour_share") // 100)
        for window, limit in (("hour", hour), ("day", day)):
            approved = taken.get((f"{APPROVED}{kind}", window), 0)
            used_ = taken.get((kind, window), 0) + approved
            found.append(Line(kind, window, used_, limit, own, peers, leaving, approved))
    return found


def least(kind: str) -> int:
    """What everybody may take in an hour, as far as this process knows without asking."""
    return settings.at_hand(f"floor_{kind}") * settings.at_hand("hour_share") // 100


def day_limit(kind: str, own: int, peers: int, *, leaving: bool) -> int:
    """The budget of a day: ``max(floor, factor x the peers' 95th percentile)``; for a leaver their own usual use."""
    if leaving:
        return max(LEAVER_FLOOR * (10 if kind == "records" else 1), own)
    return max(settings.number(f"floor_{kind}"), settings.number("factor") * max(own, peers))
