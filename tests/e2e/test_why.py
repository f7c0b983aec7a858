"""Every masked, locked or refused thing answers the question why."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.e2e.people import FINANCE, LEGAL, SALES_REP, Company, Watch


@pytest.mark.storage
def test_the_record_says_why_i_see_it_who_else_does_and_where_a_colleague_parts(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    account = company.api(page, "/records/account?limit=1")["items"][0]["id"]
    page.goto(f"/records/account/{account}")
    panel = page.get_by_role("region", name="你为什么能看到它")
    expect(panel.get_by_text("范围").first).to_be_visible()
    panel.get_by_role("button", name="还有谁能看到").click()
    expect(page.get_by_role("dialog", name="还有谁能看到").get_by_role("listitem").first).to_be_visible()
    page.keyboard.press("Escape")
    panel.get_by_role("button", name="和同事对比").click()
    page.get_by_role("combobox", name="选择同事").fill("郑凯旋")
    page.get_by_role("option", name=re.compile("郑凯旋")).first.click()
    table = page.get_by_role("table", name="和同事对比")
    expect(table).to_contain_text("王敏")
    expect(table).to_contain_text("郑凯旋")
    expect(table).to_contain_text("不可以")
    watch.nothing_wrong()


def test_a_sensitive_value_is_masked_until_one_recorded_click(company: Company) -> None:
    page = company.page(SALES_REP)
    account = company.api(page, '/records/account?limit=1&filter=["phone","filled",true]')["items"][0]["id"]
    page.goto(f"/records/account/{account}")
    group = page.get_by_role("region", name="联系方式")
    line = group.locator(".line", has_text="电话").first
    expect(line).to_contain_text("****")
    line.get_by_role("button", name="显示").click()
    expect(line).not_to_contain_text("****")


def test_a_lock_in_a_list_opens_one_popover_that_explains(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/records/account")
    page.get_by_role("img", name=re.compile("已脱敏")).first.click()
    popover = page.get_by_role("dialog", name=re.compile("为什么「.+」显示为脱敏"))
    expect(popover).to_be_visible()
    page.keyboard.press("Escape")
    expect(popover).to_have_count(0)
    expect(page.get_by_role("grid")).to_be_focused()


def test_a_read_only_field_says_what_is_missing(company: Company) -> None:
    page = company.page(FINANCE)
    contract = company.api(page, "/records/contract?limit=1")["items"][0]["id"]
    page.goto(f"/records/contract/{contract}")
    page.get_by_role("button", name=re.compile("为什么只读")).first.click()
    popover = page.get_by_role("dialog", name=re.compile("为什么不能改"))
    expect(popover).to_contain_text("你不可以")


def test_what_one_may_not_do_stands_in_the_menu_with_its_reason(company: Company) -> None:
    page = company.page(LEGAL)
    contract = company.api(page, "/records/contract?limit=1")["items"][0]["id"]
    page.goto(f"/records/contract/{contract}")
    page.get_by_role("button", name="更多操作").click()
    expect(page.get_by_text("现在不能做")).to_be_visible()
    page.get_by_role("menuitem", name="删除", exact=True).click()
    popover = page.get_by_role("dialog", name="为什么不能「删除」？")
    expect(popover).to_contain_text("你不可以")
    expect(popover).to_contain_text("没有删除合同的权限")
