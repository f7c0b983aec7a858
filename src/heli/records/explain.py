"""Why, and why not, about one record (or a type as such): the lines that allow it, or the smallest sets of facts missing.

Asked about a record that the asker does not see, the answer is the one for a record that is not there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from heli.access import view as views
from heli.access.core import explain as core
from heli.access.core.decide import Decision, TypeRights
from heli.access.core.explain import Fact
from heli.access.core.line import REACH, Cond, Grip, Held, Level, Line, Row, Source
from heli.access.models import Grant, Role
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.access.viewer import Viewer
from heli.kernel import clock
from heli.kernel.errors import Invalid, NotFound, Problem
from heli.kernel.words import Words
from heli.org.models import Assignment, Person
from heli.org.tree import names_of, valid
from heli.records import filters, reach, store
from heli.records.reasons import reason
from heli.records.sight import Sight, kind_of, row_facts
from heli.records.types import ObjectType
from heli.records.verbs import verb_of

MOST_ASK = 5
PLACED = frozenset({"all", "department", "below"})
"""Scopes that a role covers by itself when it is held at the right place."""

UNSEEN = Fact("unseen", "没有这条记录，或者你看不到它", "no such record, or you cannot see it")
NO_ACTION = Words("没有这个操作", "no such action")
ANOTHER = Words("另有原因", "another reason")
ROLE = Words("角色「{role}」", "the role “{role}”")
ROLE_AT = Words("在「{place}」担任角色「{role}」", "the role “{role}” at {place}")


@dataclass(frozen=True, slots=True)
class Because:
    """One line that allows it: the grant, its role, the path to the person, the scope and the fact that makes it hold."""

    grant: str
    role: Words
    via: Words
    scope: Words
    fact: Words
    role_code: str = ""
    scope_code: str = ""


@dataclass(frozen=True, slots=True)
class Why:
    """The answer. ``level`` is set for the reading of a field; ``ask`` are ids of people who could give what is missing."""

    allowed: bool
    because: tuple[Because, ...] = ()
    missing: tuple[tuple[Fact, ...], ...] = ()
    ask: tuple[int, ...] = ()
    words: Words | None = None
    level: str = ""


@dataclass(frozen=True, slots=True)
class Beside:
    """Two people before the same question, and what one has that the other lacks."""

    mine: Why
    theirs: Why
    difference: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: an action on a type, perhaps on one record, perhaps on one of its fields."""

    action: str
    type: str
    id: str | None = None
    field: str | None = None
    right: str = ""
    """The action that permission lines name for it."""


def why(viewer: Viewer, asked: Question) -> Why:
    """Answer for the viewer. Raises NotFound for a type they know nothing of, Invalid for an unknown action or field."""
    kind, asked = _checked(viewer, asked)
    row = _row(viewer, kind, asked)
    if asked.id is not None and row is None:
        return Why(False, (), ((UNSEEN,),), (), Words(UNSEEN.zh, UNSEEN.en))
    return _answer(viewer, kind, asked, row)


def beside(viewer: Viewer, other: Viewer, asked: Question) -> Beside:
    """The same question for a colleague, who must not learn, nor teach, more than the asker may see.

    Raises NotFound when the asker does not see the record; as ``why`` does otherwise.
    """
    kind, asked = _checked(viewer, asked)
    row = _row(viewer, kind, asked)
    if asked.id is not None and row is None:
        raise NotFound
    mine = _answer(viewer, kind, asked, row)
    theirs = _answer(other, kind, asked, None if row is None else _as_seen_by(other, kind, row))
    known = _known_roles(viewer)
    shown = Why(
        theirs.allowed, _discreet(theirs.because, other, known), theirs.missing, theirs.ask, theirs.words, theirs.level
    )
    return Beside(mine, shown, _difference(mine, theirs))


def _difference(mine: Why, theirs: Why) -> tuple[Fact, ...]:
    if mine.allowed == theirs.allowed:
        return ()
    lacking = theirs if mine.allowed else mine
    return lacking.missing[0] if lacking.missing else ()


def _checked(viewer: Viewer, asked: Question) -> tuple[ObjectType, Question]:
    kind = kind_of(asked.type)
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights is None and not viewer.is_system:
        raise NotFound
    verb = verb_of(kind.code, asked.action)
    right = verb.right if verb is not None else asked.action
    if right not in SHAPES[kind.code].actions:
        raise Invalid(Problem("action", "unknown", NO_ACTION))
    if asked.field is not None and (rights is None or rights.best_level(asked.field) == Level.HIDDEN):
        raise Invalid(Problem("field", "unknown", filters.NO_FIELD.fill(code=asked.field[:80])))
    return kind, replace(asked, right=right)


def _row(viewer: Viewer, kind: ObjectType, asked: Question) -> Row | None:
    if asked.id is None:
        return None
    try:
        return store.query(viewer, kind.code).one(asked.id).row
    except NotFound:
        return None


