"""What of lending waits in the workbench: requests to answer, loans that end soon, loans of which one is asked whether they go on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q

from heli.access.viewer import Viewer
from heli.api import lending_said as said
from heli.api.common import moment
from heli.kernel import clock
from heli.kernel.words import Words
from heli.lending import clockwork, emergencies, inbox
from heli.lending.models import Loan, Request
from heli.records.reasons import action_words
from heli.records.types import TYPES

MOST = 50
REVIEWED = timedelta(days=1)
"""A review of what was opened in an emergency is late so long after its end."""
TOLD = timedelta(days=1)
"""So long an owner is told that their record was opened in an emergency."""
USUAL = timedelta(hours=8)
"""A request that has waited so long is late."""
ASKS = Words("{who} 申请{act}：{what}", "{who} asks to {act}: {what}")
ASKS_POST = Words("{who} 申请岗位：{what}", "{who} asks for the position: {what}")
ASKS_ROLE = Words("{who} 申请角色：{what}", "{who} asks for the role: {what}")
PROPOSED = Words("{who} 提议你申请{act}：{what}", "{who} proposes that you borrow, to {act}: {what}")
ENDING = Words("你借用的「{what}」即将到期", "what you borrow of “{what}” ends soon")
ENDING_LENT = Words("你借给 {who} 的「{what}」即将到期", "what you lent {who} of “{what}” ends soon")
USED = Words("{who} 在紧急状态下打开了「{what}」，请复核", "{who} opened “{what}” in an emergency: review it")
OPENED = Words("{who} 在紧急状态下打开了你的「{what}」", "{who} opened your “{what}” in an emergency")
KEEP = Words("借给 {who} 的「{what}」要继续吗", "shall the loan of “{what}” to {who} go on?")
ONE = Words("一条{type}", "one {type}")


def queue(viewer: Viewer) -> list[dict[str, Any]]:
    """The entries, in the form of the workbench's."""
    return [*_requests(viewer), *_loans(viewer)] if viewer.person is not None else []


def _entry(kind: str, type_: str, record: str, title: Words, why: Words, **more: Any) -> dict[str, Any]:
    return {
        "kind": kind, "type": type_, "id": record, "title": title.zh, "title_words": title.json(), "since": None,
        "due": None, "why": why.json(), **more,
    }  # fmt: skip


def _requests(viewer: Viewer) -> list[dict[str, Any]]:
    late = clock.now() - USUAL
    found = list(inbox.of(viewer)[:MOST])
    told = said.requests_said(viewer, found) if found else []
    entries = []
    for one, words in zip(found, told, strict=True):
        title = asked(one, words)
        entries.append(
            _entry("request", one.type or one.kind, one.pk, title, Words(one.reason, one.reason), request=one.pk, href="/access/loans",
                   since=moment(one.turn_at), group="overdue" if one.turn_at < late else "today")
        )  # fmt: skip
    return entries


def asked(one: Request, words: Mapping[str, Any]) -> Words:
    """What a request asks for, as a sentence; ``words``: the request as its reader may know it."""
    who = (words["borrower"] or {}).get("name") or words["project"] or "?"
    kind, what = TYPES.get(one.type), about(one, words)
    if words["position"] is not None:
        return ASKS_POST.fill(who=who, what=what)
    if kind is None:
        return ASKS_ROLE.fill(who=who, what=what)
    proposed = one.state == one.PROPOSED
    asks = (words["asker"] or {}).get("name", "?") if proposed else who
    return (PROPOSED if proposed else ASKS).fill(who=asks, act=action_words(kind, one.action), what=what)


def about(one: Request, words: Mapping[str, Any]) -> Words:
    """What a request is about: a post, a role, or a record, by its title where its reader sees it."""
    if words["position"] is not None:
        return Words(
            *(" · ".join(_in(words[part], lang) for part in ("department", "position")) for lang in ("zh", "en"))
        )
    kind = TYPES.get(one.type)
    if kind is None:
        return Words(**words["role_name"]) if words["role_name"] else Words(one.role, one.role)
    title = words["title"]
    return Words(title, title) if title else ONE.fill(type=kind.words)


def _in(named: Mapping[str, Any], lang: str) -> str:
    return str(named["name_en"] if lang == "en" and named.get("name_en") else named["name"])


def _loans(viewer: Viewer) -> list[dict[str, Any]]:
    now = clock.now()
    view = viewer.view
    projects = view.asked.projects if view is not None and view.asked is not None else frozenset()
    lent = Q(lender_id=viewer.person, emergency=None)
    mine = Q(borrower_id=viewer.person) | Q(project_id__in=projects) | lent
    soon = mine & Q(ended_at=None, ends__gt=now, ends__lte=now + timedelta(days=1))
    asked = Q(keeper_id=viewer.person, meant__gt=now)
    opened = Q(emergency__isnull=False, owner_id=viewer.person, starts__gt=now - TOLD)
    if emergencies.governs(viewer):
        opened |= Q(emergency__isnull=False, verdict="") & ~Q(borrower_id=viewer.person)
    found = list(Loan.objects.filter(soon | asked | opened).order_by("ends")[:MOST])
    borrowed = {one.pk for one in found if one.borrower_id == viewer.person or one.project_id in projects}
    ending = borrowed | {one.pk for one in found if one.lender_id == viewer.person and one.emergency_id is None}
    chosen = [one for one in found if one.pk not in ending or one.keeper_id == viewer.person or clockwork.warns(one)]
    told = said.loans_said(viewer, chosen) if chosen else []
    entries = []
    for one, words in zip(chosen, told, strict=True):
        what = words["title"] or ONE.fill(type=TYPES[one.type].words)
        if one.keeper_id == viewer.person:
            who = (words["borrower"] or {}).get("name") or words["project"] or "?"
            title, kind = KEEP.fill(who=who, what=what), "keep"
        elif one.pk not in ending:
            who = (words["borrower"] or {}).get("name") or "?"
            reviews = not one.verdict and emergencies.governs(viewer)
            title, kind = (USED if reviews else OPENED).fill(who=who, what=what), "emergency"
        elif one.pk in borrowed:
            title, kind = ENDING.fill(what=what), "loan"
        else:
            who = (words["borrower"] or {}).get("name") or words["project"] or "?"
            title, kind = ENDING_LENT.fill(who=who, what=what), "loan"
        late = kind == "emergency" and one.ends + REVIEWED < now
        entries.append(
            _entry(kind, one.type, one.record_id, title, Words(one.reason, one.reason), loan=str(one.pk),
                   due=moment(one.meant if kind == "keep" else one.ends), group="overdue" if late else "today")
        )  # fmt: skip
    return entries
