"""A process that waits for whichever comes first: drawn, tried, published, and each of its ways taken."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.people import FINANCE, SALES_MANAGER, SALES_REP, SECURITY, SYSTEM, Company, Watch
from tests.e2e.test_bulk import posted
from tests.e2e.test_designer import approve, begin, publish
from tests.e2e.test_flows import draft

NAME = "首付跟进"
LOOKS = 30_000
"""Milliseconds: a case that other hands move is looked at again every twenty seconds."""


def add(page: Page, after: str, what: str) -> None:
    """Add something below a step, by the keyboard."""
    expect(page.get_by_role("menu")).to_have_count(0)
    page.get_by_role("group", name="流程图").get_by_role("button", name=re.compile(f"^{after}")).first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name=what).click()


def drawn(page: Page) -> None:
    """The manager approves; then a payment, a week gone by, or the end of the quarter decides who does what."""
    begin(page, NAME)
    drawing, panel = page.get_by_role("group", name="流程图"), page.locator("aside.draw-panel")

    def step(after: str, name: str) -> None:
        add(page, after, "审批节点")
        expect(panel.get_by_label("找人规则")).to_be_visible()
        panel.get_by_label("找人规则").select_option("initiator")
        panel.get_by_label("名称（中文）").fill(name)

    add(page, "直属上级审批", "等最先发生的一件事")
    expect(page.get_by_text("1 个问题要先改正")).to_be_visible()
    panel.get_by_label("哪件事").select_option(label="回款：新建")
    panel.get_by_label("名称（中文）").fill("登记了回款")
    drawing.get_by_role("button", name=re.compile("^等待")).click()
    panel.get_by_label("名称（中文）").fill("过了一天")
    drawing.get_by_role("button", name="加一条分支").click()
    panel.get_by_label("等什么").select_option("signal")
    panel.get_by_label("名称", exact=True).fill("quarter_closed")
    panel.get_by_label("名称（中文）").fill("季度结账")
    for after, name in (("登记了回款", "感谢客户"), ("过了一天", "催首付"), ("季度结账", "写季度说明")):
        step(after, name)
    expect(drawing.get_by_role("button", name=re.compile("^登记了回款"))).to_contain_text("回款：新建")
    expect(drawing.get_by_role("button", name=re.compile("^季度结账"))).to_contain_text("信号 quarter_closed")
    expect(drawing.get_by_text("没有写条件")).to_have_count(0)
    drawing.get_by_role("button", name=re.compile("^季度结账")).focus()
    page.keyboard.press("Delete")
    expect(page.get_by_text("这件事决定走哪条分支，不能单独删除")).to_be_visible()
    expect(page.get_by_text("检查通过")).to_be_visible()
    expect(page.get_by_text("已保存")).to_be_visible()


def put_into_use(manager: Page, system: Page, security: Page, name: str, gives: str = "") -> None:
    """Handed in by who drew it, published by who looks after processes, agreed to by security, who reads what it gives."""
    manager.get_by_role("button", name="提交发布").click()
    manager.get_by_role("dialog").get_by_role("button", name="提交发布").click()
    expect(manager.get_by_text("草稿已提交给流程管理员")).to_be_visible()
    publish(system, name)
    expect(system.get_by_text("第 1 版在等安全管理员确认")).to_be_visible()
    security.goto("/flows")
    security.get_by_role("button", name=name).click()
    security.get_by_role("button", name="同意发布").click()
    dialog = security.get_by_role("dialog")
    expect(dialog.get_by_role("group", name="这一版给出的权限")).to_contain_text(gives)
    dialog.get_by_role("button", name="同意发布").click()
    expect(security.get_by_text("已发布第 1 版")).to_be_visible()


def test_whichever_comes_first_decides_the_way(company: Company) -> None:
    manager, system, security = company.page(SALES_MANAGER), company.page(SYSTEM), company.page(SECURITY)
    watches = [Watch().on(one) for one in (manager, system, security)]
    drawn(manager)
    manager.get_by_role("button", name="试跑").click()
    manager.get_by_role("button", name="开始试跑").click()
    manager.get_by_role("article").get_by_role("button", name=re.compile("同意")).click()
    waits = manager.get_by_role("article").filter(has_text="等最先发生的一件事")
    expect(waits.get_by_role("listitem")).to_have_count(3)
    waits.get_by_role("button", name="发生：季度结账").click()
    expect(manager.get_by_role("article").filter(has_text="写季度说明")).to_be_visible()
    put_into_use(manager, system, security, NAME)
    code = next(one["code"] for one in company.api(system, "/flows/processes")["items"] if one["name"]["zh"] == NAME)

    owner, finance = company.page(SALES_REP), company.page(FINANCE)
    watches.append(Watch().on(owner))
    _, paid = draft(company, owner)
    owner.goto(f"/records/contract/{paid}")
    owner.get_by_role("button", name="发起流程").click()
    dialog = owner.get_by_role("dialog", name=re.compile("发起流程"))
    dialog.get_by_role("radio", name=re.compile(NAME)).check()
    ways = dialog.get_by_role("region", name="接下来怎么走").get_by_role("listitem")
    expect(ways.nth(1)).to_contain_text("登记了回款发生后自动继续")
    dialog.get_by_role("button", name="发起", exact=True).click()
    expect(owner.get_by_text(re.compile(f"已发起「{NAME}」，在 李强"))).to_be_visible()

    def started(record: str) -> str:
        return str(posted(owner, company.base_url, "/flows/instances", {"process": code, "record": record})["id"])

    first = company.api(owner, f"/flows/records/contract/{paid}")["items"][0]["id"]
    _, closed = draft(company, owner)
    second = started(closed)
    manager.goto(f"/flows/{first}")
    manager.get_by_role("region", name="进展").wait_for()
    manager.keyboard.press("a")
    expect(manager.get_by_text("已同意，接下来等最先发生的一件事：登记了回款、过了一天、季度结账")).to_be_visible()
    approve(manager, second)

    owner.goto(f"/flows/{first}")
    steps = owner.get_by_role("region", name="进展")
    expect(steps).to_contain_text("等最先发生的一件事")
    expect(steps).to_contain_text("之后：感谢客户")
    owner.goto(f"/records/contract/{paid}")
    expect(owner.get_by_text(re.compile("或先发生：登记了回款"))).to_be_visible()
    manager.goto(f"/flows/live/{code}")
    expect(manager.get_by_role("region", name="流程图").get_by_title(re.compile("2 个流程停在这里"))).to_be_visible()

    account = company.api(finance, f"/records/contract/{paid}")["values"]["account"]["id"]
    received = {"account": account, "contract": paid, "amount": "1000", "received_on": "2030-02-01"}
    posted(finance, company.base_url, "/records/payment", received)
    owner.goto(f"/flows/{first}")
    expect(owner.get_by_role("region", name="进展")).to_contain_text("感谢客户进行中", timeout=LOOKS)
    expect(owner.get_by_text("等最先发生的一件事")).to_have_count(0)
    told = {"name": "quarter_closed", "signal": True, "id": "q4"}
    posted(system, company.base_url, "/flows/messages", told)
    owner.goto(f"/flows/{second}")
    expect(owner.get_by_role("region", name="进展")).to_contain_text("写季度说明进行中", timeout=LOOKS)

    source = system.request.get(f"{company.base_url}/api/v1/flows/processes/{code}/versions/1/source").text()
    late = posted(system, company.base_url, "/flows/processes", {"source": source.replace("P1D", "PT1S")})
    posted(security, company.base_url, f"/flows/versions/{late['id']}/answer", {"yes": True})
    _, waited = draft(company, owner)
    third = started(waited)
    approve(manager, third)
    owner.goto(f"/flows/{third}")
    expect(owner.get_by_role("region", name="进展")).to_contain_text("催首付进行中", timeout=LOOKS)
    for watch in watches:
        watch.nothing_wrong()


def test_a_process_tells_others_what_they_wait_for(company: Company) -> None:
    """Drawn without a word of BPMN: on the way a message for the customer's cases, at the end a signal to all."""
    manager = company.page(SALES_MANAGER)
    watch = Watch().on(manager)
    begin(manager, "交付通知")
    drawing, panel = manager.get_by_role("group", name="流程图"), manager.locator("aside.draw-panel")
    add(manager, "直属上级审批", "通知其他流程")
    expect(manager.get_by_text("1 个问题要先改正")).to_be_visible()
    expect(panel.get_by_label("通知什么")).to_have_value("message")
    panel.get_by_label("名称", exact=True).fill("handed_over")
    panel.get_by_label("给哪条记录的流程").select_option(label="客户")
    panel.get_by_label("名称（中文）").fill("告诉客户的流程")
    expect(drawing.get_by_role("button", name=re.compile("^告诉客户的流程"))).to_contain_text("发出消息 handed_over")
    drawing.get_by_role("button", name=re.compile("^结束")).click()
    panel.get_by_label("结束时通知其他流程").select_option("signal")
    panel.get_by_label("名称", exact=True).fill("delivered")
    expect(manager.get_by_text("检查通过")).to_be_visible()
    expect(manager.get_by_text("已保存")).to_be_visible()

    manager.get_by_role("button", name="试跑").click()
    manager.get_by_role("button", name="开始试跑").click()
    manager.get_by_role("article").get_by_role("button", name=re.compile("同意")).click()
    expect(manager.locator(".draw-log").get_by_text("告诉客户的流程 通知其他流程")).to_be_visible()
    draft = manager.url.partition("/flows/design/")[2].partition("?")[0]
    source = company.api(manager, f"/flows/drafts/{draft}")["source"]
    assert '<heli:to event="handed_over" key="record.account"/>' in source
    assert '<signalEventDefinition signalRef="s_' in source
    watch.nothing_wrong()


