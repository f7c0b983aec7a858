"""The company that lists are measured on: 200 departments, 2,000 owners, six viewers with real roles and grants, and
rows of the real table ``opportunity``, the same on both databases."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import batched
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, models

from heli.access import grants
from heli.access.models import Grant
from heli.config import schema
from heli.kernel.actor import Actor
from heli.kernel.errors import Broken
from heli.org.verbs import assignments, departments, people
from heli.records import counts
from heli.records.types import TYPES

SETUP = Actor(None, "heli bench", "cli", via="the command heli bench")
KIND = "opportunity"
DEPARTMENTS, OWNERS, REACHED = 200, 2000, 5000
REGION = 100
"""Departments 0 to 99 lie below the director; 0 to 19 below the manager, 0 to 4 below the team leader."""
BATCH = 5000
OPEN = {"amount": "hidden"}
FULL = {"*": "read"}


@dataclass(frozen=True, slots=True)
class Viewer:
    """One of the six: where they work, and the lines of their role. Everyone reads ``amount`` on a part of their rows."""

    name: str
    department: int
    owner: int
    lines: tuple[dict[str, Any], ...]


def _line(scope: str, read: dict[str, str], where: list[Any] | None = None) -> dict[str, Any]:
    return {"type": KIND, "actions": ["read"], "scope": [scope], "read": read, **({"where": where} if where else {})}


VIEWERS = (
    Viewer("rep", 7, 7, (_line("own", FULL), _line("customer", OPEN))),
    Viewer("team leader", 4, 4, (_line("own", FULL), _line("department", FULL), _line("below", OPEN))),
    Viewer("manager", 19, 19, (_line("department", FULL), _line("below", OPEN))),
    Viewer("director", 99, 99, (_line("department", FULL), _line("own", FULL), _line("below", OPEN))),
    Viewer("everyone", 150, 150, (_line("department", FULL), _line("all", OPEN))),
    Viewer("reach", 151, 151, (_line("own", FULL), _line("record", OPEN))),
)

FILTERS: dict[str, dict[str, Any] | None] = {
    "none": None,
    "50%": {"stage": "won"},
    "1%": {"stage": "negotiation"},
    "0.01%": {"stage": "prospecting"},
    "follows": {"stage": "qualified"},  # 4 % of the rows, all of them in the director's half
    "against": {"stage": "proposal"},  # 4 % of the rows, all of them in the other half
}


def _parent(number: int) -> int | None:
    """Department 99 is the director's and holds 19, which holds 4; the others hang below these."""
    if number == REGION - 1:
        return None
    if number < 4:
        return 4
    if number == 4 or 4 < number < 19:
        return 19
    if number < REGION - 1:
        return REGION - 1
    return None


def organisation() -> tuple[dict[int, int], dict[str, int]]:
    """Departments and viewers through the organisation's own verbs: ids by number, and people by name."""
    root = departments.create_department(SETUP, "Bench")
    made: dict[int, int] = {}
    for number in (99, 19, 4, *(n for n in range(DEPARTMENTS) if n not in (99, 19, 4))):
        above = _parent(number)
        made[number] = departments.create_department(SETUP, f"D{number}", root if above is None else made[above])
    persons: dict[str, int] = {}
    for viewer in VIEWERS:
        person = people.add_person(SETUP, viewer.name.replace(" ", "."), viewer.name)
        assignments.assign(SETUP, person, made[viewer.department], None)
        code = f"bench_{viewer.name.replace(' ', '_')}"
        grants.save_role(SETUP, code, name=code, lines=list(viewer.lines))
        grants.grant_role(SETUP, code, Grant.PERSON, str(person))
        persons[viewer.name] = person
    return made, persons


def _stage(rng: random.Random, number: int) -> str:
    at = rng.random()
    if at < 0.5:
        return "won"
    if at < 0.51:
        return "negotiation"
    if at < 0.5101:
        return "prospecting"
    if at < 0.5901:
        return "qualified" if number < REGION else "proposal"
    return "lost" if at < 0.8 else "new"


