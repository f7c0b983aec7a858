"""Asking for access: who asks for what, whose turn it is, and what becomes of a request whose ground moves.

Of a record that the asker does not see they learn nothing but a yes: a request about it is taken alike whether it exists or
not, goes to its lender by a job (so that it costs the asker's answer nothing), and lapses in silence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Q

from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.audit.log import EntryData
from heli.flows import following
from heli.jobs.events import EventData
from heli.jobs.tasks import task
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused, TooMany
from heli.kernel.words import Words
from heli.lending import cases, hold
from heli.lending.models import Loan, Request
from heli.lending.terms import MOST_REASON, Terms, basic, check, kind_named
from heli.notices import tell as notices
from heli.org.models import Person, Project
from heli.org.tree import project_of
from heli.records import readers, store, write
from heli.records.act import current
from heli.records.ask import whom_to_ask
from heli.records.sight import told_to
from heli.records.types import ObjectType

MOST_A_DAY = 40
"""Requests of one person in 24 hours."""
PATIENCE = timedelta(days=14)
"""A request that nobody has answered for so long has lapsed."""
TURN = timedelta(days=2)
"""So long a request waits for one lender before it goes to the next as well."""
TURN_NOTICE, ANSWER_NOTICE = "request", "request_answer"
"""Kinds of notices: it is one's turn, one has an answer."""
JOB = Actor(None, "system", "job", via="lending")

TOO_MANY = Words(
    "今天的申请已达 {n} 次上限；请先等待答复，或直接联系负责人",
    "you have made {n} requests in a day, which is the most: wait for answers, or talk to the owners",
)
TWICE = Words("同样的申请正在等待答复", "the same request is waiting for its answer already")
NOBODY = Words(
    "目前没有人能借出所选内容：选少一些，或请安全管理员调整规则",
    "nobody could lend what you chose: choose less, or ask a security administrator about the rules",
)
NO_PERSON = Words("没有这个人，或已离职", "no such person, or they have left")
FINISHED = Words(
    "这个项目已结束，不再借给它；需要时先重新打开项目",
    "this project is finished and borrows nothing more; open it again first if it has to",
)
NO_PROJECT = Words("没有这个项目，或你不在其中", "no such project, or you are not in it")
HAVE = Words("这些你现在就能看到，不必申请", "you see all of this already; there is nothing to ask for")
CLOSED = Words("这个申请已经{state}", "this request {state} already")
ONLY_ASKER = Words("只有申请人能撤回", "only who asked may withdraw it")
NOT_PROPOSED = Words("没有等待你同意的申请", "there is no proposal that waits for your consent")
SAID: Mapping[str, Words] = {
    Request.PROPOSED: Words("等待本人同意", "waits for the person's consent"),
    Request.OPEN: Words("等待批准", "waits for approval"),
    Request.CONFIRMING: Words("等待安全管理员确认", "waits for security to confirm"),
    Request.APPROVED: Words("批准", "was approved"),
    Request.REFUSED: Words("被拒绝", "was refused"),
    Request.WITHDRAWN: Words("撤回", "was withdrawn"),
    Request.GONE: Words("失效：记录或申请人已不在", "ended: its record or person is gone"),
    Request.LAPSED: Words("过期：无人答复", "lapsed: nobody answered"),
}
HELD = Words(
    "流程还有前面的步骤没有完成，现在不能答复；轮到时会通知你",
    "its process has steps before this one that are not done: it cannot be answered yet, and you will be told when it can",
)
RECORD_GONE = Words("记录已被删除", "the record has been deleted")
BORROWER_GONE = Words("借用人已离职", "the borrower has left")


def tell(by: Actor, one: Request, what: str, reason: str = "", *, waits: bool = True, **more: Any) -> None:
    """Audit and event of one step of a request, last in its transaction; its case follows. Unless it ``waits``, nobody is told to
    answer it."""
    with write.held():
        cases.follow(by, one, what, reason, SAID[one.state])
        _told(by, one, what, reason, more)
    if waits:
        notify(by, one)


def _told(by: Actor, one: Request, what: str, reason: str, more: Mapping[str, Any]) -> None:
    after = {
        "kind": one.kind, "type": one.type or None, "record": one.record_id or None, "borrower": one.borrower_id,
        "project": one.project_id or None, "action": one.action or None, "fields": one.fields, "role": one.role or None,
        "position": one.position_id, "department": one.department_id, "seconds": one.seconds, "state": one.state, **more,
    }  # fmt: skip
    entry = EntryData(
        action=f"request.{what}", object_type="request", object_id=one.pk, actor_id=by.person, actor_name=by.name,
        acting_for_id=by.acting_for, origin=by.origin, via=by.via, reason=reason, after=after,
    )  # fmt: skip
    write.tell(EventData(f"request.{what}", "request", one.pk, {"kind": one.kind}), entry)


