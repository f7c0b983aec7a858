"""One record: reading it with its levels and possible actions, creating, changing, deleting, restoring."""

from __future__ import annotations

import re
from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import ref
from heli.api.route import Answer, Call, Param, Route
from heli.api.schemas import name_of
from heli.flows import bars
from heli.kernel.errors import IfMatchRequired, Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import act, hooks, reasons, rows, store
from heli.records.types import ObjectType
from heli.records.verbs import DELETE, Verb, verbs_of

PLAIN_ACTIONS = ("edit", "delete", "share")
_ETAG = re.compile(r'\s*"([\x21\x23-\x7e]{1,100})"\s*\Z')

NEEDS_TAG = Words('If-Match 应为这条记录的 ETag，例如 "3f2a…"', 'If-Match must be the record\'s ETag, such as "3f2a…"')
NOT_OBJECT = Words("应为对象", "must be an object")
DRY_RUN = Param("dry_run", {"type": "boolean"}, "Check everything, change nothing, answer 204")
NOTHING = Answer(status=204, replay="never")
NO_ID = {"id": shape.ID}


def if_match(call: Call) -> str:
    """The ETag that the request names. Raises IfMatchRequired for anything but one strong tag."""
    found = _ETAG.match(call.if_match or "")
    if found is None:
        raise IfMatchRequired(NEEDS_TAG)
    return found[1]


def verbs_known(kind: ObjectType) -> list[Verb]:
    """Verbs that records of this type know: only some types lie in a pool."""
    pooled = kind.code in act.POOLED
    return [v for v in verbs_of(kind.code) if pooled or v.type != "*" or v.code not in ("claim", "return")]


def possible(viewer: Viewer, kind: ObjectType, row: dict[str, Any]) -> tuple[dict[str, bool], dict[str, Any]]:
    """What the viewer may do with a record, and for each no its reason."""
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    actions: dict[str, bool] = {}
    refusals: dict[str, Any] = {}
    for action in PLAIN_ACTIONS:
        actions[action] = viewer.is_system or (rights is not None and rights.decide(action, row).allowed)
        if not actions[action]:
            code, words = reasons.reason(viewer, kind, action, row)
            refusals[action] = {"code": code, "words": words.json()}
        elif action == "delete" and (found := hooks.barred(viewer, kind, DELETE, row)) is not None:
            actions[action], refusals[action] = False, {"code": found[0], "words": found[1].json()}
    for verb in verbs_known(kind):
        may = viewer.is_system or (rights is not None and rights.decide(verb.right, row).allowed)
        refused = verb.refuses(viewer, row) or (hooks.barred(viewer, kind, verb, row) if may else None)
        actions[verb.code] = may and refused is None
        if not may:
            code, words = reasons.reason(viewer, kind, verb.right, row)
            refusals[verb.code] = {"code": code, "words": words.json()}
        elif refused is not None:
            refusals[verb.code] = {"code": refused[0], "words": refused[1].json()}
    return actions, refusals


def present(viewer: Viewer, kind: ObjectType, record: str) -> dict[str, Any]:
    """A record as the API shows it. Raises NotFound for absent and invisible alike."""
    asked = store.query(viewer, kind.code)
    seen = asked.show(record)
    actions, refusals = possible(viewer, kind, seen.row)
    access = {**seen.access, **seen.only}
    kept = [one for one in bars.kept(kind, seen.id) if access.get(one.code) in CLOSED and not viewer.is_system]
    access |= {one.code: CLOSED[access[one.code]] for one in reversed(kept)}
    return {
        "id": seen.id,
        "type": kind.code,
        "title": title(kind, seen.values),
        "values": seen.values,
        "access": access,
        "kept": {one.code: _kept(one) for one in reversed(kept)},
        "actions": actions,
        "refusals": refusals,
        "etag": act.etag(rows.present(asked.sight, seen.row, named=False)),
    }


CLOSED = {rows.EDIT: rows.READ, rows.MASKED_EDIT: rows.MASKED_READ}
"""What one could edit and a process keeps meanwhile."""


