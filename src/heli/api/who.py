"""Who else can see a record. Through what, only as far as the asker may know it: else "another reason"."""

from __future__ import annotations

from typing import Any

from heli.access import view as views
from heli.access.core.line import Held
from heli.access.scopes import SCOPES, split
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import PERSON, WORDS, people, ref
from heli.kernel.words import Words
from heli.org.models import Person
from heli.records import reach, related, store
from heli.records.sight import row_facts
from heli.records.types import ObjectType

MOST_ASKED = 400
"""People whose rights are looked at, nearest to the record first; beyond them only ``others`` tells."""
OWNER = Words("负责人", "its owner")
HELPER = Words("团队成员", "in its team")
ANOTHER = Words("另有原因", "another reason")

SCHEMAS = {
    "Who": shape.record(
        {"people": shape.array(shape.record({"person": ref(PERSON), "via": ref(WORDS)})), "others": {"type": "boolean"}}
    )
}


def others(viewer: Viewer, kind: ObjectType, record: str) -> dict[str, Any]:
    """Everyone else who sees this record now. Raises NotFound when the asker does not."""
    seen = store.query(viewer, kind.code).one(record)
    helpers = {one["person"] for one in related.team_of(kind, record)}
    here = Person.objects.exclude(status=Person.LEFT).exclude(pk=viewer.person or 0).order_by("pk")
    rows = list(here.values_list("pk", flat=True)[: MOST_ASKED + 1])
    asked = _nearest(rows, {seen.row.get("owner_id"), *helpers})[:MOST_ASKED]
    mine = _roles(viewer)
    found: list[tuple[int, Words]] = []
    for one in asked:
        held = _reads(one, kind, seen.row)
        if held:
            found.append((one, _via(one, held, seen.access, seen.row, helpers, mine)))
    names = people(one for one, _ in found)
    shown = [{"person": names[one], "via": words.json()} for one, words in found if one in names]
    return {"people": shown, "others": len(rows) > MOST_ASKED}


def _nearest(rows: list[int], first: set[Any]) -> list[int]:
    return sorted(rows, key=lambda one: (one not in first, one))


def _roles(viewer: Viewer) -> set[str] | None:
    """Roles whose holders the viewer may know: their own; every one (None) for who reads the rules."""
    if viewer.view is None or viewer.view.may("policy", "read"):
        return None
    return {s.role for s in viewer.view.sources if s.role}


def _reads(person: int, kind: ObjectType, row: dict[str, Any]) -> tuple[Held, ...]:
    rights = views.of(person).type(kind.code)
    if rights is None:
        return ()
    account = row.get("account_id") if kind.parent == "account" else None
    facts = row_facts(row, reach.of_row(person, rights, str(row["id"]), account))
    found = rights.decide("read", facts)
    return found.because if found.allowed else ()


def _via(
    person: int,
    held: tuple[Held, ...],
    access: dict[str, str],
    row: dict[str, Any],
    helpers: set[int],
    mine: set[str] | None,
) -> Words:
    if row.get("owner_id") == person and "owner" in access:
        return OWNER
    if person in helpers:
        return HELPER
    for one in held:
        if mine is None or one.source.role in mine:
            scope = SCOPES.get(split(one.line.scopes[0])[0])
            end = scope.words if scope is not None else Words("", "")
            return Words("{role}·{scope}", "{role}, {scope}").fill(role=one.source.role_words, scope=end)
    return ANOTHER
