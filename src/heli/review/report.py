"""Reviews as they are read: a reviewer's batches, a campaign's progress, and the evidence of who decided what when."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce

from heli.guard.exports.cells import neutral
from heli.kernel import clock
from heli.kernel.words import Words
from heli.org import zone
from heli.org.tree import names_of
from heli.review import decide, ending, judging, proposal, titles
from heli.review.models import Batch, Campaign, Item, Share

SECONDS = 20
"""Of work that one item is thought to take."""
COLUMNS = {
    "campaign": "复核", "item": "编号", "person": "人员", "username": "用户名", "right": "权限", "origin": "来源", "risk": "风险",
    "sensitive": "含敏感或机密", "last_used": "最近使用", "uses_90_days": "近90天次数", "outlier": "异常", "suggestion": "建议",
    "reason": "理由", "decision": "决定", "decided_by": "决定人", "decided_at": "决定时间", "submitted_at": "提交时间",
    "reviewer": "复核人", "delegated_by": "转交人", "note": "说明", "proposed": "提议", "draft": "草稿", "draft_state": "草稿状态",
    "ended_early_at": "提前结束时间", "ended_early_by": "提前结束人", "ended_early_reason": "提前结束原因",
    "unanswered": "未答复的处理",
}  # fmt: skip
"""The columns of the evidence, and what they are called in Chinese; in English by their codes."""
CODES = {
    "suggestion": {"keep": "保留", "narrow": "缩小", "revoke": "收回", "shorten": "缩短"},
    "decision": {state: words.zh for state, words in decide.SAID.items()} | {Item.PENDING: "待定"},
    "decided_by": {"policy": "到期规则"},
    "unanswered": {
        Campaign.SECRET_END: "敏感与机密收回，其余保持不变", Campaign.ALL_END: "全部收回", Campaign.NONE_ENDS: "全部保持不变",
    },
    "draft_state": {"open": "尚未送批", "returned": "已退回", "submitted": "待批准", "published": "已发布", "withdrawn": "未采纳"},
}  # fmt: skip
"""The codes in the evidence in Chinese."""
MOMENTS, TO_THE_SECOND = ("decided_at", "submitted_at"), "%Y-%m-%d %H:%M:%S"
"""Told on the company's clock, as every other file: who opens it has no other."""
EARLY = "未答复，提前结束时收回"
UNANSWERED = (Item.LAPSED, Item.LEFT)
"""How items end that no reviewer has decided."""
SILENT = "unanswered"
"""To narrow a campaign to what no reviewer has answered, whatever became of it."""
YES_NO = Words("是", "yes"), Words("否", "no")


def stamp(at: datetime | None) -> str | None:
    """A moment as the API writes it."""
    return None if at is None else at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def days_left(due: datetime) -> int:
    """Days of the company's calendar: 0 on the day itself."""
    return max((zone.here(due).date() - zone.here(clock.now()).date()).days, 0)


UNTIL = Min("items__due", filter=Q(items__state=Item.PENDING))
"""When the first unanswered item of a batch ends or rolls over."""


