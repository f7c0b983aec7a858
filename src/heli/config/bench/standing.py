"""What a change of rights looks at in its own transaction at 20,000 people: loans, rules taken away lately, who administers."""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from heli.config.bench import inside
from heli.config.bench.everyone import _case, _company, _setup
from heli.config.cli import UsageError
from heli.kernel.words import Words

PEOPLE, LOANS, LENDERS, VERSIONS, CHANGES = 20_000, 2000, 1000, 300, 20


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"people of the company ({PEOPLE})")
    parser.add_argument("--loans", type=int, default=LOANS, help=f"running loans, of half as many lenders ({LOANS})")
    parser.add_argument("--rounds", type=int, default=5, help="timings of each case (the median of 5)")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), help="one of the two only")
    parser.add_argument("--home", help="keep the companies made in this folder, or measure those it holds")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"cases": [{"what", "questions", "median_ms", "p99_ms", "worst_ms", "cpu_ms", "database"}]}``."""
    if not 100 <= args.people <= 200_000 or not 1 <= args.loans <= 100_000 or not 1 <= args.rounds <= 1001:
        raise UsageError(Words("--people 为 100 到 200000", "--people is from 100 to 200000, --loans from 1 to 100000"))
    if args.inside:
        return {"cases": _inside(args.people, args.loans, args.rounds)}
    said = ("--people", args.people, "--loans", args.loans, "--rounds", args.rounds)
    found = inside.each("standing", args, said, kept=f"standing-{{}}-{args.people}")
    return {"cases": [case for _, one in found for case in one["cases"]]}


def _inside(people: int, loans: int, rounds: int) -> list[dict[str, Any]]:
    from django.db import connection

    _made(people, loans)
    cases = [*_loans(rounds), *_remembered(rounds), *_administration(rounds)]
    return [{**one, "database": connection.vendor} for one in cases]


def _timed(what: str, times: list[tuple[float, float]]) -> dict[str, Any]:
    """A case with, beside the clock's time, this process's own: what the machine does else counts less in it."""
    return {**_case(what, [one for one, _ in times]), "cpu_ms": round(statistics.median(own for _, own in times), 3)}


def _once(look: Callable[[], object]) -> tuple[float, float]:
    began, spent = time.perf_counter(), time.process_time()
    look()
    return (time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000


def _undone(rounds: int, what: str, change: Callable[[], object], look: Callable[[], object]) -> dict[str, Any]:
    """``look`` timed in a transaction in which ``change`` was made before; both are taken back."""
    from django.db import transaction

    def once() -> tuple[float, float]:
        with transaction.atomic():
            change()
            taken = _once(look)
            transaction.set_rollback(True)
        return taken

    return _timed(what, [once() for _ in range(rounds)])


def _loans(rounds: int) -> list[dict[str, Any]]:
    """Every loan after a change of the rules; one lender's after a change of theirs. No compiled rights are left to use."""
    from heli.access import epoch
    from heli.lending import standing
    from heli.lending.models import Loan

    lender = next(
        one for one in Loan.objects.filter(ended_at=None).values_list("lender_id", flat=True) if one is not None
    )
    n = Loan.objects.filter(ended_at=None).count()
    return [
        _undone(rounds, f"{n:,} running loans, after a change of the rules", lambda: _quietly(epoch.bump_policy),
                lambda: standing.rights_changed(None)),
        _undone(rounds, "the loans of one lender", lambda: _quietly(lambda: epoch.bump_people([lender])),
                lambda: standing.rights_changed(frozenset({lender}))),
    ]  # fmt: skip


def _quietly(change: Callable[[], object]) -> None:
    """A change of rights without what looks at it: that is timed by itself."""
    from heli.kernel import closing

    with closing.act(lambda: False):
        change()


def _remembered(rounds: int) -> list[dict[str, Any]]:
    from heli.policy import duties, promises, remembered
    from heli.policy.models import PolicyVersion

    n = PolicyVersion.objects.count()
    rules = (("promise", promises.stored()), ("duty", duties.stored()))
    return [
        _timed(
            f"rules taken away lately, of {n} versions with {CHANGES} changes each",
            [_once(lambda: [list(remembered.binding(kind, stored)) for kind, stored in rules]) for _ in range(rounds)],
        )
    ]  # fmt: skip


