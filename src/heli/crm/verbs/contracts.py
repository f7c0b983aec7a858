"""合同: submit, approve, sign, revise, plan its payments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from heli.access.viewer import Viewer
from heli.crm.verbs.entering import closed, enter
from heli.crm.verbs.instalments import Instalment, split
from heli.kernel import clock, money
from heli.kernel.errors import Conflict, Invalid, Problem, Refused
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records import store
from heli.records.verbs import verb
from heli.records.work_input import forwards

if TYPE_CHECKING:
    from heli.records.work import Work

OWN = Words("不能批准自己创建或负责的合同", "nobody approves a contract that they made or own")
ABOVE = Words(
    "超出审批额度 {limit}，请由额度更高的人批准",
    "above the approval limit of {limit}; someone with a higher limit approves",
)


NOT_YET = Words(
    "不能晚于今天：签订之后再登记，今天签的可以不填",
    "is still to come: sign once it is signed; leave it empty for today",
)
NOT_SIGNED = Words("合同签订之后才安排回款", "payments are planned once a contract is signed")
NO_AMOUNT = Words("合同没有金额，没有回款可安排", "the contract has no amount: there are no payments to plan")
UNREAD = Words(
    "你看不到合同金额，不能按它安排回款", "you do not read the contract's amount, by which its payments are planned"
)
PLANNED = Words(
    "已有的回款已经覆盖合同金额，没有剩下的可分期；要重新安排，请先取消它们",
    "payments for all of the amount are there already, nothing is left to be split: cancel them to plan anew",
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
    """A complete draft goes to review, with a term that runs forwards: one from before that was held may run backwards still."""
    if problems := [problem for problem, _ in forwards(work.kind, {**work.row, **work.changed}, ("ends_on",))]:
        raise Invalid(problems)
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
        "signed_on": f.Date(zh="签订日期", en="Signed on", help_zh="不填就是今天", help_en="Today when left empty"),
    },
    why_not=closed("contract", "signed"),
)
def sign(work: Work, params: dict[str, Any]) -> None:
    """Signed by the customer, today unless an earlier day is said."""
    today = clock.today()
    if params["signed_on"] is not None and params["signed_on"] > today:
        raise Invalid(Problem("signed_on", "to_come", NOT_YET))
    enter(work, "signed", "sign", signer=params["signer"], signed_on=params["signed_on"] or today)


@verb("contract", "revise", zh="退回修改", en="Send back", why_not=closed("contract", "draft"))
def revise(work: Work, params: dict[str, Any]) -> None:
    """Back to the draft: whoever approved it has not approved what it becomes."""
    enter(work, "draft", "revise")
    work.set(approved_by=None, approved_at=None)


def _not_plannable(viewer: Viewer, row: Mapping[str, Any]) -> tuple[str, Words] | None:
    return None if row["status"] in ("signed", "finished") else ("stage", NOT_SIGNED)


@verb(
    "contract",
    "plan_payments",
    zh="安排回款",
    en="Plan payments",
    params={
        "shares": f.Text(
            zh="各期比例（%），如 30 60 10",
            en="Shares in %, such as 30 60 10",
            max_length=200,
            help_zh="合计 100；不填就是一期付清",
            help_en="100 in all; one payment when left empty",
        ),
        "first_on": f.Date(
            zh="首期应付日期",
            en="First due on",
            help_zh="不填就是签订日期",
            help_en="The day of signing when left empty",
        ),
        "months": f.Number(
            zh="每期间隔（月）",
            en="Months between",
            minimum=0,
            maximum=60,
            help_zh="不填就是 1",
            help_en="1 when left empty",
        ),
    },
    why_not=_not_plannable,
)
def plan_payments(work: Work, params: dict[str, Any]) -> None:
    """Make what the customer is still to pay: a payment for each share of what is not planned or paid yet, due one after another from the
    day of signing on, unless another is said; one for all of it where no shares are given. They are the contract's owner's to collect."""
    refused = _not_plannable(work.viewer, work.row)
    if refused is not None:
        raise Refused(refused[1], code="stage", why={"code": "stage", "words": refused[1].json()})
    if not work.reads("amount"):
        raise Refused(UNREAD, code="field", why={"code": "field", "words": UNREAD.json()})
    amount = work.value("amount")
    if not amount:
        raise Conflict(NO_AMOUNT, code="no_amount")
    there = store.query(work.viewer, "payment").where({"field": "contract", "op": "=", "value": work.row["id"]})
    left = amount - (there.where({"field": "status", "op": "!=", "value": "cancelled"}).count(total="amount").sum or 0)
    if left <= 0:
        if params["shares"]:
            raise Conflict(PLANNED, code="planned")
        work.answer.update(payments=[])
        return
    first = params["first_on"] or work.value("signed_on") or clock.today()
    made = [_payment(work, one) for one in split(left, params["shares"] or "", first, params["months"])]
    work.answer.update(payments=made)


def _payment(work: Work, one: Instalment) -> str:
    values = {
        "account": work.value("account"), "contract": work.row["id"], "term": one.term, "amount": money.to_text(one.amount),
        "due_on": one.due_on.isoformat(),
    }  # fmt: skip
    owner = {"owner": work.row["owner_id"]} if work.row["owner_id"] is not None else {}
    return work.create_other("payment", {name: value for name, value in values.items() if value is not None}, **owner)
