"""Separation of duties: roles, or single rights, that nobody may hold together, whoever gave them and for however long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from heli.access.facts import World
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.policy import apart, remembered
from heli.policy.likeness import Holding, Likeness, standing
from heli.policy.models import Duty

BOTH = Words(
    "{person} 不能同时担任「{first}」和「{second}」：{duty}",
    "{person} may not hold “{first}” and “{second}” together: {duty}",
)


@dataclass(frozen=True, slots=True)
class Clash:
    """One person who holds, or would hold, both sides of a duty: its roles, what amounts to them, or rights that it names."""

    duty: str
    words: Words
    person: int
    first: str
    second: str
    first_words: Words
    """The role, with what amounts to it where it is not held by name."""
    second_words: Words

    @property
    def thing(self) -> tuple[str, int, str, str]:
        return self.duty, self.person, self.first, self.second


def stored() -> dict[str, Mapping[str, Any]]:
    """The duties in force."""
    return dict(Duty.objects.order_by("code").values_list("code", "body"))


def binding() -> dict[str, Mapping[str, Any]]:
    """The duties that bind whatever is no draft: those in force, and those that one approval took away lately."""
    return dict(remembered.binding("duty", stored()))


def clashes(
    facts: World, duties: Mapping[str, Mapping[str, Any]], people: Iterable[int] | None = None,
    moment: datetime | None = None, company: Company | None = None, before: Company | None = None,
) -> list[Clash]:  # fmt: skip
    """Everyone (or of these people those) who holds what a duty keeps apart, by duty and person: roles, or what amounts to
    them (``likeness``).

    company: these facts with their index, where the caller has it already; before: see ``Likeness``.
    """
    if not duties:
        return []
    indexed = company or Company(facts, moment or clock.now())
    likeness = Likeness(indexed, before)
    known: dict[object, list[Clash]] = {}
    found: list[Clash] = []
    for holding in standing(indexed, people):
        thing = holding.thing
        if thing not in known:
            known[thing] = [one for code, body in duties.items() for one in _clashes(code, body, holding, likeness)]
        found += [replace(one, person=person) for one in known[thing] for person in holding.people]
    return sorted(found, key=lambda c: c.thing)


def _clashes(code: str, body: Mapping[str, Any], holding: Holding, likeness: Likeness) -> Iterator[Clash]:
    """How what they hold goes against one duty: by its roles; else by any one of the rights that it names."""
    words = Words(body["name"], body["name_en"] or body["name"])
    sides = frozenset(body["first"]), frozenset(body["second"])
    found = list(_as_roles(code, words, body, sides, holding, likeness))
    yield from found
    rights = apart.of(body, "first"), apart.of(body, "second")
    if found or not any(rights):
        return
    first, second = (apart.held(holding, some) for some in rights)
    if first is None and second is None:
        return
    first = first or _side(holding, likeness, body["first"], body["second"])
    second = second or _side(holding, likeness, body["second"], body["first"])
    if first is not None and second is not None:
        yield Clash(code, words, 0, first[0], second[0], first[1], second[1])


def _side(
    holding: Holding, likeness: Likeness, roles: Iterable[str], others: Sequence[str]
) -> tuple[str, Words] | None:
    """The role of one side that they hold, by name or by what amounts to it; None when they hold none."""
    for role in roles:
        for other in others or (None,):
            if role in holding.codes or likeness.amounts(holding, role, other, frozenset(others)):
                return role, holding.codes.get(role) or likeness.told(holding, role, other, frozenset(others))
    return None


def _as_roles(
    code: str,
    words: Words,
    body: Mapping[str, Any],
    sides: Sequence[frozenset[str]],
    holding: Holding,
    likeness: Likeness,
) -> Iterator[Clash]:
    """Of a side of which they hold a role by name no other role is looked for."""
    named = [not side.isdisjoint(holding.codes) for side in sides]
    for first in dict.fromkeys(body["first"]):
        for second in dict.fromkeys(body["second"]):
            if first == second:
                continue
            one = _as(holding, likeness, first, second, sides[1], named[0])
            other = _as(holding, likeness, second, first, sides[0], named[1]) if one is not None else None
            if one is not None and other is not None:
                yield Clash(code, words, 0, first, second, one, other)


def _as(
    holding: Holding, likeness: Likeness, role: str, beside: str, against: frozenset[str], named: bool
) -> Words | None:
    """The role as they hold it, by name or by what amounts to it; None when they do not. What roles of the other side give
    does not count for this one: the company has said where they stand."""
    if role in holding.codes:
        return holding.codes[role]
    if named or not likeness.amounts(holding, role, beside, against):
        return None
    return likeness.told(holding, role, beside, against)


def said(one: Clash, name: str) -> Words:
    """A clash as a sentence."""
    return BOTH.fill(person=name, first=one.first_words, second=one.second_words, duty=one.words)


def refuse_new(was: Company, became: Company, people: Iterable[int]) -> None:
    """Raises Conflict when one of these people would come to hold what a duty keeps apart and did not before."""
    duties, some = binding(), list(people)
    had = {one.thing for one in clashes(was.world, duties, some, company=was)}
    now = clashes(became.world, duties, some, company=became, before=was)
    fresh = [one for one in now if one.thing not in had]
    if fresh:
        found = became.world.people.get(fresh[0].person)
        raise Conflict(said(fresh[0], found.name if found is not None else "?"), code="duty")