def _as_seen_by(other: Viewer, kind: ObjectType, row: Row) -> Row:
    """The same columns with the other person's reach."""
    rights = other.view.type(kind.code) if other.view is not None else None
    account = row.get("account_id") if kind.parent == "account" else None
    reached = reach.of_row(other.person, rights, str(row["id"]), account) if rights is not None else frozenset()
    return row_facts({k: v for k, v in row.items() if k != REACH}, reached)


def _answer(viewer: Viewer, kind: ObjectType, asked: Question, row: Row | None) -> Why:
    rights = viewer.view.type(kind.code) if viewer.view is not None else None
    if rights is None:
        missing = _missing(viewer, kind, asked, row, None)
        return Why(False, (), missing, _ask(kind, row, viewer), reason(viewer, kind, asked.right, row)[1])
    decision, level = _decide(rights, asked, row)
    if decision.allowed:
        return Why(True, tuple(_because(one, row) for one in decision.because), level=level)
    if asked.field is not None and asked.action in ("edit", "create") and rights.shape.fields[asked.field].readonly:
        code, said = reason(viewer, kind, asked.right, row, asked.field)
        return Why(False, (), ((Fact.of(code, said),),), (), said, level)
    words = reason(viewer, kind, asked.right, row, asked.field)[1] if row is not None else None
    return Why(False, (), _missing(viewer, kind, asked, row, rights), _ask(kind, row, viewer), words, level)


def _decide(rights: TypeRights, asked: Question, row: Row | None) -> tuple[Decision, str]:
    if row is None:
        held = rights.held(asked.right)
        return Decision(rights.ever(asked.right), held, "" if held else "no_line"), ""
    if asked.field is None:
        return rights.decide(asked.right, row), ""
    level = rights.level(asked.field, row).name.lower() if asked.action == "read" else ""
    return rights.decide_field(asked.right, asked.field, row), level


def _because(one: Held, row: Row | None) -> Because:
    grip = _grip(one, row)
    scope = SCOPES[split(grip.scope)[0]]
    source = one.source
    return Because(str(source.grant), source.role_words, source.via, scope.words, scope.fact, source.role, grip.scope)


def _grip(one: Held, row: Row | None) -> Grip:
    return next((g for g in one.grips if row is None or g.holds(row)), one.grips[0])


def _discreet(because: Iterable[Because], other: Viewer, known: frozenset[str] | None) -> tuple[Because, ...]:
    """Sources that the asker may not know read "another reason"."""
    if known is None:
        return tuple(because)
    sources: dict[str, Source] = {str(s.grant): s for s in (other.view.sources if other.view is not None else ())}
    found = []
    for one in because:
        source = sources.get(one.grant)
        open_ = source is not None and source.role in known
        found.append(one if open_ else Because("", ANOTHER, ANOTHER, ANOTHER, ANOTHER))
    return tuple(dict.fromkeys(found))


def _known_roles(viewer: Viewer) -> frozenset[str] | None:
    """Roles whose holding may be told to the viewer: their own; all of them (None) for who reads the rules."""
    if viewer.view is None or viewer.view.may("policy", "read"):
        return None
    return frozenset(s.role for s in viewer.view.sources if s.role)


# -- what is missing --------------------------------------------------------------------------------------------


def _missing(
    viewer: Viewer, kind: ObjectType, asked: Question, row: Row | None, rights: TypeRights | None
) -> tuple[tuple[Fact, ...], ...]:
    code, wanted = asked.field, Level.READ
    data_class = kind.fields[code].data_class if code is not None else ""
    action = asked.right
    if code is not None and row is not None and rights is not None and action == "edit":
        level = rights.decide_field("edit", code, row).reason == "level"
        action = "read" if level else "edit"  # what cannot be read cannot be changed: say how it could be read
    roles = [
        (_role_fact(role, viewer, row, line), line)
        for role, line in _roles_of(viewer, kind.code)
        if core.serves(line, action, code, data_class, wanted) and _passes(role, rights, action)
    ]
    if row is None:
        sets = [frozenset({fact}) for fact, _ in roles]
        return _told(sets, [])

    def cond_of(cond: Cond) -> Fact:
        return core.condition(
            cond, kind.fields[cond.field].words if cond.field in kind.fields else Words(cond.field, cond.field)
        )

    held = [h for h in rights.held(action) if core.serves(h.line, action, code, data_class, wanted)] if rights else []
    sets = core.from_held(held, row, _scope_fact, cond_of)
    sets += core.from_roles(roles, row, lambda scope: _covers(scope, row), _scope_fact, cond_of)
    blocking = core.blocking(rights, action, row, code, wanted) if rights is not None else []
    if blocking and any(not one for one in sets):
        sets = [frozenset()]
    return _told(sets, blocking)


def _told(sets: Iterable[frozenset[Fact]], blocking: list[Fact]) -> tuple[tuple[Fact, ...], ...]:
    return tuple(tuple(one) for one in core.smallest([one | frozenset(blocking) for one in sets]))


def _scope_fact(text: str) -> Fact:
    return Fact.of(f"scope:{text}", SCOPES[split(text)[0]].fact)


