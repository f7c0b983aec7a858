"""Requests and loans as one viewer is told of them: titles and values under their own rights, nothing of unseen records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Max, QuerySet, Sum

from heli.access.models import Grant, Use
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import NAMED, PERSON, WORDS, moment, named, people, ref
from heli.api.lending_gives import GIVES
from heli.kernel import clock
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.lending import ask, cases, decide, hold, loans
from heli.lending.models import Loan, Request
from heli.lending.terms import Terms, kind_named
from heli.org.models import Department, Position
from heli.org.tree import project_names
from heli.records import names, readers, store
from heli.records.reasons import action_words
from heli.records.types import TYPES, ObjectType

_TEXT: shape.Schema = {"type": "string"}
_FLAG: shape.Schema = {"type": "boolean"}
_NUMBER: shape.Schema = {"type": "integer"}
_MAYBE: shape.Schema = {"type": ["string", "null"]}
LEVEL: shape.Schema = {"type": "string", "enum": ["hidden", "masked", "read", "edit"]}
FIELD = shape.record({"code": _TEXT, "name": ref(WORDS), "data_class": _TEXT})
CHECK = shape.record({"code": _TEXT, "ok": _FLAG, "words": ref(WORDS)})
TERMS = shape.record({"action": _TEXT, "fields": shape.array(_TEXT), "seconds": _NUMBER})
SCHEMAS = {
    "LentField": FIELD,
    "Offer": shape.record(
        {
            "terms": TERMS, "ends": shape.MOMENT, "confidential": _FLAG, "ok": _FLAG,
            "rows": shape.array(shape.record({"field": ref("LentField"), "now": LEVEL, "then": LEVEL, "value": {}, "lent": _FLAG},
                                             required=("field", "now", "then", "lent"))),
            "checks": shape.array(CHECK),
            "smaller": shape.nullable(shape.record({"terms": TERMS, "words": ref(WORDS)})),
        }
    ),
    "AccessRequest": shape.record(
        {
            "id": shape.ID, "kind": _TEXT, "state": _TEXT, "state_words": ref(WORDS), "asker": shape.nullable(ref(PERSON)),
            "borrower": shape.nullable(ref(PERSON)), "project": _MAYBE, "type": _TEXT, "type_name": ref(WORDS),
            "record": _TEXT, "title": _MAYBE, "action": _TEXT, "action_name": ref(WORDS),
            "fields": shape.array(ref("LentField")), "seconds": {"type": ["integer", "null"]}, "reason": _TEXT,
            "role": _MAYBE, "role_name": shape.nullable(ref(WORDS)), "position": shape.nullable(ref(NAMED)),
            "department": shape.nullable(ref(NAMED)), "at": shape.MOMENT, "lapses_at": shape.MOMENT,
            "approver": shape.nullable(ref(PERSON)), "answer": _TEXT, "answered_by": shape.nullable(ref(PERSON)),
            "may": shape.array(_TEXT), "offer": ref("Offer"), "gives": shape.array(GIVES), "approvals": _NUMBER, "renews": _MAYBE,
            "case": {**_MAYBE, "description": "The case of a process as which it runs, for whom it concerns"},
        },
        required=("id", "kind", "state", "state_words", "asker", "borrower", "project", "type", "type_name", "record",
                  "title", "action", "action_name", "fields", "seconds", "reason", "role", "role_name", "position",
                  "department", "at", "lapses_at", "approver", "answer", "answered_by", "may", "approvals", "renews", "case"),
    ),
    "AccessLoan": shape.record(
        {
            "id": _TEXT, "number": _TEXT, "type": _TEXT, "type_name": ref(WORDS), "record": _TEXT, "title": _MAYBE,
            "borrower": shape.nullable(ref(PERSON)), "project": _MAYBE, "lender": shape.nullable(ref(PERSON)),
            "action": _TEXT, "action_name": ref(WORDS), "fields": shape.array(ref("LentField")), "reason": _TEXT,
            "starts": shape.MOMENT, "ends": shape.MOMENT, "meant": shape.MOMENT, "ended_at": _MAYBE, "ended": _TEXT,
            "emergency": _MAYBE, "used": _NUMBER, "used_at": _MAYBE, "may": shape.array(_TEXT), "asks": _MAYBE,
            "verdict": _TEXT,
        }
    ),
}  # fmt: skip
UNSEEN = Words("已发出；记录若存在，会由有权的人答复", "sent; if the record exists, whoever may lend it will answer")
HELD = Words("等待流程前面的步骤", "waits for earlier steps of its process")
WITHIN = Words(
    "不超过你自己的权限：范围、动作、字段、时间都不大于你",
    "within your own rights: scope, act, fields and time are no more than yours",
)
DUTIES = Words(
    "职责分离：借用人不是批准人，也不审批这条记录",
    "separation of duties: the borrower neither approves this request nor this record",
)
RARE = Words("近 90 天借过 {n} 次同类记录", "borrowed such records {n} times in the last 90 days")
OFTEN = Words(
    "近 90 天借过 {n} 次同类记录，可考虑调整其岗位权限",
    "borrowed such records {n} times in 90 days; their standing rights may need a change",
)
SECOND = Words(
    "含机密字段：批准后还要安全管理员确认，确认后才生效",
    "confidential fields: after your yes, security confirms; it begins then",
)
ROLE_ASKED = Words("申请角色", "asks for a role")
POST_ASKED = Words("申请岗位", "asks for a position")


def fields_said(kind: ObjectType, codes: Sequence[str]) -> list[dict[str, Any]]:
    """Fields by code, name and class."""
    return [
        {"code": code, "name": kind.fields[code].words.json(), "data_class": kind.fields[code].data_class}
        for code in codes
        if code in kind.fields
    ]


def titles(viewer: Viewer, pairs: Sequence[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Titles of the records that the viewer sees."""
    by_type: dict[str, set[str]] = defaultdict(set)
    for code, pk in pairs:
        if code in TYPES and pk:
            by_type[code].add(pk)
    found: dict[tuple[str, str], str] = {}
    for code, ids in by_type.items():
        found |= {(code, pk): str(said) for pk, said in names.shown(viewer, code, ids, TYPES[code].title).items()}
    return found


