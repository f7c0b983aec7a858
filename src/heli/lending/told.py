"""Whom a step of a loan is told: its borrower, its lender, who is asked whether it goes on, whose record was opened in an emergency."""

from __future__ import annotations

from collections.abc import Iterable

from heli.insight import company
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.lending.models import Loan
from heli.notices import tell as notices
from heli.org import tree
from heli.org.models import ProjectMember

SOON, BEGUN, ENDED, KEEP = "loan_soon", "loan_begun", "loan_ended", "loan_keep"
EMERGENCY, VERDICT = "emergency_use", "emergency_verdict"
"""Kinds of notices."""
EARLY = (Loan.RECALLED, Loan.TRANSFERRED, Loan.LOST, Loan.DELETED, Loan.CLOSED)
"""Ends that come without the borrower: they are told. An end in time was told before."""
MOST = 200


def step(by: Actor, loan: Loan, what: str) -> None:
    """Tell of one step, in its transaction."""
    borrowers = [loan.borrower_id] if loan.borrower_id is not None else []
    if what == "warn":
        _tell(by, loan, [*(borrowers or _members(loan)), *_lender(loan)], SOON, f"{SOON}:{loan.ends:%Y%m%d%H%M%S}")
    elif what == "start" and loan.emergency_id is not None:
        security = [pk for pk in company.now().may("policy", "grant") if pk != loan.borrower_id]
        _tell(by, loan, [*([loan.owner_id] if loan.owner_id is not None else []), *security], EMERGENCY)
    elif what == "start" and loan.project_id:
        _tell(by, loan, _members(loan), BEGUN)
    elif what == "end" and loan.ended_how in EARLY:
        _tell(by, loan, borrowers or _members(loan), ENDED)
        if loan.ended_how == Loan.LOST:  # what they had lent went with a right of theirs, and nobody asked them
            _tell(by, loan, _lender(loan), ENDED)
    elif what == "end" and loan.ended_how == Loan.RETURNED and loan.lender_id is not None:
        _tell(by, loan, [loan.lender_id], ENDED)
    elif what == "review":
        _tell(by, loan, borrowers, VERDICT)
    if loan.keeper_id is not None and what in ("end", "keeper", "lapse", "shorten"):
        _tell(by, loan, [loan.keeper_id], KEEP, f"{KEEP}:{loan.keeper_id}")


def anew(by: Actor, loan: Loan) -> None:
    """Tell the borrower that what had ended goes on."""
    if loan.borrower_id is not None:
        _tell(by, loan, [loan.borrower_id], BEGUN)


def _tell(by: Actor, loan: Loan, people: Iterable[int], kind: str, source: str = "") -> None:
    notices.tell(people, kind, f"loan:{loan.pk}:{source or kind}", "loan", str(loan.pk), by=by.person)


def _lender(loan: Loan) -> list[int]:
    return [] if loan.lender_id is None else [loan.lender_id]


def _members(loan: Loan) -> list[int]:
    rows = ProjectMember.objects.filter(tree.valid(clock.now()), project_id=loan.project_id)
    return sorted(set(rows.values_list("person_id", flat=True)[:MOST]))
