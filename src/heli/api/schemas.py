"""Exact schemas of one object type, from its declaration: row, page, record, and what create and change accept."""

from __future__ import annotations

from heli.api import shape
from heli.api.common import WORDS, ref
from heli.api.shape import Schema
from heli.records import fields as f
from heli.records.types import ObjectType

LEVELS = ("masked", "masked_read", "masked_edit", "read", "edit", "broken", "only_masked", "only_read", "only_edit")
"""``only_``: the level without a value, in a session's mode."""


def name_of(kind: ObjectType) -> str:
    """``Opportunity`` for ``opportunity``."""
    return "".join(part.capitalize() for part in kind.code.split("_"))


def value(field: f.Field) -> Schema:
    """What a cell may hold: its value, or its mask."""
    own, masked = field.schema(), field.masked_schema()
    return own if own == masked else {"anyOf": [own, masked]}


def accepted(kind: ObjectType, *, creating: bool) -> Schema:
    """The body of create or change; the write door checks it, and says more than a schema can."""
    fields = {code: one for code, one in kind.fields.items() if not one.readonly and (creating or not one.flow)}
    required = tuple(c for c, one in fields.items() if creating and one.required and one.default is None)
    found = shape.record({code: one.input_schema() for code, one in fields.items()}, required)
    return found if creating else {**found, "minProperties": 1}


def of(kind: ObjectType) -> dict[str, Schema]:
    """All schemas of one type by name."""
    name = name_of(kind)
    values = {code: value(one) for code, one in kind.fields.items()}
    access: Schema = {
        "type": "object",
        "properties": {code: {"type": "string", "enum": list(LEVELS)} for code in kind.fields},
        "additionalProperties": False,
    }
    row = shape.record({"id": shape.ID, **values, "_a": {"type": "integer", "minimum": 0}}, required=("id", "_a"))
    return {
        f"{name}Values": shape.record(values, required=()),
        f"{name}Access": access,
        f"{name}Row": row,
        f"{name}Page": shape.record(
            {
                "items": shape.array(ref(f"{name}Row")),
                "access": shape.array(ref(f"{name}Access")),
                "next": {"type": ["string", "null"]},
                "kept": {
                    "type": "object",
                    "additionalProperties": {"type": "object", "additionalProperties": ref(WORDS)},
                    "description": "Cells that a running case keeps from who could edit them, by record and field, and why",
                },
            }
        ),
        name: shape.record(
            {
                "id": shape.ID,
                "type": {"const": kind.code},
                "title": {"type": "string"},
                "values": ref(f"{name}Values"),
                "access": ref(f"{name}Access"),
                "kept": {"type": "object", "additionalProperties": ref("Kept")},
                "actions": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "refusals": {"type": "object", "additionalProperties": ref("Refusal")},
                "etag": {"type": "string"},
            }
        ),
        f"New{name}": accepted(kind, creating=True),
        f"{name}Changes": accepted(kind, creating=False),
    }


SHARED = {
    "Refusal": shape.record({"code": {"type": "string"}, "words": ref(WORDS)}),
    "Kept": {
        **shape.record({"words": ref(WORDS), "process": {"type": "string"}, "case": {"type": ["string", "null"]}}),
        "description": "Why a field that I might edit is not edited by hand now: a case holds it, or a process changes it",
    },
}
