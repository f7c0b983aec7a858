"""Break-glass: security declares an emergency, those named open what it names at once, for hours; each use is reviewed.

The right comes from the declaration, not from a lender: it is drawn on the grantable set of whoever holds ``policy: grant``
and never used by who declared it. Ceilings hold in an emergency too. Whose use was judged unjustified does not use that
emergency again, until security lifts it by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from heli.access import view as views
from heli.access.viewer import Viewer
from heli.audit import again, log
from heli.audit.log import EntryData
from heli.jobs.events import EventData
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.ids import is_id
from heli.kernel.words import Words
from heli.lending import hold, loans
from heli.lending.models import Emergency, Loan
from heli.lending.terms import HOUR, MOST_REASON, Terms, kind_named, lendable
from heli.org import zone
from heli.org.models import Department, Person
from heli.org.tree import posts_of
from heli.records import readers, write
from heli.records.act import current
from heli.records.types import ObjectType

MOST_OPEN = timedelta(hours=72)
MOST_USE = 4 * HOUR
MOST_SHOWN = 20
CLASSES = ("public", "internal", "sensitive", "confidential")
JUSTIFIED, UNJUSTIFIED = "justified", "unjustified"

NOT_SECURITY = Words("只有安全管理员能宣布和结束紧急状态", "only security administrators declare and close emergencies")
NOT_NAMED = Words("你不在这个紧急状态的人员范围内", "this emergency does not name you")
OWN = Words("宣布紧急状态的人不能使用它", "who declared an emergency does not use it")
OVER = Words("这个紧急状态已经结束", "this emergency is over")
NOTHING = Words(
    "公司上限不允许你看到这条记录，紧急状态也不例外",
    "a company ceiling keeps you from this record, in an emergency too",
)
TWICE = Words("你已经打开了这条记录，到期前不必再开", "you have opened this record already; it holds until its end")
NO_USE = Words("这不是一次紧急使用，或已经复核过", "this is no use of an emergency, or it has been reviewed")
OWN_REVIEW = Words("不能复核自己的使用", "nobody reviews their own use")
BARRED = Words(
    "{who} 于 {when} 判定你在这个紧急状态下的使用不当，你不能再用它；如确有需要，请联系 {ask} 解除",
    "{who} judged your use of this emergency unjustified on {when}: you cannot use it again; if you have to, ask {ask} to "
    "lift this",
)
NOT_BARRED = Words("此人没有被禁止使用这个紧急状态", "nothing keeps this person from this emergency")
OWN_LIFT = Words(
    "不能为自己解除，请另一位安全管理员处理", "nobody lifts this for themselves: ask another administrator"
)
SECURITY = Words("安全管理员", "a security administrator")
WHO = Words("请指定部门或角色", "name departments or roles")
UNKNOWN = Words("没有这一项：{code}", "no such thing: {code}")


def _tell(by: Actor, one: Emergency, what: str, reason: str = "", **more: Any) -> None:
    after = {
        "title": one.title, "types": one.types, "actions": one.actions, "classes": one.classes,
        "departments": one.departments, "roles": one.roles, "ends": one.ends.isoformat(), **more,
    }  # fmt: skip
    entry = EntryData(
        action=f"emergency.{what}", object_type="emergency", object_id=str(one.pk), actor_id=by.person,
        actor_name=by.name, acting_for_id=by.acting_for, origin=by.origin, via=by.via, reason=reason, after=after,
    )  # fmt: skip
    write.tell(EventData(f"emergency.{what}", "emergency", str(one.pk), {}), entry)


def governs(viewer: Viewer) -> bool:
    """Whether somebody declares, closes and reviews."""
    return viewer.view is not None and viewer.view.may("policy", "grant")


def _security(viewer: Viewer) -> int:
    if viewer.person is None or not governs(viewer):
        raise Refused(NOT_SECURITY, code="no_line", why={"code": "no_line", "words": NOT_SECURITY.json()})
    return viewer.person


def declare(
    viewer: Viewer, title: str, reason: str, *, types: Sequence[str], actions: Sequence[str], classes: Sequence[str],
    departments: Sequence[int], roles: Sequence[str], seconds: int,
) -> Emergency:  # fmt: skip
    """Declare one, from now on. Raises Refused, Invalid naming each place."""
    problems = [Problem(f"types/{i}", "unknown", UNKNOWN.fill(code=c)) for i, c in enumerate(types) if not _known(c)]
    allowed = {code for one in types if _known(one) for code in lendable(kind_named(one))}
    problems += [
        Problem(f"actions/{i}", "unknown", UNKNOWN.fill(code=c)) for i, c in enumerate(actions) if c not in allowed
    ]
    problems += [
        Problem(f"classes/{i}", "unknown", UNKNOWN.fill(code=c)) for i, c in enumerate(classes) if c not in CLASSES
    ]
    known = set(Department.objects.filter(pk__in=departments, closed_at=None).values_list("pk", flat=True))
    problems += [
        Problem(f"departments/{i}", "unknown", UNKNOWN.fill(code=d))
        for i, d in enumerate(departments)
        if d not in known
    ]
    if not departments and not roles:
        problems.append(Problem("departments", "required", WHO))
    if not title.strip() or not reason.strip():
        problems.append(Problem("reason", "required", Words("请写明标题和原因", "say what it is and why")))
    if not HOUR <= seconds <= MOST_OPEN.total_seconds():
        problems.append(Problem("seconds", "range", Words("应在 1 到 72 小时之间", "must be between 1 and 72 hours")))
    if problems:
        raise Invalid(problems)
    with log.transaction():
        who = current(viewer)
        person = _security(who)
        one = Emergency.objects.create(
            title=title.strip(), reason=reason.strip(), types=list(types), actions=list(actions), classes=list(classes),
            departments=list(departments), roles=list(roles), declared_by=person, starts=clock.now(),
            ends=clock.now() + timedelta(seconds=seconds),
        )  # fmt: skip
        _tell(who.actor, one, "declare", one.reason)
        return one


def _known(code: str) -> bool:
    from heli.records.types import TYPES

    return code in TYPES


def is_open(one: Emergency) -> bool:
    """Whether it can be used now."""
    return one.closed_at is None and one.starts <= clock.now() < one.ends


def close(viewer: Viewer, pk: int) -> Emergency:
    """End it now, and with it everything that was opened under it. Raises NotFound, Refused, Conflict."""

    def whole() -> Emergency:
        with log.transaction():
            who = current(viewer)
            one = _locked(who, pk)
            _security(who)
            if not is_open(one):
                raise Conflict(OVER, code="over")
            one.closed_at, one.closed_by = clock.now(), who.person
            one.save(update_fields=["closed_at", "closed_by"])
            running = Loan.objects.select_for_update(of=("self",)).filter(
                emergency=one, ended_at=None, ends__gt=clock.now()
            )
            for loan in running.order_by("pk"):
                loans.end(who.actor, loan, Loan.CLOSED)
            _tell(who.actor, one, "close")
            return one

    return again.until_done(whole)


def names(viewer: Viewer, one: Emergency) -> bool:
    """Whether the emergency is for this person: by department (with all below) or by role; never for who declared it."""
    if viewer.view is None or viewer.person is None:
        return False
    return includes(viewer.view, viewer.person, places_of(viewer.person), one)


def places_of(person: int) -> list[int]:
    """The departments of somebody's posts now."""
    now = clock.now()
    return [p.department for p in posts_of(person) if p.starts <= now and (p.ends is None or p.ends > now)]


