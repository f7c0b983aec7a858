"""What foreseeing a change of a role takes: who gains and loses what, how many records, the last 90 days once more."""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.words import Words

PEOPLE, ROLES, DEPARTMENTS, USES = 1000, 100, 200, 1_000_000
TYPES = ("account", "contact", "lead", "activity", "ticket", "contract", "order", "payment")
CHANGED = "everyone"


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=1_000_000, help="records of the type concerned (1000000)")
    parser.add_argument("--uses", type=int, default=USES, help="rows of recorded use that are replayed (1000000)")
    parser.add_argument("--rounds", type=int, default=11, help="timings of each case (the median of 11)")
    inside.options(parser, kept=True)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"cases": [{"database", "change", "people", "concerned", "symbolic_ms", "counts_ms", "cpu", ...}]}``, medians."""
    if not 100 <= args.rows <= 20_000_000 or not 1 <= args.rounds <= 1001 or not 0 <= args.uses <= 20_000_000:
        raise UsageError(Words("--rows 为 100 到 20000000", "--rows is from 100 to 20000000, --rounds from 1 to 1001"))
    if args.inside:
        return {"cases": _measure(args.rows, args.uses, args.rounds)}
    said = ("--rows", args.rows, "--uses", args.uses, "--rounds", args.rounds)
    found = inside.each("simulate", args, said, kept=f"simulate-{{}}-{args.rows}")
    return {"cases": [case for _, one in found for case in one["cases"]]}


def _line(type_: str, actions: list[str], scope: list[str], **more: Any) -> dict[str, Any]:
    return {"type": type_, "actions": actions, "scope": scope, **more}


def _roles(rng: random.Random) -> dict[str, list[dict[str, Any]]]:
    """One role that everybody has, and 99 of which each is given to a position."""
    found = {
        CHANGED: [
            _line("opportunity", ["read"], ["own", "team"], read={"*": "read"}),
            _line("opportunity", ["create", "edit"], ["own"]),
        ]
    }
    for n in range(1, ROLES):
        lines = [
            _line(kind, ["read", "edit"], [rng.choice(("own", "department", "below"))], read={"sensitive": "read"})
            for kind in rng.sample(TYPES, 5)
        ]
        if n % 10 == 0:
            lines.append(_line("opportunity", ["read"], ["below"]))
        if n % 10 == 1:
            lines.append(_line("opportunity", ["read"], ["customer"], where=[["stage", "in", ["won", "lost"]]]))
        found[f"role{n}"] = lines
    return found


def _company(rng: random.Random) -> dict[str, Any]:
    """Departments, people, posts, roles and grants, straight into the tables; ids that the rows need."""
    from heli.access.models import Grant, Role
    from heli.org.models import Assignment, Department, Person, Position, ReportingLine

    past = datetime(2024, 1, 1, tzinfo=UTC)
    made: list[int] = []
    for n in range(DEPARTMENTS):
        parent = rng.choice(made[: max(1, len(made) // 3)]) if made else None
        made.append(Department.objects.create(name=f"D{n}", code=f"d{n}", parent_id=parent).pk)
    positions = [Position.objects.create(code=f"p{n}", name=f"P{n}").pk for n in range(1, ROLES)]
    people = [p.pk for p in Person.objects.bulk_create(
        [Person(username=f"u{n}", display_name=f"U{n}", kind="contractor" if n % 25 == 0 else "employee") for n in range(PEOPLE)]
    )]  # fmt: skip
    home = {person: rng.choice(made) for person in people}
    posts = [
        Assignment(person_id=p, department_id=home[p], position_id=rng.choice(positions), primary=True, starts=past)
        for p in people
    ]
    posts += [
        Assignment(
            person_id=p, department_id=rng.choice(made), position_id=rng.choice(positions), primary=False, starts=past
        )
        for p in rng.sample(people, PEOPLE // 20)
    ]
    Assignment.objects.bulk_create(posts)
    ReportingLine.objects.bulk_create(
        [
            ReportingLine(person_id=p, manager_id=people[rng.randrange(at)], starts=past)
            for at, p in enumerate(people)
            if at
        ]
    )
    for at, (code, lines) in enumerate(_roles(rng).items()):
        role = Role.objects.create(code=code, name=code, lines=lines)
        subject = (
            {"subject_kind": "everyone"}
            if at == 0
            else {"subject_kind": "position", "subject_id": str(positions[at - 1])}
        )
        Grant.objects.create(role=role, starts=past, **subject)
    return {"people": people, "home": home}


def _rows(rng: random.Random, count: int, company: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Deals: nine of ten of the owner's own customers, the rest of a colleague's."""
    from heli.records.types import TYPES as KINDS

    columns = list(KINDS["opportunity"].stored)
    blank = dict.fromkeys(columns)
    for column in ("code", "code_key", "competitor", "description", "pool_id"):
        blank[column] = ""
    people, home = company["people"], company["home"]
    start = datetime(2024, 1, 1, tzinfo=UTC)
    for n in range(count):
        owner = people[rng.randrange(PEOPLE)]
        served = owner if rng.random() < 0.9 else people[(people.index(owner) + 1) % PEOPLE] if n % 100 == 0 else owner
        row = blank | {
            "id": f"{0x019400000000 + n:012x}7{rng.getrandbits(76):019x}", "name": f"Deal {n}", "name_key": f"deal {n}",
            "code": f"SJ-{n:08}", "code_key": f"sj-{n:08}", "stage": rng.choice(("new", "qualified", "won", "lost")),
            "amount": rng.randrange(10_000, 50_000_000), "probability": rng.randrange(100),
            "expected_on": date(2026, 1 + n % 12, 1 + n % 28), "owner_id": owner, "department_id": home[owner],
            "account_owner_id": served, "account_department_id": home[served], "created_at": start,
            "updated_at": start + timedelta(seconds=rng.randrange(60_000_000), microseconds=1 + rng.randrange(999_998)),
            "version": 1,
        }  # fmt: skip
        yield tuple(row.values())


