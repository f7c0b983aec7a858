"""A record: read, change, say something, act, help, delete and restore."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import MANAGEMENT, SALES_MANAGER, SALES_REP, SUPPORT, SYSTEM, Company, Watch


def fresh(name: str) -> str:
    """A name that no customer of an earlier run has."""
    return f"{name}{uuid4().hex[:6]}"


def new_account(page: Page, name: str) -> None:
    """A customer of one's own, made through the page."""
    page.goto("/records/account?new=1")
    dialog = page.get_by_role("dialog", name="新建客户")
    dialog.get_by_label("客户名称").fill(name)
    dialog.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def delete(page: Page) -> None:
    page.get_by_role("button", name="更多操作").click()
    page.get_by_role("menuitem", name="删除", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="删除").click()


def test_a_form_names_the_field_that_is_wrong_and_keeps_what_was_typed(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/records/account?new=1")
    dialog = page.get_by_role("dialog", name="新建客户")
    expect(dialog.get_by_role("button", name="创建")).to_be_disabled()
    dialog.get_by_label("客户名称").fill("杭州试写精密仪器有限公司")
    dialog.get_by_role("button", name=re.compile("更多字段")).click()
    dialog.get_by_label("统一社会信用代码").fill("123")
    dialog.get_by_role("button", name="创建").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    expect(dialog.get_by_label("统一社会信用代码")).to_have_attribute("aria-invalid", "true")
    expect(dialog.get_by_label("客户名称")).to_have_value("杭州试写精密仪器有限公司")


@pytest.mark.storage
def test_a_customer_is_made_changed_discussed_and_restored(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    name = fresh("苏州端到端精密仪器有限公司")
    new_account(page, name)
    page.get_by_role("button", name="修改简称").click()
    page.get_by_label("简称", exact=True).fill("端到端")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="修改简称")).to_contain_text("端到端")
    page.get_by_label("写评论").fill("第一次拜访约在周三。")
    page.get_by_role("button", name="发表").click()
    stream = page.get_by_role("region", name="动态")
    expect(stream.get_by_text("第一次拜访约在周三。")).to_be_visible()
    stream.get_by_role("tab", name="变更").click()
    expect(stream.get_by_text("修改了 1 个字段")).to_be_visible()
    page.get_by_role("button", name="记录跟进").click()
    dialog = page.get_by_role("dialog", name="新建跟进")
    expect(dialog.get_by_role("combobox", name="客户", exact=True)).to_have_value(name)
    page.keyboard.press("Escape")
    watch.nothing_wrong()


def test_whoever_may_delete_may_undo_it(company: Company) -> None:
    page = company.page(SALES_MANAGER)
    page.goto("/")
    deals = [one["id"] for one in company.api(page, "/records/opportunity?limit=20")["items"]]
    deal = next(one for one in deals if company.api(page, f"/records/opportunity/{one}")["actions"]["delete"])
    page.goto(f"/records/opportunity/{deal}")
    title = page.get_by_role("heading", level=1).inner_text()
    watch = Watch().on(page)
    delete(page)
    expect(page.get_by_text(f"已删除「{title}」")).to_be_visible()
    expect(page.get_by_role("grid")).to_be_visible()
    watch.nothing_wrong()  # its page does not ask for what has gone
    page.get_by_role("button", name="撤销").click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def test_two_people_change_the_same_value_and_the_second_chooses(company: Company) -> None:
    mine = company.page(SALES_REP)
    new_account(mine, fresh("宁波双人编辑设备有限公司"))
    theirs = company.page(SALES_MANAGER)
    theirs.goto(mine.url)
    for page in (mine, theirs):
        page.get_by_role("button", name="修改简称").click()
    theirs.get_by_label("简称", exact=True).fill("经理写的")
    theirs.keyboard.press("Enter")
    expect(theirs.get_by_text("简称已保存")).to_be_visible()
    mine.get_by_label("简称", exact=True).fill("销售写的")
    mine.keyboard.press("Enter")
    dialog = mine.get_by_role("dialog", name="别人刚改过这条记录")
    expect(dialog).to_contain_text("经理写的")
    expect(dialog).to_contain_text("销售写的")
    dialog.get_by_role("button", name="用我的覆盖").click()
    expect(mine.get_by_role("button", name="修改简称")).to_contain_text("销售写的")


@pytest.mark.storage
def test_a_file_is_attached_downloaded_and_removed(company: Company) -> None:
    page = company.page(SALES_REP)
    new_account(page, fresh("无锡附件测试科技有限公司"))
    files = page.get_by_role("region", name="附件")
    with page.expect_file_chooser() as chooser:
        files.get_by_role("button", name="上传附件").click()
    chooser.value.set_files({"name": "报价说明.txt", "mimeType": "text/plain", "buffer": "三年维保".encode()})
    link = files.get_by_role("link", name="报价说明.txt")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "报价说明.txt"
    files.get_by_role("button", name="删除附件报价说明.txt").click()
    expect(link).to_have_count(0)


