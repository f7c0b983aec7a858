"""An internet service company: staff follow their work step by step as it happens, and whoever leads sees with one look where it waits,
for how long, since when and what would help; each with the cases that are theirs to know."""

from __future__ import annotations

import time
from typing import Any

from heli.config.scenarios import sabotage
from heli.config.scenarios.stage import Over, Rule, Stage
from heli.kernel.words import Words

WORDS = Words(
    "互联网服务公司：进展随时可见，瓶颈一眼看到",
    "Internet services: progress as it happens, the bottleneck at a glance",
)

STAFF, COLLEAGUE, LEGAL, MANAGER, MANAGEMENT, MARKETING = (
    "wangmin",
    "zhangwei",
    "zhengkaixuan",
    "liqiang",
    "linguodong",
    "xujiayi",
)
PROCESS = "contract_approval"
FIGURES = f"/flows/processes/{PROCESS}/analytics"
AT_ONCE = 1.0
"""Seconds in which the next person has it."""


def play(stage: Stage) -> None:
    """The story. Raises Over where it cannot go on."""
    stage.scene("start", RULES)
    before = _figures(stage, MANAGEMENT)
    case, contract = _begun(stage)
    _at_once(stage, case)
    _followed(stage, case, contract)
    _at_a_glance(stage, before)
    _each_their_own(stage)
    _urged(stage, case)
    _decided(stage, case, contract)
    _in_figures(stage, before)


def _figures(stage: Stage, who: str) -> dict[str, Any]:
    reply = stage.at(who).get(FIGURES)
    return reply.body if reply.status == 200 else {}


def _node(figures: dict[str, Any], code: str) -> dict[str, Any]:
    return next((one for one in figures.get("nodes", []) if one["id"] == code), {})


def _begun(stage: Stage) -> tuple[str, str]:
    browser = stage.at(STAFF)
    account = browser.get("/records/account?limit=1").body["items"][0]["id"]
    values = {
        "name": "云服务年度合同", "account": account, "amount": "80000.00", "payment_terms": "按季度付", "starts_on": "2030-01-01",
        "ends_on": "2030-12-31",
    }  # fmt: skip
    made = browser.post("/records/contract", values)
    stage.need(STAFF, "起草合同", "draws up a contract", expected="201", seen=made.said)
    begun = browser.post("/flows/instances", {"process": PROCESS, "record": made.body["id"]})
    stage.need(STAFF, "发起审批", "begins its approval", expected="201", seen=begun.said)
    return str(begun.body["id"]), str(made.body["id"])


def _at_once(stage: Stage, case: str) -> None:
    """The next person has it before a second is over, and is told of it."""
    browser, there = stage.at(LEGAL), False
    began = time.monotonic()
    while not there and time.monotonic() - began < AT_ONCE:
        there = any(one["id"] == case for one in browser.get("/flows/work").body.get("items", []))
    stage.step(LEGAL, "一秒之内出现在法务的待办里", "legal has it within a second", expected="True", seen=there)
    told = browser.get("/notices").body.get("items", [])
    stage.step(
        LEGAL, "并收到通知", "and is told of it", expected="True", seen=any(one["href"] == f"/flows/{case}" for one in told),
    )  # fmt: skip


def _followed(stage: Stage, case: str, contract: str) -> None:
    """Whoever began it sees where it is; who does not see the contract sees nothing of it."""
    items = stage.at(STAFF).get(f"/flows/records/contract/{contract}").body.get("items", [])
    now = [one["id"] for item in items for one in item["now"]]
    stage.step(
        STAFF, "在合同上看到卡在哪一步、在谁手上", "sees on the contract where it is", expected="['legal']", seen=now
    )
    steps = stage.at(STAFF).get(f"/flows/instances/{case}").body.get("nodes", [])
    stage.step(
        STAFF, "已完成、当前、未到和不再经过的步骤都在", "done, current and coming steps are there, and those that can come no more",
        expected="current coming passed_by",
        seen=" ".join(sorted({one["standing"] for one in steps}, key=("done", "current", "coming", "passed_by").index)),
    )  # fmt: skip
    stage.step(
        COLLEAGUE, "同事看不到这份合同，也看不到流程", "a colleague sees neither contract nor case", expected="404 not_found",
        seen=stage.at(COLLEAGUE).get(f"/flows/instances/{case}").said,
    )  # fmt: skip


def _at_a_glance(stage: Stage, before: dict[str, Any]) -> None:
    """One question answers where it waits, why and what would help."""
    now = _figures(stage, MANAGEMENT)
    stage.need(
        MANAGEMENT,
        "一次打开就看到瓶颈：法务审核",
        "one look shows the bottleneck: legal",
        expected="legal",
        seen=now.get("bottleneck"),
    )
    legal, was = _node(now, "legal"), _node(before, "legal")
    stage.step(
        MANAGEMENT, "刚发起的这件已经算在里面", "the case of just now is counted in", expected="True",
        seen=(legal.get("wip") or 0) == (was.get("wip") or 0) + 1,
    )  # fmt: skip
    figures = legal.get("figures") or {}
    stage.step(
        MANAGEMENT, "瓶颈分 = 等待占比 × 经过占比", "its score is its part of the waiting times the share that passes it", expected="True",
        seen=bool(figures) and abs(figures["score"] - figures["wait_part"] * figures["share"]) < 0.01,
    )  # fmt: skip
    stage.step(
        MANAGEMENT, "等待原因加起来是全部", "the causes of waiting add up to all of it", expected="True",
        seen=bool(figures) and abs(sum(figures.get("causes", {}).values()) - 1) < 0.01,
    )  # fmt: skip
    stage.step(
        MANAGEMENT, "有建议，并说明依据多少个案例", "there is a suggestion with the number of cases behind it", expected="True",
        seen=any(one["node"] == "legal" and one["n"] > 0 for one in now.get("suggestions", [])),
    )  # fmt: skip
    stage.step(
        MANAGEMENT, "列出等得最久的案例和在谁手上", "names the cases that wait longest and who has them", expected="True",
        seen=any(one["holders"] for one in now.get("waiting", [])),
    )  # fmt: skip


