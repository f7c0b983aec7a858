"""A sales manager who has never drawn a process draws one, hands it in, and three departments run it: rejected across its branches."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from tests.e2e.people import FINANCE, LEGAL, PRODUCT, SALES_MANAGER, SALES_REP, SECURITY, SYSTEM, Company, Watch
from tests.e2e.test_access_for_all import AXE, RUN
from tests.e2e.test_bulk import posted
from tests.e2e.test_flows import draft

STEPS = (("法务会审", "法务"), ("财务会审", "财务经理"), ("产品会审", "产品经理"))


KIT = re.compile(r"/flows/kit\?type=")


def begin(page: Page, name: str) -> None:
    """A new process about contracts, on the canvas."""
    page.goto("/flows")
    page.get_by_role("button", name="新建流程").click()
    dialog = page.get_by_role("dialog", name="新建流程")
    dialog.get_by_label("名称（中文）").fill(name)
    dialog.get_by_label("针对哪种记录").select_option(label="合同")
    dialog.get_by_role("button", name="开始设计").click()
    expect(page.get_by_role("group", name="流程图")).to_be_visible()


def test_a_sales_manager_draws_a_three_department_approval_and_it_runs(company: Company) -> None:
    manager, system, security = company.page(SALES_MANAGER), company.page(SYSTEM), company.page(SECURITY)
    watch = Watch().on(manager)
    begin(manager, "三部门会审")
    drawing, panel = manager.get_by_role("group", name="流程图"), manager.locator("aside.draw-panel")
    drawing.get_by_role("button", name=re.compile("直属上级审批")).focus()
    manager.keyboard.press("p")
    manager.get_by_role("button", name="加一条分支").click()
    cards = drawing.get_by_role("button", name=re.compile("^审批"))
    expect(cards).to_have_count(3)
    for name, position in STEPS:
        cards.first.click()
        panel.get_by_label("找人规则").select_option("position")
        panel.get_by_label("岗位").select_option(label=position)
        # as the step before, and not a name alone
        expect(panel.get_by_role("combobox", name="客户", exact=True)).to_have_value("show")
        panel.get_by_label("名称（中文）").fill(name)
        expect(panel.get_by_label("名称（英文）")).to_have_value("")  # and by no "Approval" to who reads English
        expect(drawing.get_by_role("button", name=re.compile(f"^{name}"))).to_contain_text(position)
    expect(manager.get_by_text("检查通过")).to_be_visible()
    panel.get_by_role("button", name="合同金额").click()  # confidential: for its author to add
    expect(panel.get_by_role("combobox", name="合同金额")).to_have_value("show")
    expect(panel.get_by_role("button", name="合同金额")).to_have_count(0)
    expect(manager.get_by_text("已保存")).to_be_visible()
    manager.evaluate(AXE.read_text("utf-8"))
    assert manager.evaluate(RUN) == []
    manager.get_by_role("button", name="职责").click()
    manager.get_by_role("button", name=re.compile("^法务会审 · I 事后知会")).click()
    told = manager.get_by_role("dialog", name="法务会审 · I 事后知会")
    told.get_by_role("button", name="添加").click()
    expect(manager.get_by_text("1 个问题要先改正")).to_be_visible()  # which position, the panel asks
    told.get_by_label("找人规则").select_option("initiator")
    manager.keyboard.press("Escape")
    expect(manager.get_by_role("button", name=re.compile("法务会审 · I 事后知会：.*发起人"))).to_be_visible()
    expect(manager.get_by_text("检查通过")).to_be_visible()
    assert manager.evaluate(RUN) == []

    manager.get_by_role("button", name="试跑").click()
    expect(manager.get_by_role("combobox", name="谁发起")).to_have_value("李强")
    manager.get_by_role("button", name="开始试跑").click()
    turn = manager.get_by_role("article")
    turn.first.get_by_role("button", name=re.compile("同意")).click()
    expect(turn.filter(has_text="产品会审").first).to_be_visible()

    manager.get_by_role("button", name="提交发布").click()
    manager.get_by_role("dialog").get_by_role("button", name="提交发布").click()
    expect(manager.get_by_text("草稿已提交给流程管理员")).to_be_visible()
    system.goto("/flows")
    system.get_by_role("region", name="等发布的草稿").get_by_role("link", name="三部门会审").click()
    system.get_by_role("button", name="发布", exact=True).click()
    system.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()
    expect(system.get_by_text("第 1 版在等安全管理员确认")).to_be_visible()
    security.goto("/flows")
    security.get_by_role("button", name="三部门会审").click()
    security.get_by_role("button", name="同意发布").click()
    given = (
        security.get_by_role("dialog")
        .get_by_role("listitem")
        .filter(has=security.get_by_role("heading", name="产品会审"))
    )
    expect(given).to_contain_text("可看合同的")
    expect(given).to_contain_text("合同编号")
    security.get_by_role("dialog").get_by_role("button", name="同意发布").click()
    expect(security.get_by_text("已发布第 1 版")).to_be_visible()

    owner = company.page(SALES_REP)
    name, record = draft(company, owner)
    owner.goto(f"/records/contract/{record}")
    expect(owner.get_by_role("button", name="发起流程")).to_be_visible()
    assert owner.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0, (
        "the page ends where its parts end"
    )
    owner.get_by_role("button", name="发起流程").click()
    dialog = owner.get_by_role("dialog", name=re.compile("发起流程"))
    dialog.get_by_role("radio", name=re.compile("三部门会审")).check()
    dialog.get_by_role("button", name="发起", exact=True).click()
    expect(owner.get_by_text(re.compile("已发起「三部门会审」，在 李强"))).to_be_visible()
    number = next(one["id"] for one in company.api(manager, "/flows/work")["items"] if one["title"] == name)
    legal, product, finance = company.page(LEGAL), company.page(PRODUCT), company.page(FINANCE)
    approve(manager, number)
    approve(legal, number)
    product.goto(f"/flows/{number}")
    product.get_by_role("region", name="进展").wait_for()
    product.keyboard.press("r")
    dialog = product.get_by_role("dialog", name="退回")
    dialog.get_by_role("radio", name=re.compile("直属上级审批")).check()
    dialog.get_by_label(re.compile("原因")).fill("规格没有写清楚")
    dialog.get_by_role("button", name="退回", exact=True).click()
    expect(product.get_by_text(re.compile("已退回，下一步：直属上级审批"))).to_be_visible()
    assert number not in {one["id"] for one in company.api(finance, "/flows/work")["items"]}, (
        "the branch beside is closed"
    )
    assert number in {one["id"] for one in company.api(manager, "/flows/work")["items"]}
    owner.goto(f"/flows/{number}")
    ahead = owner.get_by_role("region", name="进展").get_by_role("listitem").filter(has_text="产品会审")
    expect(ahead).to_contain_text("退回前办过，要重新办")
    expect(ahead).not_to_contain_text("同意")  # what was said before it went back stands in the history
    watch.nothing_wrong()


def test_the_list_says_where_a_process_waits_and_keeps_its_place_beside_many_drafts(company: Company) -> None:
    manager = company.page(SALES_MANAGER)
    watch = Watch().on(manager)
    manager.goto("/flows")
    for number in range(12):
        posted(manager, company.base_url, "/flows/drafts", {"name": f"攒着的草稿 {number}", "type": "contract"})
    manager.reload()
    row = manager.get_by_role("table").get_by_role("row").filter(has_text="合同审批")
    expect(row).to_contain_text(re.compile("法务审核 · \\d+ 个在办"))  # before anything is pressed
    drafts = manager.get_by_role("region", name="草稿", exact=True)
    expect(drafts.get_by_role("listitem")).to_have_count(5)
    drafts.get_by_role("button", name=re.compile("^全部 \\d+ 份")).click()
    manager.get_by_role("button", name="合同审批").click()  # in sight, and not squeezed away
    versions = manager.get_by_role("region", name="「合同审批」的版本")
    expect(versions).to_contain_text("近 90 天等得最久的一步：法务审核")
    versions.get_by_role("link", name="看为什么等、怎么改").click()
    expect(manager.get_by_text("瓶颈", exact=True)).to_be_visible()
    watch.nothing_wrong()


def test_security_says_no_and_the_author_mends_what_was_refused(company: Company) -> None:
    manager, system, security = company.page(SALES_MANAGER), company.page(SYSTEM), company.page(SECURITY)
    watch = [Watch().on(page) for page in (manager, system, security)]
    begin(manager, "付款条款会审")
    drawing, panel = manager.get_by_role("group", name="流程图"), manager.locator("aside.draw-panel")
    card = drawing.get_by_role("button", name=re.compile("直属上级审批"))
    card.click()
    panel.get_by_label("找人规则").select_option("position")
    panel.get_by_label("岗位").select_option(label="法务")
    panel.get_by_role("combobox", name="付款条款").select_option(label="可填")
    expect(manager.get_by_text("检查通过")).to_be_visible()
    expect(manager.get_by_text("已保存")).to_be_visible()
    manager.get_by_role("button", name="提交发布").click()
    manager.get_by_role("dialog").get_by_role("button", name="提交发布").click()
    expect(manager.get_by_text("草稿已提交给流程管理员")).to_be_visible()
    publish(system, "付款条款会审")
    expect(system.get_by_text("第 1 版在等安全管理员确认")).to_be_visible()

    security.goto("/")
    security.get_by_role("option", name=re.compile("付款条款会审")).click()
    security.goto("/flows")
    security.get_by_role("button", name="付款条款会审").click()
    security.get_by_role("button", name="不同意").click()
    dialog = security.get_by_role("dialog")
    expect(dialog.get_by_role("group", name="这一版给出的权限")).to_contain_text("可填合同的")
    security.evaluate(AXE.read_text("utf-8"))
    assert security.evaluate(RUN) == []
    expect(dialog.get_by_role("button", name="不同意")).to_be_disabled()
    dialog.get_by_label(re.compile("说明")).fill("付款条款只给法务看，不给填")
    dialog.get_by_role("button", name="不同意").click()
    expect(dialog).to_have_count(0)
    expect(security.get_by_text("付款条款只给法务看，不给填")).to_be_visible()

    manager.goto("/notices")
    manager.get_by_role("link", name=re.compile("付款条款会审.*没有获得同意：付款条款只给法务看，不给填")).click()
    expect(manager.get_by_text("第 1 版没有获得安全管理员同意")).to_be_visible()
    expect(manager.locator(".draw-bar")).to_contain_text("付款条款只给法务看，不给填")
    card.click()
    panel.get_by_role("combobox", name="付款条款").select_option(label="可见")
    expect(manager.get_by_text("已保存")).to_be_visible()
    manager.get_by_role("button", name="提交发布").click()
    manager.get_by_role("dialog").get_by_role("button", name="提交发布").click()
    publish(system, "付款条款会审")
    expect(system.get_by_text("第 2 版在等安全管理员确认")).to_be_visible()
    security.reload()
    security.get_by_role("button", name=re.compile("与第 1 版相比|比第 1 版")).first.click()
    changed = security.locator(".draw-changes")
    expect(changed).to_contain_text("付款条款")
    security.get_by_role("button", name="同意发布").click()
    security.get_by_role("dialog").get_by_role("button", name="同意发布").click()
    expect(security.get_by_text("已发布第 2 版")).to_be_visible()
    for one in watch:
        one.nothing_wrong()


def publish(page: Page, name: str) -> None:
    """A draft that was handed in, published by who looks after processes."""
    page.goto("/flows")
    page.get_by_role("region", name="等发布的草稿").get_by_role("link", name=name).click()
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="发布", exact=True).click()


def approve(page: Page, number: str) -> None:
    """This person's work in a case, approved by a key."""
    page.goto(f"/flows/{number}")
    page.get_by_role("region", name="进展").wait_for()
    page.keyboard.press("a")
    expect(page.get_by_text(re.compile("已同意"))).to_be_visible()


