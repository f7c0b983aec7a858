"""A reviewer's share of a campaign as a case of the company's process (访问复核): its times, its reminders, steps of the company's own.

What is decided, and by whom, is here in the review, whatever the process says. A share is judged when none of its items waits for a
decision or for being handed in; what is passed on to its reviewer later opens it again, with a case of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from django.db.models import Case, Min, QuerySet, Value, When

from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.flows import following, ladder, matters
from heli.flows.core import values
from heli.flows.following import Did
from heli.flows.matters import Answer, Matter, Settled
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.org.tree import names_of
from heli.review import titles
from heli.review.models import Campaign, Item, Share

REVIEW, JUDGE = "access_review", "judge"
WORDS = Words("访问复核", "review of rights")
VALUES = {
    "kind": Words(
        "范围（all、department、sensitive、leavers、outsiders）",
        "its circle (all, department, sensitive, leavers, outsiders)",
    ),
    "items": Words("要复核的项数", "how many rights there are to judge"),
    "high": Words("其中高风险的项数", "how many of them are of high risk"),
    "secret": Words("是否含敏感或机密", "whether there are sensitive or confidential ones"),
    "days": Words("离截止还有几天", "days until the deadline"),
}
JUDGED = Words("复核", "judge the rights")
HELD = Words(
    "这次复核的流程里还有前面的步骤没有完成，完成后才能逐项决定",
    "its process has steps before this that are not done yet: decide when they are",
)
HELD_BY = Words(
    "这次复核先要等流程里的「{steps}」{who}办完，之后才能逐项决定",
    "its process has “{steps}” before this{who}, which is not done yet: decide when it is",
)
WITH = Words("由 {names} ", ", with {names}")
UNDECIDED = Words(
    "还有 {n} 项没有决定；请先逐项决定，再提交", "{n} are undecided: decide each of them, then hand them in"
)
NOTHING_LEFT = Words(
    "没有要复核的了：已转交、到期或提前结束", "nothing is left to judge: passed on, ended at the deadline or early"
)
NOT_TAKEN_BACK = Words(
    "复核不能撤回；要提前结束，请由安全管理员在复核页结束它",
    "a review is not taken back: security ends it early on its own page",
)
NO_GIVEN = Words("这里不用给出别的", "nothing else is given here")
TITLE = Words("{title} · {who}", "{title}, {who}")
BY_TOKEN = Words("令牌不能复核权限，请登录后操作", "a token reviews nothing: sign in to do this")


def look(by: Actor, campaign: Campaign, reviewers: Iterable[int]) -> None:
    """Let the shares of these reviewers be as their items now are, and their cases follow; in the caller's transaction, after each change
    of who judges what or of what is left."""
    opened = False
    for reviewer in sorted(set(reviewers)):
        share, _ = Share.objects.get_or_create(campaign=campaign, reviewer_id=reviewer)
        share = Share.objects.select_for_update().get(pk=share.pk)
        left = _items(share).filter(submitted_at=None).exists()
        if left and (share.begun_at is None or share.done_at is not None):
            Share.objects.filter(pk=share.pk).update(begun_at=None, done_at=None)
            if following.case_of(REVIEW, str(share.pk)) is None:
                opened = True
            else:  # it is in a step of the company's own behind: it comes back to be judged
                Share.objects.filter(pk=share.pk).update(begun_at=clock.now())
                moved = Did(following.MOVED, JUDGE, person=by.person, anywhere=True)
                following.follow(REVIEW, str(share.pk), by, moved)
        elif not left and share.done_at is None:
            Share.objects.filter(pk=share.pk).update(done_at=clock.now(), held=False)
            yes = by.person == reviewer and _items(share).filter(decided_by=reviewer).exists()
            did = (
                Did(following.YES, JUDGE, reviewer)
                if yes
                else Did(following.OVER, person=by.person, words=NOTHING_LEFT)
            )
            following.follow(REVIEW, str(share.pk), by, did)
    if opened:
        begin.enqueue(campaign.pk)


def hand_out(campaign: Campaign, reviewers: Iterable[int]) -> None:
    """The shares of a campaign that begins; in its transaction. Their cases begin one by one behind it: they may be thousands."""
    Share.objects.bulk_create([Share(campaign=campaign, reviewer_id=one) for one in sorted(set(reviewers))])
    begin.enqueue(campaign.pk)


@task(timeout=600, atomic=False, max_attempts=20)
def begin(pk: int) -> int:
    """Begin the cases of a campaign's shares that have none; returns how many shares it came to. Each is a transaction of its own."""
    waiting = Share.objects.filter(campaign_id=pk, begun_at=None, done_at=None).order_by("pk")
    shares = list(waiting.values_list("pk", flat=True))
    for share in shares:
        again.until_done(lambda share=share: _begin(share))  # type: ignore[misc]  # bound as it is now
    return len(shares)


def _begin(pk: int) -> None:
    with log.transaction():
        share = Share.objects.select_for_update(of=("self",)).select_related("campaign").get(pk=pk)
        if share.begun_at is not None or share.done_at is not None:
            return
        Share.objects.filter(pk=pk).update(begun_at=clock.now())
        starter = share.campaign.created_by or share.reviewer_id
        name = names_of([starter]).get(starter, ("", ""))[1]
        following.begin(REVIEW, str(pk), starter, Actor(starter, name, "job", via="review"))


def refuse_held(campaign: Campaign, reviewer: int) -> None:
    """Raises Conflict, saying which and with whom, while its process has steps before this."""
    share = campaign.shares.filter(reviewer_id=reviewer, held=True).first()
    if share is not None:
        raise Conflict(_before(share) or HELD, code="held")


