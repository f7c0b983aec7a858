"""Who else may do something with a record that the asker sees: everybody, with reasons as far as the asker may know them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime

from heli.access import view as views
from heli.access.core.depends import Told
from heli.access.core.line import Level, Row
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.access.viewer import Viewer
from heli.insight.company import Company
from heli.insight.who import Asked, Way, who
from heli.kernel.errors import Invalid, Problem
from heli.kernel.words import Words
from heli.records import filters, readers, related
from heli.records.explain import ANOTHER, NO_ACTION
from heli.records.types import ObjectType
from heli.records.verbs import verb_of

OWNER = Words("负责人", "its owner")
HELPER = Words("团队成员", "in its team")
DEPENDS = Words("取决于一个你读不到的字段", "depends on a field that you do not read")
LENT = Words("你的借出", "your loan")
BY = Words("{role}·{scope}", "{role}, {scope}")
AT_WORK = Words("流程「{step}」的待办", "work at “{step}”")
BY_COPY = Words("流程「{step}」的抄送（#{case}）", "a copy by “{step}” (#{case})")


@dataclass(frozen=True, slots=True)
class Seer:
    """Someone who may. ``maybe``: only if a condition holds that the asker may not be told of."""

    person: int
    via: Words
    maybe: bool = False
    until: datetime | None = None
    """When what lets them ends by itself, where it is a copy."""


def right_of(kind: ObjectType, action: str) -> str:
    """The action that permission lines name for it. Raises Invalid when there is no such action."""
    verb = verb_of(kind.code, action)
    right = verb.right if verb is not None else action
    if right not in SHAPES[kind.code].actions:
        raise Invalid(Problem("action", "unknown", NO_ACTION))
    return right


def check_field(viewer: Viewer, kind: ObjectType, field: str | None) -> None:
    """Raises Invalid for a field that does not exist, or not to this asker; who reads the rules knows of every one."""
    if field is None:
        return
    known = field in kind.fields
    if known and not reads_rules(viewer):
        rights = viewer.view.type(kind.code) if viewer.view is not None else None
        known = rights is not None and rights.best_level(field) > Level.HIDDEN
    if not known:
        raise Invalid(Problem("field", "unknown", filters.NO_FIELD.fill(code=field[:80])))


def reads_rules(viewer: Viewer) -> bool:
    return viewer.view is None or viewer.view.may("policy", "read")


def known_roles(viewer: Viewer) -> Set[str] | None:
    """Roles whose holders the asker may know: their own; every one (None) for who reads the rules."""
    if viewer.view is None or reads_rules(viewer):
        return None
    return {s.role for s in viewer.view.sources if s.role}


def reached(viewer: Viewer, kind: ObjectType, row: Row) -> Mapping[tuple[str, str], Set[int]]:
    """Who reaches the row now, by kind and tag, as far as the viewer may know of others' work at it."""
    found: dict[tuple[str, str], set[int]] = {}
    for person, pairs in readers.reached_by(kind, row, viewer).items():
        for pair in pairs:
            found.setdefault(pair, set()).add(person)
    return found


def seers(viewer: Viewer, company: Company, asked: Asked, helpers: Set[int], told: Told) -> list[Seer]:
    """Everybody who may, by id; those whose reason the asker may not know come last.

    ``told``: which cells of the record may be spoken of to the asker (``told_to``, of the record as it is now).
    """
    row = asked.row
    known = known_roles(viewer)
    found = who(company, asked, told)
    owner = row["owner_id"] if row is not None and told("owner") else None
    made: dict[int, Seer] = {}
    for way in sorted(found.ways, key=lambda one: _nearness(one, known, viewer.person)):
        words, (name, tag) = _via(way, known, viewer.person), split(way.scope)
        step = views.step_of(tag)[0] if name == readers.WORK and row is not None else None
        for person in way.people:
            copy = asked.copies.get((person, tag)) if step is not None else None
            # of others' work and copies only what the asker may be told of is among how the row is reached
            if step is not None:
                words = AT_WORK.fill(step=step) if copy is None else BY_COPY.fill(step=step, case=copy.case)
            made.setdefault(person, Seer(person, words, until=copy.until if copy is not None else None))
    for person in helpers & made.keys():
        made[person] = Seer(person, HELPER)
    if owner in made:
        made[owner] = Seer(owner, OWNER)
    for person in found.maybe:
        made[person] = Seer(person, DEPENDS, maybe=True)
    # By nearness would tell an owner who is not shown.
    return sorted(made.values(), key=lambda one: (one.maybe, one.via == ANOTHER, one.person))


def _role(way: Way) -> str:
    return way.given.grant.role.code if way.given.grant.role is not None else ""


def _open(way: Way, known: Set[str] | None, asker: int | None) -> bool:
    """Whether the asker may be told of this way: by a role that they may know, or what they lent themselves."""
    grant = way.given.grant
    return known is None or _role(way) in known or (grant.lent and asker is not None and grant.giver == asker)


def _nearness(way: Way, known: Set[str] | None, asker: int | None) -> tuple[bool, int, int]:
    return not _open(way, known, asker), SCOPES[split(way.scope)[0]].rank, way.given.grant.id


SINGLE = Words("单项授权", "single grant")


def _via(way: Way, known: Set[str] | None, asker: int | None) -> Words:
    if not _open(way, known, asker):
        return ANOTHER
    grant = way.given.grant
    if grant.lent and asker is not None and grant.giver == asker:
        return LENT
    scope = SCOPES[split(way.scope)[0]].words
    return BY.fill(role=grant.role.words if grant.role is not None else SINGLE, scope=scope)


def helpers_of(kind: ObjectType, record: str) -> frozenset[int]:
    return frozenset(one["person"] for one in related.team_of(kind, record))


def groups(found: Iterable[Seer]) -> list[tuple[Words, int]]:
    """How many by each reason, the most first."""
    counted: dict[Words, int] = {}
    for one in found:
        counted[one.via] = counted.get(one.via, 0) + 1
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0].zh))
