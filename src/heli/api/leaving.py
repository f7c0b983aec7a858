"""Leaving and changing post in one place: what a person holds, who takes it over, what ends and what begins.

For who administers the organisation. They see numbers of records and no values, and nobody lets themselves leave.
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from django.db.models import Q

from heli.api import org_handover, organisation, shape
from heli.api.common import NAMED, PERSON, WORDS, moment, named, people, ref
from heli.api.flows import sees_all
from heli.api.models import Session
from heli.api.org_common import CONFLICT, DAY, ID, MAYBE_REF, REF, by_person, day, guarded, known, not_self, number
from heli.api.organisation_writes import OWN_LEAVING, OWN_RIGHTS
from heli.api.own_rights import OWN_REACH
from heli.api.route import Answer, Call, Param, Route
from heli.audit import log
from heli.flows import ends
from heli.flows.finding import ENOUGH
from heli.kernel import clock
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.lending import emergencies
from heli.lending.models import Emergency
from heli.org import verbs as org
from heli.org import zone
from heli.org.models import Department, Person, ReportingLine
from heli.org.tree import valid
from heli.review import fates, handover, holdings, leaving, moving, standing
from heli.review.campaigns import tell
from heli.review.models import Handover, Leaving

type Work = list[dict[str, Any]]

TAG = "leaving"
MOST = 100
OWN_HANDOVER = Words("自己的记录请由另一位管理员办理交接", "ask another administrator to hand over what is yours")


def held(call: Call) -> Answer:
    """Everything that a person holds, and what they looked at in the last 30 and 90 days."""
    organisation.needs_admin(call)
    pk = known(call)
    now_ends = org_handover.preview(call).body
    person = Person.objects.get(pk=pk)
    found = handover.latest(pk)
    with log.transaction():
        tell(call.viewer.actor, "person.holdings", pk)
    return Answer(
        {
            "person": people([pk])[pk], "status": person.status,
            "needs_successor": now_ends["needs_successor"],
            "records": holdings.records(pk),
            "departments": now_ends["departments"], "reports": now_ends["reports"], "assignments": now_ends["assignments"],
            "projects": now_ends["projects"], "deputies": now_ends["deputies"], "tokens": now_ends["tokens"],
            "sessions": Session.objects.filter(person_id=pk, expire_date__gt=clock.now()).count(),
            "grants": holdings.personal(pk), "waiting": holdings.waiting(pk),
            "standing": standing.said(standing.held(pk), _reads(call)), "seen": holdings.seen(pk),
            "handover": handover.said(found) if found is not None else None,
            "own": pk == call.viewer.person, "leaving": _planned(call, leaving.of_person(pk)),
        }
    )  # fmt: skip


def _reads(call: Call) -> standing.Reads:
    """Whose titles the viewer may read: drafts and reviews with the rules, an emergency by its own."""
    view = call.viewer.view
    rules = view is not None and view.may("policy", "read")

    def reads(one: standing.Thing) -> bool:
        if one.kind not in (standing.EMERGENCIES, standing.DECLARED):
            return rules
        found = Emergency.objects.filter(pk=one.id).first()
        return found is not None and emergencies.knows(call.viewer, found)

    return reads


def _rules(call: Call, pk: int) -> list[handover.Rule]:
    return handover.parse(call.body.get("rules", []), pk, call.viewer.person)


def _asked(call: Call, pk: int) -> fates.Asked:
    return fates.parse(call.body.get("takers", []), call.body.get("end", []), pk, call.viewer.person)


def preview(call: Call) -> Answer:
    """What these rules would hand to whom, and what would become of what stands open; nothing is changed."""
    organisation.needs_admin(call)
    pk, body = known(call), call.body
    asked = _asked(call, pk)
    if body.get("department") is not None:
        view, places = moving.then(pk, int(body["department"]), number(body.get("position")))
        found = fates.moving(pk, asked, view, places)
        goes: dict[str, Any] = {"work": [], "named": []}
    else:
        found = fates.leaving(pk, asked)
        goes = {"work": _work(pk), "named": _naming(call, pk)}
    told = fates.told(found, _reads(call))
    return Answer({**handover.preview(pk, _rules(call, pk)), "standing": told, **goes})


def _work(pk: int) -> Work:
    """To whom the work in processes goes of somebody who leaves: how much, not what it is about."""
    heirs = ends.heirs(pk)
    names = people({one for one in heirs if one is not None})
    return [{"person": names.get(one) if one is not None else None, "count": n} for one, n in heirs.most_common()]


def _naming(call: Call, pk: int) -> list[dict[str, Any]]:
    """Steps that name who leaves, for who knows the company's processes: somebody else is to be drawn into them."""
    username = Person.objects.values_list("username", flat=True).get(pk=pk) if sees_all(call) else ""
    found = islice(ends.naming(username), MOST) if username else ()
    return [
        {"code": process.code, "process": process.words.json(), "node": node.words.json(), "signs": node.task.mode not in ENOUGH}
        for process, node in found
        if node.task is not None
    ]  # fmt: skip