def notify(by: Actor, one: Request) -> None:
    """Tell whose turn it is, and who asked what became of it: of a record that they did not see when they asked, they hear of a yes
    only. Where its process has other steps first, it is nobody's turn yet."""
    if one.held:
        return
    if one.state in Request.WAITING:
        if one.state == Request.CONFIRMING or (one.state == Request.OPEN and one.kind in Request.STANDING):
            turn: list[int | None] = [*cases.security(one)]
        else:
            turn = [one.borrower_id if one.state == Request.PROPOSED else one.approver_id]
        people = [pk for pk in turn if pk is not None]
        notices.tell(people, TURN_NOTICE, f"request:{one.pk}:{one.state}", "request", one.pk, by=by.person)
    elif one.state == Request.APPROVED or (one.seen and one.state == Request.REFUSED):
        people = [pk for pk in (one.asker_id, one.borrower_id) if pk is not None]
        notices.tell(people, ANSWER_NOTICE, f"request:{one.pk}:answer", "request", one.pk, by=by.person)


def closed(one: Request) -> Conflict:
    """The word for an act on a request that waits no longer."""
    return Conflict(CLOSED.fill(state=SAID[one.state]), code=one.state)


def ready(one: Request) -> None:
    """Raises Conflict where its process has steps before its answer."""
    if one.held:
        raise Conflict(HELD, code="held")


def bounded(viewer: Viewer) -> int:
    """Who asks. Raises TooMany for who has asked too often within a day, NotFound for what is no person."""
    if viewer.person is None:
        raise NotFound
    since = clock.now() - timedelta(days=1)
    if Request.objects.filter(asker_id=viewer.person, at__gt=since).count() >= MOST_A_DAY:
        raise TooMany(TOO_MANY.fill(n=MOST_A_DAY), code="too_many_requests")
    return viewer.person


# -- asking ---------------------------------------------------------------------------------------------------------


def ask(
    viewer: Viewer, type: str, record: str, *, action: str, fields: Sequence[str], seconds: int, reason: str,
    borrower: int | None = None, project: str = "", renews: Loan | None = None, lends: bool = False,
) -> Request:  # fmt: skip
    """Ask to borrow; for a colleague it is a proposal that they consent to, for a project its members get it. ``lends``: it is who
    asks that lends, and nobody's consent is needed.

    Raises Invalid naming each place, TooMany, Conflict for the same again or when nobody could lend it.
    """
    kind = kind_named(type)
    terms = check(kind, action, fields, seconds)
    wanted = reason.strip()
    if not wanted or len(wanted) > MOST_REASON:
        raise Invalid(Problem("reason", "required", Words("请写明原因", "say why")))

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            person = bounded(who)
            for_whom = _for_whom(who, borrower, project)
            row = _seen(who, kind, record)
            if row is None and (for_whom != who.person or project):
                raise NotFound  # who asks for others sees the record
            one = Request(
                asker_id=person, borrower_id=for_whom, project_id=project, type=kind.code, record_id=record,
                seen=row is not None, action=action, fields=list(terms.fields), seconds=seconds, reason=wanted,
                renews=renews,
            )  # fmt: skip
            _not_twice(one)
            if lends:
                one.approver_id, one.asked = person, [person]
            elif for_whom is not None and for_whom != who.person:
                one.state = Request.PROPOSED
            elif row is not None:
                if not project and renews is None and _has(who, kind, row, terms):
                    raise Invalid(Problem("fields", "held", HAVE))
                if not project and who.view is not None:
                    over = hold.blocked(who.view, kind, row, terms, hold.gains(who.view, kind, row, terms))
                    if over is not None:  # nobody's yes could give it
                        raise Refused(over, code="ceiling", why={"code": "ceiling", "words": over.json()})
                if not _turn(one, kind, row):
                    raise Conflict(NOBODY, code="no_lender")
            one.save(force_insert=True)
            if row is None:
                route.enqueue(one.pk)
            tell(who.actor, one, "create", wanted, waits=not lends)
            return one

    return again.until_done(whole)


