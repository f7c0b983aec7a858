"""Coming in: a card per persona, a password, and the words for a refusal."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.people import EVERYONE, Company, Watch


@pytest.mark.parametrize("who", EVERYONE)
def test_one_click_on_a_card_signs_in_and_the_first_page_is_useful(company: Company, who: str) -> None:
    page = company.context().new_page()
    watch = Watch().on(page)
    company.sign_in(page, who)
    main = page.get_by_role("navigation", name="主导航")
    links = main.get_by_role("link")
    expect(links.first).to_be_visible()
    assert 1 <= links.count() + main.get_by_role("button").count() <= 9
    assert page.title() == "合力 Heli"
    watch.nothing_wrong()


@pytest.mark.storage
def test_a_wrong_password_is_refused_in_words_and_the_right_one_leads_where_one_wanted_to_go(company: Company) -> None:
    page = company.context().new_page()
    page.goto("/records/account")
    expect(page).to_have_url(f"{company.base_url}/signin?next=%2Frecords%2Faccount")
    page.get_by_label("账号").fill("wangmin")
    page.get_by_label("密码", exact=True).fill("not-the-password")
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("密码")
    password = page.locator("code").inner_text()
    page.get_by_label("密码", exact=True).fill(password)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/records/account")
    expect(page.get_by_role("grid", name="客户")).to_be_visible()


def test_a_link_cannot_send_a_signed_in_person_to_another_site(company: Company) -> None:
    page = company.context().new_page()
    page.goto("/signin?next=//evil.example/")
    page.locator(".persona").first.click()
    page.wait_for_url(f"{company.base_url}/")


def test_language_and_theme_are_kept_and_signing_out_ends_the_session(company: Company) -> None:
    page = company.context().new_page()
    company.sign_in(page, "gaojianhua")  # who no other test is: what is set is kept for them on the server
    page.get_by_role("button", name="个人菜单").click()
    with page.expect_response("**/me/settings"):
        page.get_by_role("menuitem", name="English").click()
    expect(page.get_by_role("navigation", name="Main navigation")).to_be_visible()
    with page.expect_response("**/me/settings"):
        page.get_by_role("button", name="Switch to dark").click()
    other = company.context().new_page()
    company.sign_in(other, "gaojianhua", menu="Main navigation")
    expect(other.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    other.close()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.get_by_role("button", name="Personal menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url("**/signin")
    page.goto("/records/account")
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
