"""Processes without a database: files that are read, definitions that are refused, approvals played to their end."""

from __future__ import annotations

import datetime as dt
import os
import re
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from tests.flows import TODAY, Play, compiled, drawn

from heli.flows.core import bpmn, events, people, soundness
from heli.flows.core.definition import named
from heli.flows.core.expression import ExpressionError, Value, parse
from heli.flows.core.graph import Graph
from heli.flows.core.state import Ended
from heli.kernel.errors import Conflict, HeliError, NotFound, Refused

CONTRACT = "s>u0 u0>p1 p1>u1 p1>u2 u1>u3 u3>p2 u2>p2 p2>u4 u4>v1 v1>e"
"""Draft, then legal (two steps) beside finance, the manager, the archive."""


# -- expressions -------------------------------------------------------------------------------------------------------

VALUES: dict[str, Value] = {
    "amount": Decimal("500000"), "record.stage": "won", "客户.等级": "A", "nothing": None, "due": dt.date(2026, 11, 1), "tags": ("a", "b"),
    "signed": True, "at": dt.datetime(2026, 11, 1, 9, tzinfo=dt.UTC),
}  # fmt: skip


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("amount > 400000 and record.stage in ['won', 'lost']", True), ("客户.等级 == 'A' or 1 / 0 == 1", True), ("not signed", False),
        ("-amount * 2 + 1", Decimal("-999999")), ("nothing > 3", False), ("nothing = null", True), ("nothing + 1", None),
        ("days(due, today())", Decimal(26)), ("due + 30 < today()", False), ("date('2026-11-27') = today()", True), ("at > due", False),
        ("if(amount >= 500000, '总经理', '经理')", "总经理"), ("round(10 / 3, 2)", Decimal("3.33")), ("'a' in tags and 'c' not in tags", True),
        ("sum(1, 2, nothing)", Decimal(3)), ("max([3, 7, amount])", Decimal(500000)), ("empty(nothing) and not empty('x')", True),
        ("weekday(date('2026-11-27'))", Decimal(5)), ("'it\\'s' + \"!\"", "it's!"), ("signed = 1", False),
    ],
)  # fmt: skip
def test_an_expression_has_its_value(source: str, value: Value) -> None:
    assert parse(source).value(VALUES.__getitem__, TODAY) == value


@pytest.mark.parametrize(
    "source",
    [
        "", "amount >", "(((", "a..b", "foo(1)", "__import__('os')", "days(1)", "1 2", "amount 'x'", "'open", "[1, 2", "a[0]", "lambda: 1", "x := 1",
        "(" * 60 + "1" + ")" * 60, "not " * 60 + "true", "+".join(["1"] * 400), "9" * 3000, "a and", "in b", "!a", "{}", "`x`",
    ],
)  # fmt: skip
def test_what_is_no_expression_is_refused_at_its_place(source: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse(source)
    assert 0 <= caught.value.at <= len(source) and caught.value.words.zh != caught.value.words.en


@pytest.mark.parametrize(
    "source",
    [
        "1 / 0", "amount + 'a'", "amount > 'a'", "nosuch", "amount.__class__", "1 and 2", "not 3", "signed > signed", "1 in 2", "date('soon')",
        "9999999999999999999999999999 * 9999999999999999999999999999 * 9999999999999999999999999999", "round(1, 99)", "due + 0.5", "due + 9999999",
        "at > date('2026-01-01') and at > moment",
    ],
)  # fmt: skip
def test_what_has_no_value_is_an_error_and_nothing_else(source: str) -> None:
    with pytest.raises(ExpressionError):
        parse(source).value(VALUES.__getitem__, TODAY)


def test_an_expression_stops_within_its_steps() -> None:
    with pytest.raises(ExpressionError, match="longer"):
        parse("+".join(["a"] * 150)).value({"a": "x" * 500}.__getitem__, TODAY)
    assert parse("a = b").names == {"a", "b"}


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (b"", "xml"), (b"<a", "xml"), (b"<a/>", "no_bpmn"), (b"\xff\xfe\x00<", "xml"), (b"<a>" * 3000, "xml"),
        (b'<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a>&z;</a>', "doctype"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "doctype"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "no_process"),
    ],
)  # fmt: skip
def test_hostile_and_broken_files_are_refused(source: bytes, code: str) -> None:
    with pytest.raises(HeliError) as caught:
        bpmn.read(source)
    assert caught.value.problems[0].code == code


