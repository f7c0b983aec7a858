"""Drafts of processes: worked on, checked, compared, tried and published."""

from __future__ import annotations

import re
from typing import Any

from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import PERSON, WORDS, items, moment, people, ref
from heli.api.flow_improving import NOTED, improvements_said
from heli.api.flows import CODE, NUMBER, SOURCE, known_process, versions_said
from heli.api.meta import field_meta
from heli.api.route import Answer, Call, Param, Route
from heli.flows import blank, definitions, drafts, matters, tryout
from heli.flows.analytics import improving
from heli.flows.concerns import concerns
from heli.flows.core import bpmn
from heli.flows.core.compare import Difference, compare
from heli.flows.core.definition import Definition
from heli.flows.core.people import RULES
from heli.flows.finding import may_administer
from heli.flows.models import Draft, Process, Version
from heli.insight import company
from heli.kernel.errors import Invalid, NotFound, Problem, Refused, Stale
from heli.kernel.words import Words
from heli.org.models import Position
from heli.records import fields as f
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import VERBS

TAG = "processes"
PAGE = 100
_ETAG = re.compile(r'"r(\d{1,9})"\Z')
WHICH = Words("请写明是对哪个流程的建议", "say which process the suggestion is about")
AGAIN = Words("请先读取草稿的最新内容", "read the draft as it is now first")
BY_TOKEN = Words("令牌不能发布，请登录后操作", "a token publishes nothing: sign in to do this")


def etag(draft: Draft) -> dict[str, str]:
    return {"ETag": f'"r{draft.revision}"'}


def _revision(call: Call) -> int:
    found = _ETAG.match(call.if_match or "")
    if found is None:
        raise Stale(AGAIN)
    return int(found[1])


def _designs(call: Call) -> None:
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
    """Begin a draft: of a new process, of the next version of one, or from a file."""
    given, viewer = call.body, call.viewer
    _designs(call)
    if "source" in given:
        made = drafts.imported(viewer, given["source"].encode())
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
        raise Refused(BY_TOKEN, code="by_token")
    given = call.body or {}
    revision = _revision(call)
    closes = [int(one) for one in given.get("closes", ())]
    made = drafts.publish(call.viewer, int(call.path["id"]), revision, given.get("note", ""), given.get("over"), closes)
    return Answer(versions_said(call, made.process, [made])[0], 201)


# -- looking -----------------------------------------------------------------------------------------------------------


def check(call: Call) -> Answer:
    """What a file says: element by element, what keeps it from being published, and what whoever draws it should know."""
    _designs(call)
    found = definitions.check(call.body["source"].encode())
    definition = found.document.definition
    known = concerns(definition, company.now()) if definition is not None and not found.problems else []
    view = call.viewer.view
    waits = definition is not None and view is not None and not found.problems and definitions.exceeds(view, definition)
    return Answer(
        {
            "process": found.document.process, "name": found.document.name, "publishable": not found.problems, "waits": waits,
            "elements": [one.json() for one in found.document.elements],
            "problems": [{"place": one.place, "code": one.code, "message": one.words.json()} for one in found.problems],
            "concerns": [one.json() for one in known],
        }
    )  # fmt: skip


def changes(call: Call) -> Answer:
    """What a version changed from another, or from the one before it."""
    process = known_process(call)
    number = int(call.path["number"])
    before = int(call.query["against"]) if "against" in call.query else number - 1
    new, old = _version(process, number), Version.objects.filter(process=process, number=before).first()
    return Answer(_compared(old, _definition(bytes(new.source)), before if old is not None else None))


def compared(call: Call) -> Answer:
    """What a file changes from a version of its process: the current one where none is named."""
    _designs(call)
    definition = _definition(call.body["source"].encode())
    process = Process.objects.select_related("current").filter(code=definition.id).first()
    number = call.body.get("against")
    if number is not None:
        if process is None:
            raise NotFound
        old: Version | None = _version(process, number)
    else:
        old = process.current if process is not None else None
    return Answer(_compared(old, definition, old.number if old is not None else None))


