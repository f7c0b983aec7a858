"""Who else can see a record. Through what, only as far as the asker may know it: else "another reason"."""

from __future__ import annotations

from itertools import batched
from typing import Any

from heli.access.scopes import SCOPES, split
from heli.access.viewer import Viewer
from heli.api import shape
from heli.api.common import PERSON, WORDS, people, ref
from heli.kernel.words import Words
from heli.org.tree import load_tree
from heli.records import readers, related, store
from heli.records.explain import nearest
from heli.records.types import ObjectType

SECONDS = 0.5
"""Time for looking at people's rights, nearest to the record first; beyond it only ``others`` tells."""
MOST = 200
"""People named at most."""
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
    tree = viewer.view.tree if viewer.view is not None else load_tree()
    budget = readers.Budget(SECONDS)
    people_ = readers.nearest(tree, kind, seen.row, sorted(helpers))
    asked = (one for one in people_ if one != viewer.person)
    mine = _roles(viewer)
    found: list[tuple[int, Words]] = []
    more = False
    for part in batched(asked, readers.PART):
        if not budget.left or len(found) >= MOST:
            more = True
            break
        for one in readers.allowed("read", kind, seen.row, part):
            found.append((one.person, _via(one, seen.access, helpers, mine)))
    found.sort(key=lambda pair: (pair[1] == ANOTHER, pair[0]))  # nearness would tell an owner who is not shown
    names = people(one for one, _ in found)
    shown = [{"person": names[one], "via": words.json()} for one, words in found if one in names]
    return {"people": shown[:MOST], "others": more or len(shown) > MOST}


def _roles(viewer: Viewer) -> set[str] | None:
    """Roles whose holders the viewer may know: their own; every one (None) for who reads the rules."""
    if viewer.view is None or viewer.view.may("policy", "read"):
        return None
    return {s.role for s in viewer.view.sources if s.role}


def _via(one: readers.Allowed, access: dict[str, str], helpers: set[int], mine: set[str] | None) -> Words:
    if one.facts.get("owner_id") == one.person and "owner" in access:
        return OWNER
    if one.person in helpers:
        return HELPER
    for grip, held in nearest(one.because, one.facts):
        if mine is None or held.source.role in mine:
            scope = SCOPES[split(grip.scope)[0]].words
            return Words("{role}·{scope}", "{role}, {scope}").fill(role=held.source.role_words, scope=scope)
    return ANOTHER
