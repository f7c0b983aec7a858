"""An education company: a finished campaign hands its leads to sales by itself, each in turn; who takes one, gives it back or wins it is
seen by marketing at once; support sees the new customer's history. Three departments, no spreadsheet."""

from __future__ import annotations

from functools import partial
from typing import Any
from urllib.parse import quote

from heli.config.scenarios import sabotage
from heli.config.scenarios.stage import Over, Rule, Stage
from heli.kernel.words import Words

WORDS = Words("教育公司：活动线索自动分给销售，结果回到市场", "Education: a campaign's leads go to sales by themselves")

MARKETING, SUPPORT, AUDITOR, MANAGEMENT = "xujiayi", "sunli", "huangxinyi", "linguodong"
FIRMS = ("青禾少儿编程", "启明国际课程中心", "知行成人教育")
PROCESS = "lead_distribution"


def play(stage: Stage) -> None:
    """The story. Raises Over where it cannot go on."""
    stage.scene("start", RULES)
    campaign, leads = _campaign(stage)
    _nobody_of_sales_sees_them(stage, leads)
    work = _finished(stage, campaign, leads)
    second, third = _given_back(stage, leads[0], work)
    _taken(stage, leads[1], work[leads[1]])
    customer = _won(stage, leads[1], work[leads[1]], campaign)
    _slow(stage, leads[0], second, third)
    _support(stage, customer)
    _trace(stage, leads[1])


def _campaign(stage: Stage) -> tuple[str, list[str]]:
    browser = stage.at(MARKETING)
    made = browser.post("/records/campaign", {"name": "秋季公开课", "status": "running"})
    stage.need(MARKETING, "建市场活动「秋季公开课」", "makes the campaign", expected="201", seen=made.said)
    campaign = str(made.body["id"])
    leads = []
    for number, firm in enumerate(FIRMS):
        values = {
            "name": f"{firm}咨询",
            "company": firm,
            "contact_name": f"王老师{number}",
            "phone": f"1390000100{number}",
            "campaign": campaign,
        }
        lead = browser.post("/records/lead", values)
        stage.need(MARKETING, f"登记线索 {firm}", f"notes the lead {number + 1}", expected="201", seen=lead.said)
        leads.append(str(lead.body["id"]))
    return campaign, leads


def _nobody_of_sales_sees_them(stage: Stage, leads: list[str]) -> None:
    stage.step(
        "wangmin", "活动没结束，销售看不到这些线索", "before the campaign ends sales sees none of them", expected="404 not_found",
        seen=stage.at("wangmin").get(f"/records/lead/{leads[0]}").said,
    )  # fmt: skip


def _finished(stage: Stage, campaign: str, leads: list[str]) -> dict[str, tuple[str, str, int]]:
    """The campaign is over: whose turn each lead is, with the case and the number of the work."""
    browser, path = stage.at(MARKETING), f"/records/campaign/{campaign}"
    done = browser.send("PATCH", path, {"status": "finished"}, If_Match=browser.get(path).etag)
    stage.need(MARKETING, "把活动标为已结束", "marks the campaign finished", expected="200", seen=done.said)

    def distributed() -> dict[str, str] | None:
        found = {one: _case(stage, MARKETING, one) for one in leads}
        return {lead: case for lead, case in found.items() if case} if all(found.values()) else None

    cases = stage.until(distributed)
    stage.need(
        MARKETING, "三条线索自己进入分配流程，没有人导表", "the three leads go into distribution by themselves", expected="3",
        seen=str(len(cases or {})),
    )  # fmt: skip
    assert cases is not None
    found: dict[str, tuple[str, str, int]] = {}
    for lead, case in cases.items():
        holder = stage.until(partial(_holder, stage, case))
        if holder is None:
            raise Over("nobody got a lead")
        found[lead] = (*holder[:1], case, holder[1])
    stage.step(
        MANAGEMENT, "轮流分给三位不同的销售", "each goes to another salesperson in turn", expected="3",
        seen=len({one for one, _, _ in found.values()}),
    )  # fmt: skip
    return found


def _lead(stage: Stage, who: str, lead: str) -> str:
    return stage.at(who).get(f"/records/lead/{lead}").said


def _case(stage: Stage, who: str, lead: str) -> str:
    items = stage.at(who).get(f"/flows/records/lead/{lead}").body.get("items", [])
    return next((str(one["id"]) for one in items if one["process"] == PROCESS), "")


def _holder(stage: Stage, case: str) -> tuple[str, int] | None:
    """Who has the case's open work, and its number, as management sees it."""
    works = stage.at(MANAGEMENT).get(f"/flows/instances/{case}").body.get("work", [])
    return next(((str(one["person"]["username"]), int(one["number"])) for one in works if one["state"] == "open"), None)


