"""报价: submit, approve, revise; and what its status is not set to by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Any

from heli.access.viewer import Viewer
from heli.crm.objects.quote import STATUSES
from heli.flows.bars import ONLY, standing
from heli.flows.doing import within
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.records import hooks
from heli.records.fields.lines import stored
from heli.records.readers import rows_of
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verb
from heli.records.write import columns

if TYPE_CHECKING:
    from heli.records.work import Work

APPROVED = tuple(one.value for one in STATUSES if one.acted)
OUT = ("approved", "sent", "accepted")
PRICED = ("lines", "amount")
"""What a discount was approved of."""
AGREED = (*PRICED, "account")
"""And for whom."""
WHOLE = 100_00
"""A discount of everything, in hundredths of a per cent."""
FREE_DISCOUNT = 10_00
"""Up to this effective discount a quote is sent without being approved, in hundredths of a per cent."""
BY_APPROVAL = Words(
    "状态「审批中」「已批准」由报价审批写入", "“In approval” and “Approved” are written by the quote's approval"
)
SENDING = Words("发出折扣需要审批的报价", "sending a quote whose discount takes approval")
RAISED = Words(
    "已批准或已发出的报价不能换客户、降价或加大折扣：请先退回修改（改回草稿），改好后再发出；折扣需要审批的，通过流程「{name}」送审",
    "a quote that is approved or out goes to no other customer and gets no cheaper: send it back to be mended (to the draft), then out again; where"
    " its discount takes approval, begin “{name}”",
)
"""Without a number: above the free discount a company draws limits of its own."""


@verb("quote", "submit", zh="送审", en="Submit", applies=lambda row: row.get("status") == "draft")
def submit(work: Work, params: dict[str, Any]) -> None:
    """A draft goes to its approval, weighed against the list prices of now."""
    work.set(status="review", effective_discount=effective(work.values()))


@verb("quote", "approve", zh="批准", en="Approve", applies=lambda row: row.get("status") == "review")
def approve(work: Work, params: dict[str, Any]) -> None:
    """It may be sent."""
    work.set(status="approved")


@verb("quote", "revise", zh="退回修改", en="Send back", applies=lambda row: row.get("status") in APPROVED)
def revise(work: Work, params: dict[str, Any]) -> None:
    """Back to the draft."""
    work.set(status="draft")


def effective(row: Mapping[str, Any]) -> int:
    """How far a quote is below its list prices, in hundredths of a per cent, any rest rounded up: what its lines and its overall
    discount come to together. A line without a list price counts by its own unit price, and one that is dearer than its list price
    makes up for no other. An amount below what the lines come to is a discount too; a quote without lines has its overall one."""
    lines = stored(row.get("lines"))
    listed = _list_prices([one["product"] for one in lines if one["product"]])
    before = left = Fraction(0)
    for one in lines:
        asked = Fraction(one["quantity"] * one["unit_price"] * (WHOLE - one["discount"]), WHOLE)
        list_price = listed.get(one["product"] or "")
        before += max(one["quantity"] * (one["unit_price"] if list_price is None else list_price), asked)
        left += asked
    total, amount = sum(one["amount"] for one in lines), row.get("amount")
    if lines and amount is not None and amount < total:
        left *= Fraction(amount, total)
    left *= Fraction(WHOLE - (row.get("discount") or 0), WHOLE)
    if not before:
        return row.get("discount") or 0
    return ceil((1 - left / before) * WHOLE)


def asked_for(row: Mapping[str, Any]) -> Fraction:
    """What a quote comes to in the end, in hundredths: its amount or what its lines come to, whichever is less, below its overall discount."""
    lines, amount = stored(row.get("lines")), row.get("amount")
    total = sum(one["amount"] for one in lines)
    whole = total if lines and (amount is None or total < amount) else amount or 0
    return Fraction(whole * (WHOLE - (row.get("discount") or 0)), WHOLE)


def _list_prices(products: Sequence[str]) -> dict[str, int]:
    """What these products cost today, whoever may look them up; of one that was deleted what it cost last, or its lines had no price to be
    below of."""
    asked = list(dict.fromkeys(products))
    rows = rows_of(TYPES["product"], asked, ["list_price"], deleted=True) if asked else {}
    return {one: row["list_price"] for one, row in rows.items() if row["list_price"] is not None}


def editing(viewer: Viewer, kind: ObjectType, values: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    """A quote is not approved by hand, and above the free discount neither out nor approved at more than what was, where that takes a
    process. Raises Refused."""
    if (
        kind.code != "quote"
        or values.keys().isdisjoint(("status", "discount", *AGREED))
        or within.get()
        or viewer.is_system
    ):
        return
    before = row.get("status") or "draft"
    status = values.get("status", before)
    if status in APPROVED and status != before:
        raise Refused(BY_APPROVAL, code="stage", why={"code": "stage", "words": BY_APPROVAL.json()})
    discount, was = values.get("discount", row.get("discount")) or 0, row.get("discount") or 0
    changed = any(one in values and values[one] != row.get(kind.fields[one].column) for one in AGREED)
    after = {**row, **columns(kind, values)}
    kept = before in OUT and discount <= was and not changed
    cheaper = before in OUT and asked_for(after) < asked_for(row)  # also where nothing is left to weigh it by
    if status not in OUT or kept or (effective(after) <= FREE_DISCOUNT and not cheaper):
        return
    for process, subject in standing(kind, row.get("id", ""))[1]:
        if "approve" in subject.only:
            words = (RAISED if before in OUT else ONLY).fill(verb=SENDING, name=process.words)
            raise Refused(words, code="by_process", why={"code": "by_process", "words": words.json()})


def creating(viewer: Viewer, kind: ObjectType, values: Mapping[str, Any]) -> None:
    """No way round: what is not done with a quote is not written into a new one. Raises Refused."""
    editing(viewer, kind, values, {})


hooks.deriving["quote"] = hooks.Derived(
    frozenset((*PRICED, "discount")),
    frozenset(("effective_discount",)),
    lambda row: {"effective_discount": effective(row)},
)
hooks.editing.listen(editing)
hooks.creating.listen(creating)
