"""Separation of duties: roles that nobody may hold together, whoever gave them and for however long."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from heli.access import view as views
from heli.access.facts import Facts, World
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Conflict
from heli.kernel.words import Words
from heli.policy import remembered
from heli.policy.models import Duty

BOTH = Words(
    "{person} 不能同时担任「{first}」和「{second}」：{duty}",
    "{person} may not hold “{first}” and “{second}” together: {duty}",
)


@dataclass(frozen=True, slots=True)
class Clash:
    """One person who holds, or would hold, roles of both sides of a duty."""

    duty: str
    words: Words
    person: int
    first: str
    second: str
    first_words: Words
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


def roles_of(person: int, facts: Facts, moment: datetime) -> dict[str, Words]:
    """The roles somebody holds at this moment or is sure to hold later, by code."""
    subjects, _ = views.subjects_of(person, facts, moment)
    return {
        grant.role.code: grant.role.words
        for grant, _ in views.grants_to(subjects, facts, moment, later=True)
        if grant.role is not None and not grant.role.closed
    }


def clashes(
    facts: World, duties: Mapping[str, Mapping[str, Any]], people: Iterable[int] | None = None,
    moment: datetime | None = None, company: Company | None = None,
) -> list[Clash]:  # fmt: skip
    """Everyone (or of these people those) who holds roles that a duty keeps apart, by duty and person.

    company: these facts with their index, where the caller has it already.
    """
    if not duties:
        return []
    now = moment or clock.now()
    if people is None:
        holders = _holders(company or Company(facts, now), {code for body in duties.values() for code in _named(body)})
    else:
        holders = defaultdict(dict)
        for person in people:
            for code, words in roles_of(person, facts, now).items():
                holders[code][person] = words
    found: list[Clash] = []
    for code, body in duties.items():
        words = Words(body["name"], body["name_en"] or body["name"])
        for first in dict.fromkeys(body["first"]):
            for second in dict.fromkeys(body["second"]):
                if first != second:
                    one, other = holders.get(first, {}), holders.get(second, {})
                    found += [
                        Clash(code, words, who, first, second, one[who], other[who]) for who in one.keys() & other
                    ]
    return sorted(found, key=lambda c: c.thing)


def _named(body: Mapping[str, Any]) -> tuple[str, ...]:
    return (*body["first"], *body["second"])


def _holders(company: Company, roles: Set[str]) -> dict[str, dict[int, Words]]:
    """Who holds these roles now or is sure to hold them later, with what each role is called."""
    found: dict[str, dict[int, Words]] = defaultdict(dict)
    for grant in company.world.all_grants.values():
        role = grant.role
        if role is None or role.closed or role.code not in roles:
            continue
        if grant.ends is None or grant.ends > company.moment:
            found[role.code] |= dict.fromkeys(company.crowd(grant).all, role.words)
    return found


def said(one: Clash, name: str) -> Words:
    """A clash as a sentence."""
    return BOTH.fill(person=name, first=one.first_words, second=one.second_words, duty=one.words)


def refuse_new(before: World, after: World, people: Iterable[int] | None = None) -> None:
    """Raises Conflict when somebody would come to hold what a duty keeps apart and did not before."""
    duties = binding()
    had = {one.thing for one in clashes(before, duties, people)}
    fresh = [one for one in clashes(after, duties, people) if one.thing not in had]
    if fresh:
        name = after.people[fresh[0].person].name if fresh[0].person in after.people else "?"
        raise Conflict(said(fresh[0], name), code="duty")