def batches(reviewer: int) -> list[dict[str, Any]]:
    """Everything that was handed to a reviewer, open ones first, at most 60."""
    rows = (
        Batch.objects.filter(reviewer_id=reviewer)
        .select_related("campaign")
        .annotate(
            size=Count("items"),
            pending=Count("items", filter=Q(items__state=Item.PENDING)),
            unsubmitted=Count("items", filter=Q(items__submitted_at=None)),
            taken=Count("items", filter=Q(items__state__in=[Item.REVOKED, Item.LAPSED, Item.DRAFTED, Item.NARROWED])),
            until=Coalesce(UNTIL, "campaign__due"),
        )
        .filter(size__gt=0)
    )
    numbers = dict(
        Batch.objects.filter(campaign__batches__reviewer_id=reviewer, reviewer_id=reviewer)
        .values_list("campaign")
        .annotate(n=Count("pk", distinct=True))
    )
    held = judging.held(reviewer)
    listed = list(rows.order_by("until", "campaign_id", "number"))
    titled = titles.many(b.campaign for b in listed)
    found = [
        {
            "id": str(b.pk), "campaign": str(b.campaign_id), "title": b.campaign.title,
            "title_words": titled[b.campaign_id].json(), "number": b.number,
            "of": numbers.get(b.campaign_id, 1), "size": b.size, "decided": b.size - b.pending, "taken": b.taken,
            "minutes": max(1, round(b.pending * SECONDS / 60)), "due": stamp(b.until),
            "days_left": days_left(b.until), "done": b.unsubmitted == 0 or b.campaign.ended_at is not None,
            "held": b.campaign_id in held,
        }
        for b in listed
    ]  # fmt: skip
    return sorted(found, key=lambda b: bool(b["done"]))[:60]


def silent(campaign: Campaign) -> Q:
    """As ``unanswered``, to ask the database."""
    found = Q(state__in=UNANSWERED) | Q(decided_by=None, decided_at__isnull=False)
    return found | Q(decided_at__gte=campaign.ended_at) if campaign.ended_at is not None else found


def share(one: Share) -> dict[str, Any]:
    """How far a reviewer is with all that they judge in a campaign."""
    campaign, names = one.campaign, names_of([one.reviewer_id])
    items = Item.objects.filter(campaign=campaign, batch__reviewer_id=one.reviewer_id)
    due = judging.until(campaign, items)
    told = items.aggregate(
        total=Count("pk"), pending=Count("pk", filter=Q(state=Item.PENDING)),
        unsubmitted=Count("pk", filter=Q(submitted_at=None) & ~Q(state=Item.PENDING)), high=Count("pk", filter=Q(band=Item.HIGH)),
        unanswered=Count("pk", filter=silent(campaign)),
    )  # fmt: skip
    states = dict(items.values_list("state").annotate(n=Count("pk")).order_by())
    first = items.filter(submitted_at=None).order_by("batch_id").first()
    username, name = names.get(one.reviewer_id, ("", "?"))
    return {
        "id": str(one.pk), "campaign": str(campaign.pk), "title": campaign.title, "title_words": titles.of(campaign).json(), "kind": campaign.kind,
        "reviewer": {"id": str(one.reviewer_id), "username": username, "name": name}, "due": stamp(due),
        "days_left": days_left(due), "held": one.held, "done": one.done_at is not None, "ended": ended(campaign),
        "batch": str(first.batch_id) if first is not None else None, "states": states, **told,
    }  # fmt: skip


def open_batches(reviewer: int) -> list[tuple[Batch, datetime]]:
    """Those in which something is pending, and may be decided; and when the first of it ends or rolls over."""
    waiting = Item.objects.filter(state=Item.PENDING, batch__reviewer_id=reviewer, campaign__ended_at=None).values(
        "batch"
    )
    rows = Batch.objects.filter(pk__in=waiting).exclude(campaign__in=judging.held(reviewer))
    rows = rows.select_related("campaign").annotate(until=UNTIL)
    return [(one, one.until) for one in rows.order_by("until", "pk")[:50]]


