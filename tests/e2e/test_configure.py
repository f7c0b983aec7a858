"""Configuring rights in the page: the matrix by keyboard alone, a draft from its first change to its end, and how fast it is."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import speed
from tests.e2e.people import AUDITOR, SECURITY, Company, Watch
from tests.e2e.test_access_for_all import AXE, RUN

GRID = '[role="grid"]'
FRAME, KEY, LOOSE, MOST_NODES = 17, 50, 2, 700


def cell(page: Page, text: str | re.Pattern[str]) -> None:
    """What has the focus is this cell."""
    expect(page.locator(f"{GRID} [role=gridcell]:focus")).to_have_attribute("aria-label", text)


def withdraw(page: Page, company: Company) -> None:
    """Give up what the test has begun: other tests see no draft of it."""
    for draft in company.api(page, "/access/drafts?state=open")["items"]:
        page.evaluate(
            """async ([id, revision]) => {
              const token = document.cookie.match(/csrftoken=([^;]+)/)[1];
              const headers = { "Content-Type": "application/json", "If-Match": `"r${revision}"`, "X-CSRFToken": token };
              await fetch(`/api/v1/access/drafts/${id}/withdraw`, { method: "POST", body: "{}", headers });
            }""",
            [draft["id"], draft["revision"]],
        )


def test_the_matrix_is_edited_by_keyboard_alone(company: Company) -> None:
    page = company.page(SECURITY)
    page.goto("/access/matrix?type=ticket")
    expect(page.get_by_role("gridcell").first).to_be_visible()
    for _ in range(40):  # one tab stop for the whole grid
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('role')") == "gridcell":
            break
    cell(page, "只读")
    page.keyboard.press("Control+End")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("2")
    cell(page, re.compile("^脱敏、单独设置、草稿中"))
    expect(page.get_by_role("region", name="正在用的草稿")).to_contain_text("1 处改动")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("1")
    cell(page, re.compile("^不可见、单独设置、草稿中"))
    expect(page.get_by_role("gridcell", selected=True)).to_have_count(2)
    page.keyboard.press("Shift+ArrowUp")
    page.keyboard.press("2")
    page.keyboard.press("Shift+ArrowDown")
    page.keyboard.press("Control+D")  # as in a spreadsheet
    cell(page, re.compile("^脱敏、单独设置、草稿中"))
    expect(page.get_by_text("正在写入草稿…")).to_have_count(0)
    page.keyboard.press("Control+Z")  # the last that was written, as one step
    cell(page, re.compile("^(只读|不可见)"))
    page.keyboard.press("2")
    cell(page, re.compile("^脱敏、单独设置、草稿中"))
    page.keyboard.press("1")
    expect(page.get_by_text("正在写入草稿…")).to_have_count(0)
    page.reload()
    page.get_by_role("gridcell").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Home")
    cell(page, re.compile("^不可见、单独设置、草稿中"))
    withdraw(page, company)


def test_the_corner_is_dragged_beyond_what_is_in_sight(company: Company) -> None:
    page = company.page(SECURITY)
    page.set_viewport_size({"width": 1200, "height": 500})
    page.goto("/access/matrix?type=account")
    page.get_by_role("gridcell").first.click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("2")
    grip = page.locator("[data-grip]")
    x, y = (grip.bounding_box() or {"x": 0})["x"] + 4, (grip.bounding_box() or {"y": 0})["y"] + 4
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 40)
    page.mouse.move(x, 499)  # below the grid: it goes along, to its last row
    last = page.get_by_role("grid").get_attribute("aria-rowcount") or "0"
    end = page.locator(f'[data-cell^="{int(last) - 2}:"]').first
    expect(end).to_be_in_viewport(timeout=10_000)
    page.mouse.up()
    expect(end).to_have_attribute("data-state", "masked")
    expect(page.get_by_text("正在写入草稿…")).to_have_count(0, timeout=20_000)
    page.keyboard.press("Control+Home")
    chosen = page.locator('[data-cell="1:0"]').bounding_box() or {"x": 0, "y": 0}
    page.mouse.move(chosen["x"] + 20, chosen["y"] + 10)
    page.mouse.down()
    page.mouse.move(chosen["x"] + 20, chosen["y"] + 40)
    page.mouse.move(chosen["x"] + 20, 499)
    expect(end).to_be_in_viewport(timeout=10_000)
    page.mouse.up()
    page.keyboard.press("Control+Home")  # the keys have come along
    expect(page.locator('[data-cell="0:0"]')).to_be_focused()
    withdraw(page, company)


def test_a_change_of_scope_is_drafted_discussed_and_given_up(company: Company) -> None:
    page = company.page(SECURITY)
    page.goto("/access/scopes?type=ticket&role=support")
    page.get_by_role("button", name=re.compile("修改 · 客服 · 可以编辑")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("本部门及下级", exact=True).check()
    dialog.get_by_role("button", name="加一个条件").click()
    dialog.get_by_label("字段").select_option("priority")
    expect(dialog.get_by_text(re.compile("本部门及下级，且优先级 = |本部门及下级，且优先级 为"))).to_be_visible()
    dialog.get_by_role("button", name="写入草稿").click()
    expect(page.get_by_role("region", name="正在用的草稿")).to_contain_text("1 处改动")
    page.get_by_role("region", name="正在用的草稿").get_by_role("link").first.click()
    expect(page.get_by_role("heading", name="1 处改动")).to_be_visible()
    page.get_by_placeholder("说点什么…").fill("先给华东试一周")
    page.get_by_role("button", name="发送").click()
    expect(page.get_by_text("先给华东试一周")).to_be_visible()
    page.get_by_role("button", name="放弃草稿", exact=True).click()
    page.get_by_role("dialog").get_by_role("button", name="放弃草稿", exact=True).click()
    expect(page.get_by_role("region", name="草稿", exact=True).get_by_text("已放弃").first).to_be_visible()
    reader = company.page(AUDITOR)
    reader.goto("/policy")  # the address of the page before leads to the centre
    expect(reader.get_by_text("只读：修改权限需要安全管理员")).to_be_visible()
    expect(reader.get_by_role("button", name="新建角色")).to_have_count(0)


def test_a_ceiling_is_written_weighed_and_told_as_a_sentence_of_the_draft(company: Company) -> None:
    page = company.page(SECURITY)
    watch = Watch().on(page)
    page.goto("/access/bounds/ceilings")
    page.get_by_role("button", name="新建上限").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("名称", exact=True).fill("跟进只看本人")
    dialog.get_by_role("checkbox", name="所有人").check()
    dialog.get_by_label("对象").select_option("activity")
    expect(dialog.get_by_text("任何人至多可以查看「跟进」，范围：本人")).to_be_visible()
    expect(dialog.get_by_text(re.compile(r"现在生效会收回： \d+ 人"))).to_be_visible()
    page.evaluate(AXE.read_text("utf-8"))
    assert page.evaluate(RUN) == []
    dialog.get_by_role("button", name="写入草稿").click()
    mine = page.get_by_role("listitem").filter(has_text="跟进只看本人")
    expect(mine).to_contain_text("新增")
    page.get_by_role("region", name="正在用的草稿").get_by_role("link").first.click()
    expect(page.get_by_text("任何人至多可以查看「跟进」，范围：本人")).to_be_visible()
    page.goto("/access/bounds/tests")
    expect(
        page.get_by_text(re.compile(r"按草稿 D-\d+ 算"))
    ).to_be_visible()  # no claim about a company that it would change
    page.goto("/access/matrix?type=ticket")
    page.get_by_role("gridcell").first.click()
    page.keyboard.press("ArrowDown")
    folds = page.get_by_role("button", name="展开这一级的字段")
    page.wait_for_load_state("networkidle")  # rows are drawn as they come into view
    rows = page.get_by_role("row").count()
    page.keyboard.press("-")
    expect(folds).to_be_visible()
    folded = page.get_by_role("row").count()
    assert folded < rows
    page.keyboard.press("+")
    expect(folds).to_have_count(0)
    assert page.get_by_role("row").count() > folded
    withdraw(page, company)
    watch.nothing_wrong()


def large(page: Page) -> None:
    """A type of 15 roles × 60 fields, which no shipped one is."""
    words = lambda text: {"zh": text, "en": text}  # noqa: E731
    classes = ("public", "internal", "sensitive", "confidential")
    rows: list[dict[str, Any]] = []
    for data_class in classes:
        rows.append(
            {"key": data_class, "name": words(data_class), "data_class": data_class, "field": False, "readonly": False}
        )
        rows += [
            {
                "key": f"{data_class}{n}",
                "name": words(f"字段 {n}"),
                "data_class": data_class,
                "field": True,
                "readonly": False,
            }
            for n in range(15)
        ]
    roles = [
        {
            "code": f"r{n}", "name": words(f"角色 {n}"), "people": n, "mark": None,
            "columns": [
                {
                    "id": "c", "at": 0, "scope": words("本人"), "edit_scope": None, "sentence": words("可以查看"), "mark": None,
                    "states": [("hidden", "masked", "read", "edit")[(n + i) % 4] for i in range(len(rows))],
                    "own": [i % 3 == 0 for i in range(len(rows))], "was": [None] * len(rows),
                }
            ],
        }
        for n in range(15)
    ]  # fmt: skip
    levels = [{"code": one, "name": words(one)} for one in ("hidden", "masked", "read", "edit")]
    body = {"type": "account", "name": words("客户"), "rows": rows, "roles": roles, "levels": levels, "without": []}

    def answer(route: Route) -> None:
        route.fulfill(content_type="application/json", body=json.dumps(body))

    page.route("**/api/v1/access/matrix?*", answer)
    page.route("**/api/v1/access/roles/r*", lambda route: route.fulfill(status=404, body="{}"))


@pytest.mark.alone
def test_a_matrix_of_fifteen_roles_and_sixty_fields_keeps_up(company: Company) -> None:
    page = company.page(SECURITY)
    bare = speed.bare_frames(page)
    page.set_content("")
    large(page)
    page.goto("/access/matrix")
    expect(page.get_by_role("gridcell").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    speed.frames(page, GRID, count=40, step=10)
    took, nodes, moved = speed.frames(page, GRID, count=70, step=20)
    assert moved > 1000, "it did not scroll"
    assert nodes <= MOST_NODES
    assert took.part(0.95) <= LOOSE * max(FRAME, bare.part(0.95)), f"{took}; bare {bare}"
    page.get_by_role("gridcell").first.click()
    walked = speed.keys(page, ["ArrowDown", "ArrowRight", "2", "Shift+ArrowDown", "3", "ArrowLeft", "4", "0"] * 6)
    assert walked.part(0.98) <= LOOSE * KEY, f"keys {walked}"
    page.wait_for_load_state("networkidle")
    withdraw(page, company)
