"""Asking for access from a page that shows nothing, the owner's answer in the workbench, and calling it back."""

from __future__ import annotations

import re
import time

from playwright.sync_api import expect

from tests.e2e.people import SALES_REP, SECURITY, SUPPORT, Company, Watch
from tests.e2e.test_bulk import posted
from tests.e2e.test_mentions import fresh_deal


def test_a_record_is_asked_for_lent_and_called_back(company: Company) -> None:
    owner, asker = company.page(SALES_REP), company.page(SUPPORT)
    owner.goto("/")
    name = f"借用商机{time.time_ns() % 10**8}"
    deal = str(posted(owner, company.base_url, "/records/opportunity", {"name": name})["id"])
    asked = re.compile(f"孙丽 申请查看.{name}")  # others ask as well
    watch = Watch().on(owner)

    asker.goto(f"/records/opportunity/{deal}")
    asker.get_by_role("button", name="申请权限").first.click()
    dialog = asker.get_by_role("dialog", name="申请临时授权")
    expect(dialog).to_contain_text("是否有这条记录不会告诉你")
    expect(dialog.get_by_text("还需填写：为什么")).to_be_visible()
    dialog.get_by_role("button", name="3 天").click()
    dialog.get_by_label("为什么").fill("客户来电，先看进展")
    dialog.get_by_role("button", name="提交申请").click()
    expect(asker.get_by_text("申请已发出")).to_be_visible()

    # The workbench has been open all along: the worker takes the request to its lender, and it stands there by itself.
    expect(owner.get_by_role("option", name=asked).first).to_be_visible(timeout=60_000)
    owner.get_by_role("option", name=asked).first.click()
    pane = owner.get_by_role("article", name=asked)
    expect(pane.get_by_role("row", name=re.compile("商机名称.*不可见.*只读"))).to_be_visible()
    expect(pane).to_contain_text("不超过你自己的权限")
    owner.keyboard.press("a")
    expect(owner.get_by_text("已批准，立即生效")).to_be_visible()

    asker.goto(f"/records/opportunity/{deal}")
    expect(asker.get_by_role("heading", level=1)).to_contain_text(name)
    expect(asker.get_by_text(re.compile(r"借自 王敏，到 \d\d-\d\d \d\d:\d\d")).first).to_be_visible()

    owner.goto("/access/loans")
    row = owner.get_by_role("row").filter(has_text="孙丽").filter(has_text=name)
    expect(row.get_by_role("timer")).to_contain_text("天")
    row.get_by_role("button", name="收回").click()
    expect(owner.get_by_text("已收回，立即失效")).to_be_visible()
    # The borrower's page is left alone: what was lent goes from it by itself.
    expect(asker.get_by_text(name)).to_have_count(0)
    expect(asker.get_by_role("button", name="申请权限").first).to_be_visible()
    owner.get_by_role("button", name="撤销").click()
    expect(owner.get_by_text("已恢复（新的授权）")).to_be_visible()
    watch.nothing_wrong()


def test_a_position_is_asked_for_and_refused_with_a_reason(company: Company) -> None:
    asker, security = company.page(SUPPORT), company.page(SECURITY)
    asker.goto("/access/loans")
    asker.get_by_role("button", name="申请角色或岗位").click()
    dialog = asker.get_by_role("dialog", name="申请角色或岗位")
    dialog.get_by_role("button", name="岗位", exact=True).click()
    dialog.get_by_label("哪个岗位").select_option(label="会计")
    expect(dialog).to_contain_text("要两位安全管理员批准")
    dialog.get_by_label("为什么").fill("月底支援核对")
    dialog.get_by_role("button", name="提交申请").click()
    expect(asker.get_by_role("button", name=re.compile("孙丽 申请岗位「.+ · 会计」")).first).to_be_visible()

    security.goto("/access/loans?box=inbox")
    security.get_by_role("button", name=re.compile("孙丽 申请岗位「.+ · 会计」")).first.click()
    pane = security.get_by_role("article", name=re.compile("孙丽 申请岗位"))
    expect(pane).to_contain_text("月底支援核对")
    security.keyboard.press("r")
    why = security.get_by_role("dialog", name="拒绝并说明")
    why.get_by_label("拒绝的原因").fill("请走财务部的流程")
    why.get_by_role("button", name="拒绝并说明").click()
    expect(why).to_be_hidden()
    asker.reload()
    expect(asker.get_by_role("article", name=re.compile("孙丽 申请岗位"))).to_contain_text("请走财务部的流程")


def test_in_an_emergency_the_record_opens_at_once(company: Company) -> None:
    owner, security, asker = company.page(SALES_REP), company.page(SECURITY), company.page(SUPPORT)
    deal = fresh_deal(company, owner)
    security.goto("/")
    glass = posted(
        security, company.base_url, "/access/emergencies",
        {"title": "演练", "reason": "电话系统中断", "types": ["opportunity"], "actions": ["read"], "classes": ["public", "internal"],
         "departments": [], "roles": ["support"], "seconds": 3600},
    )["id"]  # fmt: skip
    try:
        asker.goto(f"/access/loans?use={glass}")  # where the strip on every page leads
        dialog = asker.get_by_role("dialog", name=re.compile("立即打开一条记录"))
        dialog.get_by_label("编号").fill(deal)
        dialog.get_by_label("为什么").fill("客户在线等")
        dialog.get_by_role("button", name="立即打开一条记录").click()
        expect(asker.get_by_role("heading", level=1)).to_contain_text("提及商机")
        expect(asker).to_have_url(re.compile(f"/records/opportunity/{deal}$"))
    finally:
        posted(security, company.base_url, f"/access/emergencies/{glass}/close", {})
    expect(asker.get_by_text("提及商机")).to_have_count(0)
