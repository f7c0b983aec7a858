"""Forms that write drafts: people moved in steps, the rule of the second person, a narrower role in one press."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.people import AUDITOR, SALES_REP, SECURITY, Company, Watch
from tests.e2e.test_access_for_all import AXE, RUN
from tests.e2e.test_configure import withdraw

LONG = 15_000
"""Milliseconds: each change of a draft is checked against the whole company."""


def accessible(page: Page) -> None:
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []


def test_people_are_moved_in_a_draft_by_keyboard_and_two_drafts_tell_of_each_other(company: Company) -> None:
    page = company.page(SECURITY)
    watch = Watch().on(page)
    who = company.api(page, "/organisation/people?q=liqiang")["items"][0]
    page.goto(f"/organisation/people/{who['id']}")
    page.get_by_role("button", name="在草稿里调动").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="下一步")).to_be_disabled()
    dialog.get_by_role("combobox", name="部门", exact=True).select_option(label="市场部")
    dialog.get_by_role("combobox", name="上级", exact=True).select_option(label="没有上级")
    dialog.get_by_role("button", name="下一步").press("Enter")
    changes = dialog.get_by_role("region", name="会写进草稿的改动")
    expect(changes).to_contain_text("任职：上海一组 · 销售经理", timeout=LONG)
    expect(changes).to_contain_text("任职：市场部 · 销售经理")
    expect(changes).to_contain_text("没有上级")
    expect(dialog.get_by_role("region", name="谁得到什么，谁失去什么")).to_contain_text("李强")
    accessible(page)
    dialog.get_by_role("button", name="放进草稿").click()
    expect(page.get_by_role("heading", name=re.compile("^调动：李强"))).to_be_visible(timeout=LONG)
    expect(page.get_by_role("heading", name="2 处改动")).to_be_visible(timeout=LONG)
    page.get_by_role("listitem").filter(has_text="汇报关系").get_by_role("button", name="去掉").click()
    expect(page.get_by_role("heading", name="1 处改动")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="撤销", exact=True).click()
    expect(page.get_by_role("heading", name="2 处改动")).to_be_visible(timeout=LONG)

    # from the department's page, several at once, into another draft
    team = next(d for d in company.api(page, "/organisation/departments")["items"] if d["name"] == "上海一组")
    page.goto(f"/organisation?department={team['id']}")
    page.get_by_role("button", name="在草稿里调动").click()
    dialog = page.get_by_role("dialog")
    for name in ("李强", "王敏"):
        dialog.get_by_role("checkbox", name=name, exact=True).check()
    dialog.get_by_role("button", name="下一步").click()
    dialog.get_by_role("combobox", name="部门", exact=True).select_option(label="财务部")
    dialog.get_by_role("button", name="下一步").click()
    expect(dialog.get_by_role("region", name="这份草稿里原来写的会被替换")).to_contain_text("市场部", timeout=LONG)
    dialog.get_by_role("combobox", name="放进哪份草稿").select_option(label="新建一份：调动：李强、王敏")
    expect(dialog.get_by_role("region", name="别的草稿也要改同样的东西")).to_contain_text("调动：李强", timeout=LONG)
    dialog.get_by_role("button", name="放进草稿").click()
    expect(page.get_by_role("heading", name=re.compile("^调动：李强、王敏"))).to_be_visible(timeout=LONG)
    expect(page.get_by_role("region", name="别的草稿也要改同样的东西")).to_contain_text(
        "市场部 · 销售经理", timeout=LONG
    )
    accessible(page)
    watch.nothing_wrong()
    withdraw(page, company)
    rep = company.page(SALES_REP)
    rep.goto(f"/organisation/people/{who['id']}")
    expect(rep.get_by_role("heading", name="李强")).to_be_visible()
    expect(rep.get_by_role("button", name="在草稿里调动")).to_have_count(0)


def test_the_rule_of_the_second_person_is_read_by_some_and_never_loosened_alone(company: Company) -> None:
    page = company.page(SECURITY)
    page.goto("/access/drafts/approval")
    expect(page.get_by_role("radio", name=re.compile("^每份草稿都要第二个人批准"))).to_be_checked()
    page.get_by_role("radio", name=re.compile("^草稿不需要第二个人批准")).check()
    expect(page.get_by_text("更松：要另一位安全管理员批准，你一个人发布不了")).to_have_count(2)
    accessible(page)
    page.get_by_role("button", name="写进草稿").click()
    draft = page.get_by_role("region", name="草稿", exact=True)
    expect(draft.get_by_text("每份草稿都要第二个人批准")).to_be_visible(timeout=LONG)
    expect(draft.get_by_text("需要另一位管理员批准")).to_be_visible()
    expect(draft.get_by_text(re.compile("改权限的规矩会放宽"))).to_be_visible(timeout=LONG)
    expect(draft.get_by_role("button", name="发布", exact=True)).to_have_count(0)
    withdraw(page, company)
    reader = company.page(AUDITOR)
    reader.goto("/access/drafts/approval")
    expect(reader.get_by_role("radio", name=re.compile("^草稿不需要"))).to_be_disabled()
    expect(reader.get_by_role("button", name="写进草稿")).to_have_count(0)


def test_a_narrower_role_goes_into_a_draft_in_one_press(company: Company) -> None:
    page = company.page(SECURITY)
    page.goto("/access/roles/finance?part=narrower")
    part = page.get_by_role("region", name="可以收窄的角色")
    part.get_by_role("checkbox", name="90 天没有人用过：删除任务").uncheck()
    part.get_by_role("button", name="只收其中几个字段").first.click()
    part.get_by_role("checkbox", name="说明", exact=True).check()
    accessible(page)
    take = part.get_by_role("button", name=re.compile(r"收窄：\d+ 项写进草稿"))
    take.click()
    expect(page.get_by_role("heading", name=re.compile("^收窄角色：财务"))).to_be_visible(timeout=LONG)
    draft = page.get_by_role("region", name="草稿", exact=True)
    expect(draft.get_by_text("可以新建「任务」，范围：本人；可写：全部字段（除说明）")).to_be_visible(timeout=LONG)
    expect(draft.get_by_text("可以删除「任务」，范围：本人")).to_have_count(0)
    lost = page.get_by_role("region", name="谁得到什么，谁失去什么")
    expect(lost.get_by_text(re.compile(r"失去 \d+ 项")).first).to_be_visible(timeout=LONG)
    withdraw(page, company)
