"""稍后处理: what somebody has put off in their queue. It is only out of their own sight: no time stops, and nobody else learns of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.notices.models import Notice, Snooze

MOST = 200
"""Entries of one person at a time."""
LONGEST = timedelta(days=60)
FULL = Words("最多推后 {n} 件，请先处理一些", "at most {n} entries are put off at a time: deal with some first")
WHEN = Words("请选以后 60 天内的时间", "choose a time within the next 60 days")


def put(person: int, entry: str, until: datetime, *, overdue: bool) -> None:
    """Keep an entry out of somebody's queue until then; again: until then instead. ``overdue``: whether it was late already, and so does
    not come back for that. Raises Invalid for a time that is not ahead or too far, Conflict for too many."""
    now = clock.now()
    if not now < until <= now + LONGEST:
        raise Invalid(Problem("until", "range", WHEN))
    theirs = Snooze.objects.filter(person_id=person)
    theirs.filter(until__lte=now).delete()
    if theirs.exclude(entry=entry).count() >= MOST:
        raise Conflict(FULL.fill(n=MOST), code="full")
    Snooze.objects.update_or_create(
        person_id=person, entry=entry, defaults={"until": until, "at": now, "overdue": overdue}
    )


def back(person: int, entry: str) -> None:
    """Let it stand in the queue again."""
    Snooze.objects.filter(person_id=person, entry=entry).delete()


def of(person: int) -> dict[str, Snooze]:
    """What somebody has put off and whose time has not come, by entry."""
    return {one.entry: one for one in Snooze.objects.filter(person_id=person, until__gt=clock.now())}


def stirred(person: int, about: str, since: Mapping[str, datetime], kinds: Collection[str]) -> set[str]:
    """Those of these things (by key, since when each was put off) about which somebody was told such a notice since."""
    if not since:
        return set()
    rows = Notice.objects.filter(
        person_id=person, object=about, key__in=list(since), kind__in=list(kinds), at__gt=min(since.values())
    )
    return {key for key, at in rows.values_list("key", "at") if at > since[key]}
