"""A draft under way in the demo company, tried by people of three departments: what drafts, simulation and sandboxes show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heli.kernel.actor import Actor
from heli.org.models import Person
from heli.policy import drafts, sandbox, state
from heli.policy.names import Names

ORIGIN = "demo"
TITLE = "客服能看客户年营业额，市场不再批量导入线索"
NOTE = "升级工单要按客户规模排先后；线索改由销售运营导入。"
TESTERS = ("sunli", "xujiayi", "liqiang")


def load(ids: Mapping[str, int]) -> None:
    """Draft it as the first security administrator does, and let two of the testers have tried it."""
    by = _actor(ids["mayujie"])
    names = Names.load()
    made = drafts.create(by, TITLE, NOTE)
    drafts.put_many(
        by, made.pk, made.revision, [("role", "support", _support(names)), ("role", "marketing", _marketing(names))]
    )
    sandbox.set_testers(by, made.pk, [ids[one] for one in TESTERS])
    drafts.remark(by, made.pk, "请三个部门先试用，周五前给意见。")
    sandbox.sign(_actor(ids["liqiang"]), made.pk, "销售这边没有影响。")
    sandbox.report(_actor(ids["xujiayi"]), made.pk, "展会名单还要我们自己导入，请留下这一项。", "/records/lead")


def _actor(person: int) -> Actor:
    return Actor(person, Person.objects.get(pk=person).display_name, ORIGIN, via="demo")


def _lines(code: str, names: Names) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    role = state.current("role", code, names)
    assert role is not None
    return dict(role), [dict(line) for line in role["lines"]]


def _support(names: Names) -> dict[str, Any]:
    """The line that hides the annual revenue of customers with tickets hides it no more."""
    role, lines = _lines("support", names)
    for line in lines:
        if line["type"] == "account":
            line["read"] = {key: level for key, level in line.get("read", {}).items() if key != "annual_revenue"}
    return {**role, "lines": lines}


def _marketing(names: Names) -> dict[str, Any]:
    """Leads are given out still, and brought in by others."""
    role, lines = _lines("marketing", names)
    for line in lines:
        if line["type"] == "lead":
            line["actions"] = [action for action in line["actions"] if action != "import"]
    return {**role, "lines": lines}
