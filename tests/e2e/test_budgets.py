"""interface.md's budgets: bytes of the first load and of a route, nodes and requests of a list."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.e2e.people import MANAGEMENT, SALES_REP, Company

FIRST_LOAD = 180 * 1024
ROUTE = 40 * 1024
MOST_NODES = 700


def measured(page: Page) -> dict[str, int]:
    """Bytes of every file of the build as they came over the wire, compressed; not what idle time fetches ahead."""
    page.add_init_script("window.requestIdleCallback = () => 0")
    found: dict[str, int] = {}

    def finished(request: object) -> None:
        url: str = request.url  # type: ignore[attr-defined]
        if "/assets/" in url:
            found[url] = request.sizes()["responseBodySize"]  # type: ignore[attr-defined]

    page.on("requestfinished", finished)
    return found


def test_first_load_and_routes_stay_small(company: Company) -> None:
    page = company.page(SALES_REP)
    sizes = measured(page)
    page.goto("/")
    expect(page.get_by_role("listbox", name="需要我处理")).to_be_visible()
    page.wait_for_timeout(1500)
    first = dict(sizes)
    assert any(url.endswith(".js") for url in first)
    assert sum(first.values()) <= FIRST_LOAD, first
    for address in ("/records/account", "/records/opportunity?view=kanban", "/organisation"):
        fresh = company.page(SALES_REP)
        own = measured(fresh)
        fresh.goto(address)
        expect(fresh.get_by_role("main")).to_be_visible()
        fresh.wait_for_timeout(1500)
        added = {url: size for url, size in own.items() if url not in first}
        assert sum(added.values()) <= ROUTE, (address, added)


def test_ten_thousand_rows_never_stand_in_the_document(company: Company) -> None:
    page = company.page(MANAGEMENT)
    page.goto("/records/account")
    grid = page.get_by_role("grid", name="客户")
    expect(grid.get_by_role("gridcell").first).to_be_visible()
    most = 0
    for _ in range(12):
        grid.evaluate("grid => grid.scrollTo(0, grid.scrollHeight)")
        page.wait_for_timeout(120)
        most = max(most, page.evaluate("document.querySelectorAll('*').length"))
    rows = int(grid.evaluate("grid => grid.scrollHeight")) // 36
    assert rows > 300, "the list did not grow"
    assert most <= MOST_NODES, most


def test_at_most_one_request_stands_before_the_first_row(company: Company) -> None:
    page = company.page(SALES_REP)
    order: list[str] = []
    page.on(
        "request",
        lambda request: order.append(request.url.partition("/api/v1")[2]) if "/api/v1" in request.url else None,
    )
    page.goto("/records/opportunity?sort=-amount")
    expect(page.get_by_role("gridcell").first).to_be_visible()
    before = [call for call in order if not re.match(r"/(views|records/opportunity/count|pulse)", call)]
    assert len(before) == 1, order
    assert order[0].startswith("/records/opportunity?")
