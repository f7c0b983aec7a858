"""Ending a campaign before its deadline: said beforehand, with a reason, and never so that one's own rights go unasked.

What was decided becomes final. What nobody has answered ends now, or stays as it is, as whoever ends it chooses. That which ends is
dealt with right after by what deals with deadlines (``deadline``), a transaction each: they may be thousands.

One alone takes so away what few others have, and nobody's power: more waits until another administrator of rights asks for the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from heli.access.facts import GrantFact
from heli.access.models import Grant
from heli.access.view import lines_of
from heli.audit import log
from heli.insight import company as companies
from heli.jobs import events
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.policy import sensitive
from heli.review import deadline, judging, proposal, told_of
from heli.review.campaigns import refuse_ended, tell
from heli.review.holders import SHARED, Company
from heli.review.models import Campaign, Item

SAY_WHY = Words("请说明为什么提前结束", "say why it ends early")
OVER = Words("这次复核已经结束，没有什么可提前结束的", "this review is over: there is nothing to end early")
OWN = Words(
    "未答复的里面有 {n} 项涉及你自己的权限，这样结束它们就不用复核了。请选「全部现在收回」，或由另一位安全管理员结束",
    "{n} of the unanswered rights are yours, or yours too: ended so, nobody would review them. Let all of them end, or ask "
    "another security administrator",
)
NOT_ASKED = Words("没有等待另一位确认的提前结束", "nobody has asked to end it early")
ALONE = 5
"""Rights of others that one administrator lets end at once; of those with which they administer none."""
ASKED = ("asked_at", "asked_by", "asked_how", "asked_why")
STANDS = timedelta(days=7)
"""So long what was asked waits for a second person."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What would become of the unanswered items: personal ones that end at once, others whose end is proposed in drafts, what stays."""

    how: str
    ends: int
    proposed: int
    stays: int
    own: int
    """Of what stays, rights that whoever ends it has themselves."""
    people: int
    """Others who lose something at once."""
    powerful: int
    """Of what they lose, rights with which they administer, or give rights."""

    @property
    def second(self) -> bool:
        """Whether it takes two."""
        return self.powerful > 0 or (self.people > 0 and self.ends > ALONE)


@dataclass(frozen=True, slots=True)
class Mine:
    """Of items, those about rights of whoever ends it; and those about rights with which somebody administers."""

    own: frozenset[int]
    powerful: frozenset[int]


def outcomes(campaign: Campaign, person: int) -> list[Outcome]:
    """What each way to end it would do, were this person to end it now."""
    waiting = _waiting(campaign)
    mine = _mine(waiting, person)
    return [_outcome(how, waiting, mine, person) for how in Campaign.UNANSWERED]


def asked(campaign: Campaign) -> bool:
    """Whether somebody who may still do so has asked to end it, and it waits for a second person."""
    if campaign.asked_at is None or campaign.ended_at is not None or campaign.closed_at is not None:
        return False
    return campaign.asked_at > clock.now() - STANDS and campaign.asked_by in companies.now().may("policy", "administer")


def waiting_for(person: int) -> list[Campaign]:
    """Campaigns whose end somebody else has asked for."""
    rows = Campaign.objects.filter(ended_at=None, closed_at=None, asked_at__gt=clock.now() - STANDS)
    return [one for one in rows.exclude(asked_by=person).order_by("pk") if asked(one)]


def unsubmitted(campaign: Campaign) -> int:
    """Decisions that ending it makes final."""
    return campaign.items.filter(submitted_at=None).exclude(state=Item.PENDING).count()


