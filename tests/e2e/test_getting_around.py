"""Ctrl+K, the key sheet, jumps, the workbench, the organisation, and a phone."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import AUDITOR, SALES_REP, SYSTEM, Company, Watch

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}


@pytest.mark.storage
def test_ctrl_k_goes_finds_and_does(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    page.goto("/")
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()  # before that there is nothing to hear a key
    name = company.api(page, "/records/account?limit=1&fields=name")["items"][0]["name"]
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="搜索或执行…")
    box.fill(name[:6])
    expect(page.get_by_role("option", name=re.compile(name))).to_be_visible()
    box.fill("新建商机")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="新建商机")).to_be_visible()
    watch.nothing_wrong()


def test_a_letter_after_g_jumps_and_the_sheet_tells_which(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/")
    expect(page.get_by_role("heading", name="工作台")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("o")
    page.wait_for_url("**/records/opportunity")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="快捷键")).to_contain_text("商机")


def test_the_queue_is_walked_with_j_and_k(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/")
    rows = page.get_by_role("listbox", name="需要我处理").get_by_role("option")
    expect(rows.first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("j")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    title = rows.nth(1).locator(".queue-title").inner_text()
    expect(page.get_by_role("region", name="选中的事项").get_by_role("heading", name=title)).to_be_visible()
    page.keyboard.press("k")
    expect(rows.first).to_have_attribute("aria-selected", "true")


def test_an_entry_is_put_off_with_z_and_taken_up_again(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    page.goto("/")
    rows = page.get_by_role("listbox", name="需要我处理").get_by_role("option")
    expect(rows.first).to_be_visible()
    many, title = rows.count(), rows.first.locator(".queue-title").inner_text()
    page.keyboard.press("z")
    dialog = page.get_by_role("dialog", name="稍后处理")
    dialog.get_by_label("明天 9:00").check()
    dialog.get_by_role("button", name="推后").click()
    expect(rows).to_have_count(many - 1)
    later = page.locator("details.queue-later")
    later.locator("summary").click()
    expect(later.get_by_role("link", name=title)).to_be_visible()
    later.get_by_role("button", name="现在处理").click()
    expect(rows).to_have_count(many)
    watch.nothing_wrong()


def test_what_a_number_counts_is_asked_beside_its_name(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/")
    figures = page.locator(".figure")
    expect(figures.first).to_be_visible()
    for figure in figures.all():
        ask, number = figure.get_by_role("button").bounding_box(), figure.locator(".figure-value").bounding_box()
        assert ask is not None and number is not None
        assert ask["y"] < number["y"] and ask["x"] > number["x"], "and takes no line of its own"


def test_the_organisation_is_a_tree_with_people(company: Company) -> None:
    page = company.page(AUDITOR)
    watch = Watch().on(page)
    page.goto("/organisation")
    tree = page.get_by_role("navigation", name="部门")
    tree.get_by_role("button", name=re.compile("华东大区")).first.click()
    page.get_by_role("region", name="人员").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="任职")).to_be_visible()
    expect(page.get_by_role("button", name="调动")).to_have_count(0)
    watch.nothing_wrong()


def test_an_administrator_adds_a_department_and_a_refusal_is_explained(company: Company) -> None:
    page = company.page(SYSTEM)
    page.goto("/organisation")
    page.get_by_role("button", name="新建部门").click()
    dialog = page.get_by_role("dialog", name="新建部门")
    dialog.get_by_label("名称", exact=True).fill("端到端测试部")
    dialog.get_by_role("button", name="保存").click()
    expect(
        page.get_by_role("navigation", name="部门").get_by_role("button", name=re.compile("端到端测试部"))
    ).to_be_visible()


def test_a_phone_shows_list_record_and_workbench(company: Company) -> None:
    page = company.page(SALES_REP, **PHONE)
    for address in ("/", "/records/account"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{address} is {wide} wide"
    page.locator('[role="gridcell"][data-col="0"]').first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="菜单", exact=True).click()
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="商机").click()
    expect(page.get_by_role("grid", name="商机")).to_be_visible()


def test_the_processes_fit_a_phone_and_the_chosen_one_is_brought_into_sight(company: Company) -> None:
    page = company.page(SYSTEM, **PHONE, locale="en-US")
    page.goto("/flows")
    listed = page.get_by_role("region", name="Processes")
    expect(listed).to_contain_text(re.compile(r"Contract · version \d+ · "))
    for part in (listed, page.locator("header.page-head"), page.get_by_role("button", name="Import BPMN")):
        assert part.evaluate("e => e.scrollWidth <= e.clientWidth"), "nothing goes sideways or is cut"
    page.get_by_role("button", name="Quote and discount approval").click()
    expect(page.get_by_role("heading", name="Versions of “Quote and discount approval”")).to_be_in_viewport()


def test_a_part_that_a_newer_release_has_replaced_leaves_the_page_standing(company: Company) -> None:
    page = company.page(SALES_REP)
    page.route(re.compile(r"/assets/palette-.*\.js"), lambda route: route.abort())
    page.goto("/records/account")
    expect(page.get_by_role("grid")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_text("这个页面出错了")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_visible()