def _uses(rng: random.Random, count: int, company: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    """Use of the last 90 days: reading and editing of deals, mostly one's own.

    What it reads it reads here, not when the rows are taken: then they are being copied over the same connection.
    """
    from heli.access.models import Grant
    from heli.kernel import clock
    from heli.records import sql

    grant = Grant.objects.get(role__code=CHANGED).pk
    own: dict[int, list[str]] = {}
    for record, owner in sql.rows("SELECT id, owner_id FROM crm_opportunity ORDER BY id LIMIT 200000"):
        own.setdefault(owner, []).append(record)
    people, today, now = company["people"], clock.today(), clock.now()

    def use(n: int) -> tuple[Any, ...]:
        person = people[n % PEOPLE]
        records = own.get(person) or [""]
        # every row is another (day, person, action, record): the index wants each once
        day = today - timedelta(days=n // PEOPLE % 90)
        at = n // PEOPLE // 90
        action = "read" if at % 2 else "edit"
        return (day, person, grant, "opportunity", action, "", records[at // 2 % len(records)], 1, now)

    return map(use, range(count))


def _made(rows: int, uses: int) -> None:
    from django.conf import settings

    from heli.config import schema
    from heli.config.bench import world

    note: Path = settings.HELI_HOME / "bench-simulate.json"
    if note.exists() and orjson.loads(note.read_bytes()) == {"rows": rows, "uses": uses}:
        return
    schema.ensure()
    rng = random.Random(20260101)  # noqa: S311  # the same company every time
    began = time.perf_counter()
    company = _company(rng)
    world.load(_rows(rng, rows, company))
    columns = ["day", "person_id", "grant_id", "type", "action", "field", "record_id", "n", "last_at"]
    world.bulk("access_use", columns, _uses(rng, uses, company), [True, *[False] * 7, True])
    world.finish()
    print(f"made in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    note.write_bytes(orjson.dumps({"rows": rows, "uses": uses}))


def _measure(rows: int, uses: int, rounds: int) -> list[dict[str, Any]]:
    from django.db import connection

    from heli.access.facts import World
    from heli.kernel import clock
    from heli.policy.simulate import corners, replay
    from heli.policy.simulate.counting import count
    from heli.policy.simulate.symbolic import difference

    _made(rows, uses)
    began = time.perf_counter()
    world = World.load()
    load_ms = (time.perf_counter() - began) * 1000
    found: list[dict[str, Any]] = []
    for name, lines in _changes(world.roles[CHANGED].lines).items():
        after = _with(world, lines)
        now = clock.now()
        one = difference(world, after, now)
        # Another world each time: nothing that a first look has prepared may help the next.
        symbolic, symbolic_cpu = _median(rounds, partial(_difference, world, lines, now))
        new, gone = count(one).records
        counting, counting_cpu = _median(rounds, partial(_count, one))
        past: list[replay.Replay] = []
        replay_ms, replay_cpu = _median(1, lambda one=one, past=past: past.append(replay.replay(one)))  # type: ignore[misc]  # a bound default has no type
        corners_ms, corners_cpu = _median(1, partial(corners.compare, one.before, one.after, {"opportunity"}))
        found.append(
            {
                "database": connection.vendor, "change": name, "people": len(world.people), "roles": len(world.roles),
                "records": rows, "concerned": len(one.people), "groups": len(one.groups), "gained": new, "lost": gone,
                "load_ms": round(load_ms, 1), "symbolic_ms": round(symbolic, 1), "counts_ms": round(counting, 1),
                "corners_ms": round(corners_ms, 1), "decisions": past[0].decisions, "refused": past[0].n,
                "replay_s": round(replay_ms / 1000, 2),
                "cpu": {
                    "symbolic_ms": round(symbolic_cpu, 1), "counts_ms": round(counting_cpu, 1),
                    "corners_ms": round(corners_cpu, 1), "replay_s": round(replay_cpu / 1000, 2),
                },
            }
        )  # fmt: skip
    return found


def _difference(world: Any, lines: list[dict[str, Any]], now: datetime) -> Any:
    from heli.policy.simulate.symbolic import difference

    return difference(world, _with(world, lines), now)


def _count(one: Any) -> Any:
    from heli.policy.simulate.counting import count
    from heli.policy.simulate.entries import Entries

    return count(one, Entries(one).bucket)


def _changes(lines: Any) -> dict[str, list[dict[str, Any]]]:
    """Three changes of the role that everybody holds."""
    first, *rest = [dict(one) for one in lines]
    return {
        "wider scope": [{**first, "scope": [*first["scope"], "department"]}, *rest],
        "a field less": [{**first, "read": {"*": "read", "amount": "masked"}}, *rest],
        "editing goes": [first],
    }


def _with(world: Any, lines: list[dict[str, Any]]) -> Any:
    from dataclasses import replace

    role = world.roles[CHANGED]
    return world.with_roles({**world.roles, CHANGED: replace(role, lines=lines, version=role.version + 1)})


def _median(rounds: int, work: Callable[[], Any]) -> tuple[float, float]:
    """Milliseconds on the clock, and of this process alone (on PostgreSQL without what its server takes)."""
    times, own = [], []
    for _ in range(rounds):
        began, spent = time.perf_counter(), time.process_time()
        work()
        own.append((time.process_time() - spent) * 1000)
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times), statistics.median(own)
