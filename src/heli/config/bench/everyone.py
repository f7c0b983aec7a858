"""Who may among 20,000 people, all that a person may do, the company as it was, and explanations over HTTP."""

from __future__ import annotations

import argparse
import http.client
import random
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from typing import Any

from heli.config.bench import inside
from heli.config.bench.http import free_port, server
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

PEOPLE, DEPARTMENTS, TEAMS, DEALS = 20_000, 20, 15, 60
"""300 teams below 20 departments; everybody reports to somebody; every tenth person asked about owns a deal."""
JOBS = ("sales_rep",) * 40 + ("support_agent",) * 10 + ("engineer",) * 20 + ("sales_manager",) * 3 + ("accountant",)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--people", type=int, default=PEOPLE, help=f"people of the company ({PEOPLE})")
    parser.add_argument("--rounds", type=int, default=5, help="timings of each question (the median of 5)")
    inside.options(parser, database=False)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"cases": [{"what", "questions", "median_ms", "p99_ms", "worst_ms"}], "people"}`` on SQLite."""
    if not 100 <= args.people <= 200_000 or not 1 <= args.rounds <= 1001:
        raise UsageError(Words("--people 为 100 到 200000", "--people is from 100 to 200000, --rounds from 1 to 1001"))
    if args.inside:
        return _inside(args.people, args.rounds)
    with inside.place() as environment:
        said = inside.ask("everyone", ("--people", args.people, "--rounds", args.rounds), environment)
        port = free_port()
        serve = [sys.executable, "-m", "heli", "serve", "--port", str(port)]
        with server(serve, environment, port):
            for what, paths in said.pop("paths").items():
                said["cases"].append(_over_http(what, port, paths, said["session"], args.rounds))
        said.pop("session")
        return dict(said)


def _over_http(what: str, port: int, paths: list[str], session: str, rounds: int) -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Cookie": f"sessionid={session}"}

    def ask(path: str) -> None:
        connection.request("GET", "/api/v1" + path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise Broken(f"{path} answers {answer.status}: {body[:300]!r}")

    for path in paths:
        ask(path)
    found = [_median(rounds, lambda one=path: ask(one)) for path in paths]  # type: ignore[misc]  # a bound default has no type
    connection.close()
    return _case(what, found)


def _median(rounds: int, ask: Callable[[], object]) -> float:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def _case(what: str, times: list[float]) -> dict[str, Any]:
    ordered = sorted(times)
    return {
        "what": what, "questions": len(ordered), "median_ms": round(statistics.median(ordered), 3),
        "p99_ms": round(ordered[int(len(ordered) * 0.99)], 3), "worst_ms": round(ordered[-1], 3),
    }  # fmt: skip


def _inside(people: int, rounds: int) -> dict[str, Any]:
    from heli.config import schema
    from heli.insight import company as companies
    from heli.insight import past
    from heli.insight.asked import view_of
    from heli.insight.rights import rights
    from heli.insight.who import Asked, who
    from heli.kernel import clock
    from heli.org.verbs import assignments
    from heli.records.types import TYPES

    schema.ensure()
    persons, teams, deals = _company(people)
    cases = []
    began = time.perf_counter()
    company = companies.now()
    cases.append(_case("the company, read for the first time", [(time.perf_counter() - began) * 1000]))
    rng = random.Random(5)  # noqa: S311
    for code, action in (("opportunity", "read"), ("opportunity", "edit"), ("account", "read"), ("product", "read")):
        kind = TYPES[code]
        times = []
        for _ in range(200):
            row = _row(kind, rng, persons, teams)
            asked = Asked(kind, action, row, kind.title)
            times.append(_median(rounds, lambda a=asked: who(company, a)))  # type: ignore[misc]  # the same
        cases.append(_case("who reads a record" if code != "product" else "who reads what everybody reads", times))
    some = rng.sample(persons, 200)
    times = [_median(rounds, lambda p=one: rights(view_of(company, p), company.world.all_grants)) for one in some]  # type: ignore[misc]  # the same
    cases.append(_case("all rights of a person", times))
    cases += _drafts(company.world, persons[:2], rounds)
    cases += _corners(company.world, rounds)
    times = []
    for one in some[:10]:
        assignments.move_person(_setup(), one, rng.choice(teams))
        times.append(_median(1, companies.now))
    cases.append(_case("the company, after one person has moved", times))
    moment = clock.now() - timedelta(milliseconds=1)
    cases.append(_case("the company as it was", [_median(1, lambda: past.company_at(moment))]))
    return {"cases": _joined(cases), "people": people, **_http(persons, deals)}


def _drafts(world: Any, authors: list[int], rounds: int) -> list[dict[str, Any]]:
    """What stands against a change of a role that half the company holds: policy tests, duties, who gains, who administers."""
    from heli.access.facts import World
    from heli.policy import state
    from heli.policy.change import Change
    from heli.policy.checks import check
    from heli.policy.company import changed
    from heli.policy.names import Names

    names = Names.load()
    before = state.current("role", "sales_rep", names)
    if before is None:
        raise Broken("the role sales_rep is not there")
    line = {"type": "account", "actions": ["export"], "scope": ["own"]}
    changes = [Change("role", "sales_rep", before, {**before, "lines": [*before["lines"], line]})]

    def fresh() -> None:
        read = World.load()
        check(read, changed(read, changes, Names.load()), changes, authors)

    return [
        _case("checks of a draft", [_median(rounds, lambda: check(world, changed(world, changes, names), changes, authors))]),
        _case("the same with reading the company anew, as publishing does", [_median(rounds, fresh)]),
    ]  # fmt: skip


def _corners(world: Any, rounds: int) -> list[dict[str, Any]]:
    """What a simulation finds that nobody can reach any more: the steps of the shipped processes in one company, and everything
    before and after a change of a role that half the company holds."""
    from heli.flows import dead
    from heli.kernel import clock
    from heli.policy import state
    from heli.policy.change import Change
    from heli.policy.company import changed
    from heli.policy.names import Names
    from heli.policy.simulate import corners

    names = Names.load()
    before = state.current("role", "sales_rep", names)
    if before is None:
        raise Broken("the role sales_rep is not there")
    after = changed(world, [Change("role", "sales_rep", before, {**before, "lines": before["lines"][1:]})], names)
    moment = clock.now()

    def compare() -> None:
        corners.compare(corners.Company(world, moment), corners.Company(after, moment), ())

    def steps() -> None:
        if not list(dead.found(corners.Company(world, moment), {("contract", "submit")})):
            raise Broken("this company has nobody for most steps: some have to be found")

    return [
        _case("steps of processes that nobody could do", [_median(rounds, steps)]),
        _case("all dead corners before and after a change of a role", [_median(rounds, compare)]),
    ]


def _joined(cases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Cases of one name told once, by their slowest."""
    found: dict[str, dict[str, Any]] = {}
    for one in cases:
        known = found.get(one["what"])
        if known is None or one["worst_ms"] > known["worst_ms"]:
            found[one["what"]] = one
    return list(found.values())


