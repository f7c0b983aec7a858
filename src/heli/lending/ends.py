"""What ends with something else, in the same transaction: a record that moves or goes, a person who leaves or loses what they
lent (``standing``), a project that gains members. Attached to the write door and to the organisation at start-up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Q

from heli.access import grants
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.lending import ask, hold, loans, standing
from heli.lending.models import Loan, Request
from heli.lending.terms import kind_named
from heli.org.models import Person
from heli.records import hooks as records
from heli.records import readers
from heli.records.types import ObjectType

GRACE = timedelta(days=7)
"""So long the loans of a leaver go on, unless somebody keeps them."""
MOVED = Actor(None, "system", "job", via="record moved")
DELETED = Actor(None, "system", "job", via="record deleted")
PERSON_LEFT = Actor(None, "system", "job", via="person left")
JOINED = Actor(None, "system", "job", via="project member")


def record_changed(kind: ObjectType, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Loans of a record end when it is handed over or deleted, or leaves what its lender holds; requests about it go to its
    new owner, or end."""
    deleted = before.get("deleted_at") is None and after.get("deleted_at") is not None
    moved = before.get("owner_id") != after.get("owner_id")
    if deleted or moved:
        _record_gone(kind, after, deleted)
    if not deleted:
        standing.record_changed(kind, before, after)


def _record_gone(kind: ObjectType, after: Mapping[str, Any], deleted: bool) -> None:
    running = Loan.objects.select_for_update(of=("self",)).filter(
        type=kind.code, record_id=after["id"], ended_at=None, ends__gt=clock.now()
    )
    for loan in running.order_by("pk"):
        if deleted:
            loans.end(DELETED, loan, Loan.DELETED)
        else:
            owner = after.get("owner_id")
            keeper = owner if owner != loan.borrower_id and loan.emergency_id is None else None
            loans.end(MOVED, loan, Loan.TRANSFERRED, keeper=keeper)
    waiting = Request.objects.select_for_update(of=("self",)).filter(
        ask.waiting(), type=kind.code, record_id=after["id"]
    )
    for one in waiting.order_by("pk"):
        if deleted:
            ask.close(one, Request.GONE, DELETED, ask.RECORD_GONE.en)
        elif one.state != Request.PROPOSED:
            one.asked = []
            ask.move_on(one)


def organisation_changed(people: frozenset[int] | None) -> None:
    """Who has left borrows nothing from this moment on; what they lent goes on for a week; requests find another approver.
    Who joined a project reaches what was lent to it."""
    gone = Person.objects.filter(status=Person.LEFT)
    if people is not None:
        gone = gone.filter(pk__in=people)
    left = set(gone.values_list("pk", flat=True))
    if left:
        _left(left)
    projects = Loan.objects.filter(ended_at=None, ends__gt=clock.now()).exclude(project_id="")
    if people is not None:
        for loan in projects:
            loans.follow_members(JOINED, loan)


def _left(left: set[int]) -> None:
    now = clock.now()
    running = Loan.objects.select_for_update(of=("self",)).filter(ended_at=None, ends__gt=now)
    for loan in running.filter(borrower_id__in=left).order_by("pk"):
        loans.end(PERSON_LEFT, loan, Loan.LEFT)
    limit = now + GRACE
    lent = running.filter(lender_id__in=left, keeper_id=None).order_by("pk")
    for loan in lent:
        _lapse(loan, limit, left)
    Loan.objects.filter(keeper_id__in=left).update(keeper_id=None)
    waiting = Request.objects.select_for_update(of=("self",)).filter(ask.waiting())
    for one in waiting.filter(Q(borrower_id__in=left) | Q(asker_id__in=left)).order_by("pk"):
        ask.close(one, Request.GONE, PERSON_LEFT, ask.BORROWER_GONE.en)
    for one in waiting.filter(approver_id__in=left, kind=Request.LOAN).order_by("pk"):
        ask.move_on(one)


def _lapse(loan: Loan, limit: Any, left: set[int]) -> None:
    """A leaver's loan ends in a week at the latest; who could lend it now is asked whether it goes on."""
    kind = kind_named(loan.type)
    row = readers.row_of(kind, loan.record_id)
    keeper = None
    if row is not None:
        keeper = next(hold.lenders(kind, row, loans.terms_of(loan), (*left, loan.borrower_id)), None)
    if loan.ends > limit:
        loan.ends = limit
        grants.bound_source(loan.source, limit)
    loan.keeper_id = keeper
    loan.save(update_fields=["ends", "keeper_id"])
    loans.tell(PERSON_LEFT, loan, "lapse")


def attach() -> None:
    """Listen to the write door and the organisation."""
    from heli.kernel import hooks

    records.changed.listen(record_changed)
    standing.attach()
    hooks.organisation_changed.listen(organisation_changed)
