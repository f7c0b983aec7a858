"""Notices of requests and loans as sentences: what they are about by its title, as long as their reader sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from heli.access.viewer import Viewer
from heli.api import lending_queue, lending_said
from heli.kernel.words import Words
from heli.lending import ask, emergencies, loans, told
from heli.lending.models import Loan, Request
from heli.notices.kinds import Mail, Said, Say
from heli.notices.models import Notice
from heli.org import zone
from heli.records.types import TYPES

TURN_OUTSIDE = Words("有一个权限申请等你答复", "a request for access waits for your answer")
ANSWERS: Mapping[str, tuple[Words, Words]] = {
    Request.APPROVED: (
        Words("你的权限申请已批准：{what}", "your request for access was approved: {what}"),
        Words("你的权限申请已批准", "your request for access was approved"),
    ),
    Request.REFUSED: (
        Words("你的权限申请被拒绝：{what}", "your request for access was refused: {what}"),
        Words("你的权限申请被拒绝", "your request for access was refused"),
    ),
}
LENT = Words("{who} 借给你：{what}", "{who} has lent you {what}")
LENT_OUTSIDE = Words("{who} 借给你一份权限", "{who} has lent you access")
SOON = Words(
    "借给你的{what}将在 {when} 到期，需要时请续期",
    "what you borrow of {what} ends at {when}: renew it if you need it",
)
SOON_PROJECT = Words(
    "借给项目「{project}」的{what}将在 {when} 到期", "what “{project}” borrows of {what} ends at {when}"
)
SOON_LENT = Words("你借给 {borrower} 的{what}将在 {when} 到期", "what you lent {borrower} of {what} ends at {when}")
SOON_OUTSIDE = Words("一笔临时授权即将到期", "a loan of yours ends soon")
BEGUN = Words("借给你的{what}继续有效，到 {when}", "what you borrow of {what} goes on until {when}")
BEGUN_PROJECT = Words(
    "{who} 把{what}借给项目「{project}」，到 {when}", "{who} has lent {what} to “{project}” until {when}"
)
BEGUN_OUTSIDE = Words("你有一笔临时授权", "you have been lent access")
ENDED_OUTSIDE = Words("一笔临时授权已经结束", "a loan of yours has ended")
ENDED: Mapping[str, Words] = {
    Loan.RECALLED: Words("借给你的{what}已被收回", "what you borrowed of {what} was called back"),
    Loan.TRANSFERRED: Words("借给你的{what}随移交结束了", "what you borrowed of {what} ended with its hand-over"),
    Loan.LOST: Words(
        "{lender} 借给你的{what}结束了：{lender} 自己不再持有这项权限",
        "what {lender} had lent you of {what} ended: {lender} does not hold it any more",
    ),
    Loan.DELETED: Words(
        "借给你的{what}结束了：记录已删除", "what you borrowed of {what} ended: the record was deleted"
    ),
    Loan.CLOSED: Words("紧急状态结束，{what}不再对你开放", "the emergency is over: {what} is no longer open to you"),
    Loan.RETURNED: Words("{borrower} 归还了{what}", "{borrower} has given {what} back"),
}
LOST_LENT = Words(
    "你借给 {borrower} 的{what}结束了：你自己不再持有这项权限",
    "what you had lent {borrower} of {what} ended: you do not hold it any more",
)
KEEP_OUTSIDE = Words("请决定一笔临时授权是否继续", "decide whether a loan goes on")
EMERGENCY_OUTSIDE = Words("有人在紧急状态下打开了记录", "somebody opened a record in an emergency")
VERDICTS: Mapping[str, Words] = {
    emergencies.JUSTIFIED: Words(
        "你在紧急状态下的使用已复核：合理", "your use in an emergency was reviewed: justified"
    ),
    emergencies.UNJUSTIFIED: Words("你在紧急状态下的使用被判定不当", "your use in an emergency was judged unjustified"),
}


def turns(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """It is one's turn to answer."""
    rows = [row for row in Request.objects.filter(pk__in={one.key for one in notices}) if ask.knows(viewer, row)]
    words = _requests(viewer, rows)
    by_id = {row.pk: row for row in rows}
    return {
        one.pk: Said(
            lending_queue.asked(by_id[one.key], words[one.key]), TURN_OUTSIDE, "/access/loans?box=inbox",
            by_id[one.key].state not in Request.WAITING,
        )
        for one in notices if one.key in words
    }  # fmt: skip


