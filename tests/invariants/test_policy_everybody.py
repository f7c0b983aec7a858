"""What is worked out for everybody at once is what is worked out person by person."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from tests.invariants.examples import Undo, each_seed
from tests.invariants.strategies import company

from heli.access import view as views
from heli.access.facts import World
from heli.insight.company import Company
from heli.kernel import clock
from heli.policy import checks, duties, promises
from heli.policy.likeness import Holding, Likeness
from heli.policy.promise import Bound, Given, Promise, breach, parse_promise

pytestmark = pytest.mark.django_db


@each_seed(40)
def test_grants_and_duties_of_everybody(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        company(rng, rows=1, people=9)
        moment = clock.now()
        before = Company(World.load(), moment)
        assert before.alike  # the second company takes over what is worked out by now
        moved = rng.choice(list(before.world.people))
        elsewhere = replace(
            before.world, posts_by_person={k: v for k, v in before.world.posts_by_person.items() if k != moved}
        )
        emptied = {code: replace(role, lines=[]) for code, role in before.world.roles.items()}
        for one in (before, before.beside(elsewhere), before.beside(before.world.with_roles(emptied))):
            agrees_with_each(one, rng)
        raise Undo


def agrees_with_each(one: Company, rng: random.Random) -> None:
    world = one.world
    told = {person: (kind, grants) for (kind, grants), people in one.alike.items() for person in people}
    assert told.keys() == world.people.keys()
    for person, (kind, grants) in told.items():
        subjects, _ = views.subjects_of(person, world, one.moment)
        held = {grant.id for grant, _ in views.grants_to(subjects, world, one.moment)}
        assert (kind, list(grants)) == (world.people[person].kind, sorted(held))
    codes = sorted(world.roles)
    rules = {
        str(n): {
            "name": "x", "name_en": "", "first": rng.choices(codes, k=2), "second": rng.choices(codes, k=2)
        }
        for n in range(3)
    }  # fmt: skip
    each = duties.clashes(world, rules, list(world.people), one.moment)
    assert duties.clashes(world, rules, moment=one.moment, company=one) == each
    likeness = Likeness(one)

    def meant(promise: Promise, person: int, kind: str, grants: tuple[int, ...]) -> bool:
        held = Holding.of([world.all_grants[pk] for pk in grants], [person], person in one.at_root)
        roles = frozenset(held.codes)
        return promise.means(roles, kind) or (promise.rule == "never" and any(
            promise.means(roles | {role}, kind) and likeness.amounts(held, role) for role in promise.who.get("role", ())
        ))  # fmt: skip

    for code, body in promised(rng, codes).items():
        promise = parse_promise(body, code)
        broken = {
            person
            for person, (kind, grants) in told.items()
            if meant(promise, person, kind, grants)
            and breach(promise, lines_of(world, grants), bounds(world, kind)) is not None
        }
        (found,) = promises.run(world, {code: body}, one.moment, one)
        assert {person for b in found.breaches for person in b.people} == broken
    for action in ("read", "approve"):
        able = any(
            views.build(person, (0, 0), one.moment, world).may("opportunity", action)
            for person, (kind, _) in told.items()
            if kind != "service"
        )
        assert checks.able(one, "opportunity", action) == able


def promised(rng: random.Random, codes: list[str]) -> dict[str, dict[str, Any]]:
    whom: list[dict[str, list[str]]] = [{}, {"kind": ["employee"]}, {"role": codes[:1]}, {"not_role": codes[:1]}]
    return {
        f"{rule}{n}": {
            "name": "x", "who": rng.choice(whom), "rule": rule, "type": "opportunity",
            "action": rng.choice(("read", "edit", "delete")), "field": None, "scopes": rng.choice(([], ["own"], ["all"])),
        }
        for rule in ("never", "always")
        for n in range(3)
    }  # fmt: skip


def lines_of(world: World, grants: tuple[int, ...]) -> list[Given]:
    return [
        Given(line, grant.id, grant.role.code if grant.role else "", "", at)
        for grant in map(world.all_grants.__getitem__, grants)
        for at, line in enumerate(views.lines_of(grant.given))
    ]


def bounds(world: World, kind: str) -> list[Bound]:
    return [
        Bound(
            c.code, c.type, frozenset(c.actions) if c.actions is not None else None,
            frozenset(c.roles) if c.roles is not None else None, views.lines_of(c.lines),
        )
        for c in world.ceilings()
        if c.kinds is None or kind in c.kinds
    ]  # fmt: skip
