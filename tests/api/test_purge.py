"""What has lain in the recycle bin for 90 days is removed for good, with all that hung on it; nothing else is touched."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from heli.audit import entries
from heli.audit.verify import verify
from heli.jobs.models import Job
from heli.kernel import clock
from heli.records import act, files, purge, sql
from heli.records.act import Action
from heli.records.models import Attachment, Comment, Imported, Mention
from heli.records.types import TYPES
from tests.api.client import signed_in
from tests.world import World

pytestmark = pytest.mark.storage


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.HELI_HOME = tmp_path
    return tmp_path


def there(kind: str) -> set[str]:
    return {row[0] for row in sql.rows(f'SELECT id FROM "{TYPES[kind].table}"')}


def delete(world: World, kind: str, record: str, days: int) -> None:
    """As if it had been deleted so many days ago."""
    with clock.later(days=-days):
        act.do(world.system, Action(kind, "delete", record))


def attach(who: str, record: str) -> None:
    raw = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("a.txt", b"hello")})
    reply = signed_in(who).send("POST", f"/records/opportunity/{record}/files", raw=raw, media=MULTIPART_CONTENT)
    assert reply.status == 201, reply.body


def full(world: World, name: str) -> str:
    """A deal with all that can hang on one."""
    deal = world.make("ann", "opportunity", name=name)
    ann, mei = signed_in("ann"), world.people["mei"]
    said = {"body": f"look @{{{mei}}}", "mentions": [str(mei)]}
    assert ann.post(f"/records/opportunity/{deal}/comments", said).status == 201
    world.do("ann", "opportunity", "team_add", deal, person=str(world.people["wei"]))
    attach("ann", deal)
    Imported.objects.create(profile="p", type="opportunity", key=name, record_id=deal, values='{"name":"secret"}')
    return deal


def test_all_of_an_expired_record_goes_and_nothing_of_another(
    world: World, home: Path, django_capture_on_commit_callbacks: Any
) -> None:
    old, restored, young, live = (full(world, name) for name in ("Old", "Restored", "Young", "Live"))
    for record, days in ((old, 91), (restored, 80), (young, 89)):
        delete(world, "opportunity", record, days)
    assert signed_in("ann").post(f"/records/opportunity/{restored}/restore").status == 200
    rest = {restored, young, live}
    with django_capture_on_commit_callbacks(execute=True):
        assert purge.purge.call() == 1
    assert there("opportunity") == rest
    assert set(Comment.objects.values_list("record_id", flat=True)) == rest
    assert set(Mention.objects.values_list("comment__record_id", flat=True)) == rest
    assert set(Attachment.objects.values_list("record_id", flat=True)) == rest
    assert len(list((home / "files").iterdir())) == 3
    assert {row[0] for row in sql.rows("SELECT record_id FROM access_reach WHERE kind='team'")} == rest
    assert {row[0] for row in sql.rows("SELECT record_id FROM records_posted")} == {restored, live}
    remembered = dict(Imported.objects.values_list("record_id", "values"))
    assert set(remembered) == {*rest, old}, "the next import must still know that this was thrown away"
    assert [record for record, values in remembered.items() if "secret" not in values] == [old]
    assert signed_in("mei").get(f"/records/opportunity/{live}").body["values"]["name"] == "Live"
    (entry,) = [e for e in entries.query(object_type="opportunity") if e.action == "opportunity.purge"]
    assert (entry.actor_name, entry.origin, entry.after) == ("system", "job", {"keys": [old]})
    assert [e.action for e in entries.query(object_id=old)][-1] == "opportunity.create", "its history stays"
    assert verify().ok
    assert purge.purge.call() == 0


def test_a_record_that_a_live_or_restorable_one_names_stays_until_that_ends(world: World) -> None:
    account = world.make("ann", "account", name="Acme")
    deal = world.make("ann", "opportunity", name="Deal", account=account)
    delete(world, "account", account, 200)
    assert purge.purge.call() == 0, "the live deal still names its customer"
    before = world.list("ann", "opportunity")
    delete(world, "opportunity", deal, 60)
    assert purge.purge.call() == 0, "the deal can be restored still, and then needs its customer"
    assert signed_in("ann").post(f"/records/opportunity/{deal}/restore").status == 200
    assert [{**row, "updated_at": 0} for row in world.list("ann", "opportunity")] == [
        {**row, "updated_at": 0} for row in before
    ]
    delete(world, "opportunity", deal, 91)
    assert purge.purge.call() == 2
    assert (there("account"), there("opportunity")) == (set(), set())


def test_it_goes_on_where_it_stopped_past_what_must_stay(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "BATCH", 2)
    monkeypatch.setattr(purge, "MOST_BATCHES", 3)
    accounts = [world.make("ann", "account", name=f"A{n}") for n in range(9)]
    held = [world.make("ann", "opportunity", name="D", account=one) for one in accounts[:5]]
    for n, account in enumerate(accounts):
        delete(world, "account", account, 120 - n)
    asked: list[tuple[str, ...]] = [()]
    removed = runs = 0
    while asked:
        removed += purge.purge.call(*asked.pop())
        runs += 1
        for job in Job.objects.filter(task__contains="purge"):
            asked.append(tuple(json.loads(job.args)["args"]))
            job.delete()
    assert removed == 4
    assert runs > 1
    assert there("account") == set(accounts[:5])
    assert there("opportunity") == set(held)


def test_what_is_restored_while_the_job_runs_stays(world: World) -> None:
    deal = world.make("ann", "opportunity", name="Deal")
    delete(world, "opportunity", deal, 89)
    with clock.later(days=2):
        ids, _ = purge.expired(TYPES["opportunity"])
        assert ids == [deal]
    act.do(world.system, Action("opportunity", "restore", deal))
    with clock.later(days=2):
        assert purge.remove(TYPES["opportunity"], ids) == 0
    assert there("opportunity") == {deal}


def test_files_without_a_row_are_swept_once_they_are_a_day_old(world: World, home: Path) -> None:
    attach("ann", world.make("ann", "opportunity", name="Deal"))
    (kept,) = (home / "files").iterdir()
    stray, fresh = files.folder() / ("a" * 32), files.folder() / ("b" * 32)
    for path in (stray, fresh):
        path.write_bytes(b"lost")
    for path in (kept, stray):
        os.utime(path, (1, 1))
    os.utime(fresh, (clock.now().timestamp(),) * 2)
    assert purge.sweep.call() == 1
    assert set((home / "files").iterdir()) == {kept, fresh}


@pytest.mark.parametrize("order", ["deleted_at, id", "deleted_at DESC, id DESC"])
def test_the_bin_is_found_by_its_index(world: World, order: str) -> None:
    for code in ("account", "activity", "opportunity"):
        table = TYPES[code].table
        explain = "EXPLAIN QUERY PLAN" if sql.vendor() == "sqlite" else "EXPLAIN"
        with connection.cursor() as cursor:
            if sql.vendor() == "postgresql":
                for way in ("seqscan", "bitmapscan"):  # a small table is read whole and sorted, whatever its indexes
                    cursor.execute(f"SET LOCAL enable_{way} = off")
            cursor.execute(
                f'{explain} SELECT id, deleted_at FROM "{table}" WHERE deleted_at IS NOT NULL AND deleted_at <= %s '
                f"ORDER BY {order} LIMIT 200",
                [sql.bind(clock.now())],
            )
            plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
        assert f"{code}_deleted" in plan, plan
        assert "Sort" not in plan and "TEMP B-TREE" not in plan, plan
