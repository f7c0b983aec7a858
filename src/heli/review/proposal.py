"""What a reviewer would take from a right that is not personal: changes in the batch's draft, proposed to those who may publish.

Each item keeps its *wish* (what, for whom, down to what). The changes of a draft follow from the wishes of all its items, so that
one can be taken back without touching another that concerns the same post, grant or role. The reason of each stands as a
remark in the draft; when the batch is submitted the draft is, too, and the item says what became of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from heli.access.models import Grant
from heli.insight import company as companies
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.org.tree import names_of
from heli.policy import drafts, state
from heli.policy.models import Draft, Remark
from heli.policy.names import Names
from heli.review import judging, told_of
from heli.review.evidence import Uses
from heli.review.judge import KEEP
from heli.review.models import Batch, Item
from heli.review.wishes import HOLDERS, NARROW, PERSON, REVOKE, ROLE, Thing, Things, Told, Wish, member, same, things

TITLE = "复核：{title} · {who} · 第 {n} 批"
UNANSWERED = Words("到期没有人答复", "nobody has answered in time")
"""Why a right is proposed to end at the deadline of its review."""
ONLY = Words(
    "只对{who}：不再担任岗位「{p}」，岗位的其余权限单独给出",
    "{who} alone: no longer at position {p}; its other rights are given personally",
)
ALL_HOLDERS = Words("{subject} · {n} 人", "{subject}, {n} people")
WHOLE_ROLE = Words("角色「{role}」的所有人 · {n} 人", "everybody with role {role}, {n} people")
PART = Words("{who}在此项目中的角色", "{who}'s part in this project")
SAYS = {
    REVOKE: Words("收回 {what}（{origin}）：{whom}", "take back {what} ({origin}): {whom}"),
    NARROW: Words("缩小 {what}（{origin}）：{whom}", "narrow {what} ({origin}): {whom}"),
}
WITH_REASON = Words("{says}。原因：{why}", "{says}. Reason: {why}")
TAKEN_BACK = Words("复核人撤销了这项决定：{says}", "the reviewer has undone this: {says}")
BLOCKED = Words("还不能提交批准：{why}", "cannot be submitted for approval yet: {why}")
PROPOSED = Words("复核决定 {n} 项", "{n} decisions of a review")
NOT_FOR = Words("这项权限不能只对这些人缩小", "this right cannot be changed for these people alone")
TWICE = Words(
    "这一批里已有一项决定改了同一份授权或角色，请先撤销那一项",
    "another decision of this batch changes the same grant or role already: undo that one first",
)
NOTHING = Words("草稿里不会有任何改动", "the draft would change nothing")
NOT_OPEN = Words(
    "这项决定所在的草稿已经{state}，请安全管理员退回或另写草稿",
    "the draft of this decision is {state} already: ask security to return it, or to write another",
)
NO_END = Words("角色没有结束时间，请改为缩小它的权限项", "a role has no end: narrow its lines instead")


RETURNED = "returned"
"""What an item says of a draft that is open again because somebody has sent it back: nobody is asked any more."""


def choices(item: Item, grant: Grant, names: Names) -> list[str]:
    """For whom this right can be made less, the nearest to the person first."""
    found = [PERSON] if _alone(item, grant, names) else []
    return [*found, HOLDERS, *([ROLE] if grant.role is not None else [])]


def _fits(item: Item, grant: Grant, wish: Wish, names: Names) -> bool:
    if wish.what == REVOKE:
        return wish.whom == HOLDERS or (wish.whom == PERSON and (member(item, grant) or _alone(item, grant, names)))
    return wish.whom in choices(item, grant, names)


def _alone(item: Item, grant: Grant, names: Names) -> bool:
    """Whether the person can lose it without the others: it comes with their main post's position."""
    if item.person_id is None or grant.subject_kind != Grant.POSITION:
        return False
    post = state.current("post", names.people[item.person_id][0], names)
    return post is not None and post["position"] == names.positions[int(grant.subject_id)][0]


def described(item: Item, grant: Grant, names: Names) -> list[dict[str, Any]]:
    """The choices in words, with how many people each concerns and what the lines would be cut from: uses of all of them."""
    company, uses = companies.now(), Uses([grant.pk])
    mine, all_ = (uses.of(one, grant.pk).actions for one in (item.person_id, None))
    found = []
    for code in choices(item, grant, names):
        done = mine if code == PERSON else all_
        found.append(
            {
                "code": code, "words": _whom(code, item, grant, names, company).json(),
                "people": 1 if code == PERSON else len(_reached(code, grant, company)),
                "used": sorted(f"{t}.{a}" for t, a in done),
            }
        )  # fmt: skip
    return found