# -- requests -------------------------------------------------------------------------------------------------------


def requests_said(viewer: Viewer, many: Sequence[Request]) -> list[dict[str, Any]]:
    """Requests as this viewer hears of them."""
    known = people(p for one in many for p in (one.approver_id, one.answered_by))
    cases_ = cases.known(viewer, many)
    called = names_of(viewer, many)
    return [{**called[one.pk], **_request(viewer, one, known, cases_.get(one.pk))} for one in many]


def names_of(viewer: Viewer, many: Sequence[Request]) -> dict[str, dict[str, Any]]:
    """What requests name, by their ids, as far as this viewer may know: whoever asks, for whom, for what."""
    known = people(p for one in many for p in (one.asker_id, one.borrower_id))
    named = titles(viewer, [(one.type, one.record_id) for one in many])
    projects = project_names() if any(one.project_id for one in many) else {}
    roles = _roles([one.role for one in many if one.role])
    jobs, places = _posts(many)
    return {
        one.pk: {
            "asker": known.get(one.asker_id), "borrower": known.get(one.borrower_id or 0), "project": projects.get(one.project_id),
            "title": named.get((one.type, one.record_id)), "role": one.role or None,
            "role_name": roles[one.role].json() if one.role in roles else None,
            "position": _named(one.position_id, jobs), "department": _named(one.department_id, places),
        }
        for one in many
    }  # fmt: skip


type Called = dict[int, tuple[str, str]]
type Posts = tuple[Called, Called]
"""Names of positions and of departments."""


def _posts(many: Sequence[Request]) -> Posts:
    asked = [one for one in many if one.position_id is not None]
    if not asked:
        return {}, {}
    jobs = Position.objects.filter(pk__in=[one.position_id for one in asked if one.position_id])
    places = Department.objects.filter(pk__in=[one.department_id for one in asked if one.department_id])
    return _called(jobs), _called(places)


def _called(rows: QuerySet[Any]) -> Called:
    return {pk: (name, english) for pk, name, english in rows.values_list("pk", "name", "name_en")}


def _named(pk: int | None, known: Called) -> dict[str, str] | None:
    return None if pk is None else named(pk, *known.get(pk, ("?", "")))


def _roles(codes: Sequence[str]) -> dict[str, Words]:
    from heli.access.models import Role

    if not codes:
        return {}
    return {
        c: Words(n, e or n) for c, n, e in Role.objects.filter(code__in=codes).values_list("code", "name", "name_en")
    }


