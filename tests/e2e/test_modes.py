"""Looking as somebody else, and a draft's sandbox, in the browser: loud, nothing is written, the way out is at hand."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.e2e.people import AUDITOR, SECURITY, Company
from tests.e2e.test_access_for_all import AXE, RUN
from tests.e2e.test_organisation import choose

TESTER = "zhangwei"
"""Somebody whom no other test signs in as: they are asked to try a draft."""


def audit(page: Page) -> list[str]:
    page.wait_for_load_state("networkidle")
    page.evaluate(AXE.read_text("utf-8"))
    return list(page.evaluate(RUN))


def test_an_auditor_looks_as_a_colleague_who_then_sees_it(company: Company) -> None:
    page = company.context().new_page()  # a session of its own: the mode belongs to it
    company.sign_in(page, AUDITOR)
    page.goto("/access/view-as")
    begin = page.get_by_role("button", name="开始查看")
    expect(begin).to_be_disabled()
    choose(page.get_by_role("main"), "人员", "许嘉怡")
    page.get_by_label("为什么需要").fill("看不到线索")
    assert audit(page) == []
    begin.click()
    banner = page.get_by_role("status").filter(has_text="你正在以「许嘉怡」的身份查看")
    expect(banner).to_be_visible()
    page.get_by_role("link", name="客户", exact=True).click()
    expect(page.get_by_text("没有你们两人都能看到的客户")).to_be_visible()  # an auditor sees no customer data
    assert audit(page) == []
    banner.get_by_role("button", name="结束查看").click()
    expect(page.get_by_text("你正在以")).to_have_count(0)
    theirs = company.page("xujiayi")
    theirs.goto("/account")
    expect(theirs.get_by_text("黄欣怡以你的身份查看：看不到线索")).to_be_visible()


def test_a_tester_tries_a_draft_and_says_what_they_miss(company: Company) -> None:
    boss = company.page(SECURITY)
    boss.goto("/")
    token = next(str(c.get("value")) for c in boss.context.cookies() if c.get("name") == "csrftoken")
    sent = {"X-CSRFToken": token, "Referer": company.base_url}
    api = f"{company.base_url}/api/v1"
    made = boss.request.post(f"{api}/access/drafts", data={"title": "联测草稿"}, headers=sent)
    draft = made.json()["id"]
    line = {"type": "product", "actions": ["read", "create"], "scope": ["all"]}
    after = {"lines": [line], "subject": f"person:{TESTER}"}
    changed = boss.request.put(
        f"{api}/access/drafts/{draft}/changes/grant/new-1", data={"after": after},
        headers={**sent, "If-Match": made.headers["etag"]},
    )  # fmt: skip
    assert changed.ok, changed.text()
    boss.goto("/access/sandboxes")
    panel = boss.get_by_role("article").filter(has_text="联测草稿")
    choose(panel, "请谁试用", "张伟")
    panel.get_by_role("button", name="邀请").click()
    expect(panel.get_by_text("待试用")).to_be_visible()
    expect(panel.get_by_role("combobox", name="请谁试用")).to_have_value("")
    assert audit(boss) == []
    page = company.context().new_page()
    company.sign_in(page, TESTER)
    page.get_by_role("listitem").filter(has_text="联测草稿").get_by_role("button", name="进入沙盒").click()
    banner = page.get_by_role("status").filter(has_text="你正在沙盒「联测草稿」中")
    expect(banner).to_be_visible()
    banner.get_by_role("button", name="报告缺少什么").click()
    page.get_by_role("textbox", name="缺少什么").fill("看不到合同")
    page.get_by_role("button", name="报告", exact=True).click()
    expect(page.get_by_text("已报告给作者")).to_be_visible()
    banner.get_by_role("button", name="离开沙盒").click()
    expect(page.get_by_text("你正在沙盒")).to_have_count(0)
    boss.reload()
    expect(panel.get_by_text("看不到合同")).to_be_visible()
    boss.request.post(
        f"{api}/access/drafts/{draft}/withdraw", data={}, headers={**sent, "If-Match": changed.headers["etag"]}
    )
