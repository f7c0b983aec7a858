"""Background work as those who enqueue it and those who run it meet it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.tasks import TaskResultStatus
from django.tasks.exceptions import InvalidTask, TaskResultDoesNotExist

from heli.audit import entries, verify
from heli.jobs import backend, housekeeping, inbox, lease, schedules, subscribers, worker
from heli.jobs.lease import JOBS, GiveUpError, LeaseLostError, RetryError
from heli.jobs.models import ExternalRef, Inbox, Job, Slot
from heli.jobs.perform import perform
from heli.jobs.tasks import task
from heli.kernel import clock

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

DONE: list[Any] = []


@pytest.fixture(autouse=True)
def fresh(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.HELI_HOME = tmp_path
    for part, name in ((schedules, "_schedules"), (subscribers, "_by_name"), (subscribers, "_by_type")):
        monkeypatch.setattr(part, name, {})  # what the product does by the clock, or hears of, is not counted here
    DONE.clear()
    yield


def effect(name: str) -> None:
    """An effect on the database, which a rollback undoes; ``effects`` counts them."""
    Slot.objects.create(schedule=name, at=time.perf_counter_ns())


def effects(name: str) -> int:
    return Slot.objects.filter(schedule=name).count()


@task()
def add(a: int, b: int = 0) -> int:
    effect("add")
    DONE.append((a, b))
    return a + b


@task(max_attempts=3)
def fail(name: str) -> None:
    effect("fail")
    DONE.append(name)
    raise OSError(f"{name} is down\x00")


@task()
def hopeless() -> None:
    effect("hopeless")
    raise GiveUpError("no such customer")


@task()
def later() -> None:
    DONE.append("later")
    if len(DONE) == 1:
        raise RetryError(after=90)


@task(takes_context=True, atomic=False)
def call_outside(context: Any) -> None:
    DONE.append((context.task_result.id, context.attempt))
    assert not [block for block in connection.atomic_blocks if not getattr(block, "_from_testcase", False)]
    if len(DONE) == 1:
        raise OSError


@task()
async def asynchronous(n: int) -> int:
    return n * 2


@task()
def recompute(version: int) -> None:
    DONE.append(version)
    if len(DONE) == 1:
        recompute.using(dedup_key="total").enqueue(7)


@task(timeout=1)
def endless() -> None:
    effect("endless")
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            time.sleep(0.01)
        except Exception:  # noqa: BLE001 - what a careless task does
            DONE.append("swallowed")


@task()
def take(source: str, external_id: str, body: str) -> None:
    DONE.append((source, external_id, body))


@task()
def strike() -> None:
    DONE.append("strike")


def test_a_job_runs_and_its_result_can_be_asked_for() -> None:
    asked = add.enqueue(2, b=3)
    assert asked.status == TaskResultStatus.READY
    assert worker.drain() == 1
    asked.refresh()
    assert (asked.status, asked.return_value, asked.attempts) == (TaskResultStatus.SUCCESSFUL, 5, 1)
    assert asked.started_at is not None and asked.finished_at is not None
    assert worker.drain() == 0
    assert effects("add") == 1
    with pytest.raises(TaskResultDoesNotExist):
        add.get_result("0" * 32)


def test_a_job_exists_only_if_its_transaction_commits() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        add.enqueue(1)
        _ = 1 / 0
    assert worker.drain() == 0
    assert DONE == []


def test_many_jobs_are_added_at_once_and_run_in_order_of_priority() -> None:
    assert backend.enqueue_many(add, [{"a": n} for n in range(50)]) == 50
    add.using(priority=50).enqueue(1000)
    add.using(priority=-50).enqueue(-1000)
    assert worker.drain() == 52
    assert [a for a, _ in DONE] == [1000, *range(50), -1000]


def test_async_tasks_run_too() -> None:
    asked = asynchronous.enqueue(21)
    assert worker.drain() == 1
    asked.refresh()
    assert asked.return_value == 42


def test_a_job_for_later_waits() -> None:
    add.using(run_after=clock.now().replace(microsecond=0)).enqueue(1)
    with clock.later(hours=1):
        moment = clock.now()
    add.using(run_after=moment).enqueue(2)
    assert worker.drain() == 1
    with clock.later(minutes=59):
        assert worker.drain() == 0
    with clock.later(minutes=61):
        assert worker.drain() == 1
    assert [a for a, _ in DONE] == [1, 2]


def test_a_failing_job_leaves_nothing_is_tried_again_after_longer_pauses_and_dies_audibly() -> None:
    asked = fail.enqueue("erp")
    pauses = []
    for _ in range(3):
        job = Job.objects.get(id=asked.id)
        assert job.state == "due"
        with clock.at(lease.times.moment(job.next_at)):
            before = lease.times.now()
            assert worker.drain() == 0
            assert worker.drain() == 0, "it must wait"
        job.refresh_from_db()
        pauses.append((job.next_at - before) / 1000)
    assert DONE == ["erp"] * 3
    assert effects("fail") == 0
    assert 1 <= pauses[0] <= 3 and 2 <= pauses[1] <= 6
    asked.refresh()
    assert (asked.status, asked.attempts) == (TaskResultStatus.FAILED, 3)
    assert asked.errors[0].exception_class is OSError and "erp is down" in asked.errors[0].traceback
    (told,) = entries.query(object_type="job", object_id=asked.id)
    assert (told.action, told.outcome, told.reason) == ("job.dead", "failed", "OSError at attempt 3")
    assert verify.verify().ok


def test_a_job_may_give_up_or_name_its_own_pause() -> None:
    dead = hopeless.enqueue()
    waiting = later.enqueue()
    assert worker.drain() == 0
    dead.refresh()
    assert (dead.status, dead.attempts) == (TaskResultStatus.FAILED, 1)
    with clock.later(seconds=85):
        assert worker.drain() == 0
    with clock.later(seconds=95):
        assert worker.drain() == 1
    waiting.refresh()
    assert (waiting.status, waiting.attempts) == (TaskResultStatus.SUCCESSFUL, 2)


def test_a_job_that_calls_outside_keeps_its_number_over_attempts_and_runs_outside_a_transaction() -> None:
    asked = call_outside.enqueue()
    worker.drain()
    with clock.later(minutes=1):
        assert worker.drain() == 1
    assert [(asked.id, 1), (asked.id, 2)] == DONE


def test_of_equal_jobs_one_waits_and_one_that_runs_already_runs_once_more() -> None:
    first = recompute.using(dedup_key="total").enqueue(1)
    second = recompute.using(dedup_key="total").enqueue(2)
    other = recompute.using(dedup_key="other").enqueue(5)
    assert first.id == second.id != other.id
    Job.objects.filter(id=other.id).delete()
    assert worker.drain() == 2
    assert DONE == [2, 7], "the newer arguments, and again since something changed while it ran"
    third = recompute.using(dedup_key="total").enqueue(3)
    assert third.id != first.id


def test_an_equal_job_enqueued_while_another_worker_runs_it_is_not_lost() -> None:
    recompute.using(dedup_key="total").enqueue(1)
    (held,) = lease.claim(JOBS, "w1", 1, fresh=True)
    DONE.append("began with old data")
    recompute.using(dedup_key="total").enqueue(2)
    with transaction.atomic():
        lease.finish(held)
    assert worker.drain() == 1
    assert DONE[1:] == [2]
    assert worker.drain() == 0


def test_a_worker_whose_lease_ran_out_has_no_effect() -> None:
    add.enqueue(1)
    (slow,) = lease.claim(JOBS, "slow", 5, fresh=True)
    assert lease.claim(JOBS, "quick", 5, fresh=True) == []
    assert lease.claim(JOBS, "quick", 5, fresh=False) == []
    with clock.later(seconds=31):
        (quick,) = lease.claim(JOBS, "quick", 5, fresh=False)
        assert quick.token > slow.token
        assert perform(slow) is False
        assert effects("add") == 0
        assert perform(quick) is True
    assert effects("add") == 1
    with pytest.raises(LeaseLostError), transaction.atomic():
        lease.fail(slow, OSError())
    assert Job.objects.get().state == "done"


def test_a_job_that_kills_its_workers_dies_alone() -> None:
    asked = fail.enqueue("killer")
    for n in range(5):
        add.enqueue(n)
    assert len(lease.claim(JOBS, "w", 16, fresh=True)) == 6, "and the worker dies with all of them in hand"
    moment, deaths = clock.now(), 0
    for round_ in range(1, 12):
        with clock.at(moment), clock.later(minutes=round_):
            for work in lease.claim(JOBS, "w", 1, fresh=False):
                if work.id == asked.id and work.attempts <= work.max_attempts:
                    deaths += 1
                else:
                    perform(work)
    assert (deaths, DONE) == (2, [(n, 0) for n in range(5)])
    asked.refresh()
    assert asked.status == TaskResultStatus.FAILED
    assert "death of its worker" in asked.errors[0].traceback


def test_a_worker_told_to_stop_gives_back_what_it_has_not_begun() -> None:
    stop = threading.Event()
    one = worker.Worker(stop, "w", own_connection=False)
    backend.enqueue_many(add, [{"a": n} for n in range(20)])
    one.once()
    stop.set()
    one._batch = 10
    one.once()
    assert one.did == len(DONE) < 20
    assert not Job.objects.filter(state="due").exclude(attempts=0, lease_until=0).exists()
    assert worker.drain() == 20 - one.did


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="a test's SQLite lives in one connection, which a timeout closes"
)
def test_an_endless_job_is_ended_on_postgresql() -> None:
    end_it()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the other of the pair")
def test_an_endless_job_is_ended_on_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "close", lambda: None)
    end_it()


def end_it() -> None:
    asked = endless.enqueue()
    began = time.monotonic()
    assert worker.drain() == 0
    assert time.monotonic() - began < 10
    assert effects("endless") == 0 and DONE == []
    job = Job.objects.get(id=asked.id)
    assert job.state == "due" and "JobTimeoutError" in job.error


def test_a_task_that_this_code_no_longer_has_is_named() -> None:
    asked = add.enqueue(1)
    Job.objects.filter(id=asked.id).update(task="heli.jobs.gone.task")
    assert worker.drain() == 0
    assert "heli.jobs.gone" in Job.objects.get(id=asked.id).error


@pytest.mark.parametrize("argument", [object(), {1, 2}, float("nan")])
def test_arguments_that_are_not_json_are_refused(argument: object) -> None:
    with pytest.raises(InvalidTask, match="JSON"):
        add.enqueue(argument)
    with pytest.raises(InvalidTask, match="JSON"):
        backend.enqueue_many(add, [{"a": 1}, {"a": argument}])
    assert not Job.objects.exists()


@pytest.mark.parametrize("settings_", [{"timeout": 0}, {"max_attempts": 0}, {"timeout": 10**6}])
def test_a_task_declares_sensible_bounds(settings_: dict[str, int]) -> None:
    with pytest.raises(InvalidTask):
        task(**settings_)(take.func)


def test_what_finished_long_ago_is_tidied_and_what_died_or_waits_is_kept() -> None:
    add.enqueue(1)
    hopeless.enqueue()
    worker.drain()
    with clock.later(days=29):
        fail.enqueue("x")
        assert housekeeping.tidy.call() == 0
    with clock.later(days=31):
        assert housekeeping.tidy.call() == 2, "the finished job, and the event that told of the dead one"
    assert sorted(Job.objects.values_list("state", flat=True)) == ["dead", "due"]


def test_a_message_from_outside_is_taken_once() -> None:
    assert inbox.accept("erp", "42", '{"a": "\x00"}', take) is True
    assert inbox.accept("erp", "42", "again", take) is False
    assert inbox.accept("crm", "42", "other", take) is True
    assert worker.drain() == 2
    assert [entry[:2] for entry in DONE] == [("erp", "42"), ("crm", "42")]
    assert Inbox.objects.count() == 2
    with pytest.raises(ValueError, match="external_id"):
        inbox.accept("erp", "", "x", take)


def test_pairs_with_another_system_are_remembered() -> None:
    inbox.remember(inbox.Ref("erp", "S-1", "account", "a1", "h1"))
    inbox.remember(inbox.Ref("erp", "S-1", "account", "a1", "h2", version="7"))
    assert inbox.find("erp", "account", external_id="S-1") == inbox.find("erp", "account", key="a1")
    assert inbox.find("erp", "account", key="a1") == inbox.Ref("erp", "S-1", "account", "a1", "h2", "7")
    assert inbox.find("erp", "order", external_id="S-1") is None
    assert ExternalRef.objects.count() == 1


def ticked() -> int:
    """How many strikes one look at the schedules has enqueued."""
    strikes = Job.objects.filter(task__endswith=".strike")
    before = strikes.count()
    schedules.tick()
    return strikes.count() - before


def test_a_schedule_fires_each_moment_once_whoever_looks() -> None:
    schedules.every("test.every", 60, strike)
    try:
        moment = clock.now().replace(second=5, microsecond=0)
        with clock.at(moment):
            assert (ticked(), ticked()) == (1, 0)
        with clock.at(moment), clock.later(seconds=50):
            assert ticked() == 0
        with clock.at(moment), clock.later(seconds=55):
            assert ticked() == 1
        with clock.at(moment), clock.later(hours=5):
            assert (ticked(), ticked()) == (1, 0), "missed moments are made up for once"
            worker.drain()
    finally:
        schedules.remove("test.every")
    assert DONE == ["strike"] * 3


def test_a_daily_schedule_goes_by_the_company_s_clock_and_begins_with_its_next_moment() -> None:
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    schedules.daily("test.daily", "03:30", strike, zone=ZoneInfo("Asia/Shanghai"))
    try:
        fired = []
        for hour in range(0, 72):
            with clock.at(datetime(2026, 11, 1 + hour // 24, hour % 24, 45, tzinfo=UTC)):
                if ticked():
                    fired.append(hour)
        assert fired == [19, 43, 67]  # 03:30 in Shanghai is 19:30 UTC
        with clock.at(datetime(2026, 11, 9, 12, 0, tzinfo=UTC)):
            assert (ticked(), ticked()) == (1, 0)
    finally:
        schedules.remove("test.daily")
