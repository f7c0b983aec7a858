"""Deciding items: keep, narrow, revoke, delegate; each acts at once, and can be undone until it is submitted.

A personal grant is changed by the grant's own verbs. A right that comes with a post, a department or a part in a project is
others' too, or changes more than itself: it is proposed in the batch's draft (``proposal``), which security publishes or not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from heli.access import epoch
from heli.access import grants as granting
from heli.access.facts import World
from heli.access.models import Grant
from heli.audit import log
from heli.insight import company as companies
from heli.insight.company import Company as Indexed
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.models import Person
from heli.org.tree import names_of
from heli.policy import checks, duties
from heli.review import campaigns, judging, proposal, rights, told_of
from heli.review.campaigns import tell
from heli.review.holders import Company
from heli.review.judge import KEEP
from heli.review.models import Batch, Item
from heli.review.wishes import PERSON, source_of

SETTLED = Words("这一项已经{state}，不能再改", "this has been {state} already")
OVERDUE = Words(
    "截止时间已过：「{state}」已是最终结果，不能再改",
    "its deadline is over: “{state}” is final and cannot be changed any more",
)
SUBMITTED = Words("提交", "submitted")
OWN = Words("不能复核自己的权限；请把它转给别人", "nobody reviews their own rights: pass it on to somebody else")
GONE = Words("这项授权已经不在了", "this grant is gone already")
NO_HEIR = Words(
    "不能转给此人：应为在职人员，且不是被复核的本人",
    "not to this person: choose somebody active who is not under review",
)
LAST_ONE = Words(
    "这是公司里最后一位能管理权限或组织的人，收回后没有人能再管理；请先授权给别人",
    "nobody else can administer rights or the organisation: give it to somebody else first",
)
NOT_DECIDED = Words("没有可提交的决定", "there is nothing decided to submit")
SAID = {
    Item.KEPT: Words("保留", "kept"), Item.NARROWED: Words("缩小", "narrowed"), Item.REVOKED: Words("收回", "revoked"),
    Item.DRAFTED: Words("放进草稿", "put into a draft"), Item.LAPSED: Words("到期收回", "ended at the deadline"),
    Item.GONE: Words("失效", "gone"), Item.LEFT: Words("保持不变（提前结束，未答复）", "left as it is, unanswered when the review was ended"),
}  # fmt: skip


def batch_of(reviewer: int, batch: int) -> Batch:
    """A batch of this reviewer's own. Raises NotFound."""
    found = Batch.objects.select_related("campaign").filter(pk=batch, reviewer_id=reviewer).first()
    if found is None:
        raise NotFound
    return found


def _open(reviewer: int, batch: int, item: int) -> Item:
    """The item, locked, while its reviewer may still change it. Raises NotFound, Conflict, Refused."""
    batch_of(reviewer, batch)
    found = Item.objects.select_for_update().filter(pk=item, batch_id=batch).first()
    if found is None:
        raise NotFound
    campaigns.refuse_ended(found.campaign)
    judging.refuse_held(found.campaign, reviewer)
    if found.submitted_at is not None:
        raise Conflict(SETTLED.fill(state=SUBMITTED), code="settled")
    if found.person_id == reviewer:
        raise Refused(OWN, code="own")
    return found


def pending(reviewer: int, batch: int, item: int) -> Item:
    """The item, locked, while it is not decided. Raises NotFound, Conflict, Refused."""
    found = _open(reviewer, batch, item)
    if found.state != Item.PENDING:
        raise Conflict(SETTLED.fill(state=SAID[found.state]), code="settled")
    return found


def settle(by: Actor, item: Item, to: str, note: str = "", **more: Any) -> Item:
    """Write down what was decided; in the caller's transaction."""
    item.state, item.decided_by, item.decided_at, item.note = to, by.person, clock.now(), note
    for name, value in more.items():
        setattr(item, name, value)
    item.save()
    after = {"decision": to, "grant": item.grant_id, "person": item.person_id, **{k: v for k, v in more.items() if v}}
    tell(by, f"review.{to}", item.pk, before={"decision": Item.PENDING}, after=after, reason=note)
    told_of.lost(by, item)
    return item


def keep(by: Actor, reviewer: int, batch: int, item: int, note: str = "") -> Item:
    """Leave the right as it is. Raises NotFound, Conflict, Refused."""
    with log.transaction():
        return settle(by, pending(reviewer, batch, item), Item.KEPT, note)