def test_it_is_drawn_by_keyboard_alone_taken_back_and_saved_as_a_file(company: Company, tmp_path: Path) -> None:
    page = company.page(SALES_MANAGER)
    page.route(KIT, lambda one: None)  # what the panel is made of comes when people draw already
    begin(page, "键盘画的流程")
    drawing = page.get_by_role("group", name="流程图")
    drawing.get_by_role("button", name="发起", exact=True).focus()
    for key in ("ArrowDown", "ArrowDown"):  # over the place for a new step
        page.keyboard.press(key)
    expect(drawing.get_by_role("button", name=re.compile("直属上级审批"))).to_be_focused()
    page.keyboard.press("a")
    expect(drawing.get_by_role("button", name=re.compile("^审批"))).to_be_focused()
    page.unroute(KIT)  # and what was held back goes on
    expect(page.locator("aside.draw-panel")).to_be_visible()
    expect(drawing.get_by_role("button", name=re.compile("^审批"))).to_be_focused()
    page.keyboard.press("c")
    expect(drawing.get_by_role("button", name=re.compile("第 1 条分支"))).to_contain_text("没有写条件")
    expect(page.get_by_text(re.compile("处提醒"))).to_be_visible()
    inner = drawing.get_by_role("button", name=re.compile("^审批")).nth(1)
    expect(inner).to_be_focused()
    page.keyboard.press("Delete")
    expect(inner).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(inner).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(drawing.get_by_role("button", name=re.compile("第 1 条分支"))).to_have_count(0)
    page.keyboard.press("Control+y")
    expect(drawing.get_by_role("button", name=re.compile("第 1 条分支"))).to_have_count(1)
    drawing.get_by_role("button", name=re.compile("第 1 条分支")).click()
    panel = page.locator("aside.draw-panel")
    panel.get_by_label("字段").select_option(label="合同金额")
    panel.get_by_label("值").fill("500000")
    expect(drawing.get_by_role("button", name=re.compile("第 1 条分支"))).to_contain_text("合同金额 > 500,000")
    expect(page.get_by_text("检查通过")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="更多", exact=True).click()
    with page.expect_download() as waited:
        page.get_by_role("menuitem", name="导出 .bpmn").click()
    assert "record.amount &gt; 500000" in Path(waited.value.path()).read_text("utf-8")
    expect(page.get_by_text("已保存")).to_be_visible()
    page.get_by_role("button", name="BPMN").click()
    expect(page.locator(".bjs-powered-by")).to_be_visible()
    expect(page.locator(".djs-element.djs-shape")).to_have_count(9)  # seven, and the names of two