def includes(view: views.View, person: int, places: Iterable[int], one: Emergency) -> bool:
    """The same for somebody with these rights, at posts in these departments."""
    if person == one.declared_by:
        return False
    if set(one.roles) & {s.role for s in view.sources}:
        return True
    return any(set(view.tree.above(place)) & set(one.departments) for place in places)


def knows(viewer: Viewer, one: Emergency) -> bool:
    """Whether somebody may know of it: who is named while it is open, and security always."""
    return governs(viewer) or (names(viewer, one) and is_open(one))


def concerning(viewer: Viewer) -> int:
    """How many open emergencies somebody should see on every page: those that name them; for security all."""
    now = clock.now()
    rows = list(Emergency.objects.filter(closed_at=None, starts__lte=now, ends__gt=now)[:MOST_SHOWN])
    return sum(knows(viewer, one) for one in rows)


def _locked(viewer: Viewer, pk: int) -> Emergency:
    one = Emergency.objects.select_for_update().filter(pk=pk).first()
    if one is None or not knows(viewer, one):
        raise NotFound
    return one


def use(viewer: Viewer, pk: int, type_: str, record: str, *, action: str, seconds: int, reason: str) -> Loan:
    """Open a record, by its id or number, at once, for at most four hours, with a reason. Raises NotFound for what is not
    there, Refused for who is not named, Invalid for what it does not cover, Conflict when it is over."""
    if not reason.strip() or len(reason) > MOST_REASON:
        raise Invalid(Problem("reason", "required", Words("请写明原因", "say why")))
    if not HOUR // 4 <= seconds <= MOST_USE:
        raise Invalid(
            Problem("seconds", "range", Words("应在 15 分钟到 4 小时之间", "must be between 15 minutes and 4 hours"))
        )

    def whole() -> Loan:
        with log.transaction():
            who = current(viewer)
            one = _locked(who, pk)
            if who.person == one.declared_by:
                raise Refused(OWN, code="own", why={"code": "own", "words": OWN.json()})
            if not names(who, one):
                raise Refused(NOT_NAMED, code="not_named", why={"code": "not_named", "words": NOT_NAMED.json()})
            if not is_open(one):
                raise Conflict(OVER, code="over")
            judged = bars(one).get(who.person or 0)
            if judged is not None:
                words = _barred(one, judged)
                raise Refused(words, code="barred", why={"code": "barred", "words": words.json()})
            if type_ not in one.types:
                raise Invalid(Problem("type", "not_covered", UNKNOWN.fill(code=type_)))
            if action not in one.actions:
                raise Invalid(Problem("action", "not_covered", UNKNOWN.fill(code=action)))
            kind = kind_named(type_)
            row = readers.row_of(kind, _found(kind, record), lock=True)
            if row is None:
                raise NotFound
            mine = Loan.objects.filter(
                emergency=one,
                borrower_id=who.person,
                record_id=row["id"],
                action=action,
                ended_at=None,
                ends__gt=clock.now(),
            )
            if mine.exists():
                raise Conflict(TWICE, code="twice")
            terms = _terms(kind, one, action, seconds)
            assert who.view is not None
            if not _gives(who.view, kind, row, terms):
                if not hold.seen_by(who.view, kind, row):
                    raise NotFound  # as if it were not there: a ceiling tells nobody what lies above it
                raise Refused(NOTHING, code="ceiling", why={"code": "ceiling", "words": NOTHING.json()})
            ends = min(clock.now() + terms.span, one.ends)
            return loans.start(
                who.actor, kind, row, terms, ends, borrower=who.person, emergency=one, reason=reason.strip()
            )

    return again.until_done(whole)