def answers(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """One's request has its answer; or one was lent something without having asked."""
    mine = {viewer.person}
    rows = {
        row.pk: row for row in Request.objects.filter(pk__in={one.key for one in notices})
        if {row.asker_id, row.borrower_id} & mine and row.state in ANSWERS
    }  # fmt: skip
    words = _requests(viewer, list(rows.values()))
    return {one.pk: _answer(viewer, one, rows[one.key], words[one.key]) for one in notices if one.key in rows}


def _answer(viewer: Viewer, one: Notice, row: Request, words: Mapping[str, Any]) -> Said:
    what = lending_queue.about(row, words)
    if row.state == Request.APPROVED and row.asker_id == one.by_id and row.asker_id != viewer.person:
        who = (words["asker"] or {}).get("name", "?")
        return Said(LENT.fill(who=who, what=what), LENT_OUTSIDE.fill(who=who), "/access/loans?box=mine")
    inside, outside = ANSWERS[row.state]
    return Said(inside.fill(what=what), outside, "/access/loans?box=mine")


def _requests(viewer: Viewer, rows: list[Request]) -> Mapping[str, Mapping[str, Any]]:
    return lending_said.names_of(viewer, rows) if rows else {}


def of_loans(viewer: Viewer, notices: Sequence[Notice]) -> dict[int, Said]:
    """What became of a loan, for whom it still concerns."""
    ids = {int(one.key) for one in notices}
    rows = [row for row in Loan.objects.filter(pk__in=ids).select_related("request") if loans.concerns(viewer, row)]
    words = dict(zip((row.pk for row in rows), lending_said.loans_said(viewer, rows), strict=True)) if rows else {}
    by_id = {row.pk: row for row in rows}
    found = {}
    for one in notices:
        pk = int(one.key)
        if pk in words and (said := _loan(viewer, one, by_id[pk], words[pk])) is not None:
            found[one.pk] = said
    return found


def _loan(viewer: Viewer, one: Notice, row: Loan, words: Mapping[str, Any]) -> Said | None:
    title = words["title"]
    plain = title or lending_queue.ONE.fill(type=TYPES[row.type].words)
    what = Words(f"「{title}」", f"“{title}”") if title else lending_queue.ONE.fill(type=TYPES[row.type].words)
    project = words["project"] or "?"
    borrower = (words["borrower"] or {}).get("name") or project
    lender = (words["lender"] or {}).get("name") or "?"
    when = zone.told(row.ends, "%m-%d %H:%M")
    record = f"/records/{row.type}/{row.record_id}"
    lends = viewer.person == row.lender_id
    if one.kind == told.SOON:
        text = SOON_LENT if lends else SOON_PROJECT if row.project_id else SOON
        return Said(
            text.fill(what=what, when=when, project=project, borrower=borrower),
            SOON_OUTSIDE,
            "/access/loans",
            not row.running(),
        )
    if one.kind == told.BEGUN:
        text = BEGUN_PROJECT if row.project_id else BEGUN
        filled = text.fill(what=what, when=when, project=project, who=lender)
        return Said(filled, BEGUN_OUTSIDE, record, not row.running())
    if one.kind == told.ENDED:
        pattern = LOST_LENT if lends and row.ended_how == Loan.LOST else ENDED.get(row.ended_how)
        filled_in = pattern.fill(what=what, borrower=borrower, lender=lender) if pattern else None
        return Said(filled_in, ENDED_OUTSIDE, "/access/loans") if filled_in else None
    if one.kind == told.KEEP:
        filled = lending_queue.KEEP.fill(who=borrower, what=plain)
        return Said(filled, KEEP_OUTSIDE, "/", "keep" not in words["may"])
    if one.kind == told.VERDICT:
        return Said(VERDICTS[row.verdict], VERDICTS[row.verdict], "/access/loans") if row.verdict else None
    reviews = emergencies.governs(viewer)
    text = lending_queue.USED if reviews else lending_queue.OPENED
    return Said(text.fill(who=borrower, what=plain), EMERGENCY_OUTSIDE, "/", reviews and bool(row.verdict))


KINDS: tuple[tuple[str, Words, Mail, Say], ...] = (
    (ask.TURN_NOTICE, Words("权限申请等我答复", "Requests for access that wait for me"), "now", turns),
    (ask.ANSWER_NOTICE, Words("我的权限申请有答复", "Answers to my requests for access"), "digest", answers),
    (told.SOON, Words("临时授权即将到期", "Loans that end soon"), "now", of_loans),
    (told.BEGUN, Words("临时授权开始或继续", "Loans that begin or go on"), "digest", of_loans),
    (told.ENDED, Words("临时授权提前结束", "Loans that end early"), "digest", of_loans),
    (told.KEEP, Words("临时授权等我决定去留", "Loans that wait for me to say whether they go on"), "now", of_loans),
    (told.EMERGENCY, Words("紧急状态下打开了记录", "Records opened in an emergency"), "now", of_loans),
    (told.VERDICT, Words("我的紧急使用有了结论", "Verdicts on my use in an emergency"), "now", of_loans),
)