def _request(viewer: Viewer, one: Request, known: dict[int, dict[str, Any]], case: int | None) -> dict[str, Any]:
    state = ask.shown_state(one, viewer)
    quiet = not one.seen and viewer.person == one.asker_id and one.state != Request.APPROVED
    kind = TYPES.get(one.type)
    said = UNSEEN if quiet and state == Request.OPEN else HELD if one.held and not quiet else ask.SAID[state]
    asks = POST_ASKED if one.kind == Request.POSITION else ROLE_ASKED
    return {
        "id": one.pk, "kind": one.kind, "state": state, "state_words": said.json(),
        "type": one.type, "type_name": (kind.words if kind else asks).json(), "record": one.record_id, "action": one.action,
        "action_name": (action_words(kind, one.action) if kind else asks).json(),
        "fields": fields_said(kind, one.fields) if kind else [], "seconds": one.seconds, "reason": one.reason, "at": moment(one.at),
        "lapses_at": moment(one.at + ask.PATIENCE), "approver": None if quiet else _approver(viewer, one, known),
        "answer": "" if quiet else one.answer, "answered_by": None if quiet else known.get(one.answered_by or 0),
        "case": str(case) if case is not None else None,
        "may": may(viewer, one, state), "approvals": 0 if quiet else len(one.approvals),
        "renews": f"TG-{one.renews_id:04d}" if one.renews_id else None,
    }  # fmt: skip


