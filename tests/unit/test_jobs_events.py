"""Events as those who publish, subscribe and poll meet them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from heli.jobs import events, feed, lease, pulse, subscribers, times, worker
from heli.jobs.events import EventData, EventView
from heli.jobs.models import Delivery, Event, Slot
from heli.kernel import clock
from heli.kernel.errors import Broken, Invalid

pytestmark = [pytest.mark.storage]

HEARD: list[EventView] = []


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.HELI_HOME = tmp_path
    HEARD.clear()
    pulse.forget()
    yield


def hear(event: EventView) -> None:
    HEARD.append(event)
    Slot.objects.create(schedule=event.uid, at=0)


def tell(kind: str, key: str = "o1", **data: object) -> str:
    with transaction.atomic():
        return events.publish(kind, kind.split(".", maxsplit=1)[0], key, data)


def heard() -> list[tuple[str, str, int]]:
    return [(event.type, event.key, event.subject_seq) for event in HEARD]


@pytest.mark.django_db
def test_a_subscriber_hears_each_event_once_with_what_it_says() -> None:
    with subscribers.subscribed("lead.*", hear):
        uid = tell("lead.won", fields=["stage", "金额"])
        tell("account.made")
        assert HEARD == [], "only after the commit, by a worker"
        assert worker.drain() == 1
        assert worker.drain() == 0
    (event,) = HEARD
    assert (event.uid, event.type, event.object, event.key) == (uid, "lead.won", "lead", "o1")
    assert event.data == {"fields": ["stage", "金额"]}
    assert feed.one(uid) == event
    assert feed.one("0" * 32) is None


@pytest.mark.django_db(transaction=True)
def test_an_event_belongs_to_the_transaction_of_what_happened() -> None:
    with pytest.raises(Broken, match="transaction"):
        events.publish("lead.won", "lead", "o1")
    with subscribers.subscribed("*", hear):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            events.publish("lead.won", "lead", "o1")
            _ = 1 / 0
        assert worker.drain() == 0
        tell("lead.won")
    (event,) = feed.read().events
    assert event.subject_seq == 1, "the rolled back one leaves no gap"


@pytest.mark.django_db
def test_the_events_of_an_object_are_counted_without_a_gap() -> None:
    with transaction.atomic():
        events.publish_many([EventData("a.x", "a", f"{n % 7}") for n in range(700)])
    tell("a.y", "3")
    with transaction.atomic():
        assert events.publish_many([]) == []
        events.publish_many([EventData("a.z", "a", key) for key in ("3", "new", "3")])
    counted: dict[str, list[int]] = {}
    for event in feed.read(limit=1000).events:
        counted.setdefault(event.key, []).append(event.subject_seq)
    assert counted.pop("3") == list(range(1, 104))
    assert counted.pop("new") == [1]
    assert all(seqs == list(range(1, 101)) for seqs in counted.values())


@pytest.mark.django_db
def test_a_failing_subscriber_keeps_the_order_of_its_object_and_holds_up_no_other() -> None:
    broken = {"on": True}

    def careful(event: EventView) -> None:
        if broken["on"] and event.key == "o1":
            raise OSError("down")
        hear(event)

    def other(event: EventView) -> None:
        HEARD.append(event)

    with (
        subscribers.subscribed("deal.*", careful, name="careful"),
        subscribers.subscribed("deal.c", other, name="other"),
    ):
        for kind, key in (("deal.a", "o1"), ("deal.b", "o1"), ("deal.a", "o2"), ("deal.c", "o1")):
            tell(kind, key)
        worker.drain()
        assert heard() == [("deal.a", "o2", 1), ("deal.c", "o1", 3)]
        broken["on"] = False
        with clock.later(minutes=1):
            assert worker.drain() == 3
        assert heard()[2:] == [("deal.a", "o1", 1), ("deal.b", "o1", 2), ("deal.c", "o1", 3)]


def in_sight() -> int:
    """How many deliveries the next claim looks at."""
    return Delivery.objects.filter(state="due", next_at__lte=times.now()).count()


@pytest.mark.django_db
def test_many_events_of_one_object_are_not_looked_at_again_with_each_of_them() -> None:
    many = 600
    with subscribers.subscribed("lead.*", hear), transaction.atomic():
        events.publish_many([EventData("lead.edit", "lead", "o1") for _ in range(many)])
        events.publish_many([EventData("lead.edit", "lead", f"p{n}") for n in range(3)])
    with subscribers.subscribed("lead.*", hear):
        held = lease.claim(lease.DELIVERIES, "w", 16, fresh=True)
        assert [(one.row["key"], one.row["seq"]) for one in held] == [("o1", 1), ("p0", 1), ("p1", 1), ("p2", 1)]
        assert in_sight() == 0, "those behind the first are put aside"
        lease.release(held)
        assert worker.drain() == many + 3
    assert [event.subject_seq for event in HEARD if event.key == "o1"] == list(range(1, many + 1))


@pytest.mark.django_db
def test_who_waits_behind_one_that_ends_is_called_however_it_ended() -> None:
    def refuse(event: EventView) -> None:
        if event.subject_seq == 1:
            raise lease.GiveUpError("never")
        hear(event)

    with subscribers.subscribed("lead.*", refuse, name="refuse"):
        for _ in range(4):
            tell("lead.edit")
        worker.drain()
    assert [seq for _, _, seq in heard()] == [2, 3, 4]


@pytest.mark.django_db
def test_a_call_that_was_lost_is_made_up_for() -> None:
    """As when the one before ends at the very moment in which the next is put aside."""
    with subscribers.subscribed("lead.*", hear):
        tell("lead.edit")
        Delivery.objects.update(next_at=times.now() + 1000 * lease.PARKED)
        assert worker.drain() == 0
        with clock.later(seconds=lease.PARKED + 1):
            assert worker.drain() == 1


@pytest.mark.django_db
def test_a_subscriber_that_fails_for_good_does_not_go_on_for_ever() -> None:
    def bad(_event: EventView) -> None:
        raise OSError("always")

    with subscribers.subscribed("*", bad, name="bad"):
        tell("deal.a")
        for hour in range(1, 40):
            with clock.later(hours=hour):
                worker.drain()
    assert not Delivery.objects.filter(state="due").exists()
    assert list(Event.objects.order_by("number").values_list("type", flat=True)) == ["deal.a", "delivery.dead"]


@pytest.mark.django_db
def test_a_delivery_whose_subscriber_is_gone_says_so() -> None:
    with subscribers.subscribed("deal.*", hear, name="old name"):
        tell("deal.a")
    assert worker.drain() == 0
    assert "old name" in Delivery.objects.get().error


@pytest.mark.django_db
def test_a_name_serves_one_subscriber() -> None:
    with subscribers.subscribed("a.*", hear, name="one"), pytest.raises(Broken, match="twice"):
        subscribers.subscribe("b.*", hear, name="one")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "event",
    [
        EventData("", "a", "b"),
        EventData("a.b", "a", ""),
        EventData("a.b", "a", "k" * 101),
        EventData("a.b", "a", "k\x00"),
        EventData("a.b", "a", "k", {"x": {1, 2}}),
        EventData("a.b", "a", "k", {"x": float("inf")}),
    ],
)
def test_an_event_that_cannot_be_kept_is_refused_before_anything_is_written(event: EventData) -> None:
    with pytest.raises((ValueError, TypeError)), transaction.atomic():
        events.publish_many([EventData("a.b", "a", "b"), event])
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_page_polls_one_number_and_learns_what_changed() -> None:
    assert pulse.now() == 0
    tell("lead.won", "o1")
    first = pulse.now()
    assert first > 0
    tell("lead.won", "o1")
    tell("deal.a", "o2")
    position, changed = pulse.changed(first)
    assert position > first
    assert sorted(changed or []) == [("deal", "o2"), ("lead", "o1")]
    assert pulse.changed(position) == (position, [])
    assert pulse.changed(position + 1000) == (position, None), "a number from another life of the database"
    assert pulse.changed(0, limit=1) == (position, None), "too many to name"


@pytest.mark.django_db(transaction=True)
def test_a_page_that_polls_often_asks_the_database_seldom(django_assert_num_queries: Callable[..., Any]) -> None:
    tell("lead.won")
    with django_assert_num_queries(1):
        assert len({pulse.now() for _ in range(20)}) == 1


@pytest.mark.django_db(transaction=True)
def test_the_feed_is_read_in_pages_and_by_type() -> None:
    for n in range(25):
        tell("lead.won" if n % 2 else "deal.a", f"o{n}")
    keys: list[str] = []
    cursor = ""
    while (page := feed.read(cursor, limit=4)).events:
        keys += [event.key for event in page.events]
        cursor = page.next
    assert keys == [f"o{n}" for n in range(25)]
    assert feed.read(cursor).next == cursor
    tell("lead.won", "last")
    assert [event.key for event in feed.read(cursor).events] == ["last"]
    assert len(feed.read(types=["deal.a"]).events) == 13
    assert feed.read(types=[]).events == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cursor", ["x", "1", "1.", ".1", "1.2.3", "-1.2", "1.2'", "٣.٣", "9" * 19 + ".1", "1" * 50 + ".1"]
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        feed.read(cursor)
    assert refused.value.problems[0].place == "after"
    with pytest.raises(Invalid):
        feed.read(limit=1001)


def in_thread(work: Callable[[], object]) -> None:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite writers take turns")
def test_an_event_that_commits_late_is_missed_neither_by_the_feed_nor_by_a_page() -> None:
    """The late writer takes its number first and commits last; a cursor by number would step over it."""
    tell("deal.before")
    cursor, position = feed.read().next, pulse.now()
    seen: list[str] = []

    def look() -> None:
        nonlocal cursor
        page = feed.read(cursor)
        seen.extend(event.type for event in page.events)
        cursor = page.next

    for early_first in (True, False):
        with transaction.atomic():
            if early_first:
                events.publish("deal.late", "deal", "late")
                in_thread(lambda: tell("deal.early", "early"))
            else:
                # The other transaction has the lower number of transaction and the higher one of event.
                gate, done = threading.Event(), threading.Event()

                def early(gate: threading.Event = gate, done: threading.Event = done) -> None:
                    with transaction.atomic():
                        Slot.objects.create(schedule="early", at=1)
                        done.set()
                        gate.wait(20)
                        events.publish("deal.early", "deal", "early")

                thread = threading.Thread(target=lambda early=early: (early(), connection.close()))
                thread.start()
                done.wait(20)
                events.publish("deal.late", "deal", "late")
                gate.set()
                thread.join(20)
            in_thread(look)
        pulse.forget()
        look()
        assert sorted(seen[-2:]) == ["deal.early", "deal.late"]
        after = pulse.now()
        assert after > position
        changed = pulse.changed(position)[1]
        assert sorted(changed or []) == [("deal", "early"), ("deal", "late")]
        position = after
    assert len(seen) == 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="transaction numbers exist on PostgreSQL only")
def test_after_a_restore_into_another_server_events_are_seen_and_old_cursors_go_on() -> None:
    tell("deal.a")
    tell("deal.b")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_event SET xact = xact + 1000000")
        cursor.execute("SELECT xact, number FROM jobs_event ORDER BY number LIMIT 1")
        held = "{}.{}".format(*cursor.fetchone())
    assert feed.read().events == []
    assert feed.settle() == 2
    tell("deal.c")
    assert [event.type for event in feed.read(held).events] == ["deal.b", "deal.c"]