def _kept(one: bars.Kept) -> dict[str, Any]:
    return {"words": one.words.json(), "process": one.process, "case": str(one.case) if one.case is not None else None}


def title(kind: ObjectType, values: dict[str, Any]) -> str:
    """What the record is called for this viewer; empty when its title is hidden from them."""
    for code in (kind.title, kind.key):
        if code is not None and values.get(code):
            return str(values[code])
    return ""


def answer(viewer: Viewer, kind: ObjectType, record: str, status: int = 200) -> Answer:
    """The record with its ETag; its address when it was made just now."""
    said = present(viewer, kind, record)
    here = f"/records/{kind.code}/{record}"
    return Answer(said, status, {"ETag": f'"{said["etag"]}"'}, location=here if status == 201 else "")


def values_of(call: Call) -> dict[str, Any]:
    """The body as fields by code. Raises Invalid when it is no object."""
    if not isinstance(call.body, dict):
        raise Invalid(Problem("", "type", NOT_OBJECT))
    return call.body


def dry(call: Call) -> bool:
    """Whether the write is only tried: everything is checked, nothing is changed, the answer is 204."""
    return bool(call.query.get("dry_run", False))


def routes(kind: ObjectType) -> list[Route]:
    """What can be done with one record of a type, beside its verbs."""
    code, name, one = kind.code, name_of(kind), kind.words.en
    at = f"/records/{code}/{{id}}"

    def read(call: Call) -> Answer:
        return answer(call.viewer, kind, call.path["id"])

    def create(call: Call) -> Answer:
        asked = act.Action(code, "create", values=values_of(call), dry_run=dry(call))
        done = act.do(call.viewer, asked)
        return NOTHING if asked.dry_run else answer_or_location(call.viewer, kind, done.id, 201)

    def change(call: Call) -> Answer:
        asked = act.Action(code, "edit", call.path["id"], values_of(call), if_match(call), dry(call))
        done = act.do(call.viewer, asked)
        return NOTHING if asked.dry_run else answer_or_location(call.viewer, kind, done.id)

    def delete(call: Call) -> Answer:
        act.do(call.viewer, act.Action(code, "delete", call.path["id"], etag=if_match(call), dry_run=dry(call)))
        return Answer(status=204)

    def restore(call: Call) -> Answer:
        done = act.do(call.viewer, act.Action(code, "restore", call.path["id"]))
        return answer_or_location(call.viewer, kind, done.id)

    shown = {200: ref(name)}
    return [
        Route("POST", f"/records/{code}", create, f"create{name}", f"Create: {one}", code, body=ref(f"New{name}"),
              own_body=False, params=(DRY_RUN,), answers={201: ref(name), 204: None}, keyed=True, errors=(404, 409), etag=True),
        Route("GET", at, read, f"get{name}", f"Read: {one}", code, path_schemas=NO_ID, answers=shown, etag=True),
        Route("PATCH", at, change, f"change{name}", f"Change: {one}", code, path_schemas=NO_ID, if_match=True,
              body=ref(f"{name}Changes"), own_body=False, params=(DRY_RUN,), answers={**shown, 204: None}, errors=(409,), etag=True),
        Route("DELETE", at, delete, f"delete{name}", f"Delete: {one}", code, path_schemas=NO_ID, if_match=True,
              params=(DRY_RUN,), answers={204: None}, errors=(409,)),
        Route("POST", f"{at}/restore", restore, f"restore{name}", f"Restore a deleted record: {one}", code,
              path_schemas=NO_ID, keyed=True, answers=shown, errors=(409,), etag=True),
    ]  # fmt: skip


def answer_or_location(viewer: Viewer, kind: ObjectType, record: str, status: int = 200) -> Answer:
    """The record after a write. Who may write but not see the result (any more) is told that it is done, and no more."""
    try:
        found = answer(act.current(viewer), kind, record, status)
    except NotFound:
        said = {"id": record, "type": kind.code, "title": "", "values": {}, "access": {}, "kept": {}, "actions": {},
                "refusals": {}, "etag": ""}  # fmt: skip
        found = Answer(said, status)
    return Answer(found.body, found.status, found.headers, location=f"/records/{kind.code}/{record}")
