"""Properties 2, 3 (administration), 4 and 6: what a change of rights does, and when."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from django.db import transaction
from tests import world
from tests.invariants.examples import Undo, each_seed
from tests.invariants.strategies import KIND, Company, ceiling_line, company, line

from heli.access import grants
from heli.access import view as views
from heli.access.models import Grant, Role
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.kernel.errors import HeliError
from heli.org.verbs import assignments, leaving
from heli.records import act
from heli.records import reach as reaching
from heli.records.act import Action
from heli.records.sight import row_facts

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
ME = Actor(None, "set-up", "test")
ACTIONS = ("read", "edit", "delete", "approve")


def held(made: Company, person: int) -> dict[tuple[str, str], int]:
    """Everything a person may do: (record, action) -> 1, (record, field) -> level, (record, limit) -> amount."""
    rights = views.of(person).type("opportunity")
    found: dict[tuple[str, str], int] = {}
    if rights is None:
        return found
    for record, row in made.rows.items():
        facts = row_facts(row, reaching.of_row(person, rights, record, row["account_id"]))
        for action in ACTIONS:
            if rights.decide(action, facts).allowed:
                found[record, action] = 1
        for code in KIND.fields:
            found[record, code] = int(rights.level(code, facts))
            if rights.decide_field("edit", code, facts).allowed:
                found[record, f"edit {code}"] = 1
        found[record, "limit"] = rights.limit("approve", facts)
    return found


def within(less: dict[tuple[str, str], int], more: dict[tuple[str, str], int]) -> bool:
    return all(more.get(key, 0) >= value for key, value in less.items())


@each_seed(30)
def test_adding_a_grant_never_removes_and_a_ceiling_never_adds(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng)
        before = {p: held(made, p) for p in made.people}
        kind, subject = rng.choice(
            [("person", str(rng.choice(made.people))), ("everyone", ""), ("department", str(made.departments[0]))]
        )
        grants.grant_lines(ME, [line(rng)], kind, subject, below=kind == "department")
        between = {p: held(made, p) for p in made.people}
        for person in made.people:
            assert within(before[person], between[person])
        roles = rng.choice((None, None, list(Role.objects.values_list("code", flat=True)[:1])))
        grants.set_ceiling(
            ME, "new", name="new", type="opportunity", roles=roles, kinds=rng.choice((None, ["employee"])),
            actions=rng.choice((None, ["read"], ["edit"])), lines=[ceiling_line(rng)],
        )  # fmt: skip
        for person in made.people:
            assert within(held(made, person), between[person])
        raise Undo


@each_seed(30)
def test_removing_the_cited_grants_flips_the_decision(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=6, people=3)
        for person in made.people:
            rights = views.of(person).type("opportunity")
            if rights is None:
                continue
            record, row = rng.choice(list(made.rows.items()))
            action = rng.choice(ACTIONS)
            facts = row_facts(row, reaching.of_row(person, rights, record, row["account_id"]))
            decided = rights.decide(action, facts)
            cited = {h.source.grant for h in decided.because}
            assert bool(cited) or not decided.allowed
            if not decided.allowed:
                continue
            with transaction.atomic():
                for grant in cited:
                    grants.revoke(ME, grant)
                after = views.of(person).type("opportunity")
                assert after is None or not after.decide(action, facts).allowed
                transaction.set_rollback(True)
            assert views.of(person).type("opportunity").decide(action, facts).allowed  # type: ignore[union-attr]
        raise Undo


@each_seed(30)
def test_validity_is_evaluated_at_every_boundary(seed: int) -> None:
    """A view that is served at a moment is the one compiled for it, a second before, at and after each boundary."""
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        made = company(rng, rows=4, people=3)
        edges = {g.starts for g in Grant.objects.all()} | {g.ends for g in Grant.objects.all() if g.ends}
        edges |= {clock.now() + timedelta(days=1)}
        second = timedelta(seconds=1)
        for moment in sorted({at for edge in edges for at in (edge - second, edge, edge + second)}):
            with clock.at(moment):
                served = {p: held(made, p) for p in made.people}
                views.CACHE.clear()
                assert served == {p: held(made, p) for p in made.people}
        raise Undo


@pytest.fixture
def small() -> world.World:
    return world.fresh()


def test_a_grant_begins_and_ends_to_the_second(small: world.World) -> None:
    small.make("wei", "opportunity", name="W")
    start = clock.now().replace(microsecond=0) + timedelta(hours=1)
    grants.grant_role(
        world.SETUP, "management", "person", str(small.people["sue"]), starts=start, ends=start + timedelta(hours=1)
    )
    for seconds, sees in ((-1, False), (0, True), (3599, True), (3600, False)):
        with clock.at(start + timedelta(seconds=seconds)):
            assert small.as_("sue").view.may("opportunity", "read") is sees, seconds  # type: ignore[union-attr]


def test_leaving_moving_and_transfer_act_on_the_next_statement(small: world.World) -> None:
    deal = small.make("bob", "opportunity", name="B")
    held_viewer = small.as_("mei")
    assignments.move_person(world.SETUP, small.people["mei"], small.departments["west"])
    with pytest.raises(HeliError):
        act.do(held_viewer, Action("opportunity", "edit", deal, {"competitor": "X"}))
    act.do(small.system, Action("opportunity", "transfer", deal, {"owner": str(small.people["wei"])}))
    assert small.names("bob") == set()
    assert small.names("mei") == {"B"}
    wei = small.as_("wei")
    leaving.leave(world.SETUP, small.people["wei"])
    with pytest.raises(HeliError):
        act.do(wei, Action("opportunity", "edit", deal, {"competitor": "X"}))


def test_a_team_member_is_let_go_at_the_second(small: world.World) -> None:
    deal = small.make("ann", "opportunity", name="A")
    until = clock.now().replace(microsecond=0) + timedelta(hours=1)
    small.do("ann", "opportunity", "team_add", deal, person=str(small.people["wei"]), until=until.isoformat())
    for seconds, sees in ((-1, {"A"}), (0, set())):
        with clock.at(until + timedelta(seconds=seconds)):
            assert small.names("wei") == sees


def test_whoever_administers_rights_sees_no_data_by_it(small: world.World) -> None:
    """The administration half of 3: the right to configure conveys none of the rights that are configured."""
    small.add("sec", "root", None)
    grants.grant_lines(
        world.SETUP, [{"type": "policy", "actions": ["read", "administer", "grant"], "scope": ["all"]}],
        "person", str(small.people["sec"]),
    )  # fmt: skip
    view = small.as_("sec").view
    assert view is not None
    assert view.types == ()
    assert all(view.type(code) is None for code in ("opportunity", "account", "contact"))
