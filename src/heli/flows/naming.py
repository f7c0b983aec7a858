"""What the fields, acts, positions and people are called that definitions have by their codes, for whoever reads what changed."""

from __future__ import annotations

from collections.abc import Mapping

from heli.flows import matters
from heli.flows.core.compare import Naming
from heli.flows.core.definition import Definition
from heli.flows.looking import RECORD
from heli.insight.company import Company
from heli.kernel.words import Words
from heli.org.models import Position
from heli.records.types import TYPES, ObjectType
from heli.records.verbs import verb_of, verbs_of

FIELDS = {"show", "edit", "require", "fields", "holds", "proposes", "guards", "field"}
ACTS = {"verb", "begins", "rejected", "withdrawn", "only"}
OF: Mapping[str, Words] = {
    "initiator": Words("（发起人的）", "of who began it"), "previous": Words("（上一步处理人的）", "of who did the step before"),
    "owner": Words("（记录负责人的）", "of the record's owner"),
}  # fmt: skip
LEVELS = Words("（往上 {n} 级）", "{n} levels up")
EDITS = Words("编辑", "edit it")
TEAM: Mapping[str, Words] = {"lead": Words("负责人", "lead"), "member": Words("成员", "member")}
"""Roles in a project."""


def names(definitions: list[Definition], company: Company, *, people: bool) -> Naming:
    """As these definitions use codes: the first that knows one says what it is called. ``people``: whether the reader may know them."""
    kinds = [TYPES[one.subject.type] for one in definitions if one.subject is not None and one.subject.type in TYPES]
    steps = {node.id: node.words for one in reversed(definitions) for node in one.nodes if node.name}
    persons = {one.username: Words(one.name, one.name) for one in company.world.people.values()} if people else {}
    departments = {one.code: Words(one.name, one.name_en or one.name) for one in company.world.tree.nodes.values()}
    positions = {code: Words(zh, en or zh) for code, zh, en in Position.objects.values_list("code", "name", "name_en")}
    roles = {code: one.words for code, one in company.world.roles.items()}
    ways: dict[str, Mapping[str, Words]] = {
        "person": persons, "department": departments, "position": positions, "role": {**TEAM, **roles}, "of": OF, "source": steps, "to": steps,
    }  # fmt: skip

    def named(where: str, code: str) -> Words | None:
        if where in ways:
            return ways[where].get(code)
        if where == "levels":
            return LEVELS.fill(n=code)
        if where == "type":
            return matters.about(code)
        return next((found for kind in kinds if (found := _of_kind(kind, where, code)) is not None), None)

    return named


def _of_kind(kind: ObjectType, where: str, code: str) -> Words | None:
    if where in FIELDS or where == "gives":
        one = kind.fields.get(code.removeprefix(RECORD))
        if one is not None or where != "gives":
            return one.words if one is not None else None
        return next((verb.params[code].words for verb in verbs_of(kind.code) if code in verb.params), None)
    if where in ACTS:
        verb = verb_of(kind.code, code)
        return verb.words if verb is not None else None
    if where == "right":
        return EDITS if code == "edit" else next((one.words for one in verbs_of(kind.code) if one.right == code), None)
    return None