def _version(process: Process, number: int) -> Version:
    found = Version.objects.filter(process=process, number=number).first()
    if found is None:
        raise NotFound
    return found


def _definition(source: bytes) -> Definition:
    """Raises Invalid with every problem of a file that cannot be executed."""
    document = bpmn.read(source)
    if document.definition is None:
        raise Invalid(list(document.problems), definitions.NOT_SOUND)
    return document.definition


def _compared(old: Version | None, new: Definition, against: int | None) -> dict[str, Any]:
    found: list[Difference] = []
    if old is not None:
        before = bpmn.read(bytes(old.source)).definition
        found = compare(before, new) if before is not None else []
    return {"against": against, "items": [one.json() for one in found]}


def tried(call: Call) -> Answer:
    """Step through a file as the people concerned. Nothing is written."""
    _designs(call)
    given = call.body
    checked = definitions.check(given["source"].encode())
    definition = checked.document.definition
    if definition is None or checked.problems:  # what cannot be published would try what cannot happen
        raise Invalid(list(checked.problems), definitions.NOT_SOUND)
    subject = definition.subject
    if subject is not None and not blank.usable(call.viewer.view, subject.type):
        raise NotFound
    chosen = {node: [int(one) for one in some] for node, some in given.get("chosen", {}).items()}
    asked = tryout.Asked(
        int(given["initiator"]), given.get("record", ""), given.get("values", {}), chosen, given.get("moves", []),
        int(given.get("case", 0)),
    )  # fmt: skip
    found = tryout.tried(call.viewer, definition, asked)
    told = people(found.people)
    trial = found.trial
    return Answer(
        {
            "ended": trial.state.ended, "at": trial.now.isoformat(),
            "nodes": found.standing(),
            "work": [{**one, "person": told.get(one["person"])} for one in found.work()],
            "log": [_step(one, told) for one in trial.log],
            "missing": sorted(trial.sample.missing),
            "stopped": None if found.stopped is None else {"move": found.stopped[0], "message": found.stopped[1].json()},
        }
    )  # fmt: skip


def _step(one: dict[str, Any], told: dict[int, dict[str, Any]]) -> dict[str, Any]:
    some = [one["person"]] if one.get("person") else one.get("people", [])
    return {
        "what": one["what"], "node": one.get("node"), "people": [told[int(p)] for p in some if int(p) in told],
        "outcome": one.get("outcome") or one.get("how") or one.get("code") or "",
    }  # fmt: skip


# -- what there is to draw with ----------------------------------------------------------------------------------------


def kit(call: Call) -> Answer:
    """What a definition may name: types of records, the fields and acts of one, positions, roles, departments."""
    _designs(call)
    view, world = call.viewer.view, company.now().world
    types = [one for one in TYPES if blank.usable(view, one.code)]
    asked = call.query.get("type")
    kind = next((one for one in types if one.code == asked), None)
    matter = matters.MATTERS.get(asked or "") if may_administer(view) else None
    tree = world.tree.nodes
    positions = Position.objects.filter(pk__in=world.position_codes.values()).values_list("code", "name", "name_en")
    return Answer(
        {
            "types": [{"code": one.code, "name": one.words.json()} for one in (*types, *((matter,) if matter is not None else ()))],
            "fields": _fields(call.viewer, kind) if kind is not None else [],
            "verbs": _verbs(kind) if kind is not None else _steps(matter) if matter is not None else [],
            "positions": [{"code": code, "name": Words(zh, en or zh).json()} for code, zh, en in positions.order_by("name")],
            "roles": [{"code": code, "name": one.words.json()} for code, one in sorted(world.roles.items())],
            "departments": [
                {"code": one.code, "name": Words(one.name, one.name_en or one.name).json(),
                 "parent": tree[one.parent].code if one.parent is not None and one.parent in tree else None}
                for one in tree.values()
            ],
            "rules": [
                {"code": code, "name": one.words.json(), "takes": {name: list(may) for name, may in one.takes.items()}, "wants": list(one.wants)}
                for code, one in RULES.items() if matter is not None or code != MATTER_RULE
            ],
            "administers": may_administer(view),
        }
    )  # fmt: skip


