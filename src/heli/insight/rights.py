"""All that one person may do, and where each right comes from: grants with their path, actions, fields, pages.

Rights are told as lines that can hold somewhere; nothing here reads a record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access.core.decide import TypeRights, can_hold
from heli.access.core.explain import SIGNS
from heli.access.core.line import Cond, Grip, Held, Keys, Level
from heli.access.facts import GrantFact
from heli.access.scopes import SCOPES, split
from heli.access.shapes import PAGE, SHAPES
from heli.access.view import View
from heli.kernel.words import Words
from heli.org.tree import Tree, names_of, project_names
from heli.records.reasons import ACTIONS
from heli.records.types import TYPES
from heli.records.verbs import verb_of

MORE = {"open": Words("打开", "open"), "administer": Words("管理", "administer"), "grant": Words("授权", "grant")}
NAMED = 3
"""So many departments, people or projects are named; of more only how many."""
PLACED = {"department_id", "account_department_id"}
EMPTY = Words("{field}为空", "{field} is empty")
AND = Words("、", ", ")


@dataclass(frozen=True, slots=True)
class Origin:
    """A line that gives something: its grant, its scope with the places it comes to, its conditions, its limit."""

    grant: str
    scope: str
    words: Words
    where: tuple[Words, ...]
    limit: int | None


@dataclass(frozen=True, slots=True)
class ActionRight:
    action: str
    words: Words
    origins: tuple[Origin, ...]
    ceilings: tuple[Words, ...]


@dataclass(frozen=True, slots=True)
class FieldRight:
    """The highest level a field can have, and whether it can be edited; by which grants."""

    code: str
    words: Words
    data_class: str
    level: Level
    edit: bool
    grants: tuple[str, ...]
    sometimes: bool
    """Some lines give less: it is not so on every record."""


@dataclass(frozen=True, slots=True)
class TypeRight:
    code: str
    words: Words
    actions: tuple[ActionRight, ...]
    fields: tuple[FieldRight, ...]


@dataclass(frozen=True, slots=True)
class GrantRight:
    """A grant that gives the person something, with the path on which it comes."""

    id: str
    role: str
    words: Words
    version: int
    path: str
    """``person``, ``position``, ``department``, ``project``, ``everyone`` or ``loan``."""
    via: Words
    source: str
    starts: datetime | None
    ends: datetime | None


@dataclass(frozen=True, slots=True)
class Rights:
    person: int
    kind: str
    grants: tuple[GrantRight, ...]
    types: tuple[TypeRight, ...]
    pages: tuple[tuple[str, Words, tuple[str, ...]], ...]


PATHS = {
    "person": "person",
    "position": "position",
    "department": "department",
    "project_role": "project",
    "everyone": "everyone",
}


def rights(view: View, grants: Mapping[int, GrantFact]) -> Rights:
    """What a view comes to. ``grants``: those that it names, by id."""
    names = _Names(view)
    types: list[TypeRight] = []
    pages: list[tuple[str, Words, tuple[str, ...]]] = []
    for shape in SHAPES:
        found = view.type(shape.code)
        if found is None:
            continue
        if shape.code.startswith(PAGE):
            if found.ever("open"):
                own = dict.fromkeys(str(h.source.grant) for h in found.held("open"))
                pages.append((shape.code.removeprefix(PAGE), shape.words, tuple(own)))
            continue
        actions = tuple(_actions(found, names))
        if actions:
            types.append(TypeRight(shape.code, shape.words, actions, tuple(_fields(found))))
    given = dict.fromkeys((h.source.grant, h.source.carrier) for h in view.lines)
    by = {(h.source.grant, h.source.carrier): h.source for h in view.lines}
    told = []
    for key in given:
        source, fact = by[key], grants.get(key[0])
        path = PATHS.get(fact.kind, "person") if fact is not None else "person"
        if fact is not None and fact.source.startswith("loan:"):
            path = "loan"
        told.append(
            GrantRight(
                str(source.grant), source.role, source.role_words, source.version, path, source.via,
                fact.source if fact is not None else "", fact.starts if fact is not None else None,
                fact.ends if fact is not None else None,
            )
        )  # fmt: skip
    return Rights(view.person or 0, view.kind, tuple(told), tuple(types), tuple(pages))


def _actions(found: TypeRights, names: _Names) -> Iterable[ActionRight]:
    code = found.shape.code
    for action in sorted(found.shape.actions, key=_order):
        held = [h for h in found.held(action) if can_hold(h)]
        if not held or not found.ever(action):
            continue
        origins = dict.fromkeys(one for h in held for one in _origins(h, found, names))
        bounds = tuple(dict.fromkeys(c.words for c in found.bounds(action)))
        yield ActionRight(action, action_words(code, action), tuple(origins), bounds)


def _order(action: str) -> tuple[int, str]:
    known = list(ACTIONS)
    return (known.index(action) if action in known else len(known), action)


def action_words(code: str, action: str) -> Words:
    """An action as people call it."""
    verb = verb_of(code, action)
    return ACTIONS.get(action) or (verb.words if verb is not None else MORE.get(action, Words(action, action)))


def _origins(held: Held, found: TypeRights, names: _Names) -> Iterable[Origin]:
    where = tuple(condition_words(found.shape.code, one) for one in held.line.where)
    for grip in held.grips:
        if grip.atoms and any(not isinstance(a, Keys) or a.values for a in grip.atoms):
            yield Origin(str(held.source.grant), grip.scope, names.scope(grip), where, held.line.limit)


def condition_words(code: str, cond: Cond) -> Words:
    """``amount <= 500000`` as people read it."""
    kind = TYPES.get(code)
    field = kind.fields.get(cond.field) if kind is not None else None
    name = field.words if field is not None else Words(cond.field, cond.field)
    if cond.op == "empty":
        return EMPTY.fill(field=name)
    values = sorted(cond.value, key=str) if isinstance(cond.value, frozenset) else [cond.value]
    said = [field.said(one) if field is not None else Words(str(one), str(one)) for one in values]
    shown = Words("、".join(w.zh for w in said), ", ".join(w.en for w in said))
    return Words("{f} {s} {v}", "{f} {s} {v}").fill(f=name, s=SIGNS[cond.op], v=shown)


def _fields(found: TypeRights) -> Iterable[FieldRight]:
    kind = TYPES.get(found.shape.code)
    if kind is None:
        return
    edits = [h for h in found.held("edit") if can_hold(h)] if found.ever("edit") else []
    reads = [h for h in found.read if can_hold(h)]
    for code, shape in found.shape.fields.items():
        level = found.best_level(code) if reads else Level.HIDDEN
        if level == Level.HIDDEN:
            continue
        levels = [(h, min(h.line.level(code, shape.data_class), level)) for h in reads]
        by = tuple(dict.fromkeys(str(h.source.grant) for h, one in levels if one == level))
        edit = level == Level.READ and not shape.readonly and any(h.line.may_write(code) for h in edits)
        sometimes = any(one < level for _, one in levels)
        yield FieldRight(code, kind.fields[code].words, shape.data_class, level, edit, by, sometimes)


class _Names:
    """Scopes with the places that they come to; names are asked for at most once."""

    def __init__(self, view: View) -> None:
        self._tree: Tree = view.tree
        self._projects: Mapping[str, str] | None = None

    def scope(self, grip: Grip) -> Words:
        name, _ = split(grip.scope)
        words = SCOPES[name].words
        places = self._places(grip.atoms)
        if not places:
            return words
        some = Words("、".join(w.zh for w in places), ", ".join(w.en for w in places))
        return Words("{scope}（{some}）", "{scope} ({some})").fill(scope=words, some=some)

    def _places(self, atoms: Sequence[Any]) -> list[Words]:
        found: list[Words] = []
        for atom in atoms:
            if not isinstance(atom, Keys):
                continue
            if atom.column in PLACED:
                found += self._tops(atom.values)
            elif atom.column == "project_id":
                if self._projects is None:
                    self._projects = project_names()
                named = [self._projects[one] for one in sorted(atom.values) if one in self._projects]
                found += _some([Words(one, one) for one in named])
            elif atom.column == "owner_id" and len(atom.values) > 1:
                people = names_of(sorted(atom.values)[:NAMED])
                found += _some([Words(name, name) for _, name in people.values()], len(atom.values))
        return found

    def _tops(self, values: frozenset[int]) -> list[Words]:
        nodes = self._tree.nodes
        tops = [nodes[i] for i in sorted(values) if i in nodes and nodes[i].parent not in values]
        return _some([Words(one.name, one.name_en or one.name) for one in tops])


def _some(words: list[Words], count: int | None = None) -> list[Words]:
    number = len(words) if count is None else count
    if number <= NAMED:
        return words
    return [*words[:NAMED], Words(f"等 {number} 个", f"{number} in all")]


__all__ = ["ActionRight", "FieldRight", "GrantRight", "Origin", "Rights", "TypeRight", "action_words", "rights"]
