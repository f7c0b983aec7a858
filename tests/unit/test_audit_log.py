"""The audit log as its writers and readers meet it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.signals import request_finished
from django.db import DatabaseError, connection, transaction

from heli.audit import entries, log, pending, verify
from heli.audit.log import EntryData
from heli.audit.models import Entry, Head, Value
from heli.kernel import clock
from heli.kernel.errors import Broken

pytestmark = pytest.mark.storage


@pytest.fixture(autouse=True)
def home(settings: object, tmp_path: Path) -> Iterator[Path]:
    settings.HELI_HOME = tmp_path
    yield tmp_path
    assert pending.count() == 0, "a refusal was never written"


def edit(number: int, **more: object) -> EntryData:
    told = {
        "action": "opportunity.edit",
        "object_type": "opportunity",
        "object_id": f"{number:032x}",
        "actor_id": 7,
        "actor_name": "王芳",
        "origin": "203.0.113.9",
        "via": "grant 12: sales rep, own",
        "before": {"amount": number},
        "after": {"amount": Decimal("12.50"), "stage": "赢单"},
    }
    return EntryData(**{**told, **more})


@pytest.mark.django_db
def test_an_act_is_told_with_its_values_and_the_chain_holds(home: Path) -> None:
    with transaction.atomic():
        first = log.append(edit(1, acting_for_id=3))
        assert log.append_many([edit(2), edit(3)]) == first + 1
    told = entries.get(first)
    assert told is not None
    assert (told.actor_name, told.acting_for_id, told.outcome) == ("王芳", 3, "done")
    assert told.before == {"amount": 1}
    assert told.after == {"amount": "12.50", "stage": "赢单"}
    assert verify.verify() == verify.Report(ok=True, entries=3)
    key = home / "keys" / "audit.key"
    assert key.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_an_empty_log_is_whole() -> None:
    assert verify.verify() == verify.Report(ok=True, entries=0)


@pytest.mark.django_db
def test_a_rolled_back_act_leaves_no_entry_and_no_gap() -> None:
    with transaction.atomic():
        first = log.append(edit(1))
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        log.append_many([edit(2), edit(3)])
        _ = 1 / 0
    with transaction.atomic():
        assert log.append(edit(4)) == first + 1
    assert verify.verify().ok


@pytest.mark.django_db(transaction=True)
def test_an_entry_belongs_to_a_transaction() -> None:
    for forgotten in (lambda: log.append(edit(1)), log.lock):
        with pytest.raises(Broken, match="transaction"):
            forgotten()
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="on SQLite writers take turns anyway")
def test_transactions_of_several_acts_take_turns() -> None:
    with transaction.atomic():
        log.append(edit(0))
    order: list[str] = []

    def other() -> None:
        try:
            with transaction.atomic():
                log.lock()
                order.append("second")
                log.append(edit(2))
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    with transaction.atomic():
        log.lock()
        thread.start()
        thread.join(0.3)
        assert thread.is_alive()
        order.append("first")
        log.append(edit(1))
    thread.join(20)
    assert order == ["first", "second"]
    assert verify.verify() == verify.Report(ok=True, entries=3)


@pytest.mark.django_db(transaction=True)
def test_a_failed_append_cannot_be_committed_in_part() -> None:
    with transaction.atomic():
        log.append(edit(1))
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        with pytest.raises(OverflowError if connection.vendor == "sqlite" else DatabaseError):
            log.append(edit(2, actor_id=2**70))
        Entry.objects.count()
    assert verify.verify() == verify.Report(ok=True, entries=1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "bad", [{"after": {"x": float("nan")}}, {"after": {"x": b"raw"}}, {"outcome": "maybe"}, {"action": ""}]
)
def test_what_cannot_be_kept_is_refused_before_anything_is_written(bad: dict[str, object]) -> None:
    with pytest.raises((TypeError, ValueError)), transaction.atomic():
        log.append_many([edit(1), edit(2, **bad)])
    with pytest.raises((TypeError, ValueError)):
        log.append_alone(edit(3, **bad))
    assert not Entry.objects.exists()


@pytest.mark.django_db
def test_hostile_text_is_kept_and_verifies() -> None:
    nasty = "a\x00b\ud800c'\"\\\u2028😀" + "长" * 5000
    with transaction.atomic():
        seq = log.append(
            edit(1, reason=nasty, via=nasty, actor_name=nasty, after={"k\x00": nasty, "深": {"x": [None, True]}})
        )
    told = entries.get(seq)
    assert told is not None
    assert (
        told.reason.startswith("a\ufffdb?c'\"\\\u2028😀长") and told.reason.endswith("…") and len(told.reason) == 4000
    )
    assert told.after == {"k\x00": nasty, "深": {"x": [None, True]}}
    assert verify.verify().ok


@pytest.mark.django_db
def test_a_reader_pages_by_object_person_and_time_without_loss_while_others_write() -> None:
    start = clock.now()
    with transaction.atomic():
        for n in range(30):
            with clock.at(start + timedelta(minutes=n)):
                log.append(edit(n % 3, actor_id=n % 2, action="lead.edit" if n % 5 else "lead.view"))
    seen: list[int] = []
    before = None
    while page := entries.query(object_type="opportunity", object_id=f"{1:032x}", before=before, limit=4):
        seen += [told.seq for told in page]
        before = page[-1].seq
        with transaction.atomic():
            log.append(edit(1))
    wanted = [e.seq for e in reversed(entries.query(limit=1000)) if e.object_id == f"{1:032x}"]
    assert seen == sorted(wanted[:10], reverse=True)
    assert {told.actor_id for told in entries.query(actor_id=1)} == {1}
    hour = entries.query(since=start + timedelta(minutes=10), until=start + timedelta(minutes=20))
    assert [told.at for told in hour] == [start + timedelta(minutes=n) for n in range(19, 9, -1)]
    assert {told.action for told in entries.query(actions=["lead.view"])} == {"lead.view"}
    assert entries.query(actions=[]) == []
    with pytest.raises(ValueError, match="limit"):
        entries.query(limit=0)


@pytest.mark.django_db
def test_the_models_refuse_to_write() -> None:
    with transaction.atomic():
        seq = log.append(edit(1))
    entry = Entry.objects.get(seq=seq)
    entry.action = "nothing.happened"
    attempts = [
        entry.save,
        entry.delete,
        lambda: Entry(seq=99).save(force_insert=True),
        lambda: Entry.objects.create(seq=99),
        lambda: Entry.objects.filter(seq=seq).update(action="x"),
        lambda: Entry.objects.all().delete(),
        lambda: Entry.objects.bulk_create([Entry(seq=99)]),
        lambda: Entry.objects.bulk_update([entry], ["action"]),
        lambda: Entry.objects.update_or_create(seq=seq, defaults={"action": "x"}),
        lambda: Value.objects.filter(entry_id=seq).update(body="{}"),
        lambda: Head.objects.all().delete(),
        lambda: Entry._base_manager.filter(seq=seq).delete(),
    ]
    for attempt in attempts:
        with pytest.raises(Broken, match="append-only"):
            attempt()
    assert verify.verify().ok


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE audit_entry SET action = 'x'",
        "DELETE FROM audit_entry",
        "UPDATE audit_value SET body = '{}'",
        "UPDATE audit_value SET body = 'Xa1.forged'",
        "UPDATE audit_value SET salt = NULL, body = NULL",
        "DELETE FROM audit_value",
        "DELETE FROM audit_head",
    ],
)
def test_the_database_itself_refuses_a_slip_in_the_console(sql: str) -> None:
    with transaction.atomic():
        log.append(edit(1))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    assert verify.verify().ok


@pytest.mark.django_db
def test_values_are_erased_on_request_and_the_chain_holds() -> None:
    with transaction.atomic():
        seq, other = log.append(edit(1)), log.append(edit(2))
        told = log.erase(seq, reason="request 2026-17 of the person", actor_id=1, actor_name="管理员")
    erased, kept, says = entries.get(seq), entries.get(other), entries.get(told)
    assert erased is not None and kept is not None and says is not None
    assert (erased.before, erased.after, erased.erased) == (None, None, True)
    assert kept.after is not None and not kept.erased
    assert (says.action, says.object_id, says.reason) == (log.ERASED, str(seq), "request 2026-17 of the person")
    assert not Value.objects.exclude(salt=None).filter(entry_id=seq).exists()
    assert verify.verify().ok
    with pytest.raises(LookupError), transaction.atomic():
        log.erase(seq, reason="again", actor_id=1, actor_name="管理员")
    with pytest.raises(ValueError, match="reason"), transaction.atomic():
        log.erase(other, reason=" ", actor_id=1, actor_name="管理员")
    assert verify.verify() == verify.Report(ok=True, entries=3)


def refusal(number: int = 9) -> EntryData:
    return edit(number, outcome="refused", before=None, after=None, reason="not in your scope")


class Refusal(Exception):
    pass


def refusals() -> list[str]:
    return [told.object_id[-2:] for told in reversed(entries.query(outcome="refused"))]


@pytest.mark.django_db(transaction=True)
def test_a_refusal_outlives_the_transaction_that_it_ended() -> None:
    with pytest.raises(Refusal), log.transaction():
        log.append(edit(1))
        log.append_alone(refusal())
        raise Refusal
    assert refusals() == ["09"]
    assert [told.outcome for told in entries.query()] == ["refused"]
    assert verify.verify().ok


@pytest.mark.django_db(transaction=True)
def test_a_refusal_is_written_once_whether_what_surrounds_it_commits_or_not() -> None:
    with transaction.atomic():
        with pytest.raises(Refusal), log.transaction():
            log.append_alone(refusal(1))
            raise Refusal
        assert refusals() == ["01"]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        with pytest.raises(Refusal), log.transaction():
            log.append_alone(refusal(2))
            raise Refusal
        _ = 1 / 0
    request_finished.send(object)
    assert refusals() == ["01", "02"]
    log.append_alone(refusal(3))
    assert refusals() == ["01", "02", "03"]
    assert verify.verify() == verify.Report(ok=True, entries=3)


@pytest.mark.django_db(transaction=True)
def test_a_refusal_in_a_transaction_that_the_database_has_ended_still_stays() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        try:
            with transaction.atomic(savepoint=False), connection.cursor() as cursor:
                cursor.execute("SELECT nothing FROM nowhere")
        finally:
            log.append_alone(refusal(4))
    request_finished.send(object)
    assert refusals() == ["04"]


@pytest.mark.django_db
def test_inside_a_test_transaction_a_refusal_is_there_at_once() -> None:
    with pytest.raises(Refusal), log.transaction():
        log.append_alone(refusal(5))
        raise Refusal
    assert refusals() == ["05"]


@pytest.mark.django_db(transaction=True)
def test_heads_are_published_as_the_log_grows(home: Path) -> None:
    for _ in range(3):
        with transaction.atomic():
            log.append_many([edit(n) for n in range(700)])
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        log.append_many([edit(n) for n in range(2000)])
        _ = 1 / 0
    lines = [json.loads(line) for line in (home / "audit-heads.jsonl").read_text().splitlines()]
    assert [line["seq"] for line in lines] == [700, 1400, 2100]
    assert verify.verify() == verify.Report(ok=True, entries=2100)
