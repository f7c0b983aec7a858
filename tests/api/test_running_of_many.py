"""Before many records are deleted: for how many of them a case runs, which stands still then."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from heli.kernel.ids import uuid7
from tests.api.client import signed_in
from tests.cases import TWO, Company, Play, process, publish, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]
OTHER = process(task("look", "manager"), "s>look", "look>e", id="other")


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def counted(who: str, records: list[str], kind: str = "opportunity") -> tuple[int, int]:
    found = signed_in(who).send("POST", f"/flows/records/{kind}/running", {"items": records})
    assert found.status == 200, found.body
    return found.body["records"], found.body["cases"]


def test_it_is_counted_for_how_many_records_a_case_runs(world: Company) -> None:
    publish(world, OTHER)
    deals = [world.make("ann", "opportunity", name=f"D{n}", amount="5") for n in range(60)]
    over = Play(world, TWO, deals[0], "ann")
    for deal in deals[1:4]:
        Play(world, TWO, deal, "ann")
    Play(world, OTHER, deals[1], "ann")
    assert over.approve("mei").status in (200, 204)
    assert over.state == "completed"
    assert counted("ann", deals) == (3, 4), "what has ended stands still no more"
    assert counted("ann", [*deals[10:], str(uuid7())]) == (0, 0)


def test_nothing_is_counted_of_records_that_the_reader_does_not_see(world: Company) -> None:
    mine, theirs = (
        world.make("ann", "opportunity", name="A", amount="5"),
        world.make("wei", "opportunity", name="B", amount="5"),
    )
    Play(world, TWO, mine, "ann")
    Play(world, TWO, theirs, "wei")
    assert counted("ann", [mine, theirs]) == (1, 1)
    assert counted("boss", [mine, theirs]) == (2, 2)
    nobodys = signed_in("sue").send("POST", "/flows/records/opportunity/running", {"items": [mine]})
    assert nobodys.status == 404, "of a type that they know nothing of they are told nothing"


def test_a_case_below_another_tells_nothing_of_the_way_of_that(world: Company) -> None:
    publish(world, OTHER)
    call = '<callActivity id="ask" name="问 / Ask" calledElement="other"/>'
    calling = process(task("first", "manager"), call, "s>first", "first>ask", "ask>e", id="calling")
    deal = world.make("ann", "opportunity", name="A", amount="5")
    Play(world, calling, deal, "ann")
    assert counted("ann", [deal]) == (1, 1)


def test_a_thousand_are_counted_by_the_database_at_once(world: Company) -> None:
    deals = [world.make("ann", "opportunity", name=f"D{n}", amount="5") for n in range(3)]
    for deal in deals:
        Play(world, TWO, deal, "ann")
    ann = signed_in("ann")
    several: list[int] = []
    for more in (0, 997):
        with CaptureQueriesContext(connection) as asked:
            found = ann.send(
                "POST", "/flows/records/opportunity/running", {"items": [*deals, *(str(uuid7()) for _ in range(more))]}
            )
        assert found.body == {"records": 3, "cases": 3}
        several.append(len(asked))
    assert several[1] <= several[0] + 1, "one more part of a thousand, whatever their number"
    assert (
        ann.send("POST", "/flows/records/opportunity/running", {"items": [str(uuid7()) for _ in range(1001)]}).status
        == 422
    )