def _for_whom(viewer: Viewer, borrower: int | None, project: str) -> int | None:
    if project:
        mine = viewer.view.asked.projects if viewer.view is not None and viewer.view.asked is not None else frozenset()
        found = project_of(project)
        if found is None or project not in mine:
            raise Invalid(Problem("project", "unknown", NO_PROJECT))
        if found.status == Project.FINISHED:
            raise Invalid(Problem("project", "finished", FINISHED))
        return None
    if borrower is None or borrower == viewer.person:
        return viewer.person
    if not Person.objects.filter(pk=borrower).exclude(status=Person.LEFT).exists():
        raise Invalid(Problem("borrower", "unknown", NO_PERSON))
    return borrower


def _seen(viewer: Viewer, kind: ObjectType, record: str) -> dict[str, Any] | None:
    try:
        return store.row(viewer, kind.code, record)
    except NotFound:
        return None


def _not_twice(one: Request) -> None:
    same = Request.objects.filter(
        asker_id=one.asker_id, borrower_id=one.borrower_id, project_id=one.project_id, type=one.type,
        record_id=one.record_id, action=one.action,
    )  # fmt: skip
    # Of an unseen one nobody hears whether it waits still.
    quiet = Q(at__gt=clock.now() - PATIENCE) & ~Q(state__in=(Request.APPROVED, Request.WITHDRAWN))
    same = same.filter(waiting() if one.seen else quiet)
    if any(sorted(other.fields) == sorted(one.fields) for other in same):
        raise Conflict(TWICE, code="twice")


def _has(viewer: Viewer, kind: ObjectType, row: hold.Row, terms: Terms) -> bool:
    assert viewer.view is not None
    if terms.action != "read":
        rights = viewer.view.type(kind.code)
        facts = hold.reached(viewer.view, kind, row)
        if rights is None or not rights.decide(terms.action, facts).allowed:
            return False
    levels = {gain.field: gain.now for gain in hold.gains(viewer.view, kind, row, terms)}
    enough = ("edit",) if terms.action == "edit" else ("read", "edit")
    return all(levels.get(code) in enough for code in terms.fields)


def wanted(kind: ObjectType, one: Request, action: str | None = None, fields: Sequence[str] | None = None) -> Terms:
    """The terms of a request, or the narrower ones named."""
    chosen = tuple(one.fields if fields is None else fields)
    return Terms(action or one.action, chosen, one.seconds or 0)


def _turn(one: Request, kind: ObjectType, row: hold.Row) -> bool:
    """Make it the turn of the next in line who could lend it (but for ``asked``, the borrower and who renews for oneself)."""
    terms = wanted(kind, one)
    nobody = (one.borrower_id, *one.asked)
    found = next(hold.lenders(kind, row, terms, nobody), None)
    if found is None:
        return False
    one.approver_id, one.asked, one.turn_at = found, [*one.asked, found], clock.now()
    return True


@task()
def route(pk: str) -> None:
    """Take a request about a record that its asker does not see to whoever could lend it; nowhere when there is none."""
    with log.transaction():
        one = Request.objects.select_for_update(of=("self",)).filter(pk=pk, state=Request.OPEN).first()
        if one is None:
            return
        kind = kind_named(one.type)
        row = readers.row_of(kind, one.record_id)
        if row is not None and _turn(one, kind, row):
            one.save()
            with write.held():
                cases.follow(JOB, one, "move", "", SAID[one.state])
            notify(JOB, one)


# -- while it waits ---------------------------------------------------------------------------------------------------


def locked(pk: str) -> Request:
    """The request after its record, in the order in which the write door locks them. Raises NotFound."""
    about = Request.objects.filter(pk=pk).values_list("type", "record_id").first()
    if about is not None and about[0]:
        readers.row_of(kind_named(about[0]), about[1], lock=True)
    found = Request.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def withdraw(viewer: Viewer, pk: str) -> Request:
    """Take a request back, as its asker; or decline a proposal, as whom it is for. Raises NotFound, Refused, Conflict."""

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            one = locked(pk)
            if not knows(who, one):
                raise NotFound
            if who.person not in (one.asker_id, one.borrower_id):
                raise Refused(ONLY_ASKER, code="not_yours", why={"code": "not_yours", "words": ONLY_ASKER.json()})
            if shown_state(one, who) not in Request.WAITING:
                raise closed(one)
            _close(one, Request.WITHDRAWN, who.person)
            tell(who.actor, one, "withdraw")
            return one

    return again.until_done(whole)


