"""What ``heli bench flow`` measures of Heli, inside a home of its own: every step is a whole move through the doors."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import cached_property
from typing import Any

from heli.config.bench import flow_made

ROUNDS, SOME, PEOPLE = 120, 20, 2_000


class Here:
    """A company with someone who sells and their manager, who decides everything."""

    def __init__(self) -> None:
        from heli.api import viewer as viewers
        from heli.config import schema
        from heli.flows import definitions
        from heli.kernel.actor import Actor
        from heli.org.models import Person

        schema.ensure()
        setup = Actor(None, "bench", "bench")
        known = dict(Person.objects.filter(username__in=("rep", "manager")).values_list("username", "pk"))
        self.rep, self.manager = (known["rep"], known["manager"]) if known else _company(setup)
        for name in flow_made.NAMES:
            definitions.ship(setup, flow_made.source(name))
        self.approver = viewers.for_person(self.manager)

    @cached_property
    def seller(self) -> Any:
        from heli.api import viewer as viewers

        return viewers.for_person(self.rep)

    def begin(self, process: str, number: int) -> int:
        from heli.flows import begin
        from heli.records import act
        from heli.records.act import Action

        values = {"name": f"Deal {number}", "amount": str(flow_made.AMOUNT)}
        deal = act.do(self.seller, Action("opportunity", "create", values=values)).id
        return begin.begin(self.seller, begin.Begin(process, deal))

    def decide(self, instance: int, approve: bool = True, to: str | None = None) -> None:
        from heli.flows import deciding
        from heli.kernel import quick

        asked = "SELECT number FROM flows_work WHERE instance_id = %s AND state = 'open' ORDER BY number LIMIT 1"
        number = quick.rows(asked, [instance])[0][0]
        deciding.decide(self.approver, instance, number, deciding.Decision(approve, to, "again" if to else ""))


def steps(process: str, cases: int) -> dict[str, Any]:
    """Durable steps a second, one after the other."""
    here = Here()
    ids = [here.begin(process, number) for number in range(cases + 1)]
    warm = ids.pop()
    for _ in range(flow_made.STEPS[process]):
        here.decide(warm)
    before = _size()
    began, cpu = time.perf_counter(), time.process_time()
    for one in ids:
        for _ in range(flow_made.STEPS[process]):
            here.decide(one)
    spent, used = time.perf_counter() - began, time.process_time() - cpu
    total = cases * flow_made.STEPS[process]
    return {
        "steps": total, "steps_per_second": total / spent, "cpu_ms_per_step": used / total * 1000, "durability": _durability(),
        "bytes_per_step": round((_size() - before) / total), "state_bytes_per_step": _state(ids, flow_made.STEPS[process]),
    }  # fmt: skip


def bare(times: int) -> float:
    """Steps a second of no engine at all, with the same durability: one number of one row is changed and committed. What cannot be
    passed here by anything that commits each step."""
    from django.db import connection, transaction

    from heli.config import schema
    from heli.kernel import quick

    schema.ensure()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bare (id INTEGER PRIMARY KEY, step INTEGER)")
        cursor.execute("INSERT INTO bench_bare VALUES (1, 0)")
    began = time.perf_counter()
    for _ in range(times):
        with transaction.atomic():
            quick.count("UPDATE bench_bare SET step = step + 1 WHERE id = 1")
    spent = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_bare")
    return times / spent


def at_once(process: str, cases: int, workers: int) -> dict[str, Any]:
    """Durable steps a second of several processes beside each other, each with cases of its own."""
    from django.db import connections

    here = Here()
    ids = [here.begin(process, number) for number in range(cases)]
    connections.close_all()
    go, ready = os.pipe()
    children = []
    for number in range(workers):
        pid = os.fork()
        if not pid:
            status = 1
            try:
                os.close(ready)
                os.read(go, 1)  # until all are there: nobody writes to it
                for one in ids[number::workers]:
                    for _ in range(flow_made.STEPS[process]):
                        here.decide(one)
                status = 0
            finally:
                os._exit(status)
        children.append(pid)
    began = time.perf_counter()
    os.close(ready)
    failed = [pid for pid in children if os.waitpid(pid, 0)[1]]
    os.close(go)
    if failed:
        raise RuntimeError(f"{len(failed)} of {workers} workers failed")
    total = cases * flow_made.STEPS[process]
    return {"workers": workers, "steps": total, "steps_per_second": total / (time.perf_counter() - began)}


def rest(many: int) -> dict[str, Any]:
    """What is not measured beside others: rework, timers, open work."""
    here = Here()
    return {"rework_ratio": _rework(here), "timers": _timers(many), "work": _work(many)}


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


def core(process: str) -> float:
    """Steps a second of the processor, of the engine alone, in memory: whom a rule finds, and their approval, are one."""
    import datetime as dt
    from decimal import Decimal

    from heli.flows.core import bpmn, events
    from heli.flows.core.step import Engine

    found = bpmn.read(flow_made.source(process)).definition
    assert found is not None
    engine, today, done = Engine(found), dt.date(2026, 1, 1), 0
    amount = Decimal(flow_made.AMOUNT)
    began = time.process_time()
    while time.process_time() - began < 1:
        state, commands = engine.start(1, lambda _: amount, today)
        waiting = list(commands)
        while waiting:
            one = waiting.pop()
            if isinstance(one, events.Find):
                waiting += engine.step(state, events.Assigned(one.token, [2]), lambda _: amount, today)
            elif isinstance(one, events.Opened):
                waiting += engine.step(state, events.Decide(one.item, 2), lambda _: amount, today)
                done += 1
        assert state.ended is not None
    return done / (time.process_time() - began)


def _rework(here: Here) -> float:
    """A round of rework after a hundred of them, as a multiple of one of the first."""
    instance = here.begin(flow_made.LINE, 10**6)
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        here.decide(instance)
        here.decide(instance, False, "u0")
        times.append(time.process_time() - start)
    return round(statistics.median(times[-SOME:]) / statistics.median(times[1 : SOME + 1]), 2)


def _timers(many: int) -> dict[str, float]:
    """Milliseconds to find what is due among few and among many that wait."""
    from heli.config.bench import world
    from heli.flows.models import Instance, Timer
    from heli.kernel import clock

    instance = Instance.objects.order_by("pk").values_list("pk", flat=True)[0]
    later = clock.now() + timedelta(days=30)
    found = {}
    made = 0
    for size in (10_000, many):
        rows = ((instance, n, 1, 1, later + timedelta(seconds=n)) for n in range(made, size))
        world.bulk(
            Timer._meta.db_table, ["instance_id", "token", "node", "round", "due_at"], rows, [*[False] * 4, True]
        )
        made = size
        _analyze()

        def due() -> object:
            those = Timer.objects.filter(due_at__lte=clock.now()).order_by("due_at")
            return list(those.values_list("pk", "instance_id")[:500])

        found[f"ms_among_{size}"] = _median(due)
    return found


def _work(many: int) -> dict[str, float]:
    """Milliseconds for somebody's open work (the first hundred) among very much of everybody's."""
    from django.db import models

    from heli.config.bench import world
    from heli.flows.models import Instance, Work
    from heli.kernel import clock

    instance = Instance.objects.order_by("pk").values_list("pk", flat=True)[0]
    now = clock.now()
    one = Work(instance_id=instance, token=1, node=1, round=1, state=Work.OPEN)
    fields = [field for field in Work._meta.concrete_fields if not field.primary_key]
    same = [field.value_from_object(one) for field in fields]
    at = [
        next(n for n, field in enumerate(fields) if field.column == name)
        for name in ("number", "person_id", "opened_at")
    ]

    def rows() -> Iterator[tuple[object, ...]]:
        for n in range(many):
            same[at[0]], same[at[1]], same[at[2]] = 1000 + n, 100 + n % PEOPLE, now + timedelta(seconds=n)
            yield tuple(same)

    dated = [isinstance(field, models.DateTimeField) for field in fields]
    world.bulk(Work._meta.db_table, [str(field.column) for field in fields], rows(), dated)
    _analyze()
    times = []
    for person in range(100, 300):
        began = time.perf_counter()
        mine = Work.objects.filter(person_id=person, state=Work.OPEN).order_by("opened_at", "pk")
        list(mine.values_list("pk", "instance_id", "number")[:100])
        times.append((time.perf_counter() - began) * 1000)
    times.sort()
    return {"p50_ms": round(times[100], 3), "p95_ms": round(times[190], 3)}


def _state(ids: list[int], steps: int) -> int:
    """Bytes of what is kept of these cases for going on and for telling how they went: their rows, value by value."""
    from heli.kernel import quick

    total = 0
    for table, key in (("flows_instance", "id"), ("flows_work", "instance_id"), ("flows_happening", "instance_id")):
        for row in quick.rows(f"SELECT * FROM {table} WHERE {key} BETWEEN %s AND %s", [min(ids), max(ids)]):
            total += sum(8 if isinstance(one, int) else len(str(one).encode()) for one in row if one is not None)
    return round(total / len(ids) / steps)


def _size() -> int:
    """Bytes of the database with its indexes, log and audit; what SQLite has in its log counts by pages."""
    from django.db import connection

    from heli.kernel import quick

    if connection.vendor == "postgresql":
        return int(quick.rows("SELECT pg_database_size(current_database())")[0][0])
    return int(quick.rows("PRAGMA page_count")[0][0]) * int(quick.rows("PRAGMA page_size")[0][0])


def _durability() -> str:
    """How a commit reaches the disk, as the database says."""
    from django.db import connection

    from heli.kernel import quick

    if connection.vendor == "postgresql":
        fsync, commit = (quick.rows(f"SHOW {name}")[0][0] for name in ("fsync", "synchronous_commit"))
        return f"fsync={fsync} synchronous_commit={commit}"
    mode, full = quick.rows("PRAGMA journal_mode")[0][0], quick.rows("PRAGMA synchronous")[0][0]
    return f"journal_mode={mode} synchronous={full}"


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