def _mine(stage: Stage, who: str, case: str) -> int | None:
    """The number of this person's open work in the case."""
    items = stage.at(who).get("/flows/work").body.get("items", [])
    return next((int(one["number"]) for one in items if one["id"] == case), None)


def _decide(stage: Stage, who: str, case: str, number: int, **body: Any) -> str:
    return stage.at(who).post(f"/flows/instances/{case}/work/{number}/decide", body).said


def _given_back(stage: Stage, lead: str, work: dict[str, tuple[str, str, int]]) -> tuple[str, str]:
    """The first does not want it: it goes on to another, and the first sees it no more."""
    first, case, number = work[lead]
    seen = stage.at(first).get(f"/records/lead/{lead}")
    stage.step(
        first, "轮到自己的线索看得到，电话打码", "sees the lead that is theirs to take, its phone masked", expected="200 139****1000",
        seen=f"{seen.said} {seen.body.get('values', {}).get('phone', 'absent')}",
    )  # fmt: skip
    other = next(one for one, _, _ in work.values() if one != first)
    stage.step(
        other, "别人的还是看不到", "and nobody else's", expected="404 not_found", seen=_lead(stage, other, lead),
    )  # fmt: skip
    back = _decide(stage, first, case, number, approve=False, text="不在我负责的区域")
    stage.need(
        first,
        "退回并写明原因",
        "gives it back and says why",
        expected="200",
        seen="200" if back in ("200", "204") else back,
    )

    def moved() -> tuple[str, int] | None:
        found = _holder(stage, case)
        return found if found is not None and found[0] != first else None

    following = stage.until(moved)
    stage.need(
        MARKETING, "立刻转给下一位销售", "it goes to the next at once", expected="True", seen=following is not None
    )
    assert following is not None
    stage.step(
        first, "退回后再也看不到", "who gave it back sees it no more", expected="404 not_found", seen=_lead(stage, first, lead),
    )  # fmt: skip
    return following[0], case


def _taken(stage: Stage, lead: str, work: tuple[str, str, int]) -> None:
    who, case, number = work
    yes = _decide(stage, who, case, number, approve=True)
    stage.need(who, "接收线索", "takes the lead", expected="200", seen=yes)
    owner = stage.at(MARKETING).get(f"/records/lead/{lead}").body.get("values", {}).get("owner") or {}
    stage.step(
        MARKETING, "市场马上看到谁接了", "marketing sees at once who has it", expected=who, seen=owner.get("username", "absent"),
    )  # fmt: skip

    def told() -> bool | None:
        items = stage.at(MARKETING).get("/notices").body.get("items", [])
        return any(one["href"] == f"/flows/{case}" for one in items) or None

    stage.step(MARKETING, "并收到通知", "and is told of it", expected="True", seen=stage.until(told) or False)


def _won(stage: Stage, lead: str, work: tuple[str, str, int], campaign: str) -> str:
    """First contact, then a customer and a deal; marketing's figure moves."""
    who, case, _ = work
    holder = stage.until(lambda: _mine(stage, who, case))
    if holder is None:
        raise Over("the first contact waits for nobody")
    before = _converted(stage, campaign)
    empty = _decide(stage, who, case, holder, approve=True)
    stage.step(who, "没约下次跟进，办不了结", "cannot be done without a next date", expected="422", seen=empty[:3])
    done = _decide(stage, who, case, holder, approve=True, values={"next_follow_on": "2030-01-08"})
    stage.need(who, "首次联系，约好下次跟进", "makes first contact and names the next date", expected="200", seen=done)
    browser, path = stage.at(who), f"/records/lead/{lead}"
    browser.send("POST", f"{path}/actions/move", {"stage": "contacted"}, If_Match=browser.get(path).etag)
    won = browser.send(
        "POST", f"{path}/actions/convert", {"opportunity_name": "年度课程合作"}, If_Match=browser.get(path).etag
    )
    stage.need(who, "转化成客户和商机", "makes a customer and a deal of it", expected="200", seen=won.said)
    stage.step(
        MARKETING, "市场的转化数立刻从 0 变成 1", "marketing's figure goes from none to one at once", expected="0 → 1",
        seen=f"{before} → {_converted(stage, campaign)}",
    )  # fmt: skip

    def ended() -> str | None:
        state = stage.at(who).get(f"/flows/instances/{case}").body.get("state")
        return str(state) if state != "running" else None

    stage.step(
        who,
        "流程自己办结，结果回到市场",
        "the case ends by itself and its outcome goes back",
        expected="completed",
        seen=stage.until(ended),
    )
    values = browser.get(path).body.get("values", {})
    return str((values.get("converted_account") or {}).get("id", "0" * 32))


