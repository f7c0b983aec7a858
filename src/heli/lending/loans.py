"""Loans: beginning, ending, keeping. Each verb checks, changes, audits and tells in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from heli.access import grants
from heli.access.models import Grant, Reach
from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.audit.log import EntryData
from heli.jobs.events import EventData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound, Refused
from heli.kernel.words import Words
from heli.lending import hold, told
from heli.lending.apart import clash
from heli.lending.models import Emergency, Loan, Request
from heli.lending.terms import Terms, kind_named, lines
from heli.org.models import ProjectMember
from heli.records import readers, write
from heli.records.act import current
from heli.records.types import ObjectType

UNDO = timedelta(seconds=60)
"""So long whoever has called a loan back may take that back; the page offers it for 8 seconds."""

ENDED = Words("这笔临时授权已经结束", "this loan has ended already")
NOT_YOURS = Words(
    "只有借出人、记录的负责人和安全管理员能收回；借用人可以提前归还",
    "only the lender, the record's owner and security call a loan back; its borrower may give it back",
)
TOO_LATE = Words(
    "收回已超过一分钟，请借用人重新申请", "it was called back more than a minute ago: let the borrower ask again"
)
NO_RECORD = Words("这条记录已被删除，无法继续借出", "the record has been deleted; it cannot be lent on")
NOT_ASKED = Words("没有人请你决定这笔授权的去留", "nobody asks you whether this loan goes on")
LESS = Words(
    "{what}，因此不能继续借出", "{what}, so you cannot lend it on"
)  # fmt: skip


def tell(by: Actor, loan: Loan, what: str, reason: str = "") -> None:
    """Audit and event of one step of a loan, last in its transaction."""
    after = {
        "type": loan.type, "record": loan.record_id, "borrower": loan.borrower_id, "project": loan.project_id or None,
        "action": loan.action, "fields": loan.fields, "ends": loan.ends.isoformat(), "how": loan.ended_how or None,
    }  # fmt: skip
    entry = EntryData(
        action=f"loan.{what}", object_type="loan", object_id=str(loan.pk), actor_id=by.person, actor_name=by.name,
        acting_for_id=by.acting_for, origin=by.origin, via=by.via, reason=reason, after=after,
    )  # fmt: skip
    write.tell(EventData(f"loan.{what}", "loan", str(loan.pk), {"type": loan.type}), entry)
    told.step(by, loan, what)


def start(
    by: Actor, kind: ObjectType, row: Mapping[str, Any], terms: Terms, ends: datetime, *, borrower: int | None = None,
    project: str = "", lender: int | None = None, request: Request | None = None, emergency: Emergency | None = None,
    reason: str = "", meant: datetime | None = None,
) -> Loan:  # fmt: skip
    """Lend, from this moment on. In the caller's transaction, who has decided."""
    loan = Loan.objects.create(
        request=request, emergency=emergency, type=kind.code, record_id=row["id"], borrower_id=borrower,
        project_id=project, lender_id=lender, owner_id=row.get("owner_id"), action=terms.action,
        fields=list(terms.fields), reason=reason, starts=clock.now(), ends=ends, meant=meant or ends,
    )  # fmt: skip
    if project:
        follow_members(by, loan)
    else:
        given = lines(kind, terms, str(loan.pk))
        grants.grant_lines(
            by, given, Grant.PERSON, str(borrower), starts=loan.starts, ends=ends, source=loan.source, giver=lender
        )
        _reach(loan, borrower)
    tell(by, loan, "start", reason)
    return loan


def _reach(loan: Loan, person: int | None) -> None:
    assert person is not None
    grants.reach(
        person, loan.type, loan.record_id, kind="record", line=str(loan.pk), source=loan.source, until=loan.ends
    )


def follow_members(by: Actor, loan: Loan) -> None:
    """Let a project's loan lead everyone who has, had or will have a part in it to the record: the grant, which names the
    project's roles, decides who holds it now."""
    parts = ProjectMember.objects.filter(project_id=loan.project_id).values_list("person_id", "role")
    people, roles = {person for person, _ in parts}, {role for _, role in parts}
    given = Grant.objects.filter(source=loan.source, revoked_at__isnull=True).values_list("subject_id", flat=True)
    known = {subject.partition(":")[2] for subject in given}
    terms = Terms(loan.action, tuple(loan.fields), 0)
    for role in sorted(roles - known):
        grants.grant_lines(
            by, lines(kind_named(loan.type), terms, str(loan.pk)), Grant.PROJECT_ROLE, f"{loan.project_id}:{role}",
            starts=clock.now(), ends=loan.ends, source=loan.source, giver=loan.lender_id,
        )  # fmt: skip
    led = set(Reach.objects.filter(source=loan.source).values_list("person_id", flat=True))
    for person in sorted(people - led):
        _reach(loan, person)


def end(by: Actor, loan: Loan, how: str, *, keeper: int | None = None, reason: str = "") -> None:
    """End a loan now; its rights go with this transaction. In the caller's transaction, with the loan locked."""
    grants.end_source(loan.source)
    loan.ended_at, loan.ended_how, loan.ended_by, loan.keeper_id = clock.now(), how, by.person, keeper
    loan.save(update_fields=["ended_at", "ended_how", "ended_by", "keeper_id"])
    tell(by, loan, "end", reason)


def terms_of(loan: Loan) -> Terms:
    """What was lent; its time is the loan's own affair."""
    return Terms(loan.action, tuple(loan.fields), 0)


# -- verbs ----------------------------------------------------------------------------------------------------------