def _found(kind: ObjectType, record: str) -> str:
    """People read numbers out, not ids."""
    return record if is_id(record) else (readers.numbered(kind, record) or "")


def _terms(kind: ObjectType, one: Emergency, action: str, seconds: int) -> Terms:
    fields = [code for code, f in kind.fields.items() if f.data_class in one.classes]
    if action == "edit":
        fields = [code for code in fields if not kind.fields[code].readonly and not kind.fields[code].flow]
    return Terms(action, tuple(fields), seconds)


def _gives(view: views.View, kind: ObjectType, row: hold.Row, terms: Terms) -> bool:
    rights = hold.with_loan(view, kind, terms)
    return rights.decide("read", hold.reached(view, kind, row, ("record", "new"))).allowed


def waiting(viewer: Viewer) -> Any:
    """Uses that this person reviews: security, but for their own; also what they declared themselves."""
    if not governs(viewer):
        return Loan.objects.none()
    return (
        Loan.objects.filter(emergency__isnull=False, verdict="").exclude(borrower_id=viewer.person).order_by("starts")
    )


def bars(one: Emergency) -> dict[int, Loan]:
    """The latest use of each person that was judged unjustified and is not lifted: they do not use it again."""
    judged = one.loans.filter(verdict=UNJUSTIFIED, lifted_at=None).order_by("verdict_at")
    return {loan.borrower_id: loan for loan in judged if loan.borrower_id is not None}


