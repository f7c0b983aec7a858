"""Expressions and durations in words: by what their reader may know, else by their codes."""

from __future__ import annotations

import pytest

from heli.flows.core.expression import parse
from heli.flows.core.lexicon import CODES, Lexicon, lasting, repeated, spelled
from heli.kernel.words import Words

KNOWN = {
    ("field", "amount", "deal"): Words("金额", "Amount"), ("field", "stage", "deal"): Words("阶段", "Stage"),
    ("option", "won", "deal.stage"): Words("赢单", "Won"), ("option", "lost", "deal.stage"): Words("输单", "Lost"),
    ("field", "account", "deal"): Words("客户", "Account"), ("field", "level", "account"): Words("级别", "Level"),
    ("option", "a", "account.level"): Words("重要", "Important"), ("value", "state", "deal"): Words("状态", "state"),
}  # fmt: skip
SOME = Lexicon(
    lambda what, code, of: KNOWN.get((what, code, of)),
    lambda type_, code: "account" if (type_, code) == ("deal", "account") else "",
)


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("record.amount > 50000", "金额 > 50,000", "Amount > 50,000"),
        ("record.amount >= 2026 and record.stage = 'won'", "金额 ≥ 2026 且 阶段 = 「赢单」", "Amount ≥ 2026 and Stage = “Won”"),
        ("(record.stage = 'won' or data.x) and not data.y", "（阶段 = 「赢单」 或 流程数据 x） 且 不满足（流程数据 y）",
         "(Stage = “Won” or the case's x) and not (the case's y)"),
        ("record.stage in ['won', 'lost']", "阶段 是 「赢单」、「输单」之一", "Stage is one of “Won”, “Lost”"),
        ("record.stage not in ['won']", "阶段 不是 「赢单」中的任何一个", "Stage is none of “Won”"),
        ("'amount' in changed", "要改「金额」", "“Amount” is to be changed"),
        ("'amount' not in changed", "不改「金额」", "“Amount” is not to be changed"),
        ("record.account.level = 'a'", "客户 · 级别 = 「重要」", "Account · Level = “Important”"),
        ("change.amount != null", "提议的金额 不为空", "the proposed Amount is not empty"),
        ("empty(record.amount)", "金额 为空", "Amount is empty"),
        ("not empty(record.amount)", "金额 不为空", "Amount is not empty"),
        ("(record.amount + 1) * 2 - (3 - 1) > -5", "（金额 + 1） * 2 - （3 - 1） > -5", "(Amount + 1) * 2 - (3 - 1) > -5"),
        ("days(today(), date('2026-01-01')) < 3", "相隔天数（今天，日期（「2026-01-01」）） < 3", "days between(today, date(“2026-01-01”)) < 3"),
        ("if(record.amount > 1, true, null)", "如果（金额 > 1，是，空）", "if(Amount > 1, yes, nothing)"),
        ("matter.state = 'open'", "状态 = 「open」", "state = “open”"),
        ("initiator = 5", "发起人 = 5", "who began it = 5"),
        ("record.secret > 1", "secret > 1", "secret > 1"),
        ("record.id", "这条记录", "the record itself"),
        ("record.name = '{zh} {0}'", "name = 「{zh} {0}」", "name = “{zh} {0}”"),
    ],
)  # fmt: skip
def test_an_expression_reads_as_a_sentence(written: str, zh: str, en: str) -> None:
    said = spelled(parse(written), SOME, "deal")
    assert (said.zh, said.en) == (zh, en)


def test_who_may_know_nothing_reads_codes() -> None:
    said = spelled(parse("record.amount > 1 and record.account.level = 'a'"), CODES, "deal")
    assert said.en == "amount > 1 and account · level = “a”"


def test_durations_and_cycles() -> None:
    def both(words: Words | None) -> tuple[str, str] | None:
        return (words.zh, words.en) if words is not None else None

    assert both(lasting("P1DT4H", working=True)) == ("1 个工作日 4 小时", "1 working day 4 hours")
    assert both(lasting("P2W", working=False)) == ("2 周", "2 weeks")
    assert both(lasting("P1D", working=False)) == ("1 天", "1 day")
    assert both(lasting("soon", working=True)) is None
    assert both(repeated("R3/PT10H")) == ("每 10 小时，共 3 次", "every 10 hours, 3 times")
    assert both(repeated("R/P1D")) == ("每 1 天", "every 1 day")
    assert both(repeated("0 9 * * 1")) is None
