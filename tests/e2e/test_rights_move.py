"""Rights change while a page is open: what is read comes anew, what is typed stays."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.e2e.people import SALES_REP, SYSTEM, Company, Watch
from tests.e2e.test_bulk import posted


def test_what_is_typed_stays_when_rules_of_somebody_else_change(company: Company) -> None:
    page, admin = company.page(SALES_REP), company.page(SYSTEM)
    watch = Watch().on(page)
    page.goto("/records/account")
    page.get_by_role("button", name="新建客户").click()
    dialog = page.get_by_role("dialog", name="新建客户")
    name = dialog.get_by_role("textbox", name="客户名称")
    name.fill("写了一半的客户")
    page.evaluate("document.querySelector('[role=grid]').dataset.kept = 'yes'")

    before = company.api(page, "/me")["epoch"]
    admin.goto("/")
    with page.expect_response(lambda one: "/records/account?" in one.url) as again:  # without a key or a click
        posted(admin, company.base_url, "/organisation/departments", {"name": "规则变动部"})
        assert company.api(page, "/me")["epoch"] != before
    assert again.value.ok
    page.wait_for_load_state("networkidle")
    expect(name).to_have_value("写了一半的客户")
    expect(page.locator("[role=grid][data-kept]")).to_have_count(1)  # the page is the same, not one begun anew
    watch.nothing_wrong()

    # My own rights: a post more, a right less a moment later. The page follows, the text still stays.
    me = company.api(page, "/me")["person"]["id"]
    legal = next(d["id"] for d in company.api(admin, "/organisation/departments")["items"] if d["name"] == "法务部")
    clerk = next(p["id"] for p in company.api(admin, "/organisation/positions")["items"] if p["name"] == "行政助理")
    about = f"/organisation/people/{me}"
    posts = posted(admin, company.base_url, f"{about}/assign", {"department": legal, "position": clerk})["assignments"]
    told = page.get_by_role("status").filter(has_text="你的权限刚刚变了")
    expect(told).to_be_visible()
    expect(name).to_have_value("写了一半的客户")
    given = next(one["id"] for one in posts if one["department"]["id"] == legal)
    expect(told).to_have_count(0)
    posted(admin, company.base_url, f"{about}/end", {"assignment": given})
    expect(told).to_be_visible()
    expect(name).to_have_value("写了一半的客户")
