"""Asking for access and answering: what can be asked for, my requests and those that wait for me, yes, less and no."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from heli.access.viewer import Viewer
from heli.api import instead, shape
from heli.api import lending_said as said
from heli.api.common import PERSON, WORDS, items, people, ref
from heli.api.lending_gives import gives
from heli.api.route import Answer, Call, Param, Route
from heli.flows import bars
from heli.kernel.errors import NotFound
from heli.kernel.ids import is_id
from heli.lending import ask, decide, hold, inbox, posts, roles
from heli.lending.models import Request
from heli.lending.terms import (
    MOST,
    MOST_CONFIDENTIAL,
    MOST_FIELDS,
    MOST_REASON,
    SPANS,
    Terms,
    kind_named,
    lendable,
    right_of,
)
from heli.records import store
from heli.records.reasons import ACTIONS, action_words
from heli.records.rows import COUNTED
from heli.records.types import ObjectType

TAG = "lending"
PAGE = 100
_CODE: shape.Schema = {"type": "string", "minLength": 1, "maxLength": 64}
_TEXT: shape.Schema = {"type": "string"}
_FLAG: shape.Schema = {"type": "boolean"}
SECONDS: shape.Schema = {"type": "integer", "minimum": 1, "maximum": MOST}
FIELDS = shape.array(_CODE, MOST_FIELDS)
NOT_LENT_ACTS = ("delete", "transfer", "export", "share")
"""Acts that the dialog names as not lent, so that nobody looks for them."""


def askable(call: Call) -> Answer:
    """What of a record I could ask for. Of one that I do not see, present or absent: to see it at all."""
    viewer, kind = call.viewer, kind_named(call.query["type"])
    spans = {"spans": list(SPANS), "most": MOST, "most_confidential": MOST_CONFIDENTIAL}
    acts = [{"code": "read", "name": ACTIONS["read"].json(), "lent": True}]
    body = {"type": kind.code, "type_name": kind.words.json(), "seen": False, "title": None, "fields": [], "actions": acts,
            "approver": None, "instead": [], **spans}  # fmt: skip
    try:
        row = store.row(viewer, kind.code, call.query["id"])
    except NotFound:
        return Answer(body)
    assert viewer.view is not None
    if call.query.get("lend"):
        return _mine_to_lend(viewer, kind, row, body)
    plain = [c for c, one in kind.fields.items() if not one.readonly and not one.flow]
    gains = hold.gains(viewer.view, kind, row, Terms("edit", tuple(kind.fields), 0))
    body["seen"], body["title"] = (
        True,
        said.titles(viewer, [(kind.code, call.query["id"])]).get((kind.code, call.query["id"])),
    )
    body["fields"] = offered = [
        {"field": said.fields_said(kind, [gain.field])[0], "now": gain.now, "read": gain.then in ("read", "edit"),
         "edit": gain.then == "edit" and gain.field in plain}
        for gain in gains
        if gain.now != "edit"
        and not (gain.now == "read" and (gain.field not in plain or gain.then != "edit"))
        and _shown(kind.fields[gain.field])
    ]  # fmt: skip
    rights = viewer.view.type(kind.code)
    facts = hold.reached(viewer.view, kind, row)
    body["actions"] = [
        {"code": code, "name": words.json(), "lent": True}
        for code, words in lendable(kind).items()
        if code in ("read", "edit") or rights is None or not rights.decide(code, facts).allowed
    ] + [{"code": c, "name": action_words(kind, c).json(), "lent": False} for c in NOT_LENT_ACTS]
    found = next(hold.lenders(kind, row, Terms("read", (), 0), (viewer.person,)), None)
    if found is not None and ask.names(viewer, kind, row, found):
        body["approver"] = people([found]).get(found)
    body["instead"] = _instead(viewer, kind, call.query["id"], offered)
    return Answer(body)


def _instead(viewer: Viewer, kind: ObjectType, record: str, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What asking does not help with, and what would: cells that are frozen for me, fields that a process holds."""
    closed = [
        one["field"]["code"]
        for one in fields
        if not one["read"] and kind.fields[one["field"]["code"]].data_class in COUNTED
    ]
    state = instead.frozen(viewer) if closed else None
    found = [{**state.json(), "fields": closed, "act": "read"}] if state is not None else []
    offered = {one["field"]["code"] for one in fields}
    for code in dict.fromkeys(one.code for one in bars.kept(kind, record)):
        other = instead.held(viewer, kind, record, code) if code in offered else None
        if other is not None:
            found.append({**other.json(), "fields": [code], "act": "edit"})
    return found


