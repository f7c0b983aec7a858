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
    said = heli("flow", "check", str(good), "--file-only")
    assert (heli.status, said["executable"], said["problems"]) == (0, True, [])
    assert {one["element"] for one in said["elements"]} == {"startEvent", "userTask", "endEvent"}
    bad = tmp_path / "bad.bpmn"
    bad.write_bytes(drawn("s>x1 x1>u1 x1>u2 u1>p2 u2>p2 p2>e", conditions={"x1>u2": "data.big"}))
    said = heli("flow", "check", str(bad), "--file-only")
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
    ("script", "at", "place"),
    [
        ("[1]", "1:1", "script"), ("initiator: 3", "1:12", "initiator"), ("initiator: w\nmoves: 3", "2:8", "moves"),
        ("initiator: w\nmoves: [{fly: u1}]", "2:9", "moves/0"), ("initiator: w\nmoves:\n  - wait: P1D\n  - approve: u1", "4:5", "moves/1/by"),
        ("initiator: w\nmoves: [{wait: soon}]", "2:16", "moves/0/wait"), ("initiator: w\nnonsense: 1", "2:11", "nonsense"),
        ("initiator: w\npeople: {u1: li}", "2:14", "people/u1"), ("initiator: w\nstart: never", "2:8", "start"),
        ("initiator: w\nmoves: [{approve: u1, by: w, at: 3}]", "2:34", "moves/0/at"), ("initiator: w\nvalues: {a: {b: 1}}", "2:13", "values/a"),
        ("people: {}", "1:1", "initiator"), ("initiator: w\nvalues: {a/b: {b: 1}}", "2:15", "values/a/b"),
    ],
)  # fmt: skip
def test_a_wrong_script_names_each_place(heli: Heli, tmp_path: Path, script: str, at: str, place: str) -> None:
    file, moves = tmp_path / "p.bpmn", tmp_path / "moves.yaml"
    file.write_bytes(drawn("s>u1 u1>e"))
    moves.write_text(script, "utf-8")
    first = heli("flow", "run", str(file), "--script", str(moves))["error"]["problems"][0]
    assert first["place"] == f"{moves}:{at}", first
    assert place == "script" or first["message"]["zh"].startswith(f"{place}："), first
    assert place == "script" or first["message"]["en"].startswith(f"{place}: "), first


@pytest.mark.parametrize("text", ["", "# nothing\n", "a: *b", "a: [1\nb: 2", "a: 1\na: 2", "x" * 1_000_001])
def test_a_script_that_is_no_yaml_is_called_a_script_by_its_name(heli: Heli, tmp_path: Path, text: str) -> None:
    file, moves = tmp_path / "p.bpmn", tmp_path / "moves.yaml"
    file.write_bytes(drawn("s>u1 u1>e"))
    moves.write_text(text, "utf-8")
    error = heli("flow", "run", str(file), "--script", str(moves))["error"]
    assert error["problems"][0]["place"].startswith(f"{moves}:"), error
    said = error["message"]["zh"] + error["message"]["en"]
    assert "方案" not in said and "profile" not in said, "an import's profile is another thing"
    if text in ("", "# nothing\n"):
        assert "脚本" in error["message"]["zh"] and "initiator" in error["message"]["en"], "it says what to write"


def test_a_file_that_cannot_be_read_is_named_with_its_line(heli: Heli, tmp_path: Path) -> None:
    file, moves = tmp_path / "bad.bpmn", tmp_path / "moves.yaml"
    moves.write_text(SCRIPT, "utf-8")
    for text, place in (
        ("<a>\n  <b></a>", f"{file}:2:10"), ("no xml", str(file)), ("<html/>", str(file)), ("", str(file)),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x/>', str(file)),
    ):  # fmt: skip
        file.write_text(text, "utf-8")
        for arguments in (("check", str(file)), ("run", str(file), "--script", str(moves))):
            error = heli("flow", *arguments)["error"]
            assert error["problems"][0]["place"] == place, error
            assert error["message"]["zh"].startswith(place) and error["message"]["en"].startswith(place)
    with file.open("wb") as big:
        big.truncate(60 * 1024 * 1024)
    error = heli("flow", "check", str(file))["error"]
    assert error["code"] == "too_large" and str(file) in error["message"]["zh"], error
    assert "60.0 MB" in error["message"]["en"] and "5 MB" in error["message"]["en"], "its size, and what is allowed"
    file.write_bytes(drawn("s>u1 u1>e"))
    error = heli("flow", "check", str(file), "--process", "q")["error"]
    assert "“p”" in error["message"]["zh"], "the processes that there are"


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


