"""Entering a stage: the same rule that kanban showed before the drop now decides, and a refusal names it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from heli.crm.stages import FLOWS, Verdict, verdict
from heli.kernel.errors import Invalid, Problem, Refused
from heli.kernel.words import Words
from heli.records import fields as f
from heli.records.types import TYPES

if TYPE_CHECKING:
    from heli.records.work import Work

REQUIRED = Words("{rule}：必填", "{rule}: required")


def enter(work: Work, to: str, verb: str, **filled: Any) -> None:
    """Put the record into stage `to` and write `filled` (column values by field code; None is left as it is).

    Raises Refused with the rule when the stage cannot follow, Invalid naming the fields that are still empty.
    """
    flow = FLOWS[work.kind.code]
    new = {code: value for code, value in filled.items() if value is not None}
    found = verdict(flow, {**work.values(), **new}, to, verb)
    if found.missing:
        assert found.words is not None
        problems = [Problem(code, "required", REQUIRED.fill(rule=found.rule)) for code in found.missing]
        raise Invalid(problems, found.words, code="stage", why=why(found))
    if not found.allowed:
        assert found.words is not None
        raise Refused(found.words, code="stage", why=why(found))
    work.set(**{flow.field: to, **new})


def why(found: Verdict) -> dict[str, Any]:
    """The rule behind a refusal as JSON."""
    assert found.words is not None
    return {"code": "stage", "rule": found.rule, "words": found.words.json(), "missing": list(found.missing)}


def can_enter(type_: str, *stages: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a row stands in a stage from which one of these may follow: decides if a verb's button shows."""
    flow = FLOWS[type_]
    rules = [rule for stage in stages if (rule := flow.rule(stage)) is not None]
    sources = frozenset(source for rule in rules for source in rule.sources)

    def applies(row: Mapping[str, Any]) -> bool:
        return row[flow.field] in sources

    return applies


def stage_param(type_: str, by: str = "move") -> f.Choice:
    """The parameter that names the stage to enter: those that this verb leads to."""
    flow = FLOWS[type_]
    field = TYPES[type_].fields[flow.field]
    assert isinstance(field, f.Choice)
    reached = {rule.to for rule in flow.rules if rule.by == by}
    options = [option for option in field.options if option.value in reached]
    return f.Choice(zh=field.words.zh, en=field.words.en, options=options, required=True)
