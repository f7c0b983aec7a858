"""A board: lanes with sums, moves by keyboard and by hand, and a rule that speaks before release."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.people import SALES_REP, Company, Watch


def deal(page: Page, name: str) -> None:
    """A deal of one's own in the first lane."""
    page.goto("/records/opportunity?new=1")
    dialog = page.get_by_role("dialog", name="新建商机")
    dialog.get_by_label("商机名称").fill(name)
    dialog.get_by_role("button", name="创建").click()
    expect(page.get_by_role("heading", name=name, level=1)).to_be_visible()


def test_keys_move_a_card_and_a_refusal_names_its_rule(company: Company) -> None:
    page = company.page(SALES_REP)
    name = f"看板键盘移动{uuid4().hex[:6]}"
    deal(page, name)
    page.goto(f"/records/opportunity?view=kanban&q={name}")
    card = page.get_by_role("option", name=re.compile(name))
    expect(page.get_by_role("region", name="接洽", exact=True).get_by_role("option")).to_have_count(1)
    card.focus()
    page.keyboard.press("]")
    dialog = page.get_by_role("dialog", name=re.compile(name))
    expect(dialog).to_contain_text("客户")
    page.keyboard.press("Escape")
    expect(
        page.get_by_role("region", name="接洽", exact=True).get_by_role("option", name=re.compile(name))
    ).to_be_visible()


@pytest.mark.storage
def test_a_missing_field_is_asked_for_and_the_card_moves(company: Company) -> None:
    page = company.page(SALES_REP)
    watch = Watch().on(page)
    name = f"看板补填移动{uuid4().hex[:6]}"
    deal(page, name)
    page.goto(f"/records/opportunity?view=kanban&q={name}")
    page.get_by_role("option", name=re.compile(name)).focus()
    page.keyboard.press("]")
    dialog = page.get_by_role("dialog", name=re.compile(name))
    dialog.get_by_role("combobox", name="客户").click()
    page.get_by_role("listbox", name="客户").get_by_role("option").first.click()
    dialog.get_by_role("button", name="移动").click()
    expect(
        page.get_by_role("region", name="需求确认", exact=True).get_by_role("option", name=re.compile(name))
    ).to_be_visible()
    watch.nothing_wrong()


def test_a_lane_that_refuses_says_so_while_the_card_still_hangs(company: Company) -> None:
    page = company.page(SALES_REP)
    name = f"看板拖动被拒{uuid4().hex[:6]}"
    deal(page, name)
    page.goto(f"/records/opportunity?view=kanban&q={name}")
    card = page.get_by_role("option", name=re.compile(name))
    target = page.get_by_role("region", name="商务谈判", exact=True)
    card.hover()
    page.mouse.down()
    target.hover()
    for at in range(40):  # a hand is never still: moves before the card is taken up are not seen
        target.hover(position={"x": 60, "y": 80 + at % 2 * 10})
        if "不能放在这里" in target.inner_text():
            break
        page.wait_for_timeout(100)
    expect(target).to_contain_text("不能放在这里")
    expect(target).to_contain_text("OPP-05")
    page.mouse.up()
    expect(
        page.get_by_role("region", name="接洽", exact=True).get_by_role("option", name=re.compile(name))
    ).to_be_visible()


def test_lanes_carry_count_and_sum_and_cards_open(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/records/opportunity?view=kanban")
    won = page.get_by_role("region", name="赢单", exact=True)
    expect(won).to_contain_text("¥")
    won.get_by_role("option").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("complementary", name="预览")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/records/opportunity/[0-9a-f]{32}"))
