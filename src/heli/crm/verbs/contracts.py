"""合同: submit, approve, sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.crm.verbs.entering import can_enter, enter
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


@verb("contract", "submit", zh="送审", en="Submit", applies=can_enter("contract", "review"))
def submit(work: Work, params: dict[str, Any]) -> None:
    """A complete draft goes to review."""
    enter(work, "review", "submit")


@verb(
    "contract",
    "approve",
    zh="批准",
    en="Approve",
    params={"legal_note": f.LongText(zh="意见", en="Note")},
    applies=can_enter("contract", "approved"),
)
def approve(work: Work, params: dict[str, Any]) -> None:
    """Approved by someone else than its maker and owner, within their limit (separation of duties)."""
    person = work.viewer.person
    if person is not None and person in (work.row["created_by_id"], work.row["owner_id"]):
        raise Refused(OWN, code="own", why={"code": "own", "words": OWN.json()})
    rights = None if work.viewer.is_system or work.sight is None else work.sight.rights
    if rights is not None:
        limit = rights.limit("approve", work.row)
        if (work.value("amount") or 0) > limit:
            words = ABOVE.fill(limit=money.to_text(limit))
            raise Refused(words, code="limit", why={"code": "limit", "words": words.json()})
    enter(
        work,
        "approved",
        "approve",
        legal_note=params["legal_note"] or None,
        approved_by=person,
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
    applies=can_enter("contract", "signed"),
)
def sign(work: Work, params: dict[str, Any]) -> None:
    """Signed by the customer, today unless another day is said."""
    enter(work, "signed", "sign", signer=params["signer"], signed_on=params["signed_on"] or clock.today())
