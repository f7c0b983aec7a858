"""`heli flow check` beside a company: what a file names is looked up there, and the answer says what was looked up and what was not."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from heli.config import cli
from heli.org.verbs import positions
from tests.api.client import signed_in
from tests.cases import Company, process, publish, task
from tests.cli import Heli
from tests.world import SETUP, fresh

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

LOST = process(
    task("lead", "position nobody_has_this", show="name no_such_field"), task("money", "position finance department=atlantis"),
    task("who", "person ghost"), '<callActivity id="call" name="付款 / Pay" calledElement="payment"/>',
    "s>lead", "lead>money", "money>who", "who>call", "call>e",
)  # fmt: skip
FOUND = process(task("lead", "manager"), task("money", "position finance"), "s>lead", "lead>money", "money>e")
COMPANYS = {"positions", "departments", "people", "roles", "processes"}


@pytest.fixture
def world(db: None) -> Company:
    return fresh(Company)


@pytest.fixture
def heli(capsys: pytest.CaptureFixture[str]) -> Heli:
    return Heli(capsys)


def written(folder: Path, text: str) -> str:
    file = folder / "p.bpmn"
    file.write_text(text, "utf-8")
    return str(file)


def looked(said: Any) -> dict[str, bool]:
    return {one["what"]: one["looked_up"] for one in said["lookups"]}


def test_what_a_file_names_is_looked_up_in_the_company_that_is_there(
    world: Company, heli: Heli, tmp_path: Path
) -> None:
    said = heli("flow", "check", written(tmp_path, LOST))
    assert heli.status == 1
    assert {(one["place"], one["code"]) for one in said["problems"]} == {
        ("lead", "field"), ("lead", "position"), ("money", "department"), ("who", "person"), ("call", "process"),
    }  # fmt: skip
    assert all(looked(said)[one] for one in COMPANYS | {"fields", "acts"}), said["lookups"]
    by = {one["what"]: one for one in said["lookups"]}
    assert by["positions"]["names"] == ["finance", "nobody_has_this"], "what of it the file names"
    assert by["positions"]["in"] == "company" and by["fields"]["in"] == "program"
    assert by["rights"]["looked_up"] is False and by["rights"]["why"]["zh"], "what a file alone never tells is said too"

    publish(world, process(task("pay", "position finance"), "s>pay", "pay>e", id="payment"))
    said = heli("flow", "check", written(tmp_path, LOST))
    assert "process" not in {one["code"] for one in said["problems"]}, "the process that it calls is there by now"
    said = heli("flow", "check", written(tmp_path, FOUND))
    assert (heli.status, said["problems"], said["executable"]) == (0, [], True)


def test_the_file_alone_is_checked_where_that_is_asked_for(world: Company, heli: Heli, tmp_path: Path) -> None:
    said = heli("flow", "check", written(tmp_path, LOST), "--file-only")
    assert {one["code"] for one in said["problems"]} == {"field"}, "fields are known to the program, people are not"
    assert {one for one, done in looked(said).items() if not done} == COMPANYS | {
        "rights",
        "shown",
        "corners",
        "ceilings",
    }
    for one in said["lookups"]:
        if one["what"] in COMPANYS:
            assert "--file-only" in one["why"]["zh"] and "--file-only" in one["why"]["en"]


def test_a_file_that_is_not_executed_or_about_nothing_known_is_looked_up_as_far_as_that_goes(
    world: Company, heli: Heli, tmp_path: Path
) -> None:
    script = FOUND.replace('<endEvent id="e"/>', '<endEvent id="e"/><scriptTask id="run"/>')
    said = heli("flow", "check", written(tmp_path, script))
    assert not any(looked(said).values()), "nothing of it is looked up before it can be executed"
    assert "run" in said["lookups"][0]["why"]["en"] or "first" in said["lookups"][0]["why"]["en"]
    said = heli("flow", "check", written(tmp_path, LOST.replace('type="opportunity"', 'type="spaceship"')))
    assert {one["code"] for one in said["problems"]} >= {"type", "position", "person", "process"}, said["problems"]
    assert looked(said)["fields"] is False and looked(said)["positions"] is True


NOTED = process(
    task("boss", "manager", show="name"), task("head", "position nobody_yet", show="name amount"), task("pick", "chosen", show="name amount"),
    "s>boss", "boss>head", "head>x1", "x1>pick", "x1>e if record.amount > 9", "pick>e",
)  # fmt: skip


def test_what_the_designer_warns_of_is_told_too_and_what_of_it_could_not_be_looked_up(
    world: Company, heli: Heli, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    positions.create_position(SETUP, "nobody_yet", code="nobody_yet")
    file = written(tmp_path, NOTED)
    said = heli("flow", "check", file)
    assert (heli.status, said["problems"]) == (0, [])
    drawn = signed_in("pam").send("POST", "/flows/check", {"source": NOTED}).body["concerns"]
    assert said["concerns"] == drawn and {(one["place"], one["code"]) for one in drawn} >= {
        ("boss", "blind"), ("boss", "corner"), ("head", "nobody_now"), ("deal", "ways"),
    }, "the same, from one place"  # fmt: skip
    by = {one["what"]: one for one in said["lookups"]}
    assert all(by[one]["looked_up"] for one in ("shown", "corners", "ceilings"))
    assert (by["later"]["names"], by["later"]["looked_up"]) == (["pick"], False), "whom somebody chooses later"

    said = heli("flow", "check", file, "--file-only")
    assert {one["code"] for one in said["concerns"]} == {"blind", "ways"}, "what no company is needed for"
    by = {one["what"]: one for one in said["lookups"]}
    assert by["shown"]["looked_up"] and not by["corners"]["looked_up"] and not by["ceilings"]["looked_up"]
    assert heli("flow", "check", written(tmp_path, LOST))["concerns"] == [], "what is wrong comes first"

    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    args = cli.parser(cli.modules("flow")).parse_args(["flow", "check", written(tmp_path, NOTED)])
    cli.modules("flow")["flow"].run(args)
    text = capsys.readouterr().out
    assert "另有 4 处提醒" in text and "head: 现在按规则找不到任何人" in text and "分支条件用到了金额" in text
    assert "未核对：到办理时才知道是谁的步骤（pick）" in text


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The embedded database of another home, in which nothing is yet."""
    if connection.vendor != "sqlite":
        pytest.skip("only the embedded database lies in a home: a server's is named by its address")
    file = tmp_path / "home" / "heli.sqlite3"
    monkeypatch.setitem(connection.settings_dict, "NAME", str(file))
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", str(file))
    return file


