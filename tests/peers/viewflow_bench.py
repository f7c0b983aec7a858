"""Steps a second of viewflow, in a Python of its own that has it: nothing of Heli is imported here, and nothing of it there.

Reads what ``heli bench flow`` writes. viewflow's processes are Python: a line of as many human tasks as the definition has is made here,
each assigned to the same person, checked, begun and done under the process's lock in one transaction, as its views do.
"""

import json
import re
import sys
import time
from types import ModuleType, SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit

ASKED = json.load(sys.stdin)


def database() -> dict:
    if ASKED.get("sqlite"):
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        options = {"transaction_mode": "IMMEDIATE", "init_command": pragmas}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": ASKED["sqlite"], "OPTIONS": options}
    address = urlsplit(ASKED["postgresql"])
    host = parse_qs(address.query).get("host", [address.hostname or ""])[0]
    name, user = unquote(address.path[1:]), address.username
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": user, "HOST": host, "CONN_MAX_AGE": None}


import django  # noqa: E402
from django.conf import settings  # noqa: E402

settings.configure(
    DATABASES={"default": database()}, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True, SECRET_KEY="a measurement",
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "viewflow", "viewflow.workflow"],
)  # fmt: skip
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402
from viewflow import this  # noqa: E402
from viewflow.workflow import flow, lock  # noqa: E402
from viewflow.workflow.models import Process, Task  # noqa: E402

PLACE = "viewflow.workflow.flows"
COUNT = len(re.findall(r"<userTask\b", ASKED["source"]))


def made() -> type:
    said: dict = {"process_class": Process, "lock_impl": lock.select_for_update_lock, "__module__": PLACE}
    said["start"] = flow.StartHandle().Next(this.u0)
    for n in range(COUNT):
        then = getattr(this, f"u{n + 1}" if n + 1 < COUNT else "end")
        said[f"u{n}"] = flow.View(lambda request: None).Assign(username="manager").Next(then)
    said["end"] = flow.End()
    found = type(flow.Flow)("Line", (flow.Flow,), said)
    sys.modules[PLACE] = module = ModuleType(PLACE)  # where it looks its processes up by name
    module.Line = found
    return found


def main() -> None:
    call_command("migrate", verbosity=0)
    manager = User.objects.filter(username="manager").first() or User.objects.create(username="manager")
    line = made()
    request = SimpleNamespace(user=manager)

    def step(process: int) -> None:
        with transaction.atomic(), line.lock(process):
            task = Task.objects.get(process_id=process, flow_task_type="HUMAN", finished=None)
            activation = task.flow_task.activation_class(task)
            if not activation.start.has_perm(manager) or task.owner_id != manager.pk:
                raise SystemExit("not theirs")
            activation.start(request)
            activation.execute()

    ids = [line.start.run().pk for _ in range(ASKED["cases"])]
    began, cpu = time.perf_counter(), time.process_time()
    for one in ids:
        for _ in range(COUNT):
            step(one)
    spent, used = time.perf_counter() - began, time.process_time() - cpu
    total = len(ids) * COUNT
    ended = Process.objects.filter(pk__in=ids, status="DONE").count()
    if ended != len(ids):
        raise SystemExit(f"{ended} of {len(ids)} have ended")
    said = {
        "steps": total, "steps_per_second": total / spent, "cpu_ms_per_step": used / total * 1000, "python": sys.version.split()[0],
        "durability": durability(),
    }  # fmt: skip
    json.dump(said, sys.stdout)


def durability() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
