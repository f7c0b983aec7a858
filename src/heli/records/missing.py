"""The smallest sets of facts that would turn a no into a yes, about one record or about a type as such."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heli.access import view as views
from heli.access.core import explain as core
from heli.access.core.decide import TypeRights, can_hold
from heli.access.core.explain import Fact
from heli.access.core.line import Cond, Grip, Held, Level, Line, Row, Source
from heli.access.models import Role
from heli.access.scopes import SCOPES, Carrier, split
from heli.access.viewer import Viewer
from heli.kernel.words import Words
from heli.org.tree import Node
from heli.records.types import ObjectType

PLACED = frozenset({"department", "below"})
"""Scopes that a role covers by itself when it is held at the right place."""

type Told = Callable[[str], bool]
"""Whether a field of the record may be spoken of to the asker."""

ROLE = Words("角色「{role}」", "the role “{role}”")
ROLE_AT = Words("在「{place}」担任角色「{role}」", "the role “{role}” at {place}")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: an action on a type, perhaps on one record, perhaps on one of its fields."""

    action: str
    type: str
    id: str | None = None
    field: str | None = None
    right: str = ""
    """The action that permission lines name for it."""


def missing(
    viewer: Viewer, kind: ObjectType, asked: Question, row: Row | None, rights: TypeRights, told: Told
) -> tuple[tuple[Fact, ...], ...]:
    """The smallest sets of facts that would make it a yes: for each demand that is not met, a way of meeting it."""
    if row is None:
        data_class = kind.fields[asked.field].data_class if asked.field is not None else ""
        roles = _serving(viewer, rights, kind, asked.right, asked.field, data_class)
        blind = [
            [frozenset({core.ceiling_fact(one)})]
            for one in rights.bounds(asked.right)
            if not any(map(can_hold, one.covering(asked.right)))
        ]
        held = [
            h for h in rights.held(asked.right) if core.serves(h.line, asked.right, asked.field, data_class, Level.READ)
        ]
        if any(map(can_hold, held)):
            return _sets(blind)
        return _sets([[frozenset({_role_fact(role, viewer, kind, None)}) for role, _ in roles], *blind])
    demands = _demands(viewer, kind, asked.right, asked.field, row, rights, told)
    if asked.field is not None and asked.right == "edit":  # what cannot be read cannot be changed
        demands += _demands(viewer, kind, "read", asked.field, row, rights, told)
    return _sets(demands)


def _sets(demands: list[core.Ways]) -> tuple[tuple[Fact, ...], ...]:
    return tuple(tuple(one) for one in core.smallest(demands))


def _demands(
    viewer: Viewer, kind: ObjectType, action: str, code: str | None, row: Row, rights: TypeRights, told: Told
) -> list[core.Ways]:
    """A line that gives it, and a yes of every ceiling."""
    data_class = kind.fields[code].data_class if code is not None else ""

    def cond_of(cond: Cond) -> Fact:
        return core.condition(
            cond, kind.fields[cond.field].words if cond.field in kind.fields else Words(cond.field, cond.field)
        )

    held = [h for h in rights.held(action) if core.serves(h.line, action, code, data_class, Level.READ)]
    ways = core.from_held(held, row, _scope_fact, cond_of)
    for role, line in _serving(viewer, rights, kind, action, code, data_class):
        as_held = _as_held(viewer, kind, role, line, row)
        ways += core.from_role(_role_fact(role, viewer, kind, row), as_held, row, _scope_fact, cond_of, told)
    return [ways, *core.ceilings(rights, action, row, code, Level.READ, _scope_fact, cond_of)]


def _serving(
    viewer: Viewer, rights: TypeRights, kind: ObjectType, action: str, code: str | None, data_class: str
) -> list[tuple[Role, Line]]:
    """The lines of roles that would give it, but for roles that a ceiling does not let do it."""
    return [
        (role, line)
        for role, line in _roles_of(viewer, kind.code)
        if core.serves(line, action, code, data_class, Level.READ) and _passes(role, rights, action)
    ]


def _as_held(viewer: Viewer, kind: ObjectType, role: Role, line: Line, row: Row) -> Held:
    """A role's line as the viewer would hold it: where ``_role_fact`` says, else where they are at home."""
    view = viewer.view
    assert view is not None
    source = Source(0, role.code, Words(role.name, role.name_en or role.name), role.version, ROLE)
    if view.asked is None:  # nobody in particular: every scope is lacking
        return Held(line, source, tuple(Grip(text, ()) for text in line.scopes))
    place = _place(viewer, kind, row, role)
    return views.hold(line, source, view.asked, Carrier(department=view.home if place is None else place.id))


def _scope_fact(text: str) -> Fact:
    return Fact.of(f"scope:{text}", SCOPES[split(text)[0]].fact)


def _role_fact(role: Role, viewer: Viewer, kind: ObjectType, row: Row | None) -> Fact:
    words = Words(role.name, role.name_en or role.name)
    node = None if row is None else _place(viewer, kind, row, role)
    if node is None:
        return Fact.of(f"role:{role.code}", ROLE.fill(role=words))
    place = Words(node.name, node.name_en or node.name)
    return Fact.of(f"role:{role.code}@{node.id}", ROLE_AT.fill(role=words, place=place))


def _place(viewer: Viewer, kind: ObjectType, row: Row, role: Role) -> Node | None:
    """Where the role would have to be held: at the record's department, if the department makes a difference."""
    lines = [line for one, line in _roles_of(viewer, kind.code) if one.pk == role.pk]
    names = {split(scope)[0] for line in lines for scope in line.scopes}
    if viewer.view is None or "all" in names or not names & PLACED:
        return None
    return viewer.view.tree.nodes.get(row.get("department_id") or 0)


def _passes(role: Role, rights: TypeRights, action: str) -> bool:
    """Whether ceilings that name roles let this one do it."""
    return all(c.roles is None or not c.bounds(action) or role.code in c.roles for c in rights.ceilings)


def _roles_of(viewer: Viewer, code: str) -> list[tuple[Role, Line]]:
    """Every role's lines on a type. Kept with the viewer's rights, which end when any role changes."""
    shared = viewer.view.shared if viewer.view is not None else {}
    key = ("lines of roles", code)
    if key not in shared:
        rows = Role.objects.filter(closed_at__isnull=True).order_by("pk")
        shared[key] = [(role, line) for role in rows for line in views.lines_of(role.lines) if line.type == code]
    found: list[tuple[Role, Line]] = shared[key]  # type: ignore[assignment]  # only this key holds it
    return found
