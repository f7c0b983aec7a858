"""Notices of reviews as sentences: passed on to me, answered, a right of mine taken or made less, a review of mine that is over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from heli.access.viewer import Viewer
from heli.api.common import people
from heli.kernel.words import Words
from heli.notices.kinds import Mail, Said, Say
from heli.notices.models import Notice
from heli.org import zone
from heli.policy.models import Remark
from heli.review import report, titles, told_of
from heli.review.models import Batch, Campaign, Item

SOMEBODY = Words("有人", "somebody")
WHY = Words("：{text}", ": {text}")
PASSED = Words("{who} 请你复核{whom}的权限「{what}」{why}", "{who} asks you to review a right of {whom}, “{what}”{why}")
EVERYBODY = Words("所有持有人", "all its holders")
PASSED_OUTSIDE = Words("{who} 转给你一项权限复核", "{who} passes the review of a right on to you")
NEXT = Words(
    "。工作还需要的话，请和直属上级说明，或申请临时授权",
    ". If your work needs it still, tell your manager, or ask for a loan",
)
LOST: Mapping[str, Words] = {
    Item.REVOKED: Words("复核收回了你的权限「{what}」{next}", "a review has taken your right “{what}” away{next}"),
    Item.NARROWED: Words("复核缩小了你的权限「{what}」{next}", "a review has made your right “{what}” less{next}"),
    Item.LAPSED: Words(
        "到复核结束没有人确认你还需要「{what}」，这项权限已收回{next}",
        "a review is over and nobody has confirmed that you need “{what}”: the right has ended{next}",
    ),
}
LOST_OUTSIDE = Words("你的一项权限经复核收回或缩小了", "a right of yours was taken away or made less by a review")
ANSWERS: Mapping[str, Words] = {
    Remark.RETURNED: Words(
        "{who} 退回了你在复核「{title}」里提议的改动{why}。可以撤销后重新决定；没有重新决定的由安全管理员处理",
        "{who} returns what you proposed in the review “{title}”{why}. Undo it and decide anew; the rest is left to security",
    ),
    Remark.WITHDRAWN: Words(
        "{who} 没有采纳你在复核「{title}」里提议的改动{why}。这些权限保持不变",
        "{who} does not take up what you proposed in the review “{title}”{why}. The rights stay as they are",
    ),
}
ANSWER_OUTSIDE = Words("你在一次权限复核里提议的改动有了答复", "what you proposed in a review of rights has its answer")
CLOSED = Words(
    "你发起的复核「{title}」已结束：共 {n} 项{parts}", "the review that you began is over, “{title}”: {n} rights{parts}"
)
CLOSED_OUTSIDE = Words("你发起的一次权限复核已结束", "a review of rights that you began is over")
PARTS: Mapping[str, Words] = {
    Item.KEPT: Words("，保留 {n}", ", {n} kept"), Item.NARROWED: Words("，缩小 {n}", ", {n} narrowed"),
    Item.REVOKED: Words("，收回 {n}", ", {n} taken back"), Item.LAPSED: Words("，到期收回 {n}", ", {n} ended at the deadline"),
    Item.DRAFTED: Words("，放进草稿 {n}", ", {n} proposed in drafts"), Item.GONE: Words("，已失效 {n}", ", {n} gone already"),
    Item.LEFT: Words("，未答复保持不变 {n}", ", {n} left as they are"),
}  # fmt: skip


CLOSED_EARLY = Words(
    "你发起的复核「{title}」已由 {who} 提前结束：共 {n} 项{parts}",
    "the review that you began is over, ended early by {who}, “{title}”: {n} rights{parts}",
)
UNANSWERED = Words("，未答复收回 {n}", ", {n} ended unanswered")
DUE = Words("复核「{title}」到期：{what}", "the review “{title}” has come to its deadline: {what}")
DUE_SILENT = Words(
    "你没有答复的 {n} 项已按规则处理{parts}", "of {n} rights you gave no answer, so the rules did{parts}"
)
DUE_FINAL = Words("你已决定、没有提交的 {n} 项成为最终结果", "{n} decisions that you had not submitted are final")
DUE_OUTSIDE = Words("你的一次权限复核到期了", "a review of rights that waited for you has come to its deadline")
DUE_PARTS = (
    (Item.LAPSED, Words("，收回 {n}", ", {n} ended")), (Item.DRAFTED, Words("，提议收回 {n}", ", {n} are proposed to end")),
    (Item.GONE, Words("，已失效 {n}", ", {n} gone already")),
)  # fmt: skip
LATER = Words("，{n} 项顺延到 {day}，到时仍未答复也会收回", ", {n} roll over to {day}, and end then without an answer")
CAME = Words(
    "复核「{title}」到了截止时间，共 {n} 项：{what}{next}",
    "the review “{title}” has come to its deadline, {n} rights: {what}{next}",
)
CAME_OUTSIDE = Words("一次权限复核到了截止时间", "a review of rights has come to its deadline")
CAME_PARTS: Mapping[str, Words] = {
    "answered": Words("{n} 项已由复核人答复", "{n} answered"),
    "final": Words("其中 {n} 项没有提交，到期成为最终结果", "{n} of these not handed in and final now"),
    "ended": Words("{n} 项没有答复，已收回", "{n} unanswered and ended"),
    "proposed": Words("{n} 项没有答复，已提议收回", "{n} unanswered and proposed to end"),
    "gone": Words("{n} 项没有答复，权限已先失效", "{n} unanswered and gone already"),
    "later": Words("{n} 项没有答复，顺延一次", "{n} unanswered and put off once"),
}  # fmt: skip
CAME_LEFT = Words("还等{who}答复 {n} 项，到 {day}", "still to be answered: {n}, by {who}, until {day}")
CAME_NEXT = Words("。可以催他们；到时仍未答复的也会收回", ". Ask them to answer: what is not answered by then ends too")
CAME_DRAFTS = Words(
    "。提议的改动在草稿里，等批准后生效", ". What is proposed is in drafts, and holds once these are approved"
)
MANY = Words("{names}等 {n} 人", "{names} and others ({n} people)")
NAMED = 3
ENDED = Words(
    "{who} 提前结束了复核「{title}」：{what}。原因：{why}",
    "{who} ended the review “{title}” early: {what}. Reason: {why}",
)
ENDED_NONE = Words("你已决定的成为最终结果", "what you had decided is final")
ENDED_SOME = Words(
    "你没有答复的 {n} 项{parts}；已决定的成为最终结果",
    "of {n} rights you gave no answer{parts}; what you had decided is final",
)
ENDED_PARTS = (
    *DUE_PARTS, (Item.LEFT, Words("，保持不变 {n}", ", {n} stay as they are")), (Item.PENDING, Words("，正在收回 {n}", ", {n} are ending now")),
)  # fmt: skip
ENDED_OUTSIDE = Words("你的一次权限复核提前结束了", "a review of rights that waited for you was ended early")


def _words(one: Mapping[str, str]) -> Words:
    return Words(one["zh"], one["en"])


def _why(text: str) -> Words:
    return WHY.fill(text=text) if text else Words("", "")


def _items(notices: Sequence[Notice]) -> dict[str, Item]:
    rows = Item.objects.filter(pk__in={int(one.key) for one in notices}).select_related("batch__campaign")
    return {str(row.pk): row for row in rows}


def of_passed(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """Only while it is theirs to judge: what has gone on to others is not theirs to know."""
    rows, found = _items(notices), {}
    told = people({*(one.by_id for one in notices), *(row.person_id for row in rows.values())})
    for one in notices:
        row = rows.get(one.key)
        if row is None or row.batch.reviewer_id != viewer.person:
            continue
        who = told.get(one.by_id or 0, {}).get("name") or SOMEBODY
        whom = told.get(row.person_id or 0, {}).get("name") or EVERYBODY
        text = PASSED.fill(who=who, whom=whom, what=_words(row.facts["what"]), why=_why(row.note))
        over = row.state != Item.PENDING or row.batch.campaign.ended_at is not None
        found[one.pk] = Said(text, PASSED_OUTSIDE.fill(who=who), f"/access/reviews?batch={row.batch_id}", over)
    return found


def of_lost(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """Nothing of what was undone."""
    rows, found = _items(notices), {}
    for one in notices:
        row = rows.get(one.key)
        if row is None or row.person_id != viewer.person or row.state not in LOST or row.decided_at is None:
            continue
        if row.decided_at.isoformat() == one.data["at"]:
            text = LOST[row.state].fill(what=_words(row.facts["what"]), next=NEXT)
            found[one.pk] = Said(text, LOST_OUTSIDE, "/access/why")
    return found


def of_answers(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """To who judges the batch, with what its items say of the draft."""
    rows = Batch.objects.filter(pk__in={int(one.key) for one in notices}, reviewer_id=viewer.person or 0)
    batches = {str(row.pk): row for row in rows.select_related("campaign")}
    drafts = {one.data["draft"] for one in notices}
    remarks = Remark.objects.filter(draft__in=drafts, kind__in=list(ANSWERS)).order_by("pk")
    texts = {(draft, kind): text for draft, kind, text in remarks.values_list("draft", "kind", "text")}
    again = set(
        Item.objects.filter(draft_id__in=drafts, state=Item.DRAFTED, submitted_at=None).values_list("draft_id", flat=True)
    )  # fmt: skip
    told, found = people(one.by_id for one in notices), {}
    for one in notices:
        row, kind, draft = batches.get(one.key), one.data["kind"], one.data["draft"]
        if row is None or kind not in ANSWERS:
            continue
        who = told.get(one.by_id or 0, {}).get("name") or SOMEBODY
        text = ANSWERS[kind].fill(who=who, title=titles.of(row.campaign), why=_why(texts.get((draft, kind), "")))
        over = kind == Remark.RETURNED and draft not in again
        found[one.pk] = Said(text, ANSWER_OUTSIDE, f"/access/reviews?batch={row.pk}", over)
    return found


def _joined(parts: Iterable[Words]) -> Words:
    some = list(parts)
    return Words("".join(part.zh for part in some), "".join(part.en for part in some))


def _theirs(viewer: Viewer, notices: Sequence[Notice]) -> tuple[dict[str, Campaign], dict[str, list[Item]]]:
    """By campaign: what this reviewer judges in it."""
    keys = {int(one.key) for one in notices}
    rows = {str(row.pk): row for row in Campaign.objects.filter(pk__in=keys)}
    items: dict[str, list[Item]] = defaultdict(list)
    found = Item.objects.filter(campaign__in=keys, batch__reviewer_id=viewer.person or 0)
    for item in found.only("campaign_id", "state", "due", "decided_by", "decided_at", "submitted_at"):
        items[str(item.campaign_id)].append(item)
    return rows, items


def of_due(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """What a deadline made of what they had not answered; what has gone to others since is not theirs to know."""
    rows, items = _theirs(viewer, notices)
    found = {}
    for one in notices:
        row, at = rows.get(one.key), datetime.fromisoformat(one.data["at"])
        past = [item for item in items[one.key] if item.due == at and item.decided_at is not None]
        later = [item for item in items[one.key] if item.due > at]
        ended = [item for item in past if item.decided_by is None]
        final = [item for item in past if item.decided_by is not None and item.submitted_at and item.submitted_at >= at]
        if row is None or not (ended or later or final):
            continue
        counts = Counter(item.state for item in ended)
        parts = [words.fill(n=counts[state]) for state, words in DUE_PARTS if counts[state]]
        parts += [LATER.fill(n=len(later), day=zone.told(min(item.due for item in later), "%Y-%m-%d"))] if later else []
        said = [DUE_SILENT.fill(n=len(ended) + len(later), parts=_joined(parts))] if ended or later else []
        said += [DUE_FINAL.fill(n=len(final))] if final else []
        what = Words("；".join(some.zh for some in said), "; ".join(some.en for some in said))
        text = DUE.fill(title=titles.of(row), what=what)
        found[one.pk] = Said(
            text, DUE_OUTSIDE, "/access/reviews", not any(item.state == Item.PENDING for item in later)
        )
    return found


def of_ended(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """To those whose answer is no longer waited for."""
    rows, items = _theirs(viewer, notices)
    found = {}
    for one in notices:
        row = rows.get(one.key)
        early = report.ended(row) if row is not None else None
        if row is None or early is None or not items[one.key]:
            continue
        counts = Counter(
            item.state for item in items[one.key] if report.unanswered(item, row) or item.state == Item.PENDING
        )
        parts = _joined(words.fill(n=counts[state]) for state, words in ENDED_PARTS if counts[state])
        what = ENDED_SOME.fill(n=counts.total(), parts=parts) if counts else ENDED_NONE
        text = ENDED.fill(who=report.enders(early), title=titles.of(row), what=what, why=row.ended_why)
        found[one.pk] = Said(text, ENDED_OUTSIDE, "/access/reviews", True)
    return found


def _campaigns(viewer: Viewer, notices: Sequence[Notice]) -> dict[str, Campaign]:
    """The campaigns that notices are of, by their key; none to who does not read the rules."""
    if viewer.view is None or not viewer.view.may("policy", "read"):
        return {}
    return {str(row.pk): row for row in Campaign.objects.filter(pk__in={int(one.key) for one in notices})}


def of_deadline(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """Where all of a campaign ended at its deadline, and what is left with whom now; to who reads the rules still."""
    rows = _campaigns(viewer, notices)
    found = {}
    for one in notices:
        row = rows.get(one.key)
        told = report.progress(row) if row is not None else None
        came = told["deadline"] if told is not None else None
        if row is None or told is None or came is None:
            continue
        parts = [words.fill(n=came[part]) for part, words in CAME_PARTS.items() if came[part]]
        if came["left"]:
            day = zone.told(datetime.fromisoformat(came["until"]), "%Y-%m-%d")
            parts.append(CAME_LEFT.fill(who=_left_with(told["reviewers"]), n=came["left"], day=day))
        waiting = any(draft["state"] in OPEN_DRAFTS for draft in came["drafts"])
        then = _joined([*([CAME_NEXT] if came["left"] else []), *([CAME_DRAFTS] if waiting else [])])
        what = Words("；".join(some.zh for some in parts), "; ".join(some.en for some in parts))
        text = CAME.fill(title=titles.of(row), n=told["total"], what=what, next=then)
        found[one.pk] = Said(text, CAME_OUTSIDE, f"/access/reviews?campaign={row.pk}", not came["left"] and not waiting)
    return found


OPEN_DRAFTS = ("open", "returned", "submitted")


def _left_with(reviewers: Sequence[Mapping[str, Any]]) -> Words:
    """Those with whom something is left, the most first."""
    names = [one["person"]["name"] for one in reviewers if one["pending"]]
    some = Words("、".join(names[:NAMED]), ", ".join(names[:NAMED]))
    return some if len(names) <= NAMED else MANY.fill(names=some, n=len(names))


def of_closed(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """What became of all of it, to who began it and reads the rules still."""
    rows = _campaigns(viewer, notices)
    found = {}
    for one in notices:
        row = rows.get(one.key)
        if row is None or row.closed_at is None:
            continue
        told = report.progress(row)
        early = told["ended"]
        said = PARTS if early is None else {**PARTS, Item.LAPSED: UNANSWERED}
        joined = _joined(said[state].fill(n=n) for state, n in told["states"].items() if n and state in said)
        if early is None:
            text = CLOSED.fill(title=titles.of(row), n=told["total"], parts=joined)
        else:
            text = CLOSED_EARLY.fill(title=titles.of(row), n=told["total"], parts=joined, who=report.enders(early))
        found[one.pk] = Said(text, CLOSED_OUTSIDE, "/access/reviews?campaigns")
    return found


KINDS: tuple[tuple[str, Words, Mail, Say], ...] = (
    (told_of.PASSED, Words("复核：转给我的", "Reviews: passed on to me"), "now", of_passed),
    (told_of.ANSWERED, Words("复核：答复我提议的改动", "Reviews: answers to what I proposed"), "now", of_answers),
    (told_of.DUE, Words("复核：到期没有答复的", "Reviews: what came to its deadline unanswered"), "now", of_due),
    (
        told_of.DEADLINE,
        Words("复核：到了截止时间的", "Reviews: where they ended at their deadline"),
        "digest",
        of_deadline,
    ),
    (told_of.ENDED, Words("复核：提前结束", "Reviews: ended early"), "now", of_ended),
    (told_of.LOST, Words("复核：我的权限收回或缩小", "Reviews: rights of mine taken or made less"), "now", of_lost),
    (told_of.CLOSED, Words("复核：我发起的结束了", "Reviews: what I began is over"), "digest", of_closed),
)
