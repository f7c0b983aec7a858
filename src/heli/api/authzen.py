"""AuthZEN Authorization API 1.0 at its own addresses, and what its callers call our things."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.drafts import needs
from heli.api.route import Answer, Call, Route
from heli.api.serve import Table
from heli.integration.authzen import decide, names, search
from heli.integration.authzen.decide import Asked

TAG = "authzen"
MOST = 200
"""Evaluations of one request."""
ALL, DENY, PERMIT = "execute_all", "deny_on_first_deny", "permit_on_first_permit"

_ID = shape.text(400, 1)
_OPEN: shape.Schema = {"type": "object", "maxProperties": 100}


def _entity(**fields: shape.Schema) -> shape.Schema:
    """An object with these texts and whatever else a program adds."""
    required = [name for name in fields if name != "id?"]
    properties = {name.rstrip("?"): one for name, one in fields.items()}
    return {
        "type": "object", "properties": {**properties, "properties": _OPEN}, "required": required, "maxProperties": 50,
        "additionalProperties": True,
    }  # fmt: skip


_SUBJECT = _entity(type=_ID, id=_ID)
_RESOURCE = _entity(type=_ID, id=_ID)
_ACTION = _entity(name=_ID)
_KIND: shape.Schema = {**_OPEN, "properties": {"type": _ID, "properties": _OPEN}, "required": ["type"]}
_PAGE: shape.Schema = {
    "type": "object", "properties": {"token": shape.text(2000), "limit": {"type": "integer", "minimum": 0}},
    "additionalProperties": True,
}  # fmt: skip


def _body(required: dict[str, shape.Schema], optional: dict[str, shape.Schema]) -> shape.Schema:
    return {
        "type": "object", "properties": {**required, **optional, "context": _OPEN}, "required": list(required),
        "additionalProperties": True,
    }  # fmt: skip


EVALUATION = _body({"subject": _SUBJECT, "action": _ACTION, "resource": _RESOURCE}, {})
ENTRY: dict[str, shape.Schema] = {"subject": _SUBJECT, "action": _ACTION, "resource": _RESOURCE}
_ANY: shape.Schema = {"type": "object"}


def evaluation(call: Call) -> Answer:
    """One decision."""
    return Answer(_decided(call, call.body))


def _decided(call: Call, given: dict[str, Any]) -> dict[str, Any]:
    caller = decide.as_caller(call.viewer)
    if caller is None:
        return {"decision": False}
    asked = decide.understood(given["subject"], given["action"], given["resource"])
    found = decide.decide(caller, asked)
    said: dict[str, Any] = {"decision": found.allowed}
    context: dict[str, Any] = {}
    if found.reason is not None:
        context["reason_user"] = found.reason.json()
    if found.admin is not None:
        context["reason_admin"] = found.admin.json()
    if context:
        said["context"] = {"id": found.code, **context}
    return said


def evaluations(call: Call) -> Answer:
    """Several decisions, with defaults for what they share; by the asked semantics the rest is left out after the first
    that settles it."""
    given = call.body
    entries = given.get("evaluations") or []
    if not entries:
        shape.check(given, EVALUATION)
        return evaluation(call)
    semantic = (given.get("options") or {}).get("evaluations_semantic", ALL)
    shared = {name: given[name] for name in ENTRY if name in given}
    told: list[dict[str, Any]] = []
    for entry in entries:
        one = {**shared, **{name: entry[name] for name in ENTRY if name in entry}}
        lacking = [name for name in ENTRY if name not in one]
        if lacking:
            error = {"status": 400, "message": f"missing: {', '.join(lacking)}"}
            said: dict[str, Any] = {"decision": False, "context": {"error": error}}
        else:
            said = _decided(call, one)
        told.append(said)
        if (semantic == DENY and not said["decision"]) or (semantic == PERMIT and said["decision"]):
            break
    return Answer({"evaluations": told})


def _page(call: Call) -> tuple[str, int]:
    page = call.body.get("page") or {}
    limit = page.get("limit", 0)
    return page.get("token", ""), min(limit, search.MOST) if limit else search.MOST


def _hits(found: search.Found) -> Answer:
    return Answer({"results": found.hits, "page": {"next_token": found.next, "count": len(found.hits)}})


def subjects(call: Call) -> Answer:
    """Who may do this with that."""
    caller, given = decide.as_caller(call.viewer), call.body
    if caller is None:
        return _hits(search.NOTHING)
    asked = decide.understood({"type": "", "id": ""}, given["action"], given["resource"])
    return _hits(search.subjects(caller, asked, given["subject"]["type"], *_page(call)))


def resources(call: Call) -> Answer:
    """With which records they may do this."""
    caller, given = decide.as_caller(call.viewer), call.body
    if caller is None:
        return _hits(search.NOTHING)
    return _hits(
        search.resources(caller, decide.understood(given["subject"], given["action"], given["resource"]), *_page(call))
    )


def actions(call: Call) -> Answer:
    """What they may do with that."""
    caller, given = decide.as_caller(call.viewer), call.body
    if caller is None:
        return _hits(search.NOTHING)
    asked: Asked = decide.understood(given["subject"], {"name": ""}, given["resource"])
    return _hits(search.actions(caller, asked))


def metadata(call: Call) -> Answer:
    """Where each of these is, for who finds us by our name alone."""
    base = call.request.build_absolute_uri("/").rstrip("/")
    return Answer(
        {
            "policy_decision_point": base,
            "access_evaluation_endpoint": f"{base}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{base}/access/v1/evaluations",
            "search_subject_endpoint": f"{base}/access/v1/search/subject",
            "search_resource_endpoint": f"{base}/access/v1/search/resource",
            "search_action_endpoint": f"{base}/access/v1/search/action",
        }
    )


_SEMANTICS: shape.Schema = {
    "type": "object", "properties": {"evaluations_semantic": {"type": "string", "enum": [ALL, DENY, PERMIT]}},
    "additionalProperties": True,
}  # fmt: skip
_MANY: shape.Schema = {
    "type": "object",
    "properties": {
        **ENTRY, "context": _OPEN, "options": _SEMANTICS,
        "evaluations": shape.array({"type": "object", "properties": {**ENTRY, "context": _OPEN},
                                    "additionalProperties": True}, MOST),
    },
    "additionalProperties": True,
}  # fmt: skip
_AT = "/access/v1"
STANDARD = (
    Route("POST", f"{_AT}/evaluation", evaluation, "authzenEvaluation", "One decision", TAG, body=EVALUATION,
          answers={200: _ANY}),
    Route("POST", f"{_AT}/evaluations", evaluations, "authzenEvaluations", "Several decisions", TAG, body=_MANY,
          answers={200: _ANY}),
    Route("POST", f"{_AT}/search/subject", subjects, "authzenSubjects", "Who may", TAG, answers={200: _ANY},
          body=_body({"subject": _KIND, "action": _ACTION, "resource": _RESOURCE}, {"page": _PAGE})),
    Route("POST", f"{_AT}/search/resource", resources, "authzenResources", "On what", TAG, answers={200: _ANY},
          body=_body({"subject": _SUBJECT, "action": _ACTION, "resource": _KIND}, {"page": _PAGE})),
    Route("POST", f"{_AT}/search/action", actions, "authzenActions", "What", TAG, answers={200: _ANY},
          body=_body({"subject": _SUBJECT, "resource": _RESOURCE}, {"page": _PAGE})),
    Route("GET", "/.well-known/authzen-configuration", metadata, "authzenConfiguration", "Where", TAG,
          answers={200: _ANY}, signed_in=False),
)  # fmt: skip
"""At the addresses of the standard, which are not below /api/v1."""


def _table() -> Table:
    table = Table()
    for route in STANDARD:
        table.add(route)
    return table


TABLE = _table()


def listed(call: Call) -> Answer:
    """What programs call our things."""
    needs(call, "read")
    return Answer({"names": names.listed()})


def put(call: Call) -> Answer:
    """Have exactly these names."""
    needs(call, "administer")
    names.put(call.viewer.actor, call.body["names"])
    return listed(call)


_MAP: shape.Schema = {
    "type": "object", "maxProperties": 100, "additionalProperties": shape.text(80, 1),
    "propertyNames": {"type": "string", "minLength": 1, "maxLength": 80},
}  # fmt: skip
_NAME = shape.record(
    {"name": shape.text(80, 1), "type": shape.text(64, 1), "elsewhere": {"type": "boolean"}, "properties": _MAP,
     "actions": _MAP},
    required=("name", "type"),
)  # fmt: skip
SCHEMAS = {"AuthzenNames": shape.record({"names": shape.array(_NAME, names.MOST)})}
ROUTES = (
    Route("GET", "/access/authzen", listed, "getAuthzenNames", "What programs that ask for decisions call our things", TAG,
          answers={200: {"$ref": "#/components/schemas/AuthzenNames"}}),
    Route("PUT", "/access/authzen", put, "putAuthzenNames", "Have exactly these names", TAG, body=SCHEMAS["AuthzenNames"],
          answers={200: {"$ref": "#/components/schemas/AuthzenNames"}}),
)  # fmt: skip

__all__ = ["ROUTES", "SCHEMAS", "STANDARD", "TABLE"]
