"""Answering a request to borrow: what exactly would be gained, whether it may be, and the yes or no.

A yes is decided under the approver's rights as the transaction holds them, on the record as it is locked: what they do not
hold themselves, until the loan's very end, cannot be approved. For confidential fields security says yes as well, seeing no
value, and the lender's rights are looked at once more then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from heli.access import epoch
from heli.access import view as views
from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.lending import ask, hold, loans
from heli.lending.apart import borrowers, clash
from heli.lending.models import Loan, Request
from heli.lending.terms import DAY, HOUR, Terms, basic, check, confidential, kind_named, right_of, writable
from heli.org import zone
from heli.org.models import Person
from heli.records import readers
from heli.records.act import current
from heli.records.types import ObjectType

HABIT = timedelta(days=90)
OFTEN = 3
"""Loans of one type to one person in 90 days after which a standing right is worth a thought."""

OWN = Words("不能批准自己的申请，请由别人批准", "nobody approves their own request: somebody else has to")
NOT_LENDER = Words("{what}，因此不能批准", "{what}, so you cannot approve it")
BEYOND = Words(
    "你自己的权限到 {until} 为止，不能借出更久；请缩短时间",
    "you hold it yourself until {until} only and cannot lend it longer: shorten the time",
)
MORE = Words("不能超过申请的范围", "not more than was asked for")
GONE = Words("记录已被删除，申请已失效", "the record has been deleted; the request has ended")
LEFT = Words("借用人已离职，申请已失效", "the borrower has left; the request has ended")
NOT_SECURITY = Words(
    "机密内容要由安全管理员确认；批准人、申请人和借用人（含借用项目的成员）不能自己确认",
    "confidential content is confirmed by security, who neither lends nor asks nor gets it, not by a project either",
)
NO_LONGER = Words(
    "批准人已不再持有所借的权限，申请已转给下一位",
    "its lender holds it no longer; the request went to the next in line",
)
EMPTY = Words("你能看到的内容里没有可借的字段", "there is no field you could lend")


@dataclass(frozen=True, slots=True)
class Offer:
    """What a yes by one person would give: the terms filled in, and how long they hold them."""

    terms: Terms
    ends: datetime
    until: datetime | None
    """Until when the approver holds all of it; None: not even now."""
    lacks: Words | None
    duty: Words | None
    blocked: Words | None
    confidential: bool
    gains: tuple[hold.Gain, ...]
    habit: int


def offer(viewer: Viewer, one: Request, kind: ObjectType, row: hold.Row, terms: Terms) -> Offer:
    """What it would give if this viewer said yes now."""
    assert viewer.view is not None
    borrower = views.of(one.borrower_id) if one.borrower_id is not None else None
    full = filled(viewer, kind, row, borrower, terms)
    ends = clock.now() + full.span
    gains = tuple(hold.gains(borrower, kind, row, full)) if borrower is not None else ()
    return Offer(
        full, ends, hold.lasts(viewer.view, kind, row, full, ends, viewer.role),
        hold.lacking(viewer.view, kind, row, full), clash(one, kind, row, full), hold.blocked(borrower, kind, row, full, gains),
        confidential(kind, full.fields), gains, habit(one, kind),
    )  # fmt: skip


def filled(viewer: Viewer, kind: ObjectType, row: hold.Row, borrower: views.View | None, terms: Terms) -> Terms:
    """The terms with the fields that they leave open: what shows the record at all, as far as the lender reads it."""
    assert viewer.view is not None
    own = hold.readable(viewer.view, kind, row)
    fields = list(terms.fields)
    if not fields and terms.action == "read":
        fields = [code for code in basic(kind) if code in own]
    if borrower is None or not hold.seen_by(borrower, kind, row):
        # What an editor borrows they may write: they get what it is called only where nobody writes that.
        labels = [
            code for code in (kind.title, kind.key) if code and (terms.action != "edit" or not writable(kind, code))
        ]
        fields += [code for code in labels if code in own and code not in fields]
    return replace(terms, fields=tuple(fields))


def habit(one: Request, kind: ObjectType) -> int:
    """How often the borrower was lent records of this type in the last 90 days."""
    since = clock.now() - HABIT
    return Loan.objects.filter(
        borrower_id=one.borrower_id, project_id=one.project_id, type=kind.code, starts__gt=since
    ).count()


def smaller(kind: ObjectType, terms: Terms) -> tuple[Terms, Words] | None:
    """A smaller grant that may be enough: without editing, without the confidential, or shorter."""
    plain = tuple(code for code in terms.fields if kind.fields[code].data_class != "confidential")
    if terms.action == "edit":
        return replace(terms, action="read"), Words("只借查看，不借编辑", "lend reading only, not editing")
    if plain and len(plain) < len(terms.fields) and set(plain) - {kind.title, kind.key}:
        return replace(terms, fields=plain), Words(
            "不含机密字段，不必再经确认", "without the confidential fields; no second yes is needed"
        )
    if terms.seconds > 3 * DAY:
        return replace(terms, seconds=3 * DAY), Words("改为 3 天，不够再续", "for 3 days; it can be renewed")
    if terms.seconds > DAY:
        return replace(terms, seconds=DAY), Words("改为 1 天，不够再续", "for a day; it can be renewed")
    return None


# -- the yes --------------------------------------------------------------------------------------------------------


def approve(
    viewer: Viewer, pk: str, *, action: str | None = None, fields: Sequence[str] | None = None,
    seconds: int | None = None, text: str = "",
) -> Request:  # fmt: skip
    """Say yes, to all of it or less. Raises NotFound, Refused for what one may not, Invalid for more than was asked for,
    Conflict when it waits no longer."""
    return again.until_done(lambda: _approve(viewer, pk, action, fields, seconds, text))


def _approve(
    viewer: Viewer, pk: str, action: str | None, fields: Sequence[str] | None, seconds: int | None, text: str
) -> Request:
    with log.transaction():
        who = current(viewer)
        one = ask.locked(pk)
        if one.kind != Request.LOAN or not ask.knows(who, one):
            raise NotFound
        if one.state == Request.CONFIRMING or one.state not in Request.WAITING:
            raise ask.closed(one)
        ask.ready(one)
        _nobody_their_own(who, one)
        kind = kind_named(one.type)
        row = readers.row_of(kind, one.record_id)
        terms = narrowed(kind, one, action, fields, seconds)
        gone = GONE if row is None else LEFT if one.borrower_id and not hold.employed(one.borrower_id) else None
        if gone is None and row is not None:
            return _yes(who, one, kind, row, terms, text)
        ask.close(one, Request.GONE, ask.JOB, (gone or GONE).en)
    raise Conflict(gone or GONE, code="gone")


def _yes(who: Viewer, one: Request, kind: ObjectType, row: hold.Row, terms: Terms, text: str) -> Request:
    for person in borrowers(one):
        epoch.hold(person)  # what they hold cannot change under the look at duties
    found = offer(who, one, kind, row, terms)
    _may(found)
    said = {"by": who.person, "at": clock.now().isoformat(), "text": text}
    one.granted, one.approvals = found.terms.json(), [*one.approvals, said]
    if found.confidential:
        one.state, one.turn_at = Request.CONFIRMING, clock.now()
        one.approver_id = who.person
        one.save()
        ask.tell(who.actor, one, "approve", text, granted=one.granted)
        return one
    _lend(who.actor, one, kind, row, found.terms, who.person)
    return one


def _may(found: Offer) -> None:
    if found.lacks is not None:
        raise _refused(NOT_LENDER.fill(what=found.lacks), "not_held")
    if not found.terms.fields and found.terms.action == "read":
        raise _refused(EMPTY, "nothing")
    if found.until is None or found.until < found.ends:
        said = zone.told(found.until or clock.now())
        raise _refused(BEYOND.fill(until=said), "beyond")
    if found.duty is not None:
        raise _refused(found.duty, "duty")
    if found.blocked is not None:
        raise _refused(found.blocked, "ceiling")
    if found.confidential and found.terms.seconds > 14 * DAY:
        raise Invalid(Problem("seconds", "range", Words("机密最长 14 天", "at most 14 days for what is confidential")))


def _refused(words: Words, code: str) -> Refused:
    return Refused(words, code=code, why={"code": code, "words": words.json()})


def _nobody_their_own(who: Viewer, one: Request) -> None:
    if who.person is None or who.person == one.borrower_id:
        raise _refused(OWN, "own")


def narrowed(
    kind: ObjectType, one: Request, action: str | None, fields: Sequence[str] | None, seconds: int | None
) -> Terms:
    asked = one.seconds or HOUR
    terms = check(
        kind, action or one.action, one.fields if fields is None else fields, asked if seconds is None else seconds
    )
    problems = []
    if terms.action not in (one.action, "read"):
        problems.append(Problem("action", "more", MORE))
    allowed = set(one.fields) or set(basic(kind))
    problems += [Problem(f"fields/{at}", "more", MORE) for at, code in enumerate(terms.fields) if code not in allowed]
    if one.fields and not terms.fields:
        problems.append(Problem("fields", "required", Words("至少留一个字段", "keep at least one field")))
    if terms.seconds > asked:
        problems.append(Problem("seconds", "more", MORE))
    if problems:
        raise Invalid(problems)
    return terms


def _lend(by: Actor, one: Request, kind: ObjectType, row: hold.Row, terms: Terms, lender: int | None) -> None:
    """The loan begins; the one that it renews ends in the same moment."""
    if one.renews_id is not None:
        former = Loan.objects.select_for_update(of=("self",)).filter(pk=one.renews_id).first()
        if former is not None and former.running():
            loans.end(by, former, Loan.RENEWED)
    one.state, one.answered_by, one.answered_at = Request.APPROVED, by.person, clock.now()
    one.approver_id = None
    one.save()
    ask.tell(by, one, "approve", granted=one.granted)
    loans.start(
        by, kind, row, terms, clock.now() + terms.span, borrower=one.borrower_id, project=one.project_id, lender=lender,
        request=one, reason=one.reason,
    )  # fmt: skip


def confirm(viewer: Viewer, pk: str, text: str = "") -> Request:
    """Security's yes beside the lender's. Raises NotFound, Refused, Conflict; when the lender can lend it no more, it
    goes to the next in line, and Conflict says so."""

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            one = ask.locked(pk)
            if one.kind != Request.LOAN or not ask.knows(who, one):
                raise NotFound
            if one.state != Request.CONFIRMING:
                raise ask.closed(one)
            ask.ready(one)
            lender = one.approver_id
            if not ask.confirms(who, one):
                raise _refused(NOT_SECURITY, "not_security")
            kind = kind_named(one.type)
            row = readers.row_of(kind, one.record_id)
            given = one.granted or {}
            terms = Terms(given["action"], tuple(given["fields"]), given["seconds"])
            if row is not None and lender is not None and _still(lender, kind, row, terms):
                said = {"by": who.person, "at": clock.now().isoformat(), "text": text, "second": True}
                one.approvals = [*one.approvals, said]
                _lend(who.actor, one, kind, row, terms, lender)
                return one
            ask.move_on(one)
        raise Conflict(NO_LONGER if row is not None else GONE, code="moved_on" if row is not None else "gone")

    return again.until_done(whole)


def _still(lender: int, kind: ObjectType, row: hold.Row, terms: Terms) -> bool:
    """Whether the lender still holds what they approved, to its end."""
    if not Person.objects.filter(pk=lender).exclude(status=Person.LEFT).exists():
        return False
    view = views.of(lender, epoch.hold(lender))
    end = clock.now() + terms.span
    return hold.lasts(view, kind, row, terms, end) == end


def refuse(viewer: Viewer, pk: str, text: str) -> Request:
    """Say no, with the reason. Raises NotFound, Refused, Invalid without a reason, Conflict."""
    if not text.strip():
        raise Invalid(Problem("text", "required", Words("请写明拒绝的原因", "say why you refuse")))

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            one = ask.locked(pk)
            if not ask.knows(who, one):
                raise NotFound
            if one.state not in (Request.OPEN, Request.CONFIRMING):
                raise ask.closed(one)
            ask.ready(one)
            _nobody_their_own(who, one)
            security = who.view is not None and who.view.may("policy", "grant")
            if one.kind in Request.STANDING or one.state == Request.CONFIRMING:
                allowed = security
            else:
                kind = kind_named(one.type)
                row = readers.row_of(kind, one.record_id)
                lends = who.view is not None and row is not None and (
                    hold.lacking(who.view, kind, row, Terms("read", (), 0)) is None
                )  # fmt: skip
                allowed = who.person == one.approver_id or lends
            if not allowed:
                raise _refused(NOT_LENDER.fill(what=hold.SHARE), "not_held")
            ask.close(one, Request.REFUSED, who.actor, text.strip())
            return one

    return again.until_done(whole)


def lend(
    viewer: Viewer, type: str, record: str, *, borrower: int | None, project: str = "", action: str,
    fields: Sequence[str], seconds: int, reason: str,
) -> Request:  # fmt: skip
    """Lend without having been asked: a request and its yes in one, unless its process has steps before that. Raises as both do."""
    with log.transaction():
        one = ask.ask(
            viewer, type, record, action=action, fields=fields, seconds=seconds, reason=reason, borrower=borrower,
            project=project, lends=True,
        )  # fmt: skip
        if one.borrower_id == viewer.person:
            raise _refused(OWN, "own")
        if one.held:
            return one
        return _approve(viewer, one.pk, None, None, None, "")


__all__ = [
    "OFTEN",
    "Offer",
    "approve",
    "confirm",
    "habit",
    "lend",
    "narrowed",
    "offer",
    "refuse",
    "right_of",
    "smaller",
]
