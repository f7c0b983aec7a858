"""A file of a process looked at: what keeps it from being published, what it changes, and what a definition may name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from heli.access.viewer import Viewer
from heli.api import flow_giving, shape
from heli.api.common import WORDS, ref
from heli.api.flow_drafts import designs
from heli.api.flow_said import event_words
from heli.api.flow_words import lexicon
from heli.api.flows import CODE, NUMBER, SOURCE, known_process
from heli.api.meta import field_meta
from heli.api.organisation import knows_people
from heli.api.route import Answer, Call, Param, Route
from heli.flows import blank, definitions, matters
from heli.flows.concerns import concerns
from heli.flows.core import bpmn
from heli.flows.core.compare import Difference, compare
from heli.flows.core.definition import Definition
from heli.flows.core.people import RULES
from heli.flows.finding import may_administer
from heli.flows.models import Process, Version
from heli.insight import company
from heli.kernel.errors import Invalid, NotFound
from heli.kernel.words import Words
from heli.org.models import Position
from heli.records import fields as f
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import VERBS

TAG = "processes"


def check(call: Call) -> Answer:
    """What a file says: element by element, what keeps it from being published, and what whoever draws it should know."""
    designs(call)
    found = definitions.check(call.body["source"].encode())
    definition = found.document.definition
    names = lexicon(call.viewer, people=knows_people(call.viewer))
    known = concerns(definition, company.now(), names) if definition is not None and not found.problems else []
    view = call.viewer.view
    waits = definition is not None and view is not None and not found.problems and definitions.exceeds(view, definition)
    return Answer(
        {
            "process": found.document.process, "name": found.document.name, "publishable": not found.problems, "waits": waits,
            "elements": [one.json() for one in found.document.elements],
            "problems": [{"place": one.place, "code": one.code, "message": one.words.json()} for one in found.problems],
            "concerns": [one.json() for one in known],
            "people": _named(definition) if definition is not None and knows_people(call.viewer) else [],
        }
    )  # fmt: skip


def _named(definition: Definition) -> list[dict[str, Any]]:
    """People whom its rules name, by what they are called: a file has their user names."""
    wanted = {
        one.given.get("person", "") for node in definition.nodes if node.task is not None for one in node.task.rules
    }
    known = [one for one in company.now().world.people.values() if one.username in wanted]
    return [{"code": one.username, "name": Words(one.name, one.name).json()} for one in known]


def changes(call: Call) -> Answer:
    """What a version changed from another, or from the one before it."""
    process = known_process(call)
    number = int(call.path["number"])
    before = int(call.query["against"]) if "against" in call.query else number - 1
    new, old = _version(process, number), Version.objects.filter(process=process, number=before).first()
    return Answer(_compared(call, old, _definition(bytes(new.source)), before if old is not None else None))


def compared(call: Call) -> Answer:
    """What a file changes from a version of its process: the current one where none is named."""
    designs(call)
    definition = _definition(call.body["source"].encode())
    process = Process.objects.select_related("current").filter(code=definition.id).first()
    number = call.body.get("against")
    if number is not None:
        if process is None:
            raise NotFound
        old: Version | None = _version(process, number)
    else:
        old = process.current if process is not None else None
    return Answer(_compared(call, old, definition, old.number if old is not None else None))


def gives(call: Call) -> Answer:
    """What a file would give, and to whom, beside what its process gives now: for who draws it, as far as they may know."""
    designs(call)
    source = call.body["source"].encode()
    found = definitions.check(source)
    definition = found.document.definition
    if definition is None or found.problems:
        raise Invalid(list(found.problems), definitions.NOT_SOUND)
    process = Process.objects.select_related("current").filter(code=definition.id).first()
    current = process.current if process is not None else None
    items = flow_giving.drawn(call.viewer, definition, call.body["source"], current)
    return Answer({"against": current.number if current is not None else None, "items": items})


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


def _compared(call: Call, old: Version | None, new: Definition, against: int | None) -> dict[str, Any]:
    found: list[Difference] = []
    if old is not None:
        before = bpmn.read(bytes(old.source)).definition
        found = (
            compare(before, new, lexicon(call.viewer, people=knows_people(call.viewer))) if before is not None else []
        )
    return {"against": against, "items": [one.json() for one in found]}


# -- what there is to draw with ----------------------------------------------------------------------------------------


def kit(call: Call) -> Answer:
    """What a definition may name: types of records, the fields and acts of one, positions, roles, departments."""
    designs(call)
    view, world = call.viewer.view, company.now().world
    types = [one for one in TYPES if blank.usable(view, one.code)]
    asked = call.query.get("type")
    kind = next((one for one in types if one.code == asked), None)
    matter = matters.MATTERS.get(asked or "") if may_administer(view) else None
    tree = world.tree.nodes
    fields = _fields(call.viewer, kind) if kind is not None else []
    positions = Position.objects.filter(pk__in=world.position_codes.values()).values_list("code", "name", "name_en")
    return Answer(
        {
            "types": [{"code": one.code, "name": one.words.json()} for one in (*types, *((matter,) if matter is not None else ()))],
            "fields": fields, **_usual(kind, fields),
            "verbs": _verbs(kind) if kind is not None else _steps(matter) if matter is not None else [],
            "hears": _hears(call.viewer, types, kind) if kind is not None else [],
            "begins": [_event(kind, "create")] if kind is not None else [],
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
            "writable": not (one.readonly or one.flow), "reads": blank.reads(viewer.view, kind, code),
        }
        for code, one in kind.fields.items()
        if every or (rights is not None and rights.best_level(code) > 0)
    ]  # fmt: skip


def _hears(viewer: Viewer, types: Sequence[ObjectType], kind: ObjectType) -> list[dict[str, Any]]:
    """What happens with such records, or with others that name them, and could be waited for: as far as the viewer may know of them."""
    found = [_event(kind, done) for done in ("edit", *_own(kind))]
    for other in types:
        links = [
            one
            for one in _fields(viewer, other)
            if isinstance(link := other.fields[one["code"]], f.Link) and link.target == kind.code
        ]
        found += [
            {**_event(other, done), "by": one["code"], "through": one["name"] if len(links) > 1 else None}
            for one in links for done in ("create", "edit", *_own(other))
        ]  # fmt: skip
    return found


def _own(kind: ObjectType) -> list[str]:
    return [one.code for one in VERBS if one.type == kind.code]


def _event(kind: ObjectType, done: str) -> dict[str, Any]:
    words = event_words(name := f"{kind.code}.{done}")
    return {
        "event": name,
        "name": words.json() if words is not None else {"zh": name, "en": name},
        "by": "",
        "through": None,
    }


def _usual(kind: ObjectType | None, fields: list[dict[str, Any]]) -> dict[str, list[str]]:
    """What records lead with, of the fields that the viewer may know of."""
    known = {one["code"] for one in fields}
    return {
        "leading": [code for code in blank.leading(kind) if code in known] if kind is not None else [],
        "withheld": [code for code in blank.withheld(kind) if code in known] if kind is not None else [],
    }


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
    dated = matter.due is not None  # the matter says when its steps are due
    return [
        {"code": code, "name": words.json(), "right": "", "params": [], "dated": dated}
        for code, words in matter.steps.items()
    ]


_TEXT: shape.Schema = {"type": "string"}
_WORD = ref(WORDS)
_NOTED = shape.array(shape.record({"place": _TEXT, "code": _TEXT, "message": _WORD}))
SCHEMAS = {
    "FlowCheck": shape.record(
        {
            "process": _TEXT, "name": _TEXT, "publishable": {"type": "boolean"}, "waits": {"type": "boolean"},
            "elements": shape.array({"type": "object"}), "problems": _NOTED,
            "concerns": shape.array(shape.record({
                "place": _TEXT, "code": _TEXT, "message": _WORD, "level": {"type": "string", "enum": ["warning", "note"]},
            })),
            "people": {**shape.array(shape.record({"code": _TEXT, "name": _WORD})), "description": "Those whom its rules name"},
        }
    ),
    "FlowGives": shape.record(
        {
            "against": {"type": ["integer", "null"], "description": "The version in use; null: there is none yet"},
            "items": shape.array(ref("FlowGift")),
        }
    ),
    "FlowChanges": shape.record(
        {
            "against": {"type": ["integer", "null"]},
            "items": shape.array(shape.record({
                "what": {"type": "string", "enum": ["process", "node", "line"]},
                "how": {"type": "string", "enum": ["added", "removed", "changed"]},
                "place": _TEXT, "name": _WORD, "kind": _TEXT,
                "aspects": shape.array(shape.record({"code": _TEXT, "name": _WORD, "before": _WORD, "after": _WORD})),
            })),
        }
    ),
}  # fmt: skip
_HEARS = shape.record({"event": _TEXT, "name": _WORD, "by": _TEXT, "through": shape.nullable(_WORD)})
ROUTES = (
    Route("GET", "/flows/kit", kit, "getProcessKit", "What a definition may name", TAG,
          params=(Param("type", CODE, "With the fields and acts of these records"),),
          answers={200: shape.record({
              "types": shape.array({"type": "object"}), "fields": shape.array({"type": "object"}), "verbs": shape.array({"type": "object"}),
              "hears": {**shape.array(_HEARS),
                        "description": "What happens with such records, or with those that name one (by), and can be waited for"},
              "begins": {**shape.array(_HEARS), "description": "What can begin a case about such a record, beside those"},
              "leading": {**shape.array(_TEXT), "description": "Fields that such records lead with, but for sensitive ones: what a new step shows"},
              "withheld": {**shape.array(_TEXT), "description": "The sensitive ones among them: a step shows them where somebody says so"},
              "positions": shape.array({"type": "object"}), "roles": shape.array({"type": "object"}),
              "departments": shape.array({"type": "object"}), "rules": shape.array({"type": "object"}), "administers": {"type": "boolean"},
          })}, errors=(404,)),
    Route("POST", "/flows/check", check, "checkProcess", "What keeps a BPMN file from being published", TAG, body=shape.record({"source": SOURCE}),
          answers={200: ref("FlowCheck")}, errors=(404,)),
    Route("POST", "/flows/compare", compared, "compareProcess", "What a file changes from a version of its process", TAG,
          body=shape.record({"source": SOURCE, "against": {"type": "integer"}}, ("source",)), answers={200: ref("FlowChanges")}, errors=(404,)),
    Route("POST", "/flows/gives", gives, "tellProcessGives", "What a file would give, and to whom", TAG,
          body=shape.record({"source": SOURCE}), answers={200: ref("FlowGives")}, errors=(404,)),
    Route("GET", "/flows/processes/{code}/versions/{number}/changes", changes, "listProcessChanges", "What a version changed", TAG,
          path_schemas={"code": CODE, "number": NUMBER}, params=(Param("against", NUMBER, "From this version: the one before where not said"),),
          answers={200: ref("FlowChanges")}, errors=(404,)),
)  # fmt: skip