def _converted(stage: Stage, campaign: str) -> int:
    """How many leads of the campaign are customers, as marketing counts them."""
    wanted = quote(
        '{"and":[{"field":"campaign","op":"=","value":"'
        + campaign
        + '"},{"field":"stage","op":"=","value":"converted"}]}'
    )
    return int(stage.at(MARKETING).get(f"/records/lead/count?filter={wanted}").body.get("count", -1))


def _slow(stage: Stage, lead: str, second: str, case: str) -> None:
    """Who does not react loses the lead to the next by itself."""
    stage.later("三天过去，没有人接收", "three days pass and nobody takes it", days=3)

    def moved() -> str | None:
        found = _holder(stage, case)
        return found[0] if found is not None and found[0] != second else None

    following = stage.until(moved)
    stage.step(
        MANAGEMENT,
        "两天没接收的线索自己转给下一位",
        "what nobody took in two days goes to the next by itself",
        expected="True",
        seen=following is not None,
    )
    stage.step(
        second, "不接收的人不再看得到", "who did not take it sees it no more", expected="404 not_found", seen=_lead(stage, second, lead),
    )  # fmt: skip


def _support(stage: Stage, customer: str) -> None:
    """Support sees the customers whose tickets it works on, with their history and no more than that takes."""
    browser = stage.at(SUPPORT)
    stage.step(
        SUPPORT, "没有工单的客户，客服看不到", "support does not see a customer without a ticket", expected="404 not_found",
        seen=browser.get(f"/records/account/{customer}").said,
    )  # fmt: skip
    me = browser.get("/me").body["person"]["id"]
    mine = quote('{"field":"owner","op":"=","value":"' + me + '"}')
    tickets = browser.get(f"/records/ticket?limit=50&filter={mine}").body.get("items", [])
    theirs = next((one["account"] for one in tickets if one.get("account")), None)
    if theirs is None:
        raise Over("support has no ticket of a customer")
    seen = browser.get(f"/records/account/{theirs['id']}")
    cells = seen.body.get("access", {})
    stage.step(
        SUPPORT, "自己工单的客户看得到，看不到年营收", "the customer of an own ticket is there, and no revenue", expected="200 absent",
        seen=f"{seen.said} {cells.get('annual_revenue', 'absent')}",
    )  # fmt: skip
    history = quote('{"field":"account","op":"=","value":"' + theirs["id"] + '"}')
    stage.step(
        SUPPORT, "看得到这个客户的全部工单", "and all tickets of that customer", expected="True",
        seen=len(browser.get(f"/records/ticket?limit=50&filter={history}").body.get("items", [])) > 0,
    )  # fmt: skip
    stage.step(
        SUPPORT, "看不到线索", "and no leads", expected="0", seen=len(browser.get("/records/lead?limit=5").body.get("items", [])),
    )  # fmt: skip


def _trace(stage: Stage, lead: str) -> None:
    log = stage.at(AUDITOR).get(f"/audit?type=lead&id={lead}").body.get("items", [])
    told = {one["action"].partition(".")[2] for one in log}
    for wanted, zh, en in (
        ("create", "登记", "the lead"),
        ("accept", "接收", "taking it"),
        ("convert", "转化", "the customer made of it"),
    ):
        stage.step(AUDITOR, f"日志里有{zh}", f"the log holds {en}", expected="True", seen=wanted in told)


# -- the rules, each of which can be taken away ------------------------------------------------------------------


def _closed(*codes: str) -> Any:
    """A process of which nothing begins any more."""

    def take_away() -> None:
        from heli.flows.models import Opening, Process, Version

        Process.objects.filter(code__in=codes).update(current=None)
        Opening.objects.filter(version__in=Version.objects.filter(process__code__in=codes)).delete()

    return take_away


_LEADS = {"type": "lead", "actions": ["read"], "scope": ["all"]}
RULES: dict[str, Rule] = {
    "distribution": Rule(Words("线索按流程分配", "leads are distributed by a process"), _closed(PROCESS)),
    "closing": Rule(Words("活动结束就分配", "a finished campaign hands its leads on"), _closed("campaign_closing")),
    "own-only": Rule(Words("销售只看到自己的线索", "salespeople see their own leads only"), sabotage.more("sales_rep", _LEADS)),
    "marketing": Rule(Words("市场看得到线索的结果", "marketing sees what becomes of leads"), sabotage.less("marketing", "lead", "read")),
    "convert": Rule(Words("销售能转化线索", "salespeople convert leads"), sabotage.less("sales_rep", "lead", "convert")),
    "support": Rule(Words("客服看得到工单的客户", "support sees the customers of tickets"), sabotage.less("support", "account", "read")),
    "support-only": Rule(Words("客服只看到有工单的客户", "support sees customers of tickets only"),
                         sabotage.more("support", {"type": "account", "actions": ["read"], "scope": ["all"]})),
    "audit": Rule(Words("每一步都留痕", "every step leaves a trace"), sabotage.nothing("auditor")),
}  # fmt: skip
