"""What the checks of a process say: what is wrong, at which step, and what to do next, in both languages."""

from __future__ import annotations

import re
from types import ModuleType

import pytest
from tests.cases import process, task

from heli.flows import concerns, definitions, fit
from heli.flows.core import bpmn, handing, known, people, soundness
from heli.kernel.errors import Problem
from heli.kernel.words import Words

NEXT_ZH = re.compile("请")
NEXT_EN = re.compile(
    r"[:;.] (or )?(add|draw|give|make|take|leave|lead|let|choose|put|call|publish|say|write|use|change|name|join|split|follow|divide|show|know"
    r"|appoint|ask|do|in the file|of|move|keep|shorten|see|type|close|open|save|fill|download)\b|: {then}|\. {asked}Choose|, or (leave|take|in)"
    r"|: it says",
    re.IGNORECASE,
)
PARTS = {
    fit: {"HERE", "ON_THE_WAY", "REJECT_ALONE", "NO_MOVE", "ADD_ONE", "TOO_MANY", "TAKES"},
    handing: {"GIVES", "TAKES", "NOT_SO"},
    soundness: {"BEHIND", "UNNAMED", "QUOTED", "GATEWAY", "EVENT", "END", "STEP", "START"},
    known: set[str](),
    people: {"OF_PART"},
    concerns: {"WAYS", "ASKED", "NOT_EVEN", "COMMA", "MORE", "PEOPLE", "NO_DEPARTMENT"},
    bpmn: {"EXPORT", "AGAIN", "ROOT", "NO_XML", "MISMATCH", "UNSPELT", "NOT_BPMN", "TOO_DEEP", "NOT_WELL"},
}
"""Words that are part of a sentence, or say what is for no one to mend."""


@pytest.mark.parametrize("module", PARTS, ids=lambda one: one.__name__)
def test_each_sentence_of_a_check_says_what_to_do_next(module: ModuleType) -> None:
    said = {name: one for name, one in vars(module).items() if isinstance(one, Words) and name not in PARTS[module]}
    for name, words in (*said.items(), *((one, words) for one, words in known.NOT_EXECUTED.items())):
        assert NEXT_ZH.search(words.zh), (name, words.zh)
        assert NEXT_EN.search(words.en), (name, words.en)


WHO = '<extensionElements><heli:assignee rule="initiator"/></extensionElements>'
EXTRA = '<userTask id="a" name="经理 / Manager">{}</userTask>'


def one(inside: str) -> str:
    """A process of one step, which holds this."""
    return process(
        EXTRA.format(f'<extensionElements><heli:assignee rule="initiator"/>{inside}</extensionElements>'),
        "s>a",
        "a>e",
    )


def drawn(*elements: str) -> str:
    return process(task("a", "initiator"), task("b", "initiator"), *elements)


