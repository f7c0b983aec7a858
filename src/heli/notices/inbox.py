"""What somebody has been told, newest first, and that they have looked at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from heli.access.viewer import Viewer
from heli.kernel import clock
from heli.notices import kinds
from heli.notices.kinds import Said
from heli.notices.models import Notice

PAGE = 50
MOST_COUNTED = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A notice with its sentence."""

    notice: Notice
    said: Said


def mine(viewer: Viewer, before: int | None = None, *, unseen: bool = False) -> tuple[list[Told], int | None]:
    """A page of my notices, and before which the next page begins. What I may not know of any more is left out, and no longer counted
    as new. A token has none: they are for people."""
    if viewer.person is None or viewer.role:
        return [], None
    rows = Notice.objects.filter(person_id=viewer.person).order_by("-id")
    if unseen:
        rows = rows.filter(seen_at=None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    some = list(rows[: PAGE + 1])
    more, some = len(some) > PAGE, some[:PAGE]
    words = kinds.said(viewer, some)
    gone = [one.pk for one in some if one.pk not in words and one.seen_at is None]
    if gone:
        Notice.objects.filter(pk__in=gone).update(seen_at=clock.now())
    found = [Told(one, words[one.pk]) for one in some if one.pk in words]
    return found, some[-1].pk if more else None


def unseen(viewer: Viewer) -> int:
    """How many I have not looked at, up to a hundred."""
    if viewer.person is None or viewer.role:
        return 0
    return Notice.objects.filter(person_id=viewer.person, seen_at=None)[:MOST_COUNTED].count()


def mark_seen(viewer: Viewer, ids: Sequence[int] | None = None) -> int:
    """I have looked at these, or at all of them; what is not mine is passed over. Returns how many were new."""
    if viewer.person is None or viewer.role:
        return 0
    rows = Notice.objects.filter(person_id=viewer.person, seen_at=None)
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    return rows.update(seen_at=clock.now())


def seen_by_source(person: int, sources: Sequence[str]) -> None:
    """Somebody has looked elsewhere at what these told of."""
    Notice.objects.filter(person_id=person, seen_at=None, source__in=list(sources)).update(seen_at=clock.now())


def look_at(person: int, object: str, key: str) -> None:
    """Somebody looks at the thing itself: what they were told of it is seen with that."""
    Notice.objects.filter(person_id=person, seen_at=None, object=object, key=key).update(seen_at=clock.now())
