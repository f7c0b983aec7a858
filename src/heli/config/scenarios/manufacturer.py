"""A manufacturer with the hybrid model: basic data for sales, changes and approval for their manager, feedback alone for
marketing, an audit of contracts and payments for finance; and every right changes through an approval, at once."""

from __future__ import annotations

from typing import Any

from heli.config.scenarios import office, sabotage
from heli.config.scenarios.stage import Rule, Stage
from heli.kernel.words import Words

WORDS = Words("制造企业：部门、岗位、项目三层混合权限", "A manufacturer: department, position and project combined")

REP, MANAGER, MARKETER, ACCOUNTANT, AUDITOR = (
    "leijingxing", "liqiang", "xujiayi", "wuting", "huangxinyi",
)  # fmt: skip
MEMBER, LEGAL, GENERAL = "wangmin", "zhengkaixuan", "linguodong"
PROCESS = "contract_approval"
"""Of the same post, and a member of a project."""
COMMON: list[dict[str, Any]] = [
    {"type": "page:workbench", "actions": ["open"], "scope": ["all"]},
    {"type": "page:records", "actions": ["open"], "scope": ["all"]},
    {"type": "page:access", "actions": ["open"], "scope": ["all"]},
    {"type": "organisation", "actions": ["read"], "scope": ["all"]},
]
BASIC = {"sensitive": "masked", "confidential": "hidden"}
CLEAR = {"sensitive": "read", "confidential": "read"}
ROLES: dict[str, dict[str, Any]] = {
    "sales_rep": {
        "name": "销售员", "name_en": "Salesperson",
        "lines": [
            *COMMON,
            {"type": "account", "actions": ["read"], "scope": ["department"], "read": BASIC},
            {"type": "contract", "actions": ["read", "create", "edit", "submit"], "scope": ["own"], "read": CLEAR},
        ],
    },
    "sales_manager": {
        "name": "销售经理", "name_en": "Sales manager",
        "lines": [
            *COMMON,
            {"type": "account", "actions": ["read", "edit"], "scope": ["below"], "read": CLEAR, "write": ["*"]},
            {"type": "contract", "actions": ["read"], "scope": ["below"], "read": CLEAR},
            {"type": "contract", "actions": ["approve"], "scope": ["below"], "limit": "500000.00"},
        ],
    },
    "marketing": {
        "name": "市场", "name_en": "Marketing",
        "lines": [*COMMON, {"type": "feedback", "actions": ["read"], "scope": ["all"], "read": {"account": "masked"}}],
    },
    "finance": {
        "name": "财务", "name_en": "Finance",
        "lines": [*COMMON, {"type": "contract", "actions": ["read"], "scope": ["all"], "read": CLEAR},
                  {"type": "payment", "actions": ["read"], "scope": ["all"], "read": CLEAR}],
    },
}  # fmt: skip
GONE = ("rep-reads-own", "rep-claims", "rep-account-phone", "finance-payments")
"""Policy tests of the shipped roles that this company's own do not keep: taken out by the same draft."""
OWN_TEST = {
    "name": "销售员看不到客户电话", "name_en": "salespeople see no customer's phone", "rule": "never",
    "who": {"role": ["sales_rep"], "without": ["sales_manager"]}, "type": "account", "action": "read", "field": "phone",
}  # fmt: skip


def play(stage: Stage) -> None:
    """The story. Raises Over where it cannot go on."""
    _configure(stage)
    stage.scene("configured", RULES)
    _sales(stage)
    _manager(stage)
    _marketing(stage)
    _finance(stage)
    _change_at_once(stage)
    _trace(stage)


def _configure(stage: Stage) -> None:
    stage.scene("start", RULES)
    things: list[office.Thing] = [("role", code, body) for code, body in ROLES.items()]
    things += [("promise", code, None) for code in GONE]
    things.append(("promise", "salespeople-phone", OWN_TEST))
    office.name_a_third(stage)
    office.publish(stage, "制造企业的四个角色", things, lifts=True)


def _types(stage: Stage, who: str) -> str:
    return " ".join(sorted(one["code"] for one in stage.at(who).get("/meta").body["types"]))


