"""What happens without anybody's answer: rights lapse or roll over at the deadline, and items of who leaves move on."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models import QuerySet

from heli.audit import log
from heli.insight import company as companies
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock, hooks
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict
from heli.org.models import Person
from heli.review import campaigns, decide, judging, proposal, told_of
from heli.review.campaigns import tell
from heli.review.models import Batch, Campaign, Item

POLICY = Actor(None, "review policy", "job", via="review deadline")
MORE = timedelta(days=14)
"""How long what is neither sensitive nor confidential rolls over, once."""
PART = 50
TRIES = 10
"""So often it is waited a minute for what is due to be dealt with, before who oversees the campaign is told all the same."""
_logger = logging.getLogger(__name__)


@task(timeout=300, atomic=False)
def close_due() -> int:
    """Deal with what nobody has answered in time; returns how many items. Each is a transaction of its own: one that cannot be dealt with
    is tried again with the next look, and holds up no other."""
    done, failed = 0, set[int]()
    while True:
        due = Item.objects.filter(state=Item.PENDING, due__lte=clock.now()).exclude(pk__in=failed)
        some = list(due.order_by("due", "pk").values_list("pk", flat=True)[:PART])
        for pk in some:
            try:
                _one(pk)
            except Exception:  # whatever it is: rights of others end all the same
                _logger.exception("item %s of a review cannot be dealt with at its deadline", pk)
                failed.add(pk)
        done += len(some)
        if len(some) < PART:
            break
    hand_in()
    return done - len(failed)


def hand_in() -> None:
    """What was decided and not handed in by its deadline is final: nobody could undo it any more, and what it proposes is asked for; as is
    what the deadline itself proposes, once all of a batch is in its draft. What fails or is killed is done with the next look."""
    late = Item.objects.filter(submitted_at=None, due__lte=clock.now()).exclude(state=Item.PENDING)
    for batch in Batch.objects.filter(pk__in=late.values("batch")).select_related("campaign").order_by("pk")[:PART]:
        try:
            _hand_in(batch, late.filter(batch=batch))
        except Exception:  # as above: the next reviewer's proposals are asked for all the same
            _logger.exception("batch %s of a review cannot be handed in at its deadline", batch.pk)


@task(timeout=60)
def tell_of(pk: int, tries: int = 0) -> None:
    """Tell who runs a campaign, and who may read it, where all of it has ended at its deadline, once what was due is dealt with. Who began
    it and hears at that moment that it is over has heard it with that."""
    campaign = Campaign.objects.filter(pk=pk).first()
    if campaign is None or campaign.ended_at is not None:
        return
    if tries < TRIES and campaign.items.filter(due__lte=campaign.due, submitted_at=None).exists():
        tell_of.using(run_after=clock.now() + timedelta(minutes=1)).enqueue(pk, tries + 1)
        return
    people = set(companies.now().may("policy", "read"))
    if campaign.created_by is not None:
        (people.discard if campaign.closed_at is not None else people.add)(campaign.created_by)
    told_of.deadline(
        campaign, Person.objects.filter(pk__in=people).exclude(kind=Person.SERVICE).values_list("pk", flat=True)
    )


def _came(item: Item) -> None:
    """The deadline of a campaign has come before all of it was answered and handed in; in the transaction of what it does."""
    if item.due == item.campaign.due:
        tell_of.using(dedup_key=f"review deadline {item.campaign_id}").enqueue(item.campaign_id)


def _hand_in(batch: Batch, late: QuerySet[Item]) -> None:
    with log.transaction():
        items = list(late.select_for_update().order_by("pk"))
        proposed = {one.draft_id for one in items if one.state == Item.DRAFTED and one.draft_id is not None}
        Item.objects.filter(pk__in=[one.pk for one in items]).update(submitted_at=clock.now())
        tell(POLICY, "review.submit", batch.pk, after={"items": len(items)})
        if batch.campaign.ended_at is None:
            for one in [one for one in items if one.due == batch.campaign.due][:1]:
                _came(one)
        for at in sorted({one.due for one in items} if batch.campaign.ended_at is None else ()):
            told_of.due(batch.campaign_id, batch.reviewer_id, at)
        proposal.submit(POLICY, proposed)
        judging.look(POLICY, batch.campaign, [batch.reviewer_id])
        campaigns.close_when_settled(batch.campaign)


def _one(pk: int) -> None:
    """Sensitive and confidential rights end; the rest gets one more time, and then ends too. In a campaign that was ended early all that is
    due ends. What is proposed is asked for by ``hand_in``."""
    with log.transaction():
        rows = Item.objects.select_for_update(of=("self",)).select_related("campaign", "batch__campaign")
        item = rows.get(pk=pk)
        if item.state != Item.PENDING or item.due > clock.now():
            return
        early = item.campaign.ended_at is not None
        by = _ender(item.campaign) if early else POLICY
        if not early:
            _came(item)
            told_of.due(item.campaign_id, item.batch.reviewer_id, item.due)
        if not item.secret and not item.rolled and not early:
            item.rolled, item.due = True, clock.now() + MORE
            item.save(update_fields=["rolled", "due"])
            tell(POLICY, "review.roll", item.pk, after={"due": item.due, "grant": item.grant_id})
            judging.put_off(item.campaign, item.batch.reviewer_id)
            return
        try:
            decide.end_right(by, item, item.campaign.ended_why, Item.LAPSED)
        except Conflict as error:  # the last administrator's: nobody could set it right again, so it stays and is told
            if early:
                said = f"{error.words.zh} / {error.words.en}"[:500]
                decide.settle(by, item, Item.LEFT, said, submitted_at=clock.now())
                _settled(by, item)
                return
            item.due = clock.now() + MORE
            item.save(update_fields=["due"])
            tell(POLICY, "review.roll", item.pk, after={"due": item.due, "grant": item.grant_id}, reason=error.words.en)
            judging.put_off(item.campaign, item.batch.reviewer_id)
            return
        if item.state != Item.DRAFTED:
            Item.objects.filter(pk=pk).update(submitted_at=clock.now())
        _settled(by, item)


def _settled(by: Actor, item: Item) -> None:
    """An item is dealt with: so may be its reviewer's share, and the campaign."""
    judging.look(by, item.campaign, [item.batch.reviewer_id])
    judging.put_off(item.campaign, item.batch.reviewer_id)
    campaigns.close_when_settled(item.campaign)


def _ender(campaign: Campaign) -> Actor:
    """Who chose that it should end: not the policy."""
    return Actor(campaign.ended_by, campaigns.ender(campaign), "job", via="review ended early")


def move_on(people: frozenset[int] | None) -> None:
    """Give what waits for somebody who has left to whoever judges it now; in the transaction of the leaving."""
    if not people:
        return
    waiting = list(
        Item.objects.filter(batch__reviewer_id__in=people, state=Item.PENDING).select_related("campaign").order_by("pk")
    )
    if not waiting:
        return
    left = set(Person.objects.filter(pk__in=people, status=Person.LEFT).values_list("pk", flat=True))
    for item in waiting:
        if item.batch.reviewer_id not in left:
            continue
        former = item.batch.reviewer_id
        heir = campaigns.reviewer_for(item)
        if heir is None or heir == former:
            _logger.warning("item %s of a review has nobody to judge it", item.pk)
            continue
        campaigns.move_items(POLICY, [item], heir)
        tell(
            POLICY, "review.delegate", item.pk, before={"reviewer": former}, after={"reviewer": heir}, reason="has left"
        )


def attach() -> None:
    """Listen to the organisation and to the clock."""
    hooks.organisation_changed.listen(move_on)
    schedules.every("review.due", 60, close_due)
