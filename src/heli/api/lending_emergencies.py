"""Declared emergencies: what is open for me, opening a record at once, and the review of each use."""

from __future__ import annotations

from typing import Any

from heli.api import lending_said as said
from heli.api import shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.lending import NONE, REASON, TAG
from heli.api.route import Answer, Call, Param, Route
from heli.kernel.errors import NotFound
from heli.kernel.words import Words
from heli.lending import emergencies
from heli.lending.models import Emergency, Loan
from heli.lending.terms import kind_named, lendable
from heli.org.models import Department
from heli.records.types import TYPES

PAGE = 100
_TEXT: shape.Schema = {"type": "string"}
_CODE: shape.Schema = {"type": "string", "minLength": 1, "maxLength": 64}


def _said(call: Call, many: list[Emergency]) -> list[dict[str, Any]]:
    bars = {one.pk: _bars(call, one) for one in many}
    named = [who for found in bars.values() for loan in found for who in (loan.borrower_id, loan.verdict_by)]
    known = people([*(one.declared_by for one in many), *named])
    places = dict(
        Department.objects.filter(pk__in=[d for one in many for d in one.departments]).values_list("pk", "name")
    )
    return [
        {
            "id": str(one.pk), "title": one.title, "reason": one.reason, "declared_by": known.get(one.declared_by),
            "types": [_type(code) for code in one.types], "actions": [_act(one, code) for code in one.actions],
            "classes": one.classes, "departments": [places.get(pk, "?") for pk in one.departments], "roles": one.roles,
            "starts": moment(one.starts), "ends": moment(one.closed_at or one.ends), "open": emergencies.is_open(one),
            "mine": emergencies.names(call.viewer, one), "uses": one.loans.count(),
            "may_close": emergencies.is_open(one) and emergencies.governs(call.viewer),
            "barred": [
                {
                    "person": known.get(loan.borrower_id or 0), "by": known.get(loan.verdict_by or 0),
                    "at": moment(loan.verdict_at), "text": loan.verdict_text,
                    "may_lift": emergencies.governs(call.viewer) and loan.borrower_id != call.person,
                }
                for loan in bars[one.pk]
            ],
        }
        for one in many
    ]  # fmt: skip


def _bars(call: Call, one: Emergency) -> list[Loan]:
    """Whose use was judged unjustified: security is told of all, everybody else of themselves."""
    found = emergencies.bars(one)
    return [loan for who, loan in found.items() if who == call.person or emergencies.governs(call.viewer)]


def _type(code: str) -> dict[str, Any]:
    return {"code": code, "name": TYPES[code].words.json() if code in TYPES else Words(code, code).json()}


def _act(one: Emergency, code: str) -> dict[str, Any]:
    words = next((found[code] for t in one.types if code in (found := lendable(kind_named(t)))), Words(code, code))
    return {"code": code, "name": words.json()}


def listed(call: Call) -> Answer:
    """Emergencies that are open for me; for security all of them, the latest first."""
    rows = Emergency.objects.order_by("-starts", "-pk")[:PAGE]
    return Answer({"items": _said(call, [one for one in rows if emergencies.knows(call.viewer, one)])})


def declare(call: Call) -> Answer:
    """Declare an emergency."""
    given = call.body
    made = emergencies.declare(
        call.viewer, given["title"], given["reason"], types=given["types"], actions=given["actions"],
        classes=given["classes"], departments=[int(pk) for pk in given.get("departments", [])],
        roles=given.get("roles", []), seconds=given["seconds"],
    )  # fmt: skip
    return Answer(_said(call, [made])[0], 201, location=f"/access/emergencies/{made.pk}")


def one(call: Call) -> Answer:
    """One emergency."""
    found = Emergency.objects.filter(pk=int(call.path["id"])).first()
    if found is None or not emergencies.knows(call.viewer, found):
        raise NotFound
    return Answer(_said(call, [found])[0])


def close(call: Call) -> Answer:
    """End an emergency, and everything that was opened under it."""
    return Answer(_said(call, [emergencies.close(call.viewer, int(call.path["id"]))])[0])


def lift(call: Call) -> Answer:
    """Let somebody use an emergency again whose use was judged unjustified."""
    made = emergencies.lift(call.viewer, int(call.path["id"]), int(call.body["person"]), call.body["text"])
    return Answer(_said(call, [made])[0])


def use(call: Call) -> Answer:
    """Open a record at once."""
    given = call.body
    made = emergencies.use(
        call.viewer, int(call.path["id"]), given["type"], given["record"], action=given.get("action", "read"),
        seconds=given["seconds"], reason=given["reason"],
    )  # fmt: skip
    return Answer(said.loans_said(call.viewer, [made])[0], 201, location=f"/access/loans/{made.pk}")


