"""A maker of medical devices: only management deletes a contract, a salesperson touches only what is theirs, each step leaves
a trace, what was lent reminds of itself and ends by itself, a mistaken deletion is prevented and can be taken back."""

from __future__ import annotations

from functools import partial
from typing import Any

from heli.config.scenarios import office, sabotage
from heli.config.scenarios.stage import Rule, Stage
from heli.kernel.words import Words

WORDS = Words("医疗器械：只有管理层能删除合同", "Medical devices: only management deletes a contract")

REP, COLLEAGUE, MANAGER, MANAGEMENT, AUDITOR = "zhangwei", "wangmin", "liqiang", "linguodong", "huangxinyi"
DAY = 86_400
NAME = "监护仪三年维保"
NONE = "0" * 32


def play(stage: Stage) -> None:
    """The story. Raises Over where it cannot go on."""
    stage.scene("start", RULES)
    _own_work(stage)
    contract = _contract(stage)
    _nobody_else_deletes(stage, contract)
    _no_draft_opens_it(stage, contract)
    _lent_and_reminded(stage, contract)
    _deleted_and_back(stage, contract)
    _trace(stage, contract)


def _one(stage: Stage, who: str, kind: str) -> str:
    """The first record of this kind that is this person's own."""
    me = stage.at(who).get("/me").body["person"]["id"]
    from urllib.parse import quote

    mine = quote('{"field":"owner","op":"=","value":"' + me + '"}')
    items = stage.at(who).get(f"/records/{kind}?limit=1&filter={mine}").body.get("items", [])
    return str(items[0]["id"]) if items else NONE


def _own_work(stage: Stage) -> None:
    mine, theirs = _one(stage, REP, "account"), _one(stage, COLLEAGUE, "account")
    stage.step(
        REP, "看得到自己的客户", "sees an own customer", expected="200",
        seen=stage.at(REP).get(f"/records/account/{mine}").said,
    )  # fmt: skip
    stage.step(
        REP, "同事的客户等于不存在", "a colleague's customer does not exist", expected="404 not_found",
        seen=stage.at(REP).get(f"/records/account/{theirs}").said,
    )  # fmt: skip
    changed = stage.at(REP).send("PATCH", f"/records/account/{theirs}", {"short_name": "x"}, If_Match='"x"')
    stage.step(
        REP, "也改不了", "and cannot be changed", expected="404 not_found", seen=changed.said
    )  # fmt: skip


def _contract(stage: Stage) -> str:
    browser = stage.at(REP)
    made = browser.post(
        "/records/contract",
        {"name": NAME, "account": _one(stage, REP, "account"), "amount": "260000.00", "payment_terms": "30 / 60 / 10"},
    )  # fmt: skip
    stage.need(REP, "起草合同", "draws up a contract", expected="201", seen=made.said)
    return str(made.body["id"])


def _delete(stage: Stage, who: str, contract: str, etag: str = "") -> str:
    browser = stage.at(who)
    path = f"/records/contract/{contract}"
    return browser.send("DELETE", path, If_Match=etag or browser.get(path).etag or '"x"').said


def _nobody_else_deletes(stage: Stage, contract: str) -> None:
    for who, zh, en in (
        (REP, "起草人删不掉自己的合同", "its author cannot delete it"),
        (MANAGER, "经理也删不掉", "nor can the manager"),
        ("wuting", "财务也删不掉", "nor finance"),
    ):
        stage.step(who, zh, en, expected="403", seen=_delete(stage, who, contract)[:3])
    why = stage.at(REP).get(f"/why?action=delete&type=contract&id={contract}").body
    told = [fact["words"]["zh"] for facts in why.get("missing", []) for fact in facts]
    stage.step(
        REP, "问为什么：要管理层的角色", "asks why: it takes management's role", expected="True",
        seen=any("管理层" in one for one in told),
    )  # fmt: skip


