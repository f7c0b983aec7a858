"""Modes of a session: somebody looks as another person would see it (view-as). Nothing is written in a mode.

A mode belongs to one session, begins and ends as audit entries, and ends by itself. What each route does in a mode is
said by name (``OPEN``): a route that is not named is closed, so that a new one shows nothing before somebody has thought.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import replace
from datetime import timedelta

from heli.access import view as views
from heli.access.bounded import BoundedView
from heli.access.view import View
from heli.access.viewer import VIEW_AS, Mode, Viewer
from heli.api.models import Session
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.org.models import Person

LENGTH = timedelta(minutes=30)
ACTS = ("view_as.begin", "view_as.end")
"""How the log calls it; the person looked at reads it in their account."""
LEAVES = frozenset({"endMode", "signOut"})
"""The changes that a mode knows: the ways out of it."""
OPEN = frozenset(
    {
        "getMe", "getMeta", "search", "getPulse", "getWorkbench", "why", "listViews", "getView", "getOpenapi",
        "listDepartments", "listPeople", "listPositions", "getPosition",
    }
)  # fmt: skip
"""Routes that answer in a mode, beside those of records: each is a function of the viewer's masked view, or public in the company."""
OPEN_PARTS = frozenset(
    {"", "/count", "/team", "/related", "/who", "/strip", "/history", "/comments", "/files", "/moves", "/mentionable"}
)
"""What is read of records in a mode: the list and the record, and the parts below them."""

READ_ONLY = Words(
    "正在以「{name}」的身份查看，此模式只读；请先结束查看再操作",
    "you are viewing as {name}, and this mode is read-only: end it first",
)
CLOSED = Words(
    "正在以「{name}」的身份查看，这一项不在此模式中显示",
    "you are viewing as {name}: this is not shown in this mode",
)


def guard(viewer: Viewer, route_id: str, path: str, *, changes: bool) -> None:
    """Raises Refused for what the viewer's mode does not allow."""
    mode = viewer.mode
    if mode is None or route_id in LEAVES:
        return
    if changes:
        raise Refused(
            READ_ONLY.fill(name=mode.name), code="read_only_mode", why=_why("read_only_mode", READ_ONLY, mode)
        )
    if route_id not in OPEN and not _of_records(path):
        raise Refused(CLOSED.fill(name=mode.name), code="closed_in_mode", why=_why("closed_in_mode", CLOSED, mode))


def _why(code: str, words: Words, mode: Mode) -> dict[str, object]:
    return {"code": code, "words": words.fill(name=mode.name).json()}


def _of_records(path: str) -> bool:
    parts = path.split("/", 3)
    if len(parts) < 3 or parts[1] != "records":
        return False
    below = f"/{parts[3]}" if len(parts) > 3 else ""
    return below.removeprefix("/{id}") in OPEN_PARTS


class _Kept:
    """The last bounded views; one is served only while both views that it was made of are the current ones."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._views: OrderedDict[tuple[int, int], tuple[View, View, BoundedView]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, whole: View, by: View) -> BoundedView:
        key = (whole.person or 0, by.person or 0)
        with self._lock:
            found = self._views.get(key)
            if found is not None and found[0] is whole and found[1] is by:
                self._views.move_to_end(key)
                return found[2]
        made = BoundedView(whole, by, alone=True)
        with self._lock:
            self._views[key] = (whole, by, made)
            while len(self._views) > self._size:
                self._views.popitem(last=False)
        return made


KEPT = _Kept(100)


def enter(who: Viewer, key: str) -> Viewer:
    """The viewer of a session that is in a mode; the person themselves when it has ended."""
    row = Session.objects.filter(session_key=key).exclude(mode="").first()
    if row is None:
        return who
    since, until = row.mode_since, row.mode_until
    found = None
    if until is not None and until > clock.now() and may_begin(who):
        found = Person.objects.filter(pk=int(row.mode_of)).exclude(status=Person.LEFT).first()
    if found is None or since is None or until is None or who.view is None or who.person is None:
        end(who, key, by_itself=True)
        return who
    mode = Mode(VIEW_AS, who.person, who.name, str(found.pk), found.display_name, since, until)
    actor = Actor(who.person, who.name, who.actor.origin, acting_for=found.pk)
    view = KEPT.get(views.of(found.pk), who.view)
    return replace(
        who, person=found.pk, username=found.username, name=found.display_name, kind=found.kind, actor=actor, view=view,
        mode=mode,
    )  # fmt: skip


def may_begin(who: Viewer) -> bool:
    """Security administrators and auditors: who reads the rules."""
    return who.view is not None and (who.view.may("policy", "administer") or who.view.may("policy", "read"))


def begin(who: Viewer, key: str, person: Person, reason: str) -> None:
    """Put a session into the view of a person, in the caller's transaction."""
    now = clock.now()
    Session.objects.filter(session_key=key).update(
        mode=VIEW_AS, mode_of=str(person.pk), mode_since=now, mode_until=now + LENGTH
    )
    log.append(_entry(who, "view_as.begin", str(person.pk), reason, {"until": (now + LENGTH).isoformat()}))


def end(who: Viewer, key: str, *, by_itself: bool = False) -> None:
    """Take a session out of its mode, once."""
    with log.transaction():
        row = Session.objects.select_for_update().filter(session_key=key).exclude(mode="").first()
        if row is None:
            return
        of, until = row.mode_of, row.mode_until
        row.mode, row.mode_of, row.mode_since, row.mode_until = "", "", None, None
        row.save(update_fields=["mode", "mode_of", "mode_since", "mode_until"])
        reason = "its time was over" if by_itself else ""
        after: dict[str, object] = {"until": until.isoformat() if until is not None else None}
        log.append(_entry(who, "view_as.end", of, reason, after))


def _entry(who: Viewer, action: str, of: str, reason: str, after: dict[str, object]) -> EntryData:
    by, name = (who.mode.by, who.mode.by_name) if who.mode is not None else (who.person, who.name)
    return EntryData(
        action=action, object_type="person", object_id=of, actor_id=by, actor_name=name, origin=who.actor.origin,
        reason=reason, after=after,
    )  # fmt: skip
