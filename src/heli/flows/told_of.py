"""Whom a step tells of what: work that is theirs, what they began, were told of or look after. Ids only; see ``heli.notices``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from heli.flows import matters
from heli.flows.finding import administrators
from heli.flows.models import Draft, DraftAuthor, Instance, Version
from heli.insight import company
from heli.kernel.quick import Statement
from heli.notices.tell import tell, telling
from heli.org import zone

FLOW = "flow"
"""What notices of cases are about; their key is the case."""
DRAFT = "process_draft"
"""The same of drafts."""
PROCESS = "flow_process"
"""The same of processes; their key is the code."""
BOUNDED = "flow_bounded"
ROW, MINUTE, HEARD, BELOW, DEEP = "row", "minute", "restless", "too_many_below", "too_deep"
"""Bounds against cases without an end, the last three also the codes of incidents: so many in a row, begun or heard within a minute, below
one, or deep in each other."""
BOUNDS = (HEARD, BELOW, DEEP)
HANDED_IN, RETURNED, PUBLISHED = "draft_handed_in", "draft_returned", "draft_published"
ANSWERED = "flow_version_answered"
MENTIONED = "flow_mentioned"
WORK, REMINDED, LATE, ESCALATED, URGED, COPIED, ENDED, HALTED = (
    "flow_work", "flow_reminded", "flow_late", "flow_escalated", "flow_urged", "flow_copied", "flow_ended", "flow_halted",
)  # fmt: skip


def _tell(
    row: Instance, kind: str, mark: object, people: Iterable[int], by: int | None, data: Mapping[str, Any]
) -> None:
    meant = {**data, "version": row.version_id} if "node" in data else data
    tell(people, kind, f"{kind}:{row.pk}:{mark}", FLOW, str(row.pk), by=by, data=meant)


def opening(row: Instance, place: int, number: int, people: Iterable[int], by: int | None) -> list[Statement]:
    """Work is somebody's now, and that of whoever stands in for them: what tells them."""
    data = {"number": number, "node": place, "version": row.version_id}
    return telling(people, WORK, f"{WORK}:{row.pk}:{number}", FLOW, str(row.pk), by=by, data=data)


def reminded(row: Instance, place: int, number: int, until: datetime, people: Iterable[int]) -> None:
    """Work is to be done soon. Where it is put off, they hear of it again."""
    _tell(row, REMINDED, f"{number}:{until:%y%m%d%H%M}", people, None, _at_work(place, number, until))


def late(row: Instance, place: int, number: int, until: datetime, people: Iterable[int]) -> None:
    """Work is not done in its time: told to who has it."""
    _tell(row, LATE, f"{number}:{until:%y%m%d%H%M}", people, None, _at_work(place, number, until))


def escalated(
    row: Instance, place: int, number: int, holder: int, until: datetime | None, people: Iterable[int]
) -> None:
    """The same, told to whom its node names for that. ``until``: by when it was to be done; by now it may be due later."""
    mark = f"{number}:{until:%y%m%d%H%M}" if until is not None else number
    _tell(row, ESCALATED, mark, people, None, {**_at_work(place, number, until), "holder": holder})


def _at_work(place: int, number: int, until: datetime | None) -> dict[str, Any]:
    return {"number": number, "node": place} | ({"due": until.isoformat()} if until is not None else {})


def urged(row: Instance, works: Iterable[tuple[int, int, list[int]]], step: int, by: int | None) -> None:
    """Who waits asks those who have it to get on: (place, number, people) of each piece of open work."""
    for place, number, people in works:
        _tell(row, URGED, f"{number}:{step}", people, by, {"number": number, "node": place})


def mentioned(row: Instance, people: Iterable[int], step: int, by: int | None) -> None:
    """Somebody named them in what they said on it."""
    _tell(row, MENTIONED, step, people, by, {})


def copied(row: Instance, people: Iterable[int], by: int | None, step: int | None = None) -> None:
    """抄送: they may follow it. Each step that tells them tells them once: that it is accepted, and later that it is out."""
    _tell(row, COPIED, "" if step is None else step, people, by, {})


def ended(row: Instance, by: int | None) -> None:
    """It is over: told to who began it."""
    _tell(row, ENDED, "", [row.initiator_id], by, {})


def halted(row: Instance, step: int) -> None:
    """It stands still: told to who looks after processes."""
    _tell(row, HALTED, step, matters.hearing(row, administrators(company.now())), None, {})


def stopped(row: Instance, step: int, by: int | None) -> None:
    """Its record was deleted: told to who began it, who waits for nothing meanwhile."""
    _tell(row, HALTED, f"{step}:gone", matters.hearing(row, [row.initiator_id]), by, {"gone": 1})


def bounded(version: Version, why: str, case: Instance | None) -> None:
    """Cases of a process bring each other about without an end: told to who looks after processes, once a day of each process and bound,
    however many cases it stops. ``case``: the one that stands still, or that would have brought about one more."""
    people = administrators(company.now())
    if case is not None:
        people = matters.hearing(case, people)
    data = {"why": why, "version": version.pk} | ({"case": case.pk} if case is not None else {})
    code = version.process.code
    tell(people, BOUNDED, f"{BOUNDED}:{why}:{zone.today()}:{code}", PROCESS, code, data=data)


def drafted(draft: Draft, kind: str, by: int | None) -> None:
    """A draft was handed in (told to who looks after processes), returned or published (to its authors)."""
    authors = DraftAuthor.objects.filter(draft=draft).order_by("pk").values_list("person_id", flat=True)
    people = administrators(company.now()) if kind == HANDED_IN else list(authors)
    tell(people, kind, f"{kind}:{draft.pk}:{draft.revision}", DRAFT, str(draft.pk), by=by)


def answered(version: Version, people: Iterable[int], by: int | None) -> None:
    """Security has said yes or no to a version: told to who made it."""
    tell(
        people, ANSWERED, f"{ANSWERED}:{version.pk}", PROCESS, version.process.code, by=by, data={"version": version.pk}
    )