def _each_their_own(stage: Stage) -> None:
    """Figures are of the cases that somebody may know."""
    whole, team, own = (_figures(stage, who).get("whole", {}) for who in (MANAGEMENT, MANAGER, STAFF))
    sizes = [one.get("cases", -1) + one.get("running", 0) for one in (whole, team, own)]
    stage.step(
        MANAGER, "经理的数字只含本部门，员工的只含自己的", "a manager's figures are of the department, a salesperson's of their own", expected="True",
        seen=sizes[0] > sizes[1] > sizes[2] > 0,
    )  # fmt: skip
    other = _figures(stage, MARKETING).get("whole", {})
    stage.step(
        MARKETING, "市场与合同无关，什么数字也没有", "marketing has nothing to do with contracts and sees no figure", expected="0",
        seen=other.get("cases", 0) + other.get("running", 0),
    )  # fmt: skip


def _urged(stage: Stage, case: str) -> None:
    urged = stage.at(STAFF).post(f"/flows/instances/{case}/urge", {})
    stage.need(STAFF, "催办", "asks them to get on", expected="200", seen=urged.said)
    texts = [
        one["text"]["zh"]
        for one in stage.at(LEGAL).get("/notices").body.get("items", [])
        if one["href"] == f"/flows/{case}"
    ]
    stage.step(LEGAL, "法务收到催办", "legal is told so", expected="True", seen=any("催你处理" in one for one in texts))
    again = stage.at(STAFF).post(f"/flows/instances/{case}/urge", {})
    stage.step(STAFF, "不能连着催", "not again at once", expected="409 urged", seen=again.said)


def _decided(stage: Stage, case: str, contract: str) -> None:
    work = next((one for one in stage.at(LEGAL).get("/flows/work").body["items"] if one["id"] == case), None)
    if work is None:
        raise Over("legal has no work")
    done = stage.at(LEGAL).post(
        f"/flows/instances/{case}/work/{work['number']}/decide", {"approve": True, "text": "条款无异议"}
    )
    stage.need(
        LEGAL, "法务同意", "legal approves", expected="200", seen="200" if done.said in ("200", "204") else done.said
    )
    began, now = time.monotonic(), [""]
    while now != ["manager"] and time.monotonic() - began < AT_ONCE:
        items = stage.at(STAFF).get(f"/flows/records/contract/{contract}").body.get("items", [])
        now = [one["id"] for item in items for one in item["now"]]
    stage.step(
        STAFF,
        "一秒之内看到已到部门经理",
        "sees within a second that the manager has it",
        expected="['manager']",
        seen=now,
    )
    mine = any(one["id"] == case for one in stage.at(MANAGER).get("/flows/work").body.get("items", []))
    stage.step(MANAGER, "经理的待办里有它", "the manager has it", expected="True", seen=mine)


def _in_figures(stage: Stage, before: dict[str, Any]) -> None:
    now = _figures(stage, MANAGEMENT)
    moved = [
        (_node(now, code).get("wip") or 0) - (_node(before, code).get("wip") or 0) for code in ("legal", "manager")
    ]
    stage.step(
        MANAGEMENT,
        "大图立刻跟着变：法务少一件，经理多一件",
        "the picture follows at once",
        expected="[0, 1]",
        seen=moved,
    )


# -- the rules, each of which can be taken away ------------------------------------------------------------------


def _no_process() -> None:
    from heli.flows.models import Process

    Process.objects.filter(code=PROCESS).update(current=None)


def _no_notices() -> None:
    """Nobody is told of work."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("CREATE RULE no_notices AS ON INSERT TO notices_notice DO INSTEAD NOTHING")
        else:
            cursor.execute("CREATE TRIGGER no_notices BEFORE INSERT ON notices_notice BEGIN SELECT RAISE(IGNORE); END")


_CONTRACTS = {"type": "contract", "actions": ["read"], "scope": ["all"]}
RULES: dict[str, Rule] = {
    "process": Rule(Words("合同按流程审批", "contracts are approved by a process"), _no_process),
    "notices": Rule(Words("轮到谁就通知谁", "whoever's turn it is is told"), _no_notices),
    "own-only": Rule(Words("员工只看到自己的合同", "salespeople see their own contracts only"), sabotage.more("sales_rep", _CONTRACTS)),
    "management": Rule(Words("管理层看得到全公司的合同", "management sees all contracts"), sabotage.less("management", "contract", "read")),
    "department": Rule(Words("经理只看到本部门", "managers see their department only"),
                       sabotage.more("sales_manager", {**_CONTRACTS, "read": {"*": "read"}})),
    "marketing": Rule(Words("市场看不到合同", "marketing sees no contracts"), sabotage.more("marketing", {**_CONTRACTS, "read": {"*": "read"}})),
}  # fmt: skip
