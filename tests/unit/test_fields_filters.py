"""Every operator that a field declares is one that the read door answers, for every field of every shipped type."""

from __future__ import annotations

from typing import Any

import pytest

from heli.api import viewer as identities
from heli.records import act, store
from heli.records import fields as f
from heli.records.act import Action
from heli.records.types import TYPES

pytestmark = [pytest.mark.django_db, pytest.mark.storage]

EXAMPLES: dict[type[f.Field], Any] = {
    f.Percent: "50.00", f.Money: "12.50", f.DateTime: "2026-11-23T00:00:00Z", f.Date: "2026-11-23", f.YesNo: True,
    f.Link: "0" * 32, f.PersonRef: "1", f.Text: "上海%_'",
}  # fmt: skip


def example(one: f.Field) -> Any:
    if isinstance(one, f.Choice):
        return one.options[0].value
    if isinstance(one, f.Number):
        return "1.5" if one.places else 1
    return next(value for kind, value in EXAMPLES.items() if isinstance(one, kind))


@pytest.mark.parametrize(
    "code", ["account", "lead", "opportunity", "quote", "ticket", "satisfaction", "task", "project"]
)
def test_every_declared_comparison_and_sort_is_answered(code: str) -> None:
    system = identities.system("test")
    for name, one in TYPES[code].fields.items():
        for operator in one.operators:
            operand = None if operator in f.EMPTY_OPERATORS else [example(one)] if operator == "in" else example(one)
            found = store.query(system, code).where({name: {operator: operand}}).page(5)
            assert found.items == [], (name, operator)
        if one.sortable:
            for sign in ("", "-"):
                assert store.query(system, code).sort(sign + name).page(5).items == []


def test_an_empty_text_is_empty_and_a_filled_one_is_not() -> None:
    system = identities.system("test")
    act.do(system, Action("account", "create", values={"name": "甲", "short_name": ""}))
    act.do(system, Action("account", "create", values={"name": "乙", "short_name": "乙方"}))

    def names(given: dict[str, Any]) -> set[str]:
        return {row["name"] for row in store.query(system, "account").where(given).page(9).items}

    assert names({"short_name": {"empty": True}}) == {"甲"}
    assert names({"short_name": {"filled": True}}) == {"乙"}
    assert names({"credit_limit": {"empty": True}}) == {"甲", "乙"}
    assert names({"name": {"contains": "%"}}) == set()
