"""What stands open with a person besides records and rights: what waits for them, runs on their word, or is half done.

``fates`` says of each thing what would become of it; ``settle`` does exactly that, so that what was shown is what happens.
Titles of records are not told: who administers the organisation sees no customer's data.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from heli.access import view as views
from heli.access.models import Role
from heli.access.view import View
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.lending import pass_on
from heli.lending.models import Loan, Request
from heli.org import verbs as org
from heli.org.models import Deputy, Person
from heli.org.tree import names_of
from heli.policy import drafts, sandbox
from heli.policy.models import Draft, Tester
from heli.records.reasons import action_words
from heli.records.types import TYPES
from heli.review import campaigns
from heli.review.campaigns import tell
from heli.review.handover import SELF, UNFIT
from heli.review.models import Batch, Item

ASKED, APPROVING, BORROWED, LENT, KEEPING = "asked", "approving", "borrowed", "lent", "keeping"
EMERGENCIES, DECLARED, DEPUTIES, DRAFTS, TESTING, REVIEWS = (
    "emergencies", "declared", "deputies", "drafts", "testing", "reviews",
)  # fmt: skip
KINDS = (ASKED, APPROVING, BORROWED, LENT, KEEPING, EMERGENCIES, DECLARED, DEPUTIES, DRAFTS, TESTING, REVIEWS)
PASSED = (APPROVING, LENT, KEEPING, DRAFTS, TESTING, REVIEWS)
"""What another can take over."""
ENDED = (ASKED, APPROVING, BORROWED, LENT, KEEPING, DEPUTIES, DRAFTS, TESTING, REVIEWS)
"""What can be ended for who stays."""
STAYS, ENDS, GOES, WEEK, NOBODY, WITHDRAWN = "stays", "ends", "goes", "week", "nobody", "withdrawn"
"""What becomes of a thing: it stays theirs; ends; goes to somebody; ends within a week unless somebody keeps it; waits for
somebody who could answer it; is given up."""
OUTCOMES = (STAYS, ENDS, GOES, WEEK, NOBODY, WITHDRAWN)
MOST = 500

ROLE = Words("角色「{role}」", "role {role}")
WANT = Words("{action}一条{type}", "{action} one {type}")
FOR = Words("代理{flow}", "stands in{flow}")
AWAY = Words("由别人代理", "is stood in for")
BATCH = Words("{title} · 第 {n} 批，{k} 项待定", "{title}, batch {n}, {k} to decide")
NO_KIND = Words("不能交接或结束这一类", "this kind of thing is neither passed on nor ended")
NO_THING = Words("此人名下没有这一项", "this person has no such thing")
NOT_SECURITY = Words(
    "接手草稿的人应能修改权限策略", "whoever takes over drafts must be able to change the policy"
)  # fmt: skip
LEFT_TEXT = Words("作者离职，且无人接手", "its author has left, and nobody took it over")
ENDED_TEXT = Words("作者转岗，交接时撤回", "its author moved to another post; given up with the hand-over")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a person's. ``other``: whom it also concerns."""

    kind: str
    id: str
    what: Words
    other: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of a thing; ``to``: who has it from then on, or is asked about it."""

    thing: Thing
    outcome: str
    to: int | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to become of things as sent: who takes over which kind, and (of who stays) what ends."""

    takers: Mapping[str, int]
    ends: frozenset[tuple[str, str]]


def held(person: int) -> list[Thing]:
    """Everything that stands open with a person, by kind."""
    return [
        *(_request(ASKED, one, one.approver_id) for one in pass_on.asked(person)),
        *(_request(APPROVING, one, one.borrower_id or one.asker_id) for one in pass_on.approving(person)),
        *(_loan(BORROWED, one, one.lender_id) for one in pass_on.borrowed(person)),
        *(_loan(LENT, one, one.borrower_id) for one in pass_on.lent(person)),
        *(_loan(KEEPING, one, one.borrower_id) for one in pass_on.keeping(person)),
        *(
            Thing(kind, str(one.pk), Words(one.title, one.title), one.declared_by, one.ends)
            for kind, some in ((EMERGENCIES, pass_on.named_in(person)), (DECLARED, pass_on.declared(person)))
            for one in some
        ),
        *_deputies(person),
        *(
            Thing(DRAFTS, str(one.pk), Words(one.title, one.title), next(iter(_others(one, person)), None))
            for one in _drafts(person)
        ),
        *(
            Thing(TESTING, str(one.draft_id), Words(one.draft.title, one.draft.title), one.asked_by)
            for one in Tester.objects.filter(person_id=person, released_at=None, draft__state__in=sandbox.OPEN)
            .select_related("draft").order_by("pk")[:MOST]
        ),
        *_reviews(person),
    ]  # fmt: skip


def _what(type_: str, action: str) -> Words:
    kind = TYPES.get(type_)
    return WANT.fill(
        action=action_words(kind, action) if kind is not None else action,
        type=kind.words if kind is not None else type_,
    )


