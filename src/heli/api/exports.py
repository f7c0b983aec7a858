"""Exports over HTTP: asking, following, withdrawing, approving, downloading."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from heli.api import shape
from heli.api.audit_words import field_words
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.route import Answer, Call, Param, Route
from heli.guard.exports import approvers, ask, decide
from heli.guard.exports.ask import FORMATS, LASTS, NEEDS, Asked
from heli.guard.models import Export
from heli.kernel import clock
from heli.kernel.errors import NotFound, Refused
from heli.kernel.words import Words
from heli.records.types import TYPES

TAG = "exports"
PAGE = 50
BY_SESSION = Words("导出的文件只能登录后下载，令牌不行", "an exported file is downloaded signed in, not with a token")
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def said(rows: Iterable[Export], viewer: int) -> list[dict[str, Any]]:
    """Exports as their requester and their approvers see them."""
    listed = list(rows)
    deciding = {
        one.pk: approvers.of(one.person_id, one.type, one.rows) if one.state == Export.WAITING else [] for one in listed
    }
    names = people([pk for one in listed for pk in (one.person_id, one.decided_by_id, *deciding[one.pk][:3])])
    now = clock.now()
    found = []
    for one in listed:
        kind = TYPES.get(one.type)
        over = one.state in (Export.READY, Export.WAITING) and one.expires_at <= now
        found.append(
            {
                "id": one.pk, "number": one.number, "type": one.type,
                "name": (kind.plural if kind is not None else Words(one.type, one.type)).json(),
                "fields": [field_words(one.type, code).json() for code in one.asked["fields"]],
                "format": one.format, "state": Export.EXPIRED if over else one.state, "rows": one.rows,
                "done": one.done, "size": one.size, "reason": one.reason, "person": names.get(one.person_id),
                "needs": [NEEDS[code].json() for code in one.needs], "made_at": moment(one.made_at),
                "expires_at": moment(one.expires_at), "decided_at": moment(one.decided_at),
                "decided_by": names.get(one.decided_by_id) if one.decided_by_id is not None else None, "note": one.note,
                "problem": one.problem, "downloads": one.downloads, "mine": one.person_id == viewer,
                "may_decide": viewer in deciding[one.pk] and not over,
                "may_withdraw": one.person_id == viewer and one.state == Export.WAITING and not over,
                "asked_of": [names[pk] for pk in deciding[one.pk][:3] if pk in names],
                "cells": {"sensitive": one.cells.get("sensitive", 0), "confidential": one.cells.get("confidential", 0)},
            }
        )  # fmt: skip
    return found


def _asked(body: dict[str, Any]) -> Asked:
    fields, ids = body.get("fields"), body.get("ids")
    return Asked(
        body["type"], body.get("filter"), body.get("sort"), tuple(fields) if fields is not None else None,
        tuple(ids) if ids is not None else None,
    )  # fmt: skip


def preview(call: Call) -> Answer:
    """What an export would be: how many rows, whether it needs a reason or an approval, and whose."""
    asked = _asked(call.body)
    found = ask.measure(call.viewer, asked)
    deciding = approvers.of(call.person, asked.type, found.rows)[:3] if found.needs else []
    names = people(deciding)
    return Answer(
        {"rows": found.rows, "left_out": found.left_out, "reason": found.reason, "needs": [NEEDS[code].json() for code in found.needs],
         "asked_of": [names[pk] for pk in deciding if pk in names], "hours": int(LASTS.total_seconds() // 3600)}
    )  # fmt: skip


def create(call: Call) -> Answer:
    """Ask for an export."""
    made = ask.ask(call.viewer, _asked(call.body), call.body["format"], call.body.get("reason") or "")
    return Answer(said([made], call.person)[0], 201, location=f"/exports/{made.pk}")


def listed(call: Call) -> Answer:
    """My exports, or those that wait for my decision; newest first."""
    if call.query.get("of") == "deciding":
        return Answer({"items": said(decide.waiting(call.person)[:PAGE], call.person)})
    rows = Export.objects.filter(person_id=call.person).order_by("-made_at", "-pk")[:PAGE]
    return Answer({"items": said(rows, call.person)})


def one(call: Call) -> Answer:
    """One export, for its requester and for who decides on it."""
    row = Export.objects.filter(pk=call.path["id"]).first()
    mine = row is not None and row.person_id == call.person
    if row is None or not (
        mine or row.decided_by_id == call.person or approvers.may(call.person, row.person_id, row.type, row.rows)
    ):
        raise NotFound
    return Answer(said([row], call.person)[0])


def approve(call: Call) -> Answer:
    """Approve an export."""
    row = decide.decide(call.viewer, call.path["id"], yes=True, note=call.body.get("note") or "")
    return Answer(said([row], call.person)[0])


def refuse(call: Call) -> Answer:
    """Refuse an export, with a reason."""
    row = decide.decide(call.viewer, call.path["id"], yes=False, note=call.body.get("note") or "")
    return Answer(said([row], call.person)[0])


def withdraw(call: Call) -> Answer:
    """Take my own wish back while it waits."""
    row = decide.withdraw(call.viewer, call.path["id"], note=call.body.get("note") or "")
    return Answer(said([row], call.person)[0])


def download(call: Call) -> Answer:
    """The file, to its requester, in a session."""
    if "HTTP_AUTHORIZATION" in call.request.META:
        raise Refused(BY_SESSION, code="by_token")
    row, path = decide.open_file(call.viewer, call.path["id"])
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise NotFound from None
    headers = {
        "Content-Type": MEDIA[row.format],
        "Content-Disposition": f'attachment; filename="export-{row.number}.{row.format}"',
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return Answer(content, headers=headers)


_TEXT: shape.Schema = {"type": "string"}
_MAYBE: shape.Schema = {"type": ["string", "null"]}
_INT: shape.Schema = {"type": "integer"}
_FLAG: shape.Schema = {"type": "boolean"}
_WHAT: dict[str, shape.Schema] = {
    "type": shape.text(64, 1),
    "filter": {"type": ["object", "array", "null"], "maxProperties": 100},
    "sort": shape.nullable(shape.text(200, 1)),
    "fields": shape.nullable(shape.array(shape.text(80, 1), ask.MOST_FIELDS)),
    "ids": shape.nullable(shape.array(shape.ID, ask.MOST_IDS)),
}
_WISH = shape.record(_WHAT, required=("type",))
_NEW = shape.record(
    {**_WHAT, "format": {"type": "string", "enum": list(FORMATS)}, "reason": shape.nullable(shape.text(1000))},
    required=("type", "format"),
)
_NOTE = shape.record({"note": shape.nullable(shape.text(1000))}, required=())
SCHEMAS = {
    "ExportPreview": shape.record(
        {"rows": _INT, "left_out": _INT, "reason": _FLAG, "needs": shape.array(ref(WORDS)), "asked_of": shape.array(ref(PERSON)), "hours": _INT}
    ),
    "Export": shape.record(
        {
            "id": shape.ID, "number": _TEXT, "type": _TEXT, "name": ref(WORDS), "fields": shape.array(ref(WORDS)),
            "format": _TEXT, "state": {"type": "string", "enum": [
                "waiting", "queued", "running", "ready", "refused", "failed", "expired", "ended", "withdrawn"]},
            "rows": _INT, "done": _INT, "size": _INT, "reason": _TEXT, "person": shape.nullable(ref(PERSON)),
            "needs": shape.array(ref(WORDS)), "made_at": shape.MOMENT, "expires_at": shape.MOMENT,
            "decided_at": _MAYBE, "decided_by": shape.nullable(ref(PERSON)), "note": _TEXT,
            "problem": shape.nullable(ref(WORDS)), "downloads": _INT, "mine": _FLAG, "may_decide": _FLAG, "may_withdraw": _FLAG,
            "asked_of": shape.array(ref(PERSON)), "cells": shape.record({"sensitive": _INT, "confidential": _INT}),
        }
    ),
}  # fmt: skip
_ID = {"id": shape.ID}
_OF = Param("of", {"type": "string", "enum": ["mine", "deciding"]}, "My own (default), or those I decide on")
ROUTES = (
    Route("GET", "/exports", listed, "listExports", "Exports", TAG, params=(_OF,), answers={200: items(ref("Export"))}),
    Route("POST", "/exports", create, "createExport", "Ask for an export of a list", TAG, body=_NEW,
          keyed=True, errors=(404, 409), answers={201: ref("Export")}),
    Route("POST", "/exports/preview", preview, "previewExport", "What an export would be and need", TAG,
          body=_WISH, errors=(404,), answers={200: ref("ExportPreview")}),
    Route("GET", "/exports/{id}", one, "getExport", "An export", TAG, path_schemas=_ID, answers={200: ref("Export")}),
    Route("POST", "/exports/{id}/approve", approve, "approveExport", "Approve an export", TAG, path_schemas=_ID,
          body=_NOTE, keyed=True, errors=(409,), answers={200: ref("Export")}),
    Route("POST", "/exports/{id}/refuse", refuse, "refuseExport", "Refuse an export", TAG, path_schemas=_ID,
          body=_NOTE, keyed=True, errors=(409,), answers={200: ref("Export")}),
    Route("POST", "/exports/{id}/withdraw", withdraw, "withdrawExport", "Withdraw an export that waits", TAG, path_schemas=_ID,
          body=_NOTE, keyed=True, errors=(403, 409), answers={200: ref("Export")}),
    Route("GET", "/exports/{id}/file", download, "downloadExport", "The exported file", TAG, path_schemas=_ID,
          errors=(403, 409), answers={200: {"type": "string", "format": "binary"}}, media="application/octet-stream"),
)  # fmt: skip
