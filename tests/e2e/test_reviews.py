"""A manager reviews rights by keyboard alone; an administrator sees what a leaver holds and who would take it over."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.people import AUDITOR, SALES_MANAGER, SECURITY, SYSTEM, Company, Watch
from tests.e2e.test_access_for_all import AXE, RUN
from tests.e2e.test_organisation import choose


def test_a_batch_is_decided_by_keyboard_and_undone(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    watch = Watch().on(page)
    page.goto("/access/reviews")
    row = page.locator("tr[aria-current=true]")
    expect(row.get_by_role("button", name="收回 D")).to_be_visible()
    person = row.locator("b").first.inner_text()
    page.keyboard.press("d")
    done = page.locator("tr", has_text=person).first
    expect(done).to_contain_text("已收回")
    expect(page.locator("tr[aria-current=true]")).not_to_contain_text("已收回")
    page.keyboard.press("k")
    page.keyboard.press("u")
    expect(done.get_by_role("button", name="收回 D")).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_role("dialog")).to_contain_text("缩小为")
    page.keyboard.press("Escape")
    shared = page.locator("tr", has_text="岗位 销售代表").filter(has_text="与同岗一致").last
    shared.get_by_role("button", name="缩小").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("岗位 销售代表 ·")).to_be_visible()
    dialog.get_by_label("原因").fill("只做内勤")
    dialog.get_by_role("button", name="提议缩小").click()
    proposed = page.locator("tr", has_text="草稿 · 尚未送批")
    expect(proposed).to_contain_text("缩小 角色「销售」")
    proposed.get_by_role("button", name="撤销这项决定").click()
    expect(proposed).to_have_count(0)
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    watch.nothing_wrong()


def test_a_review_is_decided_on_a_phone_and_read_item_by_item(company: Company) -> None:
    """The table lay below the list of batches, and what became of a campaign was in a file alone."""
    phone = company.page(SALES_MANAGER, viewport={"width": 390, "height": 844})
    watch = Watch().on(phone)
    phone.goto("/access/reviews")
    picker = phone.get_by_role("combobox", name=re.compile("我的批次"))
    expect(picker).to_be_visible()
    row = phone.locator("tr", has=phone.get_by_role("button", name="收回")).first
    expect(row).to_be_in_viewport()
    person = row.locator("b").first.inner_text()
    buttons = [row.get_by_role("button", name=name).bounding_box() for name in ("收回", "缩小", "保留", "转给别人")]
    assert all(box is not None and box["height"] >= 44 and box["width"] >= 44 for box in buttons)
    assert len({round(box["y"]) for box in buttons if box is not None}) == 1
    row.get_by_role("button", name="保留").click()
    done = phone.locator("tr", has_text=person).first
    expect(done.get_by_role("button", name="撤销这项决定")).to_be_visible()
    done.get_by_role("button", name="撤销这项决定").click()
    expect(done.get_by_role("button", name="保留")).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.evaluate(AXE.read_text("utf-8"))
    assert phone.evaluate(RUN) == []

    over = company.page(SECURITY, viewport={"width": 390, "height": 844})
    over.goto("/access/reviews")  # who has nothing to judge, but sees to the campaigns
    over.get_by_role("combobox", name=re.compile("我的批次")).select_option(label="权限体积")
    expect(over.get_by_role("heading", name="权限体积")).to_be_visible()

    page = company.page(AUDITOR)
    seen = Watch().on(page)
    page.goto("/access/reviews")
    card = page.locator(".campaign", has_text="销售中心")
    card.get_by_role("link", name="逐项结果").click()
    expect(page.get_by_role("heading", name="销售中心")).to_be_visible()
    kinds = page.get_by_role("group", name="按结果筛选")
    rows = page.get_by_role("region", name="销售中心 的逐项结果").locator("tbody tr")
    expect(rows).to_have_count(50)
    page.get_by_role("button", name="再显示一些").click()
    total = int(kinds.get_by_role("button", name="全部").inner_text().split()[-1])
    expect(rows).to_have_count(total)
    reviewer = page.get_by_role("combobox", name="复核人")
    reviewer.select_option(reviewer.locator("option", has_text="李强").get_attribute("value"))
    kinds.get_by_role("button", name="保留").click()
    expect(rows.first).to_contain_text("李强")
    expect(rows.first).to_contain_text("权限不变")
    page.reload()
    expect(kinds.get_by_role("button", name="保留")).to_have_attribute("aria-pressed", "true")
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    page.get_by_role("link", name="复核活动").click()
    expect(page.get_by_role("heading", name="复核活动")).to_be_visible()
    for one in (watch, seen):
        one.nothing_wrong()


def test_a_leavers_manager_plans_the_hand_over_and_the_administrator_finds_it_filled_in(company: Company) -> None:
    page = company.page(SYSTEM)
    page.goto("/access/leaving")
    form = page.get_by_role("region", name="交给谁")
    expect(form).to_contain_text("交接还没有安排")
    expect(form).to_contain_text("仍留在其名下")
    form.get_by_role("button", name="办理离职并交接").click()
    expect(page.get_by_role("dialog")).to_contain_text(re.compile(r"另有 \d+ 条记录仍留在其名下"))
    page.get_by_role("dialog").get_by_role("button", name="取消").click()
    form.get_by_role("link", name="看流程").click()
    expect(page.get_by_role("region", name="离职交接")).to_contain_text("最后工作日")
    case = re.sub(r".*/", "", page.url)
    holder = company.api(page, f"/flows/instances/{case}")["work"][0]["person"]["username"]

    manager = company.page(holder)
    watches = [Watch().on(one) for one in (page, manager)]
    manager.goto("/")
    manager.get_by_role("option", name=re.compile("安排交接")).click()
    plan = manager.get_by_role("region", name="离职交接")
    plan.get_by_role("combobox", name="接手人").first.fill("谢娜")
    manager.locator("li[role=option]", has_text="谢娜").first.click()
    expect(plan.get_by_role("list", name="将发生")).to_contain_text("→ 谢娜")
    plan.get_by_label(re.compile("给办理人的话")).fill("谢娜熟悉这些客户")
    manager.evaluate(AXE.read_text("utf-8"))
    assert manager.evaluate(RUN) == []
    plan.get_by_role("button", name="安排好了，交给管理员").click()
    expect(manager.get_by_text("交接已安排，到最后工作日由管理员办理")).to_be_visible()

    page.goto("/access/leaving")
    expect(form).to_contain_text("谢娜熟悉这些客户")
    expect(form).to_contain_text("→ 谢娜")
    expect(form).not_to_contain_text("仍留在其名下")
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    for watch in watches:
        watch.nothing_wrong()


def test_a_move_is_foreseen_and_done_without_a_false_alarm(company: Company) -> None:
    page = company.page(SYSTEM)
    watch = Watch().on(page)
    page.goto("/access/leaving")
    page.get_by_role("tab", name="转岗").click()
    form = page.get_by_role("region", name="转岗")
    choose(form, "新部门", "深圳组")
    choose(form, "接手人", "谢娜")
    expect(form.get_by_text(re.compile("客户 .* 条 → 谢娜"))).to_be_visible()
    departments = company.api(page, "/organisation/departments")["items"]
    there = next(one["id"] for one in departments if one["name"] == "广州组")
    token = next(str(c.get("value")) for c in page.context.cookies() if c.get("name") == "csrftoken")
    made = page.request.post(
        f"{company.base_url}/api/v1/organisation/people",
        data={"username": "yidong", "name": "易动", "kind": "employee", "department": there},
        headers={"X-CSRFToken": token, "Referer": company.base_url},
    )
    assert made.ok, made.text()
    page.goto(f"/access/leaving?person={made.json()['id']}")
    page.get_by_role("tab", name="转岗").click()
    choose(form, "新部门", "深圳组")
    form.get_by_role("button", name="转岗").click()
    expect(page.get_by_text("已转岗")).to_be_visible()
    expect(page.get_by_text("深圳组").first).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    watch.nothing_wrong()
