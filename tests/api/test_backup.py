"""The drill: a company is backed up, lost and brought back, on SQLite and on PostgreSQL; a bad archive changes nothing."""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest

from tests.server import Server

PASSWORD = "a long and good one"
CONTENT = "三年维保".encode() * 5000
BOUNDARY = "heli-test-boundary"

type Fresh = Callable[[], Installation]


@dataclass
class Installation:
    """A HELI_HOME and its database, as an operator has it."""

    home: Path
    environment: dict[str, str]
    opener: Any = field(default_factory=lambda: build_opener(HTTPCookieProcessor(CookieJar())))

    def run(self, *arguments: str, given: str = "") -> tuple[int, dict[str, Any]]:
        """``heli ARGUMENTS --json``: its status and its one document."""
        done = subprocess.run(
            [sys.executable, "-m", "heli", *arguments, "--json"], check=False, capture_output=True, text=True,
            input=given, env=self.environment | {"HELI_HOME": str(self.home)},
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, json.loads(done.stdout)

    def served(self) -> Server:
        return Server(self.home, environment=self.environment)

    def ask(self, server: Server, method: str, path: str, body: bytes = b"", media: str = "application/json") -> bytes:
        """One request in this operator's session; urllib.error.HTTPError for a refusal."""
        headers = {"Content-Type": media} if body else {}
        for handler in self.opener.handlers:
            for cookie in getattr(handler, "cookiejar", ()):
                if cookie.name == "csrftoken":
                    headers["X-CSRFToken"] = cookie.value
        request = Request(f"{server.url}/api/v1{path}", body or None, headers, method=method)
        with self.opener.open(request, timeout=30) as response:
            found: bytes = response.read()
            return found

    def sign_in(self, server: Server) -> None:
        self.ask(server, "POST", "/session", json.dumps({"username": "ada.boss", "password": PASSWORD}).encode())


@dataclass(frozen=True)
class Kept:
    """What was backed up, and how it answered before."""

    archive: Path
    keys: Path
    where: str
    rows: list[str]


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, own_database: Callable[[], dict[str, str]]) -> Fresh:
    """Makes an empty installation."""

    def make() -> Installation:
        return Installation(tmp_path_factory.mktemp("home"), own_database())

    return make


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory, installed: Callable[[Path], dict[str, str]]) -> Fresh:
    """Makes an installation with nobody in it. All have the same keys."""

    def make() -> Installation:
        home = tmp_path_factory.mktemp("home")
        return Installation(home, installed(home))

    return make