def live_grant(item: Item) -> Grant | None:
    """The grant as it now is, locked; None when it has ended by itself."""
    now = clock.now()
    found = Grant.objects.select_for_update().select_related(None).filter(pk=item.grant_id, revoked_at=None).first()
    return found if found is not None and (found.ends is None or found.ends > now) else None


def revoke(by: Actor, reviewer: int, batch: int, item: int, note: str = "") -> Item:
    """Take the right back: at once where it is personal, else as a change in the batch's draft.

    Raises NotFound, Conflict, Refused.
    """
    with log.transaction():
        found = pending(reviewer, batch, item)
        return end_right(by, found, note, Item.REVOKED)


def end_right(by: Actor, item: Item, note: str, to: str) -> Item:
    """The same without a reviewer, for what lapses; in the caller's transaction."""
    grant = live_grant(item)
    if grant is None:
        return settle(by, item, Item.GONE, note)
    if grant.subject_kind == Grant.PERSON:
        not_the_last(grant)
        granting.revoke(by, grant.pk)
        return settle(by, item, to, note)
    wish = proposal.revoking(item, grant)
    if to == Item.LAPSED and wish.whom != PERSON:
        not_the_last(grant)  # nobody could publish that, and with it all else that its draft proposes
    why = proposal.UNANSWERED if to == Item.LAPSED and not note else note
    proposal.propose(by, item, grant, wish, why)
    return settle(by, item, Item.DRAFTED, note, draft_id=item.draft_id)


def not_the_last(grant: Grant, since: datetime | None = None) -> None:
    """Raises Conflict when without this grant (from ``since`` on; None: now) there would be a time at which nobody could do
    what it lets somebody administer; also where the last two are taken back at once."""
    fact = companies.now().world.all_grants.get(grant.pk)
    if fact is None or not rights.of_grant(fact).administers:
        return
    epoch.lock_all()
    world = companies.now().world
    others = {pk: one for pk, one in world.all_grants.items() if pk != grant.pk}
    if since is not None:
        others[grant.pk] = replace(fact, ends=since)
    without, start = replace(world, all_grants=others), since or clock.now()
    for code, act, _ in checks.POWERS:
        found = checks.gap(without, code, act, start, grant.ends)
        if found is not None and checks.able(Indexed(world, found), code, act):
            raise Conflict(LAST_ONE, code="last")


def put_in_place(
    by: Actor, grant: Grant, item: Item, *, lines: list[dict[str, Any]] | None, ends: datetime | None
) -> Grant:
    """A grant of these lines (None: of its role), until then, instead of this one."""
    granting.revoke(by, grant.pk)
    return _given_again(by, grant, item, lines=lines, ends=ends)


def _given_again(
    by: Actor, grant: Grant, item: Item, *, lines: list[dict[str, Any]] | None, ends: datetime | None
) -> Grant:
    """A grant in the place of one that was taken back: its role, or these lines."""
    source = grant.source if grant.source.startswith(("loan:", "emergency:")) else source_of(item, grant)
    if lines is None and grant.role is not None:
        return granting.grant_role(
            by, grant.role.code, grant.subject_kind, grant.subject_id, below=grant.below, ends=ends, source=source
        )
    return granting.grant_lines(
        by, lines if lines is not None else grant.lines or [], grant.subject_kind, grant.subject_id, below=grant.below,
        ends=ends, source=source,
    )  # fmt: skip


def delegate(by: Actor, reviewer: int, batch: int, item: int, to: int, note: str = "") -> Item:
    """Pass an item on to somebody who can judge it better. Raises NotFound, Invalid, Conflict, and Refused never: also what is
    one's own can be passed on."""
    with log.transaction():
        batch_of(reviewer, batch)
        found = Item.objects.select_for_update().filter(pk=item, batch_id=batch).first()
        if found is None:
            raise NotFound
        campaigns.refuse_ended(found.campaign)
        if found.state != Item.PENDING:
            raise Conflict(SETTLED.fill(state=SAID[found.state]), code="settled")
        heir = Person.objects.filter(pk=to, status=Person.ACTIVE).exclude(kind=Person.SERVICE).first()
        if heir is None or to in (found.person_id, reviewer) or (found.person_id is None and _holds(found, to)):
            raise Invalid(Problem("to", "unfit", NO_HEIR))
        campaigns.move_items(by, [found], to)
        found.delegated_by, found.note = reviewer, note
        found.save(update_fields=["delegated_by", "note"])
        told_of.passed(by, found, to)
        tell(by, "review.delegate", found.pk, before={"reviewer": reviewer}, after={"reviewer": to}, reason=note)
    return found


