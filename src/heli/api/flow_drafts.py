"""Drafts of processes: begun, worked on, shared, handed in and published."""

from __future__ import annotations

import re
from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.flow_improving import NOTED, improvements_said
from heli.api.flows import CODE, SOURCE, UNPUBLISHED, versions_said
from heli.api.route import Answer, Call, Param, Route
from heli.crm import processes as ships
from heli.flows import definitions, drafts, matters
from heli.flows.analytics import improving
from heli.flows.finding import may_administer
from heli.flows.models import Draft, Process, Version
from heli.kernel.errors import Invalid, NotFound, Problem, Refused, Stale
from heli.kernel.words import Words

TAG = "processes"
PAGE = 100
_ETAG = re.compile(r'"r(\d{1,9})"\Z')
WHICH = Words("请写明是对哪个流程的建议", "say which process the suggestion is about")
AGAIN = Words("请先读取草稿的最新内容", "read the draft as it is now first")


def etag(draft: Draft) -> dict[str, str]:
    return {"ETag": f'"r{draft.revision}"'}


def _revision(call: Call) -> int:
    found = _ETAG.match(call.if_match or "")
    if found is None:
        raise Stale(AGAIN)
    return int(found[1])


def designs(call: Call) -> None:
    """Raises NotFound for who designs nothing."""
    if not drafts.may_design(call.viewer.view):
        raise NotFound


# -- drafts ------------------------------------------------------------------------------------------------------------


def listed(call: Call) -> Answer:
    """Drafts that are mine to work on; all of them for who looks after processes."""
    rows = drafts.all_of(call.viewer).filter(state=call.query.get("state", Draft.OPEN))[:PAGE]
    found = list(rows.select_related("base", "version").defer("source", "base__source", "version__source"))
    told = people(pk for one in found for pk in (one.made_by, one.changed_by))
    return Answer({"items": [_head(one, told) for one in found]})


