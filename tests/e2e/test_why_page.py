"""The page "why": two people side by side, the question in the address, fixes that are enough, and what is not there."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.e2e.people import MARKETING, SALES_MANAGER, SALES_REP, SECURITY, Company, Watch


def test_why_she_may_and_he_may_not_is_read_step_by_step(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    watch = Watch().on(page)
    people = {one["username"]: one["id"] for one in company.api(page, "/organisation/people?limit=200")["items"]}
    mine = company.api(page, "/me")["person"]
    deal = next(
        one["id"]
        for one in company.api(page, "/records/contract?limit=200")["items"]
        if one["owner"]["id"] == mine["id"]
        and not company.api(page, f"/access/why?action=read&type=contract&id={one['id']}&beside={people[SALES_REP]}")[
            "right"
        ]["allowed"]
    )
    page.goto("/access/why")
    page.get_by_label("对象", exact=True).select_option("contract")
    page.goto(f"/access/why?action=read&type=contract&id={deal}&field=amount&beside={people[SALES_REP]}")
    table = page.get_by_role("table", name="为什么")
    expect(table).to_contain_text("从这里分开")
    expect(table).to_contain_text("王敏")
    expect(page.get_by_role("img", name="不可见").first).to_be_visible()
    fixes = page.get_by_role("region", name="让王敏可以，最小的改法")
    expect(fixes.get_by_role("listitem").first).to_contain_text("1 条记录 · 1 个字段 · 1 人")
    page.get_by_role("button", name="左右互换").click()
    expect(page).to_have_url(re.compile(f"person={people[SALES_REP]}"))
    expect(table.get_by_role("row").first.get_by_role("cell").first).to_contain_text("王敏")
    page.get_by_role("button", name="还有谁可以").click()
    expect(page.get_by_role("region", name=re.compile("所有能查看它的人"))).to_contain_text("负责人")
    expect(fixes.get_by_role("button", name="加入团队")).to_be_visible()
    expect(fixes.get_by_role("button", name="借给王敏")).to_be_visible()  # who would approve it asks nobody
    watch.nothing_wrong()


def test_what_is_not_there_and_all_that_i_may_do_are_explained(company: Company) -> None:
    page = company.page(MARKETING)
    page.goto("/access/why")
    page.get_by_role("region", name="我这里没有的：为什么？").get_by_role("button", name="合同", exact=True).click()
    popover = page.get_by_role("dialog", name="为什么没有「合同」？")
    expect(popover).to_contain_text("你的角色都没有查看「合同」的权限")
    expect(popover.get_by_role("link", name="申请角色或岗位")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="我的全部权限").click()
    rights = page.get_by_role("dialog", name="我的全部权限")
    expect(rights.get_by_role("list", name="来源")).to_contain_text("岗位")
    other = company.page(SECURITY)
    someone = company.api(other, "/organisation/people?limit=1&q=wangmin")["items"][0]["id"]
    other.goto(f"/organisation/people/{someone}")
    other.get_by_role("button", name="查看", exact=True).click()
    expect(other.get_by_role("list", name="来源")).to_contain_text("销售代表")
