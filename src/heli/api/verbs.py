"""The verbs of a type as routes: POST /records/{type}/{id}/actions/{verb}."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.common import ref
from heli.api.meta import field_meta
from heli.api.record import DRY_RUN, NO_ID, NOTHING, answer_or_location, dry, if_match, values_of, verbs_known
from heli.api.route import Answer, Call, Route
from heli.api.schemas import name_of
from heli.api.shape import Schema
from heli.records import act
from heli.records.types import ObjectType
from heli.records.verbs import Verb

ANSWERING = frozenset({"reveal", "convert"})
"""Verbs that may answer something else than the record: a value, or what they made."""


def meta(verb: Verb) -> dict[str, Any]:
    """A verb for the page."""
    return {
        "code": verb.code,
        "name": verb.words.json(),
        "params": [field_meta(one) for one in verb.params.values()],
        "danger": verb.danger,
    }


def params_schema(verb: Verb) -> Schema:
    required = tuple(c for c, one in verb.params.items() if one.required and one.default is None)
    return shape.record({code: one.input_schema() for code, one in verb.params.items()}, required)


def routes(kind: ObjectType) -> list[Route]:
    """One route for each verb."""
    return [_route(kind, verb) for verb in verbs_known(kind)]


def _route(kind: ObjectType, verb: Verb) -> Route:
    code, name = kind.code, name_of(kind)

    def run(call: Call) -> Answer:
        given = values_of(call) if call.body is not None else {}
        done = act.do(call.viewer, act.Action(code, verb.code, call.path["id"], given, if_match(call), dry(call)))
        if dry(call):
            return NOTHING
        if done.answer:
            return Answer(dict(done.answer), replay="never")
        return answer_or_location(call.viewer, kind, done.id)

    camel = "".join(part.capitalize() for part in verb.code.split("_"))
    either: Schema = {"anyOf": [ref(name), {"type": "object"}]}
    return Route(
        "POST", f"/records/{code}/{{id}}/actions/{verb.code}", run, f"{code}{camel}", f"{verb.words.en}: {kind.words.en}",
        code, path_schemas=NO_ID, body=params_schema(verb), own_body=False, if_match=True, keyed=True,
        params=(DRY_RUN,), body_required=bool(verb.params),
        answers={200: either if verb.code in ANSWERING else ref(name), 204: None}, errors=(409,), etag=True,
    )  # fmt: skip
