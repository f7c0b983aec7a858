"""The drill of an operator: what lies on the disk and in a backup tells nothing without the keys, and everything with them."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from heli.kernel.ring import Keyring, KeysError
from tests import prepared

PHONE, OTHER, BANK = "13800138765", "13900004321", "6222021001012345678"
PROFILE = """
profile: drill
currency: CNY
files:
  - file: accounts.csv
    rows:
      - make: account
        key: "{name}"
        set: {name: name, phone: phone, bank_account: bank}
"""


def heli(home: Path, *commands: tuple[str, ...]) -> list[dict[str, Any]]:
    """What each of these commands prints, run one after the other in one process of this installation."""
    environment = {**os.environ, "HELI_HOME": str(home)}
    environment.pop("DATABASE_URL", None)
    program = "import json, sys; from heli.config.cli import main\nfor one in json.loads(sys.argv[1]): main(one)"
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps([[*command, "--json"] for command in commands])],
        check=True, capture_output=True, text=True, env=environment,
    )  # fmt: skip
    found, text = [], done.stdout.strip()
    while text:
        document, end = json.JSONDecoder().raw_decode(text)
        found.append(document)
        text = text[end:].strip()
    return found


def test_the_disk_and_a_backup_tell_nothing_without_the_keys_and_all_with_them(tmp_path: Path) -> None:
    home, there, archive = tmp_path / "home", tmp_path / "there", tmp_path / "backup.tar.gz"
    prepared.install(home)
    (tmp_path / "drill.yaml").write_text(PROFILE)
    for name, phone in (("first", PHONE), ("then", OTHER)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "accounts.csv").write_text(f"name,phone,bank\n甲,{phone},{BANK}\n乙,{OTHER},\n")
    profile = ("--profile", str(tmp_path / "drill.yaml"))
    made, again, _, backup = heli(
        home, ("import", str(tmp_path / "first"), *profile), ("import", str(tmp_path / "then"), *profile),
        ("user", "add", "boss", "--role", "management"), ("backup", str(archive)),
    )  # fmt: skip
    assert made["created"] == {"account": 2}
    assert (again["updated"], again["flagged"]) == ({"account": 1}, []), "an import knows its own values again"
    assert backup["keys"].endswith("keys")

    secrets = [secret.encode() for secret in (PHONE, OTHER, BANK, PHONE[3:], OTHER[3:], BANK[4:])]
    on_disk = [path for path in home.rglob("*") if path.is_file() and path.parent.name != "keys"]
    assert {path.name for path in on_disk} >= {"heli.sqlite3"}, on_disk
    for path in on_disk:
        body = path.read_bytes()
        assert not [secret for secret in secrets if secret in body], path.name
    packed = gzip.decompress(archive.read_bytes())
    assert not [secret for secret in secrets if secret in packed]
    ring = (home / "keys" / "fields.json").read_bytes()
    assert ring not in packed and json.loads(ring)["versions"][0]["keys"]["data"].encode() not in packed
    for key in ("fields.json", "fields-1.key"):
        assert (home / "keys" / key).stat().st_mode & 0o077 == 0

    listed = ("list", "account", "--as", "boss", "--fields", "name,phone,bank_account")
    _, lost, status = heli(there, ("restore", str(archive)), listed, ("keys", "status"))
    assert {row["name"]: row["phone"] for row in lost["items"]} == {"甲": None, "乙": None}
    assert status["error"]["code"] == "field_keys", "nor are new keys made over the old data"
    for key in ("fields.json", "fields-1.key"):
        shutil.copy(home / "keys" / key, there / "keys" / key)
    back, rewrapped, after = heli(there, listed, ("keys", "rewrap"), listed)
    found = {row["name"]: row for row in back["items"]}
    assert found["甲"]["bank_account"] == BANK and found["甲"]["phone"] == "139****4321"
    assert rewrapped["wrapped_by"] == "fields-2" and after == back


def test_the_wrapping_key_may_come_from_the_environment_or_stay_with_a_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = "11" * 32, "22" * 32
    monkeypatch.setenv("HELI_FIELD_KEY", first)
    ring = Keyring(tmp_path)
    data = ring.ring().current.keys["data"]
    assert not list((tmp_path / "keys").glob("*.key"))

    monkeypatch.setenv("HELI_FIELD_KEY", second)
    with pytest.raises(KeysError, match="HELI_FIELD_KEY"):
        Keyring(tmp_path).ring()
    monkeypatch.setenv("HELI_FIELD_KEY_OLD", first)
    Keyring(tmp_path).rewrap()
    monkeypatch.delenv("HELI_FIELD_KEY_OLD")
    assert Keyring(tmp_path).ring().current.keys["data"] == data

    service = tmp_path / "service.py"
    service.write_text(
        "import sys\nsaid = bytes.fromhex(sys.stdin.read().strip())\nprint(bytes(b ^ 7 for b in said).hex())\n"
    )
    monkeypatch.setenv("HELI_FIELD_KEY_COMMAND", f"{sys.executable} {service}")
    assert Keyring(tmp_path).rewrap()[1] == "command"
    monkeypatch.delenv("HELI_FIELD_KEY")
    assert Keyring(tmp_path).ring().current.keys["data"] == data


@pytest.mark.parametrize(
    "text", ["", "{}", '{"versions": []}', "not json", '{"wrapped_by": "fields-1", "versions": []}']
)
def test_a_damaged_ring_is_named_and_never_replaced(tmp_path: Path, text: str) -> None:
    ring = Keyring(tmp_path)
    ring.ring()
    ring.path.write_text(text)
    with pytest.raises(KeysError, match="restores"):
        Keyring(tmp_path).ring()
    assert ring.path.read_text() == text
    (tmp_path / "keys" / "fields-1.key").write_text("zz")
    with pytest.raises(KeysError):
        Keyring(tmp_path).ring()
