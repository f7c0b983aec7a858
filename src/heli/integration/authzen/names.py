"""What a program calls types, properties and actions, and what that is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from heli.access.core.line import TypeShape
from heli.access.shapes import DECIDE, SHAPES
from heli.audit import log
from heli.audit.log import EntryData
from heli.integration.models import AuthzenName
from heli.kernel.actor import Actor
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records.types import TYPES

MOST = 200
PREFIX = "can_"
"""Programs like to call reading ``can_read``."""

NO_TYPE = Words("没有这个对象", "no such object type")
NO_FIELD = Words("没有这个字段", "no such field")
NO_ACTION = Words("没有这个操作", "no such action")
TWICE = Words("同一个名称出现了两次", "the same name is given twice")


@dataclass(frozen=True, slots=True)
class Named:
    """A type as a program calls it."""

    outside: str
    shape: TypeShape
    elsewhere: bool = False
    properties: Mapping[str, str] = field(default_factory=dict)
    actions: Mapping[str, str] = field(default_factory=dict)

    def action(self, name: str) -> str | None:
        """Our action of this name; None for none, and for the right to ask itself."""
        found = self.actions.get(name)
        if found is None:
            found = name if name in self.shape.actions else name.removeprefix(PREFIX)
        return found if found in self.shape.actions and found != DECIDE else None

    def said(self, action: str) -> str:
        """The program's name of our action."""
        return next((name for name, ours in self.actions.items() if ours == action), action)


def find(outside: str) -> Named | None:
    """The type that a program means: as it has been named for it, else by our own code."""
    row = AuthzenName.objects.filter(outside=outside).first()
    if row is not None:
        shape = SHAPES.get(row.type)
        return Named(outside, shape, row.elsewhere, row.properties, row.actions) if shape is not None else None
    shape = SHAPES.get(outside)
    return Named(outside, shape) if shape is not None and outside != "*" else None


def listed() -> list[dict[str, Any]]:
    """Every name, as ``put`` takes them."""
    return [
        {"name": one.outside, "type": one.type, "elsewhere": one.elsewhere, "properties": one.properties,
         "actions": one.actions}
        for one in AuthzenName.objects.order_by("outside")
    ]  # fmt: skip


def put(by: Actor, names: Sequence[Mapping[str, Any]]) -> None:
    """Have exactly these names. Raises Invalid naming each wrong place."""
    problems: list[Problem] = []
    for at, one in enumerate(names):
        problems += _wrong(one, f"names/{at}")
        if any(other["name"] == one["name"] for other in names[:at]):
            problems.append(Problem(f"names/{at}/name", "twice", TWICE))
    if problems:
        raise Invalid(problems)
    with log.transaction():
        before = listed()
        AuthzenName.objects.all().delete()
        for one in names:
            AuthzenName.objects.create(
                outside=one["name"], type=one["type"], elsewhere=one.get("elsewhere", False),
                properties=dict(one.get("properties", {})), actions=dict(one.get("actions", {})),
            )  # fmt: skip
        log.append(
            EntryData(
                action="authzen.names", object_type="policy", actor_id=by.person, actor_name=by.name, origin=by.origin,
                before={"names": before}, after={"names": listed()},
            )
        )  # fmt: skip


def _wrong(one: Mapping[str, Any], place: str) -> list[Problem]:
    shape = SHAPES.get(one["type"])
    if shape is None or one["type"] == "*":
        return [Problem(f"{place}/type", "unknown", NO_TYPE)]
    found = [
        Problem(f"{place}/actions/{name}", "unknown", NO_ACTION)
        for name, ours in one.get("actions", {}).items()
        if ours not in shape.actions or ours == DECIDE
    ]
    fields = TYPES[shape.code].fields if shape.code in TYPES else {}
    found += [
        Problem(f"{place}/properties/{name}", "unknown", NO_FIELD)
        for name, ours in one.get("properties", {}).items()
        if ours not in fields
    ]
    if one.get("elsewhere") and shape.code not in TYPES and shape.fields:
        found.append(Problem(f"{place}/elsewhere", "type", NO_TYPE))
    return found