def offboard(call: Call) -> Answer:
    """Let a person leave: sessions, tokens, posts and personal grants end in this request, what stands open is passed on or
    ends, and the records set out."""
    organisation.needs_admin(call)
    by_person(call)
    pk, by = known(call), call.viewer.actor
    not_self(call, pk, OWN_LEAVING)
    successor = number(call.body.get("successor"))
    if successor is not None:
        not_self(call, successor, OWN_REACH)
    with log.transaction():
        rules = _rules(call, pk)
        found = fates.leaving(pk, _asked(call, pk)) if moving.known(pk) else []
        fates.settle(by, pk, found, leaves=True)
        leaving.left(by, pk)
        org.leave(by, pk, successor=successor)
        fates.settle_lent(by, found)
        holdings.end_personal(by, pk)
        made = handover.begin(by, pk, Handover.LEAVING, rules)
    return _begun(pk, made)


def _begun(pk: int, made: Handover | None) -> Answer:
    said = {"handover": handover.said(made) if made is not None else None}
    return Answer(said, location=f"/access/people/{pk}/holdings")


def pass_on(call: Call) -> Answer:
    """Hand over records of somebody who stays, or of somebody who has left already."""
    organisation.needs_admin(call)
    by_person(call)
    pk = known(call)
    not_self(call, pk, OWN_HANDOVER)
    with log.transaction():
        made = handover.begin(call.viewer.actor, pk, Handover.LEAVING, _rules(call, pk))
    return _begun(pk, made)


def progress(call: Call) -> Answer:
    """How far the latest hand-over of a person is."""
    organisation.needs_admin(call)
    found = handover.latest(known(call))
    if found is None:
        raise NotFound
    return Answer(handover.said(found))


def _planned(call: Call, found: Leaving | None) -> dict[str, Any] | None:
    """What is planned of somebody's leaving, and the case that it is."""
    if found is None:
        return None
    told = people(
        {found.person_id, found.planned_by, found.successor_id, *(one["to"] for one in (*found.rules, *found.takers))}
    )
    case = leaving.case_of(found)
    return {
        "id": str(found.pk), "person": told[found.person_id], "last_day": found.last_day.isoformat(), "state": found.state,
        "days": (found.last_day - zone.today()).days, "case": str(case) if case is not None else None,
        "planned_by": told.get(found.planned_by or 0), "planned_at": moment(found.planned_at), "note": found.note,
        "successor": told.get(found.successor_id or 0),
        "rules": [
            {"type": one["type"], "department": str(one["department"]) if one["department"] is not None else None, "to": told[one["to"]]}
            for one in found.rules if one["to"] in told
        ],
        "takers": [{"kind": one["kind"], "to": told[one["to"]]} for one in found.takers if one["to"] in told],
    }  # fmt: skip


def _nobody(one: standing.Thing) -> bool:
    """Who plans a hand-over reads no titles by it."""
    return False