def _first(stage: Stage, who: str, kind: str, query: str = "") -> dict[str, Any]:
    """The first record that this person sees, with the level of each cell; empty when they see none."""
    items = stage.at(who).get(f"/records/{kind}?limit=1{query}").body.get("items", [])
    return dict(stage.at(who).get(f"/records/{kind}/{items[0]['id']}").body) if items else {}


def _sales(stage: Stage) -> None:
    stage.step(
        REP, "只看得到客户和自己的合同", "sees customers and own contracts, nothing else",
        expected="account contract", seen=_types(stage, REP),
    )  # fmt: skip
    record = _first(stage, REP, "account")
    cells = record.get("access", {})
    stage.step(
        REP, "看得到本部门客户的基本资料", "reads the basic data of the department's customers", expected="read",
        seen=cells.get("name", "absent"),
    )  # fmt: skip
    stage.step(
        REP, "电话脱敏，信用额度不存在", "phone masked, credit limit absent", expected="masked absent",
        seen=f"{cells.get('phone', 'masked')} {cells.get('credit_limit', 'absent')}",
    )  # fmt: skip
    path = f"/records/account/{record.get('id', '0' * 32)}"
    browser = stage.at(REP)
    edited = browser.send("PATCH", path, {"short_name": "改名"}, If_Match=browser.get(path).etag)
    stage.step(
        REP, "不能修改客户，并说明原因", "changes no customer, and is told why", expected="403 with a reason",
        seen=f"{edited.status} {'with a reason' if edited.body.get('why') else 'without'}",
    )  # fmt: skip
    stage.step(
        MEMBER, "同一岗位、在项目里的人另外看得到项目的商机", "the same post within a project adds the project's deals",
        expected="True", seen="opportunity" in _types(stage, MEMBER).split(),
    )  # fmt: skip


def _manager(stage: Stage) -> None:
    browser = stage.at(MANAGER)
    record = _first(stage, MANAGER, "account")
    path = f"/records/account/{record.get('id', '0' * 32)}"
    edited = browser.send("PATCH", path, {"short_name": "经理改过"}, If_Match=browser.get(path).etag)
    stage.step(MANAGER, "修改本部门的客户", "changes a customer of the department", expected="200", seen=edited.said)
    other = _first(stage, "hanlei", "account")
    seen = browser.get(f"/records/account/{other.get('id', '0' * 32)}")
    stage.step(
        MANAGER, "别的大区的客户等于不存在", "another region's customer does not exist", expected="404 not_found",
        seen=seen.said,
    )  # fmt: skip
    stage.step(
        MANAGER, "在流程里批准额度内的合同", "approves a contract within the limit, in its process", expected="200 approved",
        seen=_approved(stage, "400000.00"),
    )  # fmt: skip
    stage.step(
        MANAGER, "超过 50 万元的，经理同意后还要总经理批准", "above 500,000 the managing director decides after them",
        expected="200 review, then linguodong", seen=_approved(stage, "900000.00"),
    )  # fmt: skip


def _approved(stage: Stage, amount: str) -> str:
    """A contract that the salesperson draws up over this amount, looked at by legal and finance and agreed to by the manager: what
    became of it, and who has it where it is not approved."""
    browser = stage.at(REP)
    account = browser.get("/records/account?limit=1").body["items"][0]["id"]
    made = browser.post(
        "/records/contract",
        {"name": f"设备采购 {amount}", "account": account, "amount": amount, "starts_on": "2027-01-01", "ends_on": "2027-12-31",
         "payment_terms": "30 / 60 / 10"},
    )  # fmt: skip
    stage.need(REP, f"起草 {amount} 元的合同", f"draws up a contract over {amount}", expected="201", seen=made.said)
    begun = browser.post("/flows/instances", {"process": PROCESS, "record": made.body["id"]})
    stage.need(REP, "送审：发起合同审批", "begins its approval", expected="201", seen=begun.said)
    case = str(begun.body["id"])
    for who, zh, en in ((LEGAL, "法务审核", "legal agrees"), (ACCOUNTANT, "财务审核", "finance agrees")):
        stage.need(who, zh, en, expected="200", seen=office.agree(stage, who, case))
    said = office.agree(stage, MANAGER, case)
    status = browser.get(f"/records/contract/{made.body['id']}").body.get("values", {}).get("status", "absent")
    told = f"{said} {status}"
    if status == "approved":
        return told
    waits = any(one["id"] == case for one in stage.at(GENERAL).get("/flows/work").body.get("items", []))
    return f"{told}, then {GENERAL if waits else 'nobody'}"


