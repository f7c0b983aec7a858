"""Acting on many rows: select by mouse and keys, see beforehand what will be refused, read afterwards why."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import LEGAL, MANAGEMENT, SALES_MANAGER, SALES_REP, Company, Watch

PHONE = {"width": 390, "height": 844}


def posted(page: Page, base_url: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Make a record as the signed-in person, so that a test changes only what it made."""
    token = next(c["value"] for c in page.context.cookies() if c["name"] == "csrftoken")
    reply = page.request.post(
        f"{base_url}/api/v1{path}", data=body, headers={"X-CSRFToken": token, "Referer": base_url}
    )
    assert reply.ok, reply.text()
    found: dict[str, Any] = reply.json()
    return found


def tasks(company: Company, page: Page, names: list[str]) -> str:
    """Tasks of this person under a word of their own; the address of the list that shows them."""
    mark = f"批量{time.time_ns() % 10**8}"
    page.goto("/")
    for name in names:
        posted(page, company.base_url, "/records/task", {"subject": f"{mark} {name}"})
    return f"/records/task?q={mark}&sort=-updated_at&columns=subject,priority,status"


def opened(page: Page, address: str) -> Locator:
    page.goto(address)
    grid = page.get_by_role("grid")
    expect(grid.locator("[data-row]").first).to_be_visible()
    return grid


def selected(page: Page) -> int:
    return page.locator('.grid [role="row"][aria-selected="true"]').count()


def test_rows_are_selected_by_box_range_and_keys(company: Company) -> None:
    page = company.page(SALES_REP)
    grid = opened(page, "/records/account")
    rows = grid.locator("[data-row]")
    boxes = grid.get_by_role("checkbox")
    boxes.nth(1).click()
    expect(page.get_by_text("已选 1 条", exact=True)).to_be_visible()
    boxes.nth(4).click(modifiers=["Shift"])
    expect(page.get_by_text("已选 4 条", exact=True)).to_be_visible()
    rows.nth(1).locator('[data-col="1"]').click(modifiers=["Control"])
    expect(page.get_by_text("已选 3 条", exact=True)).to_be_visible()
    grid.focus()
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="已选中的记录")).to_have_count(0)
    page.keyboard.press("Home")
    rows.nth(0).locator('[data-col="1"]').click()
    grid.focus()
    page.keyboard.press("x")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(page.get_by_text("已选 3 条", exact=True)).to_be_visible()
    page.keyboard.press("Shift+ArrowUp")
    expect(page.get_by_text("已选 2 条", exact=True)).to_be_visible()
    assert selected(page) == 2
    page.keyboard.press("Control+a")
    loaded = int(re.sub(r"\D", "", page.get_by_role("status").filter(has_text="已选").inner_text()))
    assert loaded >= 10
    expect(boxes.first).to_be_checked()
    boxes.first.click()
    assert selected(page) == 0


@pytest.mark.storage
def test_many_are_changed_after_a_preview_and_changed_back(company: Company) -> None:
    page = company.page(SALES_REP)
    grid = opened(page, tasks(company, page, ["一", "二", "三"]))
    watch = Watch().on(page)
    priorities = grid.locator('[data-col="1"]')
    before = priorities.all_inner_texts()
    grid.get_by_role("checkbox").first.click()
    page.get_by_role("button", name="修改字段").click()
    dialog = page.get_by_role("dialog", name=re.compile("修改字段 · 3 条"))
    dialog.get_by_label("要修改的字段").select_option(label="优先级")
    dialog.get_by_label("优先级", exact=True).select_option(label="高")
    expect(dialog.get_by_text("全部 3 条都可以")).to_be_visible()
    dialog.get_by_role("button", name="修改 3 条").click()
    expect(page.get_by_text("修改字段：已完成 3 条")).to_be_visible()
    expect(priorities).to_have_text(["高"] * 3)
    assert selected(page) == 0
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销 3 条")).to_be_visible()
    expect(priorities).to_have_text(before)
    watch.nothing_wrong()


