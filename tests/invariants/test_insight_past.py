"""The company as it was: now is now, and before a change is what was observed before it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests import world as worlds
from tests.world import SETUP

from heli.access import grants
from heli.access import view as views
from heli.access.facts import World
from heli.access.models import Grant
from heli.insight import past, past_record
from heli.insight.company import Company
from heli.insight.who import Asked, who
from heli.kernel import clock
from heli.org import verbs as org
from heli.records import readers, store
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

KIND = TYPES["opportunity"]


@pytest.fixture
def made() -> Iterator[worlds.World]:
    start = clock.now() - timedelta(days=30)
    with clock.at(start):
        company = worlds.fresh()
        company.add("eva", "east", "rep")
    yield company


def rights_of(company: World, people: list[int]) -> dict[int, Any]:
    """Everything that each of them holds, as it would be decided by."""
    moment = clock.now()
    found = {}
    for person in people:
        view = views.build(person, (0, 0), moment, company)
        found[person] = [
            (h.line, h.source, h.grips) for h in sorted(view.lines, key=lambda h: (h.source.grant, repr(h)))
        ] + [repr(c) for c in view.ceilings]
    return found


def seers(company: World, row: dict[str, Any], reached: Any) -> dict[str, set[int]]:
    made = Company(company, clock.now())
    return {one: who(made, Asked(KIND, one, row, None, reached)).people for one in ("read", "edit", "transfer")}


def turned(row: dict[str, Any]) -> dict[tuple[str, str], set[int]]:
    found: dict[tuple[str, str], set[int]] = {}
    for person, pairs in readers.reached_by(KIND, row).items():
        for pair in pairs:
            found.setdefault(pair, set()).add(person)
    return found


def changes(made: worlds.World, deal: str, rng: random.Random) -> list[tuple[str, Callable[[], Any]]]:
    p, d = made.people, made.departments
    lines = [{"type": "opportunity", "actions": ["read"], "scope": ["all"]}]
    given = Grant.objects.filter(subject_kind="position").order_by("pk")[rng.randrange(3)]
    return [
        ("move", lambda: org.move_person(SETUP, p[rng.choice(("ann", "bob", "wei", "eva"))], d[rng.choice(("west", "finance"))])),
        ("leave", lambda: org.leave(SETUP, p["wei"])),
        ("department", lambda: org.move_department(SETUP, d["east1"], d["west"])),
        ("head", lambda: org.set_overseer(SETUP, d["east"], p["sue"])),
        ("new", lambda: made.add(f"new{rng.randrange(10**9)}", "east", "rep")),
        ("manager", lambda: org.set_manager(SETUP, p["bob"], p["boss"])),
        ("role", lambda: grants.save_role(SETUP, "rep", name="rep", lines=worlds.REP[:2])),
        ("close", lambda: grants.close_role(SETUP, "finance")),
        ("grant", lambda: grants.grant_lines(SETUP, lines, "person", str(p["sue"]))),
        ("revoke", lambda: grants.revoke(SETUP, given.pk)),
        ("end", lambda: grants.end_at(SETUP, given.pk, clock.now() + timedelta(hours=1))),
        ("ceiling", lambda: grants.set_ceiling(SETUP, "c", name="c", type="opportunity", kinds=["employee"], lines=lines)),
        ("kind", lambda: org.change_person(SETUP, p["ann"], kind="contractor")),
        ("team", lambda: made.do("mei", "opportunity", "transfer", deal, owner=str(p["bob"]))),
        ("help", lambda: made.do("ann", "opportunity", "team_add", deal, person=str(p["wei"]), edit=True)),
        ("unhelp", lambda: made.do("ann", "opportunity", "team_remove", deal, person=str(p["sue"]))),
        ("amount", lambda: made.do("mei", "opportunity", "edit", deal, amount="999")),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(10))
def test_before_a_change_everything_was_as_it_was_observed(made: worlds.World, seed: int) -> None:
    rng = random.Random(seed)
    start = clock.now() - timedelta(days=20)
    with clock.at(start):
        deal = made.make("ann", "opportunity", name="Deal", amount="2000")
        made.do("ann", "opportunity", "team_add", deal, person=str(made.people["sue"]), edit=False)
    observed = []
    people = list(made.people.values())
    some = rng.sample(range(17), 5)
    for step, number in enumerate(some):
        with clock.at(start + timedelta(days=step, hours=1)):
            row = store.row(made.system, "opportunity", deal)
            world = World.load()
            observed.append((clock.now(), rights_of(world, people), seers(world, row, turned(row)), row))
        with clock.at(start + timedelta(days=step, hours=2)):
            name, act = changes(made, deal, rng)[number]
            try:
                act()
            except Exception as error:  # noqa: BLE001  # what is refused changes nothing
                assert name in ("team", "unhelp", "help", "amount", "move", "revoke", "end"), (name, error)
    row = store.row(made.system, "opportunity", deal)
    for moment, rights, seen, was in observed:
        with clock.at(moment + timedelta(days=9)):
            then = past.world_at(moment)
            record = past_record.record_at(KIND, row, moment, made.system)
        with clock.at(moment):
            assert rights_of(then, people) == rights
            assert record is not None
            keys = {
                k: v for k, v in was.items() if k in record.row and k not in ("updated_at", "version", "updated_by_id")
            }
            assert {k: record.row[k] for k in keys if k != "#reach"} == {k: v for k, v in keys.items() if k != "#reach"}
            assert seers(then, dict(record.row), record.reached) == seen


def test_now_is_now(made: worlds.World) -> None:
    people = list(made.people.values())
    assert rights_of(past.world_at(clock.now()), people) == rights_of(World.load(), people)


def test_before_the_log_began_nothing_is_guessed(made: worlds.World) -> None:
    with pytest.raises(past.Unknown):
        past.world_at(clock.now() - timedelta(days=400))