def _fields(viewer: Viewer, kind: ObjectType) -> list[dict[str, Any]]:
    """The fields that the viewer may know of; for who looks after processes all."""
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    every = may_administer(viewer.view)
    return [
        {
            **field_meta(one), "person": isinstance(one, f.PersonRef),
            "writable": not (one.readonly or one.flow),
        }
        for code, one in kind.fields.items()
        if every or (rights is not None and rights.best_level(code) > 0)
    ]  # fmt: skip


def _verbs(kind: ObjectType) -> list[dict[str, Any]]:
    return [
        {
            "code": one.code, "name": one.words.json(), "right": one.right,
            "params": [{"code": name, "name": p.words.json(), "required": p.required} for name, p in one.params.items()],
        }
        for one in VERBS if one.type == kind.code
    ]  # fmt: skip


MATTER_RULE = "matter"
"""Offered where a process is about a matter alone."""


def _steps(matter: matters.Matter) -> list[dict[str, Any]]:
    return [{"code": code, "name": words.json(), "right": "", "params": []} for code, words in matter.steps.items()]


_TEXT: shape.Schema = {"type": "string"}
_WORD = ref(WORDS)
_NUMBER = {"type": ["integer", "null"]}
_HEAD: dict[str, shape.Schema] = {
    "id": _TEXT, "code": _TEXT, "name": _WORD, "type": _TEXT, "type_name": shape.nullable(_WORD),
    "state": {"type": "string", "enum": [state for state, _ in Draft.STATES]}, "revision": {"type": "integer"}, "base": _NUMBER,
    "made_by": shape.nullable(ref(PERSON)), "changed_by": shape.nullable(ref(PERSON)), "made_at": shape.MOMENT, "changed_at": shape.MOMENT,
    "version": _NUMBER, "version_state": {"type": ["string", "null"], "enum": [Version.WAITING, Version.PUBLISHED, Version.REFUSED, None]},
}  # fmt: skip
_NOTED = shape.array(shape.record({"place": _TEXT, "code": _TEXT, "message": _WORD}))
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
    "FlowCheck": shape.record(
        {
            "process": _TEXT, "name": _TEXT, "publishable": {"type": "boolean"}, "waits": {"type": "boolean"},
            "elements": shape.array({"type": "object"}), "problems": _NOTED,
            "concerns": shape.array(shape.record({
                "place": _TEXT, "code": _TEXT, "message": _WORD, "level": {"type": "string", "enum": ["warning", "note"]},
            })),
        }
    ),
    "FlowChanges": shape.record(
        {
            "against": _NUMBER,
            "items": shape.array(shape.record({
                "what": {"type": "string", "enum": ["process", "node", "line"]},
                "how": {"type": "string", "enum": ["added", "removed", "changed"]},
                "place": _TEXT, "name": _WORD, "kind": _TEXT,
                "aspects": shape.array(shape.record({"name": _WORD, "before": _WORD, "after": _WORD})),
            })),
        }
    ),
    "FlowTrial": shape.record(
        {
            "ended": shape.nullable(_TEXT), "at": _TEXT,
            "nodes": shape.array(shape.record({"id": _TEXT, "standing": _TEXT})),
            "work": shape.array(shape.record({
                "node": _TEXT, "person": shape.nullable(ref(PERSON)), "waiting": {"type": "boolean"}, "targets": shape.array(_TEXT),
                "moves": shape.array(_TEXT), "verb": shape.nullable(_WORD),
                "stands_in": {**shape.nullable(_WORD), "description": "Why somebody stands in here for whose turn a matter says; null: nobody does"},
                "fields": shape.array(shape.record({
                    "code": _TEXT, "name": _WORD, "level": {"type": "string", "enum": ["hidden", "masked", "read"]},
                    "edit": {"type": "boolean"}, "require": {"type": "boolean"}, "known": {"type": "boolean"}, "value": {},
                })),
            })),
            "log": shape.array(shape.record({"what": _TEXT, "node": shape.nullable(_TEXT), "people": shape.array(ref(PERSON)), "outcome": _TEXT})),
            "missing": shape.array(_TEXT),
            "stopped": shape.nullable(shape.record({"move": {"type": "integer"}, "message": _WORD})),
        }
    ),
}  # fmt: skip
_ID = {"id": shape.NUMBER_ID}
_CODE = {"code": CODE}
_DRAFT = {200: ref("FlowDraft")}
_ERRORS = (403, 404, 409)
_SAID = shape.record({"text": shape.text(drafts.MOST_TEXT)}, ())
_PEOPLE = shape.record({"people": shape.array(shape.NUMBER_ID, drafts.MOST_AUTHORS)})
_MOVE = {"type": "object", "maxProperties": 6}


