"""The improvement log of a process: from a suggestion over a version to its effect, for the regular review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from heli.access.viewer import Viewer
from heli.audit import log
from heli.audit.log import EntryData
from heli.flows.finding import may_administer
from heli.flows.models import Draft, Improvement, Process, Version
from heli.jobs.events import EventData
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import write
from heli.records.act import current

MOST = 200
"""Entries of a process."""
LONGEST = 2000
FULL = Words("改进记录最多 {n} 条，请先关闭旧的", "an improvement log has at most {n} entries: close old ones first")
NO_TITLE = Words("请写明要改什么", "say what is to be done better")
NOT_DRAWN = Words("这条建议不在这份草稿里", "this suggestion is not drawn in this draft")
NO_VERSION = Words("没有这个已发布的版本", "no such published version")
CLOSED = Words("这条改进已经关闭", "this entry is closed already")


@dataclass(frozen=True, slots=True)
class Noted:
    """What is to be done better. ``evidence``: figures by name, as they were told."""

    title: str
    code: str = ""
    node: str = ""
    other: str = ""
    note: str = ""
    evidence: Mapping[str, float] = field(default_factory=dict)


def listed(process: Process) -> Sequence[Improvement]:
    return list(
        Improvement.objects.filter(process=process)
        .select_related("draft")
        .defer("draft__source")
        .order_by("-pk")[:MOST]
    )


def note(viewer: Viewer, process: Process, given: Noted) -> Improvement:
    """Raises NotFound for who does not look after processes, Invalid, Conflict when the log is full."""
    with log.transaction():
        now = _caretaker(viewer)
        _title(given)
        made = _made(now, process, given)
        _tell(now, made, "improve")
    return made


def _title(given: Noted) -> None:
    if not given.title.strip():
        raise Invalid(Problem("title", "required", NO_TITLE))


def _made(now: Viewer, process: Process, given: Noted) -> Improvement:
    Process.objects.select_for_update().get(pk=process.pk)
    if Improvement.objects.filter(process=process, state=Improvement.OPEN).count() >= MOST:
        raise Conflict(FULL.fill(n=MOST), code="full")
    return Improvement.objects.create(
        process=process, code=given.code, node=given.node, other=given.other, title=given.title.strip()[:200], note=given.note.strip()[:LONGEST],
        evidence=dict(given.evidence), before=process.current.number if process.current is not None else None, by_id=now.person or 0,
    )  # fmt: skip


def drawn(now: Viewer, process: Process, draft: Draft, given: Noted) -> Improvement:
    """A suggestion is being drawn in a draft, inside the caller's transaction; whoever may draw may say so.

    One of theirs of the same step is not noted twice; somebody else's may rest on cases that they may not know.
    """
    _title(given)
    known = Improvement.objects.select_for_update(of=("self",)).filter(
        process=process, state=Improvement.OPEN, after=None, code=given.code, node=given.node, other=given.other
    )  # fmt: skip
    elsewhere = Q(draft__state__in=(Draft.OPEN, Draft.SUBMITTED)) & ~Q(draft=draft)
    mine = known.filter(Q(by_id=now.person) | Q(draft=draft)).exclude(elsewhere)
    found = mine.order_by("-pk").first() if given.code else None
    made = found or _made(now, process, given)
    made.draft = draft
    if made.by_id == now.person:  # with the figures that speak for it now, and in the words of now
        made.title, made.note, made.evidence = (
            given.title.strip()[:200],
            given.note.strip()[:LONGEST],
            dict(given.evidence),
        )
    made.save(update_fields=["draft", "title", "note", "evidence"])
    if found is None:
        _tell(now, made, "improve")
    return made


def brought(now: Viewer, draft: Draft, version: Version, ids: Sequence[int]) -> None:
    """These of a draft come with the version that it became, inside the caller's transaction. Raises Invalid for others."""
    found = {one.pk: one for one in draft.improvements.select_for_update().filter(state=Improvement.OPEN)}
    unknown = [Problem(f"closes/{at}", "unknown", NOT_DRAWN) for at, pk in enumerate(ids) if pk not in found]
    if unknown:
        raise Invalid(unknown)
    for pk in dict.fromkeys(ids):
        found[pk].after = version.number
        found[pk].save(update_fields=["after"])
    if version.state == Version.PUBLISHED:
        answered(now, version, yes=True)


def answered(now: Viewer, version: Version, *, yes: bool) -> None:
    """A version is in use, or never will be: so is what it brings."""
    for one in (
        Improvement.objects.select_for_update(of=("self",))
        .select_related("process")
        .filter(process=version.process, state=Improvement.OPEN, after=version.number)
    ):
        if yes:
            one.state, one.closed_at = Improvement.DONE, clock.now()
        else:
            one.after = None
        one.save(update_fields=["state", "after", "closed_at"])
        if yes:
            _tell(now, one, "improved")


def close(viewer: Viewer, number: int, version: int | None, text: str) -> Improvement:
    """Say by which version it was done; None: it is dropped. Raises NotFound, Invalid, Conflict when it is closed."""
    with log.transaction():
        now = _caretaker(viewer)
        found = Improvement.objects.select_for_update(of=("self",)).select_related("process").filter(pk=number).first()
        if found is None:
            raise NotFound
        if found.state != Improvement.OPEN:
            raise Conflict(CLOSED, code="closed")
        if version is not None and not Version.objects.filter(
            process=found.process, number=version, state=Version.PUBLISHED
        ).exists():  # fmt: skip
            raise Invalid(Problem("version", "unknown", NO_VERSION))
        found.state = Improvement.DROPPED if version is None else Improvement.DONE
        found.after, found.closed_at = version, clock.now()
        if text.strip():
            found.note = f"{found.note}\n{text.strip()}".strip()[:LONGEST]
        found.save(update_fields=["state", "after", "closed_at", "note"])
        _tell(now, found, "improved" if version is not None else "dropped")
    return found


def _caretaker(viewer: Viewer) -> Viewer:
    now = current(viewer)
    if not may_administer(now.view) or now.role:
        raise NotFound
    return now


def _tell(by: Viewer, one: Improvement, what: str) -> None:
    after: dict[str, Any] = {"title": one.title, "node": one.node, "version": one.after}
    entry = EntryData(
        action=f"process.{what}", object_type="process", object_id=one.process.code, actor_id=by.person, actor_name=by.name,
        origin=by.actor.origin, via=by.actor.via, after=after,
    )  # fmt: skip
    write.tell(EventData(f"process.{what}", "process", one.process.code, {"improvement": one.pk}), entry)
