"""Narrowing a right under review: the ways that are offered, at once where it is personal, else as a proposal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from heli.access.models import Grant
from heli.access.view import lines_of
from heli.audit import log
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.policy import state
from heli.policy.names import Names
from heli.review import narrow, proposal
from heli.review.decide import live_grant, not_the_last, pending, put_in_place, settle
from heli.review.models import Item
from heli.review.wishes import NARROW, Wish

WIDER = Words("新的权限项超出了原有的范围，只能缩小", "the new lines go beyond what was given: only less can be chosen")
NO_CHANGE = Words("没有缩小：请选一种缩小方式或更早的结束时间", "nothing would be less: choose a way or an earlier end")
NO_WAY = Words("没有这种缩小方式", "there is no such way to narrow it")
PAST = Words("结束时间应在将来，且不晚于原来的结束时间", "the end must lie ahead, and not after what it was")
NEEDS_REASON = Words(
    "这会改变别人的权限，请写明原因，批准的人会看到",
    "this changes what others have: say why, for those who approve it",
)


def options(item: Item) -> dict[str, Any]:
    """Ways to narrow this item, for its reviewer to choose from; where it is not personal, for whom, each with its ways."""
    grant = Grant.objects.select_related("role").filter(pk=item.grant_id, revoked_at=None).first()
    if grant is None:
        return {"options": [], "whom": []}
    if grant.subject_kind == Grant.PERSON:
        return {"options": _ways(grant, item.facts.get("used", ())), "whom": []}
    return {
        "options": [],
        "whom": [
            {k: v for k, v in one.items() if k != "used"} | {"options": _ways(grant, one["used"])}
            for one in proposal.described(item, grant, Names.load())
        ],
    }


def _ways(grant: Grant, used: Iterable[str]) -> list[dict[str, Any]]:
    """Of what is not personal the lines themselves are told to nobody here: who reviews need not read the rules."""
    personal = grant.subject_kind == Grant.PERSON
    return [
        {"code": code, "words": words.json(), "lines": lines if personal else []}
        for code, words, lines in narrow.options(given_lines(grant), used)
    ]


def _of_way(item: Item, grant: Grant, way: str, whom: str | None) -> list[dict[str, Any]]:
    """The lines that a way leaves. Raises Invalid for one that is not offered."""
    used: Iterable[str] = item.facts.get("used", ())
    if grant.subject_kind != Grant.PERSON:
        found = proposal.described(item, grant, Names.load())
        used = next((one["used"] for one in found if whom in (None, one["code"])), ())
    for code, _, lines in narrow.options(given_lines(grant), used):
        if code == way:
            return lines
    raise Invalid(Problem("way", "unknown", NO_WAY))


def given_lines(grant: Grant) -> Sequence[dict[str, Any]]:
    found: Sequence[dict[str, Any]] = grant.role.lines if grant.role is not None else (grant.lines or [])
    return found


def lessen(
    by: Actor, reviewer: int, batch: int, item: int, *, lines: Sequence[dict[str, Any]] | None = None,
    until: datetime | None = None, note: str = "", whom: str | None = None, way: str | None = None,
) -> Item:  # fmt: skip
    """Put a narrower right (``lines``, or one of the ways offered), or one that ends earlier, in the place of a personal grant;
    what is not personal is proposed in the batch's draft, for ``whom`` (the person alone where that can be, else all whom the
    grant reaches), with the reason.

    Raises NotFound, Invalid for lines that go beyond what was given, an end that is no earlier or a missing reason, Conflict,
    Refused.
    """
    with log.transaction():
        found = pending(reviewer, batch, item)
        grant = live_grant(found)
        if grant is None:
            return settle(by, found, Item.GONE, note)
        old = given_lines(grant)
        if lines is None and way is not None:
            lines = _of_way(found, grant, way, whom)
        if lines is not None and not narrow.narrower(lines_of(list(lines)), lines_of(list(old))):
            raise Invalid(Problem("lines", "wider", WIDER))
        if until is not None and (until <= clock.now() or (grant.ends is not None and until > grant.ends)):
            raise Invalid(Problem("until", "range", PAST))
        if until in (None, grant.ends) and (lines is None or list(lines) == list(old)):
            raise Invalid(Problem("lines", "empty", NO_CHANGE))
        if grant.subject_kind != Grant.PERSON:
            return _propose_less(by, found, grant, lines, until, note, whom)
        not_the_last(grant, None if lines is not None else until)
        made = put_in_place(
            by, grant, found, lines=list(lines) if lines is not None else None, ends=until or grant.ends
        )
        return settle(by, found, Item.NARROWED, note, made_grant=made.pk)


def _propose_less(
    by: Actor, item: Item, grant: Grant, lines: Sequence[dict[str, Any]] | None, until: datetime | None, note: str,
    whom: str | None,
) -> Item:  # fmt: skip
    if not note.strip():
        raise Invalid(Problem("note", "required", NEEDS_REASON))
    chosen = whom or proposal.choices(item, grant, Names.load())[0]
    wish = Wish(NARROW, chosen, lines, state.iso(until))
    proposal.propose(by, item, grant, wish, note)
    return settle(by, item, Item.DRAFTED, note, draft_id=item.draft_id)