def test_a_helper_joins_the_team_and_leaves_it(company: Company) -> None:
    page = company.page(SALES_REP)
    name = fresh("合肥团队协作股份有限公司")
    new_account(page, name)
    page.get_by_role("region", name="团队").get_by_role("button", name="添加团队成员").click()
    dialog = page.get_by_role("dialog", name="添加团队成员")
    south = next(one for one in company.api(page, "/organisation/departments")["items"] if one["name"] == "深圳组")
    people = company.api(page, f"/organisation/people?department={south['id']}")["items"]
    colleague = next(one for one in people if one["position"] == "销售代表")
    dialog.get_by_role("combobox", name="人员").fill(colleague["name"])
    page.get_by_role("option", name=re.compile(colleague["name"])).first.click()
    dialog.get_by_role("button", name="添加").click()
    team = page.get_by_role("region", name="团队")
    expect(team).to_contain_text(colleague["name"])
    helper = company.page(colleague["username"])
    helper.goto(page.url)
    expect(helper.get_by_role("heading", level=1)).to_have_text(name)
    team.get_by_role("button", name=f"移出{colleague['name']}").click()
    expect(team).not_to_contain_text(colleague["name"])
    helper.reload()
    expect(helper.get_by_role("heading", name="找不到这条记录")).to_be_visible()


def test_the_strip_says_which_department_has_the_customer(company: Company) -> None:
    page = company.page(MANAGEMENT)
    deal = company.api(page, "/records/opportunity?limit=1&fields=account&filter=" + '["account","filled",true]')[
        "items"
    ][0]
    page.goto(f"/records/account/{deal['account']['id']}")
    strip = page.get_by_role("list", name="从线索到回款")
    expect(strip.get_by_role("listitem").first).to_be_visible()
    expect(strip).to_contain_text("回款")


def test_a_link_to_a_kind_that_one_sees_nothing_of_offers_nothing(company: Company) -> None:
    page = company.page(SYSTEM)
    page.goto("/records/task?new=1")
    watch = Watch().on(page)
    dialog = page.get_by_role("dialog", name="新建任务")
    dialog.get_by_role("button", name=re.compile("更多字段")).click()
    dialog.get_by_role("combobox", name="客户", exact=True).click()
    page.wait_for_load_state("networkidle")
    watch.nothing_wrong()


def test_an_absent_record_and_an_invisible_one_look_the_same(company: Company) -> None:
    boss = company.page(MANAGEMENT)
    account = company.api(boss, "/records/account?limit=1")["items"][0]["id"]
    page = company.page(SUPPORT)
    seen = {row["id"] for row in company.api(page, "/records/account?limit=200")["items"]}
    texts = []
    for one in (account if account not in seen else "0" * 32, "f" * 32):
        page.goto(f"/records/account/{one}")
        expect(page.get_by_role("heading", name="找不到这条记录")).to_be_visible()
        page.wait_for_load_state("networkidle")
        texts.append(page.get_by_role("main").inner_text())
    assert texts[0] == texts[1]


def test_a_line_keeps_its_numbers_takes_its_product_s_price_and_names_what_is_wrong(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    page.goto("/records/quote?new=1")
    product = next(one for one in company.api(page, "/records/product?limit=20")["items"] if one["list_price"])
    dialog = page.get_by_role("dialog", name="新建报价")
    name = fresh("行报价")
    dialog.get_by_label("报价名称").fill(name)
    for number, (quantity, price) in enumerate((("1", "100"), ("5", "900")), 1):
        dialog.get_by_role("button", name="添加一行").click()
        dialog.get_by_label(f"数量 {number}").fill(quantity)
        dialog.get_by_label(f"单价 {number}").fill(price)
    dialog.get_by_role("button", name="移除第 1 行").click()
    expect(dialog.get_by_label("数量 1")).to_have_value("5")  # and not what stood in the line that went
    expect(dialog.get_by_label("单价 1")).to_have_value("900")

    dialog.get_by_role("button", name="添加一行").click()
    for number in (1, 2):
        dialog.get_by_label(f"产品 {number}").fill(product["name"])
        page.get_by_role("listbox").get_by_role("option", name=re.compile(re.escape(product["name"]))).first.click()
    listed = re.sub(r"\.?0*$", "", product["list_price"]) if "." in product["list_price"] else product["list_price"]
    expect(dialog.get_by_label("单价 2")).to_have_value(listed)
    expect(dialog.get_by_label("单价 1")).to_have_value("900")  # what was typed stays
    watch.nothing_wrong()
    dialog.get_by_label("折扣 2").fill("150")
    dialog.get_by_role("button", name="创建").click()
    expect(dialog.get_by_role("alert")).to_contain_text("第 2 行折扣：不能大于 100.00")
    dialog.get_by_label("折扣 2").fill("0")
    dialog.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()
    table = page.get_by_role("region", name="明细").get_by_role("table")
    expect(table.get_by_role("row").nth(1)).to_contain_text(product["name"])
    page.get_by_role("button", name=re.compile("^修改明细")).first.click()
    discount = page.get_by_label("折扣 2")
    expect(discount).to_have_value("0")
    box, column = discount.bounding_box(), page.get_by_role("group", name="明细").bounding_box()
    assert box and column and box["x"] + box["width"] <= column["x"] + column["width"], "in reach on the record's page"


def test_a_dialog_that_opens_with_a_list_to_choose_from_is_read_first(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/")
    leads = company.api(page, "/records/lead?limit=60")["items"]
    mine = next(
        one for one in leads if (one["owner"] or {}).get("username") == SALES_REP and one["stage"] == "qualified"
    )
    page.goto(f"/records/lead/{mine['id']}")
    page.get_by_role("button", name="转化", exact=True).click()
    dialog = page.get_by_role("dialog")
    account = dialog.get_by_role("combobox", name="已有客户")
    expect(account).to_be_focused()
    expect(page.get_by_role("listbox")).to_have_count(0)
    account.click()
    offered, button = (
        page.get_by_role("listbox").bounding_box(),
        dialog.get_by_role("button", name="转化").bounding_box(),
    )
    assert offered and button and offered["y"] + offered["height"] <= button["y"], "it lies over no button"