def _head(one: Draft, told: dict[int, dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": str(one.pk), "code": one.code, "name": one.words.json(), "type": one.type, "state": one.state, "revision": one.revision,
        "type_name": words.json() if (words := matters.about(one.type)) is not None else None,
        "base": one.base.number if one.base is not None else None,
        "made_by": told.get(one.made_by), "changed_by": told.get(one.changed_by), "made_at": moment(one.made_at),
        "changed_at": moment(one.changed_at), "version": one.version.number if one.version is not None else None,
        "version_state": one.version.state if one.version is not None else None,
    }  # fmt: skip


def _whole(viewer: Viewer, pk: int, status: int = 200) -> Answer:
    """A draft with its file, who works on it, what was said, and what the viewer may do with it."""
    one = drafts.get(viewer, pk)
    authors = list(one.authors.order_by("pk").values_list("person_id", flat=True))
    remarks = list(one.remarks.order_by("pk")[:PAGE])
    improvements = list(one.improvements.select_related("draft").defer("draft__source").order_by("pk")[:PAGE])
    told = people([one.made_by, one.changed_by, *authors, *(said.by_id for said in remarks)])
    process = Process.objects.select_related("current").defer("current__source").filter(code=one.code).first()
    newest = process.current if process is not None else None
    body = _head(one, told) | {
        "source": bytes(one.source).decode("utf-8", "replace"), "authors": [told[pk] for pk in authors if pk in told],
        "newest": newest.number if newest is not None else None, "behind": newest is not None and newest.pk != one.base_id,
        "may": _may(viewer, one), "suggestions": improvements_said(improvements, viewer),
        "remarks": [
            {"kind": said.kind, "text": said.text, "revision": said.revision, "by": told.get(said.by_id), "at": moment(said.at)}
            for said in remarks
        ],
    }  # fmt: skip
    return Answer(body, status, etag(one), location=f"/flows/drafts/{one.pk}")


def _may(viewer: Viewer, one: Draft) -> list[str]:
    """What the viewer may do with it as it stands: the page shows these and computes none."""
    administers = may_administer(viewer.view)
    if one.state not in (Draft.OPEN, Draft.SUBMITTED):
        return []
    found = ["return"] if one.state == Draft.SUBMITTED else ["hand_in", "discard"]
    if one.state == Draft.OPEN or administers:
        found += ["change", "share"]
    return [*found, "publish"] if administers and not viewer.role else found


def create(call: Call) -> Answer:
    """Begin a draft: of a new process, of the next version of one, from a file, or from the one that ships."""
    given, viewer = call.body, call.viewer
    designs(call)
    if "source" in given:
        made = drafts.imported(viewer, given["source"].encode())
    elif "shipped" in given:
        made = drafts.imported(viewer, ships.source(given["shipped"]))
    elif "suggestion" in given:
        if "process" not in given:
            raise Invalid(Problem("suggestion", "alone", WHICH))
        made = drafts.suggested(viewer, given["process"], improving.Noted(**given["suggestion"]))
    elif "process" in given:
        made = drafts.continued(viewer, given["process"])
    else:
        name = Words(given.get("name", "").strip() or "新流程", given.get("name_en", "").strip())
        made = drafts.create(viewer, name, given.get("type", ""))
    return _whole(viewer, made.pk, 201)


def one(call: Call) -> Answer:
    """One draft."""
    return _whole(call.viewer, int(call.path["id"]))


def save(call: Call) -> Answer:
    """Keep the file as it is now."""
    made = drafts.save(call.viewer, int(call.path["id"]), _revision(call), call.body["source"].encode())
    return _whole(call.viewer, made.pk)


def share(call: Call) -> Answer:
    """Say who works on it."""
    made = drafts.share(call.viewer, int(call.path["id"]), _revision(call), [int(one) for one in call.body["people"]])
    return _whole(call.viewer, made.pk)


def say(call: Call) -> Answer:
    """A remark."""
    return _whole(call.viewer, drafts.say(call.viewer, int(call.path["id"]), call.body["text"]).pk)


def hand_in(call: Call) -> Answer:
    """Hand it in to who publishes."""
    given = call.body or {}
    made = drafts.hand_in(call.viewer, int(call.path["id"]), _revision(call), given.get("text", ""))
    return _whole(call.viewer, made.pk)


def give_back(call: Call) -> Answer:
    """Take it back, or return it."""
    given = call.body or {}
    made = drafts.give_back(call.viewer, int(call.path["id"]), _revision(call), given.get("text", ""))
    return _whole(call.viewer, made.pk)


def discard(call: Call) -> Answer:
    """Let it go."""
    return _whole(call.viewer, drafts.discard(call.viewer, int(call.path["id"]), _revision(call)).pk)


def publish(call: Call) -> Answer:
    """Publish it as the next version of its process."""
    if call.viewer.role:
        raise Refused(UNPUBLISHED, code="by_token")
    given = call.body or {}
    revision = _revision(call)
    closes = [int(one) for one in given.get("closes", ())]
    made = drafts.publish(call.viewer, int(call.path["id"]), revision, given.get("note", ""), given.get("over"), closes)
    return Answer(versions_said(call, made.process, [made])[0], 201)


_TEXT: shape.Schema = {"type": "string"}
_WORD = ref(WORDS)
_NUMBER = {"type": ["integer", "null"]}
_HEAD: dict[str, shape.Schema] = {
    "id": _TEXT, "code": _TEXT, "name": _WORD, "type": _TEXT, "type_name": shape.nullable(_WORD),
    "state": {"type": "string", "enum": [state for state, _ in Draft.STATES]}, "revision": {"type": "integer"}, "base": _NUMBER,
    "made_by": shape.nullable(ref(PERSON)), "changed_by": shape.nullable(ref(PERSON)), "made_at": shape.MOMENT, "changed_at": shape.MOMENT,
    "version": _NUMBER, "version_state": {"type": ["string", "null"], "enum": [Version.WAITING, Version.PUBLISHED, Version.REFUSED, None]},
}  # fmt: skip
SCHEMAS = {
    "FlowDraftHead": shape.record(_HEAD),
    "FlowDraft": shape.record(
        {
            **_HEAD, "source": _TEXT, "authors": shape.array(ref(PERSON)), "newest": _NUMBER, "behind": {"type": "boolean"},
            "may": shape.array(_TEXT), "suggestions": shape.array(ref("FlowImprovement")),
            "remarks": shape.array(shape.record({
                "kind": _TEXT, "text": _TEXT, "revision": {"type": "integer"}, "by": shape.nullable(ref(PERSON)), "at": shape.MOMENT,
            })),
        }
    ),
}  # fmt: skip
_ID = {"id": shape.NUMBER_ID}
_DRAFT = {200: ref("FlowDraft")}
_ERRORS = (403, 404, 409)
_SAID = shape.record({"text": shape.text(drafts.MOST_TEXT)}, ())
_PEOPLE = shape.record({"people": shape.array(shape.NUMBER_ID, drafts.MOST_AUTHORS)})


def _step_route(
    method: str, path: str, handle: Any, id_: str, summary: str, body: Any, *, required: bool = True
) -> Route:
    return Route(method, f"/flows/drafts/{{id}}{path}", handle, id_, summary, TAG, path_schemas=_ID, if_match=True, body=body,
                 body_required=required, answers=_DRAFT, errors=_ERRORS)  # fmt: skip


ROUTES = (
    Route("GET", "/flows/drafts", listed, "listProcessDrafts", "Drafts of processes", TAG,
          params=(Param("state", {"type": "string", "enum": [state for state, _ in Draft.STATES]}, "As they stand: open where not said"),),
          answers={200: items(ref("FlowDraftHead"))}, errors=(404,)),
    Route("POST", "/flows/drafts", create, "createProcessDraft", "Begin a draft of a process", TAG, keyed=True,
          body=shape.record({"name": shape.text(200), "name_en": shape.text(200), "type": CODE, "process": CODE, "source": SOURCE,
                             "shipped": {"type": "string", "enum": list(ships.SHIPPED), "description": "The file that ships"},
                             "suggestion": NOTED}, ()),
          answers={201: ref("FlowDraft")}, errors=_ERRORS),
    Route("GET", "/flows/drafts/{id}", one, "getProcessDraft", "A draft of a process", TAG, path_schemas=_ID, answers=_DRAFT, etag=True,
          errors=(404,)),
    _step_route("PUT", "", save, "saveProcessDraft", "Keep the file as it is now", shape.record({"source": SOURCE})),
    _step_route("POST", "/people", share, "shareProcessDraft", "Say who works on it", _PEOPLE),
    Route("POST", "/flows/drafts/{id}/remarks", say, "remarkProcessDraft", "Say something of it", TAG, path_schemas=_ID,
          body=shape.record({"text": shape.text(drafts.MOST_TEXT, 1)}), answers=_DRAFT, errors=(404,)),
    _step_route("POST", "/hand-in", hand_in, "handInProcessDraft", "Hand it in to who publishes", _SAID, required=False),
    _step_route("POST", "/return", give_back, "returnProcessDraft", "Take it back, or return it", _SAID, required=False),
    _step_route("POST", "/discard", discard, "discardProcessDraft", "Let it go", shape.record({}), required=False),
    Route("POST", "/flows/drafts/{id}/publish", publish, "publishProcessDraft", "Publish it as the next version of its process", TAG,
          path_schemas=_ID, if_match=True, body=shape.record({"note": shape.text(definitions.MOST_NOTE), "over": {"type": "integer"},
                                                          "closes": shape.array(shape.NUMBER_ID, 50)}, ()),
          body_required=False, answers={201: ref("FlowVersion")}, errors=_ERRORS),
)  # fmt: skip
