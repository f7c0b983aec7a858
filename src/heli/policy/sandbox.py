"""Draft sandboxes: named testers use the whole product under a draft, write nothing, and sign it off or say what they miss.

A verdict belongs to the revision that it was given for, and is stale as soon as the draft says something else.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from heli.access import view as views
from heli.access.bounded import BoundedView
from heli.access.facts import World
from heli.access.view import View
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person
from heli.policy import apply, drafts
from heli.policy.company import changed
from heli.policy.models import Draft, Tester, Verdict
from heli.policy.names import Names

MOST_TESTERS = 100
OPEN = (Draft.OPEN, Draft.SUBMITTED)

NOT_AUTHOR = Words(
    "只有参与编写这份草稿的人能指定试用人",
    "only those who had a hand in this draft name its testers",
)
NOBODY = Words("没有这个人，或已离职，或是服务账号", "no such person, or they have left, or it is a service account")
CLOSED = Words("这份草稿已{state}，不再试用", "this draft is {state}: there is nothing to try any more")
EMPTY = Words("草稿里还没有任何改动，没有可试用的", "the draft changes nothing yet, so there is nothing to try")
SAY = Words("请写明缺少什么", "say what you miss")


@dataclass(frozen=True, slots=True)
class Standing:
    """A tester and what they last said. ``stale``: about a revision that the draft no longer is."""

    tester: Tester
    verdict: Verdict | None
    stale: bool


def _open(pk: int, *, lock: bool = False) -> Draft:
    draft = drafts.get(pk, lock=lock)
    if draft.state not in OPEN:
        raise Conflict(CLOSED.fill(state=drafts.STATES[draft.state]), code="not_open")
    return draft


def set_testers(by: Actor, pk: int, people: Sequence[int]) -> Draft:
    """Ask exactly these people. Raises NotFound, Conflict, Refused for who is not an author, Invalid naming each wrong person."""
    with log.transaction():
        draft = _open(pk, lock=True)
        if by.person not in draft.authors:
            raise Refused(NOT_AUTHOR, code="not_author")
        known = set(
            Person.objects.filter(pk__in=people).exclude(status=Person.LEFT).exclude(kind=Person.SERVICE)
            .values_list("pk", flat=True)
        )  # fmt: skip
        wrong = [Problem(f"testers/{at}", "unknown", NOBODY) for at, one in enumerate(people) if one not in known]
        if wrong:
            raise Invalid(wrong)
        before = set(Tester.objects.filter(draft=draft, released_at=None).values_list("person_id", flat=True))
        now = clock.now()
        Tester.objects.filter(draft=draft, released_at=None, person_id__in=before - known).update(released_at=now)
        for one in sorted(known - before):
            Tester.objects.update_or_create(
                draft=draft, person_id=one, defaults={"asked_by": by.person, "asked_at": now, "released_at": None}
            )
        _tell(by, "sandbox.testers", pk, {"testers": sorted(before)}, {"testers": sorted(known)})
    return draft


def pass_on(by: Actor, pk: int, person: int, to: int | None) -> None:
    """Let another try a draft in place of who leaves or moves on (None: nobody); what they said stays."""
    with log.transaction():
        draft = drafts.get(pk, lock=True)
        now = clock.now()
        if not Tester.objects.filter(draft=draft, person_id=person, released_at=None).update(released_at=now):
            return
        if to is not None and draft.state in OPEN:
            Tester.objects.update_or_create(
                draft=draft, person_id=to, defaults={"asked_by": by.person, "asked_at": now, "released_at": None}
            )
        _tell(by, "sandbox.take_over", pk, {"tester": person}, {"tester": to})


def tester_of(pk: int, person: int | None, *, lock: bool = False) -> Tester:
    """The person as this open draft's tester. Raises NotFound for everyone else: that there is a draft is not theirs to know."""
    if person is None:
        raise NotFound
    rows = Tester.objects.select_for_update() if lock else Tester.objects
    found = rows.filter(draft_id=pk, person_id=person, released_at=None).first()
    if found is None:
        raise NotFound
    return found


def sign(by: Actor, pk: int, text: str = "") -> Verdict:
    """Say that one can work like this. Raises NotFound, Conflict."""
    return _say(by, pk, Verdict.SIGNED, text, "")


