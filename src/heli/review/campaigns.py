"""Making a campaign: which rights of whom, judged and risk first, in small batches for those who can judge them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Max

from heli.access.facts import GrantFact, World
from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org.models import Department, Person
from heli.org.tree import names_of
from heli.review import judging, rights, told_of
from heli.review.evidence import Uses
from heli.review.holders import SHARED, Company, Holding, Reviewers
from heli.review.judge import Judge, Judged
from heli.review.models import Batch, Campaign, Item
from heli.review.titles import KINDS

SIZE = 12
"""Items of a batch."""
MOST = 50_000
"""Items of a campaign."""
SHORTEST, LONGEST = 3, 90
"""Days: within one or two nobody answers, and what nobody answers ends."""
DAYS = 14
TRIFLE = 12
"""Rights of fewer points (one's own tasks, the price list) are not worth anybody's time in a campaign over everything."""

ENDED = Words("{name}已经提前结束了这次复核。原因：{why}", "{name} has ended this review early. Reason: {why}")
NOTHING = Words("这个范围内没有需要复核的权限", "there is nothing to review in this circle")
TOO_MANY = Words(f"超过 {MOST} 项；请按部门分别复核", f"more than {MOST} rights: review them department by department")
NO_DEPARTMENT = Words("没有这个部门", "no such department")
NEEDS_DEPARTMENT = Words("请选择部门", "choose a department")
NOT_ONE = Words("只有按部门复核时才选部门", "only a campaign over a department names one")


@dataclass(frozen=True, slots=True)
class Found:
    """An item before it is written."""

    reviewer: int
    person: int | None
    grant: GrantFact
    carrier: str
    judged: Judged


def start(by: Actor, kind: str, *, department: int | None = None, title: str = "", days: int = DAYS) -> Campaign:
    """Begin a campaign and hand out its batches. Whether ``by`` may is decided above.

    Raises Invalid for a wrong circle or deadline, Conflict when there is nothing to review.
    """
    moment = clock.now()
    if kind not in KINDS:
        raise Invalid(Problem("kind", "unknown", Words("没有这种复核", "no such kind of review")))
    if not SHORTEST <= days <= LONGEST:
        words = Words(
            f"应为 {SHORTEST} 到 {LONGEST} 天：再短没有人来得及答复",
            f"from {SHORTEST} to {LONGEST} days: nobody has time to answer in fewer",
        )
        raise Invalid(Problem("days", "range", words))
    if (kind == Campaign.DEPARTMENT) != (department is not None):
        raise Invalid(Problem("department", "required", NEEDS_DEPARTMENT if department is None else NOT_ONE))
    node = Department.objects.filter(pk=department, closed_at=None).first() if department is not None else None
    if department is not None and node is None:
        raise Invalid(Problem("department", "unknown", NO_DEPARTMENT))
    with log.transaction():
        company = Company(World.load(), moment)
        found = sorted(_items(company, kind, department), key=lambda f: (-f.judged.risk, f.grant.id, f.person or 0))
        if not found:
            raise Conflict(NOTHING, code="nothing")
        if len(found) > MOST:
            raise Conflict(TOO_MANY, code="too_many")
        name = title.strip() or (node.name if node is not None else KINDS[kind].zh)
        made = Campaign.objects.create(
            title=name, kind=kind, department_id=department, created_by=by.person, due=moment + timedelta(days=days)
        )
        _hand_out(made, found)
        judging.hand_out(made, (one.reviewer for one in found))
        tell(by, "review.start", made.pk, after={"kind": kind, "title": name, "items": len(found), "due": made.due})
    return made


def tell(
    by: Actor,
    action: str,
    key: object,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> None:
    """One audit entry about a review."""
    log.append(
        EntryData(
            action=action, object_type=action.partition(".")[0], object_id=str(key), actor_id=by.person,
            actor_name=by.name, acting_for_id=by.acting_for, origin=by.origin, via=by.via, before=before, after=after,
            reason=reason,
        )
    )  # fmt: skip


def _items(company: Company, kind: str, department: int | None) -> Iterator[Found]:
    uses = Uses(g.id for g in company.grants)
    rows = Person.objects.values_list("pk", "kind")
    kinds = dict(rows)
    judge = Judge(company, uses, kinds)
    reviewers = Reviewers(company)
    inside = company.world.tree.below(department) if department is not None else frozenset()
    for grant in company.grants:
        given = rights.of_grant(grant)
        if kind == Campaign.SENSITIVE and not given.secret:
            continue
        holdings = company.by_grant[grant.id]
        if grant.kind in SHARED and kind in (Campaign.ALL, Campaign.SENSITIVE):
            if given.points >= TRIFLE:
                reviewer = reviewers.of_shared(grant)
                if reviewer is not None:
                    holders = sum(h.person in company.world.people for h in holdings)
                    yield Found(reviewer, None, grant, "", judge.shared(grant, holders))
            continue
        for held in holdings:
            if _concerned(company, judge, kinds, kind, inside, held):
                reviewer = reviewers.of_person(held.person)
                if reviewer is not None:
                    yield Found(reviewer, held.person, grant, held.carrier, judge.one(held))


def _concerned(
    company: Company, judge: Judge, kinds: dict[int, str], kind: str, inside: frozenset[int], held: Holding
) -> bool:
    """Whether a person's hold belongs into this kind of campaign."""
    here = held.person in company.world.people
    match kind:
        case Campaign.DEPARTMENT:
            return here and company.department(held.person) in inside
        case Campaign.LEAVERS:
            return not here or judge.leaving_on(held.person) is not None
        case Campaign.OUTSIDERS:
            return here and kinds.get(held.person) in (Person.CONTRACTOR, Person.SERVICE)
    return True


def _hand_out(campaign: Campaign, found: Sequence[Found]) -> None:
    """Cut what each reviewer gets into batches, the riskiest first."""
    theirs: dict[int, list[Found]] = defaultdict(list)
    for one in found:
        theirs[one.reviewer].append(one)
    batches = [
        Batch(campaign=campaign, reviewer_id=reviewer, number=at // SIZE + 1)
        for reviewer, some in theirs.items()
        for at in range(0, len(some), SIZE)
    ]
    made = {(b.reviewer_id, b.number): b for b in Batch.objects.bulk_create(batches)}
    Item.objects.bulk_create(
        [
            Item(
                campaign=campaign, batch=made[reviewer, at // SIZE + 1], person_id=one.person, grant_id=one.grant.id,
                via=one.grant.kind, carrier=one.carrier, risk=one.judged.risk, band=one.judged.band,
                secret=one.judged.secret, facts=one.judged.facts, due=campaign.due,
            )
            for reviewer, some in theirs.items()
            for at, one in enumerate(some)
        ],
        batch_size=200,
    )  # fmt: skip


def batch_with_room(campaign: Campaign, reviewer: int) -> Batch:
    """A batch of this reviewer that takes one more item, made when there is none."""
    last = Batch.objects.filter(campaign=campaign, reviewer_id=reviewer).aggregate(n=Max("number"))["n"] or 0
    found = Batch.objects.filter(campaign=campaign, reviewer_id=reviewer, number=last).first() if last else None
    if found is not None and found.items.count() < SIZE and found.items.filter(state=Item.PENDING).exists():
        return found
    return Batch.objects.create(campaign=campaign, reviewer_id=reviewer, number=last + 1)


def move_items(by: Actor, items: Sequence[Item], reviewer: int) -> None:
    """Give items of one campaign to another reviewer, in the caller's transaction."""
    former = {one.batch.reviewer_id for one in items}
    for one in items:
        one.batch = batch_with_room(one.campaign, reviewer)
        one.save(update_fields=["batch"])
    for campaign in {one.campaign for one in items}:
        judging.look(by, campaign, {*former, reviewer})


def get(pk: int) -> Campaign:
    """Raises NotFound."""
    found = Campaign.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def refuse_ended(campaign: Campaign) -> None:
    """Raises Conflict, saying who ended it and why, for a campaign that was ended early."""
    if campaign.ended_at is not None:
        raise Conflict(ENDED.fill(name=ender(campaign), why=campaign.ended_why), code="ended")


def ender(campaign: Campaign) -> str:
    """The name of who ended it early."""
    found = names_of([campaign.ended_by]) if campaign.ended_by is not None else {}
    return next((name for _, name in found.values()), "?")


def close_when_settled(campaign: Campaign) -> None:
    """A campaign of which nothing is pending any more is over."""
    if campaign.closed_at is None and not campaign.items.filter(state=Item.PENDING).exists():
        campaign.closed_at = clock.now()
        campaign.save(update_fields=["closed_at"])
        told_of.closed(campaign)


def reviewer_for(item: Item, *, but: int | None = None) -> int | None:
    """Who should judge this item now, other than ``but``; None when there is nobody."""
    company = Company(World.load(), clock.now())
    reviewers = Reviewers(company, but=but)
    if item.person_id is not None:
        return reviewers.of_person(item.person_id)
    grant = company.world.all_grants.get(item.grant_id)
    if grant is None or grant.id not in company.by_grant:
        return next(iter(company.security), None)
    return reviewers.of_shared(grant)


__all__ = [
    "KINDS",
    "batch_with_room",
    "close_when_settled",
    "ender",
    "get",
    "move_items",
    "names_of",
    "refuse_ended",
    "reviewer_for",
    "start",
    "tell",
]
