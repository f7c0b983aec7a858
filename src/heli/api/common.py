"""Schemas and small answers that several areas share."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from heli.api import shape
from heli.api.shape import Schema

WORDS = "Words"
PERSON = "Person"
NAMED = "Named"
PROBLEM = "Problem"


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def components() -> dict[str, Schema]:
    """The shared schemas by name."""
    words = shape.record({"zh": {"type": "string"}, "en": {"type": "string"}})
    return {
        WORDS: words,
        PERSON: shape.record({"id": {"type": "string"}, "username": {"type": "string"}, "name": {"type": "string"}}),
        NAMED: shape.record(
            {"id": {"type": "string"}, "name": {"type": "string"}, "name_en": {"type": "string"}},
            required=("id", "name"),
        ),
        PROBLEM: {
            "type": "object",
            "description": "RFC 9457 problem details; `message` in both languages, `problems` name each place, "
            "`why` carries the explanation of a refusal.",
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "code": {"type": "string"},
                "message": ref(WORDS),
                "problems": shape.array(
                    shape.record({"place": {"type": "string"}, "code": {"type": "string"}, "message": ref(WORDS)})
                ),
                "why": {"type": "object"},
            },
            "required": ["type", "title", "status", "code", "message"],
            "additionalProperties": False,
        },
    }


def items(of: Schema, *, paged: bool = False) -> Schema:
    """``{"items": [...]}``, with ``next`` when there may be more."""
    properties = {"items": shape.array(of)}
    if paged:
        properties["next"] = {"type": ["string", "null"]}
    return shape.record(properties)


def named(pk: int, name: str, name_en: str) -> dict[str, str]:
    """A department or position by its id and its names, of which the page shows the one in its language."""
    return {"id": str(pk), "name": name, "name_en": name_en}


def moment(at: datetime | None) -> str | None:
    """RFC 3339 in UTC, to the second, as every moment in the API."""
    if at is None:
        return None
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def person(row: tuple[int, str, str]) -> dict[str, Any]:
    """A person from (id, user name, display name)."""
    return {"id": str(row[0]), "username": row[1], "name": row[2]}


def people(ids: Iterable[int | None]) -> dict[int, dict[str, Any]]:
    """Persons by id, one query."""
    from heli.org.tree import names_of

    wanted = {one for one in ids if one is not None}
    found = names_of(wanted) if wanted else {}
    return {pk: person((pk, username, name)) for pk, (username, name) in found.items()}