def uses(call: Call) -> Answer:
    """Uses of emergencies: those that wait for review, or all."""
    if call.query.get("box", "waiting") == "waiting":
        rows = emergencies.waiting(call.viewer)
    elif emergencies.governs(call.viewer):
        rows = Loan.objects.filter(emergency__isnull=False).order_by("-starts", "-pk")
    else:
        rows = Loan.objects.filter(emergency__isnull=False, borrower_id=call.person).order_by("-starts", "-pk")
    return Answer({"items": said.loans_said(call.viewer, list(rows[:PAGE]))})


def review(call: Call) -> Answer:
    """Say whether a use was justified."""
    found = emergencies.review(call.viewer, int(call.path["id"]), call.body["verdict"], call.body["text"])
    return Answer(said.loans_said(call.viewer, [found])[0])


_NAMED = shape.record({"code": _TEXT, "name": ref(WORDS)})
_ID = {"id": shape.NUMBER_ID}
SCHEMAS = {
    "Emergency": shape.record(
        {
            "id": _TEXT, "title": _TEXT, "reason": _TEXT, "declared_by": shape.nullable(ref(PERSON)),
            "types": shape.array(_NAMED), "actions": shape.array(_NAMED), "classes": shape.array(_TEXT),
            "departments": shape.array(_TEXT), "roles": shape.array(_TEXT), "starts": shape.MOMENT, "ends": shape.MOMENT,
            "open": {"type": "boolean"}, "mine": {"type": "boolean"}, "uses": {"type": "integer"},
            "may_close": {"type": "boolean"},
            "barred": shape.array(
                shape.record(
                    {"person": shape.nullable(ref(PERSON)), "by": shape.nullable(ref(PERSON)),
                     "at": shape.nullable(shape.MOMENT), "text": _TEXT, "may_lift": {"type": "boolean"}}
                )
            ),
        }
    )
}  # fmt: skip
DECLARE = shape.record(
    {
        "title": shape.text(200, 1), "reason": REASON, "types": shape.array(_CODE, 30), "actions": shape.array(_CODE, 30),
        "classes": shape.array({"type": "string", "enum": list(emergencies.CLASSES)}, 4),
        "departments": shape.array(shape.NUMBER_ID, 50), "roles": shape.array(_CODE, 50),
        "seconds": {"type": "integer", "minimum": 1, "maximum": 72 * 3600},
    },
    required=("title", "reason", "types", "actions", "classes", "seconds"),
)  # fmt: skip
USE = shape.record(
    {"type": _CODE, "record": shape.text(64, 1), "action": _CODE, "reason": REASON,
     "seconds": {"type": "integer", "minimum": 1, "maximum": emergencies.MOST_USE}},
    required=("type", "record", "reason", "seconds"),
)  # fmt: skip
LIFT = shape.record({"person": shape.NUMBER_ID, "text": REASON})
VERDICT = shape.record(
    {
        "verdict": {"type": "string", "enum": [emergencies.JUSTIFIED, emergencies.UNJUSTIFIED]},
        "text": shape.text(500, 1),
    }
)
_ONE = {200: ref("Emergency")}
ROUTES = (
    Route("GET", "/access/emergencies", listed, "listEmergencies", "Emergencies that are open for me", TAG,
          answers={200: items(ref("Emergency"))}),
    Route("POST", "/access/emergencies", declare, "declareEmergency", "Declare an emergency", TAG, body=DECLARE, keyed=True,
          answers={201: ref("Emergency")}, errors=(403,)),
    Route("GET", "/access/emergencies/{id}", one, "getEmergency", "One emergency", TAG, path_schemas=_ID, answers=_ONE,
          errors=(404,)),
    Route("POST", "/access/emergencies/{id}/close", close, "closeEmergency", "End an emergency and all opened under it", TAG,
          path_schemas=_ID, body=NONE, body_required=False, answers=_ONE, errors=(403, 409)),
    Route("POST", "/access/emergencies/{id}/uses", use, "useEmergency", "Open a record at once", TAG, path_schemas=_ID,
          body=USE, keyed=True, answers={201: ref("AccessLoan")}, errors=(403, 409)),
    Route("POST", "/access/emergencies/{id}/lift", lift, "liftEmergencyBar", "Let somebody use it again after an unjustified use",
          TAG, path_schemas=_ID, body=LIFT, answers=_ONE, errors=(403, 409)),
    Route("GET", "/access/emergency-uses", uses, "listEmergencyUses", "Uses of emergencies, for review", TAG,
          params=(Param("box", {"type": "string", "enum": ["waiting", "all"]}, "Which of them"),),
          answers={200: items(ref("AccessLoan"))}),
    Route("POST", "/access/loans/{id}/review", review, "reviewEmergencyUse", "Say whether a use was justified", TAG,
          path_schemas=_ID, body=VERDICT, answers={200: ref("AccessLoan")}, errors=(403, 409)),
)  # fmt: skip
