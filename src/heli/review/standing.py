"""What stands open with a person besides records and rights: what waits for them, runs on their word, or is half done.

Titles of records are not told: who administers the organisation sees no customer's data. Those of drafts, reviews and
emergencies are told to who may read them. What becomes of it: ``fates``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from heli.access.models import Role
from heli.kernel import clock
from heli.kernel.words import Words
from heli.lending import pass_on
from heli.lending.models import Loan, Request
from heli.org.models import Deputy, Person, Position
from heli.org.tree import names_of
from heli.policy import sandbox
from heli.policy.models import Draft, Tester
from heli.records.reasons import action_words
from heli.records.types import TYPES
from heli.review import titles
from heli.review.models import Batch, Item

ASKED, APPROVING, BORROWED, LENT, KEEPING = "asked", "approving", "borrowed", "lent", "keeping"
EMERGENCIES, DECLARED, DEPUTIES, DRAFTS, TESTING, REVIEWS = (
    "emergencies", "declared", "deputies", "drafts", "testing", "reviews",
)  # fmt: skip
KINDS = (ASKED, APPROVING, BORROWED, LENT, KEEPING, EMERGENCIES, DECLARED, DEPUTIES, DRAFTS, TESTING, REVIEWS)
MOST = 500

ROLE = Words("角色「{role}」", "role {role}")
POST = Words("岗位「{post}」", "position {post}")
WANT = Words("{action}一条{type}", "{action} one {type}")
FOR = Words("代理{flow}", "stands in{flow}")
AWAY = Words("由别人代理", "is stood in for")
DRAFT = Words("一份权限草稿 D-{id}", "a draft of the rules, D-{id}")
EMERGENCY = Words("一次紧急状态", "an emergency")
REVIEW = Words("一次复核", "a review")
BATCH = Words("{title} · 第 {n} 批，{k} 项待定", "{title}, batch {n}, {k} to decide")


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a person's. ``other``: whom it also concerns."""

    kind: str
    id: str
    what: Words
    other: int | None = None
    until: datetime | None = None
    bare: Words | None = None
    """What is told of it to who may not read its title; None: it has none."""


type Reads = Callable[[Thing], bool]
"""Whether whoever asks may read the title of a thing."""


def held(person: int) -> list[Thing]:
    """Everything that stands open with a person, by kind."""
    return [
        *(_request(ASKED, one, one.approver_id) for one in pass_on.asked(person)),
        *(_request(APPROVING, one, one.borrower_id or one.asker_id) for one in pass_on.approving(person)),
        *(_loan(BORROWED, one, one.lender_id) for one in pass_on.borrowed(person)),
        *(_loan(LENT, one, one.borrower_id) for one in pass_on.lent(person)),
        *(_loan(KEEPING, one, one.borrower_id) for one in pass_on.keeping(person)),
        *(
            Thing(kind, str(one.pk), Words(one.title, one.title), one.declared_by, one.ends, EMERGENCY)
            for kind, some in ((EMERGENCIES, pass_on.named_in(person)), (DECLARED, pass_on.declared(person)))
            for one in some
        ),
        *_deputies(person),
        *(_draft(DRAFTS, one, next(iter(others(one, person)), None)) for one in _drafts(person)),
        *(
            _draft(TESTING, one.draft, one.asked_by)
            for one in Tester.objects.filter(person_id=person, released_at=None, draft__state__in=sandbox.OPEN)
            .select_related("draft").order_by("pk")[:MOST]
        ),
        *_reviews(person),
    ]  # fmt: skip


def _draft(kind: str, one: Draft, other: int | None) -> Thing:
    return Thing(kind, str(one.pk), Words(one.title, one.title), other, bare=DRAFT.fill(id=one.pk))


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
    if one.kind == Request.POSITION:
        job = Position.objects.filter(pk=one.position_id or 0).first()
        name = Words(job.name, job.name_en or job.name) if job is not None else Words("?", "?")
        return Thing(kind, one.pk, POST.fill(post=name), other)
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


def others(draft: Draft, person: int) -> list[int]:
    """Others who work on it and are here."""
    some = [one for one in draft.authors if one != person]
    here = set(Person.objects.filter(pk__in=some, status=Person.ACTIVE).values_list("pk", flat=True)) if some else set()
    return [one for one in some if one in here]


def _reviews(person: int) -> Iterable[Thing]:
    waiting = Item.objects.filter(batch__reviewer_id=person, state=Item.PENDING)
    counts: dict[int, int] = {}
    for batch in waiting.values_list("batch", flat=True):
        counts[batch] = counts.get(batch, 0) + 1
    batches = list(Batch.objects.filter(pk__in=counts).select_related("campaign").order_by("pk"))
    titled = titles.many(one.campaign for one in batches)
    for one in batches:
        words = BATCH.fill(title=titled[one.campaign_id], n=one.number, k=counts[one.pk])
        bare = BATCH.fill(title=REVIEW, n=one.number, k=counts[one.pk])
        yield Thing(REVIEWS, str(one.pk), words, None, one.campaign.due, bare)


def said(things: Sequence[Thing], reads: Reads) -> list[dict[str, Any]]:
    """As the page shows them, by kind."""
    names = names_of(one.other for one in things if one.other is not None)
    return [said_one(one, names, reads) for one in things]


def said_one(one: Thing, names: Mapping[int, tuple[str, str]], reads: Reads) -> dict[str, Any]:
    what = one.what if one.bare is None or reads(one) else one.bare
    return {
        "kind": one.kind, "id": one.id, "what": what.json(), "other": who(one.other, names),
        "until": one.until.strftime("%Y-%m-%dT%H:%M:%SZ") if one.until is not None else None,
    }  # fmt: skip


def who(pk: int | None, names: Mapping[int, tuple[str, str]]) -> dict[str, str] | None:
    found = names.get(pk) if pk is not None else None
    return {"id": str(pk), "username": found[0], "name": found[1]} if found is not None else None