def table(batch: Batch) -> dict[str, Any]:
    """A batch with its items, the riskiest first."""
    items = list(Item.objects.filter(batch=batch).order_by("-risk", "pk"))
    names = names_of(one.person_id for one in items if one.person_id is not None)
    names |= names_of(one.delegated_by for one in items if one.delegated_by is not None)
    due = min((one.due for one in items if one.state == Item.PENDING), default=batch.campaign.due)
    campaign, drafts = batch.campaign, proposal.states_of({one.draft_id for one in items if one.draft_id})
    return {
        "id": str(batch.pk), "campaign": str(campaign.pk), "title": campaign.title, "title_words": titles.of(campaign).json(), "number": batch.number,
        "due": stamp(due), "days_left": days_left(due),
        "draft": str(batch.draft_id) if batch.draft_id is not None else None,
        "ended": ended(campaign), "held": campaign.pk in judging.held(batch.reviewer_id),
        "acceptable": 0 if campaign.ended_at is not None else sum(decide.acceptable(one) and one.person_id != batch.reviewer_id for one in items),
        "unsubmitted": sum(one.state != Item.PENDING and one.submitted_at is None for one in items),
        "items": [item(one, names, drafts) | {"unanswered": unanswered(one, campaign)} for one in items],
    }  # fmt: skip


def item(one: Item, names: Mapping[int, tuple[str, str]], drafts: Mapping[int, dict[str, Any]]) -> dict[str, Any]:
    """One row of the table, as its reviewer was shown it and as it stands."""
    return {
        "id": str(one.pk), "person": _who(one.person_id, names), "where": one.facts["where"], "what": one.facts["what"],
        "origin": one.facts["origin"], "via": one.via, "bars": one.facts["bars"], "last": one.facts["last"],
        "idle": one.facts["idle"], "outlier": one.facts["outlier"], "suggestion": one.facts["suggestion"],
        "risk": one.risk, "band": one.band, "secret": one.secret, "state": one.state, "note": one.note,
        "submitted": one.submitted_at is not None, "rolled": one.rolled, "delegated_by": _who(one.delegated_by, names),
        "due": stamp(one.due), "draft": drafts.get(one.draft_id or 0),
        "proposed": one.wish["says"] if one.wish is not None else None,
    }  # fmt: skip


def results(
    campaign: Campaign, *, state: str = "", reviewer: int | None = None, after: int = 0, most: int
) -> tuple[list[dict[str, Any]], int | None]:
    """What became of a campaign item by item, from the one after this id on: who judges it, what was decided, by whom, when, why, and
    what has come of it. Narrowed to one outcome (``unanswered``: those nobody has decided) or one reviewer; and the id to go on after."""
    found = campaign.items.filter(pk__gt=after)
    if state:
        found = found.filter(silent(campaign) if state == SILENT else Q(state=state))
    if reviewer is not None:
        found = found.filter(batch__reviewer_id=reviewer)
    rows = list(found.select_related("batch").order_by("pk")[: most + 1])
    items, more = rows[:most], len(rows) > most
    names = names_of(
        {pk for one in items for pk in (one.person_id, one.delegated_by, one.decided_by, one.batch.reviewer_id) if pk}
    )
    drafts = proposal.states_of({one.draft_id for one in items if one.draft_id})
    told = [
        item(one, names, drafts)
        | {
            "unanswered": unanswered(one, campaign), "reviewer": _who(one.batch.reviewer_id, names),
            "decided_by": _who(one.decided_by, names), "decided_at": stamp(one.decided_at),
        }
        for one in items
    ]  # fmt: skip
    return told, items[-1].pk if more else None


def _who(pk: int | None, names: Mapping[int, tuple[str, str]]) -> dict[str, str] | None:
    return {"id": str(pk), "username": names[pk][0], "name": names[pk][1]} if pk is not None and pk in names else None


def progress(campaign: Campaign) -> dict[str, Any]:
    """How far a campaign is, in all and by reviewer."""
    counts: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    quiet = 0
    rows = campaign.items.values_list("batch__reviewer_id", "state").order_by()
    for reviewer, state, n, mute in rows.annotate(n=Count("pk"), mute=Count("pk", filter=silent(campaign))):
        counts[reviewer][state] += n
        quiet += mute
    names = names_of(counts)
    total: dict[str, int] = defaultdict(int)
    for some in counts.values():
        for state, n in some.items():
            total[state] += n
    return {
        **head(campaign), "states": {state: total.get(state, 0) for state, _ in Item.STATES},
        "total": sum(total.values()), "unanswered": quiet, "deadline": deadline(campaign),
        "reviewers": [
            {
                "person": {"id": str(pk), "username": names[pk][0], "name": names[pk][1]},
                "total": sum(some.values()), "pending": some.get(Item.PENDING, 0),
            }
            for pk, some in sorted(counts.items(), key=lambda one: -one[1].get(Item.PENDING, 0)) if pk in names
        ],
    }  # fmt: skip