def _administration(rounds: int) -> list[dict[str, Any]]:
    """That somebody can still administer, as off-boarding and reviews ask it once somebody loses such a power."""
    from heli.access import epoch
    from heli.access.facts import World
    from heli.insight import company as companies
    from heli.kernel import clock
    from heli.org.models import Person
    from heli.policy import checks

    world, person = World.load(), Person.objects.order_by("-pk").values_list("pk", flat=True)[0]
    codes = [(code, action) for code, action, _ in checks.POWERS]

    def asked() -> None:
        for code, action in codes:
            checks.gap(world, code, action, clock.now())

    companies.now()
    return [
        _timed("whether somebody can always administer, the company at hand", [_once(asked) for _ in range(rounds)]),
        _timed("reading the company anew", [_once(World.load) for _ in range(rounds)]),
        _undone(rounds, "the company as it is kept, after a change of one person",
                lambda: _quietly(lambda: epoch.bump_people([person])), companies.now),
    ]  # fmt: skip


def _made(people: int, loans: int) -> None:
    from django.conf import settings

    from heli.config import schema

    note: Path = settings.HELI_HOME / "bench-standing.json"
    made = {"people": people, "loans": loans}
    if note.exists() and orjson.loads(note.read_bytes()) == made:
        return
    schema.ensure()
    persons, teams, _ = _company(people)
    _lent(persons, teams, loans)
    _versions(persons[0])
    note.write_bytes(orjson.dumps(made))


def _lent(persons: list[int], teams: list[int], count: int) -> None:
    """Deals of lenders, each lent to a colleague by the verbs' own steps."""
    from django.db import transaction

    from heli.audit import log
    from heli.kernel import clock, ids
    from heli.lending import loans
    from heli.lending.terms import Terms
    from heli.records import sql, write
    from heli.records.types import TYPES

    kind, now, rng = TYPES["opportunity"], clock.now(), random.Random(3)  # noqa: S311
    blank = {**dict.fromkeys(kind.stored), **write.defaults(kind), "version": 1, "created_at": now, "updated_at": now}
    lenders = rng.sample(_reps(), min(count // 2 + 1, len(_reps())))
    rows = [
        blank | {"id": ids.uuid7(), "name": f"Lent {n}", "name_key": f"lent {n:08}", "owner_id": lenders[n % len(lenders)],
                 "department_id": rng.choice(teams), "code": f"L-{n}", "code_key": f"l-{n}"}
        for n in range(count)
    ]  # fmt: skip
    with transaction.atomic():
        sql.insert_many(kind.table, list(blank), [[sql.bind(v) for v in row.values()] for row in rows])
    terms = Terms("read", ("name", "amount"), 0)
    for start in range(0, count, 200):
        with log.transaction():
            for row in rows[start : start + 200]:
                loans.start(
                    _setup(), kind, row, terms, now + timedelta(days=20), borrower=rng.choice(persons),
                    lender=row["owner_id"],
                )  # fmt: skip


def _reps() -> list[int]:
    from heli.org.models import Assignment

    posts = Assignment.objects.filter(position__code="sales_rep").order_by("person_id")
    return list(posts.values_list("person_id", flat=True))


def _versions(by: int) -> None:
    """Publications of the last month, each of many changes; of every tenth one is of a rule."""
    from heli.kernel import clock
    from heli.policy.models import Draft, Duty, PolicyVersion, Promise

    rules = [("duty", one.code, one.body) for one in Duty.objects.all()]
    rules += [("promise", one.code, one.body) for one in Promise.objects.all()]
    line = {"type": "opportunity", "actions": ["read"], "scope": ["own"], "read": {"*": "read"}}
    for n in range(VERSIONS):
        body = {"name": f"Role {n}", "lines": [line] * 20}
        changes = [{"kind": "role", "key": f"r{m}", "before": body, "after": body} for m in range(CHANGES)]
        if n % 10 == 0:
            kind, code, state = rules[n // 10 % len(rules)]
            changes[0] = {"kind": kind, "key": code, "before": {**state, "note": str(n)}, "after": state}
        draft = Draft.objects.create(title=f"Draft {n}", state="published", created_by=by, changes=changes)
        PolicyVersion.objects.create(
            draft=draft, title=draft.title, changes=changes, by=by, at=clock.now() - timedelta(hours=n)
        )