def _reached(code: str, grant: Grant, company: Company) -> set[int]:
    role = grant.role.code if grant.role is not None else None
    return {
        person
        for one in company.world.all_grants.values()
        if one.open_at(company.moment)
        and (one.id == grant.pk if code == HOLDERS else one.role is not None and one.role.code == role)
        for person in company.crowd(one).all
    }


def _whom(code: str, item: Item, grant: Grant, names: Names, company: Company) -> Words:
    if code == PERSON and item.person_id is not None:
        return ONLY.fill(who=names.people[item.person_id][1], p=names.positions[int(grant.subject_id)][1])
    n = len(_reached(code, grant, company))
    if code == ROLE and grant.role is not None:
        return WHOLE_ROLE.fill(role=Words(grant.role.name, grant.role.name_en or grant.role.name), n=n)
    return ALL_HOLDERS.fill(subject=names.words(names.subject(grant.subject_kind, grant.subject_id)), n=n)


def propose(by: Actor, item: Item, grant: Grant, wish: Wish, reason: str | Words) -> None:
    """Put a wish into the batch's draft, with its reason; in the caller's transaction. Sets the item's draft and wish.

    Raises Invalid for people whom it cannot be changed for, Conflict when another item of the draft changes the same.
    """
    names = Names.load()
    if not _fits(item, grant, wish, names):
        raise Invalid(Problem("whom", "unfit", NOT_FOR))
    if wish.whom == ROLE and wish.until is not None:
        raise Invalid(Problem("until", "unfit", NO_END))
    draft = _draft(by, item.batch)
    others = _wishes(draft, item)
    if wish.whom != PERSON and any(same(grant, wish, g, w) for _, g, w in others):
        raise Conflict(TWICE, code="twice")
    mine: Told = (item, grant, wish)
    draft = _write(by, draft, things(others, names), things([*others, mine], names))
    if not _keys(draft) & things([mine], names).keys():
        raise Conflict(NOTHING, code="nothing")
    says = said(item, wish, names, grant)
    why = reason or _why(item)
    drafts.remark(by, draft.pk, _both(WITH_REASON.fill(says=says, why=why) if why else says))
    item.draft_id, item.wish = draft.pk, {**wish.json(), "says": says.json()}


def revoking(item: Item, grant: Grant) -> Wish:
    """What taking a right back means where it is not the person's own: for them alone where that can be."""
    return Wish(REVOKE, PERSON if member(item, grant) or _alone(item, grant, Names.load()) else HOLDERS)


def _both(words: Words) -> str:
    """For who reads it later, in whichever language."""
    return f"{words.zh}\n{words.en}"


def _why(item: Item) -> Words | None:
    """The reason when the reviewer wrote none: what they were shown, where it speaks for taking something away."""
    suggestion = item.facts["suggestion"]
    return Words(**suggestion["words"]) if suggestion["decision"] != KEEP else None


def _name(person: int) -> str:
    found = names_of([person])
    return found[person][1] if person in found else "?"


def _draft(by: Actor, batch: Batch) -> Draft:
    """The batch's draft while nobody has been asked to approve it, else a new one."""
    found = Draft.objects.select_for_update().filter(pk=batch.draft_id or 0, state=Draft.OPEN).first()
    if found is None or found.remarks.filter(kind=Remark.SUBMITTED).exists():
        found = drafts.create(
            by, TITLE.format(title=batch.campaign.title[:120], who=_name(batch.reviewer_id), n=batch.number)
        )
        batch.draft_id = found.pk
        batch.save(update_fields=["draft_id"])
    return found


def _wishes(draft: Draft, but: Item) -> list[Told]:
    """What the draft's other items wish, of grants that are still there."""
    rows = list(Item.objects.filter(draft_id=draft.pk, state=Item.DRAFTED).exclude(pk=but.pk).order_by("pk"))
    grants = Grant.objects.filter(revoked_at=None).select_related("role").in_bulk([one.grant_id for one in rows])
    return [(one, grants[one.grant_id], Wish.of(one.wish)) for one in rows if one.wish and one.grant_id in grants]


def _keys(draft: Draft) -> set[Thing]:
    return {(one["kind"], one["key"]) for one in draft.changes}


def _write(by: Actor, draft: Draft, before: Things, after: Things) -> Draft:
    """Bring the draft from what its items wished to what they wish now; what others wrote into it stays."""
    put = [(kind, key, value) for (kind, key), value in after.items() if before.get((kind, key), ...) != value]
    if put:
        draft = drafts.put_many(by, draft.pk, draft.revision, put)
    for kind, key in before.keys() - after.keys():
        if (kind, key) in _keys(draft):
            draft = drafts.take_out(by, draft.pk, draft.revision, kind, key)
    return draft


