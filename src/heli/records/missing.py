"""The smallest sets of facts that would turn a no into a yes, about one record or about a type as such."""

from __future__ import annotations

from dataclasses import dataclass, replace

from heli.access import view as views
from heli.access.core import explain as core
from heli.access.core.decide import TypeRights, can_hold
from heli.access.core.depends import Told
from heli.access.core.explain import Fact
from heli.access.core.line import Cond, Grip, Held, Level, Line, Row, Source
from heli.access.models import Role
from heli.access.scopes import SCOPES, Carrier, split
from heli.access.viewer import Viewer
from heli.kernel.words import Words
from heli.org.tree import Node
from heli.records import reasons
from heli.records.types import ObjectType

PLACED = frozenset({"department", "below"})
"""Scopes that a role covers by itself when it is held at the right place."""

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
        demands = _of_a_type(viewer, kind, asked, rights)
    else:
        actions = [asked.right]
        if asked.field is not None and asked.right == "edit":  # what cannot be read cannot be changed
            actions.append("read")
        found = _Asked(viewer, kind, asked.field, row, rights, told, tuple(actions))
        demands = [ways for action in actions for ways in found.demands(action)]
    return tuple(tuple(one) for one in core.smallest(demands))


def _of_a_type(viewer: Viewer, kind: ObjectType, asked: Question, rights: TypeRights) -> list[core.Ways]:
    """Without a record: a line that could hold somewhere, and of every ceiling one."""
    action, code = asked.right, asked.field
    found: list[core.Ways] = [
        [frozenset({core.ceiling_fact(one)})]
        for one in rights.bounds(action)
        if not any(map(can_hold, one.covering(action)))
    ]
    data_class = kind.fields[code].data_class if code is not None else ""
    if not any(can_hold(h) and core.serves(h.line, action, code, data_class, Level.READ) for h in rights.held(action)):
        roles = _serving(viewer, rights, kind, action, code)
        found.append([frozenset({_role_fact(role, None)}) for role, _ in roles])
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question about one record, and what its answer is made of."""

    viewer: Viewer
    kind: ObjectType
    code: str | None
    row: Row
    rights: TypeRights
    told: Told
    actions: tuple[str, ...]

    def demands(self, action: str) -> list[core.Ways]:
        """A line that gives it, and a yes of every ceiling."""
        code, row = self.code, self.row
        data_class = self.kind.fields[code].data_class if code is not None else ""
        held = [h for h in self.rights.held(action) if core.serves(h.line, action, code, data_class, Level.READ)]
        key = action == "edit" and code is not None and self.rights.shape.fields[code].key
        if key:
            held = [_itself(h) for h in held]
        ways = core.from_held(held, row, _scope_fact, self._cond, self.told)
        for role, line in _serving(self.viewer, self.rights, self.kind, action, code):
            place = self._place(role)
            as_held = self._as_held(role, line, place)
            if key:
                as_held = _itself(as_held)
            ways += core.from_role(_role_fact(role, place), as_held, row, _scope_fact, self._cond, self.told)
        return [ways, *core.ceilings(self.rights, action, row, code, Level.READ, _scope_fact, self._cond, self.told)]

    def _cond(self, cond: Cond) -> Fact:
        return reasons.condition(self.kind, cond)

    def _place(self, role: Role) -> Node | None:
        """Where the role would have to be held: at the record's department, if that makes a difference to the answer."""
        lines = [
            line
            for action in self.actions
            for one, line in _serving(self.viewer, self.rights, self.kind, action, self.code)
            if one.pk == role.pk
        ]
        names = {split(scope)[0] for line in lines for scope in line.scopes}
        if self.viewer.view is None or "all" in names or not names & PLACED:
            return None
        return self.viewer.view.tree.nodes.get(self.row.get("department_id") or 0)

    def _as_held(self, role: Role, line: Line, place: Node | None) -> Held:
        """A role's line as the viewer would hold it: at this place, else where they are at home."""
        view = self.viewer.view
        assert view is not None
        source = Source(0, role.code, Words(role.name, role.name_en or role.name), role.version, ROLE)
        if view.asked is None:  # nobody in particular: every scope is lacking
            return Held(line, source, tuple(Grip(text, ()) for text in line.scopes))
        return views.hold(line, source, view.asked, Carrier(department=view.home if place is None else place.id))


def _itself(held: Held) -> Held:
    """What a line is worth for a key: its scopes that lend are left out."""
    return replace(held, grips=tuple(grip for grip in held.grips if not SCOPES[split(grip.scope)[0]].lends))


def _serving(
    viewer: Viewer, rights: TypeRights, kind: ObjectType, action: str, code: str | None
) -> list[tuple[Role, Line]]:
    """The lines of roles that would give it, but for roles that a ceiling does not let do it."""
    data_class = kind.fields[code].data_class if code is not None else ""
    return [
        (role, line)
        for role, line in roles_of(viewer, kind.code)
        if core.serves(line, action, code, data_class, Level.READ) and _passes(role, rights, action)
    ]


def _scope_fact(text: str) -> Fact:
    """Which of somebody's loans would name the record is nobody's choice: they are one way, told once."""
    name = split(text)[0]
    return Fact.of("scope:record" if name == "record" else f"scope:{text}", SCOPES[name].fact)


def _role_fact(role: Role, place: Node | None) -> Fact:
    words = Words(role.name, role.name_en or role.name)
    if place is None:
        return Fact.of(f"role:{role.code}", ROLE.fill(role=words))
    where = Words(place.name, place.name_en or place.name)
    return Fact.of(f"role:{role.code}@{place.id}", ROLE_AT.fill(role=words, place=where))


def _passes(role: Role, rights: TypeRights, action: str) -> bool:
    """Whether ceilings that name roles let this one do it."""
    return all(c.roles is None or not c.bounds(action) or role.code in c.roles for c in rights.ceilings)


def roles_of(viewer: Viewer, code: str) -> list[tuple[Role, Line]]:
    """Every role's lines on a type. Kept with the viewer's rights, which end when any role changes."""
    shared = viewer.view.shared if viewer.view is not None else {}
    key = ("lines of roles", code)
    if key not in shared:
        rows = Role.objects.filter(closed_at__isnull=True).order_by("pk")
        shared[key] = [(role, line) for role in rows for line in views.lines_of(role.lines) if line.type == code]
    found: list[tuple[Role, Line]] = shared[key]  # type: ignore[assignment]  # only this key holds it
    return found