def _setup() -> Any:
    from heli.kernel.actor import Actor

    return Actor(None, "heli bench", "cli", via="the command heli bench")


def _company(count: int) -> tuple[list[int], list[int], list[str]]:
    from heli.api import viewer as identities
    from heli.crm.bring import bring
    from heli.org import verbs as org
    from heli.org.models import Position
    from heli.org.verbs.assignments import NewAssignment
    from heli.org.verbs.departments import NewDepartment
    from heli.org.verbs.people import NewPerson
    from heli.org.verbs.reporting import NewReporting
    from heli.records import act
    from heli.records.act import Action

    by, rng = _setup(), random.Random(1)  # noqa: S311
    bring(by)
    root = org.create_department(by, "Company")
    tops = org.create_departments(by, [NewDepartment(f"D{n}", root) for n in range(DEPARTMENTS)])
    teams = org.create_departments(
        by, [NewDepartment(f"D{n}.{m}", top) for n, top in enumerate(tops) for m in range(TEAMS)]
    )
    persons = org.add_people(by, [NewPerson(f"u{n:06}", f"U{n}") for n in range(count)])
    jobs = dict(Position.objects.values_list("code", "pk"))
    org.assign_many(by, [NewAssignment(one, rng.choice(teams), jobs[rng.choice(JOBS)]) for one in persons[1:]])
    org.assign(by, persons[0], root, jobs["managing_director"])
    org.set_managers(by, [NewReporting(one, persons[n // 10]) for n, one in enumerate(persons) if n])
    viewer = identities.system("heli bench everyone")
    deals = []
    for n in range(DEALS):
        made = act.do(viewer, Action("opportunity", "create", values={"name": f"Deal {n}", "amount": "1000"})).id
        act.do(viewer, Action("opportunity", "assign", made, {"owner": str(persons[n * 7 + 1])}))
        deals.append(made)
    return persons, teams, deals


def _row(kind: Any, rng: random.Random, persons: list[int], teams: list[int]) -> dict[str, Any]:
    from heli.records import write

    return write.defaults(kind) | {
        "id": "0" * 32, "owner_id": rng.choice(persons), "department_id": rng.choice(teams), "pool_id": "",
        "account_id": None, "account_owner_id": rng.choice(persons), "account_department_id": rng.choice(teams),
        "project_id": None, "deleted_at": None,
    }  # fmt: skip


def _http(persons: list[int], deals: list[str]) -> dict[str, Any]:
    """What is asked over HTTP, and the session of the managing director, who sees every deal."""
    from django.conf import settings

    from heli.org.models import Person

    person = Person.objects.get(pk=persons[0])
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = person.get_session_auth_hash()
    session.create()
    about = [f"type=opportunity&id={one}" for one in deals]
    paths = {
        "why over HTTP": [f"/why?action={action}&{one}" for one in about[:30] for action in ("read", "edit")],
        "two people side by side over HTTP": [
            f"/access/why?action=read&{one}&field=amount&beside={persons[n + 100]}" for n, one in enumerate(about[:30])
        ],
        "who reads a record over HTTP": [f"/access/who?{one}" for one in about[:30]],
        "my rights over HTTP": ["/access/me/rights"],
    }
    return {"session": session.session_key, "paths": paths}
