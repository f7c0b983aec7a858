"""Loans that run in the demo company, and requests that wait: what the page of temporary access has to show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heli.access import view as views
from heli.access.viewer import Viewer
from heli.kernel.actor import Actor
from heli.kernel.errors import Conflict, NotFound, Refused
from heli.lending import ask, decide
from heli.lending.terms import DAY, HOUR
from heli.org.models import Person
from heli.records import store

ORIGIN = "demo"
LOANS: tuple[tuple[str, str, str, str, tuple[str, ...], int, str], ...] = (
    # lender, borrower, type, act, fields, seconds, reason
    (
        "wangmin",
        "sunli",
        "opportunity",
        "read",
        ("name", "stage", "expected_on"),
        4 * HOUR,
        "客户来电问交付时间，先看商机阶段",
    ),
    ("wangmin", "xujiayi", "account", "read", ("name", "industry", "employees"), 19 * HOUR, "写华东客户案例"),
    (
        "liqiang",
        "zhouhaoran",
        "opportunity",
        "read",
        ("name", "competitor", "description"),
        7 * DAY,
        "评估竞品功能差距",
    ),
    ("liqiang", "sunli", "opportunity", "edit", ("next_follow_on", "description"), 3 * DAY, "休假期间由客服补记跟进"),
    ("chenjing", "wuting", "account", "read", ("name", "payment_days"), 14 * DAY, "核对账期"),
)
ASKS: tuple[tuple[str, str, str, tuple[str, ...], int, str], ...] = (
    # asker, type, act, fields, seconds, reason
    ("xujiayi", "opportunity", "read", ("competitor", "probability"), 7 * DAY, "联合推广案例要写竞争对比，发布前会再请客户确认"),
    ("xujiayi", "opportunity", "read", ("amount",), 7 * DAY, "推广案例要写投资回报，需核对成交金额区间"),
    ("sunli", "account", "read", ("annual_revenue",), 3 * DAY, "升级工单要判断客户等级"),
)  # fmt: skip


def load(ids: Mapping[str, int]) -> None:
    """Lend and ask as these people do; what the rules of the day forbid is left out."""
    taken: set[str] = set()
    for lender, borrower, type_, action, fields, seconds, reason in LOANS:
        who = _viewer(ids[lender])
        record = _own(who, type_, taken)
        if record is None:
            continue
        try:
            decide.lend(
                who, type_, record, borrower=ids[borrower], action=action, fields=fields, seconds=seconds, reason=reason
            )
            taken.add(record)
        except (Refused, Conflict):
            continue
    for asker, type_, action, fields, seconds, reason in ASKS:
        who = _viewer(ids[asker])
        for record in _seen(who, type_):
            try:
                ask.ask(who, type_, record, action=action, fields=fields, seconds=seconds, reason=reason)
                break
            except (Refused, Conflict):
                continue


def _viewer(person: int) -> Viewer:
    one = Person.objects.get(pk=person)
    actor = Actor(one.pk, one.display_name, ORIGIN)
    return Viewer(one.pk, one.username, one.display_name, one.kind, actor, views.of(one.pk))


def _own(who: Viewer, type_: str, taken: set[str]) -> str | None:
    asked: Any = store.query(who, type_).where({"field": "owner", "op": "=", "value": str(who.person)})
    return next((pk for pk in sorted(asked.ids(50)) if pk not in taken), None)


def _seen(who: Viewer, type_: str) -> list[str]:
    try:
        return sorted(store.query(who, type_).ids(40))
    except NotFound:
        return []
