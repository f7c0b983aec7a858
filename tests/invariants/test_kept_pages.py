"""Pages whose text and plan are kept: the same answers as pages thought through anew, and no right outlives its end."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from tests import world
from tests.invariants.examples import Undo, each_seed
from tests.invariants.strategies import company

from heli.access import grants
from heli.access import view as views
from heli.access.models import Grant
from heli.api import viewer as identities
from heli.kernel import clock
from heli.kernel.errors import Invalid, NotFound
from heli.records import counts, prepared, store

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
SORTS = ("-updated_at", "name", "-amount", "amount,-name")
FILTERS: tuple[Any, ...] = (None, {"stage": "new"}, {"amount": {">=": "100"}}, {"competitor": None})


def answer(person: int, sort: str, given: Any, limit: int) -> object:
    """A page as this person gets it, and the next one; or why not."""
    try:
        query = store.query(identities.for_person(person), "opportunity").where(given).sort(sort)
        first = query.page(limit)
        second = query.page(limit, first.next) if first.next else None
    except (NotFound, Invalid) as error:
        return type(error), str(error)
    return first.items, first.access, bool(first.next), second and (second.items, second.access)


@each_seed(25)
def test_a_kept_page_answers_as_a_page_thought_through_anew(seed: int) -> None:
    rng = random.Random(seed)
    with pytest.raises(Undo), transaction.atomic():
        counts.forget()
        made = company(rng)
        asked = [(p, s, f, n) for p in made.people for s in SORTS for f in FILTERS for n in (3, 50)]
        rng.shuffle(asked)
        for one in asked:
            answer(*one)
        for one in asked[:40]:
            kept = answer(*one)
            prepared.forget()
            assert kept == answer(*one), one
        raise Undo
    counts.forget()


def test_a_kept_page_ends_with_the_grant_behind_it() -> None:
    made = world.fresh()
    for name in ("ann", "bob"):
        made.make(name, "opportunity", name=f"by {name}", amount="10.00")
    assert made.names("mei") == made.names("mei") == {"by ann", "by bob"}
    grant = Grant.objects.get(subject_kind="position", subject_id=str(made.positions["manager"]))
    grants.revoke(world.SETUP, grant.pk)
    with pytest.raises(NotFound):
        made.names("mei")


@pytest.mark.parametrize("page", [{}, {"sort": "name,-amount"}])
def test_a_kept_page_loses_the_rows_of_a_grant_that_ends_beside_another(page: dict[str, str]) -> None:
    made = world.fresh()
    line = {"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"*": "read"}}
    grants.grant_lines(world.SETUP, [line], "person", str(made.people["sue"]))
    wide = grants.grant_lines(world.SETUP, [line | {"scope": ["all"]}], "person", str(made.people["sue"]))
    made.make("ann", "opportunity", name="by ann", amount="10.00")

    def seen() -> list[str]:
        query = store.query(made.as_("sue"), "opportunity")
        return [row["name"] for row in (query.sort(page["sort"]) if page else query).page(50).items]

    assert seen() == seen() == ["by ann"]
    grants.revoke(world.SETUP, wide.pk)
    assert seen() == []


def test_a_kept_page_ends_with_the_time_of_its_grant() -> None:
    made = world.fresh()
    made.make("ann", "opportunity", name="by ann", amount="10.00")
    line = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read"}}
    with clock.later(seconds=1):
        until = clock.now()
    grants.grant_lines(world.SETUP, [line], "person", str(made.people["sue"]), ends=until)
    assert made.names("sue") == made.names("sue") == {"by ann"}
    with clock.later(seconds=2), pytest.raises(NotFound):
        made.names("sue")


def test_a_kept_page_loses_a_field_as_soon_as_a_ceiling_hides_it() -> None:
    made = world.fresh()
    made.make("ann", "opportunity", name="by ann", amount="10.00")
    assert "amount" in made.list("mei", "opportunity")[0]
    assert "amount" in made.list("mei", "opportunity")[0]
    line = {"type": "opportunity", "actions": ["read"], "scope": ["all"], "read": {"*": "read", "amount": "hidden"}}
    grants.set_ceiling(world.SETUP, "no-amounts", name="No amounts", type="opportunity", lines=[line])
    assert "amount" not in made.list("mei", "opportunity")[0]


def test_a_record_lent_and_taken_back_comes_and_goes_from_a_kept_page() -> None:
    made = world.fresh()
    mine = made.make("wei", "opportunity", name="own", amount="10.00")
    other = made.make("ann", "opportunity", name="lent", amount="10.00")
    assert made.names("wei") == made.names("wei") == {"own"}
    made.do("ann", "opportunity", "team_add", other, person=str(made.people["wei"]))
    assert made.names("wei") == {"own", "lent"}
    made.do("ann", "opportunity", "team_remove", other, person=str(made.people["wei"]))
    assert made.names("wei") == {"own"}
    made.do("wei", "opportunity", "delete", mine)
    assert made.names("wei") == set()


def test_a_program_bound_to_a_role_is_not_given_its_persons_page() -> None:
    made = world.fresh()
    grants.save_role(world.SETUP, "reader", name="reader", lines=[
        {"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"amount": "hidden"}}
    ])  # fmt: skip
    grants.grant_role(world.SETUP, "reader", "person", str(made.people["ann"]))
    made.make("ann", "opportunity", name="by ann", amount="10.00")
    assert "amount" in made.list("ann", "opportunity")[0]
    person = made.as_("ann")
    assert person.view is not None
    bound = replace(person, view=person.view.limited_to("reader"), role="reader")
    for _ in range(2):
        assert "amount" not in store.query(bound, "opportunity").page(50).items[0]
        assert "amount" in made.list("ann", "opportunity")[0]
    assert views.of(made.people["ann"]) is person.view