def end(by: Actor, person: int, pk: int, how: str, reason: str) -> Campaign:
    """End it now, or, where that takes two and nobody else has asked for the same, ask for it. Whether they may end any is decided above.

    Raises NotFound, Conflict where it is over, Invalid without a reason, Refused where rights of one's own would go unasked.
    """
    why = reason.strip()
    if len(why) < 2:
        raise Invalid(Problem("reason", "required", SAY_WHY))
    with log.transaction():
        # items before their campaign, as whoever decides on them: two ends in another order would wait for each other
        items = list(
            Item.objects.select_for_update(of=("self",))
            .select_related("batch")
            .filter(campaign_id=pk, submitted_at=None)
            .order_by("pk")
        )
        campaign = Campaign.objects.select_for_update().filter(pk=pk).first()
        if campaign is None:
            raise NotFound
        refuse_ended(campaign)
        if campaign.closed_at is not None:
            raise Conflict(OVER, code="ended")
        waiting = [one for one in items if one.state == Item.PENDING]
        found = _outcome(how, waiting, _mine(waiting, person), person)
        if found.own:
            raise Refused(OWN.fill(n=found.own), code="own")
        now = clock.now()
        both = asked(campaign) and campaign.asked_by != person and campaign.asked_how == how
        if found.second and not both:
            return _ask(by, campaign, person, found, why[:500])
        if both and campaign.asked_why != why:
            why = f"{campaign.asked_why} · {why}"[:500]
        if not both:
            campaign.asked_at, campaign.asked_by, campaign.asked_how, campaign.asked_why = None, None, "", ""
        campaign.ended_at, campaign.ended_by, campaign.ended_why, campaign.unanswered = now, person, why[:500], how
        decided = [one for one in items if one.state != Item.PENDING]
        Item.objects.filter(pk__in=[one.pk for one in decided]).update(submitted_at=now)
        stay = [one.pk for one in waiting if not _ends(how, one)]
        Item.objects.filter(pk__in=stay).update(
            state=Item.LEFT, decided_by=person, decided_at=now, submitted_at=now, note=why[:500]
        )
        go = Item.objects.filter(pk__in=[one.pk for one in waiting if _ends(how, one)])
        if not go.update(due=now):
            campaign.closed_at = now
        judging.look(by, campaign, {one.batch.reviewer_id for one in items})
        campaign.save(update_fields=["ended_at", "ended_by", "ended_why", "unanswered", "closed_at", *ASKED])
        after = {
            "unanswered": how, "ends": found.ends, "proposed": found.proposed, "stays": found.stays, "final": len(decided),
            "asked_by": campaign.asked_by,
        }  # fmt: skip
        tell(by, "review.end", pk, after=after, reason=why)
        told_of.ended(by, campaign, (one.batch.reviewer_id for one in items))
        proposal.submit(by, {one.draft_id for one in decided if one.state == Item.DRAFTED and one.draft_id is not None})
        events.publish("review.end", "review", str(pk))
        if campaign.closed_at is None:
            deadline.close_due.using(dedup_key=f"review {pk}").enqueue()
    return campaign


def _ask(by: Actor, campaign: Campaign, person: int, found: Outcome, why: str) -> Campaign:
    """Note that somebody wants it ended so; whatever was asked before no longer stands."""
    campaign.asked_at, campaign.asked_by, campaign.asked_how, campaign.asked_why = clock.now(), person, found.how, why
    campaign.save(update_fields=ASKED)
    after = {"unanswered": found.how, "ends": found.ends, "people": found.people, "powerful": found.powerful}
    tell(by, "review.ask_end", campaign.pk, after=after, reason=why)
    return campaign


def withdraw(by: Actor, pk: int) -> Campaign:
    """Take back what was asked, as who asked or as who would not have it so. Raises NotFound, Conflict."""
    with log.transaction():
        campaign = Campaign.objects.select_for_update().filter(pk=pk).first()
        if campaign is None:
            raise NotFound
        if not asked(campaign):
            raise Conflict(NOT_ASKED, code="not_asked")
        before = {"asked_by": campaign.asked_by, "unanswered": campaign.asked_how}
        campaign.asked_at, campaign.asked_by, campaign.asked_how, campaign.asked_why = None, None, "", ""
        campaign.save(update_fields=ASKED)
        tell(by, "review.unask_end", pk, before=before)
    return campaign


def _waiting(campaign: Campaign) -> list[Item]:
    return list(campaign.items.filter(state=Item.PENDING).only("person_id", "grant_id", "via", "secret").order_by("pk"))


def _ends(how: str, one: Item) -> bool:
    return how == Campaign.ALL_END or (how == Campaign.SECRET_END and one.secret)


def _outcome(how: str, waiting: Sequence[Item], mine: Mine, person: int) -> Outcome:
    told = Counter(
        "stays" if not _ends(how, one) else "ends" if one.via == Grant.PERSON else "proposed" for one in waiting
    )
    stays = [one for one in waiting if not _ends(how, one)]
    goes = [one for one in waiting if _ends(how, one) and one.via == Grant.PERSON and one.person_id != person]
    return Outcome(
        how, told["ends"], told["proposed"], told["stays"], sum(one.pk in mine.own for one in stays),
        len({one.person_id for one in goes}), sum(one.pk in mine.powerful for one in goes),
    )  # fmt: skip


def _mine(waiting: Sequence[Item], person: int) -> Mine:
    """Which of the items are about rights of this person: theirs by themselves, or by a post or department with others (what everybody
    has is nobody's own); and which about powerful ones."""
    company = Company(companies.now().world, clock.now())
    grants = company.world.all_grants
    shared = {
        one.grant_id: any(held.person == person for held in company.holdings(grants[one.grant_id]))
        for one in waiting
        if one.person_id is None and one.grant_id in grants and one.via in SHARED and one.via != Grant.EVERYONE
    }
    powerful = {pk for pk in {one.grant_id for one in waiting} & grants.keys() if _administers(grants[pk])}
    return Mine(
        frozenset(
            one.pk
            for one in waiting
            if one.person_id == person or (one.person_id is None and shared.get(one.grant_id, False))
        ),
        frozenset(one.pk for one in waiting if one.grant_id in powerful),
    )


def _administers(grant: GrantFact) -> bool:
    return not {"administer", "grant"}.isdisjoint(sensitive.why(lines_of(list(grant.given))))


__all__ = ["ALONE", "Outcome", "asked", "end", "outcomes", "unsubmitted", "waiting_for", "withdraw"]
