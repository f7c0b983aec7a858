"""报价: submit, approve, revise; and what its status is not set to by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from heli.access.viewer import Viewer
from heli.crm.objects.quote import STATUSES
from heli.flows.bars import ONLY, standing
from heli.flows.doing import within
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.records import hooks
from heli.records.types import ObjectType
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work

APPROVED = tuple(one.value for one in STATUSES if one.acted)
OUT = ("approved", "sent", "accepted")
PRICED = ("lines", "amount")
"""What a discount was approved of."""
FREE_DISCOUNT = 10_00
"""Up to this discount a quote is sent without being approved, in hundredths of a per cent."""
BY_APPROVAL = Words(
    "状态「审批中」「已批准」由报价审批写入", "“In approval” and “Approved” are written by the quote's approval"
)
SENDING = Words("发出折扣超过 10% 的报价", "sending a quote of more than 10 % off")
RAISED = Words(
    "批准的是另外的价格或较小的折扣，不能直接改：请先退回修改，再通过流程「{name}」送审",
    "another price or a smaller discount was approved, so it is not changed here: send the quote back to be mended, then begin “{name}”",
)


@verb("quote", "submit", zh="送审", en="Submit", applies=lambda row: row.get("status") == "draft")
def submit(work: Work, params: dict[str, Any]) -> None:
    """A draft goes to its approval."""
    work.set(status="review")


@verb("quote", "approve", zh="批准", en="Approve", applies=lambda row: row.get("status") == "review")
def approve(work: Work, params: dict[str, Any]) -> None:
    """It may be sent."""
    work.set(status="approved")


@verb("quote", "revise", zh="退回修改", en="Send back", applies=lambda row: row.get("status") in APPROVED)
def revise(work: Work, params: dict[str, Any]) -> None:
    """Back to the draft."""
    work.set(status="draft")


def editing(viewer: Viewer, kind: ObjectType, values: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """A quote is not approved by hand, and above the free discount neither out nor approved at more than what was, where that takes a
    process. Raises Refused."""
    if (
        kind.code != "quote"
        or values.keys().isdisjoint(("status", "discount", *PRICED))
        or within.get()
        or viewer.is_system
    ):
        return
    before = row.get("status") or "draft"
    status = values.get("status", before)
    if status in APPROVED and status != before:
        raise Refused(BY_APPROVAL, code="stage", why={"code": "stage", "words": BY_APPROVAL.json()})
    discount, was = values.get("discount", row.get("discount")) or 0, row.get("discount") or 0
    kept = (
        before in OUT and discount <= was and not any(values.get(one, row.get(one)) != row.get(one) for one in PRICED)
    )
    if discount <= FREE_DISCOUNT or status not in OUT or kept:
        return
    for process, subject in standing(kind, row.get("id", ""))[1]:
        if "approve" in subject.only:
            words = (RAISED if before in OUT else ONLY).fill(verb=SENDING, name=process.words)
            raise Refused(words, code="by_process", why={"code": "by_process", "words": words.json()})


def creating(viewer: Viewer, kind: ObjectType, values: Mapping[str, Any]) -> None:
    """No way round: what is not done with a quote is not written into a new one. Raises Refused."""
    editing(viewer, kind, values, {})


hooks.editing.listen(editing)
hooks.creating.listen(creating)
