"""Processes in the browser: a contract goes through three people, comes back with a reason, and a version is checked and published."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from tests.e2e.people import (
    FINANCE,
    LEGAL,
    MANAGEMENT,
    SALES_MANAGER,
    SALES_REP,
    SECURITY,
    SUPPORT,
    SYSTEM,
    Company,
    Watch,
)
from tests.e2e.test_access_for_all import AXE, RUN
from tests.e2e.test_bulk import posted

SUPPORT_LEAD = "tangli"


def draft(company: Company, page: Page, amount: str = "86000") -> tuple[str, str]:
    """A contract of this person: its name and its number."""
    page.goto("/")
    account = company.api(page, "/records/account?limit=1")["items"][0]["id"]
    name = f"试点合同{time.time_ns() % 10**8}"
    values = {"payment_terms": "签订后付清", "starts_on": "2030-01-01", "ends_on": "2030-12-31", "amount": amount}
    made = posted(page, company.base_url, "/records/contract", {"name": name, "account": account, **values})
    return name, made["id"]


def begun(company: Company, page: Page, record: str) -> str:
    """Its approval, begun; the number of the instance."""
    asked = {"process": "contract_approval", "record": record}
    return str(posted(page, company.base_url, "/flows/instances", asked)["id"])


def test_who_waits_urges_and_who_is_urged_is_told(company: Company) -> None:
    owner, legal = company.page(SALES_REP), company.page(LEGAL)
    watches = [Watch().on(page) for page in (owner, legal)]
    name, record = draft(company, owner)
    number = begun(company, owner, record)
    owner.goto(f"/flows/{number}")
    owner.get_by_role("button", name="更多处理方式").click()
    owner.get_by_role("menuitem", name="催办").click()
    expect(owner.get_by_text(re.compile("已催办"))).to_be_visible()

    legal.goto("/")
    legal.get_by_role("link", name=re.compile("条新通知")).first.click()
    told = legal.get_by_role("list", name="通知").get_by_role("link", name=re.compile(name))
    expect(told).to_have_count(2)
    expect(told.first).to_contain_text("催你处理「法务审核」")
    told.first.click()
    expect(legal.get_by_role("heading", level=1)).to_have_text(name)
    legal.goto("/account#notices")
    kind = legal.get_by_role("group", name="流程：被催办")
    kind.get_by_role("button", name="每日摘要").click()
    expect(kind.get_by_role("button", name="每日摘要")).to_have_attribute("aria-pressed", "true")
    legal.reload()
    expect(kind.get_by_role("button", name="每日摘要")).to_have_attribute("aria-pressed", "true")
    for watch in watches:
        watch.nothing_wrong()


def test_a_contract_goes_from_hand_to_hand_and_takes_its_rights_along(company: Company) -> None:
    owner, legal, manager = company.page(SALES_REP), company.page(LEGAL), company.page(SALES_MANAGER)
    finance = company.page(FINANCE)
    watches = [Watch().on(page) for page in (owner, legal, manager)]
    name, record = draft(company, owner)

    owner.goto(f"/records/contract/{record}")
    owner.get_by_role("button", name="发起流程").click()
    dialog = owner.get_by_role("dialog", name=re.compile("发起流程"))
    dialog.get_by_role("radio", name=re.compile("合同审批")).check()
    dialog.get_by_label("附言").fill("客户下周要签")
    dialog.get_by_role("button", name="发起", exact=True).click()
    expect(owner.get_by_text(re.compile("已发起「合同审批」，在 .*郑凯旋"))).to_be_visible()
    expect(owner.get_by_role("region", name="流程")).to_contain_text("法务审核")

    legal.goto("/")
    legal.get_by_role("option", name=re.compile(name)).click()
    pane = legal.get_by_role("region", name="选中的事项")
    expect(pane).to_contain_text("客户下周要签")
    pane.get_by_label("法务意见").fill("违约责任已补充")
    pane.get_by_role("button", name=re.compile("^同意")).click()
    expect(legal.get_by_text(re.compile("已同意，下一步：部门经理批准 · 李强"))).to_be_visible()
    expect(legal.get_by_role("option", name=re.compile(name))).to_have_count(0)

    calls: list[str] = []
    # The beat, and the note that one has looked at it, come after it and hold nothing up.
    later = re.compile("/pulse|/seen$")
    manager.on(
        "request",
        lambda one: (
            calls.append(one.url.partition("/api/v1")[2])
            if "/api/v1" in one.url and not later.search(one.url)
            else None
        ),
    )
    number = next(one["id"] for one in company.api(manager, "/flows/work")["items"] if one["title"] == name)
    manager.goto(f"/flows/{number}")
    expect(manager.get_by_role("heading", level=1)).to_have_text(name)
    expect(manager.get_by_role("region", name="内容")).to_contain_text("违约责任已补充")
    assert calls == [f"/flows/instances/{number}", f"/records/contract/{record}"]
    manager.keyboard.press("a")
    expect(manager.get_by_text(re.compile("已批准，下一步：签订 · 王敏"))).to_be_visible()

    owner.goto(f"/flows/{number}")
    expect(owner.get_by_role("region", name="处理").get_by_role("button", name="签订")).to_be_visible()
    owner.keyboard.press("a")
    dialog = owner.get_by_role("dialog", name=re.compile("签订"))
    expect(dialog.get_by_role("button", name="签订")).to_be_disabled()
    dialog.get_by_label("客户签约人").fill("周总")
    dialog.get_by_role("button", name="签订").click()
    expect(owner.get_by_text(re.compile("已签订，下一步：归档并安排回款"))).to_be_visible()
    signed = company.api(owner, f"/records/contract/{record}")["values"]
    assert (signed["status"], signed["signer"], signed["legal_note"]) == ("signed", "周总", "违约责任已补充")

    finance.goto(f"/flows/{number}")
    bar = finance.get_by_role("region", name="处理")
    bar.get_by_role("button", name=re.compile("^认领")).click()
    bar.get_by_role("button", name="安排回款").click()
    dialog = finance.get_by_role("dialog", name=re.compile("安排回款"))
    dialog.get_by_label(re.compile("各期比例")).fill("30 80")
    dialog.get_by_role("button", name="安排回款").click()
    expect(dialog).to_contain_text("合计 100")
    dialog.get_by_label(re.compile("各期比例")).fill("30 70")
    dialog.get_by_role("button", name="安排回款").click()
    expect(finance.get_by_text(re.compile("已安排回款"))).to_be_visible()
    planned = company.api(finance, f"/records/payment?fields=term,amount&filter=%7B%22contract%22%3A%22{record}%22%7D")[
        "items"
    ]
    assert len(planned) == 2
    for watch in watches:
        watch.nothing_wrong()


def test_several_are_approved_with_one_yes_in_the_workbench(company: Company) -> None:
    owner, legal = company.page(SALES_REP), company.page(LEGAL)
    watch = Watch().on(legal)
    made = [draft(company, owner) for _ in range(3)]
    numbers = [begun(company, owner, record) for _, record in made]
    legal.goto("/")
    queue = legal.get_by_role("listbox", name="需要我处理")
    for name, _ in made[:2]:
        queue.get_by_role("option").filter(has_text=name).locator(".queue-pick").click()
    pane = legal.get_by_role("region", name="一起同意 2 件")
    for name, _ in made[:2]:
        expect(pane.get_by_role("row").filter(has_text=name)).to_contain_text("86,000")
    queue.get_by_role("option").filter(has_text=made[2][0]).click()
    legal.keyboard.press("x")
    pane = legal.get_by_role("region", name="一起同意 3 件")
    pane.get_by_role("button", name=f"不选「{made[2][0]}」").click()
    legal.evaluate(AXE.read_text("utf-8"))
    assert legal.evaluate(RUN) == []
    legal.get_by_label("意见（写给每一件）").fill("条款没有问题")
    legal.get_by_role("button", name="同意 2 件").click()
    expect(legal.get_by_text("已同意 2 件")).to_be_visible()
    expect(queue.get_by_role("option").filter(has_text=made[0][0])).to_have_count(0)
    expect(queue.get_by_role("option").filter(has_text=made[2][0])).to_have_count(1)
    history = [company.api(owner, f"/flows/instances/{one}")["history"] for one in numbers]
    said = [[one["text"] for one in of if one["what"] == "approve"] for of in history]
    assert said == [["条款没有问题"], ["条款没有问题"], []]
    watch.nothing_wrong()


def test_it_comes_back_with_a_reason_and_a_decision_is_taken_back(company: Company) -> None:
    owner, legal, manager = company.page(SALES_REP), company.page(LEGAL), company.page(SALES_MANAGER)
    _, record = draft(company, owner)
    number = begun(company, owner, record)

    legal.goto(f"/flows/{number}")
    legal.get_by_role("region", name="进展").wait_for()
    legal.keyboard.press("a")
    expect(legal.get_by_text(re.compile("已同意，下一步"))).to_be_visible()

    manager.goto(f"/flows/{number}")
    manager.get_by_role("region", name="进展").wait_for()
    manager.keyboard.press("r")
    dialog = manager.get_by_role("dialog", name="退回")
    expect(dialog.get_by_role("button", name="退回", exact=True)).to_be_disabled()
    dialog.get_by_role("radio", name=re.compile("法务审核")).check()
    dialog.get_by_label(re.compile("原因")).fill("验收标准没有写")
    dialog.get_by_role("button", name="退回", exact=True).click()
    expect(manager.get_by_text(re.compile("已退回，下一步：法务审核"))).to_be_visible()

    legal.goto(f"/flows/{number}")
    expect(legal.get_by_role("region", name="来龙去脉")).to_contain_text("验收标准没有写")
    expect(legal.locator(".flow-head")).to_contain_text("验收标准没有写")  # why it came back stands first
    legal.get_by_label("法务意见").fill("已补充")
    legal.get_by_role("button", name="认领").click()
    expect(legal.get_by_text("已认领，由你处理")).to_be_visible()
    expect(legal.get_by_label("法务意见")).to_have_value("已补充")  # taking it up loses nothing
    legal.get_by_role("button", name="更多处理方式").click()
    legal.get_by_role("menuitem", name="抄送").click()
    copy = legal.get_by_role("dialog", name="抄送")
    copy.get_by_role("combobox").fill("孙丽")
    legal.get_by_role("listbox").get_by_role("option", name=re.compile("孙丽")).click()
    copy.get_by_role("combobox").press_sequentially("李")
    legal.get_by_role("listbox").get_by_role("option").first.wait_for()
    legal.keyboard.press("Escape")  # puts the list away, and not the dialog
    copy.get_by_role("button", name="抄送", exact=True).click()
    expect(legal.get_by_text("已抄送，由你处理")).to_be_visible()
    legal.get_by_role("button", name=re.compile("^同意")).click()
    legal.get_by_role("status").get_by_role("button", name="撤销").click()
    expect(legal.get_by_text("已拿回")).to_be_visible()
    assert number in {one["id"] for one in company.api(legal, "/flows/work")["items"]}


def test_a_file_is_checked_before_it_is_published_and_security_confirms(company: Company, tmp_path: Path) -> None:
    system, security = company.page(SYSTEM), company.page(SECURITY)
    system.goto("/flows?process=contract_approval")
    with system.expect_download() as waited:
        system.get_by_role("link", name="下载第 1 版").click()
    source = Path(waited.value.path()).read_text("utf-8")

    system.get_by_role("button", name="导入 BPMN").click()
    dialog = system.get_by_role("dialog", name="导入 BPMN")
    bad, good = tmp_path / "bad.bpmn", tmp_path / "good.bpmn"
    bad.write_text(source.replace('edit="legal_note"', 'edit="no_such_field"'), "utf-8")
    good.write_text(source, "utf-8")
    broken = tmp_path / "broken.bpmn"
    for text, why in (("", "空文件"), ("<definitions>", "第 1 行"), ("<html/>", "它是网页")):
        broken.write_text(text, "utf-8")
        dialog.get_by_label("BPMN 文件").set_input_files(broken)
        expect(dialog.get_by_role("alert")).to_contain_text(why)
        expect(dialog.get_by_role("alert")).to_have_count(1)
        expect(dialog.get_by_role("button", name="发布")).to_be_disabled()
    expect(dialog.get_by_role("alert")).to_contain_text("导出为 BPMN 2.0 XML")
    dialog.get_by_label("BPMN 文件").set_input_files(bad)
    expect(dialog.get_by_role("alert")).to_contain_text("法务审核")
    expect(dialog.get_by_role("button", name="发布")).to_be_disabled()
    dialog.get_by_label("BPMN 文件").set_input_files(good)
    expect(dialog.get_by_role("status")).to_contain_text("合同审批")
    dialog.get_by_label("这一版改了什么").fill("没有改动，只是试发布")
    dialog.get_by_role("button", name="发布").click()
    expect(system.get_by_text(re.compile("第 3 版在等安全管理员确认"))).to_be_visible()

    security.goto("/flows?process=contract_approval")
    security.get_by_role("button", name="同意发布").click()
    security.get_by_role("dialog").get_by_role("button", name="同意发布").click()
    expect(security.get_by_text("已发布第 3 版")).to_be_visible()


def test_the_bottleneck_is_found_in_one_click_and_a_manager_sees_their_own_cases(company: Company) -> None:
    """From the list of processes to where contracts wait, why, and what might help."""
    system, manager = company.page(SYSTEM), company.page(SALES_MANAGER)
    watches = [Watch().on(page) for page in (system, manager)]
    system.goto("/flows")
    system.get_by_role("row", name=re.compile("合同审批")).get_by_role("link", name="看运行情况").click()
    panel = system.get_by_role("complementary", name="这一步: 法务审核")
    expect(panel).to_contain_text("瓶颈分")
    expect(panel.get_by_role("region", name="等待的原因")).to_contain_text("排队")
    expect(panel.get_by_role("region", name="建议")).to_contain_text("「法务审核」")
    expect(system.get_by_text("不足 5 个案例的数字不显示")).to_be_visible()
    panel.get_by_role("button", name="画进草稿").first.click()
    expect(system.get_by_role("region", name="来自建议")).to_contain_text("「法务审核」")
    card = system.get_by_role("group", name="流程图").get_by_role("button", name=re.compile("^法务审核"))
    expect(card).to_have_attribute("aria-pressed", "true")
    system.goto("/flows/live/contract_approval?tab=log")
    expect(system.get_by_role("link", name="看草稿").first).to_be_visible()

    manager.goto("/flows/live/contract_approval")
    expect(manager.get_by_role("button", name=re.compile("法务审核.*P50"))).to_have_attribute("aria-pressed", "true")
    manager.get_by_role("button", name=re.compile("财务审核.*P50")).click()
    waiting = manager.get_by_role("complementary", name="这一步: 财务审核").get_by_role("region", name="等得最久")
    expect(waiting.get_by_role("link").first).to_be_visible()
    manager.get_by_role("button", name="瓶颈排行").click()
    expect(manager.get_by_role("table").get_by_role("row").nth(1)).to_contain_text("法务审核")
    manager.get_by_role("button", name="走法").click()
    expect(manager.get_by_role("listitem", name="第 1 种走法")).to_contain_text("签订")
    for watch in watches:
        watch.nothing_wrong()


def test_a_case_of_the_past_shows_which_steps_it_passed(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/")
    begun = company.api(page, "/flows/instances?scope=begun")["items"]
    past = [one["id"] for one in begun if one["state"] == "completed" and one["process"] == "contract_approval"]
    assert past
    for case in past[:3]:
        page.goto(f"/flows/{case}")
        progress = page.get_by_role("region", name="进展")
        expect(progress.get_by_text("签订", exact=True)).to_be_visible()
        expect(progress.get_by_text("已完成").first).to_be_visible()
        expect(progress.get_by_text("在这里结束")).to_have_count(0)


def test_a_comment_on_a_case_mentions_somebody_who_is_told(company: Company) -> None:
    page = company.page(SALES_REP)
    _, record = draft(company, page)
    page.goto(f"/flows/{begun(company, page, record)}")
    page.get_by_label("附上文件").last.set_input_files(
        {"name": "会议纪要.txt", "mimeType": "text/plain", "buffer": b"minutes"}
    )
    expect(page.get_by_role("list", name="随评论发出的文件")).to_contain_text("会议纪要.txt")
    page.locator("#flow-say").press_sequentially("请看 @孙丽")
    page.get_by_role("listbox", name="提到谁").get_by_role("option").first.wait_for()
    page.keyboard.press("Enter")
    expect(page.locator("#flow-say")).to_have_value("请看 @孙丽 ")
    page.get_by_role("button", name="评论").click()
    expect(page.get_by_text("已评论，并告知 1 人")).to_be_visible()
    expect(page.get_by_role("link", name="会议纪要.txt")).to_be_visible()
    told = company.api(company.page(SUPPORT), "/notices")["items"]
    assert "flow_mentioned" in {one["kind"] for one in told}


def test_a_signed_contract_is_handed_over_returned_and_accepted(company: Company) -> None:
    owner, lead = company.page(SALES_REP), company.page(SUPPORT_LEAD)
    watch = Watch().on(owner)
    owner.goto("/")
    filters = json.dumps({"field": "status", "op": "=", "value": "signed"})
    signed = company.api(owner, f"/records/contract?limit=50&filter={quote(filters)}")["items"]
    mine = [one["id"] for one in signed if one["owner"]["username"] == SALES_REP]
    free = next(
        one for one in mine if "running" not in {each["state"] for each in company.api(owner, f"/flows/records/contract/{one}")["items"]}
    )  # fmt: skip
    number = str(
        posted(owner, company.base_url, "/flows/instances", {"process": "service_handover", "record": free})["id"]
    )
    owner.goto(f"/flows/{number}")
    packet = owner.get_by_role("region", name="移交给「售后接收」")
    expect(packet).to_contain_text("还差 3 项")
    # what is missing stands beside the button and beside each place before anybody presses it; pressing leads to the first
    lacks = owner.get_by_role("group", name="还差 3 项才能移交")
    expect(lacks.get_by_role("button")).to_have_text(
        ["请附上「合同扫描件」", "请填写「对客户承诺了什么？」", "请填写「客户方谁来对接，怎么联系？」"]
    )
    give = owner.get_by_role("button", name="移交 A")
    expect(give).to_have_accessible_description("还差 3 项才能移交")
    expect(packet.get_by_label("对客户承诺了什么？")).to_have_accessible_description("待填写")
    owner.keyboard.press("a")
    expect(packet.get_by_role("button", name="为「合同扫描件」添加文件")).to_be_focused()
    expect(packet.get_by_role("button", name="为「合同扫描件」添加文件")).to_have_accessible_description(
        "请附上「合同扫描件」"
    )
    lacks.get_by_role("button", name="请填写「对客户承诺了什么？」").click()
    expect(packet.get_by_label("对客户承诺了什么？")).to_be_focused()
    expect(packet.get_by_label("对客户承诺了什么？")).to_have_attribute("aria-invalid", "true")
    packet.get_by_label("为「合同扫描件」添加文件", exact=True).last.set_input_files(
        {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4"}
    )
    expect(packet.get_by_role("link", name="scan.pdf")).to_be_visible()
    packet.get_by_label("对客户承诺了什么？").fill("两小时响应")
    packet.get_by_label("客户方谁来对接").fill("王主任")
    expect(packet).to_contain_text("已齐，可以移交")
    expect(owner.get_by_role("group", name=re.compile("还差"))).to_have_count(0)
    owner.get_by_role("button", name="移交 A").click()
    expect(owner.get_by_text("已移交，下一步：售后接收")).to_be_visible()

    lead.goto("/")
    lead.get_by_role("option", name=re.compile(f"交接 · 等你接收.*#{number}")).click()
    lead.goto(f"/flows/{number}")
    given = lead.get_by_role("region", name="交接单")
    expect(given).to_contain_text("两小时响应")
    with lead.expect_download() as saved:
        given.get_by_role("link", name="scan.pdf").click()
    assert Path(saved.value.path()).read_bytes() == b"%PDF-1.4"
    lead.get_by_role("button", name="退回 R").click()
    lead.get_by_role("dialog").get_by_role("textbox").fill("首年保养几次？")
    lead.get_by_role("dialog").get_by_role("button", name="退回").click()
    expect(lead.get_by_text(re.compile("已退回"))).to_be_visible()

    owner.goto(f"/records/contract/{free}")
    expect(owner.get_by_text(re.compile("客户服务部 退回了交接，等 王敏"))).to_be_visible()
    owner.goto(f"/flows/{number}")
    expect(packet).to_contain_text("首年保养几次？")
    expect(packet.get_by_role("link", name="scan.pdf")).to_be_visible()
    packet.get_by_label("对客户承诺了什么？").fill("两小时响应，首年保养两次")
    owner.get_by_role("button", name="移交 A").click()
    expect(owner.get_by_text("已移交，下一步：售后接收")).to_be_visible()
    owner.goto(f"/records/contract/{free}")
    expect(owner.get_by_text(re.compile("上海一组 → 客户服务部 交接中，等 唐丽 接收.*时限 8 工作小时"))).to_be_visible()

    lead.goto(f"/flows/{number}")
    lead.get_by_text("之前的 1 次交接").click()
    expect(lead.get_by_text("首年保养几次？").first).to_be_visible()
    lead.get_by_role("button", name="接收 A").click()
    expect(lead.get_by_text(re.compile("已接收"))).to_be_visible()
    watch.nothing_wrong()


def test_who_does_not_see_the_record_approves_it_by_no_single_key(company: Company) -> None:
    owner, legal, other = company.page(SALES_REP), company.page(LEGAL), company.page(SUPPORT)
    _, record = draft(company, owner)
    number = begun(company, owner, record)
    legal.goto(f"/flows/{number}")
    legal.get_by_role("button", name="认领").click()
    work = company.api(legal, f"/flows/instances/{number}")["mine"]["number"]
    someone = company.api(other, "/me")["person"]["id"]
    posted(legal, company.base_url, f"/flows/instances/{number}/work/{work}/transfer", {"to": someone, "text": "请看"})
    other.goto(f"/flows/{number}")
    expect(other.get_by_text("这条记录你现在看不到")).to_be_visible()
    other.keyboard.press("a")
    asked = other.get_by_role("dialog", name=re.compile("看不到内容"))
    expect(asked.get_by_role("button", name="同意")).to_be_disabled()
    asked.get_by_label(re.compile("依据")).fill("法务已口头确认")
    asked.get_by_role("button", name="同意").click()
    expect(asked).to_have_count(0)
    history = company.api(owner, f"/flows/instances/{number}")["history"]
    assert [one["text"] for one in history if one["what"] == "approve"] == ["法务已口头确认"]


def test_before_it_begins_a_process_says_whom_it_goes_to_and_before_it_deletes_it_asks(company: Company) -> None:
    owner = company.page(SALES_REP)
    watch = Watch().on(owner)
    name, record = draft(company, owner)
    owner.goto(f"/records/contract/{record}")
    owner.get_by_role("button", name="发起流程").click()
    dialog = owner.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name=re.compile("售后移交"))).to_be_disabled()
    expect(dialog.get_by_text(re.compile("发起「售后移交」要求：状态"))).to_be_visible()
    steps = dialog.get_by_role("region", name="接下来怎么走").get_by_role("listitem")
    expect(steps.first).to_contain_text("法务审核")
    expect(steps.first).to_contain_text("先到")
    expect(steps.nth(1)).to_contain_text("部门经理批准")
    dialog.get_by_role("radio", name=re.compile("合同删除")).check()
    expect(steps.first).to_contain_text("部门负责人核对")
    expect(steps.nth(1)).to_contain_text("管理层批准删除")
    dialog.get_by_role("button", name="发起", exact=True).click()
    expect(owner.get_by_text(re.compile("已发起「合同删除」"))).to_be_visible()

    number = company.api(owner, f"/flows/records/contract/{record}")["items"][0]["id"]
    head = company.page(SALES_MANAGER)
    head.goto(f"/flows/{number}")
    head.get_by_role("button", name=re.compile("^同意")).click()
    expect(head.get_by_text(re.compile("下一步：管理层批准删除"))).to_be_visible()

    management = company.page(MANAGEMENT)
    management.goto(f"/flows/{number}")
    expect(management.get_by_role("button", name=re.compile("^删除"))).to_be_visible()
    management.keyboard.press("a")
    asked = management.get_by_role("dialog")
    expect(asked).to_contain_text(f"「{name}」删除后不再出现在任何列表中")
    assert company.api(management, f"/flows/instances/{number}")["state"] == "running", "one key deletes nothing"
    asked.get_by_role("button", name="删除").click()
    expect(management.get_by_text(re.compile("已删除，(接下来|流程)"))).to_be_visible()

    owner.goto(f"/flows/{number}")
    expect(owner.get_by_role("heading", name=name)).to_be_visible()
    expect(owner.get_by_text(re.compile("这条记录已删除，90 天内"))).to_be_visible()
    expect(owner.get_by_text("删除了这条记录")).to_be_visible()
    watch.nothing_wrong()


def test_what_was_withdrawn_begins_again_with_what_was_said_before(company: Company) -> None:
    owner = company.page(SALES_REP)
    watch = Watch().on(owner)
    _, record = draft(company, owner)
    said = {"process": "contract_deletion", "record": record, "text": "录重了"}
    number = posted(owner, company.base_url, "/flows/instances", said)["id"]
    owner.goto(f"/flows/{number}")
    expect(owner.get_by_text("进行中").first).to_be_visible()
    expect(owner.get_by_role("button", name="重新发起")).to_have_count(0)
    posted(owner, company.base_url, f"/flows/instances/{number}/withdraw", {"text": ""})
    owner.reload()
    owner.get_by_role("button", name="重新发起").click()
    dialog = owner.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="附言")).to_have_value("录重了")
    dialog.get_by_role("button", name="发起", exact=True).click()
    expect(owner.get_by_text(re.compile("已发起「合同删除」"))).to_be_visible()
    [again, before] = company.api(owner, f"/flows/records/contract/{record}")["items"]
    assert (again["state"], before["state"], before["id"]) == ("running", "withdrawn", number)
    watch.nothing_wrong()


def test_on_a_phone_work_is_put_off_from_its_page(company: Company) -> None:
    owner, phone = company.page(SALES_REP), company.page(LEGAL, viewport={"width": 390, "height": 844})
    name, record = draft(company, owner)
    number = begun(company, owner, record)
    phone.goto(f"/flows/{number}")
    phone.get_by_role("button", name="更多处理方式").click()
    phone.get_by_role("menuitem", name="稍后处理").click()
    phone.get_by_role("dialog").get_by_role("button", name="推后").click()
    expect(phone.get_by_text(re.compile(f"已推后：「{name}」"))).to_be_visible()
    phone.goto("/")
    waiting = phone.get_by_role("listbox", name="需要我处理")
    expect(phone.get_by_text(re.compile("推后的 1 件"))).to_be_visible()
    expect(waiting.get_by_text(name)).to_have_count(0)


def test_what_is_about_to_begin_does_not_turn_into_another_while_it_is_read(company: Company) -> None:
    """Another tab begins it meanwhile: the dialog says so, and its button begins nothing else, least of all a deletion."""
    owner = company.page(SALES_REP)
    watch = Watch().on(owner)
    _, record = draft(company, owner)
    with owner.expect_response(re.compile("/api/v1/pulse")):  # from here on the page hears what happens elsewhere
        owner.goto(f"/records/contract/{record}")
    owner.get_by_role("button", name="发起流程").click()
    dialog = owner.get_by_role("dialog")
    expect(dialog.get_by_role("radio", name=re.compile("合同审批"))).to_be_checked()
    expect(dialog.get_by_role("button", name="发起", exact=True)).to_be_enabled()
    other = owner.context.new_page()
    other.goto("/")
    begun(company, other, record)
    owner.bring_to_front()
    owner.evaluate("document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))")  # one comes back to it
    expect(dialog.get_by_text(re.compile("已经有一个「合同审批」在走"))).to_be_visible()
    expect(dialog.get_by_role("radio", name=re.compile("合同删除"))).not_to_be_checked()
    expect(dialog.get_by_role("button", name="发起", exact=True)).to_be_disabled()
    owner.keyboard.press("Escape")
    expect(owner.get_by_role("button", name="发起流程")).to_be_focused()  # from where one came
    watch.nothing_wrong()


def test_for_several_records_it_is_said_for_which_it_can_begin_and_how_each_goes(company: Company) -> None:
    owner = company.page(SALES_REP)
    watch = Watch().on(owner)
    (first, _), (second, _), (running, record) = (
        draft(company, owner, amount) for amount in ("86000", "860000", "86000")
    )
    begun(company, owner, record)
    owner.goto("/records/contract?sort=-updated_at")
    grid = owner.get_by_role("grid")
    for name in (first, second, running):
        grid.get_by_role("checkbox", name=re.compile(f"{name}$")).click()
    owner.get_by_role("region", name="已选中的记录").get_by_role("button", name="发起流程").click()
    dialog = owner.get_by_role("dialog")
    expect(dialog.get_by_text("3 条中 2 条可以发起；1 条不行：")).to_be_visible()
    expect(dialog.get_by_text(re.compile(f"已经有一个「合同审批」在走 *{running}"))).to_be_visible()
    ways = dialog.get_by_role("group").filter(has=owner.get_by_role("region", name="接下来怎么走"))
    expect(dialog.get_by_text(f"{first}：")).to_be_visible()
    expect(dialog.get_by_text(f"{second}：")).to_be_visible()
    dialog.get_by_text(f"{second}：").click()
    expect(ways.last).to_contain_text("总经理批准")  # the large one goes further
    dialog.get_by_role("button", name="发起 2 条").click()
    expect(owner.get_by_text("已发起 2 个「合同审批」")).to_be_visible()
    expect(owner.get_by_text("已选 1 条", exact=True)).to_be_visible()
    watch.nothing_wrong()


def test_while_its_record_is_deleted_nothing_is_asked_of_who_has_the_case(company: Company) -> None:
    owner, manager = company.page(SALES_REP), company.page(SALES_MANAGER)
    watch = Watch().on(owner)
    owner.goto("/")
    manager.goto("/")
    account = company.api(owner, "/records/account?limit=1")["items"][0]["id"]
    name = f"删单{time.time_ns() % 10**8}"
    deal = {"name": name, "account": account, "amount": "5000"}
    record = posted(owner, company.base_url, "/records/opportunity", deal)["id"]
    asked = {"process": "project_setup", "record": record}
    number = posted(owner, company.base_url, "/flows/instances", asked)["id"]

    manager.goto(f"/records/opportunity?q={name}")
    manager.get_by_role("grid").get_by_role("checkbox", name=re.compile(f"{name}$")).click()
    bar = manager.get_by_role("region", name="已选中的记录")
    bar.get_by_role("button", name="更多操作").click()
    manager.get_by_role("menuitem", name="删除").click()
    dialog = manager.get_by_role("dialog")
    expect(dialog.get_by_text(re.compile(f"项目立项 #{number} 正在办理：删除后流程会停住"))).to_be_visible()
    dialog.get_by_role("button", name="删除 1 条").click()
    expect(manager.get_by_text("删除：已完成 1 条")).to_be_visible()

    manager.goto(f"/flows/{number}")
    expect(manager.get_by_text("记录已删除，流程停在这里")).to_be_visible()
    expect(manager.get_by_role("button", name="评论")).to_be_visible()
    expect(manager.get_by_role("button", name=re.compile("^同意"))).to_have_count(0)
    manager.goto("/records/opportunity")
    manager.get_by_role("button", name="视图菜单").click()
    manager.get_by_role("menuitem", name="回收站").click()
    manager.get_by_role("button", name=f"恢复{name}").click()
    expect(manager.get_by_text(f"已恢复「{name}」")).to_be_visible()
    manager.goto(f"/flows/{number}")
    expect(manager.get_by_role("button", name=re.compile("^同意"))).to_be_visible()
    watch.nothing_wrong()