def _no_draft_opens_it(stage: Stage, contract: str) -> None:
    """Whoever wants to give it to managers meets the policy test; and the ceiling would hold even then."""
    role = office.role_of(stage, "sales_manager")
    line = {"type": "contract", "actions": ["delete"], "scope": ["below"]}
    desk = office.Desk(stage, "让经理也能删除合同")
    desk.put(("role", "sales_manager", {**role, "lines": [*role["lines"], line]}))
    office.refused_alone(stage, desk)
    refused = desk.step(office.AUTHOR, "submit")
    stage.step(
        office.AUTHOR, "给经理删除权的草稿被上限挡住，无法生效", "a draft that gives it to managers gives nothing: the ceiling bounds it",
        expected="200, then 403",
        seen=f"{refused.status}, then {_published_and_tried(stage, desk, refused.status, contract)}",
    )  # fmt: skip
    removed = office.Desk(stage, "取消删除上限")
    removed.put(
        ("ceiling", "contract-deletion", None), ("role", "sales_manager", {**role, "lines": [*role["lines"], line]})
    )
    stage.step(
        office.AUTHOR, "连上限一起取消：策略测试拦住", "taking the ceiling away too: a policy test blocks it",
        expected="409 promise", seen=removed.step(office.AUTHOR, "submit").said,
    )  # fmt: skip


def _published_and_tried(stage: Stage, desk: office.Desk, status: int, contract: str) -> str:
    if status == 200:
        desk.step(office.APPROVER, "approve")
        desk.step(office.AUTHOR, "publish")
    said = _delete(stage, MANAGER, contract)[:3]
    version = stage.at(office.APPROVER).get("/access/versions").body["items"][:1]
    if status == 200 and version:
        stage.at(office.APPROVER).post(f"/access/versions/{version[0]['id']}/undo", {})
    return said


def _lent_and_reminded(stage: Stage, contract: str) -> None:
    """The owner lends one cell for a day: it reminds of itself and ends by itself."""
    nurse = "sunli"
    ask: dict[str, Any] = {
        "type": "contract", "record": contract, "action": "read", "fields": ["name"], "seconds": DAY,
        "reason": "客户来电询问维保期限",
    }  # fmt: skip
    asked = stage.at(nurse).post("/access/requests", ask)
    stage.need(nurse, "客服申请看这份合同一天", "support asks to see it for a day", expected="201", seen=asked.said)
    stage.step(
        nurse, "批准之前看不到", "sees nothing before", expected="404 not_found",
        seen=stage.at(nurse).get(f"/records/contract/{contract}").said,
    )  # fmt: skip

    def arrived() -> str | None:
        inbox = stage.at(MANAGER).get("/access/requests?box=inbox").body["items"]
        return next((str(one["id"]) for one in inbox if one["record"] == contract), None)

    request = stage.until(arrived)
    stage.need(
        MANAGER, "申请到了能出借它的经理那里", "the request is with the manager, who may lend it", expected="True",
        seen=request is not None,
    )  # fmt: skip
    yes = stage.at(MANAGER).post(f"/access/requests/{request}/approve", {})
    stage.need(MANAGER, "能出借它的经理批准", "the manager, who may lend it, approves", expected="200", seen=yes.said)
    cells = stage.at(nurse).get(f"/records/contract/{contract}").body.get("access", {})
    stage.step(
        nurse, "只看得到名称，没有金额", "sees the name and no amount", expected="read absent",
        seen=f"{cells.get('name', 'absent')} {cells.get('amount', 'absent')}",
    )  # fmt: skip
    stage.step(
        nurse, "到期以前不提醒", "nothing reminds of it yet", expected="0 0", seen=_reminders(stage, nurse, contract)
    )
    stage.later("22 小时过去", "twenty-two hours pass", hours=22)
    for who, zh, en in (
        (nurse, "工作台和通知都提醒借来的即将到期", "the workbench and a notice remind that what is borrowed ends"),
        (MANAGER, "借出的经理也得到提醒", "the manager who lent it is reminded as well"),
    ):
        stage.until(partial(_reminded, stage, who, contract))
        stage.step(who, zh, en, expected="1 1", seen=_reminders(stage, who, contract))
    stage.step(
        REP, "没有参与的人不被打扰", "nobody else is disturbed", expected="0 0", seen=_reminders(stage, REP, contract)
    )
    stage.later("再过 3 小时", "three more hours pass", hours=3)
    stage.step(
        nurse, "到期自动收回", "it has ended by itself", expected="404 not_found",
        seen=stage.at(nurse).get(f"/records/contract/{contract}").said,
    )  # fmt: skip
    loans = stage.at(nurse).get(f"/access/loans?tab=record&record={contract}").body["items"]
    stage.step(
        nurse, "页面说明为什么看不到了：到期", "its page says why it is gone: its time was up", expected="['expired']",
        seen=str([one["ended"] for one in loans]),
    )  # fmt: skip


def _reminded(stage: Stage, who: str, contract: str) -> bool | None:
    return _reminders(stage, who, contract) == "1 1" or None