def _approver(viewer: Viewer, one: Request, known: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
    """Whose turn it is, as far as the viewer may know."""
    return known.get(one.approver_id or 0) if ask.knows_approver(viewer, one) else None


def may(viewer: Viewer, one: Request, state: str) -> list[str]:
    """What the viewer can do with a request now; the verbs decide once more."""
    found = []
    mine = viewer.person == one.borrower_id
    security = viewer.view is not None and viewer.view.may("policy", "grant")
    if state in Request.WAITING and viewer.person in (one.asker_id, one.borrower_id):
        found.append("withdraw")
    if one.held:
        return found
    if state == Request.PROPOSED and mine:
        found.append("consent")
    if mine:
        return found
    if one.kind in Request.STANDING:
        if state == Request.OPEN and security and not any(a["by"] == viewer.person for a in one.approvals):
            found += ["approve", "refuse"]
    elif state in (Request.OPEN, Request.PROPOSED) and (viewer.person in one.asked or _lends(viewer, one)):
        found += ["approve", "refuse"] if state == Request.OPEN else ["approve"]
    elif state == Request.CONFIRMING and ask.confirms(viewer, one):
        found += ["confirm", "refuse"]
    return found


def _lends(viewer: Viewer, one: Request) -> bool:
    kind = kind_named(one.type)
    row = readers.row_of(kind, one.record_id)
    return (
        viewer.view is not None
        and row is not None
        and hold.lacking(viewer.view, kind, row, Terms("read", (), 0)) is None
        and viewer.person in hold.line_up(kind, row)
    )


def offer_said(viewer: Viewer, one: Request, terms: Terms | None = None) -> dict[str, Any] | None:
    """What a yes would give, cell by cell, for who may give it. Security, who confirms, sees levels and no values."""
    kind = kind_named(one.type)
    row = readers.row_of(kind, one.record_id)
    if row is None or viewer.view is None:
        return None
    confirming = one.state == Request.CONFIRMING
    if confirming:
        given = one.granted or {}
        terms = Terms(given["action"], tuple(given["fields"]), given["seconds"])
    found = decide.offer(viewer, one, kind, row, terms or ask.wanted(kind, one))
    values: dict[str, Any] = {}
    if not confirming:
        try:
            query = store.query(viewer, kind.code)
            seen = query.one(one.record_id)
            query.quote(seen, found.terms.fields)
            values = seen.values
        except NotFound:
            values = {}
    full = terms if confirming and terms is not None else found.terms
    less = decide.smaller(kind, full)
    return {
        "terms": full.json(), "ends": moment(clock.now() + full.span), "confidential": found.confidential,
        "ok": confirming or (found.lacks is None and found.until == found.ends and not found.duty and not found.blocked),
        "rows": _rows(kind, full, found.gains, values), "checks": _checks(found, confirming),
        "smaller": {"terms": less[0].json(), "words": less[1].json()} if less and not confirming else None,
    }  # fmt: skip


def _rows(kind: ObjectType, terms: Terms, gains: Sequence[hold.Gain], values: dict[str, Any]) -> list[dict[str, Any]]:
    known = {gain.field: gain for gain in gains}
    said = []
    for code, one in kind.fields.items():
        gain = known.get(code)
        lent = code in terms.fields
        if gain is None:
            if not lent:
                continue
            gain = hold.Gain(code, "hidden", "edit" if terms.action == "edit" else "read")
        if one.group == "system" and not lent:
            continue
        row: dict[str, Any] = {"field": fields_said(kind, [code])[0], "now": gain.now, "then": gain.then, "lent": lent}
        if lent and code in values:
            row["value"] = values[code]
        said.append(row)
    return said


def _checks(found: decide.Offer, confirming: bool) -> list[dict[str, Any]]:
    within = found.lacks or (
        None if found.until == found.ends else decide.BEYOND.fill(until=moment(found.until) or "—")
    )
    checks = [] if confirming else [("within", within is None, within or WITHIN)]
    bad = found.duty or found.blocked
    checks.append(("duties", bad is None, bad or DUTIES))
    often = found.habit >= decide.OFTEN
    checks.append(("habit", not often, (OFTEN if often else RARE).fill(n=found.habit)))
    if found.confidential and not confirming:
        checks.append(("confidential", True, SECOND))
    return [{"code": code, "ok": ok, "words": words.json()} for code, ok, words in checks]


# -- loans ----------------------------------------------------------------------------------------------------------


def loans_said(viewer: Viewer, many: Sequence[Loan]) -> list[dict[str, Any]]:
    """Loans as this viewer hears of them, with how often each was used."""
    known = people(p for one in many for p in (one.borrower_id, one.lender_id))
    named = titles(viewer, [(one.type, one.record_id) for one in many])
    projects = project_names() if any(one.project_id for one in many) else {}
    used = _used(many)
    return [_loan(viewer, one, known, named, projects, used) for one in many]


def _used(many: Sequence[Loan]) -> dict[str, tuple[int, Any]]:
    grants = dict(Grant.objects.filter(source__in=[one.source for one in many]).values_list("pk", "source"))
    rows = Use.objects.filter(grant_id__in=list(grants)).values_list("grant_id").annotate(n=Sum("n"), at=Max("last_at"))
    total: Counter[str] = Counter()
    last: dict[str, Any] = {}
    for grant, n, at in rows:
        source = grants[grant]
        total[source] += n
        last[source] = max(at, last.get(source, at))
    return {source: (n, last[source]) for source, n in total.items()}


def _loan(
    viewer: Viewer, one: Loan, known: dict[int, dict[str, Any]], named: dict[tuple[str, str], str],
    projects: dict[str, str], used: dict[str, tuple[int, Any]],
) -> dict[str, Any]:  # fmt: skip
    kind = kind_named(one.type)
    n, last = used.get(one.source, (0, None))
    ended = one.ended_how or ("" if one.running() else "expired")
    return {
        "id": str(one.pk), "number": one.number, "type": one.type, "type_name": kind.words.json(), "record": one.record_id,
        "title": named.get((one.type, one.record_id)), "borrower": known.get(one.borrower_id or 0),
        "project": projects.get(one.project_id), "lender": known.get(one.lender_id or 0), "action": one.action,
        "action_name": action_words(kind, one.action).json(), "fields": fields_said(kind, one.fields),
        "reason": one.reason, "starts": moment(one.starts), "ends": moment(one.ends), "meant": moment(one.meant),
        "ended_at": moment(one.ended_at) or (None if one.running() else moment(one.ends)), "ended": ended,
        "emergency": str(one.emergency_id) if one.emergency_id else None, "used": n, "used_at": moment(last),
        "may": loan_may(viewer, one), "asks": _asks(viewer, one), "verdict": one.verdict,
    }  # fmt: skip


def _asks(viewer: Viewer, one: Loan) -> str | None:
    """Why the viewer is asked whether it goes on: ``transferred``; the lender ``lost`` what they lent, or is ``losing`` it on
    the day on which it ends; or they have ``left``."""
    if one.keeper_id is None or one.keeper_id != viewer.person:
        return None
    if one.ended_how in (Loan.TRANSFERRED, Loan.LOST):
        return one.ended_how
    return "losing" if one.lender_id is not None and hold.employed(one.lender_id) else "left"


def loan_may(viewer: Viewer, one: Loan) -> list[str]:
    """What the viewer can do with a loan now; the verbs decide once more."""
    found = []
    mine = viewer.person == one.borrower_id
    if one.running():
        if mine:
            found.append("return")
        elif loans.may_end(viewer, one):
            found.append("end")
        if (mine or one.project_id) and one.emergency_id is None:
            found.append("renew")
    recent = one.ended_at is not None and one.ended_at + timedelta(seconds=loans.UNDO.seconds) > clock.now()
    if one.ended_how == Loan.RECALLED and recent and one.ended_by == viewer.person:
        found.append("restore")
    security = viewer.view is not None and viewer.view.may("policy", "grant")
    if one.emergency_id is not None and not one.verdict and security and not mine:
        found.append("review")
    if one.keeper_id is not None and one.keeper_id == viewer.person and one.meant > clock.now():
        found.append("keep")
    return found
