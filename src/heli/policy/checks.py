"""What a changed company must not be: broken policy tests, people who hold both sides of a duty, initiators who gained,
an installation that nobody can administer any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from heli.access import view as views
from heli.access.facts import World
from heli.access.wider import wider
from heli.insight.company import Company
from heli.kernel import clock
from heli.kernel.errors import Problem
from heli.kernel.words import Words
from heli.policy import duties, promises
from heli.policy.change import Change

BROKEN = Words("策略测试「{name}」不再成立：{how}", "the policy test “{name}” would no longer hold: {how}")
GAINED = Words(
    "{name} 参与了这份草稿，却会因此扩大自己的权限；请由不受益的人提出和批准",
    "{name} had a hand in this draft and would gain from it: it takes people who gain nothing",
)
NOBODY = Words(
    "改动之后没有任何人能{what}，系统将无人可管；请先让另一个人能做这件事",
    "after this nobody could {what}: let somebody else be able to do so first",
)
POWERS = (
    ("policy", "administer", Words("修改权限策略", "change the policy")),
    ("policy", "grant", Words("批准和发布权限策略", "approve and publish the policy")),
    ("organisation", "administer", Words("管理组织", "administer the organisation")),
)
"""What somebody must always be able to do."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A changed company beside the present one, with all that stands against publishing it."""

    before: World
    after: World
    tests: tuple[promises.Result, ...]
    clashes: tuple[duties.Clash, ...]
    """Those that are new."""
    problems: tuple[Problem, ...]
    """What blocks publication, each with its code: ``promise``, ``duty``, ``self``, ``nobody``."""


def check(before: World, after: World, changes: Sequence[Change], initiators: Iterable[int]) -> Checked:
    """Look at the company that these changes would make. ``initiators``: who wrote, approves or publishes them."""
    was = Company(before, clock.now())  # not one that is kept: what the changes give begins later than that
    became = was.beside(after)
    known = promises.stored()
    had = _broken(promises.run(before, known, company=was))
    tests = promises.run(after, _bodies("promise", known, changes), company=became)
    rules = _bodies("duty", duties.stored(), changes)
    old = {one.thing for one in duties.clashes(before, rules, company=was)}
    clashes = [one for one in duties.clashes(after, rules, company=became) if one.thing not in old]
    problems = [
        Problem(
            f"promises/{one.code}",
            "promise",
            BROKEN.fill(name=Words(one.promise.name, one.promise.name_en or one.promise.name), how=how[0]),
        )
        for one in tests
        if not _broken([one]) <= had and (how := promises.said(one, after))
    ]
    problems += [Problem(f"duties/{one.duty}", "duty", duties.said(one, _name(after, one.person))) for one in clashes]
    problems += [
        Problem("authors", "self", GAINED.fill(name=_name(before, person)))
        for person in sorted(set(initiators))
        if gains(before, after, person)
    ]
    problems += [
        Problem("powers", "nobody", NOBODY.fill(what=words))
        for code, action, words in POWERS
        if able(was, code, action) and not able(became, code, action)
    ]
    return Checked(before, after, tuple(tests), tuple(clashes), tuple(problems))


def _broken(results: Iterable[promises.Result]) -> set[tuple[str, str, str, int, tuple[int, ...]]]:
    """Every way in which promises are broken, so that what was broken before does not block what does not touch it."""
    return {
        (r.code, b.given.role if b.given else "", b.scope, b.given.at if b.given else -1, b.people)
        for r in results
        for b in r.breaches
    }


def _bodies(
    kind: str, stored: Mapping[str, Mapping[str, Any]], changes: Sequence[Change]
) -> dict[str, Mapping[str, Any]]:
    found = dict(stored)
    for one in changes:
        if one.kind == kind:
            found.pop(one.key, None)
            if one.after is not None:
                found[one.key] = one.after
    return found


def _name(world: World, person: int) -> str:
    found = world.people.get(person)
    return found.name if found is not None else "?"


def gains(before: World, after: World, person: int) -> bool:
    """Whether this person would hold more than they do."""
    moment = clock.now()
    old, new = (views.build(person, (0, 0), moment, world) for world in (before, after))
    return wider(old, new)


def able(company: Company, code: str, action: str) -> bool:
    """Whether anybody who can sign in with a password may do this."""
    world = company.world
    likely: set[int] = set()  # to whom some grant gives such a line at all: the others need no view
    for grant in world.all_grants.values():
        if grant.open_at(company.moment) and any(n["type"] == code and action in n["actions"] for n in grant.given):
            likely |= company.crowd(grant).all
    return any(
        world.people[person].kind != "service" and views.build(person, (0, 0), company.moment, world).may(code, action)
        for person in sorted(likely)
    )
