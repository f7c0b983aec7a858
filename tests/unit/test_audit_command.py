"""``heli audit`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from heli.audit import entries, guards, log
from heli.config import cli

pytestmark = [pytest.mark.storage, pytest.mark.django_db]


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Path) -> None:
    settings.HELI_HOME = tmp_path
    with transaction.atomic():
        log.append_many([log.EntryData(action="lead.view", object_id=str(n)) for n in range(5)])
    guards.remove(connection)


def heli(*words: str) -> int:
    """The command without its start-up, which would migrate the database of the test."""
    commands = cli.modules()
    args = cli.parser(commands).parse_args(list(words))
    status: int = commands["audit"].run(args)
    return status


def test_a_whole_log(capsys: pytest.CaptureFixture[str]) -> None:
    assert heli("audit", "verify", "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"ok": True, "entries": 5, "first_bad": None}
    assert heli("audit", "verify") == 0
    assert "5" in capsys.readouterr().out


def test_a_broken_log_is_status_1_and_names_the_entry(capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET object_id = 'x' WHERE seq = 3")
    assert heli("audit", "--json", "verify") == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["ok"], said["entries"], said["first_bad"]) == (False, 2, 3)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert heli("audit", "verify") == 1
    assert "第 3 条断裂" in capsys.readouterr().out


def test_a_person_answers_for_a_break(capsys: pytest.CaptureFixture[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM audit_entry WHERE seq = 5")
        cursor.execute("UPDATE audit_head SET seq = 4, hash = (SELECT hash FROM audit_entry WHERE seq = 4)")
    with transaction.atomic():
        log.append(log.EntryData(action="lead.view"))
    assert heli("audit", "verify", "--json") == 1
    broken = json.loads(capsys.readouterr().out)["first_bad"]
    assert broken == 5
    assert heli("audit", "accept", "5", "--reason", "restored from the backup", "--json") == 0
    told = entries.get(json.loads(capsys.readouterr().out)["entry"])
    assert told is not None and (told.action, told.reason, told.origin) == (
        log.ACCEPTED,
        "restored from the backup",
        "cli",
    )
    assert heli("audit", "verify", "--json") == 0


@pytest.mark.parametrize(("entry", "reason", "code"), [("3", "fine", "not_found"), ("3", " ", "usage")])
def test_nothing_is_accepted_without_a_break_and_a_reason(entry: str, reason: str, code: str) -> None:
    with pytest.raises(cli.HeliError) as refused:
        heli("audit", "accept", entry, "--reason", reason)
    assert refused.value.code == code
    assert len(entries.query()) == 5
