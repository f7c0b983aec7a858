"""已等多久，通常多久: what a step usually takes is told beside how long it has waited, to whom the case concerns."""

from __future__ import annotations

from typing import Any

import pytest

from heli.flows import usual
from heli.kernel import clock
from tests.api.client import signed_in
from tests.cases import TWO, Company, Play
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
USUAL = 18 * 3600 + 60
"""Of nothing and 1 to 19 hours, nine in ten, in whole minutes upwards."""


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def over(world: Company, hours: int) -> None:
    """A case that its only step has held for so long."""
    play = Play(world, TWO, world.make("ann", "opportunity", name=f"Done in {hours}", amount="1"))
    with clock.later(hours=hours):
        assert play.approve("mei").status == 200
    assert play.state == "completed"


def entry(who: str, instance: str) -> dict[str, Any]:
    queue = signed_in(who).get("/workbench").body["queue"]
    return next(one for one in queue if one["kind"] == "work" and one["work"]["instance"] == instance)


def step(play: Play, who: str, node: str) -> dict[str, Any]:
    return next(one for one in signed_in(who).get(f"/flows/instances/{play.id}").body["nodes"] if one["id"] == node)


def test_nine_in_ten_of_the_last_tell_what_is_usual_and_what_waits_longer_comes_first(world: Company) -> None:
    for hours in range(1, usual.LEAST):
        over(world, hours)
    deal = world.make("ann", "opportunity", name="Waits", amount="5000")
    play = Play(world, TWO, deal)
    assert entry("mei", play.id)["work"]["usual"] is None, "too few to tell"
    over(world, 0)
    assert step(play, "ann", "lead")["usual"] is None, "it is worked out once an hour"
    with clock.later(hours=17):
        seen = entry("mei", play.id)
        assert (seen["work"]["usual"], seen["group"]) == (USUAL, "today")
        assert step(play, "ann", "lead")["usual"] == USUAL
        assert step(play, "ann", "money")["usual"] is None, "nobody has done it yet"
        head = signed_in("ann").get(f"/flows/records/opportunity/{deal}").body["items"][0]
        assert (head["now"][0]["id"], head["usual"]) == ("lead", USUAL)
    with clock.later(hours=19):
        assert entry("mei", play.id)["group"] == "overdue", "it has waited longer than nine in ten"
        assert signed_in("mei").get("/flows/work").body["items"][0]["usual"] == USUAL


def test_a_clock_that_is_put_back_keeps_nothing_for_ever(world: Company) -> None:
    for hours in range(1, usual.LEAST):
        over(world, hours)
    play = Play(world, TWO, world.make("ann", "opportunity", name="Waits", amount="5000"))
    with clock.later(days=400):
        assert step(play, "ann", "lead")["usual"] is None
        assert play.approve("mei").status == 200
        assert play.approve("fin").status == 200
    assert step(play, "ann", "lead")["usual"] == USUAL + 3600