WIDE = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:heli="urn:heli:flow">
<message id="m1" name="paid"/><process id="wide" name="Wide">
<startEvent id="s"/><sequenceFlow id="f1" sourceRef="s" targetRef="rule"/>
<businessRuleTask id="rule"><extensionElements><heli:decision hit="F"><heli:input value="data.amount"/><heli:output name="level"/>
<heli:rule><heli:when>[100..200), 7</heli:when><heli:then>'mid'</heli:then></heli:rule>
<heli:rule><heli:when>not(&gt; 0)</heli:when><heli:then>'none'</heli:then></heli:rule>
<heli:rule><heli:when>-</heli:when><heli:then>if(data.amount &gt; 1000, 'high', 'low')</heli:then></heli:rule></heli:decision></extensionElements>
</businessRuleTask>
<sequenceFlow id="f2" sourceRef="rule" targetRef="sub"/>
<subProcess id="sub"><startEvent id="in"/><sequenceFlow id="g1" sourceRef="in" targetRef="each"/>
<userTask id="each"><extensionElements><heli:assignee rule="initiator"/></extensionElements><multiInstanceLoopCharacteristics><extensionElements>
<heli:each in="['a', 'b']"/></extensionElements></multiInstanceLoopCharacteristics></userTask>
<sequenceFlow id="g2" sourceRef="each" targetRef="out"/><endEvent id="out"/></subProcess>
<boundaryEvent id="late" attachedToRef="sub"><timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition></boundaryEvent>
<sequenceFlow id="f3" sourceRef="sub" targetRef="call"/><callActivity id="call" calledElement="other"/>
<sequenceFlow id="f4" sourceRef="call" targetRef="wait"/>
<intermediateCatchEvent id="wait"><messageEventDefinition messageRef="m1"/></intermediateCatchEvent>
<sequenceFlow id="f5" sourceRef="wait" targetRef="e"/><endEvent id="e"/>
<sequenceFlow id="f6" sourceRef="late" targetRef="stop"/><endEvent id="stop"/></process></definitions>"""


@pytest.mark.parametrize(
    ("amount", "moves", "level", "ended"),
    [
        ("150", ["approve: each\n    by: li", "approve: each\n    by: li", "ended: call", "message: paid"], "mid", "completed"),
        ("7", ["wait: P3D"], "mid", "completed"), ("0", ["approve: each\n    by: li", "approve: each\n    by: li"], "none", None),
        ("5000", ["approve: each\n    by: li", "approve: each\n    by: li", "ended: call\n    code: rejected"], "high", "rejected"),
    ],
)  # fmt: skip
def test_what_waits_for_more_than_people_is_played(
    heli: Heli, tmp_path: Path, amount: str, moves: list[str], level: str, ended: str | None
) -> None:
    file, script = tmp_path / "wide.bpmn", tmp_path / "moves.yaml"
    file.write_text(WIDE, "utf-8")
    listed = "".join(f"  - {one}\n" for one in moves)
    script.write_text(
        f"initiator: wang\nvalues: {{data.amount: {amount}}}\npeople: {{each: [li]}}\nmoves:\n{listed}", "utf-8"
    )
    assert heli("flow", "check", str(file), "--file-only")["problems"] == []
    said = heli("flow", "run", str(file), "--script", str(script))
    assert (heli.status, said["ended"], said["data"]["level"]) == (0, ended, level), said
    if ended is not None:
        assert said["work"] == [] == said["tokens"]


def test_enough_of_several_end_the_others(heli: Heli, tmp_path: Path) -> None:
    file, script = tmp_path / "some.bpmn", tmp_path / "moves.yaml"
    until = "<completionCondition>nrOfCompletedInstances &gt;= 2 or 'b' in data.got</completionCondition></multi"
    some = WIDE.replace("</multi", until).replace("<heli:assignee", '<heli:take name="got" from="item"/><heli:assignee')
    file.write_text(some.replace("['a', 'b']", "['b', 'c', 'd', 'e']"), "utf-8")
    script.write_text(
        "initiator: wang\nvalues: {data.amount: 5}\npeople: {each: [li]}\nmoves: [{approve: each, by: li}]", "utf-8"
    )
    checked = heli("flow", "check", str(file), "--file-only")
    assert checked["problems"] == [] and all(one["executed"] for one in checked["elements"])
    said = heli("flow", "run", str(file), "--script", str(script))
    assert heli.status == 0, said
    assert [one["node"] for one in said["tokens"]] == ["call"] and said["work"] == []
    assert [one["outcome"] for one in said["log"] if one["what"] == "done" and one["node"] == "each"][-1] == "enough"
    assert sum(one.get("code") == "enough" for one in said["log"]) == 3
