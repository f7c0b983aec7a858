"""What somebody who leaves or moves on has open in lending, and passing it to another: requests, loans, emergencies.

Only who could lend it now takes over a request or a loan; else it goes up the record's line as ever.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from heli.access import view as views
from heli.access.view import View
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.lending import ask, emergencies, hold, loans
from heli.lending.models import Emergency, Loan, Request
from heli.lending.terms import Terms, kind_named
from heli.records import readers

MOST = 200


def asked(person: int) -> list[Request]:
    """Requests that wait and are by or for this person."""
    rows = Request.objects.filter(ask.waiting()).filter(Q(asker_id=person) | Q(borrower_id=person))
    return list(rows.order_by("at", "pk")[:MOST])


def approving(person: int) -> list[Request]:
    """Requests whose turn it is to be answered by this person."""
    return list(Request.objects.filter(ask.waiting(), approver_id=person).order_by("at", "pk")[:MOST])


def _running() -> Q:
    return Q(ended_at=None, ends__gt=clock.now())


def borrowed(person: int) -> list[Loan]:
    """Running loans to this person."""
    return list(Loan.objects.filter(_running(), borrower_id=person).order_by("ends", "pk")[:MOST])


def lent(person: int) -> list[Loan]:
    """Running loans by this person."""
    return list(Loan.objects.filter(_running(), lender_id=person).order_by("ends", "pk")[:MOST])


def keeping(person: int) -> list[Loan]:
    """Loans of which this person is asked whether they go on."""
    return list(Loan.objects.filter(keeper_id=person, meant__gt=clock.now()).order_by("ends", "pk")[:MOST])


def named_in(person: int, view: View | None = None, places: Iterable[int] | None = None) -> list[Emergency]:
    """Open emergencies that this person may use; with another view and other posts of theirs, as they then would."""
    now, seen = clock.now(), view or views.of(person)
    here = emergencies.places_of(person) if places is None else list(places)
    rows = Emergency.objects.filter(closed_at=None, starts__lte=now, ends__gt=now).order_by("ends", "pk")[:MOST]
    return [one for one in rows if emergencies.includes(seen, person, here, one)]


def declared(person: int) -> list[Emergency]:
    """Open emergencies that this person declared."""
    rows = Emergency.objects.filter(declared_by=person, closed_at=None, ends__gt=clock.now())
    return list(rows.order_by("ends", "pk")[:MOST])


def lends_still(view: View, loan: Loan) -> bool:
    """Whether somebody with these rights could still lend this: a loan ends with its lender's right."""
    kind = kind_named(loan.type)
    row = readers.row_of(kind, loan.record_id)
    return row is not None and hold.lacking(view, kind, row, loans.terms_of(loan)) is None


def next_for(one: Request | Loan, to: int | None, but: Iterable[int]) -> int | None:
    """Who takes this over: ``to`` if they could lend it now, else the next in line; None when there is nobody."""
    kind = kind_named(one.type)
    row = readers.row_of(kind, one.record_id)
    if row is None:
        return None
    terms: Terms = ask.wanted(kind, one) if isinstance(one, Request) else loans.terms_of(one)
    others = {*but, one.borrower_id, *((one.asker_id,) if isinstance(one, Request) else ())}
    if to is not None and to not in others and hold.lacking(views.of(to), kind, row, terms) is None:
        return to
    return next(hold.lenders(kind, row, terms, others), None)


def pass_request(by: Actor, pk: str, person: int, to: int | None) -> None:
    """Let another answer a request that waits for this person; in the caller's transaction."""
    one = ask.locked(pk)
    if one.approver_id != person or one.state not in Request.WAITING:
        return
    heir = next_for(one, to, [person])
    if one.state == Request.CONFIRMING:  # what was approved by who no longer decides is to be approved again
        one.state, one.granted, one.approvals = Request.OPEN, None, []
    one.approver_id, one.turn_at = heir, clock.now()
    one.asked = [pk for pk in one.asked if pk not in (person, heir)] + ([heir] if heir is not None else [])
    one.save()
    ask.tell(by, one, "move")


def withdraw(by: Actor, pk: str, person: int) -> None:
    """Take back a request by or for this person; in the caller's transaction."""
    one = ask.locked(pk)
    if person in (one.asker_id, one.borrower_id) and one.state in Request.WAITING:
        ask.close(one, Request.WITHDRAWN, by)


def end_loan(by: Actor, pk: int, person: int) -> None:
    """Give back what this person borrows, or call back what they lend; in the caller's transaction."""
    loan = loans.locked(pk)
    if loan.running() and person in (loan.borrower_id, loan.lender_id):
        loans.end(by, loan, Loan.RETURNED if loan.borrower_id == person else Loan.RECALLED)


def ask_keeper(by: Actor, pk: int, to: int | None) -> None:
    """Ask this person (None: nobody) whether a loan goes on; in the caller's transaction."""
    loan = loans.locked(pk)
    if loan.keeper_id != to and loan.meant > clock.now():
        loan.keeper_id = to
        loan.save(update_fields=["keeper_id"])
        loans.tell(by, loan, "keeper")
