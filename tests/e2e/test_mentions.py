"""Mentioning a colleague in a comment: offered are those who see the record, and they find it in their workbench."""

from __future__ import annotations

import re
import time

from playwright.sync_api import Page, expect

from tests.e2e.people import SALES_MANAGER, SALES_REP, Company, Watch
from tests.e2e.test_bulk import posted

BOSS, STRANGER = "李强", "郑凯旋"


def fresh_deal(company: Company, page: Page) -> str:
    page.goto("/")
    name = f"提及商机{time.time_ns() % 10**8}"
    return str(posted(page, company.base_url, "/records/opportunity", {"name": name})["id"])


def test_a_colleague_is_mentioned_and_finds_it_waiting(company: Company) -> None:
    page, boss = company.page(SALES_REP), company.page(SALES_MANAGER)
    watch = Watch().on(page)
    deal = fresh_deal(company, page)
    page.goto(f"/records/opportunity/{deal}")
    box = page.get_by_role("textbox", name=re.compile("写评论"))
    box.click()
    page.keyboard.type("折扣太低吗？请@liq")
    expect(page.get_by_role("option", name=re.compile(BOSS))).to_be_visible()
    page.keyboard.press("Enter")
    page.keyboard.type("看 <img src=x onerror=alert(1)>")
    page.keyboard.press("Control+Enter")
    said = page.locator(".said")
    expect(said).to_have_text(f"折扣太低吗？请@{BOSS} 看 <img src=x onerror=alert(1)>")
    expect(said.locator(".mention")).to_have_text(f"@{BOSS}")
    assert page.locator(".said img").count() == 0
    watch.nothing_wrong()

    boss.goto("/")
    expect(boss.get_by_role("img", name=re.compile(r"\d+ 条新的提及"))).to_be_visible()
    boss.get_by_role("tab", name=re.compile("提到我")).click()
    row = boss.get_by_role("list", name="提到我").get_by_role("listitem").first
    expect(row).to_contain_text("王敏")
    expect(row).to_contain_text("折扣太低吗？")
    expect(row).to_contain_text("新")
    row.get_by_role("link").click()
    expect(boss.locator(".mention.me")).to_have_text(f"@{BOSS}")
    boss.wait_for_timeout(400)
    boss.goto("/?tab=mentions")
    row = boss.get_by_role("list", name="提到我").get_by_role("listitem").first
    expect(row).to_contain_text("折扣太低吗？")
    expect(row.get_by_text("新", exact=True)).to_have_count(0)


def test_who_cannot_see_it_is_let_in_first_or_not_mentioned(company: Company) -> None:
    page = company.page(SALES_REP)
    deal = fresh_deal(company, page)
    page.goto(f"/records/opportunity/{deal}")
    box = page.get_by_role("textbox", name=re.compile("写评论"))
    box.click()
    page.keyboard.type("@郑")
    option = page.get_by_role("option", name=re.compile(STRANGER))
    expect(option).to_contain_text("看不到这条记录")
    option.click()
    offer = page.get_by_role("alert").filter(has_text=STRANGER)
    expect(offer).to_contain_text("看不到这条记录")
    expect(box).to_have_value("@郑")
    offer.get_by_role("button", name="取消").click()
    expect(offer).to_have_count(0)
    box.click()
    page.keyboard.press("Escape")
    page.keyboard.type(" 只是文字")
    page.get_by_role("button", name="发表").click()
    expect(page.locator(".said")).to_have_text("@郑 只是文字")
    expect(page.locator(".said .mention")).to_have_count(0)


def test_who_may_share_lets_a_colleague_in_for_a_week_and_mentions_them(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    deal = fresh_deal(company, page)
    page.goto(f"/records/opportunity/{deal}")
    page.get_by_role("textbox", name=re.compile("写评论")).click()
    page.keyboard.type("@郑")
    page.get_by_role("option", name=re.compile("广州组|看不到")).filter(has_text="郑俊杰").click()
    page.get_by_role("button", name="加入团队 7 天（只读）并提到").click()
    expect(page.get_by_role("textbox", name=re.compile("写评论"))).to_have_value("@郑俊杰 ")
    expect(page.get_by_role("region", name="团队")).to_contain_text("郑俊杰")
    page.get_by_role("button", name="发表").click()
    expect(page.locator(".said .mention")).to_have_text("@郑俊杰")
    watch.nothing_wrong()