def _role_fact(role: Role, viewer: Viewer, row: Row | None, line: Line) -> Fact:
    words = Words(role.name, role.name_en or role.name)
    names = {split(scope)[0] for scope in line.scopes}
    node = None
    if row is not None and viewer.view is not None and "all" not in names and names & PLACED:
        node = viewer.view.tree.nodes.get(row.get("department_id") or 0)
    if node is None:
        return Fact.of(f"role:{role.code}", ROLE.fill(role=words))
    place = Words(node.name, node.name_en or node.name)
    return Fact.of(f"role:{role.code}@{node.id}", ROLE_AT.fill(role=words, place=place))


def _covers(scope: str, row: Row) -> bool:
    """Whether holding a role at the right place is enough for the scope: only where the record has a department."""
    return split(scope)[0] in PLACED and (scope == "all" or row.get("department_id") is not None)


def _passes(role: Role, rights: TypeRights | None, action: str) -> bool:
    """Whether ceilings that name roles let this one do it."""
    ceilings = rights.ceilings if rights is not None else ()
    return all(c.roles is None or not c.bounds(action) or role.code in c.roles for c in ceilings)


def _roles_of(viewer: Viewer, code: str) -> list[tuple[Role, Line]]:
    """Every role's lines on a type. Kept with the viewer's rights, which end when any role changes."""
    shared = viewer.view.shared if viewer.view is not None else {}
    key = ("lines of roles", code)
    if key not in shared:
        rows = Role.objects.filter(closed_at__isnull=True).order_by("pk")
        shared[key] = [(role, line) for role in rows for line in views.lines_of(role.lines) if line.type == code]
    found: list[tuple[Role, Line]] = shared[key]  # type: ignore[assignment]  # only this key holds it
    return found


# -- whom to ask ------------------------------------------------------------------------------------------------


def _ask(kind: ObjectType, row: Row | None, viewer: Viewer) -> tuple[int, ...]:
    """Who could give it: the owner, when the asker may know them, and heads up the line who may share the record; then
    people who administer grants."""
    found: list[int] = []
    if row is not None:
        near: list[int] = []
        sight = _sight(viewer, kind)
        known = sight is not None and (sight.rights is None or sight.rights.level("owner", row) == Level.READ)
        if row.get("owner_id") and known:
            near.append(row["owner_id"])
        if viewer.view is not None and row.get("department_id") in viewer.view.tree.nodes:
            tree = viewer.view.tree
            heads = (tree.nodes[one].head for one in tree.above(row["department_id"]))
            near += [head for head in heads if head is not None]
        found = [one for one in dict.fromkeys(near) if one != viewer.person and _may_share(one, kind, row)]
    for one in granters():
        if one not in found:
            found.append(one)
    return tuple(one for one in found if one != viewer.person)[:MOST_ASK]


def _may_share(person: int, kind: ObjectType, row: Row) -> bool:
    rights = views.of(person).type(kind.code)
    if rights is None:
        return False
    account = row.get("account_id") if kind.parent == "account" else None
    reached = reach.of_row(person, rights, str(row["id"]), account)
    return rights.decide("share", row_facts({k: v for k, v in row.items() if k != REACH}, reached)).allowed


def _sight(viewer: Viewer, kind: ObjectType) -> Sight | None:
    try:
        return Sight(viewer, kind)
    except NotFound:
        return None


def granters() -> list[int]:
    """Active people who hold a role that may give grants, by id."""
    now = clock.now()
    roles = [
        role.pk
        for role in Role.objects.filter(closed_at__isnull=True)
        if any(line.type == "policy" and line.actions & {"grant", "administer"} for line in views.lines_of(role.lines))
    ]
    rows = Grant.objects.filter(valid(now), role_id__in=roles, revoked_at__isnull=True)
    people: set[int] = set()
    for kind, key in rows.values_list("subject_kind", "subject_id"):
        if kind == Grant.PERSON:
            people.add(int(key))
        elif kind in (Grant.POSITION, Grant.DEPARTMENT):
            where = {"position_id": int(key)} if kind == Grant.POSITION else {"department_id": int(key)}
            people.update(Assignment.objects.filter(valid(now), **where).values_list("person_id", flat=True)[:50])
    return sorted(Person.objects.filter(pk__in=people, status=Person.ACTIVE).values_list("pk", flat=True)[:50])


# -- as JSON ----------------------------------------------------------------------------------------------------


def json(one: Why) -> dict[str, Any]:
    """The answer as the API and the command line give it."""
    names = names_of(one.ask)
    said: dict[str, Any] = {
        "allowed": one.allowed,
        "because": [
            {
                "grant": b.grant,
                "role": b.role.json(),
                "via": b.via.json(),
                "scope": b.scope.json(),
                "fact": b.fact.json(),
            }
            for b in one.because
        ],
        "missing": [[fact.json() for fact in facts] for facts in one.missing],
        "ask": [{"id": str(pk), "username": names[pk][0], "name": names[pk][1]} for pk in one.ask if pk in names],
    }
    if one.words is not None:
        said["words"] = one.words.json()
    if one.level:
        said["level"] = one.level
    return said


def beside_json(one: Beside) -> Mapping[str, Any]:
    return {"mine": json(one.mine), "theirs": json(one.theirs), "difference": [fact.json() for fact in one.difference]}