def consent(viewer: Viewer, pk: str) -> Request:
    """Accept what a colleague proposed for me: from now on it waits for its lender. Raises NotFound, Conflict."""

    def whole() -> Request:
        with log.transaction():
            who = current(viewer)
            one = locked(pk)
            if not knows(who, one):
                raise NotFound
            if one.state != Request.PROPOSED or one.borrower_id != who.person:
                raise Conflict(NOT_PROPOSED, code="not_proposed")
            ready(one)
            kind = kind_named(one.type)
            row = readers.row_of(kind, one.record_id)
            if row is None:
                raise Conflict(CLOSED.fill(state=SAID[Request.GONE]), code="gone")
            one.state = Request.OPEN
            if not _turn(one, kind, row):
                raise Conflict(NOBODY, code="no_lender")
            one.save()
            tell(who.actor, one, "consent")
            return one

    return again.until_done(whole)


def knows(viewer: Viewer, one: Request) -> bool:
    """Whether a request is this person's to know of."""
    if viewer.person in (one.asker_id, one.borrower_id, one.approver_id, one.answered_by, *one.asked):
        return True
    if viewer.view is None:
        return False
    settles = one.kind in Request.STANDING or one.state == Request.CONFIRMING
    if (settles or any(a.get("second") for a in one.approvals)) and viewer.view.may("policy", "grant"):
        return True
    if viewer.person is not None and following.worked(cases.matter_of(one), [one.pk], viewer.person):
        return True
    if one.kind != Request.LOAN or one.state in (Request.PROPOSED, Request.WITHDRAWN, Request.GONE, Request.LAPSED):
        return False
    # Who could have answered is told when somebody else has: two yeses at once end with a word for the second.
    kind = kind_named(one.type)
    row = readers.row_of(kind, one.record_id)
    if row is None or viewer.person not in hold.line_up(kind, row):
        return False
    return hold.lacking(viewer.view, kind, row, wanted(kind, one)) is None


def knows_approver(viewer: Viewer, one: Request) -> bool:
    """Whether whose turn it is may be told: who asks knows those whom a refusal would name too."""
    if one.approver_id is None or viewer.person != one.asker_id or one.kind != Request.LOAN:
        return True
    kind = kind_named(one.type)
    row = _seen(viewer, kind, one.record_id)
    return row is not None and names(viewer, kind, row, one.approver_id)


def names(viewer: Viewer, kind: ObjectType, row: hold.Row, lender: int) -> bool:
    """Whether somebody who sees the record may be told that this one would answer."""
    if lender not in whom_to_ask(kind, row, viewer):
        return False
    return hold.knowable(kind, row, lender, told_to(viewer, kind, row))


def confirms(viewer: Viewer, one: Request) -> bool:
    """Whether this person gives security's yes: nobody who lends, asks or would get it, by a project of theirs neither."""
    view = viewer.view
    if view is None or viewer.person is None or not view.may("policy", "grant"):
        return False
    projects = view.asked.projects if view.asked is not None else frozenset()
    return viewer.person not in (one.borrower_id, one.asker_id, one.approver_id) and one.project_id not in projects


def shown_state(one: Request, viewer: Viewer) -> str:
    """The state as this person hears of it: the asker of an unseen record hears of a yes and of time, and of nothing else."""
    if one.seen or viewer.person != one.asker_id or one.state in (Request.APPROVED, Request.WITHDRAWN):
        return one.state
    return Request.LAPSED if one.at + PATIENCE <= clock.now() else Request.OPEN


def _close(one: Request, state: str, by: int | None, answer: str = "") -> None:
    one.state, one.answered_by, one.answered_at, one.answer = state, by, clock.now(), answer
    one.approver_id = None
    one.save()


def close(one: Request, state: str, by: Actor, answer: str = "") -> None:
    """End a waiting request; in the caller's transaction, with the request locked."""
    _close(one, state, by.person, answer)
    tell(by, one, state if state != Request.REFUSED else "refuse", answer)


def move_on(one: Request) -> None:
    """Its lender is gone, or its record has another owner: it goes to the next in line. In the caller's transaction."""
    kind = kind_named(one.type)
    row = readers.row_of(kind, one.record_id)
    if row is None:
        close(one, Request.GONE, JOB, RECORD_GONE.en)
        return
    if one.state == Request.CONFIRMING:  # what was approved by who can lend no more is to be approved again
        one.state, one.granted, one.approvals = Request.OPEN, None, []
    one.asked = [pk for pk in one.asked if pk != one.approver_id]
    one.approver_id = None
    _turn(one, kind, row)
    one.save()
    tell(JOB, one, "move")


def waiting() -> Q:
    return Q(state__in=Request.WAITING)


__all__ = ["JOB", "NOBODY", "PATIENCE", "SAID", "TURN", "ask", "basic", "close", "closed", "confirms", "consent", "knows", "knows_approver",
           "locked", "move_on", "notify", "ready", "route", "shown_state", "tell", "waiting", "wanted", "withdraw"]  # fmt: skip