def _request(kind: str, one: Request, other: int | None) -> Thing:
    if one.kind == Request.ROLE:
        role = Role.objects.filter(code=one.role).first()
        name = Words(role.name, role.name_en or role.name) if role is not None else one.role
        return Thing(kind, one.pk, ROLE.fill(role=name), other)
    return Thing(kind, one.pk, _what(one.type, one.action), other)


def _loan(kind: str, one: Loan, other: int | None) -> Thing:
    return Thing(kind, str(one.pk), _what(one.type, one.action), other, one.ends)


def _deputies(person: int) -> Iterable[Thing]:
    rows = Deputy.objects.filter(Q(principal=person) | Q(deputy=person), Q(ends=None) | Q(ends__gt=clock.now()))
    for one in rows.order_by("pk")[:MOST]:
        away = one.principal_id == person
        words = AWAY if away else FOR.fill(flow="")
        yield Thing(DEPUTIES, str(one.pk), words, one.deputy_id if away else one.principal_id, one.ends)


def _drafts(person: int) -> list[Draft]:
    """Drafts that are worked on and that this person had a hand in, the latest first; none of who has left: others go on."""
    if not Person.objects.filter(pk=person).exclude(status=Person.LEFT).exists():
        return []
    rows = Draft.objects.filter(state__in=[Draft.OPEN, Draft.SUBMITTED]).order_by("-changed_at", "-pk")[:MOST]
    return [one for one in rows if person == one.created_by or person in one.authors]


def _others(draft: Draft, person: int) -> list[int]:
    """Others who work on it and are here."""
    some = [one for one in draft.authors if one != person]
    here = set(Person.objects.filter(pk__in=some, status=Person.ACTIVE).values_list("pk", flat=True)) if some else set()
    return [one for one in some if one in here]


def _reviews(person: int) -> Iterable[Thing]:
    waiting = Item.objects.filter(batch__reviewer_id=person, state=Item.PENDING)
    counts: dict[int, int] = {}
    for batch in waiting.values_list("batch", flat=True):
        counts[batch] = counts.get(batch, 0) + 1
    for one in Batch.objects.filter(pk__in=counts).select_related("campaign").order_by("pk"):
        words = BATCH.fill(title=one.campaign.title, n=one.number, k=counts[one.pk])
        yield Thing(REVIEWS, str(one.pk), words, None, one.campaign.due)


def parse(takers: Sequence[Mapping[str, Any]], ends: Sequence[Mapping[str, Any]], person: int, by: int | None) -> Asked:
    """What is asked for as sent. Raises Invalid naming each wrong place."""
    problems: list[Problem] = []
    chosen: dict[str, int] = {}
    fit = set(
        Person.objects.filter(status=Person.ACTIVE, pk__in=[int(one["to"]) for one in takers])
        .exclude(kind=Person.SERVICE).values_list("pk", flat=True)
    )  # fmt: skip
    for at, one in enumerate(takers):
        kind, to = one["kind"], int(one["to"])
        if kind not in PASSED:
            problems.append(Problem(f"takers/{at}/kind", "unknown", NO_KIND))
        elif to == by:
            problems.append(Problem(f"takers/{at}/to", "self", SELF))
        elif to not in fit or to == person:
            problems.append(Problem(f"takers/{at}/to", "unfit", UNFIT))
        elif kind == DRAFTS and not views.of(to).may("policy", "administer"):
            problems.append(Problem(f"takers/{at}/to", "unfit", NOT_SECURITY))
        chosen[kind] = to
    known = {(one.kind, one.id) for one in held(person)} if ends else set()
    for at, one in enumerate(ends):
        if one["kind"] not in ENDED:
            problems.append(Problem(f"end/{at}/kind", "unknown", NO_KIND))
        elif (one["kind"], one["id"]) not in known:
            problems.append(Problem(f"end/{at}/id", "unknown", NO_THING))
    if problems:
        raise Invalid(problems)
    return Asked(chosen, frozenset((one["kind"], one["id"]) for one in ends))


def leaving(person: int, asked: Asked) -> list[Fate]:
    """What becomes of everything when the person leaves: nothing stays theirs."""
    return [_fate(one, person, asked.takers.get(one.kind), True) for one in held(person)]


def moving(person: int, asked: Asked, view: View | None = None, places: Collection[int] = ()) -> list[Fate]:
    """The same for another post (``view`` and ``places`` as they will then be): what is neither passed on nor ended stays."""
    then = {str(one.pk) for one in pass_on.named_in(person, view, places)} if view is not None else None
    found = []
    for one in held(person):
        taker = asked.takers.get(one.kind)
        if one.kind == EMERGENCIES:
            found.append(Fate(one, STAYS if then is None or one.id in then else ENDS))
        elif taker is not None or (one.kind, one.id) in asked.ends:
            found.append(_fate(one, person, taker, False))
        else:
            found.append(Fate(one, STAYS))
    return found


