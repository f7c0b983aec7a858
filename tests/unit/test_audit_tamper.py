"""An intruder with full rights on the database, and without the key, changes the log: the proof names the
place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from heli.audit import entries, guards, keys, log, verify
from heli.audit.log import EntryData
from heli.audit.models import Entry
from heli.kernel.errors import Broken

pytestmark = [pytest.mark.storage]
COUNT = 12


def run(sql: str, *args: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, args)


def act(number: int) -> EntryData:
    values = {"amount": number} if number % 3 else None
    return EntryData(
        action="contract.edit",
        object_type="contract",
        object_id=str(number),
        actor_id=4,
        actor_name="李雷",
        after=values,
    )


def write(count: int = COUNT) -> None:
    with transaction.atomic():
        log.append_many([act(n) for n in range(1, count + 1)])


@pytest.fixture
def home(settings: Any, tmp_path: Path) -> Path:
    settings.HELI_HOME = tmp_path
    return tmp_path


@pytest.fixture
def intruder(db: None, home: Path) -> Iterator[None]:
    """A log of twelve entries (every third without values) whose triggers have been dropped."""
    write()
    assert verify.verify() == verify.Report(ok=True, entries=COUNT)
    guards.remove(connection)
    yield


def found() -> tuple[int | None, str]:
    report = verify.verify()
    assert not report.ok
    return report.first_bad, report.reason


CHANGES: dict[str, object] = {
    "at": "2020-01-01 00:00:00+00:00",
    "actor_id": 5,
    "actor_name": "韩梅梅",
    "acting_for_id": 9,
    "action": "contract.view",
    "object_type": "order",
    "object_id": "77",
    "outcome": "refused",
    "origin": "cli",
    "via": "grant 1",
    "reason": "because",
    "commit": b"\x01" * 32,
    "prev": b"\x02" * 32,
    "hash": b"\x03" * 32,
}


def test_every_column_is_tried() -> None:
    assert set(CHANGES) | {"seq"} == {field.column for field in Entry._meta.concrete_fields}


@pytest.mark.usefixtures("intruder")
@pytest.mark.parametrize("column", sorted(CHANGES))
@pytest.mark.parametrize("seq", [1, 6, COUNT])
def test_a_changed_column_is_found_where_it_is(column: str, seq: int) -> None:
    run(f'UPDATE audit_entry SET "{column}" = %s WHERE seq = %s', CHANGES[column], seq)
    assert found()[0] == seq


@pytest.mark.usefixtures("intruder")
@pytest.mark.parametrize("column", ["actor_id", "acting_for_id"])
def test_a_person_removed_from_an_entry_is_found(column: str) -> None:
    run("UPDATE audit_entry SET actor_id = NULL, acting_for_id = 4 WHERE seq = 5")
    assert found()[0] == 5


@pytest.mark.usefixtures("intruder")
@pytest.mark.parametrize(
    ("sql", "seq"),
    [
        ('UPDATE audit_value SET body = \'{"after":{"amount":9}}\' WHERE entry_id = 4', 4),
        ("UPDATE audit_value SET body = body || ' ' WHERE entry_id = 4", 4),
        ("UPDATE audit_value SET salt = NULL WHERE entry_id = 4", 4),
        ("DELETE FROM audit_value WHERE entry_id = 11", 11),
        ("UPDATE audit_value SET entry_id = 6 WHERE entry_id = 7", 6),
        ("INSERT INTO audit_value (entry_id, body) VALUES (3, '{}')", 3),
        ("INSERT INTO audit_value (entry_id, body) VALUES (99, '{}')", 99),
        ("UPDATE audit_value SET body = NULL, salt = NULL, erased_by = 2 WHERE entry_id = 4", 4),
        ("UPDATE audit_value SET body = NULL, salt = NULL, erased_by = 99 WHERE entry_id = 4", 4),
    ],
)
def test_changed_values_are_found(sql: str, seq: int) -> None:
    run(sql)
    assert found()[0] == seq


@pytest.mark.usefixtures("intruder")
def test_an_erasure_covers_its_own_entry_only() -> None:
    with transaction.atomic():
        told = log.erase(4, reason="request", actor_id=1, actor_name="管理员")
    assert verify.verify().ok
    run("UPDATE audit_value SET body = NULL, salt = NULL, erased_by = %s WHERE entry_id = 5", told)
    assert found()[0] == 5


@pytest.mark.usefixtures("intruder")
@pytest.mark.parametrize("seq", range(1, COUNT + 1))
def test_a_removed_entry_is_found(seq: int) -> None:
    run("DELETE FROM audit_entry WHERE seq = %s", seq)
    assert found()[0] == seq


@pytest.mark.usefixtures("intruder")
def test_closing_the_gap_does_not_help() -> None:
    run("DELETE FROM audit_entry WHERE seq = 5")
    for seq in range(6, COUNT + 1):
        run("UPDATE audit_entry SET seq = %s WHERE seq = %s", seq - 1, seq)
        run("UPDATE audit_value SET entry_id = %s WHERE entry_id = %s", seq - 1, seq)
    assert found()[0] == 5


@pytest.mark.usefixtures("intruder")
def test_two_entries_that_changed_places_are_found() -> None:
    for old, new in ((4, -1), (5, 4), (-1, 5)):
        run("UPDATE audit_entry SET seq = %s WHERE seq = %s", new, old)
        run("UPDATE audit_value SET entry_id = %s WHERE entry_id = %s", new, old)
    assert found()[0] == 4


@pytest.mark.usefixtures("intruder")
@pytest.mark.parametrize(("seq", "at"), [(0, 0), (-5, -5), (COUNT + 1, COUNT + 1), (COUNT + 9, COUNT + 1)])
def test_an_added_entry_is_found(seq: int, at: int) -> None:
    columns = ", ".join(f'"{field.column}"' for field in Entry._meta.concrete_fields if field.column != "seq")
    run(f"INSERT INTO audit_entry (seq, {columns}) SELECT %s, {columns} FROM audit_entry WHERE seq = 2", seq)
    assert found()[0] == at


def cut(last: int) -> None:
    """Cut the end off and move the head there, as well as one can without the key."""
    run("DELETE FROM audit_entry WHERE seq > %s", last)
    run("DELETE FROM audit_value WHERE entry_id > %s", last)
    run("UPDATE audit_head SET seq = %s, hash = (SELECT hash FROM audit_entry WHERE seq = %s)", last, last)


@pytest.mark.usefixtures("intruder")
def test_a_cut_end_with_a_moved_head_is_found() -> None:
    cut(9)
    assert found() == (9, "the head of the chain carries a wrong seal")


@pytest.mark.usefixtures("intruder")
def test_writing_on_after_a_forgery_does_not_make_it_genuine_and_a_person_answers_for_it() -> None:
    cut(9)
    with transaction.atomic():
        mine = log.append(act(50))
    told = entries.get(mine - 1)
    assert told is not None and told.action == log.BROKEN
    assert found()[0] == mine - 1
    with pytest.raises(LookupError), transaction.atomic():
        log.accept(mine, reason="no", actor_id=1, actor_name="管理员")
    with transaction.atomic():
        log.accept(mine - 1, reason="restored from the backup of Monday", actor_id=1, actor_name="管理员")
    assert verify.verify() == verify.Report(ok=True, entries=mine + 1)


@pytest.mark.usefixtures("intruder")
def test_a_rewritten_chain_is_found_by_its_seal() -> None:
    """All hashes computed anew, as the format is public: only the seal cannot be made."""
    from heli.audit import chain

    name, _, _ = log.head() or ("", 0, b"")
    run("UPDATE audit_entry SET actor_name = '别人' WHERE seq = 3")
    prev = chain.genesis(name)
    for entry in Entry.objects.order_by("seq"):
        told = tuple(getattr(entry, column) for column in list(CHANGES)[1:11])
        fresh = chain.digest(prev, bytes(entry.commit), entry.seq, entry.at, told)
        run("UPDATE audit_entry SET prev = %s, hash = %s WHERE seq = %s", prev, fresh, entry.seq)
        prev = fresh
    run("UPDATE audit_head SET hash = %s", prev)
    assert found() == (COUNT, "the head of the chain carries a wrong seal")


@pytest.mark.usefixtures("intruder")
def test_a_lost_head_is_found_and_stops_the_log() -> None:
    run("DELETE FROM audit_head")
    assert found() == (1, "the head of the chain is missing")
    with pytest.raises(Broken, match="head"), transaction.atomic():
        log.append(act(1))


@pytest.mark.usefixtures("intruder")
def test_another_key_is_noticed(home: Path) -> None:
    (home / "keys" / "audit.key").write_text("ab" * 32)
    keys.forget()
    assert found()[1] == "the head of the chain carries a wrong seal"


def test_a_damaged_key_file_is_named(db: None, home: Path) -> None:
    write()
    (home / "keys" / "audit.key").write_text("not a key")
    keys.forget()
    with pytest.raises(Broken, match=r"audit\.key"):
        verify.verify()


@pytest.mark.usefixtures("intruder")
@pytest.mark.skipif(connection.vendor != "sqlite", reason="only SQLite stores any type in any column")
@pytest.mark.parametrize("junk", ["no moment", "2026-13-45 00:00:00", b"\xff\xfe", 5])
def test_junk_in_a_column_is_found(junk: object) -> None:
    for column in ("at", "hash", "reason"):
        with transaction.atomic():
            run(f'UPDATE audit_entry SET "{column}" = %s WHERE seq = 8', junk)
            assert found()[0] == 8
            transaction.set_rollback(True)


# What the published heads prove: they need commits, for what may still roll back is never published.


@pytest.mark.django_db(transaction=True)
def test_a_log_put_back_to_an_older_genuine_state_is_found_by_the_published_head(home: Path) -> None:
    write()
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, hash, mac FROM audit_head")
        genuine = cursor.fetchone()
    write()
    assert verify.verify().ok
    guards.remove(connection)
    run("DELETE FROM audit_entry WHERE seq > %s", COUNT)
    run("DELETE FROM audit_value WHERE entry_id > %s", COUNT)
    run("UPDATE audit_head SET seq = %s, hash = %s, mac = %s", *genuine)
    first_bad, reason = found()
    assert first_bad == COUNT + 1 and "was cut off before a published head" in reason
    with transaction.atomic():
        log.append_many([act(n) for n in range(30)])
    first_bad, reason = found()
    assert first_bad == 2 * COUNT and "rewritten after a published head" in reason


@pytest.mark.django_db(transaction=True)
def test_an_emptied_log_is_found_by_the_published_head(home: Path) -> None:
    write()
    assert verify.verify().ok
    guards.remove(connection)
    for table in ("audit_value", "audit_entry", "audit_head"):
        run(f"DELETE FROM {table}")
    assert "tells of another chain" in found()[1]
    write(3)
    assert found()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_an_edited_line_of_the_published_heads_is_found_and_a_torn_one_is_passed_over(home: Path) -> None:
    write()
    assert verify.verify().ok
    file = home / "audit-heads.jsonl"
    file.write_text(file.read_text() + '{"chain": "torn')
    assert verify.verify().ok
    lines = file.read_text().splitlines()
    assert json.loads(lines[-1])["seq"] == COUNT
    file.write_text(lines[0].replace(f'"seq": {COUNT}', '"seq": 3') + "\n")
    assert "wrong seal" in found()[1]


@pytest.mark.django_db(transaction=True)
def test_emptying_a_whole_database_ends_the_chain_openly(home: Path) -> None:
    write()
    assert verify.verify().ok
    call_command("flush", interactive=False, verbosity=0)
    assert verify.verify() == verify.Report(ok=True, entries=0)
    write(2)
    assert verify.verify() == verify.Report(ok=True, entries=2)
    with pytest.raises(Exception, match="append-only"):
        run("DELETE FROM audit_entry")
