"""Cases of the other processes in the demo company, each at another step: who looks around finds work in every one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from heli.crm.demo.processes import happen
from heli.crm.demo.processes import viewer as viewer_of
from heli.flows import gathering, library, service
from heli.flows.begin import Begin, begin
from heli.flows.models import Work
from heli.jobs.models import Job
from heli.kernel import clock
from heli.records import act, store
from heli.records.act import Action

type Step = tuple[str, bool, str, str]
"""What happens at a node: (node, approves, to, what they say)."""


@dataclass(frozen=True, slots=True)
class Case:
    """A case: of which process, begun by whom, about which record of theirs (or a new one), and what happened in it."""

    process: str
    by: str
    type: str
    where: Sequence[tuple[str, str, Any]] = ()
    makes: Mapping[str, Any] | None = None
    text: str = ""
    change: Mapping[str, Any] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    story: Sequence[Step] = ()
    gives: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What is handed over to a node: by its notes' codes what is answered, by its files' codes (in ``FILES``) what is attached."""
    skip: int = 0
    """How many records that fit are left for others."""


FILES = {
    "scope": ("技术协议.txt", "供货范围：整线设备一套，含安装调试与操作培训。\n质保：验收后 12 个月。\n"),
    "contract": ("合同扫描件.txt", "（扫描件）双方已盖章，一式四份。\n"),
}
"""What stands in for files: slot -> what it is called, and what it says."""
MOST = 200
"""Records that are looked through for one that fits."""
SELLER, OTHER, MARKETER, SUPPORT = "wangmin", "zhangwei", "xujiayi", "sunli"
CASES: tuple[Case, ...] = (
    Case("contract_deletion", SELLER, "contract", makes={"name": "备件采购合同（重复录入）", "amount": "86000.00"},
         text="与年度备件采购合同重复，请删除", story=(("manager", True, "", "核对过，确实重复"),)),
    Case("contract_deletion", SELLER, "contract", makes={"name": "测试合同", "amount": "1.00"}, text="培训时录入的测试数据"),
    Case("customer_change", SELLER, "account", change={"payment_days": 60}, text="客户要求账期由 30 天延至 60 天", skip=6,
         story=(("head", True, "", "合作三年，无逾期"),)),
    Case("customer_change", SELLER, "account", change={"level": "a"}, text="今年订单已到 A 级标准", skip=7),
    Case("quote_approval", SELLER, "quote", makes={"name": "产线扩容报价", "amount": "620000.00", "discount": "22.00"},
         text="竞争对手报价低两成", story=(("head_first", True, "", "同意，首单引流"),)),
    Case("quote_approval", SELLER, "quote", makes={"name": "备件年框报价", "amount": "88000.00", "discount": "12.00"}),
    Case("payment_collection", "wuting", "payment", where=(("status", "=", "planned"),), text="已过应付日期"),
    Case("payment_collection", "wuting", "payment", where=(("status", "=", "planned"),), skip=1,
         story=(("collect", True, "", "客户已安排付款，今天到账"),)),
    Case("customer_reassignment", SELLER, "account", text="客户总部迁往北京", chosen={"take": OTHER}, skip=8,
         story=(("head", True, "", "同意转交"),)),
    Case("lead_distribution", MARKETER, "lead", where=(("stage", "=", "new"),), text="展会线索，对方希望本周联系"),
    Case("lead_distribution", MARKETER, "lead", makes={"name": "产线改造咨询", "company": "宁波明达机械有限公司", "phone": "13800138000"},
         story=(("accept", False, "distribute", "不在我负责的区域"),)),
    Case("lead_distribution", MARKETER, "lead", makes={"name": "备件长期供应", "company": "苏州恒远精工有限公司", "phone": "13900139000"},
         story=(("accept", True, "", ""),)),
    Case("ticket_closing", SUPPORT, "ticket", where=(("stage", "=", "resolved"),)),
    Case("product_feedback", SUPPORT, "feedback", makes={"subject": "报警阈值希望能按班次设置", "body": "夜班误报多。"}, text="三家客户都提到"),
    Case("project_setup", SELLER, "opportunity", where=(("stage", "=", "won"),), text="已中标，申请立项",
         story=(("head", True, "", "同意立项"),)),
    Case("project_setup", SELLER, "opportunity", where=(("stage", "=", "won"),), text="客户要求年内开工", skip=1,
         gives={"receive": {"promised": "年底前完成安装调试；两次现场培训。", "contacts": "设备部李工，周一到周五联系。", "scope": ""}},
         story=(("head", True, "", "同意立项"), ("delivery", True, "", "投入 3 人月"), ("management", True, "", "同意"),
                ("hand_over", True, "", ""), ("receive", False, "", "承诺里的“两次现场培训”没写在技术协议里，请与客户确认后补上。"))),
    Case("service_handover", SELLER, "contract", where=(("status", "=", "signed"),),
         gives={"receive": {"promised": "两小时内响应，四小时到场；首年免费保养两次。", "contacts": "客户设备部王主任，电话见客户联系人。",
                            "risks": "对方夜班多，夜间来电要有人接。", "contract": "", "scope": ""}},
         story=(("hand_over", True, "", ""),)),
    Case("service_handover", SELLER, "contract", where=(("status", "=", "signed"),), skip=1),
)  # fmt: skip