def report(by: Actor, pk: int, text: str, place: str = "") -> Verdict:
    """Say what one misses. Raises NotFound, Conflict, Invalid without a word of it."""
    if not text.strip():
        raise Invalid(Problem("text", "required", SAY))
    return _say(by, pk, Verdict.MISSES, text, place)


def _say(by: Actor, pk: int, kind: str, text: str, place: str) -> Verdict:
    with log.transaction():
        tester = tester_of(pk, by.person, lock=True)
        draft = _open(pk, lock=True)
        made = Verdict.objects.create(tester=tester, kind=kind, text=text, place=place, revision=draft.revision)
        _tell(by, f"sandbox.{kind}", pk, None, {"revision": draft.revision, "text": text, "place": place})
    return made


def standings(draft: Draft) -> list[Standing]:
    """Everyone who is asked now, by when they were, with what they last said."""
    testers = list(Tester.objects.filter(draft=draft, released_at=None).order_by("asked_at", "pk"))
    last: dict[int, Verdict] = {}
    for one in Verdict.objects.filter(tester__in=testers).order_by("pk"):
        last[one.tester_id] = one
    return [
        Standing(one, last.get(one.pk), one.pk in last and last[one.pk].revision != draft.revision) for one in testers
    ]


def mine(person: int | None) -> list[Standing]:
    """The open sandboxes that somebody is asked into, the latest first; at most a hundred."""
    if person is None:
        return []
    rows = Tester.objects.filter(person_id=person, released_at=None, draft__state__in=OPEN).select_related("draft")
    testers = list(rows.order_by("-asked_at", "-pk")[:100])
    last: dict[int, Verdict] = {}
    for one in Verdict.objects.filter(tester__in=testers).order_by("pk"):
        last[one.tester_id] = one
    return [
        Standing(one, last.get(one.pk), one.pk in last and last[one.pk].revision != one.draft.revision)
        for one in testers
    ]


class _Kept:
    """The last sandbox views; one is used while the draft's revision and the tester's own view are the same."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._views: OrderedDict[tuple[int, int], tuple[int, View, BoundedView]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, draft: Draft, own: View) -> BoundedView:
        key = (draft.pk, own.person or 0)
        with self._lock:
            found = self._views.get(key)
            if found is not None and found[0] == draft.revision and found[1] is own and _current(found[2]):
                self._views.move_to_end(key)
                return found[2]
        made = _built(draft, own)
        with self._lock:
            self._views[key] = (draft.revision, own, made)
            while len(self._views) > self._size:
                self._views.popitem(last=False)
        return made


def _current(view: View) -> bool:
    return view.until is None or view.until > clock.now()


def _built(draft: Draft, own: View) -> BoundedView:
    """The tester's rights as the draft would leave them, showing what their present rights show too."""
    names = Names.load()
    changes, conflicts = apply.rebased(drafts.changes_of(draft), names)
    apply.refuse_conflicts(drafts.changes_of(draft), conflicts)
    world = changed(World.load(), changes, names)
    # Marked by the revision: what is kept for it is taken for nothing else.
    stamp = (own.stamp[0] ^ draft.revision, own.stamp[1] ^ draft.pk)
    whole = views.build(own.person or 0, stamp, clock.now(), world)
    return BoundedView(whole, own, alone=False)


_KEPT = _Kept(50)


def view(pk: int, own: View) -> tuple[Draft, BoundedView]:
    """A tester's view under a draft. Raises NotFound for who is not asked, Conflict when the draft is no longer open,
    empty, or contradicts what the company has become; Invalid when it no longer fits the company."""
    tester_of(pk, own.person)
    draft = _open(pk)
    if not draft.changes:
        raise Conflict(EMPTY, code="empty")
    return draft, _KEPT.get(draft, own)


def _tell(by: Actor, action: str, pk: int, before: object, after: object) -> None:
    log.append(
        EntryData(
            action=action, object_type="draft", object_id=str(pk), actor_id=by.person, actor_name=by.name,
            origin=by.origin, before=before, after=after,  # type: ignore[arg-type]  # plain JSON
        )
    )  # fmt: skip
