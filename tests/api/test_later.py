"""稍后处理: an entry of the queue is put off, stays out of sight until its time, and comes back before when it is urged on or late."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from heli.api import waiting, workbench
from heli.flows import usual
from heli.flows.models import Work
from heli.kernel import clock
from heli.notices import snooze
from heli.notices.models import Snooze
from heli.org import zone
from tests.api.client import Api, Reply, signed_in
from tests.cases import TWO, Company, Play, process, task
from tests.world import fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


def bench(api: Api) -> tuple[list[str], list[str]]:
    """Titles that stand in the queue, and that are put off."""
    body = api.get("/workbench").body
    return [one["title"] for one in body["queue"]], [one["title"] for one in body["later"]]


def put(api: Api, entry: str, until: str | None) -> Reply:
    return api.send("POST", "/workbench/later", {"entry": entry, "until": until})


def entries(api: Api) -> dict[str, str]:
    return {one["title"]: one["entry"] for one in api.get("/workbench").body["queue"]}


def ahead(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    """The clock goes on by so much."""
    now = clock.now() + timedelta(**by)
    monkeypatch.setattr(clock, "now", lambda: now)


def test_work_is_put_off_and_comes_back_by_itself(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("One", "Two"):
        Play(world, TWO, world.make("ann", "opportunity", name=name, amount="1"))
    mei = signed_in("mei")
    one = entries(mei)["One"]
    assert put(mei, one, "hours").status == 204
    assert bench(mei) == (["Two"], ["One"])
    told = mei.get("/workbench").body["later"][0]
    assert told["until"] > clock.now().isoformat()[:16]
    assert put(mei, one, None).status == 204
    assert bench(mei)[1] == [], "it is taken up after all"
    assert put(mei, one, "tomorrow").status == 204
    assert put(mei, one, "hours").status == 204, "the last word holds"
    ahead(monkeypatch, hours=3, minutes=1)
    assert bench(mei)[1] == []


def test_it_comes_back_when_somebody_urges(world: Company) -> None:
    play = Play(world, TWO, world.make("ann", "opportunity", name="One", amount="1"))
    mei = signed_in("mei")
    put(mei, entries(mei)["One"], "tomorrow")
    assert bench(mei) == ([], ["One"])
    ann = signed_in("ann")
    assert ann.send("POST", f"/flows/instances/{play.id}/urge", {}).status in (200, 204)
    assert bench(mei) == (["One"], [])


def test_it_comes_back_when_it_is_late_and_not_for_having_been(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    soon = process(task("ask", "manager", more='<heli:sla within="PT2H"/>'), "s>ask", "ask>e", id="soon")
    Play(world, soon, world.make("ann", "opportunity", name="One"))
    mei, month = signed_in("mei"), (clock.now() + timedelta(days=30)).date().isoformat()
    put(mei, entries(mei)["One"], month)
    assert bench(mei)[1] == ["One"]
    ahead(monkeypatch, days=4)
    mei = signed_in("mei")
    assert bench(mei) == (["One"], [])
    put(mei, entries(mei)["One"], "hours")
    assert bench(mei)[1] == ["One"], "who puts off what is late already means it"


def test_a_task_is_put_off_too_and_it_is_nobody_elses_business(world: Company) -> None:
    world.make("ann", "opportunity", name="Call", next_follow_on=clock.now().date().isoformat())
    ann, mei = signed_in("ann"), signed_in("mei")
    entry = entries(ann)["Call"]
    assert put(ann, entry, "tomorrow").status == 204
    assert bench(ann)[1] == ["Call"]
    assert put(mei, entry, "tomorrow").status == 404, "what is not in one's queue is not there"
    assert Snooze.objects.count() == 1


@pytest.mark.parametrize(
    ("until", "status"),
    [
        ("soon", 422),
        ("2020-01-01", 422),
        ("9999-12-31", 422),
        ("2026-02-30", 422),
        ("0001-01-01", 422),
        (7, 422),
        ("", 422),
    ],
)
def test_bad_times_are_refused(world: Company, until: Any, status: int) -> None:
    Play(world, TWO, world.make("ann", "opportunity", name="One", amount="1"))
    mei = signed_in("mei")
    assert put(mei, entries(mei)["One"], until).status == status
    assert Snooze.objects.count() == 0


def test_unknown_entries_and_too_many_are_refused(world: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("One", "Two"):
        Play(world, TWO, world.make("ann", "opportunity", name=name, amount="1"))
    mei = signed_in("mei")
    known = entries(mei)
    assert put(mei, "work/1/99999", "hours").status == 404
    assert put(mei, "x" * 121, "hours").status == 422
    monkeypatch.setattr(snooze, "MOST", 1)
    assert put(mei, known["One"], "hours").status == 204
    assert put(mei, known["One"], "tomorrow").status == 204, "the same again is no more"
    full = put(mei, known["Two"], "hours")
    assert (full.status, full.code) == (409, "full")


def test_what_is_late_or_has_waited_longer_than_usual_always_has_room(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_WORK", 3)
    far = process(task("ask", "manager", more='<heli:sla within="P20D"/>'), "s>ask", "ask>e", id="far")
    plays = {
        name: Play(world, file, world.make("ann", "opportunity", name=name, amount="1"))
        for name, file in (("Old 1", TWO), ("Old 2", TWO), ("Old 3", TWO), ("Due", far), ("Waits", far), ("Far", far))
    }

    def stands(name: str, **to: Any) -> None:
        Work.objects.filter(instance_id=int(plays[name].id)).update(**to)

    now = clock.now()
    for n in (1, 2, 3):
        stands(f"Old {n}", opened_at=now - timedelta(days=90 + n))
    stands("Due", due_at=now - timedelta(hours=1), opened_at=now - timedelta(hours=9))
    stands("Waits", due_at=now + timedelta(days=400), opened_at=now - timedelta(days=5))
    stands("Far", due_at=now + timedelta(days=300), opened_at=now - timedelta(days=1))
    monkeypatch.setattr(usual, "usual", lambda process: {"ask": 3 * 86_400})
    mei = signed_in("mei")
    body = mei.get("/workbench").body
    assert [one["title"] for one in body["queue"]] == ["Due", "Waits", "Old 3"]
    assert body["beyond"] == 3
    put(mei, entries(mei)["Due"], "tomorrow")
    assert [one["title"] for one in mei.get("/workbench").body["queue"]] == ["Waits", "Old 3", "Old 2"]


def test_what_has_no_room_is_counted_and_what_is_put_off_takes_none(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "MOST_WORK", 2)
    far = process(task("ask", "manager", more='<heli:sla within="P20D"/>'), "s>ask", "ask>e", id="far")
    for name in ("Far 1", "Far 2", "Far 3"):
        Play(world, far, world.make("ann", "opportunity", name=name))
    Play(world, TWO, world.make("ann", "opportunity", name="Now", amount="1"))
    mei = signed_in("mei")
    body = mei.get("/workbench").body
    assert ([one["title"] for one in body["queue"]], body["beyond"]) == (["Now", "Far 1"], 2), (
        "what came last and has no limit does not lie behind what is due in weeks"
    )
    for name in ("Now", "Far 1"):
        put(mei, entries(mei)[name], "tomorrow")
    body = mei.get("/workbench").body
    assert ([one["title"] for one in body["queue"]], body["beyond"]) == (["Far 2", "Far 3"], 0)


def test_records_that_have_no_room_are_counted_too_and_what_is_put_off_takes_none(
    world: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbench, "PER_SOURCE", 2)
    today = zone.today()
    for n in range(1, 6):
        world.make("ann", "opportunity", name=f"Deal {n}", next_follow_on=str(today + timedelta(days=n)))
    ann = signed_in("ann")
    body = ann.get("/workbench").body
    assert ([one["title"] for one in body["queue"]], body["beyond"]) == (["Deal 1", "Deal 2"], 3)
    for name in ("Deal 1", "Deal 2"):
        assert put(ann, entries(ann)[name], "tomorrow").status == 204
    body = ann.get("/workbench").body
    assert ([one["title"] for one in body["queue"]], body["beyond"]) == (["Deal 3", "Deal 4"], 1)
