"""My account in the browser: password, devices, deputy, token; what is refused stands where it was asked for."""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from playwright.sync_api import Error, Locator, expect

from heli.kernel import clock
from tests.e2e.people import Company
from tests.e2e.test_organisation import choose

NEW = "a completely new secret"
WHO = "xueguodong"
"""Somebody whom no other test signs in as: their password changes."""


@pytest.mark.storage
def test_a_new_password_ends_what_is_open_elsewhere(company: Company) -> None:
    here, there = company.context().new_page(), company.context().new_page()
    for page in (here, there):
        company.sign_in(page, WHO)
    password = company.password
    here.get_by_role("button", name="个人菜单").click()
    here.get_by_role("menuitem", name="我的账号").click()
    devices = here.get_by_role("region", name="登录的设备")
    expect(devices.get_by_role("listitem")).to_have_count(2)
    card = here.get_by_role("region", name="密码")
    _change(card, "not this one", NEW)
    expect(card.get_by_label("当前密码")).to_have_accessible_description("当前密码不对")
    _change(card, password, NEW)
    expect(here.get_by_text("密码已修改，其他设备上的 1 个登录已结束")).to_be_visible()
    expect(devices.get_by_role("listitem")).to_have_count(1)
    with suppress(Error):  # it may be on its way there by itself, which a reload then cuts short
        there.reload()
    expect(there).to_have_url(re.compile("/signin"))
    here.reload()
    expect(here.get_by_role("heading", name="我的账号")).to_be_visible()
    _change(card, NEW, password)
    expect(here.get_by_text(re.compile("密码已修改"))).to_be_visible()


def _change(card: Locator, current: str, new: str) -> None:
    card.get_by_label("当前密码").fill(current)
    card.get_by_label("新密码").fill(new)
    card.get_by_role("button", name="修改密码").click()


def test_a_deputy_is_refused_with_the_reason_then_named_and_ended(company: Company) -> None:
    page = company.page("panshuyao")
    page.goto("/account")
    card = page.get_by_role("region", name="代理人")
    card.get_by_role("button", name="指定代理人").click()
    dialog = page.get_by_role("dialog")
    choose(dialog, "代理人", "王敏")
    dialog.get_by_label("最后一天").fill("2020-01-01")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("最后一天")
    dialog.get_by_label("最后一天").fill((clock.now().date() + timedelta(days=9)).isoformat())
    dialog.get_by_role("button", name="保存").click()
    expect(card.get_by_role("listitem")).to_contain_text("王敏")
    card.get_by_role("button", name="结束").click()
    page.get_by_role("dialog").get_by_role("button", name="结束").click()
    expect(card.get_by_role("listitem")).to_have_count(0)


def test_a_token_is_shown_once_and_works_until_it_is_revoked(company: Company) -> None:
    page = company.page("panshuyao")
    page.goto("/account")
    card = page.get_by_role("region", name="API 令牌")
    card.get_by_role("button", name="新建令牌").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("用途").fill("对账程序")
    dialog.get_by_role("button", name="新建令牌").click()
    secret = page.get_by_role("dialog").locator("input.secret").input_value()
    page.get_by_role("button", name="我已保存").click()
    program = company.context(extra_http_headers={"Authorization": f"Bearer {secret}"}).request
    assert program.get(f"{company.base_url}/api/v1/me").json()["person"]["username"] == "panshuyao"
    expect(card.get_by_role("listitem")).to_contain_text("对账程序")
    card.get_by_role("button", name="撤销").click()
    page.get_by_role("dialog").get_by_role("button", name="撤销").click()
    expect(card.get_by_role("listitem")).to_have_count(0)
    assert program.get(f"{company.base_url}/api/v1/me").status == 401