MOST_DRAFTS = 20


def deadline(campaign: Campaign) -> dict[str, Any] | None:
    """Where all of a campaign ended at its deadline: answered in time (and made final by the deadline), ended, proposed, put off once; None
    before, and of one that was ended early."""
    at = campaign.due
    if at > clock.now() or campaign.ended_at is not None:
        return None
    answered = Q(decided_by__isnull=False) & (Q(decided_at__lt=at) | Q(due=at))
    ruled, later = Q(due=at, decided_at__isnull=False) & ~answered, Q(due__gt=at) & ~answered
    told = campaign.items.aggregate(
        answered=Count("pk", filter=answered), final=Count("pk", filter=answered & Q(submitted_at__gte=at)),
        ended=Count("pk", filter=ruled & Q(state=Item.LAPSED)), proposed=Count("pk", filter=ruled & Q(state=Item.DRAFTED)),
        gone=Count("pk", filter=ruled & Q(state=Item.GONE)), later=Count("pk", filter=later),
        left=Count("pk", filter=later & Q(state=Item.PENDING)), until=Min("due", filter=later & Q(state=Item.PENDING)),
    )  # fmt: skip
    drafts = (
        campaign.items.filter(ruled, state=Item.DRAFTED, draft_id__isnull=False)
        if told["proposed"]
        else Item.objects.none()
    )
    ids = sorted({one for one in drafts.values_list("draft_id", flat=True) if one is not None})[:MOST_DRAFTS]
    found = list(proposal.states_of(ids).values()) if ids else []
    return {**told, "at": stamp(at), "until": stamp(told["until"]), "drafts": found}


def head(campaign: Campaign) -> dict[str, Any]:
    return {
        "id": str(campaign.pk), "title": campaign.title, "title_words": titles.of(campaign).json(), "kind": campaign.kind,
        "created_at": stamp(campaign.created_at),
        "due": stamp(judging.until(campaign, campaign.items.all())), "closed_at": stamp(campaign.closed_at),
        "ended": ended(campaign), "asked": asked(campaign),
    }  # fmt: skip


def asked(campaign: Campaign) -> dict[str, Any] | None:
    """Who asks to end it before its deadline in a way that takes a second person, as long as that waits."""
    return (
        _said(campaign.asked_at, campaign.asked_by, campaign.asked_why, campaign.asked_how)
        if ending.asked(campaign)
        else None
    )


def _said(at: datetime | None, by: int | None, why: str, how: str) -> dict[str, Any]:
    username, name = (names_of([by]) if by is not None else {}).get(by or 0, ("", "?"))
    person = {"id": str(by), "username": username, "name": name}
    return {"at": stamp(at), "by": person, "reason": why, "unanswered": how}


def ended(campaign: Campaign) -> dict[str, Any] | None:
    """Who ended it before its deadline, when, why, and which unanswered rights end with it."""
    if campaign.ended_at is None:
        return None
    told = _said(campaign.ended_at, campaign.ended_by, campaign.ended_why, campaign.unanswered)
    first = _said(None, campaign.asked_by, "", "")["by"] if campaign.asked_by is not None else None
    return {**told, "asked_by": first}


def enders(early: dict[str, Any]) -> Words:
    """Who ended it: one, or both where it took two."""
    both = [early[who]["name"] for who in ("asked_by", "by") if early[who] is not None]
    return Words("、".join(both), " and ".join(both))


