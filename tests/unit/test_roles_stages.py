"""Stage rules: what they name exists, what they ask for decides, and kanban and verb read the same rule."""

from __future__ import annotations

from itertools import product

import pytest

from heli.crm.stages import FLOWS, Flow, verdict
from heli.records import fields as f
from heli.records.types import TYPES
from heli.records.verbs import verb_of

FULL = {
    "account": "a" * 32, "amount": 100, "expected_on": "2027-01-01", "product": "b" * 32, "company": "甲公司",
    "contact_name": "李明", "phone": "13800000000", "email": "", "starts_on": "2027-01-01", "ends_on": "2027-12-31",
    "deliver_on": "2027-01-01", "received_on": "2027-01-01",
}  # fmt: skip


def options(flow: Flow) -> list[str]:
    field = TYPES[flow.type].fields[flow.field]
    assert isinstance(field, f.Choice)
    assert field.flow
    return [option.value for option in field.options]


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_rules_name_stages_fields_and_verbs_that_exist(flow: Flow) -> None:
    known = set(options(flow))
    kind = TYPES[flow.type]
    codes = [rule.code for rule in flow.rules]
    assert len(set(codes)) == len(codes)
    for rule in flow.rules:
        assert {rule.to, *rule.sources} <= known
        assert {code for need in rule.needs for code in need.split("|")} <= set(kind.fields)
        verb = verb_of(flow.type, rule.by)
        assert verb is not None
        assert verb.right in kind.all_actions
        assert rule.words.zh
        assert rule.words.en


@pytest.mark.parametrize("flow", FLOWS.values(), ids=FLOWS)
def test_a_complete_record_enters_exactly_from_the_stages_named(flow: Flow) -> None:
    for here, to in product(options(flow), options(flow)):
        rule = flow.rule(to)
        found = verdict(flow, {**FULL, flow.field: here}, to)
        expected = rule is not None and here != to and (not rule.sources or here in rule.sources)
        assert found.allowed == expected, (here, to)
        assert found.allowed or found.words is not None


def test_a_closed_deal_goes_nowhere() -> None:
    flow = FLOWS["opportunity"]
    for here, to in product(("won", "lost"), options(flow)):
        assert not verdict(flow, {**FULL, "stage": here}, to).allowed


def test_every_missing_field_is_named_and_one_of_two_is_enough() -> None:
    deal = verdict(FLOWS["opportunity"], {"stage": "qualified", "amount": 5}, "proposal")
    assert deal.missing == ("account", "expected_on")
    assert deal.rule == "OPP-04"
    lead = FLOWS["lead"]
    assert verdict(lead, {"stage": "new", "phone": "", "email": ""}, "contacted").missing == ("phone",)
    assert verdict(lead, {"stage": "new", "phone": "", "email": "a@b.cn"}, "contacted").allowed


def test_a_stage_with_its_own_verb_is_not_entered_by_moving() -> None:
    found = verdict(FLOWS["opportunity"], {**FULL, "stage": "negotiation"}, "won", "move")
    assert not found.allowed
    assert found.by == "win"
    assert found.words is not None
    assert "OPP-07" in found.words.zh


@pytest.mark.parametrize(
    ("type_", "values", "to", "zh", "en"),
    [
        ("contract", {"status": "draft"}, "signed", "从「草拟」还不能进入「已签订」：批准后，有签约人才能签订（规则 CON-03）", "from “Draft” yet"),
        ("opportunity", {"stage": "qualified"}, "proposal", "请先填好再试（规则 OPP-04）", "Fill them in, then try again (rule OPP-04)"),
        ("opportunity", {"stage": "negotiation"}, "won", "「赢单」要用「赢单」进入", "is entered by"),
    ],
)  # fmt: skip
def test_a_refusal_says_in_words_what_is_missing_why_and_what_to_do(
    type_: str, values: dict[str, str], to: str, zh: str, en: str
) -> None:
    found = verdict(FLOWS[type_], values, to, "move" if to == "won" else None)
    assert found.words is not None
    assert zh in found.words.zh and en in found.words.en, found.words
