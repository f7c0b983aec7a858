"""Entering a stage: the same rule that kanban showed before the drop now decides, and a refusal names it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from heli.access.viewer import Viewer
from heli.crm.stages import FLOWS, Verdict, verdict
from heli.kernel.errors import Invalid, Problem, Refused
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.types import TYPES
from heli.records.verbs import WhyNot

if TYPE_CHECKING:
    from heli.records.work import Work

REQUIRED = Words("请填写「{field}」", "fill in “{field}”")
FILL_IN = Words("请先填写{fields}：{words}（规则 {rule}）", "fill in {fields} first: {words} (rule {rule})")
NO_WAY = Words("现在没有可以进入的阶段", "there is no stage to go to now")


def enter(work: Work, to: str, verb: str, **filled: Any) -> None:
    """Put the record into stage `to` and write `filled` (column values by field code; None is left as it is).

    Raises Refused with the rule when the stage cannot follow, Invalid naming the fields that are still empty.
    """
    flow = FLOWS[work.kind.code]
    new = {code: value for code, value in filled.items() if value is not None}
    found = verdict(flow, {**work.values(), **new}, to, verb)
    if found.missing:
        assert found.words is not None
        fields = work.kind.fields
        problems = [Problem(code, "required", REQUIRED.fill(field=fields[code].words)) for code in found.missing]
        raise Invalid(problems, found.words, code="stage", why=why(found))
    if not found.allowed:
        assert found.words is not None
        raise Refused(found.words, code="stage", why=why(found))
    work.set(**{flow.field: to, **new})


def why(found: Verdict) -> dict[str, Any]:
    """The rule behind a refusal as JSON."""
    assert found.words is not None
    return {"code": "stage", "rule": found.rule, "words": found.words.json(), "missing": list(found.missing)}


def closed(type_: str, *stages: str, given: Sequence[str] = ()) -> WhyNot:
    """What stands in the way of a verb that leads to these stages; nothing when one of them can be entered.

    `given`: fields that the verb's own parameters fill in, which therefore need not be there yet.
    """
    flow = FLOWS[type_]
    fields = TYPES[type_].fields

    def why_not(viewer: Viewer, row: Mapping[str, Any]) -> tuple[str, Words] | None:
        del viewer  # a stage rule is the same for everyone
        values = {code: row.get(one.column) for code, one in fields.items()}
        verdicts = [verdict(flow, values, stage) for stage in stages]
        refused = [v for v in verdicts if not v.allowed and (not v.missing or set(v.missing) - set(given))]
        if len(refused) < len(verdicts):
            return None
        if len(stages) > 1:
            return "stage", NO_WAY
        found = refused[0]
        assert found.words is not None
        if not found.missing:
            return "stage", found.words
        names = [fields[code].words for code in found.missing if code not in given]
        zh, en = "、".join(f"「{w.zh}」" for w in names), ", ".join(f"“{w.en}”" for w in names)
        rule = flow.rule(stages[0])
        assert rule is not None  # what is missing is said by a rule
        return "stage", FILL_IN.fill(rule=found.rule, fields=Words(zh, en), words=rule.words)

    return why_not


def stage_param(type_: str, by: str = "move") -> f.Choice:
    """The parameter that names the stage to enter: those that this verb leads to."""
    flow = FLOWS[type_]
    field = TYPES[type_].fields[flow.field]
    assert isinstance(field, f.Choice)
    reached = {rule.to for rule in flow.rules if rule.by == by}
    options = sorted((one for one in field.options if one.value in reached), key=lambda one: one.hidden)
    return f.Choice(zh=field.words.zh, en=field.words.en, options=options, required=True)
