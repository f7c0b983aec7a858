"""线索: move, convert."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from heli.crm.objects.lead import REASONS
from heli.crm.verbs.entering import closed, enter, stage_param
from heli.kernel import clock
from heli.kernel.errors import Conflict, Invalid, Problem
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.verbs import verb

if TYPE_CHECKING:
    from heli.records.work import Work

EXISTS = Words(
    "已有同名客户：请在「已有客户」中选择它；若看不到，请联系客户负责人或销售经理",
    "a customer of this name exists: choose it as existing account, or ask its owner or a sales manager",
)
WHY_GIVEN_UP = Words("作废须选原因", "giving up needs a reason")


@verb(
    "lead",
    "move",
    zh="推进阶段",
    en="Move",
    params={
        "stage": stage_param("lead"),
        "disqualified_reason": f.Choice(zh="作废原因", en="Reason", options=REASONS),
    },
    why_not=closed("lead", "new", "contacted", "qualified", "disqualified"),
)
def move(work: Work, params: dict[str, Any]) -> None:
    """To another stage; giving up needs a reason."""
    reason = params["disqualified_reason"]
    if params["stage"] == "disqualified" and reason is None:
        raise Invalid(Problem("disqualified_reason", "required", WHY_GIVEN_UP))
    enter(work, params["stage"], "move", disqualified_reason=reason)


@verb(
    "lead",
    "convert",
    zh="转化",
    en="Convert",
    params={
        "account": f.Link("account", zh="已有客户", en="Existing account"),
        "opportunity_name": f.Text(zh="商机名称", en="Opportunity", max_length=200),
        "amount": f.Money(zh="金额", en="Amount", minimum=0),
        "expected_on": f.Date(zh="预计成交", en="Expected on"),
    },
    why_not=closed("lead", "converted"),
)
def convert(work: Work, params: dict[str, Any]) -> None:
    """Make a customer (or take one that exists), a contact and a deal of a lead, by the rights of who converts."""
    enter(work, "converted", "convert", converted_at=clock.now())
    account = params["account"] or _new_account(work)
    contact = None
    if work.reads("contact_name") and work.value("contact_name"):
        contact = work.create_other("contact", {**_given(work, CONTACT), "account": account, "key_contact": True})
    deal = _given(work, DEAL) | {"name": params["opportunity_name"] or work.value("name"), "account": account}
    if contact is not None:
        deal["contact"] = contact
    budget = work.value("budget") if work.reads("budget") else None
    amount = params["amount"] if params["amount"] is not None else budget
    if amount is not None:
        deal["amount"] = work.kind.fields["budget"].dump(amount)
    if params["expected_on"] is not None:
        deal["expected_on"] = str(params["expected_on"])
    opportunity = work.create_other("opportunity", {**deal, "opened_on": str(clock.today())})
    work.set(converted_account=account, converted_contact=contact, converted_opportunity=opportunity)
    work.answer.update(account=account, contact=contact, opportunity=opportunity)


ACCOUNT = {
    "name": "company",
    "industry": "industry",
    "source": "source",
    "phone": "phone",
    "email": "email",
    "address": "address",
}
CONTACT = {"name": "contact_name", "job_title": "job_title", "mobile": "phone", "email": "email", "wechat": "wechat"}
DEAL = {"source": "source", "campaign": "campaign", "product": "product", "description": "need"}
"""New field <- the lead's field."""


def _new_account(work: Work) -> str:
    """The customer that the lead becomes. Raises Conflict naming the parameter when there is one of this name."""
    try:
        return work.create_other("account", {**_given(work, ACCOUNT), "status": "following"})
    except Conflict as error:
        raise Conflict(EXISTS, code="taken", problems=[Problem("account", "taken", EXISTS)]) from error


def _given(work: Work, fields: dict[str, str]) -> dict[str, Any]:
    """JSON input of another record from those of the lead's fields that are filled in and that the converter reads."""
    found: dict[str, Any] = {}
    for new, own in fields.items():
        one = work.kind.fields[own]
        value = work.value(own) if work.reads(own) else None
        if not one.is_empty(value):
            found[new] = value if isinstance(one, f.Link) else one.dump(value)
    return found
