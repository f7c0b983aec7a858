"""Processes: durable steps a second, a step after many rounds of rework, due timers and open work among very many.

Every step is a whole move through the doors: rights, record, history, audit, event. Times are of this process (perf) and of its processor.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import orjson

from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

CASES, STEPS, ROUNDS, MANY, PEOPLE = 200, 8, 100, 1_000_000, 2_000
DATABASES = ("sqlite", "postgresql")
BATCH = 20_000
BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--database", choices=DATABASES, default="sqlite", help="where cases stand (sqlite)")
    parser.add_argument("--cases", type=int, default=CASES, help=f"cases run from begin to end ({CASES})")
    parser.add_argument("--many", type=int, default=MANY, help=f"timers and pieces of open work that wait ({MANY})")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``steps_per_second`` durable, ``core_steps_per_second`` in memory, ``cpu_ms_per_step``, ``rework_ratio``, ``timers`` and ``work``."""
    if not 1 <= args.cases <= 100_000 or not 1000 <= args.many <= 10_000_000:
        raise UsageError(
            Words(
                "--cases 为 1 到 100000，--many 为 1000 到 10000000", "--cases is 1 to 100000, --many 1000 to 10000000"
            )
        )
    if args.inside:
        return _inside(args.cases, args.many)
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="heli-bench-"))
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"HELI_HOME": home}
        if args.database == "postgresql":
            from heli.config.bench import postgres

            environment["DATABASE_URL"] = stack.enter_context(postgres.server())
        command = [
            sys.executable,
            "-m",
            "heli",
            "bench",
            "flow",
            "--json",
            "--inside",
            "--cases",
            str(args.cases),
            "--many",
            str(args.many),
        ]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, env=environment)  # noqa: S603
        if done.returncode:
            raise Broken(f"the measurement failed: {done.stdout.decode()[-2000:]}")
        found: dict[str, Any] = orjson.loads(done.stdout)
        return {"database": args.database, **found}


def definition() -> bytes:
    """A line of approvals, each by the manager of who began it."""
    nodes = "".join(
        f'<userTask id="u{n}"><extensionElements><heli:assignee rule="manager"/><heli:form show="name amount"/>'
        f'<heli:moves allow="reject"/></extensionElements></userTask>'
        for n in range(STEPS)
    )
    edges = [("s", "u0"), *((f"u{n}", f"u{n + 1}") for n in range(STEPS - 1)), (f"u{STEPS - 1}", "e")]
    flows = "".join(f'<sequenceFlow id="f{n}" sourceRef="{a}" targetRef="{b}"/>' for n, (a, b) in enumerate(edges))
    return (
        f'<definitions xmlns="{BPMN}" xmlns:heli="urn:heli:flow"><process id="line" name="Line"><extensionElements>'
        f'<heli:subject type="opportunity" right="edit"/></extensionElements><startEvent id="s"/><endEvent id="e"/>{nodes}{flows}'
        "</process></definitions>"
    ).encode()


def _inside(cases: int, many: int) -> dict[str, Any]:
    from heli.api import viewer as viewers
    from heli.config import schema
    from heli.flows import begin as begin_
    from heli.flows import definitions, moves
    from heli.kernel.actor import Actor
    from heli.records import act, sql
    from heli.records.act import Action

    schema.ensure()
    setup = Actor(None, "bench", "bench")
    rep, manager = _company(setup)
    definitions.ship(setup, definition())
    approver = viewers.for_person(manager)

    def begin(number: int) -> int:
        who = viewers.for_person(rep)
        deal = act.do(who, Action("opportunity", "create", values={"name": f"Deal {number}", "amount": "5000"})).id
        return begin_.begin(who, begin_.Begin("line", deal))

    def decide(instance: int, decision: moves.Decision) -> None:
        number = sql.rows("SELECT number FROM flows_work WHERE instance_id=%s AND state='open'", [instance])[0][0]
        moves.decide(approver, instance, number, decision)  # whose rights the step itself brings up to date

    warm = begin(0)
    for _ in range(STEPS):
        decide(warm, moves.Decision())
    ids = [begin(n + 1) for n in range(cases)]
    began, cpu = time.perf_counter(), time.process_time()
    for one in ids:
        for _ in range(STEPS):
            decide(one, moves.Decision())
    spent, used = time.perf_counter() - began, time.process_time() - cpu
    steps = cases * STEPS
    return {
        "cases": cases, "steps": steps, "steps_per_second": round(steps / spent, 1), "cpu_ms_per_step": round(used / steps * 1000, 3),
        "core_steps_per_second": round(_core()), "rework_ratio": _rework(begin, decide, moves), "timers": _timers(many), "work": _work(many),
    }  # fmt: skip


