"""Modes of a session: somebody looks as another person (view-as), or tries a draft (sandbox). Nothing is written in a mode.

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
from heli.access.scopes import split
from heli.access.view import View
from heli.access.viewer import SANDBOX, VIEW_AS, Mode, Viewer
from heli.api.models import Session
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows import knowing
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import HeliError, NotFound, Refused
from heli.kernel.words import Words
from heli.org.models import Person
from heli.policy import sandbox

LENGTH = {VIEW_AS: timedelta(minutes=30), SANDBOX: timedelta(hours=2)}
ACTS = ("view_as.begin", "view_as.end")
"""How the log calls it; the person looked at reads it in their account."""
LEAVES = frozenset({"endMode", "signOut"})
"""The changes that every mode knows: the ways out of it."""
SAYS = frozenset({"signSandbox", "reportInSandbox", "listSandboxes", "getSandbox"})
"""What a tester does about the sandbox while in it."""
OFFERS = "/bulk/offers"
"""Asked by POST, and changes nothing."""
OPEN = frozenset(
    {
        "getMe", "getMeta", "search", "getPulse", "getWorkbench", "why", "listViews", "getView", "getOpenapi",
        "listDepartments", "listPeople", "listPositions", "getPosition",
    }
)  # fmt: skip
"""Routes that answer in a mode, beside those of records: each is a function of the viewer's masked view, or public in the company."""
OPEN_PARTS = frozenset(
    {
        "", "/count", "/team", "/related", "/who", "/strip", "/history", "/comments", "/files", "/moves",
        "/mentionable",
    }
)  # fmt: skip
"""What is read of records in a mode: the list and the record, and the parts below them."""

READ_ONLY = Words(
    "正在以「{name}」的身份查看，此模式只读；请先结束查看再操作",
    "you are viewing as {name}, and this mode is read-only: end it first",
)
CLOSED = Words(
    "正在以「{name}」的身份查看，这一项不在此模式中显示",
    "you are viewing as {name}: this is not shown in this mode",
)
UNTRIED = Words(
    "正在沙盒「{name}」中试用，这一项不在沙盒里；离开沙盒后再操作",
    "you are in the sandbox “{name}”, which does not hold this: leave it first",
)


def guard(mode: Mode, route_id: str, path: str, *, changes: bool) -> None:
    """Raises Refused for what a mode does not allow."""
    if route_id in LEAVES:
        return
    if mode.kind == SANDBOX:
        if route_id not in SAYS and not _open(route_id, path) and not (changes and path.startswith("/records/")):
            raise _refused("closed_in_mode", UNTRIED, mode)
    elif changes and not path.endswith(OFFERS):
        raise _refused("read_only_mode", READ_ONLY, mode)
    elif not changes and not _open(route_id, path):
        raise _refused("closed_in_mode", CLOSED, mode)


def _refused(code: str, words: Words, mode: Mode) -> Refused:
    said = words.fill(name=mode.name)
    return Refused(said, code=code, why={"code": code, "words": said.json()})


def _open(route_id: str, path: str) -> bool:
    if route_id in OPEN:
        return True
    parts = path.split("/", 3)
    if len(parts) < 3 or parts[1] != "records":
        return False
    below = f"/{parts[3]}" if len(parts) > 3 else ""
    return below.removeprefix("/{id}") in OPEN_PARTS


def tries(mode: Mode, route_id: str, path: str, *, changes: bool) -> bool:
    """Whether this request is gone through and taken back: every act on records in a sandbox."""
    return mode.kind == SANDBOX and changes and route_id not in LEAVES | SAYS and not path.endswith(OFFERS)


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
        made = BoundedView(_without_work(whole, by), by, alone=True)
        with self._lock:
            self._views[key] = (whole, by, made)
            while len(self._views) > self._size:
                self._views.popitem(last=False)
        return made


