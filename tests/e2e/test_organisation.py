"""The organisation's pages as an administrator uses them: departments, people, positions, projects, accounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.people import AUDITOR, SALES_MANAGER, SALES_REP, SECURITY, SYSTEM, Company, Watch
from tests.e2e.test_getting_around import PHONE

type Post = Callable[[str, dict[str, Any]], Any]


def dialog_of(page: Page, title: str) -> Locator:
    found = page.get_by_role("dialog", name=re.compile(f"^{title}"))
    expect(found).to_be_visible()
    return found


def finish(dialog: Locator, button: str) -> None:
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(dialog).to_have_count(0)


def choose(dialog: Locator, label: str, text: str) -> None:
    """Type into a picker and take what it offers first."""
    box = dialog.get_by_role("combobox", name=label, exact=True)
    box.fill(text)
    dialog.page.get_by_role("option", name=re.compile(re.escape(text))).first.click()


@pytest.fixture
def admin(company: Company) -> Page:
    page = company.page(SYSTEM)
    page.goto("/organisation")
    return page


@pytest.fixture
def post(company: Company, admin: Page) -> Post:
    """Setting a stage as the administrator, by the API."""

    def send(path: str, body: dict[str, Any]) -> Any:
        token = next(c["value"] for c in admin.context.cookies() if c.get("name") == "csrftoken")
        reply = admin.request.post(f"{company.base_url}/api/v1{path}", data=body, headers={"X-CSRFToken": token})
        assert reply.ok, reply.text()
        return reply.json()

    return send


def test_a_department_is_made_led_refused_closing_and_closed(company: Company, admin: Page, post: Post) -> None:
    admin.get_by_role("button", name="新建部门").click()
    dialog = dialog_of(admin, "新建部门")
    dialog.get_by_label("名称", exact=True).fill("质量部")
    choose(dialog, "上级部门", "合力示例集团")
    dialog.get_by_label("职能", exact=True).select_option(label="产品研发")
    finish(dialog, "保存")
    made = next(d for d in company.api(admin, "/organisation/departments")["items"] if d["name"] == "质量部")
    assert made["function"] == "product"
    who = post("/organisation/people", {"name": "质检员", "username": "e2e.qa", "department": made["id"]})

    admin.goto(f"/organisation?department={made['id']}")
    admin.get_by_role("button", name="修改部门").click()
    dialog = dialog_of(admin, "修改部门")
    choose(dialog, "负责人", "质检员")
    finish(dialog, "保存")
    admin.goto(f"/organisation?department={made['id']}")
    admin.get_by_role("button", name="关闭部门").click()
    dialog = dialog_of(admin, "关闭部门")
    dialog.get_by_role("button", name="关闭部门", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("还有人员：质检员(e2e.qa)")
    dialog.get_by_role("button", name="取消").click()

    hr = next(d for d in company.api(admin, "/organisation/departments")["items"] if d["name"] == "人力资源部")
    post(f"/organisation/people/{who['id']}/move", {"department": hr["id"]})
    admin.goto(f"/organisation?department={made['id']}")
    admin.get_by_role("button", name="关闭部门").click()
    finish(dialog_of(admin, "关闭部门"), "关闭部门")
    expect(admin.get_by_role("navigation", name="部门").get_by_role("button", name=re.compile("质量部"))).to_have_count(
        0
    )


@pytest.mark.storage
def test_posts_change_end_with_an_heir_and_leave_is_taken(company: Company, admin: Page, post: Post) -> None:
    departments = {d["name"]: d["id"] for d in company.api(admin, "/organisation/departments")["items"]}
    who = post("/organisation/people", {"name": "任职员", "username": "e2e.posts", "department": departments["财务部"]})
    admin.goto(f"/organisation/people/{who['id']}")
    admin.get_by_role("button", name="增加任职").click()
    dialog = dialog_of(admin, "增加任职")
    choose(dialog, "部门", "法务部")
    dialog.get_by_label("岗位", exact=True).select_option(label="行政助理")
    finish(dialog, "保存")
    posts = admin.locator("section.part", has=admin.get_by_role("heading", name="任职"))
    posts.get_by_role("button", name="设为主任职").click()
    finish(dialog_of(admin, "设为主任职"), "设为主任职")
    expect(posts.locator("li", has_text="法务部")).to_contain_text("主任职")
    posts.locator("li", has_text="法务部").get_by_role("button", name="结束").click()
    dialog = dialog_of(admin, "结束 · 法务部")
    expect(dialog.get_by_label("新的主任职")).to_have_value(re.compile(r"\d+"))
    finish(dialog, "结束")
    expect(posts.locator("li")).to_have_count(1)
    expect(posts.locator("li", has_text="财务部")).to_contain_text("主任职")

    for act, then in (("开始休假", "休假"), ("结束休假", "在职")):
        admin.get_by_role("button", name="更多").click()
        admin.get_by_role("menuitem", name=act).click()
        finish(dialog_of(admin, act), act)
        expect(admin.locator("dd", has_text=then)).to_be_visible()


def test_a_deputy_ends_a_manager_is_set_and_a_circle_is_refused(company: Company, admin: Page, post: Post) -> None:
    departments = {d["name"]: d["id"] for d in company.api(admin, "/organisation/departments")["items"]}
    first, second = (
        post(
            "/organisation/people",
            {"name": f"汇报{n}", "username": f"e2e.line{n}", "department": departments["财务部"]},
        )
        for n in ("a", "b")
    )
    at = f"/organisation/people/{first['id']}"
    admin.goto(at)
    admin.get_by_role("button", name="设置代理人").click()
    dialog = dialog_of(admin, "设置代理人")
    choose(dialog, "代理人", "汇报b")
    dialog.get_by_label("最后一天").fill("2099-12-31")
    finish(dialog, "保存")
    part = admin.locator("section.part", has=admin.get_by_role("heading", name="代理人"))
    expect(part.locator("li")).to_contain_text("2099-12-31")
    part.locator("li").get_by_role("button", name="结束").click()
    finish(dialog_of(admin, "结束"), "结束")
    expect(part.locator("li")).to_have_count(0)

    admin.locator("section.part", has=admin.get_by_role("heading", name="汇报给")).get_by_role(
        "button", name="更改"
    ).click()
    dialog = dialog_of(admin, "设置汇报上级")
    choose(dialog, "汇报上级", "汇报b")
    finish(dialog, "保存")
    assert company.api(admin, at)["reports_to"]["id"] == second["id"]
    admin.goto(f"/organisation/people/{second['id']}")
    admin.get_by_role("button", name="更改").click()
    dialog = dialog_of(admin, "设置汇报上级")
    choose(dialog, "汇报上级", "汇报a")
    dialog.get_by_role("button", name="保存").click()
    expect(dialog.get_by_role("alert")).to_contain_text("汇报关系会成环")


def test_leaving_tells_what_is_handed_over_and_needs_a_successor(company: Company, admin: Page, post: Post) -> None:
    department = post("/organisation/departments", {"name": "交接部"})
    people = [
        post("/organisation/people", {"name": name, "username": username, "department": department["id"]})
        for name, username in (("离任者", "e2e.leaver"), ("接任者", "e2e.heir"))
    ]
    token = next(c["value"] for c in admin.context.cookies() if c.get("name") == "csrftoken")
    headers = {"X-CSRFToken": token}
    admin.request.patch(
        f"{company.base_url}/api/v1/organisation/departments/{department['id']}",
        data={"head": people[0]["id"]},
        headers=headers,
    )
    admin.goto(f"/organisation/people/{people[0]['id']}")
    admin.get_by_role("button", name="离职").click()
    dialog = dialog_of(admin, "离职")
    expect(dialog.get_by_role("region", name="会发生什么")).to_contain_text("交接部")
    expect(dialog.get_by_role("button", name="离职", exact=True)).to_be_disabled()
    choose(dialog, "接任者", "接任者")
    finish(dialog, "离职")
    found = next(d for d in company.api(admin, "/organisation/departments")["items"] if d["id"] == department["id"])
    assert found["head"]["id"] == people[1]["id"]
    admin.goto(f"/organisation/people/{people[0]['id']}")
    admin.get_by_role("button", name="重新入职").click()
    finish(dialog_of(admin, "重新入职"), "重新入职")
    expect(admin.get_by_role("button", name="增加任职")).to_be_visible()


def test_a_password_without_e_mail_is_reset_by_two_people_with_half_a_code_each(
    company: Company, admin: Page, post: Post
) -> None:
    who = post("/organisation/people", {"name": "忘密码", "username": "e2e.forgot"})
    admin.goto(f"/organisation/people/{who['id']}")
    admin.get_by_role("button", name="更多").click()
    admin.get_by_role("menuitem", name="重置密码").click()
    dialog_of(admin, "重置密码").get_by_role("button", name="重置密码", exact=True).click()
    first = dialog_of(admin, "第一半口令").get_by_role("textbox").input_value()
    finish(dialog_of(admin, "第一半口令"), "我已保存")
    expect(admin.get_by_role("region", name="待确认的变更").get_by_role("button", name="确认执行")).to_have_count(0)

    security = company.page(SECURITY)
    security.goto("/")
    security.get_by_role("option", name=re.compile("忘密码")).click()
    security.get_by_role("button", name="确认执行").click()
    finish(dialog_of(security, "确认执行"), "确认执行")
    second = dialog_of(security, "第二半口令").get_by_role("textbox").input_value()
    finish(dialog_of(security, "第二半口令"), "我已保存")

    theirs = company.context().new_page()
    theirs.goto("/signin")
    theirs.get_by_role("button", name="用两半口令设置密码").click()
    for label, text in (("账号", "e2e.forgot"), ("第一半口令", first), ("第二半口令", second), ("新密码", "12345678")):
        theirs.get_by_label(label, exact=True).fill(text)
    theirs.get_by_role("button", name="设置密码").click()
    expect(theirs.get_by_role("alert")).to_be_visible()
    theirs.get_by_label("新密码").fill("e2e-a-new-secret")
    theirs.get_by_role("button", name="设置密码").click()
    expect(theirs.get_by_text("密码已设置，请登录。")).to_be_visible()
    expect(theirs.get_by_label("账号")).to_have_value("e2e.forgot")
    theirs.get_by_label("密码", exact=True).fill("e2e-a-new-secret")
    theirs.get_by_role("button", name="登录", exact=True).click()
    theirs.wait_for_url("**/")


def test_a_service_account_gets_a_token_shown_once(company: Company, admin: Page, post: Post) -> None:
    departments = {d["name"]: d["id"] for d in company.api(admin, "/organisation/departments")["items"]}
    positions = {p["name"]: p["id"] for p in company.api(admin, "/organisation/positions")["items"]}
    post_ = {"department": departments["信息技术部"], "position": positions["研发工程师"]}
    who = post("/organisation/people", {"name": "ERP 接口", "username": "e2e.erp", "kind": "service", **post_})
    admin.goto(f"/organisation/people/{who['id']}")
    admin.get_by_role("button", name="新建令牌").click()
    dialog = dialog_of(admin, "新建令牌")
    dialog.get_by_label("用途").fill("每小时同步")
    dialog.get_by_role("button", name="新建令牌", exact=True).click()
    token = dialog_of(admin, "令牌").get_by_role("textbox").input_value()
    assert token.startswith("heli_")
    finish(dialog_of(admin, "令牌"), "我已保存")
    asked = {"Authorization": f"Bearer {token}"}
    robot = company.context().request
    assert robot.get(f"{company.base_url}/api/v1/me", headers=asked).json()["person"]["username"] == "e2e.erp"
    admin.get_by_role("button", name="撤销").click()
    finish(dialog_of(admin, "撤销"), "撤销")
    expect(admin.get_by_role("button", name="撤销")).to_have_count(0)
    assert robot.get(f"{company.base_url}/api/v1/me", headers=asked).status == 401


def test_a_position_is_made_held_closed_and_opened_again(company: Company, admin: Page, post: Post) -> None:
    admin.get_by_role("link", name="岗位").click()
    admin.get_by_role("button", name="新建岗位").click()
    dialog = dialog_of(admin, "新建岗位")
    dialog.get_by_label("名称", exact=True).fill("质检岗")
    finish(dialog, "保存")
    expect(admin.get_by_text("现在没有人担任")).to_be_visible()
    found = next(p for p in company.api(admin, "/organisation/positions")["items"] if p["name"] == "质检岗")
    departments = {d["name"]: d["id"] for d in company.api(admin, "/organisation/departments")["items"]}
    who = post(
        "/organisation/people",
        {"name": "持岗人", "username": "e2e.holder", "department": departments["财务部"], "position": found["id"]},
    )
    admin.reload()
    expect(admin.get_by_role("region", name="担任者").get_by_role("link", name=re.compile("持岗人"))).to_be_visible()
    admin.get_by_role("button", name="关闭岗位").click()
    dialog = dialog_of(admin, "关闭岗位")
    dialog.get_by_role("button", name="关闭岗位", exact=True).click()
    expect(dialog.get_by_role("alert")).to_contain_text("持岗人(e2e.holder)")
    post(f"/organisation/people/{who['id']}/leave", {})
    finish(dialog, "关闭岗位")
    expect(admin.get_by_role("navigation", name="岗位").get_by_role("button", name=re.compile("质检岗"))).to_have_count(
        0
    )
    admin.get_by_role("button", name="显示已关闭").click()
    admin.get_by_role("navigation", name="岗位").get_by_role("button", name=re.compile("质检岗")).click()
    admin.get_by_role("button", name="重新启用").click()
    expect(admin.get_by_role("button", name="关闭岗位")).to_be_visible()


def test_a_project_is_made_staffed_by_who_leads_it_and_closed(company: Company, admin: Page) -> None:
    lead = company.api(admin, f"/organisation/people?q={SALES_MANAGER}")["items"][0]["name"]
    member = company.api(admin, f"/organisation/people?q={SALES_REP}")["items"][0]["name"]
    admin.goto("/projects")
    admin.get_by_role("button", name="新建项目").click()
    dialog = dialog_of(admin, "新建项目")
    dialog.get_by_label("名称", exact=True).fill("端到端交付")
    choose(dialog, "负责人", lead)
    finish(dialog, "保存")
    expect(admin.get_by_role("heading", name="端到端交付")).to_be_visible()

    page = company.page(SALES_MANAGER)
    watch = Watch().on(page)
    page.goto(admin.url)
    page.get_by_role("button", name="添加成员").click()
    dialog = dialog_of(page, "添加成员")
    choose(dialog, "人员", member)
    dialog.get_by_label("最后一天").fill("2099-12-31")
    finish(dialog, "保存")
    row = page.get_by_role("region", name="成员").get_by_role("listitem").filter(has_text=member)
    expect(row).to_contain_text("2099-12-31")
    row.get_by_role("button", name=re.compile("更改")).click()
    dialog = dialog_of(page, "修改成员")
    dialog.get_by_label("项目角色").select_option(label="查看")
    finish(dialog, "保存")
    expect(row).to_contain_text("查看")
    watch.nothing_wrong()

    seen = company.page(SALES_REP)
    seen.goto(admin.url)
    expect(seen.get_by_role("region", name="成员").get_by_role("listitem").filter(has_text=lead)).to_be_visible()
    for name in ("添加成员", "修改项目", "关闭项目", "新建项目"):
        expect(seen.get_by_role("button", name=name)).to_have_count(0)

    row.get_by_role("button", name=re.compile("移出")).click()
    finish(dialog_of(page, "移出"), "移出")
    expect(row).to_have_count(0)
    admin.get_by_role("button", name="关闭项目").click()
    finish(dialog_of(admin, "关闭项目"), "关闭项目")
    expect(admin.get_by_role("region", name="成员")).to_contain_text("已完成")


def test_who_administers_nothing_is_offered_nothing(company: Company) -> None:
    page = company.page(AUDITOR)
    watch = Watch().on(page)
    someone = company.api(page, "/organisation/people?limit=1")["items"][0]["id"]
    for address in ("/organisation", "/organisation/positions", "/projects", f"/organisation/people/{someone}"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        names = [one.inner_text().strip() for one in page.locator("main").get_by_role("button").all()]
        acts = [n for n in names if re.match("新建|修改|关闭|增加|调动|更多|离职|设置|结束|重置|更改|移出|撤销", n)]
        assert not acts, f"{address}: {acts}"
    watch.nothing_wrong()


@pytest.mark.parametrize("options", [PHONE, {"color_scheme": "dark", "locale": "en-US"}], ids=["phone", "dark-english"])
def test_every_tab_fits_a_phone_and_speaks_english(company: Company, options: dict[str, Any]) -> None:
    page = company.page(SYSTEM, **options)
    watch = Watch().on(page)
    for address in ("/organisation", "/organisation/positions", "/projects"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        size = page.viewport_size
        assert size is not None
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], address
    watch.nothing_wrong()
