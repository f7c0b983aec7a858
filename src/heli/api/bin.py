"""The recycle bin of a type: what I may restore, who deleted it when, and until when it is kept."""

from __future__ import annotations

from heli.api import lists, shape
from heli.api.common import PERSON, items, moment, people, ref
from heli.api.route import Answer, Call, Route
from heli.api.schemas import name_of
from heli.records import bin as bins
from heli.records.types import ObjectType


def _listed(call: Call, kind: ObjectType) -> Answer:
    page = bins.listed(call.viewer, kind.code, call.query.get("limit", 50), call.query.get("after"))
    names = people(one.by for one in page.items)
    found = [
        {
            "id": one.id,
            "title": one.title,
            "deleted_at": moment(one.at),
            "deleted_by": names.get(one.by) if one.by is not None else None,
            "until": moment(one.until),
        }
        for one in page.items
    ]
    return Answer({"items": found, "next": page.next})


def routes(kind: ObjectType) -> list[Route]:
    """The recycle bin of one type; restoring is in ``record`` and ``bulk``."""
    return [
        Route("GET", f"/records/{kind.code}/deleted", lambda call: _listed(call, kind), f"listDeleted{name_of(kind)}",
              f"Deleted {kind.plural.en} that I may restore", kind.code, params=(lists.LIMIT_PARAM, lists.AFTER),
              answers={200: items(ref("Deleted"), paged=True)}, errors=(404,)),
    ]  # fmt: skip


SCHEMAS = {
    "Deleted": shape.record(
        {
            "id": shape.ID,
            "title": {"type": "string"},
            "deleted_at": shape.MOMENT,
            "deleted_by": shape.nullable(ref(PERSON)),
            "until": shape.MOMENT,
        }
    )
}
