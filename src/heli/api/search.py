"""Search over every type that the viewer can read."""

from __future__ import annotations

from heli.api import shape
from heli.api.common import WORDS, ref
from heli.api.route import Answer, Call, Param, Route
from heli.records import search

_TEXT: shape.Schema = {"type": "string"}
SCHEMAS = {
    "Hit": shape.record({"type": _TEXT, "id": shape.ID, "title": _TEXT, "subtitle": _TEXT, "matched": _TEXT}),
    "Found": shape.record({"items": shape.array(ref("Hit")), "note": shape.nullable(ref(WORDS))}),
}
Q = Param(
    "q", {"type": "string", "maxLength": search.MOST}, "Part of a name or number, or pinyin initials", required=True
)
TYPES_PARAM = Param("types", {"type": "string", "maxLength": 400}, "Object types, separated by commas")
LIMIT = Param("limit", {"type": "integer", "minimum": 1, "maximum": 50}, "Hits of each type (6)")


def find(call: Call) -> Answer:
    """Records that fit; a type that does not exist for the viewer finds nothing."""
    types = call.query.get("types")
    found = search.find(
        call.viewer, call.query["q"], types.split(",") if types else None, call.query.get("limit", search.PER_TYPE)
    )
    note = search.unsearched(call.viewer, call.query["q"])
    return Answer(
        {
            "items": [
                {"type": hit.type, "id": hit.id, "title": hit.title, "subtitle": hit.subtitle, "matched": hit.matched}
                for hit in found
            ],
            "note": note.json() if note is not None else None,
        }
    )


ROUTES = (
    Route("GET", "/search", find, "search", "Find records", "search", params=(Q, TYPES_PARAM, LIMIT),
          answers={200: ref("Found")}),
)  # fmt: skip