def _marketing(stage: Stage) -> None:
    office.give_back(stage, MARKETER)
    stage.step(
        MARKETER, "只看得到产品反馈", "sees feedback and nothing else", expected="feedback",
        seen=_types(stage, MARKETER),
    )  # fmt: skip
    stage.step(
        MARKETER, "客户等于不存在", "customers do not exist", expected="404 not_found",
        seen=stage.at(MARKETER).get("/records/account").said,
    )  # fmt: skip
    record = _first(stage, MARKETER, "feedback", "&sort=-created_at")
    stage.step(
        MARKETER, "反馈来自谁只显示别名", "whom feedback comes from is an alias", expected="masked",
        seen=record.get("access", {}).get("account", "masked" if record else "no feedback"),
    )  # fmt: skip


def _finance(stage: Stage) -> None:
    # a finished one: no process hands it to finance, so that it is the role alone that shows it
    contract = _first(stage, ACCOUNTANT, "contract", "&filter=%7B%22status%22%3A%22finished%22%7D")
    stage.step(
        ACCOUNTANT, "看得到合同金额", "reads contract amounts", expected="read",
        seen=contract.get("access", {}).get("amount", "absent"),
    )  # fmt: skip
    payment = _first(stage, ACCOUNTANT, "payment")
    stage.step(
        ACCOUNTANT, "看得到回款金额", "reads payment amounts", expected="read",
        seen=payment.get("access", {}).get("amount", "absent"),
    )  # fmt: skip
    path = f"/records/contract/{contract.get('id', '0' * 32)}"
    browser = stage.at(ACCOUNTANT)
    stage.step(
        ACCOUNTANT, "审计不改合同", "audits and changes no contract", expected="403",
        seen=browser.send("PATCH", path, {"name": "x"}, If_Match=browser.get(path).etag).status,
    )  # fmt: skip


def _change_at_once(stage: Stage) -> None:
    """A right changes through an approval, and holds at the next request; so does taking it back."""

    def phone() -> str:
        cells = _first(stage, REP, "account").get("access", {})
        return str(cells.get("phone", "masked"))

    lines = [dict(line) for line in ROLES["sales_rep"]["lines"]]
    lines[4] = {**lines[4], "read": {**BASIC, "phone": "read"}}
    opened = {**ROLES["sales_rep"], "lines": lines}
    desk = office.Desk(stage, "销售员可以看电话")
    desk.put(("role", "sales_rep", opened))
    office.refused_alone(stage, desk)
    stage.step(
        office.AUTHOR, "策略测试拦住它，并说明谁会看到", "a policy test blocks it and says who would see",
        expected="409 promise", seen=desk.step(office.AUTHOR, "submit").said,
    )  # fmt: skip
    desk.put(("promise", "salespeople-phone", None))
    stage.need(
        office.AUTHOR, "连同测试一起修改，提交", "changes the test too and submits", expected="200",
        seen=desk.step(office.AUTHOR, "submit").said,
    )  # fmt: skip
    stage.step(REP, "批准之前看不到电话", "before approval the phone is masked", expected="masked", seen=phone())
    stage.step(
        office.AUTHOR, "没人批准就发布：拒绝", "publishes it without approval: refused", expected="409 unapproved",
        seen=desk.step(office.AUTHOR, "publish").said,
    )  # fmt: skip
    stage.need(office.APPROVER, "批准", "approves", expected="200", seen=desk.step(office.APPROVER, "approve").said)
    office.approve_once_more(stage, desk)
    stage.need(office.AUTHOR, "发布", "publishes", expected="200", seen=desk.step(office.AUTHOR, "publish").said)
    stage.step(REP, "下一次请求就看得到", "reads it with the very next request", expected="masked_read", seen=phone())
    version = stage.at(office.APPROVER).get("/access/versions").body["items"][0]["id"]
    undone = stage.at(office.APPROVER).post(f"/access/versions/{version}/undo", {})
    stage.need(office.APPROVER, "一步撤销", "takes it back in one step", expected="201", seen=undone.said)
    stage.step(REP, "下一次请求就看不到", "the very next request shows the mask", expected="masked", seen=phone())


