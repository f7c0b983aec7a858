"""Whom a step tells of what: work that is theirs, what they began, were told of or look after. Ids only; see ``heli.notices``."""

from __future__ import annotations

from collections.abc import Iterable

from heli.flows import matters
from heli.flows.finding import administrators
from heli.flows.models import Draft, DraftAuthor, Instance
from heli.insight import company
from heli.notices.tell import tell

FLOW = "flow"
"""What notices of cases are about; their key is the case."""
DRAFT = "process_draft"
"""The same of drafts."""
HANDED_IN, RETURNED, PUBLISHED = "draft_handed_in", "draft_returned", "draft_published"
MENTIONED = "flow_mentioned"
WORK, REMINDED, LATE, ESCALATED, URGED, COPIED, ENDED, HALTED = (
    "flow_work", "flow_reminded", "flow_late", "flow_escalated", "flow_urged", "flow_copied", "flow_ended", "flow_halted",
)  # fmt: skip


def _tell(row: Instance, kind: str, mark: object, people: Iterable[int], by: int | None, data: dict[str, int]) -> None:
    meant = data | {"version": row.version_id} if "node" in data else data
    tell(people, kind, f"{kind}:{row.pk}:{mark}", FLOW, str(row.pk), by=by, data=meant)


def opened(row: Instance, place: int, number: int, people: Iterable[int], by: int | None) -> None:
    """Work is somebody's now, and that of whoever stands in for them."""
    _tell(row, WORK, number, people, by, {"number": number, "node": place})


def reminded(row: Instance, place: int, number: int, people: Iterable[int]) -> None:
    """Work is to be done soon."""
    _tell(row, REMINDED, number, people, None, {"number": number, "node": place})


def late(row: Instance, place: int, number: int, people: Iterable[int]) -> None:
    """Work is not done in its time: told to who has it."""
    _tell(row, LATE, number, people, None, {"number": number, "node": place})


def escalated(row: Instance, place: int, number: int, holder: int, people: Iterable[int]) -> None:
    """The same, told to whom its node names for that."""
    _tell(row, ESCALATED, number, people, None, {"number": number, "node": place, "holder": holder})


def urged(row: Instance, works: Iterable[tuple[int, int, list[int]]], step: int, by: int | None) -> None:
    """Who waits asks those who have it to get on: (place, number, people) of each piece of open work."""
    for place, number, people in works:
        _tell(row, URGED, f"{number}:{step}", people, by, {"number": number, "node": place})


def mentioned(row: Instance, people: Iterable[int], step: int, by: int | None) -> None:
    """Somebody named them in what they said on it."""
    _tell(row, MENTIONED, step, people, by, {})


def copied(row: Instance, people: Iterable[int], by: int | None) -> None:
    """抄送: they may follow it."""
    _tell(row, COPIED, "", people, by, {})


def ended(row: Instance, by: int | None) -> None:
    """It is over: told to who began it."""
    _tell(row, ENDED, "", [row.initiator_id], by, {})


def halted(row: Instance, step: int) -> None:
    """It stands still: told to who looks after processes."""
    _tell(row, HALTED, step, matters.hearing(row, administrators(company.now())), None, {})


def drafted(draft: Draft, kind: str, by: int | None) -> None:
    """A draft was handed in (told to who looks after processes), returned or published (to its authors)."""
    authors = DraftAuthor.objects.filter(draft=draft).order_by("pk").values_list("person_id", flat=True)
    people = administrators(company.now()) if kind == HANDED_IN else list(authors)
    tell(people, kind, f"{kind}:{draft.pk}:{draft.revision}", DRAFT, str(draft.pk), by=by)
