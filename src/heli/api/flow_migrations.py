"""Taking running cases over to another version of their process."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heli.access.viewer import Viewer
from heli.api import flow_said as said
from heli.api import shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.flows import CODE, NODE, TAG
from heli.api.route import Answer, Call, Route
from heli.flows import knowing, library, migrating
from heli.flows.models import Migration, Taken
from heli.kernel.words import Words

MOST_STAYED = 100
_CODE = {"code": CODE}
_VERSION: shape.Schema = {"type": "integer", "minimum": 1, "maximum": 10**9}
_MAPPING: shape.Schema = {"type": "object", "maxProperties": migrating.MOST_MAPPED, "additionalProperties": NODE}
_ASKED = {"to": _VERSION, "mapping": _MAPPING}
_NODE = shape.record({"id": said.TEXT, "name": ref(WORDS)})
_COUNTS = shape.record({one: {"type": "integer"} for one in ("automatic", "mapping", "blocked")})
SCHEMAS = {
    "FlowMigrationTrial": shape.record(
        {
            "to": {"type": "integer"}, "total": {"type": "integer"}, "counts": _COUNTS,
            "groups": shape.array(shape.record({
                "version": {"type": "integer"}, "state": {"type": "string", "enum": ["automatic", "mapping", "blocked"]},
                "node": shape.nullable(_NODE), "reason": shape.nullable(ref(WORDS)), "count": {"type": "integer"},
                "cases": shape.array(said.TEXT),
            })),
            "candidates": {**shape.array(_NODE), "description": "Nodes that may take the place of one that is there no more"},
        }
    ),
    "FlowMigration": shape.record(
        {
            "id": said.TEXT, "to": {"type": "integer"}, "note": said.TEXT, "at": said.TEXT, "by": shape.nullable(ref(PERSON)),
            "asked": {"type": "integer"}, "running": {"type": "boolean"}, "reverted_at": {"type": ["string", "null"]},
            "counts": shape.record({one: {"type": "integer"} for one in ("moved", "stayed", "returned", "kept")}),
            "stayed": shape.array(shape.record({"case": shape.nullable(said.TEXT), "node": said.TEXT, "reason": ref(WORDS)})),
        }
    ),
}  # fmt: skip


def trial(call: Call) -> Answer:
    """What would become of every running case."""
    given = call.body or {}
    return Answer(tried(migrating.attempt(call.viewer, call.path["code"], given.get("to"), given.get("mapping", {}))))


def tried(found: migrating.Tried) -> dict[str, Any]:
    new = library.definition(found.to)
    names: dict[str, Any] = {}
    for one in found.groups:
        if one.reason is not None and one.reason.node:
            names[one.reason.node] = {
                "id": one.reason.node,
                "name": (one.reason.called or Words(one.reason.node, one.reason.node)).json(),
            }
    wanted = {one.reason.kind for one in found.groups if one.reason is not None and one.reason.mapping}
    return {
        "to": found.to.number, "total": found.total, "counts": found.counts(),
        "groups": [
            {
                "version": one.version, "state": one.state, "node": names.get(one.reason.node) if one.reason is not None else None,
                "reason": one.reason.words.json() if one.reason is not None else None, "count": one.count,
                "cases": [str(pk) for pk in one.cases],
            }
            for one in found.groups
        ],
        "candidates": [{"id": one.id, "name": one.words.json()} for one in new.nodes if one.kind in wanted],
    }  # fmt: skip


def migrate(call: Call) -> Answer:
    """Take over every running case that can be."""
    given = call.body or {}
    made = migrating.migrate(
        call.viewer, call.path["code"], given.get("to"), given.get("mapping", {}), given.get("note", "")
    )
    return Answer(told(call.viewer, [made])[0], 201, location=f"/flows/processes/{call.path['code']}/migrations")


def listed(call: Call) -> Answer:
    """What was taken over before."""
    return Answer({"items": told(call.viewer, migrating.listed(call.viewer, call.path["code"]))})


def revert(call: Call) -> Answer:
    """Take back what was taken over, as far as it can be."""
    return Answer(told(call.viewer, [migrating.revert(call.viewer, int(call.path["id"]))])[0])


def told(viewer: Viewer, rows: list[Migration]) -> list[dict[str, Any]]:
    """Migrations with what became of the cases; which stayed where, of those whose ways the viewer may know, and of others only why some
    did."""
    who = people({one.by_id for one in rows})
    found = []
    for one in rows:
        taken = Taken.objects.filter(migration=one, instance__hidden=False)
        states = list(taken.values_list("state", flat=True))
        stayed = taken.filter(state__in=("stayed", "kept")).order_by("pk").select_related("instance__version__process")
        found.append(
            {
                "id": str(one.pk), "to": one.to.number, "note": one.note, "at": moment(one.at), "by": who.get(one.by_id or 0),
                "asked": one.asked, "running": one.ended_at is None, "reverted_at": moment(one.reverted_at),
                "counts": {name: states.count(name) for name in ("moved", "stayed", "returned", "kept")},
                "stayed": _stayed(viewer, stayed.defer("instance__version__source")[:MOST_STAYED]),
            }
        )  # fmt: skip
    return found


def _stayed(viewer: Viewer, rows: Iterable[Taken]) -> list[dict[str, Any]]:
    known, others = [], {}
    for one in rows:
        said = {"case": None, "node": one.node, "reason": {"zh": one.reason, "en": one.reason_en}}
        if knowing.knows(viewer, one.instance)[0]:
            known.append(said | {"case": str(one.instance_id)})
        else:
            others[one.node, one.reason_en] = said
    return [*known, *(others[key] for key in sorted(others))]


ROUTES = (
    Route("POST", "/flows/processes/{code}/migrations/trial", trial, "tryMigration", "What would become of running cases in another version",
          TAG, path_schemas=_CODE, body=shape.record(_ASKED, ()), body_required=False, answers={200: ref("FlowMigrationTrial")}, errors=(404,)),
    Route("POST", "/flows/processes/{code}/migrations", migrate, "migrateProcess", "Take running cases over to another version", TAG,
          path_schemas=_CODE, keyed=True, body=shape.record(_ASKED | {"note": shape.text(4000)}, ()), body_required=False,
          answers={201: ref("FlowMigration")}, errors=(404,)),
    Route("GET", "/flows/processes/{code}/migrations", listed, "listMigrations", "When running cases were taken over", TAG,
          path_schemas=_CODE, answers={200: items(ref("FlowMigration"))}, errors=(404,)),
    Route("POST", "/flows/migrations/{id}/revert", revert, "revertMigration", "Take cases back to the version they ran by", TAG,
          path_schemas={"id": shape.NUMBER_ID}, body=shape.record({}), body_required=False, answers={200: ref("FlowMigration")}, errors=(404, 409)),
)  # fmt: skip