def test_where_there_is_no_company_it_says_so_and_makes_none(
    db: None, heli: Heli, tmp_path: Path, elsewhere: Path
) -> None:
    said = heli("flow", "check", written(tmp_path, LOST))
    assert {one["code"] for one in said["problems"]} == {"field"}
    why = {one["what"]: one["why"] for one in said["lookups"]}["positions"]
    assert str(elsewhere) in why["zh"] and "HELI_HOME" in why["en"]
    assert not elsewhere.exists(), "a check makes no database"


def test_the_text_says_it_too(
    world: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(*arguments: str) -> str:
        args = cli.parser(cli.modules("flow")).parse_args(["flow", "check", *arguments])
        cli.modules("flow")["flow"].run(args)
        return capsys.readouterr().out

    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    said = told(written(tmp_path, LOST))
    assert "由岗位“nobody_has_this”处理，没有这个岗位" in said
    assert "已核对（程序自带）：" in said and "已核对（公司数据" in said
    said = told(written(tmp_path, LOST), "--file-only")
    assert (
        "未核对：岗位（finance、nobody_has_this）、部门（atlantis）、人员（ghost）、角色（没有用到）" in said
        and "--file-only" in said
    )
    monkeypatch.setenv("LC_ALL", "C")
    assert "not looked up: positions (finance, nobody_has_this)" in told(written(tmp_path, LOST), "--file-only")


def test_a_database_that_is_none_or_older_is_told_and_the_file_is_checked(tmp_path: Path, installed: Any) -> None:
    import json
    import os
    import subprocess
    import sys

    home = tmp_path / "other"
    home.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    def check() -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "heli", "flow", "check", written(tmp_path, LOST), "--json"],
            env=environment | {"HELI_HOME": str(home)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        return {one["what"]: one["why"] for one in json.loads(done.stdout)["lookups"]}["positions"]

    (home / "heli.sqlite3").write_bytes(b"this is no database" * 100)
    assert "not a database" in check()["en"]
    (home / "heli.sqlite3").unlink()
    sqlite3.connect(home / "heli.sqlite3").close()
    with sqlite3.connect(home / "heli.sqlite3") as empty:
        empty.execute("CREATE TABLE x (y)")
    assert "heli migrate" in check()["zh"]
