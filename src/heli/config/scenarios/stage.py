"""The stage of a scenario: a server of its own with the demo company, people signed in, and each step written down."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import psycopg
from psycopg import sql

from heli.config import home as homes
from heli.config import parent
from heli.config.bench import postgres
from heli.kernel.errors import Broken
from heli.kernel.words import Words

READY_SECONDS = 120
REQUEST_SECONDS = 60
WORKER_SECONDS = 30


class Over(Exception):
    """The story cannot go on: a step failed on which the rest stands."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that the scenario stands on. ``take_away`` removes it inside the installation, at the scene it names."""

    words: Words
    take_away: Callable[[], None]
    scene: str = "start"


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what, what should have come of it, and what did."""

    who: str
    what: Words
    expected: str
    seen: str

    @property
    def kept(self) -> bool:
        return self.expected == self.seen

    def json(self) -> dict[str, Any]:
        return {
            "who": self.who, "what": self.what.json(), "expected": self.expected, "seen": self.seen, "ok": self.kept,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer. ``said`` is its status with the code of a refusal: ``200``, ``403 ceiling:contract-deletion``."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def said(self) -> str:
        code = self.body.get("code") if isinstance(self.body, dict) and self.status >= 400 else None
        return f"{self.status} {code}" if code else str(self.status)

    @property
    def etag(self) -> str:
        return self.headers.get("etag", "")


@dataclass(frozen=True, slots=True)
class Place:
    """An installation: its folder, and its database where that is no file in it."""

    home: Path
    database: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """That of a process that works on it."""
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "HELI_HOME")}
        own = {"DATABASE_URL": self.database} if self.database else {}
        return parent.mark(kept | own | {"HELI_HOME": str(self.home)})

    def holds(self, text: str) -> bool:
        """Whether this stands anywhere in its files or its database, as whoever makes off with them would find it."""
        raw = text.encode()
        files = (one for one in self.home.rglob("*") if one.is_file() and one.name != "server.log")
        if any(raw in one.read_bytes() for one in files):
            return True
        return bool(self.database) and any(raw in piece for piece in _dumped(self.database))


def _dumped(database: str) -> Iterator[bytes]:
    """Every table, row by row as a dump writes it."""
    with psycopg.connect(database) as connection, connection.cursor() as cursor:
        names = cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(name))) as rows:
                for row in rows:
                    yield bytes(row)


class Browser:
    """One person's browser: keeps cookies, sends the CSRF token back."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request to the API; header names use ``_`` for ``-``."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._cookies:
            sent["Cookie"] = "; ".join(f"{k}={v}" for k, v in self._cookies.items())
        if "csrftoken" in self._cookies and method != "GET":
            sent["X-CSRFToken"] = self._cookies["csrftoken"]
        data = None if body is None else orjson.dumps(body)
        if data is not None:
            sent["Content-Type"] = "application/json"
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=REQUEST_SECONDS)
        try:
            connection.request(method, f"/api/v1{path}", data, sent)
            response = connection.getresponse()
            raw = response.read()
        finally:
            connection.close()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self._cookies[key] = rest.partition(";")[0]
        json = "json" in (response.getheader("Content-Type") or "")
        told = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, orjson.loads(raw) if json and raw else raw, told)

    def get(self, path: str) -> Reply:
        return self.send("GET", path)

    def post(self, path: str, body: Any = None, **headers: str) -> Reply:
        return self.send("POST", path, {} if body is None else body, **headers)


