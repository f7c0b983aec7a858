"""合同: submit, approve, sign, revise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from heli.access.viewer import Viewer
from heli.crm.verbs.entering import closed, enter
from heli.kernel import clock, money
from heli.kernel.errors import Refused
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work

OWN = Words("不能批准自己创建或负责的合同", "nobody approves a contract that they made or own")
ABOVE = Words(
    "超出审批额度 {limit}，请由额度更高的人批准",
    "above the approval limit of {limit}; someone with a higher limit approves",
)


_approved = closed("contract", "approved")


def not_approvable(viewer: Viewer, row: Mapping[str, Any]) -> tuple[str, Words] | None:
    """Its state, then separation of duties (nobody approves what they made or own), then the approver's limit."""
    refused = _approved(viewer, row)
    if refused is not None or viewer.is_system:
        return refused
    if viewer.person in (row["created_by_id"], row["owner_id"]):
        return "own", OWN
    rights = viewer.view.type("contract") if viewer.view is not None else None
    limit = rights.limit("approve", row) if rights is not None else 0
    if (row["amount"] or 0) > limit:
        return "limit", ABOVE.fill(limit=money.to_text(limit))
    return None


@verb("contract", "submit", zh="送审", en="Submit", why_not=closed("contract", "review"))
def submit(work: Work, params: dict[str, Any]) -> None:
    """A complete draft goes to review."""
    enter(work, "review", "submit")


@verb(
    "contract",
    "approve",
    zh="批准",
    en="Approve",
    params={"legal_note": f.LongText(zh="意见", en="Note")},
    why_not=not_approvable,
)
def approve(work: Work, params: dict[str, Any]) -> None:
    """Approved by someone else than its maker and owner, within their limit (separation of duties)."""
    refused = not_approvable(work.viewer, work.row)
    if refused is not None and refused[0] != "stage":
        code, words = refused
        raise Refused(words, code=code, why={"code": code, "words": words.json()})
    enter(
        work,
        "approved",
        "approve",
        legal_note=params["legal_note"] or None,
        approved_by=work.viewer.person,
        approved_at=clock.now(),
    )


@verb(
    "contract",
    "sign",
    zh="签订",
    en="Sign",
    params={
        "signer": f.Text(zh="客户签约人", en="Signed by", required=True, max_length=100),
        "signed_on": f.Date(zh="签订日期", en="Signed on"),
    },
    why_not=closed("contract", "signed"),
)
def sign(work: Work, params: dict[str, Any]) -> None:
    """Signed by the customer, today unless another day is said."""
    enter(work, "signed", "sign", signer=params["signer"], signed_on=params["signed_on"] or clock.today())


@verb("contract", "revise", zh="退回修改", en="Send back", why_not=closed("contract", "draft"))
def revise(work: Work, params: dict[str, Any]) -> None:
    """Back to the draft: whoever approved it has not approved what it becomes."""
    enter(work, "draft", "revise")
    work.set(approved_by=None, approved_at=None)
