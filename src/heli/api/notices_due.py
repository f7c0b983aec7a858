"""Notices of the time that work takes, as it stands when they are read: what was due when, until when it is due now, and with whom.

The page of the case says the same: a moment that has been put off since, or work that has gone to somebody else, is not told as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from heli.flows import matters, told_of
from heli.flows.models import Instance, Work
from heli.kernel import clock
from heli.kernel.words import Words
from heli.notices.models import Notice
from heli.org import zone

KINDS = (told_of.REMINDED, told_of.LATE, told_of.ESCALATED)

SOON = Words("「{node}」快到期了，{at} 前要办完：{case}", "“{node}” is due soon, by {at}: {case}")
LATE = Words("「{node}」{at} 已经到期，还等你办：{case}", "“{node}” is overdue since {at} and waits for you: {case}")
PUT_OFF = Words(
    "「{node}」原定 {at} 到期，已改到 {till} 到期：{case}", "“{node}” was due by {at}; it is due by {till} now: {case}"
)
AGAIN = Words(
    "「{node}」原定 {at} 到期，改到 {till} 后又过了期，还等你办：{case}",
    "“{node}” was due by {at}, then by {till}, is overdue again and waits for you: {case}",
)
OVER = Words(
    "「{node}」原定 {at} 到期，现在不用你办了：{case}", "“{node}” was due by {at} and waits for you no more: {case}"
)
DONE = Words("「{node}」原定 {at} 到期，已办完：{case}", "“{node}” was due by {at} and is done: {case}")

TALK = Words("。请和 TA 说一声", ". Talk to them")
NEXT = Words(
    "。可以和 TA 说一声；TA 办不了的话，请流程管理员改派",
    ". Talk to them; where they cannot, ask who looks after processes to reassign it",
)
THEIRS_LATE = Words(
    "{holder} 的「{node}」{at} 到期，还没有办，已经超时：{case}{next}",
    "“{node}” of {holder} is overdue since {at}: {case}{next}",
)
THEIRS_PUT_OFF = Words(
    "{holder} 的「{node}」{at} 到期时没有办完，已改到 {till} 到期：{case}{next}",
    "“{node}” of {holder} was not done by {at}; it is due by {till} now: {case}{next}",
)
THEIRS_AGAIN = Words(
    "{holder} 的「{node}」{at} 到期时没有办完，改到 {till} 后又超时了：{case}{next}",
    "“{node}” of {holder} was not done by {at}, nor by {till}, and is overdue again: {case}{next}",
)
THEIRS_WITH = Words(
    "{holder} 的「{node}」{at} 到期时没有办，现在由 {who} 办理{until}：{case}",
    "“{node}” of {holder} was not done by {at}; it is with {who} now{until}: {case}",
)
THEIRS_DONE = Words(
    "{holder} 的「{node}」{at} 到期时没有办，后来在 {done} 办完：{case}",
    "“{node}” of {holder} was not done by {at}; it was done on {done}: {case}",
)
THEIRS_OVER = Words(
    "{holder} 的「{node}」{at} 到期时没有办，现在不再等 TA 办：{case}",
    "“{node}” of {holder} was not done by {at} and waits for them no more: {case}",
)
BY = Words("，{at} 到期", ", due by {at}")
ONCE = Words("此前", "the time that it had")
"""Where a notice of before does not say when it was due."""
NONE = Words("", "")


@dataclass(frozen=True, slots=True)
class Standing:
    """Work that notices tell of, and what stands open at the same step of its case now."""

    works: Mapping[tuple[int, int], Work]
    open: Mapping[tuple[int, int], Sequence[Work]]
    """By case and token."""

    @property
    def people(self) -> set[int]:
        """All whom it may name."""
        return {one.person_id for some in self.open.values() for one in some}


def standing(notices: Sequence[Notice], cases: Mapping[int, Instance]) -> Standing:
    """What notices about the time of work need, of the cases by notice."""
    asked = {(cases[one.pk].pk, one.data["number"]) for one in notices if one.kind in KINDS and one.pk in cases}
    rows = Work.objects.filter(instance_id__in={case for case, _ in asked}) if asked else Work.objects.none()
    numbers = {number for _, number in asked}
    found = list(rows.filter(number__in=numbers).union(rows.filter(state=Work.OPEN)).order_by("number"))
    open_: dict[tuple[int, int], list[Work]] = {}
    for one in found:
        if one.state == Work.OPEN:
            open_.setdefault((one.instance_id, one.token), []).append(one)
    return Standing({(one.instance_id, one.number): one for one in found}, open_)


def said(
    one: Notice, row: Instance, there: Standing, told: Mapping[int, Mapping[str, str]], *, named: bool
) -> tuple[Words, dict[str, Words | str]] | None:
    """The pattern, and what fills it beside the case, the step and the holder; None where the work is there no more. ``named``: what the
    step is, who has it now and what came of it may be told."""
    case, work = row.pk, there.works.get((row.pk, one.data["number"]))
    if work is None:
        return None
    was = _was(one, work)
    more: dict[str, Words | str] = {
        "at": zone.told(was) if was is not None else ONCE,
        "next": TALK if row.type in matters.MATTERS else NEXT,
        "till": "",
    }
    theirs = one.kind == told_of.ESCALATED
    if work.state != Work.OPEN:
        if work.state == Work.DONE and work.done_at is not None and (named or not theirs):
            return (THEIRS_DONE if theirs else DONE), {**more, "done": zone.told(work.done_at)}
        others = [each for each in there.open.get((case, work.token), ()) if each.person_id in told]
        if theirs and named and others:
            until = min((each.due_at for each in others if each.due_at is not None), default=None)
            who = list(dict.fromkeys(told[each.person_id]["name"] for each in others))
            names = Words("、".join(who), ", ".join(who))
            return THEIRS_WITH, {
                **more,
                "who": names,
                "until": BY.fill(at=zone.told(until)) if until is not None else NONE,
            }
        return (THEIRS_OVER if theirs else OVER), more
    till = work.due_at if work.due_at != was else None
    late = (till or was or one.at) <= clock.now()
    if till is not None:
        more["till"] = zone.told(till)
        if theirs:
            return (THEIRS_AGAIN if late else THEIRS_PUT_OFF), more
        return (AGAIN if late else PUT_OFF), more
    if theirs:
        return THEIRS_LATE, more
    return (LATE if late else SOON), more


def _was(one: Notice, work: Work) -> datetime | None:
    """When it was due as it was told. Notices of before do not say so: it is when it is due now, unless it has been put off since."""
    if "due" in one.data:
        return datetime.fromisoformat(one.data["due"])
    if work.due_at is None or (one.kind != told_of.REMINDED and work.due_at > one.at):
        return None
    return work.due_at
