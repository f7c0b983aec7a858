"""List pages a second over HTTP, through session, rights, masks and names, beside a bare Django view of the same rows."""

from __future__ import annotations

import argparse
import http.client
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import orjson

from heli.config.bench import inside
from heli.config.cli import UsageError
from heli.kernel.errors import Broken
from heli.kernel.words import Words

CLIENTS, THREADS = 2, 2
READY_SECONDS = 60
LIST = "/api/v1/records/opportunity?sort=-updated_at&limit=50"
BARE = (
    "from granian import Granian\nfrom granian.constants import Interfaces, Loops\nfrom granian.log import LogLevels\n"
    "Granian('heli.config.bench.bare:application', address='127.0.0.1', port={port}, interface=Interfaces.WSGI, workers=1, "
    "blocking_threads={threads}, loop=Loops.asyncio, log_level=LogLevels.error, factory=True).serve()"
)


def add(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--rows", type=int, default=100_000, help="rows of the table (100000)")
    parser.add_argument("--rounds", type=int, default=9, help="turns of each server, alternating (9)")
    parser.add_argument("--seconds", type=float, default=1.0, help="seconds of one turn (1)")
    parser.add_argument("--viewer", default="manager", help="whose list: rep, team leader, manager, director, everyone")
    inside.options(parser, database=False)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """``{"heli_per_s", "bare_per_s", "ratio", "same_rows"}``: medians of alternating turns."""
    if not 1000 <= args.rows <= 20_000_000 or not 1 <= args.rounds <= 1000 or not 0.1 <= args.seconds <= 600:
        raise UsageError(
            Words("--rows 为 1000 到 20000000", "--rows is from 1000 to 20000000, --rounds from 1 to 1000")
        )
    if args.inside:
        return _prepare(args.rows, args.viewer)
    with inside.place() as environment:
        said = inside.ask("http", ("--rows", args.rows, "--viewer", args.viewer), environment)
        environment["HELI_BENCH_SQL"] = orjson.dumps(said["bare"]).decode()
        ours, theirs = free_port(), free_port()
        serve = [sys.executable, "-m", "heli", "serve", "--port", str(ours), "--threads", str(THREADS)]
        bare = [sys.executable, "-c", BARE.format(port=theirs, threads=THREADS)]
        cookie = {"Cookie": f"sessionid={said['session']}"}
        with server(serve, environment, ours), server(bare, environment, theirs):
            return _compare((ours, LIST, cookie), (theirs, "/list", {}), args.rounds, args.seconds)


type Target = tuple[int, str, dict[str, str]]


def _compare(heli: Target, bare: Target, rounds: int, seconds: float) -> dict[str, Any]:
    mine, peer = (orjson.loads(_get(one)) for one in (heli, bare))
    same = [row["id"] for row in mine["items"]] == [row["id"] for row in peer["items"]]
    for one in (heli, bare):
        _turn(one, min(1.0, seconds))
    ours, theirs = [], []
    for _ in range(rounds):
        ours.append(_turn(heli, seconds))
        theirs.append(_turn(bare, seconds))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    return {
        "heli_per_s": round(statistics.median(ours), 1),
        "bare_per_s": round(statistics.median(theirs), 1),
        "ratio": round(statistics.median(ratios), 3),
        "same_rows": same,
        "rows": len(mine["items"]),
    }


def _turn(target: Target, seconds: float) -> float:
    """Requests a second that a few clients get answered at the same time."""
    counts: list[int] = []
    until = time.perf_counter() + seconds

    def client() -> None:
        port, path, headers = target
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        done = 0
        while time.perf_counter() < until:
            connection.request("GET", path, headers=headers)
            response = connection.getresponse()
            response.read()
            done += response.status == 200  # a refusal is no answer
        connection.close()
        counts.append(done)

    began = time.perf_counter()
    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    if not all(counts):
        raise Broken(f"{target[1]} answers with refusals")
    return sum(counts) / (time.perf_counter() - began)


def _get(target: Target) -> bytes:
    port, path, headers = target
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    found = response.read()
    if response.status != 200:
        raise Broken(f"{path} answers {response.status}: {found[:300]!r}")
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def server(command: list[str], environment: dict[str, str], port: int) -> Iterator[None]:
    """A server for as long as the block lasts. Raises Broken when it does not start."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None or time.monotonic() > deadline:
                raise Broken("the server to be measured did not start")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _prepare(rows: int, name: str) -> dict[str, Any]:
    """Fill the database, sign the viewer in, and write the best statement for the bare view."""
    from importlib import import_module

    from django.conf import settings

    from heli.api import viewer as identities
    from heli.config import schema
    from heli.config.bench import plans, world
    from heli.org.models import Person
    from heli.records import sql, store

    schema.ensure()
    made, persons = world.organisation()
    world.fill(rows, made, persons)
    if name not in persons:
        raise UsageError(Words(f"没有 {name} 这个人", f"--viewer is one of {', '.join(persons)}"))
    person = Person.objects.get(pk=persons[name])
    session: Any = import_module(settings.SESSION_ENGINE).SessionStore()
    session["_auth_user_id"] = str(person.pk)
    session["_auth_user_backend"] = settings.AUTHENTICATION_BACKENDS[0]
    session["_auth_user_hash"] = person.get_session_auth_hash()
    session.create()
    query = store.query(identities.for_person(person.pk), world.KIND).sort("-updated_at")
    codes = [c for c in dict.fromkeys((query.kind.title, *query.kind.columns)) if query.sight.known(c) is not None]
    want = query.fields(codes).want(50, None)
    # As one would write it: columns as they are.
    want = replace(want, select=replace(want.select, text=want.select.text.replace("+t.", "t.")))
    half = plans.halves(want)[0]
    best: tuple[float, Any] | None = None
    for plan in plans.PLANS:
        one = plans.statement(plan, want, half, 50)
        if one is None:
            continue
        times = []
        for _ in range(5):
            began = time.perf_counter()
            sql.rows(one.text, one.params)
            times.append(time.perf_counter() - began)
        if best is None or min(times) < best[0]:
            best = (min(times), one)
    assert best is not None
    width = len(sql.rows(best[1].text, best[1].params)[0])
    columns = ["id", *codes, *(f"c{n}" for n in range(width - 1 - len(codes)))]
    return {"session": session.session_key, "bare": {"sql": best[1].text, "params": best[1].params, "columns": columns}}