def _holds(item: Item, person: int) -> bool:
    """Whether a shared right that not everybody has is also this person's: they would judge what is their own."""
    company = Company(World.load(), clock.now())
    grant = company.world.all_grants.get(item.grant_id)
    if grant is None or grant.kind == Grant.EVERYONE:
        return False
    return any(one.person == person for one in company.holdings(grant))


def undo(by: Actor, reviewer: int, batch: int, item: int) -> Item:
    """Take a decision back that has not been submitted, before the deadline: what was taken away is given again as it was.

    Raises NotFound, Conflict (also for a right that a duty keeps apart from what they hold by now), Refused.
    """
    with log.transaction():
        found = _open(reviewer, batch, item)
        if found.state not in (Item.KEPT, Item.NARROWED, Item.REVOKED, Item.DRAFTED):
            raise Conflict(SETTLED.fill(state=SAID.get(found.state, found.state)), code="settled")
        if found.due <= clock.now():
            raise Conflict(OVERDUE.fill(state=SAID[found.state]), code="settled")
        was = found.state
        if was in (Item.NARROWED, Item.REVOKED):
            _give_back(by, found)
        elif was == Item.DRAFTED:
            proposal.take_back(by, found)
        found.state, found.decided_by, found.decided_at, found.note = Item.PENDING, None, None, ""
        found.made_grant, found.draft_id, found.wish = None, None, None
        found.save()
        tell(by, "review.undo", found.pk, before={"decision": was}, after={"decision": Item.PENDING})
    return found


def _give_back(by: Actor, item: Item) -> None:
    old = Grant.objects.select_related("role").get(pk=item.grant_id)
    if old.ends is not None and old.ends <= clock.now():
        raise Conflict(GONE, code="gone")
    person = Person.objects.filter(pk=int(old.subject_id)).exclude(status=Person.LEFT).first()
    if person is None:
        raise Conflict(GONE, code="gone")
    was = companies.now()
    if item.made_grant is not None and Grant.objects.filter(pk=item.made_grant, revoked_at=None).exists():
        granting.revoke(by, item.made_grant)
    item.grant_id = _given_again(by, old, item, lines=None, ends=old.ends).pk
    duties.refuse_new(was, companies.now(), [person.pk])


def accept_keeps(by: Actor, reviewer: int, batch: int) -> int:
    """Keep everything pending that is of low risk and suggested to be kept; returns how many. Raises NotFound."""
    with log.transaction():
        found = batch_of(reviewer, batch)
        rows = list(Item.objects.select_for_update().filter(batch_id=batch, state=Item.PENDING, band=Item.LOW))
        campaigns.refuse_ended(campaigns.get(found.campaign_id))
        judging.refuse_held(found.campaign, reviewer)
        some = [one for one in rows if acceptable(one) and one.person_id != reviewer]
        for one in some:
            settle(by, one, Item.KEPT, "")
    return len(some)


def acceptable(item: Item) -> bool:
    """Whether an item may be kept together with others, without a look of its own."""
    return item.state == Item.PENDING and item.band == Item.LOW and item.facts["suggestion"]["decision"] == KEEP


def submit(by: Actor, reviewer: int, batch: int) -> int:
    """Make the decisions of a batch final; what is pending stays. What was drafted is proposed to those who may publish.

    Returns how many. Raises NotFound, Conflict.
    """
    with log.transaction():
        found = batch_of(reviewer, batch)
        rows = Item.objects.filter(batch=found, submitted_at=None).exclude(state=Item.PENDING)
        list(rows.select_for_update().order_by("pk").values_list("pk"))
        campaigns.refuse_ended(campaigns.get(found.campaign_id))
        proposed = {one.draft_id for one in rows.filter(state=Item.DRAFTED) if one.draft_id is not None}
        count = rows.update(submitted_at=clock.now())
        if not count:
            raise Conflict(NOT_DECIDED, code="nothing")
        tell(by, "review.submit", found.pk, after={"items": count})
        proposal.submit(by, proposed)
        judging.look(by, found.campaign, [reviewer])
        campaigns.close_when_settled(found.campaign)
    return count


__all__ = [
    "accept_keeps", "acceptable", "batch_of", "delegate", "end_right", "keep", "names_of", "revoke",
    "submit", "undo",
]  # fmt: skip