def _step_route(
    method: str, path: str, handle: Any, id_: str, summary: str, body: Any, *, required: bool = True
) -> Route:
    return Route(method, f"/flows/drafts/{{id}}{path}", handle, id_, summary, TAG, path_schemas=_ID, if_match=True, body=body,
                 body_required=required, answers=_DRAFT, errors=_ERRORS)  # fmt: skip


ROUTES = (
    Route("GET", "/flows/kit", kit, "getProcessKit", "What a definition may name", TAG,
          params=(Param("type", CODE, "With the fields and acts of these records"),),
          answers={200: shape.record({
              "types": shape.array({"type": "object"}), "fields": shape.array({"type": "object"}), "verbs": shape.array({"type": "object"}),
              "positions": shape.array({"type": "object"}), "roles": shape.array({"type": "object"}),
              "departments": shape.array({"type": "object"}), "rules": shape.array({"type": "object"}), "administers": {"type": "boolean"},
          })}, errors=(404,)),
    Route("GET", "/flows/drafts", listed, "listProcessDrafts", "Drafts of processes", TAG,
          params=(Param("state", {"type": "string", "enum": [state for state, _ in Draft.STATES]}, "As they stand: open where not said"),),
          answers={200: items(ref("FlowDraftHead"))}, errors=(404,)),
    Route("POST", "/flows/drafts", create, "createProcessDraft", "Begin a draft of a process", TAG, keyed=True,
          body=shape.record({"name": shape.text(200), "name_en": shape.text(200), "type": CODE, "process": CODE, "source": SOURCE,
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
    Route("POST", "/flows/check", check, "checkProcess", "What keeps a BPMN file from being published", TAG, body=shape.record({"source": SOURCE}),
          answers={200: ref("FlowCheck")}, errors=(404,)),
    Route("POST", "/flows/compare", compared, "compareProcess", "What a file changes from a version of its process", TAG,
          body=shape.record({"source": SOURCE, "against": {"type": "integer"}}, ("source",)), answers={200: ref("FlowChanges")}, errors=(404,)),
    Route("GET", "/flows/processes/{code}/versions/{number}/changes", changes, "listProcessChanges", "What a version changed", TAG,
          path_schemas={**_CODE, "number": NUMBER}, params=(Param("against", NUMBER, "From this version: the one before where not said"),),
          answers={200: ref("FlowChanges")}, errors=(404,)),
    Route("POST", "/flows/trial", tried, "tryProcess", "Step through a file as the people concerned, writing nothing", TAG,
          body=shape.record({
              "source": SOURCE, "initiator": shape.NUMBER_ID, "record": shape.ID, "values": {"type": "object", "maxProperties": 200},
              "chosen": {"type": "object", "maxProperties": 50, "additionalProperties": shape.array(shape.NUMBER_ID, 50)},
              "case": {**shape.NUMBER_ID, "description": "Of a process about a matter: a case that I follow, with whose matter it is tried"},
              "moves": shape.array(_MOVE, tryout.MOST_MOVES),
          }, ("source", "initiator")), answers={200: ref("FlowTrial")}, errors=(404,)),
)  # fmt: skip