def _before(share: Share) -> Words | None:
    """For what a share waits, to its reviewer, who may follow its case; None where its case stands at no step of anybody's."""
    found = following.open_steps(REVIEW, str(share.pk))
    if not found:
        return None
    names = names_of({who for people in found.values() for who in people})
    who = [name for _, name in names.values()]
    steps = Words("」「".join(one.zh for one in found), "”, “".join(one.en for one in found))
    return HELD_BY.fill(steps=steps, who=WITH.fill(names=Words("、".join(who), ", ".join(who))) if who else "")


def held(reviewer: int) -> set[int]:
    """The campaigns in which nobody judges this reviewer's share yet."""
    return set(Share.objects.filter(reviewer_id=reviewer, held=True).values_list("campaign_id", flat=True))


# -- what the case asks of a share -----------------------------------------------------------------------------------------


def _items(share: Share) -> QuerySet[Item]:
    return Item.objects.filter(campaign_id=share.campaign_id, batch__reviewer_id=share.reviewer_id)


def _share(key: str) -> Share | None:
    return Share.objects.select_related("campaign").filter(pk=int(key)).first()


def _people(key: str, step: str) -> list[int]:
    share = _share(key)
    return [share.reviewer_id] if share is not None else []


def _value(key: str, name: str) -> values.Value:
    share = _share(key)
    if share is None:
        return None
    match name:
        case "items":
            return _number(_items(share).count())
        case "high":
            return _number(_items(share).filter(band=Item.HIGH).count())
        case "secret":
            return _items(share).filter(secret=True).exists()
        case "days":
            return _number(max((share.campaign.due - clock.now()).days, 0))
    return str(share.campaign.kind)


def _number(n: int) -> values.Value:
    return Decimal(n)


def _due(key: str, step: str) -> datetime | None:
    """When the first of what is unanswered ends or rolls over, whatever time the process gives."""
    share = _share(key)
    if share is None:
        return None
    return until(share.campaign, _items(share))


def until(campaign: Campaign, items: QuerySet[Item]) -> datetime:
    """When the first unanswered one of these items ends or rolls over; the campaign's deadline where none is."""
    first: datetime | None = items.filter(state=Item.PENDING).aggregate(at=Min("due"))["at"]
    return first or campaign.due


def put_off(campaign: Campaign, reviewer: int) -> None:
    """What a reviewer has not answered has more time: so has their case; in the caller's transaction."""
    for key in Share.objects.filter(campaign=campaign, reviewer_id=reviewer).values_list("pk", flat=True):
        ladder.renew(REVIEW, str(key))


def _decide(viewer: Viewer, key: str, step: str, answer: Answer) -> None:
    from heli.review import decide  # whose verbs let the case follow

    share = _share(key)
    if share is None or viewer.person != share.reviewer_id:
        raise NotFound
    if viewer.role:
        raise Refused(BY_TOKEN, code="by_token")
    if answer.given:
        raise Invalid([Problem(f"given/{one[:80]}", "unknown", NO_GIVEN) for one in answer.given])
    with log.transaction():
        waiting = _items(share).filter(state=Item.PENDING).count()
        if waiting:
            raise Conflict(UNDECIDED.fill(n=waiting), code="undecided")
        for batch in list(
            _items(share).filter(submitted_at=None).order_by("batch_id").values_list("batch_id", flat=True).distinct()
        ):
            decide.submit(viewer.actor, share.reviewer_id, batch)


def _withdraw(viewer: Viewer, key: str) -> None:
    raise Refused(NOT_TAKEN_BACK, code="not_taken_back")


def _settled(key: str, now: Settled) -> None:
    """It waits for the steps that stand before it; one that a step of the company's own has refused is judged all the same: what is
    unanswered at its deadline ends."""
    waits = now.ended is None and JUDGE not in now.steps
    Share.objects.filter(pk=int(key)).update(held=Case(When(done_at=None, then=Value(waits)), default=Value(False)))


def _follows(viewer: Viewer, keys: Sequence[str]) -> set[str]:
    shares = Share.objects.filter(pk__in=[int(one) for one in keys])
    if viewer.view is None or not viewer.view.may("policy", "read"):
        shares = shares.filter(reviewer_id=viewer.person or 0)
    return {str(one) for one in shares.values_list("pk", flat=True)}


def _hidden(viewer: Viewer, key: str) -> bool:
    return not _follows(viewer, [key])


def attach() -> None:
    """Make it known to the processes."""
    matters.register(
        Matter(
            REVIEW, WORDS, {JUDGE: JUDGED}, VALUES, _people, _value, _decide, _withdraw, _settled, _follows,
            lambda viewer, key: frozenset(), _hidden, refusable=False, recallable=False, tells=False, due=_due, acts=True,
        )
    )  # fmt: skip


def sentences(keys: Sequence[str]) -> dict[str, Words]:
    """What cases are about, for who may follow them: the campaign, and who judges in it."""
    shares = list(Share.objects.select_related("campaign").filter(pk__in=[int(one) for one in keys]))
    names, titled = names_of(one.reviewer_id for one in shares), titles.many(one.campaign for one in shares)
    return {
        str(one.pk): TITLE.fill(title=titled[one.campaign_id], who=names.get(one.reviewer_id, ("", "?"))[1])
        for one in shares
    }


__all__ = ["REVIEW", "attach", "begin", "hand_out", "held", "look", "put_off", "refuse_held", "sentences", "until"]