def _reminders(stage: Stage, who: str, contract: str) -> str:
    """How many reminders of the contract's loan stand in somebody's workbench, and how many notices tell of it."""
    bench = stage.at(who).get("/workbench").body["queue"]
    notices = stage.at(who).get("/notices").body["items"]
    mine = [one for one in bench if one["kind"] == "loan" and one["id"] == contract]
    return f"{len(mine)} {len([one for one in notices if one['kind'] == 'loan_soon' and NAME in one['text']['zh']])}"


def _deleted_and_back(stage: Stage, contract: str) -> None:
    path = f"/records/contract/{contract}"
    old = stage.at(MANAGEMENT).get(path).etag
    browser = stage.at(REP)
    browser.send("PATCH", path, {"name": "监护仪三年维保（客户已确认）"}, If_Match=browser.get(path).etag)
    stage.step(
        MANAGEMENT, "按旧内容删除：被拦下", "deletes what has changed meanwhile: prevented", expected="412 stale",
        seen=_delete(stage, MANAGEMENT, contract, old),
    )  # fmt: skip
    stage.step(
        MANAGEMENT, "管理层也不能一键删除：要走合同删除流程", "not even management deletes at a stroke: it takes the process",
        expected="403 by_process", seen=_delete(stage, MANAGEMENT, contract),
    )  # fmt: skip
    asked = browser.post("/flows/instances", {"process": "contract_deletion", "record": contract, "text": "重复录入"})
    stage.need(REP, "申请删除", "asks for the deletion", expected="201", seen=asked.said)
    case = str(asked.body["id"])
    stage.need(
        MANAGER,
        "部门经理核对后同意",
        "the head of the team checks and agrees",
        expected="200",
        seen=office.agree(stage, MANAGER, case),
    )
    stage.need(
        MANAGEMENT,
        "总经理批准，合同删除",
        "the managing director approves, and it is deleted",
        expected="200",
        seen=office.agree(stage, MANAGEMENT, case),
    )
    stage.step(
        REP, "对所有人都不见了", "it is gone for everybody", expected="404 not_found", seen=browser.get(path).said
    )
    stage.step(
        REP, "别人恢复不了", "nobody else brings it back", expected="403",
        seen=str(browser.post(f"{path}/restore", {}).status),
    )  # fmt: skip
    back = stage.at(MANAGEMENT).post(f"{path}/restore", {})
    stage.need(MANAGEMENT, "误删可以恢复", "brings the mistake back", expected="200", seen=back.said)
    stage.step(REP, "内容完整回来", "it is whole again", expected="监护仪三年维保（客户已确认）",
               seen=browser.get(path).body.get("values", {}).get("name", "absent"))  # fmt: skip


def _trace(stage: Stage, contract: str) -> None:
    log = stage.at(AUDITOR).get(f"/audit?type=contract&id={contract}").body.get("items", [])
    told = [(one["action"].partition(".")[2], one["outcome"]) for one in log]
    for wanted, zh, en in (
        (("create", "done"), "起草", "the draft"),
        (("delete", "refused"), "被拒绝的删除", "the refused deletions"),
        (("delete", "done"), "删除", "the deletion"),
        (("restore", "done"), "恢复", "the restoration"),
    ):
        stage.step(
            AUDITOR, f"日志里有{zh}", f"the log holds {en}", expected="True", seen=wanted in told
        )  # fmt: skip


# -- the rules, each of which can be taken away ------------------------------------------------------------------

_ALL = {"type": "account", "actions": ["read"], "scope": ["all"]}
RULES: dict[str, Rule] = {
    "own-only": Rule(Words("销售只碰自己的", "salespeople touch only what is theirs"), sabotage.more("sales_rep", _ALL)),
    "ceiling": Rule(
        Words("上限：只有管理层能删除合同", "the ceiling: only management deletes contracts"),
        sabotage.no_ceiling("contract-deletion"),
    ),
    "policy-test": Rule(
        Words("策略测试守住这条上限", "a policy test guards the ceiling"),
        sabotage.no_test("contract-delete-management"),
    ),
    "second-person": Rule(Words("改权限要第二个人", "a second person approves"), sabotage.no_approval),
    "management": Rule(
        Words("管理层能删除合同", "management can delete contracts"),
        sabotage.less("management", "contract", "delete"),
    ),
    "lending": Rule(
        Words("经理可以出借本部门的合同", "managers lend the department's contracts"),
        sabotage.less("sales_manager", "contract", "share"),
    ),
    "audit": Rule(Words("每一步都留痕", "every step leaves a trace"), sabotage.nothing("auditor")),
}  # fmt: skip