def _company(setup: Any) -> tuple[int, int]:
    from heli.crm.install import install
    from heli.org.models import Position
    from heli.org.verbs import assignments, departments, people, reporting

    install(setup)
    root = departments.create_department(setup, "Company")
    codes = dict(Position.objects.values_list("code", "pk"))
    rep, manager = people.add_person(setup, "rep", "Rep"), people.add_person(setup, "manager", "Manager")
    assignments.assign(setup, rep, root, codes["sales_rep"])
    assignments.assign(setup, manager, root, codes["engineer"])
    reporting.set_manager(setup, rep, manager)
    return rep, manager


def _core() -> float:
    """Steps a second of the processor, of the engine alone, in memory: whom a rule finds, and their approval, are one."""
    import datetime as dt

    from heli.flows.core import bpmn, events
    from heli.flows.core.step import Engine

    found = bpmn.read(definition()).definition
    assert found is not None
    engine, today, steps = Engine(found), dt.date(2026, 1, 1), 0
    began = time.process_time()
    while time.process_time() - began < 1:
        state, commands = engine.start(1, lambda _: None, today)
        while state.ended is None:
            for one in commands:
                if isinstance(one, events.Find):
                    commands = engine.step(state, events.Assigned(one.token, [2]), lambda _: None, today)
                    break
                if isinstance(one, events.Opened):
                    commands = engine.step(state, events.Decide(one.item, 2), lambda _: None, today)
                    steps += 1
                    break
    return steps / (time.process_time() - began)


def _rework(begin: Callable[[int], int], decide: Callable[[int, Any], None], moves: Any) -> float:
    """A round of rework after a hundred of them, as a multiple of one of the first."""
    instance = begin(10**6)
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        decide(instance, moves.Decision())
        decide(instance, moves.Decision(False, "u0", "again"))
        times.append(time.perf_counter() - start)
    tenth = ROUNDS // 10
    return round(statistics.median(times[-tenth:]) / statistics.median(times[1 : tenth + 1]), 2)


def _timers(many: int) -> dict[str, float]:
    """Milliseconds to find what is due among few and among many that wait."""
    from heli.flows.models import Instance, Timer
    from heli.kernel import clock

    instance = Instance.objects.order_by("pk").values_list("pk", flat=True)[0]
    later = clock.now() + timedelta(days=30)
    found = {}
    made = 0
    for size in (10_000, many):
        while made < size:
            part = min(BATCH, size - made)
            Timer.objects.bulk_create(
                Timer(instance_id=instance, token=made + n, node=1, round=1, due_at=later + timedelta(seconds=made + n))
                for n in range(part)
            )
            made += part
        _analyze()

        def due() -> object:
            rows = Timer.objects.filter(due_at__lte=clock.now()).order_by("due_at")
            return list(rows.values_list("pk", "instance_id")[:500])

        found[f"ms_among_{size}"] = _median(due)
    return found


def _work(many: int) -> dict[str, float]:
    """Milliseconds for somebody's open work (the first hundred) among very much of everybody's."""
    from heli.flows.models import Instance, Work
    from heli.kernel import clock

    instance = Instance.objects.order_by("pk").values_list("pk", flat=True)[0]
    now = clock.now()
    for start in range(0, many, BATCH):
        Work.objects.bulk_create(
            Work(
                instance_id=instance, number=1000 + start + n, token=1, node=1, round=1, person_id=100 + (start + n) % PEOPLE, state=Work.OPEN,
                opened_at=now + timedelta(seconds=start + n),
            )
            for n in range(min(BATCH, many - start))
        )  # fmt: skip
    _analyze()
    times = []
    for person in range(100, 300):
        began = time.perf_counter()
        rows = Work.objects.filter(person_id=person, state=Work.OPEN).order_by("opened_at", "pk")
        list(rows.values_list("pk", "instance_id", "number")[:100])
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {"p50_ms": round(times[100], 3), "p95_ms": round(times[190], 3)}


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _median(ask: Callable[[], object]) -> float:
    times = []
    for _ in range(31):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 3)