def _fate(one: Thing, person: int, taker: int | None, goes: bool) -> Fate:
    """What becomes of one thing that does not stay; ``goes``: the person leaves."""
    if one.kind == APPROVING:
        to = pass_on.next_for(Request.objects.get(pk=one.id), taker, [person])
        return Fate(one, GOES if to is not None else NOBODY, to)
    if one.kind in (LENT, KEEPING):
        to = pass_on.next_for(Loan.objects.get(pk=int(one.id)), taker, [person])
        if one.kind == LENT and goes:
            return Fate(one, WEEK, to)
        return Fate(one, GOES, to) if to is not None and to == taker else Fate(one, ENDS)
    if one.kind == DRAFTS:
        return _of_draft(one, person, taker)
    if one.kind == TESTING:
        return Fate(one, GOES if taker is not None else ENDS, taker)
    if one.kind == REVIEWS:
        return Fate(one, GOES, taker)
    return Fate(one, STAYS if one.kind == DECLARED else ENDS)


def _of_draft(one: Thing, person: int, taker: int | None) -> Fate:
    draft = drafts.get(int(one.id))
    if taker is not None:
        return Fate(one, GOES, taker)
    others = _others(draft, person)
    if others:
        return Fate(one, GOES, others[0])
    return Fate(one, STAYS if draft.state == Draft.SUBMITTED else WITHDRAWN)


def settle(by: Actor, person: int, fates: Iterable[Fate], *, leaves: bool) -> None:
    """Let it be so, in the caller's transaction, before the person leaves or moves. What lending and the organisation end
    themselves when somebody leaves is left to them; ``settle_lent`` follows then."""
    for one in fates:
        if one.outcome != STAYS:
            _settle(by, person, one, leaves)


def _settle(by: Actor, person: int, fate: Fate, leaves: bool) -> None:
    one, to = fate.thing, fate.to
    if one.kind == APPROVING:
        pass_on.pass_request(by, one.id, person, to)
    elif one.kind == KEEPING or (one.kind == LENT and fate.outcome == GOES):
        pass_on.ask_keeper(by, int(one.id), to)
    elif one.kind == DRAFTS and fate.outcome == WITHDRAWN:
        text = LEFT_TEXT if leaves else ENDED_TEXT
        drafts.withdraw(by, int(one.id), drafts.get(int(one.id)).revision, f"{text.zh}\n{text.en}")
    elif one.kind == DRAFTS and to is not None:
        drafts.take_over(by, int(one.id), person, to)
    elif one.kind == TESTING:
        sandbox.pass_on(by, int(one.id), person, to)
    elif one.kind == REVIEWS and (to is not None or not leaves):
        _pass_batch(by, int(one.id), person, to)
    elif not leaves:
        _end(by, person, one)


def _end(by: Actor, person: int, one: Thing) -> None:
    """End what a leaving would end by itself."""
    if one.kind == ASKED:
        pass_on.withdraw(by, one.id, person)
    elif one.kind in (BORROWED, LENT):
        pass_on.end_loan(by, int(one.id), person)
    elif one.kind == DEPUTIES:
        org.end_deputy(by, int(one.id))


def settle_lent(by: Actor, fates: Iterable[Fate]) -> None:
    """Who is asked whether a leaver's loans go on; after the leaving, which shortens them."""
    for one in fates:
        if one.thing.kind == LENT and one.outcome == WEEK and one.to is not None:
            pass_on.ask_keeper(by, int(one.thing.id), one.to)


def _pass_batch(by: Actor, batch: int, person: int, to: int | None) -> None:
    """Give a batch's pending items to somebody; what is that person's own right goes to who judges it."""
    rows = Item.objects.select_for_update(of=("self",)).filter(batch_id=batch, state=Item.PENDING)
    for item in rows.select_related("campaign").order_by("pk"):
        heir = to if to is not None and to != item.person_id else campaigns.reviewer_for(item, but=person)
        if heir is not None:
            campaigns.move_items([item], heir)
            tell(
                by,
                "review.delegate",
                item.pk,
                before={"reviewer": person},
                after={"reviewer": heir},
                reason="hand-over",
            )


def said(things: Sequence[Thing]) -> list[dict[str, Any]]:
    """As the page shows them, by kind."""
    names = names_of(one.other for one in things if one.other is not None)
    return [_said(one, names) for one in things]


def told(fates: Sequence[Fate]) -> list[dict[str, Any]]:
    """Each with what becomes of it."""
    pks = {pk for one in fates for pk in (one.thing.other, one.to) if pk is not None}
    names = names_of(pks)
    return [
        {**_said(one.thing, names), "outcome": one.outcome, "to": _who(one.to, names)} for one in fates
    ]  # fmt: skip


def _said(one: Thing, names: Mapping[int, tuple[str, str]]) -> dict[str, Any]:
    return {
        "kind": one.kind, "id": one.id, "what": one.what.json(), "other": _who(one.other, names),
        "until": one.until.strftime("%Y-%m-%dT%H:%M:%SZ") if one.until is not None else None,
    }  # fmt: skip


def _who(pk: int | None, names: Mapping[int, tuple[str, str]]) -> dict[str, str] | None:
    found = names.get(pk) if pk is not None else None
    return {"id": str(pk), "username": found[0], "name": found[1]} if found is not None else None
