"""Rules that are taken away or weakened by who would break them: in the same draft, or shortly before by another.

A draft is measured by the duties and policy tests that it leaves, so it may take one out and do what that one forbade. It
has to say so, and takes one approval more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from heli.access.facts import World
from heli.insight.company import Company
from heli.kernel.errors import Invalid
from heli.kernel.words import Words
from heli.policy import duties, promises
from heli.policy.change import Change
from heli.policy.promise import Breach
from heli.policy.remembered import RULES, Body, earlier, taken_away

MOST: Final = 10
"""Sentences for a rule: the rest is told by the number."""

type Tests = Callable[[Mapping[str, Body]], list[promises.Result]]


@dataclass(frozen=True, slots=True)
class Lifted:
    """A rule as it was before it was taken away or weakened, and what is possible without it that was not."""

    kind: str
    key: str
    name: Words
    how: tuple[Words, ...]
    earlier: bool
    """Taken away not by this draft but by one shortly before."""

    @property
    def rule(self) -> str:
        return f"{self.kind}/{self.key}"


def find(
    was: Company, became: Company, changes: Sequence[Change], in_force: Mapping[str, Mapping[str, Body]],
    before: Tests, after: Tests,
) -> tuple[Lifted, ...]:  # fmt: skip
    """``in_force``: the duties and policy tests of today by kind; ``before``, ``after``: run tests on the two companies."""
    own = taken_away(changes)
    stand = {(kind, key): body for kind, bodies in in_force.items() for key, body in bodies.items()}
    left = {thing: body for thing, body in stand.items() if thing not in own}
    left |= {one.thing: one.after for one in changes if one.kind in RULES and one.after is not None}
    rules = [(thing, body, False) for thing, body in own.items()]
    rules += [(thing, body, True) for thing, body in earlier(left) if own.get(thing) != body]
    found = []
    for (kind, key), body, before_this in rules:
        how = _duty(was, became, key, body) if kind == "duty" else _promise(became.world, key, body, before, after)
        if how:
            found.append(Lifted(kind, key, Words(body["name"], body["name_en"] or body["name"]), how, before_this))
    return tuple(found)


def _duty(was: Company, became: Company, key: str, body: Body) -> tuple[Words, ...]:
    had = {one.thing for one in duties.clashes(was.world, {key: body}, company=was)}
    after = duties.clashes(became.world, {key: body}, company=became, before=was)
    fresh = [one for one in after if one.thing not in had]
    people = became.world.people
    return tuple(duties.said(one, people[one.person].name if one.person in people else "?") for one in fresh[:MOST])


def _promise(world: World, key: str, body: Body, before: Tests, after: Tests) -> tuple[Words, ...]:
    try:
        (had,), (has,) = before({key: body}), after({key: body})
    except Invalid:
        return ()  # it is about a type or field that is gone
    known = broken([had])
    fresh = [one for one in has.breaches if not broken([replace(has, breaches=(one,))]) <= known]
    return tuple(promises.said(replace(has, breaches=_together(fresh)), world)[:MOST])


def _together(breaches: Iterable[Breach]) -> tuple[Breach, ...]:
    """Everybody whom the same line concerns in one: a rule is told by what is possible, not by who is alike."""
    found: dict[tuple[str, str, int], Breach] = {}
    for one in breaches:
        key = (one.given.role or f"grant {one.given.grant}", one.scope, one.given.at) if one.given else ("", "", -1)
        had = found.get(key)
        found[key] = one if had is None else replace(had, people=tuple(dict.fromkeys((*had.people, *one.people))))
    return tuple(sorted(found.values(), key=lambda one: -len(one.people)))


type Way = tuple[str, str, str, int, tuple[int, ...]]


def broken(results: Iterable[promises.Result]) -> set[Way]:
    """Every way in which promises are broken, so that what was broken before does not block what does not touch it."""
    return {
        (r.code, b.given.role if b.given else "", b.scope, b.given.at if b.given else -1, b.people)
        for r in results
        for b in r.breaches
    }
