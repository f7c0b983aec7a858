"""The command `heli`, as a terminal and as a program sees it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests import prepared

from heli.config import cli


def heli(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    full = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "LANG", "LC_ALL"}}
    full |= {"HELI_HOME": str(home), **environment}
    return subprocess.run(
        [sys.executable, "-m", "heli", *arguments], check=False, capture_output=True, text=True, env=full
    )


def only_document(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    return value


def test_a_reader_that_has_seen_enough_ends_it_quietly(tmp_path: Path) -> None:
    """As in ``heli keys status | head``."""
    prepared.install(tmp_path, prepared.READY)
    nobody, told = os.pipe()
    os.close(nobody)
    full = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {"HELI_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "heli", "keys", "status"], check=False, stdout=told, stderr=subprocess.PIPE, env=full
    )
    os.close(told)
    assert (done.returncode, done.stderr) == (cli.UNREAD, b"")


@pytest.mark.parametrize("arguments", [["nothing", "--json"], ["migrate", "--wrong", "--json"], ["--json"]])
def test_a_wrong_command_line_is_one_document_too(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(arguments) == 2
    said = only_document(capsys.readouterr().out)
    assert said["error"]["code"] == "usage"
    assert set(said["error"]["message"]) == {"zh", "en"}


def test_people_get_a_sentence_in_their_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert cli.main(["nothing"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "命令有误" in printed.err


def test_a_fresh_home_is_migrated_once(tmp_path: Path) -> None:
    assert only_document(heli(tmp_path, "migrate", "--check", "--json").stdout) == {"current": False, "changed": False}
    first = heli(tmp_path, "migrate", "--json")
    assert only_document(first.stdout) == {"current": True, "changed": True}, first.stderr
    again = heli(tmp_path, "migrate", "--json")
    assert only_document(again.stdout) == {"current": True, "changed": False}
    assert heli(tmp_path, "migrate", "--check").returncode == 0
    assert (tmp_path / "heli.sqlite3").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"DATABASE_URL": "oracle://scott:tiger@db/x"}, "begins with 'oracle'"),
        ({"DATABASE_URL": "postgres://heli:tiger@127.0.0.1:1/heli"}, "127.0.0.1"),
        ({"HELI_HTTPS": "yes"}, "HELI_HTTPS is 0 or 1"),
        ({"HELI_PROXIES": "-1"}, "HELI_PROXIES is a number"),
        ({"DATABASE_URL": "sqlite:////tmp/a%00b"}, "NUL"),
        ({"DATABASE_URL": "postgres://heli:tiger@h/a%00b"}, "NUL"),
        ({"DATABASE_URL": "sqlite:////tmp/a%ff"}, "no UTF-8"),
        ({"DATABASE_URL": "sqlite:///~nobody-of-this-name/a"}, "does not know"),
        ({"HELI_HOME": "~nobody-of-this-name/a"}, "names no user"),
        ({"HELI_HOME": "a\udcff"}, "no path in UTF-8"),
    ],
)
def test_a_broken_set_up_is_one_document_without_the_password(
    tmp_path: Path, variables: dict[str, str], says: str
) -> None:
    done = heli(tmp_path, "migrate", "--json", **variables)
    assert done.returncode == 2, done.stderr
    said = only_document(done.stdout)["error"]
    assert says in said["message"]["en"]
    assert "tiger" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("place", ["demo.json", "keys/secret.key", "migrate.lock", "heli.sqlite3"])
@pytest.mark.parametrize("damage", [None, b"\xff\xfe", b"\0" * 40], ids=["folder", "not-utf-8", "nul"])
def test_a_file_of_ours_that_cannot_be_read_is_named_without_a_traceback(
    tmp_path: Path, place: str, damage: bytes | None
) -> None:
    (tmp_path / "keys").mkdir()
    path = tmp_path / place
    if damage is None:
        path.mkdir()
    else:
        path.write_bytes(damage)
    if place == "migrate.lock" and damage is not None:
        return  # what stands in it is nothing to anybody
    done = heli(tmp_path, "migrate", "--json")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False), done.stderr
    said = only_document(done.stdout)["error"]["message"]["en"]
    assert path.name in said or "database" in said
    assert damage is None or path.read_bytes() == damage, "nothing is mended silently"


def test_what_a_database_says_over_many_lines_is_one_line(tmp_path: Path) -> None:
    for url in ("postgres://heli:tiger@127.0.0.1:1/heli", "postgres://heli@/heli?host=/nowhere"):
        done = heli(tmp_path, "migrate", DATABASE_URL=url)
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1, done.stderr


def test_djangos_own_check_of_a_deployment_misses_only_what_the_proxy_does(tmp_path: Path) -> None:
    environment = os.environ | {"HELI_HOME": str(tmp_path), "HELI_HTTPS": "1", "HELI_PROXIES": "1"}
    environment["HELI_SMTP"] = (
        "smtp://mail.example.com"  # without one, mail lies in a folder, which the check tells too
    )
    environment["DJANGO_SETTINGS_MODULE"] = "heli.config.settings"
    environment.pop("DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "django", "check", "--deploy"],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    # Framing is forbidden by our own header and policy; redirects and what holds for other hosts are the proxy's.
    assert set(re.findall(r"[\w.]+\.[WE]\d{3}", done.stderr)) == {f"security.W0{n}" for n in ("02", "05", "08", "21")}


@pytest.mark.parametrize(
    "arguments", [["--port", "0"], ["--port", "70000"], ["--workers", "0"], ["--threads", "0"], ["--json"]]
)
def test_serve_refuses_what_it_cannot_serve(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["serve", *arguments, "--json"]) == 2
    assert only_document(capsys.readouterr().out)["error"]["code"] == "usage"


def test_every_command_has_a_help_text() -> None:
    for name, module in cli.modules().items():
        assert (module.__doc__ or "").strip(), name
        assert callable(module.add), name
        assert callable(module.run), name


def test_an_empty_installation_gets_its_first_administrator(tmp_path: Path) -> None:
    prepared.install(tmp_path)
    made = heli(tmp_path, "user", "add", "root", "--name", "管理员", "--role", "system_administrator", "--json")
    assert made.returncode == 0, made.stdout + made.stderr
    said = only_document(made.stdout)
    assert len(said["password"]) >= 12
    again = heli(tmp_path, "user", "add", "root", "--json")
    assert again.returncode == 2
    assert only_document(again.stdout)["error"]["code"] == "taken"
    unknown = heli(tmp_path, "user", "add", "other", "--role", "emperor", "--json")
    assert unknown.returncode == 2
    nobody = heli(tmp_path, "user", "password", "other", "--json")
    assert only_document(nobody.stdout)["error"]["code"] == "not_found", "refused roles leave nobody behind"
