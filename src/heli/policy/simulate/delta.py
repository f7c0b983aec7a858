"""Whom a change can concern at all, and on which object types: everyone else's rights need not be looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from heli.access.facts import CeilingFact, GrantFact
from heli.org.tree import Tree
from heli.policy.simulate.holdings import Company

type Types = frozenset[str] | None
"""Object types; None: any."""


@dataclass
class Concerned:
    """People by the types on which their rights may differ; ``moved`` are those whose place or whose tree is another."""

    types: dict[int, Types] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)

    def add(self, people: Iterable[int], types: Types) -> None:
        if types is not None and not types:
            return
        for person in people:
            have = self.types.get(person, frozenset())
            self.types[person] = None if have is None or types is None else have | types


def concerned(before: Company, after: Company) -> Concerned:
    """Everybody whose rights may differ between the two worlds."""
    found = Concerned()
    _people(before, after, found)
    if before.world.tree is not after.world.tree:
        _tree(before, after, found)
    if before.world.reporting is not after.world.reporting:
        _reporting(before, after, found)
    _grants(before, after, found)
    _ceilings(before, after, found)
    return found


def _people(before: Company, after: Company, found: Concerned) -> None:
    one, other = before.world, after.world
    if one.people is not other.people:
        for person in one.people.keys() | other.people.keys():
            was, now = one.people.get(person), other.people.get(person)
            if was is not now and (was is None or now is None or was.kind != now.kind):
                found.add([person], None)
                found.moved.add(person)
    for mine, theirs in (
        (one.posts_by_person, other.posts_by_person), (one.members_by_person, other.members_by_person),
    ):  # fmt: skip
        if mine is theirs:
            continue
        for person in mine.keys() | theirs.keys():
            if mine.get(person, ()) != theirs.get(person, ()):
                found.add([person], None)
                found.moved.add(person)


def _tree(before: Company, after: Company, found: Concerned) -> None:
    """People at departments that have other departments above or below them, and who oversees such."""
    one, other = before.world.tree, after.world.tree
    changed: set[int] = set()
    overseen = False
    for pk in one.nodes.keys() | other.nodes.keys():
        was, now = one.nodes.get(pk), other.nodes.get(pk)
        if was is None or now is None or was.parent != now.parent:
            for tree in (one, other):
                changed |= _around(tree, pk)
        if (was.overseer if was else None) != (now.overseer if now else None):
            overseen = True
    people = {p for d in changed for company in (before, after) for p in company.posted(d)}
    found.add(people, None)
    found.moved |= people
    if changed or overseen:
        people = set(before.overseers | after.overseers)
        found.add(people, None)
        found.moved |= people


def _around(tree: Tree, pk: int) -> set[int]:
    return {*tree.above(pk), *tree.below(pk)}


def _reporting(before: Company, after: Company, found: Concerned) -> None:
    """Managers of whoever has another manager, all the way up."""
    edges = [
        {(who, manager) for manager, below in company.managed.items() for who in below} for company in (before, after)
    ]
    todo = [manager for _, manager in edges[0] ^ edges[1]]
    above: dict[int, set[int]] = {}
    for who, manager in edges[0] | edges[1]:
        above.setdefault(who, set()).add(manager)
    seen: set[int] = set()
    while todo:
        one = todo.pop()
        if one not in seen:
            seen.add(one)
            todo.extend(above.get(one, ()))
    found.add(seen, None)
    found.moved |= seen


def _grants(before: Company, after: Company, found: Concerned) -> None:
    roles: dict[tuple[int, int], frozenset[str]] = {}
    one, other = before.world.all_grants, after.world.all_grants
    for pk in one.keys() | other.keys():
        was, now = one.get(pk), other.get(pk)
        if was is now:
            continue
        if was is not None and now is not None and _plain(was) == _plain(now):
            if was.open_at(before.moment) == now.open_at(after.moment) and was.given is now.given:
                continue
            if was.open_at(before.moment) and now.open_at(after.moment):
                key = (id(was.given), id(now.given))
                types = roles.get(key)
                if types is None:
                    types = roles[key] = _differing(was, now)
                found.add(before.holders(was) | after.holders(now), types)
                continue
        for company, grant in ((before, was), (after, now)):
            if grant is not None:
                found.add(company.holders(grant), frozenset(line.type for line in company.lines(grant)))


def _plain(grant: GrantFact) -> tuple[object, ...]:
    return grant.kind, grant.subject, grant.below


def _differing(was: GrantFact, now: GrantFact) -> frozenset[str]:
    """Types of the lines that only one of them gives."""
    texts = [{orjson.dumps(one, option=orjson.OPT_SORT_KEYS): str(one["type"]) for one in g.given} for g in (was, now)]
    return frozenset(texts[0].get(text) or texts[1][text] for text in texts[0].keys() ^ texts[1].keys())


def _ceilings(before: Company, after: Company, found: Concerned) -> None:
    one, other = before.world.all_ceilings, after.world.all_ceilings
    if one is other:
        return
    for code in one.keys() | other.keys():
        was, now = one.get(code), other.get(code)
        if was == now:
            continue
        for company, ceiling in ((before, was), (after, now)):
            if ceiling is not None:
                found.add(_bounded(company, ceiling), None if ceiling.type == "*" else frozenset({ceiling.type}))


def _bounded(company: Company, ceiling: CeilingFact) -> list[int]:
    kinds = ceiling.kinds
    return [p.id for p in company.world.people.values() if kinds is None or p.kind in kinds]
