"""What happens without anybody's answer: rights lapse or roll over at the deadline, and items of who leaves move on."""

from __future__ import annotations

import logging
from datetime import timedelta

from heli.audit import log
from heli.jobs import schedules
from heli.jobs.tasks import task
from heli.kernel import clock, hooks
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict
from heli.org.models import Person
from heli.review import campaigns, decide, proposal
from heli.review.campaigns import tell
from heli.review.models import Item

POLICY = Actor(None, "review policy", "job", via="review deadline")
MORE = timedelta(days=14)
"""How long what is neither sensitive nor confidential rolls over, once."""
PART = 50
_logger = logging.getLogger(__name__)


@task(timeout=300, atomic=False)
def close_due() -> int:
    """Deal with what nobody has answered in time; returns how many items. Each is a transaction of its own."""
    done = 0
    while True:
        due = Item.objects.filter(state=Item.PENDING, due__lte=clock.now())
        some = list(due.order_by("due", "pk").values_list("pk", flat=True)[:PART])
        proposed = {_one(pk) for pk in some} - {None}
        with log.transaction():
            proposal.submit(POLICY, [pk for pk in proposed if pk is not None])
        done += len(some)
        if len(some) < PART:
            return done


def _one(pk: int) -> int | None:
    """Sensitive and confidential rights end; the rest gets one more time, and then ends too. Returns the draft in which the
    end of what is not personal is proposed."""
    with log.transaction():
        item = Item.objects.select_for_update().select_related("campaign", "batch__campaign").get(pk=pk)
        if item.state != Item.PENDING or item.due > clock.now():
            return None
        if not item.secret and not item.rolled:
            item.rolled, item.due = True, clock.now() + MORE
            item.save(update_fields=["rolled", "due"])
            tell(POLICY, "review.roll", item.pk, after={"due": item.due, "grant": item.grant_id})
            return None
        try:
            decide.end_right(POLICY, item, "", Item.LAPSED)
        except Conflict as error:  # the last administrator's: nobody could set it right again, so it stays and is told
            item.due = clock.now() + MORE
            item.save(update_fields=["due"])
            tell(POLICY, "review.roll", item.pk, after={"due": item.due, "grant": item.grant_id}, reason=error.words.en)
            return None
        Item.objects.filter(pk=pk).update(submitted_at=clock.now())
        campaigns.close_when_settled(item.campaign)
    return item.draft_id


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
        campaigns.move_items([item], heir)
        tell(
            POLICY, "review.delegate", item.pk, before={"reviewer": former}, after={"reviewer": heir}, reason="has left"
        )


def attach() -> None:
    """Listen to the organisation and to the clock."""
    hooks.organisation_changed.listen(move_on)
    schedules.every("review.due", 60, close_due)
