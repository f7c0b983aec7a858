"""One act on up to 1,000 records: what may be done with a selection, trying it, and doing it, with an answer per record."""

from __future__ import annotations

from typing import Any

from heli.api import problem, shape
from heli.api.common import PROBLEM, ref
from heli.api.record import DRY_RUN, dry
from heli.api.route import Answer, Call, Route
from heli.api.schemas import name_of
from heli.records import many
from heli.records.types import ObjectType

DONE = 200
ETAG: shape.Schema = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[\\x21\\x23-\\x7e]*$"}


def _items(one: shape.Schema) -> shape.Schema:
    return {"type": "array", "items": one, "minItems": 1, "maxItems": many.MOST}


def body(kind: ObjectType) -> shape.Schema:
    """What the endpoint accepts; ``values`` are checked by the write door, which says more than a schema can."""
    acts = [*many.PLAIN, *(verb.code for verb in many.verbs_for(kind))]
    return shape.record(
        {
            "act": {"type": "string", "enum": acts},
            "values": {"type": "object", "description": "Fields to change, or the verb's parameters"},
            "items": _items(shape.record({"id": shape.ID, "etag": ETAG}, required=("id",))),
        },
        required=("act", "items"),
    )


def _do(call: Call, kind: ObjectType) -> Answer:
    given: dict[str, Any] = call.body
    items = [many.Item(one["id"], one.get("etag")) for one in given["items"]]
    asked = many.Many(kind.code, given["act"], items, given.get("values", {}), dry(call))
    found = many.do(call.viewer, asked)
    said = [_said(n, one) for n, one in enumerate(found)]
    refused = sum(one.error is not None for one in found)
    return Answer({"done": len(found) - refused, "refused": refused, "items": said}, replay="body")


def _said(place: int, one: many.Outcome) -> dict[str, Any]:
    said: dict[str, Any] = {"place": f"items/{place}", "id": one.id, "status": DONE}
    if one.error is not None:
        said |= {"status": one.error.status, "problem": problem.body_of(one.error)}
    return said


def _offers(call: Call, kind: ObjectType) -> Answer:
    found = many.offers(call.viewer, kind.code, call.body["items"])
    acts = [{"act": code, "may": n} for code, n in found.acts.items()]
    return Answer({"acts": acts, "fields": [{"field": code, "may": n} for code, n in found.fields.items()]})


def routes(kind: ObjectType) -> list[Route]:
    """The two routes of one type."""
    code, name, plural = kind.code, name_of(kind), kind.plural.en
    return [
        Route("POST", f"/records/{code}/bulk", lambda call: _do(call, kind), f"bulk{name}", f"One act on many {plural}", code,
              body=body(kind), params=(DRY_RUN,), keyed=True, answers={200: ref("BulkAnswer")}, errors=(404,)),
        Route("POST", f"/records/{code}/bulk/offers", lambda call: _offers(call, kind), f"offer{name}Bulk",
              f"What may be done with these {plural}", code, body=shape.record({"items": _items(shape.ID)}),
              answers={200: ref("BulkOffers")}, errors=(404,)),
    ]  # fmt: skip


_COUNT: shape.Schema = {"type": "integer", "minimum": 0}
SCHEMAS = {
    "BulkAnswer": shape.record(
        {
            "done": _COUNT,
            "refused": _COUNT,
            "items": shape.array(
                shape.record(
                    {
                        "place": {"type": "string"},
                        "id": shape.ID,
                        "status": {"type": "integer", "description": "What the single act would have answered"},
                        "problem": ref(PROBLEM),
                    },
                    required=("place", "id", "status"),
                )
            ),
        }
    ),
    "BulkOffers": shape.record(
        {
            "acts": shape.array(shape.record({"act": {"type": "string"}, "may": _COUNT})),
            "fields": shape.array(shape.record({"field": {"type": "string"}, "may": _COUNT})),
        }
    ),
}
