"""`heli flow`: files checked, processes played in memory by a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli import Heli
from tests.flows import drawn
from tests.unit.test_flows import TIMED

PARALLEL = "s>u0 u0>p1 p1>u1 p1>u2 u1>p2 u2>p2 p2>u4 u4>e"
SCRIPT = """
initiator: wang
start: 2026-11-27T09:00:00+08:00
people: {u0: [wang], u1: [li, zhao], u2: [sun], u4: [chen]}
moves:
  - approve: u0
    by: wang
  - approve: u2
    by: sun
  - transfer: u1
    by: li
    to: qian
  - approve: u1
    by: qian
  - reject: u4
    by: chen
    to: u1
  - wait: P1D
  - approve: u1
    by: zhao
  - approve: u4
    by: chen
"""


@pytest.fixture
def heli(capsys: pytest.CaptureFixture[str]) -> Heli:
    return Heli(capsys)


def test_a_good_file_is_said_to_be_good_and_a_bad_one_why(heli: Heli, tmp_path: Path) -> None:
    good = tmp_path / "good.bpmn"
    good.write_bytes(drawn("s>u1 u1>e").replace(b"<heli:people", b'<heli:assignee rule="initiator"/><heli:people'))
    said = heli("flow", "check", str(good))
    assert (heli.status, said["executable"], said["problems"]) == (0, True, [])
    assert {one["element"] for one in said["elements"]} == {"startEvent", "userTask", "endEvent"}
    bad = tmp_path / "bad.bpmn"
    bad.write_bytes(drawn("s>x1 x1>u1 x1>u2 u1>p2 u2>p2 p2>e"))
    said = heli("flow", "check", str(bad))
    assert heli.status == 1
    assert [(one["place"], one["code"]) for one in said["problems"]] == [
        ("p2", "waits_for_ever"),
        ("u1", "nobody"),
        ("u2", "nobody"),
    ]


def test_a_process_is_played_to_its_end(heli: Heli, tmp_path: Path) -> None:
    file, moves = tmp_path / "p.bpmn", tmp_path / "moves.yaml"
    file.write_bytes(drawn(PARALLEL))
    moves.write_text(SCRIPT, "utf-8")
    said = heli("flow", "run", str(file), "--script", str(moves))
    assert heli.status == 0, said
    assert said["ended"] == "completed" and said["tokens"] == []
    done = [(one["node"], one["outcome"], one["round"]) for one in said["log"] if one["what"] == "done"]
    assert done == [
        ("u0", "approved", 1), ("u2", "approved", 1), ("u1", "approved", 1), ("u4", "rejected", 1), ("u1", "approved", 2), ("u4", "approved", 2),
    ]  # fmt: skip
    assert said["log"][-1]["at"].startswith("2026-11-28T09:00")


def test_a_move_that_is_refused_names_its_place_and_what_had_been_played_is_told(heli: Heli, tmp_path: Path) -> None:
    file, moves = tmp_path / "p.bpmn", tmp_path / "moves.yaml"
    file.write_bytes(drawn(PARALLEL))
    moves.write_text(SCRIPT.replace("by: sun", "by: li"), "utf-8")
    said = heli("flow", "run", str(file), "--script", str(moves))
    assert heli.status == 1
    assert said["stopped"]["problems"][0]["place"] == "moves/1"
    assert sorted(one["node"] for one in said["tokens"]) == ["u1", "u2"]


def test_time_passes_only_when_told(heli: Heli, tmp_path: Path) -> None:
    file, moves = tmp_path / "p.bpmn", tmp_path / "moves.yaml"
    file.write_bytes(drawn("s>u1 u1>e", more=TIMED.format(cancel="true")))
    moves.write_text(
        "initiator: wang\npeople: {u1: [li]}\nmoves:\n  - wait: P2D\n  - wait: P2D\n  - done: tell\n", "utf-8"
    )
    said = heli("flow", "run", str(file), "--script", str(moves))
    assert said["ended"] == "completed", said
    overdue = next(one for one in said["log"] if one.get("outcome") == "overdue")
    assert overdue["at"].startswith("2026-01-08T09:00")


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("[1]", "script"), ("initiator: 3", "initiator"), ("initiator: w\nmoves: 3", "moves"), ("initiator: w\nmoves: [{fly: u1}]", "moves/0"),
        ("initiator: w\nmoves: [{approve: u1}]", "moves/0/by"), ("initiator: w\nmoves: [{wait: soon}]", "moves/0/wait"),
        ("initiator: w\nnonsense: 1", "nonsense"), ("initiator: w\npeople: {u1: li}", "people/u1"), ("initiator: w\nstart: never", "start"),
        ("initiator: w\nmoves: [{approve: u1, by: w, at: 3}]", "moves/0/at"), ("initiator: w\nvalues: {a: {b: 1}}", "values/a"),
    ],
)  # fmt: skip
def test_a_wrong_script_names_each_place(heli: Heli, tmp_path: Path, script: str, place: str) -> None:
    file, moves = tmp_path / "p.bpmn", tmp_path / "moves.yaml"
    file.write_bytes(drawn("s>u1 u1>e"))
    moves.write_text(script, "utf-8")
    said = heli("flow", "run", str(file), "--script", str(moves))
    assert said["error"]["problems"][0]["place"] == place, said


def test_files_that_are_not_there_or_not_text_are_told(heli: Heli, tmp_path: Path) -> None:
    file, moves = tmp_path / "p.bpmn", tmp_path / "moves.yaml"
    assert heli("flow", "check", str(file))["error"]["problems"][0]["code"] == "unreadable"
    file.write_bytes(drawn("s>u1 u1>e"))
    moves.write_bytes(b"\xff\xfe")
    assert heli("flow", "run", str(file), "--script", str(moves))["error"]["problems"][0]["code"] == "encoding"
    moves.write_text("a: *b", "utf-8")
    assert "error" in heli("flow", "run", str(file), "--script", str(moves))
    file.write_bytes(drawn("s>x1 x1>u1 x1>u2 u1>p2 u2>p2 p2>e"))
    assert heli("flow", "run", str(file), "--script", str(moves))["error"]["problems"][0]["code"] == "waits_for_ever"
