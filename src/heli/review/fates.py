"""What becomes of what stands open with somebody who leaves or moves: foretold, and then done exactly so."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access import view as views
from heli.access.view import View
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.lending import pass_on
from heli.lending.models import Loan, Request
from heli.org import verbs as org
from heli.org.models import Person
from heli.org.tree import names_of
from heli.policy import drafts, sandbox
from heli.policy.models import Draft
from heli.review import campaigns
from heli.review.campaigns import tell
from heli.review.handover import SELF, UNFIT
from heli.review.models import Item
from heli.review.standing import (
    APPROVING,
    ASKED,
    BORROWED,
    DECLARED,
    DEPUTIES,
    DRAFTS,
    EMERGENCIES,
    KEEPING,
    LENT,
    REVIEWS,
    TESTING,
    Reads,
    Thing,
    held,
    others,
    said_one,
    who,
)

STAYS, ENDS, GOES, WEEK, NOBODY, WITHDRAWN = "stays", "ends", "goes", "week", "nobody", "withdrawn"
"""What becomes of a thing: it stays theirs; ends; goes to somebody; ends within a week unless somebody keeps it; waits for
somebody who could answer it; is given up."""
OUTCOMES = (STAYS, ENDS, GOES, WEEK, NOBODY, WITHDRAWN)
PASSED = (APPROVING, LENT, KEEPING, DRAFTS, TESTING, REVIEWS)
"""What another can take over."""
ENDED = (ASKED, APPROVING, BORROWED, LENT, KEEPING, DEPUTIES, DRAFTS, TESTING, REVIEWS)
"""What can be ended for who stays."""
NO_KIND = Words("不能交接或结束这一类", "this kind of thing is neither passed on nor ended")
NO_THING = Words("此人名下没有这一项", "this person has no such thing")
NOT_SECURITY = Words(
    "接手草稿的人应能修改权限策略", "whoever takes over drafts must be able to change the policy"
)  # fmt: skip
LEFT_TEXT = Words("作者离职，且无人接手", "its author has left, and nobody took it over")
ENDED_TEXT = Words("作者转岗，交接时撤回", "its author moved to another post; given up with the hand-over")


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
        elif one.kind == LENT and view is not None and not _lends_still(view, one):
            found.append(Fate(one, ENDS))
        else:
            found.append(Fate(one, STAYS))
    return found


def _lends_still(view: View, one: Thing) -> bool:
    loan = Loan.objects.get(pk=int(one.id))
    return loan.emergency_id is not None or pass_on.lends_still(view, loan)


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
    along = others(draft, person)
    if along:
        return Fate(one, GOES, along[0])
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
            campaigns.move_items(by, [item], heir)
            tell(
                by,
                "review.delegate",
                item.pk,
                before={"reviewer": person},
                after={"reviewer": heir},
                reason="hand-over",
            )


def told(fates: Sequence[Fate], reads: Reads) -> list[dict[str, Any]]:
    """Each with what becomes of it."""
    pks = {pk for one in fates for pk in (one.thing.other, one.to) if pk is not None}
    names = names_of(pks)
    return [
        {**said_one(one.thing, names, reads), "outcome": one.outcome, "to": who(one.to, names)} for one in fates
    ]  # fmt: skip
