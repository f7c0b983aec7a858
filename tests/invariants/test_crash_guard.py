"""Workers that seal fields anew, and that make exports, are killed with SIGKILL at random moments.

Nothing is half sealed, half counted or half written: after each death every cell and every entry of the log reads as it did,
and in the end each record was sealed once, each file holds each row once, and no piece of another lies about.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.invariants import stage

CUSTOMERS, BATCH, LOOKED = 120, 7, 40
DEALS, PAGE = 150, 10
KILLS = 25
AGE = 2000
"""Seconds by which each worker is later than the one before: leases of the dead have run out."""


_rounds = [0]


def keep_time() -> None:
    """From now on this process and its children live a round later after each ``worker``."""
    from heli.kernel import clock

    real = clock.now
    clock.now = lambda: real() + timedelta(seconds=AGE * _rounds[0])


def worker() -> int:
    """A real worker in a process of its own; its number."""
    from heli.jobs import worker as workers

    _rounds[0] += 1
    return stage.fork(lambda: workers.run(threading.Event(), threads=1))


def end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def kill_after(seconds: float) -> None:
    pid = worker()
    time.sleep(seconds)
    end(pid)


def phone(n: int) -> str:
    return f"1380000{n:04}"


def reseal(company: Any) -> object:
    """Cells and log entries in clear, as from before an upgrade; workers seal them and die."""
    from heli.audit import closed
    from heli.kernel.actor import Actor
    from heli.records import resealing, sealed, sql
    from heli.records.models import Resealing

    keep_time()
    resealing.BATCH, closed.MOST = BATCH, LOOKED
    keeping, sealed.kept = sealed.kept, lambda kind, record, one, value: value
    customers = {company.make("ann", "account", name=f"C{n}", phone=phone(n)): phone(n) for n in range(CUSTOMERS)}
    sealed.kept = keeping
    for record, number in customers.items():
        sql.execute("UPDATE crm_account SET phone=%s, phone_index='', phone_tail='' WHERE id=%s", [number, record])
    resealing.reseal_all(Actor(None, "operator", "test"))
    chance, wrong, partly = random.Random(), [], 0
    for round_ in range(KILLS):
        kill_after(chance.uniform(0.01, 0.5))
        found = broken(customers)
        wrong += [f"kill {round_}: {one}" for one in found["wrong"]]
        partly += 0 < found["clear"] < CUSTOMERS or 0 < found["log"] < CUSTOMERS
        if not Resealing.objects.exists():
            break
    pid, deadline = worker(), time.monotonic() + 90
    while Resealing.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    end(pid)
    found = broken(customers)
    told = [
        (row[0], row[1])
        for row in sql.rows(
            "SELECT e.action, v.body FROM audit_entry e JOIN audit_value v ON v.entry_id=e.seq "
            "WHERE e.action IN ('keys.resealed', 'audit.close') AND e.object_type IN ('account', 'audit') ORDER BY 1"
        )
    ]
    return {
        "wrong": wrong + found["wrong"], "clear": found["clear"], "log": found["log"], "partly": partly, "told": told,
        "audit": stage.audit_is_whole(),
    }  # fmt: skip


def broken(customers: dict[str, str]) -> dict[str, Any]:
    """Cells that do not read as they did or stand without their index, and what stands in clear yet."""
    from heli.records import sealed, sql
    from heli.records.types import TYPES

    sealed.forget()
    kind = TYPES["account"]
    one: Any = kind.fields["phone"]
    wrong, clear = [], 0
    for record, cell, index in sql.rows("SELECT id, phone, phone_index FROM crm_account"):
        is_clear = not cell.startswith(sealed.MARK)
        clear += is_clear
        if sealed.opened(kind, record, one, cell) != customers[record] or is_clear == bool(index):
            wrong.append(f"{record} holds {cell[:12]!r} beside {index[:8]!r}")
    log = sql.rows("SELECT COUNT(*) FROM audit_value WHERE body LIKE %s", ['%"phone":"1380000%'])[0][0]
    if not (told := stage.audit_is_whole())["ok"]:
        wrong.append(f"the log: {told['reason']}")
    return {"wrong": wrong, "clear": clear, "log": log}


def export(company: Any) -> object:
    """Each export is killed up to twice while it is made; a third death would be its end."""
    from tests.world import SETUP

    from heli.access import grants
    from heli.audit.models import Entry
    from heli.guard.exports import ask, files, run
    from heli.guard.models import Export, Taken

    keep_time()
    run.PAGE = PAGE
    may = [{"type": "opportunity", "actions": ["export"], "scope": ["own"], "limit": "5000"}]
    grants.grant_lines(SETUP, may, "person", str(company.people["ann"]))
    for n in range(DEALS):
        company.make("ann", "opportunity", name=f"D{n}")
    chance, wrong, kills = random.Random(), [], 0
    for _ in range(KILLS // 3):
        asked = ask.Asked("opportunity", fields=("name",))
        made = ask.ask(company.as_("ann"), asked, "csv", "a test of killing").pk
        for _ in range(chance.randint(1, 2)):
            kill_after(chance.uniform(0.02, 0.6))
            kills += 1
            one = Export.objects.get(pk=made)
            if one.state == Export.READY and not files.path_of(one.stored).exists():
                wrong.append("ready without its file")
        pid, deadline = worker(), time.monotonic() + 60
        while Export.objects.get(pk=made).state != Export.READY and time.monotonic() < deadline:
            time.sleep(0.05)
        end(pid)
        one = Export.objects.get(pk=made)
        if one.state != Export.READY:
            wrong.append(f"it ended as {one.state}, after {one.attempts} attempts: {one.problem}")
            continue
        rows = [line.split(",")[0].strip('"') for line in files.path_of(one.stored).read_text("utf-8-sig").splitlines()]
        if sorted(rows[1 : DEALS + 1]) != sorted(f"D{n}" for n in range(DEALS)) or one.done != DEALS:
            wrong.append(f"{one.done} rows, {len(set(rows))} different")
        if Entry.objects.filter(action="export.ready", object_id=made).count() != 1:
            wrong.append("told to be ready more than once")
    stored = set(Export.objects.exclude(stored="").values_list("stored", flat=True))
    taken = sum(Taken.objects.filter(channel="export", kind="records").values_list("n", flat=True))
    for path in files.folder().iterdir():
        os.utime(path, (1, 1))
    files.sweep()
    left = {path.name.partition(".")[0] for path in files.folder().iterdir()}
    return {
        "wrong": wrong, "kills": kills, "strays": len(left - stored), "parts": len(list(files.folder().glob("*.part"))),
        "taken": taken, "audit": stage.audit_is_whole(),
    }  # fmt: skip


if __name__ == "__main__":
    stage.say(globals()[sys.argv[1]](stage.open_company()))
    sys.exit()

import pytest  # noqa: E402 - the program above has no use for it

pytestmark = [pytest.mark.storage, pytest.mark.torture]


def test_a_killed_reseal_leaves_nothing_half_sealed(tmp_path: Path) -> None:
    said = stage.program(__file__, tmp_path, "reseal", seconds=400)
    assert said["wrong"] == []
    assert said["partly"] > 0, "no worker died in the middle"
    assert (said["clear"], said["log"]) == (0, 0)
    assert [action for action, _ in said["told"]] == ["audit.close", "keys.resealed"], said["told"]
    assert said["told"][0][1] == f'{{"after":{{"entries":{CUSTOMERS}}}}}', "each entry once"
    assert said["told"][1][1] == f'{{"after":{{"records":{CUSTOMERS}}}}}', "each record once"
    assert said["audit"]["ok"], said["audit"]


def test_a_killed_export_is_whole_or_not_there(tmp_path: Path) -> None:
    said = stage.program(__file__, tmp_path, "export", seconds=500)
    assert said["wrong"] == []
    assert said["kills"] > 6
    assert (said["strays"], said["parts"]) == (0, 0)
    assert said["taken"] >= DEALS, "what was made was counted"
    assert said["audit"]["ok"], said["audit"]