def load(ids: Mapping[str, int]) -> None:
    """Begin them, and let their stories happen."""
    for one in CASES:
        viewer = viewer_of(ids[one.by])
        record = _made(ids, one) if one.makes is not None else _found(ids, one)
        if record is None:
            continue  # a company of another size has none that fits
        chosen = {node: [ids[who]] for node, who in one.chosen.items()}
        instance = begin(viewer, Begin(one.process, record, chosen=chosen, change=one.change, text=one.text))
        _work_off()
        for step in one.story:
            _gather(instance, step[0], one.gives)
            happen(instance, [step])
            _work_off()


def _gather(instance: int, node: str, gives: Mapping[str, Mapping[str, str]]) -> None:
    """Attach and answer, as who hands over at this node, what is handed over."""
    for work in Work.objects.filter(instance_id=instance, state=Work.OPEN).select_related("instance__version__process"):
        engine = library.of(work.instance)
        if engine.definition.nodes[work.node].id != node:
            continue
        for taker in engine.taken_from(work.node):
            to, who = engine.definition.nodes[taker].id, viewer_of(work.person_id)
            given, slots = gives.get(to, {}), {part.code for part in engine.takers[taker].files}
            for slot in sorted(slots & given.keys()):
                name, text = FILES[slot]
                gathering.attach(who, instance, work.number, to, slot, name, [text.encode()])
            notes = {code: text for code, text in given.items() if code not in slots}
            gathering.gather(who, instance, work.number, to, {"notes": notes})


def _found(ids: Mapping[str, int], one: Case) -> str | None:
    """The record: of the beginner's own those that fit, in their order."""
    mine = ("owner", "=", str(ids[one.by]))
    wanted = [*one.where, mine] if one.type != "payment" else list(one.where)
    parts = [{"field": name, "op": op, "value": value} for name, op, value in wanted]
    found = sorted(store.query(viewer_of(ids[one.by]), one.type).where({"and": parts}).ids(MOST))
    return found[one.skip] if len(found) > one.skip else None


def _made(ids: Mapping[str, int], one: Case) -> str:
    viewer = viewer_of(ids[one.by])
    mine = {"field": "owner", "op": "=", "value": str(ids[one.by])}
    more: dict[str, Any] = {"valid_until": str(clock.today() + timedelta(days=30))} if one.type == "quote" else {}
    if one.by == SELLER:
        more["account"] = min(store.query(viewer, "account").where(mine).ids(20))
    return act.do(viewer, Action(one.type, "create", values={**(one.makes or {}), **more})).id


def _work_off() -> None:
    """Do what processes do by themselves: nobody works beside the loading."""
    while found := list(Job.objects.filter(task=service.perform.module_path, state="due").order_by("made_at")):
        for job in found:
            service.perform.call(*json.loads(job.args)["args"])
            job.delete()


__all__ = ["CASES", "load"]