def _mine_to_lend(viewer: Viewer, kind: ObjectType, row: hold.Row, body: dict[str, Any]) -> Answer:
    """What of a record I hold by myself and so could lend."""
    assert viewer.view is not None
    pair = (kind.code, str(row["id"]))
    rights, facts = viewer.view.type(kind.code), hold.alone(row)
    shares = rights is not None and rights.decide("share", facts).allowed
    own = hold.readable(viewer.view, kind, row) if shares else frozenset()
    body |= {"seen": True, "title": said.titles(viewer, [pair]).get(pair)}
    body["fields"] = [
        {"field": said.fields_said(kind, [code])[0], "now": "read", "read": True,
         "edit": rights is not None and rights.decide_field("edit", code, facts).allowed and not kind.shape().fields[code].key}
        for code in kind.fields
        if code in own and _shown(kind.fields[code])
    ]  # fmt: skip
    body["actions"] = [
        {"code": code, "name": words.json(), "lent": code == "read" or rights.decide(right_of(kind, code), facts).allowed}
        for code, words in lendable(kind).items()
        if rights is not None and shares
    ]  # fmt: skip
    return Answer(body)


def _shown(one: Any) -> bool:
    return bool(one.group != "system")


def make(call: Call) -> Answer:
    """Ask. Of a record that I do not see the answer is the same whether it exists or not."""
    given = call.body
    one = ask.ask(
        call.viewer, given["type"], given["record"], action=given["action"], fields=given.get("fields", []),
        seconds=given["seconds"], reason=given["reason"], borrower=person(given.get("borrower")),
        project=given.get("project") or "",
    )  # fmt: skip
    return Answer(said.requests_said(call.viewer, [one])[0], 201, location=f"/access/requests/{one.pk}")


def person(text: str | None) -> int | None:
    return int(text) if text else None


def listed(call: Call) -> Answer:
    """Requests: ``inbox`` waits for my answer, ``mine`` I made or am to get, ``answered`` I answered."""
    box = call.query.get("box", "inbox")
    rows = Request.objects.all()
    if box == "mine":
        rows = rows.filter(Q(asker_id=call.person) | Q(borrower_id=call.person)).order_by("-at", "-pk")
    elif box == "answered":
        rows = rows.filter(answered_by=call.person).order_by("-answered_at", "-pk")
    else:
        rows = inbox.of(call.viewer)
    return Answer({"items": said.requests_said(call.viewer, list(rows[:PAGE]))})


def one(call: Call) -> Answer:
    """One request; for whoever may answer it with what a yes would give (``action``, ``fields``, ``seconds``: of less)."""
    found = _found(call)
    body = said.requests_said(call.viewer, [found])[0]
    if found.kind == Request.LOAN and {"approve", "confirm"} & set(body["may"]):
        offer = said.offer_said(call.viewer, found, _less(call, found))
        if offer is not None:
            body["offer"] = offer
    if found.kind in Request.STANDING and "approve" in body["may"]:
        lines = gives(call.viewer, found)
        if lines is not None:
            body["gives"] = lines
    return Answer(body)


def _less(call: Call, one: Request) -> Terms | None:
    asked = call.query
    if not asked or one.state not in (Request.OPEN, Request.PROPOSED):
        return None
    kind = kind_named(one.type)
    fields = [c for c in asked["fields"].split(",") if c] if "fields" in asked else None
    return decide.narrowed(kind, one, asked.get("action"), fields, asked.get("seconds"))


def _found(call: Call) -> Request:
    found = Request.objects.filter(pk=call.path["id"]).first() if is_id(call.path["id"]) else None
    if found is None or not ask.knows(call.viewer, found):
        raise NotFound
    return found


def approve(call: Call) -> Answer:
    """Say yes to all of it or to less."""
    given = call.body or {}
    found = _found(call)
    if found.kind in Request.STANDING:
        yes = roles.approve if found.kind == Request.ROLE else posts.approve
        return _after(call, yes(call.viewer, found.pk, given.get("text", "")))
    return _after(
        call,
        decide.approve(
            call.viewer, found.pk, action=given.get("action"), fields=given.get("fields"), seconds=given.get("seconds"),
            text=given.get("text", ""),
        ),
    )  # fmt: skip


def confirm(call: Call) -> Answer:
    """Security's yes to confidential content, seeing no value."""
    return _after(call, decide.confirm(call.viewer, _found(call).pk, (call.body or {}).get("text", "")))


def refuse(call: Call) -> Answer:
    """Say no, and why."""
    return _after(call, decide.refuse(call.viewer, _found(call).pk, call.body["text"]))