BOMB = (
    b'<!DOCTYPE a [<!ENTITY x0 "lol">'
    + b"".join(b'<!ENTITY x%d "%s">' % (n + 1, b"&x%d;" % n * 10) for n in range(9))
    + b"]><a>&x9;</a>"
)


@pytest.mark.parametrize(
    ("source", "place", "what", "then"),
    [
        (b"", "file", "空的", "另选"), (b" \n", "file", "空的", "另选"), (b"Dear all,", "file", "不是 XML", "导出为 BPMN 2.0 XML"),
        (b"PK\x03\x04....", "file", "压缩包或 Office、Visio", "导出为 BPMN 2.0 XML"), (b"%PDF-1.7", "file", "PDF", "导出为 BPMN 2.0 XML"),
        (b'{"id": 1}', "file", "JSON", "导出为 BPMN 2.0 XML"), (b"<svg/>", "file", "图片（SVG）", "导出为 BPMN 2.0 XML"),
        (b"<mxfile/>", "file", "draw.io", "导出为 BPMN 2.0 XML"), (b"<log/>", "file", "流程日志", "外部日志"),
        (b'<definitions xmlns="urn:dmn"/>', "file", "最外层的元素是 definitions", "导出为 BPMN 2.0 XML"),
        (b"<a>\n <b></a>", "2:9", "第 2 行的 <b> 没有结束，就写了 </a>", "先改正这一处"), (b"<a><b>", "1:7", "不完整", "重新下载或导出"),
        (b"<a>" * 300 + b"</a>" * 300, "1:771", "超过 256 层", "重新导出"), (BOMB, "file", "DOCTYPE 或实体", "删去以 <!DOCTYPE"),
        (b"<a>&nbsp;</a>", "1:10", "没有声明的实体“&nbsp;”", "&#160;"),
        ('<?xml version="1.0" encoding="UTF-8"?><a>中文</a>'.encode("gb18030"), "1:42", "编码不符", "另存为 UTF-8"),
        (b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>', "file", "没有流程", "请选画了流程的文件"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_says_what_it_is_and_what_to_do(source: bytes, place: str, what: str, then: str) -> None:
    with pytest.raises(HeliError) as caught:
        bpmn.read(source)
    (problem,) = caught.value.problems
    assert problem.place == place and what in problem.words.zh and then in problem.words.zh, problem
    assert len(problem.words.en) > 40, "and so in English"


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (b"<a b", "属性“b”没有写值"), (b'<a b="x & y"/>', "&amp;"), (b"<a>x & y</a>", "&amp;"), (b'<a b="<"/>', "&lt;"),
        (b'<a b="1" b="2"/>', "“b”写了两次"),
        (b"<a/><b/>", "结束之后还有"), (b"<1/>", "&lt;"), (b"<a>\x01</a>", "控制字符"), (b"<a>&#1;</a>", "控制字符"),
        (b"<p:a/>", "前缀“p”"), (b"<a b=1/>", "引号"),
        (b"<a><!-- x -- y --></a>", "注释"), (b"<a/><?xml version='1.0'?>", "最前面"), (b'<a b="1"c="2"/>', "空格"),
        (b"<a><![CDATA[x</a>", "CDATA"), (b"<a></a", "“>”"),
        (b"<!DOCTYPE html><html><br></html>", "网页"), (b"<html><body><p>x<br></body></html>", "网页"), (b"\x89PNG\r\n\x1a\n", "图片"),
        ("\ufffdPNG\r\n".encode(), "图片"), ("\ufffd\ufffd\ufffd\ufffd\0JFIF".encode(), "图片"), (b"GIF89a", "图片"), (b"\xd0\xcf\x11\xe0", "Office"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_xml_is_said_in_our_own_words(source: bytes, what: str) -> None:
    with pytest.raises(HeliError) as caught:
        bpmn.read(source)
    (problem,) = caught.value.problems
    assert what in problem.words.zh and not re.search("[a-z]{4,} [a-z]+ ", problem.words.zh), (
        "none of another program's"
    )
    assert len(problem.words.en) > 40


def test_a_file_that_is_too_large_says_how_large_it_is_and_how_large_it_may_be() -> None:
    with pytest.raises(HeliError) as caught:
        bpmn.read(b"<" * (50 * 1024 * 1024))
    assert caught.value.code == "too_large"
    assert (
        "50.0 MB" in caught.value.words.zh
        and "最多读 5 MB" in caught.value.words.zh
        and "删去" in caught.value.words.zh
    )


def test_a_file_beyond_its_size_is_refused() -> None:
    with pytest.raises(HeliError) as caught:
        bpmn.read(b"<a>" + b" " * bpmn.LARGEST + b"</a>")
    assert caught.value.status == 413


def test_what_is_not_executed_is_said_by_name_and_kept() -> None:
    more = (
        '<subProcess id="sub" name="Inside" triggeredByEvent="true"/><scriptTask id="code"><script>rm</script></scriptTask><transaction id="t"/>'
        '<dataObject id="d"/><x:thing xmlns:x="urn:x" x:y="1"><!-- kept --></x:thing>'
        '<boundaryEvent id="b" attachedToRef="u1"><escalationEventDefinition/></boundaryEvent>'
    )
    source = drawn("s>u1 u1>e", more=more)
    found = bpmn.read(source)
    assert found.definition is None
    assert {one.id: one.executed for one in found.elements} == {
        "s": True, "u1": True, "e": True, "sub": False, "code": False, "t": False, "b": False,
    }  # fmt: skip
    assert all(one.why for one in found.elements if not one.executed)
    assert found.write() == source


TIMER = (
    '<boundaryEvent id="b" attachedToRef="{}"><timerEventDefinition><timeDuration>{}</timeDuration></timerEventDefinition>'
    "</boundaryEvent>"
)


@pytest.mark.parametrize(
    ("edges", "more", "code"),
    [
        ("u1>e", "", "start"), ("s>u1 u1>e", '<startEvent id="s2"/>', "start"),
        ("s>u1 u1>e", '<sequenceFlow id="f9" sourceRef="u1" targetRef="gone"/>', "loose"), ("s>u1 u1>e", '<userTask id="u1"/>', "double"),
        ("s>u1 u1>e", "<userTask/>", "no_id"), ("s>x1 x1>u1 x1>u2 u1>e u2>e", "", "condition"),
        ("s>u1 u1>e", TIMER.format("u1", "soon"), "timer"),
        ("s>u1 u1>e", TIMER.format("e", "P1D"), "host"),
        ("s>u1 u1>e", '<userTask id="u9"><extensionElements><heli:moves allow="fly"/></extensionElements></userTask>', "unknown"),
        ("s>u1 u1>e", '<userTask id="u9"><extensionElements><heli:people mode="vote" share="3/2"/></extensionElements></userTask>', "share"),
        ("s>u1 u1>e", '<userTask id="u9"><extensionElements><heli:people mode="crowd"/></extensionElements></userTask>', "unknown"),
    ],
)  # fmt: skip
def test_a_mistake_in_a_definition_names_its_place(edges: str, more: str, code: str) -> None:
    found = bpmn.read(drawn(edges, more=more, conditions={"x1>u2": "amount >"}))
    assert code in {one.code for one in found.problems}
    assert found.definition is None


def test_a_name_in_one_language_serves_both() -> None:
    told = [named(text) for text in ("法务 / Legal check", "Legal check", " / Legal check")]
    assert [(one.zh, one.en) for one in told] == [
        ("法务", "Legal check"),
        ("Legal check", "Legal check"),
        ("Legal check", "Legal check"),
    ]


def test_foreign_files_come_back_as_they_were() -> None:
    folder = os.environ.get("HELI_DATA")
    files = sorted(Path(folder, "flows").rglob("*.bpmn*")) if folder else []
    if not files:
        pytest.skip("HELI_DATA names no foreign processes")
    for path in files:
        source = path.read_bytes()
        found = bpmn.read(source)
        assert found.write() == source, path.name
        assert found.elements, path.name


# -- soundness ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edges", "codes"),
    [
        ("s>u1 u1>e", []), (CONTRACT, []), ("s>x1 x1>u1 u1>x2 x2>x1 x2>e", []), ("s>p1 p1>u1 p1>u2 u1>e u2>e2", []),
        ("s>o1 o1>u1 o1>u2 u1>o2 u2>o2 o2>e", []), ("s>x1 x1>u1 x1>u2 u1>p2 u2>p2 p2>e", ["waits_for_ever"]),
        ("s>p1 p1>u1 p1>u2 u1>x2 u2>x2 x2>u3 u3>e", ["twice"]), ("s>x1 x1>v1 v1>x2 x2>x1 x2>e", ["endless"]),
        ("s>u1 u1>u2", ["no_end"]), ("s>u1 u1>e u5>e", ["unreachable"]), ("s>p1 p1>u1 p1>u2 u1>e u2>u3", ["stuck"]),
        ("s>u1 u1>e e>u1", ["end_goes_on"]), ("s>p1 p1>u1 p1>x1 x1>u2 x1>u1 u1>p2 u2>p2 p2>e", ["twice"]),
    ],
)  # fmt: skip
def test_what_cannot_always_end_is_refused_by_name(edges: str, codes: list[str]) -> None:
    assert [one.code for one in soundness.check(compiled(drawn(edges)))] == codes


@pytest.mark.parametrize("more", ['<sequenceFlow id="f0" sourceRef="s" targetRef="u1"/>', '<manualTask id="f0"/>'])
def test_an_id_names_one_thing_also_where_it_is_a_flow(more: str) -> None:
    problems = soundness.check(compiled(drawn("s>u1 u1>e", more=more)))
    assert ("f0", "double") in {(one.place, one.code) for one in problems}


def test_many_branches_are_checked_at_once() -> None:
    wide = " ".join(f"p1>u{n} u{n}>v{n} v{n}>p2" for n in range(60))
    assert soundness.check(compiled(drawn(f"s>p1 {wide} p2>e"))) == []


def test_a_node_without_people_is_told() -> None:
    more = (
        '<userTask id="u2"><extensionElements><heli:assignee rule="king"/><heli:assignee rule="manager" levels="9" at="x"/>'
        "</extensionElements></userTask>"
    )
    found = people.check(compiled(drawn("s>u1 u1>e", more=more)))
    assert [(one.place, one.code) for one in found] == [
        ("u1", "nobody"),
        ("u2", "rule"),
        ("u2", "value"),
        ("u2", "unknown"),
    ]


def test_a_copy_that_does_not_say_whom_it_tells_is_told_as_a_step_is() -> None:
    def tell(rule: str) -> str:
        return f'<sendTask id="tell"><extensionElements><heli:assignee {rule}/></extensionElements></sendTask>'

    for rule, code in (('rule="position"', "missing"), ('rule="king"', "rule"), ('rule="manager" levels="9"', "value")):
        found = people.check(compiled(drawn("s>u1 u1>e", more=tell(rule))))
        assert ("tell", code) in [(one.place, one.code) for one in found], rule


# -- approvals ---------------------------------------------------------------------------------------------------------


def test_branches_go_on_by_themselves_and_join() -> None:
    play = Play(compiled(drawn(CONTRACT)))
    play.approve("u0")
    assert play.where() == ["u1", "u2"]
    play.approve("u2")
    play.approve("u1")
    assert play.where() == ["p2", "u3"]
    play.approve("u3")
    play.approve("u4")
    job = next(iter(play.state.tokens.values()))
    play.send(events.JobDone(job.id, job.round))
    assert play.state.ended is Ended.COMPLETED


def until_manager(**how: str) -> Play:
    play = Play(compiled(drawn(CONTRACT, **how)))  # type: ignore[arg-type]  # the keywords are strings
    for node in ("u0", "u1", "u2", "u3"):
        play.approve(node)
    assert play.where() == ["u4"]
    return play


def test_sending_back_into_one_branch_keeps_what_the_other_decided() -> None:
    play = until_manager()
    play.reject("u4", "u1")
    assert play.where() == ["p2", "u1"], "finance has decided: the join has it already"
    play.approve("u1")
    play.approve("u3")
    assert play.where() == ["u4"]


def test_sending_back_may_ask_the_other_branch_again() -> None:
    play = until_manager(siblings="redone")
    play.reject("u4", "u1")
    assert play.where() == ["u1", "u2"]


def test_what_was_sent_back_may_return_straight_to_who_sent_it() -> None:
    play = until_manager(resubmit="back")
    play.reject("u4", "u1")
    play.approve("u1")
    assert play.where() == ["u4"], "the second legal step had agreed"
    play.reject("u4", "u0")
    play.approve("u0")
    assert play.where() == ["u4"]


def test_sending_back_before_the_branches_ends_all_of_them() -> None:
    play = Play(compiled(drawn(CONTRACT)))
    play.approve("u0")
    play.approve("u2")
    told = play.reject("u1", "start")
    assert play.where() == ["u0"] and not play.open("u2")
    assert any(isinstance(one, events.Closed) and one.person == 1 for one in told)
    play.approve("u0")
    assert play.where() == ["p2", "u1"], "finance's word stands"


def test_only_passed_and_earlier_nodes_are_sent_back_to() -> None:
    play = Play(compiled(drawn(CONTRACT)))
    play.approve("u0")
    for wrong in ("u2", "u4", "u1", "nowhere"):
        with pytest.raises(Refused) as caught:
            play.reject("u1", wrong)
        assert caught.value.code == "target"
        assert caught.value.json()["why"] == {"earlier": ["u0"]}
    assert play.where() == ["u1", "u2"]


@pytest.mark.parametrize(
    ("mode", "moves", "where"),
    [
        ("any", [(True, 2)], ["u2"]), ("all", [(True, 1), (True, 2)], ["u1"]), ("all", [(True, 1), (True, 2), (True, 3)], ["u2"]),
        ("vote", [(True, 1), (True, 2)], ["u2"]), ("vote", [(False, 1), (True, 2), (True, 3)], ["u2"]), ("vote", [(False, 1), (False, 2)], []),
        ("sequence", [(True, 1), (True, 2), (True, 3)], ["u2"]), ("all", [(True, 1), (False, 2)], []),
    ],
)  # fmt: skip
def test_people_decide_together(mode: str, moves: list[tuple[bool, int]], where: list[str]) -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", mode=mode)), {"u1": (1, 2, 3), "u2": (4,)})
    for yes, person in moves:
        play.send(events.Decide(play.item("u1", person).id, person, yes))
    assert play.where() == where
    assert (play.state.ended is Ended.REJECTED) == (where == [])


def test_one_after_the_other_sees_it_in_turn() -> None:
    play = Play(compiled(drawn("s>u1 u1>e", mode="sequence")), {"u1": (1, 2)})
    assert [one.person for one in play.open()] == [1]
    play.approve("u1", 1)
    assert [one.person for one in play.open()] == [2]


def test_who_claims_has_it_alone() -> None:
    play = Play(compiled(drawn("s>u1 u1>e", mode="claim")), {"u1": (1, 2)})
    late = play.item("u1", 2).id
    play.send(events.Claim(play.item("u1", 1).id, 1))
    assert [one.person for one in play.open()] == [1]
    with pytest.raises(Conflict):
        play.send(events.Claim(late, 2))


def test_work_is_transferred_delegated_and_signed_by_more() -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", mode="all")), {"u1": (1, 2)})
    play.send(events.Transfer(play.item("u1", 1).id, 1, 3))
    assert sorted(one.person for one in play.open()) == [2, 3]
    play.send(events.Delegate(play.item("u1", 3).id, 3, 4))
    play.send(events.Decide(play.item("u1", 4).id, 4, False))
    assert play.where() == ["u1"], "a delegate only gives a view"
    play.send(events.AddSigner(play.item("u1", 3).id, 3, 5, "before"))
    assert sorted(one.person for one in play.open()) == [2, 5]
    play.approve("u1", 5)
    play.send(events.AddSigner(play.item("u1", 3).id, 3, 6, "after"))
    play.approve("u1", 3)
    with pytest.raises(Refused):  # who was asked by the node itself is asked
        play.send(events.RemoveSigner(play.item("u1", 6).id, 6, play.item("u1", 2).id))
    with pytest.raises(Refused):
        play.send(events.RemoveSigner(play.item("u1", 6).id, 6, play.item("u1", 6).id))
    play.send(events.AddSigner(play.item("u1", 6).id, 6, 7, "parallel"))
    play.send(events.RemoveSigner(play.item("u1", 2).id, 2, play.item("u1", 7).id))
    play.approve("u1", 2)
    play.approve("u1", 6)
    assert play.where() == ["u2"]


@pytest.mark.parametrize("mode", ["any", "claim"])
def test_who_is_asked_to_sign_too_does_not_sign_instead(mode: str) -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", mode=mode)), {"u1": (1, 2)})
    play.send(events.AddSigner(play.item("u1", 1).id, 1, 3, "parallel"))
    play.approve("u1", 3)
    assert play.where() == ["u1"], "one of those whom the step itself asks is still to decide"
    assert sorted(one.person for one in play.open()) == [1, 2]
    play.approve("u1", 2)
    assert play.where() == ["u2"]


def test_who_takes_over_a_piece_of_work_signs_for_it_and_for_what_they_were_asked_too() -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", mode="any")), {"u1": (1, 2)})
    play.send(events.AddSigner(play.item("u1", 1).id, 1, 3, "parallel"))
    play.send(events.Reassign(play.item("u1", 1).id, 3))
    play.approve("u1", 3)
    assert play.where() == ["u2"]


def test_who_is_asked_for_a_view_and_then_has_the_work_decides() -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", mode="any")), {"u1": (1,)})
    asker = play.item("u1", 1).id
    play.send(events.Delegate(asker, 1, 3))
    play.send(events.Reassign(asker, 3))
    while play.where() == ["u1"]:
        play.approve("u1", 3)
    assert play.where() == ["u2"]


def test_nobody_acts_for_others_or_beyond_what_the_node_allows() -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", moves="")), {"u1": (1,)})
    item = play.item("u1").id
    with pytest.raises(NotFound):
        play.send(events.Decide(item, 2))
    for move in (
        events.Transfer(item, 1, 2),
        events.Delegate(item, 1, 2),
        events.AddSigner(item, 1, 2, "after"),
        events.Decide(item, 1, False),
    ):
        with pytest.raises(Refused) as caught:
            play.send(move)
        assert caught.value.code == "move"


def test_what_nobody_has_acted_on_is_taken_back() -> None:
    play = Play(compiled(drawn(CONTRACT)))
    play.approve("u0")
    place = play.engine.definition.places["u0"]
    with pytest.raises(NotFound):
        play.send(events.TakeBack(place, 2))
    play.send(events.TakeBack(place, 1))
    assert play.where() == ["u0"]
    play.approve("u0")
    play.approve("u2")
    with pytest.raises(Conflict):
        play.send(events.TakeBack(place, 1))


def test_the_initiator_ends_it_and_nobody_else() -> None:
    play = Play(compiled(drawn(CONTRACT)))
    with pytest.raises(NotFound):
        play.send(events.Withdraw(1))
    play.send(events.Withdraw(9))
    assert play.state.ended is Ended.WITHDRAWN and not play.open()
    with pytest.raises(Conflict):
        play.send(events.Withdraw(9))


def test_nobody_found_is_an_incident_that_can_be_tried_again() -> None:
    people_found: dict[str, list[int]] = {"u1": []}
    play = Play(compiled(drawn("s>u1 u1>e")), people_found)
    assert list(play.state.halted.values()) == ["nobody"]
    people_found["u1"] = [1]
    play.send(events.Retry(next(iter(play.state.halted))))
    assert play.open("u1") and not play.state.halted


def test_an_answer_that_comes_too_late_changes_nothing() -> None:
    play = Play(compiled(drawn("s>u0 u0>p1 p1>v1 p1>u1 v1>p2 u1>p2 p2>e")))
    play.approve("u0")
    job = next(one for one in play.state.tokens.values() if play.name(one.node) == "v1")
    told = play.reject("u1", "u0")
    assert any(isinstance(one, events.Dropped) and one.token == job.id for one in told)
    before = play.state
    play.send(events.JobDone(job.id, job.round))
    assert play.state.tokens == before.tokens
    play.approve("u0")
    again = next(one for one in play.state.tokens.values() if play.name(one.node) == "v1")
    play.send(events.JobDone(again.id, job.round))
    assert again.round == 2 and "v1" in play.where()


TIMED = (
    '<boundaryEvent id="late" attachedToRef="u1" cancelActivity="{cancel}"><timerEventDefinition><timeDuration>P3D</timeDuration>'
    '</timerEventDefinition></boundaryEvent><sendTask id="tell"/><endEvent id="told"/>'
    '<sequenceFlow id="t1" sourceRef="late" targetRef="tell"/><sequenceFlow id="t2" sourceRef="tell" targetRef="told"/>'
)


@pytest.mark.parametrize(("cancel", "where"), [("true", ["tell"]), ("false", ["tell", "u1"])])
def test_a_timer_on_work_interrupts_it_or_runs_beside(cancel: str, where: list[str]) -> None:
    definition = compiled(drawn("s>u1 u1>e", more=TIMED.format(cancel=cancel)))
    assert soundness.check(definition) == []
    play = Play(definition)
    timer = next(one for one in play.log if isinstance(one, events.Timed))
    play.send(events.Due(timer.token, timer.node, timer.round))
    assert play.where() == where
    play.send(events.Due(timer.token, timer.node, timer.round))
    assert play.where() == where, "it is due once"


def test_a_timer_ends_with_the_work_it_stands_on() -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", more=TIMED.format(cancel="true"))))
    timer = next(one for one in play.log if isinstance(one, events.Timed))
    assert any(isinstance(one, events.Untimed) for one in play.approve("u1"))
    play.send(events.Due(timer.token, timer.node, timer.round))
    assert play.where() == ["u2"]


def test_conditions_choose_and_a_mistaken_one_is_an_incident() -> None:
    values: dict[str, Value] = {"amount": Decimal(10)}
    source = drawn("s>u1 u1>x1 x1>u2 x1>u3 u2>e u3>e", conditions={"x1>u3": "amount > 1000"})
    play = Play(compiled(source), look=values.__getitem__)
    play.approve("u1")
    assert play.where() == ["u2"]
    values["amount"] = "much"
    play = Play(compiled(source), look=values.__getitem__)
    play.approve("u1")
    assert list(play.state.halted.values()) == ["condition"]
    values["amount"] = Decimal(2000)
    play.send(events.Retry(next(iter(play.state.halted))))
    assert play.where() == ["u3"]


def test_what_goes_on_at_once_stands_in_the_files_order() -> None:
    """As it is drawn, from left to right, before what comes after all of it."""
    definition = compiled(drawn("s>u1 u1>p1 p1>u2 p1>u3 p1>u4 u2>p2 u3>p2 u4>p2 p2>u5 u5>e"))
    order = [definition.nodes[place].id for place in Graph(definition).order]
    assert [one for one in order if one[0] == "u"] == ["u1", "u2", "u3", "u4", "u5"]


@pytest.mark.parametrize(
    ("text", "share"), [("60%", "3/5"), ("60 ％", "3/5"), ("66.5%", "133/200"), ("120%", None), ("6%0", None)]
)
def test_a_share_is_written_as_people_write_it(text: str, share: str | None) -> None:
    source = drawn("s>u1 u1>e", mode="vote").replace(b'share="1/2"', f'share="{text}"'.encode())
    found = bpmn.read(source)
    if share is None:
        assert [one.code for one in found.problems] == ["share"]
    else:
        task = compiled(source).nodes[compiled(source).places["u1"]].task
        assert task is not None
        assert task.share == Fraction(share)


@pytest.mark.parametrize("mode", ["all", "sequence"])
def test_of_several_who_sign_one_takes_back_their_own_alone(mode: str) -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>e", mode=mode)), {"u1": (1, 2, 3), "u2": (4,)})
    place = play.engine.definition.places["u1"]
    for person in (1, 2, 3):
        play.approve("u1", person)
    assert play.where() == ["u2"]
    play.send(events.TakeBack(place, 2))
    assert [one.person for one in play.open()] == [2], "who signed beside them does not sign again"
    with pytest.raises(NotFound):
        play.send(events.TakeBack(place, 1))
    play.approve("u1", 2)
    assert play.where() == ["u2"]
    play.send(events.TakeBack(place, 1))
    assert [one.person for one in play.open()] == [1], "and all of them may, one after the other"
    play.approve("u1", 1)
    play.approve("u2", 4)
    assert play.state.ended == Ended.COMPLETED


def test_a_vote_that_is_taken_back_leaves_the_others_counted() -> None:
    source = drawn("s>u1 u1>u2 u2>e", mode="vote").replace(b'share="1/2"', b'share="2/3"')
    play = Play(compiled(source), {"u1": (1, 2, 3), "u2": (4,)})
    play.approve("u1", 1)
    play.approve("u1", 2)
    play.send(events.TakeBack(play.engine.definition.places["u1"], 1))
    assert sorted(one.person for one in play.open()) == [1, 3], "the third, whose vote was not needed, has it again"
    play.approve("u1", 3)
    assert play.where() == ["u2"], "two of three"


def test_what_was_signed_before_somebody_took_back_goes_with_a_way_back() -> None:
    play = Play(compiled(drawn("s>u1 u1>u2 u2>u3 u3>e", mode="all")), {"u1": (9,), "u2": (1, 2), "u3": (4,)})
    play.approve("u1", 9)
    play.approve("u2", 1)
    play.approve("u2", 2)
    play.send(events.TakeBack(play.engine.definition.places["u2"], 2))
    play.reject("u2", "u1", 2)
    play.approve("u1", 9)
    assert [one.person for one in play.open("u2")] == [1, 2], "both sign anew what was changed"