def one_leaving(call: Call) -> Answer:
    """Somebody's leaving, for who plans it and who lets them leave: numbers, kinds and names, no title and no value."""
    found = leaving.get(call.viewer, int(call.path["id"]))
    pk = found.person_id
    open_ = found.state in Leaving.OPEN
    led = Department.objects.filter(Q(head=pk) | Q(overseer=pk), closed_at=None).order_by("pk")
    below = (
        ReportingLine.objects.filter(valid(clock.now()), manager_id=pk)
        .order_by("pk")
        .values_list("person_id", flat=True)
    )
    told = people(set(below))
    return Answer(
        {
            **(_planned(call, found) or {}),
            "records": holdings.records(pk) if open_ else [],
            "departments": [named(one.pk, one.name, one.name_en) for one in led] if open_ else [],
            "reports": [told[one] for one in dict.fromkeys(below) if one in told] if open_ else [],
            "standing": standing.said(standing.held(pk), _nobody) if open_ else [],
            "may_plan": open_ and call.person in leaving.may_plan(found), "may_leave": open_ and organisation.administers(call),
        }
    )  # fmt: skip


def plan(call: Call) -> Answer:
    """Say who is to take over."""
    by_person(call)
    body = call.body
    leaving.plan(
        call.viewer, int(call.path["id"]),
        leaving.Plan(body.get("rules", []), body.get("takers", []), number(body.get("successor")), body.get("note", "")),
    )  # fmt: skip
    return one_leaving(call)


def foretell(call: Call) -> Answer:
    """What this plan would hand to whom; nothing is changed."""
    found = leaving.get(call.viewer, int(call.path["id"]))
    if call.person not in leaving.may_plan(found) or found.state not in Leaving.OPEN:
        raise NotFound
    pk = found.person_id
    rules = handover.parse(call.body.get("rules", []), pk, None)
    come = fates.leaving(pk, fates.parse(call.body.get("takers", []), [], pk, None))
    return Answer(
        {
            **handover.preview(pk, rules),
            "standing": fates.told(come, _nobody),
            "work": _work(pk),
            "named": _naming(call, pk),
        }
    )


def leavers(call: Call) -> Answer:
    """Who leaves within a month, and who has left lately, with what is still theirs."""
    organisation.needs_admin(call)
    return Answer({"items": holdings.leavers(MOST)})


def difference(call: Call) -> Answer:
    """What ends and what begins if the person moves to this post; nothing is changed."""
    organisation.needs_admin(call)
    pk = known(call)
    if not moving.known(pk):
        raise NotFound
    found = moving.difference(pk, int(call.query["department"]), number(call.query.get("position")))
    return Answer({**found, "grants": holdings.personal(pk), "records": holdings.records(pk)})


def move(call: Call) -> Answer:
    """Move a person to another post, take back the grants that are named, and hand records over as the rules say."""
    organisation.needs_admin(call)
    by_person(call)
    pk, by, body = known(call), call.viewer.actor, call.body
    not_self(call, pk, OWN_RIGHTS)
    with log.transaction():
        rules = _rules(call, pk)
        fates.settle(by, pk, fates.moving(pk, _asked(call, pk)), leaves=False)
        org.move_person(by, pk, int(body["department"]), position=number(body.get("position")), at=day(body, "from"))
        holdings.end_personal(by, pk, {int(one) for one in body.get("revoke", [])})
        made = handover.begin(by, pk, Handover.MOVING, rules)
    return _begun(pk, made)