def withdraw(call: Call) -> Answer:
    """Take my request back, or decline what was proposed for me."""
    return _after(call, ask.withdraw(call.viewer, _found(call).pk))


def consent(call: Call) -> Answer:
    """Accept what a colleague proposed for me."""
    return _after(call, ask.consent(call.viewer, _found(call).pk))


def _after(call: Call, found: Request) -> Answer:
    return Answer(said.requests_said(call.viewer, [found])[0])


_ID = {"id": shape.ID}
REASON = shape.text(MOST_REASON, 1)
_MADE = {201: ref("AccessRequest")}
_ONE = {200: ref("AccessRequest")}
ASKABLE = shape.record(
    {
        "type": _TEXT, "type_name": ref(WORDS), "seen": _FLAG, "title": {"type": ["string", "null"]},
        "fields": shape.array(shape.record({"field": ref("LentField"), "now": said.LEVEL, "read": _FLAG, "edit": _FLAG})),
        "actions": shape.array(shape.record({"code": _TEXT, "name": ref(WORDS), "lent": _FLAG})),
        "approver": shape.nullable(ref(PERSON)), "spans": shape.array({"type": "integer"}), "most": {"type": "integer"},
        "most_confidential": {"type": "integer"},
        "instead": {
            **shape.array(
                shape.record({**instead.SCHEMA["properties"], "fields": shape.array(_TEXT), "act": {"type": "string", "enum": ["read", "edit"]}})
            ),
            "description": "What asking to read or to edit these fields does not help with, and what would",
        },
    }
)  # fmt: skip
SCHEMAS = {**said.SCHEMAS, "Askable": ASKABLE}
ASK = shape.record(
    {
        "type": _CODE, "record": shape.ID, "action": _CODE, "fields": FIELDS, "seconds": SECONDS, "reason": REASON,
        "borrower": shape.nullable(shape.NUMBER_ID), "project": shape.nullable(shape.ID),
    },
    required=("type", "record", "action", "seconds", "reason"),
)  # fmt: skip
LESS = shape.record(
    {"action": _CODE, "fields": FIELDS, "seconds": SECONDS, "text": shape.text(MOST_REASON)}, required=()
)
TEXT = shape.record({"text": shape.text(MOST_REASON)}, required=())
NO = shape.record({"text": shape.text(MOST_REASON, 1)})
NONE = shape.record({}, required=())
_ACT = (403, 409)
ROUTES = (
    Route("GET", "/access/askable", askable, "getAskable", "What of a record can be asked for", TAG,
          params=(Param("type", _CODE, "An object type", required=True), Param("id", shape.ID, "A record", required=True),
                  Param("lend", _FLAG, "What I could lend of it instead")),
          answers={200: ref("Askable")}),
    Route("GET", "/access/requests", listed, "listAccessRequests", "Requests that I made or that wait for me", TAG,
          params=(Param("box", {"type": "string", "enum": ["inbox", "mine", "answered"]}, "Which of them"),),
          answers={200: items(ref("AccessRequest"))}),
    Route("POST", "/access/requests", make, "askForAccess", "Ask for access to a record for a while", TAG, body=ASK,
          keyed=True, answers=_MADE, errors=(404, 409)),
    Route("GET", "/access/requests/{id}", one, "getAccessRequest", "One request, and what a yes would give", TAG,
          path_schemas=_ID, answers=_ONE, errors=(404,),
          params=(Param("action", _CODE, "Look at less: this act"), Param("fields", shape.text(2000), "these fields, comma-separated"),
                  Param("seconds", SECONDS, "so long"))),
    Route("POST", "/access/requests/{id}/approve", approve, "approveAccess", "Say yes, to all or less", TAG,
          path_schemas=_ID, body=LESS, body_required=False, answers=_ONE, errors=_ACT),
    Route("POST", "/access/requests/{id}/confirm", confirm, "confirmAccess", "Security's yes to confidential content", TAG,
          path_schemas=_ID, body=TEXT, body_required=False, answers=_ONE, errors=_ACT),
    Route("POST", "/access/requests/{id}/refuse", refuse, "refuseAccess", "Say no, and why", TAG,
          path_schemas=_ID, body=NO, answers=_ONE, errors=_ACT),
    Route("POST", "/access/requests/{id}/withdraw", withdraw, "withdrawRequest", "Take my request back", TAG,
          path_schemas=_ID, body=NONE, body_required=False, answers=_ONE, errors=_ACT),
    Route("POST", "/access/requests/{id}/consent", consent, "consentToRequest", "Accept what was proposed for me", TAG,
          path_schemas=_ID, body=NONE, body_required=False, answers=_ONE, errors=_ACT),
)  # fmt: skip
