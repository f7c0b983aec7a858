"""A comment is changed and deleted where it stands, by keyboard too; whom it mentions learns of it without a reload."""

from __future__ import annotations

import re
import time
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.people import SALES_MANAGER, SALES_REP, Company, Watch
from tests.e2e.test_bulk import posted

BOSS = "李强"
AT_ONCE_MS = 6_000
"""The page asks every two seconds; a slow machine takes its time."""


def fresh_deal(company: Company, page: Page) -> str:
    page.goto("/")
    return str(
        posted(page, company.base_url, "/records/opportunity", {"name": f"评论商机{time.time_ns() % 10**8}"})["id"]
    )


def edited(page: Page, deal: str, words: dict[str, Any]) -> None:
    """Another window of the same person changes the one comment meanwhile."""
    status = page.evaluate(
        """async ([deal, words]) => {
          const at = `/api/v1/records/opportunity/${deal}/comments`;
          const one = (await (await fetch(at)).json()).items[0];
          const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
          const headers = { "Content-Type": "application/json", "X-CSRFToken": token, "If-Match": `"${one.etag}"` };
          return (await fetch(`${at}/${one.id}`, { method: "PATCH", headers, body: JSON.stringify(words) })).status;
        }""",
        [deal, words],
    )
    assert status == 200


def test_an_author_changes_and_deletes_a_comment(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    deal = fresh_deal(company, page)
    page.goto(f"/records/opportunity/{deal}")
    page.get_by_role("textbox", name=re.compile("写评论")).click()
    page.keyboard.type("折扣太地")
    page.keyboard.press("Control+Enter")
    said = page.locator(".events .said")
    expect(said).to_have_text("折扣太地")
    page.get_by_role("button", name="修改评论").focus()
    page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="修改评论")
    expect(box).to_be_focused()
    expect(box).to_have_value("折扣太地")
    page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    page.get_by_role("button", name="修改评论").click()
    box.fill("折扣太低")
    page.keyboard.press("Control+Enter")
    expect(said).to_have_text("折扣太低")
    expect(page.locator(".comment").get_by_text("已编辑")).to_be_visible()
    page.get_by_role("button", name="删除王敏的评论").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("折扣太低")
    dialog.get_by_role("button", name="删除", exact=True).click()
    expect(said).to_have_count(0)
    expect(page.get_by_role("region", name="动态")).to_contain_text("删除评论")
    watch.nothing_wrong()


def test_a_change_that_another_window_made_meanwhile_is_shown_first(company: Company) -> None:
    page = company.page(SALES_REP)
    deal = fresh_deal(company, page)
    posted(page, company.base_url, f"/records/opportunity/{deal}/comments", {"body": "第一版"})
    page.goto(f"/records/opportunity/{deal}")
    page.get_by_role("button", name="修改评论").click()
    box = page.get_by_role("textbox", name="修改评论")
    box.fill("我的版本")
    edited(page, deal, {"body": "另一个窗口的版本"})
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="另一个窗口的版本")).to_be_visible()
    expect(box).to_have_value("我的版本")
    page.get_by_role("button", name="仍然保存我的内容").click()
    expect(page.locator(".events .said")).to_have_text("我的版本")


def test_a_mention_reaches_an_open_workbench_without_a_reload(company: Company) -> None:
    page, boss = company.page(SALES_REP), company.page(SALES_MANAGER)
    deal = fresh_deal(company, page)
    boss.goto("/?tab=mentions")
    waiting = boss.get_by_role("list", name="提到我").get_by_role("listitem")
    words = f"请看这里{time.time_ns() % 10**6}"
    expect(boss.get_by_role("tab", name=re.compile("提到我"))).to_be_visible()
    boss.wait_for_timeout(2_500)
    page.goto(f"/records/opportunity/{deal}")
    page.get_by_role("textbox", name=re.compile("写评论")).click()
    page.keyboard.type("@liq")
    expect(page.get_by_role("option", name=re.compile(BOSS))).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type(words)
    page.keyboard.press("Control+Enter")
    expect(waiting.filter(has_text=words)).to_be_visible(timeout=AT_ONCE_MS)
    expect(boss.get_by_role("img", name=re.compile(r"\d+ 条新的提及"))).to_be_visible(timeout=AT_ONCE_MS)
    page.get_by_role("button", name="修改评论").click()
    page.get_by_role("textbox", name="修改评论").fill("不用看了")
    page.keyboard.press("Control+Enter")
    expect(waiting.filter(has_text=words)).to_have_count(0, timeout=AT_ONCE_MS)