def test_a_sub_process_a_call_and_a_table_are_drawn_in_their_place(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    begin(page, "带子流程的审批")
    drawing, panel = page.get_by_role("group", name="流程图"), page.locator("aside.draw-panel")

    def add(after: str, what: str) -> None:
        """By keyboard: down from a card to the place for a new step, and the menu there."""
        expect(page.get_by_role("menu")).to_have_count(0)  # the one before takes a moment to fade
        drawing.get_by_role("button", name=re.compile(f"^{after}")).first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        page.get_by_role("menuitem", name=what).click()

    add("直属上级审批", "决策表")
    panel.get_by_label("看什么 1").fill("record.amount")
    panel.get_by_label("得出 1").fill("level")
    panel.get_by_label("规则 1 条件 1").fill("> 100000")
    panel.get_by_label("规则 1 结论 1").fill("'high'")
    add("决策表", "调用另一个流程")
    panel.get_by_label("调用哪个流程").select_option(label="合同审批")
    expect(panel.get_by_label("针对哪条记录")).to_have_value("record.id")
    add("调用流程", "子流程（一组步骤）")
    inside = drawing.get_by_role("region", name="子流程")
    inside.get_by_role("button", name=re.compile("^审批")).focus()
    page.keyboard.press("p")
    expect(inside.get_by_role("button", name=re.compile("^审批"))).to_have_count(3)
    drawing.get_by_role("button", name=re.compile("^子流程")).first.click()
    panel.get_by_text("逐个办理", exact=True).click()
    panel.get_by_label("这一步办几次").select_option(label="固定次数")
    panel.get_by_label("几次", exact=True).fill("0")
    expect(panel.get_by_text("请至少写 1 次")).to_be_visible()
    panel.get_by_label("几次", exact=True).fill("3")
    panel.get_by_label("办完多少往下走").select_option(label="办完几个就够")
    panel.get_by_label("几个", exact=True).fill("2")
    expect(page.get_by_text("检查通过")).to_be_visible()
    expect(page.get_by_text("已保存")).to_be_visible()
    page.reload()
    expect(inside.get_by_role("button", name=re.compile("^审批"))).to_have_count(3)
    expect(drawing.get_by_role("button", name=re.compile("^子流程")).first).to_contain_text(
        "办 3 次 · 同时办 · 办完 2 个就够"
    )
    expect(drawing.get_by_role("button", name=re.compile("^调用流程"))).to_contain_text("合同审批")
    expect(drawing.get_by_role("button", name=re.compile("^决策表"))).to_contain_text("1 条规则 → level")


def test_who_is_being_typed_stays_when_the_check_of_the_one_before_comes_back(company: Company) -> None:
    manager = company.page(SALES_MANAGER)
    begin(manager, "点名会签")
    drawing, panel = manager.get_by_role("group", name="流程图"), manager.locator("aside.draw-panel")
    drawing.get_by_role("button", name=re.compile("直属上级审批")).click()
    expect(manager.get_by_text("检查通过")).to_be_visible()
    held: list[Route] = []
    holding = True
    manager.route("**/api/v1/flows/check", lambda route: held.append(route) if holding else route.continue_())
    panel.get_by_label("找人规则").select_option("person")
    panel.get_by_role("combobox", name="人员").fill("郑凯旋")
    manager.get_by_role("option", name=re.compile("郑凯旋")).click()
    panel.get_by_role("button", name="再加一条找人规则").click()
    panel.get_by_label("找人规则").nth(1).select_option("person")
    second = panel.get_by_role("combobox", name="人员").nth(1)
    second.press_sequentially("吴婷")
    expect(manager.get_by_role("option", name=re.compile("吴婷"))).to_be_visible()
    manager.wait_for_timeout(1500)  # the checks of all that are on their way
    holding = False
    with manager.expect_response("**/api/v1/flows/check"):
        for one in held:
            one.continue_()
    expect(drawing.get_by_role("button", name=re.compile("直属上级审批"))).to_contain_text("郑凯旋")
    expect(second).to_have_value("吴婷")
    manager.get_by_role("option", name=re.compile("吴婷")).click()
    panel.get_by_label("多人时").select_option("all")
    expect(drawing.get_by_role("button", name=re.compile("直属上级审批"))).to_contain_text("郑凯旋、吴婷")
    expect(drawing.get_by_role("button", name=re.compile("直属上级审批"))).to_contain_text("会签")
    expect(manager.get_by_text("检查通过")).to_be_visible()


def test_a_wrong_file_says_what_it_is_and_what_the_diagram_cannot_draw_stays_in_the_file(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    begin(page, "导入的流程")
    chosen = page.locator("input[type=file]")
    wrong = page.get_by_role("alert")
    for name, body, said in (
        ("picture.bpmn", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "它是图片"), ("page.bpmn", b"<html><br></html>", "它是网页"),
        ("cut.bpmn", b"<definitions><process id", "第 1 行第 25 列：XML 写法有误"), ("empty.bpmn", b"", "这是空文件"),
        ("old.bpmn", '<?xml version="1.0" encoding="UTF-8"?><a n="中文"/>'.encode("gb18030"), "另存为 UTF-8"),
    ):  # fmt: skip
        chosen.set_input_files({"name": name, "mimeType": "application/xml", "buffer": body})
        expect(wrong).to_contain_text(said)
    page.get_by_role("button", name="关闭").click()
    expect(wrong).to_have_count(0)

    number = page.url.rpartition("/")[2]
    source = company.api(page, f"/flows/drafts/{number}")["source"].replace(
        "</process>", '<oddTask id="odd"/></process>'
    )
    file = {"name": "odd.bpmn", "mimeType": "application/xml", "buffer": source.encode()}
    chosen.set_input_files(file)
    expect(page.get_by_text("已导入 odd.bpmn")).to_be_visible()
    page.get_by_role("button", name="BPMN", exact=True).click()
    expect(page.get_by_text(re.compile("文件里有 1 处画不到图上"))).to_be_visible()
    page.locator('.djs-shape[data-element-id="approve"]').click()
    page.keyboard.press("Delete")
    expect(page.get_by_text("已保存")).to_be_visible()
    page.get_by_role("button", name="设计", exact=True).click()
    expect(
        page.get_by_role("group", name="流程图").get_by_role("button", name=re.compile("直属上级审批"))
    ).to_have_count(0)
    expect(page.get_by_text("已保存")).to_be_visible()
    assert "oddTask" in company.api(page, f"/flows/drafts/{number}")["source"]


def test_a_file_without_a_start_gets_one_and_the_matrix_is_read_whole_on_a_phone(company: Company) -> None:
    """The check asked for a start that only the BPMN diagram could draw; on a phone half of the matrix and the steps' names were out of sight."""
    page = company.page(SALES_MANAGER)
    begin(page, "没有开始的流程")
    number = page.url.rpartition("/")[2]
    source = company.api(page, f"/flows/drafts/{number}")["source"]
    start = re.compile(r"<startEvent[^>]*/>|<sequenceFlow[^>]*sourceRef=\"start\"[^>]*/>")
    assert len(start.findall(source)) == 2
    bare = {"name": "bare.bpmn", "mimeType": "application/xml", "buffer": start.sub("", source).encode()}
    page.locator("input[type=file]").set_input_files(bare)
    expect(page.get_by_text("1 个问题要先改正")).to_be_visible()
    page.get_by_role("region", name="没有连上的节点").get_by_role("button", name="从这里发起").click()
    expect(page.get_by_text("检查通过")).to_be_visible()
    expect(page.get_by_text("没有连上的节点")).to_have_count(0)
    expect(page.get_by_text("已保存")).to_be_visible()

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="职责", exact=True).click()
    for column in ("R 处理", "A 对结果负责", "C 事先征询", "I 事后知会"):
        expect(page.get_by_role("button", name=re.compile(f"^直属上级审批 · {column}"))).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []


def test_what_is_published_leads_on_and_security_sees_at_once_what_it_gives(company: Company) -> None:
    system, security = company.page(SYSTEM), company.page(SECURITY, viewport={"width": 390, "height": 844})
    begin(system, "给权限的流程")
    code = company.api(system, f"/flows/drafts/{system.url.rpartition('/')[2]}")["code"]
    system.get_by_role("button", name=re.compile("直属上级审批")).click()
    panel = system.locator("aside.draw-panel")
    panel.get_by_role("combobox", name="客户", exact=True).select_option("show")
    expect(system.get_by_text("已保存")).to_be_visible()
    system.get_by_role("button", name="发布", exact=True).click()
    system.get_by_role("dialog", name="发布「给权限的流程」").get_by_role("button", name="发布", exact=True).click()
    expect(system.get_by_text("已发布，等安全管理员确认后生效")).to_be_visible()
    security.goto(f"/flows?process={code}")
    expect(security.get_by_role("button", name="同意发布")).to_be_in_viewport()
    expect(security.get_by_role("group", name="这一版给出的权限")).to_be_visible()
    system.get_by_role("link", name="看它的版本和在办的流程").click()
    expect(system.get_by_role("heading", name="「给权限的流程」的版本")).to_be_visible()
    cell = system.locator("tr", has_text="回款催收").locator("td").first
    cell.scroll_into_view_if_needed()
    row = cell.bounding_box()
    assert row is not None
    system.mouse.click(row["x"] + 8, row["y"] + 8)
    expect(system.get_by_role("heading", name="「回款催收」的版本")).to_be_visible()


def saved(page: Page, company: Company, what: str, instead: str) -> None:
    """The file of the draft that is open, with the first place of ``what`` replaced; the page then shows it."""
    where = f"{company.base_url}/api/v1/flows/drafts/{page.url.partition('/flows/design/')[2].partition('?')[0]}"
    found = page.request.get(where)
    source = re.sub(what, instead, found.json()["source"], count=1, flags=re.DOTALL)
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Referer": company.base_url, "If-Match": found.headers["etag"]}
    reply = page.request.put(where, data={"source": source}, headers=headers)
    assert reply.ok, reply.text()
    page.reload()


def test_a_process_without_a_step_says_what_to_do_first(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    watch = Watch().on(page)
    begin(page, "还没有步骤")
    expect(page.get_by_role("region", name="这个流程还没有步骤")).to_have_count(0)
    saved(page, company, r"    <startEvent.*<endEvent[^>]*/>\n", "")
    first = page.get_by_role("region", name="这个流程还没有步骤")
    expect(first).to_contain_text("再选由谁处理")
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    first.get_by_role("button", name=re.compile("加第一步")).focus()
    page.keyboard.press("Enter")
    drawing = page.get_by_role("group", name="流程图")
    expect(drawing.get_by_role("button", name=re.compile("^审批"))).to_be_focused()
    expect(drawing.get_by_role("button", name="发起", exact=True)).to_be_visible()
    expect(first).to_have_count(0)
    expect(page.get_by_text("检查通过")).to_be_visible()
    watch.nothing_wrong()


def test_who_draws_sees_what_it_would_give_before_handing_it_in(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    watch = Watch().on(page)
    page.goto("/flows")
    made = posted(page, company.base_url, "/flows/drafts", {"process": "contract_approval"})
    page.goto(f"/flows/design/{made['id']}?tab=gives")
    given = page.get_by_role("region", name="这份草稿会给出的权限")
    expect(given).to_contain_text("与在用的版本给出的相同")
    saved(page, company, r'(<heli:form show="[^"]*)"', r'\1 department"')
    expect(given).to_contain_text("多给 1 项")
    given.get_by_label("只看不同的").check()
    (step,) = given.get_by_role("listitem").all()
    expect(step).to_contain_text("有改动")
    expect(step).to_contain_text("部门（新增")
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    page.get_by_role("button", name="提交发布").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("这份草稿会给出的权限").click()
    expect(dialog.get_by_role("region", name="这份草稿会给出的权限")).to_contain_text("多给 1 项")
    watch.nothing_wrong()


def test_on_a_phone_the_palette_does_not_lie_over_the_diagram(company: Company) -> None:
    page = company.page(SALES_MANAGER, viewport={"width": 390, "height": 844})
    begin(page, "手机上")
    page.goto(f"{page.url.partition('?')[0]}?tab=expert")
    tools, palette = page.get_by_role("button", name="绘图工具"), page.locator(".djs-palette")
    expect(palette).to_be_attached()
    expect(palette).to_be_hidden()
    expect(tools).to_have_attribute("aria-expanded", "false")
    tools.click()
    expect(palette).to_be_visible()
    shown = palette.bounding_box()
    assert shown is not None and shown["width"] == 390 and shown["height"] < 60, "one row along the top"
