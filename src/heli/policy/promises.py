"""Running policy tests over a company held in memory: every promise, over everybody there is and every role alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heli.access.core.line import Line
from heli.access.facts import GrantFact, World
from heli.access.models import Grant
from heli.access.scopes import SCOPES, split
from heli.access.shapes import SHAPES
from heli.access.view import lines_of
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.policy import remembered
from heli.policy.likeness import Holding, Likeness
from heli.policy.models import Promise as Stored
from heli.policy.promise import Bound, Breach, Given, Promise, breach, gives, parse_promise
from heli.records.said import said_action

BROKEN = Words("策略测试「{name}」不再成立：{how}", "the policy test “{name}” would no longer hold: {how}")
GIVES = Words(
    "{who}通过{source}第 {line} 条可以在「{scope}」范围{what}",
    "{who} may {what} within “{scope}” through line {line} of {source}",
)
LACKS = Words("{who}没有任何权限项保证可以{what}", "nothing makes sure that {who} may {what}")
COUNTED = Words("相当于担任{role}的{who}", "{who}, as good as holding {role},")
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


def run(
    world: World, promises: Mapping[str, Mapping[str, Any]], moment: datetime | None = None,
    company: Company | None = None, likeness: Likeness | None = None,
) -> list[Result]:  # fmt: skip
    """Every promise against this company. A promise about a type, field or scope that is gone is broken, not skipped.

    company: this world with its index, where the caller has it already; likeness: what makes a role, where that is not to
    be told from this world alone.
    """
    indexed = company or Company(world, moment or clock.now())
    groups = _Groups(indexed, likeness or Likeness(indexed))
    return [
        Result(code, promise, groups.breaches(promise))
        for code, promise in ((code, parse_promise(body, f"promises/{code}")) for code, body in promises.items())
    ]


def refuse_new(was: Company, became: Company, people: Iterable[int]) -> None:
    """Raises Conflict when a policy test would no longer hold for one of these people that holds for them now, by more than a
    role that breaks it whoever holds it."""
    bodies, some = dict(remembered.binding("promise", stored())), set(people)
    if not bodies or not some & became.world.people.keys():
        return
    before = _of(was, some, bodies, Likeness(was))
    known = {(one.code, pk) for one in before for found in one.breaches for pk in found.people}
    # A role that breaks a test by itself did so before: whoever comes to hold it next is not to blame.
    alone = {(one.code, _way(found)) for one in before for found in one.breaches if not found.people}
    for one in _of(became, some, bodies, Likeness(became, was)):
        fresh = [replace(found, people=new) for found in one.breaches if (one.code, _way(found)) not in alone
                 and (new := tuple(pk for pk in found.people if (one.code, pk) not in known))]  # fmt: skip
        if fresh:
            name = Words(one.promise.name, one.promise.name_en or one.promise.name)
            how = said(replace(one, breaches=tuple(fresh)), became.world)[0]
            raise Conflict(BROKEN.fill(name=name, how=how), code="promise")


def _way(one: Breach) -> tuple[str, str, int] | None:
    return (one.given.role, one.scope, one.given.at) if one.given is not None else None


def _of(
    company: Company, people: Set[int], bodies: Mapping[str, Mapping[str, Any]], likeness: Likeness
) -> list[Result]:
    """The policy tests on these people alone, and what makes a role still told by everybody."""
    world = company.world

    def own[T](whole: Mapping[int, T]) -> dict[int, T]:
        return {pk: one for pk, one in whole.items() if pk in people}

    alone = replace(
        world, people=own(world.people), posts_by_person=own(world.posts_by_person),
        members_by_person=own(world.members_by_person),
    )  # fmt: skip
    return run(alone, bodies, company.moment, likeness=likeness)


@dataclass(frozen=True, slots=True)
class _Source:
    """One grant, or one role looked at alone (0), with the number of the wording of its lines."""

    grant: int
    role: str
    wording: int


@dataclass(frozen=True, slots=True)
class _Group:
    """People who hold the very same grants under the same ceilings; none for a role that is looked at alone."""

    roles: frozenset[str]
    kind: str
    sources: tuple[_Source, ...]
    people: Sequence[int]


class _Groups:
    """Everybody, put together with whom they are alike: scopes are compared as written, so departments do not matter.

    What a promise means of a line is worked out once for each wording, however many grants give it.
    """

    def __init__(self, company: Company, likeness: Likeness) -> None:
        self.world = world = company.world
        self._likeness, self._at_root, self._moment = likeness, company.at_root, company.moment
        self._holdings: dict[tuple[int, bool], tuple[Holding, object]] = {}
        self._alike: dict[tuple[object, str], bool] = {}
        self._bounds: dict[str, list[Bound]] = {}
        self._numbers: dict[int, int] = {}
        self._lines: list[tuple[Line, ...]] = []
        sources: dict[int, _Source] = {}
        self.groups: list[_Group] = []
        for (kind, ids), people in company.alike.items():
            for pk in ids:
                if pk not in sources:
                    grant = world.all_grants[pk]
                    role = grant.role.code if grant.role is not None else ""
                    sources[pk] = _Source(pk, role, self._wording(grant.given))
            own = tuple([sources[pk] for pk in ids])
            self.groups.append(_Group(frozenset([one.role for one in own if one.role]), kind, own, people))
        self.groups += [
            _Group(frozenset({role.code}), "employee", (_Source(0, role.code, self._wording(role.lines)),), ())
            for role in world.roles.values()
            if not role.closed
        ]
        self._given: list[list[int]] = [[] for _ in self._lines]  # by wording: the groups that hold it
        for at, group in enumerate(self.groups):
            for number in {one.wording for one in group.sources}:
                self._given[number].append(at)

    def _wording(self, lines: Any) -> int:
        found = self._numbers.get(id(lines))  # the world keeps them alive
        if found is None:
            found = self._numbers[id(lines)] = len(self._lines)
            self._lines.append(lines_of(lines))
        return found

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
        told: dict[int, list[tuple[int, Line]]] = {}
        for number, lines in enumerate(self._lines):
            some = [(at, line) for at, line in enumerate(lines) if gives(line, promise)]
            if some:
                told[number] = some
        # Whoever has no such line breaks no promise that nobody may; every other promise is asked of everybody.
        never = promise.rule == "never"
        some_groups = (
            sorted({at for number in told for at in self._given[number]}) if never else range(len(self.groups))
        )
        found: list[Breach] = []
        for group in map(self.groups.__getitem__, some_groups):
            if not group.people and "role" not in promise.who:
                continue
            people, counted = group.people, None
            if not promise.means(group.roles, group.kind):
                # Of what they may always do a copy is promised nothing: only what a role must not do is passed by one.
                people, counted = self._counted(promise, group) if never else ((), None)
                if counted is None:
                    continue
            given = [
                Given(line, one.grant, one.role, "", at)
                for one in group.sources
                for at, line in told.get(one.wording, ())
            ]
            broken = breach(promise, given, self.bounds(group.kind))
            if broken is not None:
                found.append(replace(broken, people=tuple(people), counted=counted))
        return tuple(sorted(found, key=lambda b: -len(b.people)))

    def _counted(self, promise: Promise, group: _Group) -> tuple[Sequence[int], Words | None]:
        """Who of a group is meant because what they hold amounts to a role that the promise names, and to which."""
        for role in promise.who.get("role", ()):
            if not promise.means(group.roles | {role}, group.kind):
                continue
            for top in (False, True):
                holding, thing = self._holding(group, top)
                if (thing, role) not in self._alike:
                    self._alike[thing, role] = self._likeness.amounts(holding, role)
                if self._alike[thing, role]:
                    people = [pk for pk in group.people if pk in self._at_root] if top else group.people
                    if people or not top:
                        return people, self._likeness.told(holding, role)
        return (), None

    def _holding(self, group: _Group, top: bool) -> tuple[Holding, object]:
        found = self._holdings.get((id(group), top))
        if found is None:
            holding = Holding.of([self._grant(one) for one in group.sources], group.people, top)
            found = self._holdings[id(group), top] = holding, holding.thing
        return found

    def _grant(self, source: _Source) -> GrantFact:
        if source.grant:
            return self.world.all_grants[source.grant]
        return GrantFact(0, self.world.roles[source.role], None, Grant.PERSON, "", False, self._moment, None)


def said(result: Result, world: World) -> list[Words]:
    """How the promise is broken, in sentences: the shape of a counterexample, no record. At most ten."""
    promise = result.promise
    shape = SHAPES[promise.type]
    what = OF.fill(action=_action(promise), type=shape.words)
    if promise.field is not None:
        what = CELL.fill(action=_action(promise), type=shape.words, field=_field(promise))
    found = []
    for one in result.breaches[:10]:
        who = _who(one.people, world)
        if one.counted is not None:
            who = COUNTED.fill(who=who, role=one.counted)
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


def _action(promise: Promise) -> Words:
    return _ACTIONS.get(promise.action) or said_action(promise.type, promise.action)


def _field(promise: Promise) -> Words:
    from heli.records.types import TYPES

    kind = TYPES.get(promise.type)
    code = promise.field or ""
    return kind.fields[code].words if kind is not None and code in kind.fields else Words(code, code)
