"""The difference between two worlds for everybody: by person, object type, action and field, without any record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from heli.access.facts import World
from heli.access.scopes import Person
from heli.access.shapes import SHAPES
from heli.policy.simulate.delta import Types, concerned
from heli.policy.simulate.holdings import (
    BRANCH,
    DEPARTMENT,
    LEAF,
    ME,
    Binding,
    Bundle,
    Company,
    Given,
    Resolver,
    Wordings,
)  # fmt: skip
from heli.policy.simulate.rights import Rights, What, compared, side
from heli.policy.simulate.terms import Right, minus, same


@dataclass(frozen=True, slots=True)
class Piece:
    """One right that differs: where it held and where it will, and what of that is new and what is gone."""

    what: What
    before: Right
    after: Right
    gained: Right
    lost: Right


@dataclass(frozen=True)
class Group:
    """People who are alike, and what differs for them; over placeholders, which each one's bindings ground."""

    people: tuple[int, ...]
    pieces: tuple[Piece, ...]
    before: tuple[Binding, ...]
    after: tuple[Binding, ...]
    """For each person what the placeholders stand for, before and after."""


@dataclass(frozen=True)
class Difference:
    """For everybody. People whose rights stay as they are stand in no group."""

    before: Company
    after: Company
    groups: tuple[Group, ...]
    looked_at: int
    """How many people could have been concerned."""

    @cached_property
    def people(self) -> tuple[int, ...]:
        return tuple(sorted(p for group in self.groups for p in group.people))

    @cached_property
    def gaining(self) -> frozenset[int]:
        return frozenset(p for g in self.groups if any(one.gained for one in g.pieces) for p in g.people)

    @cached_property
    def losing(self) -> frozenset[int]:
        return frozenset(p for g in self.groups if any(one.lost for one in g.pieces) for p in g.people)


class _Profile:
    """What people are given in both worlds, and how far they can be looked at together."""

    def __init__(
        self, one: Company, other: Company, bundles: tuple[tuple[Bundle, ...], ...], kinds: tuple[str, str], types: Types,
        *, moved: bool,
    ) -> None:  # fmt: skip
        lots = one.wordings.lots
        self.bundles, self.kinds, self.types = bundles, kinds, types
        self.scopes = {s for part in bundles for number, *_ in part for line in lots[number] for s in line.scopes}
        for company, kind in ((one, kinds[0]), (other, kinds[1])):
            for ceiling in company.world.all_ceilings.values():
                if ceiling.kinds is None or kind in ceiling.kinds:
                    self.scopes |= {s for line in company.ceiling_lines(ceiling) for s in line.scopes}
        places = {department for part in bundles for _, _, department, _ in part}
        tree = one.world.tree
        place = next(iter(places)) if len(places) == 1 else None
        self.place = place if not moved and place in tree.nodes else None
        """The one department that carries everything; then keys are placeholders."""
        self.leaf = self.place is not None and not tree.children.get(self.place)

    def key(self, abstract: bool) -> tuple[object, ...]:
        """Equal for people who are alike."""
        parts = tuple(
            frozenset((n, role, DEPARTMENT if abstract else d, project) for n, role, d, project in part)
            for part in self.bundles
        )
        return parts, self.kinds, self.types, abstract, abstract and self.leaf

    def given(self, at: int, company: Company, abstract: bool) -> dict[str, tuple[Given, ...]]:
        """Lines by type."""
        found: dict[str, list[Given]] = defaultdict(list)
        for number, role, department, project in self.bundles[at]:
            for line in company.wordings.lots[number]:
                found[line.type].append(Given(line, role, DEPARTMENT if abstract else department, project))
        return {code: tuple(lines) for code, lines in found.items()}


@dataclass(slots=True)
class _Alike:
    """People who are alike, while they are collected."""

    profile: _Profile
    abstract: bool
    alone: int | None
    reports: tuple[frozenset[int], ...]
    projects: tuple[frozenset[str], ...]
    people: list[tuple[int, int | None]]


NONE: tuple[frozenset[int], ...] = (frozenset(), frozenset())


def difference(before: World, after: World, moment: datetime) -> Difference:
    """What differs for whom at this moment."""
    wordings = Wordings()
    one, other = Company(before, moment, wordings), Company(after, moment, wordings)
    who = concerned(one, other)
    alike = _grouped(one, other, who.types, who.moved)
    rights: dict[object, Rights] = {}
    found: list[Group] = []
    for group in alike:
        pieces = tuple(_pieces(group, one, other, rights))
        if pieces:
            found.append(
                Group(
                    tuple(person for person, _ in group.people), pieces,
                    tuple(Binding(person, place, before.tree) for person, place in group.people),
                    tuple(Binding(person, place, after.tree) for person, place in group.people),
                )
            )  # fmt: skip
    return Difference(one, other, tuple(found), len(who.types))


def _grouped(one: Company, other: Company, types_of: dict[int, Types], moved: set[int]) -> list[_Alike]:
    profiles: dict[object, _Profile] = {}
    found: dict[object, _Alike] = {}
    overseers = one.overseers | other.overseers
    for person, types in types_of.items():
        bundles = (one.bundles(person, types), other.bundles(person, types))
        kinds = (one.world.kind_of(person) or "nobody", other.world.kind_of(person) or "nobody")
        mark = (bundles, kinds, types, person in moved)
        profile = profiles.get(mark)
        if profile is None:
            profile = profiles[mark] = _Profile(one, other, bundles, kinds, types, moved=person in moved)
        alone = person if "oversees" in profile.scopes and person in overseers else None
        reports = (one.reports(person), other.reports(person)) if "reports" in profile.scopes else NONE
        projects = (_projects(one, person), _projects(other, person)) if "project" in profile.scopes else ()
        abstract = alone is None and profile.place is not None
        key = (profile.key(abstract), alone, reports, projects)
        group = found.get(key)
        if group is None:
            group = found[key] = _Alike(profile, abstract, alone, reports, projects, [])
        group.people.append((person, profile.place if abstract else None))
    return list(found.values())


def _projects(company: Company, person: int) -> frozenset[str]:
    return frozenset(part.project for part in company.open_parts(person))


def _pieces(group: _Alike, one: Company, other: Company, rights: dict[object, Rights]) -> Iterator[Piece]:
    profile, abstract = group.profile, group.abstract
    sides = []
    for at, company in enumerate((one, other)):
        me = ME if group.alone is None else group.alone
        reports, projects = group.reports[at], group.projects[at] if group.projects else frozenset()
        tree = company.world.tree if not abstract else LEAF if profile.leaf else BRANCH
        kept = (id(tree), me, reports, projects)
        if kept not in rights:
            rights[kept] = Rights(Resolver(Person(me, tree, lambda reports=reports: reports, projects)))  # type: ignore[misc]
        sides.append((company, rights[kept], profile.kinds[at], profile.given(at, company, abstract)))
    same_keys = sides[0][1] is sides[1][1]
    codes = sides[0][3].keys() | sides[1][3].keys()
    for code in sorted(codes):
        if SHAPES.get(code) is None or (profile.types is not None and code not in profile.types):
            continue
        pair = [side(company, made, kind, code, given.get(code, ())) for company, made, kind, given in sides]
        for what, was, now in compared(code, pair[0], pair[1], alike=same_keys):
            if same(was, now):
                continue
            gained, lost = minus(now, was), minus(was, now)
            if gained or lost:
                yield Piece(what, was, now, gained, lost)