def locked(loan: int, *, record: bool = False) -> Loan:
    """The loan, locked; with ``record`` after its record, the order in which the write door locks them. Raises NotFound."""
    if record:
        about = Loan.objects.filter(pk=loan).values_list("type", "record_id").first()
        if about is not None:
            readers.row_of(kind_named(about[0]), about[1], lock=True)
    found = Loan.objects.select_for_update(of=("self",)).filter(pk=loan).first()
    if found is None:
        raise NotFound
    return found


def concerns(viewer: Viewer, loan: Loan) -> bool:
    """Whether the loan is this person's to know of: they borrow, lend or own, are asked to keep it, or govern grants."""
    if viewer.person in (loan.borrower_id, loan.lender_id, loan.owner_id, loan.keeper_id):
        return True
    if viewer.view is not None and viewer.view.may("policy", "grant"):
        return True
    asked = viewer.view.asked if viewer.view is not None else None
    member = bool(loan.project_id) and asked is not None and loan.project_id in asked.projects
    return member or may_end(viewer, loan)


def may_end(viewer: Viewer, loan: Loan) -> bool:
    """Whether they may call it back: who lent it, security, and who shares the record by themselves."""
    if viewer.view is None:
        return False
    if viewer.person == loan.lender_id or viewer.view.may("policy", "grant"):
        return True
    kind = kind_named(loan.type)
    row = readers.row_of(kind, loan.record_id)
    rights = viewer.view.type(kind.code)
    return row is not None and rights is not None and rights.decide("share", hold.alone(row)).allowed


def finish(viewer: Viewer, pk: int, reason: str = "") -> Loan:
    """Call a loan back, or give it back as its borrower. Raises NotFound, Refused, Conflict when it has ended."""

    def whole() -> Loan:
        with log.transaction():
            who = current(viewer)
            loan = locked(pk)
            if not concerns(who, loan):
                raise NotFound
            if not loan.running():
                raise Conflict(ENDED, code="ended")
            if who.person is not None and who.person == loan.borrower_id:
                end(who.actor, loan, Loan.RETURNED, reason=reason)
            elif may_end(who, loan):
                end(who.actor, loan, Loan.RECALLED, reason=reason)
            else:
                raise Refused(NOT_YOURS, code="not_yours", why={"code": "not_yours", "words": NOT_YOURS.json()})
            return loan

    return again.until_done(whole)


def restore(viewer: Viewer, pk: int) -> Loan:
    """Take one's own calling back back at once: a new loan of the same, for what was left of its time.

    Raises NotFound; Conflict when it is too late or the record is gone; Refused for what they do not hold now.
    """

    def whole() -> Loan:
        with log.transaction():
            who = current(viewer)
            loan = locked(pk, record=True)
            if not concerns(who, loan):
                raise NotFound
            mine = loan.ended_how == Loan.RECALLED and loan.ended_by == who.person and loan.ended_at is not None
            if not mine or loan.ended_at is None or loan.ended_at + UNDO < clock.now() or loan.emergency_id is not None:
                raise Conflict(TOO_LATE, code="too_late")
            if Loan.objects.filter(request=loan.request_id, ended_at__isnull=True, starts__gte=loan.ended_at).exists():
                raise Conflict(TOO_LATE, code="too_late")
            return _again(who, loan, loan.ends)

    return again.until_done(whole)


def keep(viewer: Viewer, pk: int, go_on: bool) -> Loan:
    """Answer whether a loan goes on, as the record's new owner or a leaver's successor. Its end stays what it was to be.

    Raises NotFound; Conflict when nobody asks them any more or its time has passed; Refused for what they do not hold.
    """

    def whole() -> Loan:
        with log.transaction():
            who = current(viewer)
            loan = locked(pk, record=True)
            if not concerns(who, loan):
                raise NotFound
            if loan.keeper_id is None or loan.keeper_id != who.person:
                raise Conflict(NOT_ASKED, code="not_asked")
            if not go_on:
                if loan.running():
                    end(who.actor, loan, Loan.RECALLED)
                else:
                    loan.keeper_id = None
                    loan.save(update_fields=["keeper_id"])
                    tell(who.actor, loan, "drop")
                return loan
            if loan.meant <= clock.now():
                raise Conflict(ENDED, code="ended")
            if loan.running():
                end(who.actor, loan, Loan.RENEWED)
            made = _again(who, loan, loan.meant)
            loan.keeper_id = None
            loan.save(update_fields=["keeper_id"])
            return made

    return again.until_done(whole)


def _again(who: Viewer, loan: Loan, ends: datetime) -> Loan:
    kind = kind_named(loan.type)
    row = readers.row_of(kind, loan.record_id, lock=True)
    if row is None:
        raise Conflict(NO_RECORD, code="gone")
    if loan.borrower_id is not None and not hold.employed(loan.borrower_id):
        raise Conflict(ENDED, code="ended")
    assert who.view is not None
    terms = terms_of(loan)
    lacks = hold.lacking(who.view, kind, row, terms)
    if lacks is not None or who.person == loan.borrower_id:
        words = LESS.fill(what=lacks or hold.SHARE)
        raise Refused(words, code="not_held", why={"code": "not_held", "words": words.json()})
    apart = clash(loan, kind, row, terms)
    if apart is not None:
        raise Refused(apart, code="duty", why={"code": "duty", "words": apart.json()})
    until = hold.lasts(who.view, kind, row, terms, ends, who.role) or clock.now()
    if until <= clock.now():
        raise Conflict(ENDED, code="ended")
    made = start(
        replace(who.actor, via=f"loan {loan.number}"), kind, row, terms, until, borrower=loan.borrower_id,
        project=loan.project_id, lender=who.person, request=loan.request, reason=loan.reason, meant=max(until, loan.meant),
    )  # fmt: skip
    told.anew(who.actor, made)
    return made
