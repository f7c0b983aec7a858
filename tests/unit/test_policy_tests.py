"""The policy tests that ship: every one holds of the shipped roles, and every one can fail."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from heli.access.facts import CeilingFact, GrantFact, PersonFact, RoleFact, World
from heli.crm.ceilings import ceilings
from heli.crm.promises import DUTIES, PROMISES
from heli.crm.roles import TEMPLATES
from heli.kernel import clock
from heli.org.tree import Tree
from heli.policy import duties, promises

KINDS = ("employee", "contractor", "service")


def shipped() -> World:
    """One employee, one contractor and one program for each role that ships."""
    roles = {t.code: RoleFact(t.code, t.words, 1, t.lines) for t in TEMPLATES.values()}
    people: dict[int, PersonFact] = {}
    grants: dict[int, GrantFact] = {}
    now = clock.now()
    for number, (code, kind) in enumerate((c, k) for c in roles for k in KINDS):
        people[number] = PersonFact(number, f"{code}.{kind}", f"{code} {kind}", kind)
        grants[number] = GrantFact(number, roles[code], None, "person", str(number), False, now, None)
    bounds = {c.code: CeilingFact(c.code, c.words, c.type, c.kinds, c.actions, c.roles, c.lines) for c in ceilings()}
    return World(Tree({}, {}), people, {}, {}, (), roles, grants, bounds, {})


def outcome(world: World, code: str) -> promises.Result:
    return promises.run(world, {code: PROMISES[code]})[0]


def test_there_are_enough_of_them_and_all_hold() -> None:
    world = shipped()
    results = promises.run(world, PROMISES)
    assert len(results) >= 40
    assert [(r.code, promises.said(r, world)[0].en) for r in results if not r.kept] == []
    names = [body[key] for body in PROMISES.values() for key in ("name", "name_en")]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("code", PROMISES)
def test_each_fails_when_the_rights_are_other(code: str) -> None:
    body = PROMISES[code]
    world = shipped()
    if body["rule"] == "always":
        changed = world.with_roles({code: replace(role, lines=[]) for code, role in world.roles.items()})
    else:
        line: dict[str, Any] = {"type": body["type"], "actions": [body["action"]], "scope": ["all"]}
        if body["field"] is not None:
            line["read"] = {body["field"]: "read"}
        now = clock.now()
        more = {-1 - pk: GrantFact(-1 - pk, None, [line], "person", str(pk), False, now, None) for pk in world.people}
        changed = replace(world, all_grants={**world.all_grants, **more}, all_ceilings={})
    result = outcome(changed, code)
    assert not result.kept
    said = promises.said(result, changed)
    assert all(words.zh and words.en and "{" not in words.en for words in said)


def test_a_role_that_nobody_holds_is_looked_at_too() -> None:
    world = shipped()
    reps = replace(world.roles["sales_rep"], lines=[{"type": "account", "actions": ["export"], "scope": ["own"]}])
    changed = replace(world.with_roles({**world.roles, "sales_rep": reps}), all_grants={}, people={})
    result = outcome(changed, "rep-account-export")
    assert not result.kept
    assert "whoever were given it" in promises.said(result, changed)[0].en


def test_a_ceiling_keeps_a_promise() -> None:
    world = shipped()
    assert outcome(world, "contractor-amount").kept
    assert not outcome(replace(world, all_ceilings={}), "contractor-amount").kept


@pytest.mark.parametrize("code", DUTIES)
def test_each_duty_finds_who_holds_both_sides(code: str) -> None:
    world = shipped()
    assert duties.clashes(world, DUTIES) == []
    first, second = DUTIES[code]["first"][0], DUTIES[code]["second"][0]
    holder = next(pk for pk, g in world.all_grants.items() if g.role is not None and g.role.code == first)
    both = GrantFact(-1, world.roles[second], None, "person", str(holder), False, clock.now(), None)
    found = duties.clashes(replace(world, all_grants={**world.all_grants, -1: both}), DUTIES)
    assert {(one.duty, one.person) for one in found} == {(code, holder)}
