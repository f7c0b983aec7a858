"""Running policy tests over a company held in memory: every promise, over everybody there is and every role alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heli.access import view as views
from heli.access.facts import GrantFact, World
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.access.view import lines_of
from heli.kernel import clock
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.policy.models import Promise as Stored
from heli.policy.promise import Bound, Breach, Given, Promise, breach, parse_promise

BROKEN = Words("策略测试「{name}」不再成立：{how}", "the policy test “{name}” would no longer hold: {how}")
GIVES = Words(
    "{who}通过{source}第 {line} 条可以在「{scope}」范围{what}",
    "{who} may {what} within “{scope}” through line {line} of {source}",
)
LACKS = Words("{who}没有任何权限项保证可以{what}", "nothing makes sure that {who} may {what}")
ANYONE = Words("任何得到这个角色的人", "whoever were given it")
ROLE = Words("角色「{role}」", "the role “{role}”")
SINGLE = Words("一项单独授权", "a single grant")
OF = Words("{action}{type}", "{action} {type}")
CELL = Words("{action}{type}的{field}", "{action} the {field} of {type}")


@dataclass(frozen=True, slots=True)
class Result:
    """One promise and the ways in which it is broken; kept when there are none."""

    code: str
    promise: Promise
    breaches: tuple[Breach, ...]

    @property
    def kept(self) -> bool:
        return not self.breaches


def stored() -> dict[str, Mapping[str, Any]]:
    """The policy tests that are in force."""
    return dict(Stored.objects.order_by("code").values_list("code", "body"))


def run(world: World, promises: Mapping[str, Mapping[str, Any]], moment: datetime | None = None) -> list[Result]:
    """Every promise against this company. A promise about a type, field or scope that is gone is broken, not skipped."""
    groups = _Groups(world, moment or clock.now())
    return [
        Result(code, promise, groups.breaches(promise))
        for code, promise in ((code, parse_promise(body, f"promises/{code}")) for code, body in promises.items())
    ]


def refuse_new(before: World, after: World, person: int) -> None:
    """Raises Conflict when a policy test would no longer hold for this person that holds for them now."""
    bodies = stored()
    had, has = (run(replace(one, people={person: one.people[person]}), bodies) for one in (before, after))
    for old, new in zip(had, has, strict=True):
        if old.kept and not new.kept:
            name = Words(new.promise.name, new.promise.name_en or new.promise.name)
            raise Conflict(BROKEN.fill(name=name, how=said(new, after)[0]), code="promise")


@dataclass(frozen=True, slots=True)
class _Group:
    """People who hold the very same grants under the same ceilings; none for a role that is looked at alone."""

    roles: frozenset[str]
    kind: str
    given: tuple[Given, ...]
    people: tuple[int, ...]


class _Groups:
    """Everybody, put together with whom they are alike: scopes are compared as written, so departments do not matter."""

    def __init__(self, world: World, moment: datetime) -> None:
        self.world = world
        self._bounds: dict[str, list[Bound]] = {}
        alike: dict[tuple[str, frozenset[int]], list[int]] = defaultdict(list)
        grants: dict[int, GrantFact] = {}
        for person in world.people.values():
            subjects, _ = views.subjects_of(person.id, world, moment)
            held = [grant for grant, _ in views.grants_to(subjects, world, moment)]
            grants |= {g.id: g for g in held}
            alike[person.kind, frozenset(g.id for g in held)].append(person.id)
        self.groups = [
            _group(kind, [grants[pk] for pk in sorted(ids)], people) for (kind, ids), people in alike.items()
        ]
        self.groups += [
            _Group(frozenset({role.code}), "employee", _lines(0, role.code, role.lines), ())
            for role in world.roles.values()
            if not role.closed
        ]

    def bounds(self, kind: str) -> list[Bound]:
        found = self._bounds.get(kind)
        if found is None:
            found = self._bounds[kind] = [
                Bound(
                    c.code,
                    c.type,
                    None if c.actions is None else frozenset(c.actions),
                    None if c.roles is None else frozenset(c.roles),
                    lines_of(c.lines),
                )
                for c in self.world.ceilings()
                if c.kinds is None or kind in c.kinds
            ]
        return found

    def breaches(self, promise: Promise) -> tuple[Breach, ...]:
        found: list[Breach] = []
        for group in self.groups:
            if not promise.means(group.roles, group.kind) or (not group.people and "role" not in promise.who):
                continue
            broken = breach(promise, group.given, self.bounds(group.kind))
            if broken is not None:
                found.append(replace(broken, people=group.people))
        return tuple(sorted(found, key=lambda b: -len(b.people)))


def _group(kind: str, grants: Sequence[GrantFact], people: Sequence[int]) -> _Group:
    roles = frozenset(g.role.code for g in grants if g.role is not None)
    given = tuple(one for g in grants for one in _lines(g.id, g.role.code if g.role else "", g.given))
    return _Group(roles, kind, given, tuple(people))


def _lines(grant: int, role: str, lines: Any) -> tuple[Given, ...]:
    return tuple(Given(line, grant, role, "", at) for at, line in enumerate(lines_of(lines)))


def said(result: Result, world: World) -> list[Words]:
    """How the promise is broken, in sentences: the shape of a counterexample, no record. At most ten."""
    promise = result.promise
    shape = SHAPES[promise.type]
    what = OF.fill(action=_action(promise.action), type=shape.words)
    if promise.field is not None:
        what = CELL.fill(action=_action(promise.action), type=shape.words, field=_field(promise))
    found = []
    for one in result.breaches[:10]:
        who = _who(one.people, world)
        if one.given is None:
            found.append(LACKS.fill(who=who, what=what))
            continue
        role = world.roles.get(one.given.role)
        source = ROLE.fill(role=role.words) if role is not None else SINGLE
        scope = SCOPES[split(one.scope)[0]].words
        found.append(GIVES.fill(who=who, source=source, line=one.given.at + 1, scope=scope, what=what))
    return found


def _who(people: Sequence[int], world: World) -> Words:
    if not people:
        return ANYONE
    names = [world.people[pk].name for pk in people[:3]]
    more = len(people) - len(names)
    return Words(
        "、".join(names) + (f"等 {len(people)} 人" if more else ""),
        ", ".join(names) + (f" and {more} more" if more else ""),
    )


_ACTIONS = {
    "read": Words("看", "read"), "create": Words("新建", "create"), "edit": Words("改", "edit"),
    "delete": Words("删除", "delete"), "approve": Words("批准", "approve"), "export": Words("导出", "export"),
    "transfer": Words("转移", "transfer"), "assign": Words("分配", "assign"), "share": Words("借出", "lend"),
    "open": Words("打开", "open"), "administer": Words("管理", "administer"), "grant": Words("授权", "grant"),
    "import": Words("导入", "import"),
}  # fmt: skip


def _action(code: str) -> Words:
    return _ACTIONS.get(code, Words(code, code))


def _field(promise: Promise) -> Words:
    from heli.records.types import TYPES

    kind = TYPES.get(promise.type)
    code = promise.field or ""
    return kind.fields[code].words if kind is not None and code in kind.fields else Words(code, code)
