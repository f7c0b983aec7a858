"""THE WRITE DOOR: decide, validate, apply, decide again on the result, audit, events; one transaction.

Every refused write is audited too, in a transaction of its own.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from django.conf import settings
from django.db import transaction

from heli.access import epoch, use
from heli.access import view as views
from heli.access.core.line import Held
from heli.access.viewer import VIEW_AS, Viewer
from heli.audit import again, log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.errors import Conflict, HeliError, Invalid, NotFound, Problem, Refused, Stale
from heli.kernel.quick import Row, Statement
from heli.kernel.words import Words
from heli.records import common as _common  # registers the common verbs
from heli.records import rows
from heli.records.sight import kind_of
from heli.records.verbs import verb_of
from heli.records.work import Work

CHANGED = Words(
    "这条记录刚被别人改过，请对照最新内容后再保存",
    "this record has been changed meanwhile; compare with the latest version and save again",
)
READ_ONLY = Words("以他人身份查看时不能修改", "nothing is changed while looking as somebody else")
NO_VERB = Words("没有这个操作", "no such action")


@dataclass(frozen=True, slots=True)
class Action:
    """One write to ask for. ``verb``: create, edit, delete, restore, or a verb of the type.

    ``values`` are JSON values of fields or of the verb's parameters. ``etag``: what the record was when it was read.
    ``dry_run`` goes through everything and changes nothing.
    """

    type: str
    verb: str
    id: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    etag: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What an act left: the record concerned, and what a verb answers (``reveal`` gives the value)."""

    type: str
    id: str
    answer: Mapping[str, Any] = field(default_factory=dict)
    used: tuple[str, tuple[Held, ...]] | None = None
    """The right that allowed it, and the lines that gave it."""


def do(viewer: Viewer, action: Action) -> Done:
    """Do one act as this viewer.

    Raises NotFound (absent or invisible), Refused (with its why), Invalid (each place named), Stale, Conflict.
    """
    try:
        done = again.until_done(lambda: _whole(viewer, action))
    except (Refused, Conflict) as error:  # a taken value tells that an unseen record exists: such probes are audited
        log.append_alone(refused(viewer, action, error))
        if isinstance(error, Refused):
            note(viewer, action, None)
        raise
    note(viewer, action, done)
    return done


def note(viewer: Viewer, action: Action, done: Done | None) -> None:
    """Remember the use of a grant, or (no ``done``) a refusal. Called when the act has ended; trying one is no use."""
    if action.dry_run or viewer.is_system:
        return
    looked = str(action.values.get("field", ""))[:80] if action.verb == "reveal" else ""
    if done is None:
        verb = verb_of(action.type, action.verb)
        right = action.verb if verb is None else verb.right
        use.note(viewer.user, action.type, right[:64], (), (action.id or "")[:32], looked, refused=True)
    elif done.used is not None:
        use.note(viewer.user, done.type, done.used[0], done.used[1], done.id, looked)


def _whole(viewer: Viewer, action: Action) -> Done:
    """One attempt at an act, in its own transaction."""
    with log.transaction():
        done = _do(current(viewer), action)
        if action.dry_run:
            transaction.set_rollback(True)
            return replace(done, answer={})  # what a rolled-back audit does not tell is not shown either
        return done


def holding(viewer: Viewer) -> list[Statement]:
    """What ``current`` asks, to be run beside other statements of the transaction; it is then given the rows."""
    asks = not viewer.is_system and viewer.person is not None and viewer.mode is None
    return epoch.holding(viewer.person) if asks else []


def current(viewer: Viewer, held: Sequence[Sequence[Row]] = ()) -> Viewer:
    """The viewer under the rights of this transaction, held until it ends. Raises NotFound when they have left. ``held``: what
    ``holding`` has found in it."""
    if viewer.is_system or viewer.person is None:
        return viewer
    if viewer.mode is not None and viewer.mode.kind == VIEW_AS:
        raise Refused(READ_ONLY, code="read_only_mode")
    if viewer.mode is not None:  # a sandbox: its view is nowhere stored, and what is done under it is taken back
        return viewer
    stamp = epoch.held(viewer.person, held) if held else epoch.hold(viewer.person)
    view = viewer.view
    if view is not None and view.stamp == stamp and (view.until is None or view.until > clock.now()):
        return viewer
    fresh = views.of(viewer.person, stamp)
    return replace(viewer, view=fresh.limited_to(viewer.role) if viewer.role else fresh)


def _do(viewer: Viewer, action: Action) -> Done:
    kind = kind_of(action.type)
    work = Work.begin(viewer, kind)
    if action.verb == "create":
        made = work.create(action.values)
        return Done(kind.code, made, used=work.used)
    return perform(work, action)


def perform(work: Work, action: Action) -> Done:
    """Do an act on a record that exists, with a fresh ``work`` and inside the caller's transaction.

    Raises as ``do``; the caller rolls back and audits the refusal (``refused``).
    """
    kind = work.kind
    if action.id is None:
        raise NotFound
    if action.verb == "restore":
        work.open(action.id, deleted=True)
        work.restore()
        return Done(kind.code, action.id, used=work.used)
    work.open(action.id)
    if action.etag is not None and not hmac.compare_digest(action.etag, etag(work.present())):
        raise Stale(CHANGED)
    if action.verb == "edit":
        work.edit(action.values)
    elif action.verb == "delete":
        work.delete()
    else:
        verb = verb_of(kind.code, action.verb)
        if verb is None or (verb.type == "*" and verb.code in ("claim", "return") and kind.code not in POOLED):
            raise Invalid(Problem("verb", "unknown", NO_VERB))
        work.run(verb, action.values)
    return Done(kind.code, action.id, work.answer, work.used)


POOLED = ("account", "lead", "ticket")
"""Types whose unowned records lie in a pool."""


def etag(shown: rows.RowView) -> str:
    """A strong validator of what the viewer may see, revealed or not: it says nothing about cells they cannot see."""
    body = orjson.dumps([shown.id, shown.values, shown.access, shown.under], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(body, key=_key(), digest_size=16).hexdigest()


def _key() -> bytes:
    return hmac.digest(settings.SECRET_KEY.encode(), b"heli.etag", "sha256")


def refused(viewer: Viewer, action: Action, error: HeliError) -> EntryData:
    """The audit entry of a refused write."""
    return EntryData(
        action=f"{action.type}.{action.verb}",
        object_type=action.type,
        object_id=action.id or "",
        actor_id=viewer.person,
        actor_name=viewer.name,
        acting_for_id=viewer.actor.acting_for,
        outcome="refused",
        origin=viewer.actor.origin,
        reason=error.words.en,
    )


COMMON = _common.__name__
"""Where the verbs of every type are declared."""

__all__ = ["COMMON", "POOLED", "Action", "Done", "current", "do", "etag", "perform", "refused"]
