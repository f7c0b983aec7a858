"""Two people for what would make one of them powerful.

Every route that changes the organisation is done first and looked at then: did somebody come to hold a sensitive right
(``policy.sensitive``)? If so all of it is undone and waits, as it was sent, for a second person (``org_requests``). On the same
occasion two things are refused outright: roles that a duty keeps apart meeting in one person, and the last one leaving who
could administer.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, Final

from heli.access import facts
from heli.access import view as views
from heli.api.models import PendingChange
from heli.api.route import Answer, Call, Handler, Route
from heli.audit import log
from heli.insight import company as companies
from heli.kernel import clock
from heli.kernel.errors import Conflict, Refused
from heli.kernel.words import Words
from heli.org import tree, zone
from heli.org.models import Assignment, Person
from heli.policy import checks, sensitive

WAITS: Final = timedelta(days=7)
MOST_OPEN: Final = 200
RESET, CHANGE, DEPARTMENT = "resetPassword", "changePerson", "changeDepartment"
PERMIT: Final = frozenset({"makeServiceToken"})
"""Acts whose answer is a secret: the second person permits them, and who asked does them again."""
ABOUT: Final = ("/organisation/people/{id}", "/access/people/{id}")
"""Routes that are about the person in the path."""
MOST_DAYS: Final = 32
"""Changes to come of one person's rights that are looked at ahead."""
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
            return _ask(call, route, needed)

    return run


type Course = list[tuple[datetime, frozenset[tuple[str, str]]]]
"""What somebody can administer, from the present on, each with the moment from which it is so."""


@dataclass(slots=True)
class _People:
    """What some people hold at one moment."""

    powers: dict[int, dict[str, Words]] = field(default_factory=dict)
    roles: dict[int, dict[str, Words]] = field(default_factory=dict)
    able: dict[int, Course] = field(default_factory=dict)

    @staticmethod
    def of(people: Iterable[int]) -> _People:
        found = _People()
        for one in people:
            found.powers[one], found.roles[one] = sensitive.powers(one), sensitive.roles(one)
            found.able[one] = _course(one)
        return found


def _course(person: int) -> Course:
    found: Course = []
    view, moment = views.of(person), clock.now()
    for _ in range(MOST_DAYS):
        can = frozenset((code, action) for code, action, _ in checks.POWERS if view.may(code, action))
        found.append((moment, can))
        if view.until is None:
            break
        moment = view.until
        view = views.build(person, view.stamp, moment)
    return found


def _at(course: Course, moment: datetime) -> frozenset[tuple[str, str]]:
    """What somebody can do at a moment; before the first one, what they can at that."""
    return next((can for since, can in reversed(course) if since <= moment), course[0][1] if course else frozenset())


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
    before = _People.of(people)
    if route.id in PERMIT:
        _permit(call, route, before)
    answer = handle(call)
    made = _made(call, answer)
    after = _People.of({*people, *made})
    for one, roles in after.roles.items():
        sensitive.apart(_name([one]), before.roles.get(one, {}), roles)
    _somebody_left(before, after)
    gains: dict[str, dict[str, Words]] = {}
    for one, held in after.powers.items():
        had = before.powers.get(one, {})
        fresh = had if always else {code: words for code, words in held.items() if code not in had}
        if fresh:
            gains["new" if one in made else str(one)] = fresh
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
    if route.id == DEPARTMENT and body.get("parent") and sensitive.by_department():
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


def _somebody_left(before: _People, after: _People) -> None:
    """Raises Conflict when nobody could administer any more, now or from a day on: of whatever somebody loses by this, and
    for as long as they lose it, somebody else has to be able."""
    world: facts.World | None = None  # read once: between two people only their own is read again
    for since, until, (code, action) in sorted(set(_losses(before, after)), key=lambda one: one[0]):
        world = world or companies.now().world
        gap = checks.gap(world, code, action, since, until)
        if gap is not None:
            said = checks.NOBODY if gap <= clock.now() else checks.NOBODY_FROM
            what = next(words for c, a, words in checks.POWERS if (c, a) == (code, action))
            raise Conflict(said.fill(what=what, day=zone.told(gap, "%Y-%m-%d")), code="nobody")


def _losses(before: _People, after: _People) -> Iterator[tuple[datetime, datetime | None, tuple[str, str]]]:
    """What each of these people can administer no more, from when and until when they lose it (None: for good)."""
    for one, had in before.able.items():
        has = after.able.get(one, [])
        start = has[0][0] if has else clock.now()
        moments = sorted({start, *(m for m, _ in (*had, *has) if m > start)})
        for power in frozenset().union(*(can for _, can in had)):
            since: datetime | None = None
            for moment in moments:
                lost = power in _at(had, moment) and power not in _at(has, moment)
                if lost and since is None:
                    since = moment
                elif not lost and since is not None:
                    yield since, moment, power
                    since = None
            if since is not None:
                yield since, None, power


def _permit(call: Call, route: Route, people: _People) -> None:
    """Use up the permit for just this request, or ask for one where the role is sensitive."""
    role = (call.body or {}).get("role")
    gains = {str(one): {role: held[role]} for one, held in people.powers.items() if role in held}
    if not gains:
        return
    rows = PendingChange.objects.select_for_update().filter(
        act=route.id, author_id=call.person, state=PendingChange.CONFIRMED, ends__gt=clock.now()
    )
    found = next((one for one in rows if one.path == dict(call.path) and one.body == call.body), None)
    if found is None:
        raise NeedsSecondError(gains, people.powers)
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
            gains={who: sorted(codes) for who, codes in needed.gains.items()},
            roles=[w.json() for w in {w.en: w for codes in needed.gains.values() for w in codes.values()}.values()],
            author_id=call.person, at=now, ends=now + WAITS, first=digest(half) if half else "",
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