def test_a_process_begins_by_itself_when_something_happens(company: Company) -> None:
    """Drawn without a word of BPMN: by hand as before, and by itself where a contract is created that is larger than any other
    test's: all share this company."""
    manager, system, security = company.page(SALES_MANAGER), company.page(SYSTEM), company.page(SECURITY)
    watches = [Watch().on(one) for one in (manager, system, security)]
    name = "大额合同登记"
    begin(manager, name)
    drawing, panel = manager.get_by_role("group", name="流程图"), manager.locator("aside.draw-panel")
    drawing.get_by_role("button", name=re.compile("^发起")).first.click()
    expect(panel.get_by_label("怎样发起")).to_have_value("hand")
    expect(panel.get_by_role("button", name="删除")).to_have_count(0)
    panel.get_by_role("button", name="再加一种发起方式").click()
    expect(panel.get_by_label("怎样发起")).to_have_value("record")
    expect(manager.get_by_text("1 个问题要先改正")).to_be_visible()
    panel.get_by_label("哪件事").select_option(label="合同：新建")
    panel.get_by_text("只在满足条件时发起").click()
    panel.get_by_label("值", exact=True).fill("70000000")
    panel.get_by_label("名称（中文）").fill("登记了大合同")
    expect(drawing.get_by_role("button", name=re.compile("^登记了大合同"))).to_contain_text("合同：新建")
    expect(manager.get_by_text("检查通过")).to_be_visible()
    expect(manager.get_by_text("已保存")).to_be_visible()
    put_into_use(manager, system, security, name, gives="「合同：新建」时，如果合同金额 > 70,000,000，自动发起")

    owner = company.page(SALES_REP)
    _, contract = draft(company, owner, amount="80000000")
    owner.goto(f"/records/contract/{contract}")
    expect(owner.get_by_role("link", name=re.compile(name))).to_be_visible(timeout=LOOKS)
    for watch in watches:
        watch.nothing_wrong()
