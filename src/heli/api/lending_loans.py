"""Loans: what is lent, by whom to whom and until when; lending, calling back, keeping, renewing."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from heli.api import lending_said as said
from heli.api import shape
from heli.api.common import items, ref
from heli.api.lending import ASK, NONE, REASON, SECONDS, TAG, TEXT
from heli.api.route import Answer, Call, Param, Route
from heli.kernel import clock
from heli.kernel.errors import Conflict, NotFound
from heli.kernel.words import Words
from heli.lending import ask, decide, loans
from heli.lending.models import Loan

PAGE = 100
TABS = ("lent", "borrowed", "today", "ended", "asks", "record")
LATELY = timedelta(days=7)
"""So long the page of a record that is gone tells its borrower of the loan that it was seen by."""
NOT_BORROWED = Words("这笔授权不是借给你的", "this loan is not yours to renew")


def listed(call: Call) -> Answer:
    """Loans by time left: ``lent`` by me (of all, for who governs grants), ``borrowed``, ending ``today``, ``ended``,
    those of which I am asked whether they go on, or what was borrowed of one ``record`` or lent of it, lately ended ones too."""
    now = clock.now()
    tab = call.query.get("tab", "lent")
    record = call.query.get("record", "")
    view = call.viewer.view
    governs = view is not None and view.may("policy", "grant")
    projects = view.asked.projects if view is not None and view.asked is not None else frozenset()
    borrowed = Q(borrower_id=call.person) | Q(project_id__in=projects)
    lent = Q(lender_id=call.person) | Q(owner_id=call.person)
    if governs:
        lent |= Q(pk__gt=0)
    running = Q(ended_at=None, ends__gt=now)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    chosen = {
        "lent": lent & running,
        "borrowed": borrowed & running,
        "today": (lent | borrowed) & running & Q(ends__lt=midnight),
        "ended": (lent | borrowed) & ~running,
        "asks": Q(keeper_id=call.person, meant__gt=now),
        "record": (borrowed | Q(lender_id=call.person))
        & Q(record_id=record, ends__gt=now - LATELY)
        & (Q(ended_at=None) | Q(ended_at__gt=now - LATELY)),
    }[tab]
    rows = Loan.objects.filter(chosen)
    if record:
        rows = rows.filter(record_id=record)
    rows = rows.order_by("-ended_at", "-ends", "-pk") if tab == "ended" else rows.order_by("ends", "pk")
    return Answer({"items": said.loans_said(call.viewer, list(rows[:PAGE]))})


def one(call: Call) -> Answer:
    """One loan, for whom it concerns."""
    found = Loan.objects.filter(pk=int(call.path["id"])).first()
    if found is None or not loans.concerns(call.viewer, found):
        raise NotFound
    return Answer(said.loans_said(call.viewer, [found])[0])


def lend(call: Call) -> Answer:
    """Lend without having been asked; what is confidential waits for security."""
    given = call.body
    made = decide.lend(
        call.viewer, given["type"], given["record"], borrower=int(given["borrower"]) if given.get("borrower") else None,
        project=given.get("project") or "", action=given["action"], fields=given.get("fields", []),
        seconds=given["seconds"], reason=given["reason"],
    )  # fmt: skip
    return Answer(said.requests_said(call.viewer, [made])[0], 201, location=f"/access/requests/{made.pk}")


def end(call: Call) -> Answer:
    """Call it back, or give it back: it holds at no statement after this."""
    return _after(call, loans.finish(call.viewer, int(call.path["id"]), (call.body or {}).get("text", "")))


def restore(call: Call) -> Answer:
    """Take my calling back back: a new loan of the same."""
    return _after(call, loans.restore(call.viewer, int(call.path["id"])))


def keep(call: Call) -> Answer:
    """Say whether a loan goes on that ended with its record's hand-over, or ends with its lender's leaving."""
    return _after(call, loans.keep(call.viewer, int(call.path["id"]), call.body["go_on"]))


def renew(call: Call) -> Answer:
    """Ask for more time: a request for the same again, which ends this loan when it begins."""
    found = Loan.objects.filter(pk=int(call.path["id"])).first()
    if found is None or not loans.concerns(call.viewer, found):
        raise NotFound
    if found.borrower_id != call.person and "renew" not in said.loan_may(call.viewer, found):
        raise Conflict(NOT_BORROWED, code="not_borrowed")
    made = ask.ask(
        call.viewer, found.type, found.record_id, action=found.action, fields=found.fields, seconds=call.body["seconds"],
        reason=call.body["reason"], project=found.project_id, renews=found,
    )  # fmt: skip
    return Answer(said.requests_said(call.viewer, [made])[0], 201, location=f"/access/requests/{made.pk}")


def _after(call: Call, found: Loan) -> Answer:
    return Answer(said.loans_said(call.viewer, [found])[0])


_ID = {"id": shape.NUMBER_ID}
_ONE = {200: ref("AccessLoan")}
_ACT = (403, 409)
ROUTES = (
    Route("GET", "/access/loans", listed, "listLoans", "What is lent and borrowed, by time left", TAG,
          params=(Param("tab", {"type": "string", "enum": list(TABS)}, "Which of them"),
                  Param("record", shape.ID, "Only those of this record")),
          answers={200: items(ref("AccessLoan"))}),
    Route("POST", "/access/loans", lend, "lend", "Lend without having been asked", TAG, body=ASK, keyed=True,
          answers={201: ref("AccessRequest")}, errors=(403, 404, 409)),
    Route("GET", "/access/loans/{id}", one, "getLoan", "One loan", TAG, path_schemas=_ID, answers=_ONE, errors=(404,)),
    Route("POST", "/access/loans/{id}/end", end, "endLoan", "Call a loan back, or give it back", TAG, path_schemas=_ID,
          body=TEXT, body_required=False, answers=_ONE, errors=_ACT),
    Route("POST", "/access/loans/{id}/restore", restore, "restoreLoan", "Take a calling back back", TAG, path_schemas=_ID,
          body=NONE, body_required=False, answers=_ONE, errors=_ACT),
    Route("POST", "/access/loans/{id}/keep", keep, "keepLoan", "Whether a loan goes on under me", TAG, path_schemas=_ID,
          body=shape.record({"go_on": {"type": "boolean"}}), answers=_ONE, errors=_ACT),
    Route("POST", "/access/loans/{id}/renew", renew, "renewLoan", "Ask for more time", TAG, path_schemas=_ID, keyed=True,
          body=shape.record({"seconds": SECONDS, "reason": REASON}), answers={201: ref("AccessRequest")}, errors=_ACT),
)  # fmt: skip
