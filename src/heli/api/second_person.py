"""Two people for what would make one of them powerful.

Every route that changes the organisation is done first and looked at then: did somebody come to hold a sensitive right
(``policy.sensitive``), or who asks come to see protected fields of what others make (``own_sight``)? If so all of it is undone
and waits, as it was sent, for a second person (``org_requests``). What no act may leave behind is refused outright
(``policy.kept``): a broken duty or policy test, nobody who could administer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any, Final

from heli.api.models import PendingChange
from heli.api.route import Answer, Call, Handler, Route
from heli.audit import log
from heli.insight import company as companies
from heli.kernel import clock
from heli.kernel.errors import Conflict, Refused
from heli.kernel.words import Words
from heli.org import tree
from heli.org.models import Assignment, Person
from heli.policy import kept, own_sight, sensitive

WAITS: Final = timedelta(days=7)
MOST_OPEN: Final = 200
RESET, CHANGE, DEPARTMENT = "resetPassword", "changePerson", "changeDepartment"
AUTHOR: Final = "author"
"""Who asks, among the gains: what they would come to see (``own_sight``)."""
PERMIT: Final = frozenset({"makeServiceToken"})
"""Acts whose answer is a secret: the second person permits them, and who asked does them again."""
ABOUT: Final = ("/organisation/people/{id}", "/access/people/{id}")
"""Routes that are about the person in the path."""
PEOPLE: Final = ("person", "lead", "successor", "deputy", "manager", "head", "overseer")
"""Members of bodies and paths that name people."""

BY_TOKEN = Words(
    "令牌不能发起需要第二人确认的变更，请登录后操作",
    "a token asks for nothing that takes a second person: sign in to do this",
)
FULL = Words("等待确认的变更太多，请先处理", "too many changes wait for a second person: deal with some first")


class NeedsSecondError(Exception):
    """The act was done and must be undone until somebody confirms it. ``handover``: for a password without e-mail."""

    def __init__(
        self, gains: Mapping[str, Mapping[str, Words]], about: Iterable[int], *, handover: bool = False
    ) -> None:
        super().__init__("a second person has to agree")
        self.gains = gains
        self.about = sorted(set(about))
        self.handover = handover

    def said(self) -> dict[str, Any]:
        """As a change keeps it: codes of what is gained, by whom, and the roles in words."""
        words = {w.en: w for who, codes in self.gains.items() if who != AUTHOR for w in codes.values()}
        return {
            "gains": {who: sorted(codes) for who, codes in self.gains.items()},
            "roles": [one.json() for one in words.values()],
        }


_letters: ContextVar[list[Callable[[], None]] | None] = ContextVar("letters", default=None)
_confirmed: ContextVar[PendingChange | None] = ContextVar("confirmed", default=None)


@contextmanager
def confirmed(change: PendingChange) -> Iterator[None]:
    """Run an act that a second person has agreed to."""
    token = _confirmed.set(change)
    try:
        yield
    finally:
        _confirmed.reset(token)


def agreed() -> PendingChange | None:
    """The confirmed change that is being done."""
    return _confirmed.get()


def two_people(route: Route) -> Handler:
    """The route's handler under this rule."""
    handle = route.handle

    @wraps(handle)
    def run(call: Call) -> Answer:
        if call.known is None or call.viewer.person is None:
            return handle(call)
        try:
            with log.transaction():
                return _looked_at(call, route, handle)
        except NeedsSecondError as needed:
            if agreed() is not None:
                raise  # it brings more by now than was agreed to
            return _ask(call, route, needed)

    return run


type Powers = dict[int, dict[str, Words]]


def _powers(people: Iterable[int]) -> Powers:
    return {one: sensitive.powers(one) for one in people}


def at_the_end(send: Callable[[], None]) -> None:
    """Send a letter of the act under way once it is sure that it stands; an act that is not looked at sends it at once."""
    letters = _letters.get()
    if letters is None:
        send()
    else:
        letters.append(send)


def _looked_at(call: Call, route: Route, handle: Handler) -> Answer:
    """The act, done and looked at; its letters leave last, and undo it when they cannot."""
    letters: list[Callable[[], None]] = []
    token = _letters.set(letters)
    try:
        answer = _tried(call, route, handle)
    finally:
        _letters.reset(token)
    for send in letters:
        send()
    return answer


def _tried(call: Call, route: Route, handle: Handler) -> Answer:
    people, always = _named(call, route), _always(call, route)
    before, was = _powers(people), companies.now()
    if route.id in PERMIT:
        _permit(call, route, before)
    answer = handle(call)
    made = _made(call, answer)
    after, became = _powers({*people, *made}), companies.now()
    kept.refuse(was, became)
    gains: dict[str, dict[str, Words]] = {}
    for one, held in after.items():
        had = before.get(one, {})
        fresh = had if always else {code: words for code, words in held.items() if code not in had}
        if fresh:
            gains["new" if one in made else str(one)] = fresh
    assert call.person is not None
    sight = own_sight.gained(was, became, call.person) if became.world is not was.world else {}
    if sight:
        gains[AUTHOR] = sight
    if gains and not _covers(agreed(), gains):
        raise NeedsSecondError(gains, people)
    return answer