def test_several_fields_changed_at_once_go_back_together_or_it_is_said_why_not(company: Company) -> None:
    page = company.page(SALES_REP)
    grid = opened(page, tasks(company, page, ["五", "六"]))
    columns = [grid.locator(f'[data-col="{n}"]') for n in range(1, 4)]
    before = [one.all_inner_texts() for one in columns]
    grid.get_by_role("checkbox").first.click()
    page.get_by_role("button", name="修改字段").click()
    dialog = page.get_by_role("dialog", name=re.compile("修改字段 · 2 条"))
    dialog.get_by_label("要修改的字段").select_option(label="优先级")
    dialog.get_by_label("优先级", exact=True).select_option(label="高")
    dialog.get_by_role("button", name="再改一个字段").click()
    dialog.get_by_label("要修改的字段").last.select_option(label="说明")
    dialog.get_by_label("说明", exact=True).fill("一起改的")
    expect(dialog.get_by_text("完成后不能一键撤销：列表里没有这些记录原来的「说明」")).to_be_visible()
    dialog.get_by_label("要修改的字段").last.select_option(label="状态")
    dialog.get_by_label("状态", exact=True).select_option(label="已完成")
    expect(dialog.get_by_text("完成后不能一键撤销")).to_have_count(0)
    dialog.get_by_role("button", name="修改 2 条").click()
    expect(page.get_by_text("修改字段：已完成 2 条")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_text("已撤销 2 条")).to_be_visible()
    for column, texts in zip(columns, before, strict=True):
        expect(column).to_have_text(texts)


def test_what_is_deleted_together_comes_back_together(company: Company) -> None:
    page = company.page(SALES_REP)
    grid = opened(page, tasks(company, page, ["甲", "乙"]))
    grid.get_by_role("checkbox").first.click()
    page.get_by_role("region", name="已选中的记录").get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="删除", exact=True).click()
    dialog = page.get_by_role("dialog", name=re.compile("删除 · 2 条"))
    dialog.get_by_role("button", name="删除 2 条").click()
    expect(page.get_by_role("heading", name="没有符合条件的记录")).to_be_visible()
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("grid").locator("[data-row]")).to_have_count(2)


def test_the_recycle_bin_gives_back_one_and_many(company: Company) -> None:
    page = company.page(SALES_REP)
    address = tasks(company, page, ["子", "丑", "寅"])
    mark = address.partition("q=")[2].partition("&")[0]
    grid = opened(page, address)
    grid.get_by_role("checkbox").first.click()
    page.get_by_role("region", name="已选中的记录").get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="删除", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="删除 3 条").click()
    expect(page.get_by_role("heading", name="没有符合条件的记录")).to_be_visible()
    page.get_by_role("button", name="视图菜单").click()
    page.get_by_role("menuitem", name="回收站").click()
    table = page.get_by_role("table", name="任务回收站")
    row = table.get_by_role("row").filter(has_text=f"{mark} 子")
    expect(row).to_contain_text("王敏")
    expect(row).to_contain_text("还有 90 天")
    watch = Watch().on(page)
    row.get_by_role("button", name=f"恢复{mark} 子").click()
    expect(page.get_by_text(f"已恢复「{mark} 子」")).to_be_visible()
    expect(row).to_have_count(0)
    table.get_by_label(f"选择{mark} 丑").click()
    table.get_by_label(f"选择{mark} 寅").click()
    page.get_by_role("button", name="恢复 2 条").click(timeout=2000)  # the message does not lie over it
    expect(page.get_by_text("已恢复 2 条")).to_be_visible()
    watch.nothing_wrong()
    opened(page, address)
    expect(page.get_by_role("grid").locator("[data-row]")).to_have_count(3)


def test_who_may_delete_nothing_has_no_recycle_bin(company: Company) -> None:
    page = company.page(LEGAL)
    opened(page, "/records/account")
    page.get_by_role("button", name="视图菜单").click()
    expect(page.get_by_role("menuitem", name="另存为视图")).to_be_visible()
    expect(page.get_by_role("menuitem", name="回收站")).to_have_count(0)


