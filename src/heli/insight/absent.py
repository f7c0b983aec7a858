"""Why something is not there: a page, a list, a button, a field that never shows, and what a sum leaves out.

The answer has the shape of any other "why". Names of types, pages and fields are known to everyone who works here;
of values and of how many there are nothing is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from heli.access import view as views
from heli.access.core.decide import TypeRights, can_hold
from heli.access.core.explain import Fact, ceiling_fact
from heli.access.core.line import Level, Line
from heli.access.models import Role
from heli.access.shapes import PAGE, SHAPES
from heli.access.viewer import Viewer
from heli.insight.rights import action_words
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.records import explain, filters, hooks, store
from heli.records.ask import granters
from heli.records.explain import Question, Why
from heli.records.sight import kind_of
from heli.records.verbs import verb_of

MOST_ROLES = 6
MOST_ASK = 5
ROLE = Words("角色「{role}」", "the role “{role}”")
NO_RIGHT = Words(
    "你的角色都没有{action}「{thing}」的权限；需要时请向安全管理员申请",
    "none of your roles may {action} “{thing}”; ask a security administrator if you need to",
)
NO_FIELD = Words(
    "「{field}」对你的角色不可见，因此它不出现在任何地方",
    "“{field}” is hidden from your roles, so it appears nowhere",
)
COVERS = Words(
    "只计入你能看到的记录中你能读到的「{field}」", "it sums “{field}” where you read it, over the records that you see"
)
ALL_READ = Words("你能看到的记录，「{field}」都计入了", "“{field}” of every record that you see is in it")
LEFT_OUT = Words("对你脱敏或不可见的「{field}」", "cells of “{field}” that are masked or hidden from you")


def page(viewer: Viewer, code: str) -> Why:
    """Why a page (a menu entry) is there, or not. Raises NotFound when there is no such page."""
    if SHAPES.get(PAGE + code) is None:
        raise NotFound
    return plain(viewer, PAGE + code, "open")


def plain(viewer: Viewer, code: str, action: str) -> Why:
    """The same for any type that has no records: pages, administration."""
    shape = SHAPES[code]
    if action not in shape.actions:
        raise Invalid(Problem("action", "unknown", explain.NO_ACTION))
    if viewer.view is None:
        raise NotFound
    rights = viewer.view.type(code)
    if rights is not None and rights.ever(action):
        held = [h for h in rights.held(action) if can_hold(h)]
        because = (explain.because(grip, one.source) for grip, one in explain.nearest(held, None))
        return Why(True, tuple(dict.fromkeys(because)))
    words = NO_RIGHT.fill(action=action_words(code, action), thing=shape.words)
    return Why(False, (), _roles(code, lambda line: action in line.actions), _ask(viewer), words)


def listed(viewer: Viewer, code: str) -> Why:
    """Why a list is in the menu, or not. Raises NotFound when there is no such type."""
    return button(viewer, code, "read", None)


def button(viewer: Viewer, code: str, action: str, record: str | None) -> Why:
    """Why a button can be pressed, or not: the right, and then the state of the record.

    Raises NotFound for a type that does not exist, Invalid for an unknown action.
    """
    kind = kind_of(code)
    verb = verb_of(kind.code, action)
    right = verb.right if verb is not None else action
    if viewer.view is None or viewer.view.type(kind.code) is None:
        return replace(plain(viewer, kind.code, right), because=())
    said = explain.why(viewer, Question(action, code, record))
    if said.allowed and verb is not None and record is not None:
        row = store.row(viewer, code, record)
        refused = verb.refuses(viewer, row) or hooks.barred(viewer, kind, verb, row)
        if refused is not None:
            return Why(False, (), ((Fact.of(refused[0], refused[1]),),), (), refused[1])
    return said


def field(viewer: Viewer, code: str, name: str) -> Why:
    """Why a field is on no record, list or form. Raises NotFound, Invalid for a field that does not exist."""
    kind = kind_of(code)
    one = kind.fields.get(name)
    if one is None:
        raise Invalid(Problem("field", "unknown", filters.NO_FIELD.fill(code=name[:80])))
    rights = viewer.view.type(code) if viewer.view is not None else None
    if rights is not None and rights.best_level(name) > Level.HIDDEN:
        return explain.why(viewer, Question("read", code, None, name))
    gives = _roles(code, lambda line: "read" in line.actions and line.level(name, one.data_class) > Level.HIDDEN)
    capped = _capped(rights, name)
    return Why(False, (), capped or gives, _ask(viewer), NO_FIELD.fill(field=one.words), "hidden")


def _capped(rights: TypeRights | None, name: str) -> tuple[tuple[Fact, ...], ...]:
    """The ceiling that hides a field which lines would show."""
    if rights is None:
        return ()
    shape = rights.shape.fields[name]
    if not any(h.line.level(name, shape.data_class) > Level.HIDDEN for h in rights.read):
        return ()
    hiding = [
        c
        for c in rights.bounds("read")
        if all(h.line.level(name, shape.data_class) == Level.HIDDEN for h in c.covering("read"))
    ]
    return (tuple(ceiling_fact(c) for c in hiding),) if hiding else ()


def total(viewer: Viewer, code: str, name: str, scope: Words) -> Why:
    """Which part of the company a sum covers, and which kinds of cells it leaves out; never how many.

    ``scope``: the part, in words. Raises NotFound, Invalid.
    """
    kind = kind_of(code)
    sight = store.query(viewer, code).sight
    one = sight.usable(name)
    if one is None or not one.summable:
        raise Invalid(Problem("sum", "unknown", filters.NO_FIELD.fill(code=name[:80])))
    rights = sight.rights
    partly = rights is not None and any(
        h.line.level(name, one.data_class) < Level.READ for h in rights.read if can_hold(h)
    )
    said = (COVERS if partly else ALL_READ).fill(field=one.words)
    held = [h for h in (rights.read if rights is not None else ()) if h.line.level(name, one.data_class) == Level.READ]
    because = tuple(
        dict.fromkeys(explain.because(grip, h.source) for grip, h in explain.nearest(filter(can_hold, held), None))
    )
    words = Words("{scope}。{said}", "{scope}. {said}").fill(scope=scope, said=said)
    left = ((Fact.of("cells", LEFT_OUT.fill(field=kind.fields[name].words)),),) if partly else ()
    return Why(True, because, left, (), words)


def _roles(code: str, serves: Callable[[Line], bool]) -> tuple[tuple[Fact, ...], ...]:
    """Roles that give it, each enough by itself."""
    found = []
    for role in Role.objects.filter(closed_at__isnull=True).order_by("pk"):
        if any(line.type == code and serves(line) for line in views.lines_of(role.lines)):
            words = ROLE.fill(role=Words(role.name, role.name_en or role.name))
            found.append((Fact.of(f"role:{role.code}", words),))
    return tuple(found[:MOST_ROLES])


def _ask(viewer: Viewer) -> tuple[int, ...]:
    return tuple(one for one in granters(viewer) if one != viewer.person)[:MOST_ASK]
