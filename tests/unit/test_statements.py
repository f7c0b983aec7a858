"""Statements in one round trip: their answers, their transaction, and what stays of a connection on which one of them failed."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from heli.audit import log
from heli.audit.log import EntryData
from heli.kernel import quick

pytestmark = [pytest.mark.storage, pytest.mark.django_db]

PUT = "INSERT INTO access_epoch (key, value) VALUES (%s, %s)"
GET = "SELECT key, value FROM access_epoch WHERE key LIKE 'x%%' AND key <> %s ORDER BY key"


def test_each_statement_has_its_rows_and_sees_what_those_before_it_did() -> None:
    for number in range(6):  # also once they are kept prepared
        found = quick.together([(PUT, [f"x{number}", number]), (GET, ["x0"]), ("SELECT 1 WHERE 1 = 0", ())])
        assert found == [[], [(f"x{n}", n) for n in range(1, number + 1)], []]


def test_of_a_failing_one_nothing_stays_and_the_connection_goes_on() -> None:
    quick.together([(PUT, ["x1", 1])])
    for _ in range(5):
        with pytest.raises(IntegrityError), transaction.atomic():
            quick.together([(PUT, ["x2", 2]), (PUT, ["x1", 1]), (PUT, ["x3", 3])])
        assert quick.rows(GET, [""]) == [("x1", 1)]


def test_what_cannot_be_bound_is_refused_before_anything_is_sent() -> None:
    with pytest.raises((DatabaseError, TypeError)), transaction.atomic():
        quick.together([(PUT, ["x1", 1]), (PUT, ["x2", object()])])
    assert quick.rows(GET, [""]) == []


def test_a_table_that_changes_leaves_no_statement_behind() -> None:
    read = "SELECT * FROM access_epoch WHERE key = %s"
    for _ in range(5):
        quick.rows(read, ["x1"])
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE access_epoch ADD COLUMN more INTEGER")
    for _ in range(2):  # PostgreSQL refuses what it had prepared, once
        try:
            with transaction.atomic():
                found = quick.together([(PUT, ["x1", 1]), (read, ["x1"])])
        except DatabaseError:
            continue
        assert found[1][0][:3] == ("x1", 1, None)
        break
    else:
        pytest.fail("still refused")


def test_whoever_watches_sees_every_statement() -> None:
    seen: list[str] = []

    def watch(execute: object, sql: str, params: object, many: bool, context: object) -> object:
        seen.append(sql)
        return execute(sql, params, many, context)  # type: ignore[operator]

    with connection.execute_wrapper(watch):
        assert quick.together([(PUT, ["x1", 1]), (GET, [""])])[1] == [("x1", 1)]
    assert seen == [PUT, GET]


def test_more_values_than_one_statement_takes_are_written_all_the_same() -> None:
    many = [
        (
            "INSERT INTO access_epoch (key, value) VALUES " + ", ".join(["(%s, %s)"] * 20),
            [v for k in range(20) for v in (f"m{n}.{k}", n)],
        )
        for n in range(1700)
    ]
    quick.together(quick.one(many))
    assert quick.rows("SELECT count(*) FROM access_epoch WHERE key LIKE 'm%%'") == [(34_000,)]


def test_thousands_of_entries_of_one_act_go_into_the_log() -> None:
    with log.transaction():
        log.append_many(
            [EntryData(action="test.many", object_type="test", object_id=str(n), actor_name="t") for n in range(5000)]
        )
    assert quick.rows("SELECT count(*) FROM audit_entry WHERE action = %s", ["test.many"]) == [(5000,)]
