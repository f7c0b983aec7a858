"""A loan stands on its lender's right: it ends with that right, at that moment, whatever took it away.

Roles, posts, departments, ceilings and drafts tell of it by ``rights_changed``, once what changes is complete; a record
whose keys or values leave the lender's scope by the write door. What the lender is to lose on a known day ends on that day.
Whoever could lend next is asked whether it goes on, as when a record is handed over. A leaver's loans have a rule of their
own (``ends``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from heli.access import epoch, grants
from heli.access import view as views
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.lending import hold, loans
from heli.lending.models import Loan
from heli.org.models import Person
from heli.records import readers
from heli.records.types import TYPES, ObjectType

LOST = Actor(None, "system", "job", via="lender's right lost")
PART = 200
"""Loans whose lenders and records are read together."""
MOST_NAMED = 500
"""More people than that are looked for among all loans."""
BOOKKEEPING = frozenset({"updated_at", "updated_by_id", "version"})


def _lent() -> QuerySet[Loan]:
    return Loan.objects.filter(ended_at=None, ends__gt=clock.now(), lender_id__isnull=False, emergency=None)


def rights_changed(people: frozenset[int] | None) -> None:
    """Look at what these people have lent (None: at every loan)."""
    rows = _lent()
    if people is not None and len(people) <= MOST_NAMED:
        rows = rows.filter(lender_id__in=people)
    found = rows.order_by("pk")
    _look(found if people is None else [one for one in found if one.lender_id in people])


def record_changed(kind: ObjectType, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Look at what is lent of a record that changed; of a customer with new keys also at what is lent of what belongs to it."""
    changed = {column for column in kind.stored if before.get(column) != after.get(column)} - BOOKKEEPING
    if not changed:
        return
    _look(_lent().filter(type=kind.code, record_id=after["id"]).order_by("pk"))
    if kind.code == "account" and {"owner_id", "department_id"} & changed:
        for child in TYPES:
            if child.parent == "account" and child.code != "account":
                _look(_of_customer(child, after["id"]))


def _of_customer(kind: ObjectType, account: str) -> list[Loan]:
    running = list(_lent().filter(type=kind.code).order_by("pk"))
    found = readers.of_account(kind, account, sorted({one.record_id for one in running}))
    return [one for one in running if one.record_id in found]


def _look(running: Iterable[Loan]) -> None:
    many = list(running)
    for start in range(0, len(many), PART):
        part = many[start : start + PART]
        lenders = {one.lender_id for one in part if one.lender_id is not None}
        here = lenders - set(Person.objects.filter(pk__in=lenders, status=Person.LEFT).values_list("pk", flat=True))
        stamps = epoch.current_of(sorted(here)) if here else {}
        for loan in part:
            if loan.lender_id in here:
                _judge(loan, views.of(loan.lender_id, stamps[loan.lender_id]))


def _judge(loan: Loan, view: views.View) -> None:
    kind = TYPES.get(loan.type)
    row = readers.row_of(kind, loan.record_id) if kind is not None else None
    if kind is None or row is None:  # a record that is gone has ended its loans already
        return
    terms = loans.terms_of(loan)
    until = hold.lasts(view, kind, row, terms, loan.ends)
    if until == loan.ends:
        return
    fresh = Loan.objects.select_for_update(of=("self",)).get(pk=loan.pk)
    if not fresh.running():
        return
    keeper = next(hold.lenders(kind, row, terms, (fresh.lender_id, fresh.borrower_id)), None)
    if until is None or until <= clock.now():
        loans.end(LOST, fresh, Loan.LOST, keeper=keeper)
    else:
        _shorten(fresh, until, keeper)


def _shorten(loan: Loan, until: datetime, keeper: int | None) -> None:
    grants.bound_source(loan.source, until)
    loan.ends, loan.keeper_id, loan.warned_at = until, keeper, None
    loan.save(update_fields=["ends", "keeper_id", "warned_at"])
    loans.tell(LOST, loan, "shorten")


def attach() -> None:
    """Listen to every change of rights."""
    from heli.kernel import hooks

    hooks.rights_changed.listen(rights_changed)
