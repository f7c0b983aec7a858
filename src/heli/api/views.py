"""Saved views of a list: mine, and those that others share."""

from __future__ import annotations

from typing import Any

from heli.api import shape
from heli.api.common import items, ref
from heli.api.models import SavedView
from heli.api.route import Answer, Call, Param, Route
from heli.kernel.errors import Conflict, Invalid, NotFound, Problem, Refused
from heli.kernel.words import Words
from heli.records import filters, store
from heli.records.types import TYPES

MOST = 200
"""Views a person may keep."""
TYPE: shape.Schema = {"type": "string", "maxLength": 40}
DEFINITION = shape.record(
    {
        "filter": {"type": ["object", "array", "null"]},
        "sort": shape.nullable(shape.text(200)),
        "columns": shape.array(shape.text(80, 1), 200),
        "layout": {"type": "string", "enum": ["list", "kanban"]},
        "widths": {
            "type": "object",
            "maxProperties": 200,
            "propertyNames": {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,79}$"},
            "additionalProperties": {"type": "number", "minimum": 0, "maximum": 10_000},
        },
        "density": {"type": "string", "enum": ["compact", "normal", "loose"]},
    },
    required=(),
)
_INPUT = {"name": shape.text(100, 1), "definition": DEFINITION, "shared": {"type": "boolean"}}
SCHEMAS = {
    "SavedView": shape.record(
        {"id": shape.ID, "type": TYPE, "name": {"type": "string"}, "definition": DEFINITION,
         "shared": {"type": "boolean"}, "mine": {"type": "boolean"}}
    ),
}  # fmt: skip

NOT_YOURS = Words(
    "这个视图是别人共享的，只有创建者能改", "this view is shared by someone else: only they may change it"
)
IN_CLEAR = Words(
    "「{field}」加密保存，视图里不能存它的值（会以明文留在视图中）；可以存“为空”，或用搜索查找",
    "“{field}” is stored encrypted, and a saved view would hold its value in clear: save whether it is empty, or use the search",
)
FULL = Words(f"最多保存 {MOST} 个视图", f"at most {MOST} saved views")


def _said(one: SavedView, person: int | None) -> dict[str, Any]:
    return {
        "id": one.pk,
        "type": one.type,
        "name": one.name,
        "definition": one.definition,
        "shared": one.shared,
        "mine": one.person_id == person,
    }


def _usable(call: Call, one: SavedView) -> bool:
    """A shared definition must not name fields or values that this viewer may not know of: then it does not exist."""
    if one.person_id == call.person and call.viewer.mode is None:
        return True
    try:
        _check(call, one.type, one.definition)
    except (Invalid, NotFound):
        return False
    return True


def _check(call: Call, code: str, definition: dict[str, Any]) -> None:
    """Raises Invalid for a filter, sort or column that this viewer cannot use, NotFound for the type."""
    asked = store.query(call.viewer, code)
    if definition.get("filter"):
        asked = asked.where(definition["filter"])
        for leaf in filters.leaves(asked.filter):
            if leaf.field.encrypted and leaf.value is not None:
                raise Invalid(Problem("filter", "encrypted", IN_CLEAR.fill(field=leaf.field.words)))
    if definition.get("sort"):
        asked = asked.sort(definition["sort"])
    if definition.get("columns"):
        asked.fields(definition["columns"])


def _visible(call: Call) -> Any:
    if call.viewer.mode is not None:  # what a person keeps for themselves is theirs, values in filters above all
        return SavedView.objects.filter(shared=True)
    return SavedView.objects.filter(person_id=call.person) | SavedView.objects.filter(shared=True)


def listed(call: Call) -> Answer:
    """My views and those shared with everyone, of one type or all."""
    rows = _visible(call).order_by("created_at", "id")
    if "type" in call.query:
        rows = rows.filter(type=call.query["type"])
    return Answer({"items": [_said(one, call.person) for one in rows[:1000] if _usable(call, one)]})


def one(call: Call) -> Answer:
    """One view."""
    return Answer(_said(_find(call), call.person))


def _find(call: Call, *, mine: bool = False) -> SavedView:
    found: SavedView | None = _visible(call).filter(pk=call.path["id"]).first()
    if found is None or not _usable(call, found):
        raise NotFound
    if mine and found.person_id != call.person:
        raise Refused(NOT_YOURS, code="not_yours")
    return found


def make(call: Call) -> Answer:
    """Save a view."""
    given, person = call.body, call.person
    if given["type"] not in TYPES:
        raise Invalid(Problem("type", "unknown", Words("没有这个对象", "no such object type")))
    _checked(call, given["type"], given["definition"])
    if SavedView.objects.filter(person_id=person).count() >= MOST:
        raise Conflict(FULL, code="too_many")
    made = SavedView.objects.create(
        person_id=person,
        type=given["type"],
        name=given["name"],
        definition=given["definition"],
        shared=given.get("shared", False),
    )
    return Answer(_said(made, person), 201, location=f"/views/{made.pk}")


def _checked(call: Call, code: str, definition: dict[str, Any]) -> None:
    try:
        _check(call, code, definition)
    except NotFound:
        raise Invalid(Problem("type", "unknown", Words("没有这个对象", "no such object type"))) from None
    except Invalid as error:
        # What a list calls its fields, a view calls its columns.
        places = {p: "columns" if p.place == "fields" else p.place for p in error.problems}
        raise Invalid([Problem(f"definition/{place}", p.code, p.words) for p, place in places.items()]) from None


def change(call: Call) -> Answer:
    """Change my view."""
    found = _find(call, mine=True)
    if "definition" in call.body:
        _checked(call, found.type, call.body["definition"])
    for name, value in call.body.items():
        setattr(found, name, value)
    found.save(update_fields=list(call.body))
    return Answer(_said(found, call.person))


def delete(call: Call) -> Answer:
    """Delete my view."""
    _find(call, mine=True).delete()
    return Answer(status=204)


_ID = {"id": shape.ID}
_BODY = shape.record({"type": TYPE, **_INPUT}, required=("type", "name", "definition"))
_CHANGES = {**shape.record(_INPUT, required=()), "minProperties": 1}
ROUTES = (
    Route("GET", "/views", listed, "listViews", "Saved views", "views", params=(Param("type", TYPE, "An object type"),),
          answers={200: items(ref("SavedView"))}),
    Route("POST", "/views", make, "makeView", "Save a view", "views", body=_BODY, keyed=True,
          answers={201: ref("SavedView")}, errors=(409,)),
    Route("GET", "/views/{id}", one, "getView", "One saved view", "views", path_schemas=_ID, answers={200: ref("SavedView")}),
    Route("PATCH", "/views/{id}", change, "changeView", "Change my view", "views", path_schemas=_ID, body=_CHANGES,
          answers={200: ref("SavedView")}),
    Route("DELETE", "/views/{id}", delete, "deleteView", "Delete my view", "views", path_schemas=_ID, answers={204: None}),
)  # fmt: skip