def unanswered(one: Item, campaign: Campaign) -> bool:
    """Whether its reviewer gave no answer: its deadline dealt with it, or who ended the campaign."""
    if one.decided_at is None:
        return False
    return one.decided_by is None or (campaign.ended_at is not None and one.decided_at >= campaign.ended_at)


def evidence(campaign: Campaign, *, after: int = 0, most: int | None = None) -> Iterable[dict[str, Any]]:
    """Who decided what when, one row an item (from the one after this id on), with what they were shown."""
    rows = campaign.items.filter(pk__gt=after).select_related("batch").order_by("pk")[:most]
    people: set[int] = set()
    for row in rows.values_list("person_id", "decided_by", "batch__reviewer_id", "delegated_by"):
        people.update(pk for pk in row if pk is not None)
    names = names_of(people)
    drafts = proposal.states_of({pk for pk in rows.values_list("draft_id", flat=True) if pk is not None})
    early = ended(campaign)
    both = [early[who]["name"] for who in ("asked_by", "by") if early[who] is not None] if early is not None else []
    by_whom = ", ".join(both)

    def name(pk: int | None) -> str:
        return names[pk][1] if pk in names else ""

    for one in rows.iterator(chunk_size=500):
        facts, suggestion = one.facts, one.facts["suggestion"]
        draft = drafts.get(one.draft_id or 0)
        yield {
            "campaign": campaign.title, "item": str(one.pk), "person": name(one.person_id),
            "username": names[one.person_id][0] if one.person_id in names else "", "right": facts["what"],
            "origin": facts["origin"], "risk": one.risk, "sensitive": one.secret, "last_used": facts["last"],
            "uses_90_days": sum(facts["bars"]), "outlier": facts["outlier"]["words"],
            "suggestion": suggestion["decision"], "reason": suggestion["words"], "decision": one.state,
            "decided_by": name(one.decided_by) or ("policy" if one.decided_at is not None else ""),
            "decided_at": stamp(one.decided_at), "submitted_at": stamp(one.submitted_at),
            "reviewer": name(one.batch.reviewer_id), "delegated_by": name(one.delegated_by), "note": one.note,
            "proposed": one.wish["says"] if one.wish is not None else None,
            "draft": one.draft_id, "draft_state": draft["state"] if draft is not None else None,
            "ended_early_at": early["at"] if early else None, "ended_early_by": by_whom,
            "ended_early_reason": early["reason"] if early else "", "unanswered": early["unanswered"] if early else "",
        }  # fmt: skip


def as_csv(rows: Iterable[dict[str, Any]], language: str) -> bytes:
    """The evidence for a spreadsheet: UTF-8 with its mark, and no cell that begins a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    zh = language == "zh"
    writer.writerow(COLUMNS.values() if zh else COLUMNS)
    for row in rows:
        told = row | {
            name: zone.told(datetime.fromisoformat(row[name]), TO_THE_SECOND) for name in MOMENTS if row[name]
        }
        if zh:
            told |= {name: some.get(row[name], row[name]) for name, some in CODES.items()}
            if row["unanswered"] and row["decision"] == Item.LAPSED:
                told["decision"] = EARLY
        writer.writerow([cell(told[column], language) for column in COLUMNS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def cell(value: Any, language: str) -> str:
    """A value as text that a spreadsheet shows and never computes."""
    if isinstance(value, dict):
        value = Words(value["zh"], value["en"])(language)
    if isinstance(value, bool):
        value = YES_NO[not value](language)
    return neutral("" if value is None else str(value))


def summary() -> dict[str, Any]:
    """What `heli access review` prints: every campaign with its progress, newest first."""
    rows = Campaign.objects.order_by("-pk")[:100]
    found = [progress(one) for one in rows]
    return {
        "campaigns": found,
        "open": sum(one["closed_at"] is None for one in found),
        "pending": sum(one["states"][Item.PENDING] for one in found),
    }
