"""A list: find, sort, filter, arrange, change a value in place, and keep it all as a view."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import FINANCE, LEGAL, MARKETING, SALES_MANAGER, SALES_REP, Company, Watch


def opened(company: Company, who: str, address: str, label: str) -> Page:
    page = company.page(who)
    page.goto(address)
    expect(page.get_by_role("grid", name=label)).to_be_visible()
    return page


@pytest.mark.storage
def test_the_first_rows_cost_no_request_and_only_what_may_be_seen_is_counted(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    page.goto("/records/account")
    expect(page.get_by_role("gridcell").first).to_be_visible()
    assert not [call for call in watch.calls if re.match(r"/records/account\?", call)], "the rows came with the page"
    expect(page.get_by_role("region", name="合计")).to_contain_text("你能看到的")
    watch.nothing_wrong()


@pytest.mark.storage
def test_sorting_by_a_heading_lives_in_the_address(company: Company) -> None:
    page = opened(company, SALES_REP, "/records/account", "客户")
    heading = page.get_by_role("columnheader", name=re.compile("客户名称"))
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "ascending")
    expect(page).to_have_url(re.compile("sort=name"))
    cell = page.locator('[role="gridcell"][data-col="0"]').first
    first = cell.inner_text()
    heading.get_by_role("button").click()
    expect(heading).to_have_attribute("aria-sort", "descending")
    expect(cell).not_to_have_text(first)
    page.reload()
    expect(heading).to_have_attribute("aria-sort", "descending")


def test_conditions_are_built_by_hand_and_an_empty_answer_says_why(company: Company) -> None:
    page = opened(company, SALES_REP, "/records/account", "客户")
    page.keyboard.press("f")
    builder = page.get_by_role("dialog", name="筛选")
    builder.get_by_label("字段").select_option(label="客户级别")
    builder.get_by_label("比较").select_option(label="等于")
    builder.get_by_label("客户级别的值").select_option(index=1)
    builder.get_by_role("button", name="添加条件", exact=True).click()
    builder.get_by_label("客户名称的值").fill("没有这样的客户名")
    builder.get_by_role("button", name="应用").click()
    expect(page.get_by_role("heading", name="没有符合条件的记录")).to_be_visible()
    expect(page).to_have_url(re.compile("filter="))
    page.get_by_role("button", name="清除筛选").last.click()
    expect(page.get_by_role("grid", name="客户")).to_be_visible()


def test_any_of_two_conditions_shows_both_kinds(company: Company) -> None:
    either = quote(json.dumps({"or": [["level", "=", "a"], ["level", "=", "b"]]}))
    page = opened(company, SALES_MANAGER, f"/records/account?filter={either}&columns=name,level", "客户")
    cells = page.locator('[role="gridcell"][data-col="1"]')
    expect(cells.first).to_be_visible()
    assert set(cells.all_inner_texts()) <= {"A 重点", "B 成长"}
    page.get_by_role("button", name="筛选 · 2").click()
    expect(page.get_by_role("dialog", name="筛选").get_by_label("匹配方式")).to_have_value("any")


def test_columns_are_chosen_and_moved_by_keyboard(company: Company) -> None:
    page = opened(company, SALES_REP, "/records/account", "客户")
    page.get_by_role("button", name="列", exact=True).click()
    chooser = page.get_by_role("dialog", name="列")
    chooser.get_by_label("行业", exact=True).click()
    expect(page.get_by_role("columnheader", name="行业")).to_have_count(0)
    level = page.get_by_role("columnheader", name=re.compile("客户级别"))
    state = page.get_by_role("columnheader", name=re.compile("状态"))
    place = int(level.get_attribute("aria-colindex") or 0)
    expect(state).to_have_attribute("aria-colindex", str(place + 1))
    chooser.get_by_role("button", name="状态左移").click()
    page.keyboard.press("Escape")
    expect(state).to_have_attribute("aria-colindex", str(place))
    expect(level).to_have_attribute("aria-colindex", str(place + 1))


@pytest.mark.storage
def test_a_value_is_changed_in_place_and_stays(company: Company) -> None:
    page = opened(company, SALES_REP, "/records/account?tab=mine&columns=name,short_name", "客户")
    watch = Watch().on(page)
    grid = page.get_by_role("grid", name="客户")
    grid.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    editor = page.get_by_role("dialog", name="修改简称")
    box = editor.get_by_role("textbox")
    before = box.input_value()
    box.fill("改过的简称")
    box.press("Enter")
    expect(page.get_by_text("简称已保存")).to_be_visible()
    page.reload()
    expect(page.locator('[role="gridcell"][data-col="1"]', has_text="改过的简称")).to_have_count(1)
    cell = page.locator('[role="gridcell"][data-col="1"]', has_text="改过的简称")
    cell.dblclick()
    box.fill(before)
    box.press("Enter")
    expect(cell).to_have_count(0)
    watch.nothing_wrong()


def test_space_shows_the_record_beside_the_list(company: Company) -> None:
    page = opened(company, SALES_REP, "/records/account", "客户")
    page.get_by_role("grid").focus()
    page.keyboard.press("j")
    page.keyboard.press("Space")
    panel = page.get_by_role("complementary", name="预览")
    expect(panel.get_by_role("heading", name="你为什么能看到它")).to_be_visible()
    expect(panel.get_by_text("基本信息")).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_have_count(0)


def test_a_view_is_saved_reopened_renamed_and_deleted(company: Company) -> None:
    page = opened(company, SALES_REP, "/records/opportunity?sort=-amount", "商机")
    menu = page.get_by_role("button", name="视图菜单")
    menu.click()
    page.get_by_role("menuitem", name="另存为视图").click()
    page.get_by_label("名称", exact=True).fill("大单优先")
    page.get_by_role("button", name="保存").click()
    tab = page.get_by_role("tab", name="大单优先")
    expect(tab).to_have_attribute("aria-selected", "true")
    page.get_by_role("tab", name="全部").click()
    expect(page.get_by_role("columnheader", name="金额")).to_have_attribute("aria-sort", "none")
    tab.click()
    expect(page.get_by_role("columnheader", name="金额")).to_have_attribute("aria-sort", "descending")
    menu.click()
    page.get_by_role("menuitem", name="删除视图").click()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(tab).to_have_count(0)


def test_who_may_not_see_a_kind_of_record_reads_why_and_not_how_many(company: Company) -> None:
    page = company.page(LEGAL)
    page.goto("/records/ticket")
    expect(page.get_by_role("heading", name="这里没有你能看的内容")).to_be_visible()
    known = page.content()
    page.goto("/records/no_such_type")
    expect(page.get_by_role("heading", name="这里没有你能看的内容")).to_be_visible()
    assert "共 " not in known


def test_marketing_never_meets_an_amount_and_finance_does(company: Company) -> None:
    page = opened(company, MARKETING, "/records/opportunity", "商机")
    expect(page.get_by_role("columnheader", name="金额")).to_have_count(0)
    page = opened(company, FINANCE, "/records/contract", "合同")
    expect(page.get_by_role("columnheader", name=re.compile("金额"))).to_be_visible()