_TEXT: shape.Schema = {"type": "string"}
_MAYBE: shape.Schema = {"type": ["string", "null"]}
_NUMBER: shape.Schema = {"type": "integer"}
_FLAG: shape.Schema = {"type": "boolean"}
_RULES = {
    "rules": shape.array(
        shape.record({"type": shape.text(40), "department": MAYBE_REF, "to": REF}, required=("to",)),
        handover.MOST_RULES,
    )
}
_TAKERS = {
    "takers": shape.array(
        shape.record({"kind": {"type": "string", "enum": list(fates.PASSED)}, "to": REF}), len(fates.PASSED)
    )
}
_END = {
    "end": shape.array(
        shape.record({"kind": {"type": "string", "enum": list(fates.ENDED)}, "id": shape.text(40)}), standing.MOST
    )
}
_THING: dict[str, shape.Schema] = {
    "kind": {"type": "string", "enum": list(standing.KINDS)}, "id": _TEXT, "what": ref(WORDS),
    "other": shape.nullable(ref(PERSON)), "until": _MAYBE,
}  # fmt: skip
_RIGHT = shape.record({"what": ref(WORDS), "type": _TEXT, "role": ref(WORDS), "via": ref(WORDS)})
_GRANT = shape.record({"id": _TEXT, "what": ref(WORDS), "secret": _FLAG, "ends": _MAYBE, "loan": _FLAG})
_OWNED = shape.record(
    {
        "type": _TEXT, "name": ref(WORDS), "count": _NUMBER,
        "departments": shape.array(shape.record({"id": _MAYBE, "name": ref(WORDS), "count": _NUMBER})),
    }
)  # fmt: skip
_PLAN: dict[str, shape.Schema] = {
    "id": _TEXT, "person": ref(PERSON), "last_day": _TEXT, "state": {"type": "string", "enum": [s for s, _ in Leaving.STATES]},
    "days": {**_NUMBER, "description": "Days until the last one; below zero when it has passed"}, "case": _MAYBE,
    "planned_by": shape.nullable(ref(PERSON)), "planned_at": _MAYBE, "note": _TEXT, "successor": shape.nullable(ref(PERSON)),
    "rules": shape.array(shape.record({"type": _TEXT, "department": _MAYBE, "to": ref(PERSON)})),
    "takers": shape.array(shape.record({"kind": _TEXT, "to": ref(PERSON)})),
}  # fmt: skip
SCHEMAS = {
    "HandoverProgress": shape.record(
        {
            "id": _TEXT, "kind": _TEXT, "state": {"type": "string", "enum": [s for s, _ in Handover.STATES]},
            "total": _NUMBER, "done": _NUMBER, "refused": _NUMBER, "why": shape.nullable(ref(WORDS)), "created_at": _TEXT,
            "finished_at": _MAYBE,
        }
    ),
    "Holdings": shape.record(
        {
            **{k: v for k, v in org_handover.SCHEMAS["Handover"]["properties"].items() if k != "records"},
            "person": ref(PERSON), "status": _TEXT, "records": shape.array(_OWNED), "sessions": _NUMBER,
            "grants": shape.array(_GRANT), "waiting": {"type": "object", "additionalProperties": _NUMBER},
            "standing": shape.array(shape.record(_THING)),
            "seen": shape.array(
                shape.record(
                    {
                        "days": _NUMBER, "exports": _NUMBER, "refused": _NUMBER,
                        "types": shape.array(
                            shape.record(
                                {"type": _TEXT, "name": ref(WORDS), "opened": _NUMBER, "lists": _NUMBER,
                                 "revealed": _NUMBER, "changed": _NUMBER}
                            )
                        ),
                    }
                )
            ),
            "handover": shape.nullable(ref("HandoverProgress")), "own": _FLAG, "leaving": shape.nullable(ref("LeavingPlan")),
        }
    ),
    "LeavingPlan": shape.record(_PLAN),
    "Leaving": shape.record(
        {
            **_PLAN, "records": shape.array(_OWNED), "departments": shape.array(ref(NAMED)), "reports": shape.array(ref(PERSON)),
            "standing": shape.array(shape.record(_THING)), "may_plan": _FLAG, "may_leave": _FLAG,
        }
    ),
    "HandoverPreview": shape.record(
        {
            "types": shape.array(
                shape.record(
                    {"type": _TEXT, "name": ref(WORDS), "total": _NUMBER, "left": _NUMBER,
                     "to": shape.array(shape.record({"person": ref(PERSON), "count": _NUMBER}))}
                )
            ),
            "total": _NUMBER, "left": _NUMBER,
            "standing": shape.array(
                shape.record(
                    {**_THING, "outcome": {"type": "string", "enum": list(fates.OUTCOMES)},
                     "to": shape.nullable(ref(PERSON))}
                )
            ),
            "work": {**shape.array(shape.record({"person": shape.nullable(ref(PERSON)), "count": _NUMBER})),
                     "description": "To whom work in processes goes; null: nobody could have it"},
            "named": {
                **shape.array(shape.record({"code": _TEXT, "process": ref(WORDS), "node": ref(WORDS), "signs": _FLAG})),
                "description": "Steps that name them, for who knows the processes; `signs`: whoever takes over their work signs for them",
            },
        }
    ),
    "HandoverBegun": shape.record({"handover": shape.nullable(ref("HandoverProgress"))}),
    "Leavers": shape.record(
        {
            "items": shape.array(
                shape.record(
                    {"person": ref(PERSON), "status": _TEXT, "day": _MAYBE, "department": shape.nullable(ref(WORDS)),
                     "records": _NUMBER, "grants": _NUMBER}
                )
            )
        }
    ),
    "Moving": shape.record(
        {
            "ends": shape.array(_RIGHT), "begins": shape.array(_RIGHT), "stays": _NUMBER, "grants": shape.array(_GRANT),
            "records": shape.array(_OWNED),
        }
    ),
}  # fmt: skip
_BODY = shape.record(_RULES, required=())


