"""GET /why: the reasons of a decision, what is missing, and the same question beside a colleague."""

from __future__ import annotations

from heli.api import instead, modes, shape, viewer
from heli.api.access_why import AT
from heli.api.common import PERSON, WORDS, ref
from heli.api.route import Answer, Call, Param, Route
from heli.audit import log
from heli.audit.log import EntryData
from heli.insight import then
from heli.kernel.errors import Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.records import explain

NOBODY = Words("没有这个人，或已离职", "no such person, or they have left")
_CODE: shape.Schema = {"type": "string", "minLength": 1, "maxLength": 80}
_TEXT: shape.Schema = {"type": "string"}
_FACT = shape.record({"code": _TEXT, "words": ref(WORDS)})
SCHEMAS = {
    "Why": shape.record(
        {
            "allowed": {"type": "boolean"},
            "because": shape.array(
                shape.record({"grant": _TEXT, **{name: ref(WORDS) for name in ("role", "via", "scope", "fact")}})
            ),
            "missing": shape.array(shape.array(_FACT)),
            "ask": shape.array(ref(PERSON)),
            "words": ref(WORDS),
            "level": {"type": "string", "enum": ["hidden", "masked", "read"]},
            "instead": ref("Instead"),
        },
        required=("allowed", "because", "missing", "ask"),
    ),
    "Instead": instead.SCHEMA,
    "Beside": shape.record({"mine": ref("Why"), "theirs": ref("Why"), "difference": shape.array(_FACT)}),
}
PARAMS = (
    Param("action", _CODE, "read, edit, delete or a verb", required=True),
    Param("type", _CODE, "An object type", required=True),
    Param("id", shape.ID, "A record"),
    Param("field", _CODE, "One of its fields"),
    Param("beside", shape.NUMBER_ID, "A colleague to compare with"),
    AT,
)


def why(call: Call) -> Answer:
    """Why I may, or may not; with ``beside`` also why they may, which is written down."""
    asked = call.query
    question = explain.Question(asked["action"], asked["type"], asked.get("id"), asked.get("field"))
    at = asked.get("at")
    if "beside" not in asked:
        if at is not None and call.viewer.mode is not None:
            raise Refused(modes.CLOSED.fill(name=call.viewer.mode.name), code="closed_in_mode")
        if at is not None:
            return Answer(explain.json(then.why(call.viewer, question, at)))
        return Answer(instead.told(call.viewer, question, explain.why(call.viewer, question)))
    if call.viewer.mode is not None:
        raise Refused(modes.CLOSED.fill(name=call.viewer.mode.name), code="closed_in_mode")
    try:
        other = viewer.for_person(int(asked["beside"]), call.origin)
    except NotFound:
        raise Invalid(Problem("beside", "unknown", NOBODY)) from None
    who = call.viewer
    found = explain.beside(who, other, question) if at is None else then.beside(who, other.person or 0, question, at)
    with log.transaction():
        log.append(
            EntryData(
                action="why.beside",
                object_type=question.type,
                object_id=question.id or "",
                actor_id=who.person,
                actor_name=who.name,
                origin=call.origin,
                after={"action": question.action, "field": question.field, "beside": other.username},
            )
        )
    return Answer(dict(explain.beside_json(found)))


ROUTES = (
    Route(
        "GET",
        "/why",
        why,
        "why",
        "Why, and why not",
        "why",
        params=PARAMS,
        answers={200: {"anyOf": [ref("Why"), ref("Beside")]}},
        errors=(404,),
    ),
)
