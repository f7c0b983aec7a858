"""Workers and writers are killed with SIGKILL at random points; afterwards nothing is lost, doubled or stuck.

The test runs this file as a program of its own, which forks warm children, kills them and prints what it
counted. A child of a later round lives in a later time, so that the leases of the dead have run out without
anybody waiting for it.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

JOBS, EVENTS, SUBJECTS, WRITES = 120, 40, 6, 40
SEEDS, TORTURE = 12, 80
COMPANY = 40  # seconds that each round lies after the one before: longer than a lease


def prepare() -> None:
    """Django with the two applications under test, on the database that DATABASE_URL names."""
    import django
    from django.conf import settings

    from heli.config import database

    home = Path(os.environ["HELI_HOME"])
    settings.configure(
        SECRET_KEY="for this test only",
        HELI_HOME=home,
        USE_TZ=True,
        INSTALLED_APPS=["heli.audit", "heli.jobs"],
        DATABASES={"default": database.parse(os.environ["DATABASE_URL"], home)},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TASKS={"default": {"BACKEND": "heli.jobs.backend.LeaseBackend"}},
        LOGGING={
            "version": 1,
            "handlers": {"none": {"class": "logging.NullHandler"}},
            "root": {"handlers": ["none"]},
        },
    )
    django.setup()


def execute(sql: str, *args: object) -> list[Any]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, args)
        return list(cursor.fetchall()) if cursor.description else []


def declare() -> dict[str, Any]:
    """The work: each leaves one row, and an entry in the audit log, in the transaction in which it is marked
    done."""
    from heli.audit import log
    from heli.jobs import events, subscribers
    from heli.jobs.lease import RetryError
    from heli.jobs.tasks import task

    def effect(kind: str, number: int, key: str = "") -> None:
        execute("INSERT INTO effect (kind, key, number) VALUES (%s, %s, %s)", kind, key, number)
        log.append(log.EntryData(action=f"crash.{kind}", object_id=str(number), after={"n": number}))

    def job(number: int) -> None:
        effect("job", number)
        if random.random() < 0.05:
            raise RetryError(0, "a failure like any other")
        if number % 10 == 0:
            events.publish("thing.seen", "thing", f"from {number}")

    def heard(event: events.EventView) -> None:
        effect("event", event.subject_seq, event.key)
        execute("SELECT COUNT(*) FROM effect")

    module = sys.modules["crash_work"] = type(sys)("crash_work")
    job.__module__, job.__qualname__ = "crash_work", "job"
    module.__dict__["job"] = task(max_attempts=60)(job)
    subscribers.subscribe("thing.*", heard, name="heard", max_attempts=60)
    return module.__dict__


def fill(seed: int) -> None:
    """Give the workers something to do."""
    from django.db import transaction

    from heli.jobs import backend, events

    execute("DELETE FROM effect")
    execute("DELETE FROM written")
    for table in ("jobs_job", "jobs_delivery", "jobs_event", "jobs_subject"):
        execute(f"DELETE FROM {table}")
    backend.enqueue_many(sys.modules["crash_work"].__dict__["job"], [{"number": n} for n in range(JOBS)])
    with transaction.atomic():
        events.publish_many([events.EventData("thing.made", "thing", f"s{n % SUBJECTS}") for n in range(EVENTS)])


def write(seed: int) -> None:
    """A writer: its own row, an event and a job, in one transaction each."""
    from django.db import transaction

    from heli.jobs import events

    for number in range(1000, 1000 + WRITES):
        with transaction.atomic():
            execute("INSERT INTO written (number) VALUES (%s)", number)
            sys.modules["crash_work"].__dict__["job"].enqueue(number)
            events.publish("thing.written", "thing", "w")


def die_at(statement: int) -> None:
    """Have this process killed at its so-manieth statement: before it is sent, or after it was answered."""
    from django.db import connection

    left = statement

    def wrapper(run: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        left -= 1
        if left <= 0 and statement % 2:
            os.kill(os.getpid(), signal.SIGKILL)
        result = run(sql, params, many, context)
        if left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    connection.execute_wrappers.append(wrapper)


def child(round_: int, what: Callable[[], object]) -> int:
    """Fork a process in the time of its round; returns its number."""
    from django.db import connections

    connections.close_all()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        from heli.kernel import clock

        real = clock.now
        clock.now = lambda: real() + timedelta(seconds=COMPANY * round_)
        what()
        status = 0
    finally:
        os._exit(status)


def work_and_die(statement: int) -> None:
    from heli.jobs import worker

    die_at(statement)
    one = worker.Worker(threading.Event(), f"w{os.getpid()}")
    one.loop()


def work_on(threads: int) -> None:
    from heli.jobs import worker

    worker.run(threading.Event(), threads=threads)


def undone() -> int:
    return sum(
        execute(f"SELECT COUNT(*) FROM {table} WHERE state = 'due'")[0][0] for table in ("jobs_job", "jobs_delivery")
    )


def end(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    os.waitpid(pid, 0)


def ask_to_stop(chance: random.Random) -> list[str]:
    """A worker that is asked politely ends by itself and leaves nothing in its hands."""
    from heli.jobs import worker

    pid = child(0, lambda: worker.run(threads=chance.choice((1, 2))))
    patience = time.monotonic() + 20
    while not execute("SELECT COUNT(*) FROM effect")[0][0] and time.monotonic() < patience:
        time.sleep(0.005)
    time.sleep(chance.uniform(0, 0.05))
    os.kill(pid, signal.SIGTERM)
    _, status = os.waitpid(pid, 0)
    held = sum(
        execute(f"SELECT COUNT(*) FROM {table} WHERE state = 'due' AND lease_until > 0")[0][0]
        for table in ("jobs_job", "jobs_delivery")
    )
    return [f"asked to stop: status {status}, {held} leases held"] if status or held else []


def one_seed(seed: int) -> dict[str, Any]:
    """Fill, kill, let a last worker finish; returns what is wrong (nothing, if all is well) and how many were
    killed."""
    chance = random.Random(seed)
    fill(seed)
    stopped = ask_to_stop(chance)
    kills = round_ = 0
    pids = []
    writer = child(0, lambda: (die_at(chance.randrange(2, 12 * WRITES)), write(seed)))
    for round_ in range(1, 4):
        if chance.random() < 0.6:
            point = int(1.5 ** chance.uniform(2, 16))
            pids.append(child(round_, lambda point=point: work_and_die(point)))
        else:
            pids.append(child(round_, lambda: work_on(chance.choice((1, 2)))))
        time.sleep(chance.uniform(0.01, 0.12))
        if chance.random() < 0.7:  # else it goes on beside the next one
            end(pids.pop())
            kills += 1
    for pid in [*pids, writer]:
        end(pid)
        kills += 1
    deadline = time.monotonic() + 60
    while undone() and time.monotonic() < deadline:
        round_ += 10
        last = child(round_, lambda: work_on(1))
        pause = time.monotonic() + 2
        while undone() and time.monotonic() < pause:
            time.sleep(0.02)
        end(last)
    return {"seed": seed, "kills": kills, "wrong": stopped + wrong()}


def wrong() -> list[str]:
    """Every way in which the tables differ from what must be there."""
    found = []
    written = {number for (number,) in execute("SELECT number FROM written")}
    did = Counter(number for (number,) in execute("SELECT number FROM effect WHERE kind = 'job'"))
    wanted = set(range(JOBS)) | written
    found += [f"job {n} had {did[n]} effects" for n in sorted(wanted | set(did)) if did[n] != (n in wanted)]
    told = Counter(tuple(row) for row in execute("SELECT key, subject_seq FROM jobs_event"))
    heard = Counter(tuple(row) for row in execute("SELECT key, number FROM effect WHERE kind = 'event'"))
    unlike = [one for one in told | heard if told[one] != heard[one]]
    found += [f"event {one} was told {told[one]} and heard {heard[one]} times" for one in unlike]
    expected = EVENTS + len(written) + sum(1 for n in wanted if n % 10 == 0)
    if sum(told.values()) != expected:
        found.append(f"{sum(told.values())} events instead of {expected}")
    for (key,) in execute("SELECT DISTINCT key FROM effect WHERE kind = 'event'"):
        order = [n for (n,) in execute("SELECT number FROM effect WHERE kind = 'event' AND key = %s ORDER BY id", key)]
        if order != list(range(1, len(order) + 1)):
            found.append(f"events of {key} heard as {order}")
    for table in ("jobs_job", "jobs_delivery"):
        states = dict(execute(f"SELECT state, COUNT(*) FROM {table} GROUP BY state"))
        if set(states) != {"done"}:
            found.append(f"{table}: {states}")
    return found


def say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def main(first: int, last: int) -> None:
    prepare()
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0)
    serial = "BIGSERIAL PRIMARY KEY" if connection.vendor == "postgresql" else "INTEGER PRIMARY KEY AUTOINCREMENT"
    execute(f"CREATE TABLE effect (id {serial}, kind TEXT, key TEXT, number INTEGER)")
    execute("CREATE TABLE written (number INTEGER)")
    declare()
    for seed in range(first, last):
        say(one_seed(seed))
    from heli.audit.verify import verify

    report = verify()
    say({"audit": report.ok, "entries": report.entries, "reason": report.reason})


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it
from django.conf import settings  # noqa: E402
from tests import prepared  # noqa: E402

pytestmark = [pytest.mark.storage]


def database_url(folder: Path, name: str, *, migrated: bool = False) -> str:
    """A database of its own, empty or with the schema: a file, or one more on the PostgreSQL that this run has started."""
    config = settings.DATABASES["default"]
    if config["ENGINE"].endswith("sqlite3"):
        if migrated:
            shutil.copyfile(prepared.schema_file(), folder / "crash.sqlite3")
        return f"sqlite:///{folder / 'crash.sqlite3'}"
    import psycopg

    place = {"host": config["HOST"], "port": config["PORT"] or 5432, "user": config["USER"]}
    with psycopg.connect(**place, dbname="postgres", autocommit=True) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{prepared.SCHEMA}"' if migrated else ""))
    port = f":{place['port']}"
    if str(place["host"]).startswith("/"):
        return f"postgres://{place['user']}@{port}/{name}?host={place['host']}"
    return f"postgres://{place['user']}@{place['host']}{port}/{name}"


def killing(folder: Path, first: int, last: int) -> None:
    import heli

    source = Path(heli.__file__).parent.parent
    name = f"crash_{os.getpid()}_{first}"
    environment = os.environ | {
        "HELI_HOME": str(folder / "home"),
        "DATABASE_URL": database_url(folder, name),
        "PYTHONPATH": str(source),
    }
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    (folder / "home").mkdir()
    program = subprocess.Popen(
        [sys.executable, __file__, str(first), str(last)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = program.communicate(timeout=60 + 10 * (last - first))
    finally:
        if program.poll() is None:
            os.killpg(program.pid, signal.SIGKILL)  # with whatever it has forked
    assert program.returncode == 0, err[-3000:]
    *seeds, log = [json.loads(line) for line in out.splitlines()]
    assert len(seeds) == last - first
    assert [one for one in seeds if one["wrong"]] == []
    assert sum(one["kills"] for one in seeds) >= 2 * len(seeds)
    assert log["audit"], log["reason"]
    assert log["entries"] > 100 * len(seeds)


def test_killed_workers_lose_and_double_nothing(tmp_path: Path) -> None:
    killing(tmp_path, 0, SEEDS)


@pytest.mark.torture
def test_killed_workers_lose_and_double_nothing_over_many_seeds(tmp_path: Path) -> None:
    killing(tmp_path, 1000, 1000 + TORTURE)