def _barred(one: Emergency, judged: Loan) -> Words:
    """Who judged, when, and whom to ask: who judged and who declared it, as far as they are still here."""
    judge = judged.verdict_by or 0
    by = Person.objects.filter(pk=judge).values_list("display_name", flat=True).first()
    here = Person.objects.filter(pk__in=[judge, one.declared_by]).exclude(status=Person.LEFT)
    names = list(here.exclude(pk=judged.borrower_id or 0).order_by("pk").values_list("display_name", flat=True))
    asked = Words("、".join(names), " or ".join(names)) if names else SECURITY
    when = zone.told(judged.verdict_at) if judged.verdict_at is not None else "?"
    return BARRED.fill(who=by or SECURITY, when=when, ask=asked)


def lift(viewer: Viewer, pk: int, person: int, text: str) -> Emergency:
    """Let somebody use it again whose use was judged unjustified. Raises NotFound, Refused, Conflict when nothing bars them."""

    def whole() -> Emergency:
        with log.transaction():
            who = current(viewer)
            one = _locked(who, pk)
            _security(who)
            if who.person == person:
                raise Refused(OWN_LIFT, code="own", why={"code": "own", "words": OWN_LIFT.json()})
            if person not in bars(one):
                raise Conflict(NOT_BARRED, code="not_barred")
            one.loans.filter(borrower_id=person, verdict=UNJUSTIFIED, lifted_at=None).update(
                lifted_by=who.person, lifted_at=clock.now()
            )
            _tell(who.actor, one, "lift", text.strip(), person=person)
            return one

    return again.until_done(whole)


def review(viewer: Viewer, pk: int, verdict: str, text: str) -> Loan:
    """Say whether a use was justified, and why. One that was not ends at once, and its person does not use that emergency
    again until somebody lifts it. Raises NotFound, Refused, Conflict."""

    def whole() -> Loan:
        with log.transaction():
            who = current(viewer)
            about = Loan.objects.filter(pk=pk).values_list("emergency_id", flat=True).first()
            if about is not None:  # before the loan, as a use locks it: none begins while one is judged
                Emergency.objects.select_for_update().filter(pk=about).first()
            loan = loans.locked(pk)
            if not loans.concerns(who, loan):
                raise NotFound
            _security(who)
            if loan.emergency_id is None or loan.verdict:
                raise Conflict(NO_USE, code="no_use")
            if who.person == loan.borrower_id:
                raise Refused(OWN_REVIEW, code="own", why={"code": "own", "words": OWN_REVIEW.json()})
            if verdict == UNJUSTIFIED and loan.running():
                loans.end(who.actor, loan, Loan.RECALLED, reason=text)
            loan.verdict, loan.verdict_text = verdict, text.strip()
            loan.verdict_by, loan.verdict_at = who.person, clock.now()
            loan.save(update_fields=["verdict", "verdict_text", "verdict_by", "verdict_at"])
            loans.tell(who.actor, loan, "review", text)
            return loan

    return again.until_done(whole)
