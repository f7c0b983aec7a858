"""Steps a second of viewflow, in a Python of its own that has it: nothing of Heli is imported here, and nothing of it there.

Reads what ``heli bench flow`` writes. viewflow's processes are Python: one is made here of the definition's nodes and flows, with its own
split, join and condition; a gateway that only brings branches together again is no node there. Each human task is assigned to the same
person, checked, begun and done under the process's lock in one transaction, as its views do.
"""

import json
import re
import sys
import time
from collections import defaultdict
from types import ModuleType, SimpleNamespace
from urllib.parse import parse_qs, unquote, urlsplit
from xml.etree import ElementTree

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
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
CONDITION = re.compile(r"(\w+) > (\d+)")
DRAWN = ElementTree.fromstring(ASKED["source"]).find(f"{BPMN}process")  # of our own making


def made() -> type:
    nodes = {one.get("id"): one for one in DRAWN if one.tag != f"{BPMN}sequenceFlow" and one.get("id")}
    out: dict = defaultdict(list)
    came: dict = defaultdict(int)
    for edge in DRAWN.iter(f"{BPMN}sequenceFlow"):
        out[edge.get("sourceRef")].append(edge)
        came[edge.get("targetRef")] += 1

    def after(edge: ElementTree.Element) -> str:
        """Where a flow leads: past what only brings branches together."""
        target = edge.get("targetRef")
        if nodes[target].tag == f"{BPMN}exclusiveGateway" and len(out[target]) == 1:
            return after(out[target][0])
        return str(target)

    said: dict = {"process_class": Process, "lock_impl": lock.select_for_update_lock, "__module__": PLACE}
    for name, one in nodes.items():
        ways = [getattr(this, after(edge)) for edge in out[name]]
        if one.tag == f"{BPMN}startEvent":
            said[name] = flow.StartHandle().Next(ways[0])
        elif one.tag == f"{BPMN}userTask":
            said[name] = flow.View(lambda request: None).Assign(username="manager").Next(ways[0])
        elif one.tag == f"{BPMN}endEvent":
            said[name] = flow.End()
        elif one.tag == f"{BPMN}parallelGateway" and len(ways) > 1:
            said[name] = flow.Split()
            for way in ways:
                said[name] = said[name].Next(way)
        elif one.tag == f"{BPMN}parallelGateway":
            said[name] = flow.Join().Next(ways[0])
        elif len(ways) == 2:
            said[name] = decision(one, out[name], ways)
    found = type(flow.Flow)("Drawn", (flow.Flow,), said)
    sys.modules[PLACE] = module = ModuleType(PLACE)  # where it looks its processes up by name
    module.Drawn = found
    return found


def decision(one: ElementTree.Element, edges: list, ways: list) -> flow.If:
    """A gateway with one condition and a default."""
    asked = next(n for n, edge in enumerate(edges) if edge.get("id") != one.get("default"))
    name, least = CONDITION.fullmatch(edges[asked].findtext(f"{BPMN}conditionExpression")).groups()
    holds = flow.If(lambda activation: activation.process.data[name] > int(least))
    return holds.Then(ways[asked]).Else(ways[1 - asked])


def main() -> None:
    call_command("migrate", verbosity=0)
    manager = User.objects.filter(username="manager").first() or User.objects.create(username="manager")
    drawn = made()
    request = SimpleNamespace(user=manager)

    def step(process: int) -> None:
        with transaction.atomic(), drawn.lock(process):
            task = Task.objects.filter(process_id=process, flow_task_type="HUMAN", finished=None).order_by("pk")[0]
            activation = task.flow_task.activation_class(task)
            if not activation.start.has_perm(manager) or task.owner_id != manager.pk:
                raise SystemExit("not theirs")
            activation.start(request)
            activation.execute()

    ids = [drawn.s.run(_process_data=ASKED["values"]).pk for _ in range(ASKED["cases"])]
    began, cpu = time.perf_counter(), time.process_time()
    for one in ids:
        for _ in range(ASKED["steps"]):
            step(one)
    spent, used = time.perf_counter() - began, time.process_time() - cpu
    total = len(ids) * ASKED["steps"]
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