def _post(path: str, handle: Any, id_: str, said: str, body: shape.Schema, answer: str, **more: Any) -> Route:
    return Route("POST", f"/access/people/{{id}}/{path}", handle, id_, said, TAG, path_schemas=ID, body=body,
                 errors=(403, *CONFLICT), answers={200: ref(answer)}, **more)  # fmt: skip


ROUTES = (
    Route("GET", "/access/leavers", leavers, "listLeavers", "Who leaves or has left", TAG, errors=(403,),
          answers={200: ref("Leavers")}),
    Route("GET", "/access/people/{id}/holdings", held, "getHoldings", "What a person holds", TAG, path_schemas=ID,
          errors=(403,), answers={200: ref("Holdings")}),
    Route("GET", "/access/people/{id}/handover", progress, "getHandover", "How far a hand-over is", TAG, path_schemas=ID,
          errors=(403,), answers={200: ref("HandoverProgress")}),
    Route("GET", "/access/people/{id}/moving", difference, "previewMoving", "What ends and begins with another post", TAG,
          path_schemas=ID, params=(Param("department", REF, "Where to", required=True), Param("position", REF, "As what")),
          errors=(403, *CONFLICT), answers={200: ref("Moving")}),
    Route("GET", "/access/leavings/{id}", one_leaving, "getLeaving", "Somebody's leaving as who plans it sees it", TAG, path_schemas=ID,
          answers={200: ref("Leaving")}),
    Route("POST", "/access/leavings/{id}/plan", plan, "planLeaving", "Say who takes over from somebody who leaves", TAG, path_schemas=ID,
          body=shape.record({**_RULES, **_TAKERS, "successor": MAYBE_REF, "note": shape.text(2000)}, required=()),
          errors=(403, *CONFLICT), answers={200: ref("Leaving")}),
    Route("POST", "/access/leavings/{id}/preview", foretell, "previewLeavingPlan", "What a plan would hand to whom", TAG, path_schemas=ID,
          body=shape.record({**_RULES, **_TAKERS}, required=()), errors=CONFLICT, answers={200: ref("HandoverPreview")}),
    *guarded((
        _post("handover/preview", preview, "previewHandover", "What these rules would hand to whom",
              shape.record({**_RULES, **_TAKERS, **_END, "department": REF, "position": MAYBE_REF}, required=()),
              "HandoverPreview"),
        _post("handover", pass_on, "handOver", "Hand records over", _BODY, "HandoverBegun", keyed=True),
        _post("offboard", offboard, "offboard", "Let a person leave and hand over",
              shape.record({**_RULES, **_TAKERS, "successor": MAYBE_REF}, required=()), "HandoverBegun", keyed=True),
        _post("move", move, "movePersonOn", "Change post and hand over",
              shape.record({**_RULES, **_TAKERS, **_END, "department": REF, "position": MAYBE_REF, "from": DAY,
                            "revoke": shape.array(REF, holdings.MOST_GRANTS)}, required=("department",)),
              "HandoverBegun", keyed=True),
    )),
)  # fmt: skip