def test_of_each_refused_record_one_reads_why(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/")
    me = company.api(page, "/me")["person"]["id"]
    rows = company.api(page, "/records/account?limit=100")["items"]
    another = next(row["name"] for row in rows if (row.get("owner") or {}).get("id") not in (me, None))
    mine = f"{another}{time.time_ns() % 10**8}"
    posted(page, company.base_url, "/records/account", {"name": mine})
    grid = opened(page, f"/records/account?sort=-updated_at&q={another}")
    for name in (mine, another):
        grid.get_by_role("checkbox", name=re.compile(f"{name}$")).click()
    bar = page.get_by_role("region", name="已选中的记录")
    bar.get_by_role("button", name="修改字段（1/2）").click()
    dialog = page.get_by_role("dialog", name=re.compile("修改字段 · 2 条"))
    dialog.get_by_label("要修改的字段").select_option(label="行业 (1/2)")
    dialog.get_by_label("行业", exact=True).select_option(index=1)
    expect(dialog.get_by_text("2 条中 1 条可以；1 条不行：")).to_be_visible()
    dialog.get_by_role("button", name="修改 1 条").click()
    outcome = page.get_by_role("dialog", name="修改字段的结果")
    expect(outcome.get_by_text("已完成 1 条")).to_be_visible()
    expect(outcome.get_by_text("未完成 1 条")).to_be_visible()
    outcome.get_by_role("button", name="为什么").click()
    expect(outcome.get_by_text("你不可以")).to_be_visible()
    outcome.get_by_role("button", name="关闭").last.click()
    expect(page.get_by_text("已选 1 条", exact=True)).to_be_visible()


def test_who_may_only_read_is_offered_nothing(company: Company) -> None:
    page = company.page(LEGAL)
    grid = opened(page, "/records/account")
    grid.get_by_role("checkbox").nth(1).click()
    bar = page.get_by_role("region", name="已选中的记录")
    expect(bar.get_by_text("没有你能做的操作")).to_be_visible()
    expect(bar.get_by_role("button", name="修改字段")).to_have_count(0)


def test_everything_that_matches_is_selected_beyond_what_is_loaded(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    grid = opened(page, "/records/account")
    grid.focus()
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="选择全部符合条件的（最多 1,000 条）").click()
    expect(page.get_by_role("status").filter(has_text="已选")).not_to_have_text("已选 50 条")
    total = int(company.api(page, "/records/account/count")["count"])
    expect(page.get_by_role("status").filter(has_text="已选")).to_have_text(f"已选 {min(total, 1000):,} 条")


def test_on_a_phone_the_same_with_a_thumb(company: Company) -> None:
    page = company.page(SALES_REP, viewport=PHONE)
    grid = opened(page, "/records/account?tab=mine")
    grid.get_by_role("checkbox").nth(1).click()
    grid.get_by_role("checkbox").nth(2).click()
    bar = page.get_by_role("region", name="已选中的记录")
    expect(bar.get_by_text("已选 2 条")).to_be_visible()
    assert page.url.endswith("tab=mine"), "a tap on the box opens nothing"
    expect(bar.get_by_role("button", name="修改字段")).to_be_visible()
    box = bar.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_what_a_phone_offers_for_many_is_read_whole_and_what_a_process_alone_does_is_begun(company: Company) -> None:
    """Names of acts were cut off at the screen's edge, and the refusal to delete named a process that had to be looked for."""
    page = company.page(MANAGEMENT, viewport=PHONE)
    opened(page, "/records/contract").get_by_role("checkbox").nth(0).click()
    bar = page.get_by_role("region", name="已选中的记录")
    expect(bar.get_by_role("button", name=re.compile("批准"))).to_be_visible()
    cut = [one for one in bar.get_by_role("button").all() if one.evaluate("e => e.scrollWidth > e.clientWidth")]
    assert [one.inner_text() for one in cut] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    bar.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="删除").click()
    asked = page.get_by_role("dialog", name=re.compile("^删除"))
    asked.get_by_role("button", name=re.compile("条发起「合同删除」")).click()
    begins = page.get_by_role("dialog", name=re.compile("^发起流程"))
    expect(begins.get_by_role("radio", name=re.compile("合同删除"))).to_be_checked()
    expect(begins.get_by_role("button", name="发起", exact=True)).to_be_enabled()
