"""What keeps a loan from who would get it because of what else they hold: duties bind however somebody holds a right, and for however long."""

from __future__ import annotations

from dataclasses import replace

from heli.access import view as views
from heli.access.facts import GrantFact
from heli.access.models import Grant
from heli.insight import company as companies
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.lending import hold
from heli.lending.models import Loan, Request
from heli.lending.terms import Terms, lines
from heli.org.models import ProjectMember
from heli.policy import duties
from heli.records.reasons import action_words
from heli.records.types import ObjectType

DUTY = Words(
    "职责分离：借用人可以审批这条记录，不能同时借用它的{action}",
    "separation of duties: the borrower may approve this record and cannot borrow to {action} it as well",
)


def borrowers(one: Request | Loan) -> list[int]:
    """Who gets it: a person, or whoever has a part in the project."""
    if one.borrower_id is not None:
        return [one.borrower_id]
    members = ProjectMember.objects.filter(project_id=one.project_id).order_by("person_id")
    return list(members.values_list("person_id", flat=True).distinct())


def clash(one: Request | Loan, kind: ObjectType, row: hold.Row, terms: Terms) -> Words | None:
    """What keeps apart what one of those who get it would hold: deciding on this very record, or a duty of the company."""
    if terms.action == "read":
        return None
    people = borrowers(one)
    for person in people:
        view = views.of(person)
        rights = view.type(kind.code)
        if rights is not None and rights.decide("approve", hold.reached(view, kind, row)).allowed:
            return DUTY.fill(action=action_words(kind, terms.action))
    try:
        was = companies.now()
        given = tuple(lines(kind, terms, "new"))
        more = {
            -at: GrantFact(-at, None, given, Grant.PERSON, str(person), False, was.moment, was.moment + terms.span)
            for at, person in enumerate(people, 1)
        }
        became = replace(was.world, all_grants={**was.world.all_grants, **more})
        duties.refuse_new(was, was.beside(became), people)
    except Conflict as error:
        return error.words
    return None