def _without_work(whole: View, by: View) -> View:
    """The view but for what work at a step gives, unless the looker reads all that could lead there: that somebody has work at a step
    tells which way a case took, and so what its conditions found in cells that the looker does not read."""

    def told(scope: str) -> bool:
        name, tag = split(scope)
        return name != "workitem" or knowing.step_known(by, tag)

    shown = [one for one in whole.lines if all(told(grip.scope) for grip in one.grips)]
    return whole if len(shown) == len(whole.lines) else whole.with_lines(shown)


KEPT = _Kept(100)


def enter(who: Viewer, key: str) -> Viewer:
    """The viewer of a session that is in a mode; the person themselves when it has ended."""
    row = Session.objects.filter(session_key=key).exclude(mode="").first()
    if row is None:
        return who
    since, until = row.mode_since, row.mode_until
    found: Viewer | None = None
    if since is not None and until is not None and until > clock.now():
        make = _in_sandbox if row.mode == SANDBOX else _as_another
        found = make(who, Mode(row.mode, who.person or 0, who.name, row.mode_of, "", since, until))
    if found is None:
        end(who, key, by_itself=True)
        return who
    return found


def _as_another(who: Viewer, mode: Mode) -> Viewer | None:
    """None when the right to it has gone, or the person has left."""
    found = Person.objects.filter(pk=int(mode.of)).exclude(status=Person.LEFT).first()
    if found is None or who.view is None or not may_begin(who):
        return None
    actor = Actor(who.person, who.name, who.actor.origin, acting_for=found.pk)
    view = KEPT.get(views.of(found.pk), who.view)
    return replace(
        who, person=found.pk, username=found.username, name=found.display_name, kind=found.kind, actor=actor, view=view,
        mode=replace(mode, name=found.display_name),
    )  # fmt: skip


def _in_sandbox(who: Viewer, mode: Mode) -> Viewer | None:
    """None when there is nothing left to try: no longer asked, published, contradicted by what the company has become."""
    if who.view is None:
        return None
    try:
        draft, view = sandbox.view(int(mode.of), who.view)
    except HeliError:
        return None
    actor = replace(who.actor, origin=f"sandbox:{draft.pk}")
    return replace(who, view=view, actor=actor, mode=replace(mode, name=draft.title))


def may_begin(who: Viewer) -> bool:
    """Who may look as others, being themselves: security administrators and auditors, who read the rules."""
    view = who.view
    return who.mode is None and view is not None and (view.may("policy", "administer") or view.may("policy", "read"))


def begin(who: Viewer, key: str, kind: str, of: int, reason: str = "") -> None:
    """Put a session into a mode, in the caller's transaction. For a sandbox raises as ``sandbox.view``."""
    if kind == SANDBOX:
        if who.view is None:
            raise NotFound
        sandbox.view(of, who.view)
    now = clock.now()
    until = now + LENGTH[kind]
    Session.objects.filter(session_key=key).update(mode=kind, mode_of=str(of), mode_since=now, mode_until=until)
    log.append(_entry(who, f"{kind}.begin", str(of), reason, {"until": until.isoformat()}))


def end(who: Viewer, key: str, *, by_itself: bool = False) -> None:
    """Take a session out of its mode, once."""
    with log.transaction():
        row = Session.objects.select_for_update().filter(session_key=key).exclude(mode="").first()
        if row is None:
            return
        kind, of, until = row.mode, row.mode_of, row.mode_until
        row.mode, row.mode_of, row.mode_since, row.mode_until = "", "", None, None
        row.save(update_fields=["mode", "mode_of", "mode_since", "mode_until"])
        reason = "it ended by itself" if by_itself else ""
        after: dict[str, object] = {"until": until.isoformat() if until is not None else None}
        log.append(_entry(who, f"{kind}.end", of, reason, after))


def _entry(who: Viewer, action: str, of: str, reason: str, after: dict[str, object]) -> EntryData:
    by, name = (who.mode.by, who.mode.by_name) if who.mode is not None else (who.person, who.name)
    return EntryData(
        action=action, object_type="draft" if action.startswith(SANDBOX) else "person", object_id=of, actor_id=by,
        actor_name=name, origin=who.actor.origin, reason=reason, after=after,
    )  # fmt: skip