def _rows(count: int, made: dict[int, int], persons: dict[str, int], columns: list[str]) -> Iterator[tuple[Any, ...]]:
    rng = random.Random(20260101)  # noqa: S311  # the same company every time
    by_owner = {v.owner: persons[v.name] for v in VIEWERS}
    start = datetime(2024, 1, 1, tzinfo=UTC)
    blank = dict.fromkeys(columns)
    for column in ("code", "code_key", "competitor", "description", "pool_id"):
        blank[column] = ""
    for n in range(count):
        owner = rng.randrange(OWNERS)
        number = owner % DEPARTMENTS
        name = f"Deal {rng.randrange(10**9):09}"
        served = persons["rep"] if rng.random() < 0.0002 else 100_000 + rng.randrange(OWNERS)
        touched = start + timedelta(seconds=rng.randrange(60_000_000), microseconds=1 + rng.randrange(999_998))
        row = blank | {
            "id": f"{0x019400000000 + n:012x}7{rng.getrandbits(76):019x}",
            "name": name,
            "name_key": name.lower(),
            "code": f"SJ-{n:08}",
            "code_key": f"sj-{n:08}",
            "stage": _stage(rng, number),
            "amount": None if rng.random() < 0.2 else rng.randrange(10_000, 50_000_000),
            "probability": rng.randrange(100),
            "expected_on": date(2026, 1 + n % 12, 1 + n % 28),
            "owner_id": by_owner.get(owner, 100_000 + owner),
            "department_id": made[number],
            "account_owner_id": served,
            "created_at": start,
            "updated_at": touched,
            "version": 1,
        }
        yield tuple(row.values())


def made(count: int) -> dict[str, int]:
    """The company of so many rows in the database at hand: made, or as it was left here before. People by name."""
    note: Path = settings.HELI_HOME / "bench-world.json"
    if note.exists():
        left = orjson.loads(note.read_bytes())
        if left["rows"] == count:
            found: dict[str, int] = left["people"]
            return found
    schema.ensure()
    placed, persons = organisation()
    began = time.perf_counter()
    fill(count, placed, persons)
    print(f"filled {count} rows in {time.perf_counter() - began:.0f} s", file=sys.stderr)
    note.write_bytes(orjson.dumps({"rows": count, "people": persons}))
    return persons


def fill(count: int, made: dict[int, int], persons: dict[str, int]) -> None:
    """The rows, and reach rows to some of them."""
    load(_rows(count, made, persons, list(TYPES[KIND].stored)))
    _reach(count, TYPES[KIND].table, persons["reach"])
    finish()


def load(rows: Iterator[tuple[Any, ...]]) -> None:
    """Rows straight into the table; its secondary indexes are made afterwards, as any bulk load does."""
    model: type[models.Model] = TYPES[KIND].model
    table, columns = TYPES[KIND].table, list(TYPES[KIND].stored)
    postgres = connection.vendor == "postgresql"
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.remove_index(model, index)
        for constraint in model._meta.constraints if postgres else ():
            editor.remove_constraint(model, constraint)
    bulk(table, columns, rows, [isinstance(f, models.DateField) for f in model._meta.concrete_fields])
    with connection.schema_editor() as editor:
        for index in model._meta.indexes:
            editor.add_index(model, index)
        for constraint in model._meta.constraints if postgres else ():
            editor.add_constraint(model, constraint)


def bulk(table: str, columns: list[str], rows: Iterator[tuple[Any, ...]], dated: list[bool]) -> None:
    """Rows in the database's fastest way; ``dated`` columns hold days or moments."""
    listed = ", ".join(f'"{c}"' for c in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.execute_wrapper(_busy), cursor.cursor.copy(f'COPY "{table}" ({listed}) FROM STDIN') as copy:
                for row in rows:
                    copy.write_row(row)
            return
        cursor.execute("BEGIN")
        bind = [_text if one else None for one in dated]
        text = f'INSERT INTO "{table}" ({listed}) VALUES ({", ".join(["%s"] * len(columns))})'
        for batch in batched(rows, BATCH):
            cursor.executemany(text, [tuple(b(v) if b else v for b, v in zip(bind, row, strict=True)) for row in batch])
        cursor.execute("COMMIT")


def _busy(execute: Any, text: str, *_: Any) -> Any:
    """A connection that copies answers nothing else: whoever asked would wait for ever."""
    raise Broken(f"asked while rows are copied: {text[:100]}")


def finish() -> None:
    """What a database knows of its tables, brought up to date."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    counts.refresh(TYPES[KIND])


def _text(value: Any) -> Any:
    """A day or moment as Django keeps it in SQLite."""
    if value is None:
        return None
    return value.replace(tzinfo=None).isoformat(" ") if isinstance(value, datetime) else value.isoformat()


def _reach(count: int, table: str, person: int) -> None:
    """Reach rows to records anywhere, as loans would leave them."""
    every = max(1, count // REACHED)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT id FROM "{table}" ORDER BY id')
        chosen = [row[0] for n, row in enumerate(cursor) if n % every == 0][:REACHED]
        cursor.executemany(
            "INSERT INTO access_reach (person_id, type, via, record_id, kind, line, source) "
            "VALUES (%s, %s, 'id', %s, 'record', '', 'bench')",
            [(person, KIND, one) for one in chosen],
        )
