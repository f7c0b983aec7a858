"""Positions: who holds them, new ones, their names, closing and opening them again."""

from __future__ import annotations

from collections import Counter
from typing import Any

from heli.api import organisation, shape
from heli.api.common import NAMED, PERSON, items, moment, named, person, ref
from heli.api.org_common import CONFLICT, ID, NAME, TAG, change, guarded
from heli.api.route import Answer, Call, Param, Route
from heli.kernel import clock
from heli.kernel.errors import NotFound
from heli.org import tree
from heli.org import verbs as org
from heli.org.models import Assignment, Person, Position


def _held() -> Any:
    return Assignment.objects.filter(tree.valid(clock.now())).exclude(person__status=Person.LEFT)


def _said(one: Position, people: int) -> dict[str, Any]:
    return {"id": str(one.pk), "name": one.name, "name_en": one.name_en, "code": one.code, "people": people,
            "closed_at": moment(one.closed_at)}  # fmt: skip


def listed(call: Call) -> Answer:
    """Open positions; to administrators who ask, closed ones too."""
    organisation.needs_read(call)
    rows = Position.objects.order_by("name", "pk")
    if not (call.query.get("closed") and organisation.administers(call)):
        rows = rows.filter(closed_at=None)
    pairs = _held().exclude(position=None).values_list("position_id", "person_id").distinct()
    counts = Counter(position for position, _ in pairs)
    return Answer({"items": [_said(one, counts[one.pk]) for one in rows]})


def one(call: Call) -> Answer:
    """One position with everyone who holds it now."""
    organisation.needs_read(call)
    found = _get(call)
    posts = _held().filter(position=found).select_related("person", "department").order_by("person__name_key", "pk")
    holders = [
        {
            "person": person((a.person_id, a.person.username, a.person.display_name)),
            "department": named(a.department_id, a.department.name, a.department.name_en),
            "primary": a.primary,
            "from": moment(a.starts),
            "until": moment(a.ends),
        }
        for a in posts
    ]
    return Answer({**_said(found, len({a.person_id for a in posts})), "holders": holders})


def _get(call: Call) -> Position:
    found = Position.objects.filter(pk=int(call.path["id"])).first()
    if found is None or (found.closed_at is not None and not organisation.administers(call)):
        raise NotFound
    return found


def _answer(pk: int, status: int = 200) -> Answer:
    count = _held().filter(position_id=pk).values("person_id").distinct().count()
    return Answer(
        _said(Position.objects.get(pk=pk), count), status, location=f"/organisation/positions/{pk}", replay="body"
    )


def add_position(call: Call) -> Answer:
    """A new position."""
    organisation.needs_admin(call)
    body = call.body
    pk = org.create_position(
        call.viewer.actor, body["name"], code=body.get("code") or "", name_en=body.get("name_en") or ""
    )
    return _answer(pk, 201)


def change_position(call: Call) -> Answer:
    """Rename a position."""
    organisation.needs_admin(call)
    pk = int(call.path["id"])
    org.rename_position(call.viewer.actor, pk, **call.body)
    return _answer(pk)


def close_position(call: Call) -> Answer:
    """Close a position that nobody holds; a refusal names who does."""
    organisation.needs_admin(call)
    pk = int(call.path["id"])
    org.close_position(call.viewer.actor, pk)
    return _answer(pk)


def reopen_position(call: Call) -> Answer:
    """Open a closed position again."""
    organisation.needs_admin(call)
    pk = int(call.path["id"])
    org.reopen_position(call.viewer.actor, pk)
    return _answer(pk)


_TEXT: shape.Schema = {"type": "string"}
_SAID = {"id": _TEXT, "name": _TEXT, "name_en": _TEXT, "code": _TEXT, "people": {"type": "integer"},
         "closed_at": shape.nullable(shape.MOMENT)}  # fmt: skip
_HOLDER = shape.record(
    {"person": ref(PERSON), "department": ref(NAMED), "primary": {"type": "boolean"},
     "from": shape.MOMENT, "until": shape.nullable(shape.MOMENT)}
)  # fmt: skip
SCHEMAS = {
    "Position": shape.record(_SAID),
    "PositionPage": shape.record({**_SAID, "holders": shape.array(_HOLDER)}),
}
_POSITION = {"name": NAME, "code": shape.text(64), "name_en": shape.text(200)}
_NOTHING = shape.record({}, required=())
_CLOSED = Param("closed", {"type": "boolean"}, "Closed ones too (administrators)")

ROUTES = (
    Route("GET", "/organisation/positions", listed, "listPositions", "Positions", TAG, params=(_CLOSED,), errors=(403,),
          answers={200: items(ref("Position"))}),
    Route("GET", "/organisation/positions/{id}", one, "getPosition", "A position with its holders", TAG, path_schemas=ID,
          errors=(403,), answers={200: ref("PositionPage")}),
    *guarded((
        Route("POST", "/organisation/positions", add_position, "addPosition", "A new position", TAG, keyed=True,
              body=shape.record(_POSITION, required=("name",)), errors=CONFLICT, answers={201: ref("Position")}),
        Route("PATCH", "/organisation/positions/{id}", change_position, "changePosition", "Rename a position", TAG,
              path_schemas=ID, body=change(_POSITION), errors=CONFLICT, answers={200: ref("Position")}),
        Route("POST", "/organisation/positions/{id}/close", close_position, "closePosition", "Close a position", TAG,
              path_schemas=ID, body=_NOTHING, body_required=False, keyed=True, errors=CONFLICT, answers={200: ref("Position")}),
        Route("POST", "/organisation/positions/{id}/reopen", reopen_position, "reopenPosition", "Open a position again", TAG,
              path_schemas=ID, body=_NOTHING, body_required=False, keyed=True, errors=CONFLICT, answers={200: ref("Position")}),
    )),
)  # fmt: skip
