"""interface.md's budgets in time. They run alone, and loosely: beside what the machine can do at all."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import speed
from tests.e2e.people import MANAGEMENT, SALES_REP, Company

pytestmark = pytest.mark.alone

FRAME, KEY, ROW, ROUTE, MOST_NODES = 17, 50, 1500, 150, 700
"""Milliseconds: p95 of a frame, p98 of a key, the first row, a warm route change; and nodes in the document."""
LOOSE = 2
"""How many times a budget a busy machine may need before `make test` fails."""
GRID = '[role="grid"]'
CELL = '[role="grid"][aria-label="{}"] [role="gridcell"]'


def routes(company: Company, page: Page) -> dict[str, str]:
    account = company.api(page, "/records/account?limit=1")["items"][0]["id"]
    return {
        "/": '[role="listbox"] [role="option"]',
        "/records/account": CELL.format("客户"),
        f"/records/account/{account}": '[aria-label="动态"]',
        "/records/opportunity": CELL.format("商机"),
    }


def test_scrolling_a_long_list_keeps_up_with_the_screen(company: Company) -> None:
    page = company.page(MANAGEMENT)
    bare = speed.bare_frames(page)
    speed.opened(page, "/records/account")
    speed.frames(page, GRID, count=60)  # the first rows beyond the screen arrive
    took, nodes, moved = speed.frames(page, GRID)
    assert moved > 10_000, "it did not scroll"
    assert nodes <= MOST_NODES
    assert took.part(0.95) <= LOOSE * max(FRAME, bare.part(0.95)), f"{took}; bare {bare}"


def test_a_key_is_answered_at_once(company: Company) -> None:
    page = company.page(MANAGEMENT)
    speed.opened(page, "/records/account")
    page.get_by_role("grid").focus()
    walked = speed.keys(page, ["ArrowDown", "ArrowRight"] * 30)
    assert walked.part(0.98) <= LOOSE * KEY, f"table {walked}"
    page = company.page(MANAGEMENT)
    speed.opened(page, "/records/account")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="搜索或执行…")).to_be_focused()
    typed = speed.keys(page, [*"xinjiankehu", *["Backspace"] * 6, *"shangji"])
    assert typed.part(0.98) <= LOOSE * KEY, f"search {typed}"


def test_the_first_row_comes_soon_on_a_slow_machine_and_line(company: Company) -> None:
    took = [speed.slow_first_row(company.page(SALES_REP), "/records/account") for _ in range(3)]
    assert statistics.median(took) <= LOOSE * ROW, took


def test_a_warm_route_change_is_quick(company: Company) -> None:
    page = company.page(SALES_REP)
    page.goto("/")
    for address, took in speed.warm_routes(page, routes(company, page), 4).items():
        assert took.median <= LOOSE * ROUTE, f"{address}: {took}"


@pytest.mark.bench
def test_the_figures(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    """What docs/benchmarks.md quotes; `make bench` prints it."""
    lines: list[str] = []
    page = company.page(MANAGEMENT)
    bare = speed.bare_frames(page)
    lines.append(f"frames of plain rows         {bare}")
    speed.opened(page, "/records/account")
    speed.frames(page, GRID, count=60)
    took, nodes, _ = speed.frames(page, GRID, count=600)
    lines.append(f"frames of a list             {took} (target p95 {FRAME}); {nodes} nodes of {MOST_NODES}")
    speed.opened(page, "/records/account")
    page.get_by_role("checkbox").nth(1).click()
    took, nodes, _ = speed.frames(page, GRID, count=300)
    lines.append(f"the same with a selection    {took}; {nodes} nodes of {MOST_NODES}")
    every: list[tuple[str, Callable[[Page], None], list[str]]] = [
        ("keys in the table   ", lambda p: p.get_by_role("grid").focus(), ["ArrowDown", "ArrowRight"] * 100),
        ("keys in the search  ", lambda p: p.keyboard.press("Control+k"), [*"xinjiankehushangji", *["Backspace"] * 18] * 4),
        ("keys in the filter  ", lambda p: p.keyboard.press("/"), [*"shenzhen", *["Backspace"] * 8] * 5),
    ]  # fmt: skip
    for name, begin, pressed in every:
        page = company.page(MANAGEMENT)
        speed.opened(page, "/records/account")
        begin(page)
        page.wait_for_timeout(500)
        lines.append(f"{name}         {speed.keys(page, pressed)} (target p98 {KEY})")
    for address in ("/records/account", "/records/opportunity?sort=-amount"):
        first = speed.times([speed.slow_first_row(company.page(SALES_REP), address) for _ in range(7)])
        lines.append(f"first row, slow machine      {first} (target {ROW}) {address}")
    page = company.page(SALES_REP)
    page.goto("/")
    for address, took in speed.warm_routes(page, routes(company, page), 15).items():
        lines.append(f"warm route                   {took} (target {ROUTE}) {address[:30]}")
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *lines, ""]))
