"""A loan stands on its lender's right: it ends with that right, at that moment, whatever took it away.

Roles, posts, departments, ceilings and drafts tell of it by ``rights_changed``, once what changes is complete; a record
whose keys or values leave the lender's scope by the write door. What the lender is to lose on a known day ends on that day.
Whoever could lend next is asked whether it goes on, as when a record is handed over. A leaver's loans have a rule of their
own (``ends``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import QuerySet

from heli.access import epoch, grants
from heli.access import view as views
from heli.access.part import Part
from heli.kernel import clock, quick
from heli.kernel.actor import Actor
from heli.lending import hold, loans
from heli.lending.models import Loan
from heli.lending.terms import Terms
from heli.org.models import Person
from heli.records import readers
from heli.records.types import TYPES, ObjectType

LOST = Actor(None, "system", "job", via="lender's right lost")
PART = 2000
"""Loans whose lenders and records are read together."""
MANY = 8
"""More lenders than that are read together, and not one by one."""
MOST_NAMED = 500
"""More people than that are looked for among all loans."""
_ANY = "SELECT 1 FROM lending_loan WHERE type=%s AND record_id=%s AND ended_at IS NULL LIMIT 1"
"""Asked at every write, so that the asking is plain."""
BOOKKEEPING = frozenset({"updated_at", "updated_by_id", "version"})


class _Lent(NamedTuple):
    """What is looked at of a running loan: thousands of them at a change of the rules."""

    pk: int
    type: str
    record_id: str
    lender_id: int
    action: str
    fields: Sequence[str]
    ends: datetime


def _lent() -> QuerySet[Loan]:
    return Loan.objects.filter(ended_at=None, ends__gt=clock.now(), lender_id__isnull=False, emergency=None)


def rights_changed(people: frozenset[int] | None) -> None:
    """Look at what these people have lent (None: at every loan)."""
    rows = _lent()
    if people is not None and len(people) <= MOST_NAMED:
        rows = rows.filter(lender_id__in=people)
    _look(rows, people)


def record_changed(kind: ObjectType, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Look at what is lent of a record that changed; of a customer with new keys also at what is lent of what belongs to it."""
    changed = {column for column in kind.stored if before.get(column) != after.get(column)} - BOOKKEEPING
    if not changed:
        return
    if quick.rows(_ANY, [kind.code, after["id"]]):
        _look(_lent().filter(type=kind.code, record_id=after["id"]))
    if kind.code == "account" and {"owner_id", "department_id"} & changed:
        for child in TYPES:
            if child.parent == "account" and child.code != "account":
                _look(_of_customer(child, after["id"]))


def _of_customer(kind: ObjectType, account: str) -> QuerySet[Loan]:
    running = _lent().filter(type=kind.code)
    found = readers.of_account(kind, account, sorted(set(running.values_list("record_id", flat=True))))
    return running.filter(record_id__in=found)


def _look(running: QuerySet[Loan], people: frozenset[int] | None = None) -> None:
    rows = running.order_by("pk").values_list(*_Lent._fields)
    many = [one for one in map(_Lent._make, rows) if people is None or one.lender_id in people]
    for start in range(0, len(many), PART):
        part = many[start : start + PART]
        lenders = {one.lender_id for one in part}
        here = lenders - set(Person.objects.filter(pk__in=lenders, status=Person.LEFT).values_list("pk", flat=True))
        held = _Held(here, {one.type for one in part})
        records = _rows(one for one in part if one.lender_id in here)
        for loan in part:
            row = records.get((loan.type, loan.record_id))
            if loan.lender_id in here and row is not None:  # a record that is gone has ended its loans already
                _judge(loan, TYPES[loan.type], row, held)


class _Held:
    """What lenders hold now: many of them are read together, and only as far as the types that they lent of go."""

    def __init__(self, lenders: set[int], types: set[str]) -> None:
        self.facts = Part.of(lenders, types) if len(lenders) > MANY else None
        self._stamps = epoch.current_of(sorted(lenders)) if lenders and self.facts is None else {}
        self._views: dict[int, views.View] = {}
        self._moment = clock.now()

    @cached_property
    def above(self) -> hold.Above:
        """Whom the records of lost loans go up to; read once for all of them."""
        return hold.Above.load()

    def view(self, lender: int) -> views.View:
        found = self._views.get(lender)
        if found is None:
            found = self._views[lender] = self._look(lender)
        return found

    def _look(self, lender: int) -> views.View:
        if self.facts is None:
            return views.of(lender, self._stamps[lender])
        return views.build(lender, (0, 0), self._moment, self.facts)


def _rows(some: Iterable[_Lent]) -> dict[tuple[str, str], dict[str, Any]]:
    by_type: dict[str, list[str]] = {}
    for one in some:
        if TYPES.get(one.type) is not None:
            by_type.setdefault(one.type, []).append(one.record_id)
    return {
        (code, record): row
        for code, records in by_type.items()
        for record, row in readers.rows_of(TYPES[code], sorted(set(records))).items()
    }


def _judge(loan: _Lent, kind: ObjectType, row: Mapping[str, Any], held: _Held) -> None:
    terms = Terms(loan.action, tuple(loan.fields), 0)
    until = hold.lasts(held.view(loan.lender_id), kind, row, terms, loan.ends, facts=held.facts)
    if until == loan.ends:
        return
    fresh = Loan.objects.select_for_update(of=("self",)).get(pk=loan.pk)
    if not fresh.running():
        return
    keeper = next(hold.lenders(kind, row, terms, (fresh.lender_id, fresh.borrower_id), held.above), None)
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