@dataclass(slots=True)
class Stage:
    """What a scenario acts on. ``step`` compares and writes down; ``scene`` is where a rule may be taken away."""

    server: Server
    place: Place
    password: str
    sabotage: tuple[str, str] | None = None
    """(scenario, rule) that is taken away at its scene."""
    steps: list[Step] = field(default_factory=list)
    _browsers: dict[str, Browser] = field(default_factory=dict)
    _ahead: float = 0
    on_step: Callable[[Step], None] = lambda step: None

    def at(self, who: str) -> Browser:
        """The browser in which this person has signed in."""
        found = self._browsers.get(who)
        if found is None:
            found = self._browsers[who] = Browser(self.server.port)
            reply = found.post("/session", {"username": who, "password": self.password})
            if reply.status != 200:
                raise Over(f"{who} cannot sign in: {reply.said}")
        return found

    def step(self, who: str, zh: str, en: str, *, expected: object, seen: object) -> bool:
        """Write a step down; whether it came out as it should."""
        one = Step(who, Words(zh, en), str(expected), str(seen))
        self.steps.append(one)
        self.on_step(one)
        return one.kept

    def need(self, who: str, zh: str, en: str, *, expected: object, seen: object) -> None:
        """The same for a step without which the story cannot go on."""
        if not self.step(who, zh, en, expected=expected, seen=seen):
            raise Over(en)

    def until[T](self, look: Callable[[], T | None]) -> T | None:
        """What comes to be seen within half a minute, for what the worker brings; None when it does not come."""
        deadline = time.monotonic() + WORKER_SECONDS
        while (found := look()) is None and time.monotonic() < deadline:
            time.sleep(0.3)
        return found

    def later(self, zh: str, en: str, **delta: float) -> None:
        """Let time pass: the server starts anew with its clock ahead, and people sign in anew."""
        self._browsers.clear()
        self._ahead += timedelta(**delta).total_seconds()
        self.server.stop()
        self.server.start(self._ahead)
        self.step("—", zh, en, expected="later", seen="later")

    def scene(self, name: str, rules: Mapping[str, Rule]) -> None:
        """A place in the story at which a rule of it may be taken away."""
        if self.sabotage is not None and rules[self.sabotage[1]].scene == name:
            command = [sys.executable, "-m", "heli", "scenario", self.sabotage[0], "--take-away", self.sabotage[1]]
            done = subprocess.run(  # noqa: S603
                command, check=False, capture_output=True, text=True, env=self.place.environment
            )
            if done.returncode:
                raise Broken(f"the rule {self.sabotage[1]} could not be taken away: {done.stderr[-2000:]}")


@contextmanager
def prepared(*, on_postgres: bool = False) -> Iterator[Place]:
    """An installation with the demo company in it, to be copied for every run; gone afterwards. ``on_postgres``: on a
    PostgreSQL of its own, which ends with it."""
    with (
        tempfile.TemporaryDirectory(prefix="heli-scenario-") as folder,
        postgres.server() if on_postgres else nullcontext("") as server,
    ):
        place = Place(Path(folder) / "prepared", _database(server, "prepared") if server else "")
        done = subprocess.run(
            [sys.executable, "-m", "heli", "demo"], check=False, capture_output=True, text=True, env=place.environment
        )
        if done.returncode:
            raise Broken(f"the demo company could not be made: {done.stderr[-2000:]}")
        yield place


def _database(server: str, name: str, source: str = "template0") -> str:
    """A new database beside the one that this address names, a copy of ``source``; its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        connection.execute(made)
    return _named(server, name)


def _named(server: str, name: str) -> str:
    # urlunsplit would drop the empty host of an address that names a folder of sockets
    parts = urlsplit(server)
    return f"{parts.scheme}://{parts.netloc}/{name}" + (f"?{parts.query}" if parts.query else "")


@contextmanager
def _copy(source: Place) -> Iterator[Place]:
    """A copy of an installation, gone with the block."""
    name = f"run_{time.monotonic_ns()}"
    place = replace(source, home=source.home.parent / name)
    shutil.copytree(source.home, place.home)
    try:
        if source.database:
            of = urlsplit(source.database).path[1:]
            place = replace(place, database=_database(_named(source.database, "postgres"), name, of))
        yield place
    finally:
        shutil.rmtree(place.home, ignore_errors=True)
        if place.database != source.database:
            with psycopg.connect(_named(source.database, "postgres"), autocommit=True) as connection:
                connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


class Server:
    """The scenario's server and worker; ``ahead`` is how many seconds its clock is ahead of the machine's."""

    def __init__(self, place: Place) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, ahead: float = 0) -> None:
        """Start it and wait until it answers. Raises Broken with its log."""
        command = [sys.executable, "-m", "heli", "serve", "--worker", "--port", str(self.port)]
        env = self._place.environment | {"HELI_CLOCK_AHEAD": str(ahead)}
        with (self._place.home / "server.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        _wait(self._process, self.port, self._place.home)

    def stop(self) -> None:
        """End it and what it started."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


@contextmanager
def opened(source: Place, sabotage: tuple[str, str] | None = None) -> Iterator[Stage]:
    """A copy of the prepared company with its server and worker; both end with the block."""
    with _copy(source) as place:
        login = homes.demo(place.home)
        assert login is not None
        server = Server(place)
        try:
            server.start()
            yield Stage(server, place, login["password"], sabotage)
        finally:
            server.stop()


def _wait(server: subprocess.Popen[bytes], port: int, home: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if server.poll() is not None:
            break
        try:
            if Browser(port).get("/openapi.json").status in (200, 401):
                return
        except OSError:
            time.sleep(0.1)
    raise Broken(f"the scenario's server did not start: {(home / 'server.log').read_text('utf-8')[-2000:]}")
