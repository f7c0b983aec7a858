"""Whom a review tells of what: what was passed on to them, what became of what they proposed, a right that they lost, the end of one that
they began. Ids only; see ``heli.notices``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from heli.access.models import Grant
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.notices.tell import tell
from heli.org.models import Person
from heli.review.models import Batch, Campaign, Item

REVIEW = "review"
"""What these notices are about; their key is the item, batch or campaign."""
PASSED, ANSWERED, LOST, CLOSED = "review_passed", "review_answered", "review_lost", "review_closed"
DUE, ENDED, DEADLINE = "review_due", "review_ended", "review_deadline"
TAKEN = (Item.NARROWED, Item.REVOKED, Item.LAPSED)
"""Decisions that take something from the person of an item at once."""


def passed(by: Actor, item: Item, to: int) -> None:
    """Somebody is to judge an item instead of who was asked."""
    tell([to], PASSED, f"{PASSED}:{item.pk}:{_mark()}", REVIEW, str(item.pk), by=by.person)


def lost(by: Actor, item: Item) -> None:
    """Somebody has a right no more, or less of it: they learn it from us, and not from a page that is gone."""
    if item.via != Grant.PERSON or item.person_id is None or item.state not in TAKEN or item.decided_at is None:
        return
    there = Person.objects.filter(pk=item.person_id).exclude(status=Person.LEFT).values_list("pk", flat=True)
    at = item.decided_at.isoformat()
    tell(there, LOST, f"{LOST}:{item.pk}:{at}", REVIEW, str(item.pk), by=by.person, data={"at": at})


def answered(by: Actor, batch: Batch, draft: int, kind: str) -> None:
    """What a reviewer proposed in a draft was returned or given up."""
    data = {"draft": draft, "kind": kind}
    source = f"{ANSWERED}:{draft}:{_mark()}"
    tell([batch.reviewer_id], ANSWERED, source, REVIEW, str(batch.pk), by=by.person, data=data)


def due(campaign: int, reviewer: int, at: datetime) -> None:
    """A deadline has come before an answer, or before what was decided was handed in: its reviewer hears once of each what became of all
    that was due then."""
    data = {"at": at.isoformat()}
    tell([reviewer], DUE, f"{DUE}:{campaign}:{data['at']}", REVIEW, str(campaign), data=data)


def deadline(campaign: Campaign, people: Iterable[int]) -> None:
    """The deadline of a campaign has come, and all that was due is dealt with: told to who oversees it, where all of it has ended."""
    tell(sorted(set(people)), DEADLINE, f"{DEADLINE}:{campaign.pk}", REVIEW, str(campaign.pk))


def ended(by: Actor, campaign: Campaign, reviewers: Iterable[int]) -> None:
    """Somebody ended a campaign early: told to those who had not handed in all of theirs."""
    tell(sorted(set(reviewers)), ENDED, f"{ENDED}:{campaign.pk}", REVIEW, str(campaign.pk), by=by.person)


def closed(campaign: Campaign) -> None:
    """A campaign is over: told to who began it."""
    if campaign.created_by is not None:
        tell([campaign.created_by], CLOSED, f"{CLOSED}:{campaign.pk}", REVIEW, str(campaign.pk))


def _mark() -> str:
    return clock.now().isoformat()