def _always(call: Call, route: Route) -> bool:
    """Whether the act takes two people whenever it concerns somebody who holds a sensitive role: a reset, and another
    address, to which a reset would go."""
    if route.id != CHANGE:
        return route.id == RESET
    address = (call.body or {}).get("email", "same")
    return address != "same" and not Person.objects.filter(pk=int(call.path["id"]), email=address or "").exists()


def _named(call: Call, route: Route) -> set[int]:
    """The people whom the request names, and whom a department that moves takes along."""
    body = call.body if isinstance(call.body, dict) else {}
    given = [source[name] for source in (call.path, body) for name in PEOPLE if source.get(name)]
    if route.path.startswith(ABOUT):
        given.append(call.path.get("id", ""))
    numbers = {int(one) for one in given if isinstance(one, str) and one.isascii() and one.isdigit() and len(one) < 19}
    found = set(Person.objects.filter(pk__in=numbers).values_list("pk", flat=True))
    if route.id == DEPARTMENT and "parent" in body and sensitive.by_department():
        below = tree.load_tree().below(int(call.path["id"]))
        posts = Assignment.objects.filter(department_id__in=below).exclude(ends__lte=clock.now())
        found |= set(posts.exclude(person__status=Person.LEFT).values_list("person_id", flat=True))
    return found


def _made(call: Call, answer: Answer) -> set[int]:
    place, _, number = answer.location.rpartition("/")
    return {int(number)} if place == "/organisation/people" and "id" not in call.path else set()


def _covers(change: PendingChange | None, gains: Mapping[str, Mapping[str, Words]]) -> bool:
    """Whether what somebody agreed to is all that would be gained: roles may have grown meanwhile."""
    return change is not None and all(set(codes) <= set(change.gains.get(who, ())) for who, codes in gains.items())


def _permit(call: Call, route: Route, people: Powers) -> None:
    """Use up the permit for just this request, or ask for one where the role is sensitive."""
    role = (call.body or {}).get("role")
    gains = {str(one): {role: held[role]} for one, held in people.items() if role in held}
    if not gains:
        return
    rows = PendingChange.objects.select_for_update().filter(
        act=route.id, author_id=call.person, state=PendingChange.CONFIRMED, ends__gt=clock.now()
    )
    found = next((one for one in rows if one.path == dict(call.path) and one.body == call.body), None)
    if found is None:
        raise NeedsSecondError(gains, people)
    found.state, found.done_at = PendingChange.DONE, clock.now()
    found.save(update_fields=["state", "done_at"])


def _ask(call: Call, route: Route, needed: NeedsSecondError) -> Answer:
    """Remember the request as it was sent, for a second person."""
    from heli.api import org_requests

    if call.viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    with log.transaction():
        now = clock.now()
        waiting = PendingChange.objects.filter(state=PendingChange.OPEN, ends__gt=now)
        same = next(
            (o for o in waiting.filter(act=route.id, author_id=call.person)
             if o.path == dict(call.path) and o.body == (call.body or {})), None,
        )  # fmt: skip
        if same is not None and not needed.handover:
            return Answer({"pending": org_requests.said(call, same)}, 202, replay="body")
        if waiting.count() >= MOST_OPEN:
            raise Conflict(FULL, code="too_many")
        half = secrets.token_hex(8) if needed.handover else ""
        made = PendingChange.objects.create(
            act=route.id, path=dict(call.path), body=call.body or {}, about=needed.about,
            name=_name(needed.about) if "id" in call.path else str((call.body or {}).get("name", ""))[:200],
            **needed.said(), author_id=call.person, at=now, ends=now + WAITS, first=digest(half) if half else "",
        )  # fmt: skip
        told(call, made, "change.ask")
    answer: dict[str, Any] = {"pending": org_requests.said(call, made)}
    if half:
        return Answer({**answer, "first_half": half}, 202, replay="never")
    return Answer(answer, 202, replay="body")


def digest(half: str) -> str:
    """What is kept of a half: it is random and long enough that its digest gives nothing away."""
    return hashlib.sha256(b"heli half\0" + half.encode()).hexdigest()


def told(call: Call, change: PendingChange, action: str, reason: str = "") -> None:
    """One step of a change in the log."""
    by = call.viewer.actor
    log.append(
        log.EntryData(
            action=action, object_type="change", object_id=change.pk, actor_id=by.person, actor_name=by.name,
            acting_for_id=by.acting_for, origin=by.origin, via=by.via, reason=reason,
            after={"act": change.act, "people": change.about, "gains": change.gains},
        )
    )  # fmt: skip


def _name(people: Iterable[int]) -> str:
    names = Person.objects.filter(pk__in=list(people)[:3]).order_by("pk").values_list("display_name", flat=True)
    return "、".join(names)[:200]


def guarded(route: Route) -> Route:
    """The same route under the rule, which says so."""
    from heli.api.common import ref

    return replace(route, handle=two_people(route), answers={**route.answers, 202: ref("Waiting")})