def take_back(by: Actor, item: Item) -> None:
    """Take an item's wish out of its draft, in the caller's transaction. Raises Conflict once others were asked to approve."""
    draft = Draft.objects.select_for_update().filter(pk=item.draft_id or 0).first()
    if draft is None or draft.state != Draft.OPEN:
        word = drafts.STATES[draft.state if draft is not None else Draft.WITHDRAWN]
        raise Conflict(NOT_OPEN.fill(state=word), code="settled")
    names = Names.load()
    others = _wishes(draft, item)
    grant = Grant.objects.select_related("role").filter(pk=item.grant_id).first()
    if grant is not None and item.wish:
        mine: Told = (item, grant, Wish.of(item.wish))
        draft = _write(by, draft, things([*others, mine], names), things(others, names))
        says = Words(item.wish["says"]["zh"], item.wish["says"]["en"])
        drafts.remark(by, draft.pk, _both(TAKEN_BACK.fill(says=says)))


def said(item: Item, wish: Wish, names: Names, grant: Grant) -> Words:
    """A wish in a line: what, from where, for whom."""
    part = member(item, grant) and wish.whom == PERSON and item.person_id is not None
    whom = (
        PART.fill(who=names.people[item.person_id][1])
        if part and item.person_id is not None
        else _whom(wish.whom, item, grant, names, companies.now())
    )
    what, origin = item.facts["what"], item.facts["origin"]
    return SAYS[wish.what].fill(what=Words(what["zh"], what["en"]), origin=Words(origin["zh"], origin["en"]), whom=whom)


def submit(by: Actor, pks: Iterable[int]) -> None:
    """Ask for approval of drafts whose items are final. One that is blocked stays open, with what blocks it as a remark."""
    for draft in Draft.objects.select_for_update().filter(pk__in=set(pks), state=Draft.OPEN).order_by("pk"):
        if not draft.changes or _refused(draft):
            continue
        problem = _blocker(draft)
        if problem is not None:
            drafts.remark(by, draft.pk, _both(BLOCKED.fill(why=problem)))
            continue
        n = Item.objects.filter(draft_id=draft.pk, state=Item.DRAFTED).count()
        drafts.submit(by, draft.pk, draft.revision, _both(PROPOSED.fill(n=n)))


def answered(by: Actor, pk: int, kind: str) -> None:
    """Somebody has said no to a draft: its reviewers are told. Where it was returned, what their review still lets them decide is theirs
    to undo again. In the transaction of the no."""
    rows = Item.objects.select_for_update(of=("self",)).filter(draft_id=pk, state=Item.DRAFTED)
    items = list(rows.select_related("campaign", "batch__campaign").order_by("pk"))
    if kind == Remark.RETURNED:
        now = clock.now()
        again = [
            one for one in items
            if one.decided_by == one.batch.reviewer_id and one.due > now and one.campaign.ended_at is None and one.campaign.closed_at is None
        ]  # fmt: skip
        Item.objects.filter(pk__in=[one.pk for one in again]).update(submitted_at=None)
        for campaign in {one.campaign for one in again}:
            judging.look(by, campaign, {one.batch.reviewer_id for one in again if one.campaign == campaign})
    for batch in {one.batch for one in items}:
        told_of.answered(by, batch, pk, kind)


drafts.answered.listen(answered)


def _refused(draft: Draft) -> bool:
    """Whether somebody has been asked already, and what they were asked has not been changed since they returned it."""
    last = draft.remarks.filter(kind__in=[Remark.SUBMITTED, Remark.RETURNED]).order_by("pk").last()
    return last is not None and (last.kind == Remark.SUBMITTED or last.revision == draft.revision)


def _blocker(draft: Draft) -> Words | None:
    """Why the draft could not be submitted; None when it can."""
    try:
        _, conflicts, checked = drafts.review(draft)
    except (Invalid, Conflict) as error:
        return error.problems[0].words if error.problems else error.words
    if conflicts:
        return NOTHING
    return checked.problems[0].words if checked is not None and checked.problems else None


def states_of(wanted: Collection[int]) -> Mapping[int, dict[str, Any]]:
    """By draft: its state and the last word on it, as an item shows them."""
    answers = (Remark.RETURNED, Remark.WITHDRAWN, Remark.APPROVED, Remark.PUBLISHED)
    words: dict[int, tuple[str, str]] = {}
    for draft, kind, text in (
        Remark.objects.filter(draft__in=wanted, kind__in=answers).order_by("pk").values_list("draft", "kind", "text")
    ):
        words[draft] = (kind, text)
    return {
        draft.pk: {
            "id": str(draft.pk), "title": draft.title, "answer": words.get(draft.pk, ("", ""))[1],
            "state": RETURNED if draft.state == Draft.OPEN and words.get(draft.pk, ("", ""))[0] == Remark.RETURNED else draft.state,
        }
        for draft in Draft.objects.filter(pk__in=wanted)
    }  # fmt: skip


__all__ = ["choices", "described", "propose", "revoking", "states_of", "submit", "take_back"]
