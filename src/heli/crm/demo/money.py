"""Chapter three: what a signed contract brings: an order, three payments and their invoices."""

from __future__ import annotations

import datetime as dt

from heli.crm.demo.company import Row
from heli.crm.demo.sales import Deal
from heli.crm.demo.story import Story, yuan


def money(story: Story, won: list[Deal]) -> None:
    """Orders, three payments a contract and the invoices; some payments are late."""
    accountants = story.holders("accountant", "finance_manager")
    for deal in won:
        contract = deal.contract
        signed = dt.date.fromisoformat(contract.values["signed_on"])
        total = int(str(contract.values["amount"]).split(".")[0])
        order = _order(story, deal, signed, total)
        for term, (share, after) in enumerate(((30, 10), (60, 60), (10, 365)), 1):
            due = signed + dt.timedelta(days=after)
            part = total * share // 100 if term < 3 else total - total * 30 // 100 - total * 60 // 100
            _payment(story, deal, order, accountants=accountants, term=term, due=due, part=part)


def _order(story: Story, deal: Deal, signed: dt.date, total: int) -> Row:
    chance = story.chance
    contract = deal.contract
    asked = signed + dt.timedelta(days=45)
    late = chance.happens(0.12)
    delivered = asked + dt.timedelta(days=chance.between(-15, 20 if late else 0))
    ago = (story.today - signed).days
    status = (
        "delivered" if delivered < story.today else "delivering" if ago > 20 else "confirmed" if ago > 7 else "draft"
    )
    created = max(chance.moment(story.past(signed)), contract.created_at)
    contact = deal.contact
    return story.add(
        "order",
        contract.owner,
        created,
        {
            "code": story.number("DD-{year}-{n:05}", signed),
            "account": deal.account.id,
            "contract": contract.id,
            "status": status,
            "lines": contract.values["lines"],
            "amount": yuan(total),
            "ordered_on": str(signed),
            "confirmed_on": str(story.past(signed + dt.timedelta(days=3))) if status != "draft" else None,
            "deliver_on": str(asked),
            "delivered_on": str(delivered) if status == "delivered" else None,
            "receiver": contact.values["name"] if contact else None,
            "receiver_phone": contact.values["mobile"] if contact else None,
            "delivery_address": deal.account.values["address"],
        },
    )


def _payment(
    story: Story, deal: Deal, order: Row, *, accountants: list[str], term: int, due: dt.date, part: int
) -> None:
    chance = story.chance
    contract = deal.contract
    paid = due + dt.timedelta(days=chance.between(-8, 25))
    late = chance.happens(0.15) and (story.today - due).days < 100  # nobody waits for ever
    here = paid < story.today and not late
    status = "planned"
    if here:
        status = "received" if (story.today - paid).days < 6 else "confirmed"
    seen = chance.moment(paid) if here else contract.created_at
    row = story.add(
        "payment",
        contract.owner,
        contract.created_at,
        {
            "code": story.number("HK-{year}-{n:05}", contract.created_at.date()),
            "account": deal.account.id,
            "contract": contract.id,
            "order": order.id,
            "status": status,
            "term": term,
            "amount": yuan(part),
            "method": chance.weighted({"transfer": 8, "acceptance": 2, "online": 1}) if here else None,
            "due_on": str(due),
            "received_on": str(paid) if here else None,
            "confirmed_on": str(story.past(paid + dt.timedelta(days=2))) if status == "confirmed" else None,
            "payer_account": deal.account.values.get("bank_account") if here else None,
            "bank_reference": f"LS{chance.under(10**12):012d}" if here else None,
        },
        updated=max(seen, contract.created_at),
        by=chance.pick(accountants),
    )
    if here or (due < story.today and chance.happens(0.5)):
        _invoice(story, deal, row, accountants=accountants, part=part, paid=here)


def _invoice(story: Story, deal: Deal, payment: Row, *, accountants: list[str], part: int, paid: bool) -> None:
    chance = story.chance
    day = story.past(payment.updated_at.date() - dt.timedelta(days=chance.between(0, 4)))
    status = "issued" if paid or chance.happens(0.5) else "requested"
    created = max(chance.moment(day), deal.contract.created_at)
    bank = deal.account.values.get("bank_name")
    story.add(
        "invoice",
        deal.contract.owner,
        created,
        {
            "code": story.number("FP-{year}-{n:05}", day),
            "account": deal.account.id,
            "contract": deal.contract.id,
            "payment": payment.id,
            "invoice_kind": chance.pick(("special", "electronic")),
            "status": status,
            "invoice_number": f"{chance.under(10**8):08d}" if status == "issued" else None,
            "amount": yuan(part),
            "tax_rate": chance.pick(("6", "13")),
            "title_name": deal.account.values["name"],
            "title_code": deal.account.values["credit_code"],
            "title_bank": f"{bank} {deal.account.values['bank_account']}" if bank else None,
            "requested_on": str(day),
            "issued_on": str(day) if status == "issued" else None,
        },
        by=chance.pick(accountants) if status == "issued" else None,
    )
