"""An installation's folder, its keys and its DATABASE_URL."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from heli.config import database, home
from heli.kernel import keyfile
from heli.kernel.errors import Broken


def test_a_fresh_home_is_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELI_HOME", str(tmp_path / "new" / "home"))
    made = home.find()
    assert made.is_dir()
    assert made.stat().st_mode & 0o777 == 0o700
    key = home.secret(made, "secret")
    assert len(key) == 64
    assert home.secret(made, "secret") == key
    assert home.secret(made, "other") != key
    assert (made / "keys" / "secret.key").stat().st_mode & 0o777 == 0o600


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("HELI_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(Broken, match="file/home cannot be made"):
        home.find()


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    barrier = threading.Barrier(8)
    keys: list[bytes] = []

    def start() -> None:
        barrier.wait()
        keys.append(keyfile.read_or_make(tmp_path / "keys" / "k.key"))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["k.key"]


@pytest.mark.parametrize("damage", [b"", b"00", b"zz" * 32, b"\xff\xfe", b"0" * 63])
def test_a_damaged_key_is_never_replaced(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "k.key"
    path.write_bytes(damage)
    with pytest.raises(Broken, match=r"k\.key is no key"):
        keyfile.read_or_make(path)
    assert path.read_bytes() == damage


def test_the_demo_mark_is_read_back(tmp_path: Path) -> None:
    assert home.demo(tmp_path) is None
    home.mark_demo(tmp_path, "wang", "pass word")
    assert home.demo(tmp_path) == {"username": "wang", "password": "pass word"}
    (tmp_path / "demo.json").write_text("[]")
    with pytest.raises(Broken, match=r"demo\.json"):
        home.demo(tmp_path)


def test_without_an_address_the_database_is_a_file_at_home(tmp_path: Path) -> None:
    found = database.parse("", tmp_path)
    assert found["ENGINE"].endswith("sqlite3")
    assert found["NAME"] == str(tmp_path / "heli.sqlite3")
    assert "synchronous=FULL" in found["OPTIONS"]["init_command"]
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_postgres_address_is_read_whole(tmp_path: Path) -> None:
    found = database.parse("postgres://he%40li:p%2Fw@db.example:5433/crm?sslmode=require", tmp_path)
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "he@li",
        "p/w",
        "db.example",
        "5433",
        "crm",
    )
    assert found["OPTIONS"]["sslmode"] == "require"
    assert database.parse("postgres://me@/crm?host=%2Frun%2Fpg", tmp_path)["HOST"] == "/run/pg"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://u:sesame@h/db", "begins with 'mysql'"),
        ("postgres://u:sesame@h:port/db", "no address"),
        ("postgres://u:sesame@h", "names no database"),
        ("postgres://u:sesame@h/db?options=-csearch_path%3Dx", "options that Heli does not know"),
        ("sesame", "begins with ''"),
    ],
)
def test_a_wrong_address_is_refused_without_its_password(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(Broken, match=says) as refused:
        database.parse(url, tmp_path)
    assert "sesame" not in str(refused.value)