def _trace(stage: Stage) -> None:
    log = stage.at(AUDITOR).get("/audit?type=policy").body.get("items", [])
    told = [one["action"] for one in log if one["outcome"] == "done"]
    stage.step(
        AUDITOR, "四次生效都在审计日志里", "all four publications stand in the log", expected="4",
        seen=told.count("policy.publish"),
    )  # fmt: skip
    name = stage.at(REP).get("/me").body["person"]["name"]
    refused = stage.at(AUDITOR).get("/audit?type=account&outcome=refused").body.get("items", [])
    stage.step(
        AUDITOR, "被拒绝的修改也在", "and so does the refused change", expected="True",
        seen=any(one["action"] == "account.edit" and one["actor"] == name for one in refused),
    )  # fmt: skip


# -- the rules, each of which can be taken away ------------------------------------------------------------------


_EDIT = {"type": "account", "actions": ["edit"], "scope": ["department"]}
RULES: dict[str, Rule] = {
    "second-person": Rule(Words("改权限要第二个人批准", "a second person approves"), sabotage.no_approval),
    "policy-test": Rule(Words("策略测试拦住违反承诺的草稿", "policy tests block drafts"), sabotage.no_test("salespeople-phone"), "configured"),
    "rep-basic": Rule(
        Words("销售员只看基本资料", "salespeople read basic data only"),
        sabotage.more("sales_rep", {"type": "account", "actions": ["read"], "scope": ["department"], "read": {"*": "read"}}),
        "configured",
    ),
    "rep-no-edit": Rule(Words("销售员不改客户", "salespeople change nothing"), sabotage.more("sales_rep", _EDIT), "configured"),
    "rep-only": Rule(
        Words("销售员只看客户和合同", "salespeople see customers and contracts only"),
        sabotage.more("sales_rep", {"type": "payment", "actions": ["read"], "scope": ["own"]}), "configured",
    ),
    "manager-edits": Rule(
        Words("经理修改本部门客户", "managers change the department's customers"),
        sabotage.less("sales_manager", "account", "edit"), "configured",
    ),
    "manager-below": Rule(
        Words("经理只看本部门及下级", "managers see what is below them only"),
        sabotage.more("sales_manager", {"type": "account", "actions": ["read"], "scope": ["all"]}), "configured",
    ),
    "manager-approves": Rule(
        Words("部门经理批准合同", "the head of the team approves contracts"),
        sabotage.rewritten(PROCESS, '<heli:assignee rule="head" of="owner"/>', '<heli:assignee rule="person" person="wangmin"/>'), "configured",
    ),
    "manager-limit": Rule(
        Words("经理批准不超过 50 万元", "managers approve up to 500,000"),
        sabotage.rewritten(PROCESS, "record.amount &gt; 500000", "record.amount &gt; 99999999"), "configured",
    ),
    "marketing-feedback": Rule(
        Words("市场只看反馈", "marketing sees feedback only"),
        sabotage.more("marketing", {"type": "account", "actions": ["read"], "scope": ["all"]}), "configured",
    ),
    "marketing-alias": Rule(
        Words("反馈的客户是别名", "feedback's customers are aliases"),
        sabotage.more("marketing", {"type": "feedback", "actions": ["read"], "scope": ["all"], "read": {"account": "read"}}),
        "configured",
    ),
    "finance-contracts": Rule(
        Words("财务审计合同", "finance audits contracts"), sabotage.less("finance", "contract", "read"), "configured"
    ),
    "finance-payments": Rule(
        Words("财务审计回款", "finance audits payments"), sabotage.less("finance", "payment", "read"), "configured"
    ),
    "finance-no-edit": Rule(
        Words("财务不改合同", "finance changes no contracts"),
        sabotage.more("finance", {"type": "contract", "actions": ["edit"], "scope": ["all"]}), "configured",
    ),
    "audit": Rule(
        Words("每一步都留痕", "every step leaves a trace"), sabotage.nothing("auditor"), "configured"
    ),
}  # fmt: skip
