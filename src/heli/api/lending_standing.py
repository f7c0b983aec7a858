"""Asking for what one would hold by oneself: a role, or a position. Answered with the other requests (``lending``)."""

from __future__ import annotations

from heli.api import lending_said as said
from heli.api import shape
from heli.api.common import WORDS, items, ref
from heli.api.lending import REASON, TAG, person
from heli.api.route import Answer, Call, Route
from heli.kernel.words import Words
from heli.lending import posts, roles
from heli.lending.models import Request

_TEXT: shape.Schema = {"type": "string"}
_CODE: shape.Schema = {"type": "string", "minLength": 1, "maxLength": 64}


def askable_roles(call: Call) -> Answer:
    """The roles that can be asked for: their names and what they are for, not their rules nor who holds them."""
    found = [
        {
            "code": one.code, "name": Words(one.name, one.name_en or one.name).json(), "description": one.description,
            "needs": roles.needed(one),
        }
        for one in roles.requestable(call.viewer)
    ]  # fmt: skip
    return Answer({"items": found})


def ask_role(call: Call) -> Answer:
    """Ask for a role, for oneself or for somebody who reports to me."""
    given = call.body
    made = roles.ask(
        call.viewer, given["role"], person=person(given.get("person")), seconds=given.get("seconds"),
        reason=given["reason"],
    )  # fmt: skip
    return _made(call, made)


def askable_positions(call: Call) -> Answer:
    """The positions that can be asked for, by name."""
    found = [
        {"id": str(one.pk), "name": Words(one.name, one.name_en or one.name).json(), "needs": needs}
        for one, needs in posts.requestable(call.viewer)
    ]
    return Answer({"items": found})


def ask_position(call: Call) -> Answer:
    """Ask for a position at a department (without one: at their own), for oneself or for somebody who reports to me."""
    given = call.body
    made = posts.ask(
        call.viewer, int(given["position"]), department=person(given.get("department")),
        person=person(given.get("person")), seconds=given.get("seconds"), reason=given["reason"],
    )  # fmt: skip
    return _made(call, made)


def _made(call: Call, made: Request) -> Answer:
    return Answer(said.requests_said(call.viewer, [made])[0], 201, location=f"/access/requests/{made.pk}")


_NEEDS: shape.Schema = {"type": "integer", "description": "How many agree"}
SCHEMAS = {
    "AskableRole": shape.record({"code": _TEXT, "name": ref(WORDS), "description": _TEXT, "needs": _NEEDS}),
    "AskablePosition": shape.record({"id": _TEXT, "name": ref(WORDS), "needs": _NEEDS}),
}
_ASKED = {
    "person": shape.nullable(shape.NUMBER_ID), "reason": REASON,
    "seconds": shape.nullable({"type": "integer", "minimum": 3600, "maximum": 5 * 366 * 86400}),
}  # fmt: skip
ROLE = shape.record({"role": _CODE, **_ASKED}, required=("role", "reason"))
POSITION = shape.record(
    {"position": shape.NUMBER_ID, "department": shape.nullable(shape.NUMBER_ID), **_ASKED},
    required=("position", "reason"),
)
_ERRORS = (403, 404, 409)
ROUTES = (
    Route("GET", "/access/askable/roles", askable_roles, "listAskableRoles", "Which roles can be asked for", TAG,
          answers={200: items(ref("AskableRole"))}),
    Route("GET", "/access/askable/positions", askable_positions, "listAskablePositions", "Which positions can be asked for",
          TAG, answers={200: items(ref("AskablePosition"))}),
    Route("POST", "/access/requests/role", ask_role, "askForRole", "Ask for a role", TAG, body=ROLE, keyed=True,
          answers={201: ref("AccessRequest")}, errors=_ERRORS),
    Route("POST", "/access/requests/position", ask_position, "askForPosition", "Ask for a position", TAG, body=POSITION,
          keyed=True, answers={201: ref("AccessRequest")}, errors=_ERRORS),
)  # fmt: skip
