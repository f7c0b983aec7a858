"""What may be named to this viewer: the types they can ever read, with the fields they can ever read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from heli.access.core.decide import TypeRights
from heli.access.core.line import Level
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import WORDS, ref
from heli.api.route import Answer, Route
from heli.api.shape import Schema
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.said import CLASSES, LEVELS
from heli.records.types import TYPES, ObjectType

GROUPS = {
    "basic": Words("基本信息", "Basics"),
    "contact": Words("联系方式", "Contact"),
    "company": Words("企业信息", "Company"),
    "money": Words("金额", "Amounts"),
    "links": Words("关联", "Links"),
    "dates": Words("时间", "Dates"),
    "progress": Words("进展", "Progress"),
    "finance": Words("财务", "Finance"),
    "lines": Words("明细", "Lines"),
    "other": Words("其他", "Other"),
    "system": Words("系统信息", "System"),
}


def groups() -> dict[str, Words]:
    """Sections of the record page by code; the crm layer may name its own."""
    try:
        from heli.crm.objects.groups import GROUPS as NAMED
    except ImportError:
        return GROUPS
    return {**GROUPS, **NAMED}


def level_of(rights: TypeRights, field: f.Field) -> str | None:
    """How a field looks to this viewer over all rows: ``always``, ``sometimes``, ``masked``; None for never."""
    best = rights.best_level(field.code)
    if best == Level.HIDDEN:
        return None
    if best == Level.MASKED:
        return "masked"
    given = {h.line.level(field.code, field.data_class) for h in rights.read}
    for ceiling in rights.bounds("read"):
        given |= {h.line.level(field.code, field.data_class) for h in ceiling.covering("read")}
    return "always" if given == {Level.READ} else "sometimes"


def field_meta(field: f.Field, level: str | None = None) -> dict[str, Any]:
    """A field for the page."""
    said: dict[str, Any] = {
        "code": field.code,
        "kind": field.kind,
        "name": field.words.json(),
        "data_class": field.data_class,
        "required": field.required,
        "readonly": field.readonly,
        "flow": field.flow,
        "group": field.group,
        "operators": list(field.operators),
        "sortable": field.sortable,
        "summable": field.summable,
        **field.meta(),
    }
    if field.help is not None:
        said["help"] = field.help.json()
    if field.default is not None:
        said["default"] = field.default
    if level is not None:
        said["level"] = level
    if level == "masked":  # what is never read in full can neither be sorted, summed nor compared
        said |= {"sortable": False, "operators": []}
        if "summable" in said:
            said["summable"] = False
    return said


def writable(rights: TypeRights | None, kind: ObjectType, action: str) -> list[str]:
    """Fields that some row could let this viewer write."""
    if rights is None:
        return []
    lines = rights.held(action)
    return [
        code
        for code, field in kind.fields.items()
        if not field.readonly and not (field.flow and action == "edit") and any(h.line.may_write(code) for h in lines)
    ]


def type_meta(viewer: Viewer, kind: ObjectType) -> dict[str, Any] | None:
    """One type for the page, or None when this viewer can never read any of it."""
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights is None or not rights.ever("read"):
        return None
    levels = {code: level_of(rights, field) for code, field in kind.fields.items()}
    seen = {code for code, level in levels.items() if level is not None}
    fields = [field_meta(field, levels[code]) for code, field in kind.fields.items() if code in seen]
    used = dict.fromkeys(field["group"] for field in fields)
    named = groups()
    return {
        "code": kind.code,
        "name": kind.words.json(),
        "plural": kind.plural.json(),
        "icon": kind.icon,
        "parent": kind.parent,
        "title": kind.title,
        "key": kind.key if kind.key in seen else None,
        "kanban": kind.kanban if kind.kanban in seen else None,
        "columns": [code for code in kind.columns if code in seen],
        "summary": [code for code in kind.summary if code in seen],
        "sorts": [code for code in kind.sort_fields if code in seen],
        "groups": [{"code": code, "name": named.get(code, Words(code, code)).json()} for code in used],
        "fields": fields,
        "verbs": verbs_meta(viewer, kind),
        "can": {
            "create": rights.ever("create"),
            "restore": rights.ever("delete"),
            "export": rights.ever("export"),
            "writable": writable(rights, kind, "create"),
        },
    }


def verbs_meta(viewer: Viewer, kind: ObjectType) -> list[dict[str, Any]]:
    """The verbs that this viewer may use on some record."""
    from heli.api import verbs
    from heli.api.record import verbs_known

    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    return [verbs.meta(one) for one in verbs_known(kind) if rights is not None and rights.ever(one.right)]


def payload(viewer: Viewer) -> dict[str, Any]:
    """What GET /meta answers; made once per compiled view."""
    view = viewer.view.held if viewer.view is not None else None  # names are no values: in a mode they are its person's
    if view is None:
        return {"types": [], "levels": [], "classes": []}
    found = view.shared.get("meta")
    if not isinstance(found, dict):
        found = view.shared["meta"] = {
            "types": [said for kind in TYPES if (said := type_meta(replace(viewer, view=view), kind)) is not None],
            "levels": [{"code": code, "name": words.json()} for code, words in LEVELS.items()],
            "classes": [{"code": code, "name": words.json()} for code, words in CLASSES.items()],
        }
    return found


_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
FIELD: Schema = {
    "type": "object",
    "properties": {
        "code": _TEXT, "kind": _TEXT, "name": ref(WORDS), "help": ref(WORDS), "data_class": _TEXT,
        "required": _FLAG, "readonly": _FLAG, "flow": _FLAG, "group": _TEXT, "sortable": _FLAG, "summable": _FLAG,
        "operators": shape.array(_TEXT), "level": {"type": "string", "enum": ["always", "sometimes", "masked"]},
    },
    "required": ["code", "kind", "name", "operators"],
}  # fmt: skip
VERB: Schema = shape.record({"code": _TEXT, "name": ref(WORDS), "params": shape.array(ref("Field")), "danger": _FLAG})
TYPE: Schema = shape.record(
    {
        "code": _TEXT, "name": ref(WORDS), "plural": ref(WORDS), "icon": _TEXT,
        "parent": {"type": ["string", "null"]}, "title": _TEXT, "key": {"type": ["string", "null"]},
        "kanban": {"type": ["string", "null"]}, "columns": shape.array(_TEXT), "summary": shape.array(_TEXT),
        "sorts": shape.array(_TEXT), "groups": shape.array(shape.record({"code": _TEXT, "name": ref(WORDS)})),
        "fields": shape.array(ref("Field")), "verbs": shape.array(ref("Verb")),
        "can": shape.record({"create": _FLAG, "restore": _FLAG, "export": _FLAG, "writable": shape.array(_TEXT)}),
    }
)  # fmt: skip
_NAMED_CODE = shape.array(shape.record({"code": _TEXT, "name": ref(WORDS)}))
SCHEMAS = {
    "Field": FIELD,
    "Verb": VERB,
    "Type": TYPE,
    "Meta": shape.record({"types": shape.array(ref("Type")), "levels": _NAMED_CODE, "classes": _NAMED_CODE}),
}
ROUTES = (
    Route("GET", "/meta", lambda call: Answer(payload(call.viewer)), "getMeta", "Types and fields that I may know of", "me",
          answers={200: ref("Meta")}),
)  # fmt: skip