@pytest.fixture(scope="module")
def kept(ready: Fresh, tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A small company with records and an attachment, made through the server, backed up and then lost."""
    first = ready()
    boss = ("Ada Boss", "--role", "management", "--role", "sales_rep", "--password-stdin")
    status, said = first.run("user", "add", *boss, given=PASSWORD + "\n")
    assert status == 0, said
    with first.served() as server:
        first.sign_in(server)
        for name in ("苏州甲", "宁波乙", "合肥丙"):
            made = json.loads(first.ask(server, "POST", "/records/account", json.dumps({"name": name}).encode()))
        form = (
            (
                f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="offer.txt"\r\n'
                "Content-Type: text/plain\r\n\r\n"
            ).encode()
            + CONTENT
            + f"\r\n--{BOUNDARY}--\r\n".encode()
        )
        at = f"/records/account/{made['id']}/files"
        file = json.loads(first.ask(server, "POST", at, form, f"multipart/form-data; boundary={BOUNDARY}"))
        archive = tmp_path_factory.mktemp("kept") / "heli.tgz"
        status, said = first.run("backup", str(archive))  # while the server runs
        assert (status, said["files"]) == (0, 1), said
    assert first.run("backup", str(archive))[0] == 2, "an existing file is never written over"
    assert first.run("restore", str(archive))[0] == 2, "nor an installation that holds data"
    rows = names(first)
    keys = archive.parent / "keys"
    shutil.copytree(first.home / "keys", keys)
    shutil.rmtree(first.home)
    return Kept(archive, keys, f"{at}/{file['id']}", rows)


def names(one: Installation) -> list[str]:
    status, said = one.run("list", "account", "--as", "ada.boss", "--sort", "name", "--fields", "name")
    assert status == 0, said
    return [row["name"] for row in said["items"]]


def leftovers(one: Installation) -> list[str]:
    """What a refused restore left in HELI_HOME, but for the keys of the new installation and its empty database."""
    ours = re.compile(r"keys|heli\.sqlite3(-wal|-shm)?|server\.log")
    return sorted(path.name for path in one.home.iterdir() if not ours.fullmatch(path.name))


@pytest.mark.storage  # the others look at the archive, which is the same for both databases
def test_what_was_lost_comes_back_with_its_log_its_people_and_its_files(fresh: Fresh, kept: Kept) -> None:
    second = fresh()
    shutil.copytree(kept.keys, second.home / "keys")
    status, said = second.run("restore", str(kept.archive))
    assert (status, said.get("files")) == (0, 1), said
    assert second.run("audit", "verify")[1]["ok"] is True
    assert names(second) == kept.rows
    assert second.run("count", "account", "--as", "ada.boss") == (0, {"count": 3})
    with second.served() as server:
        second.sign_in(server)
        assert second.ask(server, "GET", kept.where) == CONTENT
        second.ask(server, "POST", "/records/account", json.dumps({"name": "常州丁"}).encode())
    assert second.run("audit", "verify")[1]["ok"] is True, "and the log goes on"


def test_with_other_keys_the_log_says_so(fresh: Fresh, kept: Kept) -> None:
    third = fresh()
    assert third.run("restore", str(kept.archive))[0] == 0
    status, said = third.run("audit", "verify")
    assert (status, said["ok"]) == (1, False)


def altered(source: Path, target: Path, change: Callable[[dict[str, Any]], None], *, lose: str = "") -> None:
    """The archive packed anew with another manifest, and without the members whose name begins so."""
    with tarfile.open(source, "r:gz") as old, tarfile.open(target, "w:gz") as new:
        for member in old:
            stream = old.extractfile(member)
            assert stream is not None
            body = stream.read()
            if member.name == "manifest.json":
                manifest = json.loads(body)
                change(manifest)
                body = json.dumps(manifest).encode()
            elif lose and member.name.startswith(lose):
                continue
            member.size = len(body)
            new.addfile(member, io.BytesIO(body))


def flipped(kept: Kept, target: Path, at: float) -> None:
    body = bytearray(kept.archive.read_bytes())
    body[int(len(body) * at)] ^= 0x10
    target.write_bytes(body)


def bad_archives(kept: Kept, folder: Path) -> Iterator[tuple[str, Path]]:
    whole = kept.archive.read_bytes()
    for name, body in {
        "empty": b"", "text": b"this is no archive", "head": whole[:200], "half": whole[: len(whole) // 2],
        "tail": whole[:-12], "gzip of nothing": b"\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0",
    }.items():  # fmt: skip
        (folder / name).write_bytes(body)
        yield name, folder / name
    for at in (0.001, 0.1, 0.3, 0.5, 0.8, 0.99):
        flipped(kept, folder / f"bit at {at}", at)
        yield f"bit at {at}", folder / f"bit at {at}"

    def put(**values: Any) -> Callable[[dict[str, Any]], None]:
        return lambda manifest: manifest.update(values)

    changes: dict[str, tuple[Callable[[dict[str, Any]], None], str]] = {
        "other format": (put(format=99), ""),
        "a newer version": (put(schema=["records.9999_from_the_future"]), ""),
        "another database": (put(database="oracle"), ""),
        "another digest": (put(sha256="0" * 64), ""),
        "no digest": (lambda manifest: manifest.pop("sha256"), ""),
        "a lost file": (put(), "files/"),
        "a lost database": (put(), "database"),
    }
    for name, (change, lose) in changes.items():
        altered(kept.archive, folder / name, change, lose=lose)
        yield name, folder / name
    (folder / "is a folder").mkdir()
    yield "is a folder", folder / "is a folder"
    yield "absent", folder / "absent"


# One process for all of them: what `heli restore` does after its start.
TRY_EACH = """
import django, json, sys
django.setup()
from heli.config import archive_restore
from heli.kernel.errors import HeliError
from pathlib import Path
said = {}
for path in map(Path, sys.argv[1:]):
    try:
        archive_restore.restore(path)
    except HeliError as error:
        said[path.name] = error.code
    else:
        said[path.name] = "restored"
print(json.dumps(said))
"""
CODES = {"a newer version": "newer", "another database": "database"}


def test_a_bad_archive_is_refused_and_leaves_the_place_empty(fresh: Fresh, kept: Kept, tmp_path: Path) -> None:
    place = fresh()
    bad = dict(bad_archives(kept, tmp_path))
    assert len(bad) == 21
    environment = place.environment | {"HELI_HOME": str(place.home), "DJANGO_SETTINGS_MODULE": "heli.config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", TRY_EACH, *map(str, bad.values())],
        check=False, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {path.name: CODES.get(name, "invalid") for name, path in bad.items()}
    for name in ("half", "bit at 0.5", "a newer version"):
        status, said = place.run("restore", str(bad[name]))
        assert (status, set(said)) == (2, {"error"}), name
    assert leftovers(place) == []
    assert place.run("restore", str(kept.archive))[0] == 0, "the good one still finds an empty place"


@pytest.mark.storage
def test_a_database_that_fails_to_come_leaves_no_files_behind(fresh: Fresh, kept: Kept, tmp_path: Path) -> None:
    place = fresh()
    path = tmp_path / "unsound.tgz"
    with tarfile.open(kept.archive, "r:gz") as old, tarfile.open(path, "w:gz") as new:
        bodies = {member.name: old.extractfile(member).read() for member in old}  # type: ignore[union-attr]
        database = next(name for name in bodies if name.startswith("database"))
        bodies[database] = bodies[database][: len(bodies[database]) // 2]
        digest = hashlib.sha256()
        for name, body in bodies.items():
            if name != "manifest.json":
                digest.update(f"{name}\0{len(body)}\0".encode() + body)
        bodies["manifest.json"] = json.dumps(
            json.loads(bodies["manifest.json"]) | {"sha256": digest.hexdigest()}
        ).encode()
        for name, body in bodies.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            new.addfile(member, io.BytesIO(body))
    assert place.run("restore", str(path))[0] == 2
    assert leftovers(place) == []
    assert place.run("restore", str(kept.archive))[0] == 0
