"""The difference between two worlds for everybody: by person, object type, action and field, without any record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from heli.access.core.terms import Right
from heli.access.facts import World
from heli.access.scopes import Person
from heli.access.shapes import SHAPES
from heli.policy.simulate.delta import Types, concerned
from heli.policy.simulate.holdings import Bundle, Company, Given, Resolver
from heli.policy.simulate.places import BRANCH, LEAF, ME, Binding
from heli.policy.simulate.rights import Cap, Factors, Rights, Side, What, asked
from heli.policy.simulate.wordings import Wordings


@dataclass(frozen=True)
class Piece:
    """One right that differs: what of it is new and what is gone; where it held and will hold is worked out when asked."""

    what: What
    gained: Right
    lost: Right
    sides: tuple[tuple[Rights, Factors], tuple[Rights, Factors]]

    @cached_property
    def before(self) -> Right:
        rights, factors = self.sides[0]
        return rights.whole(factors)

    @cached_property
    def after(self) -> Right:
        rights, factors = self.sides[1]
        return rights.whole(factors)


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


@dataclass(slots=True)
class Alike:
    """People who are alike, while they are collected: what they are given in both worlds, and how it is resolved."""

    bundles: tuple[frozenset[Bundle], frozenset[Bundle]]
    kinds: tuple[str, str]
    types: Types
    abstract: bool
    leaf: bool
    alone: int | None
    reports: tuple[frozenset[int], frozenset[int]]
    projects: tuple[frozenset[str], frozenset[str]]
    people: list[tuple[int, int | None]]

    def given(self, at: int, wordings: Wordings) -> dict[str, list[Given]]:
        """Lines by type."""
        found: dict[str, list[Given]] = defaultdict(list)
        for number, role, department, project in self.bundles[at]:
            for line in wordings.lots[number]:
                found[line.type].append(Given(line, role, department, project))
        return found


NO_REPORTS: tuple[frozenset[int], frozenset[int]] = (frozenset(), frozenset())
NO_PROJECTS: tuple[frozenset[str], frozenset[str]] = (frozenset(), frozenset())


def difference(before: World, after: World, moment: datetime) -> Difference:
    """What differs for whom at this moment."""
    wordings = Wordings()
    one, other = Company(before, moment, wordings), Company(after, moment, wordings)
    who = concerned(one, other)
    working = Working(one, other)
    found: list[Group] = []
    for group in grouped(one, other, who.types, who.moved):
        pieces = tuple(working.pieces(group))
        if pieces:
            people = tuple(person for person, _ in group.people)
            was = tuple(Binding(person, place, before.tree) for person, place in group.people)
            now = was
            if after.tree is not before.tree:
                now = tuple(Binding(person, place, after.tree) for person, place in group.people)
            found.append(Group(people, pieces, was, now))
    return Difference(one, other, tuple(found), len(who.types))


def grouped(one: Company, other: Company, types_of: dict[int, Types], moved: set[int]) -> list[Alike]:
    found: dict[object, Alike] = {}
    overseers, tree = one.overseers | other.overseers, one.world.tree
    named: dict[object, frozenset[str]] = {}
    for person, types in types_of.items():
        kinds = (one.world.kind_of(person) or "nobody", other.world.kind_of(person) or "nobody")
        place = None
        if person not in moved:
            departments = {post.department for post in one.open_posts(person)}
            if len(departments) == 1 and not departments.isdisjoint(tree.nodes):
                (place,) = departments
        bundles = (one.bundles(person, types, place), other.bundles(person, types, place))
        asks = (*bundles, kinds)
        scopes = named.get(asks)
        if scopes is None:
            scopes = named[asks] = _scopes(one, other, bundles, kinds)
        alone = None
        if "oversees" in scopes and person in overseers:
            alone, place = person, None
            bundles = (one.bundles(person, types, None), other.bundles(person, types, None))
        reports = (one.reports(person), other.reports(person)) if "reports" in scopes else NO_REPORTS
        projects = (_projects(one, person), _projects(other, person)) if "project" in scopes else NO_PROJECTS
        leaf = place is not None and not tree.children.get(place)
        key = (bundles, kinds, types, place is not None, leaf, alone, reports, projects)
        group = found.get(key)
        if group is None:
            group = found[key] = Alike(bundles, kinds, types, place is not None, leaf, alone, reports, projects, [])
        group.people.append((person, place))
    return list(found.values())


def _scopes(
    one: Company, other: Company, bundles: tuple[frozenset[Bundle], frozenset[Bundle]], kinds: tuple[str, str]
) -> frozenset[str]:
    """Every scope that has a say in what these people may do."""
    found = {s for side in bundles for number, *_ in side for s in one.wordings.scopes(number)}
    for company, kind in zip((one, other), kinds, strict=True):
        found |= company.bounding_scopes(kind)
    return frozenset(found)


def _projects(company: Company, person: int) -> frozenset[str]:
    return frozenset(part.project for part in company.open_parts(person))


class Working:
    """What is shared while the groups are worked out: terms by resolver, ceilings by kind and type."""

    def __init__(self, one: Company, other: Company) -> None:
        self.companies = (one, other)
        self._rights: dict[object, Rights] = {}
        self._caps: dict[tuple[int, str, str], tuple[Cap, ...]] = {}

    def sides(self, group: Alike, at: int) -> Callable[[str], Side]:
        """What these people are given on a type in one of the two worlds, and what bounds it there."""
        given, rights = group.given(at, self.companies[at].wordings), self._resolved(group, at)

        def side(code: str) -> Side:
            caps = self._capped(at, group.kinds[at], code)
            rights.know(given.get(code, ()))
            for cap in caps:
                rights.know(cap.lines)
            return Side(rights, tuple(given.get(code, ())), caps)

        return side

    def types(self, group: Alike) -> list[str]:
        """Types on which anything is given in either world."""
        lots = self.companies[0].wordings.lots
        found = {line.type for bundles in group.bundles for number, *_ in bundles for line in lots[number]}
        return sorted(c for c in found if SHAPES.get(c) is not None and (group.types is None or c in group.types))

    def pieces(self, group: Alike) -> Iterator[Piece]:
        before, after = self.sides(group, 0), self.sides(group, 1)
        for code in self.types(group):
            pair = before(code), after(code)
            rights = pair[0].rights, pair[1].rights
            for what, was, now in asked(code, *pair):
                gained, lost = rights[1].beyond(now, rights[0], was), rights[0].beyond(was, rights[1], now)
                if gained or lost:
                    yield Piece(what, gained, lost, ((rights[0], was), (rights[1], now)))

    def _resolved(self, group: Alike, at: int) -> Rights:
        me = ME if group.alone is None else group.alone
        reports, projects = group.reports[at], group.projects[at]
        tree = self.companies[at].world.tree if not group.abstract else LEAF if group.leaf else BRANCH
        key = (id(tree), me, reports, projects)
        found = self._rights.get(key)
        if found is None:
            asking = Person(me, tree, lambda: reports, projects)
            found = self._rights[key] = Rights(Resolver(asking))
        return found

    def _capped(self, at: int, kind: str, code: str) -> tuple[Cap, ...]:
        key = (at, kind, code)
        found = self._caps.get(key)
        if found is None:
            company = self.companies[at]
            found = self._caps[key] = tuple(
                Cap(one, tuple(Given(line, "", None, None) for line in company.ceiling_lines(one)))
                for one in company.ceilings(kind, code)
            )
        return found