GATE = '<exclusiveGateway id="g"/>'
WRONG: list[tuple[str, str, str, str, str]] = [
    # the file, the code, where it is, what to do in Chinese, in English
    (one('<heli:consulted rule="position"/>'), "missing", "“经理”的“征询（C）”", "请选上", "choose it"),
    (drawn("s>a", "a>b").replace('<endEvent id="e"/>', ""), "no_end", "开始事件", "请在最后一步之后加一个结束", "add an end"),
    (drawn("s>a", "a>b"), "stuck", "“b 中”", "请从这里画一条连线", "draw a flow from it"),
    (drawn("s>a", "a>b"), "unreachable", "结束“e”", "请从前面的步骤画一条连线到这里", "draw a flow to it"),
    (drawn("s>a", "a>e"), "unreachable", "“b 中”", "请从前面的步骤画一条连线到这里", "draw a flow to it"),
    (drawn(GATE, "s>a", "a>b", "b>e", "a>g"), "stuck", "“a 中”之后的网关", "请从这里画一条连线", "draw a flow from it"),
    (
        drawn(GATE.replace("/>", '><extensionElements/></exclusiveGateway>'), "s>a", "a>g", "g>b", "g>e", "b>e"),
        "unconditional", "“a 中”之后的网关", "只留一条作默认分支", "leave one as the default",
    ),
    (
        drawn(GATE, "s>a", "a>g", "g>b if record.amount > 1", "g>e if record.amount > 2", "b>e"),
        "no_default", "“a 中”之后的网关", "设为默认分支", "the default",
    ),
    (drawn("s>a", "a>b", "b>e", "e>b"), "end_goes_on", "“b 中”之后的结束", "请删掉出去的连线", "take them out"),
    (drawn("s>a", "a>b", "b>s", "b>e"), "start_comes_back", "开始事件", "改接到开始之后的第一步", "the first step"),
    (
        process(
            '<serviceTask id="v" name="同步 / Sync"/><serviceTask id="w" name="重试 / Retry"/>', "s>x1", "x1>v if record.amount > 1", "v>w", "w>x1",
            "x1>e",
        ),
        "endless", "“同步”、“重试”", "请在循环里加一个由人处理的步骤", "add a step of people",
    ),
    (drawn("s>p1", "p1>a", "p1>b", "a>x1", "b>x1", "x1>e"), "twice", "网关", "并行网关", "parallel gateway"),
    (
        drawn("s>x1", "x1>a", "x1>b if record.amount > 1", "a>p1", "b>p1", "p1>e"),
        "waits_for_ever", "网关", "排他网关合并", "exclusive gateway",
    ),
    (process('<userTask id="a" name="经理 / Manager"/>', "s>a", "a>e"), "nobody", "“经理”", "请选一条找人规则", "choose a rule"),
    (one('<heli:assignee rule="position"/>'), "missing", "“经理”", "哪个岗位（position），请选上", "choose it"),
    (one('<heli:assignee rule="boss"/>'), "rule", "“经理”", "请换成 person", "take one of person"),
    (one('<heli:assignee rule="manager" of="them"/>'), "value", "“经理”", "不能是“them”：请改成 initiator", "take one of initiator"),
    (one('<heli:assignee rule="initiator" of="them"/>'), "unknown", "“经理”", "请删去", "leave it out"),
    (one('<heli:moves allow="fly"/>'), "unknown", "“经理”", "请改成 reject", "take one of reject"),
    (one('<heli:people mode="vote" share="3"/>'), "share", "“经理”", "不能是“3”：请写大于 0", "write one above 0"),
    (one('<heli:sla within="soon"/>'), "sla", "“经理”", "“soon”不是时长：请写成 PT8H", "such as PT8H"),
    (one('<heli:sla remind="PT1H"/>'), "sla", "“经理”", "请写上 within", "say within too"),
    (one("<heli:does/>"), "verb", "“经理”", "请写上操作的代码", "give the code"),
    (one('<heli:does verb="edit" limit="much"/>'), "limit", "“经理”", "“much”不是金额", "such as 500000"),
    (one('<heli:form show="no_such"/>'), "field", "“经理”", "请另选一个字段，或删去", "choose another"),
    (one('<heli:form show="name" edit="number"/>'), "field", "“经理”", "请另选一个字段", "choose another"),
    (one('<heli:form require="name" show="amount"/>'), "hidden", "“经理”", "加到可看或可填的字段里", "name it in show"),
    (one('<heli:does verb="launch"/>'), "verb", "“经理”", "请另选一个操作", "choose another"),
    (one('<heli:handoff from="s" fields="name"/>'), "from", "“经理”", "请选它之前的一个人工节点", "choose a step"),
    (one('<heli:form show="Name!"/>'), "field", "“经理”", "不是字段代码：请写小写字母", "write codes of small letters"),
    (
        process(task("a", "initiator"), '<callActivity id="c" name="付款 / Pay"/>', "s>a", "a>c", "c>e"),
        "call", "“付款”", "请选一个", "choose one",
    ),
    (
        process(task("a", "initiator"), '<scriptTask id="c" name="算 / Sum"/>', "s>a", "a>c", "c>e"),
        "not_executed", "“算”", "请换成系统操作", "use a service task",
    ),
    (
        process(task("a", "initiator"), '<intermediateCatchEvent id="c" name="等 / Wait"><timerEventDefinition/></intermediateCatchEvent>',
            "s>a", "a>c", "c>e"),
        "timer", "“等”", "请写时长", "give a duration",
    ),
    (
        process(task("a", "initiator"), '<boundaryEvent id="c" name="超时 / Late"><timerEventDefinition><timeDuration>P1D</timeDuration>'
                "</timerEventDefinition></boundaryEvent>",
                "s>a", "a>e", "c>e"),
        "host", "“超时”", "放到一个步骤、子流程或调用的边上", "put it on the border",
    ),
    (drawn("s>a", "a>x1", "x1>b if record.amount >", "x1>e", "b>e"), "condition", "连线", "没有写完，请补上", "add the value"),
    (drawn("s>a", "a>x1", "x1>b if record.colour > 1", "x1>e", "b>e"),
     "name", "从“a 中”之后的网关到“b 中”的连线用到了", "请另选一个字段", "choose another"),
    (one('<heli:does verb="edit"/><heli:give name="name" value="record.colour"/>'), "name", "“经理”用到了", "请另选一个字段", "choose another"),
    (drawn("s>a", "a>x1", "x1>b if amount > 1", "x1>e", "b>e"), "name", "amount", "请改成 record.字段", "take record.FIELD"),
    (drawn("s>a", "a>b", "b>zz", "b>e"), "loose", "从“b 中”到“zz”的连线", "请把它接到一个步骤上", "lead it to a step"),
    (process("s>e", subject='type="spaceship"'), "type", "spaceship", "请在流程设置里另选", "choose other records"),
    (process("s>e", id="Deal-1"), "id", "“Deal-1”", "如 contract_review", "such as contract_review"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "code", "where", "zh", "en"), WRONG, ids=[f"{n}-{one[1]}" for n, one in enumerate(WRONG)]
)
def test_what_is_wrong_says_where_it_is_and_what_to_do(file: str, code: str, where: str, zh: str, en: str) -> None:
    found = told(file)
    about = [one for one in found if one.code == code]
    assert about, [(one.code, one.words.zh) for one in found]
    assert any(where in one.words.zh and zh in one.words.zh and en in one.words.en for one in about), [
        (one.words.zh, one.words.en) for one in about
    ]
    for one in found:
        assert NEXT_ZH.search(one.words.zh), one.words.zh
        assert NEXT_EN.search(one.words.en), one.words.en


def told(file: str) -> list[Problem]:
    return definitions.wrong(bpmn.read(file.encode()), None)
