"""Processes that run in the demo company: contracts at every step of their approval, one sent back, one refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from heli.access import view as views
from heli.access.viewer import Viewer
from heli.flows import deciding, library
from heli.flows.begin import Begin, begin
from heli.flows.deciding import Decision
from heli.flows.models import Work
from heli.kernel import clock
from heli.kernel.actor import Actor
from heli.org.models import Person
from heli.records import act, store
from heli.records.act import Action

ORIGIN = "demo"
PROCESS = "contract_approval"
BEGINNER = "wangmin"
CONTRACTS: tuple[tuple[str, str, tuple[tuple[str, bool, str, str], ...]], ...] = (
    # what it is called, its amount, and what happened to it in order: (node, approves, to, what they say)
    ("年度备件采购合同", "86000.00", (("legal", True, "", ""),)),
    ("产线改造合同", "420000.00", ()),
    ("整线交付合同", "1680000.00", (
        ("legal", True, "", "违约责任条款已补充"), ("finance", True, "", "账期可接受"), ("manager_first", True, "", "毛利符合要求"),
    )),
    ("维保服务合同", "58000.00", (("legal", False, "end", "对方主体资质不全，请重新起草"),)),
    ("联合研发框架协议", "360000.00", (("finance", True, "", "付款条件可接受"),)),
)  # fmt: skip
TERMS = "签订后付 30%，交付后付 60%，质保期满付 10%。"


def load(ids: Mapping[str, int]) -> None:
    """Draft these contracts, begin their approval, and let their stories happen."""
    accounts = sorted(store.query(viewer(ids[BEGINNER]), "account").where(
        {"field": "owner", "op": "=", "value": str(ids[BEGINNER])}
    ).ids(len(CONTRACTS)))  # fmt: skip
    begins = clock.today() + timedelta(days=10)
    for account, (name, amount, story) in zip(accounts, CONTRACTS, strict=False):
        values = {
            "name": name, "account": account, "amount": amount, "payment_terms": TERMS, "starts_on": str(begins),
            "ends_on": str(begins + timedelta(days=365)),
        }  # fmt: skip
        who = viewer(ids[BEGINNER])
        made = act.do(who, Action("contract", "create", values=values))
        happen(begin(who, Begin(PROCESS, made.id)), story)


def happen(instance: int, story: Sequence[tuple[str, bool, str, str]]) -> None:
    """Let people decide at these nodes, in their order; what no longer waits is passed over."""
    for node, approves, to, text in story:
        open_ = (
            Work.objects.filter(instance_id=instance, state=Work.OPEN)
            .select_related("instance__version")
            .order_by("number")
        )
        work = next((one for one in open_ if library.definition(one.instance.version).nodes[one.node].id == node), None)
        if work is not None:
            deciding.decide(viewer(work.person_id), instance, work.number, Decision(approves, to or None, text))


def viewer(person: int) -> Viewer:
    """Somebody as who acts in the demo's stories."""
    one = Person.objects.get(pk=person)
    return Viewer(
        one.pk, one.username, one.display_name, one.kind, Actor(one.pk, one.display_name, ORIGIN), views.of(one.pk)
    )
